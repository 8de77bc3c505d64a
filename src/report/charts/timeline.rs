//! What happened to each inquiry of a company? One line each, on the time axis of all pictures.

use super::canvas::{Anchor, Canvas, Drawing};
use super::channel_class;
use super::scale::Scale;
use crate::report::publish::{CompanyPage, Line, Mark, Status, What};
use crate::report::voice::Voice;

/// Width of a timeline, in pixels: it fits a telephone too.
const WIDTH: f64 = 328.0;
const ROW: f64 = 30.0;

/// The timeline of a company's inquiries; `None` where none was asked. Times are since asking, on a
/// logarithmic axis to the end of the window.
#[must_use]
pub fn timeline(page: &CompanyPage, window: u32, voice: &Voice) -> Option<Drawing> {
    let asked: Vec<&Line> = page.inquiries.iter().filter(|line| !line.marks.is_empty()).collect();
    if asked.is_empty() {
        return None;
    }
    let mut canvas = Canvas::new(WIDTH);
    let scale = Scale::log(30, window.max(60), 16.0, WIDTH - 18.0);
    let bottom = ROW * f64::from(u32::try_from(asked.len()).unwrap_or(1)) + 4.0;
    for tick in [60, 3_600, 86_400, window] {
        let x = scale.at(f64::from(tick));
        canvas.line((x, 2.0), (x, bottom), "grid");
        canvas.text((x, bottom + 14.0), Anchor::Middle, "tick", &voice.tick(tick));
    }
    let mut y = 14.0;
    for line in asked {
        row(&mut canvas, scale, y, line, window, voice);
        y += ROW;
    }
    Some(canvas.done(bottom + 20.0))
}

fn row(canvas: &mut Canvas, scale: Scale, y: f64, line: &Line, window: u32, voice: &Voice) {
    let class = channel_class(&line.channel);
    canvas.text((8.0, y - 2.0), Anchor::Start, &format!("label {class}"), &voice.channel(&line.channel));
    let y = y + 9.0;
    let end = match line.status {
        Status::Undelivered => line.marks.last().map_or(0, |mark| mark.after),
        _ => line.observed_for.max(line.replied_after.unwrap_or(0)),
    };
    canvas.line((8.0, y), (scale.at(f64::from(end.min(window))), y), "span");
    for mark in line.marks.iter().filter(|mark| mark.after <= window) {
        place(canvas, (if mark.what == What::Sent { 8.0 } else { scale.at(f64::from(mark.after)) }, y), mark, class);
    }
}

fn place(canvas: &mut Canvas, (x, y): (f64, f64), mark: &Mark, class: &str) {
    match &mark.what {
        What::Sent => canvas.line((x, y - 5.0), (x, y + 5.0), &format!("bar {class}")),
        What::Reminded => canvas.line((x, y - 4.0), (x, y + 4.0), &format!("bar {class}")),
        What::Acknowledged | What::Automatic => canvas.circle((x, y), 3.0, "hollow mute"),
        What::Seen => canvas.circle((x, y), 3.0, "dot mute"),
        What::Replied { adequacy: Some(adequacy), .. } if adequacy.is_adequate() => {
            canvas.circle((x, y), 5.5, &format!("dot {class}"));
        }
        What::Replied { .. } | What::Called => canvas.circle((x, y), 5.0, &format!("hollow {class}")),
        What::Redirected { .. } => canvas.diamond((x, y), 5.0, &format!("hollow {class}")),
        What::Promised { .. } => canvas.diamond((x, y), 4.0, "hollow part"),
        What::Kept => canvas.diamond((x, y), 5.0, "dot good"),
        What::Broken | What::Bounced => {
            canvas.line((x - 4.0, y - 4.0), (x + 4.0, y + 4.0), "bar bad");
            canvas.line((x - 4.0, y + 4.0), (x + 4.0, y - 4.0), "bar bad");
        }
    }
}

impl Drawing {
    /// The drawing as it stands in a page, with what it shows in words.
    #[must_use]
    pub fn inline(&self, alt: &str) -> String {
        format!(
            r#"<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{}">{}</svg>"#,
            crate::report::escape::markup(&crate::report::escape::line(alt)),
            self.body,
            w = self.width,
            h = self.height,
        )
    }
}
