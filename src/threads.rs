//! How is work shared among threads? The only place that starts any for computing.
//!
//! What comes out does not depend on how many there are: results are taken in the order of the
//! items, and who needs chance seeds it by item. So a pure function may use this room; how many
//! threads there are comes to it as an argument.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many threads may work at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads(NonZeroUsize);

/// Results that may wait for each thread until they are taken: a bound on memory.
const WAITING_MAX: usize = 4;

/// How often each thread comes for more of what is handed out in parts: the last ones end at nearly the same time.
const HANDED_OUT: usize = 8;

/// Most items that are handed out together.
const TOGETHER_MAX: usize = 64;

impl Threads {
    /// One: everything is done by whoever asks.
    pub const ONE: Self = Self(NonZeroUsize::MIN);

    /// As many as the machine can run at once.
    #[must_use]
    pub fn available() -> Self {
        Self(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// That many.
    #[must_use]
    pub const fn new(number: NonZeroUsize) -> Self {
        Self(number)
    }

    /// Does `work` on each item, and gives the results to `take` in the order of the items, while
    /// later ones are still worked on.
    pub fn fold<T: Send, R: Send>(
        self,
        items: impl Iterator<Item = T> + Send,
        work: impl Fn(T) -> R + Sync,
        mut take: impl FnMut(R),
    ) {
        if self == Self::ONE {
            return items.map(work).for_each(take);
        }
        let items = Mutex::new(items.enumerate());
        let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
        let (done, results) = sync_channel(WAITING_MAX * self.0.get());
        thread::scope(|scope| {
            for _ in 0..self.0.get() {
                let (done, next, work) = (done.clone(), &next, &work);
                // Nobody takes results any more only where taking one has panicked: then there is nothing to do.
                scope.spawn(move || while next().is_some_and(|(at, item)| done.send((at, work(item))).is_ok()) {});
            }
            drop(done);
            in_order(results, &mut take);
        });
    }

    /// The result of each item, in the order of the items. Many light ones are handed out together.
    pub fn map<T: Sync, R: Send>(self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        if items.is_empty() {
            return Vec::new();
        }
        let together = (items.len() / (HANDED_OUT * self.0.get())).clamp(1, TOGETHER_MAX);
        let part = |items: &[T]| items.iter().map(&work).collect::<Vec<R>>();
        let mut results = Vec::with_capacity(items.len());
        self.fold(items.chunks(together), part, |mut part| results.append(&mut part));
        results
    }
}

/// Does one thing on a thread of its own, and another here, at the same time.
pub fn both<A: Send, B>(aside: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let aside = scope.spawn(aside);
        let here = here();
        (aside.join().unwrap_or_else(|panic| resume_unwind(panic)), here)
    })
}

/// Gives items to `take`, while the next one is made ready on a thread of its own: never more than that one waits.
pub fn ahead<T: Send, R>(
    mut items: impl Iterator<Item = T> + Send,
    take: impl FnOnce(&mut dyn Iterator<Item = T>) -> R,
) -> R {
    let (done, ready) = sync_channel(0);
    thread::scope(|scope| {
        // Nobody takes it any more where `take` has had enough.
        scope.spawn(move || items.try_for_each(|item| done.send(item)));
        take(&mut ready.into_iter())
    })
}

/// Takes results as their turn comes.
fn in_order<R>(results: Receiver<(usize, R)>, take: &mut impl FnMut(R)) {
    let mut early = BTreeMap::new();
    let mut turn = 0;
    for (at, result) in results {
        early.insert(at, result);
        while let Some(result) = early.remove(&turn) {
            take(result);
            turn += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    fn threads(number: usize) -> Threads {
        Threads::new(NonZeroUsize::new(number).unwrap())
    }

    #[test]
    fn results_come_in_the_order_of_the_items_on_any_number_of_threads() {
        for number in [1, 2, 7, 40] {
            for items in [0, 1, 3, 1_000_u32] {
                let items: Vec<u32> = (0..items).collect();
                let squares = threads(number).map(&items, |n| n * n);
                assert!(squares.into_iter().eq(items.iter().map(|n| n * n)), "{number} threads, {} items", items.len());
            }
        }
    }

    #[test]
    fn two_things_are_done_at_the_same_time() {
        let both_are_there = Barrier::new(2);
        let (aside, here) = both(|| both_are_there.wait().is_leader(), || both_are_there.wait().is_leader());
        assert_ne!(aside, here);
    }

    #[test]
    fn one_item_is_made_ready_ahead_and_none_after_enough() {
        let made = Mutex::new(0);
        let items = (0..1_000).inspect(|_| *made.lock().unwrap() += 1);
        let taken = ahead(items, |ready| ready.take(3).collect::<Vec<_>>());
        assert_eq!(taken, [0, 1, 2]);
        assert!(*made.lock().unwrap() <= 5, "the three, the one that waits, and the one that is asked for meanwhile");
        assert_eq!(ahead(0..3, |ready| ready.sum::<i32>()), 3);
    }

    #[test]
    fn threads_work_at_the_same_time() {
        let both = Barrier::new(2);
        threads(2).map(&[0, 1], |_| {
            both.wait();
        });
    }

    #[test]
    fn an_early_result_waits_for_its_turn() {
        let (second_is_done, wait) = std::sync::mpsc::channel();
        let wait = Mutex::new(wait);
        let work = |n: &u32| {
            match n {
                0 => wait.lock().unwrap().recv().unwrap(),
                _ => second_is_done.send(()).unwrap(),
            }
            *n
        };
        assert_eq!(threads(2).map(&[0, 1], work), [0, 1]);
    }
}
