//! Which bytes a question becomes as an Internet message (RFC 5322).
//!
//! Plain text alone, as a person's mail program writes it: no header names a tool.

use chrono::{DateTime, FixedOffset};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, Headers};
use lettre::message::header::{From, MIME_VERSION_1_0, Subject, To};
use lettre::message::{Body, Mailbox, Mailboxes};

/// Longest line that is left as it is, in bytes: what RFC 5322 §2.1.1 recommends.
const LINE_BYTES_MAX: usize = 78;

/// What a letter says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    /// Sender's address, in the header and on the envelope.
    pub(super) from: &'a str,
    /// Sender's name.
    pub(super) name: &'a str,
    /// Recipient's address.
    pub(super) to: &'a str,
    /// Our own address, where it gets a copy.
    pub(super) copy_to: Option<&'a str>,
    /// Subject, as the plan has it.
    pub(super) subject: &'a str,
    /// Text, as the plan has it.
    pub(super) text: &'a str,
    /// Message-ID without angle brackets.
    pub(super) message_id: &'a str,
    /// Message-ID of the first message, in a reminder.
    pub(super) in_reply_to: Option<&'a str>,
    /// Moment and zone of the `Date` header.
    pub(super) date: DateTime<FixedOffset>,
}

/// A letter, ready to leave.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// Envelope sender.
    pub(super) from: Address,
    /// Envelope recipient.
    pub(super) to: Address,
    /// Our own mailbox, where it gets a blind copy: on the envelope alone.
    pub(super) copy: Option<Address>,
    /// The message: CRLF line ends, ASCII alone, the last line complete.
    pub(super) bytes: Vec<u8>,
}

/// Makes the bytes.
///
/// # Errors
/// Says which address or id cannot stand in a message.
pub(super) fn write(words: &Words<'_>) -> Result<Letter, String> {
    let from = address(words.from)?;
    let to = address(words.to)?;
    let name = one_line(words.name);
    let sender = Mailbox::new(Some(name).filter(|n| !n.is_empty()), from.clone());
    let body = body(words.text)?;

    let mut headers = Headers::new();
    raw(&mut headers, "Date", words.date.to_rfc2822());
    headers.set(From::from(Mailboxes::new().with(sender)));
    headers.set(To::from(Mailboxes::new().with(Mailbox::new(None, to.clone()))));
    headers.set(Subject::from(subject(words)));
    raw(&mut headers, "Message-ID", message_id(words.message_id)?);
    if let Some(first) = words.in_reply_to {
        let first = message_id(first)?;
        raw(&mut headers, "In-Reply-To", first.clone());
        raw(&mut headers, "References", first);
    }
    headers.set(MIME_VERSION_1_0);
    headers.set(ContentType::TEXT_PLAIN);
    headers.set(body.encoding());

    let mut bytes = format!("{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body.as_ref());
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    let copy = words.copy_to.map(address).transpose()?;
    Ok(Letter { from, to, copy, bytes })
}

/// An address in ASCII; the domain of an international one as RFC 5890 writes it.
fn address(text: &str) -> Result<Address, String> {
    let no_address = || format!("`{}` is no e-mail address", text.escape_debug());
    let (local, domain) = text.rsplit_once('@').ok_or_else(no_address)?;
    if !local.is_ascii() {
        return Err(format!("`{text}` needs SMTPUTF8, which few servers take: a person must write to it"));
    }
    let host = url::Host::parse(domain).map_err(|_| no_address())?;
    Address::new(local, host.to_string()).map_err(|_| no_address())
}

fn message_id(id: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\\');
    let sound = id.bytes().all(plain) && id.split('@').filter(|part| !part.is_empty()).count() == 2;
    if sound { Ok(format!("<{id}>")) } else { Err(format!("`{}` is no Message-ID", id.escape_debug())) }
}

fn subject(words: &Words<'_>) -> String {
    let subject = one_line(words.subject);
    let answers = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    if words.in_reply_to.is_some() && !answers { format!("Re: {subject}") } else { subject }
}

/// Header text holds no line end and no other control character: nobody adds headers through a name.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds a header whose value is ASCII and safe already. A Message-ID is never folded: readers that
/// search for it by text would miss it.
fn raw(headers: &mut Headers, name: &'static str, value: String) {
    let name = HeaderName::new_from_ascii_str(name);
    headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value));
}

