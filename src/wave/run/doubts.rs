//! What is in doubt is settled by proof: by what came back, or by our own account's posts, read back.

use super::{Landed, RunError, Runner};
use crate::channels::{Outgoing, Trace};
use crate::model::event::{Event, Proof};
use crate::model::plan::PlannedInquiry;
use crate::model::state::Delivery;
use crate::wave::dispatch::Flight;
use crate::wave::proof;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// Minutes after an attempt began until our own account can say that it never left: far longer than
/// any request that is still under way can take.
const LOOK_BACK_MINUTES: i64 = 15;

/// Minutes until it is asked again where it could not say.
const LOOK_BACK_AGAIN_MINUTES: i64 = 60;

impl Runner<'_> {
    /// What came back may prove that a message in doubt had left: the journal says so, and by what.
    pub(super) fn settle_what_is_proven(&mut self) -> Result<(), RunError> {
        let touched: BTreeSet<usize> = self.wave.touched.iter().copied().collect();
        for i in touched.into_iter().filter(|i| !self.busy.contains(i)) {
            self.doubtful.insert(i);
            let settled = proof::settlements(self.wave, i);
            if !settled.is_empty() {
                self.wave.append(self.clock.now(), &settled)?;
            }
        }
        Ok(())
    }

    /// Asks our own accounts about messages in doubt that they can show.
    pub(super) fn look_back(&mut self) {
        let now = self.clock.now();
        for i in std::mem::take(&mut self.doubtful) {
            let Some((flight, since)) = self.in_doubt(i) else { continue };
            self.doubtful.insert(i);
            let waited = now - since >= TimeDelta::minutes(LOOK_BACK_MINUTES);
            let again = |asked: &DateTime<Utc>| now - *asked >= TimeDelta::minutes(LOOK_BACK_AGAIN_MINUTES);
            if waited && !self.busy.contains(&i) && self.asked_back.get(&i).is_none_or(again) {
                self.asked_back.insert(i, now);
                self.ask_back(flight, since);
            }
        }
    }

    /// The attempt of an inquiry that is in doubt and that our account can say something about.
    fn in_doubt(&self, i: usize) -> Option<(Flight, DateTime<Utc>)> {
        let max = self.wave.plan.study.design.attempts_max;
        let messages = (0..).zip(&self.wave.state.inquiries[i].messages);
        let (number, message) = messages.filter(|(_, m)| m.delivery(max) == Delivery::InDoubt).last()?;
        self.senders.of(&self.wave.plan.inquiries[i]).filter(|sender| sender.looks_back())?;
        let since = message.attempts.last()?.at;
        let attempt = u32::try_from(message.attempts.len()).unwrap_or(u32::MAX);
        Some((Flight { inquiry: i, message: number, attempt, due: since }, since))
    }

    fn ask_back(&mut self, flight: Flight, since: DateTime<Utc>) {
        let plan = self.wave.plan.clone();
        let Some(sender) = self.senders.of(&plan.inquiries[flight.inquiry]) else { return };
        self.busy.insert(flight.inquiry);
        self.tasks.spawn(async move {
            let inquiry: &PlannedInquiry = &plan.inquiries[flight.inquiry];
            let message = &inquiry.messages[flight.message as usize];
            let outgoing = Outgoing { inquiry, message, in_reply_to: None, first_receipt: None };
            Landed::LookedBack(flight, sender.look_back(outgoing, since).await)
        });
    }

    pub(super) fn looked_back(&mut self, flight: Flight, trace: Trace) -> Result<(), RunError> {
        self.wave.refresh()?;
        // What a person said meanwhile, or a message proved, holds.
        let open = self.in_doubt(flight.inquiry).is_some_and(|(now, _)| now == flight);
        let (left, receipt, evidence) = match trace {
            Trace::Left { receipt, evidence } => (true, Some(receipt), evidence),
            Trace::NeverLeft { evidence } => (false, None, evidence),
            Trace::CannotSay => (false, None, Vec::new()),
        };
        if open && !evidence.is_empty() {
            let shown: Vec<u8> = evidence.into_iter().flat_map(|e| e.bytes).collect();
            let settled = Event::Settled {
                attempt: flight.reference(&self.wave.plan),
                left,
                why: self.wave.journal.keep(shown),
                proof: Proof::OwnPosts,
                receipt: receipt.map(|id| self.wave.journal.keep(id)),
            };
            self.wave.append(self.clock.now(), &[settled])?;
            self.reader.learn_receipts_of(self.wave, flight.inquiry)?;
        }
        self.free(flight);
        Ok(())
    }
}
