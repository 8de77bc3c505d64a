//! Events and payloads in one `SQLite` file a wave.

use super::chain::{self, Hash};
use super::{JournalError, evidence, format, read};
use crate::failpoint;
use crate::model::event::{Entry, Event};
use crate::model::outcome::Payload;
use crate::model::words::Words;
use crate::threads;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Payloads up to this many bytes lie in the database, larger ones in `evidence/`.
const INLINE_BYTES_MAX: usize = 16 * 1024;

/// How long another process that appends is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Memory for pages of the database.
const CACHE_KIBIBYTES: i32 = 8 * 1024;

/// After so many pages (of 4 KiB) what was appended is moved into the database itself.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Knows what bytes are called in a wave, whether they are kept or not.
#[derive(Debug, Clone, Copy)]
pub struct Namer<'j> {
    salt: &'j [u8],
}

impl Namer<'_> {
    /// The name of bytes: their salted digest.
    #[must_use]
    pub fn name(self, bytes: &[u8]) -> Payload {
        chain::payload_digest(self.salt, bytes)
    }
}

/// An open journal. Several processes may append: each append sees all that came before.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    evidence: PathBuf,
    salt: Vec<u8>,
    /// Number of the last event that this handle has seen.
    seen: u64,
    /// Payloads kept since the last append, durable with the next one.
    staged: HashMap<Payload, Bytes>,
}

