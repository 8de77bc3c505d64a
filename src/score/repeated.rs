//! What would the primary analysis find, and how often would its intervals be right, if the wave
//! were repeated many times under stated assumptions?

use super::card::Scorecard;
use super::comparison::{Named, question};
use super::frame::{About, Compared};
use super::rate::Rate;
use crate::model::plan::Plan;
use crate::model::study::{Chances, Measure};
use crate::model::time::Span;
use crate::stats::{Estimate, Proportion, fixed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the JSON of [`Repeated`].
pub const REPEATED_FORMAT: u32 = 1;

/// What a wave comes to in the long run, if companies behave as the study assumes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repeated {
    /// Version of this format: [`REPEATED_FORMAT`].
    pub format: u32,
    /// Risposta's version.
    pub risposta: String,
    /// Says SIMULATED.
    pub notice: String,
    /// The study's title.
    pub title: String,
    /// The study's id.
    pub study: Option<String>,
    /// How often the wave was repeated.
    pub times: u32,
    /// Companies asked.
    pub companies: u32,
    /// Inquiries in a wave.
    pub inquiries: u32,
    /// The primary comparison; `None` where the study compares nothing.
    pub comparison: Option<ComparisonRepeated>,
    /// The rate of each channel.
    pub channels: Vec<RateRepeated>,
}

/// A comparison in the long run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRepeated {
    /// Which comparison.
    #[serde(flatten)]
    pub of: Named,
    /// The true difference under the assumptions, left minus right, as a share.
    pub truth: f64,
    /// Times in which there was something to compare.
    pub judged: u32,
    /// The mean of the estimates: where it differs much from the truth, the analysis is biased.
    pub mean_estimate: Option<f64>,
    /// The power: the difference was shown, in the right direction. Where the truth is 0: any
    /// difference was shown, which is the error of the first kind.
    pub found: Rate,
    /// A difference was shown in the wrong direction.
    pub wrong_way: Rate,
    /// The interval held the truth: 95 % of the times, if it keeps its promise.
    pub covered: Rate,
    /// Mean width of the interval, as a share.
    pub mean_width: Option<f64>,
}

/// A rate in the long run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateRepeated {
    /// The channel.
    pub channel: String,
    /// What counts.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// The true rate under the assumptions.
    pub truth: f64,
    /// The interval held the truth.
    pub covered: Rate,
}

/// What a study asks first: its primary comparison, else what the score tells instead.
#[must_use]
pub fn asked(about: &About) -> (Measure, Span) {
    let primary = question(about).map(|(_, primary)| (primary.measure, primary.within));
    primary.unwrap_or_else(|| (Measure::Replied, super::comparison::usual_threshold(about)))
}

/// Holds scorecards of one plan, repeated, against the truth. `chances` are those of the plan's
/// inquiries, in its order, for what [`asked`] says.
#[must_use]
pub fn repeat(plan: &Plan, about: &About, chances: &[Chances], cards: impl IntoIterator<Item = Scorecard>) -> Repeated {
    let (measure, within) = asked(about);
    let mut comparison = Counting::new(plan, about, chances);
    let mut channels: BTreeMap<String, Channel> = BTreeMap::new();
    let mut times = 0;
    for card in cards {
        times += 1;
        if let Some(counting) = &mut comparison {
            counting.count(&card);
        }
        for score in &card.channels {
            let answers = &score.tally.before_any_reminder;
            let rate = answers.within(within).map(|w| if measure == Measure::Replied { w.replied } else { w.adequate });
            let Some(estimate) = rate.and_then(|r| r.estimate) else { continue };
            let channel = channels
                .entry(score.channel.clone())
                .or_insert_with(|| Channel { truth: true_rate(plan, chances, &score.channel), covered: Vec::new() });
            channel.covered.push(holds(&estimate, channel.truth));
        }
    }
    let rate = |(channel, counted): (String, Channel)| RateRepeated {
        channel,
        measure,
        within,
        truth: fixed(counted.truth),
        covered: Proportion::count(counted.covered).into(),
    };
    let companies: std::collections::BTreeSet<_> = plan.inquiries.iter().map(|i| &i.company).collect();
    Repeated {
        format: REPEATED_FORMAT,
        risposta: env!("CARGO_PKG_VERSION").to_owned(),
        notice: super::SIMULATED.to_owned(),
        title: about.title.clone(),
        study: about.study.clone(),
        times,
        companies: u32::try_from(companies.len()).unwrap_or(u32::MAX),
        inquiries: u32::try_from(plan.inquiries.len()).unwrap_or(u32::MAX),
        comparison: comparison.map(Counting::done),
        channels: channels.into_iter().map(rate).collect(),
    }
}

struct Channel {
    truth: f64,
    covered: Vec<bool>,
}

fn true_rate(plan: &Plan, chances: &[Chances], channel: &str) -> f64 {
    let here = plan.inquiries.iter().zip(chances).filter(|(i, _)| i.channel.name() == channel).map(|(_, c)| *c);
    share_of(here)
}

/// Successes expected, of what is expected to be delivered.
fn share_of(chances: impl Iterator<Item = Chances>) -> f64 {
    let (succeed, delivered) = chances.fold((0.0, 0.0), |(s, d), c| (s + c.succeeds, d + c.delivered));
    if delivered > 0.0 { succeed / delivered } else { 0.0 }
}

fn holds(estimate: &Estimate, truth: f64) -> bool {
    // What is exactly at an end lies in it, whatever arithmetic makes of it.
    estimate.interval.low <= truth + 1e-9 && truth - 1e-9 <= estimate.interval.high
}

