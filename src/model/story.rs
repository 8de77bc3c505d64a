//! What happened to a question after it was asked: every answer in order, where each sends the
//! asker, what was promised, and what became of it.
//!
//! What a person coded counts; where nobody coded a reply, what it seems to be is told apart as
//! [`Basis::Suggested`]. Only what came within the observation window makes the story.

use super::answer::Destination;
use super::channel::Channel;
use super::event::{Act, Adequacy};
use super::ids::{CompanyId, InboundId, InquiryId, QuestionId};
use super::inbound::{Confidence, InboundKind};
use super::plan::{Plan, PlannedInquiry};
use super::state::{InboundState, InquiryState, WaveState};
use super::study::codebook::{NONE, SENDS_TO};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The story of one inquiry that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// The channel it was asked on.
    pub channel: Channel,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// What came in within the window, by time.
    pub steps: Vec<Step>,
    /// Each redirection, in order.
    pub hops: Vec<Hop>,
    /// Each promise, in order.
    pub promises: Vec<PromiseTold>,
    /// The first reply of a person after the window: it is shown, and no part of the story.
    pub late_reply: Option<LateReply>,
}

/// A reply that came too late to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateReply {
    /// The reply.
    pub inbound: InboundId,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Seconds after the question was asked.
    pub after: u32,
}

/// One message that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The message.
    pub inbound: InboundId,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Seconds after the question was asked.
    pub after: u32,
    /// The channel it came on.
    pub via: Channel,
    /// What it is.
    pub kind: InboundKind,
    /// How adequate it counts as, or seems to be.
    pub adequacy: Option<Told<Adequacy>>,
}

/// A redirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The reply that sends the asker there.
    pub inbound: InboundId,
    /// Where to; `None` where nobody says.
    pub to: Option<Destination>,
    /// Who says so.
    pub basis: Basis,
    /// Whether it leads back: to a channel on which the company had been asked this question already,
    /// or to which an earlier reply had sent the asker.
    pub back: bool,
}

/// A promise and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseTold {
    /// The reply that promises.
    pub inbound: InboundId,
    /// When it came.
    pub made_at: DateTime<Utc>,
    /// By when, as far as it says.
    pub due: Option<DateTime<Utc>>,
    /// Who says that it is a promise.
    pub basis: Basis,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Somebody was heard of in time.
    Kept {
        /// When.
        at: DateTime<Utc>,
        /// Who says so: a person's record, or a further reply in time.
        basis: Basis,
    },
    /// Its time passed, and nothing came.
    Broken {
        /// Who says so: a person, or the passing of the time.
        basis: Basis,
    },
    /// Its time has not passed yet, as far as is known.
    Open,
}

/// Who says that something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A person.
    Person,
    /// A machine suggests it.
    Suggested,
}

/// A fact, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told<T> {
    /// What.
    pub is: T,
    /// Who says so.
    pub basis: Basis,
}

impl Story {
    /// Seconds to the first reply of a person.
    #[must_use]
    pub fn first_reply_after(&self) -> Option<u32> {
        self.steps.iter().find(|s| s.kind == InboundKind::Reply).map(|s| s.after)
    }

    /// Seconds to the first reply that a person coded as adequate.
    #[must_use]
    pub fn first_adequate_after(&self) -> Option<u32> {
        let adequate = |s: &&Step| s.adequacy.is_some_and(|a| a.basis == Basis::Person && a.is.is_adequate());
        self.steps.iter().find(adequate).map(|s| s.after)
    }

    /// Whether the asker was sent in a circle, as `basis` says.
    #[must_use]
    pub fn goes_in_a_circle(&self, basis: Basis) -> bool {
        self.hops.iter().any(|hop| hop.back && hop.basis == basis)
    }
}

/// The stories of all inquiries that were asked, in the plan's order, as of `as_of`.
pub fn stories<'a>(plan: &'a Plan, state: &'a WaveState, as_of: DateTime<Utc>) -> impl Iterator<Item = Story> + 'a {
    let asked = asked(plan, state);
    plan.inquiries.iter().zip(&state.inquiries).filter_map(move |(planned, inquiry)| {
        let others = asked.get(&(&planned.company, &planned.question)).map_or(&[][..], Vec::as_slice);
        story(plan, state, planned, inquiry, others, as_of)
    })
}

