//! `risposta init DIR`: a commented starter study.

use super::locate::quoted;
use super::output::Out;
use super::{Done, Failure, exit};
use crate::scenario;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder to write to; it is made where there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Init {
    pub(super) fn run(&self, out: &mut Out) -> Done {
        let files = scenario::starter();
        if let Some((name, _)) = files.iter().find(|(name, _)| self.folder.join(name).exists()) {
            let there = self.folder.join(name);
            return Err(Failure::new(exit::FAILED, format!("{} is already there", there.display()))
                .with_help("choose another folder: nothing was overwritten"));
        }
        let cannot = |path: &Path, e: &std::io::Error| Failure::unwritable(path, e, "name another folder");
        std::fs::create_dir_all(&self.folder).map_err(|e| cannot(&self.folder, &e))?;
        for (name, content) in files {
            let path = self.folder.join(name);
            std::fs::write(&path, content).map_err(|e| cannot(&path, &e))?;
            out.say(&format!("wrote {}", path.display()));
        }
        let study = self.folder.join("study.yaml").display().to_string();
        out.say(&format!("\nNext: edit {0}, then `risposta check {0}`, then `risposta rehearse {0}`.", quoted(&study)));
        Ok(0)
    }
}
