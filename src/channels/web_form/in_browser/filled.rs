//! What happens when the button of a filled form is pressed? From that moment on whatever breaks leaves a
//! doubt, unless the browser's own network layer shows that nothing left.

use super::answer::{Against, Look, Mark};
use super::hands::SHORT;
use super::work::{Led, Ready, Work};
use super::{before_anything_left, ending};
use crate::browser::{BrowserError, Gate};
use crate::channels::web_form::asker::Kept;
use crate::channels::web_form::means::Means;
use crate::channels::{Delivered, Ended, Evidence, Prepared};
use crate::forms::judge::Verdict;
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::study::Action;
use crate::model::time::Stamp;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How long each look waits for quiet.
const LOOK: Duration = Duration::from_secs(5);

/// Looks before an answer that says nothing is left as it is: some say their thanks late.
const LOOKS_MAX: usize = 12;

/// Looks before what is in the way counts: some walls open by themselves.
const WALLS_MAX: usize = 4;

/// Looks before a button that sends nothing is given up.
const NOTHING_MAX: usize = 4;

/// What stands before the reason where the message was confirmed, and then nothing was said.
const ONCE_MORE: &str = "the site showed the entries once more, and then: ";

/// Most steps that follow once the form was begun.
const STEPS_MAX: usize = 8;

/// A form that is filled and needs only its button pressed.
pub(super) struct FilledPage {
    pub(super) work: Work,
    pub(super) ready: Ready,
    pub(super) kept: Kept,
    pub(super) means: Means,
    pub(super) evidence: Vec<Evidence>,
    /// Whether the recipe's own proof was seen after the form was sent.
    pub(super) proven: bool,
}

#[async_trait]
impl Prepared for FilledPage {
    fn bytes_sha256(&self) -> Option<String> {
        None
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.evidence.clone()
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let mut page = *self;
        let outcome = page.let_go().await;
        let evidence = page.work.taken_evidence();
        page.work.visit.close().await;
        Delivered { outcome, evidence }
    }
}

impl FilledPage {
    async fn let_go(&mut self) -> Ended {
        let started = self.means.clock.now();
        // A browser that went away while the attempt was journaled has sent nothing.
        if let Err(broken) = self.work.visit.run("return true", vec![]).await {
            return before_anything_left(&self.means, broken).await;
        }
        let visit = &self.work.visit;
        visit.set_gate(Gate::Open);
        let mark = Mark { requests: visit.mark(), dialogs: visit.dialogs().len(), untold: visit.untold() };
        self.work.begun = true;
        if let Err(stopped) = self.press(mark).await {
            return stopped;
        }
        if self.proven {
            self.work.keep_answer(mark, None).await;
            let verdict = Verdict::Taken { by: "what the recipe expects is shown".to_owned(), receipt: None };
            self.work.evidence.push(ending::reasoned(&verdict));
            return ending::of(&verdict, None, self.stamp(started));
        }
        let mut look = self.watch(mark).await;
        if let Ok(look) = &mut look
            && !look.sent.left
            && matches!(look.verdict, Verdict::Refused(_) | Verdict::Hindered(_))
            && self.leaves(mark).await
        {
            look.verdict = Verdict::Unclear("the page sent something after it had said that it did not".to_owned());
        }
        self.work.keep_answer(mark, look.as_ref().ok()).await;
        match look {
            Ok(look) => {
                self.work.evidence.push(ending::reasoned(&look.verdict));
                let code = look.sent.page;
                let is_refusal = code.is_some_and(|code| code >= 400) && !look.sent.redirected;
                match (&look.verdict, code) {
                    // As in plain HTTP: the site itself says that it let nothing through.
                    (Verdict::Unclear(why), Some(code @ (401..=404 | 407 | 410 | 429))) if is_refusal => {
                        match ending::not_shown(look.view.url.as_str(), code) {
                            Outcome::Deferred(_) => in_doubt(Phase::Confirm, why),
                            refused => refused,
                        }
                    }
                    (verdict, code) => ending::of(verdict, code, self.stamp(started)),
                }
            }
            Err(broken) => {
                in_doubt(Phase::Confirm, &format!("\"{}\" was pressed, and then {broken}", self.ready.label))
            }
        }
    }

    /// Presses the button; where steps follow, fills them and presses theirs.
    async fn press(&mut self, mark: Mark) -> Result<(), Ended> {
        self.click(mark).await?;
        if !self.ready.rest.is_empty() {
            return self.follow_rest(mark).await;
        }
        if !self.ready.more {
            return Ok(());
        }
        let begun = |why: String| in_doubt(Phase::Transfer, &format!("the form was begun, and then {why}"));
        self.work.visit.settle(LOOK).await.map_err(|e| begun(e.to_string()))?;
        let errand = self.kept.errand();
        match self.work.lead(&errand, STEPS_MAX).await {
            Ok(Led::Ready(ready)) => self.ready = *ready,
            Ok(Led::HeldBack(_)) => return Err(begun("a step was held back".to_owned())),
            Err(stop) => return Err(begun(stop.to_string())),
        }
        self.click(mark).await
    }

