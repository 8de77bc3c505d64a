//! A wave for unit tests, told event by event on the suite's little plan.

#[path = "../../tests/support/little_plan.rs"]
mod little_plan;

pub(crate) use little_plan::start;

use super::channel::Channel;
use super::event::{Act, AttemptRef, Entry, Event};
use super::ids::{AccountId, InboundId};
use super::inbound::{Confidence, InboundKind, Interpretation, RawFormat, Tie};
use super::outcome::{Failure, Outcome, Payload, Phase};
use super::plan::Plan;
use super::state::{FoldError, WaveState};
use super::time::{Span, Stamp};
use chrono::{DateTime, TimeDelta, Utc};

/// That long after the start: `after("28d")`.
pub(crate) fn after(span: &str) -> DateTime<Utc> {
    start() + span.parse::<Span>().unwrap().delta()
}

/// One second.
pub(crate) const SECOND: TimeDelta = TimeDelta::seconds(1);

/// A plan with one inquiry a company, on the given channels; changed as the test wants.
pub(crate) fn plan(channels: &[Channel], change: impl FnOnce(&mut Plan)) -> Plan {
    let inquiries: Vec<_> = channels.iter().map(|channel| (*channel, little_plan::prompt())).collect();
    let mut plan = little_plan::plan(&inquiries);
    change(&mut plan);
    assert!(plan.inquiries.iter().all(|i| i.first_due() >= Some(little_plan::after_hours(0))));
    plan
}

pub(crate) fn payload() -> Payload {
    Payload([0; 32])
}

pub(crate) fn failure() -> Failure {
    Failure::new(Phase::Transfer, payload())
}

pub(crate) fn accepted(at: DateTime<Utc>) -> Outcome {
    Outcome::Accepted { at: Stamp::server(at), receipt: None }
}

pub(crate) fn account_failed() -> Outcome {
    Outcome::AccountFailed { account: account("posta"), failure: failure() }
}

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn attempt(plan: &Plan, i: usize, message: u32, attempt: u32) -> AttemptRef {
    AttemptRef { inquiry: plan.inquiries[i].id.clone(), message, attempt }
}

pub(crate) fn started(attempt: AttemptRef) -> Event {
    Event::AttemptStarted {
        attempt,
        account: Some(account("posta")),
        fingerprint: "f".to_owned(),
        bytes_sha256: None,
        prepared: Vec::new(),
        late_seconds: 0,
    }
}

pub(crate) fn ended(attempt: AttemptRef, outcome: Outcome) -> Event {
    Event::AttemptEnded { attempt, outcome, evidence: Vec::new() }
}

pub(crate) fn stored(number: u32, via: Channel, received: DateTime<Utc>) -> Event {
    Event::InboundStored {
        inbound: InboundId(number),
        source: account("posta"),
        locator: payload(),
        raw: payload(),
        format: RawFormat::Mail,
        via,
        received: Stamp::server(received),
        in_spam: false,
    }
}

pub(crate) fn taken_for(kind: InboundKind, plan: &Plan, inquiry: Option<usize>) -> Interpretation {
    Interpretation {
        kind,
        because: Vec::new(),
        inquiry: inquiry.map(|i| (plan.inquiries[i].id.clone(), Tie::Alias)),
        candidates: Vec::new(),
        status: None,
        confidence: Confidence::CERTAIN,
    }
}

pub(crate) fn interpreted(number: u32, interpretation: Interpretation, duplicate_of: Option<u32>) -> Event {
    let duplicate_of = duplicate_of.map(InboundId);
    Event::Interpreted {
        inbound: InboundId(number),
        intake: 1,
        interpretation,
        duplicate_of,
        about: None,
        sender: None,
    }
}

pub(crate) fn covered(source: &str, through: DateTime<Utc>) -> Event {
    Event::Covered { source: account(source), through: Some(through), cursor: "c".to_owned() }
}

/// A plan and where its wave stands; what is told must fit.
pub(crate) struct Story {
    pub(crate) plan: Plan,
    pub(crate) state: WaveState,
}

impl Story {
    /// Nothing has happened yet.
    pub(crate) fn on(channels: &[Channel]) -> Self {
        Self::of(plan(channels, |_| ()))
    }

    pub(crate) fn of(plan: Plan) -> Self {
        Self { state: WaveState::new(&plan), plan }
    }

    /// An inquiry by that channel, accepted at the start.
    pub(crate) fn asked(channel: Channel) -> Self {
        let mut story = Self::on(&[channel]);
        story.sent(0, start());
        story
    }

    /// Tells the next event, or what does not fit.
    pub(crate) fn try_tell(&mut self, at: DateTime<Utc>, event: Event) -> Result<(), FoldError> {
        self.state.apply(&Entry { seq: self.state.last_seq + 1, at, event })
    }

    pub(crate) fn tell(&mut self, at: DateTime<Utc>, event: Event) {
        self.try_tell(at, event).unwrap();
    }

    fn next_attempt(&self, message: u32) -> AttemptRef {
        let tries = self.state.inquiries[0].messages[message as usize].attempts.len();
        attempt(&self.plan, 0, message, u32::try_from(tries).unwrap() + 1)
    }

    /// The first inquiry's message starts on its way.
    pub(crate) fn starts(&mut self, message: u32, at: DateTime<Utc>) {
        let next = self.next_attempt(message);
        self.tell(at, started(next));
    }

    /// The first inquiry's message is tried.
    pub(crate) fn tried(&mut self, message: u32, at: DateTime<Utc>, outcome: Outcome) {
        let next = self.next_attempt(message);
        self.tell(at, started(next.clone()));
        self.tell(at, ended(next, outcome));
    }

    /// The first inquiry's message is accepted, by a machine or, on an assisted channel, from a person.
    pub(crate) fn sent(&mut self, message: u32, at: DateTime<Utc>) {
        match self.plan.inquiries[0].channel.delivery() {
            super::channel::Delivery::Automatic => self.tried(message, at, accepted(at)),
            super::channel::Delivery::Assisted => self.acts(message, Act::Sent, at),
        }
    }

    /// A person did or saw something about the first inquiry.
    pub(crate) fn acts(&mut self, message: u32, act: Act, at: DateTime<Utc>) {
        let inquiry = self.plan.inquiries[0].id.clone();
        self.tell(at, Event::Recorded { inquiry, message, act, at: Stamp::human(at), note: None });
    }

    /// Something comes for the first inquiry.
    pub(crate) fn comes(&mut self, kind: InboundKind, via: Channel, at: DateTime<Utc>) -> u32 {
        let number = u32::try_from(self.state.inbound.len()).unwrap() + 1;
        self.tell(at, stored(number, via, at));
        let interpretation = taken_for(kind, &self.plan, Some(0));
        self.tell(at, interpreted(number, interpretation, None));
        number
    }

    /// A person replies to the first inquiry by mail.
    pub(crate) fn replied(&mut self, at: DateTime<Utc>) {
        self.comes(InboundKind::Reply, Channel::Email, at);
    }

    /// The mailbox is covered.
    pub(crate) fn covered(&mut self, through: DateTime<Utc>) {
        self.tell(through, covered("posta", through));
    }

    /// The first company asks to be left alone.
    pub(crate) fn stopped(&mut self, at: DateTime<Utc>) {
        let company = self.plan.inquiries[0].company.clone();
        self.tell(at, Event::Stopped { company, why: payload() });
    }
}
