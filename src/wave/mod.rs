//! One run of a study: its frozen plan, its journal, and where it stands.
//!
//! [`run`] is the loop: what is due, pace, attempt, watch, intake, journal. The live program and
//! a rehearsal run the very same code; only the clock and the dialer differ.

pub mod accounts;
pub mod agenda;
pub mod amend;
pub mod answers;
mod burden;
pub mod coding;
mod dispatch;
pub mod folder;
pub mod import;
pub mod ledger;
mod pace;
pub mod person;
mod proof;
pub mod reprocess;
pub mod run;
mod stored;
pub mod tasks;
mod watch;

use crate::journal::chain::sha256_hex;
use crate::journal::lock::Held;
use crate::journal::{Journal, JournalError};
use crate::model::event::{Entry, Event};
use crate::model::inbound::RawInbound;
use crate::model::plan::Plan;
use crate::model::state::{FoldError, InboundState, WaveState};
use crate::model::words::Words;
use crate::plan::PlanFileError;
use crate::threads::Threads;
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often a decision is made again because somebody else wrote in between.
const DECISIONS_MAX: usize = 100;

/// How often a wave is opened again whose plan and journal do not fit because somebody amends it.
const OPENINGS_MAX: usize = 5;

/// An open wave. Its state is the fold of all events that were seen so far.
#[derive(Debug)]
pub struct Wave {
    folder: PathBuf,
    plan: Arc<Plan>,
    state: WaveState,
    journal: Journal,
    /// Indices of inquiries that events have touched since the loop last looked.
    touched: Vec<usize>,
    /// The right to send, where this process has it.
    held: Option<Held>,
}

/// Why a wave cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum WaveError {
    /// There is none.
    #[error("there is no wave in {path}; `risposta plan` makes one", path = .0.display())]
    Missing(PathBuf),
    /// There is one already, with another plan.
    #[error("{path} already holds another plan; choose another `--wave`, or go on with that one", path = .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `plan.json` is not the plan that the journal follows.
    #[error("{path} is not the plan that the journal follows: {why}; `risposta verify` says more", path = path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Somebody removed or replaced the lock: another process may be sending by now.
    #[error(
        "the lock of this wave was taken from this process: `holder` in {path} is not the file that it locked; \
         nothing more is sent from here",
        path = .0.display()
    )]
    TakenOver(PathBuf),
    /// Others write all the time.
    #[error("other processes keep writing to this wave; try again")]
    Busy,
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal does not fit the plan.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl WaveError {
    /// A plan's file that cannot be used.
    fn of_plan(path: PathBuf, error: PlanFileError) -> Self {
        match error {
            PlanFileError::Read(source) => Self::File { path, source },
            e @ (PlanFileError::Json(_) | PlanFileError::Format { .. }) => Self::Plan { path, why: e.to_string() },
        }
    }
}

impl Wave {
    /// Begins a wave in `folder`, or opens it where it began with the same plan.
    ///
    /// # Errors
    /// [`WaveError::Exists`] where another plan lies there; whatever keeps it from being written.
    pub fn create(folder: &Path, plan: &Plan, now: DateTime<Utc>) -> Result<Self, WaveError> {
        let path = folder.join("plan.json");
        let failed = |source| WaveError::File { path: path.clone(), source };
        let json = crate::plan::to_json(plan);
        if path.exists() {
            let wave = Self::open(folder, now)?;
            return if *wave.plan == *plan { Ok(wave) } else { Err(WaveError::Exists(folder.to_owned())) };
        }
        if folder.join("journal.db").exists() {
            // Its plan was lost: only the same one may take its place.
            let entries = Journal::open(folder)?.news()?;
            if plan_sha256(&entries).is_some_and(|sha256| sha256 != sha256_hex(json.as_bytes())) {
                return Err(WaveError::Exists(folder.to_owned()));
            }
        }
        folder::create_private(folder).map_err(failed)?;
        folder::write_whole(&path, json.as_bytes()).map_err(failed)?;
        Self::open(folder, now)
    }

    /// Opens the wave in `folder`. `now` is used only when it had not quite begun.
    ///
    /// # Errors
    /// When there is none, or its plan or journal is damaged.
    pub fn open(folder: &Path, now: DateTime<Utc>) -> Result<Self, WaveError> {
        for _ in 1..OPENINGS_MAX {
            match Self::try_open(folder, now) {
                // Another process may be swapping an amended plan in just now.
                Err(WaveError::Plan { .. }) => {}
                opened => return opened,
            }
        }
        Self::try_open(folder, now)
    }

