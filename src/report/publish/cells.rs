//! Which figures have too few companies behind them, and what is published instead.
//!
//! The rule: a channel on which fewer than `minimum_cell` companies were to be asked, were asked, or got the
//! question is not published by itself: each is the denominator of a figure. The channels of a group that are too small are put together as `other (group)`; where even
//! together they are too small, the next smallest of the group joins them, so that no sum minus its
//! published parts leaves a figure of too few (complementary suppression). A group that is too small
//! as a whole takes the smallest other group with it. The inquiries themselves are recoded, before
//! anything is counted: so every table, chart and file shows the same, and the margins still add up.

use super::material::{Material, Merged};
use super::story::What;
use crate::model::observation::Observed;
use crate::score::findings::findings;
use crate::score::waves::{Change, Waves};
use crate::score::words::plural;
use crate::score::{Scorecard, channel_rank};
use std::collections::{BTreeMap, BTreeSet};

/// Why there is no edition of a wave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("wave `{wave}` tells of {}, and no published figure may stand for fewer than {min}", plural(*.companies, "company"))]
pub struct TooFew {
    /// The wave.
    pub wave: String,
    /// Companies that it asked, but for one that the readers know already.
    pub companies: u32,
    /// Fewest companies behind a figure.
    pub min: u32,
}

/// Whether the sum of all stands for enough companies, in this wave and in each earlier one. `known` is a
/// company that the readers know already: the others are what the sum would tell them of.
pub(super) fn enough_companies(material: &Material, known: Option<&str>) -> Result<(), TooFew> {
    let min = material.publish.companies_min();
    let this = material.inquiries.iter().map(|inquiry| &inquiry.observed).collect();
    let earlier = material.earlier.iter().map(|earlier| (earlier.wave.clone(), earlier.rows.iter().collect()));
    let waves: Vec<(String, Vec<&Observed>)> =
        earlier.chain([(material.about.wave.clone().unwrap_or_default(), this)]).collect();
    for (wave, rows) in waves {
        let asked = rows.into_iter().filter(|row| row.observation.is_asked()).map(|row| row.company.as_str());
        let others: BTreeSet<&str> = asked.filter(|company| known != Some(company)).collect();
        let companies = u32::try_from(others.len()).unwrap_or(u32::MAX);
        if (1..min).contains(&companies) {
            return Err(TooFew { wave, companies, min });
        }
    }
    Ok(())
}

/// The material with small channels put together. So many companies of a figure are known to the
/// reader already.
pub(super) fn merge_small(mut material: Material, known_before: u32) -> Material {
    let companies_min = material.publish.companies_min().saturating_add(known_before);
    material.changed.companies_min = companies_min;
    let merged = to_merge(&material, companies_min);
    for merge in &merged {
        recode(&mut material, merge);
    }
    if let Some(primary) = &material.about.primary {
        let gone = |side: &String| merged.iter().any(|m| m.channels.contains(side));
        let lost_group = |side: &String| {
            !gone(side) && !material.about.groups.iter().any(|g| g.name == *side) && !material.channels().contains(side)
        };
        if [&primary.left, &primary.right].into_iter().any(|side| gone(side) || lost_group(side)) {
            material.about.primary = None;
        }
    }
    material.changed.merged = merged;
    material
}

/// Channels that belong together: those of a group, and those of none.
struct Family {
    name: Option<String>,
    /// Each channel with the companies behind its figures.
    channels: BTreeMap<String, Behind>,
}

/// Companies behind the figures of one or several channels, by their denominators.
#[derive(Default)]
struct Behind {
    planned: BTreeSet<String>,
    asked: BTreeSet<String>,
    delivered: BTreeSet<String>,
}

impl Behind {
    fn count(&mut self, row: &Observed) {
        self.planned.insert(row.company.clone());
        if row.observation.is_asked() {
            self.asked.insert(row.company.clone());
        }
        if row.observation.is_delivered() {
            self.delivered.insert(row.company.clone());
        }
    }

    fn join(mut self, other: &Self) -> Self {
        self.planned.extend(other.planned.iter().cloned());
        self.asked.extend(other.asked.iter().cloned());
        self.delivered.extend(other.delivered.iter().cloned());
        self
    }

    /// Whether any figure would stand for too few. What stands for none is no figure.
    fn is_few(&self, companies_min: u32) -> bool {
        let few = |companies: &BTreeSet<String>| {
            !companies.is_empty() && u32::try_from(companies.len()).is_ok_and(|number| number < companies_min)
        };
        [&self.planned, &self.asked, &self.delivered].into_iter().any(few)
    }

    fn size(&self) -> [usize; 3] {
        [self.delivered.len(), self.asked.len(), self.planned.len()]
    }
}

impl Family {
    fn together<'c>(&self, channels: impl IntoIterator<Item = &'c String>) -> Behind {
        channels.into_iter().filter_map(|c| self.channels.get(c)).fold(Behind::default(), Behind::join)
    }

    /// The channels that cannot stand alone, with as many others as it takes.
    fn small(&self, companies_min: u32) -> Vec<String> {
        let mut by_size: Vec<(&String, &Behind)> = self.channels.iter().collect();
        by_size.sort_by_key(|(channel, behind)| (behind.size(), *channel));
        let mut small: Vec<String> = Vec::new();
        for (channel, behind) in by_size {
            let enough = small.is_empty() || (small.len() > 1 && !self.together(&small).is_few(companies_min));
            if behind.is_few(companies_min) || !enough {
                small.push(channel.clone());
            }
        }
        // Their order by size would tell which is which.
        small.sort_by_cached_key(|channel| (channel_rank(channel), channel.clone()));
        small
    }
}

