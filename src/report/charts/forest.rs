//! Which channel is answered how often? A forest plot of rates with their intervals.

use super::canvas::{Anchor, Canvas, Chart, Drawing, fit};
use super::scale::{Scale, share_axis};
use super::{NARROW, WIDE, channel_class};
use crate::report::publish::Publication;
use crate::report::voice::Voice;
use crate::score::Rate;

struct Row {
    label: String,
    class: &'static str,
    rate: Rate,
    /// Whether it stands for several channels.
    several: bool,
}

/// Replies within the window, by channel and by group, of those delivered and watched so long.
pub(super) fn rates(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let card = &publication.scorecard;
    let groups = card.groups.iter().map(|g| Row {
        label: voice.side(&g.group),
        class: "ink",
        rate: g.tally.before_any_reminder.response,
        several: true,
    });
    let channels = card.channels.iter().map(|c| Row {
        label: voice.channel(&c.channel),
        class: channel_class(&c.channel),
        rate: c.tally.before_any_reminder.response,
        several: false,
    });
    let rows: Vec<Row> = groups.chain(channels).filter(|row| row.rate.denominator > 0).collect();
    if rows.is_empty() {
        return None;
    }
    let said = rows.iter().map(|row| format!("{}: {} {}", row.label, voice.rate(&row.rate), voice.bounds(&row.rate)));
    let window = voice.span(card.about.window);
    Some(Chart {
        id: "rates",
        title: voice.of_one("chart-rates", "window", &window),
        alt: format!("{} {}", voice.of_one("chart-rates-alt", "window", &window), said.collect::<Vec<_>>().join("; ")),
        wide: wide(&rows, voice),
        narrow: Some(narrow(&rows, voice)),
        simulated: publication.is_simulated(),
    })
}

fn wide(rows: &[Row], voice: &Voice) -> Drawing {
    const ROW: f64 = 26.0;
    let mut canvas = Canvas::new(WIDE);
    let (top, left, right) = (20.0, 158.0, WIDE - 190.0);
    let height = ROW * f64::from(u32::try_from(rows.len()).unwrap_or(0));
    let scale = Scale::linear(0.0, 1.0, left, right);
    share_axis(&mut canvas, scale, top, top + height + 4.0);
    let mut y = top + ROW / 2.0;
    let mut before = None;
    for row in rows {
        if before == Some(true) && !row.several {
            canvas.line((0.0, y - ROW / 2.0), (WIDE, y - ROW / 2.0), "grid");
        }
        before = Some(row.several);
        let strong = if row.several { "strong" } else { "" };
        canvas.text((left - 14.0, y + 4.0), Anchor::End, strong, &fit(&row.label, left - 18.0));
        interval(&mut canvas, scale, y, row);
        canvas.text((right + 62.0, y + 4.0), Anchor::End, "tick", &voice.fraction(&row.rate));
        canvas.text((right + 108.0, y + 4.0), Anchor::End, "strong", &voice.share(&row.rate));
        canvas.text((right + 116.0, y + 4.0), Anchor::Start, "tick", &voice.bounds(&row.rate));
        y += ROW;
    }
    canvas.done(top + height + 28.0)
}

fn narrow(rows: &[Row], voice: &Voice) -> Drawing {
    const ROW: f64 = 38.0;
    let mut canvas = Canvas::new(NARROW);
    let top = 14.0;
    let height = ROW * f64::from(u32::try_from(rows.len()).unwrap_or(0));
    let scale = Scale::linear(0.0, 1.0, 10.0, NARROW - 14.0);
    share_axis(&mut canvas, scale, top, top + height);
    let mut y = top;
    for row in rows {
        let said = format!("{} {}", voice.rate(&row.rate), voice.bounds(&row.rate));
        let strong = if row.several { "strong" } else { "" };
        canvas.text((2.0, y + 13.0), Anchor::Start, strong, &fit(&row.label, 130.0));
        canvas.text((NARROW - 4.0, y + 13.0), Anchor::End, "tick", &said);
        interval(&mut canvas, scale, y + 25.0, row);
        y += ROW;
    }
    canvas.done(top + height + 24.0)
}

fn interval(canvas: &mut Canvas, scale: Scale, y: f64, row: &Row) {
    let Some(estimate) = row.rate.estimate else { return };
    let (low, high) = (scale.at(estimate.interval.low), scale.at(estimate.interval.high));
    let at = scale.at(estimate.value);
    canvas.line((low, y), (high, y), &format!("bar {}", row.class));
    if row.several {
        canvas.diamond((at, y), 6.5, &format!("dot {}", row.class));
    } else {
        canvas.circle((at, y), 5.5, &format!("dot {}", row.class));
    }
}
