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

use super::{Batch, Source, SourceError};
use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::inbound::{RawFormat, RawInbound};
use crate::model::study::{Inbox, Mailbox};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use cursor::{Cursor, name_hash};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names of spam folders, compared without case.
const SPAM_NAMES: [&str; 5] = ["junk", "spam", "junk e-mail", "junk email", "bulk mail"];

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

/// What a look needs, apart from the account.
#[derive(Debug, Clone)]
struct Shelf {
    root: PathBuf,
    since: DateTime<Utc>,
    limits: Limits,
    /// Hashes of all messages of the wave that this process has taken.
    taken: HashSet<u64>,
}

/// A message file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// In seconds: by its name, or by the file's time where the name holds none.
    dated: i64,
    /// When its name says it was delivered.
    named_at: Option<i64>,
    /// The name up to `:2,`.
    base: String,
    path: PathBuf,
    folder: String,
    in_spam: bool,
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
        let (mut shelf, cursor) = (self.shelf.clone(), Cursor::read(cursor, self.shelf.since));
        let looked = tokio::task::spawn_blocking(move || shelf.look(cursor).map(|batch| (batch, shelf.taken))).await;
        match looked {
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

/// An error and where it came up.
type At<T> = Result<T, (PathBuf, io::Error)>;

fn at<T>(path: &Path, result: io::Result<T>) -> At<T> {
    result.map_err(|e| (path.to_owned(), e))
}

impl Shelf {
    fn look(&mut self, mut cursor: Cursor) -> At<Batch> {
        let mut unseen = self.unseen(&cursor)?;
        unseen.sort_unstable();
        let mut messages = Vec::new();
        let mut room = self.limits.batch_bytes;
        let mut left = unseen.len();
        for found in unseen {
            if messages.len() >= self.limits.batch_messages || room == 0 {
                break;
            }
            left -= 1;
            if let Some((message, changed)) = self.read(&found)? {
                room = room.saturating_sub(message.bytes.len() as u64);
                messages.push(message);
                let hash = name_hash(&found.base);
                self.taken.insert(hash);
                cursor.saw(hash, found.dated, changed);
            }
        }
        cursor.trim();
        Ok(Batch { messages, cursor: cursor.write(), more: left > 0 })
    }

    /// Messages of the wave that have not been taken, by the age of their files' names.
    fn unseen(&self, cursor: &Cursor) -> At<Vec<Found>> {
        let oldest = (cursor.since - TimeDelta::days(1)).timestamp();
        let mut unseen = BTreeMap::new();
        for (folder, dir, in_spam) in self.folders()? {
            for sub in ["new", "cur"] {
                let dir = dir.join(sub);
                let entries = match fs::read_dir(&dir) {
                    // A spam folder may come and go; the root must be there.
                    Err(e) if e.kind() == io::ErrorKind::NotFound && !folder.is_empty() => continue,
                    entries => at(&dir, entries)?,
                };
                for entry in entries {
                    let entry = at(&dir, entry)?;
                    let Some(found) = Found::new(&entry, &folder, in_spam) else { continue };
                    if found.dated < oldest || self.is_taken(&found, cursor) {
                        continue;
                    }
                    unseen.insert(found.base.clone(), found);
                }
            }
        }
        Ok(unseen.into_values().collect())
    }

    fn is_taken(&self, found: &Found, cursor: &Cursor) -> bool {
        let hash = name_hash(&found.base);
        if self.taken.contains(&hash) || cursor.has_seen(hash) {
            return true;
        }
        // Old by its name, and there before the last look: taken then.
        cursor.covers(found.dated) && fs::metadata(&found.path).is_ok_and(|m| cursor.was_there(changed_at(&m)))
    }

    /// The Maildir itself, and its spam folders.
    fn folders(&self) -> At<Vec<(String, PathBuf, bool)>> {
        let mut folders = vec![(String::new(), self.root.clone(), false)];
        for entry in at(&self.root, fs::read_dir(&self.root))? {
            let name = at(&self.root, entry)?.file_name().to_string_lossy().into_owned();
            // Maildir++: `.Junk`, or `.INBOX.Junk`.
            let leaf = name.starts_with('.').then(|| name.rsplit('.').next()).flatten();
            if leaf.is_some_and(|leaf| SPAM_NAMES.iter().any(|s| leaf.eq_ignore_ascii_case(s))) {
                let path = self.root.join(&name);
                folders.push((name, path, true));
            }
        }
        folders.sort();
        Ok(folders)
    }

    /// The message and its inode's last change; `None` where it has gone since it was listed.
    fn read(&self, found: &Found) -> At<Option<(RawInbound, i64)>> {
        let Some((path, file)) = found.open()? else { return Ok(None) };
        let metadata = at(&path, file.metadata())?;
        let modified = at(&path, metadata.modified())?;
        let mut bytes = Vec::new();
        at(&path, file.take(self.limits.message_bytes).read_to_end(&mut bytes))?;
        let received = arrival::arrival(found.named_at, &bytes, modified.into(), self.since - TimeDelta::days(1));
        let locator = format!("{}/{}", if found.folder.is_empty() { "INBOX" } else { &found.folder }, found.base);
        let message = RawInbound { locator, format: RawFormat::Mail, bytes, received, in_spam: found.in_spam };
        Ok(Some((message, changed_at(&metadata))))
    }
}

/// When the inode last changed, in seconds: a file that is renamed or moved changes.
#[cfg(unix)]
fn changed_at(file: &fs::Metadata) -> i64 {
    std::os::unix::fs::MetadataExt::ctime(file)
}

/// Where nobody tells, every file may have changed.
#[cfg(not(unix))]
fn changed_at(_: &fs::Metadata) -> i64 {
    i64::MAX
}

impl Found {
    fn new(entry: &fs::DirEntry, folder: &str, in_spam: bool) -> Option<Self> {
        let name = entry.file_name().to_string_lossy().into_owned();
        let base = name.split(":2,").next().unwrap_or(&name).to_owned();
        // Hidden files are programs' notes, not messages.
        if base.is_empty() || base.starts_with('.') || entry.file_type().is_ok_and(|t| t.is_dir()) {
            return None;
        }
        let named_at = arrival::named_at(&base);
        let file_time = || {
            let modified = entry.metadata().and_then(|m| m.modified()).map(DateTime::<Utc>::from);
            modified.map_or(i64::MAX, |at| at.timestamp())
        };
        Some(Self {
            dated: named_at.unwrap_or_else(file_time),
            named_at,
            base,
            path: entry.path(),
            folder: folder.to_owned(),
            in_spam,
        })
    }

    /// Opens the file, which a mail program may have moved or renamed since it was listed.
    fn open(&self) -> At<Option<(PathBuf, fs::File)>> {
        let gone = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
        match fs::File::open(&self.path) {
            Err(e) if gone(&e) => {}
            file => return at(&self.path, file).map(|file| Some((self.path.clone(), file))),
        }
        let Some(cur) = self.path.parent().and_then(Path::parent).map(|dir| dir.join("cur")) else { return Ok(None) };
        for entry in at(&cur, fs::read_dir(&cur))? {
            let entry = at(&cur, entry)?;
            if entry.file_name().to_string_lossy().split(":2,").next() == Some(&self.base) {
                return Ok(fs::File::open(entry.path()).ok().map(|file| (entry.path(), file)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
