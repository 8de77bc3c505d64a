//! Which side answers better?
//!
//! On the same companies each is compared with itself ([`compare`]); where each company was asked
//! on one channel, groups of companies are compared ([`parallel`]). One comparison is primary,
//! where the study names it: all others are exploratory, and say so.

mod paired;
pub mod parallel;
pub mod several;

pub use paired::{Pair, Paired, ShownBy};

use super::frame::{About, Compared};
use super::rate::Rate;
use super::tally::{Reading, adequate_after, replied_after, watched_for};
use crate::model::observation::Observed;
use crate::model::study::{Measure, Primary};
use crate::model::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Two sides compared on the questions that the same companies got on both, before any reminder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Whether the study fixed it in advance.
    pub role: Role,
    /// What counts as success.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// One side.
    pub left: Side,
    /// The other side.
    pub right: Side,
    /// What the pairs show: one pair is a company's question, asked on both sides.
    #[serde(flatten)]
    pub result: Paired,
    /// Whether some question went out on several channels of one side, of which any may succeed.
    pub any_of_several: bool,
    /// Inquiries in it that coding may still make a success.
    pub inquiries_uncoded: u32,
}

/// What a comparison is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one that the study fixed in advance.
    Primary,
    /// Any other: it suggests, it does not prove.
    Exploratory,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The channel group, or the channel.
    pub name: String,
    /// Its channels. A question asked on several of them succeeds where any of them does.
    pub channels: Vec<String>,
    /// Successes of the pairs.
    pub rate: Rate,
}

/// Which comparison a number is about, before anything is known of its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// Whether the study fixed it in advance.
    pub role: Role,
    /// What counts.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// The left side.
    pub left: String,
    /// The right side.
    pub right: String,
    /// What the comparison rests on.
    pub design: Compared,
}

impl Named {
    /// What a study compares first; `None` where it compares nothing.
    #[must_use]
    pub fn of(about: &About) -> Option<Self> {
        let (role, primary) = question(about)?;
        Some(Self {
            role,
            measure: primary.measure,
            within: primary.within,
            left: primary.left,
            right: primary.right,
            design: about.design,
        })
    }

    /// The channels of its left side, and of its right one.
    #[must_use]
    pub fn sides(&self, about: &About) -> [Vec<String>; 2] {
        [&self.left, &self.right].map(|name| channels_of(about, name))
    }
}

/// The comparisons of a wave, the primary first. Where no pair of sides is named there is none.
#[must_use]
pub fn compare(rows: &[Observed], about: &About) -> Vec<Comparison> {
    readings(about, |asked| Comparison::of(rows, about, asked), |c| c.inquiries_uncoded)
}

/// What is asked first and, until its replies are coded, replies of any kind beside it.
fn readings<C>(about: &About, of: impl Fn(&(Role, Primary)) -> C, uncoded: impl Fn(&C) -> u32) -> Vec<C> {
    let Some(asked) = question(about) else { return Vec::new() };
    let first = of(&asked);
    if asked.1.measure == Measure::Adequate && uncoded(&first) > 0 {
        let any_reply = Primary { measure: Measure::Replied, ..asked.1 };
        let second = of(&(Role::Exploratory, any_reply));
        return vec![first, second];
    }
    vec![first]
}

/// What is compared: what the study fixed, else replies of its first two channel groups.
pub(super) fn question(about: &About) -> Option<(Role, Primary)> {
    if let Some(primary) = &about.primary {
        return Some((Role::Primary, primary.clone()));
    }
    let [left, right, ..] = about.groups.as_slice() else { return None };
    let primary = Primary {
        measure: Measure::Replied,
        within: usual_threshold(about),
        left: left.name.clone(),
        right: right.name.clone(),
    };
    Some((Role::Exploratory, primary))
}

/// The threshold for which results are told where the study names none: a week, else the longest.
#[must_use]
pub fn usual_threshold(about: &About) -> Span {
    let week = Span::from_days(7);
    if about.thresholds.contains(&week) { week } else { about.thresholds.last().copied().unwrap_or(about.window) }
}

/// A group's channels, else the channel of that name.
pub(super) fn channels_of(about: &About, name: &str) -> Vec<String> {
    let group = about.groups.iter().find(|group| group.name == name);
    group.map_or_else(|| vec![name.to_owned()], |group| group.channels.clone())
}

