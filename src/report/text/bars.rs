//! Pictures of characters: rates with their intervals, and shares by time.

use crate::report::escape;
use crate::report::publish::{Curve, Publication};
use crate::report::voice::Voice;
use crate::score::Rate;
use unicode_width::UnicodeWidthStr;

/// Columns of the scale from 0 to 100 %.
const SCALE: usize = 40;
/// Columns of a name.
const NAME: usize = 18;

/// A name, cut or filled to its columns.
fn name(text: &str) -> String {
    let cut = escape::fit(&escape::line(text), NAME).into_owned();
    let blank = NAME - cut.width().min(NAME);
    format!("{cut}{}", " ".repeat(blank))
}

/// Rates as points on their intervals.
pub(super) fn forest(publication: &Publication, voice: &Voice) -> Vec<String> {
    let card = &publication.scorecard;
    let groups = card.groups.iter().map(|g| (voice.side(&g.group), g.tally.before_any_reminder.response));
    let channels = card.channels.iter().map(|c| (voice.channel(&c.channel), c.tally.before_any_reminder.response));
    let rows: Vec<(String, Rate)> = channels.chain(groups).filter(|(_, rate)| rate.denominator > 0).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let line = |(label, rate): &(String, Rate)| {
        let fraction = format!("{}/{}", voice.count(rate.numerator), voice.count(rate.denominator));
        format!("{} {} {:>5} {fraction:>9}", name(label), interval(rate), voice.share(rate))
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.push(format!("{} 0{:>half$}{:>rest$}", name(""), "50", "100%", half = SCALE / 2, rest = SCALE / 2 + 1));
    lines
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of some dozen columns")]
fn column(share: f64) -> usize {
    let last = f64::from(u32::try_from(SCALE).unwrap_or(1) - 1);
    ((share.clamp(0.0, 1.0) * last).round() as usize).min(SCALE - 1)
}

fn interval(rate: &Rate) -> String {
    let Some(estimate) = rate.estimate else { return " ".repeat(SCALE) };
    let (low, at, high) = (column(estimate.interval.low), column(estimate.value), column(estimate.interval.high));
    let mut line: Vec<char> = vec![' '; SCALE];
    line[low..=high].fill('─');
    line[low] = '├';
    line[high] = '┤';
    line[at] = '●';
    line.into_iter().collect()
}

/// Shares answered by each moment, as heights and as percents.
pub(super) fn latencies(publication: &Publication, voice: &Voice) -> Vec<String> {
    let latencies = &publication.latencies;
    let ticks = &latencies.ticks;
    // As many moments as fit beside the name.
    let columns = (super::WIDTH - NAME - 1) / 7;
    let skip = ticks.len().saturating_sub(columns);
    let shown = &ticks[skip..];
    let head: Vec<String> = shown.iter().map(|t| format!("{:>7}", voice.tick(*t).replace('\u{a0}', " "))).collect();
    let mut lines = vec![format!("{}{}", name(""), head.concat())];
    for curve in latencies.channels.iter().chain(&latencies.groups) {
        let cells: String = shown.iter().map(|tick| cell(curve, *tick, voice)).collect();
        lines.push(format!("{}{cells}", name(&voice.side(&curve.name))));
    }
    if lines.len() == 1 { Vec::new() } else { lines }
}

fn cell(curve: &Curve, tick: u32, voice: &Voice) -> String {
    const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if tick > curve.until && curve.until > 0 && curve.points.is_empty() {
        return format!("{:>7}", "–");
    }
    let share = curve.points.iter().take_while(|p| p.seconds <= tick).last().map_or(0.0, |p| p.answered);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of eight heights")]
    let height = HEIGHTS[((share * 8.0).round() as usize).min(8)];
    format!("{:>7}", format!("{height} {}", voice.percent(share)))
}
