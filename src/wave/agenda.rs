//! What an inquiry's next step is, and when. Pure: plan and state in, a moment and a step out.

use crate::calendar::SendWindow;
use crate::model::channel::Delivery as Delivers;
use crate::model::event::SkipReason;
use crate::model::ids::CompanyId;
use crate::model::inbound::InboundKind;
use crate::model::outcome::Outcome;
use crate::model::plan::{Due, Plan, PlannedInquiry};
use crate::model::state::{Delivery, InquiryState, MessageState, WaveState};
use crate::model::study::Late;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// First wait before a deferred message is tried again; doubled with every try.
const RETRY_MINUTES_FIRST: i64 = 15;

/// Longest wait between two tries.
const RETRY_MINUTES_MAX: i64 = 12 * 60;

/// What happens next to an inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Risposta sends a message.
    Send {
        /// The message: 0 is the first.
        message: u32,
        /// When it was due: how late it is, is journaled.
        due: DateTime<Utc>,
    },
    /// A message will not be sent.
    Skip {
        /// The message: 0 is the first.
        message: u32,
        /// Why.
        reason: SkipReason,
    },
    /// The observation window ends: coverage must reach it.
    Close,
    /// A person's task opens; nothing for a machine to do.
    Ask,
}

/// When messages may leave, for each company.
#[derive(Debug, Clone, Default)]
pub struct SendWindows(HashMap<CompanyId, Arc<SendWindow>>);

impl SendWindows {
    /// The send windows of a plan's companies; those of one zone and country share one.
    ///
    /// # Errors
    /// When the study's send window cannot be read, which `check` would have said.
    pub fn new(plan: &Plan) -> Result<Self, String> {
        let mut shared: HashMap<_, Arc<SendWindow>> = HashMap::new();
        let mut windows = HashMap::new();
        for company in &plan.study.companies {
            let key = (company.timezone, company.country.clone());
            let window = if let Some(window) = shared.get(&key) {
                window.clone()
            } else {
                let window = SendWindow::new(&plan.study.design.send, company.timezone, company.country.as_deref())
                    .map_err(|e| e.to_string())?;
                shared.entry(key).or_insert(Arc::new(window)).clone()
            };
            windows.insert(company.id.clone(), window);
        }
        Ok(Self(windows))
    }

    /// The first moment from `at` on at which a message to the company may leave; `None`: never.
    #[must_use]
    pub fn next_open(&self, company: &CompanyId, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.get(company)?.next_open(at)
    }

    /// Whether the send window in which `due` lies is over at `now`.
    fn is_late(&self, company: &CompanyId, due: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        // Only the time from `due` to `now` is looked through: a window that never closes would be
        // searched for its end over a year.
        let beyond = now + TimeDelta::seconds(1);
        let all = u64::try_from((beyond - due).num_seconds()).unwrap_or(0);
        self.0.get(company).is_some_and(|w| w.is_open(due) && w.open_seconds_between(due, beyond) < all)
    }
}

/// Whether anything is still to be done in a wave, now or later.
#[must_use]
pub fn is_under_way(plan: &Plan, state: &WaveState, windows: &SendWindows, now: DateTime<Utc>) -> bool {
    (0..plan.inquiries.len()).any(|i| next_step(plan, state, windows, i, now).is_some())
}

/// The next step of inquiry number `i`, and from when on it can be done. `None`: nothing more.
#[must_use]
pub fn next_step(
    plan: &Plan,
    state: &WaveState,
    windows: &SendWindows,
    i: usize,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Step)> {
    let (planned, inquiry) = (plan.inquiries.get(i)?, state.inquiries.get(i)?);
    let look = Look { plan, state, windows, planned, inquiry, now };
    match inquiry.asked_at(state) {
        None => look.first_message(),
        Some(asked_at) => {
            let ends = asked_at + plan.study.design.window.delta();
            let close = look.close(asked_at, ends);
            look.reminder(asked_at, ends).into_iter().chain(close).min_by_key(|(at, _)| *at)
        }
    }
}

/// Messages that should have left by now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Nothing holds them up.
    pub to_send: usize,
    /// They wait until the account where answers arrive can be read.
    pub unheard: usize,
    /// They are overdue and will be left out.
    pub to_skip: usize,
}

