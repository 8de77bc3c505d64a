//! Maildir: what arrived in a mail folder on this machine since the cursor.
//!
//! **What is looked at.** `new/` and `cur/` of the Maildir and of its spam folders (`.Junk`, `.Spam`
//! and the like). A message is known by its file name up to `:2,`, which stays when flags change.
//! Names are listed; a file is opened only when its message is new, so a mailbox of 100,000 old
//! messages costs a listing.
//!
//! **The cursor** names the latest thousand messages taken. What is dated (by its file name) before
//! those counts as taken, unless its file has changed since: mail that a person or a slow program
//! moves in late is not lost, at the price that one whose flags changed may come twice.
//!
//! **When it arrived.** A Maildir file is named after the second of its delivery: the receiving
//! server's clock. A program that copies old mail in (IMAP APPEND, synchronisers) names it after
//! the copying and keeps the true time as the file's: so an earlier file time within the wave is
//! preferred. Where the name holds no time, the topmost `Received` header does, then the file's time.

mod arrival;
mod cursor;
mod shelf;

use super::{Batch, Source, SourceError, Trouble};
use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::study::{Inbox, Mailbox};
pub(super) use arrival::named_at;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use cursor::Cursor;
use shelf::Shelf;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How much is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most messages of one batch.
    pub batch_messages: usize,
    /// Bytes after which a batch ends; one message alone may exceed it.
    pub batch_bytes: u64,
    /// Most bytes of one message: of a longer one only the first are read.
    pub message_bytes: u64,
    /// Longest time between two looks while waiting.
    pub poll: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_messages: 200,
            batch_bytes: 16 * 1024 * 1024,
            message_bytes: 64 * 1024 * 1024,
            poll: Duration::from_secs(2),
        }
    }
}

/// A Maildir on this machine.
pub struct MaildirSource {
    account: AccountId,
    shelf: Shelf,
}

impl MaildirSource {
    /// A source for `mailbox`; `None` where the mailbox is no Maildir. `since` is the start of the wave.
    #[must_use]
    pub fn new(mailbox: &Mailbox, since: DateTime<Utc>) -> Option<Self> {
        let Inbox::Maildir { path } = &mailbox.inbox else { return None };
        let shelf = Shelf { root: PathBuf::from(path), since, limits: Limits::default(), taken: HashSet::new() };
        Some(Self { account: mailbox.id.clone(), shelf })
    }

    /// The same source with other bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.shelf.limits = limits;
        self
    }

    fn explain(&self, path: &Path, error: &io::Error) -> SourceError {
        SourceError {
            trouble: Trouble::File,
            what: format!("mailbox `{}`: {}: {error}", self.account, path.display()),
            help: "`maildir` must name a folder with `new` and `cur` in it that this user may read".to_owned(),
        }
    }
}

#[async_trait]
impl Source for MaildirSource {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError> {
        let cursor = Cursor::read(cursor, self.shelf.since);
        let mut copy = self.shelf.clone();
        let task = tokio::task::spawn_blocking(move || copy.look(cursor).map(|batch| (batch, copy.taken)));
        match task.await {
            Ok(Ok((batch, taken))) => {
                self.shelf.taken = taken;
                Ok(batch)
            }
            Ok(Err((path, error))) => Err(self.explain(&path, &error)),
            Err(_) => Err(self.explain(&self.shelf.root, &io::Error::other("the look was interrupted"))),
        }
    }

    async fn wait(&mut self, at_most: Duration) {
        tokio::time::sleep(at_most.min(self.shelf.limits.poll)).await;
    }
}