impl Journal {
    /// Creates the journal in a wave's folder, or opens the one that is there.
    ///
    /// # Errors
    /// When the file cannot be made, or is of another format.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join("journal.db");
        let failed = |source| JournalError::Database { path: path.clone(), source };
        let opened = open_to_append(&path);
        let mut connection = match opened {
            Err(e) if cannot_be_written(&e) && is_at_rest(&path) => open_to_read(&path).map_err(failed)?,
            opened => opened.map_err(failed)?,
        };
        let salt = format::ready(&mut connection, &path)?;
        Ok(Self { connection, evidence: folder.join("evidence"), salt, seen: 0, staged: HashMap::new(), path })
    }

    /// From here on commits need not survive a power cut: for rehearsals, which can be done again.
    ///
    /// # Errors
    /// When the store cannot be set so.
    pub fn relax(&mut self) -> Result<(), JournalError> {
        self.connection.pragma_update(None, "synchronous", "OFF").map_err(|e| self.failed(e))
    }

    /// Keeps bytes: they are durable with the next append. The same bytes get the same payload.
    pub fn keep(&mut self, bytes: impl Into<Vec<u8>>) -> Payload {
        let bytes = Bytes::from(bytes.into());
        let payload = self.namer().name(&bytes);
        self.keep_named(payload.clone(), bytes);
        payload
    }

    /// The same, where their [name](Namer) is known already.
    pub fn keep_named(&mut self, payload: Payload, bytes: Bytes) {
        self.staged.insert(payload, bytes);
    }

    /// What gives bytes their names, on any thread.
    #[must_use]
    pub fn namer(&self) -> Namer<'_> {
        Namer { salt: &self.salt }
    }

    /// Takes over what another handle of the same wave has kept and not appended yet.
    pub fn keep_all_of(&mut self, other: &mut Self) {
        self.staged.extend(std::mem::take(&mut other.staged));
    }

    /// A payload's bytes, or `None` where they were purged.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn bytes(&self, payload: &Payload) -> Result<Option<Vec<u8>>, JournalError> {
        if let Some(bytes) = self.staged.get(payload) {
            return Ok(Some(bytes.to_vec()));
        }
        let row: Option<(Option<Vec<u8>>, Option<String>)> = self
            .connection
            .prepare_cached("SELECT bytes, sha256 FROM payloads WHERE digest = ?1")
            .and_then(|mut s| s.query_row([payload.to_string()], |r| Ok((r.get(0)?, r.get(1)?))).optional())
            .map_err(|e| self.failed(e))?;
        match row {
            Some((Some(bytes), _)) => Ok(Some(bytes)),
            Some((None, Some(sha256))) => evidence::read(&self.evidence, &sha256),
            _ => Ok(None),
        }
    }

    /// A payload as text, or `None` where it was purged.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn text(&self, payload: &Payload) -> Result<Option<String>, JournalError> {
        Ok(self.bytes(payload)?.map(|b| String::from_utf8_lossy(&b).into_owned()))
    }

    /// The events that this handle has not seen yet, by whomever they were appended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn news(&mut self) -> Result<Vec<Entry>, JournalError> {
        let mut entries = Vec::new();
        self.each_new(Words::Kept, |entry| entries.push(entry))?;
        Ok(entries)
    }

    /// Gives the same to `take`, one by one and in order: a large wave's are never in memory all at once.
    ///
    /// # Errors
    /// When the store cannot be read: then what was taken is to be given up.
    pub fn each_new(&mut self, words: Words, mut take: impl FnMut(Entry)) -> Result<(), JournalError> {
        let seen = read::each_after(&mut self.connection, self.seen, words, &mut take);
        self.seen = seen.map_err(|problem| problem.of(&self.path))?;
        Ok(())
    }

    /// Appends events durably, all or none, and returns all that this handle had not seen,
    /// the new ones last.
    ///
    /// # Errors
    /// When the store cannot be written: then nothing was appended.
    pub fn append(&mut self, at: DateTime<Utc>, events: &[Event]) -> Result<Vec<Entry>, JournalError> {
        let entries = self.commit(at, events, false)?;
        Ok(entries.unwrap_or_default())
    }

    /// Appends only if nobody else has appended since this handle last looked; `None` otherwise,
    /// and the caller decides again on what [`Self::news`] says.
    ///
    /// # Errors
    /// When the store cannot be written: then nothing was appended.
    pub fn append_if_current(
        &mut self,
        at: DateTime<Utc>,
        events: &[Event],
    ) -> Result<Option<Vec<Entry>>, JournalError> {
        self.commit(at, events, true)
    }

    fn commit(
        &mut self,
        at: DateTime<Utc>,
        events: &[Event],
        only_if_current: bool,
    ) -> Result<Option<Vec<Entry>>, JournalError> {
        let mut staged = std::mem::take(&mut self.staged);
        let result = self.try_commit(at, events, only_if_current, &staged);
        if let Ok(Some(committed)) = &result {
            // What no event refers to yet may belong to one that is still to come.
            staged.retain(|payload, _| !committed.named.contains(payload));
        }
        self.staged = staged;
        Ok(result?.map(|committed| committed.entries))
    }

    fn try_commit(
        &mut self,
        at: DateTime<Utc>,
        events: &[Event],
        only_if_current: bool,
        staged: &HashMap<Payload, Bytes>,
    ) -> Result<Option<Committed>, JournalError> {
        let path = self.path.clone();
        let failed = |source| JournalError::Database { path: path.clone(), source };
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let (others, mut last) = read_after(&tx, self.seen).map_err(failed)?;
        if only_if_current && !others.is_empty() {
            return Ok(None);
        }
        let mut entries = parse(others)?;
        let mut seq = entries.last().map_or(self.seen, |e| e.seq);
        let mut named = HashSet::new();
        for event in events {
            seq += 1;
            let (hash, json) = insert(&tx, seq, at, event, &last).map_err(failed)?;
            last = hash;
            named.extend(digests_in(&json));
            entries.push(Entry { seq, at, event: event.clone() });
        }
        let to_store: Vec<_> = staged.iter().filter(|(payload, _)| named.contains(*payload)).collect();
        if !to_store.is_empty() && salt(&tx).map_err(failed)? != self.salt {
            return Err(JournalError::Purged);
        }
        let (inline, large): (Vec<_>, Vec<_>) =
            to_store.into_iter().partition(|(_, bytes)| bytes.len() <= INLINE_BYTES_MAX);
        // Files are written while we alone may write: who clears away what nothing refers to waits for us.
        let write = || evidence::write(&self.evidence, large.iter().map(|(_, bytes)| bytes.as_ref()));
        let rows = || inline.iter().try_for_each(|(payload, bytes)| insert_payload(&tx, payload, Some(bytes), None));
        // The disk takes its time with files: rows are inserted meanwhile.
        let (hashes, inserted) = if large.is_empty() { (Ok(Vec::new()), rows()) } else { threads::both(write, rows) };
        inserted.map_err(failed)?;
        for ((payload, _), sha256) in large.iter().zip(hashes?) {
            insert_payload(&tx, payload, None, Some(&sha256)).map_err(failed)?;
        }
        failpoint::reach_each("before", events);
        tx.commit().map_err(failed)?;
        failpoint::reach_each("after", events);
        self.seen = seq;
        Ok(Some(Committed { entries, named }))
    }

    /// The last hash of the chain and the number of its event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn root(&self) -> Result<(u64, Hash), JournalError> {
        last_hash(&self.connection).map_err(|e| self.failed(e))
    }

    /// Erases every payload and the salt of their digests. The events stay. What is kept later gets
    /// a new salt: without one a short text could be guessed from its digest.
    ///
    /// # Errors
    /// When the store cannot be written. Where it ends half-way, what is left refers to nothing: it can be done again.
    pub fn purge(&mut self, at: DateTime<Utc>) -> Result<u64, JournalError> {
        let path = self.path.clone();
        let failed = |source| JournalError::Database { path: path.clone(), source };
        self.connection.pragma_update(None, "secure_delete", "ON").map_err(failed)?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let payloads = tx.query_row("SELECT count(*) FROM payloads", [], |r| r.get(0)).map_err(failed)?;
        let (seq, last) = last_hash(&tx).map_err(failed)?;
        let event = [Event::Purged { payloads }];
        insert(&tx, seq + 1, at, &event[0], &last).map_err(failed)?;
        let erase = "DELETE FROM payloads; UPDATE meta SET value = randomblob(32) WHERE key = 'salt';";
        tx.execute_batch(erase).map_err(failed)?;
        failpoint::reach_each("before", &event);
        tx.commit().map_err(failed)?;
        failpoint::reach_each("after", &event);
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").map_err(failed)?;
        self.salt = salt(&self.connection).map_err(failed)?;
        format::remove_copies(&self.path)?;
        evidence::remove_all(&self.evidence)?;
        Ok(payloads)
    }

    /// Removes what a process left in `evidence/` that ended before it could append the event: files that nothing
    /// refers to. Returns how many.
    ///
    /// # Errors
    /// When the store cannot be read or the files not removed.
    pub fn clear_leftovers(&mut self) -> Result<usize, JournalError> {
        let path = self.path.clone();
        let failed = |source| JournalError::Database { path: path.clone(), source };
        // Files are written under this lock: what has no row now will not get one.
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let known = evidence_names(&tx).map_err(failed)?;
        let left: Vec<_> = evidence::files(&self.evidence)?.into_iter().filter(|f| !known.contains(&f.name)).collect();
        left.iter().try_for_each(evidence::remove)?;
        Ok(left.len())
    }

    /// What makes the wave itself and no other: the hash of its first event. A copy of it has the same.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn identity(&self) -> Result<Option<Hash>, JournalError> {
        self.connection
            .query_row("SELECT hash FROM events WHERE seq = 1", [], |r| r.get(0))
            .optional()
            .map_err(|e| self.failed(e))
    }

    /// Writes a consistent copy of the database to `target`, while others may be writing.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<(), JournalError> {
        let target = target.to_string_lossy();
        self.connection.execute("VACUUM INTO ?1", [target.as_ref()]).map_err(|e| self.failed(e)).map(|_| ())
    }

    /// Returns when whoever is appending now has ended.
    pub(super) fn wait_for_writers(&self) -> Result<(), JournalError> {
        self.connection.execute_batch("BEGIN IMMEDIATE; COMMIT").map_err(|e| self.failed(e))
    }

    /// Does something while nobody appends; where nobody could anyway, as on a medium that cannot be written, at once.
    pub(super) fn while_nobody_appends<T>(
        &mut self,
        work: impl FnOnce() -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let path = self.path.clone();
        match self.connection.transaction_with_behavior(TransactionBehavior::Immediate) {
            Err(e) if !cannot_be_written(&e) => Err(JournalError::Database { path, source: e }),
            _lock => work(),
        }
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(super) fn evidence_folder(&self) -> &Path {
        &self.evidence
    }

    pub(super) fn failed(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Database { path: self.path.clone(), source }
    }
}