fn to_merge(material: &Material, companies_min: u32) -> Vec<Merged> {
    let families = families(material);
    let is_few = |family: &Family| family.together(family.channels.keys()).is_few(companies_min);
    // A group that cannot stand alone leaves no group that could: the total minus the others is it.
    if families.len() > 1 && families.iter().any(is_few) {
        let all: Vec<String> = families.iter().flat_map(|family| family.channels.keys().cloned()).collect();
        return vec![Merged { as_channel: "all".to_owned(), channels: all }];
    }
    families
        .iter()
        .filter_map(|family| {
            let channels = family.small(companies_min);
            let as_channel = family.name.as_ref().map_or_else(|| "other".to_owned(), |name| format!("other ({name})"));
            (!channels.is_empty()).then_some(Merged { as_channel, channels })
        })
        .collect()
}

fn families(material: &Material) -> Vec<Family> {
    let mut behind: BTreeMap<String, Behind> = BTreeMap::new();
    for inquiry in &material.inquiries {
        behind.entry(inquiry.observed.channel.clone()).or_default().count(&inquiry.observed);
    }
    let mut families = Vec::new();
    for group in &material.about.groups {
        let channels: BTreeMap<_, _> =
            group.channels.iter().filter_map(|c| Some((c.clone(), behind.remove(c)?))).collect();
        if !channels.is_empty() {
            families.push(Family { name: Some(group.name.clone()), channels });
        }
    }
    if !behind.is_empty() {
        families.push(Family { name: None, channels: behind });
    }
    families
}

/// Puts channels together everywhere.
fn recode(material: &mut Material, merged: &Merged) {
    let as_one = |channel: &String| {
        if merged.channels.contains(channel) { merged.as_channel.clone() } else { channel.clone() }
    };
    let as_set = |channels: &Vec<String>| {
        let mut list: Vec<String> = Vec::new();
        for channel in channels.iter().map(as_one) {
            if !list.contains(&channel) {
                list.push(channel);
            }
        }
        list
    };
    for inquiry in &mut material.inquiries {
        let was = &inquiry.observed.channel;
        let is_merged = merged.channels.contains(was);
        let now = as_one(was);
        for mark in &mut inquiry.marks {
            // Where a reply came from, and at which place it was asked, could tell on what.
            mark.via = mark.via.as_ref().map(as_one).filter(|via| !is_merged && *via != now);
            if let What::Redirected { to: Some(to), .. } = &mut mark.what {
                *to = as_one(to);
            }
        }
        for hop in &mut inquiry.hops {
            hop.to = hop.to.filter(|to| !merged.channels.iter().any(|channel| channel == to.name()));
        }
        if is_merged {
            inquiry.observed.position = 0;
        }
        inquiry.observed.channel = now;
    }
    for row in material.earlier.iter_mut().flat_map(|wave| &mut wave.rows) {
        row.channel = as_one(&row.channel);
    }
    for company in &mut material.companies {
        let dear = std::mem::take(&mut company.costs);
        company.costs = dear.into_iter().filter(|(channel, _)| !merged.channels.contains(channel)).collect();
        company.offers = as_set(&company.offers);
        company.lacks = as_set(&company.lacks);
        let offers = company.offers.clone();
        company.lacks.retain(|channel| !offers.contains(channel));
    }
    for group in &mut material.about.groups {
        group.channels = as_set(&group.channels);
    }
    if merged.as_channel == "all" {
        material.about.groups.clear();
    }
    for quotation in &mut material.quotations {
        quotation.via = as_one(&quotation.via);
    }
    for group in &mut material.method.design.compare {
        group.channels.retain(|channel| !merged.channels.contains(&channel.to_string()));
    }
}

/// The same rule for figures about few companies that no recoding reaches: pairs of channels, places in
/// the order. They are left out.
pub(super) fn hide_small(card: &mut Scorecard, companies_min: u32) {
    if companies_min <= 1 {
        return;
    }
    let enough = |companies: u32| companies >= companies_min;
    let compared = card.comparisons.len() + card.parallel.len();
    card.comparisons.retain(|c| enough(c.result.companies));
    card.parallel.retain(|groups| enough(groups.companies()));
    card.comparison_hidden = card.comparisons.len() + card.parallel.len() < compared;
    // Whatever doubt is settled, no fewer companies are compared than as counted.
    if card.comparison_hidden {
        card.variants.clear();
    }
    for several in &mut card.several {
        several.pairs.retain(|pair| pair.result.as_ref().is_none_or(|result| enough(result.companies)));
    }
    // A place that is left out could be told from the channel's sum: so all of them are.
    if card.positions.iter().any(|p| !enough(p.response.denominator)) {
        card.positions.clear();
    }
    card.findings = findings(card);
}

/// The same for changes between waves. A level of which one figure has too few behind it is left out whole:
/// what is left of it could be taken from the level above.
pub(super) fn hide_small_changes(changes: &mut Waves, companies_min: u32) {
    if companies_min <= 1 {
        return;
    }
    let few = |change: &Change| change.result.companies < companies_min;
    for step in &mut changes.steps {
        let hidden = step.channels.iter().any(few);
        if hidden {
            step.channels.clear();
        }
        if hidden || step.groups.iter().any(few) {
            step.groups.clear();
        }
        if step.all.as_ref().is_some_and(few) {
            step.all = None;
        }
    }
}
