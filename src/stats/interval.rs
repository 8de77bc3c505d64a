//! How sure is an estimate? Levels of confidence, and intervals.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use std::sync::LazyLock;

/// A two-sided level of confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence {
    z: f64,
    tail: f64,
}

/// Both ends of an interval; `low <= high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// An estimate never travels without its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its interval.
    #[serde(flatten)]
    pub interval: Interval,
}

impl Confidence {
    /// 95 %: the level of everything that is published.
    #[must_use]
    pub fn p95() -> Self {
        static P95: LazyLock<Confidence> = LazyLock::new(|| Confidence::of(0.95));
        *P95
    }

    /// A two-sided level between 0 and 1; others are taken to the nearest that makes sense.
    #[must_use]
    pub fn of(level: f64) -> Self {
        let level = level.clamp(0.5, 1.0 - 1e-12);
        Self { z: Normal::standard().inverse_cdf(0.5 + level / 2.0), tail: 0.5 - level / 2.0 }
    }

    /// What lies outside on one side: 0.025 for 95 %.
    #[must_use]
    pub const fn tail(self) -> f64 {
        self.tail
    }

    /// The normal quantile of the level: 1.96 for 95 %.
    #[must_use]
    pub const fn z(self) -> f64 {
        self.z
    }
}

impl Estimate {
    /// The same, rounded as [`fixed`] says.
    #[must_use]
    pub fn fixed(self) -> Self {
        let interval = Interval { low: fixed(self.interval.low), high: fixed(self.interval.high) };
        Self { value: fixed(self.value), interval }
    }
}

/// Rounds to 12 decimals, very small numbers to 12 significant digits: what is stored and printed
/// must not depend on the last bits of a machine's arithmetic.
#[must_use]
pub fn fixed(value: f64) -> f64 {
    const DECIMALS: f64 = 1e12;
    match value.abs() {
        size if size == 0.0 || (1e-3..1e3).contains(&size) => (value * DECIMALS).round() / DECIMALS,
        // Printing is slower, and right at any size.
        _ => format!("{value:.11e}").parse().unwrap_or(value),
    }
}

impl Interval {
    /// Whether `value` lies in it, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