/// A comparison while it is repeated.
struct Counting {
    result: ComparisonRepeated,
    estimates: Vec<Estimate>,
    shown: Vec<Shown>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    LeftBetter,
    RightBetter,
}

impl Counting {
    fn new(plan: &Plan, about: &About, chances: &[Chances]) -> Option<Self> {
        let of = Named::of(about)?;
        let sides = of.sides(about);
        let truth = match about.design {
            Compared::SameCompanies => true_paired_difference(plan, chances, &sides),
            Compared::ParallelGroups => true_difference(plan, chances, &sides, |_| String::new()),
            Compared::ParallelGroupsByIndustry => {
                let industry = |company: &crate::model::ids::CompanyId| {
                    plan.study.company(company).and_then(|c| c.industry.clone()).unwrap_or_default()
                };
                true_difference(plan, chances, &sides, industry)
            }
        };
        let nothing = Rate::from(Proportion::new(0, 0));
        let result = ComparisonRepeated {
            of,
            truth: fixed(truth),
            judged: 0,
            mean_estimate: None,
            found: nothing,
            wrong_way: nothing,
            covered: nothing,
            mean_width: None,
        };
        Some(Self { result, estimates: Vec::new(), shown: Vec::new() })
    }

    fn count(&mut self, card: &Scorecard) {
        let shown = card.told_difference().map_or(Shown::Nothing, |told| {
            self.estimates.push(told.difference);
            match told.is_shown {
                true if told.difference.value > 0.0 => Shown::LeftBetter,
                true => Shown::RightBetter,
                false => Shown::Nothing,
            }
        });
        self.shown.push(shown);
    }

    fn done(self) -> ComparisonRepeated {
        let truth = self.result.truth;
        let right_way = match truth {
            t if t > 0.0 => Some(Shown::LeftBetter),
            t if t < 0.0 => Some(Shown::RightBetter),
            _ => None,
        };
        let found = |s: &Shown| *s != Shown::Nothing && right_way.is_none_or(|right| *s == right);
        let wrong = |s: &Shown| *s != Shown::Nothing && right_way.is_some_and(|right| *s != right);
        let mean = |of: fn(&Estimate) -> f64| {
            let n = f64::from(u32::try_from(self.estimates.len()).unwrap_or(u32::MAX));
            (n > 0.0).then(|| fixed(self.estimates.iter().map(of).sum::<f64>() / n))
        };
        ComparisonRepeated {
            judged: u32::try_from(self.estimates.len()).unwrap_or(u32::MAX),
            mean_estimate: mean(|e| e.value),
            mean_width: mean(|e| e.interval.high - e.interval.low),
            found: Proportion::count(self.shown.iter().map(found)).into(),
            wrong_way: Proportion::count(self.shown.iter().map(wrong)).into(),
            covered: Proportion::count(self.estimates.iter().map(|e| holds(e, truth))).into(),
            ..self.result
        }
    }
}

/// The true difference on the same companies: of the questions that arrive on both sides.
fn true_paired_difference(plan: &Plan, chances: &[Chances], sides: &[Vec<String>; 2]) -> f64 {
    let (mut difference, mut weight) = (0.0, 0.0);
    for [left, right] in pairs(plan, chances, sides) {
        let both = left.delivered * right.delivered;
        if both > 0.0 {
            difference += both * (left.succeeds / left.delivered - right.succeeds / right.delivered);
            weight += both;
        }
    }
    if weight > 0.0 { difference / weight } else { 0.0 }
}

/// The chances of each question that goes out on both sides; a question that goes out on several
/// channels of a side succeeds where any of them does.
pub(super) fn pairs(plan: &Plan, chances: &[Chances], sides: &[Vec<String>; 2]) -> Vec<[Chances; 2]> {
    let mut failing: BTreeMap<_, [Option<[f64; 2]>; 2]> = BTreeMap::new();
    for (inquiry, chance) in plan.inquiries.iter().zip(chances) {
        for (side, channels) in sides.iter().enumerate() {
            if channels.iter().any(|channel| channel == inquiry.channel.name()) {
                let question = (&inquiry.company, &inquiry.question, inquiry.repetition);
                let cell = failing.entry(question).or_default()[side].get_or_insert([1.0, 1.0]);
                cell[0] *= 1.0 - chance.delivered;
                cell[1] *= 1.0 - chance.succeeds;
            }
        }
    }
    let chances = |[lost, failed]: [f64; 2]| Chances { delivered: 1.0 - lost, succeeds: 1.0 - failed };
    failing.into_values().filter_map(|[left, right]| Some([chances(left?), chances(right?)])).collect()
}

/// The true difference of parallel groups, weighted over strata as the analysis weighs them.
fn true_difference(
    plan: &Plan,
    chances: &[Chances],
    sides: &[Vec<String>; 2],
    stratum: impl Fn(&crate::model::ids::CompanyId) -> String,
) -> f64 {
    let mut strata: BTreeMap<String, [Vec<Chances>; 2]> = BTreeMap::new();
    for (inquiry, chance) in plan.inquiries.iter().zip(chances) {
        for (side, channels) in sides.iter().enumerate() {
            if channels.iter().any(|channel| channel == inquiry.channel.name()) {
                strata.entry(stratum(&inquiry.company)).or_default()[side].push(*chance);
            }
        }
    }
    let (mut difference, mut weight) = (0.0, 0.0);
    for [left, right] in strata.values() {
        let [n, m] = [left, right].map(|side| side.iter().map(|c| c.delivered).sum::<f64>());
        if n > 0.0 && m > 0.0 {
            let share = n * m / (n + m);
            difference += share * (share_of(left.iter().copied()) - share_of(right.iter().copied()));
            weight += share;
        }
    }
    if weight > 0.0 { difference / weight } else { 0.0 }
}
