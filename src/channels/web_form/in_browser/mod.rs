//! The engine of a real browser, for forms that plain HTTP cannot send: made or guarded by scripts, in
//! several steps, behind a banner. What stands on the page is read by the same [`forms`](crate::forms).
//!
//! | file | answers |
//! | --- | --- |
//! | `view.rs`, `read.js`, `drawn.js` | what a page shows, and which controls it draws itself |
//! | `plan.rs` | what is still to be done to its form |
//! | `hands.rs`, `widget.js` | how it is done as a person does it |
//! | `work.rs` | how a form is brought to its last button |
//! | `recipe.rs` | how the steps of a study are followed instead |
//! | `filled.rs` | what happens when that is pressed |
//! | `answer.rs` | what the answer means |
//!
//! While a form is filled nothing leaves but reading: the browser's network layer refuses all else until
//! [`FilledPage`] is let go. A page that talks over a socket of its own can see what is typed, as
//! it sees any visitor's typing; it does not see the button pressed.

mod answer;
mod filled;
mod hands;
mod plan;
mod recipe;
mod view;
mod work;

use super::asker::{Errand, Kept};
use super::ending::{self, blocked};
use super::mask::Secrets;
use super::means::Means;
use crate::browser::{Browser, BrowserError};
use crate::channels::{Ended, Evidence, Prepared, Refused};
use crate::model::outcome::{Failure, Obstacle, Outcome, Phase};
use crate::net::{Suspect, is_inside};
use filled::FilledPage;
use std::time::Duration;
use work::{Stop, Work};

/// Time limit for all that comes before the button is pressed.
const PREPARE_TIMEOUT: Duration = Duration::from_mins(4);

/// The engine.
pub(super) struct InBrowser<'m> {
    means: &'m Means,
    browser: &'m Browser,
}

impl<'m> InBrowser<'m> {
    pub(super) fn new(means: &'m Means, browser: &'m Browser) -> Self {
        Self { means, browser }
    }

    /// Fills a form up to the button that sends it.
    pub(super) async fn prepare(&self, errand: Errand<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let mut filled = self.filled(&errand).await;
        // Nothing has left: where the browser died, another one takes its place.
        if matches!(filled, Err((Stop::Broken(BrowserError::Gone(_)), _))) {
            filled = self.filled(&errand).await;
        }
        match filled {
            Ok(page) => Ok(Box::new(page)),
            Err((stop, evidence)) => Err(Refused { outcome: self.stopped(stop).await, evidence }),
        }
    }

    async fn filled(&self, errand: &Errand<'_>) -> Result<FilledPage, (Stop, Vec<Evidence>)> {
        let visit = self.browser.visit(is_inside(&errand.target.url)).await;
        let visit = visit.map_err(|e| (Stop::Ours(e.to_string()), Vec::new()))?;
        let mut work = Work {
            visit,
            secrets: Secrets::default(),
            evidence: Vec::new(),
            town: self.means.is_town(),
            shadow: None,
            site: String::new(),
            begun: false,
            uploads: self.means.uploads.clone(),
        };
        let done = tokio::time::timeout(PREPARE_TIMEOUT, work.prepare(errand)).await;
        let done = done.unwrap_or(Err(Stop::Broken(BrowserError::Late(PREPARE_TIMEOUT))));
        let evidence = work.taken_evidence();
        match done {
            Ok(ready) => {
                let (kept, means) = (Kept::of(errand), self.means.clone());
                Ok(FilledPage { work, ready, kept, means, evidence, proven: false })
            }
            Err(stop) => {
                work.visit.close().await;
                Err((stop, evidence))
            }
        }
    }

    async fn stopped(&self, stop: Stop) -> Ended {
        match stop {
            Stop::Unfit(unfit) => ending::unfit(unfit),
            Stop::Ended(ended) => ended,
            Stop::Ours(why) => self.means.our_browser().outcome(why),
            Stop::Broken(broken) => before_anything_left(self.means, broken).await,
        }
    }
}

/// What a failure means while nothing can have left.
async fn before_anything_left(means: &Means, broken: BrowserError) -> Ended {
    let why = broken.to_string();
    match broken {
        BrowserError::Missing { .. } | BrowserError::Gone(_) => means.our_browser().outcome(why),
        // The door says no more than that it led nowhere.
        BrowserError::Unreached(_) => means.our_fault().or_deferred(Suspect::Either, why).await,
        BrowserError::Late(_)
        | BrowserError::Hangs
        | BrowserError::Unseen(_)
        | BrowserError::Slow
        | BrowserError::Crashed => Outcome::Deferred(Failure::new(Phase::Prepare, why)),
        BrowserError::Refused(_) => blocked(format!("the page could not be worked in a browser: {why}")),
    }
}

/// Whether a form that another engine did not send is one for a browser.
pub(super) fn is_for_a_browser(ended: &Ended) -> bool {
    let Outcome::Blocked(failure) = ended else { return false };
    matches!(
        failure.obstacle,
        Some(Obstacle::NeedsBrowser | Obstacle::ConsentWall | Obstacle::NoForm | Obstacle::UnknownField)
    )
}

/// Whether a site surely took nothing of what another engine sent, and a browser may do better.
pub(super) fn took_nothing(ended: &Ended) -> bool {
    match ended {
        Outcome::EntriesRejected(_) => true,
        Outcome::Blocked(failure) => failure.obstacle == Some(Obstacle::NeedsBrowser),
        _ => false,
    }
}
