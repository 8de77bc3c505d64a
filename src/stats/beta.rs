//! How much of a beta distribution lies below a share, and below which share does so much lie?
//!
//! Good for parameters from 1e-4 to 1e7; the continued fraction of other libraries stops too early.

use super::binomial::density;
use serde::{Deserialize, Serialize};

/// A beta distribution: what is known of a share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Beta {
    /// First parameter, above 0.
    pub a: f64,
    /// Second parameter, above 0.
    pub b: f64,
}

impl Beta {
    /// The mean.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// Probability of a share of at most `x`.
    #[must_use]
    pub fn below(self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        // The fraction converges quickly on this side of the mean only.
        if x <= (self.a + 1.0) / (self.a + self.b + 2.0) {
            self.kernel(x) / self.a * fraction(self.a, self.b, x)
        } else {
            1.0 - self.kernel(x) / self.b * fraction(self.b, self.a, 1.0 - x)
        }
    }

    /// The share below which lies `probability`.
    #[must_use]
    pub fn quantile(self, probability: f64) -> f64 {
        if probability <= 0.0 {
            return 0.0;
        }
        if probability >= 1.0 {
            return 1.0;
        }
        // On the scale of log-odds a quantile next to 0 is as easily found as another.
        let (mut low, mut high) = (-744.0, 40.0);
        let mut odds = (self.a / self.b).ln().clamp(low, high);
        for _ in 0..200 {
            let x = share_of(odds);
            let off = self.below(x) - probability;
            if off > 0.0 {
                high = odds;
            } else {
                low = odds;
            }
            let newton = odds - off / self.kernel(x);
            let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            if (next - odds).abs() <= 1e-15 * odds.abs().max(0.1) {
                return share_of(next);
            }
            odds = next;
        }
        share_of(odds)
    }

    /// x^a (1-x)^b / B(a, b).
    fn kernel(self, x: f64) -> f64 {
        let n = self.a + self.b;
        self.a * self.b / n * density(self.a, n, x)
    }
}

/// The share of which these are the log-odds.
fn share_of(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The continued fraction of the incomplete beta function, by Lentz's method (Abramowitz and
/// Stegun 26.5.8). It needs about the square root of the larger parameter in steps.
#[allow(clippy::many_single_char_names, reason = "as Lentz and the handbook write them")]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const STEPS_MAX: u32 = 100_000;
    let away_from_0 = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_0(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for m in (1..STEPS_MAX).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_0(1.0 + term * d);
            c = away_from_0(1.0 + term / c);
            change = c * d;
            result *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{found} {expected}");
    }

    #[test]
    fn shares_of_known_distributions() {
        let arcsine = Beta { a: 0.5, b: 0.5 };
        near(arcsine.below(0.25), 2.0 / std::f64::consts::PI * 0.5_f64.asin());
        near(Beta { a: 1.0, b: 1.0 }.below(0.3), 0.3);
        near(Beta { a: 3.0, b: 1.0 }.quantile(0.125), 0.5);
        near(Beta { a: 1e6, b: 1e6 }.below(0.5), 0.5);
        near(Beta { a: 1e-3, b: 1e-3 }.below(0.5), 0.5);
    }

    proptest! {
        #[test]
        fn a_quantile_has_its_probability_below_it(
            a in -2.0_f64..5.0, b in -2.0_f64..5.0, p in 0.001_f64..0.999,
        ) {
            let beta = Beta { a: 10_f64.powf(a), b: 10_f64.powf(b) };
            let x = beta.quantile(p);
            // Where nearly all lies next to 0 or 1 no share has that much below it to the last digit.
            if x > 1e-250 && x < 1.0 - 1e-9 {
                prop_assert!((beta.below(x) - p).abs() < 1e-7, "{beta:?} {p} {x} {}", beta.below(x));
            }
        }
    }
}
