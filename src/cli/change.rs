//! `risposta stop COMPANY` and `risposta amend STUDY`: a person changes what will happen.

use super::locate::{WaveArgs, latest, load};
use super::output::Out;
use super::record::person_failure;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::model::ids::{CompanyId, WaveId};
use crate::report::escape;
use crate::wave::amend::{self, AmendError};
use crate::wave::folder::Results;
use crate::wave::{Wave, person};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Stop {
    /// The company's id
    #[arg(value_name = "COMPANY")]
    company: CompanyId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    wave: WaveArgs,
}

impl Stop {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open(global)?;
        person::stop(&mut wave, Clock::System.now(), &self.company, &self.why).map_err(person_failure)?;
        out.say(&format!("{} gets no more messages", self.company));
        Ok(0)
    }
}

#[derive(Debug, Args)]
pub(super) struct Amend {
    /// The study's file, changed
    #[arg(value_name = "STUDY")]
    study: PathBuf,
    /// Why it was changed: printed in the report
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Wave; default: the latest live one
    #[arg(long, value_name = "ID")]
    wave: Option<WaveId>,
}

impl Amend {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let study = load(&self.study, true)?;
        let results = Results::new(&global.results);
        let id = match &self.wave {
            Some(id) => id.clone(),
            None => latest(&results, &study.id)?,
        };
        let now = Clock::System.now();
        let mut wave = Wave::open(&results.wave(&study.id, &id), now)?;
        let changes = amend::amend(&mut wave, now, &study, &self.why).map_err(|error| match error {
            AmendError::Wave(error) => Failure::from(error),
            other => Failure::new(exit::INVALID, other.to_string()),
        })?;
        for change in changes {
            out.say(&format!("amended {}", escape::line(&change)));
        }
        Ok(0)
    }
}
