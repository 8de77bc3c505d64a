//! Two answers about each of the same subjects: which side does better, and how sure is that?

use super::binomial;
use super::interval::{Confidence, Estimate, Interval};
use super::proportion::Proportion;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

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
        for (left, right) in pairs {
            table.add(left, right);
        }
        table
    }

    /// Counts one more pair.
    pub const fn add(&mut self, left: bool, right: bool) {
        let cell = match (left, right) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.left_only,
            (false, true) => &mut self.right_only,
            (false, false) => &mut self.neither,
        };
        *cell += 1;
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
    /// come about if both sides were equally good. 1 where no pair disagrees. It takes pairs as
    /// independent: of six pairs a company it errs in 10 % instead of 5 % (`examples/calibration/`),
    /// and [`sign_flip`](super::sign_flip()) holds.
    #[must_use]
    pub fn mcnemar_exact(&self) -> f64 {
        let (fewer, disagreeing) = (self.left_only.min(self.right_only), self.left_only + self.right_only);
        (2.0 * binomial::lower_tail_even(fewer, disagreeing)).min(1.0)
    }

    /// `McNemar`'s mid-p test: what came about counts half (Fagerland, Lydersen and Laake 2013).
    /// 1 where no pair disagrees.
    #[must_use]
    pub fn mcnemar_mid_p(&self) -> f64 {
        let disagreeing = self.left_only + self.right_only;
        let as_found = binomial::pmf(self.left_only, disagreeing, 0.5);
        match self.left_only.cmp(&self.right_only) {
            _ if disagreeing == 0 => 1.0,
            Ordering::Equal => 1.0 - as_found / 2.0,
            Ordering::Less | Ordering::Greater => (self.mcnemar_exact() - as_found).max(0.0),
        }
    }

    /// Left share minus right share with Newcombe's square-and-add interval for paired data
    /// (Newcombe 1998, method 10). `None` without pairs. It takes pairs as independent: where a
    /// company gave several, it is too narrow (88 % instead of 95 % of six pairs each, in
    /// `examples/calibration/`), and [`clustered_difference`](super::clustered_difference) holds.
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
    fn half_a_million_pairs_are_tested_exactly() {
        let table = PairedTable { both: 0, left_only: 251_000, right_only: 249_000, neither: 0 };
        // What R says: 2 * pbinom(249000, 500000, 0.5).
        assert!((table.mcnemar_exact() - 0.004_698_395_011_887).abs() < 1e-14, "{}", table.mcnemar_exact());
        assert!(table.mcnemar_mid_p() < table.mcnemar_exact());
        let far = PairedTable { left_only: 300_000, right_only: 200_000, ..table };
        assert!(far.mcnemar_exact() < 1e-300);
    }

    proptest! {
        #[test]
        fn the_difference_lies_in_its_interval(cells in [0u32..40, 0..40, 0..40, 0..40]) {
            let [both, left_only, right_only, neither] = cells;
            let table = PairedTable { both, left_only, right_only, neither };
            prop_assert!((0.0..=1.0).contains(&table.mcnemar_exact()));
            prop_assert!(table.mcnemar_mid_p() <= table.mcnemar_exact());
            if let Some(difference) = table.difference(Confidence::p95()) {
                prop_assert!(difference.interval.contains(difference.value));
                prop_assert!(difference.interval.low >= -1.0 && difference.interval.high <= 1.0);
            }
        }
    }
}
