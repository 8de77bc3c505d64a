//! Large payloads as files named by their SHA-256, written before anything refers to them.

use super::JournalError;
use super::chain::sha256_hex;
use crate::failpoint;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What a file is called while it is being written.
const UNFINISHED: &str = "part";

/// So many files are made durable one by one.
#[cfg(target_os = "linux")]
const FEW: usize = 8;

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

/// Writes all of them durably, except those that are there, and returns their SHA-256 in hex, in their order. After a
/// crash each file is there whole, or not at all.
pub(super) fn write<'a>(root: &Path, all: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, JournalError> {
    let mut names = Vec::new();
    let mut unfinished = BTreeSet::new();
    for bytes in all {
        let name = sha256_hex(bytes);
        let path = path_of(root, &name);
        names.push(name);
        if !path.metadata().is_ok_and(|file| file.len() == bytes.len() as u64) {
            unfinished.insert(path.clone());
            if let Err(source) = write_unfinished(root, &path, bytes) {
                return Err(given_up(&unfinished, path, source));
            }
        }
    }
    if let Err(source) = finish(root, &unfinished) {
        return Err(given_up(&unfinished, root.to_owned(), source));
    }
    Ok(names)
}

/// On a full disk, half a file would only be in the way.
fn given_up(unfinished: &BTreeSet<PathBuf>, path: PathBuf, source: io::Error) -> JournalError {
    for path in unfinished {
        let _ = fs::remove_file(path.with_extension(UNFINISHED));
    }
    JournalError::File { path, source }
}

fn write_unfinished(root: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_folder(root, path.parent().unwrap_or(root))?;
    File::create(path.with_extension(UNFINISHED))?.write_all(bytes)
}

/// Gives the files their names once their bytes are durable; then the names are made durable.
fn finish(root: &Path, paths: &BTreeSet<PathBuf>) -> io::Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    let parts: Vec<PathBuf> = paths.iter().map(|path| path.with_extension(UNFINISHED)).collect();
    sync_all(root, parts.iter().map(PathBuf::as_path))?;
    failpoint::reach("evidence unfinished");
    parts.iter().zip(paths).try_for_each(|(part, path)| fs::rename(part, path))?;
    let folders: BTreeSet<&Path> = paths.iter().filter_map(|path| path.parent()).collect();
    sync_all(root, folders.into_iter())?;
    failpoint::reach("evidence written");
    Ok(())
}

/// Makes files or folders durable. Where they are many, their whole file system is: each alone would wait for the disk
/// as long. An error of the disk is told either way, since Linux 5.8.
fn sync_all<'a>(root: &Path, paths: impl ExactSizeIterator<Item = &'a Path>) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if paths.len() > FEW {
        return rustix::fs::syncfs(File::open(root)?).map_err(io::Error::from);
    }
    for path in paths {
        sync(path)?;
    }
    Ok(())
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

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
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
