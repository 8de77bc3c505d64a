//! How is a share, and how a waiting time, stored so that nobody can print it bare?

use crate::stats::{Confidence, Estimate, Followed, KaplanMeier, Proportion, Reached, fixed};
use serde::{Deserialize, Serialize};

/// A share with its count, its denominator and its 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many.
    pub numerator: u32,
    /// Of how many.
    pub denominator: u32,
    /// The share, 0 to 1, with its interval; `None` of nothing.
    pub estimate: Option<Estimate>,
}

/// How long a reply took: Kaplan–Meier, so that whoever has not replied yet is neither left out
/// nor taken for silent. There is no mean, and no median of those who replied.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Inquiries followed.
    pub followed: u32,
    /// Replies among them.
    pub replies: u32,
    /// When a quarter had a reply, in hours.
    pub first_quartile_hours: Reached,
    /// When half had a reply, in hours.
    pub median_hours: Reached,
    /// Lower end of the median's 95 % interval; `None` where the curve gives none.
    pub median_low_hours: Option<Reached>,
    /// Upper end of the median's 95 % interval; `None` where the curve gives none.
    pub median_high_hours: Option<Reached>,
    /// When three quarters had a reply, in hours.
    pub third_quartile_hours: Reached,
    /// Longest time that anybody was watched, or would have been had no reply come, in hours.
    pub followed_hours_max: f64,
}

impl From<Proportion> for Rate {
    fn from(proportion: Proportion) -> Self {
        Self {
            numerator: proportion.successes(),
            denominator: proportion.of(),
            estimate: proportion.wilson(Confidence::p95()).map(Estimate::fixed),
        }
    }
}

impl Rate {
    /// The share, 0 to 1; `None` of nothing.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.estimate.map(|e| e.value)
    }
}

impl Latency {
    /// What a sample says that was watched for at most `watched_seconds_max`; `None` of an empty one.
    #[must_use]
    pub fn of(sample: impl IntoIterator<Item = Followed>, watched_seconds_max: u32) -> Option<Self> {
        let curve = KaplanMeier::fit(sample)?;
        let limits = curve.median_limits(Confidence::p95());
        let median = curve.median();
        // Where the last reply takes the curve from above one half straight to 0 there is no limit at all.
        let undefined = limits.low == Reached::NotReached && median != Reached::NotReached;
        Some(Self {
            followed: curve.n(),
            replies: curve.events(),
            first_quartile_hours: curve.reaches(0.75),
            median_hours: median,
            median_low_hours: (!undefined).then_some(limits.low),
            median_high_hours: (!undefined).then_some(limits.high),
            third_quartile_hours: curve.reaches(0.25),
            followed_hours_max: fixed(f64::from(watched_seconds_max) / 3600.0),
        })
    }
}
