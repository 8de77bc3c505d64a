//! One logged-in IMAP session: the few commands that watching needs, each within its time limit.
//!
//! Answers are read to their tagged end here, so that a refused or torn FETCH is an error and
//! never looks like an empty mailbox.

use super::{Account, Open, SourceError, utf7};
use crate::model::study::Security;
use crate::net::{self, Service};
use crate::sources::spam::is_spam_folder;
use async_imap::imap_proto::{AttributeValue, MailboxDatum, NameAttribute, Response, ResponseCode, Status};
use async_imap::{Client, error::Error};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use std::future::Future;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Slowest line on which a long message still arrives, in bytes a second.
const BYTES_PER_SECOND_MIN: u32 = 16 * 1024;

/// Why the mailbox could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// No connection, or no protected one.
    Connect(String),
    /// User or password refused.
    Login(String),
    /// A folder that the study names is not there.
    NoFolder { name: String, known: Vec<String> },
    /// The connection broke, fell silent or made no sense.
    Lost(String),
    /// The server refused a command.
    Refused(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::No(text) | Error::Bad(text) => Self::Refused(brief(&text)),
            // Errors of parsing carry the text of messages: it goes nowhere.
            Error::Io(e) if e.kind() != std::io::ErrorKind::Other => Self::Lost(e.to_string()),
            Error::ConnectionLost => Self::Lost("the server hung up".to_owned()),
            _ => Self::Lost("an answer that cannot be understood".to_owned()),
        }
    }
}

fn brief(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

/// A folder that is watched.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// Its name, as the server writes it.
    pub(super) name: String,
    pub(super) is_inbox: bool,
    pub(super) is_spam: bool,
}

/// What EXAMINE says of a folder.
#[derive(Debug, Default)]
pub(super) struct FolderStatus {
    pub(super) uid_validity: u32,
    pub(super) uid_next: Option<u32>,
}

/// A message that is there, not yet fetched.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) uid: u32,
    pub(super) size: u32,
    pub(super) received: Option<DateTime<Utc>>,
}

trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> Wire for T {}

/// A logged-in session.
pub(super) struct Session {
    inner: async_imap::Session<Box<dyn Wire>>,
    limit: Duration,
    /// Whether the server offers IDLE (RFC 2177).
    pub(super) can_idle: bool,
}

impl Account {
    /// Connects, logs in and finds the folders.
    pub(super) async fn open(&self) -> Result<Open, Fault> {
        let client = self.connect().await?;
        let mut session = self.log_in(client).await?;
        let mut idle = false;
        let each = |r: &Response<'_>| {
            if let Response::Capabilities(list) = r {
                idle = list.iter().any(
                    |c| matches!(c, async_imap::imap_proto::Capability::Atom(a) if a.eq_ignore_ascii_case("IDLE")),
                );
            }
        };
        session.exchange("CAPABILITY", session.limit, each).await?;
        session.can_idle = idle;
        let folders = session.folders(self.spam.as_deref(), &self.folders).await?;
        Ok(Open { session, folders, inbox_next: None })
    }

    async fn connect(&self) -> Result<Client<Box<dyn Wire>>, Fault> {
        let server = &self.server;
        let place = format!("{}:{}", server.host, server.port);
        let line = self
            .dialer
            .dial(Service::Imap, &server.host, server.port)
            .await
            .map_err(|e| Fault::Connect(format!("cannot connect to {place}: {e}")))?;
        // The town speaks no TLS; its lines cannot leave this machine.
        let security = if line.town { Security::Plain } else { server.security };
        if security == Security::Plain && !line.loopback {
            return Err(Fault::Connect(format!(
                "{place} is not on this machine, and plain text would show the password"
            )));
        }
        match security {
            Security::Plain => greeted(Client::new(Box::new(line.stream) as Box<dyn Wire>), self.limits.command).await,
            Security::Tls => {
                let stream: Box<dyn Wire> = Box::new(self.handshake(line.stream).await?);
                greeted(Client::new(stream), self.limits.command).await
            }
            Security::Starttls => {
                let mut client = greeted(Client::new(line.stream), self.limits.command).await?;
                within(self.limits.command, client.run_command_and_check_ok("STARTTLS", None)).await.map_err(|_| {
                    Fault::Connect(format!("{place} offers no STARTTLS: try `tls`, usually on port 993"))
                })?;
                // What was read before the handshake is dropped with the old client.
                Ok(Client::new(Box::new(self.handshake(client.into_inner()).await?) as Box<dyn Wire>))
            }
        }
    }

    async fn handshake(&self, stream: TcpStream) -> Result<net::TlsStream, Fault> {
        let host = &self.server.host;
        let config = net::tls_config(self.ca_file.as_deref().map(Path::new)).map_err(|e| {
            Fault::Connect(format!("certificate authority {}: {e}", self.ca_file.as_deref().unwrap_or("of the system")))
        })?;
        let refused = |e| Fault::Connect(format!("no TLS with {host}:{}: {e}", self.server.port));
        net::start_tls(stream, host, config).await.map_err(refused)
    }

    async fn log_in(&self, client: Client<Box<dyn Wire>>) -> Result<Session, Fault> {
        let secret = self.password.expose_secret();
        let login = async { client.login(&self.user, secret).await.map_err(|(error, _)| error) };
        match within(self.limits.command, login).await {
            Ok(inner) => Ok(Session { inner, limit: self.limits.command, can_idle: false }),
            // A server that repeats what it was told must not bring the password into a journal.
            Err(Fault::Refused(text)) if secret.is_empty() => Err(Fault::Login(text)),
            Err(Fault::Refused(text)) => Err(Fault::Login(text.replace(secret, "…"))),
            Err(other) => Err(other),
        }
    }

    /// What a person is told.
    pub(super) fn explain(&self, fault: Fault) -> SourceError {
        let (id, place) = (&self.id, format!("{}:{}", self.server.host, self.server.port));
        let error = |what: String, help: String| SourceError { what: format!("mailbox `{id}`: {what}"), help };
        match fault {
            Fault::Connect(what) => error(
                what,
                "check host, port and security of `imap`: port 993 speaks `tls`, port 143 `starttls`; a server with its own \
                 certificate authority needs `ca_file`, and the certificate must name the host"
                    .to_owned(),
            ),
            Fault::Login(what) => error(
                format!("{place} refused the login: {what}"),
                format!("check user `{}` and the password; some providers want an app password, or IMAP switched on", self.user),
            ),
            Fault::NoFolder { name, known } => error(
                format!("there is no folder `{name}`"),
                format!("folders are: {}", known.join(", ")),
            ),
            Fault::Lost(what) => error(
                format!("the connection to {place} was lost: {what}"),
                "nothing is lost, the next look goes on from here".to_owned(),
            ),
            Fault::Refused(what) => error(
                format!("{place} refused: {what}"),
                "nothing is lost, the next look goes on from here".to_owned(),
            ),
        }
    }
}