    /// The steps of a recipe that follow its `send:`. What they do not find leaves a doubt.
    async fn follow_rest(&mut self, mark: Mark) -> Result<(), Ended> {
        let errand = self.kept.errand();
        let rest = std::mem::take(&mut self.ready.rest);
        let mut expected = false;
        for step in &rest {
            expected |= matches!(step.does, Action::Expect(_));
            if let Err(stop) = self.work.step(step, &errand).await {
                let why = format!("the form was sent by the recipe, and then {stop}");
                self.work.keep_answer(mark, None).await;
                return Err(in_doubt(Phase::Confirm, &why));
            }
        }
        self.proven = expected;
        Ok(())
    }

    async fn click(&mut self, mark: Mark) -> Result<(), Ended> {
        let label = self.ready.label.clone();
        match self.work.visit.click(&self.ready.button).await {
            // The driver did not press it: something lies over it, or it is gone.
            Err(BrowserError::Refused(why)) if !self.leaves(mark).await => {
                let why = format!("the button \"{label}\" cannot be pressed: {why}");
                Err(Outcome::Blocked(Failure::new(Phase::Prepare, why)))
            }
            // It was pressed; what the driver did not see is the page that came.
            Ok(()) | Err(BrowserError::Refused(_) | BrowserError::Unseen(_) | BrowserError::Slow) => Ok(()),
            Err(broken) => Err(in_doubt(Phase::Transfer, &format!("while \"{label}\" was pressed, {broken}"))),
        }
    }

    /// Whether anything has left, or was about to: where nothing has, nothing does any more.
    async fn leaves(&mut self, mark: Mark) -> bool {
        let message = &self.kept.answers.message;
        self.work.visit.set_gate(Gate::Reading { typed: message.clone() });
        // What is on its way is told of before the page is quiet; a page that cannot be asked tells nothing.
        let is_told = self.work.visit.settle(SHORT).await.is_ok();
        let leaves = !is_told || self.work.has_left(mark, message);
        if leaves {
            self.work.visit.set_gate(Gate::Open);
        }
        leaves
    }

    /// Looks until the page says what became of the message.
    async fn watch(&mut self, mark: Mark) -> Result<Look, BrowserError> {
        let mut confirmed = false;
        match self.watched(mark, &mut confirmed).await {
            Err(e) if confirmed => Err(BrowserError::Refused(format!("{ONCE_MORE}{e}"))),
            Ok(mut look) if confirmed => {
                if let Verdict::Unclear(why) = &mut look.verdict {
                    why.insert_str(0, ONCE_MORE);
                }
                Ok(look)
            }
            other => other,
        }
    }

    async fn watched(&mut self, mark: Mark, confirmed: &mut bool) -> Result<Look, BrowserError> {
        let mut last = Err(BrowserError::Late(LOOK));
        for round in 1..=LOOKS_MAX {
            self.work.visit.settle(LOOK).await?;
            let (before, stated) = (&self.ready.before, self.kept.target.success.as_ref());
            let against = Against { before, mark, stated, answers: &self.kept.answers };
            let look = match self.work.look_after(against).await {
                Ok(look) => look,
                // Between two pages there is nothing to be seen.
                Err(e @ BrowserError::Refused(_)) => {
                    last = last.or(Err(e));
                    continue;
                }
                Err(e) => return Err(e),
            };
            if let Some(again) = look.again.and_then(|at| look.view.node(at)).filter(|_| !*confirmed) {
                *confirmed = true;
                let again = again.clone();
                match self.work.visit.click(&again).await {
                    Ok(()) | Err(BrowserError::Unseen(_) | BrowserError::Slow) => continue,
                    Err(e) => return Err(e),
                }
            }
            let is_over = match &look.verdict {
                Verdict::Taken { .. } | Verdict::Held(_) => true,
                Verdict::Refused(_) => look.sent.left || round >= NOTHING_MAX,
                Verdict::Hindered(_) => round >= WALLS_MAX || look.says_all(),
                Verdict::Unclear(_) => look.says_all(),
            };
            if is_over {
                return Ok(look);
            }
            last = Ok(look);
        }
        last
    }

    fn stamp(&self, started: DateTime<Utc>) -> Stamp {
        let ended = self.means.clock.now();
        let took = u32::try_from((ended - started).num_seconds()).unwrap_or(0);
        Stamp::observed(ended, took.saturating_add(1))
    }
}

fn in_doubt(phase: Phase, why: &str) -> Ended {
    Outcome::InDoubt(Failure::new(phase, why))
}
