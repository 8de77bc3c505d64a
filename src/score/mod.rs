//! What do the observations add up to? Observations → [`Scorecard`].
//!
//! Start at [`score`]. Two readings stand side by side: *before any reminder* is the primary one,
//! *with reminders* the other. A rate's denominator holds only inquiries that were, or would have
//! been, watched long enough: whoever is still being watched is not silent.

pub mod also;
pub mod badge;
pub mod card;
pub mod companies;
pub mod comparison;
pub mod csv;
pub mod findings;
pub mod flat;
pub mod frame;
pub mod hours;
pub mod league;
pub mod power;
pub mod rate;
pub mod raters;
pub mod repeated;
pub mod rounds;
pub mod stories;
pub mod table;
pub mod tally;
pub mod uncertain;
pub mod variants;
pub mod waits;
pub mod waves;
pub mod words;

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use card::{ChannelScore, CompanyScore, GroupScore, PositionScore, SCORECARD_FORMAT, Scorecard};
pub use frame::{About, Availability, CompanyLabel, Frame, LabelGroup};
pub use rate::{Latency, Rate};
pub use table::Table;
pub use tally::{Answers, Tally};

use crate::model::channel::Channel;
use crate::model::observation::Observed;
use comparison::parallel::compare_groups;
use comparison::several::compare_all;
use frame::Compared;
use std::collections::BTreeMap;
use tally::{Reading, Within};

/// What every published output of a rehearsal says.
pub const SIMULATED: &str = "SIMULATED: these companies are invented, nobody was contacted.";

/// What the rows add up to. Their order does not matter.
#[must_use]
pub fn score(rows: &[Observed], frame: &Frame) -> Scorecard {
    let about = &frame.about;
    let by_channel = grouped(rows, |row| (channel_rank(&row.channel), row.channel.as_str()));
    let by_company = companies::by_company(rows, frame);
    let groups = about.groups.iter().map(|group| {
        let members: Vec<&Observed> = rows.iter().filter(|row| group.channels.contains(&row.channel)).collect();
        GroupScore { group: group.name.clone(), channels: group.channels.clone(), tally: Tally::of(&members, frame) }
    });
    let everything: Vec<&Observed> = rows.iter().collect();
    let channels = by_channel
        .iter()
        .map(|((_, channel), rows)| ChannelScore { channel: (*channel).to_owned(), tally: Tally::of(rows, frame) });
    let mut card = Scorecard {
        format: SCORECARD_FORMAT,
        risposta: env!("CARGO_PKG_VERSION").to_owned(),
        notice: about.simulated.then(|| SIMULATED.to_owned()),
        about: about.clone(),
        findings: findings::Findings::default(),
        total: Tally::of(&everything, frame),
        channels: channels.collect(),
        groups: groups.collect(),
        comparisons: if about.design == Compared::SameCompanies {
            comparison::compare(rows, about)
        } else {
            Vec::new()
        },
        parallel: compare_groups(rows, about),
        variants: Vec::new(),
        comparison_hidden: false,
        several: compare_all(rows, &by_channel.keys().map(|(_, channel)| *channel).collect::<Vec<_>>(), about),
        league: league::league(&by_company, about),
        agreement: raters::agreement(&frame.codings),
        agreement_by_item: raters::by_item(&frame.item_codings, &frame.ordered_items),
        disputed: frame.disputed,
        stories: frame.stories.clone(),
        uncertain: frame.uncertain.clone(),
        badges: badge::badges(rows, about.as_of),
        also: Vec::new(),
        positions: positions(rows, frame),
        availability: frame.availability.clone(),
        answered_nowhere: companies::answered_nowhere(&by_company),
        answered_outside_only: companies::answered_outside_only(&by_company, frame),
        companies: companies::scores(&by_company, frame),
    };
    let paired = card.comparisons.last().map(|c| c.measure);
    card.variants = variants::variants(rows, frame, paired.or_else(|| card.parallel.last().map(|p| p.measure)));
    card.findings = findings::findings(&card);
    card
}

/// Rows by a key, in the key's order.
fn grouped<'r, K: Ord>(rows: &'r [Observed], key: impl Fn(&'r Observed) -> K) -> BTreeMap<K, Vec<&'r Observed>> {
    let mut groups: BTreeMap<K, Vec<&Observed>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}

/// Where a table lists a channel: known ones as [`Channel::ALL`] has them, then the others.
#[must_use]
pub fn channel_rank(label: &str) -> usize {
    Channel::ALL.iter().position(|c| c.name() == label).unwrap_or(Channel::ALL.len())
}

/// Replies by channel and position in a company's order: where the order may matter, a channel's
/// place must be seen beside its rate. Nothing where every inquiry of a channel has the same place.
fn positions(rows: &[Observed], frame: &Frame) -> Vec<PositionScore> {
    let scores: Vec<_> = grouped(rows, |row| (channel_rank(&row.channel), row.channel.as_str(), row.position))
        .into_iter()
        .filter(|((_, _, position), _)| *position > 0)
        .map(|((_, channel, position), rows)| PositionScore {
            channel: channel.to_owned(),
            position,
            response: Within::of(&rows, Reading::BeforeAnyReminder, frame.about.window).replied,
        })
        .collect();
    if scores.iter().all(|score| score.position == 1) { Vec::new() } else { scores }
}
