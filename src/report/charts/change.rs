//! What changed between waves? Before and after, with the change's interval in words.

use super::canvas::{Anchor, Canvas, Chart, Drawing, fit, width_of};
use super::scale::{Scale, share_axis};
use super::{NARROW, WIDE, channel_class};
use crate::report::publish::Publication;
use crate::report::voice::Voice;
use crate::score::waves::{Change, Step};

/// From the first wave to the last, by channel and group.
pub(super) fn waves(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let step = publication.waves.as_ref()?.steps.last()?;
    let changes: Vec<(&Change, &'static str)> = step
        .groups
        .iter()
        .zip(["ink", "good", "part", "bad"])
        .chain(step.channels.iter().map(|c| (c, channel_class(&c.name))))
        .chain(step.all.iter().map(|c| (c, "ink")))
        .collect();
    if changes.is_empty() {
        return None;
    }
    let said = changes.iter().map(|(change, _)| {
        let points = change.result.difference.map(|d| voice.points(&d)).unwrap_or_default();
        format!(
            "{}: {} → {} ({points})",
            voice.side(&change.name),
            voice.share(&change.before),
            voice.share(&change.after)
        )
    });
    Some(Chart {
        id: "change",
        title: voice.with("chart-waves", &[("from", (&step.from).into()), ("to", (&step.to).into())]),
        alt: format!("{} {}", voice.t("chart-waves-alt"), said.collect::<Vec<_>>().join("; ")),
        wide: drawing(WIDE, step, &changes, voice),
        narrow: Some(drawing(NARROW, step, &changes, voice)),
        simulated: publication.is_simulated(),
    })
}

/// Before and after on the left; on the right what changed, with its interval around no change.
fn drawing(width: f64, step: &Step, changes: &[(&Change, &'static str)], voice: &Voice) -> Drawing {
    let wide = width > 500.0;
    let row = if wide { 28.0 } else { 58.0 };
    let mut canvas = Canvas::new(width);
    let (left, right) = if wide { (158.0, 404.0) } else { (10.0, width - 14.0) };
    let top = if wide { 40.0 } else { 28.0 };
    let bottom = top + row * f64::from(u32::try_from(changes.len()).unwrap_or(0));
    let shares = Scale::linear(0.0, 1.0, left, right);
    let points = Scale::linear(-1.0, 1.0, if wide { 444.0 } else { left }, if wide { 674.0 } else { right });
    let from = fit(&step.from, 140.0);
    let second = left + 38.0 + width_of(&from);
    canvas.circle((left + 6.0, 12.0), 4.0, "hollow soft");
    canvas.text((left + 14.0, 16.0), Anchor::Start, "tick", &from);
    canvas.circle((second, 12.0), 4.5, "dot soft");
    canvas.text((second + 8.0, 16.0), Anchor::Start, "tick", &fit(&step.to, if wide { 140.0 } else { 100.0 }));
    share_axis(&mut canvas, shares, top, bottom);
    if wide {
        canvas.text((points.at(0.0), 16.0), Anchor::Middle, "tick", &voice.t("col-change"));
        for percent in [-100, -50, 0, 50, 100] {
            let x = points.at(f64::from(percent) / 100.0);
            canvas.line((x, top), (x, bottom), if percent == 0 { "rule" } else { "grid" });
            canvas.text((x, bottom + 16.0), Anchor::Middle, "tick", &voice.decimal(f64::from(percent), 0));
        }
    }
    let mut y = top;
    for (change, class) in changes {
        let name = voice.side(&change.name);
        let difference = change.result.difference;
        let said =
            difference.map(|d| format!("{} [{}]", voice.points(&d), voice.range(d.interval))).unwrap_or_default();
        let middle = if wide { y + row / 2.0 } else { y + 30.0 };
        if wide {
            canvas.text((left - 12.0, middle + 4.0), Anchor::End, "", &fit(&name, left - 16.0));
            canvas.text((points.at(1.0) + 12.0, middle + 4.0), Anchor::Start, "tick", &said);
        } else {
            canvas.text((2.0, y + 18.0), Anchor::Start, "strong", &fit(&name, 150.0));
            canvas.text((width - 4.0, y + 18.0), Anchor::End, "tick", &said);
        }
        if let (Some(before), Some(after)) = (change.before.share(), change.after.share()) {
            let (from, to) = (shares.at(before), shares.at(after));
            canvas.line((from, middle), (to, middle), &format!("bar {class}"));
            canvas.circle((from, middle), 5.5, &format!("hollow {class}"));
            canvas.circle((to, middle), 4.0, &format!("dot {class}"));
        }
        if let Some(estimate) = difference.filter(|_| wide) {
            let (low, high) = (points.at(estimate.interval.low), points.at(estimate.interval.high));
            canvas.line((low, middle), (high, middle), &format!("bar {class}"));
            canvas.diamond((points.at(estimate.value), middle), 5.5, &format!("dot {class}"));
        }
        y += row;
    }
    canvas.done(bottom + 24.0)
}
