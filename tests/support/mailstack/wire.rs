//! The few words of SMTP, LMTP and IMAP that tests speak themselves: blocking, panicking, plain.

use chrono::{DateTime, Utc};
use mail_parser::{Address, HeaderValue, Message, MessageParser};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A line-wise conversation.
struct Talk {
    lines: BufReader<TcpStream>,
}

impl Talk {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self { lines: BufReader::new(stream) }
    }

    fn say(&mut self, text: &str) {
        self.lines.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// Reads lines up to the first that `is_last` accepts, and gives that one.
    fn hear(&mut self, is_last: impl Fn(&str) -> bool) -> String {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the server hung up");
            if is_last(&line) {
                return line;
            }
        }
    }

    fn smtp(&mut self, command: &str, code: &str) {
        self.say(command);
        let line = self.hear(|line| line.as_bytes().get(3) != Some(&b'-'));
        assert!(line.starts_with(code), "{command:?}: {line}");
    }

    fn imap(&mut self, command: &str, answer: &str) {
        self.say(command);
        let line = self.hear(|line| line.starts_with('+') || line.starts_with("a "));
        assert!(line.starts_with(answer), "{command:?}: {line}");
    }
}

pub(super) fn smtp(port: u16, from: &str, to: &str, raw: &str) {
    hand_over(port, "EHLO", from, to, raw);
}

pub(super) fn lmtp(port: u16, from: &str, to: &str, raw: &str) {
    hand_over(port, "LHLO", from, to, raw);
}

fn hand_over(port: u16, hello: &str, from: &str, to: &str, raw: &str) {
    let mut talk = Talk::open(port);
    talk.smtp("", "220");
    talk.smtp(&format!("{hello} tests.example\r\n"), "250");
    talk.smtp(&format!("MAIL FROM:<{from}>\r\n"), "250");
    talk.smtp(&format!("RCPT TO:<{to}>\r\n"), "250");
    talk.smtp("DATA\r\n", "354");
    let stuffed = crlf(raw).replace("\r\n.", "\r\n..");
    talk.smtp(&format!("{stuffed}.\r\n"), "250");
    talk.smtp("QUIT\r\n", "221");
}

/// CRLF line ends, the last line complete.
fn crlf(raw: &str) -> String {
    let text = raw.replace("\r\n", "\n").replace('\n', "\r\n");
    if text.ends_with("\r\n") { text } else { text + "\r\n" }
}

pub(super) fn append(port: u16, user: &str, folder: &str, raw: &str, internaldate: DateTime<Utc>) {
    let raw = crlf(raw);
    let mut talk = Talk::open(port);
    talk.hear(|line| line.starts_with("* OK"));
    talk.imap(&format!("a LOGIN \"{user}\" \"{}\"\r\n", super::PASSWORD), "a OK");
    let date = internaldate.format("%d-%b-%Y %H:%M:%S %z");
    talk.imap(&format!("a APPEND \"{folder}\" \"{date}\" {{{}}}\r\n", raw.len()), "+");
    talk.imap(&format!("{raw}\r\n"), "a OK");
    talk.imap("a LOGOUT\r\n", "a OK");
}

pub(super) fn imap(port: u16, user: &str, commands: &[&str]) {
    let mut talk = Talk::open(port);
    talk.hear(|line| line.starts_with("* OK"));
    talk.imap(&format!("a LOGIN \"{user}\" \"{}\"\r\n", super::PASSWORD), "a OK");
    for command in commands.iter().chain(&["LOGOUT"]) {
        talk.imap(&format!("a {command}\r\n"), "a OK");
    }
}

/// An answer that a mail program would write.
pub(super) struct Reply {
    pub(super) to: String,
    pub(super) raw: String,
}

pub(super) fn reply(question: &[u8], from: &str, text: &str) -> Reply {
    let asked: Message<'_> = MessageParser::default().parse(question).expect("a message");
    let to = asked.from().and_then(Address::first).and_then(|a| a.address()).expect("a sender").to_owned();
    let id = asked.message_id().expect("a Message-ID");
    let earlier = match asked.references() {
        HeaderValue::Text(one) => format!("<{one}> "),
        HeaderValue::TextList(many) => format!("<{}> ", many.join("> <")),
        _ => String::new(),
    };
    let subject = asked.subject().unwrap_or_default();
    let body = asked.body_text(0).unwrap_or_default();
    let quoted = body.lines().collect::<Vec<_>>().join("\n> ");
    let raw = format!(
        "From: {from}\nTo: {to}\nSubject: Re: {subject}\nMessage-ID: <re.{id}>\nIn-Reply-To: <{id}>\n\
         References: {earlier}<{id}>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n{text}\n\n> {quoted}\n"
    );
    Reply { to, raw }
}
