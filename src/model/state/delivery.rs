//! Where the delivery of a message stands, after all its tries.

use super::{AttemptState, MessageState};
use crate::model::outcome::Outcome;
use chrono::{DateTime, Utc};

/// Where the delivery of a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// No try yet, or none that counts.
    Pending,
    /// To be tried again.
    Deferred,
    /// All tries that the study allows are used up.
    GaveUp,
    /// Taken.
    Accepted,
    /// Held for moderation.
    Held,
    /// Refused for good.
    Rejected,
    /// What was entered was not taken: a person must do it.
    EntriesRejected,
    /// It may have left.
    InDoubt,
    /// A person must do it.
    Blocked,
}

impl Delivery {
    /// Whether a person can do what a machine could not.
    #[must_use]
    pub const fn is_for_a_person(self) -> bool {
        matches!(self, Self::Blocked | Self::EntriesRejected)
    }
}

impl MessageState {
    /// Where its delivery stands, when `attempts_max` tries are allowed.
    #[must_use]
    pub fn delivery(&self, attempts_max: u32) -> Delivery {
        if self.first_accepted().is_some() {
            return Delivery::Accepted;
        }
        let Some(last) = self.attempts.last() else { return Delivery::Pending };
        match (&last.outcome, last.settled.as_ref().map(|s| s.left)) {
            (_, Some(false)) | (Some(Outcome::AccountFailed { .. }), _) => Delivery::Pending,
            (None | Some(Outcome::InDoubt(_)), _) => Delivery::InDoubt,
            (Some(Outcome::Accepted { .. }), _) => Delivery::Accepted,
            (Some(Outcome::Held { .. }), _) => Delivery::Held,
            (Some(Outcome::Rejected(_)), _) => Delivery::Rejected,
            (Some(Outcome::EntriesRejected(_)), _) => Delivery::EntriesRejected,
            (Some(Outcome::Blocked(_)), _) => Delivery::Blocked,
            (Some(Outcome::Deferred(_)), _) if self.tries() >= attempts_max => Delivery::GaveUp,
            (Some(Outcome::Deferred(_)), _) => Delivery::Deferred,
        }
    }

    /// When it was first accepted, by the other side or by a person's word.
    #[must_use]
    pub fn first_accepted(&self) -> Option<DateTime<Utc>> {
        let by_machine = self.attempts.iter().find_map(AttemptState::accepted_at);
        by_machine.into_iter().chain(self.sent_by_person.map(|s| s.at)).min()
    }

    /// Tries that count against the study's limit: our own accounts' faults do not.
    #[must_use]
    pub fn tries(&self) -> u32 {
        let counts = |a: &&AttemptState| !matches!(a.outcome, Some(Outcome::AccountFailed { .. }));
        u32::try_from(self.attempts.iter().filter(counts).count()).unwrap_or(u32::MAX)
    }
}

impl AttemptState {
    pub(super) fn accepted_at(&self) -> Option<DateTime<Utc>> {
        match &self.outcome {
            Some(Outcome::Accepted { at, .. }) => Some(at.at),
            _ if self.settled.as_ref().is_some_and(|s| s.left) => Some(self.at),
            _ => None,
        }
    }

    pub(super) fn may_have_left(&self) -> bool {
        self.settled.as_ref().is_none_or(|s| s.left)
            && matches!(self.outcome, None | Some(Outcome::InDoubt(_) | Outcome::Held { .. }))
    }
}
