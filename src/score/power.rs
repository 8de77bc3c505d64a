//! What difference can a planned study find, and how many companies does it need?
//!
//! Each company, or group of companies, counts once, however often it is asked: that is on the
//! safe side. On the same companies the power is that of the exact `McNemar` test; of parallel
//! groups, that of the normal approximation. `score/repeated.rs` has the power of the very
//! analysis, repetitions and all.

use super::comparison::Named;
use super::frame::{About, Compared};
use super::repeated::pairs;
use crate::model::plan::Plan;
use crate::model::study::Chances;
use crate::stats::{Confidence, Discordance, fixed};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use std::collections::{BTreeMap, BTreeSet};

/// The level of the test.
pub const LEVEL: f64 = 0.05;

/// The power that is asked for.
pub const POWER: f64 = 0.8;

/// The rates of the worse side for which differences are told.
const WORSE: [f64; 3] = [0.1, 0.3, 0.5];

/// Most companies that are still told as needed.
const COMPANIES_MAX: u32 = 100_000;

/// What a planned study can find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// Which comparison.
    #[serde(flatten)]
    pub of: Named,
    /// Companies or groups that count: asked on both sides or, in parallel groups, on either.
    pub units: Units,
    /// What can be found, by the rate of the worse side.
    pub finds: Vec<Finds>,
    /// The power under what the study assumes for rehearsals.
    pub assumed: Option<Assumed>,
}

/// How many companies or groups of them count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// The same on both sides.
    Both(u32),
    /// So many on the left, so many on the right.
    Each(u32, u32),
}

/// What can be found where the worse side replies to that share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Finds {
    /// The share of the worse side.
    pub worse: f64,
    /// The smallest difference that is found with a power of 80 %; `None` where even the largest is not.
    pub difference: Option<f64>,
    /// Companies that a difference of 20 points takes.
    pub companies_for_20_points: Option<u32>,
}

/// The power under assumptions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Assumed {
    /// The share of the left side.
    pub left: f64,
    /// The share of the right side.
    pub right: f64,
    /// The probability that their difference is found.
    pub power: f64,
    /// Companies that a power of 80 % takes; `None` where the sides are alike, or it takes too many.
    pub companies: Option<u32>,
}

/// What a plan can find; `None` where nothing is compared. `chances` are what the study assumes
/// of the plan's inquiries, in its order, for what [`super::repeated::asked`] says.
#[must_use]
pub fn power(plan: &Plan, about: &About, chances: &[Chances]) -> Option<Power> {
    let of = Named::of(about)?;
    let sides = of.sides(about);
    let units = units(plan, about.design, &sides);
    let assumed = assumed(plan, about.design, chances, &sides, units);
    let finds = |worse: &f64| Finds {
        worse: *worse,
        difference: smallest(units, *worse).map(fixed),
        companies_for_20_points: needed(units, |units| independent(units, worse + 0.2, *worse)),
    };
    Some(Power { of, units, finds: WORSE.iter().map(finds).collect(), assumed })
}

/// A question, its repetition, and the side it goes out on.
type AskedOn<'p> = (&'p str, u32, usize);

fn units(plan: &Plan, design: Compared, sides: &[Vec<String>; 2]) -> Units {
    let clusters = plan.study.clusters();
    let mut asked: BTreeMap<&str, BTreeSet<AskedOn<'_>>> = BTreeMap::new();
    for inquiry in &plan.inquiries {
        let cluster = clusters.get(&inquiry.company).copied().unwrap_or(inquiry.company.as_str());
        let on = sides.iter().enumerate().filter(|(_, c)| c.iter().any(|c| c == inquiry.channel.name()));
        let entry = asked.entry(cluster).or_default();
        entry.extend(on.map(|(side, _)| (inquiry.question.as_str(), inquiry.repetition, side)));
    }
    let count = |fits: &dyn Fn(&BTreeSet<AskedOn<'_>>) -> bool| {
        u32::try_from(asked.values().filter(|a| fits(a)).count()).unwrap_or(u32::MAX)
    };
    match design {
        Compared::SameCompanies => {
            Units::Both(count(&|a| a.iter().any(|(q, n, side)| *side == 0 && a.contains(&(*q, *n, 1)))))
        }
        Compared::ParallelGroups | Compared::ParallelGroupsByIndustry => {
            Units::Each(count(&|a| a.iter().any(|x| x.2 == 0)), count(&|a| a.iter().any(|x| x.2 == 1)))
        }
    }
}

/// The power where both sides succeed independently of each other. Companies that answer anywhere
/// answer everywhere make it larger: this is on the safe side.
fn independent(units: Units, left: f64, right: f64) -> f64 {
    match units {
        Units::Both(n) => paired(n, left * (1.0 - right), right * (1.0 - left)),
        Units::Each(n, m) => two_samples(n, m, left, right),
    }
}

fn paired(n: u32, left_only: f64, right_only: f64) -> f64 {
    Discordance::new(left_only, right_only).map_or(0.0, |expected| expected.power_exact(n, LEVEL))
}

