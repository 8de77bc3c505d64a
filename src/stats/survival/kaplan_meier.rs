//! To which share has it not happened yet? The curve of Kaplan and Meier (1958), and what is read from it.
//!
//! Limits and errors take those followed as independent (Greenwood 1926). Where a company was asked
//! repeatedly they are too narrow: 85 % instead of 95 % of six repeats each, in `examples/calibration/`.
//! [`super::clustered`] has those that are not.

use super::{Followed, Reached};
use crate::stats::interval::{Confidence, Estimate, Interval};
use serde::{Deserialize, Serialize};

/// The interval of a median.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MedianLimits {
    /// Lower end.
    pub low: Reached,
    /// Upper end.
    pub high: Reached,
}

/// The Kaplan–Meier estimate of one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    n: u32,
    events: u32,
    steps: Vec<Step>,
}

/// The curve after the events of one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    seconds: u32,
    survival: f64,
    /// Greenwood's sum of d / (n (n - d)); infinite once nobody is left.
    greenwood: f64,
    /// Its term of this moment.
    term: f64,
}

/// A mean of times that are cut off at a limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RestrictedMean {
    /// The mean, in seconds.
    pub seconds: f64,
    /// Its standard error, in seconds.
    pub standard_error: f64,
}

impl RestrictedMean {
    /// This mean minus another's, of independent samples, in seconds, with the normal interval.
    #[must_use]
    pub fn minus(self, other: Self, confidence: Confidence) -> Estimate {
        let value = self.seconds - other.seconds;
        let half = confidence.z() * self.standard_error.hypot(other.standard_error);
        Estimate { value, interval: Interval { low: value - half, high: value + half } }
    }
}

/// A curve that meets a level exactly meets it in arithmetic too: 0.5 is often 0.5000000000000001.
const FLAT: f64 = 1e-12;

impl KaplanMeier {
    /// Fits the curve; `None` of an empty sample.
    ///
    /// Whoever is censored at the moment of an event was still at risk at it.
    #[must_use]
    pub fn fit(sample: impl IntoIterator<Item = Followed>) -> Option<Self> {
        let mut times: Vec<(u32, bool)> = sample
            .into_iter()
            .map(|followed| match followed {
                Followed::UntilEvent(seconds) => (seconds, true),
                Followed::UntilCensored(seconds) => (seconds, false),
            })
            .collect();
        times.sort_unstable();
        let n = u32::try_from(times.len()).ok()?;
        if n == 0 {
            return None;
        }
        let mut fitted = Self { n, events: 0, steps: Vec::new() };
        let mut at_risk = n;
        // Until somebody is censored the curve is a plain share of those who were at risk since the
        // last time: so a curve without censoring is exact, and long ones lose no digits.
        let (mut since, mut survival_since) = (n, 1.0);
        let (mut survival, mut greenwood) = (1.0, 0.0);
        for same_moment in times.chunk_by(|a, b| a.0 == b.0) {
            let count = |events: bool| u32::try_from(same_moment.iter().filter(|t| t.1 == events).count()).unwrap_or(0);
            let (events, censored) = (count(true), count(false));
            if events > 0 {
                let (d, r) = (f64::from(events), f64::from(at_risk));
                survival = survival_since * (r - d) / f64::from(since);
                let term = d / (r * (r - d));
                greenwood += term;
                fitted.events += events;
                fitted.steps.push(Step { seconds: same_moment[0].0, survival, greenwood, term });
            }
            at_risk -= events + censored;
            if censored > 0 {
                (since, survival_since) = (at_risk, survival);
            }
        }
        Some(fitted)
    }

    /// The same curve with limits from these variances of its logarithm, one a step, where they are larger.
    pub(super) fn widened(mut self, variances: &[f64]) -> Self {
        for (step, variance) in self.steps.iter_mut().zip(variances) {
            step.greenwood = step.greenwood.max(*variance);
        }
        self
    }

