//! How many of how many, and how sure is that share?

use super::beta::Beta;
use super::interval::{Confidence, Estimate, Interval};
use serde::{Deserialize, Serialize};

/// A number of successes among a number of trials: a rate that cannot lose its denominator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proportion {
    successes: u32,
    of: u32,
}

impl Proportion {
    /// `successes` of `of`; never more successes than trials.
    #[must_use]
    pub const fn new(successes: u32, of: u32) -> Self {
        Self { successes: if successes < of { successes } else { of }, of }
    }

    /// Counts the trials, and those that succeeded.
    pub fn count(trials: impl IntoIterator<Item = bool>) -> Self {
        let mut counted = Self::default();
        for success in trials {
            counted.of += 1;
            counted.successes += u32::from(success);
        }
        counted
    }

    /// Number of successes.
    #[must_use]
    pub const fn successes(self) -> u32 {
        self.successes
    }

    /// Number of trials.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// The share, 0 to 1; `None` without trials.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| f64::from(self.successes) / f64::from(self.of))
    }

    /// The share with its Wilson score interval (Wilson 1927), without continuity correction:
    /// unlike Wald's it stays within 0 to 1 and says something at 0 of n. `None` without trials.
    #[must_use]
    pub fn wilson(self, confidence: Confidence) -> Option<Estimate> {
        self.wilson_of_effective(confidence, f64::from(self.of))
    }

    /// The same interval as if only `trials_effective` had been independent: trials within a
    /// cluster repeat each other. At least 1 is taken. `None` without trials.
    #[must_use]
    pub fn wilson_of_effective(self, confidence: Confidence, trials_effective: f64) -> Option<Estimate> {
        let share = self.share()?;
        let (n, z) = (trials_effective.max(1.0), confidence.z());
        let shrink = 1.0 + z * z / n;
        let centre = (share + z * z / (2.0 * n)) / shrink;
        let half = z / shrink * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        // At the ends the limit is exact; arithmetic would leave 1e-17 behind.
        let low = if self.successes == 0 { 0.0 } else { (centre - half).max(0.0) };
        let high = if self.successes == self.of { 1.0 } else { (centre + half).min(1.0) };
        Some(Estimate { value: share, interval: Interval { low, high } })
    }

    /// The share with the exact interval of Clopper and Pearson (1934), which is wider than it
    /// need be. `None` without trials.
    #[must_use]
    pub fn clopper_pearson(self, confidence: Confidence) -> Option<Estimate> {
        let share = self.share()?;
        let (x, n) = (f64::from(self.successes), f64::from(self.of));
        let tail = confidence.tail();
        let low = if self.successes == 0 { 0.0 } else { Beta { a: x, b: n - x + 1.0 }.quantile(tail) };
        let high = if self.successes == self.of { 1.0 } else { 1.0 - Beta { a: n - x, b: x + 1.0 }.quantile(tail) };
        Some(Estimate { value: share, interval: Interval { low, high } })
    }

    /// This share minus that of others, with Newcombe's interval for independent samples
    /// (Newcombe 1998, "Interval estimation for the difference between independent proportions",
    /// method 10). `None` where either has no trials.
    #[must_use]
    pub fn minus(self, other: Self, confidence: Confidence) -> Option<Estimate> {
        let (left, right) = (self.wilson(confidence)?, other.wilson(confidence)?);
        let value = left.value - right.value;
        let low = (left.value - left.interval.low).hypot(right.interval.high - right.value);
        let high = (left.interval.high - left.value).hypot(right.value - right.interval.low);
        Some(Estimate { value, interval: Interval { low: value - low, high: value + high } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_asked_has_no_rate() {
        assert_eq!(Proportion::new(0, 0).wilson(Confidence::p95()), None);
    }

    #[test]
    fn no_reply_among_three_still_leaves_more_than_half_possible() {
        let estimate = Proportion::new(0, 3).wilson(Confidence::p95()).unwrap();
        assert_eq!((estimate.value, estimate.interval.low), (0.0, 0.0));
        assert!((estimate.interval.high - 0.561_497_031_755).abs() < 1e-9);
    }

    #[test]
    fn two_samples_of_newcombes_paper() {
        // Newcombe 1998, table II: 56/70 - 48/80 is 0.2 with 0.0524 to 0.3339.
        let difference = Proportion::new(56, 70).minus(Proportion::new(48, 80), Confidence::p95()).unwrap();
        assert!((difference.value - 0.2).abs() < 1e-12);
        assert!((difference.interval.low - 0.0524).abs() < 5e-5 && (difference.interval.high - 0.3339).abs() < 5e-5);
    }

    #[test]
    fn none_of_three_has_the_exact_limit_of_the_third_root() {
        let estimate = Proportion::new(0, 3).clopper_pearson(Confidence::p95()).unwrap();
        assert!((estimate.interval.high - (1.0 - 0.025_f64.cbrt())).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_interval_contains_the_share_within_0_and_1(of in 1u32..100_000, part in 0.0f64..=1.0) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let successes = (f64::from(of) * part) as u32;
            let estimate = Proportion::new(successes, of).wilson(Confidence::p95()).unwrap();
            prop_assert!(estimate.interval.contains(estimate.value));
            prop_assert!(estimate.interval.low >= 0.0 && estimate.interval.high <= 1.0);
            let exact = Proportion::new(successes, of).clopper_pearson(Confidence::p95()).unwrap();
            prop_assert!(exact.interval.contains(exact.value));
            let fewer = Proportion::new(successes, of).wilson_of_effective(Confidence::p95(), f64::from(of) / 2.0);
            prop_assert!(fewer.unwrap().interval.high >= estimate.interval.high);
        }
    }
}
