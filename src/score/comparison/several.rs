//! How do all channels, or all channel groups, compare? Exploratory, whatever it shows.

use super::{Key, Paired, Tried, attempted, pairs, usual_threshold};
use crate::model::observation::Observed;
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::score::frame::{About, Compared};
use crate::score::tally::Reading;
use crate::score::waits::followed;
use crate::stats::{
    CochranQ, Confidence, Estimate, Interval, KaplanMeier, LogRankRow, LogRankSample, cochran_q, fixed, holm,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most sides that are held against each other: a table may call anything a channel, and pairs of
/// hundreds say nothing.
const SIDES_MAX: usize = 24;

/// Sides held against each other, before any reminder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Several {
    /// What the sides are.
    pub of: SidesOf,
    /// What counts as success.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// The sides.
    pub sides: Vec<String>,
    /// Cochran's Q over the questions that went out on all of three or more sides: whether any
    /// side differs at all. `None` of two sides, and of parallel groups.
    pub cochran: Option<CochranQ>,
    /// Every two sides.
    pub pairs: Vec<TwoSides>,
    /// The log-rank test of all waits for any reply; by company, in parallel groups by industry.
    pub log_rank: Option<Waits>,
}

/// What is held against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SidesOf {
    /// Channels.
    Channels,
    /// Channel groups.
    Groups,
}

/// Two of the sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TwoSides {
    /// One side.
    pub left: String,
    /// The other side.
    pub right: String,
    /// What the pairs show; `None` of parallel groups, and where no question went out on both.
    pub result: Option<Paired>,
    /// The sign-flip test's p, adjusted for all pairs of sides (Holm 1979).
    pub p_holm: Option<f64>,
    /// The log-rank test of these two.
    pub log_rank: Option<Waits>,
    /// Restricted mean wait within the threshold, left minus right, in hours: less is quicker.
    /// The interval takes the two as independent.
    pub restricted_mean_hours: Option<Estimate>,
}

/// A log-rank test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Waits {
    /// The statistic.
    pub chi2: f64,
    /// Sides that could be told apart, minus 1.
    pub degrees_of_freedom: u32,
    /// How often chance gives as large a statistic.
    pub p: f64,
}

/// Channels against each other, then channel groups, where there are two to 24.
#[must_use]
pub fn compare_all(rows: &[Observed], channels: &[&str], about: &About) -> Vec<Several> {
    let of_channels: Vec<_> = channels.iter().map(|c| ((*c).to_owned(), vec![(*c).to_owned()])).collect();
    let of_groups: Vec<_> = about.groups.iter().map(|g| (g.name.clone(), g.channels.clone())).collect();
    let several = [(SidesOf::Channels, of_channels), (SidesOf::Groups, of_groups)];
    several
        .into_iter()
        .filter(|(_, sides)| (2..=SIDES_MAX).contains(&sides.len()))
        .map(|(of, sides)| Several::of(rows, about, of, sides))
        .collect()
}

impl Several {
    fn of(rows: &[Observed], about: &About, of: SidesOf, sides: Vec<(String, Vec<String>)>) -> Self {
        let asked = super::question(about).map(|(_, primary)| (primary.measure, primary.within));
        let (measure, within) = asked.unwrap_or_else(|| (Measure::Replied, usual_threshold(about)));
        let (names, sides): (Vec<String>, Vec<Vec<String>>) = sides.into_iter().unzip();
        let paired = about.design == Compared::SameCompanies;
        let sample = waits(rows, &sides, about.design);
        let means: Vec<_> = sides.iter().map(|channels| curve(rows, channels)).collect();
        let questions = attempted(rows, measure, within, &sides);
        let cochran = (paired && sides.len() > 2).then(|| cochran(sides.len(), &questions)).flatten();
        let mut two = Vec::new();
        for (left, right) in two_of(sides.len()) {
            let result = paired.then(|| Paired::of(&pairs(&questions, left, right)));
            let mean = |i: usize| means[i].as_ref().map(|curve| curve.restricted_mean(within.as_secs()));
            two.push(TwoSides {
                left: names[left].clone(),
                right: names[right].clone(),
                result: result.filter(|r| r.pairs.pairs() > 0),
                p_holm: None,
                log_rank: test_pair(&sample, left, right),
                restricted_mean_hours: mean(left)
                    .zip(mean(right))
                    .map(|(left, right)| in_hours(left.minus(right, Confidence::p95())).fixed()),
            });
        }
        adjust(&mut two);
        Self { of, measure, within, sides: names, cochran, pairs: two, log_rank: sample.test().map(Waits::from) }
    }
}

