//! What an inquiry came to: the one type from which every estimator starts.

use super::channel::{Channel, Delivery as Delivers};
use super::event::{Adequacy, SkipReason};
use super::ids::{CompanyId, InquiryId};
use super::inbound::InboundKind;
use super::outcome::Payload;
use super::plan::{Plan, PlannedInquiry};
use super::state::{Delivery, InboundState, InquiryState, WaveState};
use super::study::{Company, MissedCall, ReplyElsewhere};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What an inquiry came to. All durations are whole seconds from its first accepted attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// A first human reply within the window.
    Answered {
        /// Time to that reply.
        latency: u32,
        /// Whether a reminder had been sent before it.
        after_reminder: bool,
        /// How long it was, or would have been, watched: what makes it count for a threshold
        /// must not depend on whether a reply came.
        observed_for: u32,
    },
    /// Nothing human to the end of the window.
    Silent {
        /// The window.
        window: u32,
    },
    /// The window is still open, or coverage ended before it.
    Censored {
        /// How long it was watched.
        observed_for: u32,
    },
    /// Bounced, or refused for good.
    Undelivered {
        /// Why.
        reason: UndeliveredReason,
        /// Time to the notice; 0 where it was refused at once.
        after: u32,
    },
    /// In doubt and not settled, or held for moderation.
    UnknownDelivery {
        /// Why.
        reason: UnknownReason,
    },
    /// No message left: the flow of exclusions.
    NotAsked {
        /// Why.
        reason: NotAskedReason,
    },
}

/// Why a message did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndeliveredReason {
    /// Accepted, then returned.
    Bounced,
    /// Refused for good.
    Refused,
    /// Not taken in any of the tries that the study allows.
    NeverTaken,
}

/// Why nobody knows whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// The delivery broke off at a moment when it may have left.
    InDoubt,
    /// Held for moderation.
    Held,
}

/// Why no message left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAskedReason {
    /// Not yet: due later, deferred, waiting for an account or for a person.
    Pending,
    /// A machine could not, and no person did.
    Blocked,
    /// What was entered was not taken, and no person entered it otherwise: our fault as likely as the site's.
    EntriesRejected,
    /// Became overdue while nothing ran.
    Late,
    /// The company asked to be left alone first.
    Stopped,
    /// A person found that it cannot be done.
    Impossible,
}

/// One inquiry as the scorer sees it, from a journal or from a CSV.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The inquiry's id.
    pub inquiry: InquiryId,
    /// The company's id.
    pub company: String,
    /// What clusters the statistics: see [`crate::model::study::Study::clusters_that_answered`].
    pub cluster: String,
    /// Its industry.
    pub industry: Option<String>,
    /// The channel's name.
    pub channel: String,
    /// The question's id.
    pub question: String,
    /// Which repetition, from 1.
    pub repetition: u32,
    /// Position among the company's inquiries, from 1; 0 where not known.
    pub position: u32,
    /// The first accepted attempt.
    pub asked_at: Option<DateTime<Utc>>,
    /// Whether nobody saw it being taken, and something proved later that it had left: `asked_at`
    /// is then the attempt's own moment.
    #[serde(default)]
    pub asked_by_proof: bool,
    /// What it came to.
    pub observation: Observation,
    /// Seconds to the first acknowledgement.
    pub acknowledged_after: Option<u32>,
    /// Seconds to the first adequate reply within the window.
    pub adequate_after: Option<u32>,
    /// How its best reply within the window was coded.
    pub adequacy: Option<Adequacy>,
    /// Replies within the window that nobody has coded yet.
    pub uncoded_replies: u32,
    /// Seconds to the first reminder that was accepted.
    pub reminded_after: Option<u32>,
}

impl Observation {
    /// Whether a message was taken and did not come back.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        matches!(self, Self::Answered { .. } | Self::Silent { .. } | Self::Censored { .. })
    }

    /// Whether it is in the denominator "all inquiries".
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        !matches!(self, Self::NotAsked { .. })
    }

    /// How long it was watched, or would have been had no reply come; `None` where not delivered.
    #[must_use]
    pub const fn observed_for(&self) -> Option<u32> {
        match *self {
            Self::Answered { observed_for, .. } | Self::Censored { observed_for } => Some(observed_for),
            Self::Silent { window } => Some(window),
            Self::Undelivered { .. } | Self::UnknownDelivery { .. } | Self::NotAsked { .. } => None,
        }
    }
}

