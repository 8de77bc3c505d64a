//! Ids of counts and shares: `count.…`, `bounce_rate.…`, `rate.…`, `facebook_2016.…`.

use super::{ChannelRows, Flat, Study, THRESHOLDS, WEEK, WEEK_SECONDS, Wanted, by_member};
use crate::model::event::Adequacy;
use crate::model::observation::{Observation, UndeliveredReason};
use crate::score::table::Row;
use crate::stats::badge::{Rule, median};
use crate::stats::bootstrap::{resampled_shares, summarise};
use crate::stats::{Clusters, Confidence, Proportion, Resampled};

/// Thresholds for which shares are resampled.
const RESAMPLED: [&str; 2] = ["24h", "7d"];

/// What inquiries came to.
pub(super) fn counts(study: &Study<'_>, flat: &mut Flat) {
    for channel in &study.channels {
        let name = channel.name;
        let count = |wanted: fn(&Row) -> bool| {
            u32::try_from(channel.rows.iter().filter(|row| wanted(row)).count()).unwrap_or(u32::MAX)
        };
        let bounced = count(is_bounced);
        flat.count(format!("count.{name}.replied"), count(|row| row.replied_after().is_some()));
        flat.count(format!("count.{name}.no_reply"), count(|r| matches!(r.observation, Observation::Silent { .. })));
        flat.count(format!("count.{name}.bounced"), bounced);
        flat.count(format!("count.{name}.censored"), count(|r| matches!(r.observation, Observation::Censored { .. })));
        flat.count(format!("count.{name}.acked"), count(Row::is_acknowledged));
        flat.count(format!("count.{name}.delivered"), count(|row| row.observation.is_delivered()));
        let of_asked = Proportion::new(bounced, count(|row| row.observation.is_asked()));
        if let Some(estimate) = of_asked.wilson(Confidence::p95()) {
            flat.interval(format!("bounce_rate.{name}.wilson"), estimate.interval);
        }
        flat.flag(format!("facebook_2016.{name}"), has_badge(channel));
    }
}

fn is_bounced(row: &Row) -> bool {
    matches!(row.observation, Observation::Undelivered { reason: UndeliveredReason::Bounced, .. })
}

fn has_badge(channel: &ChannelRows<'_>) -> bool {
    let watched = || channel.rows.iter().filter(|row| row.is_watched_for(WEEK));
    let answered = Proportion::count(watched().map(|row| row.replied_within(WEEK)));
    let seconds = watched().filter(|row| row.replied_within(WEEK)).filter_map(|row| row.replied_after());
    Rule::MostAnsweredMedian15Minutes.is_met(answered, median(seconds.collect()))
}

/// Shares of inquiries with a reply within each threshold.
pub(super) fn rates(study: &Study<'_>, wanted: Wanted, flat: &mut Flat) {
    let clusters = study.table.names().clusters.len();
    let of_channel = |channel| rates_of(channel, clusters, wanted);
    wanted.threads.fold(study.channels.iter(), of_channel, |part| flat.extend(part));
}

fn rates_of(channel: &ChannelRows<'_>, clusters: usize, wanted: Wanted) -> Flat {
    let mut flat = Flat::default();
    let thresholds = THRESHOLDS.map(|(_, seconds)| seconds);
    let counts = by_member(clusters, channel.rows.iter().copied(), |row| row.cluster, thresholds);
    for (i, (label, seconds)) in THRESHOLDS.into_iter().enumerate() {
        let id = format!("rate.{}.{label}", channel.name);
        let within = Clusters::count(counts.iter().map(|of_cluster| of_cluster[i]));
        rate(&id, &within, wanted, RESAMPLED.contains(&label), &mut flat);
        if seconds == WEEK_SECONDS {
            flat.count(format!("{id}.x_answered"), answered(channel));
        }
    }
    flat
}

fn answered(channel: &ChannelRows<'_>) -> u32 {
    let is_answered =
        |row: &&&Row| row.is_watched_for(WEEK) && row.replied_within(WEEK) && row.adequacy == Some(Adequacy::Answered);
    u32::try_from(channel.rows.iter().filter(is_answered).count()).unwrap_or(u32::MAX)
}

fn rate(id: &str, clusters: &Clusters, wanted: Wanted, resampled: bool, flat: &mut Flat) {
    let level = Confidence::p95();
    let pooled = clusters.pooled();
    flat.count(format!("{id}.x"), pooled.successes());
    flat.count(format!("{id}.n"), pooled.of());
    flat.count(format!("{id}.clusters"), clusters.clusters());
    let (Some(share), Some(wilson)) = (clusters.share(), pooled.wilson(level)) else { return };
    flat.interval(format!("{id}.wilson"), wilson.interval);
    if let Some(error) = share.standard_error {
        flat.number(format!("{id}.cluster_se"), error);
    }
    if let Some(effect) = share.design_effect {
        flat.number(format!("{id}.deff"), effect);
    }
    if let Some(widened) = share.wilson(level) {
        flat.interval(format!("{id}.wilson_deff"), widened.interval);
    }
    if !wanted.all {
        return;
    }
    if let Some(exact) = pooled.clopper_pearson(level) {
        flat.interval(format!("{id}.clopper"), exact.interval);
    }
    if resampled && let Some(boot) = bootstrap(clusters, wanted) {
        flat.interval(format!("{id}.cluster_boot_B{}", boot.resamples), boot.interval);
        flat.number(format!("{id}.cluster_boot_se"), boot.standard_error);
    }
}

/// Resamples clusters on all threads: each resample has a stream of chance of its own.
fn bootstrap(clusters: &Clusters, wanted: Wanted) -> Option<Resampled> {
    /// Resamples that a thread draws before it looks for more.
    const TOGETHER: u32 = 256;
    let starts = (0..wanted.resamples).step_by(TOGETHER as usize);
    let draw =
        |from: u32| resampled_shares(clusters, wanted.seed, from..wanted.resamples.min(from.saturating_add(TOGETHER)));
    let mut shares = Vec::new();
    wanted.threads.fold(starts, draw, |mut drawn| shares.append(&mut drawn));
    summarise(shares, Confidence::p95())
}