impl Comparison {
    fn of(rows: &[Observed], about: &About, (role, asked): &(Role, Primary)) -> Self {
        let [left, right] = [&asked.left, &asked.right].map(|name| channels_of(about, name));
        let sides = [left, right];
        let tried = tried(rows, asked.measure, asked.within, &sides);
        let result = Paired::of(&pairs(&tried, 0, 1));
        let table = result.pairs;
        let [left, right] = sides;
        Self {
            role: *role,
            measure: asked.measure,
            within: asked.within,
            left: Side { name: asked.left.clone(), channels: left, rate: table.left().into() },
            right: Side { name: asked.right.clone(), channels: right, rate: table.right().into() },
            result,
            any_of_several: tried.values().flatten().any(|side| side.delivered > 1),
            inquiries_uncoded: tried.values().flatten().map(|side| side.uncoded).sum(),
        }
    }
}

/// A company in a comparison: its questions that count on both sides, and on how many of them each
/// side succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnBothSides {
    /// Its id.
    pub company: String,
    /// Questions that count on both sides.
    pub questions: u32,
    /// Successes on the left.
    pub left: u32,
    /// Successes on the right.
    pub right: u32,
}

impl Comparison {
    /// The companies behind it, by id.
    #[must_use]
    pub fn companies(&self, rows: &[Observed]) -> Vec<OnBothSides> {
        let sides = [self.left.channels.clone(), self.right.channels.clone()];
        let mut companies: BTreeMap<&str, OnBothSides> = BTreeMap::new();
        let tried = tried(rows, self.measure, self.within, &sides);
        for pair in pairs(&tried, 0, 1) {
            let company = companies.entry(pair.company).or_insert_with(|| OnBothSides {
                company: pair.company.to_owned(),
                questions: 0,
                left: 0,
                right: 0,
            });
            company.questions += 1;
            company.left += u32::from(pair.left);
            company.right += u32::from(pair.right);
        }
        companies.into_values().collect()
    }
}

/// What a question to a company came to on one side.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tried<'r> {
    cluster: &'r str,
    delivered: u32,
    /// Delivered, but not watched long enough to be compared.
    too_short: u32,
    pub(super) success: bool,
    uncoded: u32,
}

impl Tried<'_> {
    /// Whether it was delivered on this side, and watched long enough.
    const fn counts(&self) -> bool {
        self.delivered > 0 && self.too_short == 0
    }
}

/// A company, its question, the repetition.
pub(super) type Key<'r> = (&'r str, &'r str, u32);

/// Questions that were delivered and watched long enough on every one of `sides`.
fn tried<'r>(
    rows: &'r [Observed],
    measure: Measure,
    within: Span,
    sides: &[Vec<String>],
) -> BTreeMap<Key<'r>, Vec<Tried<'r>>> {
    let mut questions = attempted(rows, measure, within, sides);
    questions.retain(|_, sides| sides.iter().all(Tried::counts));
    questions
}

/// What each question came to on each of `sides`.
fn attempted<'r>(
    rows: &'r [Observed],
    measure: Measure,
    within: Span,
    sides: &[Vec<String>],
) -> BTreeMap<Key<'r>, Vec<Tried<'r>>> {
    let mut questions: BTreeMap<Key<'r>, Vec<Tried<'r>>> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.observation.is_delivered()) {
        for (i, _) in sides.iter().enumerate().filter(|(_, channels)| channels.contains(&row.channel)) {
            let key = (row.company.as_str(), row.question.as_str(), row.repetition);
            let tried = &mut questions.entry(key).or_insert_with(|| vec![Tried::default(); sides.len()])[i];
            tried.cluster = &row.cluster;
            tried.delivered += 1;
            tried.too_short += u32::from(!watched_for(row, within));
            tried.success |= succeeded(row, measure, within);
            tried.uncoded += u32::from(is_uncoded(row, measure));
        }
    }
    questions
}

/// Two of the sides as pairs: the questions that count on both.
pub(super) fn pairs<'r>(questions: &BTreeMap<Key<'r>, Vec<Tried<'r>>>, left: usize, right: usize) -> Vec<Pair<'r>> {
    let pair = |(key, sides): (&Key<'r>, &Vec<Tried<'r>>)| Pair {
        company: key.0,
        cluster: sides[left].cluster,
        left: sides[left].success,
        right: sides[right].success,
    };
    let on_both = questions.iter().filter(|(_, sides)| sides[left].counts() && sides[right].counts());
    on_both.map(pair).collect()
}

/// Whether an inquiry succeeded in time, before any reminder.
pub(super) fn succeeded(row: &Observed, measure: Measure, within: Span) -> bool {
    let after = match measure {
        Measure::Replied => replied_after(row, Reading::BeforeAnyReminder),
        Measure::Adequate => adequate_after(row, Reading::BeforeAnyReminder),
    };
    after.is_some_and(|seconds| seconds <= within.as_secs())
}

/// Whether coding may still make a success of it.
pub(super) fn is_uncoded(row: &Observed, measure: Measure) -> bool {
    measure == Measure::Adequate && row.uncoded_replies > 0 && row.adequate_after.is_none()
}
