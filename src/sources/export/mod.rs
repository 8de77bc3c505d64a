//! What does an exported mailbox hold? An mbox file, or a Maildir with all its folders, message by message.
//!
//! **When a message arrived.** An export keeps no server's own time: the topmost `Received` is the
//! clock of the last server, ours. Where there is none, what wrote the export says it (an mbox's
//! `From ` line, a Maildir's file name), with the error that such a clock has; then the sender's `Date`.

mod maildir;
mod mbox;

pub use maildir::MaildirExport;
pub use mbox::MboxExport;

use super::received::topmost_received;
use crate::model::inbound::{RawFormat, RawInbound};
use crate::model::time::{Provenance, Stamp};
use chrono::{DateTime, Utc};
use mail_parser::MessageParser;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// Most bytes of one message: of a longer one only the first are kept.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Seconds by which a sender's clock may be wrong without being noticed.
const SENDER_ERROR_SECONDS: u32 = 86_400;

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file or folder cannot be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{path} is no {what}: {why}", path = path.display())]
    Not {
        /// Which.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What was found.
        why: String,
    },
}

impl ExportError {
    fn file(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path: path.clone(), source }
    }
}

/// A message as an export holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its bytes, without what the export puts around them.
    pub bytes: Vec<u8>,
    /// When it arrived, by what wrote the export.
    written: Option<Stamp>,
    /// Whether it lay among spam.
    pub in_spam: bool,
}

impl Exported {
    /// As a source would have found it. The same bytes have the same locator, out of whichever export: what is
    /// imported again is known.
    #[must_use]
    pub fn into_raw(self) -> RawInbound {
        let received = self.received();
        let locator = format!("import/{}", hex::encode(Sha256::digest(&self.bytes)));
        RawInbound { locator, format: RawFormat::Mail, bytes: self.bytes.into(), received, in_spam: self.in_spam }
    }

    fn received(&self) -> Stamp {
        let by_server = topmost_received(&self.bytes).map(Stamp::server);
        by_server.or(self.written).or_else(|| claimed(&self.bytes)).unwrap_or(Stamp {
            at: DateTime::UNIX_EPOCH,
            provenance: Provenance::SenderClaimed,
            error_seconds: u32::MAX,
        })
    }
}

/// The sender's own date.
fn claimed(bytes: &[u8]) -> Option<Stamp> {
    let date = MessageParser::default().parse_headers(bytes)?.date()?.to_timestamp();
    let at: DateTime<Utc> = DateTime::from_timestamp(date, 0)?;
    Some(Stamp { at, provenance: Provenance::SenderClaimed, error_seconds: SENDER_ERROR_SECONDS })
}