async fn greeted<T: Wire>(mut client: Client<T>, limit: Duration) -> Result<Client<T>, Fault> {
    let greeting = within(limit, async { Ok(client.read_response().await?) }).await?;
    match greeting.as_ref().map(|g| g.parsed()) {
        Some(Response::Data { status: Status::Ok | Status::PreAuth, .. }) => Ok(client),
        Some(Response::Data { outcome, .. }) => Err(Fault::Connect(format!(
            "the server is not ready: {}",
            brief(outcome.information.as_deref().unwrap_or(""))
        ))),
        _ => Err(Fault::Connect("this is no IMAP server".to_owned())),
    }
}

async fn within<T>(limit: Duration, doing: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
    match timeout(limit, doing).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Fault::Lost(format!("no answer within {limit:?}"))),
    }
}

impl Session {
    /// Sends a command and reads to its tagged answer; hands on what comes before.
    async fn exchange(
        &mut self,
        command: &str,
        limit: Duration,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<(), Fault> {
        let talk = async {
            let id = self.inner.run_command(command).await?;
            loop {
                let data = self.inner.read_response().await?.ok_or(Error::ConnectionLost)?;
                match data.parsed() {
                    Response::Done { tag, status, outcome } if *tag == id => {
                        let text = || outcome.information.as_deref().unwrap_or_default().to_owned();
                        return if *status == Status::Ok { Ok(()) } else { Err(Error::No(text())) };
                    }
                    other => each(other),
                }
            }
        };
        match within(limit, talk).await {
            Err(Fault::Refused(text)) => {
                let verb = command.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                Err(Fault::Refused(format!("{verb}: {text}")))
            }
            other => other,
        }
    }

    /// INBOX, the spam folder, and those that the study names.
    async fn folders(&mut self, spam: Option<&str>, named: &[String]) -> Result<Vec<Folder>, Fault> {
        let mut known: Vec<(String, bool)> = Vec::new();
        self.exchange("LIST \"\" \"*\"", self.limit, |r| {
            if let Response::MailboxData(MailboxDatum::List(list)) = r
                && !list.name_attributes.contains(&NameAttribute::NoSelect)
            {
                known.push((list.name.to_string(), list.name_attributes.contains(&NameAttribute::Junk)));
            }
        })
        .await?;
        let find = |name: &str| {
            let wire = utf7::encode(name);
            let found = known.iter().find(|(n, _)| *n == wire).map(|(n, _)| n.clone());
            found.ok_or_else(|| Fault::NoFolder {
                name: name.to_owned(),
                known: known.iter().map(|k| k.0.clone()).collect(),
            })
        };
        let spam = match spam {
            Some(name) => Some(find(name)?),
            None => marked_or_named_spam(&known),
        };
        let mut folders = vec![Folder { name: "INBOX".to_owned(), is_inbox: true, is_spam: false }];
        folders.extend(spam.map(|name| Folder { name, is_inbox: false, is_spam: true }));
        for name in named {
            let name = find(name)?;
            if !folders.iter().any(|f| f.name == name) {
                folders.push(Folder { name, is_inbox: false, is_spam: false });
            }
        }
        Ok(folders)
    }

    /// Opens a folder read-only.
    pub(super) async fn examine(&mut self, folder: &Folder) -> Result<FolderStatus, Fault> {
        let mut status = FolderStatus::default();
        let command = format!("EXAMINE {}", quoted(&folder.name));
        self.exchange(&command, self.limit, |r| {
            if let Response::Data { outcome, .. } = r {
                match outcome.code {
                    Some(ResponseCode::UidValidity(v)) => status.uid_validity = v,
                    Some(ResponseCode::UidNext(n)) => status.uid_next = Some(n),
                    _ => {}
                }
            }
        })
        .await?;
        Ok(status)
    }

    /// UIDs of the open folder that a criterion fits.
    pub(super) async fn search(&mut self, criterion: &str) -> Result<Vec<u32>, Fault> {
        let mut uids = Vec::new();
        self.exchange(&format!("UID SEARCH {criterion}"), self.limit, |r| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = r {
                uids.extend_from_slice(found);
            }
        })
        .await?;
        Ok(uids)
    }

