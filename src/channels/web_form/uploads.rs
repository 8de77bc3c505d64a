//! Which files do the recipes of a study give to forms? Those that it was checked with, byte for byte: who
//! changes one asks another question.

use crate::model::study::{Action, Step, Upload};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The files of a study's folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Uploads {
    folder: PathBuf,
}

impl Uploads {
    /// Files of that folder.
    pub(super) fn below(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The bytes of a file, as the study was checked with them; in words why not.
    pub(super) fn read(&self, upload: &Upload) -> Result<Vec<u8>, String> {
        let path = self.folder.join(&upload.path);
        let bytes = std::fs::read(&path).map_err(|e| format!("the file {} cannot be read: {e}", path.display()))?;
        if !upload.sha256.is_empty() && hex::encode(Sha256::digest(&bytes)) != upload.sha256 {
            let path = path.display();
            return Err(format!("the file {path} has changed since the wave was planned. Put the earlier one back"));
        }
        Ok(bytes)
    }

    /// Whether all files of these steps are there; in words which is not.
    pub(super) fn are_there<'s>(&self, mut steps: impl Iterator<Item = &'s Step>) -> Result<(), String> {
        steps.try_for_each(|step| match &step.does {
            Action::Upload(files) => files.iter().try_for_each(|file| self.read(file).map(drop)),
            _ => Ok(()),
        })
    }
}
