//! `risposta export --bundle FILE`: what others need to rebuild every published number.

use super::output::Out;
use super::report::EditionArgs;
use super::{Done, Failure, Global};
use crate::report::package;
use crate::report::publish::Audience;
use crate::wave::folder::write_whole;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Write the bundle to this file: no words of anybody, names only where the edition shows them.
    /// `risposta score --bundle FILE` gives the numbers again on any machine
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    #[command(flatten)]
    edition: EditionArgs,
}

impl Export {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let edition = self.edition.make(&Audience::Public, global, out)?;
        let whole = std::path::absolute(&self.bundle)?;
        write_whole(&whole, package::bundle(&edition.material)?.as_bytes())
            .map_err(|e| Failure::unwritable(&self.bundle, &e, "`--bundle FILE` names another place"))?;
        out.data(&format!("{}\n", self.bundle.display()));
        Ok(0)
    }
}