/// What was appended.
struct Committed {
    /// All that the handle had not seen, the new ones last.
    entries: Vec<Entry>,
    /// The digests that the new ones name.
    named: HashSet<Payload>,
}

fn open_to_append(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    // Nobody who appends waits for one who reads, or the other way round.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Digests fall anywhere in their index: what of it is not in memory is read and written over and over.
    connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

/// On a medium that cannot be written, where nobody writes: what is kept there can be read and verified.
fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)
}

fn cannot_be_written(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// Whether all that was appended lies in the file itself: a process that ends in peace leaves it so.
fn is_at_rest(path: &Path) -> bool {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    path.is_file() && Path::new(&beside).metadata().map_or(true, |wal| wal.len() == 0)
}

/// An event as it lies in the database.
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) at: String,
    pub(super) event: String,
    pub(super) hash: Vec<u8>,
}

/// The rows after number `seen`, and the hash of the last one of all.
fn read_after(connection: &Connection, seen: u64) -> rusqlite::Result<(Vec<Row>, Hash)> {
    let rows = rows_after(connection, seen)?;
    let (_, hash) = last_hash(connection)?;
    Ok((rows, hash))
}

pub(super) fn rows_after(connection: &Connection, seen: u64) -> rusqlite::Result<Vec<Row>> {
    let mut statement =
        connection.prepare_cached("SELECT seq, at, event, hash FROM events WHERE seq > ?1 ORDER BY seq")?;
    let rows = statement
        .query_map(params![seen], |r| Ok(Row { seq: r.get(0)?, at: r.get(1)?, event: r.get(2)?, hash: r.get(3)? }))?;
    rows.collect()
}

