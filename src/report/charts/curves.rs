//! Who is answered by when? Curves with bands, on a time axis from a minute to weeks.

use super::canvas::{Anchor, Canvas, Chart, Drawing, P, fit, width_of};
use super::scale::{Scale, time_axis};
use super::{NARROW, WIDE, channel_class};
use crate::report::publish::{Curve, Publication};
use crate::report::voice::Voice;
use std::fmt::Write as _;

/// A plot's place.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// The sides of the comparison, in one plot.
pub(super) fn groups(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let curves = &publication.latencies.groups;
    let classed: Vec<(&Curve, &'static str)> = curves.iter().zip(["ink", "good", "part", "bad"]).collect();
    if classed.is_empty() {
        return None;
    }
    let ticks = &publication.latencies.ticks;
    let draw = |width: f64, height: f64| {
        let mut canvas = Canvas::new(width);
        let frame =
            Frame { left: 40.0, right: width - if width > 500.0 { 186.0 } else { 12.0 }, top: 18.0, bottom: height };
        let scale = axes(&mut canvas, frame, ticks, voice);
        for (curve, class) in &classed {
            plot(&mut canvas, frame, scale.0, curve, class, true);
        }
        labels(&mut canvas, frame, &classed, voice);
        let end = numbers_at_risk(&mut canvas, frame, scale.0, &scale.1, &classed, ticks, voice);
        canvas.done(end)
    };
    Some(Chart {
        id: "latency-groups",
        title: voice.t("chart-latency-groups"),
        alt: alt(&classed, publication, voice),
        wide: draw(WIDE, 270.0),
        narrow: Some(draw(NARROW, 220.0)),
        simulated: publication.is_simulated(),
    })
}

/// Each channel in a plot of its own, the others behind it: bands that cross say nothing.
pub(super) fn channels(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let curves: Vec<(&Curve, &'static str)> =
        publication.latencies.channels.iter().map(|c| (c, channel_class(&c.name))).collect();
    if curves.is_empty() {
        return None;
    }
    let ticks = &publication.latencies.ticks;
    let draw = |width: f64, columns: usize| -> Drawing {
        const PANEL: f64 = 196.0;
        let mut canvas = Canvas::new(width);
        let mut height = 0.0_f64;
        let each = width / f64::from(u32::try_from(columns).unwrap_or(1));
        for (i, (curve, class)) in curves.iter().enumerate() {
            let (row, column) = (i / columns, i % columns);
            let x = each * f64::from(u32::try_from(column).unwrap_or(0));
            let y = PANEL * f64::from(u32::try_from(row).unwrap_or(0));
            let frame = Frame { left: x + 36.0, right: x + each - 14.0, top: y + 32.0, bottom: y + 140.0 };
            canvas.text(
                (frame.left, y + 22.0),
                Anchor::Start,
                &format!("label {class}"),
                &fit(&voice.channel(&curve.name), each - 50.0),
            );
            let few: Vec<u32> = if each > 300.0 { ticks.clone() } else { few_of(ticks) };
            let scale = axes(&mut canvas, frame, &few, voice);
            for (other, _) in &curves {
                if other.name != curve.name {
                    canvas.path(&steps(frame, scale.0, other), "ghost");
                }
            }
            plot(&mut canvas, frame, scale.0, curve, class, true);
            for tick in &scale.1 {
                let at = ticks.iter().position(|t| t == tick).and_then(|i| curve.at_risk.get(i));
                let number = at.map(|n| voice.count(*n)).unwrap_or_default();
                canvas.text((scale.0.at(f64::from(*tick)), frame.bottom + 31.0), Anchor::Middle, "note", &number);
            }
            height = height.max(frame.bottom + 56.0);
        }
        canvas.done(height)
    };
    Some(Chart {
        id: "latency-channels",
        title: voice.t("chart-latency-channels"),
        alt: alt(&curves, publication, voice),
        wide: draw(WIDE, curves.len().clamp(1, 3)),
        narrow: Some(draw(NARROW, 1)),
        simulated: publication.is_simulated(),
    })
}

fn few_of(ticks: &[u32]) -> Vec<u32> {
    let wanted = [60, 3_600, 86_400];
    let last = ticks.last().copied();
    ticks.iter().copied().filter(|t| wanted.contains(t) || Some(*t) == last).collect()
}

/// The axes; the scale of time and the ticks that have a label.
fn axes(canvas: &mut Canvas, frame: Frame, ticks: &[u32], voice: &Voice) -> (Scale, Vec<u32>) {
    let scale = time(frame, ticks);
    let shown = time_axis(canvas, scale, ticks, (frame.top, frame.bottom), voice);
    let shares = Scale::linear(0.0, 1.0, frame.bottom, frame.top);
    for percent in [0, 50, 100] {
        let y = shares.at(f64::from(percent) / 100.0);
        canvas.line((frame.left, y), (frame.right, y), if percent == 0 { "rule" } else { "grid" });
        canvas.text((frame.left - 6.0, y + 4.0), Anchor::End, "tick", &format!("{percent}%"));
    }
    (scale, shown)
}

fn time(frame: Frame, ticks: &[u32]) -> Scale {
    let (first, last) = (ticks.first().copied().unwrap_or(60), ticks.last().copied().unwrap_or(2_419_200));
    Scale::log(first, last.max(first + 1), frame.left, frame.right)
}

fn plot(canvas: &mut Canvas, frame: Frame, scale: Scale, curve: &Curve, class: &str, band: bool) {
    if band && !curve.points.is_empty() {
        canvas.path(&band_of(frame, scale, curve), &format!("band {class}"));
    }
    canvas.path(&steps(frame, scale, curve), &format!("curve {class}"));
}

/// The curve's corners, at most one a pixel: so a curve of thousands of replies stays small.
fn corners(frame: Frame, scale: Scale, curve: &Curve) -> Vec<(f64, [f64; 3])> {
    let shares = Scale::linear(0.0, 1.0, frame.bottom, frame.top);
    let mut corners: Vec<(f64, [f64; 3])> = Vec::new();
    for point in &curve.points {
        let x = (scale.at(f64::from(point.seconds)) * 2.0).round() / 2.0;
        let y = [point.answered, point.low, point.high].map(|share| shares.at(share));
        match corners.last_mut() {
            Some(last) if (last.0 - x).abs() < 0.25 => last.1 = y,
            _ => corners.push((x, y)),
        }
    }
    corners
}

fn steps(frame: Frame, scale: Scale, curve: &Curve) -> String {
    let mut path = format!("M{} {}", P(frame.left), P(frame.bottom));
    for (x, y) in corners(frame, scale, curve) {
        let _ = write!(path, "H{}V{}", P(x), P(y[0]));
    }
    let _ = write!(path, "H{}", P(scale.at(f64::from(curve.until))));
    path
}

fn band_of(frame: Frame, scale: Scale, curve: &Curve) -> String {
    let corners = corners(frame, scale, curve);
    let end = scale.at(f64::from(curve.until));
    let Some(first) = corners.first() else { return String::new() };
    let mut path = format!("M{} {}", P(first.0), P(first.1[2]));
    for (x, y) in &corners {
        let _ = write!(path, "H{}V{}", P(*x), P(y[2]));
    }
    let _ = write!(path, "H{}", P(end));
    let mut x_after = end;
    for (x, y) in corners.iter().rev() {
        let _ = write!(path, "L{} {}H{}", P(x_after), P(y[1]), P(*x));
        x_after = *x;
    }
    path.push('z');
    path
}

/// Each curve's name at its end, moved apart where they would touch.
fn labels(canvas: &mut Canvas, frame: Frame, curves: &[(&Curve, &'static str)], voice: &Voice) {
    let shares = Scale::linear(0.0, 1.0, frame.bottom, frame.top);
    let height = |c: &Curve| shares.at(c.points.last().map_or(0.0, |p| p.answered));
    let mut places: Vec<(f64, &Curve, &str)> = curves.iter().map(|(c, class)| (height(c), *c, *class)).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let outside = frame.right < WIDE - 100.0 && frame.right > 400.0;
    let mut next = frame.top + 6.0;
    for (y, curve, class) in places {
        let share = curve.points.last().map_or(0.0, |p| p.answered);
        let label = format!("{} {}", voice.side(&curve.name), voice.percent(share));
        if outside {
            let y = (y + 4.0).max(next);
            canvas.text((frame.right + 6.0, y), Anchor::Start, &format!("label {class}"), &fit(&label, 210.0));
            next = y + 16.0;
        } else {
            // On a telephone the name stands in the plot, on the left, where curves are still low.
            let y = next + 10.0;
            canvas.text((frame.left + 6.0, y), Anchor::Start, &format!("label {class}"), &fit(&label, 200.0));
            next = y + 6.0;
        }
    }
}

fn numbers_at_risk(
    canvas: &mut Canvas,
    frame: Frame,
    scale: Scale,
    shown: &[u32],
    curves: &[(&Curve, &'static str)],
    ticks: &[u32],
    voice: &Voice,
) -> f64 {
    let mut y = frame.bottom + 38.0;
    canvas.text((2.0, y), Anchor::Start, "note", &voice.t("at-risk"));
    for (curve, class) in curves {
        y += 16.0;
        let name = voice.side(&curve.name);
        let outside = frame.right < WIDE - 100.0 && frame.right > 400.0;
        if outside {
            canvas.text((frame.right + 6.0 + 16.0, y), Anchor::Start, &format!("label {class}"), &fit(&name, 190.0));
        } else {
            canvas.text((2.0, y), Anchor::Start, &format!("label {class}"), &fit(&name, NARROW));
            y += 14.0;
        }
        for tick in shown {
            let number = ticks.iter().position(|t| t == tick).and_then(|i| curve.at_risk.get(i));
            let number = number.map(|n| voice.count(*n)).unwrap_or_default();
            let x = scale.at(f64::from(*tick)).max(width_of(&number) / 2.0);
            canvas.text((x, y), Anchor::Middle, "tick", &number);
        }
    }
    y + 12.0
}

fn alt(curves: &[(&Curve, &'static str)], publication: &Publication, voice: &Voice) -> String {
    let window = publication.scorecard.about.window;
    let said = curves.iter().map(|(curve, _)| {
        let by = |limit: u32| {
            let reached = curve.points.iter().take_while(|p| p.seconds <= limit).last();
            voice.percent(reached.map_or(0.0, |p| p.answered))
        };
        voice.with(
            "chart-latency-said",
            &[
                ("name", (&voice.side(&curve.name)).into()),
                ("hour", (&by(3_600)).into()),
                ("day", (&by(86_400)).into()),
                ("end", (&by(window.as_secs())).into()),
                ("window", (&voice.span(window)).into()),
            ],
        )
    });
    format!("{} {}", voice.t("chart-latency-alt"), said.collect::<Vec<_>>().join(" "))
}