    /// Greenwood's sum of each step.
    #[cfg(test)]
    pub(super) fn greenwood_sums(&self) -> impl Iterator<Item = f64> {
        self.steps.iter().map(|step| step.greenwood)
    }

    /// Size of the sample.
    #[must_use]
    pub const fn n(&self) -> u32 {
        self.n
    }

    /// Number to whom it happened.
    #[must_use]
    pub const fn events(&self) -> u32 {
        self.events
    }

    /// Share to whom it has not happened after `seconds`.
    #[must_use]
    pub fn survival(&self, seconds: u32) -> f64 {
        self.step(seconds).map_or(1.0, |s| s.survival)
    }

    /// Greenwood's standard error of the survival; `None` before the first event, and once
    /// the curve is at 0.
    #[must_use]
    pub fn standard_error(&self, seconds: u32) -> Option<f64> {
        self.step(seconds).filter(|s| s.survival > 0.0).map(|s| s.survival * s.greenwood.sqrt())
    }

    /// The survival with its log-log limits; `None` where there are none: before the first
    /// event, and once the curve is at 0.
    #[must_use]
    pub fn estimate(&self, seconds: u32, confidence: Confidence) -> Option<Estimate> {
        let step = self.step(seconds)?;
        Some(Estimate { value: step.survival, interval: step.log_log(confidence)? })
    }

    /// The first moment at which the curve is at `level` or below: the median is at 0.5.
    #[must_use]
    pub fn reaches(&self, level: f64) -> Reached {
        self.steps.iter().find(|s| s.survival <= level + FLAT).map_or(Reached::NotReached, |s| Reached::At(s.seconds))
    }

    /// The median: when it had happened to half.
    #[must_use]
    pub fn median(&self) -> Reached {
        self.reaches(0.5)
    }

    /// The median's limits (Brookmeyer and Crowley 1982, log-log): the first moments at which
    /// the curve's lower and upper limits are at one half or below. Steps at 0 have no limits.
    #[must_use]
    pub fn median_limits(&self, confidence: Confidence) -> MedianLimits {
        self.limits(0.5, confidence)
    }

    /// The same limits of any quantile: the first moments at which the curve's limits are at `level` or below.
    #[must_use]
    pub fn limits(&self, level: f64, confidence: Confidence) -> MedianLimits {
        let first = |end: fn(&Interval) -> f64| {
            self.steps
                .iter()
                .find(|s| s.log_log(confidence).is_some_and(|limits| end(&limits) <= level))
                .map_or(Reached::NotReached, |s| Reached::At(s.seconds))
        };
        MedianLimits { low: first(|limits| limits.low), high: first(|limits| limits.high) }
    }

    /// The mean time until it happens, of which no more than `seconds` counts, with its standard
    /// error (Greenwood's, as R's `survfit` prints it): how long one waits on average within that
    /// time. Past the last observation the curve is carried on flat. Both in seconds.
    #[must_use]
    pub fn restricted_mean(&self, seconds: u32) -> RestrictedMean {
        let mut until = f64::from(seconds);
        let (mut area, mut variance) = (0.0, 0.0);
        for step in self.steps.iter().rev().filter(|step| step.seconds < seconds) {
            area += step.survival * (until - f64::from(step.seconds));
            until = f64::from(step.seconds);
            // The last step to 0 has an infinite term, and no area after it.
            if area > 0.0 {
                variance += area * area * step.term;
            }
        }
        RestrictedMean { seconds: area + until, standard_error: variance.sqrt() }
    }

    fn step(&self, seconds: u32) -> Option<&Step> {
        let after = self.steps.partition_point(|s| s.seconds <= seconds);
        self.steps[..after].last()
    }
}