fn last_hash(connection: &Connection) -> rusqlite::Result<(u64, Hash)> {
    let last = connection
        .prepare_cached("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")?
        .query_row([], |r| Ok((r.get(0)?, r.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    Ok(last.unwrap_or_else(|| (0, chain::genesis())))
}

fn parse(rows: Vec<Row>) -> Result<Vec<Entry>, JournalError> {
    rows.into_iter().map(|row| parse_row(&row)).collect()
}

pub(super) fn parse_row(row: &Row) -> Result<Entry, JournalError> {
    read::entry(row.seq, &row.at, &row.event, Words::Kept)
}

/// Inserts an event; gives its hash and its JSON.
fn insert(
    tx: &Transaction<'_>,
    seq: u64,
    at: DateTime<Utc>,
    event: &Event,
    before: &Hash,
) -> rusqlite::Result<(Hash, String)> {
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let json = serde_json::to_string(event).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let hash = chain::link(before, seq, &at, &json);
    tx.prepare_cached("INSERT INTO events (seq, at, event, hash) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        seq,
        at,
        json,
        &hash[..]
    ])?;
    Ok((hash, json))
}

/// Inserts a payload that lies in the row, or in the file of that SHA-256.
fn insert_payload(
    tx: &Transaction<'_>,
    payload: &Payload,
    bytes: Option<&[u8]>,
    sha256: Option<&str>,
) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO payloads (digest, bytes, sha256) VALUES (?1, ?2, ?3)")?
        .execute(params![payload.to_string(), bytes, sha256])
        .map(|_| ())
}

/// The texts in an event's JSON that may be digests: those of 64 characters.
fn digests_in(json: &str) -> impl Iterator<Item = Payload> {
    json.split('"').filter(|text| text.len() == 64).filter_map(|text| text.parse().ok())
}

fn salt(connection: &Connection) -> rusqlite::Result<Vec<u8>> {
    connection.query_row("SELECT value FROM meta WHERE key = 'salt'", [], |r| r.get(0))
}

/// The names of all files in `evidence/` that payloads lie in.
pub(super) fn evidence_names(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut statement = connection.prepare("SELECT sha256 FROM payloads WHERE sha256 IS NOT NULL")?;
    statement.query_map([], |r| r.get(0))?.collect()
}

#[cfg(test)]
mod tests;