    /// Sizes and dates of messages; those that are gone by now are left out.
    pub(super) async fn list_messages(&mut self, uids: &[u32]) -> Result<Vec<Listed>, Fault> {
        let mut listed = Vec::new();
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        self.exchange(&format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)"), self.limit, |r| {
            if let Response::Fetch(_, attributes) = r {
                listed.extend(listing(attributes));
            }
        })
        .await?;
        Ok(listed)
    }

    /// The message, or its first `bytes_max` bytes; `None` where it is gone by now.
    pub(super) async fn body(&mut self, listed: &Listed, bytes_max: u32) -> Result<Option<Vec<u8>>, Fault> {
        let part = if listed.size > bytes_max { format!("<0.{bytes_max}>") } else { String::new() };
        let patience = Duration::from_secs(u64::from(listed.size.min(bytes_max) / BYTES_PER_SECOND_MIN));
        let mut body = None;
        let command = format!("UID FETCH {} (UID BODY.PEEK[]{part})", listed.uid);
        self.exchange(&command, self.limit + patience, |r| {
            // A server may mention other messages in between, without a body.
            if let Response::Fetch(_, attributes) = r
                && attributes.contains(&AttributeValue::Uid(listed.uid))
            {
                body = attributes.iter().find_map(whole).or(body.take());
            }
        })
        .await?;
        Ok(body)
    }

    /// Lies in wait for a change in the open folder, or for `at_most`.
    pub(super) async fn idle(self, at_most: Duration) -> Result<Self, Fault> {
        let Self { inner, limit, can_idle } = self;
        let mut handle = inner.idle();
        within(limit, handle.init()).await?;
        {
            let (waiting, _stop) = handle.wait_with_timeout(at_most);
            // The library starts its time again at every "still here": ours does not.
            if let Ok(woken) = timeout(at_most, waiting).await {
                woken?;
            }
        }
        let inner = within(limit, handle.done()).await?;
        Ok(Self { inner, limit, can_idle })
    }
}

fn marked_or_named_spam(known: &[(String, bool)]) -> Option<String> {
    // Where the server marks none (RFC 6154), its name must tell.
    let leaf_is_spam = |name: &str| is_spam_folder(name.rsplit(['/', '.']).next().unwrap_or(name));
    let marked = known.iter().find(|(_, junk)| *junk);
    marked.or_else(|| known.iter().find(|(name, _)| leaf_is_spam(name))).map(|(name, _)| name.clone())
}

fn listing(attributes: &[AttributeValue<'_>]) -> Option<Listed> {
    let (mut uid, mut size, mut received) = (None, None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(u) => uid = Some(*u),
            AttributeValue::Rfc822Size(s) => size = Some(*s),
            AttributeValue::InternalDate(date) => {
                let read = DateTime::parse_from_str(date.trim(), "%d-%b-%Y %H:%M:%S %z").ok();
                received = read.map(|d| d.with_timezone(&Utc));
            }
            _ => {}
        }
    }
    Some(Listed { uid: uid?, size: size?, received })
}

fn whole(attribute: &AttributeValue<'_>) -> Option<Vec<u8>> {
    match attribute {
        AttributeValue::BodySection { section: None, data, .. } => Some(data.as_deref().unwrap_or_default().to_vec()),
        _ => None,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
