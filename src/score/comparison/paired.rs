//! What do pairs show, when a company may be in several of them?

use crate::stats::{Confidence, Estimate, Interval, PairedTable, clustered_difference, fixed, sign_flip};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One question to one company, asked twice: on two sides, or in two waves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'r> {
    /// The company.
    pub company: &'r str,
    /// What it is counted as: its group, or itself.
    pub cluster: &'r str,
    /// Whether the left side succeeded.
    pub left: bool,
    /// Whether the right side succeeded.
    pub right: bool,
}

/// What leaves out that there is no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownBy {
    /// The interval and, where there is one, the test.
    Both,
    /// The interval, and not the test: of two or three pairs that all point one way.
    IntervalAlone,
    /// The test, and not the interval.
    TestAlone,
    /// Neither.
    Neither,
}

/// What pairs show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Companies with pairs.
    pub companies: u32,
    /// Clusters of companies with pairs.
    pub clusters: u32,
    /// The pairs, by who succeeded.
    pub pairs: PairedTable,
    /// Left share minus right share. The interval is Newcombe's for paired data and, where
    /// clusters have several pairs, that one stretched by the root of the design effect; `None`
    /// without pairs.
    pub difference: Option<Estimate>,
    /// How many times the variance of the difference is what independent pairs would have;
    /// `None` where each cluster has one pair. Below 1 counts as 1.
    pub design_effect: Option<f64>,
    /// The exact two-sided test of `McNemar`, which takes pairs as independent.
    pub p_mcnemar_exact: f64,
    /// The exact sign-flip test over clusters, which does not. With one pair each it is the same.
    pub p_sign_flip: f64,
}

impl Paired {
    /// What these pairs show; their order does not matter.
    #[must_use]
    pub fn of(pairs: &[Pair<'_>]) -> Self {
        let table = PairedTable::count(pairs.iter().map(|pair| (pair.left, pair.right)));
        let companies: BTreeSet<&str> = pairs.iter().map(|pair| pair.company).collect();
        let mut clusters: BTreeMap<&str, (i32, u32)> = BTreeMap::new();
        for pair in pairs {
            let (difference, number) = clusters.entry(pair.cluster).or_default();
            *difference += i32::from(pair.left) - i32::from(pair.right);
            *number += 1;
        }
        let differences: Vec<(i32, u32)> = clusters.into_values().collect();
        let design_effect = design_effect(&table, &differences);
        let newcombe = table.difference(Confidence::p95());
        let factor = design_effect.map_or(1.0, |effect| effect.max(1.0).sqrt());
        Self {
            companies: u32::try_from(companies.len()).unwrap_or(u32::MAX),
            clusters: u32::try_from(differences.len()).unwrap_or(u32::MAX),
            pairs: table,
            difference: newcombe.map(|e| stretched(e, factor).fixed()),
            design_effect: design_effect.map(fixed),
            p_mcnemar_exact: fixed(table.mcnemar_exact()),
            p_sign_flip: fixed(sign_flip(&differences.iter().map(|(difference, _)| *difference).collect::<Vec<_>>()).p),
        }
    }

    /// Whether the difference is shown: by the interval and by the test, so that a reader who looks at
    /// either sees the same. Where they disagree the more careful one decides.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shown_by() == ShownBy::Both
    }

    /// What shows the difference: the interval that leaves out 0, the test by cluster below 5 %.
    #[must_use]
    pub fn shown_by(&self) -> ShownBy {
        let by_interval = self.difference.is_some_and(|d| !d.interval.contains(0.0));
        match (by_interval, self.p_sign_flip < 0.05) {
            (true, true) => ShownBy::Both,
            (true, false) => ShownBy::IntervalAlone,
            (false, true) => ShownBy::TestAlone,
            (false, false) => ShownBy::Neither,
        }
    }
}

/// The variance of the difference over clusters, to that of as many independent pairs. Where no
/// two pairs differ it is what it is at worst: the pairs of a cluster.
fn design_effect(table: &PairedTable, clusters: &[(i32, u32)]) -> Option<f64> {
    let (n, c) = (f64::from(table.pairs()), f64::from(u32::try_from(clusters.len()).unwrap_or(u32::MAX)));
    if n <= c {
        return None;
    }
    let mean = (f64::from(table.left_only) - f64::from(table.right_only)) / n;
    let disagreeing = f64::from(table.left_only) + f64::from(table.right_only);
    let independent = (disagreeing - n * mean * mean) / (n - 1.0) / n;
    let clustered = clustered_difference(clusters).and_then(|d| d.standard_error).map(|error| error * error);
    Some(clustered.filter(|_| independent > 0.0).map_or(n / c, |variance| variance / independent))
}

/// The same with an interval `factor` times as long on either side, as far as a difference of
/// shares can be.
fn stretched(estimate: Estimate, factor: f64) -> Estimate {
    let Estimate { value, interval } = estimate;
    let low = value - factor * (value - interval.low);
    let high = value + factor * (interval.high - value);
    Estimate { value, interval: Interval { low: low.max(-1.0), high: high.min(1.0) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(cluster: &'static str, left: bool, right: bool) -> Pair<'static> {
        Pair { company: cluster, cluster, left, right }
    }

    #[test]
    fn asking_the_same_companies_twice_makes_nothing_surer() {
        let once = [pair("a", true, false), pair("b", true, false), pair("c", false, true), pair("d", false, false)];
        let twice = [once, once].concat();
        let (once, twice) = (Paired::of(&once), Paired::of(&twice));
        assert_eq!((once.design_effect, once.pairs.pairs(), twice.pairs.pairs(), twice.clusters), (None, 4, 8, 4));
        assert!(twice.design_effect.unwrap() > 2.0);
        assert!((once.p_sign_flip - twice.p_sign_flip).abs() < 1e-12);
        let naive = twice.pairs.difference(Confidence::p95()).unwrap().interval;
        let wide = twice.difference.unwrap().interval;
        assert!(wide.low < naive.low && wide.high > naive.high);
    }

    #[test]
    fn two_pairs_that_point_one_way_show_nothing_whatever_their_interval_says() {
        let paired = Paired::of(&[pair("a", false, true), pair("b", false, true)]);
        let interval = paired.difference.unwrap().interval;
        assert!(interval.high < 0.0 && (paired.p_sign_flip - 0.5).abs() < 1e-12, "{interval:?}");
        assert_eq!((paired.shown_by(), paired.is_shown()), (ShownBy::IntervalAlone, false));
        let six = ["a", "b", "c", "d", "e", "f"].map(|company| pair(company, false, true));
        assert_eq!(Paired::of(&six).shown_by(), ShownBy::Both);
    }

    #[test]
    fn one_company_shows_nothing_however_often_it_is_asked() {
        let pairs = vec![pair("a", true, false); 30];
        let paired = Paired::of(&pairs);
        assert!(paired.p_mcnemar_exact < 0.001 && (paired.p_sign_flip - 1.0).abs() < 1e-12);
        assert!(!paired.is_shown());
    }
}
