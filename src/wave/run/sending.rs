//! What is due is done: skipped, closed, or sent, with the intent in the journal before the effect.

use super::{
    ACCOUNT_REST_DOUBLINGS, ACCOUNT_REST_MINUTES, FLIGHTS_MAX, FLIGHTS_PER_SERVER_MAX, Landed, News,
    REMINDER_LAG_MINUTES, RunError, Runner,
};
use crate::channels::{Delivered, Prepared, Refused};
use crate::model::channel::Channel;
use crate::model::event::Event;
use crate::model::ids::AccountId;
use crate::model::outcome::Outcome;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::wave::agenda::Step;
use crate::wave::dispatch::{self, Flight};
use crate::wave::watch;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

impl Runner<'_> {
    pub(super) fn do_what_is_due(&mut self) -> Result<(), RunError> {
        let most = if self.is_stepping() { 1 } else { FLIGHTS_MAX };
        while self.busy.len() < most && self.looking_is_over() {
            let now = self.clock.now();
            let Some(i) = self.agenda.pop(now) else { break };
            self.asking.insert(i);
            self.paced.remove(&i);
            match self.next(i, now) {
                Some((at, _)) if at > now => self.agenda.set(i, Some(at)),
                None | Some((_, Step::Ask)) => {}
                Some((_, Step::Close)) => self.close(i, now),
                Some((_, Step::Skip { message, reason })) => {
                    let inquiry = self.wave.plan.inquiries[i].id.clone();
                    self.wave.append(now, &[Event::Skipped { inquiry, message, reason }])?;
                    self.reschedule();
                }
                Some((_, Step::Send { message, due })) => self.launch(i, message, due, now)?,
            }
        }
        Ok(())
    }

    pub(super) fn launch(
        &mut self,
        i: usize,
        message: u32,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), RunError> {
        let plan = self.wave.plan.clone();
        let planned = &plan.inquiries[i];
        let Some(sender) = self.senders.of(planned) else { return Ok(()) };
        if let Some(later) = self.must_wait(i, message, now) {
            self.agenda.set(i, Some(later));
            return Ok(());
        }
        for account in self.accounts_of(i, message, sender.account_of(planned)) {
            let Some(pause) = self.wave.state.paused.get(&account) else { continue };
            let failures = self.wave.state.failures.get(&account).copied().unwrap_or(1);
            let doublings = failures.saturating_sub(1).min(ACCOUNT_REST_DOUBLINGS);
            let rested = pause.since + TimeDelta::minutes(ACCOUNT_REST_MINUTES << doublings);
            // A pause since a moment still to come is from before our clock was set back.
            if now < rested && pause.since <= now {
                self.agenda.set(i, Some(rested));
                return Ok(());
            }
            self.wave.append(now, &[Event::AccountResumed { account }])?;
        }
        if self.is_crowded(planned) {
            self.paced.insert(i);
            self.agenda.set(i, Some(now + TimeDelta::seconds(1)));
            return Ok(());
        }
        let attempts = self.wave.state.inquiries[i].messages[message as usize].attempts.len();
        let attempt = u32::try_from(attempts + 1).unwrap_or(u32::MAX);
        let flight = Flight { inquiry: i, message, attempt, due };
        let receipt = watch::receipts(self.wave, i).next().and_then(|r| self.wave.journal.text(r).ok().flatten());
        self.pace.note(planned, message, now);
        self.busy.insert(i);
        self.tasks.spawn(async move {
            let prepared = dispatch::prepare(plan.clone(), sender, flight, receipt).await;
            Landed::Prepared(flight, plan, prepared)
        });
        Ok(())
    }

    /// The accounts that a message waits for: the one that it leaves from, and the one that failed it last.
    fn accounts_of(&self, i: usize, message: u32, leaves_from: &AccountId) -> Vec<AccountId> {
        let last = self.wave.state.inquiries[i].messages[message as usize].attempts.last();
        let failed = match last.and_then(|attempt| attempt.outcome.as_ref()) {
            Some(Outcome::AccountFailed { account, .. }) => Some(account).filter(|account| *account != leaves_from),
            _ => None,
        };
        std::iter::once(leaves_from).chain(failed).cloned().collect()
    }

    /// Whether as many deliveries as may be are on their way to the same server: were it to fall
    /// silent, the places of all the others would soon be taken by those who wait for it.
    fn is_crowded(&self, planned: &PlannedInquiry) -> bool {
        let (there, plan) = (self.server_of(planned), &self.wave.plan);
        let same = |i: &&usize| self.server_of(&plan.inquiries[**i]) == there;
        self.busy.iter().filter(same).count() >= FLIGHTS_PER_SERVER_MAX
    }

    /// A form's server is the company's; what leaves by an account goes to the account's, and one browser
    /// fills one form after the other.
    fn server_of(&self, planned: &PlannedInquiry) -> (Option<AccountId>, Option<String>) {
        let account = self.senders.of(planned).map(|sender| sender.account_of(planned).clone());
        let is_direct = planned.channel == Channel::WebForm && account != Some(AccountId::browser());
        (account, planned.target.host().filter(|_| is_direct).map(str::to_owned))
    }

    /// Until when a message that is due must wait: for the pace, or because a reply may lie
    /// unseen in the mailbox.
    pub(super) fn must_wait(&mut self, i: usize, message: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_deaf = self.wave.state.is_deaf_to(&self.wave.plan, &self.wave.plan.inquiries[i], now);
        if is_deaf || message > 0 && !self.is_covered_lately(i, now) {
            return Some(self.ask_for_a_look(i, now));
        }
        let (plan, planned) = (&self.wave.plan, &self.wave.plan.inquiries[i]);
        let rested = self.pace.company_is_rested(plan, &self.wave.state, planned).filter(|_| message == 0);
        if let Some(rested) = rested.filter(|at| *at > now) {
            // Days off: nobody who does only what is due waits for that.
            return Some(rested);
        }
        let earliest = self.pace.earliest(planned).filter(|at| *at > now)?;
        self.paced.insert(i);
        Some(earliest)
    }

    pub(super) fn is_covered_lately(&self, i: usize, now: DateTime<Utc>) -> bool {
        let (planned, inquiry) = (&self.wave.plan.inquiries[i], &self.wave.state.inquiries[i]);
        let covered = self.wave.state.read_through(&self.wave.plan, planned, inquiry);
        covered.is_some_and(|through| through <= now && now - through <= TimeDelta::minutes(REMINDER_LAG_MINUTES))
    }

    pub(super) fn prepared(
        &mut self,
        flight: Flight,
        plan: &Arc<Plan>,
        result: Result<Box<dyn Prepared>, Refused>,
    ) -> Result<(), RunError> {
        let now = self.clock.now();
        let prepared = match result {
            Ok(prepared) => prepared,
            Err(refused) => {
                self.asking.insert(flight.inquiry);
                self.tell_sent(flight, outcome_name(&refused.outcome));
                dispatch::refuse(self.wave, flight, refused, now)?;
                self.free(flight);
                return Ok(());
            }
        };
        let Some(account) = self
            .senders
            .of(&plan.inquiries[flight.inquiry])
            .map(|s| s.account_of(&plan.inquiries[flight.inquiry]).clone())
        else {
            self.free(flight);
            return Ok(());
        };
        loop {
            // Preparing took time: what a person said or amended meanwhile counts.
            self.wave.refresh()?;
            let amended = !Arc::ptr_eq(plan, &self.wave.plan);
            let step = self.next(flight.inquiry, now);
            let still_due =
                matches!(step, Some((at, Step::Send { message, .. })) if message == flight.message && at <= now);
            if !still_due || amended || *self.stop.borrow() || self.wave.is_taken_over() {
                self.free(flight);
                return Ok(());
            }
            if dispatch::start(self.wave, flight, account.clone(), prepared.as_ref(), now)? {
                break;
            }
        }
        self.tasks.spawn(async move { Landed::Delivered(flight, prepared.deliver().await) });
        Ok(())
    }

    pub(super) fn delivered(&mut self, flight: Flight, delivered: Delivered) -> Result<(), RunError> {
        self.asking.insert(flight.inquiry);
        self.tell_sent(flight, outcome_name(&delivered.outcome));
        dispatch::end(self.wave, flight, delivered, self.clock.now())?;
        self.reader.learn_receipts_of(self.wave, flight.inquiry)?;
        self.free(flight);
        Ok(())
    }

    /// The inquiry has no delivery on its way any more.
    pub(super) fn free(&mut self, flight: Flight) {
        self.busy.remove(&flight.inquiry);
        self.wave.touched.push(flight.inquiry);
    }

    pub(super) fn tell_sent(&mut self, flight: Flight, outcome: &'static str) {
        let inquiry = self.wave.plan.inquiries[flight.inquiry].id.to_string();
        (self.tell)(News::Sent(inquiry, outcome));
    }
}

/// An outcome in one word.
const fn outcome_name<D>(outcome: &Outcome<D>) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Held { .. } => "held",
        Outcome::Deferred(_) => "deferred",
        Outcome::Rejected(_) => "refused",
        Outcome::EntriesRejected(_) => "entries rejected",
        Outcome::InDoubt(_) => "in doubt",
        Outcome::Blocked(_) => "blocked",
        Outcome::AccountFailed { .. } => "our account failed",
    }
}
