//! Do several sides differ, when companies were asked repeatedly, and each keeps to its ways?
//!
//! Every cluster says by how much each side did better in it than was to be expected if all were
//! alike; whether those sums differ from 0 is judged by how they vary over clusters (the generalised
//! score test of Boos 1992; of waits, Lee, Wei and Amato 1992). With one question a cluster, and two
//! sides, it is `McNemar`'s chi-square.

use super::linear::solve;
use super::survival::Followed;
use super::survival::log_rank::chi2_tail;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The result of a test of sums over clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScoreTest {
    /// Clusters in it.
    pub clusters: u32,
    /// The statistic.
    pub chi2: f64,
    /// Sides that could be told apart, minus 1.
    pub degrees_of_freedom: u32,
    /// How often chance gives as large a statistic.
    pub p: f64,
}

/// One that was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waited {
    /// What it is compared within: its company, its industry.
    pub stratum: u32,
    /// What it is counted as.
    pub cluster: u32,
    /// Its side, from 0.
    pub side: u16,
    /// Seconds until it happened, or nobody looked further.
    pub seconds: u32,
    /// Whether it happened.
    pub happened: bool,
}

impl Waited {
    /// One that was followed so.
    #[must_use]
    pub const fn new(stratum: u32, cluster: u32, side: u16, followed: Followed) -> Self {
        let (seconds, happened) = match followed {
            Followed::UntilEvent(seconds) => (seconds, true),
            Followed::UntilCensored(seconds) => (seconds, false),
        };
        Self { stratum, cluster, side, seconds, happened }
    }
}

/// Cochran's question of blocks that belong to clusters: do `sides` differ? `None` of one cluster, or
/// where nothing tells two sides apart.
#[must_use]
pub fn of_blocks(sides: usize, blocks: &[(u32, Vec<bool>)]) -> Option<ScoreTest> {
    let mut sums: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (cluster, block) in blocks.iter().filter(|(_, block)| block.len() == sides) {
        let successes = number(block.iter().filter(|success| **success).count());
        let mean = successes / number(sides);
        for (sum, success) in sums.entry(*cluster).or_insert_with(|| vec![0.0; sides]).iter_mut().zip(block) {
            *sum += f64::from(u8::from(*success)) - mean;
        }
    }
    judge(sides, &sums)
}

/// The log-rank question, within strata, of waits that belong to clusters.
#[must_use]
pub fn of_waits(sides: usize, mut waits: Vec<Waited>) -> Option<ScoreTest> {
    waits.retain(|wait| usize::from(wait.side) < sides);
    waits.sort_unstable_by_key(|w| (w.stratum, w.seconds, w.cluster, w.side, w.happened));
    let mut sums: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for stratum in waits.chunk_by(|a, b| a.stratum == b.stratum) {
        add_stratum(stratum, sides, &mut sums);
    }
    judge(sides, &sums)
}

/// What happened on its side minus what was to be expected there, of each inquiry of a stratum.
fn add_stratum(stratum: &[Waited], sides: usize, sums: &mut BTreeMap<u32, Vec<f64>>) {
    let mut at_risk = vec![0.0; sides];
    for wait in stratum {
        at_risk[usize::from(wait.side)] += 1.0;
    }
    // Of one side alone nothing is compared.
    if at_risk.iter().filter(|n| **n > 0.0).count() < 2 {
        return;
    }
    // The hazard of all so far, and of it the part that fell to each side.
    let (mut hazard, mut parts) = (0.0, vec![0.0; sides]);
    for moment in stratum.chunk_by(|a, b| a.seconds == b.seconds) {
        let all: f64 = at_risk.iter().sum();
        let step = number(moment.iter().filter(|wait| wait.happened).count()) / all;
        hazard += step;
        for (part, left) in parts.iter_mut().zip(&at_risk) {
            *part += step * left / all;
        }
        for wait in moment {
            let sum = sums.entry(wait.cluster).or_insert_with(|| vec![0.0; sides]);
            for (side, sum) in sum.iter_mut().enumerate() {
                let own = f64::from(u8::from(side == usize::from(wait.side)));
                let expected = at_risk[side] / all;
                *sum += if wait.happened { own - expected } else { 0.0 } - (own * hazard - parts[side]);
            }
        }
        for wait in moment {
            at_risk[usize::from(wait.side)] -= 1.0;
        }
    }
}

