//! In which place does a company stand, when all shares are known only roughly?
//!
//! The expected rank (Laird and Louis 1989): 1 plus the chances of the others to be better.

use super::beta::Beta;

/// The expected rank of a company of each kind, 1 being best. `kinds` holds what is known of a
/// share, and how many companies that is known of. Companies of a kind share their ranks.
#[must_use]
pub fn expected_ranks(kinds: &[(Beta, u32)]) -> Vec<f64> {
    let curves: Vec<Curve> = kinds.iter().map(|(share, _)| Curve::of(*share)).collect();
    let mut ranks: Vec<f64> =
        kinds.iter().map(|(_, companies)| 1.0 + f64::from(companies.saturating_sub(1)) / 2.0).collect();
    for (i, left) in curves.iter().enumerate() {
        for (j, right) in curves.iter().enumerate().skip(i + 1) {
            let left_is_better = left.chance_above(right);
            ranks[i] += f64::from(kinds[j].1) * (1.0 - left_is_better);
            ranks[j] += f64::from(kinds[i].1) * left_is_better;
        }
    }
    ranks
}

/// A distribution on the scale of log-odds, where it is smooth and falls off on both sides.
struct Curve {
    from: f64,
    step: f64,
    /// Probability of each point's surroundings: they sum to 1.
    mass: Vec<f64>,
    /// Density at each point.
    density: Vec<f64>,
    /// Probability below each point.
    below: Vec<f64>,
}

impl Curve {
    fn of(share: Beta) -> Self {
        const POINTS_MAX: f64 = 20_000.0;
        let Beta { a, b } = share;
        let top = (a / b).ln();
        let log = |x: f64| -a * log_1_plus_exp(-x) - b * log_1_plus_exp(x);
        let height = |x: f64| (log(x) - log(top)).exp();
        let width = ((a + b) / (a * b)).sqrt();
        let reach = |way: f64| {
            let mut distance = width;
            while height(top + way * distance) > 1e-15 {
                distance *= 1.25;
            }
            distance
        };
        let (from, to) = (top - reach(-1.0), top + reach(1.0));
        let step = (width.min(1.0) / 8.0).max((to - from) / POINTS_MAX);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most POINTS_MAX")]
        let points = ((to - from) / step).ceil() as u32 + 1;
        let at = |i: u32| from + f64::from(i) * step;
        let heights: Vec<f64> = (0..points).map(|i| height(at(i))).collect();
        let total: f64 = heights.iter().sum();
        let mass: Vec<f64> = heights.iter().map(|height| height / total).collect();
        let mut before = 0.0;
        let below = (0..points).zip(&mass).map(|(i, mass)| {
            // The sum of a trapezium, with its first correction by Euler and Maclaurin.
            let slope = mass * (a - (a + b) / (1.0 + (-at(i)).exp())) * step;
            let below = before + mass / 2.0 - slope / 12.0;
            before += mass;
            below.clamp(0.0, 1.0)
        });
        let below = below.collect();
        let density = mass.iter().map(|mass| mass / step).collect();
        Self { from, step, mass, density, below }
    }

    /// Probability of being above an independent other. It is summed over the narrower of both,
    /// on whose scale the other is smooth.
    fn chance_above(&self, other: &Self) -> f64 {
        if self.step > other.step {
            return 1.0 - other.chance_above(self);
        }
        if self.from > other.to() {
            return 1.0;
        }
        let mut chance = 0.0;
        let mut x = self.from;
        for mass in &self.mass {
            chance += mass * other.below_at(x);
            x += self.step;
        }
        chance.clamp(0.0, 1.0)
    }

    /// The last point.
    fn to(&self) -> f64 {
        let steps = u32::try_from(self.below.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.from + self.step * f64::from(steps)
    }

    /// Probability below `x`, between two points by the cubic that has their slopes.
    fn below_at(&self, x: f64) -> f64 {
        let place = (x - self.from) / self.step;
        if place <= 0.0 {
            return 0.0;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0; a float saturates")]
        let i = place as usize;
        let (Some(low), Some(high)) = (self.below.get(i), self.below.get(i + 1)) else { return 1.0 };
        let t = place.fract();
        let (slope_low, slope_high) = (self.density[i] * self.step, self.density[i + 1] * self.step);
        let u = 1.0 - t;
        low * u * u * (1.0 + 2.0 * t) + high * t * t * (3.0 - 2.0 * t) + t * u * (slope_low * u - slope_high * t)
    }
}

/// ln(1 + e^x), also where e^x is too large for a number.
fn log_1_plus_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(X > Y) by a fine sum over X.
    fn slowly(x: Beta, y: Beta) -> f64 {
        let n = 1_000;
        (0..n).map(|i| y.below(x.quantile((f64::from(i) + 0.5) / f64::from(n)))).sum::<f64>() / f64::from(n)
    }

    #[test]
    fn chances_to_be_better() {
        let shares = [(4.0, 7.0), (4.5, 300.0), (0.3, 9.0), (5e4, 5e4)].map(|(a, b)| Beta { a, b });
        for (i, x) in shares.into_iter().enumerate() {
            for y in shares.into_iter().skip(i + 1) {
                let found = Curve::of(x).chance_above(&Curve::of(y));
                // Summed over the narrower: the other way round a thousand points miss it.
                let expected = if y.a + y.b > x.a + x.b { 1.0 - slowly(y, x) } else { slowly(x, y) };
                assert!((found - expected).abs() < 5e-5, "{x:?} {y:?} {found} {expected}");
            }
        }
        // Closed form: P(X > Y) of Beta(2, 1) above Beta(1, 1) is the mean of the first, 2/3.
        let exact = Curve::of(Beta { a: 2.0, b: 1.0 }).chance_above(&Curve::of(Beta { a: 1.0, b: 1.0 }));
        assert!((exact - 2.0 / 3.0).abs() < 1e-7, "{exact}");
    }

    #[test]
    fn ranks_of_all_companies_sum_to_those_of_places() {
        let kinds = [(Beta { a: 3.0, b: 8.0 }, 4), (Beta { a: 9.0, b: 2.0 }, 1), (Beta { a: 4.0, b: 4.0 }, 5)];
        let ranks = expected_ranks(&kinds);
        let sum: f64 = ranks.iter().zip(kinds).map(|(rank, (_, companies))| rank * f64::from(companies)).sum();
        assert!((sum - 55.0).abs() < 1e-9, "1 + 2 + … + 10, found {sum}");
        assert!(ranks[1] < ranks[2] && ranks[2] < ranks[0]);
    }
}
