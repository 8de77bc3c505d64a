//! The loop in a world behind its own seams, on a stepping clock: nothing twice, nothing lost.

mod crash;
mod faults;
mod together;

use crate::support::fake_world::{Fate, World};
use crate::support::little_plan::{after_hours, start};
use risposta::clock::Clock;
use risposta::journal::verify::verify;
use risposta::model::event::{Entry, Event};
use risposta::model::observation::UndeliveredReason::{Bounced, Refused};
use risposta::model::observation::{Observation, Observed, observe_all};
use risposta::model::plan::Plan;
use risposta::wave::Wave;
use risposta::wave::run::{Ended, Means, RunError, Until, run};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;

/// A month passes in well under this.
const LIMIT: Duration = Duration::from_mins(1);

const DAY: u32 = 86_400;
const WINDOW: u32 = 28 * DAY;

/// A wave that has begun in a folder of its own.
struct Begun {
    folder: TempDir,
    wave: Wave,
    world: World,
}

impl Begun {
    fn with(fates: &[Fate]) -> Self {
        let (plan, world) = World::of(fates);
        Self::of(&plan, world)
    }

    fn of(plan: &Plan, world: World) -> Self {
        let folder = TempDir::new().unwrap();
        let wave = Wave::create(folder.path(), plan, start()).unwrap();
        Self { folder, wave, world }
    }

    async fn finish(&mut self) -> Ended {
        let (_nobody_stops_it, stop) = watch::channel(false);
        run_until_stopped(&mut self.wave, &self.world, stop).await.unwrap()
    }

    fn entries(&self) -> Vec<Entry> {
        self.wave.history().unwrap()
    }

    fn events(&self) -> Vec<Event> {
        self.entries().into_iter().map(|entry| entry.event).collect()
    }

    fn observed(&self) -> Vec<Observed> {
        observed(&self.wave)
    }

    fn observations(&self) -> Vec<Observation> {
        self.observed().into_iter().map(|row| row.observation).collect()
    }
}

async fn run_until_stopped(wave: &mut Wave, world: &World, stop: watch::Receiver<bool>) -> Result<Ended, RunError> {
    let clock = Clock::Stepping(world.stepper());
    let means = Means { accounts: world.accounts(), clock, person: None, stop };
    let mut tell = |_| ();
    let running = run(wave, means, Until::WindowsClose, &mut tell);
    tokio::time::timeout(LIMIT, running).await.expect("the loop ends")
}

/// What every inquiry came to, long after the end.
fn observed(wave: &Wave) -> Vec<Observed> {
    observe_all(wave.plan(), wave.state(), after_hours(40 * 24))
}

/// What must hold whatever happened: nobody was asked twice, all that arrived is stored and
/// counted once, and the journal is intact.
#[track_caller]
fn nothing_twice_nothing_lost(wave: &Wave, world: &World) {
    let inner = world.inner();
    assert!(inner.received.values().all(|times| *times == 1), "asked twice: {:?}", inner.received);
    let stored: Vec<_> = wave.state().inbound.values().filter(|m| m.source.as_str() == "posta").collect();
    let locators: BTreeSet<_> = stored.iter().map(|m| wave.journal().text(&m.locator).unwrap().unwrap()).collect();
    assert_eq!(locators.len(), stored.len(), "a message was stored twice");
    assert!(inner.mailbox.iter().all(|mail| locators.contains(&mail.locator)), "a message was not stored");
    assert!(stored.iter().all(|m| m.kind.is_some()), "a message was not read");
    let verified = verify(wave.journal(), wave.folder(), None).unwrap();
    assert_eq!(verified.damage, Vec::<String>::new());
}

fn answered(hours: u32) -> Observation {
    Observation::Answered { latency: hours * 3_600, after_reminder: false, observed_for: WINDOW }
}

const SILENT: Observation = Observation::Silent { window: WINDOW };

#[tokio::test]
async fn a_month_passes_and_everybody_is_counted_as_it_was() {
    let mut begun = Begun::with(&[
        Fate::Replies(50),
        Fate::RepliesTwice(30),
        Fate::Acknowledges,
        Fate::OneIdForAll(5),
        Fate::Silent,
        Fate::Bounces,
        Fate::Refuses,
        Fate::WakesUp,
    ]);
    assert_eq!(begun.finish().await, Ended::Complete);
    let woken = Observation::Answered { latency: 8 * DAY, after_reminder: true, observed_for: WINDOW };
    assert_eq!(
        begun.observations(),
        [
            answered(50),
            answered(30),
            SILENT,
            answered(5),
            SILENT,
            Observation::Undelivered { reason: Bounced, after: 3_600 },
            Observation::Undelivered { reason: Refused, after: 0 },
            woken,
        ]
    );
    let twice = &begun.observed()[1];
    assert_eq!(twice.uncoded_replies, 1, "one reply in two folders is one reply");
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}

#[tokio::test]
async fn reminders_go_once_to_those_who_are_silent() {
    let mut begun = Begun::with(&[Fate::Replies(50), Fate::Silent, Fate::Acknowledges, Fate::Bounces]);
    begun.finish().await;
    let reminded: Vec<usize> = begun.world.inner().received.keys().filter(|(_, m)| *m == 1).map(|(i, _)| *i).collect();
    assert_eq!(reminded, [1, 2]);
}

#[tokio::test]
async fn no_cursor_moves_before_what_lies_before_it_is_durable() {
    let mut begun = Begun::with(&[Fate::Replies(1), Fate::Replies(1), Fate::Replies(1), Fate::RepliesTwice(1)]);
    let folder = begun.folder.path().to_owned();
    let fetches = Arc::new(std::sync::Mutex::new(0));
    let counted = fetches.clone();
    begun.world.inner().on_fetch = Some(Box::new(move |before| {
        let entries = risposta::journal::Journal::open(&folder).unwrap().news().unwrap();
        let stored = entries.iter().filter(|e| matches!(e.event, Event::InboundStored { .. })).count();
        assert!(stored >= before, "the cursor stands behind {before} messages, {stored} are stored");
        *counted.lock().unwrap() += usize::from(before > 0);
    }));
    begun.finish().await;
    assert!(*fetches.lock().unwrap() >= 3, "the mailbox was read in batches");
}

#[tokio::test]
async fn a_mailbox_that_is_numbered_anew_brings_nothing_twice() {
    let mut begun = Begun::with(&[Fate::Replies(10), Fate::RepliesTwice(20), Fate::Replies(160)]);
    let world = begun.world.clone();
    begun.world.stepper().schedule(after_hours(100), async move {
        let mut inner = world.inner();
        inner.uidvalidity = 2;
        for (number, mail) in (1..).zip(&mut inner.mailbox) {
            mail.locator = format!("INBOX/2/{number}");
        }
    });
    begun.finish().await;
    assert_eq!(begun.observations(), [answered(10), answered(20), answered(160)]);
    assert!(begun.observed().iter().all(|row| row.uncoded_replies == 1));
    assert_eq!(begun.wave.state().inbound.len(), 3 + 4, "what lay there before is kept, and all that lies there now");
}
