//! What does the first page say? The finding, what carries it, and what was counted beside it.

use super::material::Material;
use crate::model::story::Basis;
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::score::comparison::{Comparison, OnBothSides, Role, ShownBy, usual_threshold};
use crate::score::stories::Promises;
use crate::score::{Rate, Scorecard};
use crate::stats::Estimate;
use serde::Serialize;
use std::collections::BTreeSet;

/// The first page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Companies of the study.
    pub companies: u32,
    /// Companies to which at least one question was delivered.
    pub companies_reached: u32,
    /// What was found.
    pub found: Found,
    /// Whether the instrument was checked in this wave.
    pub instrument: Instrument,
    /// Companies that answered on no channel, all windows being over.
    pub nowhere: u32,
    /// Companies that have not answered so far, and are still being watched.
    pub nowhere_open: u32,
    /// Companies that answered outside, but not through their own form.
    pub outside_only: u32,
    /// Inquiries that a machine acknowledged, and to which nobody replied to the end of the window.
    pub acknowledged_only: u32,
    /// Promises, and what became of them.
    pub promises: Promises,
    /// Companies that sent the asker back to where the asker had been.
    pub circles: u32,
}

/// Whether the instrument was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Instrument {
    /// The wave has no checks of its own: nothing proves that a reply would have been seen.
    NotVerified,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The same companies on both sides.
    Paired(Sides),
    /// Each company on one side.
    Parallel(Sides),
    /// Rates of two sides that nothing pairs.
    Beside {
        /// What counts.
        measure: Measure,
        /// Within how long.
        within: Span,
        /// One side.
        left: SideFound,
        /// The other.
        right: SideFound,
    },
    /// The rate of all.
    All {
        /// What counts.
        measure: Measure,
        /// Within how long.
        within: Span,
        /// It.
        rate: Rate,
    },
    /// Nothing can be said yet.
    Nothing {
        /// What nobody was watched for.
        within: Span,
    },
}

/// Two sides and their difference, told from the better side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sides {
    /// Whether the study fixed it in advance.
    pub role: Role,
    /// What counts.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// The side with the higher rate.
    pub better: SideFound,
    /// The other side.
    pub worse: SideFound,
    /// Companies that were asked on both, or on either.
    pub companies: u32,
    /// Better minus worse.
    pub difference: Estimate,
    /// Whether the data show it.
    pub is_shown: bool,
    /// What shows it.
    pub shown_by: ShownBy,
    /// The exact test's p, where there is one.
    pub p: Option<f64>,
    /// Replies that wait for coding in what the study meant to compare.
    pub uncoded: u32,
}

/// A side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideFound {
    /// Its name.
    pub name: String,
    /// Questions that it succeeded on, of those that count.
    pub rate: Rate,
    /// Companies with at least one success; `None` where they were not told apart.
    pub companies: Option<u32>,
}

/// The comparison that is told: the last, which is the first unless that one waits for coding.
pub(super) fn told(card: &Scorecard) -> Option<&Comparison> {
    card.comparisons.last().filter(|c| c.result.difference.is_some())
}

pub(super) fn summary(card: &Scorecard, material: &Material, pairs: &[OnBothSides]) -> Summary {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let circles: BTreeSet<&str> = material
        .inquiries
        .iter()
        .filter(|i| i.hops.iter().any(|hop| hop.back && hop.basis == Basis::Person))
        .map(|i| i.observed.company.as_str())
        .collect();
    let stories = card.stories.as_ref().map(|stories| &stories.total);
    Summary {
        companies: count(card.companies.len()),
        companies_reached: count(card.companies.iter().filter(|c| c.tally.delivered > 0).count()),
        found: found(card, pairs),
        instrument: Instrument::NotVerified,
        nowhere: count(card.answered_nowhere.iter().filter(|c| c.open == 0).count()),
        nowhere_open: count(card.answered_nowhere.iter().filter(|c| c.open > 0).count()),
        outside_only: count(card.answered_outside_only.len()),
        acknowledged_only: stories.map_or(0, |s| s.acknowledged_then_nothing),
        promises: stories.map(|s| s.coded.promises).unwrap_or_default(),
        circles: count(circles.len()),
    }
}

