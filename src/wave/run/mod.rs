//! The loop: look at what came back, do what is due, wait. It can be stopped between any two
//! steps and started again: all it knows is in the journal.

mod doubts;
mod looking;
mod sending;

use super::accounts::{Accounts, Senders};
use super::agenda::{Agenda, SendWindows, Step, next_step};
use super::dispatch::Flight;
use super::pace::Pace;
use super::person::PersonError;
use super::watch::{Reader, Watched};
use super::{Wave, WaveError, person, tasks};
use crate::channels::{Delivered, Prepared, Refused, Trace};
use crate::clock::Clock;
use crate::model::event::Event;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::state::{Delivery, InquiryState};
use crate::model::task::{Person, Said};
use crate::sources::{Batch, Source, SourceError};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch as signal};
use tokio::task::JoinSet;

/// Most deliveries on their way at once, in a live wave. A rehearsal sends one at a time.
const FLIGHTS_MAX: usize = 8;

/// Most of them to one server: others must not wait for one that is silent.
const FLIGHTS_PER_SERVER_MAX: usize = 2;

/// Longest time between two looks at a source.
const LOOK_EVERY: Duration = Duration::from_mins(5);

/// Minutes until an account that failed is tried again; doubled with each failure in a row.
const ACCOUNT_REST_MINUTES: i64 = 15;

/// Doublings of that rest at the most: four hours.
const ACCOUNT_REST_DOUBLINGS: u32 = 4;

/// Minutes that coverage may lag behind when a reminder is sent: who has replied gets none.
const REMINDER_LAG_MINUTES: i64 = 10;

/// Time that deliveries under way get to end when the loop is asked to stop.
const GRACE: Duration = Duration::from_secs(8);

/// How long the loop runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// To the end of the last observation window.
    WindowsClose,
    /// What is due now, and no longer.
    NothingIsDue,
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing is left to do or to watch.
    Complete,
    /// What was due has been done; the wave goes on.
    NothingDue {
        /// When something is due next.
        next: Option<DateTime<Utc>>,
    },
    /// It was asked to stop.
    Interrupted,
}

/// What the loop tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Time, for those who watch a rehearsal.
    Now(DateTime<Utc>),
    /// A message of this inquiry was delivered, or not.
    Sent(String, &'static str),
    /// That many messages came in.
    Arrived(usize),
    /// A source cannot be read.
    SourceFailed(String),
}

/// Everything the loop works with.
pub struct Means {
    /// Our accounts.
    pub accounts: Accounts,
    /// Time.
    pub clock: Clock,
    /// A simulated person, in a rehearsal.
    pub person: Option<Box<dyn Person>>,
    /// Turns true when the loop shall stop.
    pub stop: signal::Receiver<bool>,
}

/// Why the loop had to end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal cannot be used.
    #[error(transparent)]
    Wave(#[from] WaveError),
    /// The send window cannot be read.
    #[error("the study's send window cannot be read: {0}")]
    SendWindow(String),
    /// Somebody would be asked at an address that a machine found and no person has confirmed.
    #[error("nobody has confirmed {0}")]
    Unconfirmed(String),
    /// Something is missing on our side that messages still to be sent take; nothing was sent.
    #[error("nothing was sent: {0}")]
    NotReady(String),
    /// A part of the loop died.
    #[error("a part of Risposta failed ({0}); nothing is lost, start it again")]
    Internal(String),
}

/// What of a live wave must be confirmed before it sends, in words; a rehearsal reaches nobody.
#[must_use]
pub fn to_be_confirmed(plan: &Plan) -> Option<String> {
    const SHOWN: usize = 5;
    let points = if plan.is_simulated() { Vec::new() } else { plan.unconfirmed() };
    let shown: Vec<_> = points.iter().take(SHOWN).map(|(company, channel)| format!("{channel} of {company}")).collect();
    let more = points.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!points.is_empty()).then(|| format!("{}{rest}", shown.join(", ")))
}

