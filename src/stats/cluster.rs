//! How sure is a share when companies were asked repeatedly, and answers of one resemble each other?

use super::interval::{Confidence, Estimate};
use super::proportion::Proportion;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Successes and trials of each cluster. Clusters that had the same are counted together, so
/// sums do not depend on the order in which clusters came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clusters {
    alike: BTreeMap<(u32, u32), u32>,
}

/// What clustering does to a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClusteredShare {
    /// Successes and trials.
    pub pooled: Proportion,
    /// Number of clusters.
    pub clusters: u32,
    /// Standard error of the share by linearisation; `None` of a single cluster.
    pub standard_error: Option<f64>,
    /// Design effect: how many times the variance is what as many independent trials would give.
    /// `None` of a single cluster, and where all or none succeeded.
    pub design_effect: Option<f64>,
    /// The number of independent trials that would say as much. At most the trials; where all or
    /// none succeeded, the number of clusters.
    pub trials_effective: f64,
}

impl Clusters {
    /// Counts clusters of (successes, trials). Those without trials are left out.
    pub fn count(clusters: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut counted = Self::default();
        for (successes, trials) in clusters {
            if trials > 0 {
                *counted.alike.entry((successes.min(trials), trials)).or_default() += 1;
            }
        }
        counted
    }

    /// Each different (successes, trials), ascending, with the number of clusters that had it.
    pub fn alike(&self) -> impl ExactSizeIterator<Item = ((u32, u32), u32)> {
        self.alike.iter().map(|(cluster, clusters)| (*cluster, *clusters))
    }

    /// Number of clusters.
    #[must_use]
    pub fn clusters(&self) -> u32 {
        self.alike.values().sum()
    }

    /// Successes and trials of all together.
    #[must_use]
    pub fn pooled(&self) -> Proportion {
        let sum = |of: fn((u32, u32)) -> u32| self.alike().map(|(cluster, number)| of(cluster) * number).sum();
        Proportion::new(sum(|(successes, _)| successes), sum(|(_, trials)| trials))
    }

    /// The share of all trials, as sure as the clusters make it; `None` without trials.
    ///
    /// The variance is that of a ratio (Cochran 1977, section 6.3), with the factor C / (C - 1)
    /// for C clusters, as R's `survey` has it.
    #[must_use]
    pub fn share(&self) -> Option<ClusteredShare> {
        let pooled = self.pooled();
        let share = pooled.share()?;
        let (clusters, trials) = (self.clusters(), f64::from(pooled.of()));
        let squares: f64 = self
            .alike()
            .map(|((y, n), number)| f64::from(number) * (f64::from(y) - share * f64::from(n)).powi(2))
            .sum();
        let c = f64::from(clusters);
        let variance = (clusters > 1).then(|| c / (c - 1.0) * squares / (trials * trials));
        let certain = pooled.successes() == 0 || pooled.successes() == pooled.of();
        let independent = share * (1.0 - share) / (trials - 1.0);
        let design_effect = variance.filter(|_| !certain).map(|variance| variance / independent);
        let one_each = clusters == pooled.of();
        let trials_effective = match design_effect {
            _ if one_each => trials,
            Some(effect) => trials / effect.max(1.0),
            None if certain && clusters > 1 => c,
            // Of one company alone nothing shows how companies differ: the share is that company's.
            None => trials,
        };
        Some(ClusteredShare {
            pooled,
            clusters,
            standard_error: variance.map(f64::sqrt),
            design_effect,
            trials_effective,
        })
    }
}

impl ClusteredShare {
    /// The share with its Wilson interval, widened by the design effect; `None` without trials.
    #[must_use]
    pub fn wilson(&self, confidence: Confidence) -> Option<Estimate> {
        self.pooled.wilson_of_effective(confidence, self.trials_effective)
    }
}

/// A mean paired difference with the standard error that clusters give it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClusteredDifference {
    /// Left share minus right share.
    pub value: f64,
    /// Its standard error by linearisation; `None` of a single cluster.
    pub standard_error: Option<f64>,
}

/// The difference over all pairs: `clusters` holds, for each cluster, its left successes minus
/// its right ones, and its pairs. `None` without pairs.
#[must_use]
pub fn clustered_difference(clusters: &[(i32, u32)]) -> Option<ClusteredDifference> {
    let mut alike: BTreeMap<(i32, u32), u32> = BTreeMap::new();
    for cluster in clusters.iter().filter(|(_, pairs)| *pairs > 0) {
        *alike.entry(*cluster).or_default() += 1;
    }
    let sum = |of: &dyn Fn(i32, u32) -> f64| -> f64 {
        alike.iter().map(|((d, n), number)| f64::from(*number) * of(*d, *n)).sum()
    };
    let (pairs, c) = (sum(&|_, n| f64::from(n)), sum(&|_, _| 1.0));
    if pairs < 1.0 {
        return None;
    }
    let value = sum(&|d, _| f64::from(d)) / pairs;
    let squares = sum(&|d, n| (f64::from(d) - value * f64::from(n)).powi(2));
    let standard_error = (c > 1.0).then(|| (c / (c - 1.0) * squares).sqrt() / pairs);
    Some(ClusteredDifference { value, standard_error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn companies_that_always_do_the_same_are_worth_one_trial_each() {
        let share = Clusters::count([(4, 4), (0, 4), (4, 4), (0, 4)]).share().unwrap();
        assert!(share.trials_effective < 4.0 && share.design_effect.unwrap() > 4.0);
        let plain = share.pooled.wilson(Confidence::p95()).unwrap().interval;
        let widened = share.wilson(Confidence::p95()).unwrap().interval;
        assert!(widened.low < plain.low && widened.high > plain.high);
    }

    #[test]
    fn where_nobody_answered_companies_count_and_not_inquiries() {
        let share = Clusters::count([(0, 5), (0, 5)]).share().unwrap();
        assert!((share.trials_effective - 2.0).abs() < 1e-15);
        assert_eq!(share.design_effect, None);
    }

    #[test]
    fn one_company_and_none_are_no_error() {
        let one = Clusters::count([(2, 5)]).share().unwrap();
        assert_eq!((one.standard_error, one.clusters), (None, 1));
        assert_eq!(Clusters::count([(0, 0)]).share(), None);
        assert_eq!(clustered_difference(&[(0, 0)]), None);
        assert_eq!(clustered_difference(&[(2, 4)]).unwrap().standard_error, None);
    }

    proptest! {
        #[test]
        fn one_trial_a_cluster_is_no_clustering(successes in 1u32..50, failures in 1u32..50) {
            let clusters = (0..successes).map(|_| (1, 1)).chain((0..failures).map(|_| (0, 1)));
            let share = Clusters::count(clusters).share().unwrap();
            prop_assert!((share.design_effect.unwrap() - 1.0).abs() < 1e-12);
            prop_assert_eq!(share.wilson(Confidence::p95()), share.pooled.wilson(Confidence::p95()));
        }

        #[test]
        fn the_widened_interval_contains_the_share(clusters in proptest::collection::vec((0u32..5, 1u32..5), 1..30)) {
            let share = Clusters::count(clusters).share().unwrap();
            let estimate = share.wilson(Confidence::p95()).unwrap();
            prop_assert!(estimate.interval.contains(estimate.value));
        }
    }
}
