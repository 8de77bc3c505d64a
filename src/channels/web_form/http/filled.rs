//! What happens when a filled form is let go, and what does the answer mean?

use super::exchange::{Answer, Lost, Request, Visit};
use super::submit::Submission;
use super::{confirmed, refresh, source};
use crate::channels::web_form::ending;
use crate::channels::web_form::means::OurFault;
use crate::channels::{Delivered, Ended, Evidence, Prepared};
use crate::clock::Clock;
use crate::forms::fill::Answers;
use crate::forms::judge::{Before, Seen, Verdict, refusal};
use crate::forms::page::Page;
use crate::model::outcome::{Failure, Obstacle, Outcome, Phase};
use crate::model::study::FormSuccess;
use crate::model::time::Stamp;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use url::Url;

/// Most pages that are followed after the form was sent.
const STEPS_MAX: usize = 3;

/// A form that is filled and needs only to be sent.
pub(super) struct FilledForm {
    pub(super) visit: Visit,
    pub(super) page: Url,
    pub(super) submission: Submission,
    pub(super) before: Before,
    pub(super) answers: Answers,
    pub(super) success: Option<FormSuccess>,
    pub(super) clock: Clock,
    pub(super) our_fault: OurFault,
    pub(super) evidence: Vec<Evidence>,
}

/// What follows from an answer.
enum Step {
    /// The attempt is over.
    Ended(Ended, Vec<Evidence>),
    /// The site shows once more what was entered: the same message goes on, in the same attempt.
    Confirm(Submission),
    /// The page leads on to another one by itself. What it said itself stands where that cannot be had.
    Follow(Url, Ended),
}

/// How far the message has come.
#[derive(Clone, Copy)]
struct Way {
    /// Whether the site has shown the entries once more, and got them again.
    confirmed: bool,
    /// Whether this page was led to by another one.
    followed: bool,
}

#[async_trait]
impl Prepared for FilledForm {
    fn bytes_sha256(&self) -> Option<String> {
        Some(self.submission.sha256())
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.evidence.clone()
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let started = self.clock.now();
        let Submission { url, body } = self.submission.clone();
        let mut evidence = Vec::new();
        let first = self.visit.send(Request { url, body, from: Some(self.page.clone()) }).await;
        let outcome = match first {
            Ok(answer) => self.followed(answer, started, &mut evidence).await,
            Err(Lost { unreached, why, evidence: seen }) => {
                evidence.extend(seen);
                match unreached {
                    Some(suspect) => self.our_fault.or_deferred(suspect, why).await,
                    None => Outcome::InDoubt(Failure::new(Phase::Transfer, why)),
                }
            }
        };
        Delivered { outcome, evidence: self.visit.masked(evidence) }
    }
}

impl FilledForm {
    /// Follows what the site does after the form had arrived: from here on a break leaves a doubt.
    async fn followed(&self, answer: Answer, started: DateTime<Utc>, evidence: &mut Vec<Evidence>) -> Ended {
        let mut answer = answer;
        let mut way = Way { confirmed: false, followed: false };
        for _ in 0..STEPS_MAX {
            evidence.append(&mut answer.evidence);
            let step = self.step(&answer, way, self.taken_at(started));
            let (request, otherwise) = match step {
                Step::Ended(ended, seen) => {
                    evidence.extend(seen);
                    return ended;
                }
                Step::Confirm(Submission { url, body }) => {
                    way.confirmed = true;
                    (Request { url, body, from: Some(answer.url) }, None)
                }
                Step::Follow(url, ended) => {
                    way.followed = true;
                    (Request { url, body: None, from: Some(answer.url) }, Some(ended))
                }
            };
            answer = match self.visit.send(request).await {
                Ok(answer) => answer,
                Err(Lost { why, evidence: seen, .. }) => {
                    evidence.extend(seen);
                    return otherwise.unwrap_or_else(|| {
                        let why = format!("the site showed the entries once more, and then: {why}");
                        Outcome::InDoubt(Failure::new(Phase::Transfer, why))
                    });
                }
            };
        }
        evidence.append(&mut answer.evidence);
        Outcome::InDoubt(Failure::new(Phase::Confirm, "the answer leads on and on to other pages"))
    }

    fn taken_at(&self, started: DateTime<Utc>) -> Stamp {
        let ended = self.clock.now();
        let took = u32::try_from((ended - started).num_seconds()).unwrap_or(0);
        Stamp::observed(ended, took.saturating_add(1))
    }

    fn step(&self, answer: &Answer, way: Way, at: Stamp) -> Step {
        if !answer.status.is_success() {
            return Step::Ended(self.refused(answer, way), Vec::new());
        }
        let source = source(answer);
        let page = Page::parse(&source.html, &source.url);
        page.forms.iter().for_each(|form| self.visit.learn_form(form));
        if !way.confirmed
            && let Some(form) = self.before.asks_again(&page)
        {
            return match confirmed(&page, form, &source, &self.answers) {
                Ok(submission) => Step::Confirm(submission),
                Err(unfit) => {
                    let verdict = Verdict::Hindered(unfit);
                    Step::Ended(ending::of(&verdict, None, at), vec![ending::reasoned(&verdict)])
                }
            };
        }
        let redirected = answer.redirects > 0 || way.followed;
        let seen = Seen { url: &answer.url, redirected, html: &source.html, data: &[] };
        let verdict = self.before.judge(self.success.as_ref(), seen);
        let ended = ending::of(&verdict, Some(answer.status.as_u16()), at);
        match refresh::target(answer, &page).filter(|_| matches!(verdict, Verdict::Unclear(_)) && !way.followed) {
            Some(next) => Step::Follow(next, ended),
            None => Step::Ended(ended, vec![ending::reasoned(&verdict)]),
        }
    }

    /// What a status of refusal means.
    fn refused(&self, answer: &Answer, way: Way) -> Ended {
        let code = answer.status.as_u16();
        let why = format!("{} answered {}", answer.url, answer.status);
        let failure = Failure::new(Phase::Transfer, why).with_code(code);
        match code {
            // The form's action had already answered: what failed is the page it sent us to.
            _ if answer.redirects > 0 || way.confirmed || way.followed => Outcome::InDoubt(failure),
            // What stands before the site says that it let nothing through.
            _ if answer.is_challenge => Outcome::Blocked(failure.with_obstacle(Obstacle::BotWall)),
            400 | 422 => match refusal(&self.before, &source(answer).html, &answer.url) {
                Some(words) => ending::of(&Verdict::Refused(words), Some(code), Stamp::observed(self.clock.now(), 1)),
                None => Outcome::Rejected(failure),
            },
            404 | 410 => Outcome::Rejected(failure),
            408 | 409 | 425 => Outcome::InDoubt(failure),
            401 | 407 => Outcome::Blocked(failure.with_obstacle(Obstacle::Login)),
            403 | 429 => Outcome::Blocked(failure.with_obstacle(Obstacle::BotWall)),
            400..=499 => Outcome::Blocked(failure),
            _ => Outcome::InDoubt(failure),
        }
    }
}