impl Observed {
    /// What it says beside names.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        Seen {
            asked_at: self.asked_at,
            asked_by_proof: self.asked_by_proof,
            observation: self.observation,
            acknowledged_after: self.acknowledged_after,
            adequate_after: self.adequate_after,
            adequacy: self.adequacy,
            uncoded_replies: self.uncoded_replies,
            reminded_after: self.reminded_after,
        }
    }
}

/// What every inquiry of a wave came to, in the plan's order, as of `as_of`: what had happened in
/// the world by then, as far as it is known today. So what was found out later about an earlier
/// fact is used (which inquiry a message answers, how a reply is coded, a person's word on an
/// attempt in doubt), and what happened later is not.
#[must_use]
pub fn observe_all(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>) -> Vec<Observed> {
    let observer = Observer::new(plan, state, as_of);
    let observe = |(i, planned): (usize, &PlannedInquiry)| {
        let seen = observer.see(i)?;
        let company = observer.company(&planned.company);
        Some(Observed {
            inquiry: planned.id.clone(),
            company: planned.company.to_string(),
            cluster: observer.cluster(&planned.company).to_owned(),
            industry: company.and_then(|c| c.industry.clone()),
            channel: planned.channel.to_string(),
            question: planned.question.to_string(),
            repetition: planned.repetition,
            position: planned.position,
            asked_at: seen.asked_at,
            asked_by_proof: seen.asked_by_proof,
            observation: seen.observation,
            acknowledged_after: seen.acknowledged_after,
            adequate_after: seen.adequate_after,
            adequacy: seen.adequacy,
            uncoded_replies: seen.uncoded_replies,
            reminded_after: seen.reminded_after,
        })
    };
    plan.inquiries.iter().enumerate().filter_map(observe).collect()
}

/// Looks at a wave's inquiries, in any order and from any thread.
pub struct Observer<'a> {
    plan: &'a Plan,
    state: &'a WaveState,
    as_of: DateTime<Utc>,
    companies: HashMap<&'a CompanyId, &'a Company>,
    clusters: HashMap<&'a CompanyId, &'a str>,
}

/// What was seen of an inquiry: what [`Observed`] says of it beside names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// See [`Observed::asked_at`].
    pub asked_at: Option<DateTime<Utc>>,
    /// See [`Observed::asked_by_proof`].
    pub asked_by_proof: bool,
    /// What it came to.
    pub observation: Observation,
    /// See [`Observed::acknowledged_after`].
    pub acknowledged_after: Option<u32>,
    /// See [`Observed::adequate_after`].
    pub adequate_after: Option<u32>,
    /// See [`Observed::adequacy`].
    pub adequacy: Option<Adequacy>,
    /// See [`Observed::uncoded_replies`].
    pub uncoded_replies: u32,
    /// See [`Observed::reminded_after`].
    pub reminded_after: Option<u32>,
}

impl<'a> Observer<'a> {
    /// Of a wave, as of a moment: see [`observe_all`].
    #[must_use]
    pub fn new(plan: &'a Plan, state: &'a WaveState, as_of: DateTime<Utc>) -> Self {
        let companies = plan.study.companies.iter().map(|c| (&c.id, c)).collect();
        let answered = answered_from(plan, state, as_of);
        Self { plan, state, as_of, companies, clusters: plan.study.clusters_that_answered(answered) }
    }