/// The story of one inquiry; `None` where it was not asked by `as_of`.
#[must_use]
pub fn story_of(plan: &Plan, state: &WaveState, inquiry: &InquiryId, as_of: DateTime<Utc>) -> Option<Story> {
    let i = state.index_of(inquiry)?;
    let planned = &plan.inquiries[i];
    let siblings =
        state.of_company(&planned.company).iter().filter(|j| plan.inquiries[**j].question == planned.question);
    let others: Vec<Asked> =
        siblings.filter_map(|j| Some((plan.inquiries[*j].channel, state.inquiries[*j].asked_at(state)?))).collect();
    story(plan, state, planned, &state.inquiries[i], &others, as_of)
}

/// What a reply counts as, or seems to be, at `as_of`: a promise whose time has passed with nothing
/// seems broken. `None` where nothing says.
#[must_use]
pub fn seems(
    plan: &Plan,
    state: &WaveState,
    message: &InboundState,
    as_of: DateTime<Utc>,
) -> Option<(Adequacy, Confidence)> {
    let suggested = message.reply().suggested.as_ref()?.1.adequacy?;
    if suggested.is == Adequacy::Promised {
        let (inquiry, _) = message.interpretation.as_deref()?.inquiry.as_ref()?;
        let story = story_of(plan, state, inquiry, as_of)?;
        let promise = story.promises.iter().find(|p| p.inbound == message.id);
        if promise.is_some_and(|p| matches!(p.fate, Fate::Broken { .. })) {
            return Some((Adequacy::PromiseBroken, suggested.sure));
        }
    }
    Some((suggested.is, suggested.sure))
}

/// On which channel something was asked, and when.
type Asked = (Channel, DateTime<Utc>);

/// When each company was asked each question, on which channel.
fn asked<'p>(plan: &'p Plan, state: &WaveState) -> HashMap<(&'p CompanyId, &'p QuestionId), Vec<Asked>> {
    let mut asked: HashMap<_, Vec<Asked>> = HashMap::new();
    for (planned, inquiry) in plan.inquiries.iter().zip(&state.inquiries) {
        if let Some(at) = inquiry.asked_at(state) {
            asked.entry((&planned.company, &planned.question)).or_default().push((planned.channel, at));
        }
    }
    asked
}

fn story(
    plan: &Plan,
    state: &WaveState,
    planned: &PlannedInquiry,
    inquiry: &InquiryState,
    asked: &[Asked],
    as_of: DateTime<Utc>,
) -> Option<Story> {
    let inquiry = &*inquiry.as_of(state, as_of);
    let asked_at = inquiry.asked_at(state).filter(|at| *at <= as_of)?;
    let ends = asked_at + plan.study.design.window.delta();
    let mut messages: Vec<_> = state.messages_of(inquiry).filter(|m| m.received.at <= as_of).collect();
    messages.sort_by_key(|m| (m.received.at, m.id));
    let late = messages.split_off(messages.partition_point(|m| m.received.at <= ends));
    let seen_through = state.covered_through(plan, planned, inquiry).unwrap_or(asked_at).min(as_of);
    let told = Telling { messages: &messages, inquiry, ends, seen_through };
    Some(Story {
        inquiry: planned.id.clone(),
        channel: planned.channel,
        asked_at,
        steps: messages.iter().filter_map(|m| step(m, asked_at)).collect(),
        hops: hops(&messages, asked),
        promises: told.promises(),
        late_reply: late.into_iter().find(|m| is_reply(m)).map(|m| LateReply {
            inbound: m.id,
            at: m.received.at,
            after: seconds_after(m, asked_at),
        }),
    })
}

fn seconds_after(message: &InboundState, asked_at: DateTime<Utc>) -> u32 {
    let after = (message.received.at - asked_at).num_seconds().max(0);
    u32::try_from(after).unwrap_or(u32::MAX)
}

fn step(message: &InboundState, asked_at: DateTime<Utc>) -> Option<Step> {
    Some(Step {
        inbound: message.id,
        at: message.received.at,
        after: seconds_after(message, asked_at),
        via: message.via,
        kind: message.kind?,
        adequacy: adequacy(message),
    })
}

fn is_reply(message: &InboundState) -> bool {
    message.kind == Some(InboundKind::Reply)
}

fn adequacy(message: &InboundState) -> Option<Told<Adequacy>> {
    let coded = message.adequacy().map(|is| Told { is, basis: Basis::Person });
    let suggested =
        || message.reply().suggested.as_ref()?.1.adequacy.map(|a| Told { is: a.is, basis: Basis::Suggested });
    coded.or_else(suggested).filter(|_| is_reply(message))
}