/// Runs a wave.
///
/// # Errors
/// [`RunError`] when the journal cannot be written, an address is not confirmed or our own code fails. A peer's failure is
/// never an error: it is an outcome.
pub async fn run(
    wave: &mut Wave,
    means: Means,
    until: Until,
    tell: &mut (dyn FnMut(News) + Send),
) -> Result<Ended, RunError> {
    if let Some(points) = to_be_confirmed(&wave.plan) {
        return Err(RunError::Unconfirmed(points));
    }
    let senders = means.accounts.senders.clone();
    // Once it has begun, the others are asked and what came back is looked at; an account that lacks something pauses.
    if !has_begun(wave) {
        senders.ready(&still_to_ask(wave, means.clock.now())).await.map_err(RunError::NotReady)?;
    }
    let ended = Runner::new(wave, means, until, tell)?.run().await;
    senders.close().await;
    ended
}

/// Whether a machine has tried to send anything.
fn has_begun(wave: &Wave) -> bool {
    wave.state.inquiries.iter().flat_map(|inquiry| &inquiry.messages).any(|message| !message.attempts.is_empty())
}

/// Inquiries that a machine has still to send.
fn still_to_ask(wave: &Wave, now: DateTime<Utc>) -> Vec<&PlannedInquiry> {
    let attempts_max = wave.plan.study.design.attempts_max;
    let is_open = |state: &InquiryState| {
        let first = state.messages.first().filter(|m| m.skipped.is_none());
        let delivery = first.map(|m| m.delivery(attempts_max));
        matches!(delivery, Some(Delivery::Pending | Delivery::Deferred))
    };
    let window = wave.plan.study.design.window.delta();
    let is_over = |planned: &PlannedInquiry| planned.first_due().is_some_and(|due| now >= due + window);
    wave.plan
        .inquiries
        .iter()
        .zip(&wave.state.inquiries)
        .filter(|(planned, s)| is_open(s) && !wave.state.stopped.contains_key(&planned.company) && !is_over(planned))
        .map(|(planned, _)| planned)
        .collect()
}

/// What comes back from a task that was let go.
enum Landed {
    /// With the plan it was prepared by: an amendment meanwhile may have changed the address.
    Prepared(Flight, Arc<Plan>, Result<Box<dyn Prepared>, Refused>),
    Delivered(Flight, Delivered),
    /// What our account shows of a delivery that broke off.
    LookedBack(Flight, Trace),
    Looked(Box<dyn Source>, Watched, Result<Batch, SourceError>),
    Woke(Box<dyn Source>),
}

struct Runner<'w> {
    wave: &'w mut Wave,
    senders: Senders,
    /// Sources that rest, on a stepping clock, until time has stepped.
    resting: Vec<Box<dyn Source>>,
    person: Option<Box<dyn Person>>,
    clock: Clock,
    stop: signal::Receiver<bool>,
    until: Until,
    tell: &'w mut (dyn FnMut(News) + Send),
    windows: SendWindows,
    agenda: Agenda,
    pace: Pace,
    reader: Reader,
    tasks: JoinSet<Landed>,
    /// Inquiries with a delivery on its way.
    busy: HashSet<usize>,
    /// Inquiries whose message is due and waits only for the pace.
    paced: BTreeSet<usize>,
    /// Inquiries that may have a task for the person of a rehearsal.
    asking: BTreeSet<usize>,
    /// Whether something has happened in the town since that person was last asked.
    happened: bool,
    /// Sources that are being looked at now.
    looking: usize,
    /// Looks still to come before anything is sent.
    first_looks: usize,
    /// Sources that were looked at at least once since the start.
    looked: BTreeSet<String>,
    /// How often each source has failed without a success since.
    failures: HashMap<String, u32>,
    /// Inquiries whose window has ended and is not covered to its end, and since when a look is due.
    closing: BTreeMap<usize, DateTime<Utc>>,
    /// Whether a rehearsal that is over still has to look a last time.
    last_look_due: bool,
    /// When each inquiry last asked for a look.
    asked: HashMap<usize, DateTime<Utc>>,
    /// Inquiries that may have a message in doubt.
    doubtful: BTreeSet<usize>,
    /// When our own account was last asked about an inquiry's message in doubt.
    asked_back: HashMap<usize, DateTime<Utc>>,
    /// What our clock last showed.
    shown: DateTime<Utc>,
    wake: Arc<Notify>,
}

