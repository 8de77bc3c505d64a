//! Events and payloads in one `SQLite` file a wave.

use super::chain::{self, Hash};
use super::{JournalError, evidence};
use crate::model::event::{Entry, Event};
use crate::model::outcome::Payload;
use crate::threads::Threads;
use chrono::{DateTime, SecondsFormat, Utc};
use rand::Rng;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Version of the database's tables.
const FORMAT: u32 = 1;

/// Payloads up to this many bytes lie in the database, larger ones in `evidence/`.
const INLINE_BYTES_MAX: usize = 16 * 1024;

const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE payloads (digest TEXT PRIMARY KEY, bytes BLOB, sha256 TEXT) STRICT, WITHOUT ROWID;
    CREATE TRIGGER events_are_not_edited BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
";

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
    staged: HashMap<String, Vec<u8>>,
}

impl Journal {
    /// Creates the journal in a wave's folder, or opens the one that is there.
    ///
    /// # Errors
    /// When the file cannot be made, or is of another format.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join("journal.db");
        let failed = |source| JournalError::Database { path: path.clone(), source };
        let mut connection = Connection::open(&path).map_err(failed)?;
        connection.busy_timeout(Duration::from_secs(20)).map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let salt = create_or_check(&tx, &path)?;
        tx.commit().map_err(failed)?;
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
        let bytes = bytes.into();
        let digest = chain::payload_digest(&self.salt, &bytes);
        self.staged.insert(digest.clone(), bytes);
        Payload(digest)
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
        if let Some(bytes) = self.staged.get(&payload.0) {
            return Ok(Some(bytes.clone()));
        }
        let row: Option<(Option<Vec<u8>>, Option<String>)> = self
            .connection
            .prepare_cached("SELECT bytes, sha256 FROM payloads WHERE digest = ?1")
            .and_then(|mut s| s.query_row([&payload.0], |r| Ok((r.get(0)?, r.get(1)?))).optional())
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
        let path = self.path.clone();
        let failed = |source| JournalError::Database { path: path.clone(), source };
        let mut entries = parse(some_rows_after(&self.connection, self.seen, BATCH).map_err(failed)?)?;
        if let Some(last) = entries.last().filter(|_| entries.len() == BATCH) {
            let batches = Batches { connection: &mut self.connection, seen: last.seq };
            let mut problem = Ok(());
            Threads::available().fold(
                batches,
                |rows| parse(rows.map_err(failed)?),
                |read| match read {
                    Ok(more) => entries.extend(more),
                    Err(error) => problem = std::mem::replace(&mut problem, Ok(())).and(Err(error)),
                },
            );
            problem?;
        }
        self.seen = entries.last().map_or(self.seen, |e| e.seq);
        Ok(entries)
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
        let staged = std::mem::take(&mut self.staged);
        let result = self.try_commit(at, events, only_if_current, &staged);
        if !matches!(result, Ok(Some(_))) {
            self.staged = staged;
        }
        result
    }

    fn try_commit(
        &mut self,
        at: DateTime<Utc>,
        events: &[Event],
        only_if_current: bool,
        staged: &HashMap<String, Vec<u8>>,
    ) -> Result<Option<Vec<Entry>>, JournalError> {
        let path = self.path.clone();
        let failed = |source| JournalError::Database { path: path.clone(), source };
        let mut files = HashMap::new();
        for (digest, bytes) in staged.iter().filter(|(_, b)| b.len() > INLINE_BYTES_MAX) {
            files.insert(digest, evidence::write(&self.evidence, bytes)?);
        }
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let (others, mut last) = read_after(&tx, self.seen).map_err(failed)?;
        if only_if_current && !others.is_empty() {
            return Ok(None);
        }
        let mut entries = parse(others)?;
        for (digest, bytes) in staged {
            let sha256 = files.get(digest);
            let inline = sha256.is_none().then_some(bytes);
            tx.prepare_cached("INSERT OR IGNORE INTO payloads (digest, bytes, sha256) VALUES (?1, ?2, ?3)")
                .and_then(|mut s| s.execute(params![digest, inline, sha256]))
                .map_err(failed)?;
        }
        let mut seq = entries.last().map_or(self.seen, |e| e.seq);
        for event in events {
            seq += 1;
            last = insert(&tx, seq, at, event, &last).map_err(failed)?;
            entries.push(Entry { seq, at, event: event.clone() });
        }
        tx.commit().map_err(failed)?;
        self.seen = seq;
        Ok(Some(entries))
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
    /// When the store cannot be written.
    pub fn purge(&mut self, at: DateTime<Utc>) -> Result<u64, JournalError> {
        let count: u64 =
            self.connection.query_row("SELECT count(*) FROM payloads", [], |r| r.get(0)).map_err(|e| self.failed(e))?;
        self.append(at, &[Event::Purged { payloads: count }])?;
        let erase = "PRAGMA secure_delete = ON; BEGIN IMMEDIATE; DELETE FROM payloads;
            UPDATE meta SET value = randomblob(32) WHERE key = 'salt'; COMMIT; VACUUM;
            PRAGMA wal_checkpoint(TRUNCATE);";
        self.connection.execute_batch(erase).map_err(|e| self.failed(e))?;
        let salt = self.connection.query_row("SELECT value FROM meta WHERE key = 'salt'", [], |r| r.get(0));
        self.salt = salt.map_err(|e| self.failed(e))?;
        match std::fs::remove_dir_all(&self.evidence) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(JournalError::File { path: self.evidence.clone(), source: e })
            }
            _ => Ok(count),
        }
    }

    /// Writes a consistent copy of the database to `target`, while others may be writing.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<(), JournalError> {
        let target = target.to_string_lossy();
        self.connection.execute("VACUUM INTO ?1", [target.as_ref()]).map_err(|e| self.failed(e)).map(|_| ())
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

