//! What came back is looked for: regularly, when a source wakes us, and when a window ends.

use super::{LOOK_EVERY, Landed, News, RunError, Runner};
use crate::sources::{Batch, Source, SourceError, Trouble};
use crate::wave::agenda::Step;
use crate::wave::watch::{self, Watched};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Minutes until a source is looked at again for an inquiry that waits for it; more where one fails.
const ASK_AGAIN_MINUTES: i64 = 1;
const ASK_AGAIN_FAILED_MINUTES: i64 = 10;

impl Runner<'_> {
    pub(super) fn look_at_all(&mut self) {
        for source in std::mem::take(&mut self.resting) {
            self.look(source);
        }
    }

    pub(super) fn look(&mut self, mut source: Box<dyn Source>) {
        let watched = Watched { account: source.account().clone(), channel: source.channel(), began: self.clock.now() };
        let cursor = self.wave.state.sources.get(&watched.account).and_then(|s| s.cursor.clone());
        self.looking += 1;
        self.tasks.spawn(async move {
            let result = source.fetch(cursor.as_deref()).await;
            Landed::Looked(source, watched, result)
        });
    }

    pub(super) fn looked(
        &mut self,
        source: Box<dyn Source>,
        watched: &Watched,
        result: Result<Batch, SourceError>,
    ) -> Result<(), RunError> {
        self.looking -= 1;
        let now = self.clock.now();
        // Whoever asked for a look while this one was under way needs another.
        let mut again = false;
        let mut failed = None;
        match result {
            Ok(batch) => {
                let more = batch.more;
                self.failures.remove(watched.account.as_str());
                if !batch.messages.is_empty() {
                    (self.tell)(News::Arrived(batch.messages.len()));
                }
                let closes = !self.closing.is_empty();
                self.reader.take(self.wave, watched, batch, closes, now)?;
                if more {
                    self.look(source);
                    return Ok(());
                }
                self.close_what_is_covered(now)?;
                again = self.closing.values().any(|asked| watched.began < *asked);
            }
            Err(error) => {
                if watch::failed(self.wave, watched, &error, now)? {
                    (self.tell)(News::SourceFailed(format!("{}: {}. {}", watched.account, error.what, error.help)));
                }
                failed = Some(self.rest_after(watched, error.trouble, now));
            }
        }
        if self.looked.insert(watched.account.to_string()) {
            self.first_looks = self.first_looks.saturating_sub(1);
        }
        if self.is_stepping() {
            self.resting.push(source);
        } else if again {
            self.look(source);
        } else if let Some(rest) = failed {
            // Nobody wakes it before: a server that refuses us is not to be knocked at.
            self.tasks.spawn(async move {
                tokio::time::sleep(rest).await;
                Landed::Woke(source)
            });
        } else {
            self.rest(source, LOOK_EVERY);
        }
        Ok(())
    }

    /// How long a source that failed is left alone: seconds at first, longer with each failure in a row.
    fn rest_after(&mut self, watched: &Watched, trouble: Trouble, now: DateTime<Utc>) -> Duration {
        let failures = self.failures.entry(watched.account.to_string()).or_default();
        *failures += 1;
        let digest = Sha256::digest(format!("{} {failures}", watched.account));
        trouble.rest(*failures, digest[0], now)
    }

    /// Lets a source wait for what may arrive.
    pub(super) fn rest(&mut self, mut source: Box<dyn Source>, at_most: Duration) {
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

    /// A window has ended: its sources are looked at, until they are covered to its end.
    pub(super) fn close(&mut self, i: usize, now: DateTime<Utc>) {
        let again = self.ask_for_a_look(i, now);
        self.closing.insert(i, now);
        self.agenda.set(i, Some(again));
    }

    /// Has every source looked at now, for inquiry `i`; returns when it may be decided again.
    pub(super) fn ask_for_a_look(&mut self, i: usize, now: DateTime<Utc>) -> DateTime<Utc> {
        let asked_before = self.asked.insert(i, now) == Some(now);
        self.look_at_all();
        self.wake.notify_waiters();
        // Where time stands still while sources are looked at, no time passes; but where a look
        // has shown nothing new, another at the same moment would not either. A source that fails is
        // not asked every minute for each inquiry.
        let wait = if self.failures.is_empty() { ASK_AGAIN_MINUTES } else { ASK_AGAIN_FAILED_MINUTES };
        if self.is_stepping() && self.looking > 0 && !asked_before { now } else { now + TimeDelta::minutes(wait) }
    }

    /// Lets go of windows that are covered to their end by now.
    pub(super) fn close_what_is_covered(&mut self, now: DateTime<Utc>) -> Result<(), RunError> {
        let is_open = |i: usize| matches!(self.next(i, now), Some((at, Step::Close)) if at <= now);
        let closed: Vec<usize> = self.closing.keys().copied().filter(|i| !is_open(*i)).collect();
        for i in closed {
            self.closing.remove(&i);
            self.reader.leave(self.wave, i)?;
            self.wave.touched.push(i);
        }
        Ok(())
    }
}
