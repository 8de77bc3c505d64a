//! When was an inquiry asked, and what proves that a message in doubt, or held, had left?
//!
//! An answer proves the first message, whichever way it came. A bounce or our own copy proves the
//! message that it names. Time from the question to an answer is then counted from the attempt: no
//! server said when it took the message, so the latency is, if anything, too long.

use super::{AttemptState, InboundState, InquiryState, MessageState, Settlement, WaveState};
use crate::model::event::{Proof, is_a_look};
use crate::model::ids::InboundId;
use crate::model::inbound::InboundKind;
use crate::model::outcome::Outcome;
use chrono::{DateTime, Utc};

impl InquiryState {
    /// The first accepted attempt: where latency and window start. What came back proves that
    /// an attempt in doubt, or held, arrived.
    #[must_use]
    pub fn asked_at(&self, state: &WaveState) -> Option<DateTime<Utc>> {
        let first = self.messages.first()?;
        first.first_accepted().or_else(|| self.proven(state, 0).map(|(attempt, _)| first.attempts[attempt].at))
    }

    /// When it was asked, or may have been: whoever answers then has been.
    #[must_use]
    pub fn perhaps_asked_at(&self, state: &WaveState) -> Option<DateTime<Utc>> {
        let uncertain = || self.messages.first()?.attempts.iter().rfind(|a| a.is_uncertain()).map(|a| a.at);
        self.asked_at(state).or_else(uncertain)
    }

    /// Whether nobody saw the first message being taken, and something proved later that it had
    /// left: latencies count from the attempt.
    #[must_use]
    pub fn is_asked_by_proof(&self, state: &WaveState) -> bool {
        let Some(first) = self.messages.first() else { return false };
        let seen = |a: &AttemptState| matches!(a.outcome, Some(Outcome::Accepted { .. }));
        self.asked_at(state).is_some() && first.sent_by_person.is_none() && !first.attempts.iter().any(seen)
    }

    /// The attempt of a message, by its index, that is in doubt or held, and what proves that it
    /// had left. A person's word that it had not does not stand against proof.
    #[must_use]
    pub fn proven(&self, state: &WaveState, message: usize) -> Option<(usize, Proof)> {
        let known = self.messages.get(message)?;
        if known.first_accepted().is_some() {
            return None;
        }
        let attempt = known.attempts.iter().rposition(AttemptState::is_uncertain)?;
        state.messages_of(self).find_map(|m| self.proof_by(m, message)).map(|proof| (attempt, proof))
    }

    /// What one inbound message proves about one of ours.
    fn proof_by(&self, inbound: &InboundState, message: usize) -> Option<Proof> {
        let names_it = inbound.about.is_some_and(|about| about as usize == message);
        match inbound.kind? {
            InboundKind::Reply
            | InboundKind::Acknowledgement
            | InboundKind::OutOfOffice
            | InboundKind::Challenge
            | InboundKind::BotReply => (message == 0).then_some(Proof::Answer(inbound.id)),
            InboundKind::Bounce => (self.returned_by(inbound) == message).then_some(Proof::Bounce(inbound.id)),
            InboundKind::OwnCopy => names_it.then_some(Proof::Copy(inbound.id)),
            // A call or mass mail answers nobody's mail in particular, and a late message may never come.
            InboundKind::DelayNotice
            | InboundKind::MissedCall
            | InboundKind::Newsletter
            | InboundKind::Survey
            | InboundKind::Spam
            | InboundKind::Unrelated => None,
        }
    }

    /// Which message a bounce returns: the one that it names, else the last that had been tried
    /// when it came.
    #[must_use]
    pub fn returned_by(&self, bounce: &InboundState) -> usize {
        let left = |a: &AttemptState| a.may_have_left() || a.accepted_at().is_some();
        let tried = |m: &MessageState| m.attempts.iter().any(|a| left(a) && a.at <= bounce.received.at);
        match bounce.about {
            Some(about) => about as usize,
            None => self.messages.iter().rposition(tried).unwrap_or(0),
        }
    }

    /// Whether a message came back.
    fn is_returned(&self, state: &WaveState, message: usize) -> bool {
        let mut bounces = state.messages_of(self).filter(|m| m.kind == Some(InboundKind::Bounce));
        bounces.any(|bounce| self.returned_by(bounce) == message)
    }

    /// When the first reminder was accepted, or may have been, and did not come back: what came
    /// after it is not "before any reminder".
    #[must_use]
    pub fn first_reminder_at(&self, state: &WaveState) -> Option<DateTime<Utc>> {
        let in_doubt = |m: &MessageState| m.attempts.iter().find(|a| a.may_have_left()).map(|a| a.at);
        let reminders =
            self.messages.iter().enumerate().skip(1).filter(|(number, _)| !self.is_returned(state, *number));
        reminders.filter_map(|(_, m)| m.first_accepted().or_else(|| in_doubt(m))).min()
    }

    /// The last moment at which a person looked at the channel or something arrived there.
    pub(super) fn last_look(&self, state: &WaveState) -> Option<DateTime<Utc>> {
        let looks = self.acts.iter().filter(|(act, _)| is_a_look(*act)).map(|(_, at)| at.at);
        looks.chain(state.messages_of(self).map(|m| m.received.at)).max()
    }

    /// Takes back what was settled by an inbound message that is read otherwise now.
    pub(super) fn unsettle(&mut self, by: InboundId) {
        let rests_on_it = |s: &Settlement| s.proof.inbound() == Some(by);
        for attempt in self.messages.iter_mut().flat_map(|m| &mut m.attempts) {
            attempt.settled.take_if(|s| rests_on_it(s));
        }
    }
}

impl AttemptState {
    /// Whether nobody has seen how it ended, and nothing has shown yet that it had left.
    fn is_uncertain(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::InDoubt(_) | Outcome::Held { .. }))
            && !self.settled.as_ref().is_some_and(|s| s.left)
    }
}