fn two_samples(n: u32, m: u32, left: f64, right: f64) -> f64 {
    if n == 0 || m == 0 {
        return 0.0;
    }
    let error = (left * (1.0 - left) / f64::from(n) + right * (1.0 - right) / f64::from(m)).sqrt();
    let far = (left - right).abs() / error.max(f64::MIN_POSITIVE) - Confidence::p95().z();
    Normal::standard().cdf(far)
}

/// The smallest difference that is found, to a point.
fn smallest(units: Units, worse: f64) -> Option<f64> {
    let found = |points: u32| independent(units, worse + f64::from(points) / 100.0, worse) >= POWER;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let most = ((1.0 - worse) * 100.0).round() as u32;
    let (mut low, mut high) = (1, most);
    if !found(most) {
        return None;
    }
    while low < high {
        let middle = low.midpoint(high);
        if found(middle) { high = middle } else { low = middle + 1 }
    }
    Some(f64::from(high) / 100.0)
}

/// Companies that a power of 80 % takes: doubled until it is reached, then halved in between.
fn needed(units: Units, power: impl Fn(Units) -> f64) -> Option<u32> {
    let of = |n: u32| match units {
        Units::Both(_) => Units::Both(n),
        Units::Each(..) => Units::Each(n / 2, n - n / 2),
    };
    let mut high = 4;
    while power(of(high)) < POWER {
        high *= 2;
        if high > COMPANIES_MAX {
            return None;
        }
    }
    let mut low = high / 2;
    while low < high {
        let middle = low.midpoint(high);
        if power(of(middle)) >= POWER { high = middle } else { low = middle + 1 }
    }
    Some(high)
}

fn assumed(
    plan: &Plan,
    design: Compared,
    chances: &[Chances],
    sides: &[Vec<String>; 2],
    units: Units,
) -> Option<Assumed> {
    let share = |of: &[Chances]| {
        let (s, d) = of.iter().fold((0.0, 0.0), |(s, d), c| (s + c.succeeds, d + c.delivered));
        (d > 0.0).then(|| s / d)
    };
    match design {
        Compared::SameCompanies => {
            let pairs = pairs(plan, chances, sides);
            let (left, right): (Vec<_>, Vec<_>) = pairs.iter().map(|[left, right]| (*left, *right)).unzip();
            let (left, right) = (share(&left)?, share(&right)?);
            let n = f64::from(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
            // Each pair by its own chances: companies need not be alike.
            let sum = |of: fn(f64, f64) -> f64| {
                let one =
                    |[l, r]: &[Chances; 2]| of(l.succeeds / l.delivered.max(1e-9), r.succeeds / r.delivered.max(1e-9));
                pairs.iter().map(one).sum::<f64>() / n
            };
            let (left_only, right_only) = (sum(|l, r| l * (1.0 - r)), sum(|l, r| r * (1.0 - l)));
            let at = |units| if let Units::Both(n) = units { paired(n, left_only, right_only) } else { 0.0 };
            Some(told(left, right, at(units), needed_if_apart(units, left, right, at)))
        }
        Compared::ParallelGroups | Compared::ParallelGroupsByIndustry => {
            let here = |side: &Vec<String>| {
                let on = plan.inquiries.iter().zip(chances).filter(|(i, _)| side.iter().any(|c| c == i.channel.name()));
                on.map(|(_, chance)| *chance).collect::<Vec<_>>()
            };
            let (left, right) = (share(&here(&sides[0]))?, share(&here(&sides[1]))?);
            let at = |units| independent(units, left, right);
            Some(told(left, right, at(units), needed_if_apart(units, left, right, at)))
        }
    }
}

fn needed_if_apart(units: Units, left: f64, right: f64, power: impl Fn(Units) -> f64) -> Option<u32> {
    ((left - right).abs() > 1e-9).then(|| needed(units, power)).flatten()
}

fn told(left: f64, right: f64, power: f64, companies: Option<u32>) -> Assumed {
    Assumed { left: fixed(left), right: fixed(right), power: fixed(power), companies }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_companies_find_smaller_differences() {
        let smallest_of = |n| smallest(Units::Both(n), 0.3).unwrap();
        assert!(smallest_of(20) > smallest_of(60) && smallest_of(60) > smallest_of(300));
        assert_eq!(smallest(Units::Both(4), 0.3), None, "four pairs can show nothing");
    }

    #[test]
    fn as_many_as_are_needed_are_enough_and_fewer_are_not() {
        let power = |units| independent(units, 0.5, 0.3);
        for units in [Units::Both(1), Units::Each(1, 1)] {
            let n = needed(units, power).unwrap();
            let of = |n: u32| if units == Units::Both(1) { Units::Both(n) } else { Units::Each(n / 2, n - n / 2) };
            assert!(power(of(n)) >= POWER && power(of(n - 8)) < POWER, "{n}");
        }
        assert_eq!(needed(Units::Both(1), |_| 0.0), None);
    }
}