impl<'w> Runner<'w> {
    fn new(
        wave: &'w mut Wave,
        means: Means,
        until: Until,
        tell: &'w mut (dyn FnMut(News) + Send),
    ) -> Result<Self, RunError> {
        let now = means.clock.now();
        let windows = SendWindows::new(&wave.plan).map_err(RunError::SendWindow)?;
        // Whoever starts the loop has seen what is wrong: accounts are tried again.
        let resumed: Vec<Event> =
            wave.state.paused.keys().map(|account| Event::AccountResumed { account: account.clone() }).collect();
        if !resumed.is_empty() {
            wave.append(now, &resumed)?;
        }
        let reader = Reader::new(wave, means.accounts.threads, now)?;
        let pace = Pace::new(&wave.plan, &wave.state, now);
        wave.touched = (0..wave.plan.inquiries.len()).collect();
        Ok(Self {
            wave,
            senders: means.accounts.senders,
            first_looks: means.accounts.sources.len(),
            resting: means.accounts.sources,
            person: means.person,
            clock: means.clock,
            stop: means.stop,
            until,
            tell,
            windows,
            agenda: Agenda::default(),
            pace,
            reader,
            tasks: JoinSet::new(),
            busy: HashSet::new(),
            paced: BTreeSet::new(),
            asking: BTreeSet::new(),
            happened: false,
            looking: 0,
            looked: BTreeSet::new(),
            failures: HashMap::new(),
            closing: BTreeMap::new(),
            last_look_due: true,
            asked: HashMap::new(),
            doubtful: BTreeSet::new(),
            asked_back: HashMap::new(),
            shown: now,
            wake: Arc::new(Notify::new()),
        })
    }

    async fn run(mut self) -> Result<Ended, RunError> {
        self.look_at_all();
        loop {
            self.wave.refresh()?;
            self.notice_clock();
            self.settle_what_is_proven()?;
            self.reschedule();
            if *self.stop.borrow() {
                return self.wind_down().await;
            }
            if self.wave.is_taken_over() {
                self.wind_down().await?;
                return Err(WaveError::TakenOver(self.wave.folder.clone()).into());
            }
            if self.first_looks == 0 && self.looking_is_over() {
                self.look_back();
                self.do_what_is_due()?;
                self.ask_person()?;
            }
            if let Some(ended) = self.is_over() {
                if !std::mem::take(&mut self.last_look_due) {
                    return Ok(ended);
                }
                // A score is as of what is covered: up to the very end.
                self.look_at_all();
                continue;
            }
            self.wait().await?;
        }
    }

    /// On a stepping clock nothing happens while a source is being looked at: a reminder must
    /// not overtake a reply.
    fn looking_is_over(&self) -> bool {
        !self.is_stepping() || self.looking == 0
    }

    const fn is_stepping(&self) -> bool {
        matches!(self.clock, Clock::Stepping(_))
    }

    /// Where our clock was set back, all that was thought out for moments still to come is thought
    /// over.
    fn notice_clock(&mut self) {
        let now = self.clock.now();
        if now < std::mem::replace(&mut self.shown, now) {
            self.pace = Pace::new(&self.wave.plan, &self.wave.state, now);
            self.asked.clear();
            self.asked_back.clear();
            self.closing.clear();
            self.wave.touched = (0..self.wave.plan.inquiries.len()).collect();
        }
    }

    /// Sets anew when each inquiry that was touched is to be looked at.
    fn reschedule(&mut self) {
        let now = self.clock.now();
        for i in self.wave.take_touched() {
            let next = if self.busy.contains(&i) { None } else { self.next(i, now) };
            self.agenda.set(i, next.map(|(at, _)| at));
        }
    }

    fn next(&self, i: usize, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Step)> {
        next_step(&self.wave.plan, &self.wave.state, &self.windows, i, now)
    }

