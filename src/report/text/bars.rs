//! Pictures of characters: rates with their intervals, and shares by time.

use crate::report::escape;
use crate::report::publish::{Curve, Publication};
use crate::report::voice::Voice;
use crate::report::wrap::Long;
use crate::score::Rate;
use unicode_width::UnicodeWidthStr;

/// Columns of the scale from 0 to 100 %.
const SCALE: usize = 40;
/// Columns of a name, but for a longer one that stays whole.
const NAME: usize = 18;

/// Rows by name, the names under each other: cut to their columns or, where none is cut, as wide as the longest.
pub(super) fn named(rows: Vec<(String, String)>, long: Long) -> Vec<String> {
    let fit = |name: &str| match long {
        Long::Cut => escape::fit(&escape::line(name), NAME).into_owned(),
        Long::Whole => escape::line(name).into_owned(),
    };
    let rows: Vec<(String, String)> = rows.into_iter().map(|(name, row)| (fit(&name), row)).collect();
    let columns = rows.iter().map(|(name, _)| name.width()).fold(NAME, usize::max);
    rows.into_iter().map(|(name, row)| format!("{name}{}{row}", " ".repeat(columns - name.width()))).collect()
}

/// Rates as points on their intervals.
pub(super) fn forest(publication: &Publication, voice: &Voice) -> Vec<(String, String)> {
    let card = &publication.scorecard;
    let groups = card.groups.iter().map(|g| (voice.side(&g.group), g.tally.before_any_reminder.response));
    let channels = card.channels.iter().map(|c| (voice.channel(&c.channel), c.tally.before_any_reminder.response));
    let rows: Vec<(String, Rate)> = channels.chain(groups).filter(|(_, rate)| rate.denominator > 0).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let line = |(label, rate): &(String, Rate)| {
        let fraction = format!("{}/{}", voice.count(rate.numerator), voice.count(rate.denominator));
        (label.clone(), format!(" {} {:>5} {fraction:>9}", interval(rate), voice.share(rate)))
    };
    let scale = format!(" 0{:>half$}{:>rest$}", "50", "100%", half = SCALE / 2, rest = SCALE / 2 + 1);
    rows.iter().map(line).chain([(String::new(), scale)]).collect()
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
pub(super) fn latencies(publication: &Publication, voice: &Voice) -> Vec<(String, String)> {
    let latencies = &publication.latencies;
    let ticks = &latencies.ticks;
    // As many moments as fit beside the name.
    let columns = (super::WIDTH - NAME - 1) / 7;
    let skip = ticks.len().saturating_sub(columns);
    let shown = &ticks[skip..];
    let head: Vec<String> = shown.iter().map(|t| format!("{:>7}", voice.tick(*t).replace('\u{a0}', " "))).collect();
    let mut rows = vec![(String::new(), head.concat())];
    for curve in latencies.channels.iter().chain(&latencies.groups) {
        let cells: String = shown.iter().map(|tick| cell(curve, *tick, voice)).collect();
        rows.push((voice.side(&curve.name), cells));
    }
    if rows.len() == 1 { Vec::new() } else { rows }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_where_lines_must_fit_and_whole_where_they_need_not() {
        let rows =
            || [("Google business profile", "●"), ("E-mail", "○")].map(|(n, p)| (n.to_owned(), p.to_owned())).to_vec();
        assert_eq!(named(rows(), Long::Cut), ["Google business p…●", "E-mail            ○"]);
        assert_eq!(named(rows(), Long::Whole), ["Google business profile●", "E-mail                 ○"]);
    }
}