/// Counts the messages that should have left by `now`.
#[must_use]
pub fn waiting(plan: &Plan, state: &WaveState, windows: &SendWindows, now: DateTime<Utc>) -> Waiting {
    let mut count = Waiting::default();
    for (i, planned) in plan.inquiries.iter().enumerate() {
        match next_step(plan, state, windows, i, now).filter(|(at, _)| *at <= now) {
            Some((_, Step::Send { .. })) if state.is_deaf_to(plan, planned, now) => count.unheard += 1,
            Some((_, Step::Send { .. })) => count.to_send += 1,
            Some((_, Step::Skip { .. })) => count.to_skip += 1,
            None | Some((_, Step::Close | Step::Ask)) => {}
        }
    }
    count
}

/// One inquiry, looked at from one moment.
struct Look<'a> {
    plan: &'a Plan,
    state: &'a WaveState,
    windows: &'a SendWindows,
    planned: &'a PlannedInquiry,
    inquiry: &'a InquiryState,
    now: DateTime<Utc>,
}

impl Look<'_> {
    fn first_message(&self) -> Option<(DateTime<Utc>, Step)> {
        let message = self.inquiry.messages.first()?;
        if message.skipped.is_some() || self.is_stopped() {
            return None;
        }
        let due = self.planned.first_due()?;
        let gone = due + self.plan.study.design.window.delta();
        if self.now >= gone && self.lapses(message) {
            return Some((self.now, Step::Skip { message: 0, reason: SkipReason::NotDone }));
        }
        match self.delivery(message) {
            Delivery::Blocked | Delivery::EntriesRejected => Some((gone, Step::Ask)),
            Delivery::Pending if self.planned.channel.delivery() == Delivers::Assisted => {
                Some((if self.now < due { due } else { gone }, Step::Ask))
            }
            Delivery::Pending => self.send(0, message, due),
            Delivery::Deferred => self.retry(0, message, due),
            Delivery::Held | Delivery::InDoubt => self.proof(message),
            Delivery::GaveUp | Delivery::Accepted | Delivery::Rejected => None,
        }
    }

    fn is_stopped(&self) -> bool {
        self.state.stopped.contains_key(&self.planned.company)
    }

    /// Whether a message is given up when a whole window has passed since it was due: a person's
    /// task that nobody did, and what only the study's `late: send` would still send.
    fn lapses(&self, message: &MessageState) -> bool {
        let skips = self.plan.study.rules.late == Late::Skip;
        match self.delivery(message) {
            Delivery::Blocked | Delivery::EntriesRejected => true,
            Delivery::Pending if self.planned.channel.delivery() == Delivers::Assisted => true,
            // One that was never tried is late: that is said when it is to be sent.
            Delivery::Pending => skips && !message.attempts.is_empty(),
            Delivery::Deferred => skips,
            Delivery::GaveUp | Delivery::Accepted | Delivery::Held | Delivery::Rejected | Delivery::InDoubt => false,
        }
    }

    /// Nobody sends it again, but what comes back proves that it arrived: it is watched for as
    /// long as if it had been accepted.
    fn proof(&self, message: &MessageState) -> Option<(DateTime<Utc>, Step)> {
        let left_at = message.attempts.last()?.at;
        self.close(left_at, left_at + self.plan.study.design.window.delta())
    }

    fn delivery(&self, message: &MessageState) -> Delivery {
        message.delivery(self.plan.study.design.attempts_max)
    }

    fn send(&self, number: u32, message: &MessageState, due: DateTime<Utc>) -> Option<(DateTime<Utc>, Step)> {
        let company = &self.planned.company;
        // A message that was tried before is not late: we were there.
        let late = message.attempts.is_empty() && self.windows.is_late(company, due, self.now);
        if late && self.plan.study.rules.late == Late::Skip {
            return Some((self.now, Step::Skip { message: number, reason: SkipReason::Late }));
        }
        let at = if self.now > due { self.windows.next_open(company, self.now)? } else { due };
        Some((at, Step::Send { message: number, due }))
    }

    fn retry(&self, number: u32, message: &MessageState, due: DateTime<Utc>) -> Option<(DateTime<Utc>, Step)> {
        let last = message.attempts.last()?;
        let asked_for = last.outcome.as_ref().and_then(Outcome::failure).and_then(|f| f.retry_after_seconds);
        // What the other side asks for is obeyed, up to the length of a whole window.
        let asked_for = TimeDelta::seconds(asked_for.unwrap_or(0).into()).min(self.plan.study.design.window.delta());
        let wait = retry_wait(message.tries(), self.planned.id.as_str()).max(asked_for);
        let at = self.windows.next_open(&self.planned.company, (last.at + wait).max(self.now))?;
        Some((at, Step::Send { message: number, due }))
    }

    fn reminder(&self, asked_at: DateTime<Utc>, ends: DateTime<Utc>) -> Option<(DateTime<Utc>, Step)> {
        if self.now >= ends || self.is_stopped() || is_answered(self.state, self.inquiry) {
            return None;
        }
        let (number, message) = (0_u32..).zip(&self.inquiry.messages).skip(1).find(|(_, m)| self.is_open(m))?;
        let Due::AfterFirstAccepted(after) = self.planned.messages.get(number as usize)?.due else { return None };
        let due = self.windows.next_open(&self.planned.company, asked_at + after.delta())?;
        if due >= ends {
            return None;
        }
        let assisted = self.planned.channel.delivery() == Delivers::Assisted;
        match self.delivery(message) {
            Delivery::Pending if assisted => (self.now < due).then_some((due, Step::Ask)),
            Delivery::Pending => self.send(number, message, due),
            Delivery::Deferred => self.retry(number, message, due),
            _ => None,
        }
        .filter(|(at, _)| *at < ends)
    }

    /// A reminder that is still to be sent. One that failed for good ends the series:
    /// nobody is asked in a way that is known not to work.
    fn is_open(&self, message: &MessageState) -> bool {
        message.skipped.is_none() && self.delivery(message) != Delivery::Accepted
    }

    fn close(&self, asked_at: DateTime<Utc>, ends: DateTime<Utc>) -> Option<(DateTime<Utc>, Step)> {
        let covered = self.state.read_through(self.plan, self.planned, self.inquiry);
        if covered.is_some_and(|through| through >= ends) {
            return None;
        }
        match self.planned.channel.delivery() {
            // Only a person can look: at each threshold and at the end there is a task, and after it
            // nothing for the machine to wait for.
            Delivers::Assisted => {
                let thresholds = self.plan.study.thresholds.iter().map(|span| asked_at + span.delta());
                let next = thresholds.chain([ends]).filter(|at| *at > self.now && *at <= ends).min();
                next.map(|at| (at, Step::Ask))
            }
            Delivers::Automatic => Some((ends, Step::Close)),
        }
    }
}

