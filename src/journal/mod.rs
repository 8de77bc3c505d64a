//! The append-only record of a wave on disk.
//!
//! `journal.db` holds the events, one hash chain over them, and the words they refer to; large
//! payloads lie in `evidence/`. Events are only ever appended. Words can be purged: the chain
//! holds salted digests of them, so it stays intact.

pub mod chain;
mod evidence;
pub mod lock;
mod store;
pub mod verify;

pub use store::Journal;

use std::io;
use std::path::PathBuf;

/// Why the journal could not be read or written. Nothing was lost: what was not committed did not happen.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database refused.
    #[error("the journal {path} cannot be used: {source}", path = path.display())]
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
    #[error("the journal has format {found}, this release reads format {known}")]
    Format {
        /// What was found.
        found: String,
        /// What is known.
        known: u32,
    },
}
