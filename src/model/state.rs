//! The fold from events to where a wave stands. Pure: the same entries give the same state.

mod coding;
mod coverage;
mod delivery;
mod inbox;
mod past;
mod proof;

pub use coding::RatedBy;
pub use coverage::{Gap, SourceState};
pub use delivery::Delivery;
pub use inbox::{InboundState, Inbox, Quoted, ReplyState};

use super::event::{Act, AttemptRef, Entry, Event, Proof, SkipReason};
use super::ids::{AccountId, CompanyId, InboundId, InquiryId};
use super::inbound::Interpretation;
use super::outcome::{Outcome, Payload};
use super::plan::{Plan, PlannedInquiry};
use super::time::Stamp;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Two processes that write to one journal at once may be this far apart without a clock being set.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// An event that cannot follow what came before it: the journal or the plan is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} of the journal does not fit: {why}")]
pub struct FoldError {
    /// Number of the event.
    pub seq: u64,
    /// What does not fit.
    pub why: String,
}

/// Where a wave stands.
#[derive(Debug, Clone, PartialEq)]
pub struct WaveState {
    /// The inquiries, in the plan's order.
    pub inquiries: Vec<InquiryState>,
    /// What came in, by number.
    pub inbound: Inbox,
    /// The sources that were ever read.
    pub sources: BTreeMap<AccountId, SourceState>,
    /// Accounts that failed, and are not to be used until somebody resumes them.
    pub paused: BTreeMap<AccountId, Pause>,
    /// How often each account has failed without a success since.
    pub failures: BTreeMap<AccountId, u32>,
    /// Companies that are left alone, and since when.
    pub stopped: BTreeMap<CompanyId, DateTime<Utc>>,
    /// The last time that our clock was found to be set back.
    pub set_back: Option<SetBack>,
    /// SHA-256 of the plan that holds, amendments included.
    pub plan_sha256: Option<String>,
    /// Number of the last event.
    pub last_seq: u64,
    /// Moment of the last event.
    pub last_at: Option<DateTime<Utc>>,
    interpretations: HashSet<Arc<Interpretation>>,
    index: HashMap<InquiryId, usize>,
    by_company: HashMap<CompanyId, Vec<usize>>,
}

/// An account that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when it is not used.
    pub since: DateTime<Utc>,
    /// Why.
    pub why: Payload,
}

/// Our clock was set back: moments recorded before may be wrong by as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetBack {
    /// What it had shown.
    pub from: DateTime<Utc>,
    /// What it showed then.
    pub to: DateTime<Utc>,
}

/// Where an inquiry stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InquiryState {
    /// Its messages, as planned.
    pub messages: Vec<MessageState>,
    /// What came in for it, in order of arrival here.
    pub inbound: BTreeSet<InboundId>,
    /// What a person did or saw.
    pub acts: Vec<(Act, Stamp)>,
}

/// Where a message stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageState {
    /// The tries, in order.
    pub attempts: Vec<AttemptState>,
    /// Why it will not be sent.
    pub skipped: Option<SkipReason>,
    /// Since when.
    pub skipped_at: Option<DateTime<Utc>>,
    /// When a person sent it.
    pub sent_by_person: Option<Stamp>,
}

/// One try.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptState {
    /// When it was started (or refused in preparation).
    pub at: DateTime<Utc>,
    /// The account of ours that it left from, where the journal says.
    pub account: Option<AccountId>,
    /// How it ended; `None` is in doubt.
    pub outcome: Option<Outcome>,
    /// What was found out later, by a person or by proof.
    pub settled: Option<Settlement>,
}

/// What was found out about an attempt that was in doubt, or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Whether it had left.
    pub left: bool,
    /// Who or what shows it.
    pub proof: Proof,
    /// The other side's name for the message, where the proof brought it to light.
    pub receipt: Option<Payload>,
}

