//! When may the next request go to a host? One at a time, and a pause after each, whichever site asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard};
use tokio::time::Instant;

/// Hosts that are kept before those at rest are forgotten.
const HOSTS_MAX: usize = 256;

/// How long a host that was asked is remembered: longer than any pause that a visit has time for.
const REMEMBERED: Duration = Duration::from_mins(15);

/// A host's last request, behind the lock that only one at a time holds.
type Last = Arc<Turns<Option<Instant>>>;

/// All hosts that are being asked.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    known: Mutex<HashMap<String, Last>>,
}

/// The right to ask a host now; the pause begins when it is given back.
pub(super) struct Turn(OwnedMutexGuard<Option<Instant>>);

impl Hosts {
    /// Waits until nobody else asks this host and the last request is at least `pause` ago.
    pub(super) async fn turn(&self, host: &str, pause: Duration) -> Turn {
        let last = self.last(host);
        let guard = last.lock_owned().await;
        if let Some(before) = *guard {
            tokio::time::sleep_until(before + pause).await;
        }
        Turn(guard)
    }

    fn last(&self, host: &str) -> Last {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= HOSTS_MAX {
            let now = Instant::now();
            let recent = |last: &Last| last.try_lock().map_or(true, |at| at.is_some_and(|at| now < at + REMEMBERED));
            known.retain(|_, last| Arc::strong_count(last) > 1 || recent(last));
        }
        known.entry(host.to_owned()).or_default().clone()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0 = Some(Instant::now());
    }
}
