//! To which share did it happen, when for some it no longer can? A bounced message is never answered.
//!
//! The estimate of Aalen and Johansen (1978): bounces are not taken for messages that might still
//! be answered, as a Kaplan–Meier curve would take them.

use crate::stats::interval::{Confidence, Estimate, Interval};

/// How one was followed where two things may happen, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Competing {
    /// What is waited for happened then.
    UntilEvent(u32),
    /// What makes it impossible happened then.
    UntilOther(u32),
    /// Neither had happened by then, and nobody looked further.
    UntilCensored(u32),
}

/// The share to whom it happened, by time, in one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct AalenJohansen {
    n: u32,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    seconds: u32,
    incidence: f64,
    variance: f64,
}

/// Running sums of the variance: of squares of what each moment adds to the curve at its own
/// height, and of how that fades as the curve goes on.
#[derive(Default)]
struct Sums {
    squares: f64,
    mixed: f64,
    fading: f64,
}

impl AalenJohansen {
    /// Fits the curve; `None` of an empty sample.
    #[must_use]
    pub fn fit(sample: impl IntoIterator<Item = Competing>) -> Option<Self> {
        // Events come before censoring at the same moment.
        let mut times: Vec<(u32, u8)> = sample
            .into_iter()
            .map(|followed| match followed {
                Competing::UntilEvent(seconds) => (seconds, 0),
                Competing::UntilOther(seconds) => (seconds, 1),
                Competing::UntilCensored(seconds) => (seconds, 2),
            })
            .collect();
        times.sort_unstable();
        let n = u32::try_from(times.len()).ok().filter(|n| *n > 0)?;
        let mut steps = Vec::new();
        let mut at_risk = n;
        let (mut free, mut incidence) = (1.0, 0.0);
        let mut sums = Sums::default();
        for same_moment in times.chunk_by(|a, b| a.0 == b.0) {
            let count = |kind: u8| u32::try_from(same_moment.iter().filter(|t| t.1 == kind).count()).unwrap_or(0);
            let (events, others) = (count(0), count(1));
            if events + others > 0 {
                let r = f64::from(at_risk);
                let free_after = free * (r - f64::from(events + others)) / r;
                incidence += free * f64::from(events) / r;
                sums.add(free, free_after, incidence, others, at_risk, false);
                sums.add(free, free_after, incidence, events, at_risk, true);
                free = free_after;
                if events > 0 {
                    let variance = sums.squares + incidence * (incidence * sums.fading - 2.0 * sums.mixed);
                    steps.push(Step { seconds: same_moment[0].0, incidence, variance: variance.max(0.0) });
                }
            }
            at_risk -= u32::try_from(same_moment.len()).unwrap_or(at_risk);
        }
        Some(Self { n, steps })
    }

    /// Size of the sample.
    #[must_use]
    pub const fn n(&self) -> u32 {
        self.n
    }

    /// Share to whom it happened within `seconds`.
    #[must_use]
    pub fn incidence(&self, seconds: u32) -> f64 {
        self.step(seconds).map_or(0.0, |step| step.incidence)
    }

    /// Standard error of that share (Aalen 1978, with the correction for ties that Gray's
    /// `cmprsk` has).
    #[must_use]
    pub fn standard_error(&self, seconds: u32) -> f64 {
        self.step(seconds).map_or(0.0, |step| step.variance.sqrt())
    }

    /// The share with its log-log limits, which stay within 0 to 1; `None` before the first event
    /// and where it happened to all.
    #[must_use]
    pub fn estimate(&self, seconds: u32, confidence: Confidence) -> Option<Estimate> {
        let value = self.incidence(seconds);
        if value <= 0.0 || value >= 1.0 {
            return None;
        }
        let theta = confidence.z() * self.standard_error(seconds) / (value * value.ln());
        let (a, b) = (value.powf(theta.exp()), value.powf((-theta).exp()));
        Some(Estimate { value, interval: Interval { low: a.min(b), high: a.max(b) } })
    }

    fn step(&self, seconds: u32) -> Option<&Step> {
        let after = self.steps.partition_point(|s| s.seconds <= seconds);
        self.steps[..after].last()
    }
}

impl Sums {
    /// What `happened` at one moment adds: `counted` where it is what is waited for.
    fn add(&mut self, free: f64, free_after: f64, incidence: f64, happened: u32, at_risk: u32, counted: bool) {
        if happened == 0 || (!counted && free_after <= 0.0) {
            return;
        }
        let (d, r) = (f64::from(happened), f64::from(at_risk));
        let ties = if happened > 1 { 1.0 - (d - 1.0) / (r - 1.0) } else { 1.0 };
        let term = free * free * ties * d / (r * r);
        let fade = if free_after > 0.0 { 1.0 / free_after } else { 0.0 };
        let weight = incidence * fade + if counted { 1.0 } else { 0.0 };
        self.squares += weight * weight * term;
        self.mixed += weight * fade * term;
        self.fading += fade * fade * term;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Followed, KaplanMeier};
    use Competing::{UntilCensored, UntilEvent, UntilOther};
    use proptest::prelude::*;

    #[test]
    fn a_bounced_message_is_never_answered() {
        let curve = AalenJohansen::fit([UntilOther(1), UntilEvent(2), UntilCensored(3), UntilCensored(3)]).unwrap();
        assert!((curve.incidence(9) - 0.25).abs() < 1e-15);
        assert!(curve.incidence(1).abs() < 1e-15 && curve.standard_error(1).abs() < 1e-15);
    }

    #[test]
    fn nobody_followed_is_no_curve() {
        assert_eq!(AalenJohansen::fit([]), None);
    }

    proptest! {
        #[test]
        fn without_what_competes_it_is_one_minus_kaplan_meier(
            sample in proptest::collection::vec((0u32..60, any::<bool>()), 1..60),
        ) {
            let pick = |event: bool, t: u32| if event { UntilEvent(t) } else { UntilCensored(t) };
            let curve = AalenJohansen::fit(sample.iter().map(|(t, event)| pick(*event, *t))).unwrap();
            let followed = |(t, event): &(u32, bool)| {
                if *event { Followed::UntilEvent(*t) } else { Followed::UntilCensored(*t) }
            };
            let km = KaplanMeier::fit(sample.iter().map(followed)).unwrap();
            for seconds in 0..60 {
                prop_assert!((curve.incidence(seconds) - (1.0 - km.survival(seconds))).abs() < 1e-12);
                if let Some(estimate) = curve.estimate(seconds, Confidence::p95()) {
                    prop_assert!(estimate.interval.contains(estimate.value));
                }
            }
        }

        #[test]
        fn without_censoring_it_is_a_plain_share(
            sample in proptest::collection::vec((0u32..60, any::<bool>()), 1..60),
        ) {
            let pick = |event: bool, t: u32| if event { UntilEvent(t) } else { UntilOther(t) };
            let curve = AalenJohansen::fit(sample.iter().map(|(t, event)| pick(*event, *t))).unwrap();
            let happened = sample.iter().filter(|(t, event)| *event && *t <= 30).count();
            #[allow(clippy::cast_precision_loss)]
            let share = happened as f64 / sample.len() as f64;
            prop_assert!((curve.incidence(30) - share).abs() < 1e-12);
        }
    }
}
