//! An IMAP server that does its work, but for one command, where it misbehaves as the test says.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the server is doing when it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Greeting,
    Starttls,
    Login,
    Capability,
    List,
    Examine,
    Search,
    Sizes,
    Bodies,
    Quota,
    Idle,
    Done,
}

/// How it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Hangs up.
    Drop,
    /// Says nothing, keeps the line.
    Hang,
    /// Tagged NO with these words.
    No(&'static str),
    /// Tagged BAD.
    Bad,
    /// BYE with these words, then hangs up.
    Bye(&'static str),
    /// BYE, and keeps the line.
    ByeAndHang,
    /// Bytes that are no IMAP.
    Garbage,
    /// A text that made a parser die.
    BrokenText,
    /// Half of the answer's first line, then hangs up.
    HalfALine,
    /// Half of the whole answer, then hangs up: of a message, a cut literal.
    Half,
    /// Half of the whole answer, then nothing.
    HalfAndHang,
    /// The right answer, a byte at a time.
    Drip,
    /// A line without end.
    EndlessLine,
    /// Lines without end.
    EndlessLines,
    /// Tagged OK, without what was asked for.
    OkWithoutData,
    /// The answer under another tag, then nothing.
    OtherTag,
    /// Literals a little longer than what follows.
    LiteralTooLong,
    /// Literals a little shorter than what follows.
    LiteralTooShort,
    /// A literal of four gigabytes.
    LiteralHuge,
    /// NIL for a message.
    Nil,
    /// A bad word slipped in before the TLS handshake.
    Injected,
}

/// A message with its UID and its time of arrival.
pub(crate) type Mail = (u32, DateTime<Utc>, Vec<u8>);

/// One folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    pub(crate) attributes: &'static str,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) mails: Vec<Mail>,
}

/// What the server holds and does.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) folders: BTreeMap<String, Folder>,
    /// Where and how it misbehaves.
    pub(crate) fault: Option<(Phase, Fault)>,
    /// Whether its quota is used up.
    pub(crate) full: bool,
    /// Every command that it heard, without its tag.
    pub(crate) heard: Vec<String>,
    /// Done once after the next answer to a command that begins so.
    #[allow(clippy::type_complexity, reason = "one hook of a test")]
    pub(crate) after: Option<(&'static str, Box<dyn FnOnce(&mut State) + Send>)>,
}

impl State {
    /// Lays a message into a folder.
    pub(crate) fn deliver(&mut self, folder: &str, at: DateTime<Utc>, bytes: &[u8]) {
        let folder = self.folders.get_mut(folder).unwrap();
        folder.mails.push((folder.uid_next, at, bytes.to_vec()));
        folder.uid_next += 1;
    }

    /// Moves the messages of one folder into another, as a mail program does.
    pub(crate) fn move_all(&mut self, from: &str, to: &str) {
        for (_, at, bytes) in std::mem::take(&mut self.folders.get_mut(from).unwrap().mails) {
            self.deliver(to, at, &bytes);
        }
    }

    pub(crate) fn add_folder(&mut self, name: &str, attributes: &'static str, uid_validity: u32) {
        let folder = Folder { attributes, uid_validity, uid_next: 1, mails: Vec::new() };
        self.folders.insert(name.to_owned(), folder);
    }
}

/// The server; its connections end with the test.
#[derive(Clone)]
pub(crate) struct ImapServer {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

impl ImapServer {
    /// Starts it with an INBOX and a Junk folder; with `tls`, every line begins with a handshake.
    pub(crate) async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut state = State::default();
        state.add_folder("INBOX", "", 7);
        state.add_folder("Junk", "\\Junk", 8);
        let server = Self { port, state: Arc::new(Mutex::new(state)) };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    let _ = match tls {
                        None => Talk::new(server, stream).run().await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => Talk::new(server, stream).run().await,
                            Err(_) => Some(()),
                        },
                    };
                });
            }
        });
        server
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// One connection.
struct Talk<T> {
    server: ImapServer,
    lines: BufReader<T>,
    selected: String,
}