    fn try_open(folder: &Path, now: DateTime<Utc>) -> Result<Self, WaveError> {
        let path = folder.join("plan.json");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound && folder.join("journal.db").exists() => {
                let why = "it is missing; put it back from a copy, or plan the same wave again".to_owned();
                return Err(WaveError::Plan { path, why });
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(WaveError::Missing(folder.to_owned())),
            Err(source) => return Err(WaveError::File { path, source }),
        };
        let mut journal = Journal::open(folder)?;
        let (plan, plan_sha256) = read_plan(path, file, Words::Kept)?;
        if plan.is_simulated() {
            journal.relax()?;
        }
        let mut reading = Reading::new(&plan);
        journal.each_new(Words::Kept, |entry| reading.take(&entry))?;
        if reading.is_empty() {
            let opened = Event::WaveOpened {
                study: plan.study.id.clone(),
                wave: plan.wave.clone(),
                plan_sha256: plan_sha256.clone(),
                risposta: env!("CARGO_PKG_VERSION").to_owned(),
                simulated: plan.is_simulated(),
            };
            // Where another process was faster, its opening is the one that counts.
            match journal.append_if_current(now, &[opened])? {
                Some(entries) => entries.iter().for_each(|entry| reading.take(entry)),
                None => journal.each_new(Words::Kept, |entry| reading.take(&entry))?,
            }
        }
        let expected = reading.follows.take().unwrap_or_default();
        if expected != plan_sha256 {
            amend::finish(folder, &expected)?;
            return Self::try_open(folder, now);
        }
        let state = reading.end()?;
        Ok(Self { folder: folder.to_owned(), plan: Arc::new(plan), state, journal, touched: Vec::new(), held: None })
    }

    /// The frozen plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Where the wave stands.
    pub const fn state(&self) -> &WaveState {
        &self.state
    }

    /// The record on disk.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The record on disk, to keep or purge words.
    pub const fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// From here on attempts start only while this lock keeps others from sending.
    pub fn hold(&mut self, held: Held) {
        self.held = Some(held);
    }

