//! What of a wave does a score need? Its plan and its state, without their words.
//!
//! A large wave is read in a fraction of the time and memory that [`Wave`] takes. Events go through
//! the very same fold; what is left out is what no observation rests on.

use super::{Reading, Wave, WaveError, read_plan};
use crate::journal::Journal;
use crate::model::plan::Plan;
use crate::model::state::WaveState;
use crate::model::words::Words;
use chrono::{DateTime, Utc};
use std::fs::File;
use std::path::Path;

/// A wave that is only counted.
#[derive(Debug)]
pub struct Ledger {
    plan: Plan,
    state: WaveState,
}

impl Ledger {
    /// Reads the wave in `folder`. `now` is used only when it had not quite begun.
    ///
    /// # Errors
    /// As [`Wave::open`].
    pub fn open(folder: &Path, now: DateTime<Utc>) -> Result<Self, WaveError> {
        if let Some(ledger) = Self::try_open(folder)? {
            return Ok(ledger);
        }
        // It has not quite begun, an amendment is not finished, or something is missing: a wave is
        // opened to mend that, or to say what is wrong.
        drop(Wave::open(folder, now)?);
        match Self::try_open(folder)? {
            Some(ledger) => Ok(ledger),
            None => Err(WaveError::Busy),
        }
    }

    /// `None` where plan and journal do not fit as they lie.
    fn try_open(folder: &Path) -> Result<Option<Self>, WaveError> {
        let path = folder.join("plan.json");
        let Ok(file) = File::open(&path) else { return Ok(None) };
        let Ok((plan, sha256)) = read_plan(path, file, Words::LeftOut) else { return Ok(None) };
        let mut reading = Reading::new(&plan);
        Journal::open(folder)?.each_new(Words::LeftOut, |entry| reading.take(&entry))?;
        if reading.follows.take() != Some(sha256) {
            return Ok(None);
        }
        Ok(Some(Self { state: reading.end()?, plan }))
    }

    /// The plan; of its inquiries, what observations rest on.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where the wave stands, without words.
    #[must_use]
    pub const fn state(&self) -> &WaveState {
        &self.state
    }
}
