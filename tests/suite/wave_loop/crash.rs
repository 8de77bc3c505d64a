//! Killed after any event and started again: nothing is sent twice, nothing is lost, and where
//! nothing is in doubt the score is that of a wave that nobody disturbed.

use super::{Begun, SILENT, nothing_twice_nothing_lost, observed, run_until_stopped};
use crate::support::fake_world::{Fate, World};
use crate::support::little_plan::start;
use risposta::clock::{Clock, Stepper};
use risposta::model::event::{AttemptRef, Entry, Event};
use risposta::model::observation::{Observation, Observed, UnknownReason};
use risposta::model::outcome::Outcome;
use risposta::wave::Wave;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;
use tokio::sync::watch;

const FATES: [Fate; 8] = [
    Fate::Replies(50),
    Fate::RepliesTwice(50),
    Fate::Acknowledges,
    Fate::Silent,
    Fate::Bounces,
    Fate::Refuses,
    Fate::WakesUp,
    Fate::Defers(1),
];

/// The wave as the disk shows it when the process was killed after event number `events`.
fn killed_after(events: u64, undisturbed: &Wave, folder: &Path) -> Wave {
    std::fs::copy(undisturbed.folder().join("plan.json"), folder.join("plan.json")).unwrap();
    let path = folder.join("journal.db");
    undisturbed.journal().copy_to(&path).unwrap();
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("DROP TRIGGER events_are_not_deleted").unwrap();
    database.execute("DELETE FROM events WHERE seq > ?1", [events]).unwrap();
    let later = "DELETE FROM payloads WHERE digest NOT IN (SELECT j.value FROM events e, json_tree(e.event) j
        WHERE j.type = 'text' AND length(j.value) = 64)";
    database.execute(later, []).unwrap();
    drop(database);
    Wave::open(folder, start()).unwrap()
}

/// An attempt that was begun and not ended.
fn in_doubt(entries: &[Entry]) -> Option<AttemptRef> {
    let mut open = BTreeSet::new();
    for entry in entries {
        match &entry.event {
            Event::AttemptStarted { attempt, .. } => open.insert(attempt.clone()),
            Event::AttemptEnded { attempt, .. } => open.remove(attempt),
            _ => false,
        };
    }
    assert!(open.len() <= 1, "a rehearsal sends one message at a time");
    open.into_iter().next()
}

/// The world as it was at that moment: what had been delivered, and what follows from it.
async fn world_after(entries: &[Entry], wave: &Wave, left: Option<&AttemptRef>) -> World {
    let now = entries.last().unwrap().at;
    let stepper = Stepper::new(start());
    let world = World::again(wave.plan().clone(), &FATES, stepper.clone());
    let index = |attempt: &AttemptRef| wave.state().index_of(&attempt.inquiry).unwrap();
    for entry in entries {
        let Event::AttemptEnded { attempt, outcome, .. } = &entry.event else { continue };
        *world.inner().tries.entry(index(attempt)).or_default() += usize::from(attempt.message == 0);
        if let Outcome::Accepted { at, .. } = outcome {
            world.receive(index(attempt), attempt.message as usize, at.at);
        }
    }
    if let Some(attempt) = left.filter(|attempt| takes(index(attempt), attempt)) {
        world.receive(index(attempt), attempt.message as usize, now);
    }
    let clock = Clock::Stepping(stepper);
    while clock.now() < now {
        clock.wait_until(now).await;
    }
    world
}

/// Whether the company's server takes that try.
fn takes(inquiry: usize, attempt: &AttemptRef) -> bool {
    match FATES[inquiry] {
        Fate::Refuses => false,
        Fate::Defers(times) => attempt.attempt as usize > times,
        _ => true,
    }
}

/// What an inquiry with a message in doubt must come to.
fn expected(undisturbed: &Observed, inquiry: usize, doubt: &AttemptRef, left: bool) -> Observation {
    let arrived = left && takes(inquiry, doubt);
    let comes_back = !matches!(FATES[inquiry], Fate::Silent | Fate::Refuses | Fate::WakesUp);
    match doubt.message {
        0 if arrived && comes_back => undisturbed.observation,
        // It may have woken up by a reminder, had it been reminded: nobody is who may not have been asked.
        0 => Observation::UnknownDelivery { reason: UnknownReason::InDoubt },
        _ if arrived || FATES[inquiry] != Fate::WakesUp => undisturbed.observation,
        _ => SILENT,
    }
}

#[tokio::test]
async fn killed_after_any_event_it_goes_on_as_if_nothing_had_happened() {
    let mut undisturbed = Begun::with(&FATES);
    undisturbed.finish().await;
    let (entries, rows) = (undisturbed.entries(), undisturbed.observed());
    let mut doubts = 0;
    for events in 1..=entries.len() {
        let before = &entries[..events];
        let doubt = in_doubt(before);
        doubts += usize::from(doubt.is_some());
        let ways: &[bool] = if doubt.is_some() { &[false, true] } else { &[false] };
        for left in ways {
            let folder = TempDir::new().unwrap();
            let mut wave = killed_after(events as u64, &undisturbed.wave, folder.path());
            let world = world_after(before, &wave, doubt.as_ref().filter(|_| *left)).await;
            let (_nobody_stops_it, stop) = watch::channel(false);
            run_until_stopped(&mut wave, &world, stop).await.unwrap();
            nothing_twice_nothing_lost(&wave, &world);
            for (i, (now, then)) in observed(&wave).iter().zip(&rows).enumerate() {
                let at = format!("killed after event {events}, inquiry {i}, {:?}", FATES[i]);
                match doubt.as_ref().filter(|doubt| doubt.inquiry == then.inquiry) {
                    None => assert_eq!(now, then, "{at}"),
                    Some(doubt) => assert_eq!(now.observation, expected(then, i, doubt, *left), "{at}, left: {left}"),
                }
            }
        }
    }
    assert!(doubts >= FATES.len(), "every delivery was broken off once");
}
