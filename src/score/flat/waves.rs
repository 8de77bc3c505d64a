//! Ids of changes between waves: `wave.CHANNEL.w2-w1.…` and `wave.CHANNEL.trend_logit`.

use super::pairs::{Answer, Pairing};
use super::{Flat, WEEK, Wanted};
use crate::score::table::{NameId, Row, Table};
use crate::stats::{InWave, logistic_trend};
use std::collections::BTreeMap;
use std::ops::Range;

/// The changes on each channel, from each wave to each later one. Waves are numbered from 1 in
/// the order given. A pair is a company's question, asked in both waves on the same channel.
#[must_use]
pub fn waves(waves: &[Table], wanted: Wanted) -> Flat {
    let mut table = Table::default();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for wave in waves {
        let from = table.rows().len();
        table.append(wave);
        ranges.push(from..table.rows().len());
    }
    let mut flat = Flat::default();
    for (channel, name) in table.names().channels.sorted() {
        let rows: Vec<(u16, &Row)> = (0_u16..)
            .zip(&ranges)
            .flat_map(|(wave, range)| table.rows()[range.clone()].iter().map(move |row| (wave, row)))
            .filter(|(_, row)| row.channel == channel)
            .collect();
        changes(name, waves.len(), &rows, wanted, &mut flat);
        trend(name, &rows, &mut flat);
    }
    flat
}

fn changes(channel: &str, waves: usize, rows: &[(u16, &Row)], wanted: Wanted, flat: &mut Flat) {
    // The later wave is the left side: a difference above 0 is a rise.
    let last = u16::try_from(waves).unwrap_or(u16::MAX).saturating_sub(1);
    let mut answers: Vec<Answer> =
        rows.iter().filter_map(|(wave, row)| Answer::of(row, last.saturating_sub(*wave))).collect();
    answers.sort_unstable();
    let pairs = (0..waves).flat_map(|left| (left + 1..waves).map(move |right| (waves - left, waves - right)));
    let named: Vec<_> = pairs.zip(Pairing::of_all(waves, &answers)).collect();
    for ((later, earlier), pairing) in named.iter().rev() {
        pairing.put(&format!("wave.{channel}.w{later}-w{earlier}.7d"), wanted, flat);
    }
}

fn trend(channel: &str, rows: &[(u16, &Row)], flat: &mut Flat) {
    let mut counts: BTreeMap<(NameId, u16), (u32, u32)> = BTreeMap::new();
    for (wave, row) in rows.iter().filter(|(_, row)| row.is_watched_for(WEEK)) {
        let (successes, trials) = counts.entry((row.cluster, *wave)).or_default();
        *successes += u32::from(row.replied_within(WEEK));
        *trials += 1;
    }
    let counts: Vec<InWave> = counts
        .into_iter()
        .map(|((cluster, wave), (successes, trials))| InWave {
            cluster: u32::try_from(cluster.index()).unwrap_or(u32::MAX),
            wave: u32::from(wave),
            successes,
            trials,
        })
        .collect();
    if let Some(trend) = logistic_trend(&counts) {
        flat.numbers(format!("wave.{channel}.trend_logit"), &[trend.log_odds_per_wave, trend.standard_error]);
    }
}
