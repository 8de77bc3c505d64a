//! One holder: who runs a wave, where, and since when.

use super::JournalError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Who holds a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// The machine that it runs on.
    #[serde(default)]
    pub host: String,
    /// Since when, by its clock.
    pub since: DateTime<Utc>,
    /// What it does.
    pub command: String,
    /// The wave's folder, as it sees it.
    #[serde(default)]
    pub folder: PathBuf,
}

impl Holder {
    /// This process, on the wave in `folder`.
    #[must_use]
    pub fn this_process(folder: &Path, command: &str, since: DateTime<Utc>) -> Self {
        Self {
            pid: std::process::id(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            since,
            command: command.to_owned(),
            folder: folder.canonicalize().unwrap_or_else(|_| folder.to_owned()),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, host, command, since, .. } = self;
        write!(f, "process {pid} on {host} (`risposta {command}`), since {since}")
    }
}

/// The right to run a wave; given back when dropped, or by the system when the process ends.
#[derive(Debug)]
pub struct Held {
    file: File,
    path: PathBuf,
    /// Who held it last, where that is known.
    pub before: Option<Holder>,
}

impl Held {
    /// Gives the right back as if it had never been taken: the record of who had it last stands again.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn give_back(mut self) -> Result<(), JournalError> {
        let before = self.before.take();
        self.write(before.as_ref())
    }

    fn write(&mut self, record: Option<&Holder>) -> Result<(), JournalError> {
        let path = self.path.clone();
        let failed = |source| JournalError::File { path: path.clone(), source };
        let bytes = record.map(serde_json::to_vec).transpose().map_err(|e| failed(e.into()))?.unwrap_or_default();
        self.file.set_len(0).map_err(failed)?;
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        self.file.write_all(&bytes).map_err(failed)
    }

    /// Whether the lock still keeps others away: somebody may have removed or replaced its file under us.
    #[must_use]
    pub fn keeps_others_away(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let (Ok(ours), Ok(there)) = (self.file.metadata(), self.path.metadata()) else { return false };
        (ours.dev(), ours.ino()) == (there.dev(), there.ino())
    }
}

/// Tries to hold the wave in `folder`. `Ok(Err(holder))` where another process does.
///
/// # Errors
/// When the lock file cannot be opened or written.
pub fn try_hold(folder: &Path, holder: &Holder) -> Result<Result<Held, Option<Holder>>, JournalError> {
    let path = path_of(folder);
    let failed = |source| JournalError::File { path: path.clone(), source };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    let locked = match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    };
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    // One that was killed while it wrote left half a record: it is gone, whoever it was.
    let before = serde_json::from_str(&text).ok();
    if !locked {
        return Ok(Err(before));
    }
    let mut held = Held { file, path: path.clone(), before };
    held.write(Some(holder))?;
    // Between opening and locking, another may have put a new file in its place.
    Ok(if held.keeps_others_away() { Ok(held) } else { Err(None) })
}

/// Leaves a record in `folder` of where it was copied from, for whoever wants to run the copy.
///
/// # Errors
/// When it cannot be written.
pub(super) fn note_copy(folder: &Path, copied_by: &Holder) -> Result<(), JournalError> {
    let path = path_of(folder);
    let failed = |source| JournalError::File { path: path.clone(), source };
    let record = serde_json::to_vec(copied_by).map_err(|e| failed(e.into()))?;
    std::fs::write(&path, record).map_err(failed)
}

fn path_of(folder: &Path) -> PathBuf {
    folder.join("holder")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        "2026-03-01T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_second_holder_learns_who_is_first_and_who_was_last() {
        let folder = tempfile::tempdir().unwrap();
        let first = Holder::this_process(folder.path(), "run --live", at());
        let second = Holder { pid: 8, ..first.clone() };
        let held = try_hold(folder.path(), &first).unwrap().unwrap();
        assert_eq!(try_hold(folder.path(), &second).unwrap().unwrap_err(), Some(first.clone()));
        drop(held);
        let held = try_hold(folder.path(), &second).unwrap().unwrap();
        assert_eq!(held.before, Some(first.clone()));
        held.give_back().unwrap();
        assert_eq!(try_hold(folder.path(), &second).unwrap().unwrap().before, Some(first));
    }

    #[test]
    fn a_holder_whose_file_was_taken_away_knows_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Holder::this_process(folder.path(), "run --live", at());
        let held = try_hold(folder.path(), &first).unwrap().unwrap();
        assert!(held.keeps_others_away());
        std::fs::remove_file(folder.path().join("holder")).unwrap();
        assert!(!held.keeps_others_away());
        assert!(try_hold(folder.path(), &first).unwrap().is_ok());
        assert!(!held.keeps_others_away());
    }

    #[test]
    fn half_a_record_is_nobody_s() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("holder"), r#"{"pid":7,"sin"#).unwrap();
        let first = Holder::this_process(folder.path(), "run --live", at());
        assert_eq!(try_hold(folder.path(), &first).unwrap().unwrap().before, None);
    }
}
