//! Where waves lie on disk: `results/<study>/<wave>/`.

use crate::failpoint;
use crate::model::ids::{StudyId, WaveId};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of all results.
#[derive(Debug, Clone)]
pub struct Results(PathBuf);

impl Results {
    /// Results below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }

    /// The folder of a wave.
    pub fn wave(&self, study: &StudyId, wave: &WaveId) -> PathBuf {
        self.0.join(study.as_str()).join(wave.as_str())
    }

    /// The waves of a study, by the moment the plan was last written (the journal, where the plan is lost), then by id.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn waves(&self, study: &StudyId) -> io::Result<Vec<WaveId>> {
        let mut found = Vec::new();
        for (name, path) in folders(&self.0.join(study.as_str()))? {
            let written = path.join("plan.json").metadata().or_else(|_| path.join("journal.db").metadata());
            if let (Ok(wave), Ok(meta)) = (name.parse::<WaveId>(), written) {
                found.push((meta.modified()?, wave));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, wave)| wave).collect())
    }

    /// The studies that have results.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn studies(&self) -> io::Result<Vec<StudyId>> {
        let mut found: Vec<StudyId> = folders(&self.0)?.into_iter().filter_map(|(name, _)| name.parse().ok()).collect();
        found.sort();
        Ok(found)
    }
}

fn folders(root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    Ok(found)
}

/// Makes a folder that nobody else can read: results hold other people's words.
///
/// # Errors
/// When it cannot be made.
pub fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file so that after a crash either the old or the new content is there, whole.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("part");
    write_then_rename(&unfinished, path, bytes).inspect_err(|_| {
        // On a full disk, half a file would only be in the way.
        let _ = std::fs::remove_file(&unfinished);
    })?;
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())?;
    failpoint::reach("plan written");
    Ok(())
}

fn write_then_rename(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = std::fs::File::create(unfinished)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    failpoint::reach("plan unfinished");
    std::fs::rename(unfinished, path)
}
