//! Two answers about each of the same subjects: which side does better, and how sure is that?

use super::interval::{Confidence, Estimate, Interval};
use super::proportion::Proportion;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

/// Pairs by who succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairedTable {
    /// Both sides.
    pub both: u32,
    /// The left side alone.
    pub left_only: u32,
    /// The right side alone.
    pub right_only: u32,
    /// Neither.
    pub neither: u32,
}

impl PairedTable {
    /// Counts pairs of (left, right).
    pub fn count(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut table = Self::default();
        for pair in pairs {
            let cell = match pair {
                (true, true) => &mut table.both,
                (true, false) => &mut table.left_only,
                (false, true) => &mut table.right_only,
                (false, false) => &mut table.neither,
            };
            *cell += 1;
        }
        table
    }

    /// Number of pairs.
    #[must_use]
    pub const fn pairs(&self) -> u32 {
        self.both + self.left_only + self.right_only + self.neither
    }

    /// Successes of the left side.
    #[must_use]
    pub const fn left(&self) -> Proportion {
        Proportion::new(self.both + self.left_only, self.pairs())
    }

    /// Successes of the right side.
    #[must_use]
    pub const fn right(&self) -> Proportion {
        Proportion::new(self.both + self.right_only, self.pairs())
    }

    /// The exact two-sided test of `McNemar`: how often a difference of this size or more would
    /// come about if both sides were equally good. 1 where no pair disagrees.
    #[must_use]
    pub fn mcnemar_exact(&self) -> f64 {
        let (fewer, disagreeing) = (self.left_only.min(self.right_only), self.left_only + self.right_only);
        match Binomial::new(0.5, u64::from(disagreeing)) {
            Ok(coin) if disagreeing > 0 => (2.0 * coin.cdf(u64::from(fewer))).min(1.0),
            _ => 1.0,
        }
    }

    /// Left share minus right share with Newcombe's square-and-add interval for paired data
    /// (Newcombe 1998, method 10). `None` without pairs.
    #[must_use]
    pub fn difference(&self, confidence: Confidence) -> Option<Estimate> {
        let (left, right) = (self.left().wilson(confidence)?, self.right().wilson(confidence)?);
        let phi = self.phi();
        let reach = |up: f64, down: f64| (up * up - 2.0 * phi * up * down + down * down).max(0.0).sqrt();
        let value = left.value - right.value;
        let low = value - reach(left.value - left.interval.low, right.interval.high - right.value);
        let high = value + reach(left.interval.high - left.value, right.value - right.interval.low);
        Some(Estimate { value, interval: Interval { low: low.max(-1.0), high: high.min(1.0) } })
    }

    /// Correlation of the two sides, corrected for continuity as method 10 asks; 0 where a margin is empty.
    fn phi(&self) -> f64 {
        let [a, b, c, d] = [self.both, self.left_only, self.right_only, self.neither].map(f64::from);
        let margins = (a + b) * (c + d) * (a + c) * (b + d);
        if margins <= 0.0 {
            return 0.0;
        }
        let cross = a * d - b * c;
        let cross = if cross > 0.0 { (cross - (a + b + c + d) / 2.0).max(0.0) } else { cross };
        cross / margins.sqrt()
    }
}

/// Most additions for which the sign-flip distribution is worked out; beyond it there are
/// thousands of clusters and the normal distribution is as good.
const EXACT_WORK_MAX: u64 = 20_000_000;

/// The two-sided sign-flip test of paired data in clusters: `differences` holds, for each
/// cluster, its left successes minus its right ones. If both sides were equally good each
/// difference could as well have had the other sign; the result is how often chance alone then
/// gives a total at least as far from 0. With one pair a cluster it equals `McNemar`'s exact test.
#[must_use]
pub fn sign_flip(differences: &[i32]) -> f64 {
    let total: i64 = differences.iter().map(|d| i64::from(*d)).sum();
    let observed = usize::try_from(total.unsigned_abs()).unwrap_or(usize::MAX);
    let sizes: Vec<usize> = differences.iter().filter(|d| **d != 0).map(|d| d.unsigned_abs() as usize).collect();
    let most: usize = sizes.iter().sum();
    if sizes.len() as u64 * most as u64 > EXACT_WORK_MAX {
        return sign_flip_normal(differences);
    }
    // chances[i] is the probability of the sum i - most.
    let mut chances = vec![0.0; 2 * most + 1];
    chances[most] = 1.0;
    let mut reach = 0;
    for size in sizes {
        reach += size;
        let before = chances.clone();
        let chance = |i: Option<usize>| i.and_then(|i| before.get(i)).copied().unwrap_or(0.0);
        for (i, reached) in chances.iter_mut().enumerate().take(most + reach + 1).skip(most - reach) {
            *reached = 0.5 * (chance(i.checked_sub(size)) + chance(i.checked_add(size)));
        }
    }
    let far = |i: usize| i.abs_diff(most) >= observed;
    chances.iter().enumerate().filter(|(i, _)| far(*i)).map(|(_, chance)| chance).sum::<f64>().min(1.0)
}

fn sign_flip_normal(differences: &[i32]) -> f64 {
    let (total, squares) =
        differences.iter().map(|d| f64::from(*d)).fold((0.0, 0.0), |(total, squares), d| (total + d, squares + d * d));
    2.0 * Normal::standard().sf(f64::abs(total) / f64::sqrt(squares))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_that_never_disagree_show_nothing() {
        let table = PairedTable::count([(true, true), (false, false)]);
        assert!((table.mcnemar_exact() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn many_clusters_are_as_sure_by_the_normal_distribution() {
        let differences: Vec<i32> = (0..2_000).map(|i| if i % 20 < 11 { 1 } else { -1 }).collect();
        let (exact, normal) = (sign_flip(&differences), sign_flip_normal(&differences));
        assert!((exact - normal).abs() < 1e-3 * exact.max(1e-3), "{exact} {normal}");
    }

    proptest! {
        #[test]
        fn one_pair_a_cluster_is_mcnemars_test(left_only in 0usize..20, right_only in 0usize..20) {
            let differences = [vec![1; left_only], vec![-1; right_only], vec![0; 3]].concat();
            let cells = [left_only, right_only].map(|n| u32::try_from(n).unwrap());
            let table = PairedTable { both: 2, left_only: cells[0], right_only: cells[1], neither: 1 };
            prop_assert!((sign_flip(&differences) - table.mcnemar_exact()).abs() < 1e-9);
        }

        #[test]
        fn the_difference_lies_in_its_interval(cells in [0u32..40, 0..40, 0..40, 0..40]) {
            let [both, left_only, right_only, neither] = cells;
            let table = PairedTable { both, left_only, right_only, neither };
            prop_assert!((0.0..=1.0).contains(&table.mcnemar_exact()));
            if let Some(difference) = table.difference(Confidence::p95()) {
                prop_assert!(difference.interval.contains(difference.value));
                prop_assert!(difference.interval.low >= -1.0 && difference.interval.high <= 1.0);
            }
        }
    }
}
