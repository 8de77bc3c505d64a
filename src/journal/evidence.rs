//! Large payloads as files named by their SHA-256, written before anything refers to them.

use super::JournalError;
use super::chain::sha256_hex;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The file that holds the bytes of that SHA-256 (hex).
pub(super) fn path_of(root: &Path, sha256: &str) -> PathBuf {
    let (folder, name) = sha256.split_at(2.min(sha256.len()));
    root.join(folder).join(name)
}

/// Writes the bytes durably, unless they are there, and returns their SHA-256 in hex.
pub(super) fn write(root: &Path, bytes: &[u8]) -> Result<String, JournalError> {
    let sha256 = sha256_hex(bytes);
    let path = path_of(root, &sha256);
    if path.exists() {
        return Ok(sha256);
    }
    let folder = path.parent().unwrap_or(root);
    let failed = |source| JournalError::File { path: path.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let unfinished = path.with_extension("part");
    let mut file = File::create(&unfinished).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, &path).map_err(failed)?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(failed)?;
    Ok(sha256)
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