impl Step {
    fn log_log(&self, confidence: Confidence) -> Option<Interval> {
        if self.survival <= 0.0 || self.survival >= 1.0 {
            return None;
        }
        let theta = confidence.z() * self.greenwood.sqrt() / self.survival.ln();
        let (a, b) = (self.survival.powf(theta.exp()), self.survival.powf((-theta).exp()));
        Some(Interval { low: a.min(b), high: a.max(b) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Followed::{UntilCensored, UntilEvent};
    use proptest::prelude::*;

    #[test]
    fn one_censored_at_the_moment_of_an_event_was_still_at_risk() {
        let curve = KaplanMeier::fit([UntilEvent(10), UntilCensored(10)]).unwrap();
        assert!((curve.survival(10) - 0.5).abs() < 1e-15);
        assert_eq!(curve.median(), Reached::At(10));
    }

    #[test]
    fn a_curve_that_stays_above_half_has_no_median() {
        let curve = KaplanMeier::fit([UntilEvent(5), UntilCensored(9), UntilCensored(9)]).unwrap();
        assert_eq!(curve.median(), Reached::NotReached);
        assert_eq!((curve.n(), curve.events()), (3, 1));
    }

    #[test]
    fn an_answer_in_no_time_is_an_answer() {
        let curve = KaplanMeier::fit([UntilEvent(0), UntilEvent(0), UntilCensored(5)]).unwrap();
        assert_eq!(curve.median(), Reached::At(0));
    }

    #[test]
    fn a_restricted_mean_is_the_area_under_the_curve() {
        let curve = KaplanMeier::fit([UntilEvent(10), UntilEvent(30), UntilCensored(40)]).unwrap();
        let mean = curve.restricted_mean(60);
        assert!((mean.seconds - (10.0 + 20.0 * 2.0 / 3.0 + 30.0 / 3.0)).abs() < 1e-12);
        let all = KaplanMeier::fit([UntilEvent(10), UntilEvent(30)]).unwrap().restricted_mean(60);
        assert!((all.seconds - 20.0).abs() < 1e-12 && all.standard_error.is_finite());
        let none = KaplanMeier::fit([UntilCensored(5)]).unwrap().restricted_mean(60);
        assert!((none.seconds - 60.0).abs() < 1e-12 && none.standard_error.abs() < 1e-12);
    }

    #[test]
    fn nobody_followed_is_no_curve() {
        assert_eq!(KaplanMeier::fit([]), None);
    }

    fn sample() -> impl Strategy<Value = Vec<Followed>> {
        let one =
            (0u32..500, any::<bool>()).prop_map(|(t, event)| if event { UntilEvent(t) } else { UntilCensored(t) });
        proptest::collection::vec(one, 1..60)
    }

    proptest! {
        #[test]
        fn the_curve_only_falls_and_lies_in_its_limits(sample in sample()) {
            let curve = KaplanMeier::fit(sample).unwrap();
            let mut before = 1.0;
            for seconds in 0..500 {
                let now = curve.survival(seconds);
                prop_assert!((0.0..=before).contains(&now));
                if let Some(estimate) = curve.estimate(seconds, Confidence::p95()) {
                    prop_assert!(estimate.interval.contains(now));
                }
                before = now;
            }
        }

        #[test]
        fn without_censoring_the_curve_is_the_share_left(times in proptest::collection::vec(0u32..50, 1..40)) {
            let curve = KaplanMeier::fit(times.iter().copied().map(UntilEvent)).unwrap();
            for seconds in 0..50 {
                let left = times.iter().filter(|t| **t > seconds).count();
                #[allow(clippy::cast_precision_loss)]
                let share = left as f64 / times.len() as f64;
                prop_assert!((curve.survival(seconds) - share).abs() < 1e-12);
            }
        }

        #[test]
        fn the_order_of_the_sample_does_not_matter(mut sample in sample()) {
            let curve = KaplanMeier::fit(sample.clone());
            sample.reverse();
            prop_assert_eq!(curve, KaplanMeier::fit(sample));
        }
    }
}