    /// Whether this process has lost the right to send.
    fn is_taken_over(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.keeps_others_away())
    }

    /// Takes in what others have appended: a person's words while the loop runs.
    ///
    /// # Errors
    /// When the journal cannot be read or does not fit.
    pub fn refresh(&mut self) -> Result<(), WaveError> {
        let entries = self.journal.news()?;
        self.apply(&entries)
    }

    /// Appends events durably and takes them in.
    ///
    /// # Errors
    /// When the journal cannot be written: then nothing happened.
    pub fn append(&mut self, now: DateTime<Utc>, events: &[Event]) -> Result<(), WaveError> {
        let entries = self.journal.append(now, events)?;
        self.apply(&entries)
    }

    /// Decides on the latest state and appends what was decided, as one step: where somebody else
    /// writes in between, it decides again. `decide` may run several times.
    ///
    /// # Errors
    /// Whatever `decide` refuses with, or [`WaveError::Busy`] when others never stop writing.
    pub fn decide<E: From<WaveError>>(
        &mut self,
        now: DateTime<Utc>,
        mut decide: impl FnMut(&mut Self) -> Result<Vec<Event>, E>,
    ) -> Result<(), E> {
        for _ in 0..DECISIONS_MAX {
            self.refresh()?;
            let events = decide(self)?;
            if events.is_empty() || self.append_if_current(now, &events)? {
                return Ok(());
            }
        }
        Err(WaveError::Busy.into())
    }

    /// Appends only where nobody else has appended since the last look; says whether it did.
    ///
    /// # Errors
    /// When the journal cannot be written: then nothing happened.
    pub fn append_if_current(&mut self, now: DateTime<Utc>, events: &[Event]) -> Result<bool, WaveError> {
        match self.journal.append_if_current(now, events)? {
            Some(entries) => self.apply(&entries).map(|()| true),
            None => Ok(false),
        }
    }

    /// Every event of the wave, in order.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn history(&self) -> Result<Vec<Entry>, WaveError> {
        Ok(Journal::open(&self.folder)?.news()?)
    }

    /// An inbound message's bytes with what is known of their arrival; `None` where purged.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn raw(&self, message: &InboundState) -> Result<Option<RawInbound>, WaveError> {
        let Some(bytes) = self.journal.bytes(&message.raw)? else { return Ok(None) };
        Ok(Some(RawInbound {
            locator: message.locator.to_string(),
            format: message.format,
            bytes: bytes.into(),
            received: message.received,
            in_spam: message.in_spam,
        }))
    }

    fn take_touched(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.touched)
    }

    fn apply(&mut self, entries: &[Entry]) -> Result<(), WaveError> {
        for entry in entries {
            if matches!(entry.event, Event::Amended { .. }) && self.state.last_seq > 0 {
                return self.reopen(entry.at);
            }
            // A review may take a message away from the inquiry it was tied to.
            self.touched.extend(self.tied(&entry.event));
            self.state.apply(entry)?;
            self.touched.extend(self.touches(&entry.event));
        }
        Ok(())
    }

    /// The inquiry to which a message that is read again is tied so far.
    fn tied(&self, event: &Event) -> Option<usize> {
        let (Event::Interpreted { inbound, .. } | Event::Reviewed { inbound, .. }) = event else { return None };
        let (inquiry, _) = self.state.inbound.get(inbound)?.interpretation.as_deref()?.inquiry.as_ref()?;
        self.state.index_of(inquiry)
    }

    /// Another process amended the plan under us: it is read again before anything goes on. What
    /// was kept meanwhile, for an event that is still to come, goes along.
    fn reopen(&mut self, now: DateTime<Utc>) -> Result<(), WaveError> {
        let mut reopened = Self::open(&self.folder, now)?;
        reopened.journal.keep_all_of(&mut self.journal);
        reopened.touched = (0..reopened.plan.inquiries.len()).collect();
        reopened.held = self.held.take();
        *self = reopened;
        Ok(())
    }

    /// Inquiries whose next step an event may change.
    fn touches(&self, event: &Event) -> Vec<usize> {
        let one = |id| self.state.index_of(id).into_iter().collect();
        match event {
            Event::AttemptStarted { attempt, .. }
            | Event::AttemptEnded { attempt, .. }
            | Event::AttemptRefused { attempt, .. }
            | Event::Settled { attempt, .. } => one(&attempt.inquiry),
            Event::Skipped { inquiry, .. } | Event::Recorded { inquiry, .. } => one(inquiry),
            Event::Interpreted { interpretation, .. } | Event::Reviewed { interpretation, .. } => {
                interpretation.inquiry.as_ref().map(|(id, _)| one(id)).unwrap_or_default()
            }
            Event::Stopped { company, .. } => self.state.of_company(company).to_vec(),
            Event::AccountPaused { .. }
            | Event::AccountResumed { .. }
            | Event::WaveOpened { .. }
            | Event::InboundStored { .. }
            | Event::Coded { .. }
            | Event::Rated { .. }
            | Event::Withdrawn { .. }
            | Event::Adjudicated { .. }
            | Event::Suggested { .. }
            | Event::Quoted { .. }
            | Event::Covered { .. }
            | Event::SourceFailed { .. }
            | Event::Missed { .. }
            | Event::Amended { .. }
            | Event::Purged { .. } => Vec::new(),
        }
    }
}

/// The plan in a file, and its SHA-256.
fn read_plan(path: PathBuf, file: File, words: Words) -> Result<(Plan, String), WaveError> {
    let file = BufReader::with_capacity(1 << 16, file);
    crate::plan::read(file, words, Threads::available()).map_err(|error| WaveError::of_plan(path, error))
}

/// A journal that is folded while it is read: a large wave's events are never in memory all at once.
struct Reading {
    state: WaveState,
    /// SHA-256 of the plan that the journal follows, amendments included.
    follows: Option<String>,
    /// Whether all fits so far. Where it does not, the rest still says which plan would.
    fits: Result<(), FoldError>,
}

impl Reading {
    fn new(plan: &Plan) -> Self {
        Self { state: WaveState::new(plan), follows: None, fits: Ok(()) }
    }

    fn take(&mut self, entry: &Entry) {
        self.follows = plan_sha256_in(&entry.event).map(str::to_owned).or(self.follows.take());
        if self.fits.is_ok() {
            self.fits = self.state.apply(entry);
        }
    }

    fn is_empty(&self) -> bool {
        self.state.last_seq == 0 && self.fits.is_ok()
    }

    fn end(self) -> Result<WaveState, FoldError> {
        self.fits.map(|()| self.state)
    }
}

/// SHA-256 of the plan that the journal follows, amendments included.
fn plan_sha256(entries: &[Entry]) -> Option<&str> {
    entries.iter().rev().find_map(|entry| plan_sha256_in(&entry.event))
}

/// SHA-256 of the plan that the journal follows from this event on, where it says so.
fn plan_sha256_in(event: &Event) -> Option<&str> {
    match event {
        Event::WaveOpened { plan_sha256, .. } | Event::Amended { plan_sha256, .. } => Some(plan_sha256),
        _ => None,
    }
}
