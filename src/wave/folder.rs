//! Where waves lie on disk: `results/<study>/<wave>/`.

use super::WaveError;
use crate::failpoint;
use crate::model::ids::{StudyId, WaveId};
use crate::plan::{Head, PlanFileError};
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{self, BufReader};
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

    /// The waves of a study, by id.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn waves(&self, study: &StudyId) -> Result<Vec<WaveId>, WaveError> {
        let waves = folders(&self.0.join(study.as_str()))?.into_iter();
        let mut found: Vec<WaveId> =
            waves.filter(|(_, path)| holds_wave(path)).filter_map(|(name, _)| name.parse().ok()).collect();
        found.sort();
        Ok(found)
    }

    /// The studies that have results.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn studies(&self) -> Result<Vec<StudyId>, WaveError> {
        let mut found: Vec<StudyId> = folders(&self.0)?.into_iter().filter_map(|(name, _)| name.parse().ok()).collect();
        found.sort();
        Ok(found)
    }
}

/// Whether a folder is that of a wave, whole or not.
#[must_use]
pub fn holds_wave(folder: &Path) -> bool {
    ["plan.json", "journal.db"].iter().any(|file| folder.join(file).exists())
}

/// What the plan in a wave's folder says first of itself.
///
/// # Errors
/// When there is none, or it is damaged.
pub fn head(folder: &Path) -> Result<Head, WaveError> {
    of_plan(folder, crate::plan::head)
}

/// The study whose plan lies in a wave's folder.
///
/// # Errors
/// When there is none, or it is damaged.
pub fn study_of(folder: &Path) -> Result<StudyId, WaveError> {
    of_plan(folder, crate::plan::study_of)
}

fn of_plan<T>(folder: &Path, read: impl FnOnce(BufReader<File>) -> Result<T, PlanFileError>) -> Result<T, WaveError> {
    let path = folder.join("plan.json");
    let read = File::open(&path).map_err(PlanFileError::Read).and_then(|file| read(BufReader::new(file)));
    read.map_err(|error| WaveError::of_plan(path, error))
}

/// When something was last written into a wave's record; `None` where that cannot be told. A folder that was touched
/// or copied seems younger than it is.
#[must_use]
pub fn last_written(folder: &Path) -> Option<DateTime<Utc>> {
    let written = |file: &str| std::fs::metadata(folder.join(file)).and_then(|file| file.modified()).ok();
    ["journal.db", "journal.db-wal"].into_iter().filter_map(written).max().map(DateTime::from)
}

fn folders(root: &Path) -> Result<Vec<(String, PathBuf)>, WaveError> {
    let failed = |source| WaveError::File { path: root.to_owned(), source };
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed(e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
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
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?;
    failpoint::reach("plan written");
    Ok(())
}

fn write_then_rename(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(unfinished)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    failpoint::reach("plan unfinished");
    std::fs::rename(unfinished, path)
}