/// Whether sums over clusters, one for each side, differ from 0. The sides of a cluster sum to 0, so one
/// of them follows from the rest.
fn judge(sides: usize, sums: &BTreeMap<u32, Vec<f64>>) -> Option<ScoreTest> {
    let varies = |side: &usize| sums.values().any(|sum| sum[*side].abs() > 1e-9);
    let telling: Vec<usize> = (0..sides).filter(varies).collect();
    let (_, kept) = telling.split_first()?;
    let clusters = u32::try_from(sums.len()).ok()?;
    if kept.is_empty() || clusters < 2 {
        return None;
    }
    let total: Vec<f64> = kept.iter().map(|side| sums.values().map(|sum| sum[*side]).sum()).collect();
    let products = |a: usize, b: usize| sums.values().map(|sum| sum[a] * sum[b]).sum::<f64>();
    let covariance = kept.iter().map(|a| kept.iter().map(|b| products(*a, *b)).collect()).collect();
    let solved = solve(covariance, total.clone())?;
    let chi2 = total.iter().zip(&solved).map(|(t, s)| t * s).sum::<f64>().max(0.0);
    let degrees_of_freedom = u32::try_from(kept.len()).ok()?;
    Some(ScoreTest { clusters, chi2, degrees_of_freedom, p: chi2_tail(chi2, degrees_of_freedom) })
}

#[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
const fn number(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::PairedTable;
    use proptest::prelude::*;

    #[test]
    fn two_sides_asked_once_are_mcnemars_chi_square() {
        let block = |n: u32| (n, if n < 9 { vec![true, false] } else { vec![n < 20, n < 20 || n < 23] });
        let blocks: Vec<_> = (0..40).map(block).collect();
        let table = PairedTable::count(blocks.iter().map(|(_, b)| (b[0], b[1])));
        let (b, c) = (f64::from(table.left_only), f64::from(table.right_only));
        let test = of_blocks(2, &blocks).unwrap();
        assert!((test.chi2 - (b - c).powi(2) / (b + c)).abs() < 1e-9);
        assert_eq!((test.clusters, test.degrees_of_freedom), (40, 1));
    }

    #[test]
    fn asking_the_same_companies_again_makes_nothing_surer() {
        let block = |n: u32| (n, vec![n.is_multiple_of(3), n.is_multiple_of(2), n.is_multiple_of(5)]);
        let once: Vec<_> = (0..30).map(block).collect();
        let six_times: Vec<_> = std::iter::repeat_n(once.clone(), 6).flatten().collect();
        let [once, six_times] = [once, six_times].map(|blocks| of_blocks(3, &blocks).unwrap());
        assert!((once.chi2 - six_times.chi2).abs() < 1e-9 && once.p > 0.01);
    }

    #[test]
    fn one_company_and_sides_that_are_alike_show_nothing() {
        assert_eq!(of_blocks(2, &[(3, vec![true, false]), (3, vec![true, false])]), None);
        assert_eq!(of_blocks(2, &[(3, vec![true, true]), (4, vec![false, false])]), None);
        assert_eq!(of_waits(2, vec![Waited::new(0, 0, 0, Followed::UntilEvent(3))]), None);
    }

    proptest! {
        #[test]
        fn within_a_company_the_sums_are_what_was_observed_minus_what_was_expected(
            rows in proptest::collection::vec((0u32..6, 0u16..2, 0u32..20, any::<bool>()), 4..60),
        ) {
            let follow = |t, event| if event { Followed::UntilEvent(t) } else { Followed::UntilCensored(t) };
            let ours = of_waits(2, rows.iter().map(|(c, s, t, e)| Waited::new(*c, *c, *s, follow(*t, *e))).collect());
            // The same from the log-rank test of each company alone.
            let mut squares = 0.0;
            let mut total = 0.0;
            for company in 0..6 {
                let of_it = rows.iter().filter(|r| r.0 == company);
                let sample = of_it.map(|(_, s, t, e)| crate::stats::LogRankRow::new(*s, 0, follow(*t, *e))).collect();
                if let Some(test) = crate::stats::LogRankSample::new(2, sample).test() {
                    let difference = f64::from(test.observed[1]) - test.expected[1];
                    total += difference;
                    squares += difference * difference;
                }
            }
            if let Some(ours) = ours.filter(|_| squares > 1e-6) {
                prop_assert!((ours.chi2 - total * total / squares).abs() < 1e-6, "{:?} {}", ours, total * total / squares);
            }
        }
    }
}