fn two_of(sides: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..sides).flat_map(move |left| (left + 1..sides).map(move |right| (left, right)))
}

fn cochran(sides: usize, questions: &BTreeMap<Key<'_>, Vec<Tried<'_>>>) -> Option<CochranQ> {
    let complete = questions.values().filter(|sides| sides.iter().all(Tried::counts));
    let blocks: Vec<Vec<bool>> = complete.map(|sides| sides.iter().map(|s| s.success).collect()).collect();
    cochran_q(sides, blocks.iter().map(Vec::as_slice))
}

/// Waits for any reply: of each company by itself, in parallel groups of each industry.
fn waits(rows: &[Observed], sides: &[Vec<String>], design: Compared) -> LogRankSample {
    let stratum_of = |row: &'_ Observed| match design {
        Compared::SameCompanies => row.company.clone(),
        Compared::ParallelGroups => String::new(),
        Compared::ParallelGroupsByIndustry => row.industry.clone().unwrap_or_default(),
    };
    // Numbered by name: sums over strata must not depend on the order of rows.
    let names: BTreeSet<String> = rows.iter().map(stratum_of).collect();
    let strata: BTreeMap<String, u32> = names.into_iter().zip(0_u32..).collect();
    let mut sample = Vec::new();
    for row in rows {
        let stratum = strata.get(&stratum_of(row)).copied().unwrap_or_default();
        let Some(followed) = followed(row, Reading::BeforeAnyReminder) else { continue };
        let members = (0_u16..).zip(sides).filter(|(_, channels)| channels.contains(&row.channel));
        sample.extend(members.map(|(side, _)| LogRankRow::new(side, stratum, followed)));
    }
    LogRankSample::new(u16::try_from(sides.len()).unwrap_or(u16::MAX), sample)
}

fn test_pair(sample: &LogRankSample, left: usize, right: usize) -> Option<Waits> {
    sample.test_pair(u16::try_from(left).ok()?, u16::try_from(right).ok()?).map(Waits::from)
}

impl From<crate::stats::LogRank> for Waits {
    fn from(test: crate::stats::LogRank) -> Self {
        Self { chi2: fixed(test.chi2), degrees_of_freedom: test.degrees_of_freedom, p: fixed(test.p) }
    }
}

fn curve(rows: &[Observed], channels: &[String]) -> Option<KaplanMeier> {
    let here = rows.iter().filter(|r| channels.contains(&r.channel));
    KaplanMeier::fit(here.filter_map(|r| followed(r, Reading::BeforeAnyReminder)))
}

fn in_hours(seconds: Estimate) -> Estimate {
    const HOUR: f64 = 3600.0;
    let interval = Interval { low: seconds.interval.low / HOUR, high: seconds.interval.high / HOUR };
    Estimate { value: seconds.value / HOUR, interval }
}

/// Holm's adjustment of the pairs that could be tested.
fn adjust(pairs: &mut [TwoSides]) {
    let p: Vec<f64> = pairs.iter().filter_map(|pair| pair.result.map(|r| r.p_sign_flip)).collect();
    let adjusted = holm(&p);
    for (pair, p) in pairs.iter_mut().filter(|pair| pair.result.is_some()).zip(adjusted) {
        pair.p_holm = Some(fixed(p));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::{DAY, HOUR, answered, frame, silent};
    use super::*;

    #[test]
    fn three_channels_are_tested_together_then_in_pairs() {
        let mut rows = Vec::new();
        for n in 0..12 {
            let company = format!("c{n}");
            rows.push(answered(&company, "facebook", HOUR + n));
            rows.push(silent(&company, "web_form"));
            rows.push(if n % 2 == 0 { answered(&company, "email", DAY) } else { silent(&company, "email") });
        }
        let several = &compare_all(&rows, &["email", "web_form", "facebook"], &frame(&rows).about)[0];
        assert_eq!(several.cochran.unwrap().blocks, 12);
        assert!(several.cochran.unwrap().p.unwrap() < 0.001);
        let pair = |left: &str, right: &str| several.pairs.iter().find(|p| p.left == left && p.right == right).unwrap();
        let sure = pair("web_form", "facebook");
        assert!(sure.p_holm.unwrap() > sure.result.unwrap().p_sign_flip, "looked at three times");
        assert!(sure.restricted_mean_hours.unwrap().value > 100.0, "a silent form takes the whole week");
        assert!(sure.log_rank.unwrap().p < 0.01);
    }
}
