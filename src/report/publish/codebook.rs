//! What does the codebook ask about replies, how are they coded, and did those who coded agree?

use super::material::Material;
use crate::model::event::Adequacy;
use crate::model::plan::Plan;
use crate::model::state::{InboundState, WaveState};
use crate::model::study::codebook::ADEQUACY;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An item of the codebook and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemTold {
    /// Its id; the first is `adequacy`.
    pub item: String,
    /// What raters are asked; `None` of adequacy, and where the words are left out for these readers.
    pub ask: Option<String>,
    /// Companies whose replies were coded.
    pub companies: u32,
    /// How many replies count as what.
    pub values: BTreeMap<String, u32>,
    /// Replies that raters coded differently, and somebody has decided.
    pub settled: u32,
    /// Replies that raters coded differently, and nobody has decided.
    pub disputed: u32,
}

/// Every item, in the codebook's order, that any reply was coded by.
pub(super) fn told(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>) -> Vec<ItemTold> {
    let came = |m: &&InboundState| m.duplicate_of.is_none() && m.received.at <= as_of && m.is_to_code();
    let replies: Vec<&InboundState> = state.inbound.values().filter(came).collect();
    let asked = plan.study.codebook.items.iter().map(|item| (item.id.as_str(), Some(item.ask.clone())));
    let items = std::iter::once((ADEQUACY, None)).chain(asked);
    items.filter_map(|(item, ask)| of_item(plan, &replies, item, ask)).collect()
}

fn of_item(plan: &Plan, replies: &[&InboundState], item: &str, ask: Option<String>) -> Option<ItemTold> {
    let mut told =
        ItemTold { item: item.to_owned(), ask, companies: 0, values: BTreeMap::new(), settled: 0, disputed: 0 };
    let mut companies = BTreeSet::new();
    for reply in replies {
        let value = match item {
            ADEQUACY => reply.adequacy().map(Adequacy::name),
            item => reply.item(item),
        };
        let Some(value) = value else { continue };
        *told.values.entry(value.to_owned()).or_default() += 1;
        told.settled += u32::from(reply.reply().adjudicated.iter().any(|(settled, _)| settled == item));
        told.disputed += u32::from(reply.is_disputed(item));
        let tied = reply.interpretation.as_deref().and_then(|i| i.inquiry.as_ref());
        companies.extend(tied.and_then(|(id, _)| plan.inquiry(id)).map(|planned| planned.company.to_string()));
    }
    told.companies = u32::try_from(companies.len()).unwrap_or(u32::MAX);
    (!told.values.is_empty()).then_some(told)
}

/// What few companies' replies were coded by is left out; with pseudonyms, the questions too: they may name
/// what only one of the companies sells.
pub(super) fn hide_small(material: &mut Material) {
    let (min, unnamed) = (material.changed.companies_min, material.changed.pseudonyms);
    material.codebook.retain(|item| item.companies >= min);
    let shown: BTreeSet<String> = material.codebook.iter().map(|item| item.item.clone()).collect();
    material.item_codings.retain(|(item, _)| shown.contains(item));
    material.ordered_items.retain(|item, _| shown.contains(item));
    if unnamed {
        material.codebook.iter_mut().for_each(|item| item.ask = None);
    }
}
