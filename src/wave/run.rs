//! The loop: look at what came back, do what is due, wait. It can be stopped between any two
//! steps and started again: all it knows is in the journal.

use super::accounts::{Accounts, Senders};
use super::agenda::{Agenda, SendWindows, Step, next_step};
use super::dispatch::{self, Flight};
use super::pace::Pace;
use super::watch::{self, Reader, Watched};
use super::{Wave, WaveError, person, tasks};
use crate::channels::{Delivered, Prepared, Refused};
use crate::clock::Clock;
use crate::model::event::Event;
use crate::model::outcome::Outcome;
use crate::model::task::Person;
use crate::sources::{Batch, Source, SourceError};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch as signal};
use tokio::task::JoinSet;

/// Most deliveries on their way at once, in a live wave. A rehearsal sends one at a time.
const FLIGHTS_MAX: usize = 8;

/// Longest time between two looks at a source.
const LOOK_EVERY: Duration = Duration::from_mins(5);

/// Time until a source that failed is looked at again.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

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
    /// A part of the loop died.
    #[error("a part of Risposta failed ({0}); nothing is lost, start it again")]
    Internal(String),
}

/// Runs a wave.
///
/// # Errors
/// [`RunError`] when the journal cannot be written or our own code fails. A peer's failure is
/// never an error: it is an outcome.
pub async fn run(
    wave: &mut Wave,
    means: Means,
    until: Until,
    tell: &mut (dyn FnMut(News) + Send),
) -> Result<Ended, RunError> {
    Runner::new(wave, means, until, tell)?.run().await
}

