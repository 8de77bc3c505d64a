//! Chance that can be repeated: every draw follows from the study's seed and the name of its purpose.
//!
//! Own `below` and `shuffle` on top of the `ChaCha` stream, whose output is fixed by its definition
//! (RFC 8439's block function with 8 rounds): a library may change how it maps a stream to ranges
//! between releases, and the plan's bytes must not follow.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A stream of draws for one purpose.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream that belongs to this seed and purpose. Parts are length-prefixed, so that
    /// `["ab", "c"]` and `["a", "bc"]` differ.
    pub(crate) fn of(seed: u64, purpose: &[&str]) -> Self {
        Self(ChaCha8Rng::from_seed(digest(seed, purpose)))
    }

    /// A number from 0 to `n - 1`, each equally likely; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let Ok(range) = u64::try_from(n) else { return 0 };
        if range < 2 {
            return 0;
        }
        // Draws above the last full multiple would favour small numbers: draw again.
        let fair = u64::MAX - u64::MAX % range;
        loop {
            let draw = self.0.next_u64();
            if draw < fair {
                return usize::try_from(draw % range).unwrap_or(0);
            }
        }
    }

    /// Puts the items into random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// One of the items, each equally likely.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// SHA-256 over seed and purpose.
pub(crate) fn digest(seed: u64, purpose: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in purpose {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_same_in_every_release() {
        let mut chance = Chance::of(2026, &["order", "alfa"]);
        let draws: Vec<usize> = (0..8).map(|_| chance.below(100)).collect();
        let mut again = Chance::of(2026, &["order", "alfa"]);
        assert_eq!(draws, (0..8).map(|_| again.below(100)).collect::<Vec<_>>());
        assert_eq!(draws, [92, 77, 14, 91, 61, 69, 49, 49]);
    }

    #[test]
    fn purposes_do_not_run_together() {
        assert_ne!(digest(1, &["ab", "c"]), digest(1, &["a", "bc"]));
        assert_ne!(digest(1, &["a"]), digest(2, &["a"]));
    }

    #[test]
    fn every_order_is_about_equally_likely() {
        let mut seen = std::collections::BTreeMap::new();
        let mut chance = Chance::of(7, &["test"]);
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            chance.shuffle(&mut items);
            *seen.entry(items).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|n| (850..1_150).contains(n)), "{seen:?}");
    }
}
