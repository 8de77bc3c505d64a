//! Which format a journal has: made new, taken as it is, brought up to date after a copy, or refused.
//!
//! | format | differs from the one before |
//! | --- | --- |
//! | 1 | says its number in the table `meta` only |
//! | 2 | says it in the file's header (`user_version`), beside whose file it is (`application_id`); holds no payload that no event refers to |

use super::JournalError;
use crate::failpoint;
use rand::Rng;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The format that this release writes.
const CURRENT: u32 = 2;

/// `RISP`, where `SQLite` keeps whose file it is.
const APPLICATION: u32 = 0x5249_5350;

/// Payloads lie in the order in which they came. Earlier releases kept them sorted by digest (`WITHOUT ROWID`): every
/// mail then landed on another page, deeper and deeper down. Such a journal is read and written as before.
const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE payloads (digest TEXT PRIMARY KEY, bytes BLOB, sha256 TEXT) STRICT;
    CREATE TRIGGER events_are_not_edited BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
";

/// Format 1 kept what was meant for an event that was never appended.
const FROM_1_TO_2: &str = "
    DELETE FROM payloads WHERE digest NOT IN
        (SELECT j.value FROM events e, json_tree(e.event) j WHERE j.type = 'text' AND length(j.value) = 64);
";

/// Makes the tables where there are none, or brings an older format up to date; returns the wave's salt.
pub(super) fn ready(connection: &mut Connection, path: &Path) -> Result<Vec<u8>, JournalError> {
    let failed = |source| JournalError::Database { path: path.to_owned(), source };
    if found(connection, path)? != Some(CURRENT) {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Nobody else writes from here on; whoever was faster has done it.
        match found(&tx, path)? {
            None => create(&tx).map_err(failed)?,
            Some(CURRENT) => {}
            Some(older) => {
                copy_before(path, older)?;
                failpoint::reach("older format copied");
                tx.execute_batch(FROM_1_TO_2).map_err(failed)?;
                mark(&tx).map_err(failed)?;
            }
        }
        failpoint::reach("format ready");
        tx.commit().map_err(failed)?;
    }
    connection.query_row("SELECT value FROM meta WHERE key = 'salt'", [], |r| r.get(0)).map_err(failed)
}

/// The format of the file; `None` where nothing is in it.
fn found(connection: &Connection, path: &Path) -> Result<Option<u32>, JournalError> {
    let failed = |source| JournalError::Database { path: path.to_owned(), source };
    let header = |name: &str| connection.pragma_query_value(None, name, |r| r.get::<_, u32>(0)).map_err(failed);
    let (application, version) = (header("application_id")?, header("user_version")?);
    let refused = |found: String| JournalError::Format { path: path.to_owned(), found, known: CURRENT };
    match (application, version) {
        (APPLICATION, 2..=CURRENT) => Ok(Some(version)),
        (APPLICATION, newer) => Err(refused(newer.to_string())),
        (0, 0) => found_in_meta(connection).map_err(failed)?.map_or(Ok(None), |word| match word.as_str() {
            "1" => Ok(Some(1)),
            _ => Err(refused(word)),
        }),
        _ => Err(refused("of another program".to_owned())),
    }
}

/// What format 1 says of itself.
fn found_in_meta(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
    if tables == 0 {
        return Ok(None);
    }
    let has_meta = connection.prepare("SELECT value FROM meta WHERE key = 'format'");
    let Ok(mut statement) = has_meta else { return Ok(Some("of another program".to_owned())) };
    let word: Option<Vec<u8>> = statement.query_row([], |r| r.get(0)).optional()?;
    Ok(Some(word.map_or_else(|| "unknown".to_owned(), |w| String::from_utf8_lossy(&w).into_owned())))
}

fn create(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut salt = [0_u8; 32];
    rand::rng().fill_bytes(&mut salt);
    tx.execute_batch(TABLES)?;
    tx.execute("INSERT INTO meta VALUES ('salt', ?1)", [&salt[..]])?;
    mark(tx)
}

/// Says the format where this release looks, and where one that reads format 1 looks, so that it refuses.
fn mark(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", CURRENT)?;
    tx.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?1)", [CURRENT.to_string().into_bytes()]).map(|_| ())
}

