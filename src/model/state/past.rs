//! What had happened to an inquiry by an earlier moment, as far as it is known today?
//!
//! Facts of the world count from when they happened: an attempt, a message that came, a skip, a
//! person's act, and what such a message proves. What was found out later *about* them is used:
//! which inquiry a message answers, what it is, how a reply is coded, and a person's word, or our
//! own posts read back, on whether an attempt had left.

use super::{AttemptState, InquiryState, MessageState, Settlement, WaveState};
use crate::model::ids::InboundId;
use chrono::{DateTime, Utc};
use std::borrow::Cow;

impl InquiryState {
    /// The inquiry as of `at`.
    #[must_use]
    pub fn as_of(&self, state: &WaveState, at: DateTime<Utc>) -> Cow<'_, Self> {
        let past = Past { state, at };
        if past.is_all_of(self) {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            messages: self.messages.iter().map(|m| past.message(m)).collect(),
            inbound: self.inbound.iter().copied().filter(|id| past.had_come(*id)).collect(),
            acts: self.acts.iter().filter(|(_, stamp)| stamp.at <= at).copied().collect(),
        })
    }
}

struct Past<'s> {
    state: &'s WaveState,
    at: DateTime<Utc>,
}

impl Past<'_> {
    fn is_all_of(&self, inquiry: &InquiryState) -> bool {
        inquiry.acts.iter().all(|(_, stamp)| stamp.at <= self.at)
            && inquiry.inbound.iter().all(|id| self.had_come(*id))
            && inquiry.messages.iter().all(|m| {
                m.skipped_at.is_none_or(|at| at <= self.at)
                    && m.sent_by_person.is_none_or(|stamp| stamp.at <= self.at)
                    && m.attempts.iter().all(|a| a.at <= self.at && self.stands(a.settled.as_ref()))
            })
    }

    fn message(&self, message: &MessageState) -> MessageState {
        let skipped = message.skipped_at.filter(|at| *at <= self.at);
        let attempts = message.attempts.iter().filter(|a| a.at <= self.at);
        MessageState {
            attempts: attempts.map(|a| self.attempt(a)).collect(),
            skipped: message.skipped.filter(|_| skipped.is_some()),
            skipped_at: skipped,
            sent_by_person: message.sent_by_person.filter(|stamp| stamp.at <= self.at),
        }
    }

    fn attempt(&self, attempt: &AttemptState) -> AttemptState {
        let settled = attempt.settled.clone().filter(|s| self.stands(Some(s)));
        AttemptState { settled, ..attempt.clone() }
    }

    /// Whether what settles an attempt had come: a message that proves is a fact of the world.
    fn stands(&self, settled: Option<&Settlement>) -> bool {
        settled.and_then(|s| s.proof.inbound()).is_none_or(|id| self.had_come(id))
    }

    fn had_come(&self, id: InboundId) -> bool {
        self.state.inbound.get(&id).is_none_or(|m| m.received.at <= self.at)
    }
}
