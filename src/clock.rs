//! What time it is: the only caller of `now()`.
//!
//! A live wave runs on the system's clock. A rehearsal runs on a *stepping* clock: time stands
//! still while anything is in flight, then jumps to the next due moment, so that a month passes
//! in seconds and two runs give the same table.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// Longest uninterrupted sleep on the system's clock: after it the wall clock is read again, so
/// that a laptop's sleep or a clock set forward is noticed.
const NAP: std::time::Duration = std::time::Duration::from_secs(30);

/// Where time comes from.
#[derive(Clone)]
pub enum Clock {
    /// The system's wall clock.
    System,
    /// A rehearsal's clock.
    Stepping(Stepper),
}

/// Something that happens in a rehearsal at a set moment.
pub type Happening = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A clock that stands still until somebody waits on it.
#[derive(Clone)]
pub struct Stepper(Arc<Mutex<Steps>>);

struct Steps {
    now: DateTime<Utc>,
    scheduled: u64,
    agenda: BTreeMap<(DateTime<Utc>, u64), Happening>,
}

impl Clock {
    /// The current moment, to the second: the resolution of everything that is measured.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => {
                #[allow(clippy::disallowed_methods, reason = "the one place that may read the clock")]
                let now = Utc::now();
                now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now)
            }
            Self::Stepping(stepper) => stepper.now(),
        }
    }

    /// Waits until `until`, or a little less: the caller looks again at what is due.
    /// On the stepping clock the wait also ends when something has happened in between; says
    /// whether it has. The system's clock never knows.
    pub async fn wait_until(&self, until: DateTime<Utc>) -> bool {
        match self {
            Self::System => {
                let wait = (until - self.now()).to_std().unwrap_or_default();
                tokio::time::sleep(wait.min(NAP)).await;
                false
            }
            Self::Stepping(stepper) => stepper.step(until).await,
        }
    }
}

impl Stepper {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn new(start: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Steps { now: start, scheduled: 0, agenda: BTreeMap::new() })))
    }

    /// The moment at which it stands.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now
    }

    /// Lets something happen at `at`, or at the next step where that has passed.
    pub fn schedule(&self, at: DateTime<Utc>, happening: impl Future<Output = ()> + Send + 'static) {
        let mut steps = self.lock();
        steps.scheduled += 1;
        let key = (at, steps.scheduled);
        steps.agenda.insert(key, Box::pin(happening));
    }

    /// Sets the clock, forward or back, as its user or a time server may: no time passes, and what
    /// is to happen keeps its distance from now.
    pub fn set(&self, to: DateTime<Utc>) {
        let mut steps = self.lock();
        let by = to - steps.now;
        steps.now = to;
        steps.agenda = std::mem::take(&mut steps.agenda).into_iter().map(|((at, n), h)| ((at + by, n), h)).collect();
    }

    /// Lets time pass until `until` while nobody acts on it: the machine sleeps, or is off. What
    /// happens in the world meanwhile, happens.
    pub async fn pass(&self, until: DateTime<Utc>) {
        while self.now() < until {
            self.step(until).await;
        }
    }

    /// Jumps to the next happening and lets it run to its end, or to `until` where nothing
    /// happens before. Says whether something happened.
    async fn step(&self, until: DateTime<Utc>) -> bool {
        let happening = {
            let mut steps = self.lock();
            match steps.agenda.first_key_value().map(|(key, _)| key.0) {
                Some(at) if at <= until => {
                    steps.now = steps.now.max(at);
                    steps.agenda.pop_first().map(|(_, happening)| happening)
                }
                _ => {
                    steps.now = steps.now.max(until);
                    None
                }
            }
        };
        match happening {
            Some(happening) => {
                happening.await;
                true
            }
            None => false,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stepping_time_jumps_to_what_happens_next_in_order() {
        let start: DateTime<Utc> = "2026-03-01T09:00:00Z".parse().unwrap();
        let stepper = Stepper::new(start);
        let clock = Clock::Stepping(stepper.clone());
        let seen = Arc::new(Mutex::new(Vec::new()));
        for (name, hours) in [("later", 5), ("first", 2), ("also first", 2)] {
            let (seen, watch) = (seen.clone(), stepper.clone());
            stepper.schedule(start + TimeDelta::hours(hours), async move {
                seen.lock().unwrap().push((name, watch.now()));
            });
        }
        let until = start + TimeDelta::hours(3);
        while clock.now() < until {
            clock.wait_until(until).await;
        }
        let two = start + TimeDelta::hours(2);
        assert_eq!(*seen.lock().unwrap(), [("first", two), ("also first", two)]);
        assert_eq!(clock.now(), until);
    }

    #[tokio::test]
    async fn a_clock_that_is_set_changes_no_distance_and_one_that_sleeps_misses_nothing() {
        let start: DateTime<Utc> = "2026-03-01T09:00:00Z".parse().unwrap();
        let stepper = Stepper::new(start);
        let happened = Arc::new(Mutex::new(Vec::new()));
        let (list, watch) = (happened.clone(), stepper.clone());
        stepper.schedule(start + TimeDelta::hours(2), async move { list.lock().unwrap().push(watch.now()) });
        stepper.set(start - TimeDelta::days(1));
        stepper.pass(start).await;
        assert_eq!(*happened.lock().unwrap(), [start - TimeDelta::days(1) + TimeDelta::hours(2)]);
        assert_eq!(stepper.now(), start);
    }
}