impl Talk<TcpStream> {
    fn new<T: AsyncRead + AsyncWrite + Unpin>(server: ImapServer, stream: T) -> Talk<T> {
        Talk { server, lines: BufReader::new(stream), selected: String::new() }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Talk<T> {
    /// `None` where the line is gone.
    async fn run(mut self) -> Option<()> {
        self.say(Phase::Greeting, "*", b"* OK ready\r\n".to_vec()).await?;
        loop {
            let line = self.hear().await?;
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            self.server.state().heard.push(command.to_owned());
            let (phase, good) = self.answer(tag, command);
            self.say(phase, tag, good).await?;
            if phase == Phase::Idle {
                self.hear().await?;
                self.say(Phase::Done, tag, format!("{tag} OK idled\r\n").into_bytes()).await?;
            }
            let mut state = self.server.state();
            if let Some((begins, hook)) = state.after.take() {
                if command.starts_with(begins) {
                    hook(&mut state);
                } else {
                    state.after = Some((begins, hook));
                }
            }
        }
    }

    async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }

    async fn write(&mut self, bytes: &[u8]) -> Option<()> {
        self.lines.get_mut().write_all(bytes).await.ok()?;
        self.lines.get_mut().flush().await.ok()
    }

    async fn hang(&self) -> Option<()> {
        std::future::pending().await
    }

    /// Says what is right, or misbehaves.
    async fn say(&mut self, phase: Phase, tag: &str, good: Vec<u8>) -> Option<()> {
        let fault = self.server.state().fault.filter(|(at, _)| *at == phase).map(|(_, fault)| fault);
        let Some(fault) = fault else { return self.write(&good).await };
        let first_line = good.iter().position(|b| *b == b'\n').map_or(good.len(), |at| at + 1);
        match fault {
            Fault::Drop => None,
            Fault::Hang => self.hang().await,
            Fault::No(words) if tag == "*" => {
                self.write(format!("* BYE {words}\r\n").as_bytes()).await?;
                None
            }
            Fault::No(words) => self.write(format!("{tag} NO {words}\r\n").as_bytes()).await,
            Fault::Bad => self.write(format!("{tag} BAD what?\r\n").as_bytes()).await,
            Fault::Bye(words) => {
                self.write(format!("* BYE {words}\r\n").as_bytes()).await?;
                None
            }
            Fault::ByeAndHang => {
                self.write(b"* BYE so long\r\n").await?;
                self.hang().await
            }
            Fault::Garbage => {
                self.write(b"\x00\xff\x7f HTTP/1.1 400 Bad Request\r\n\r\n<html>").await?;
                self.hang().await
            }
            Fault::BrokenText => {
                self.write("* OK [ALERT]è finita\r\n".as_bytes()).await?;
                self.hang().await
            }
            Fault::HalfALine => {
                self.write(&good[..first_line / 2]).await?;
                None
            }
            Fault::Half => {
                self.write(&good[..good.len() / 2]).await?;
                None
            }
            Fault::HalfAndHang => {
                self.write(&good[..good.len() / 2]).await?;
                self.hang().await
            }
            Fault::Drip => {
                for byte in good {
                    self.write(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Some(())
            }
            Fault::EndlessLine => {
                let piece = vec![b'x'; 1 << 16];
                self.write(b"* OK ").await?;
                loop {
                    self.write(&piece).await?;
                }
            }
            Fault::EndlessLines => {
                let piece = b"* OK still here\r\n".repeat(1 << 12);
                loop {
                    self.write(&piece).await?;
                }
            }
            Fault::OkWithoutData => self.write(format!("{tag} OK done\r\n").as_bytes()).await,
            Fault::OtherTag => {
                let text = String::from_utf8_lossy(&good).replace(&format!("{tag} "), "Z9999 ");
                self.write(text.as_bytes()).await?;
                self.hang().await
            }
            Fault::LiteralTooLong => self.write(&literals(&good, |n| n + 40)).await,
            Fault::LiteralTooShort => self.write(&literals(&good, |n| n - 40)).await,
            Fault::LiteralHuge => {
                self.write(&literals(&good, |_| 4_294_967_290)).await?;
                self.hang().await
            }
            Fault::Nil => {
                let text = String::from_utf8_lossy(&good).into_owned();
                let mut out = String::new();
                for line in text.lines().filter(|l| l.starts_with("* ") || l.starts_with(tag)) {
                    let _ = match line.split_once('{') {
                        Some((before, _)) => write!(out, "{before}NIL)\r\n"),
                        None => write!(out, "{line}\r\n"),
                    };
                }
                self.write(out.as_bytes()).await
            }
            Fault::Injected => {
                let mut both = good;
                both.extend_from_slice(b"* BYE injected\r\nA0002 OK welcome\r\n");
                self.write(&both).await
            }
        }
    }

    /// What a good server answers.
    fn answer(&mut self, tag: &str, command: &str) -> (Phase, Vec<u8>) {
        let server = self.server.clone();
        let state = server.state();
        let ok = |mut before: Vec<u8>| {
            before.extend_from_slice(format!("{tag} OK done\r\n").as_bytes());
            before
        };
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["STARTTLS"] => (Phase::Starttls, ok(Vec::new())),
            ["LOGIN", ..] => (Phase::Login, ok(Vec::new())),
            ["CAPABILITY"] => (Phase::Capability, ok(b"* CAPABILITY IMAP4rev1 IDLE QUOTA\r\n".to_vec())),
            ["LIST", ..] => {
                let line = |(name, f): (&String, &Folder)| format!("* LIST ({}) \"/\" \"{name}\"\r\n", f.attributes);
                (Phase::List, ok(state.folders.iter().map(line).collect::<String>().into_bytes()))
            }
            ["EXAMINE", ..] => {
                command.trim_start_matches("EXAMINE ").trim_matches('"').clone_into(&mut self.selected);
                let Some(folder) = state.folders.get(&self.selected) else {
                    return (Phase::Examine, format!("{tag} NO [NONEXISTENT] no such folder\r\n").into_bytes());
                };
                let Folder { uid_validity, uid_next, mails, .. } = folder;
                let lines = format!(
                    "* {} EXISTS\r\n* OK [UIDVALIDITY {uid_validity}] valid\r\n* OK [UIDNEXT {uid_next}] next\r\n",
                    mails.len()
                );
                (Phase::Examine, ok(lines.into_bytes()))
            }
            ["UID", "SEARCH", rest @ ..] => {
                let mails = &state.folders[&self.selected].mails;
                let fits = |uid: &u32| rest[0] == "SINCE" || in_set(rest[1], *uid);
                let mut line = "* SEARCH".to_owned();
                for uid in mails.iter().map(|m| m.0).filter(fits) {
                    let _ = write!(line, " {uid}");
                }
                (Phase::Search, ok((line + "\r\n").into_bytes()))
            }
            ["UID", "FETCH", set, what @ ..] => {
                let bodies = what.iter().any(|w| w.contains("BODY"));
                let mut out = Vec::new();
                for (n, (uid, at, bytes)) in (1..).zip(&state.folders[&self.selected].mails) {
                    if !in_set(set, *uid) {
                        continue;
                    }
                    if bodies {
                        out.extend(format!("* {n} FETCH (UID {uid} BODY[] {{{}}}\r\n", bytes.len()).bytes());
                        out.extend_from_slice(bytes);
                        out.extend_from_slice(b")\r\n");
                    } else {
                        let date = at.format("%d-%b-%Y %H:%M:%S %z");
                        let size = bytes.len();
                        let line = format!("* {n} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"{date}\")\r\n");
                        out.extend(line.bytes());
                    }
                }
                (if bodies { Phase::Bodies } else { Phase::Sizes }, ok(out))
            }
            ["GETQUOTAROOT", ..] => {
                let usage = if state.full { 1_000 } else { 10 };
                let lines = format!("* QUOTAROOT \"INBOX\" \"User\"\r\n* QUOTA \"User\" (STORAGE {usage} 1000)\r\n");
                (Phase::Quota, ok(lines.into_bytes()))
            }
            ["IDLE"] => (Phase::Idle, b"+ idling\r\n".to_vec()),
            _ => (Phase::Capability, format!("{tag} BAD unknown command\r\n").into_bytes()),
        }
    }
}

/// Whether a set such as `3`, `3:*` or `1,2,9` holds a UID.
fn in_set(set: &str, uid: u32) -> bool {
    set.split(',').any(|part| match part.split_once(':') {
        Some((first, "*")) => uid >= first.parse().unwrap(),
        Some((first, last)) => (first.parse().unwrap()..=last.parse().unwrap()).contains(&uid),
        None => part.parse() == Ok(uid),
    })
}

/// The same answer with other lengths of its literals.
fn literals(good: &[u8], length: impl Fn(u64) -> u64) -> Vec<u8> {
    let text = String::from_utf8_lossy(good).into_owned();
    let mut out = String::new();
    for line in text.split_inclusive("\r\n") {
        match line.strip_suffix("}\r\n").and_then(|l| l.rsplit_once('{')) {
            Some((before, n)) if line.starts_with("* ") => {
                let _ = write!(out, "{before}{{{}}}\r\n", length(n.parse().unwrap()));
            }
            _ => out.push_str(line),
        }
    }
    out.into_bytes()
}
