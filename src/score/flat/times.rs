//! Ids of waiting times: `km.…`, `aj.…`, `logrank….…`, `rmst_diff168h.…`.

use super::{ChannelRows, Flat, Study, THRESHOLDS, WEEK_SECONDS, Wanted};
use crate::stats::{AalenJohansen, Confidence, KaplanMeier, LogRankRow, LogRankSample, RestrictedMean, holm};

const HOUR: f64 = 3600.0;

/// Curves of each channel.
pub(super) fn curves(study: &Study<'_>, flat: &mut Flat) {
    for channel in &study.channels {
        kaplan_meier(channel, flat);
        aalen_johansen(channel, flat);
    }
}

fn fit(channel: &ChannelRows<'_>) -> Option<KaplanMeier> {
    KaplanMeier::fit(channel.rows.iter().filter_map(|row| row.followed()))
}

fn kaplan_meier(channel: &ChannelRows<'_>, flat: &mut Flat) {
    let Some(curve) = fit(channel) else { return };
    let id = format!("km.{}", channel.name);
    let level = Confidence::p95();
    let followed = channel.rows.iter().filter_map(|row| row.observation.observed_for()).max().unwrap_or(0);
    flat.count(format!("{id}.n"), curve.n());
    flat.count(format!("{id}.events"), curve.events());
    flat.number(format!("{id}.max_followup_h"), f64::from(followed) / HOUR);
    for (label, seconds) in THRESHOLDS {
        flat.number(format!("{id}.S.{label}"), curve.survival(seconds));
        if let Some(error) = curve.standard_error(seconds) {
            flat.number(format!("{id}.se_S.{label}"), error);
        }
        if let Some(estimate) = curve.estimate(seconds, level) {
            flat.interval(format!("{id}.loglog.{label}"), estimate.interval);
        }
    }
    let limits = curve.median_limits(level);
    flat.hours(format!("{id}.q25"), curve.reaches(0.75));
    flat.hours(format!("{id}.median"), curve.median());
    flat.hours(format!("{id}.q75"), curve.reaches(0.25));
    flat.hours(format!("{id}.median_ci_lo"), limits.low);
    flat.hours(format!("{id}.median_ci_hi"), limits.high);
    let mean = curve.restricted_mean(WEEK_SECONDS);
    flat.number(format!("{id}.rmst168h"), mean.seconds / HOUR);
    flat.number(format!("{id}.rmst168h_se"), mean.standard_error / HOUR);
}

fn aalen_johansen(channel: &ChannelRows<'_>, flat: &mut Flat) {
    let Some(curve) = AalenJohansen::fit(channel.rows.iter().filter_map(|row| row.competing())) else { return };
    let id = format!("aj.{}", channel.name);
    for (label, seconds) in THRESHOLDS {
        flat.number(format!("{id}.cif_reply.{label}"), curve.incidence(seconds));
        flat.number(format!("{id}.cif_se_aalen.{label}"), curve.standard_error(seconds));
    }
}

/// Channels held against each other.
pub(super) fn tests(study: &Study<'_>, wanted: Wanted, flat: &mut Flat) {
    let plain = sample(study, false);
    if let Some(test) = plain.test() {
        flat.number("logrank.chi2".to_owned(), test.chi2);
        flat.number("logrank.p".to_owned(), test.p);
        flat.count("logrank.df".to_owned(), test.degrees_of_freedom);
        for (channel, (observed, expected)) in study.channels.iter().zip(test.observed.iter().zip(&test.expected)) {
            flat.count(format!("logrank.observed.{}", channel.name), *observed);
            flat.number(format!("logrank.expected.{}", channel.name), *expected);
        }
    }
    if let Some(test) = sample(study, true).test() {
        flat.number("logrank_strat_company.chi2".to_owned(), test.chi2);
        flat.number("logrank_strat_company.p".to_owned(), test.p);
    }
    pairs(study, &plain, flat);
    if wanted.all {
        differences(study, flat);
    }
}

fn sample(study: &Study<'_>, by_company: bool) -> LogRankSample {
    let groups = u16::try_from(study.channels.len()).unwrap_or(u16::MAX);
    // By the alphabet, so that the order of rows changes no digit of a sum over companies.
    let stratum = if by_company { study.table.names().companies.ranks() } else { Vec::new() };
    let stratum = &stratum;
    let rows = (0..groups).zip(&study.channels).flat_map(|(group, channel)| {
        channel.rows.iter().filter_map(move |row| {
            Some(LogRankRow::new(group, stratum.get(row.company.index()).copied().unwrap_or(0), row.followed()?))
        })
    });
    LogRankSample::new(groups, rows.collect())
}

fn pairs(study: &Study<'_>, sample: &LogRankSample, flat: &mut Flat) {
    let mut tested = Vec::new();
    for (left, right) in study.pairs() {
        let (Ok(a), Ok(b)) = (u16::try_from(left), u16::try_from(right)) else { continue };
        if let Some(test) = sample.test_pair(a, b) {
            let id = format!("logrank_pair.{}", study.pair_name(left, right));
            flat.number(format!("{id}.chi2"), test.chi2);
            flat.number(format!("{id}.p"), test.p);
            tested.push((id, test.p));
        }
    }
    let adjusted = holm(&tested.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    for ((id, _), p) in tested.iter().zip(adjusted) {
        flat.number(format!("{id}.p_holm"), p);
    }
}

fn differences(study: &Study<'_>, flat: &mut Flat) {
    let means: Vec<Option<RestrictedMean>> =
        study.channels.iter().map(|channel| Some(fit(channel)?.restricted_mean(WEEK_SECONDS))).collect();
    for (left, right) in study.pairs() {
        if let (Some(a), Some(b)) = (means[left], means[right]) {
            let seconds = a.minus(b, Confidence::p95());
            let hours = [seconds.value, seconds.interval.low, seconds.interval.high].map(|s| s / HOUR);
            flat.numbers(format!("rmst_diff168h.{}", study.pair_name(left, right)), &hours);
        }
    }
}
