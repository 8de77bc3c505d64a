//! What is our own fault stays ours: accounts, mailboxes, deliveries that hang, a stop.

use super::{Begun, DAY, LIMIT, SILENT, WINDOW, answered, nothing_twice_nothing_lost, run_until_stopped};
use crate::support::fake_world::{Fate, World};
use crate::support::little_plan::{after_hours, plan, prompt, start};
use chrono::TimeDelta;
use risposta::clock::{Clock, Stepper};
use risposta::journal::Journal;
use risposta::model::channel::Channel;
use risposta::model::event::Event;
use risposta::model::observation::{NotAskedReason, Observation, UnknownReason};
use risposta::model::plan::Due;
use risposta::wave::agenda::{SendWindows, Waiting, waiting};
use risposta::wave::run::{Ended, Means, RunError, Until, run};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

#[tokio::test]
async fn an_account_that_fails_rests_longer_each_time_and_uses_no_try() {
    let mut begun = Begun::with(&[Fate::Replies(50), Fate::Replies(60), Fate::Silent]);
    begun.world.inner().account_down = Some(start()..after_hours(9));
    begun.finish().await;
    let entries = begun.entries();
    let paused: Vec<_> =
        entries.iter().filter(|e| matches!(e.event, Event::AccountPaused { .. })).map(|e| e.at).collect();
    let rests: Vec<i64> = paused.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
    assert_eq!(rests, [15, 30, 60, 120, 240], "minutes between two failures");
    let tries: u32 = begun.wave.state().inquiries.iter().map(|i| i.messages[0].tries()).max().unwrap();
    assert_eq!(tries, 1);
    assert_eq!(begun.observations(), [answered(50), answered(60), SILENT]);
    assert!(begun.wave.state().paused.is_empty());
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_read_censors_and_is_told_once() {
    let mut begun = Begun::with(&[Fate::Silent, Fate::Replies(20 * 24), Fate::Replies(50)]);
    begun.world.inner().mailbox_down = Some(after_hours(10 * 24)..after_hours(999 * 24));
    let (stopper, stop) = watch::channel(false);
    begun.world.stepper().schedule(after_hours(29 * 24), async move {
        stopper.send(true).unwrap();
        // The loop must not see its stop signal vanish before it has read it.
        std::mem::forget(stopper);
    });
    let ended = run_until_stopped(&mut begun.wave, &begun.world, stop).await.unwrap();
    assert_eq!(ended, Ended::Interrupted, "a window closes only when its mailbox was read");
    let failures = begun.events().iter().filter(|e| matches!(e, Event::SourceFailed { .. })).count();
    assert_eq!(failures, 1);
    let [silent, unseen, seen] = begun.observations()[..] else { panic!() };
    assert!(matches!(silent, Observation::Censored { observed_for } if observed_for <= 10 * DAY), "{silent:?}");
    assert!(matches!(unseen, Observation::Censored { observed_for } if observed_for <= 10 * DAY), "{unseen:?}");
    assert!(matches!(seen, Observation::Answered { latency: 180_000, .. }), "{seen:?}");
    // The mailbox works again: what lay there is counted as it came.
    begun.world.inner().mailbox_down = None;
    assert_eq!(begun.finish().await, Ended::Complete);
    assert_eq!(begun.observations()[0], SILENT);
    let late = Observation::Answered { latency: 20 * DAY, after_reminder: true, observed_for: WINDOW };
    assert_eq!(begun.observations()[1], late);
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}

#[tokio::test]
async fn nobody_is_reminded_while_the_mailbox_cannot_be_read() {
    let mut begun = Begun::with(&[Fate::Replies(6 * 24), Fate::Silent]);
    begun.world.inner().mailbox_down = Some(after_hours(5 * 24)..after_hours(9 * 24));
    begun.finish().await;
    let entries = begun.entries();
    let reminded: Vec<_> = entries
        .iter()
        .filter_map(|e| match &e.event {
            Event::AttemptStarted { attempt, .. } if attempt.message == 1 => Some(e.at),
            _ => None,
        })
        .collect();
    assert_eq!(reminded.len(), 1, "who had replied unseen got none");
    assert!(reminded[0] >= after_hours(9 * 24), "{reminded:?}");
    assert_eq!(begun.observations(), [answered(6 * 24), SILENT]);
}

#[tokio::test]
async fn nobody_is_asked_before_the_mailbox_has_been_read_once_and_the_wait_is_seen() {
    let mut begun = Begun::with(&[Fate::Replies(10), Fate::Silent]);
    begun.world.inner().mailbox_down = Some(start()..after_hours(6));
    let (_nobody_stops_it, stop) = watch::channel(false);
    let means =
        Means { accounts: begun.world.accounts(), clock: Clock::Stepping(begun.world.stepper()), person: None, stop };
    let ended = run(&mut begun.wave, means, Until::NothingIsDue, &mut |_| ()).await.unwrap();
    assert!(matches!(ended, Ended::NothingDue { .. }), "{ended:?}");
    assert!(begun.world.inner().received.is_empty());
    let windows = SendWindows::new(begun.wave.plan()).unwrap();
    let waits = waiting(begun.wave.plan(), begun.wave.state(), &windows, begun.world.stepper().now());
    assert_eq!(waits, Waiting { to_send: 0, unheard: 2, to_skip: 0 });
    begun.finish().await;
    let entries = begun.entries();
    let started = |e: &&risposta::model::event::Entry| matches!(e.event, Event::AttemptStarted { .. });
    let first = entries.iter().find(started).unwrap();
    assert!(first.at >= after_hours(6) && first.at < after_hours(7), "{}", first.at);
    assert_eq!(begun.observations(), [answered(10), SILENT]);
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}

#[tokio::test]
async fn a_mailbox_that_fails_for_a_moment_holds_no_question_up_and_one_that_goes_on_failing_does() {
    for (minutes, waits) in [(10, false), (30, true)] {
        let mut plan = plan(&[(Channel::Email, prompt()), (Channel::Email, prompt())]);
        let due = after_hours(24);
        plan.inquiries[1].messages[0].due = Due::At(due);
        let fates = [Fate::Silent, Fate::Replies(10)];
        let world = World::again(Arc::new(plan.clone()), &fates, Stepper::new(start()));
        let failing = due - TimeDelta::minutes(minutes);
        let works = after_hours(30);
        world.inner().mailbox_down = Some(failing..works);
        // Something happens, so that it is looked at when it begins to fail.
        world.stepper().schedule(failing, std::future::ready(()));
        let mut begun = Begun::of(&plan, world);
        begun.finish().await;
        let second = begun.wave.state().inquiries[1].messages[0].first_accepted().unwrap();
        assert_eq!(second >= works, waits, "failing for {minutes} minutes, it left at {second}");
        assert_eq!(begun.observations()[1], answered(10));
        nothing_twice_nothing_lost(&begun.wave, &begun.world);
    }
}

#[tokio::test]
async fn a_delivery_that_hangs_stays_in_doubt_and_nothing_new_starts_after_a_stop() {
    let mut begun = Begun::with(&[Fate::Hangs, Fate::Replies(1), Fate::Replies(1)]);
    let (stopper, stop) = watch::channel(false);
    let stopping = async {
        while begun_attempts(begun.folder.path()) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stopper.send(true).unwrap();
    };
    let (ended, ()) = tokio::join!(run_until_stopped(&mut begun.wave, &begun.world, stop), stopping);
    assert_eq!(ended.unwrap(), Ended::Interrupted);
    assert_eq!(begun_attempts(begun.folder.path()), 1);
    let unknown = Observation::UnknownDelivery { reason: UnknownReason::InDoubt };
    let pending = Observation::NotAsked { reason: NotAskedReason::Pending };
    assert_eq!(begun.observations(), [unknown, pending, pending]);
    // Started again, what is in doubt is left alone.
    assert_eq!(begun.finish().await, Ended::Complete);
    assert_eq!(begun.observations(), [unknown, answered(1), answered(1)]);
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}

fn events_in(folder: &Path) -> Vec<Event> {
    let entries = Journal::open(folder).unwrap().news().unwrap();
    entries.into_iter().map(|entry| entry.event).collect()
}

fn begun_attempts(folder: &Path) -> usize {
    events_in(folder).iter().filter(|e| matches!(e, Event::AttemptStarted { .. })).count()
}

#[tokio::test]
async fn a_part_of_ours_that_dies_leaves_in_doubt_what_it_was_doing() {
    let mut begun = Begun::with(&[Fate::Kills, Fate::Replies(1)]);
    let (_nobody_stops_it, stop) = watch::channel(false);
    let died = run_until_stopped(&mut begun.wave, &begun.world, stop).await;
    assert!(matches!(died, Err(RunError::Internal(_))), "{died:?}");
    assert_eq!(begun.finish().await, Ended::Complete);
    let unknown = Observation::UnknownDelivery { reason: UnknownReason::InDoubt };
    assert_eq!(begun.observations(), [unknown, answered(1)]);
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}

#[tokio::test]
async fn a_live_wave_stops_at_once() {
    let mut plan = plan(&[(Channel::Email, prompt())]);
    plan.inquiries[0].messages[0].due = Due::At(Clock::System.now());
    let world = World::again(Arc::new(plan.clone()), &[Fate::Silent], Stepper::new(start()));
    let mut begun = Begun::of(&plan, world);
    // It waits for an account that rests.
    begun.world.inner().account_down = Some(start()..after_hours(1));
    let (stopper, stop) = watch::channel(false);
    let means = Means { accounts: begun.world.accounts(), clock: Clock::System, person: None, stop };
    let folder = begun.folder.path().to_owned();
    let stopping = async {
        let paused = |e: &Event| matches!(e, Event::AccountPaused { .. });
        while !events_in(&folder).iter().any(paused) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stopper.send(true).unwrap();
        Instant::now()
    };
    let mut tell = |_| ();
    let running = tokio::time::timeout(LIMIT, run(&mut begun.wave, means, Until::WindowsClose, &mut tell));
    let (ended, asked_at) = tokio::join!(running, stopping);
    assert_eq!(ended.expect("it stops").unwrap(), Ended::Interrupted);
    let took = asked_at.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_stop_signal_that_nobody_holds_any_more_stops_nothing() {
    let mut begun = Begun::with(&[Fate::Replies(1)]);
    let (_, stop) = watch::channel(false);
    assert_eq!(run_until_stopped(&mut begun.wave, &begun.world, stop).await.unwrap(), Ended::Complete);
    assert_eq!(begun.observations(), [answered(1)]);
}