impl WaveState {
    /// The state before the first event.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let fresh = |p: &PlannedInquiry| InquiryState {
            messages: vec![MessageState::default(); p.messages.len()],
            ..InquiryState::default()
        };
        let mut by_company: HashMap<CompanyId, Vec<usize>> = HashMap::new();
        for (i, planned) in plan.inquiries.iter().enumerate() {
            by_company.entry(planned.company.clone()).or_default().push(i);
        }
        Self {
            inquiries: plan.inquiries.iter().map(fresh).collect(),
            inbound: Inbox::default(),
            sources: BTreeMap::new(),
            paused: BTreeMap::new(),
            failures: BTreeMap::new(),
            stopped: BTreeMap::new(),
            set_back: None,
            plan_sha256: None,
            last_seq: 0,
            last_at: None,
            interpretations: HashSet::new(),
            index: plan.inquiries.iter().enumerate().map(|(i, p)| (p.id.clone(), i)).collect(),
            by_company,
        }
    }

    /// The state after all of `entries`.
    ///
    /// # Errors
    /// [`FoldError`] at the first entry that does not fit.
    pub fn fold<'e>(plan: &Plan, entries: impl IntoIterator<Item = &'e Entry>) -> Result<Self, FoldError> {
        let mut state = Self::new(plan);
        for entry in entries {
            state.apply(entry)?;
        }
        Ok(state)
    }

    /// Takes one entry in.
    ///
    /// # Errors
    /// [`FoldError`] when it names what does not exist, or comes out of order.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), FoldError> {
        let wrong = |why: String| FoldError { seq: entry.seq, why };
        if entry.seq != self.last_seq + 1 {
            return Err(wrong(format!("expected number {}", self.last_seq + 1)));
        }
        self.apply_event(entry.at, &entry.event).map_err(wrong)?;
        if let Some(from) = self.last_at.filter(|last| *last - entry.at > CLOCKS_DIFFER) {
            self.set_back = Some(SetBack { from, to: entry.at });
        }
        self.last_seq = entry.seq;
        self.last_at = Some(entry.at);
        Ok(())
    }

    fn apply_event(&mut self, at: DateTime<Utc>, event: &Event) -> Result<(), String> {
        match event {
            Event::WaveOpened { plan_sha256, .. } | Event::Amended { plan_sha256, .. } => {
                self.plan_sha256 = Some(plan_sha256.clone());
            }
            Event::AttemptStarted { attempt, account, .. } => self.begin(attempt, at, account.clone(), None)?,
            Event::AttemptRefused { attempt, outcome, .. } => {
                self.begin(attempt, at, None, Some(outcome.clone().as_named_now()))?;
            }
            Event::AttemptEnded { attempt, outcome, .. } => self.end(attempt, outcome)?,
            Event::Settled { attempt, left, proof, receipt, .. } => {
                let settlement = Settlement { left: *left, proof: *proof, receipt: receipt.clone() };
                self.attempt(attempt)?.settled = Some(settlement);
            }
            Event::Skipped { inquiry, message, reason } => self.skip(inquiry, *message, *reason, at)?,
            Event::Recorded { inquiry, message, act, at, .. } => self.record(inquiry, *message, *act, *at)?,
            Event::AccountPaused { account, why } => {
                self.paused.insert(account.clone(), Pause { since: at, why: why.clone() });
                *self.failures.entry(account.clone()).or_default() += 1;
            }
            Event::AccountResumed { account } => {
                self.paused.remove(account);
            }
            Event::InboundStored { .. } => self.store_inbound(event)?,
            Event::Interpreted { inbound, interpretation, duplicate_of, about, sender, .. } => {
                let message = self.inbound_mut(*inbound)?;
                message.duplicate_of = *duplicate_of;
                message.about = *about;
                message.set_sender(sender.as_ref());
                if !message.reviewed {
                    self.interpret(*inbound, interpretation)?;
                }
            }
            Event::Reviewed { inbound, interpretation } => {
                self.inbound_mut(*inbound)?.reviewed = true;
                self.interpret(*inbound, interpretation)?;
            }
            Event::Coded { inbound, rater, adequacy } => self.inbound_mut(*inbound)?.code(rater, *adequacy),
            Event::Rated { inbound, rater, items } => self.inbound_mut(*inbound)?.rate(rater, items),
            Event::Withdrawn { inbound, rater } => self.inbound_mut(*inbound)?.withdraw(rater),
            Event::Adjudicated { inbound, item, value, .. } => self.inbound_mut(*inbound)?.adjudicate(item, value),
            Event::Suggested { inbound, rules, answer } => self.suggest(*inbound, *rules, answer)?,
            Event::Quoted { inbound, words, approved } => {
                let quoted = words.clone().map(|words| Quoted { words, approved: *approved });
                self.inbound_mut(*inbound)?.reply_mut().quoted = quoted;
            }
            Event::Covered { source, through, cursor } => {
                self.sources.entry(source.clone()).or_default().read(cursor, *through, at);
            }
            Event::Missed { source, since, until, why } => {
                let gap = Gap { since: *since, until: *until, why: why.clone() };
                self.sources.entry(source.clone()).or_default().gaps.push(gap);
            }
            Event::SourceFailed { source, why } => {
                let source = self.sources.entry(source.clone()).or_default();
                source.failed = Some(why.clone());
                source.failing_since.get_or_insert(at);
            }
            Event::Stopped { company, .. } => {
                self.stopped.entry(company.clone()).or_insert(at);
            }
            Event::Purged { .. } => {}
        }
        Ok(())
    }

    /// Index of an inquiry in the plan.
    #[must_use]
    pub fn index_of(&self, inquiry: &InquiryId) -> Option<usize> {
        self.index.get(inquiry).copied()
    }

    /// Indices of a company's inquiries in the plan.
    #[must_use]
    pub fn of_company(&self, company: &CompanyId) -> &[usize] {
        self.by_company.get(company).map_or(&[], Vec::as_slice)
    }

    /// The messages that came in for an inquiry, each once.
    pub fn messages_of<'s>(&'s self, inquiry: &'s InquiryState) -> impl Iterator<Item = &'s InboundState> {
        inquiry.inbound.iter().filter_map(|id| self.inbound.get(id)).filter(|m| m.duplicate_of.is_none())
    }

    /// Messages that a person must look at before they can count.
    pub fn in_review(&self) -> impl Iterator<Item = &InboundState> {
        self.inbound.values().filter(|m| {
            m.duplicate_of.is_none() && m.interpretation.as_deref().is_some_and(Interpretation::needs_review)
        })
    }

    /// The last moment of which anything is known: a source was covered up to it, or a person
    /// did, saw or heard something. Each inquiry is still held to the coverage of its own channel.
    #[must_use]
    pub fn last_coverage(&self) -> Option<DateTime<Utc>> {
        let by_machines = self.sources.values().filter_map(|s| s.through);
        let by_persons = self.inquiries.iter().flat_map(|i| &i.acts).map(|(_, at)| at.at);
        let heard = self.inbound.values().filter(|m| m.source == AccountId::person()).map(|m| m.received.at);
        by_machines.chain(by_persons).chain(heard).max()
    }

    fn begin(
        &mut self,
        attempt: &AttemptRef,
        at: DateTime<Utc>,
        account: Option<AccountId>,
        outcome: Option<Outcome>,
    ) -> Result<(), String> {
        let message = self.message(&attempt.inquiry, attempt.message)?;
        if attempt.attempt as usize != message.attempts.len() + 1 {
            return Err(format!("attempt {} of {} out of order", attempt.attempt, attempt.inquiry));
        }
        // Most messages have one: room for more would be most of a large wave's memory.
        message.attempts.reserve_exact(1);
        message.attempts.push(AttemptState { at, account, outcome, settled: None });
        Ok(())
    }

    fn end(&mut self, attempt: &AttemptRef, outcome: &Outcome) -> Result<(), String> {
        let started = self.attempt(attempt)?;
        if started.outcome.is_some() {
            return Err(format!("attempt {} of {} ended twice", attempt.attempt, attempt.inquiry));
        }
        started.outcome = Some(outcome.clone().as_named_now());
        if !matches!(outcome, Outcome::AccountFailed { .. }) {
            match started.account.clone() {
                Some(account) => drop(self.failures.remove(&account)),
                // An older journal: some account works, and none is paused for long.
                None => self.failures.clear(),
            }
        }
        Ok(())
    }

    fn skip(&mut self, id: &InquiryId, message: u32, reason: SkipReason, at: DateTime<Utc>) -> Result<(), String> {
        let message = self.message(id, message)?;
        message.skipped = Some(reason);
        message.skipped_at = Some(at);
        Ok(())
    }

    fn record(&mut self, inquiry: &InquiryId, message: u32, act: Act, at: Stamp) -> Result<(), String> {
        match act {
            Act::Sent => self.message(inquiry, message)?.sent_by_person = Some(at),
            Act::Impossible => self.skip(inquiry, message, SkipReason::Impossible, at.at)?,
            Act::Seen | Act::Checked | Act::Kept | Act::Broken | Act::AnsweredBack => {}
        }
        let acts = &mut self.inquiry(inquiry)?.acts;
        acts.reserve_exact(1);
        acts.push((act, at));
        Ok(())
    }

    fn inquiry(&mut self, id: &InquiryId) -> Result<&mut InquiryState, String> {
        let i = self.index_of(id).ok_or_else(|| format!("the plan has no inquiry {id}"))?;
        Ok(&mut self.inquiries[i])
    }

    fn message(&mut self, id: &InquiryId, message: u32) -> Result<&mut MessageState, String> {
        let missing = || format!("the plan has no message {message} of {id}");
        self.inquiry(id)?.messages.get_mut(message as usize).ok_or_else(missing)
    }

    fn attempt(&mut self, attempt: &AttemptRef) -> Result<&mut AttemptState, String> {
        let missing = || format!("attempt {} of {} was never started", attempt.attempt, attempt.inquiry);
        let i = (attempt.attempt as usize).checked_sub(1).ok_or_else(missing)?;
        self.message(&attempt.inquiry, attempt.message)?.attempts.get_mut(i).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests;