    fn is_over(&self) -> Option<Ended> {
        if !self.busy.is_empty() || self.looking > 0 || self.first_looks > 0 {
            return None;
        }
        let next = self.agenda.first();
        match self.until {
            _ if next.is_none() => Some(Ended::Complete),
            Until::WindowsClose => None,
            Until::NothingIsDue => {
                let now = self.clock.now();
                next.filter(|at| *at > now && self.paced.is_empty()).map(|_| Ended::NothingDue { next })
            }
        }
    }

    /// Waits for whatever comes first: something lands, something is due, we are asked to stop.
    async fn wait(&mut self) -> Result<(), RunError> {
        let stands_still = self.is_stepping() && !self.tasks.is_empty();
        let clock = self.clock.clone();
        let until = self.agenda.first().unwrap_or_else(|| clock.now() + TimeDelta::minutes(1));
        let until = if self.is_stepping() { until } else { until.max(clock.now() + TimeDelta::seconds(1)) };
        let landed = tokio::select! {
            biased;
            // Where nobody can ask any more, nobody will.
            Ok(()) = self.stop.changed() => return Ok(()),
            Some(landed) = self.tasks.join_next(), if !self.tasks.is_empty() => Some(landed),
            happened = clock.wait_until(until), if !stands_still => {
                self.happened = happened;
                None
            }
        };
        if let Some(landed) = landed {
            return self.land(landed.map_err(|e| RunError::Internal(e.to_string()))?);
        }
        if self.is_stepping() {
            (self.tell)(News::Now(self.clock.now()));
        }
        if self.happened {
            self.look_at_all();
        }
        Ok(())
    }

    fn land(&mut self, landed: Landed) -> Result<(), RunError> {
        match landed {
            Landed::Prepared(flight, plan, result) => self.prepared(flight, &plan, result),
            Landed::Delivered(flight, delivered) => self.delivered(flight, delivered),
            Landed::LookedBack(flight, trace) => self.looked_back(flight, trace),
            Landed::Looked(source, watched, result) => self.looked(source, &watched, result),
            Landed::Woke(source) => {
                self.look(source);
                Ok(())
            }
        }
    }

    /// In a rehearsal somebody does the tasks at once, through the same records as a human being.
    fn ask_person(&mut self) -> Result<(), RunError> {
        let asking = std::mem::take(&mut self.asking);
        let happened = std::mem::take(&mut self.happened);
        let Some(mut someone) = self.person.take() else { return Ok(()) };
        let now = self.clock.now();
        let (plan, state) = (&self.wave.plan, &self.wave.state);
        let open: Vec<_> =
            asking.into_iter().filter_map(|i| tasks::open_task(plan, state, &self.windows, i, now)).collect();
        if happened || !open.is_empty() {
            for record in someone.act(now, &open) {
                match person::record(self.wave, now, &record) {
                    // A promise that was not understood as one is not known to be kept either.
                    Err(PersonError::Contradiction { what, .. })
                        if matches!(record.what, Said::Kept | Said::Broken) =>
                    {
                        tracing::debug!("not recorded: {what}");
                    }
                    recorded => recorded.map_err(|e| RunError::Internal(e.to_string()))?,
                }
            }
        }
        self.person = Some(someone);
        self.reschedule();
        Ok(())
    }

    /// Asked to stop: nothing new starts; deliveries under way get a few seconds. One that does
    /// not end in time stays without an end in the journal: in doubt.
    async fn wind_down(&mut self) -> Result<Ended, RunError> {
        let deadline = tokio::time::Instant::now() + GRACE;
        while !self.busy.is_empty() {
            match tokio::time::timeout_at(deadline, self.tasks.join_next()).await {
                Ok(Some(landed)) => match landed.map_err(|e| RunError::Internal(e.to_string()))? {
                    Landed::Delivered(flight, delivered) => self.delivered(flight, delivered)?,
                    Landed::Prepared(flight, ..) | Landed::LookedBack(flight, _) => self.free(flight),
                    Landed::Looked(..) | Landed::Woke(_) => {}
                },
                Ok(None) | Err(_) => break,
            }
        }
        self.tasks.abort_all();
        Ok(Ended::Interrupted)
    }
}
