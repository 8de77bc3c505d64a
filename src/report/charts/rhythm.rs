//! At which hour, on which day? When replies came, and when questions left.

use super::canvas::{Anchor, Canvas, Chart, Drawing, fit};
use super::{NARROW, WIDE, channel_class};
use crate::report::publish::{Patterns, Publication};
use crate::report::voice::Voice;

/// When the first replies came, in each company's own time.
pub(super) fn replies(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let patterns = &publication.patterns;
    if patterns.replies == 0 {
        return None;
    }
    Some(Chart {
        id: "reply-times",
        title: voice.t("chart-rhythm"),
        alt: format!("{} {}", voice.t("chart-rhythm-alt"), said(patterns, voice)),
        wide: drawing(WIDE, patterns, voice),
        narrow: Some(drawing(NARROW, patterns, voice)),
        simulated: publication.is_simulated(),
    })
}

/// The busiest hours and days, in words.
#[must_use]
pub fn said(patterns: &Patterns, voice: &Voice) -> String {
    let hours = (0_u32..).zip(patterns.hours).filter(|(_, n)| *n > 0).map(|(hour, n)| format!("{hour:02}: {n}"));
    let days = (1_u32..).zip(patterns.weekdays).filter(|(_, n)| *n > 0);
    let days = days.map(|(day, n)| format!("{}: {n}", voice.t(&format!("weekday-{day}"))));
    format!("{}. {}.", hours.collect::<Vec<_>>().join(", "), days.collect::<Vec<_>>().join(", "))
}

/// A company's own, small enough for a telephone.
#[must_use]
pub fn small(patterns: &Patterns, voice: &Voice) -> Drawing {
    let mut canvas = Canvas::new(NARROW);
    let [hours, days] = values(patterns, voice, 1);
    bars(&mut canvas, (4.0, 206.0), (62.0, 34.0), &hours, (Anchor::Start, &voice.t("hour-of-day")));
    // Its title is longer than its bars are wide.
    bars(&mut canvas, (226.0, NARROW - 4.0), (62.0, 34.0), &days, (Anchor::End, &voice.t("day-of-week")));
    canvas.done(82.0)
}

/// Hours and weekdays with their labels; a weekday's has so many letters.
fn values(patterns: &Patterns, voice: &Voice, letters: usize) -> [Vec<(String, u32)>; 2] {
    let hour = |hour: u32| if hour.is_multiple_of(6) { format!("{hour:02}") } else { String::new() };
    let day = |day: u32| voice.t(&format!("weekday-{day}")).chars().take(letters).collect();
    [
        (0_u32..).zip(patterns.hours).map(|(h, n)| (hour(h), n)).collect(),
        (1_u32..).zip(patterns.weekdays).map(|(d, n)| (day(d), n)).collect(),
    ]
}

fn drawing(width: f64, patterns: &Patterns, voice: &Voice) -> Drawing {
    let mut canvas = Canvas::new(width);
    let wide = width > 500.0;
    let [hours, days] = values(patterns, voice, 3);
    let (first, second) =
        if wide { ((8.0, WIDE * 0.64), (WIDE * 0.7, WIDE - 8.0)) } else { ((4.0, width - 4.0), (4.0, width - 4.0)) };
    bars(&mut canvas, first, (118.0, 70.0), &hours, (Anchor::Start, &voice.t("hour-of-day")));
    let drop = if wide { 0.0 } else { 150.0 };
    bars(&mut canvas, second, (118.0 + drop, 70.0), &days, (Anchor::Start, &voice.t("day-of-week")));
    canvas.done(142.0 + drop)
}

/// Bars on a ground line, at most so high, each with its number.
fn bars(
    canvas: &mut Canvas,
    (left, right): (f64, f64),
    (ground, high): (f64, f64),
    values: &[(String, u32)],
    (anchor, title): (Anchor, &str),
) {
    let each = (right - left) / f64::from(u32::try_from(values.len()).unwrap_or(1).max(1));
    let most = values.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    let at = if anchor == Anchor::End { right } else { left };
    canvas.text((at, ground - high - 26.0 + if high < 50.0 { 10.0 } else { 0.0 }), anchor, "strong", title);
    for (i, (label, number)) in (0_u32..).zip(values) {
        let x = left + each * f64::from(i);
        let height = high * f64::from(*number) / f64::from(most);
        canvas.rect((x + 1.0, ground - height), (each - 2.0, height), "fill soft");
        if *number > 0 && (each > 12.0 || *number == most) {
            canvas.text((x + each / 2.0, ground - height - 4.0), Anchor::Middle, "note", &number.to_string());
        }
        canvas.text((x + each / 2.0, ground + 15.0), Anchor::Middle, "tick", label);
    }
    canvas.line((left, ground), (right, ground), "rule");
}

/// When questions left, by channel: the darker, the more.
pub(super) fn sent(publication: &Publication, voice: &Voice) -> Option<Chart> {
    if publication.sent_by_hour.is_empty() {
        return None;
    }
    let said = publication.sent_by_hour.iter().map(|(channel, hours)| {
        let list = (0_u32..).zip(hours).filter(|(_, n)| **n > 0).map(|(h, n)| format!("{h:02}: {n}"));
        format!("{}: {}", voice.channel(channel), list.collect::<Vec<_>>().join(", "))
    });
    let draw = |width: f64| {
        let mut canvas = Canvas::new(width);
        let left = if width > 500.0 { 130.0 } else { 86.0 };
        let each = (width - left - 8.0) / 24.0;
        let mut y = 16.0;
        for (channel, hours) in &publication.sent_by_hour {
            let most = hours.iter().copied().max().unwrap_or(1).max(1);
            let class = channel_class(channel);
            canvas.text((left - 8.0, y + 13.0), Anchor::End, "", &fit(&voice.channel(channel), left - 12.0));
            for (hour, number) in (0_u32..).zip(hours) {
                let x = left + each * f64::from(hour);
                canvas.line((x, y + 18.0), (x + each - 1.0, y + 18.0), "grid");
                let height = 16.0 * f64::from(*number) / f64::from(most);
                if *number > 0 {
                    canvas.rect((x, y + 18.0 - height), (each - 1.0, height), &format!("fill {class}"));
                }
            }
            y += 26.0;
        }
        for hour in [0_u32, 6, 12, 18, 23] {
            canvas.text(
                (left + each * (f64::from(hour) + 0.5), y + 8.0),
                Anchor::Middle,
                "tick",
                &format!("{hour:02}"),
            );
        }
        canvas.done(y + 16.0)
    };
    Some(Chart {
        id: "send-times",
        title: voice.t("chart-sent"),
        alt: format!("{} {}", voice.t("chart-sent-alt"), said.collect::<Vec<_>>().join("; ")),
        wide: draw(WIDE),
        narrow: Some(draw(NARROW)),
        simulated: publication.is_simulated(),
    })
}
