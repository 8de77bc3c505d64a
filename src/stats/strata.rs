//! Which of two groups of companies does better, when they are compared within industries only?

use super::interval::{Confidence, Estimate, Interval};
use super::proportion::Proportion;

/// Left share minus right share, averaged over strata with the weights of Mantel and Haenszel
/// (1959). Its interval adds up Newcombe's intervals of the strata, each side by its squares
/// (Zou and Donner 2008), so it stays sensible where a stratum has few trials or no success.
/// A stratum in which one side has no trials cannot be compared, and is left out; `None` where all
/// are. Of a single stratum it is [`Proportion::minus`].
#[must_use]
pub fn stratified_difference(strata: &[(Proportion, Proportion)], confidence: Confidence) -> Option<Estimate> {
    let compared: Vec<(f64, Estimate)> = strata
        .iter()
        .filter_map(|(left, right)| Some((weight(*left, *right), left.minus(*right, confidence)?)))
        .collect();
    let total: f64 = compared.iter().map(|(weight, _)| weight).sum();
    if compared.is_empty() {
        return None;
    }
    let sum = |of: fn(&Estimate) -> f64| compared.iter().map(|(w, e)| w / total * of(e)).sum::<f64>();
    let root = |of: fn(&Estimate) -> f64| compared.iter().map(|(w, e)| (w / total * of(e)).powi(2)).sum::<f64>().sqrt();
    let value = sum(|e| e.value);
    let low = value - root(|e| e.value - e.interval.low);
    let high = value + root(|e| e.interval.high - e.value);
    Some(Estimate { value, interval: Interval { low: low.max(-1.0), high: high.min(1.0) } })
}

fn weight(left: Proportion, right: Proportion) -> f64 {
    let (n, m) = (f64::from(left.of()), f64::from(right.of()));
    n * m / (n + m)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P95: fn() -> Confidence = Confidence::p95;

    #[test]
    fn one_stratum_is_the_plain_difference_and_an_empty_one_says_nothing() {
        let (left, right, none) = (Proportion::new(8, 20), Proportion::new(3, 15), Proportion::new(0, 0));
        let plain = left.minus(right, P95()).unwrap();
        let found = stratified_difference(&[(left, right), (none, right)], P95()).unwrap();
        assert!((found.value - plain.value).abs() < 1e-15 && (found.interval.low - plain.interval.low).abs() < 1e-15);
        assert_eq!(stratified_difference(&[(left, none)], P95()), None);
        assert_eq!(stratified_difference(&[], P95()), None);
    }

    #[test]
    fn what_differs_between_industries_is_no_difference_between_groups() {
        // Left was asked mostly in the industry that answers: pooled it looks better.
        let strata =
            [(Proportion::new(72, 90), Proportion::new(8, 10)), (Proportion::new(2, 10), Proportion::new(18, 90))];
        let found = stratified_difference(&strata, P95()).unwrap();
        assert!(found.value.abs() < 1e-15 && found.interval.contains(0.0));
    }

    proptest! {
        #[test]
        fn the_difference_lies_in_its_interval(
            strata in proptest::collection::vec((0u32..9, 0u32..9, 0u32..9, 0u32..9), 1..6),
        ) {
            let strata: Vec<_> =
                strata.iter().map(|(a, b, c, d)| (Proportion::new(*a, a + b), Proportion::new(*c, c + d))).collect();
            if let Some(found) = stratified_difference(&strata, P95()) {
                prop_assert!(found.interval.low <= found.value + 1e-12 && found.value <= found.interval.high + 1e-12);
            }
        }
    }
}
