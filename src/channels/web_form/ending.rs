//! What does a verdict on a form, or on the answer to it, mean for the attempt?

use crate::channels::{Ended, Evidence};
use crate::forms::Unfit;
use crate::forms::judge::Verdict;
use crate::model::outcome::{Failure, Obstacle, Outcome, Phase};
use crate::model::time::Stamp;

/// A form that was not sent: a person's task, with the reason.
pub(super) fn unfit(unfit: Unfit) -> Ended {
    Outcome::Blocked(Failure::new(Phase::Prepare, unfit.why).with_obstacle(unfit.obstacle))
}

/// Something that is not about a form.
pub(super) fn blocked(why: String) -> Ended {
    Outcome::Blocked(Failure::new(Phase::Prepare, why))
}

/// A page that was answered, but not shown. Nothing was submitted.
pub(super) fn not_shown(url: &str, code: u16) -> Ended {
    let failure = |why: &str| Failure::new(Phase::Connect, format!("{url} answered {code}: {why}")).with_code(code);
    match code {
        404 | 410 => Outcome::Rejected(failure("there is no such page")),
        408 | 425 | 429 | 500.. => Outcome::Deferred(failure("the page cannot be reached now")),
        401 | 407 => Outcome::Blocked(failure("the page wants a login").with_obstacle(Obstacle::Login)),
        403 => Outcome::Blocked(failure("the page is not for everybody").with_obstacle(Obstacle::BotWall)),
        _ => Outcome::Blocked(failure("the page is not shown")),
    }
}

/// How an attempt ended whose answer was judged. A message that was refused for what was entered can
/// still be delivered by a person, who knows what the site wants: that is a task, not the company's silence.
pub(super) fn of(verdict: &Verdict, code: Option<u16>, at: Stamp) -> Ended {
    let failure = |why: &str| Failure { code, ..Failure::new(Phase::Confirm, why) };
    match verdict {
        Verdict::Taken { receipt, .. } => Outcome::Accepted { at, receipt: receipt.clone() },
        Verdict::Held(why) => Outcome::Held { at, failure: failure(why) },
        Verdict::Refused(words) => Outcome::EntriesRejected(failure(&format!("the site says: {}", words.join(" · ")))),
        Verdict::Hindered(unfit) => Outcome::Blocked(failure(&unfit.why).with_obstacle(unfit.obstacle.clone())),
        Verdict::Unclear(why) => Outcome::InDoubt(failure(why)),
    }
}

/// The verdict with its reason, to be kept beside what it was read from.
pub(super) fn reasoned(verdict: &Verdict) -> Evidence {
    let words = match verdict {
        Verdict::Taken { by, receipt } => {
            let number = receipt.as_ref().map(|r| format!("; the site's number is {r}")).unwrap_or_default();
            format!("taken: {by}{number}")
        }
        Verdict::Held(why) => format!("held: {why}"),
        Verdict::Refused(words) => format!("refused: {}", words.join(" · ")),
        Verdict::Hindered(unfit) => format!("hindered: {}", unfit.why),
        Verdict::Unclear(why) => format!("unclear: {why}"),
    };
    Evidence { label: "verdict", bytes: words.into_bytes() }
}
