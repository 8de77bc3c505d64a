//! One holder: who runs a wave, and since when.

use super::JournalError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Who holds a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Since when, by its clock.
    pub since: DateTime<Utc>,
    /// What it does.
    pub command: String,
}

/// The right to run a wave; given back when dropped, or by the system when the process ends.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

/// Tries to hold the wave in `folder`. `Ok(Err(holder))` where another process does.
///
/// # Errors
/// When the lock file cannot be opened or written.
pub fn try_hold(folder: &Path, holder: &Holder) -> Result<Result<Held, Option<Holder>>, JournalError> {
    let path = folder.join("holder");
    let failed = |source| JournalError::File { path: path.clone(), source };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            file.read_to_string(&mut text).map_err(failed)?;
            return Ok(Err(serde_json::from_str(&text).ok()));
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let record = serde_json::to_vec(holder).map_err(|e| failed(e.into()))?;
    file.set_len(0).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    file.write_all(&record).map_err(failed)?;
    Ok(Ok(Held { _file: file }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_learns_who_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = Holder { pid: 7, since: "2026-03-01T09:00:00Z".parse().unwrap(), command: "run".into() };
        let second = Holder { pid: 8, ..first.clone() };
        let held = try_hold(folder.path(), &first).unwrap().unwrap();
        assert_eq!(try_hold(folder.path(), &second).unwrap().unwrap_err(), Some(first));
        drop(held);
        assert!(try_hold(folder.path(), &second).unwrap().is_ok());
    }
}