fn found(card: &Scorecard, pairs: &[OnBothSides]) -> Found {
    if let Some(comparison) = told(card) {
        return paired(card, comparison, pairs);
    }
    if let Some((groups, difference)) = card.parallel.last().and_then(|g| Some((g, g.difference?))) {
        let side = |side: &crate::score::comparison::Side| SideFound {
            name: side.name.clone(),
            rate: side.rate,
            companies: None,
        };
        let (better, worse, difference) = turned(side(&groups.left), side(&groups.right), difference);
        return Found::Parallel(Sides {
            role: groups.role,
            measure: groups.measure,
            within: groups.within,
            companies: better.rate.denominator + worse.rate.denominator,
            better,
            worse,
            difference,
            is_shown: groups.is_shown(),
            shown_by: groups.shown_by(),
            p: None,
            uncoded: card.parallel.first().map_or(0, |g| g.inquiries_uncoded),
        });
    }
    by_rates(card)
}

fn paired(card: &Scorecard, comparison: &Comparison, pairs: &[OnBothSides]) -> Found {
    let succeeded = |of: fn(&OnBothSides) -> u32| {
        u32::try_from(pairs.iter().filter(|company| of(company) > 0).count()).unwrap_or(u32::MAX)
    };
    let left = SideFound {
        name: comparison.left.name.clone(),
        rate: comparison.left.rate,
        companies: Some(succeeded(|c| c.left)),
    };
    let right = SideFound {
        name: comparison.right.name.clone(),
        rate: comparison.right.rate,
        companies: Some(succeeded(|c| c.right)),
    };
    let Some(difference) = comparison.result.difference else {
        return Found::Nothing { within: comparison.within };
    };
    let (better, worse, difference) = turned(left, right, difference);
    Found::Paired(Sides {
        role: comparison.role,
        measure: comparison.measure,
        within: comparison.within,
        better,
        worse,
        companies: comparison.result.companies,
        difference,
        is_shown: comparison.result.is_shown(),
        shown_by: comparison.result.shown_by(),
        p: Some(comparison.result.p_sign_flip),
        uncoded: card.comparisons.first().map_or(0, |c| c.inquiries_uncoded),
    })
}

/// Told from the better side, so that a reader need not think about signs.
fn turned(left: SideFound, right: SideFound, difference: Estimate) -> (SideFound, SideFound, Estimate) {
    if difference.value >= 0.0 {
        return (left, right, difference);
    }
    let interval = crate::stats::Interval { low: -difference.interval.high, high: -difference.interval.low };
    (right, left, Estimate { value: -difference.value, interval })
}

fn by_rates(card: &Scorecard) -> Found {
    let measure = card.about.primary.as_ref().map_or(Measure::Replied, |p| p.measure);
    let within = card.about.primary.as_ref().map_or_else(|| usual_threshold(&card.about), |p| p.within);
    let rate = |tally: &crate::score::Tally| {
        let answers = &tally.before_any_reminder;
        let found = answers.within(within);
        let rate = match measure {
            Measure::Replied => found.map_or(answers.response, |w| w.replied),
            Measure::Adequate => found.map_or(answers.adequate_response, |w| w.adequate),
        };
        Some(rate).filter(|rate| rate.denominator > 0)
    };
    let side = |group: &crate::score::GroupScore| {
        Some(SideFound { name: group.group.clone(), rate: rate(&group.tally)?, companies: None })
    };
    let mut sides = card.groups.iter().filter_map(side);
    if let (Some(left), Some(right)) = (sides.next(), sides.next()) {
        return Found::Beside { measure, within, left, right };
    }
    match rate(&card.total) {
        Some(rate) => Found::All { measure, within, rate },
        None => Found::Nothing { within },
    }
}
