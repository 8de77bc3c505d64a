//! What is a company's own share, when few inquiries say little and all companies say what is usual?
//!
//! Empirical Bayes: companies' shares are taken to follow one beta distribution, which is fitted to
//! all companies' counts by maximum likelihood; each company's share is then drawn towards it.
//! All inquiries to a company are taken to have the same chance. Where companies differ from channel to
//! channel, and were asked only once on each, intervals hold 80 to 87 % of the shares instead of 95 %
//! (`examples/calibration/`).

use super::beta::Beta;
use super::cluster::Clusters;
use super::interval::{Confidence, Estimate, Interval};
use serde::{Deserialize, Serialize};

/// What the companies' counts say about how companies differ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shrinkage {
    /// They differ, by this distribution.
    Differ {
        /// The fitted distribution of companies' shares.
        prior: Beta,
        /// Its log-likelihood, without the binomial coefficients.
        log_likelihood: f64,
    },
    /// No difference between companies shows: their counts vary no more than chance alone makes
    /// them, or each was asked once. There is no league to speak of.
    NotSeenToDiffer,
    /// Each company answered either all or nothing: there is nothing to draw together.
    AllOrNothing,
}

/// From here on a prior is so narrow that companies are all the same.
const PARAMETERS_SUM_MAX: f64 = 1e4;

/// Below it a prior has its mass at 0 and 1 alone.
const PARAMETERS_SUM_MIN: f64 = 1e-3;

impl Shrinkage {
    /// Fits the prior; `None` without trials.
    #[must_use]
    pub fn fit(companies: &Clusters) -> Option<Self> {
        let pooled = companies.pooled();
        let share = pooled.share()?;
        let counts = Rising::of(companies);
        if counts.trials.len() < 2 || pooled.successes() == 0 || pooled.successes() == pooled.of() {
            return Some(Self::NotSeenToDiffer);
        }
        let Beta { a, b } = counts.climb(share);
        Some(match a + b {
            sum if sum > PARAMETERS_SUM_MAX => Self::NotSeenToDiffer,
            sum if sum < PARAMETERS_SUM_MIN => Self::AllOrNothing,
            _ => Self::Differ { prior: Beta { a, b }, log_likelihood: counts.slope(a.ln(), b.ln()).value },
        })
    }
}

impl Beta {
    /// What is known of a company's share after `successes` of `trials`, this being what is known of all.
    #[must_use]
    pub fn after(self, successes: u32, trials: u32) -> Self {
        Self { a: self.a + f64::from(successes), b: self.b + f64::from(trials.saturating_sub(successes)) }
    }

    /// Its mean with the interval that leaves equal tails.
    #[must_use]
    pub fn estimate(self, confidence: Confidence) -> Estimate {
        let tail = confidence.tail();
        let interval = Interval { low: self.quantile(tail), high: self.quantile(1.0 - tail) };
        Estimate { value: self.mean(), interval }
    }
}

/// Counts in the form in which the likelihood needs no gamma functions: a rising factorial is a
/// product, so its logarithm is a sum over k of ln(a + k), and the number of companies that have
/// more than k is its weight.
struct Rising {
    successes: Vec<f64>,
    failures: Vec<f64>,
    trials: Vec<f64>,
}

/// The log-likelihood at a point, with its first and second derivatives.
struct Slope {
    value: f64,
    first: [f64; 2],
    /// By the first parameter twice, by both, by the second twice.
    second: [f64; 3],
}

impl Rising {
    fn of(companies: &Clusters) -> Self {
        let more_than = |of: fn(u32, u32) -> u32| {
            let most = companies.alike().map(|((y, n), _)| of(y, n)).max().unwrap_or(0) as usize;
            let mut weights = vec![0.0; most];
            for ((y, n), number) in companies.alike() {
                if let Some(last) = (of(y, n) as usize).checked_sub(1) {
                    weights[last] += f64::from(number);
                }
            }
            for k in (1..most).rev() {
                weights[k - 1] += weights[k];
            }
            weights
        };
        Self { successes: more_than(|y, _| y), failures: more_than(|y, n| n - y), trials: more_than(|_, n| n) }
    }

