//! One delivery: prepare, journal the start, let go, journal the end. Never twice.

use super::{Wave, WaveError};
use crate::channels::{Delivered, Evidence, Outgoing, Prepared, Refused, Sender};
use crate::failpoint;
use crate::model::event::{AttemptRef, Event};
use crate::model::ids::AccountId;
use crate::model::outcome::{Outcome, Payload};
use crate::model::plan::Plan;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Which message is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flight {
    /// Index of the inquiry.
    pub(super) inquiry: usize,
    /// The message: 0 is the first.
    pub(super) message: u32,
    /// The try, from 1.
    pub(super) attempt: u32,
    /// When it was due.
    pub(super) due: DateTime<Utc>,
}

impl Flight {
    pub(super) fn reference(self, plan: &Plan) -> AttemptRef {
        let inquiry = plan.inquiries[self.inquiry].id.clone();
        AttemptRef { inquiry, message: self.message, attempt: self.attempt }
    }
}

/// Prepares a message; submits nothing.
pub(super) async fn prepare(
    plan: Arc<Plan>,
    sender: Arc<dyn Sender>,
    flight: Flight,
    first_receipt: Option<String>,
) -> Result<Box<dyn Prepared>, Refused> {
    let inquiry = &plan.inquiries[flight.inquiry];
    let in_reply_to = (flight.message > 0).then(|| inquiry.messages[0].message_id.as_str());
    let message = &inquiry.messages[flight.message as usize];
    sender.prepare(Outgoing { inquiry, message, in_reply_to, first_receipt: first_receipt.as_deref() }).await
}

/// Journals that a delivery is about to start. `false`: somebody else wrote in between, and the
/// caller must decide again.
pub(super) fn start(
    wave: &mut Wave,
    flight: Flight,
    account: AccountId,
    prepared: &dyn Prepared,
    now: DateTime<Utc>,
) -> Result<bool, WaveError> {
    let planned = &wave.plan.inquiries[flight.inquiry].messages[flight.message as usize];
    let fingerprint = planned.fingerprint.clone();
    let event = Event::AttemptStarted {
        attempt: flight.reference(&wave.plan),
        account: Some(account),
        fingerprint,
        bytes_sha256: prepared.bytes_sha256(),
        prepared: keep(wave, prepared.evidence()),
        late_seconds: u32::try_from((now - flight.due).num_seconds().max(0)).unwrap_or(u32::MAX),
    };
    wave.append_if_current(now, &[event])
}

/// Journals that preparing showed that nothing can be delivered.
pub(super) fn refuse(wave: &mut Wave, flight: Flight, refused: Refused, now: DateTime<Utc>) -> Result<(), WaveError> {
    let evidence = keep(wave, refused.evidence);
    let outcome = keep_words(wave, refused.outcome);
    let attempt = flight.reference(&wave.plan);
    let paused = paused_by(wave, &outcome);
    let refused = Event::AttemptRefused { attempt, outcome, evidence };
    wave.append(now, &[refused].into_iter().chain(paused).collect::<Vec<_>>())
}

/// Journals how a delivery ended.
pub(super) fn end(wave: &mut Wave, flight: Flight, delivered: Delivered, now: DateTime<Utc>) -> Result<(), WaveError> {
    failpoint::reach("delivered");
    let evidence = keep(wave, delivered.evidence);
    let outcome = keep_words(wave, delivered.outcome);
    let attempt = flight.reference(&wave.plan);
    let paused = paused_by(wave, &outcome);
    let ended = Event::AttemptEnded { attempt, outcome, evidence };
    wave.append(now, &[ended].into_iter().chain(paused).collect::<Vec<_>>())
}

fn keep(wave: &mut Wave, evidence: Vec<Evidence>) -> Vec<Payload> {
    evidence.into_iter().map(|e| wave.journal_mut().keep(e.bytes)).collect()
}

fn keep_words(wave: &mut Wave, outcome: Outcome<String>) -> Outcome {
    let kept: Result<Outcome, std::convert::Infallible> = outcome.try_map(|words| Ok(wave.journal_mut().keep(words)));
    match kept {
        Ok(outcome) => outcome,
        Err(never) => match never {},
    }
}

/// A failure of our own account pauses it.
fn paused_by(wave: &Wave, outcome: &Outcome) -> Option<Event> {
    let Outcome::AccountFailed { account, failure } = outcome else { return None };
    let fresh = !wave.state.paused.contains_key(account);
    fresh.then(|| Event::AccountPaused { account: account.clone(), why: failure.detail.clone() })
}