    /// A company of the study.
    #[must_use]
    pub fn company(&self, id: &CompanyId) -> Option<&'a Company> {
        self.companies.get(id).copied()
    }

    /// What clusters the statistics of a company.
    #[must_use]
    pub fn cluster<'s>(&'s self, company: &'s CompanyId) -> &'s str {
        self.clusters.get(company).copied().unwrap_or(company.as_str())
    }

    /// What the plan's inquiry of that index came to; `None` where it has none.
    #[must_use]
    pub fn see(&self, index: usize) -> Option<Seen> {
        let Self { plan, state, as_of, .. } = *self;
        let planned = plan.inquiries.get(index)?;
        let inquiry = &*state.inquiries.get(index)?.as_of(state, as_of);
        let Some(asked_at) = inquiry.asked_at(state).filter(|at| *at <= as_of) else {
            return Some(Seen::without_answers(never_accepted(plan, state, planned, inquiry, as_of)));
        };
        let watch = Watch::new(plan, state, planned, inquiry, asked_at, as_of);
        let mut seen = Seen {
            asked_at: Some(asked_at),
            asked_by_proof: inquiry.is_asked_by_proof(state),
            acknowledged_after: watch.first(|m| m.kind == Some(InboundKind::Acknowledgement)),
            reminded_after: watch.reminded_after,
            ..Seen::without_answers(watch.observation())
        };
        watch.replies(&mut seen);
        Some(seen)
    }
}

/// Companies whose people had replied by then, each with the address that a reply came from.
fn answered_from<'a>(
    plan: &'a Plan,
    state: &'a WaveState,
    as_of: DateTime<Utc>,
) -> impl Iterator<Item = (&'a CompanyId, &'a Payload)> {
    let replies = state.inbound.values().filter(move |m| m.received.at <= as_of && m.kind == Some(InboundKind::Reply));
    replies.filter_map(|message| {
        let (inquiry, _) = message.interpretation.as_deref()?.inquiry.as_ref()?;
        Some((&plan.inquiries.get(state.index_of(inquiry)?)?.company, message.reply().sender.as_ref()?))
    })
}

impl Seen {
    /// Nothing but what it came to.
    #[must_use]
    pub const fn without_answers(observation: Observation) -> Self {
        Self {
            asked_at: None,
            asked_by_proof: false,
            observation,
            acknowledged_after: None,
            adequate_after: None,
            adequacy: None,
            uncoded_replies: 0,
            reminded_after: None,
        }
    }
}

fn never_accepted(
    plan: &Plan,
    state: &WaveState,
    planned: &PlannedInquiry,
    inquiry: &InquiryState,
    as_of: DateTime<Utc>,
) -> Observation {
    let stopped = state.stopped.get(&planned.company).is_some_and(|since| *since <= as_of);
    let not_asked = |reason| Observation::NotAsked { reason };
    let Some(first) = inquiry.messages.first() else { return not_asked(NotAskedReason::Pending) };
    let delivery = first.delivery(plan.study.design.attempts_max);
    if let Some(reason) = first.skipped {
        return not_asked(match reason {
            SkipReason::Late => NotAskedReason::Late,
            SkipReason::NotDone => not_done(delivery),
            SkipReason::Impossible => NotAskedReason::Impossible,
            SkipReason::Answered | SkipReason::WindowEnded => NotAskedReason::Pending,
        });
    }
    match delivery {
        Delivery::InDoubt => Observation::UnknownDelivery { reason: UnknownReason::InDoubt },
        Delivery::Held => Observation::UnknownDelivery { reason: UnknownReason::Held },
        Delivery::Rejected => Observation::Undelivered { reason: UndeliveredReason::Refused, after: 0 },
        Delivery::GaveUp => Observation::Undelivered { reason: UndeliveredReason::NeverTaken, after: 0 },
        Delivery::Pending | Delivery::Deferred | Delivery::Accepted | Delivery::Blocked | Delivery::EntriesRejected
            if stopped =>
        {
            not_asked(NotAskedReason::Stopped)
        }
        Delivery::Blocked | Delivery::EntriesRejected
            if planned.first_due().is_some_and(|due| due + plan.study.design.window.delta() <= as_of) =>
        {
            not_asked(not_done(delivery))
        }
        Delivery::Pending | Delivery::Deferred | Delivery::Accepted | Delivery::Blocked | Delivery::EntriesRejected => {
            not_asked(NotAskedReason::Pending)
        }
    }
}

/// Why a machine had not sent what no person did either.
const fn not_done(delivery: Delivery) -> NotAskedReason {
    match delivery {
        Delivery::EntriesRejected => NotAskedReason::EntriesRejected,
        _ => NotAskedReason::Blocked,
    }
}

