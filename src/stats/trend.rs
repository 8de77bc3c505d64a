//! Do successes become more or fewer from wave to wave?

use super::linear::solve;
use std::collections::BTreeMap;

/// A logistic trend over waves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// By how much the log-odds of success rise from one wave to the next.
    pub log_odds_per_wave: f64,
    /// Its standard error, robust against companies that resemble themselves.
    pub standard_error: f64,
}

/// Successes and trials of a cluster in one wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InWave {
    /// The cluster.
    pub cluster: u32,
    /// The wave, from 0.
    pub wave: u32,
    /// Successes.
    pub successes: u32,
    /// Trials.
    pub trials: u32,
}

/// Fits a logistic regression on the wave's number, with the sandwich estimate of Liang and Zeger
/// (1986) for independent clusters. `None` where fewer than two waves have trials, or some
/// coefficient is infinite: one wave has all or no successes.
#[must_use]
pub fn logistic_trend(counts: &[InWave]) -> Option<Trend> {
    let mut by_wave: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for count in counts.iter().filter(|count| count.trials > 0) {
        let (successes, trials) = by_wave.entry(count.wave).or_default();
        *successes += f64::from(count.successes.min(count.trials));
        *trials += f64::from(count.trials);
    }
    let mut at = [0.0, 0.0];
    let mut converged = false;
    for _ in 0..100 {
        let mut score = [0.0, 0.0];
        for (wave, (successes, trials)) in &by_wave {
            let off = successes - trials * chance(at, *wave);
            score[0] += off;
            score[1] += off * f64::from(*wave);
        }
        let step = solve(information(&by_wave, at), score.to_vec())?;
        at = [at[0] + step[0], at[1] + step[1]];
        if at.iter().any(|part| part.abs() > 50.0) {
            return None;
        }
        converged = step.iter().all(|part| part.abs() < 1e-12);
        if converged {
            break;
        }
    }
    if !converged {
        return None;
    }
    Some(Trend { log_odds_per_wave: at[1], standard_error: sandwich(counts, &by_wave, at)? })
}

fn chance(at: [f64; 2], wave: u32) -> f64 {
    1.0 / (1.0 + (-at[0] - at[1] * f64::from(wave)).exp())
}

fn information(by_wave: &BTreeMap<u32, (f64, f64)>, at: [f64; 2]) -> Vec<Vec<f64>> {
    let mut sums = [0.0; 3];
    for (wave, (_, trials)) in by_wave {
        let p = chance(at, *wave);
        let (weight, wave) = (trials * p * (1.0 - p), f64::from(*wave));
        sums = [sums[0] + weight, sums[1] + weight * wave, sums[2] + weight * wave * wave];
    }
    vec![vec![sums[0], sums[1]], vec![sums[1], sums[2]]]
}

/// The standard error of the slope: how far each cluster pulls it, squared and summed.
fn sandwich(counts: &[InWave], by_wave: &BTreeMap<u32, (f64, f64)>, at: [f64; 2]) -> Option<f64> {
    let bread = solve(information(by_wave, at), vec![0.0, 1.0])?;
    let mut pulls: BTreeMap<u32, f64> = BTreeMap::new();
    for count in counts {
        let off = f64::from(count.successes.min(count.trials)) - f64::from(count.trials) * chance(at, count.wave);
        *pulls.entry(count.cluster).or_default() += off * (bread[0] + bread[1] * f64::from(count.wave));
    }
    // Sorted, so that the order of companies' names changes no digit.
    let mut squares: Vec<f64> = pulls.into_values().map(|pull| pull * pull).collect();
    squares.sort_unstable_by(f64::total_cmp);
    Some(squares.iter().sum::<f64>().sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(waves: &[(u32, u32)]) -> Vec<InWave> {
        let wave = |(wave, (successes, failures)): (u32, &(u32, u32))| {
            let one = move |i: u32| InWave { cluster: i, wave, successes: u32::from(i < *successes), trials: 1 };
            (0..successes + failures).map(one).collect::<Vec<_>>()
        };
        (0..).zip(waves).flat_map(wave).collect()
    }

    #[test]
    fn two_waves_are_a_difference_of_log_odds() {
        let trend = logistic_trend(&counts(&[(20, 60), (40, 40)])).unwrap();
        assert!((trend.log_odds_per_wave - 3.0_f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn a_wave_without_successes_has_no_finite_trend() {
        assert_eq!(logistic_trend(&counts(&[(0, 9), (5, 4)])), None);
        assert_eq!(logistic_trend(&counts(&[(5, 9)])), None);
        assert_eq!(logistic_trend(&[]), None);
    }
}
