//! Would a study of so many pairs find a difference of that size, and how many would?

use super::binomial;
use super::interval::Confidence;
use statrs::distribution::{ContinuousCDF, Normal};

/// How often a pair is expected to have a success on one side only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Discordance {
    left_only: f64,
    right_only: f64,
}

impl Discordance {
    /// Probabilities of a success on the left side alone and on the right side alone. `None`
    /// unless both are from 0 to 1, together at most 1, and differ.
    #[must_use]
    pub fn new(left_only: f64, right_only: f64) -> Option<Self> {
        let is_share = |p: f64| (0.0..=1.0).contains(&p);
        let fits = is_share(left_only) && is_share(right_only) && is_share(left_only + right_only);
        (fits && (left_only - right_only).abs() > 0.0).then_some(Self { left_only, right_only })
    }

    /// Pairs with a success on one side only.
    fn either(self) -> f64 {
        self.left_only + self.right_only
    }

    /// The number of pairs with which `McNemar`'s test at level `significance` finds the difference
    /// with probability `power` (Connor 1987), not rounded.
    #[must_use]
    pub fn pairs_needed(self, significance: Confidence, power: f64) -> f64 {
        let (either, difference) = (self.either(), self.left_only - self.right_only);
        let of_power = Normal::standard().inverse_cdf(power.clamp(1e-9, 1.0 - 1e-9));
        let spread = (either - difference * difference).max(0.0).sqrt();
        ((significance.z() * either.sqrt() + of_power * spread) / difference).powi(2)
    }

    /// The probability that the exact two-sided test of `McNemar` gives a p-value of at most
    /// `level` with that many pairs: over all numbers of pairs that disagree.
    #[must_use]
    pub fn power_exact(self, pairs: u32, level: f64) -> f64 {
        let left_share = self.left_only / self.either();
        let mut power = 0.0;
        // The largest smaller count that is still significant. As pairs are added it never falls,
        // and rises by at most 1.
        let mut critical: Option<u32> = None;
        for disagreeing in 0..=pairs {
            let next = critical.map_or(0, |c| c + 1);
            if next * 2 <= disagreeing && 2.0 * binomial::lower_tail_even(next, disagreeing) <= level {
                critical = Some(next);
            }
            let chance = binomial::pmf(disagreeing, pairs, self.either());
            if let Some(critical) = critical.filter(|_| chance > 1e-18) {
                let tails = tail(critical, disagreeing, left_share) + tail(critical, disagreeing, 1.0 - left_share);
                power += chance * tails.min(1.0);
            }
        }
        power.min(1.0)
    }
}

/// Probability of at most `successes` of `trials`, summed from its largest term, which is the
/// last one or, where more are likely, lies before it.
fn tail(successes: u32, trials: u32, p: f64) -> f64 {
    if p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return if successes >= trials { 1.0 } else { 0.0 };
    }
    let last = successes.min(trials);
    let mut sum = 0.0;
    for k in (0..=last).rev() {
        let term = binomial::pmf(k, trials, p);
        sum += term;
        // Below the mean terms only fall: what is left cannot matter.
        if f64::from(k) < p * f64::from(trials) && term <= sum * 1e-17 {
            break;
        }
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_pairs_have_more_power_and_too_few_have_none() {
        let expected = Discordance::new(0.3, 0.1).unwrap();
        assert!(expected.power_exact(5, 0.05).abs() < 1e-15, "five pairs cannot be significant");
        assert!(expected.power_exact(60, 0.05) < expected.power_exact(120, 0.05));
        assert!(expected.power_exact(2_000, 0.05) > 0.999_999);
        let turned = Discordance::new(0.1, 0.3).unwrap();
        assert!((turned.power_exact(60, 0.05) - expected.power_exact(60, 0.05)).abs() < 1e-12);
    }

    #[test]
    fn one_sided_disagreement_is_found_once_six_disagree() {
        let certain = Discordance::new(1.0, 0.0).unwrap();
        assert!(certain.power_exact(5, 0.05).abs() < 1e-15);
        assert!((certain.power_exact(6, 0.05) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_expectation_is_refused() {
        for (left, right) in [(0.2, 0.2), (0.8, 0.3), (-0.1, 0.2), (f64::NAN, 0.1)] {
            assert_eq!(Discordance::new(left, right), None);
        }
    }
}