/// What is seen of one delivered inquiry.
struct Watch<'a> {
    plan: &'a Plan,
    channel: Channel,
    inquiry: &'a InquiryState,
    /// Seconds watched, at most the window.
    observed_for: u32,
    /// Seconds it would have been watched had no reply come, at most the window.
    potential: u32,
    reminded_after: Option<u32>,
    /// Messages of this inquiry with their seconds after asking, by time.
    inbound: Vec<(u32, &'a InboundState)>,
}

impl<'a> Watch<'a> {
    fn new(
        plan: &'a Plan,
        state: &'a WaveState,
        planned: &PlannedInquiry,
        inquiry: &'a InquiryState,
        asked_at: DateTime<Utc>,
        as_of: DateTime<Utc>,
    ) -> Self {
        let seconds_after = |at: DateTime<Utc>| clamp_seconds(at - asked_at);
        let mut inbound: Vec<_> = state
            .messages_of(inquiry)
            .filter(|m| m.received.at <= as_of)
            .map(|m| (seconds_after(m.received.at), m))
            .collect();
        inbound.sort_by_key(|(after, m)| (*after, m.id));
        let covered = state.covered_through(plan, planned, inquiry).map_or(asked_at, |through| through.min(as_of));
        let window = plan.study.design.window.as_secs();
        let observed_for = seconds_after(covered).min(window);
        // Nobody goes on looking by hand once a reply is there: the last look says nothing about
        // how long it would have been watched.
        let by_hand = planned.channel.delivery() == Delivers::Assisted;
        Self {
            plan,
            channel: planned.channel,
            inquiry,
            observed_for,
            potential: if by_hand { seconds_after(as_of).min(window) } else { observed_for },
            reminded_after: inquiry.first_reminder_at(state).filter(|at| *at <= as_of).map(seconds_after),
            inbound,
        }
    }

    fn window(&self) -> u32 {
        self.plan.study.design.window.as_secs()
    }

    fn first(&self, wanted: impl Fn(&InboundState) -> bool) -> Option<u32> {
        self.inbound.iter().find(|(after, m)| *after <= self.window() && wanted(m)).map(|(after, _)| *after)
    }

    /// Whether the message is a human reply that the study's rules count.
    fn is_reply(&self, message: &InboundState) -> bool {
        let rules = &self.plan.study.rules;
        let human = match message.kind {
            Some(InboundKind::Reply) => true,
            Some(InboundKind::MissedCall) => rules.missed_call == MissedCall::ContactNotAdequate,
            _ => false,
        };
        let at_home = message.via == self.channel || (message.via == Channel::Email && self.channel.replies_by_mail());
        human && (at_home || rules.reply_elsewhere == ReplyElsewhere::CreditAskedChannel)
    }

    fn replies(&self, observed: &mut Seen) {
        for (after, message) in &self.inbound {
            if *after > self.window() || !self.is_reply(message) {
                continue;
            }
            match message.adequacy() {
                Some(adequacy) => {
                    observed.adequacy = Some(observed.adequacy.map_or(adequacy, |best| best.min(adequacy)));
                    if adequacy.is_adequate() && observed.adequate_after.is_none() {
                        observed.adequate_after = Some(*after);
                    }
                }
                None if message.kind == Some(InboundKind::Reply) => observed.uncoded_replies += 1,
                None => {}
            }
        }
    }

    fn observation(&self) -> Observation {
        if let Some(latency) = self.first(|m| self.is_reply(m)) {
            return Observation::Answered {
                latency,
                after_reminder: self.reminded_after.is_some_and(|r| r < latency),
                observed_for: self.potential.max(latency),
            };
        }
        // A reminder that came back says nothing about the question.
        let returned = |m: &InboundState| m.kind == Some(InboundKind::Bounce) && self.inquiry.returned_by(m) == 0;
        if let Some(after) = self.first(returned) {
            return Observation::Undelivered { reason: UndeliveredReason::Bounced, after };
        }
        if self.observed_for >= self.window() {
            Observation::Silent { window: self.window() }
        } else {
            Observation::Censored { observed_for: self.observed_for }
        }
    }
}

/// Whole seconds, at least 0: a reply a little before its question is a matter of two clocks.
fn clamp_seconds(delta: TimeDelta) -> u32 {
    u32::try_from(delta.num_seconds().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
