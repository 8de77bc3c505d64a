//! How likely is each number of successes, also among a million trials?
//!
//! Probabilities are worked out by the deviance (Loader 2000, "Fast and accurate computation of
//! binomial probabilities"): factorials of large numbers would lose the digits that matter.

use statrs::function::gamma::ln_gamma;
use std::f64::consts::{LN_2, PI};

/// Probability of exactly `successes` of `trials`, each with chance `p`.
#[must_use]
pub fn pmf(successes: u32, trials: u32, p: f64) -> f64 {
    if successes > trials {
        return 0.0;
    }
    density(f64::from(successes), f64::from(trials), p)
}

/// Probability of at most `successes` of `trials` at even chances, summed from its largest term
/// down: every digit is right also where it is very small.
#[must_use]
pub fn lower_tail_even(successes: u32, trials: u32) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    if u64::from(successes) * 2 >= u64::from(trials) {
        return 1.0 - lower_tail_even(trials - successes - 1, trials);
    }
    let mut term = pmf(successes, trials, 0.5);
    let mut sum = 0.0;
    for k in (0..=successes).rev() {
        sum += term;
        if term <= sum * f64::EPSILON / 16.0 {
            break;
        }
        term *= f64::from(k) / f64::from(trials - k + 1);
    }
    sum.min(1.0)
}

/// Binomial probability of `x` of `n`, which need not be whole numbers.
#[allow(clippy::many_single_char_names, reason = "as Loader writes them")]
pub(super) fn density(x: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    if p <= 0.0 || q <= 0.0 {
        let certain = if p <= 0.0 { 0.0 } else { n };
        return if (x - certain).abs() <= 0.0 { 1.0 } else { 0.0 };
    }
    if x <= 0.0 {
        return (n * (-p).ln_1p()).exp();
    }
    if x >= n {
        return (n * p.ln()).exp();
    }
    let y = n - x;
    let log = stirling_error(n) - stirling_error(x) - stirling_error(y) - deviance(x, n * p) - deviance(y, n * q);
    log.exp() * (n / (2.0 * PI * x * y)).sqrt()
}

/// ln(n!) minus Stirling's approximation of it.
fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (LN_2 + PI.ln());
    }
    let square = n * n;
    let tail = 1.0 / 1680.0 - 1.0 / (1188.0 * square);
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - tail / square) / square) / square) / n
}

/// x ln(x / m) + m - x, also where x and m are nearly the same.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let (mut sum, mut power, mut odd) = ((x - m) * v, 2.0 * x * v, 1.0);
    loop {
        power *= v * v;
        odd += 2.0;
        let next = sum + power / odd;
        if next.to_bits() == sum.to_bits() || odd > 1000.0 {
            return next;
        }
        sum = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} {expected}");
    }

    #[test]
    fn chances_of_few_and_of_very_many() {
        near(pmf(2, 4, 0.5), 0.375);
        near(pmf(0, 3, 0.1), 0.729);
        near(pmf(3, 3, 0.1), 0.001);
        assert!((0..=100).map(|k| pmf(k, 100, 0.37)).sum::<f64>() - 1.0 < 1e-12);
        // The middle of 1,000,000: sqrt(2 / (pi n)) (1 - 1 / (4 n) + 1 / (32 n^2)).
        let n = 1e6_f64;
        near(pmf(500_000, 1_000_000, 0.5), (2.0 / (PI * n)).sqrt() * (1.0 - 0.25 / n + 1.0 / (32.0 * n * n)));
        near(pmf(0, 0, 0.3), 1.0);
    }

    #[test]
    fn the_tail_of_even_chances() {
        near(lower_tail_even(1, 8), 9.0 / 256.0);
        near(lower_tail_even(7, 8), 255.0 / 256.0);
        near(lower_tail_even(0, 0), 1.0);
        let half = lower_tail_even(249_999, 500_000);
        near(half + pmf(250_000, 500_000, 0.5) / 2.0, 0.5);
    }
}