/// Makes the tables where there are none; returns the wave's salt.
fn create_or_check(tx: &Transaction<'_>, path: &Path) -> Result<Vec<u8>, JournalError> {
    let failed = |source| JournalError::Database { path: path.to_owned(), source };
    let exists = tx.prepare("SELECT 1 FROM meta").is_ok();
    if !exists {
        let mut salt = [0_u8; 32];
        rand::rng().fill_bytes(&mut salt);
        tx.execute_batch(TABLES).map_err(failed)?;
        tx.execute("INSERT INTO meta VALUES ('format', ?1)", [FORMAT.to_string().into_bytes()]).map_err(failed)?;
        tx.execute("INSERT INTO meta VALUES ('salt', ?1)", [&salt[..]]).map_err(failed)?;
    }
    let meta = |key: &str| -> Result<Vec<u8>, JournalError> {
        tx.query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0)).map_err(failed)
    };
    let format = String::from_utf8_lossy(&meta("format")?).into_owned();
    if format != FORMAT.to_string() {
        return Err(JournalError::Format { found: format, known: FORMAT });
    }
    meta("salt")
}

/// An event as it lies in the database.
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) at: String,
    pub(super) event: String,
    pub(super) hash: Vec<u8>,
}

/// Rows that are read, and then parsed, together: a large wave's do not lie in memory twice.
const BATCH: usize = 4_096;

/// The rows after number `seen`, in batches.
struct Batches<'j> {
    connection: &'j mut Connection,
    seen: u64,
}

impl Iterator for Batches<'_> {
    type Item = rusqlite::Result<Vec<Row>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = some_rows_after(self.connection, self.seen, BATCH);
        if let Ok(rows) = &rows {
            self.seen = rows.last()?.seq;
        } else {
            // What cannot be read is said once.
            self.seen = u64::MAX >> 1;
        }
        Some(rows)
    }
}

/// The rows after number `seen`, and the hash of the last one of all.
fn read_after(connection: &Connection, seen: u64) -> rusqlite::Result<(Vec<Row>, Hash)> {
    let rows = rows_after(connection, seen)?;
    let (_, hash) = last_hash(connection)?;
    Ok((rows, hash))
}

pub(super) fn rows_after(connection: &Connection, seen: u64) -> rusqlite::Result<Vec<Row>> {
    const ALL: usize = i32::MAX as usize;
    some_rows_after(connection, seen, ALL)
}

fn some_rows_after(connection: &Connection, seen: u64, at_most: usize) -> rusqlite::Result<Vec<Row>> {
    let mut statement =
        connection.prepare_cached("SELECT seq, at, event, hash FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let rows = statement.query_map(params![seen, at_most], |r| {
        Ok(Row { seq: r.get(0)?, at: r.get(1)?, event: r.get(2)?, hash: r.get(3)? })
    })?;
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
    let unreadable = |why: String| JournalError::Unreadable { seq: row.seq, why };
    let event = serde_json::from_str(&row.event).map_err(|e| unreadable(e.to_string()))?;
    let at = DateTime::parse_from_rfc3339(&row.at).map_err(|e| unreadable(e.to_string()))?;
    Ok(Entry { seq: row.seq, at: at.with_timezone(&Utc), event })
}

