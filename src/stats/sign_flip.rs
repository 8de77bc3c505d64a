//! Could chance alone favour one side so much, when companies were asked repeatedly?
//!
//! The sign-flip test of paired data in clusters. If both sides were equally good, each cluster's
//! difference could as well have had the other sign: the test asks how often chance then gives a
//! total at least as far from 0. With one pair a cluster it equals `McNemar`'s exact test.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// The result of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SignFlip {
    /// How often chance gives as much, two-sided.
    pub p: f64,
    /// How that was worked out.
    pub method: SignFlipMethod,
}

/// How the chance was worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignFlipMethod {
    /// From the whole distribution.
    Exact,
    /// From the normal distribution: there are so many clusters, of so many sizes, that the whole
    /// one would take minutes.
    Normal,
}

/// Most additions for which the distribution is built up cluster by cluster, with every digit right.
const ADDITIONS_MAX: usize = 20_000_000;

/// Most terms of the sum over frequencies.
const TERMS_MAX: usize = 400_000_000;

/// The two-sided test. `differences` holds, for each cluster, its left successes minus its right ones.
#[must_use]
pub fn sign_flip(differences: &[i32]) -> SignFlip {
    let total: i64 = differences.iter().map(|d| i64::from(*d)).sum();
    let observed = usize::try_from(total.unsigned_abs()).unwrap_or(usize::MAX);
    let mut sizes: BTreeMap<usize, i32> = BTreeMap::new();
    for difference in differences.iter().filter(|d| **d != 0) {
        *sizes.entry(difference.unsigned_abs() as usize).or_default() += 1;
    }
    let clusters: usize = sizes.values().filter_map(|n| usize::try_from(*n).ok()).sum();
    let most: usize = sizes.iter().map(|(size, n)| size.saturating_mul(usize::try_from(*n).unwrap_or(0))).sum();
    let exact = |p: f64| SignFlip { p: p.clamp(0.0, 1.0), method: SignFlipMethod::Exact };
    if observed == 0 {
        exact(1.0)
    } else if clusters.saturating_mul(most) <= ADDITIONS_MAX {
        exact(by_convolution(&sizes, most, observed))
    } else if sizes.len().saturating_mul(most) <= TERMS_MAX {
        exact(by_frequencies(&sizes, most, observed))
    } else {
        SignFlip { p: by_normal(&sizes, observed), method: SignFlipMethod::Normal }
    }
}

/// Builds up the distribution of how much goes to the left: sums only of what is positive.
fn by_convolution(sizes: &BTreeMap<usize, i32>, most: usize, observed: usize) -> f64 {
    // chances[i] is the probability that clusters worth i fall to the left: the total is 2 i - most.
    let mut chances = vec![0.0; most + 1];
    chances[0] = 1.0;
    let mut reach = 0;
    for (size, clusters) in sizes {
        for _ in 0..*clusters {
            reach += size;
            for i in (0..=reach).rev() {
                let from_left = if i >= *size { chances[i - size] } else { 0.0 };
                chances[i] = 0.5 * (chances[i] + from_left);
            }
        }
    }
    let far = |i: usize| (2 * i).abs_diff(most) >= observed;
    chances.iter().enumerate().filter(|(i, _)| far(*i)).map(|(_, chance)| chance).sum()
}

/// One minus the probability of a total nearer to 0, by Fourier inversion of the characteristic
/// function, which is cos(s f) for a cluster of size s. Right to about 1e-13.
#[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn by_frequencies(sizes: &BTreeMap<usize, i32>, most: usize, observed: usize) -> f64 {
    let points = most + 1;
    // Nearer totals are 2 - observed, 4 - observed, …, observed - 2: all of one parity, so that the
    // frequencies f and pi - f say the same.
    let totals = (observed - 1) as f64;
    let term = |point: usize| {
        let frequency = PI * point as f64 / points as f64;
        let characteristic: f64 = sizes.iter().map(|(size, n)| (*size as f64 * frequency).cos().powi(*n)).product();
        characteristic * (totals * frequency).sin() / frequency.sin()
    };
    let both: f64 = (1..points.div_ceil(2)).map(term).sum();
    let middle = if points.is_multiple_of(2) { term(points / 2) } else { 0.0 };
    1.0 - (totals + 2.0 * both + middle) / points as f64
}

#[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn by_normal(sizes: &BTreeMap<usize, i32>, observed: usize) -> f64 {
    let squares: f64 = sizes.iter().map(|(size, n)| (*size as f64).powi(2) * f64::from(*n)).sum();
    2.0 * Normal::standard().sf(observed as f64 / squares.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::PairedTable;
    use proptest::prelude::*;

    /// The sizes, the largest total, the total.
    fn parts(differences: &[i32]) -> (BTreeMap<usize, i32>, usize, usize) {
        let mut sizes = BTreeMap::new();
        for d in differences.iter().filter(|d| **d != 0) {
            *sizes.entry(d.unsigned_abs() as usize).or_default() += 1;
        }
        let most = differences.iter().map(|d| d.unsigned_abs() as usize).sum();
        (sizes, most, differences.iter().sum::<i32>().unsigned_abs() as usize)
    }

    #[test]
    fn many_clusters_are_as_sure_by_the_normal_distribution() {
        let differences: Vec<i32> = (0..2_000).map(|i| if i % 20 < 11 { 1 } else { -1 }).collect();
        let (sizes, most, observed) = parts(&differences);
        let (exact, normal) = (by_convolution(&sizes, most, observed), by_normal(&sizes, observed));
        assert!((exact - normal).abs() < 1e-3, "{exact} {normal}");
        assert_eq!(sign_flip(&differences).method, SignFlipMethod::Exact);
    }

    #[test]
    fn a_hundred_thousand_clusters_are_still_tested_exactly() {
        let differences: Vec<i32> = (0..100_000).map(|i| (i % 5) - 2 + i32::from(i % 1_000 == 0)).collect();
        let found = sign_flip(&differences);
        let (sizes, _, observed) = parts(&differences);
        assert_eq!(found.method, SignFlipMethod::Exact);
        assert!((found.p - by_normal(&sizes, observed)).abs() < 2e-3, "{found:?}");
    }

    #[test]
    fn clusters_without_a_difference_show_nothing() {
        assert!((sign_flip(&[]).p - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[0, 0]).p - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[3, -3]).p - 1.0).abs() < 1e-15);
        assert!((sign_flip(&[-4]).p - 1.0).abs() < 1e-15, "one company alone proves nothing");
    }

    proptest! {
        #[test]
        fn one_pair_a_cluster_is_mcnemars_test(left_only in 0usize..20, right_only in 0usize..20) {
            let differences = [vec![1; left_only], vec![-1; right_only], vec![0; 3]].concat();
            let cells = [left_only, right_only].map(|n| u32::try_from(n).unwrap());
            let table = PairedTable { both: 2, left_only: cells[0], right_only: cells[1], neither: 1 };
            prop_assert!((sign_flip(&differences).p - table.mcnemar_exact()).abs() < 1e-12);
        }

        #[test]
        fn both_exact_ways_agree(differences in proptest::collection::vec(-6i32..=6, 1..40)) {
            let (sizes, most, observed) = parts(&differences);
            if observed > 0 {
                let (built, inverted) = (by_convolution(&sizes, most, observed), by_frequencies(&sizes, most, observed));
                prop_assert!((built - inverted).abs() < 1e-12, "{built} {inverted}");
            }
        }
    }
}