/// What comes back from a task that was let go.
enum Landed {
    Prepared(Flight, Result<Box<dyn Prepared>, Refused>),
    Delivered(Flight, Delivered),
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
    /// Sources that are being looked at now.
    looking: usize,
    /// Looks still to come before anything is sent.
    first_looks: usize,
    /// Sources that were looked at at least once since the start.
    looked: BTreeSet<String>,
    /// Inquiries whose window has ended and is not covered to its end, and since when a look is due.
    closing: BTreeMap<usize, DateTime<Utc>>,
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
        let pace = Pace::new(&wave.plan, &wave.state);
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
            looking: 0,
            looked: BTreeSet::new(),
            closing: BTreeMap::new(),
            wake: Arc::new(Notify::new()),
        })
    }

    async fn run(mut self) -> Result<Ended, RunError> {
        self.look_at_all();
        loop {
            self.wave.refresh()?;
            self.reschedule();
            if *self.stop.borrow() {
                return self.wind_down().await;
            }
            if self.first_looks == 0 && self.looking_is_over() {
                self.ask_person()?;
                self.do_what_is_due()?;
            }
            if let Some(ended) = self.is_over() {
                return Ok(ended);
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

    fn do_what_is_due(&mut self) -> Result<(), RunError> {
        let most = if self.is_stepping() { 1 } else { FLIGHTS_MAX };
        while self.busy.len() < most {
            let now = self.clock.now();
            let Some(i) = self.agenda.pop(now) else { break };
            match self.next(i, now) {
                None => {}
                Some((at, _)) if at > now => self.agenda.set(i, Some(at)),
                Some((_, Step::Ask)) => {}
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

    /// A window has ended: its sources are looked at, until they are covered to its end.
    fn close(&mut self, i: usize, now: DateTime<Utc>) {
        self.closing.insert(i, now);
        self.wake.notify_waiters();
        self.agenda.set(i, Some(now + TimeDelta::minutes(1)));
    }

    /// Lets go of windows that are covered to their end by now.
    fn close_what_is_covered(&mut self, now: DateTime<Utc>) {
        let mut closing = std::mem::take(&mut self.closing);
        closing.retain(|i, _| {
            let open = matches!(self.next(*i, now), Some((at, Step::Close)) if at <= now);
            if !open {
                self.wave.touched.push(*i);
            }
            open
        });
        self.closing = closing;
    }

    fn launch(&mut self, i: usize, message: u32, due: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), RunError> {
        let plan = self.wave.plan.clone();
        let planned = &plan.inquiries[i];
        let Some(sender) = self.senders.of(planned) else { return Ok(()) };
        if let Some(later) = self.must_wait(i, message, now) {
            self.agenda.set(i, Some(later));
            return Ok(());
        }
        if let Some(pause) = self.wave.state.paused.get(sender.account()) {
            let failures = self.wave.state.failures.get(sender.account()).copied().unwrap_or(1);
            let doublings = failures.saturating_sub(1).min(ACCOUNT_REST_DOUBLINGS);
            let rested = pause.since + TimeDelta::minutes(ACCOUNT_REST_MINUTES << doublings);
            if now < rested {
                self.agenda.set(i, Some(rested));
                return Ok(());
            }
            self.wave.append(now, &[Event::AccountResumed { account: sender.account().clone() }])?;
        }
        let attempts = self.wave.state.inquiries[i].messages[message as usize].attempts.len();
        let attempt = u32::try_from(attempts + 1).unwrap_or(u32::MAX);
        let flight = Flight { inquiry: i, message, attempt, due };
        let receipt = watch::receipts(self.wave, i).next().and_then(|r| self.wave.journal.text(r).ok().flatten());
        self.pace.note(planned, now);
        self.busy.insert(i);
        self.tasks
            .spawn(async move { Landed::Prepared(flight, dispatch::prepare(plan, sender, flight, receipt).await) });
        Ok(())
    }

    /// Until when a message that is due must wait: for the pace, or because a reply may lie
    /// unseen in the mailbox.
    fn must_wait(&self, i: usize, message: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if message > 0 && !self.is_covered_lately(i, now) {
            self.wake.notify_waiters();
            return Some(now + TimeDelta::minutes(1));
        }
        self.pace.earliest(&self.wave.plan.inquiries[i]).filter(|at| *at > now)
    }

    fn is_covered_lately(&self, i: usize, now: DateTime<Utc>) -> bool {
        let (planned, inquiry) = (&self.wave.plan.inquiries[i], &self.wave.state.inquiries[i]);
        let covered = self.wave.state.covered_through(&self.wave.plan, planned, inquiry);
        covered.is_some_and(|through| now - through <= TimeDelta::minutes(REMINDER_LAG_MINUTES))
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
                next.filter(|at| *at > now).map(|_| Ended::NothingDue { next })
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
            _ = self.stop.changed() => return Ok(()),
            Some(landed) = self.tasks.join_next(), if !self.tasks.is_empty() => Some(landed),
            () = clock.wait_until(until), if !stands_still => None,
        };
        match landed {
            Some(landed) => self.land(landed.map_err(|e| RunError::Internal(e.to_string()))?),
            None if self.is_stepping() => {
                (self.tell)(News::Now(self.clock.now()));
                self.look_at_all();
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn land(&mut self, landed: Landed) -> Result<(), RunError> {
        match landed {
            Landed::Prepared(flight, result) => self.prepared(flight, result),
            Landed::Delivered(flight, delivered) => self.delivered(flight, delivered),
            Landed::Looked(source, watched, result) => self.looked(source, &watched, result),
            Landed::Woke(source) => {
                self.look(source);
                Ok(())
            }
        }
    }

    fn prepared(&mut self, flight: Flight, result: Result<Box<dyn Prepared>, Refused>) -> Result<(), RunError> {
        let now = self.clock.now();
        let prepared = match result {
            Ok(prepared) => prepared,
            Err(refused) => {
                self.tell_sent(flight, outcome_name(&refused.outcome));
                dispatch::refuse(self.wave, flight, refused, now)?;
                self.free(flight);
                return Ok(());
            }
        };
        loop {
            // Preparing took time: what a person said meanwhile counts.
            self.wave.refresh()?;
            let step = self.next(flight.inquiry, now);
            let still_due =
                matches!(step, Some((at, Step::Send { message, .. })) if message == flight.message && at <= now);
            if !still_due || *self.stop.borrow() {
                self.free(flight);
                return Ok(());
            }
            if dispatch::start(self.wave, flight, prepared.as_ref(), now)? {
                break;
            }
        }
        self.tasks.spawn(async move { Landed::Delivered(flight, prepared.deliver().await) });
        Ok(())
    }

    fn delivered(&mut self, flight: Flight, delivered: Delivered) -> Result<(), RunError> {
        self.tell_sent(flight, outcome_name(&delivered.outcome));
        dispatch::end(self.wave, flight, delivered, self.clock.now())?;
        self.reader.learn_receipts_of(self.wave, flight.inquiry)?;
        self.free(flight);
        Ok(())
    }

    /// The inquiry has no delivery on its way any more.
    fn free(&mut self, flight: Flight) {
        self.busy.remove(&flight.inquiry);
        self.wave.touched.push(flight.inquiry);
    }

    fn tell_sent(&mut self, flight: Flight, outcome: &'static str) {
        let inquiry = self.wave.plan.inquiries[flight.inquiry].id.to_string();
        (self.tell)(News::Sent(inquiry, outcome));
    }

    fn look_at_all(&mut self) {
        for source in std::mem::take(&mut self.resting) {
            self.look(source);
        }
    }

    fn look(&mut self, mut source: Box<dyn Source>) {
        let watched = Watched { account: source.account().clone(), channel: source.channel(), began: self.clock.now() };
        let cursor = self.wave.state.sources.get(&watched.account).and_then(|s| s.cursor.clone());
        self.looking += 1;
        self.tasks.spawn(async move {
            let result = source.fetch(cursor.as_deref()).await;
            Landed::Looked(source, watched, result)
        });
    }

    fn looked(
        &mut self,
        source: Box<dyn Source>,
        watched: &Watched,
        result: Result<Batch, SourceError>,
    ) -> Result<(), RunError> {
        self.looking -= 1;
        let now = self.clock.now();
        // Whoever asked for a look while this one was under way needs another.
        let mut again = false;
        let pause = match result {
            Ok(batch) => {
                let more = batch.more;
                if !batch.messages.is_empty() {
                    (self.tell)(News::Arrived(batch.messages.len()));
                }
                let closes = !self.closing.is_empty();
                self.reader.take(self.wave, watched, batch, closes, now)?;
                if more {
                    self.look(source);
                    return Ok(());
                }
                self.close_what_is_covered(now);
                again = self.closing.values().any(|asked| watched.began < *asked);
                LOOK_EVERY
            }
            Err(error) => {
                (self.tell)(News::SourceFailed(format!("{}: {}. {}", watched.account, error.what, error.help)));
                watch::failed(self.wave, watched, &error, now)?;
                LOOK_AGAIN
            }
        };
        if self.looked.insert(watched.account.to_string()) {
            self.first_looks = self.first_looks.saturating_sub(1);
        }
        if self.is_stepping() {
            self.resting.push(source);
        } else if again {
            self.look(source);
        } else {
            self.rest(source, pause);
        }
        Ok(())
    }

    /// Lets a source wait for what may arrive.
    fn rest(&mut self, mut source: Box<dyn Source>, at_most: Duration) {
        // Registered here and now: a wake before the task is first polled is not lost.
        let woken = self.wake.clone().notified_owned();
        self.tasks.spawn(async move {
            tokio::select! {
                () = source.wait(at_most) => {}
                () = woken => {}
            }
            Landed::Woke(source)
        });
    }

    /// In a rehearsal somebody does the tasks at once, through the same records as a human being.
    fn ask_person(&mut self) -> Result<(), RunError> {
        let Some(mut someone) = self.person.take() else { return Ok(()) };
        let now = self.clock.now();
        let open = tasks::open_tasks(&self.wave.plan, &self.wave.state, now);
        for record in someone.act(now, &open) {
            person::record(self.wave, now, &record).map_err(|e| RunError::Internal(e.to_string()))?;
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
                    Landed::Prepared(flight, _) => self.free(flight),
                    Landed::Looked(..) | Landed::Woke(_) => {}
                },
                Ok(None) | Err(_) => break,
            }
        }
        self.tasks.abort_all();
        Ok(Ended::Interrupted)
    }
}

/// An outcome in one word.
const fn outcome_name<D>(outcome: &Outcome<D>) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Held { .. } => "held",
        Outcome::Deferred(_) => "deferred",
        Outcome::Rejected(_) => "rejected",
        Outcome::InDoubt(_) => "in doubt",
        Outcome::Blocked(_) => "blocked",
        Outcome::AccountFailed { .. } => "our account failed",
    }
}