/// Whether something came that makes a reminder pointless, on every channel alike: an
/// acknowledgement does not.
pub(super) fn is_answered(state: &WaveState, inquiry: &InquiryState) -> bool {
    let ends_reminding = |kind| matches!(kind, InboundKind::Reply | InboundKind::BotReply | InboundKind::Bounce);
    state.messages_of(inquiry).any(|m| m.kind.is_some_and(ends_reminding))
}

/// Growing, jittered wait after `tries` tries. The jitter comes from the inquiry's id, so that
/// many messages to one server do not come back at once, and a rehearsal repeats.
fn retry_wait(tries: u32, id: &str) -> TimeDelta {
    let doubled = RETRY_MINUTES_FIRST.saturating_mul(1_i64.checked_shl(tries.saturating_sub(1)).unwrap_or(i64::MAX));
    let minutes = doubled.clamp(RETRY_MINUTES_FIRST, RETRY_MINUTES_MAX);
    let digest = Sha256::digest(format!("{id} {tries}"));
    let percent = 80 + i64::from(digest[0]) * 40 / 255;
    TimeDelta::seconds(minutes * 60 * percent / 100)
}

/// The inquiries that have a next step, by its moment.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    by_time: BTreeSet<(DateTime<Utc>, usize)>,
    at: HashMap<usize, DateTime<Utc>>,
}

impl Agenda {
    /// Sets when inquiry `i` is to be looked at, or takes it off.
    pub fn set(&mut self, i: usize, at: Option<DateTime<Utc>>) {
        if let Some(before) = self.at.remove(&i) {
            self.by_time.remove(&(before, i));
        }
        if let Some(at) = at {
            self.at.insert(i, at);
            self.by_time.insert((at, i));
        }
    }

    /// The moment of the first step.
    #[must_use]
    pub fn first(&self) -> Option<DateTime<Utc>> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the first inquiry whose moment has come.
    pub fn pop(&mut self, now: DateTime<Utc>) -> Option<usize> {
        let (at, i) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.set(i, None);
        Some(i)
    }
}

#[cfg(test)]
mod tests;
