//! The append-only record of a wave on disk.
//!
//! `journal.db` holds the events, one hash chain over them, and the words they refer to; large
//! payloads lie in `evidence/`. Events are only ever appended. Words can be purged: the chain
//! holds salted digests of them, so it stays intact.

pub mod backup;
pub mod chain;
mod evidence;
mod format;
pub mod lock;
mod read;
mod store;
pub mod verify;

pub use store::Journal;

use rusqlite::ErrorCode;
use std::io;
use std::path::PathBuf;

/// Why the journal could not be read or written. Nothing was lost: what was not committed did not happen.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database refused.
    #[error("the journal {path} cannot be used: {source}{advice}", path = path.display(), advice = advice(source))]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An event of a newer or damaged journal.
    #[error("event {seq} of the journal cannot be read: {why}; `risposta verify` says more")]
    Unreadable {
        /// Its number.
        seq: u64,
        /// Why.
        why: String,
    },
    /// The format is not ours.
    #[error(
        "the journal {path} has format {found}, this release reads formats up to {known}; a newer release may read it",
        path = path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What is known.
        known: u32,
    },
    /// Words were kept for an event while somebody erased all words of the wave.
    #[error("the words of this wave were erased meanwhile; do it again")]
    Purged,
}

impl JournalError {
    /// Whether what is on disk is damaged, and not only out of reach.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Database { source, .. } => {
                matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            }
            Self::Unreadable { .. } => true,
            Self::File { .. } | Self::Format { .. } | Self::Purged => false,
        }
    }
}

/// What a person can do about a database that refuses.
fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "; make room, then start it again",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "; its folder has to be there and writable"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another process does not let go of it: try again when that has ended"
        }
        Some(ErrorCode::SystemIoFailure) => "; the disk is full or fails: look at it, then start it again",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; it is damaged: a copy that `risposta backup` made has to take its place"
        }
        _ => "",
    }
}
