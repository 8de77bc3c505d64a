//! Does each company answer outside what it leaves lying at home? Paired slopes, with the difference.

use super::canvas::{Anchor, Canvas, Chart, Drawing, fit};
use super::scale::Scale;
use super::{NARROW, WIDE};
use crate::report::publish::{Found, Publication, Sides};
use crate::report::voice::Voice;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Companies with the same shares on both sides are one line, as thick as they are many.
pub(super) fn slopes(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let Found::Paired(sides) = &publication.summary.found else { return None };
    let comparison = publication.scorecard.comparisons.last()?;
    if publication.pairs.is_empty() {
        return None;
    }
    let names = [&comparison.left.name, &comparison.right.name].map(|name| voice.side(name));
    let mut lines: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for company in &publication.pairs {
        let share = |n: u32| n * 1000 / company.questions.max(1);
        *lines.entry((share(company.left), share(company.right))).or_default() += 1;
    }
    let (better, equal, worse) = lines.iter().fold((0, 0, 0), |(b, e, w), ((l, r), n)| match r.cmp(l) {
        Ordering::Greater => (b + n, e, w),
        Ordering::Equal => (b, e + n, w),
        Ordering::Less => (b, e, w + n),
    });
    let said = voice.with(
        "chart-slopes-alt",
        &[
            ("left", (&names[0]).into()),
            ("right", (&names[1]).into()),
            ("better", (&voice.count(better)).into()),
            ("equal", (&voice.count(equal)).into()),
            ("worse", (&voice.count(worse)).into()),
        ],
    );
    let draw = |width: f64| drawing(width, &lines, &names, comparison, sides, voice);
    Some(Chart {
        id: "pairs",
        title: voice.of_one("chart-slopes", "window", &voice.span(comparison.within)),
        alt: said,
        wide: draw(WIDE),
        narrow: Some(draw(NARROW)),
        simulated: publication.is_simulated(),
    })
}

fn drawing(
    width: f64,
    lines: &BTreeMap<(u32, u32), u32>,
    names: &[String; 2],
    comparison: &crate::score::comparison::Comparison,
    sides: &Sides,
    voice: &Voice,
) -> Drawing {
    let mut canvas = Canvas::new(width);
    let wide = width > 500.0;
    let (left, right) = if wide { (150.0, 400.0) } else { (78.0, 182.0) };
    let (top, bottom) = edges(wide);
    let scale = Scale::linear(0.0, 1.0, bottom, top);
    for (x, name) in [(left, &names[0]), (right, &names[1])] {
        canvas.line((x, top - 8.0), (x, bottom + 8.0), "rule");
        canvas.text((x, top - 18.0), Anchor::Middle, "strong", &fit(name, if wide { 180.0 } else { 112.0 }));
    }
    for percent in [0, 50, 100] {
        let y = scale.at(f64::from(percent) / 100.0);
        canvas.text((left - 42.0, y + 4.0), Anchor::End, "tick", &format!("{percent}%"));
        canvas.line((left - 36.0, y), (left - 30.0, y), "grid");
    }
    let most = lines.values().copied().max().unwrap_or(1);
    for ((l, r), companies) in lines {
        let (y1, y2) = (scale.at(f64::from(*l) / 1000.0), scale.at(f64::from(*r) / 1000.0));
        let class = match r.cmp(l) {
            Ordering::Greater => "slope good",
            Ordering::Less => "slope bad",
            Ordering::Equal => "slope mute",
        };
        let thick = 2.0 + 14.0 * (f64::from(*companies) / f64::from(most)).min(1.0);
        let title = voice.n("companies-n", *companies);
        canvas.titled(&title, |canvas| canvas.thick((left, y1), (right, y2), thick, class));
    }
    end_counts(&mut canvas, lines, scale, [left, right], voice);
    difference(&mut canvas, if wide { 590.0 } else { 276.0 }, comparison, sides, names, voice, wide);
    canvas.done(bottom + 34.0)
}

/// How many companies end where, on either side.
fn end_counts(canvas: &mut Canvas, lines: &BTreeMap<(u32, u32), u32>, scale: Scale, x: [f64; 2], voice: &Voice) {
    let mut ends: [BTreeMap<u32, u32>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for ((l, r), companies) in lines {
        *ends[0].entry(*l).or_default() += companies;
        *ends[1].entry(*r).or_default() += companies;
    }
    for (side, ends) in ends.iter().enumerate() {
        let mut last = f64::INFINITY;
        for (share, companies) in ends {
            let y = scale.at(f64::from(*share) / 1000.0);
            if last - y < 13.0 {
                continue;
            }
            last = y;
            let (anchor, dx) = if side == 0 { (Anchor::End, -14.0) } else { (Anchor::Start, 14.0) };
            canvas.text((x[side] + dx, y + 4.0), anchor, "strong", &voice.count(*companies));
        }
    }
}

/// Where plots begin and end; on a telephone below what says SIMULATED.
const fn edges(wide: bool) -> (f64, f64) {
    if wide { (40.0, 236.0) } else { (58.0, 254.0) }
}

/// The difference with its interval, on a scale of its own beside the slopes.
fn difference(
    canvas: &mut Canvas,
    x: f64,
    comparison: &crate::score::comparison::Comparison,
    sides: &Sides,
    names: &[String; 2],
    voice: &Voice,
    wide: bool,
) {
    let (top, bottom) = edges(wide);
    let Some(estimate) = comparison.result.difference else { return };
    // Drawn as the slopes rise: right minus left.
    let (value, low, high) = (-estimate.value, -estimate.interval.high, -estimate.interval.low);
    let scale = Scale::linear(-1.0, 1.0, bottom, top);
    canvas.text((x, top - 18.0), Anchor::Middle, "strong", &voice.t("difference"));
    for percent in [-100, -50, 0, 50, 100] {
        let y = scale.at(f64::from(percent) / 100.0);
        canvas.line((x - 20.0, y), (x + 20.0, y), if percent == 0 { "rule" } else { "grid" });
        let label = voice.decimal(f64::from(percent), 0);
        canvas.text((x - 26.0, y + 4.0), Anchor::End, "tick", &label);
    }
    let class = if sides.is_shown { "good" } else { "mute" };
    canvas.line((x, scale.at(low)), (x, scale.at(high)), &format!("bar {class}"));
    canvas.diamond((x, scale.at(value)), 7.0, &format!("dot {class}"));
    let points = voice.decimal(value * 100.0, 0);
    let signed = if value > 0.0 { format!("+{points}") } else { points };
    let range = voice.range(crate::stats::Interval { low, high });
    if wide {
        canvas.text(
            (x + 28.0, scale.at(value) + 4.0),
            Anchor::Start,
            &format!("label {class}"),
            &voice.of_one("points", "value", &signed),
        );
        canvas.text((x + 28.0, scale.at(value) + 20.0), Anchor::Start, "tick", &format!("95% [{range}]"));
        canvas.text(
            (x + 28.0, scale.at(value) + 36.0),
            Anchor::Start,
            "tick",
            &fit(&format!("{} − {}", names[1], names[0]), 232.0),
        );
    } else {
        canvas.text((x + 24.0, scale.at(value) + 4.0), Anchor::Start, &format!("label {class}"), &signed);
        canvas.text((x, bottom + 22.0), Anchor::Middle, "tick", &format!("[{range}]"));
    }
}
