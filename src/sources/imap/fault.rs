//! Why a mailbox could not be read, and what a person is told.

use super::Account;
use crate::sources::{SourceError, Trouble};
use async_imap::error::Error;
use async_imap::imap_proto::{Outcome, ResponseCode};
use std::io;
use std::time::Duration;

/// Most characters of a server's text that are told on.
const TEXT_MAX: usize = 300;

/// Why the mailbox could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// No connection.
    Unreachable(String),
    /// No protected connection.
    Unprotected(String),
    /// The server does not serve us: its greeting or its farewell.
    NotServed(String),
    /// User or password refused.
    Login(String),
    /// A folder that the study names is not there.
    NoFolder {
        /// The name that the study gives.
        name: String,
        /// The folders that are there.
        known: Vec<String>,
    },
    /// The connection broke.
    Lost(String),
    /// No complete answer in time.
    Silent(Duration),
    /// Everything is read, but mail may be turned away: the mailbox is full.
    Full,
    /// Answers that make no sense.
    Garbled(&'static str),
    /// The server refused a command.
    Refused {
        /// The command.
        verb: String,
        /// What the server said.
        text: String,
    },
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::No(text) | Error::Bad(text) => Self::Refused { verb: String::new(), text: brief(&text) },
            // Errors of parsing carry the text of messages: it goes nowhere.
            Error::Io(e) if e.kind() == io::ErrorKind::FileTooLarge => Self::Garbled("an answer without end"),
            Error::Io(e) if e.kind() != io::ErrorKind::Other => Self::Lost(e.to_string()),
            Error::ConnectionLost => Self::Lost("the server hung up".to_owned()),
            _ => Self::Garbled("an answer that cannot be understood"),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Error::Io(error).into()
    }
}

/// A server's text on one line, cut where it is long.
pub(super) fn brief(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_MAX).collect()
}

/// What a status response says, with its code.
pub(super) fn words(outcome: &Outcome<'_>) -> String {
    let alert = if matches!(outcome.code, Some(ResponseCode::Alert)) { "[ALERT] " } else { "" };
    brief(&format!("{alert}{}", outcome.information.as_deref().unwrap_or_default().trim()))
}

/// What the server's response code says (RFC 5530, RFC 9208), where it gives one.
fn by_code(text: &str) -> Option<Trouble> {
    let codes = [
        ("UNAVAILABLE", Trouble::Unavailable),
        ("INUSE", Trouble::Unavailable),
        ("LIMIT", Trouble::Unavailable),
        ("SERVERBUG", Trouble::Unavailable),
        ("OVERQUOTA", Trouble::OverQuota),
        ("AUTHENTICATIONFAILED", Trouble::LoginRefused),
        ("AUTHORIZATIONFAILED", Trouble::LoginRefused),
        ("EXPIRED", Trouble::LoginRefused),
        ("PRIVACYREQUIRED", Trouble::Unprotected),
        ("NONEXISTENT", Trouble::FolderMissing),
    ];
    let upper = text.to_uppercase();
    codes.iter().find(|(code, _)| upper.contains(&format!("[{code}]"))).map(|(_, trouble)| *trouble)
}

impl Fault {
    /// The kind of failure.
    fn trouble(&self) -> Trouble {
        match self {
            Self::Unreachable(_) => Trouble::Unreachable,
            Self::Unprotected(_) => Trouble::Unprotected,
            Self::NotServed(text) => by_code(text).unwrap_or(Trouble::Unavailable),
            Self::Login(text) => by_code(text).unwrap_or(Trouble::LoginRefused),
            Self::NoFolder { .. } => Trouble::FolderMissing,
            Self::Lost(_) => Trouble::Lost,
            Self::Silent(_) => Trouble::Silent,
            Self::Full => Trouble::OverQuota,
            Self::Garbled(_) => Trouble::Garbled,
            Self::Refused { text, .. } => by_code(text).unwrap_or(Trouble::Refused),
        }
    }

    /// Whether a fresh connection may mend it.
    pub(super) const fn is_of_the_line(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::NotServed(_))
    }

    /// What failed, in words.
    fn what(&self, place: &str) -> String {
        match self {
            Self::Unreachable(what) | Self::Unprotected(what) => what.clone(),
            Self::NotServed(text) => format!("{place} does not serve us: {text}"),
            Self::Login(text) => format!("{place} refused the login: {text}"),
            Self::NoFolder { name, .. } => format!("there is no folder `{name}`"),
            Self::Lost(what) => format!("the connection to {place} was lost: {what}"),
            Self::Silent(limit) => format!("{place} did not answer within {limit:?}"),
            Self::Full => format!("the mailbox on {place} is full"),
            Self::Garbled(what) => format!("{place} sent {what}"),
            Self::Refused { verb, text } => format!("{place} refused {verb}: {text}"),
        }
    }
}

impl Account {
    /// What a person is told.
    pub(super) fn explain(&self, fault: &Fault) -> SourceError {
        let place = format!("{}:{}", self.server.host, self.server.port);
        let trouble = fault.trouble();
        let what = format!("mailbox `{}`: {}", self.id, fault.what(&place));
        SourceError { trouble, what, help: self.help(trouble, fault) }
    }

    /// What a person can do.
    fn help(&self, trouble: Trouble, fault: &Fault) -> String {
        let known = match fault {
            Fault::NoFolder { known, .. } => known.join(", "),
            _ => String::new(),
        };
        match trouble {
            Trouble::Unreachable => {
                "check host and port of `imap`, and this machine's network; what arrives meanwhile is read later"
                    .to_owned()
            }
            Trouble::Unprotected => {
                "check port and security of `imap`: port 993 speaks `tls`, port 143 `starttls`; a server with its own \
                 certificate authority needs `ca_file`, and the certificate must name the host. The password was not sent"
                    .to_owned()
            }
            Trouble::LoginRefused => format!(
                "check user `{}` and the password, and start again with the right one; some providers want an app \
                 password, or IMAP switched on. What arrives meanwhile is read later",
                self.user
            ),
            Trouble::OverQuota => {
                "the mailbox is full, and may turn new mail away: replies bounce at their senders. Raise its quota, or \
                 empty folders that are older than the wave; delete nothing that came since it began"
                    .to_owned()
            }
            Trouble::FolderMissing if known.is_empty() => {
                "a folder was removed or renamed: put it back, or name its successor in the study (`risposta amend`)".to_owned()
            }
            Trouble::FolderMissing => {
                format!("put it back, or name another in the study (`risposta amend`); folders are: {known}")
            }
            Trouble::Unavailable => {
                "nothing to do yet: it is tried again by itself; if this lasts for hours, ask the provider".to_owned()
            }
            Trouble::Lost
            | Trouble::Silent
            | Trouble::Garbled
            | Trouble::Refused
            | Trouble::RateLimited { .. }
            | Trouble::File => {
                "nothing is lost: it is tried again by itself, and goes on from here; if this lasts for hours, ask the \
                 provider"
                    .to_owned()
            }
        }
    }
}
