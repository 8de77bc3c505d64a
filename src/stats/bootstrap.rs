//! How far would a share move if other companies had been asked? The cluster bootstrap.
//!
//! Each resample draws from a stream of its own, so the result is the same however resamples are
//! divided, between threads for one. Clusters with the same counts are drawn together, by
//! multinomial numbers: 20,000 resamples of 60,000 companies take as long as those of 60.

use super::cluster::Clusters;
use super::interval::{Confidence, Interval};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What resampling says of a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Resampled {
    /// Number of resamples.
    pub resamples: u32,
    /// The percentile interval.
    pub interval: Interval,
    /// Standard deviation of the resampled shares.
    pub standard_error: f64,
}

/// Resamples clusters with replacement; `None` without trials, or of no resample.
#[must_use]
pub fn cluster_bootstrap(clusters: &Clusters, resamples: u32, seed: u64, confidence: Confidence) -> Option<Resampled> {
    summarise(resampled_shares(clusters, seed, 0..resamples), confidence)
}

/// The shares of those resamples, in their order. None without trials.
#[must_use]
pub fn resampled_shares(clusters: &Clusters, seed: u64, resamples: Range<u32>) -> Vec<f64> {
    if clusters.clusters() == 0 {
        return Vec::new();
    }
    let urn = Urn::of(clusters);
    let start = ChaCha8Rng::seed_from_u64(seed);
    let share = |resample: u32| {
        let mut chance = start.clone();
        chance.set_stream(u64::from(resample));
        if urn.has_many_kinds() { urn.share_one_by_one(&mut chance) } else { urn.share_by_kinds(&mut chance) }
    };
    resamples.map(share).collect()
}

/// What the shares of all resamples say; `None` of none.
#[must_use]
pub fn summarise(mut shares: Vec<f64>, confidence: Confidence) -> Option<Resampled> {
    let resamples = u32::try_from(shares.len()).ok()?;
    let b = f64::from(resamples);
    let mean = shares.iter().sum::<f64>() / b;
    let standard_error = (shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (b - 1.0).max(1.0)).sqrt();
    shares.sort_unstable_by(f64::total_cmp);
    let tail = confidence.tail();
    let interval = Interval { low: quantile(&shares, tail)?, high: quantile(&shares, 1.0 - tail)? };
    Some(Resampled { resamples, interval, standard_error })
}

/// A quantile with linear interpolation between neighbours (R's type 7); `None` of nothing.
pub(super) fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[allow(clippy::cast_precision_loss, reason = "a length")]
    let place = last as f64 * probability.clamp(0.0, 1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let before = place.floor() as usize;
    let (low, high) = (*sorted.get(before)?, *sorted.get((before + 1).min(last))?);
    Some(low + (high - low) * place.fract())
}

/// Clusters to draw from: different ones with their numbers.
struct Urn {
    alike: Vec<Ball>,
    clusters: u32,
    /// By cluster, its place in `alike`.
    kinds: Vec<u32>,
    /// ln(n!) up to the number of clusters.
    log_factorial: Vec<f64>,
}

struct Ball {
    successes: u32,
    trials: u32,
    /// Chance that a draw is this one, given that it is none of those before it.
    chance: f64,
}

impl Urn {
    fn of(clusters: &Clusters) -> Self {
        let total = clusters.clusters();
        let mut left = total;
        let ball = |((successes, trials), number): ((u32, u32), u32)| {
            let chance = f64::from(number) / f64::from(left);
            left -= number;
            Ball { successes, trials, chance }
        };
        // The most frequent first: few draws are left for the others.
        let mut sorted: Vec<_> = clusters.alike().collect();
        sorted.sort_unstable_by_key(|(cluster, number)| (std::cmp::Reverse(*number), *cluster));
        let kinds = (0..).zip(&sorted).flat_map(|(kind, (_, number))| (0..*number).map(move |_| kind)).collect();
        let alike = sorted.into_iter().map(ball).collect();
        let mut log_factorial = Vec::with_capacity(total as usize + 1);
        let mut sum = 0.0;
        log_factorial.push(sum);
        for n in 1..=total {
            sum += f64::from(n).ln();
            log_factorial.push(sum);
        }
        Self { alike, clusters: total, kinds, log_factorial }
    }

    /// Whether clusters are so different that drawing them one by one is quicker.
    fn has_many_kinds(&self) -> bool {
        self.alike.len() * 8 > self.clusters as usize
    }

    /// The share of one resample, by how often each kind of cluster is drawn.
    #[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
    fn share_by_kinds(&self, chance: &mut ChaCha8Rng) -> f64 {
        let (mut left, mut successes, mut trials) = (self.clusters, 0_u64, 0_u64);
        for ball in &self.alike {
            if left == 0 {
                break;
            }
            let drawn = self.binomial(chance, left, ball.chance);
            left -= drawn;
            successes += u64::from(drawn) * u64::from(ball.successes);
            trials += u64::from(drawn) * u64::from(ball.trials);
        }
        successes as f64 / trials as f64
    }

