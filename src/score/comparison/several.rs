//! How do all channels, or all channel groups, compare? Exploratory, whatever it shows.

use super::{Key, Paired, Tried, attempted, pairs, usual_threshold};
use crate::model::observation::Observed;
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::score::frame::{About, Compared};
use crate::score::tally::Reading;
use crate::score::waits::followed;
use crate::stats::score_test::{self, ScoreTest, Waited};
use crate::stats::survival::clustered::{InCluster, restricted_mean_difference};
use crate::stats::{
    CochranQ, Confidence, Estimate, Followed, Interval, LogRankRow, LogRankSample, cochran_q, fixed, holm,
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
    /// Whether a company, or companies that belong together, were asked repeatedly on a side: then
    /// Cochran's Q and the log-rank tests count each of them once, by how the sums of their
    /// questions vary (the generalised score test), and the plain tests would err too often.
    #[serde(default)]
    pub by_cluster: bool,
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
    /// The interval goes by what each company, or companies that belong together, add to both sides.
    pub restricted_mean_hours: Option<Estimate>,
}

impl TwoSides {
    /// Whether the difference is shown: the interval leaves out 0, and so does the test as adjusted for all
    /// pairs.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.p_holm.is_some_and(|p| p < 0.05) && self.result.is_some_and(|result| result.is_shown())
    }
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
        let waits = Waiting::of(rows, &sides, about.design);
        let by_cluster = waits.are_repeated();
        let questions = attempted(rows, measure, within, &sides);
        let cochran = (paired && sides.len() > 2).then(|| cochran(sides.len(), &questions, by_cluster)).flatten();
        let mut two = Vec::new();
        for (left, right) in two_of(sides.len()) {
            let result = paired.then(|| Paired::of(&pairs(&questions, left, right)));
            let mean = restricted_mean_difference(
                &waits.on_side(left),
                &waits.on_side(right),
                within.as_secs(),
                Confidence::p95(),
            );
            two.push(TwoSides {
                left: names[left].clone(),
                right: names[right].clone(),
                result: result.filter(|r| r.pairs.pairs() > 0),
                p_holm: None,
                log_rank: waits.test(&[left, right]),
                restricted_mean_hours: mean.map(|mean| in_hours(mean).fixed()),
            });
        }
        adjust(&mut two);
        let log_rank = waits.test(&(0..sides.len()).collect::<Vec<_>>());
        Self { of, measure, within, sides: names, by_cluster, cochran, pairs: two, log_rank }
    }
}

fn two_of(sides: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..sides).flat_map(move |left| (left + 1..sides).map(move |right| (left, right)))
}

fn cochran(sides: usize, questions: &BTreeMap<Key<'_>, Vec<Tried<'_>>>, by_cluster: bool) -> Option<CochranQ> {
    let complete = || questions.values().filter(|sides| sides.iter().all(Tried::counts));
    let blocks: Vec<Vec<bool>> = complete().map(|sides| sides.iter().map(|s| s.success).collect()).collect();
    let plain = cochran_q(sides, blocks.iter().map(Vec::as_slice))?;
    if !by_cluster {
        return Some(plain);
    }
    let clusters: BTreeMap<&str, u32> =
        complete().map(|s| s[0].cluster).collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    let numbers = complete().map(|s| clusters.get(s[0].cluster).copied().unwrap_or_default());
    let test = score_test::of_blocks(sides, &numbers.zip(blocks).collect::<Vec<_>>());
    Some(CochranQ {
        chi2: test.map(|t| fixed(t.chi2)),
        p: test.map(|t| fixed(t.p)),
        degrees_of_freedom: test.map_or(plain.degrees_of_freedom, |t| t.degrees_of_freedom),
        ..plain
    })
}

/// Waits for any reply: of each company by itself, in parallel groups of each industry.
struct Waiting {
    waits: Vec<(Waited, Followed)>,
    sides: u16,
}

