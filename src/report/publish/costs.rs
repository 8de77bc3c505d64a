//! What does asking cost a customer on each channel, as far as somebody looked?

use super::material::Material;
use crate::model::study::Cost;
use serde::Serialize;

/// What asking costs on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelCost {
    /// The channel.
    pub channel: String,
    /// Contact points at which somebody looked.
    pub looked: u32,
    /// Fields that must be filled: of how many contact points it is known, and the median.
    pub required_fields: Option<(u32, u32)>,
    /// Clicks from the home page, in the same way.
    pub clicks: Option<(u32, u32)>,
    /// How many demand an account, of how many of which it is known.
    pub registration: (u32, u32),
    /// A telephone number.
    pub phone: (u32, u32),
    /// A name.
    pub real_name: (u32, u32),
    /// A CAPTCHA.
    pub captcha: (u32, u32),
}

/// The channels at which somebody looked, if at enough companies.
pub(super) fn by_channel(material: &Material) -> Vec<ChannelCost> {
    let enough = |cost: &ChannelCost| cost.looked >= material.changed.companies_min.max(1);
    material.channels().into_iter().map(|channel| of_channel(material, channel)).filter(enough).collect()
}

fn of_channel(material: &Material, channel: String) -> ChannelCost {
    let costs: Vec<&Cost> = material.companies.iter().filter_map(|company| company.costs.get(&channel)).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let demand = |of: &dyn Fn(&Cost) -> Option<bool>| {
        let known: Vec<bool> = costs.iter().filter_map(|cost| of(cost)).collect();
        (count(known.iter().filter(|demanded| **demanded).count()), count(known.len()))
    };
    let median = |of: fn(&Cost) -> Option<u32>| {
        let mut known: Vec<u32> = costs.iter().filter_map(|cost| of(cost)).collect();
        known.sort_unstable();
        // Of an even number the lower of the two in the middle: whole fields, whole clicks.
        Some((count(known.len()), *known.get(known.len().checked_sub(1)? / 2)?))
    };
    ChannelCost {
        looked: count(costs.len()),
        required_fields: median(|cost| cost.required_fields),
        clicks: median(|cost| cost.clicks),
        registration: demand(&|cost| cost.registration),
        phone: demand(&|cost| cost.phone),
        real_name: demand(&|cost| cost.real_name),
        captcha: demand(&|cost| cost.captcha.as_ref().map(|kind| kind != "none")),
        channel,
    }
}