/// Each redirection, in order. A reply that names several places is one hop to the first of them.
fn hops(messages: &[&InboundState], asked: &[Asked]) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    for message in messages.iter().filter(|m| is_reply(m)) {
        let Some((to, basis)) = sends_to(message) else { continue };
        let was_asked = |channel| asked.iter().any(|(on, at)| *on == channel && *at <= message.received.at);
        let was_sent = to.is_some() && hops.iter().any(|hop| hop.to == to);
        let back = was_sent || matches!(to, Some(Destination::Channel(channel)) if was_asked(channel));
        hops.push(Hop { inbound: message.id, to, basis, back });
    }
    hops
}

/// Where a reply sends the asker; `None` where it does not.
fn sends_to(message: &InboundState) -> Option<(Option<Destination>, Basis)> {
    let suggested = || message.reply().suggested.as_ref().map(|(_, suggested)| suggested);
    let seems_to = || suggested().and_then(|s| s.sends_to.first()).map(|to| to.is);
    let seems_redirected = || suggested().and_then(|s| s.adequacy).is_some_and(|a| a.is == Adequacy::Redirected);
    match (message.item(SENDS_TO), message.adequacy()) {
        (Some(NONE), Some(Adequacy::Redirected)) => Some((None, Basis::Person)),
        (Some(NONE), _) => None,
        (Some(coded), _) => Some((coded.parse().ok(), Basis::Person)),
        (None, Some(Adequacy::Redirected)) => Some((seems_to(), Basis::Person)),
        (None, None) if seems_redirected() => seems_to().map(|to| (Some(to), Basis::Suggested)),
        (None, _) => None,
    }
}

/// What tells of promises.
struct Telling<'a> {
    messages: &'a [&'a InboundState],
    inquiry: &'a InquiryState,
    /// The end of the window.
    ends: DateTime<Utc>,
    /// Up to when all that came in is known.
    seen_through: DateTime<Utc>,
}

impl Telling<'_> {
    fn promises(&self) -> Vec<PromiseTold> {
        let made = self.messages.iter().filter(|m| is_reply(m)).filter_map(|m| Some((*m, promises(m)?)));
        let made: Vec<(&InboundState, Basis)> = made.collect();
        let told = made.iter().enumerate().map(|(n, (message, basis))| {
            let next = made.get(n + 1).map(|(later, _)| later.received.at);
            let due = message.reply().suggested.as_ref().and_then(|(_, s)| s.promise).and_then(|p| p.is.due);
            PromiseTold {
                inbound: message.id,
                made_at: message.received.at,
                due,
                basis: *basis,
                fate: self.fate(message, due, next),
            }
        });
        told.collect()
    }

    /// A person's word counts before all; it is about the last promise before it.
    fn fate(&self, promise: &InboundState, due: Option<DateTime<Utc>>, next: Option<DateTime<Utc>>) -> Fate {
        let (made_at, basis) = (promise.received.at, Basis::Person);
        let about = |at: DateTime<Utc>| at >= made_at && next.is_none_or(|next| at < next);
        let mut acts =
            self.inquiry.acts.iter().filter(|(act, stamp)| matches!(act, Act::Kept | Act::Broken) && about(stamp.at));
        match acts.next_back() {
            Some((Act::Kept, stamp)) => return Fate::Kept { at: stamp.at, basis },
            Some(_) => return Fate::Broken { basis },
            None if promise.adequacy() == Some(Adequacy::PromiseBroken) => return Fate::Broken { basis },
            None => {}
        }
        let until = due.unwrap_or(self.ends).min(self.ends);
        let keeps =
            |m: &&&InboundState| is_reply(m) && m.id != promise.id && m.received.at >= made_at && promises(m).is_none();
        let kept = self.messages.iter().find(keeps).map(|m| m.received);
        // Two clocks may differ by what they say of themselves.
        let in_time = kept.filter(|at| (at.at - until).num_seconds() <= i64::from(at.error_seconds));
        match in_time {
            Some(at) => Fate::Kept { at: at.at, basis: Basis::Suggested },
            None if self.seen_through > until || (until == self.ends && self.seen_through >= until) => {
                Fate::Broken { basis: Basis::Suggested }
            }
            None => Fate::Open,
        }
    }
}

/// Whether a reply promises something, and who says so.
fn promises(message: &InboundState) -> Option<Basis> {
    match message.adequacy() {
        Some(Adequacy::Promised | Adequacy::PromiseBroken) => Some(Basis::Person),
        Some(_) => None,
        None => message.reply().suggested.as_ref()?.1.promise.map(|_| Basis::Suggested),
    }
}

#[cfg(test)]
mod tests;