    /// Newton's method on the logarithms of both parameters, damped so that it always climbs.
    /// It stops at the top, or where the parameters leave the range in which they mean something.
    fn climb(&self, share: f64) -> Beta {
        const STEPS_MAX: u32 = 1_000;
        let start = 4.0_f64;
        let (mut a, mut b) = ((start * share).ln(), (start * (1.0 - share)).ln());
        let (mut here, mut damping) = (self.slope(a, b), 1e-3);
        for _ in 0..STEPS_MAX {
            let sum = a.exp() + b.exp();
            if !(PARAMETERS_SUM_MIN / 100.0..PARAMETERS_SUM_MAX * 100.0).contains(&sum) {
                break;
            }
            let [da, db] = here.step(damping);
            let there = self.slope(a + da, b + db);
            if there.value >= here.value {
                let gain = there.value - here.value;
                (a, b, here, damping) = (a + da, b + db, there, damping / 8.0);
                if gain <= 0.0 || (da.abs().max(db.abs()) < 1e-9 && damping < 1e-3) {
                    break;
                }
            } else if damping > 1e12 {
                break;
            } else {
                damping *= 8.0;
            }
        }
        Beta { a: a.exp(), b: b.exp() }
    }

    fn slope(&self, log_a: f64, log_b: f64) -> Slope {
        let (a, b) = (log_a.exp(), log_b.exp());
        let sums = |weights: &[f64], from: f64| {
            let (mut value, mut first, mut second, mut k) = (0.0, 0.0, 0.0, from);
            for weight in weights {
                value += weight * k.ln();
                first += weight / k;
                second -= weight / (k * k);
                k += 1.0;
            }
            [value, first, second]
        };
        let (of_a, of_b, of_sum) = (sums(&self.successes, a), sums(&self.failures, b), sums(&self.trials, a + b));
        let first = [a * (of_a[1] - of_sum[1]), b * (of_b[1] - of_sum[1])];
        let second =
            [a * a * (of_a[2] - of_sum[2]) + first[0], -a * b * of_sum[2], b * b * (of_b[2] - of_sum[2]) + first[1]];
        Slope { value: of_a[0] + of_b[0] - of_sum[0], first, second }
    }
}

impl Slope {
    /// Where to go: uphill, the nearer to Newton's step the smaller the damping.
    fn step(&self, damping: f64) -> [f64; 2] {
        const LONGEST: f64 = 2.0;
        let [aa, ab, bb] = self.second.map(|second| -second);
        // The curvature is made positive: Newton's method would else run to where the slope is 0 below.
        let least = f64::midpoint(aa, bb) - f64::midpoint(aa, -bb).hypot(ab);
        let lift = (-least).max(0.0) * 1.5 + damping * (aa.abs() + bb.abs() + 1e-300);
        let (aa, bb) = (aa + lift, bb + lift);
        let determinant = aa * bb - ab * ab;
        let step = [
            (bb * self.first[0] - ab * self.first[1]) / determinant,
            (aa * self.first[1] - ab * self.first[0]) / determinant,
        ];
        let longest = step[0].abs().max(step[1].abs());
        if longest > LONGEST { step.map(|part| part * LONGEST / longest) } else { step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(companies: &Clusters) -> (Beta, f64) {
        match Shrinkage::fit(companies).unwrap() {
            Shrinkage::Differ { prior, log_likelihood } => (prior, log_likelihood),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_slope_is_0_at_the_top() {
        let companies = Clusters::count((0..200).map(|i| ((i * i) % 7, 6 + i % 3)));
        let (prior, log_likelihood) = differ(&companies);
        let rising = Rising::of(&companies);
        let slope = rising.slope(prior.a.ln(), prior.b.ln());
        assert!(slope.first.iter().all(|part| part.abs() < 1e-6), "{:?}", slope.first);
        for (da, db) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01)] {
            assert!(rising.slope(prior.a.ln() + da, prior.b.ln() + db).value < log_likelihood);
        }
    }

    #[test]
    fn a_company_asked_once_is_drawn_towards_the_others() {
        let companies = Clusters::count((0..50).map(|i| (i % 11, 10)).chain([(1, 1)]));
        let (prior, _) = differ(&companies);
        let once = prior.after(1, 1).estimate(Confidence::p95());
        assert!(once.value < 0.8 && once.interval.contains(once.value), "{once:?}");
    }

    #[test]
    fn companies_that_do_not_differ_have_no_league() {
        for alike in [vec![(5, 10); 40], vec![(1, 1), (0, 1), (1, 1)], vec![(0, 5); 3], vec![(5, 5); 3], vec![(2, 5)]] {
            let found = Shrinkage::fit(&Clusters::count(alike.clone()));
            assert_eq!(found, Some(Shrinkage::NotSeenToDiffer), "{alike:?}");
        }
        assert_eq!(Shrinkage::fit(&Clusters::count([(0, 9), (9, 9), (0, 8)])), Some(Shrinkage::AllOrNothing));
        assert_eq!(Shrinkage::fit(&Clusters::default()), None);
    }
}
