//! Where does a value stand? Scales of shares and of time, and their axes.

use super::canvas::{Anchor, Canvas, width_of};
use crate::report::voice::Voice;

/// A scale from values to pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    /// Shares from `low` to `high`, between two pixels.
    pub(super) const fn linear(low: f64, high: f64, from: f64, to: f64) -> Self {
        Self { from, to, low, high, log: false }
    }

    /// Times in seconds; what is shorter than `low` stands at its place.
    pub(super) const fn log(low: u32, high: u32, from: f64, to: f64) -> Self {
        Self { from, to, low: low as f64, high: high as f64, log: true }
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.low.min(self.high), self.high.max(self.low));
        let part = if self.log {
            (value / self.low).ln() / (self.high / self.low).ln().max(f64::MIN_POSITIVE)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + part * (self.to - self.from)
    }
}

/// The grid and ticks of shares below a plot, from `top` to `bottom`.
pub(super) fn share_axis(canvas: &mut Canvas, scale: Scale, top: f64, bottom: f64) {
    for percent in [0, 25, 50, 75, 100] {
        let x = scale.at(f64::from(percent) / 100.0);
        canvas.line((x, top), (x, bottom), "grid");
        canvas.text((x, bottom + 16.0), Anchor::Middle, "tick", &format!("{percent}%"));
    }
}

/// The grid and ticks of time; ticks that would touch are left out, the last one stays.
pub(super) fn time_axis(
    canvas: &mut Canvas,
    scale: Scale,
    ticks: &[u32],
    (top, bottom): (f64, f64),
    voice: &Voice,
) -> Vec<u32> {
    let mut shown = Vec::new();
    let mut next = f64::INFINITY;
    for tick in ticks.iter().rev() {
        let x = scale.at(f64::from(*tick));
        canvas.line((x, top), (x, bottom), "grid");
        let label = voice.tick(*tick);
        let half = width_of(&label) / 2.0 + 5.0;
        if x + half <= next {
            canvas.text((x, bottom + 16.0), Anchor::Middle, "tick", &label);
            next = x - half;
            shown.push(*tick);
        }
    }
    shown.reverse();
    shown
}
