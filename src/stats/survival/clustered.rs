//! How sure is a curve when companies were asked repeatedly, and the waits of one resemble each other?
//!
//! Each inquiry's influence on the estimate (the infinitesimal jackknife, as R's `survfit` has it with
//! `cluster`) is summed by cluster; what the sums vary is the variance. Where every cluster is one
//! inquiry these are Greenwood's.

use super::Followed;
use super::kaplan_meier::KaplanMeier;
use crate::stats::interval::{Confidence, Estimate, Interval};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::collections::BTreeMap;

/// One inquiry: its cluster, and how it was followed.
pub type InCluster = (u32, Followed);

/// Number of clusters in a sample.
#[must_use]
pub fn clusters_in(sample: &[InCluster]) -> u32 {
    let mut clusters: Vec<u32> = sample.iter().map(|(cluster, _)| *cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    u32::try_from(clusters.len()).unwrap_or(u32::MAX)
}

/// The curve, with limits as wide as the clusters make them, never narrower than Greenwood's;
/// `None` of an empty sample. A single cluster is its own frame: its limits speak of its own inquiries.
#[must_use]
pub fn fit(sample: &[InCluster]) -> Option<KaplanMeier> {
    let curve = KaplanMeier::fit(sample.iter().map(|(_, followed)| *followed))?;
    let clusters = clusters_in(sample);
    if clusters < 2 || clusters == curve.n() {
        return Some(curve);
    }
    Some(curve.widened(&variances(sample, clusters)))
}

/// An inquiry in the order of time; at one moment, replies and censorings alike.
#[derive(Clone, Copy)]
struct Left {
    seconds: u32,
    happened: bool,
    cluster: u32,
}

fn in_order(sample: &[InCluster]) -> Vec<Left> {
    let mut all: Vec<Left> = sample
        .iter()
        .map(|(cluster, followed)| match *followed {
            Followed::UntilEvent(seconds) => Left { seconds, happened: true, cluster: *cluster },
            Followed::UntilCensored(seconds) => Left { seconds, happened: false, cluster: *cluster },
        })
        .collect();
    all.sort_unstable_by_key(|left| (left.seconds, left.cluster, left.happened));
    all
}

/// What a cluster adds: the influence of its inquiries on the logarithm of the curve, negative, is
/// `fixed` minus Greenwood's sum for each that is still `at_risk`.
#[derive(Clone, Copy, Default)]
struct Share {
    fixed: f64,
    at_risk: f64,
}

/// Sums over clusters, from which the variance follows at any moment.
#[derive(Default)]
struct Sums {
    fixed: f64,
    mixed: f64,
    at_risk: f64,
}

impl Sums {
    fn add(&mut self, share: Share, times: f64) {
        self.fixed += times * share.fixed * share.fixed;
        self.mixed += times * share.fixed * share.at_risk;
        self.at_risk += times * share.at_risk * share.at_risk;
    }
}

/// The variance of the curve's logarithm after each moment at which it happened to somebody.
fn variances(sample: &[InCluster], clusters: u32) -> Vec<f64> {
    let mut shares: BTreeMap<u32, Share> = BTreeMap::new();
    for (cluster, _) in sample {
        shares.entry(*cluster).or_default().at_risk += 1.0;
    }
    let mut sums = Sums::default();
    for share in shares.values() {
        sums.add(*share, 1.0);
    }
    let c = f64::from(clusters);
    let mut at_risk = count(sample.len());
    let (mut greenwood, mut variances) = (0.0, Vec::new());
    for moment in in_order(sample).chunk_by(|a, b| a.seconds == b.seconds) {
        let events = count(moment.iter().filter(|left| left.happened).count());
        let stay = at_risk - events;
        if events > 0.0 && stay > 0.0 {
            greenwood += events / (at_risk * stay);
        }
        for of_cluster in moment.chunk_by(|a, b| a.cluster == b.cluster) {
            let Some(share) = shares.get_mut(&of_cluster[0].cluster) else { continue };
            sums.add(*share, -1.0);
            let (gone, happened) =
                (count(of_cluster.len()), count(of_cluster.iter().filter(|left| left.happened).count()));
            share.fixed -= gone * greenwood;
            if stay > 0.0 {
                share.fixed += happened / stay;
            }
            share.at_risk -= gone;
            sums.add(*share, 1.0);
        }
        if events > 0.0 {
            let squares = sums.fixed - 2.0 * greenwood * sums.mixed + greenwood * greenwood * sums.at_risk;
            variances.push(c / (c - 1.0) * squares.max(0.0));
        }
        at_risk -= count(moment.len());
    }
    variances
}

/// The difference of two restricted means, left minus right, where clusters may stand on both sides:
/// what a cluster adds to both is subtracted before it is squared. In seconds, with Student's interval;
/// `None` where a side is empty, or all are one cluster.
#[must_use]
pub fn restricted_mean_difference(
    left: &[InCluster],
    right: &[InCluster],
    seconds: u32,
    confidence: Confidence,
) -> Option<Estimate> {
    let mean = |side: &[InCluster]| {
        Some(KaplanMeier::fit(side.iter().map(|(_, followed)| *followed))?.restricted_mean(seconds).seconds)
    };
    let value = mean(left)? - mean(right)?;
    let mut by_cluster: BTreeMap<u32, f64> = BTreeMap::new();
    for (side, sign) in [(left, 1.0), (right, -1.0)] {
        for (cluster, influence) in influences_on_mean(side, seconds) {
            *by_cluster.entry(cluster).or_default() += sign * influence;
        }
    }
    let c = count(by_cluster.len());
    let t = StudentsT::new(0.0, 1.0, c - 1.0).ok()?.inverse_cdf(1.0 - confidence.tail());
    let half = t * (c / (c - 1.0) * by_cluster.values().map(|sum| sum * sum).sum::<f64>()).sqrt();
    Some(Estimate { value, interval: Interval { low: value - half, high: value + half } })
}

/// What each inquiry adds to the restricted mean.
fn influences_on_mean(sample: &[InCluster], seconds: u32) -> Vec<(u32, f64)> {
    let ordered = in_order(sample);
    let areas = areas_after(&ordered, seconds);
    let mut at_risk = count(ordered.len());
    let (mut passed, mut influences) = (0.0, Vec::with_capacity(ordered.len()));
    for (moment, area) in ordered.chunk_by(|a, b| a.seconds == b.seconds).zip(areas) {
        let events = count(moment.iter().filter(|left| left.happened).count());
        let stay = at_risk - events;
        // Once it has happened to all there is no area left.
        let of_event = if stay > 0.0 { area / stay } else { 0.0 };
        passed += of_event * events / at_risk;
        influences.extend(moment.iter().map(|left| {
            let own = if left.happened { of_event } else { 0.0 };
            (left.cluster, passed - own)
        }));
        at_risk -= count(moment.len());
    }
    influences
}

/// The area under the curve from each moment to the limit.
fn areas_after(ordered: &[Left], seconds: u32) -> Vec<f64> {
    let mut at_risk = count(ordered.len());
    let mut survival = 1.0;
    let steps: Vec<(u32, f64)> = ordered
        .chunk_by(|a, b| a.seconds == b.seconds)
        .map(|moment| {
            survival *= 1.0 - count(moment.iter().filter(|left| left.happened).count()) / at_risk;
            at_risk -= count(moment.len());
            (moment[0].seconds, survival)
        })
        .collect();
    let (mut until, mut area) = (f64::from(seconds), 0.0);
    let mut areas: Vec<f64> = steps
        .iter()
        .rev()
        .map(|(at, survival)| {
            let at = f64::from(*at);
            if at < until {
                area += survival * (until - at);
                until = at;
            }
            area
        })
        .collect();
    areas.reverse();
    areas
}

#[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use Followed::{UntilCensored, UntilEvent};
    use proptest::prelude::*;

    fn sample() -> impl Strategy<Value = Vec<Followed>> {
        let one = (0u32..300, any::<bool>());
        let one = one.prop_map(|(t, event)| if event { UntilEvent(t) } else { UntilCensored(t) });
        proptest::collection::vec(one, 2..50)
    }

    fn each_alone(sample: &[Followed]) -> Vec<InCluster> {
        (0..).zip(sample.iter().copied()).collect()
    }

    /// What leaving each cluster out in turn shows of the same difference.
    fn jackknife(left: &[InCluster], right: &[InCluster], seconds: u32) -> f64 {
        let mean = |side: &[InCluster], without: u32| {
            let rest = side.iter().filter(|(cluster, _)| *cluster != without).map(|(_, f)| *f);
            KaplanMeier::fit(rest).unwrap().restricted_mean(seconds).seconds
        };
        let clusters = clusters_in(&[left, right].concat());
        let all: Vec<f64> = (0..clusters).map(|c| mean(left, c) - mean(right, c)).collect();
        let (c, middle) = (f64::from(clusters), all.iter().sum::<f64>() / f64::from(clusters));
        ((c - 1.0) / c * all.iter().map(|d| (d - middle).powi(2)).sum::<f64>()).sqrt()
    }

    #[test]
    fn companies_on_both_sides_are_compared_with_themselves() {
        // Slow companies are slow on both sides: their difference is far surer than two strangers'.
        let side = |later: u32| (0..40).map(|c| (c, UntilEvent(c * 1_000 + later + c % 3))).collect::<Vec<_>>();
        let (left, right) = (side(60), side(0));
        let paired = restricted_mean_difference(&left, &right, 100_000, Confidence::p95()).unwrap();
        assert!((paired.value - 60.0).abs() < 1.0 && paired.interval.low > 55.0, "{paired:?}");
        let alone =
            |side: &[InCluster]| KaplanMeier::fit(side.iter().map(|(_, f)| *f)).unwrap().restricted_mean(100_000);
        assert!(alone(&left).minus(alone(&right), Confidence::p95()).interval.low < -1_000.0);
    }

    #[test]
    fn the_error_of_a_difference_is_that_of_leaving_companies_out() {
        let wait = |n: u32| if n.is_multiple_of(3) { UntilCensored(n * 37 % 900) } else { UntilEvent(n * 53 % 900) };
        let side = |from: u32| (0..240).map(|n| (n / 4, wait(n + from))).collect::<Vec<_>>();
        let (left, right) = (side(1), side(7));
        let told = restricted_mean_difference(&left, &right, 600, Confidence::p95()).unwrap();
        let half = (told.interval.high - told.interval.low) / 2.0;
        let ratio = half / (2.0 * jackknife(&left, &right, 600));
        assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
    }

    #[test]
    fn one_company_shows_no_difference_however_often_it_was_asked() {
        let side = vec![(7, UntilEvent(3)); 9];
        assert_eq!(restricted_mean_difference(&side, &side, 10, Confidence::p95()), None);
        assert_eq!(fit(&side).unwrap(), KaplanMeier::fit(side.iter().map(|(_, f)| *f)).unwrap());
    }

    proptest! {
        #[test]
        fn where_each_is_alone_the_variance_is_greenwoods(sample in sample()) {
            let curve = KaplanMeier::fit(sample.iter().copied()).unwrap();
            let n = count(sample.len());
            let by_cluster = variances(&each_alone(&sample), curve.n());
            prop_assert_eq!(by_cluster.len(), curve.greenwood_sums().count());
            for (ours, greenwood) in by_cluster.iter().zip(curve.greenwood_sums()) {
                let ours = ours * (n - 1.0) / n;
                // After the last event nothing is left to vary.
                prop_assert!(greenwood.is_infinite() || (ours - greenwood).abs() < 1e-9 * greenwood.max(1.0));
            }
        }

        #[test]
        fn asking_everybody_again_with_the_same_answers_makes_nothing_surer(sample in sample()) {
            let once = each_alone(&sample);
            let thrice = [once.as_slice(), &once, &once].concat();
            let n = u32::try_from(sample.len()).unwrap();
            let finite = |v: &f64| v.is_finite();
            let (once, thrice) = (variances(&once, n), variances(&thrice, n));
            for (once, thrice) in once.iter().zip(&thrice).filter(|(a, b)| finite(a) && finite(b)) {
                // The moment at which nobody is left says nothing.
                prop_assert!((once - thrice).abs() < 1e-9 * once.max(1.0), "{} {}", once, thrice);
            }
        }

        #[test]
        fn limits_only_widen(sample in sample()) {
            let sample: Vec<_> = sample.into_iter().enumerate()
                .map(|(i, f)| (u32::try_from(i / 3).unwrap(), f)).collect();
            let (plain, wide) = (KaplanMeier::fit(sample.iter().map(|(_, f)| *f)).unwrap(), fit(&sample).unwrap());
            for seconds in 0..300 {
                prop_assert!((plain.survival(seconds) - wide.survival(seconds)).abs() < 1e-15);
                let [plain, wide] = [&plain, &wide].map(|curve| curve.estimate(seconds, Confidence::p95()));
                if let Some((plain, wide)) = plain.zip(wide) {
                    prop_assert!(wide.interval.low <= plain.interval.low && wide.interval.high >= plain.interval.high);
                }
            }
        }
    }
}
