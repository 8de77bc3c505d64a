//! How would the share of replies move if messages that nobody could be sure of were the other thing?

use super::rate::Rate;
use crate::model::ids::InquiryId;
use crate::model::inbound::{InboundKind, Interpretation};
use crate::model::observation::{Observation, Observed};
use crate::model::plan::Plan;
use crate::model::state::{InboundState, WaveState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What a reply that nobody could be sure of may change about an inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsure {
    /// It counts as replied to, and may not be.
    MayBeNone,
    /// It counts as not replied to, and may be.
    MayBeReply,
}

/// Below this, in per cent, a message that nobody has judged may be something else.
const SURE_PERCENT: u8 = 75;

/// Replies so far, of those delivered, at both ends of what is not sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uncertain {
    /// Messages that are not sure: weak evidence of what they are, or in review.
    pub messages: u32,
    /// Those of them that wait in review, and count as no reply.
    pub in_review: u32,
    /// Replied to, as counted.
    pub replied: Rate,
    /// If no message that is not sure were a reply.
    pub if_none: Rate,
    /// If all of them were replies, each to the inquiry it most likely belongs to.
    pub if_all: Rate,
}

impl Uncertain {
    /// Of a wave whose observations are `rows`; `None` where all is sure.
    #[must_use]
    pub fn of_wave(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>, rows: &[Observed]) -> Option<Self> {
        let unsure = unsure_messages(state, as_of);
        if unsure.is_empty() {
            return None;
        }
        let ends = ends(plan, state, as_of, rows);
        let seen: Vec<(&str, [bool; 3])> =
            rows.iter().zip(ends).filter_map(|(r, ends)| Some((r.cluster.as_str(), ends?))).collect();
        let rate = |which: usize| Rate::of(&seen.iter().map(|(c, ends)| (*c, ends[which])).collect::<Vec<_>>());
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Some(Self {
            messages: count(unsure.len()),
            in_review: count(unsure.iter().filter(|m| is_in_review(m)).count()),
            replied: rate(0),
            if_none: rate(1),
            if_all: rate(2),
        })
    }
}

impl Unsure {
    /// What each inquiry's doubtful messages may change, by its id.
    #[must_use]
    pub fn of_wave(
        plan: &Plan,
        state: &WaveState,
        as_of: DateTime<Utc>,
        rows: &[Observed],
    ) -> BTreeMap<InquiryId, Self> {
        let may_be = |ends: [bool; 3]| match ends {
            [true, false, _] => Some(Self::MayBeNone),
            [false, _, true] => Some(Self::MayBeReply),
            _ => None,
        };
        let ends = ends(plan, state, as_of, rows);
        rows.iter().zip(ends).filter_map(|(row, ends)| Some((row.inquiry.clone(), may_be(ends?)?))).collect()
    }
}

fn has_come(message: &InboundState, as_of: DateTime<Utc>) -> bool {
    message.duplicate_of.is_none() && message.received.at <= as_of
}

fn unsure_messages(state: &WaveState, as_of: DateTime<Utc>) -> Vec<&InboundState> {
    state.inbound.values().filter(|m| has_come(m, as_of) && is_unsure(m)).collect()
}

/// Whether each inquiry counts as replied to, surely is, and may be; `None` where it was not delivered.
fn ends(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>, rows: &[Observed]) -> Vec<Option<[bool; 3]>> {
    let came = |m: &&InboundState| has_come(m, as_of);
    let unsure = unsure_messages(state, as_of);
    let mut by_inquiry: HashMap<&InquiryId, Vec<&InboundState>> = HashMap::new();
    for message in &unsure {
        if let Some(inquiry) = message.interpretation.as_deref().and_then(most_likely) {
            by_inquiry.entry(inquiry).or_default().push(message);
        }
    }
    let places: HashMap<&InquiryId, usize> = plan.inquiries.iter().zip(0..).map(|(p, at)| (&p.id, at)).collect();
    let window = i64::from(plan.study.design.window.as_secs());
    let ends = |row: &Observed| -> Option<[bool; 3]> {
        let asked_at = row.asked_at.filter(|_| row.observation.is_delivered())?;
        let in_time = |m: &&InboundState| (0..=window).contains(&(m.received.at - asked_at).num_seconds());
        let maybe = by_inquiry.get(&row.inquiry).is_some_and(|m| m.iter().copied().any(|m| in_time(&m)));
        let inquiry = state.inquiries.get(*places.get(&row.inquiry)?)?;
        let is_reply = |m: &&InboundState| came(m) && in_time(m) && m.kind == Some(InboundKind::Reply);
        let replies = || state.messages_of(inquiry).filter(is_reply);
        let counts = matches!(row.observation, Observation::Answered { .. });
        let surely = counts && (replies().any(|m| !is_unsure(m)) || replies().next().is_none());
        Some([counts, surely, counts || maybe])
    };
    rows.iter().map(ends).collect()
}

/// Whether a machine alone read it, and was not sure.
fn is_unsure(message: &InboundState) -> bool {
    let weak = |i: &Interpretation| i.kind.concerns_us() && i.confidence.as_percent() < SURE_PERCENT;
    !message.reviewed && (message.interpretation.as_deref().is_some_and(weak) || is_in_review(message))
}

fn is_in_review(message: &InboundState) -> bool {
    message.interpretation.as_deref().is_some_and(Interpretation::needs_review)
}

/// The inquiry that a message belongs to, or would first be tried with.
fn most_likely(interpretation: &Interpretation) -> Option<&InquiryId> {
    interpretation.inquiry.as_ref().map(|(inquiry, _)| inquiry).or_else(|| interpretation.candidates.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::Channel::Email;
    use crate::model::fixtures::*;
    use crate::model::inbound::Confidence;
    use crate::model::observation::observe_all;

    fn ends(confidence: u32, tied: bool) -> Option<[u32; 4]> {
        let mut story = Story::asked(Email);
        let mut read = taken_for(InboundKind::Reply, &story.plan, tied.then_some(0));
        read.confidence = Confidence::percent(confidence);
        read.candidates.extend((!tied).then(|| story.plan.inquiries[0].id.clone()));
        story.tell(after("1d"), stored(1, Email, after("1d")));
        story.tell(after("1d"), interpreted(1, read, None));
        story.covered(after("60d"));
        let rows = observe_all(&story.plan, &story.state, after("60d"));
        let uncertain = Uncertain::of_wave(&story.plan, &story.state, after("60d"), &rows)?;
        let rates = [uncertain.replied, uncertain.if_none, uncertain.if_all].map(|rate| rate.numerator);
        Some([uncertain.in_review, rates[0], rates[1], rates[2]])
    }

    #[test]
    fn what_is_not_sure_moves_the_rate_both_ways_and_what_is_sure_does_not() {
        assert_eq!(ends(90, true), None);
        assert_eq!(ends(65, true), Some([0, 1, 0, 1]));
        assert_eq!(ends(90, false), Some([1, 0, 0, 1]));
    }
}
