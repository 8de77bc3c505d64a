//! What lies in a Maildir, what of it is new, and the bytes of what is.

use super::Limits;
use super::arrival;
use super::cursor::{Cursor, name_hash};
use crate::model::inbound::{RawFormat, RawInbound};
use crate::sources::Batch;
use crate::sources::spam::is_spam_folder;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a look needs, apart from the account.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    pub(super) root: PathBuf,
    pub(super) since: DateTime<Utc>,
    pub(super) limits: Limits,
    /// Hashes of all messages of the wave that this process has taken.
    pub(super) taken: HashSet<u64>,
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

/// An error and where it came up.
pub(super) type At<T> = Result<T, (PathBuf, io::Error)>;

fn at<T>(path: &Path, result: io::Result<T>) -> At<T> {
    result.map_err(|e| (path.to_owned(), e))
}

impl Shelf {
    /// The next batch behind the cursor, oldest first.
    pub(super) fn look(&mut self, mut cursor: Cursor) -> At<Batch> {
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
        Ok(Batch { messages, cursor: cursor.write(), more: left > 0, missed: None })
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
            if leaf.is_some_and(is_spam_folder) {
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
        let message =
            RawInbound { locator, format: RawFormat::Mail, bytes: bytes.into(), received, in_spam: found.in_spam };
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
mod tests {
    use super::*;
    use crate::model::study::{AliasKind, Inbox, Mailbox};
    use crate::sources::Source;
    use crate::sources::maildir::MaildirSource;
    use std::time::SystemTime;
    use tempfile::TempDir;

    const SINCE: &str = "2026-03-01T09:00:00Z";

    /// A Maildir with nothing in it.
    fn maildir() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["", ".Junk", ".Sent"] {
            for sub in ["new", "cur", "tmp"] {
                fs::create_dir_all(dir.path().join(folder).join(sub)).unwrap();
            }
        }
        dir
    }

    fn source(dir: &TempDir) -> MaildirSource {
        let mailbox = Mailbox {
            id: "enrico".parse().unwrap(),
            address: "enrico@riva.example".to_owned(),
            alias: AliasKind::None,
            smtp: None,
            inbox: Inbox::Maildir { path: dir.path().to_string_lossy().into_owned() },
            user: "enrico".to_owned(),
            password: None,
            ca_file: None,
            copy: false,
        };
        MaildirSource::new(&mailbox, SINCE.parse().unwrap()).unwrap()
    }

    /// Puts a message into a folder, delivered `days` after the start of the wave.
    fn deliver(dir: &TempDir, folder: &str, days: i64, name: &str) -> PathBuf {
        let at = SINCE.parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(days);
        let path = dir.path().join(folder).join(format!("{}.{name}.host", at.timestamp()));
        fs::write(&path, format!("Subject: {name}\r\n\r\n")).unwrap();
        path
    }

    fn subjects(batch: &Batch) -> Vec<String> {
        let subject = |m: &RawInbound| String::from_utf8_lossy(&m.bytes).trim().replace("Subject: ", "");
        batch.messages.iter().map(subject).collect()
    }

    #[tokio::test]
    async fn what_is_new_comes_once_and_what_is_old_is_not_read() {
        let dir = maildir();
        let old = deliver(&dir, "cur", -30, "old");
        deliver(&dir, "new", 2, "reply");
        deliver(&dir, ".Junk/new", 1, "spam");
        deliver(&dir, ".Sent/new", 1, "sent");
        // A link that leads nowhere stands for a file that must not be opened.
        fs::remove_file(&old).unwrap();
        std::os::unix::fs::symlink("/nonexistent", &old).unwrap();
        let first = source(&dir).fetch(None).await.unwrap();
        assert_eq!(subjects(&first), ["spam", "reply"]);
        assert_eq!(first.messages.iter().map(|m| m.in_spam).collect::<Vec<_>>(), [true, false]);
        assert_eq!(first.messages[1].received.at.to_rfc3339(), "2026-03-03T09:00:00+00:00");

        // Reading a message renames it; its name up to the flags stays.
        let reply = fs::read_dir(dir.path().join("new")).unwrap().next().unwrap().unwrap();
        let read = dir.path().join("cur").join(format!("{}:2,S", reply.file_name().to_string_lossy()));
        fs::rename(reply.path(), read).unwrap();
        let second = source(&dir).fetch(Some(&first.cursor)).await.unwrap();
        assert_eq!((subjects(&second), second.more), (Vec::new(), false));
        deliver(&dir, "new", 3, "another");
        assert_eq!(subjects(&source(&dir).fetch(Some(&second.cursor)).await.unwrap()), ["another"]);
    }

    #[tokio::test]
    async fn thousands_come_in_batches_each_once() {
        let dir = maildir();
        for n in 0..1_300 {
            deliver(&dir, "new", n / 50, &format!("n{n}"));
        }
        let (mut cursor, mut seen, mut batches) = (None, HashSet::new(), 0);
        let mut running = source(&dir);
        loop {
            let batch = running.fetch(cursor.as_deref()).await.unwrap();
            assert!(batch.messages.len() <= 200 && batch.cursor.len() < 40_000);
            for subject in subjects(&batch) {
                assert!(seen.insert(subject), "twice");
            }
            batches += 1;
            cursor = Some(batch.cursor);
            if !batch.more {
                break;
            }
        }
        assert_eq!((seen.len(), batches), (1_300, 7));
        // Delivered long ago by its name, moved in just now.
        deliver(&dir, "new", 1, "moved in late");
        let late = running.fetch(cursor.as_deref()).await.unwrap();
        assert_eq!(subjects(&late), ["moved in late"]);
    }

    #[tokio::test]
    async fn the_time_kept_by_a_copying_program_is_the_arrival() {
        let dir = maildir();
        let copied = deliver(&dir, "new", 9, "copied");
        let true_time: DateTime<Utc> = "2026-03-04T08:00:00Z".parse().unwrap();
        fs::File::options().write(true).open(copied).unwrap().set_modified(SystemTime::from(true_time)).unwrap();
        let batch = source(&dir).fetch(None).await.unwrap();
        assert_eq!(batch.messages[0].received, crate::model::time::Stamp::server(true_time));
    }

    #[tokio::test]
    async fn a_folder_that_is_no_maildir_is_an_error_with_advice() {
        let dir = tempfile::tempdir().unwrap();
        let error = source(&dir).fetch(None).await.unwrap_err();
        assert!(error.what.contains("enrico") && error.help.contains("`maildir`"), "{error:?}");
    }
}
