//! What does the human page say, which takes companies as clusters?

use super::study::{CHANNELS, HOUR};
use risposta::score::table::{NameId, Row, Table};
use risposta::stats::score_test::{self, ScoreTest, Waited};
use risposta::stats::survival::clustered::{InCluster, fit, restricted_mean_difference};
use risposta::stats::{Confidence, Reached};
use std::collections::BTreeMap;

const WEEK: u32 = 604_800;

fn number(id: NameId) -> u32 {
    u32::try_from(id.index()).unwrap_or(u32::MAX)
}

fn rows_on<'t>(table: &'t Table, channel: &str) -> impl Iterator<Item = &'t Row> {
    let id = table.names().channels.get(channel);
    table.rows().iter().filter(move |row| Some(row.channel) == id)
}

fn waits(table: &Table, channel: &str) -> Vec<InCluster> {
    rows_on(table, channel).filter_map(|row| Some((number(row.cluster), row.followed()?))).collect()
}

/// Of the curve on channel a after that many seconds.
pub(crate) fn curve(table: &Table, seconds: u32) -> Option<[f64; 2]> {
    let limits = fit(&waits(table, "a"))?.estimate(seconds, Confidence::p95())?.interval;
    Some([limits.low, limits.high])
}

/// Of the median on channel a, in hours.
pub(crate) fn median(table: &Table) -> Option<[f64; 2]> {
    let limits = fit(&waits(table, "a"))?.median_limits(Confidence::p95());
    Some([limits.low, limits.high].map(|end| match end {
        Reached::At(seconds) => f64::from(seconds) / HOUR,
        Reached::NotReached => f64::INFINITY,
    }))
}

/// Of the difference of restricted means, a minus b, in hours.
pub(crate) fn mean_difference(table: &Table) -> Option<[f64; 2]> {
    let told = restricted_mean_difference(&waits(table, "a"), &waits(table, "b"), WEEK, Confidence::p95())?;
    Some([told.interval.low / HOUR, told.interval.high / HOUR])
}

/// The log-rank test of all channels, each company by itself.
pub(crate) fn log_rank(table: &Table) -> Option<ScoreTest> {
    let mut waits = Vec::new();
    for (side, channel) in (0_u16..).zip(CHANNELS) {
        let here = rows_on(table, channel).filter_map(|row| Some((row, row.followed()?)));
        waits.extend(here.map(|(row, followed)| Waited::new(number(row.company), number(row.cluster), side, followed)));
    }
    score_test::of_waits(CHANNELS.len(), waits)
}

/// Cochran's Q of all channels.
pub(crate) fn cochran(table: &Table) -> Option<ScoreTest> {
    let mut questions: BTreeMap<(u32, u32), Vec<bool>> = BTreeMap::new();
    for channel in CHANNELS {
        for row in rows_on(table, channel).filter(|row| row.observation.observed_for().is_some_and(|s| s >= WEEK)) {
            let replied = row.replied_after().is_some_and(|seconds| seconds <= WEEK);
            questions.entry((number(row.cluster), row.repetition)).or_default().push(replied);
        }
    }
    let blocks: Vec<(u32, Vec<bool>)> = questions.into_iter().map(|((cluster, _), block)| (cluster, block)).collect();
    score_test::of_blocks(CHANNELS.len(), &blocks)
}