    /// The share of one resample, cluster by cluster.
    #[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
    fn share_one_by_one(&self, chance: &mut ChaCha8Rng) -> f64 {
        let (mut successes, mut trials) = (0_u64, 0_u64);
        for _ in 0..self.clusters {
            // Of 2^32 draws each cluster gets all but at most one of its share.
            let place = (u64::from(chance.next_u32()) * u64::from(self.clusters)) >> 32;
            let kind = usize::try_from(place).ok().and_then(|place| self.kinds.get(place)).copied().unwrap_or(0);
            let ball = &self.alike[kind as usize];
            successes += u64::from(ball.successes);
            trials += u64::from(ball.trials);
        }
        successes as f64 / trials as f64
    }

    /// How many of `n` draws succeed: by inversion, outwards from the most likely number.
    fn binomial(&self, chance: &mut ChaCha8Rng, n: u32, p: f64) -> u32 {
        if p >= 1.0 {
            return n;
        }
        let odds = p / (1.0 - p);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
        let mode = ((f64::from(n) + 1.0) * p).floor().min(f64::from(n)) as u32;
        let log = |k: u32| self.log_factorial[k as usize];
        let at_mode =
            (log(n) - log(mode) - log(n - mode) + f64::from(mode) * p.ln() + f64::from(n - mode) * (-p).ln_1p()).exp();
        let mut left = unit(chance) - at_mode;
        let (mut below, mut above) = ((mode, at_mode), (mode, at_mode));
        while left > 0.0 {
            let before = left;
            if above.0 < n {
                above.1 *= odds * f64::from(n - above.0) / f64::from(above.0 + 1);
                above.0 += 1;
                left -= above.1;
                if left <= 0.0 {
                    return above.0;
                }
            }
            if below.0 > 0 {
                below.1 *= f64::from(below.0) / (odds * f64::from(n - below.0 + 1));
                below.0 -= 1;
                left -= below.1;
                if left <= 0.0 {
                    return below.0;
                }
            }
            // What rounding leaves over belongs to nothing.
            if left >= before {
                break;
            }
        }
        mode
    }
}

/// A number from 0 to 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits")]
fn unit(chance: &mut ChaCha8Rng) -> f64 {
    (chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> Clusters {
        Clusters::count((0..300).map(|i| (i % 4, 3 + i % 2)))
    }

    #[test]
    fn dividing_the_resamples_changes_nothing() {
        let whole = resampled_shares(&many(), 7, 0..501);
        let parts: Vec<f64> =
            [0..100, 100..101, 101..501].into_iter().flat_map(|part| resampled_shares(&many(), 7, part)).collect();
        assert_eq!(whole, parts);
        assert_ne!(whole, resampled_shares(&many(), 8, 0..501));
    }

    #[test]
    fn both_ways_to_draw_are_as_sure() {
        let urn = Urn::of(&many());
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        let by_kinds = summarise((0..4_000).map(|_| urn.share_by_kinds(&mut chance)).collect(), Confidence::p95());
        let one_by_one = summarise((0..4_000).map(|_| urn.share_one_by_one(&mut chance)).collect(), Confidence::p95());
        let (a, b) = (by_kinds.unwrap(), one_by_one.unwrap());
        assert!((a.standard_error / b.standard_error - 1.0).abs() < 0.06, "{a:?} {b:?}");
        assert!((a.interval.low - b.interval.low).abs() < 0.004 && (a.interval.high - b.interval.high).abs() < 0.004);
    }

    #[test]
    fn resampling_is_as_sure_as_linearisation() {
        let resampled = cluster_bootstrap(&many(), 4_000, 1, Confidence::p95()).unwrap();
        let linear = many().share().unwrap();
        let (value, error) = (linear.pooled.share().unwrap(), linear.standard_error.unwrap());
        assert!((resampled.standard_error / error - 1.0).abs() < 0.05, "{resampled:?} {error}");
        assert!((resampled.interval.low - (value - 1.96 * error)).abs() < 0.01);
        assert!((resampled.interval.high - (value + 1.96 * error)).abs() < 0.01);
    }

    #[test]
    fn one_company_cannot_be_resampled_into_another() {
        let one = cluster_bootstrap(&Clusters::count([(1, 4)]), 10, 1, Confidence::p95()).unwrap();
        assert!(one.standard_error.abs() < 1e-15 && one.interval.contains(0.25));
        assert_eq!(cluster_bootstrap(&Clusters::default(), 10, 1, Confidence::p95()), None);
        assert_eq!(cluster_bootstrap(&many(), 0, 1, Confidence::p95()), None);
    }
}
