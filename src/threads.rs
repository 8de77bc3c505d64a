//! How is work shared among threads? The only place that starts any for computing.
//!
//! What comes out does not depend on how many there are: results are taken in the order of the
//! items, and who needs chance seeds it by item. So a pure function may use this room; how many
//! threads there are comes to it as an argument.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many threads may work at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads(NonZeroUsize);

/// Results that may wait for each thread until they are taken: a bound on memory.
const WAITING_MAX: usize = 4;

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

    /// The result of each item, in the order of the items.
    pub fn map<T: Send, R: Send>(self, items: impl Iterator<Item = T> + Send, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        let mut results = Vec::new();
        self.fold(items, work, |result| results.push(result));
        results
    }
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
            let squares = threads(number).map(0..1_000_u32, |n| n * n);
            assert!(squares.into_iter().eq((0..1_000).map(|n| n * n)), "{number} threads");
        }
        assert!(threads(3).map(std::iter::empty::<u8>(), |n| n).is_empty());
    }

    #[test]
    fn threads_work_at_the_same_time() {
        let both = Barrier::new(2);
        threads(2).map(0..2, |_| {
            both.wait();
        });
    }

    #[test]
    fn an_early_result_waits_for_its_turn() {
        let (second_is_done, wait) = std::sync::mpsc::channel();
        let wait = Mutex::new(wait);
        let work = |n| {
            match n {
                0 => wait.lock().unwrap().recv().unwrap(),
                _ => second_is_done.send(()).unwrap(),
            }
            n
        };
        assert_eq!(threads(2).map(0..2, work), [0, 1]);
    }
}
