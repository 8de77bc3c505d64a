//! How is a share, and how a waiting time, stored so that nobody can print it bare?

use crate::stats::survival::clustered::{self, InCluster};
use crate::stats::{Clusters, Confidence, Estimate, Followed, Proportion, Reached, fixed};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// A share with its count, its denominator and its 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many.
    pub numerator: u32,
    /// Of how many.
    pub denominator: u32,
    /// The share, 0 to 1, with its interval; `None` of nothing.
    pub estimate: Option<Estimate>,
    /// Why the interval is wider than that of independent trials; `None` where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeats>,
}

/// Companies that were asked repeatedly: their answers are alike, and say less than as many companies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Repeats {
    /// Clusters of companies among the trials.
    pub clusters: u32,
    /// The design effect (Kish 1965): how many times the variance is that of independent trials.
    /// `None` where it cannot be told, because all or none succeeded: each cluster then counts once.
    pub design_effect: Option<f64>,
}

/// How long a reply took: Kaplan–Meier, so that whoever has not replied yet is neither left out
/// nor taken for silent. There is no mean, and no median of those who replied.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Inquiries followed.
    pub followed: u32,
    /// Replies among them.
    pub replies: u32,
    /// When a quarter had a reply.
    pub first_quartile: Quantile,
    /// When half had a reply.
    pub median: Quantile,
    /// When three quarters had a reply.
    pub third_quartile: Quantile,
    /// Longest time that anybody was watched, or would have been had no reply come, in hours.
    pub followed_hours_max: f64,
    /// Clusters of companies that were asked repeatedly, by which the limits are widened; `None`
    /// where no cluster was asked twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<u32>,
}

/// When a part had a reply, with its 95 % interval (log-log limits, by clusters of companies).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// When, in hours.
    pub hours: Reached,
    /// Lower end; `None` where the curve gives none.
    pub low_hours: Option<Reached>,
    /// Upper end; `None` where the curve gives none.
    pub high_hours: Option<Reached>,
}

impl From<Proportion> for Rate {
    fn from(proportion: Proportion) -> Self {
        Self {
            numerator: proportion.successes(),
            denominator: proportion.of(),
            estimate: proportion.wilson(Confidence::p95()).map(Estimate::fixed),
            repeated: None,
        }
    }
}

impl Rate {
    /// The rate of trials that belong to clusters: (cluster, success). Where a cluster has several
    /// trials the interval is widened by the design effect.
    #[must_use]
    pub fn of<C: Eq + Hash + Copy>(trials: &[(C, bool)]) -> Self {
        // In no order: clusters that had the same are counted together.
        let mut clusters: HashMap<C, (u32, u32)> = HashMap::new();
        for (cluster, success) in trials {
            let (successes, of) = clusters.entry(*cluster).or_default();
            *successes += u32::from(*success);
            *of += 1;
        }
        let share = Clusters::count(clusters.into_values()).share();
        let rate = Self::from(Proportion::count(trials.iter().map(|(_, success)| *success)));
        // A single company is its own frame: its interval speaks of its own inquiries.
        match share.filter(|share| share.clusters > 1 && share.clusters < rate.denominator) {
            None => rate,
            Some(share) => Self {
                estimate: share.wilson(Confidence::p95()).map(Estimate::fixed),
                repeated: Some(Repeats { clusters: share.clusters, design_effect: share.design_effect.map(fixed) }),
                ..rate
            },
        }
    }

    /// The share, 0 to 1; `None` of nothing.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.estimate.map(|e| e.value)
    }
}

/// The same with clusters by number, in the order of their names: sums must not depend on the order of rows.
pub(super) fn numbered<C: Ord + Hash + Copy>(sample: impl Iterator<Item = (C, Followed)> + Clone) -> Vec<InCluster> {
    let known: HashSet<C> = sample.clone().map(|(cluster, _)| cluster).collect();
    let mut names: Vec<C> = known.into_iter().collect();
    names.sort_unstable();
    let numbers: HashMap<C, u32> = names.into_iter().zip(0..).collect();
    sample.map(|(cluster, followed)| (numbers.get(&cluster).copied().unwrap_or_default(), followed)).collect()
}

impl Latency {
    /// What a sample says, each with its cluster, that was watched for at most `watched_seconds_max`;
    /// `None` of an empty one.
    #[must_use]
    pub fn of<C: Ord + Hash + Copy>(sample: &[(C, Followed)], watched_seconds_max: u32) -> Option<Self> {
        let numbered = numbered(sample.iter().copied());
        let curve = clustered::fit(&numbered)?;
        let clusters = clustered::clusters_in(&numbered);
        let quantile = |level: f64| {
            let at = curve.reaches(level);
            let limits = curve.limits(level, Confidence::p95());
            // Where the last reply takes the curve from above the level straight to 0 there is no limit at all.
            let undefined = limits.low == Reached::NotReached && at != Reached::NotReached;
            Quantile {
                hours: at,
                low_hours: (!undefined).then_some(limits.low),
                high_hours: (!undefined).then_some(limits.high),
            }
        };
        Some(Self {
            followed: curve.n(),
            replies: curve.events(),
            first_quartile: quantile(0.75),
            median: quantile(0.5),
            third_quartile: quantile(0.25),
            followed_hours_max: fixed(f64::from(watched_seconds_max) / 3600.0),
            clusters: (clusters > 1 && clusters < curve.n()).then_some(clusters),
        })
    }
}
