//! All messages of a Maildir on disk, whatever folder they lie in: Maildir++ (`.Sent`) or nested folders.

use super::{ExportError, Exported, MESSAGE_BYTES_MAX};
use crate::model::time::{Provenance, Stamp};
use crate::sources::maildir::named_at;
use crate::sources::spam::is_spam_folder;
use chrono::DateTime;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How deep folders may lie in one another.
const DEPTH_MAX: u32 = 16;

/// Seconds by which a file's own time may be wrong: copying changes it.
const FILE_ERROR_SECONDS: u32 = 86_400;

/// A Maildir, message by message: folders in the order of their names, files in theirs, which begin with the
/// second of delivery.
pub struct MaildirExport {
    folders: VecDeque<PathBuf>,
    files: VecDeque<PathBuf>,
    in_spam: bool,
}

impl MaildirExport {
    /// Opens one.
    ///
    /// # Errors
    /// When a folder cannot be read, or none holds `cur` or `new`.
    pub fn open(root: &Path) -> Result<Self, ExportError> {
        if root.is_file() {
            let why = "it is a file: `import mbox` reads those".to_owned();
            return Err(ExportError::Not { path: root.to_owned(), what: "Maildir", why });
        }
        let mut folders = Vec::new();
        find_folders(root, 0, &mut folders)?;
        if folders.is_empty() {
            let why = "neither it nor any folder in it holds `cur` or `new`".to_owned();
            return Err(ExportError::Not { path: root.to_owned(), what: "Maildir", why });
        }
        folders.sort();
        Ok(Self { folders: folders.into(), files: VecDeque::new(), in_spam: false })
    }

    /// Lists the next folder's messages.
    fn list(&mut self, folder: &Path) -> Result<(), ExportError> {
        // Maildir++ names a folder's path in one: `.INBOX.Junk`.
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        self.in_spam = name.rsplit(['.', '/']).next().is_some_and(is_spam_folder);
        let mut files = Vec::new();
        for sub in ["cur", "new"] {
            let dir = folder.join(sub);
            let entries = match fs::read_dir(&dir) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(ExportError::file(&dir))?,
            };
            for entry in entries {
                let entry = entry.map_err(ExportError::file(&dir))?;
                let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if !hidden && entry.file_type().is_ok_and(|t| t.is_file()) {
                    files.push(entry.path());
                }
            }
        }
        files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        self.files = files.into();
        Ok(())
    }

    /// A message; `None` where it has gone since it was listed.
    fn read(&self, path: &Path) -> Result<Option<Exported>, ExportError> {
        let failed = ExportError::file(path);
        let file = match File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(&failed)?,
        };
        let modified = file.metadata().and_then(|m| m.modified()).map_err(&failed)?;
        let mut bytes = Vec::new();
        file.take(MESSAGE_BYTES_MAX as u64).read_to_end(&mut bytes).map_err(&failed)?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let written = match named_at(&name).and_then(|s| DateTime::from_timestamp(s, 0)) {
            Some(at) => Stamp { at, provenance: Provenance::Server, error_seconds: FILE_ERROR_SECONDS },
            None => Stamp { at: modified.into(), provenance: Provenance::Observed, error_seconds: FILE_ERROR_SECONDS },
        };
        Ok(Some(Exported { bytes, written: Some(written), in_spam: self.in_spam }))
    }
}

impl Iterator for MaildirExport {
    type Item = Result<Exported, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some(path) = self.files.pop_front() {
                if let Some(message) = self.read(&path).transpose() {
                    return Some(message);
                }
            }
            let folder = self.folders.pop_front()?;
            if let Err(error) = self.list(&folder) {
                return Some(Err(error));
            }
        }
    }
}

/// Every folder that holds messages, itself included. Links are not followed: they may lead in a circle.
fn find_folders(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> Result<(), ExportError> {
    let mut holds = false;
    for entry in fs::read_dir(folder).map_err(ExportError::file(folder))? {
        let entry = entry.map_err(ExportError::file(folder))?;
        if !entry.file_type().is_ok_and(|t| t.is_dir()) {
            continue;
        }
        match entry.file_name().to_string_lossy().as_ref() {
            "cur" | "new" => holds = true,
            "tmp" => {}
            _ if depth < DEPTH_MAX => find_folders(&entry.path(), depth + 1, found)?,
            _ => {}
        }
    }
    if holds {
        found.push(folder.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn every_folder_is_read_and_spam_is_known_by_its_folder() {
        let dir = TempDir::new().unwrap();
        put(dir.path(), "cur/1773136800.M1.host:2,S", "Subject: b\n\n");
        put(dir.path(), "new/1773136700.M1.host", "Subject: a\n\n");
        put(dir.path(), "new/.hidden", "no");
        put(dir.path(), "tmp/1773136700.M9.host", "no");
        put(dir.path(), ".INBOX.Junk/new/x.1", "Subject: spam\n\n");
        put(dir.path(), "Archive/2026/cur/1.h", "Subject: old\n\n");
        let found: Vec<Exported> = MaildirExport::open(dir.path()).unwrap().map(Result::unwrap).collect();
        let subjects: Vec<_> =
            found.iter().map(|m| (String::from_utf8_lossy(&m.bytes).trim().to_owned(), m.in_spam)).collect();
        let expected = [("Subject: a", false), ("Subject: b", false), ("Subject: spam", true), ("Subject: old", false)];
        assert_eq!(subjects, expected.map(|(s, spam)| (s.to_owned(), spam)));
        let raw = found.into_iter().next().unwrap().into_raw();
        assert_eq!((raw.received.at.timestamp(), raw.received.provenance), (1_773_136_700, Provenance::Server));
    }

    #[test]
    fn a_folder_without_messages_is_no_maildir() {
        let dir = TempDir::new().unwrap();
        let error = MaildirExport::open(dir.path()).err().unwrap().to_string();
        assert!(error.contains("is no Maildir"), "{error}");
        assert!(MaildirExport::open(&dir.path().join("nowhere")).is_err());
    }
}
