//! A wave in the town: run by the code of a live run, then coded by what the companies know.

use crate::clock::{Clock, Stepper};
use crate::model::event::Adequacy;
use crate::model::ids::InboundId;
use crate::model::inbound::InboundKind;
use crate::net::Dialer;
use crate::rehearsal::{Stats, Town, Truth};
use crate::wave::Wave;
use crate::wave::accounts::{self, AccountError};
use crate::wave::coding;
use crate::wave::person::PersonError;
use crate::wave::run::{self, Ended, Means, News, RunError, Until};
use chrono::{DateTime, Utc};
use std::io;
use std::path::Path;
use tokio::sync::watch;

/// Who codes the replies of simulated companies.
const RATER: &str = "simulated";

/// What came of a rehearsal, beside the wave itself.
#[derive(Debug)]
pub struct Rehearsed {
    /// How the loop ended.
    pub ended: Ended,
    /// What the simulated companies did.
    pub truth: Vec<Truth>,
    /// What went astray.
    pub stats: Stats,
}

/// Why a rehearsal could not be run.
#[derive(Debug, thiserror::Error)]
pub enum TownError {
    /// The town's servers cannot be opened.
    #[error("the simulated servers cannot be opened: {0}")]
    Town(#[from] io::Error),
    /// Accounts of the study cannot be opened.
    #[error("{} of the study's accounts cannot be used", .0.len())]
    Accounts(Vec<AccountError>),
    /// The loop failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A coding was not taken.
    #[error(transparent)]
    Person(#[from] PersonError),
}

/// Runs a wave to the end of its last window against simulated companies on loopback, and codes
/// their replies. Relative paths of the study start at `base`; `stop` ends it before. Needs a
/// tokio runtime, and [`crate::net::install_tls_provider`] before.
///
/// # Errors
/// [`TownError`]: no simulated company's doing is one.
pub async fn in_town(
    wave: &mut Wave,
    base: &Path,
    stop: watch::Receiver<bool>,
    tell: &mut (dyn FnMut(News) + Send),
) -> Result<Rehearsed, TownError> {
    let stepper = Stepper::new(wave.plan().start);
    let clock = Clock::Stepping(stepper.clone());
    let town = Town::start(wave.plan().clone(), stepper).await?;
    let dialer = Dialer::Town(town.addresses());
    let accounts = accounts::open(wave.plan(), base, &dialer, &clock).map_err(TownError::Accounts)?;
    let means = Means { accounts, clock: clock.clone(), person: Some(town.person()), stop };
    let ended = run::run(wave, means, Until::WindowsClose, tell).await?;
    let (truth, stats) = (town.truth(), town.stats());
    rate(wave, &truth, clock.now())?;
    Ok(Rehearsed { ended, truth, stats })
}

/// The simulated companies know what they answered: that stands in for a rater.
fn rate(wave: &mut Wave, truth: &[Truth], now: DateTime<Utc>) -> Result<(), PersonError> {
    for (inbound, adequacy) in codings(wave, truth) {
        coding::code(wave, now, inbound, RATER, adequacy)?;
    }
    Ok(())
}

fn codings(wave: &Wave, truth: &[Truth]) -> Vec<(InboundId, Adequacy)> {
    let mut found = Vec::new();
    for known in truth {
        let Some(adequacy) = known.adequacy() else { continue };
        let Some(i) = wave.state().index_of(&known.inquiry) else { continue };
        let mut replies: Vec<_> = wave
            .state()
            .messages_of(&wave.state().inquiries[i])
            .filter(|m| m.kind == Some(InboundKind::Reply))
            .map(|m| (m.received.at, m.id))
            .collect();
        replies.sort_unstable();
        let mut replies = replies.into_iter().map(|(_, id)| id);
        found.extend(replies.next().map(|first| (first, adequacy)));
        // Whoever kept a promise has answered in the end.
        found.extend(replies.map(|later| (later, Adequacy::Answered)));
    }
    found
}
