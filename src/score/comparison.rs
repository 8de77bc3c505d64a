//! Which side answers better, on the same companies?

use super::frame::About;
use super::rate::Rate;
use super::tally::{Reading, adequate_after, replied_after, watched_for};
use crate::model::observation::Observed;
use crate::model::study::{Measure, Primary};
use crate::model::time::Span;
use crate::stats::{Confidence, Estimate, PairedTable, fixed, sign_flip};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Companies that were asked on both sides.
    pub companies: u32,
    /// Questions by who succeeded: one pair is a company's question, asked on both sides.
    pub pairs: PairedTable,
    /// Left share minus right share, with Newcombe's paired interval; `None` without pairs.
    pub difference: Option<Estimate>,
    /// The exact two-sided test of `McNemar`.
    pub p_mcnemar_exact: f64,
    /// The exact sign-flip test over clusters (a company, or the group it belongs to), which
    /// does not take a company's repeated questions as independent. Judge by this one.
    pub p_sign_flip: f64,
    /// Clusters of companies that were asked on both sides.
    pub clusters: u32,
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

/// The comparisons of a wave, the primary first. Where no pair of sides is named there is none.
#[must_use]
pub fn compare(rows: &[Observed], about: &About) -> Vec<Comparison> {
    let Some((role, asked)) = question(about) else { return Vec::new() };
    let first = Comparison::of(rows, about, role, &asked);
    if asked.measure == Measure::Adequate && first.inquiries_uncoded > 0 {
        // Until its replies are coded the primary comparison says too little: any reply is shown beside it.
        let any_reply = Primary { measure: Measure::Replied, ..asked };
        let second = Comparison::of(rows, about, Role::Exploratory, &any_reply);
        return vec![first, second];
    }
    vec![first]
}

/// What is compared: what the study fixed, else replies of its first two channel groups.
fn question(about: &About) -> Option<(Role, Primary)> {
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

impl Comparison {
    fn of(rows: &[Observed], about: &About, role: Role, asked: &Primary) -> Self {
        let sides = [&asked.left, &asked.right].map(|name| channels_of(about, name));
        let pairs = paired(rows, asked, &sides);
        let table = PairedTable::count(pairs.values().map(|[left, right]| (left.success, right.success)));
        let companies: BTreeSet<&str> = pairs.keys().map(|key| key.0).collect();
        let clusters = by_cluster(&pairs);
        let [left, right] = sides;
        Self {
            role,
            measure: asked.measure,
            within: asked.within,
            left: Side { name: asked.left.clone(), channels: left, rate: table.left().into() },
            right: Side { name: asked.right.clone(), channels: right, rate: table.right().into() },
            companies: u32::try_from(companies.len()).unwrap_or(u32::MAX),
            pairs: table,
            difference: table.difference(Confidence::p95()).map(Estimate::fixed),
            p_mcnemar_exact: fixed(table.mcnemar_exact()),
            p_sign_flip: fixed(sign_flip(&clusters).p),
            clusters: u32::try_from(clusters.len()).unwrap_or(u32::MAX),
            any_of_several: pairs.values().flatten().any(|side| side.delivered > 1),
            inquiries_uncoded: pairs.values().flatten().map(|side| side.uncoded).sum(),
        }
    }
}

/// A group's channels, else the channel of that name.
fn channels_of(about: &About, name: &str) -> Vec<String> {
    let group = about.groups.iter().find(|group| group.name == name);
    group.map_or_else(|| vec![name.to_owned()], |group| group.channels.clone())
}

/// What a question to a company came to on one side.
#[derive(Debug, Clone, Copy, Default)]
struct Tried<'r> {
    cluster: &'r str,
    delivered: u32,
    /// Delivered, but not watched long enough to be compared.
    too_short: u32,
    success: bool,
    uncoded: u32,
}

/// A company, its question, the repetition.
type Key<'r> = (&'r str, &'r str, u32);

/// Left successes minus right ones, by cluster.
fn by_cluster(pairs: &BTreeMap<Key<'_>, [Tried<'_>; 2]>) -> Vec<i32> {
    let mut clusters: BTreeMap<&str, i32> = BTreeMap::new();
    for [left, right] in pairs.values() {
        *clusters.entry(left.cluster).or_default() += i32::from(left.success) - i32::from(right.success);
    }
    clusters.into_values().collect()
}

/// Questions that were delivered and watched long enough on both sides.
fn paired<'r>(rows: &'r [Observed], asked: &Primary, sides: &[Vec<String>; 2]) -> BTreeMap<Key<'r>, [Tried<'r>; 2]> {
    let reading = Reading::BeforeAnyReminder;
    let mut pairs: BTreeMap<Key<'r>, [Tried<'r>; 2]> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.observation.is_delivered()) {
        let after = match asked.measure {
            Measure::Replied => replied_after(row, reading),
            Measure::Adequate => adequate_after(row, reading),
        };
        let uncoded = asked.measure == Measure::Adequate && row.uncoded_replies > 0 && row.adequate_after.is_none();
        for (i, channels) in sides.iter().enumerate() {
            if channels.contains(&row.channel) {
                let tried = &mut pairs.entry((&row.company, &row.question, row.repetition)).or_default()[i];
                tried.cluster = &row.cluster;
                tried.delivered += 1;
                tried.too_short += u32::from(!watched_for(row, asked.within));
                tried.success |= after.is_some_and(|seconds| seconds <= asked.within.as_secs());
                tried.uncoded += u32::from(uncoded);
            }
        }
    }
    pairs.retain(|_, sides| sides.iter().all(|side| side.delivered > 0 && side.too_short == 0));
    pairs
}