/// Keeps the journal as it was, beside it: `journal.format-1.db`. The caller keeps others from writing meanwhile.
fn copy_before(path: &Path, format: u32) -> Result<(), JournalError> {
    let copy = copy_of(path, format);
    let unfinished = copy.with_extension("part");
    let failed = |source| JournalError::File { path: copy.clone(), source };
    if unfinished.exists() {
        fs::remove_file(&unfinished).map_err(failed)?;
    }
    let database = |source| JournalError::Database { path: path.to_owned(), source };
    // Another connection: no copy can be made from within a transaction.
    let reader = Connection::open(path).map_err(database)?;
    reader.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()]).map_err(database)?;
    File::open(&unfinished).and_then(|f| f.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, &copy).map_err(failed)
}

/// Removes the copies that were made before an older format was brought up to date: they hold words too.
pub(super) fn remove_copies(path: &Path) -> Result<(), JournalError> {
    for format in 1..CURRENT {
        let copy = copy_of(path, format);
        match fs::remove_file(&copy) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(JournalError::File { path: copy, source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn copy_of(path: &Path, format: u32) -> PathBuf {
    path.with_extension(format!("format-{format}.db"))
}

#[cfg(test)]
mod tests {
    use super::super::verify::verify;
    use super::super::{Journal, JournalError};
    use rusqlite::Connection;
    use std::path::{Path, PathBuf};

    /// A wave that an earlier release began: a question by hand, its long answer, a company that is left alone.
    fn older() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal-1");
        let evidence = PathBuf::from("evidence/f3");
        std::fs::create_dir_all(folder.path().join(&evidence)).unwrap();
        let large = evidence.join("5af3d21a402abb1e2b6cf73ca18aa46cc0575ffe0a61ee56e3550951f57eee");
        for file in [Path::new("journal.db"), Path::new("plan.json"), &large] {
            std::fs::copy(from.join(file), folder.path().join(file)).unwrap();
        }
        folder
    }

    #[test]
    fn an_older_journal_is_copied_and_then_brought_up_to_date() {
        let folder = older();
        let path = folder.path().join("journal.db");
        let raw = Connection::open(&path).unwrap();
        raw.execute("INSERT INTO payloads (digest, bytes) VALUES ('left over', x'00')", []).unwrap();
        let rows = |file: &Path, table: &str| -> u32 {
            let count = format!("SELECT count(*) FROM {table}");
            Connection::open(file).unwrap().query_row(&count, [], |r| r.get(0)).unwrap()
        };
        let mut journal = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.news().unwrap().len(), 5);
        let found = verify(&journal, folder.path(), None).unwrap();
        assert_eq!((found.damage, found.payloads), (Vec::new(), 3));
        let header = |name: &str| raw.pragma_query_value(None, name, |r| r.get::<_, u32>(0)).unwrap();
        assert_eq!((header("user_version"), header("application_id")), (2, super::APPLICATION));

        let copy = folder.path().join("journal.format-1.db");
        assert_eq!((rows(&copy, "payloads"), rows(&path, "payloads")), (4, 3));
        let copied = std::fs::read(&copy).unwrap();
        drop(journal);
        Journal::open(folder.path()).unwrap();
        assert_eq!(std::fs::read(&copy).unwrap(), copied, "it is done once");

        let at = "2026-12-01T09:00:00Z".parse().unwrap();
        Journal::open(folder.path()).unwrap().purge(at).unwrap();
        assert!(!copy.exists(), "the copy holds words too");
    }

    #[test]
    fn a_newer_journal_and_a_stranger_s_database_are_refused_and_not_touched() {
        for (change, said) in [
            ("PRAGMA user_version = 3", "has format 3"),
            ("PRAGMA application_id = 7", "has format of another program"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            drop(Journal::open(folder.path()).unwrap());
            let path = folder.path().join("journal.db");
            Connection::open(&path).unwrap().execute_batch(change).unwrap();
            let before = std::fs::read(&path).unwrap();
            let error = Journal::open(folder.path()).unwrap_err();
            assert!(matches!(error, JournalError::Format { .. }), "{error:?}");
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), before);
        }
        let folder = older();
        let raw = Connection::open(folder.path().join("journal.db")).unwrap();
        raw.execute("UPDATE meta SET value = CAST('9' AS BLOB) WHERE key = 'format'", []).unwrap();
        let error = Journal::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("has format 9, this release reads formats up to 2"), "{error}");
    }
}