fn insert(tx: &Transaction<'_>, seq: u64, at: DateTime<Utc>, event: &Event, before: &Hash) -> rusqlite::Result<Hash> {
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let json = serde_json::to_string(event).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let hash = chain::link(before, seq, &at, &json);
    tx.prepare_cached("INSERT INTO events (seq, at, event, hash) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        seq,
        at,
        json,
        &hash[..]
    ])?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::super::verify::verify;
    use super::*;
    use crate::model::ids::{AccountId, CompanyId};

    fn at() -> DateTime<Utc> {
        "2026-03-01T09:00:00Z".parse().unwrap()
    }

    fn opened(folder: &Path) -> Event {
        std::fs::write(folder.join("plan.json"), "{}").unwrap();
        Event::WaveOpened {
            study: "s".parse().unwrap(),
            wave: "w".parse().unwrap(),
            plan_sha256: chain::sha256_hex(b"{}"),
            risposta: "0".into(),
            simulated: false,
        }
    }

    fn stop(journal: &mut Journal, company: &str, why: &str) -> Event {
        let company: CompanyId = company.parse().unwrap();
        Event::Stopped { company, why: journal.keep(why.as_bytes()) }
    }

    #[test]
    fn a_second_handle_sees_what_the_first_wrote_and_goes_on_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Journal::open(folder.path()).unwrap();
        first.append(at(), &[opened(folder.path())]).unwrap();
        let mut second = Journal::open(folder.path()).unwrap();
        let event = stop(&mut second, "a", "asked us to");
        let entries = second.append(at(), &[event]).unwrap();
        assert_eq!(entries.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2]);

        let event = stop(&mut first, "b", "too");
        assert_eq!(first.append_if_current(at(), std::slice::from_ref(&event)).unwrap(), None);
        assert_eq!(first.news().unwrap().len(), 1);
        assert_eq!(first.append_if_current(at(), &[event]).unwrap().unwrap().len(), 1);
        assert_eq!(verify(&first, folder.path(), None).unwrap().damage, Vec::<String>::new());
    }

    #[test]
    fn payloads_come_back_small_and_large_and_go_with_a_purge_while_the_chain_holds() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let large = vec![b'x'; INLINE_BYTES_MAX + 1];
        let source: AccountId = "main".parse().unwrap();
        let (small_one, large_one) = (journal.keep("perché?"), journal.keep(large.clone()));
        let event = Event::SourceFailed { source: source.clone(), why: small_one.clone() };
        let other = Event::SourceFailed { source, why: large_one.clone() };
        journal.append(at(), &[opened(folder.path()), event, other]).unwrap();
        let mut again = Journal::open(folder.path()).unwrap();
        assert_eq!(again.text(&small_one).unwrap().as_deref(), Some("perché?"));
        assert_eq!(again.bytes(&large_one).unwrap(), Some(large));
        assert_eq!(verify(&again, folder.path(), None).unwrap().payloads, 2);

        assert_eq!(again.purge(at()).unwrap(), 2);
        assert_eq!(again.text(&small_one).unwrap(), None);
        let found = verify(&again, folder.path(), None).unwrap();
        assert!(found.purged && found.damage.is_empty(), "{found:?}");
        let file = std::fs::read(folder.path().join("journal.db")).unwrap();
        assert!(!String::from_utf8_lossy(&file).contains("perché?"));

        let event = stop(&mut again, "a", "no");
        again.append(at(), std::slice::from_ref(&event)).unwrap();
        let later = Journal::open(folder.path()).unwrap();
        let Event::Stopped { why, .. } = event else { panic!("{event:?}") };
        assert_eq!(later.text(&why).unwrap().as_deref(), Some("no"));
        assert_ne!(why.0, chain::sha256_hex(b"no"), "what is kept after a purge is salted too");
        assert_eq!(verify(&later, folder.path(), None).unwrap().damage, Vec::<String>::new());
    }

    #[test]
    fn accidents_and_deliberate_changes_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let event = stop(&mut journal, "a", "first");
        journal.append(at(), &[opened(folder.path()), event]).unwrap();
        let published = hex::encode(journal.root().unwrap().1);
        let event = stop(&mut journal, "b", "second");
        journal.append(at(), &[event]).unwrap();
        let found = verify(&journal, folder.path(), Some(&published)).unwrap();
        assert_eq!((found.published_up_to, found.damage.len()), (Some(2), 0));

        let raw = Connection::open(folder.path().join("journal.db")).unwrap();
        assert!(raw.execute("DELETE FROM events", []).is_err(), "the journal is append-only");
        raw.execute_batch("DROP TRIGGER events_are_not_edited").unwrap();
        raw.execute("UPDATE events SET event = replace(event, '\"a\"', '\"c\"') WHERE seq = 2", []).unwrap();
        raw.execute("UPDATE payloads SET bytes = CAST('other' AS BLOB) WHERE bytes = CAST('second' AS BLOB)", [])
            .unwrap();
        let found = verify(&journal, folder.path(), Some(&published)).unwrap();
        assert_eq!(found.damage.len(), 3, "the event, the published root, the payload: {:?}", found.damage);

        // Somebody who rewrites the whole chain is found by the published root alone.
        let folder = folder.path().join("forged");
        std::fs::create_dir(&folder).unwrap();
        let mut forged = Journal::open(&folder).unwrap();
        let event = stop(&mut forged, "c", "first");
        forged.append(at(), &[opened(&folder), event]).unwrap();
        assert!(verify(&forged, &folder, None).unwrap().damage.is_empty());
        assert!(!verify(&forged, &folder, Some(&published)).unwrap().damage.is_empty());
    }
}
