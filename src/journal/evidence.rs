//! Large payloads as files named by their SHA-256, written before anything refers to them.

use super::JournalError;
use super::chain::sha256_hex;
use crate::failpoint;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What a file is called while it is being written.
const UNFINISHED: &str = "part";

/// A file below `evidence/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The SHA-256 that its name says, in hex; any other text for what is no evidence.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

impl Found {
    /// Whether its writer ended before it was whole.
    pub(super) fn is_unfinished(&self) -> bool {
        self.path.extension().is_some_and(|e| e == UNFINISHED)
    }
}

/// The file that holds the bytes of that SHA-256 (hex).
pub(super) fn path_of(root: &Path, sha256: &str) -> PathBuf {
    let (folder, name) = sha256.split_at(2.min(sha256.len()));
    root.join(folder).join(name)
}

/// Writes the bytes durably, unless they are there, and returns their SHA-256 in hex. After a crash the file is there
/// whole, or not at all.
pub(super) fn write(root: &Path, bytes: &[u8]) -> Result<String, JournalError> {
    let sha256 = sha256_hex(bytes);
    let path = path_of(root, &sha256);
    if path.metadata().is_ok_and(|file| file.len() == bytes.len() as u64) {
        return Ok(sha256);
    }
    let folder = path.parent().unwrap_or(root);
    let unfinished = path.with_extension(UNFINISHED);
    let written = make_folder(root, folder).and_then(|()| write_then_rename(&unfinished, &path, bytes));
    if let Err(source) = written {
        // On a full disk, half a file would only be in the way.
        let _ = fs::remove_file(&unfinished);
        return Err(JournalError::File { path, source });
    }
    sync(folder).map_err(|source| JournalError::File { path, source })?;
    failpoint::reach("evidence written");
    Ok(sha256)
}

/// A new folder is itself durable only once the one that holds it is.
fn make_folder(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    sync(root)?;
    root.parent().map_or(Ok(()), sync)
}

fn write_then_rename(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    failpoint::reach("evidence unfinished");
    fs::rename(unfinished, path)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The bytes, or `None` where they were purged.
pub(super) fn read(root: &Path, sha256: &str) -> Result<Option<Vec<u8>>, JournalError> {
    let path = path_of(root, sha256);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(JournalError::File { path, source }),
    }
}

/// Every file below `evidence/`, in order.
pub(super) fn files(root: &Path) -> Result<Vec<Found>, JournalError> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| JournalError::File { path: folder.clone(), source };
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('/', "");
            found.push(Found { name, path });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Removes a file that nothing refers to.
pub(super) fn remove(found: &Found) -> Result<(), JournalError> {
    fs::remove_file(&found.path).map_err(|source| JournalError::File { path: found.path.clone(), source })
}

/// Removes all of it.
pub(super) fn remove_all(root: &Path) -> Result<(), JournalError> {
    match fs::remove_dir_all(root) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(JournalError::File { path: root.to_owned(), source })
        }
        _ => Ok(()),
    }
}