impl Waiting {
    fn of(rows: &[Observed], sides: &[Vec<String>], design: Compared) -> Self {
        let stratum_of = |row: &'_ Observed| match design {
            Compared::SameCompanies => row.company.clone(),
            Compared::ParallelGroups => String::new(),
            Compared::ParallelGroupsByIndustry => row.industry.clone().unwrap_or_default(),
        };
        // Numbered by name: sums over strata must not depend on the order of rows.
        let numbers = |names: BTreeSet<String>| names.into_iter().zip(0_u32..).collect::<BTreeMap<String, u32>>();
        let strata = numbers(rows.iter().map(stratum_of).collect());
        let clusters = numbers(rows.iter().map(|row| row.cluster.clone()).collect());
        let mut waits = Vec::new();
        for row in rows {
            let stratum = strata.get(&stratum_of(row)).copied().unwrap_or_default();
            let cluster = clusters.get(&row.cluster).copied().unwrap_or_default();
            let Some(followed) = followed(row, Reading::BeforeAnyReminder) else { continue };
            let members = (0_u16..).zip(sides).filter(|(_, channels)| channels.contains(&row.channel));
            waits.extend(members.map(|(side, _)| (Waited::new(stratum, cluster, side, followed), followed)));
        }
        waits.sort_unstable_by_key(|(wait, _)| *wait);
        Self { waits, sides: u16::try_from(sides.len()).unwrap_or(u16::MAX) }
    }

    /// Whether a cluster waited twice on a side.
    fn are_repeated(&self) -> bool {
        let mut seen = BTreeSet::new();
        !self.waits.iter().all(|(wait, _)| seen.insert((wait.cluster, wait.side)))
    }

    fn on_side(&self, side: usize) -> Vec<InCluster> {
        let here = self.waits.iter().filter(|(wait, _)| usize::from(wait.side) == side);
        here.map(|(wait, followed)| (wait.cluster, *followed)).collect()
    }

    /// The log-rank test of some of the sides.
    fn test(&self, sides: &[usize]) -> Option<Waits> {
        let place = |wait: &Waited| u16::try_from(sides.iter().position(|s| *s == usize::from(wait.side))?).ok();
        let here = self.waits.iter().filter_map(|(wait, followed)| Some((place(wait)?, wait, *followed)));
        if self.are_repeated() {
            let waits = here.map(|(side, wait, _)| Waited { side, ..*wait }).collect();
            return score_test::of_waits(sides.len(), waits).map(Waits::from);
        }
        let rows = here.map(|(side, wait, followed)| LogRankRow::new(side, wait.stratum, followed)).collect();
        LogRankSample::new(self.sides, rows).test().map(Waits::from)
    }
}

impl From<crate::stats::LogRank> for Waits {
    fn from(test: crate::stats::LogRank) -> Self {
        Self { chi2: fixed(test.chi2), degrees_of_freedom: test.degrees_of_freedom, p: fixed(test.p) }
    }
}

impl From<ScoreTest> for Waits {
    fn from(test: ScoreTest) -> Self {
        Self { chi2: fixed(test.chi2), degrees_of_freedom: test.degrees_of_freedom, p: fixed(test.p) }
    }
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
        assert!(!several.by_cluster);
        // The same answers to five more questions make nothing surer.
        let again = (1..6).flat_map(|n| rows.iter().map(move |row| Observed { repetition: n + 1, ..row.clone() }));
        let all: Vec<_> = rows.iter().cloned().chain(again).collect();
        let repeated = &compare_all(&all, &["email", "web_form", "facebook"], &frame(&all).about)[0];
        assert!(repeated.by_cluster);
        let of = |several: &Several| {
            let pair = several.pairs.iter().find(|p| p.left == "email" && p.right == "web_form").unwrap();
            (
                several.cochran.unwrap().p.unwrap(),
                several.log_rank.unwrap().p,
                pair.log_rank.unwrap().p,
                pair.p_holm.unwrap(),
            )
        };
        let (once, often) = (of(several), of(repeated));
        for (once, often) in [(once.0, often.0), (once.1, often.1), (once.2, often.2), (once.3, often.3)] {
            assert!(often > once / 20.0 && often > 1e-9, "{once} {often}");
        }
        let mean = |several: &Several| several.pairs[0].restricted_mean_hours.unwrap().interval;
        assert!((mean(several).low - mean(repeated).low).abs() < 1e-6);
    }
}