/// Plain lines stay as they are; everything else is quoted-printable, which every server takes
/// whether it offers 8BITMIME or not: the bytes are fixed before a server is asked.
fn body(text: &str) -> Result<Body, String> {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.truncate(text.trim_end_matches('\n').len());
    text.push('\n');
    let plain_line = |line: &str| {
        line.len() <= LINE_BYTES_MAX
            && !line.ends_with(' ')
            && line.bytes().all(|b| b == b'\t' || (32..127).contains(&b))
    };
    // Mail stores quote a line that starts with "From ", which would change the text.
    let plain = text.lines().all(|line| plain_line(line) && !line.starts_with("From "));
    // Line ends are made here: the library inserts them one by one into the whole text.
    let wire = text.replace('\n', "\r\n").into_bytes();
    if plain {
        return Ok(Body::dangerous_pre_encoded(wire, ContentTransferEncoding::SevenBit));
    }
    Body::new_with_encoding(wire, ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| "the text cannot be encoded".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn words() -> Words<'static> {
        Words {
            from: "enrico.k3@riva.example",
            name: "Enrico Riva",
            to: "info@alfa.example",
            copy_to: None,
            subject: "Glutine",
            text: "Buongiorno,\nlo contiene?\n",
            message_id: "a1b2@riva.example",
            in_reply_to: None,
            date: DateTime::parse_from_rfc3339("2026-03-01T10:00:05+01:00").unwrap(),
        }
    }

    fn written(words: &Words<'_>) -> String {
        String::from_utf8(write(words).unwrap().bytes).unwrap()
    }

    #[test]
    fn a_plain_letter_is_what_a_person_would_send() {
        let expected = "Date: Sun, 1 Mar 2026 10:00:05 +0100\r\n\
            From: \"Enrico Riva\" <enrico.k3@riva.example>\r\n\
            To: info@alfa.example\r\n\
            Subject: Glutine\r\n\
            Message-ID: <a1b2@riva.example>\r\n\
            MIME-Version: 1.0\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: 7bit\r\n\
            \r\n\
            Buongiorno,\r\nlo contiene?\r\n";
        assert_eq!(written(&words()), expected);
    }

    #[test]
    fn every_script_reads_back_as_it_was_written() {
        let long = format!("{}\n.\n..dots\nFrom here on, trailing space \nend", "すし".repeat(400));
        for text in ["Perché? È già così… 👩🏽‍🌾", "グルテンは含まれていますか。", "a\tb = 50 %=20", &long]
        {
            let given = Words { subject: "東京 🍞 però", name: "Zoë Größe 山田", text, ..words() };
            let bytes = write(&given).unwrap().bytes;
            assert!(bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|l| l.len() <= 79), "{text}");
            assert!(!bytes.windows(2).any(|w| w[1] == b'\n' && w[0] != b'\r'));
            let read = MessageParser::default().parse(&bytes).unwrap();
            assert_eq!(read.subject(), Some("東京 🍞 però"));
            assert_eq!(read.from().unwrap().first().unwrap().name(), Some("Zoë Größe 山田"));
            let body = read.body_text(0).unwrap().replace("\r\n", "\n");
            assert_eq!(body.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }
    }

    #[test]
    fn a_blind_copy_is_on_the_envelope_and_nowhere_in_the_message() {
        let copied = write(&Words { copy_to: Some("enrico@riva.example"), ..words() }).unwrap();
        assert_eq!(copied.copy.map(|to| to.to_string()).as_deref(), Some("enrico@riva.example"));
        assert_eq!(copied.bytes, write(&words()).unwrap().bytes);
    }

    #[test]
    fn nobody_adds_headers_through_a_name_or_subject() {
        let evil = "Eve\r\nBcc: all@x.example\r\n\r\nbody";
        let bytes = write(&Words { name: evil, subject: evil, ..words() }).unwrap().bytes;
        let read = MessageParser::default().parse(&bytes).unwrap();
        assert!(read.bcc().is_none());
        assert_eq!(read.headers().len(), 8);
        assert!(write(&Words { message_id: "a@b>\r\nBcc: x", ..words() }).is_err());
        assert!(write(&Words { to: "a@b.example>\r\nRCPT TO:<x@y.example", ..words() }).is_err());
        assert!(write(&Words { from: "a b@c.example\r\n", ..words() }).is_err());
    }

    #[test]
    fn a_reminder_continues_the_thread() {
        let reminder = Words { message_id: "c3@riva.example", in_reply_to: Some("a1b2@riva.example"), ..words() };
        let text = written(&reminder);
        assert!(text.contains("\r\nSubject: Re: Glutine\r\n"));
        assert!(text.contains("\r\nIn-Reply-To: <a1b2@riva.example>\r\nReferences: <a1b2@riva.example>\r\n"));
        assert!(written(&Words { subject: "RE: Glutine", ..reminder }).contains("\r\nSubject: RE: Glutine\r\n"));
    }

    #[test]
    fn international_domains_are_written_in_ascii() {
        let letter = write(&Words { to: "info@münchen.example", ..words() }).unwrap();
        assert_eq!(letter.to.to_string(), "info@xn--mnchen-3ya.example");
        assert!(write(&Words { to: "größe@alfa.example", ..words() }).is_err());
    }
}
