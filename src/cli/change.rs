//! `risposta stop COMPANY` and `risposta amend STUDY`: a person changes what will happen.

use super::locate::{WaveArgs, load};
use super::output::Out;
use super::record::person_failure;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::model::ids::{CompanyId, WaveId};
use crate::report::escape;
use crate::wave::amend::{self, AmendError};
use crate::wave::person;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Stop {
    /// The company's id
    #[arg(value_name = "COMPANY")]
    company: CompanyId,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    why: String,
    #[command(flatten)]
    wave: WaveArgs,
}

/// Words that say why: nobody can ask later.
pub(super) fn reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("say why: it stays in the record".to_owned()) } else { Ok(text.to_owned()) }
}

impl Stop {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
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
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    why: String,
    /// Wave; default: the live one that began last
    #[arg(long, value_name = "ID")]
    wave: Option<WaveId>,
}

impl Amend {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let study = load(&self.study, true)?;
        let now = Clock::System.now();
        let mut wave = WaveArgs::new(Some(study.id.to_string()), self.wave.clone()).open_telling(global, out)?;
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
