//! What is a picture made of? Lines, boxes, paths and words; every word is escaped here.

use crate::report::escape;
use askama::Template;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Its name: of its file, and within the page.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// What one sees in it, in words.
    pub alt: String,
    /// As a page shows it.
    pub wide: Drawing,
    /// As a telephone shows it; the same where there is none.
    pub narrow: Option<Drawing>,
    /// Says SIMULATED where it is.
    pub simulated: bool,
}

/// A drawing of a certain size.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Width, in pixels.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// The elements.
    pub body: String,
}

/// Where a text stands to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Start,
    /// It is centred.
    Middle,
    /// It ends there.
    End,
}

/// A drawing while it grows.
pub(super) struct Canvas {
    width: f64,
    body: String,
}

/// About how wide a character of 12 pixels is.
const CHARACTER: f64 = 6.7;

/// About how wide a text of 12 pixels is, in pixels.
pub(super) fn width_of(text: &str) -> f64 {
    f64::from(u32::try_from(text.width()).unwrap_or(u32::MAX)) * CHARACTER
}

/// A text that fits so many pixels, cut where it must be.
pub(super) fn fit(text: &str, pixels: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred pixels")]
    let columns = (pixels / CHARACTER).max(2.0) as usize;
    escape::fit(&escape::line(text), columns).into_owned()
}

impl Canvas {
    pub(super) const fn new(width: f64) -> Self {
        Self { width, body: String::new() }
    }

    pub(super) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        let _ =
            write!(self.body, r#"<line class="{class}" x1="{}" y1="{}" x2="{}" y2="{}"/>"#, P(x1), P(y1), P(x2), P(y2));
    }

    /// A line of a certain thickness.
    pub(super) fn thick(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), width: f64, class: &str) {
        let _ = write!(
            self.body,
            r#"<line class="{class}" x1="{}" y1="{}" x2="{}" y2="{}" stroke-width="{}"/>"#,
            P(x1),
            P(y1),
            P(x2),
            P(y2),
            P(width)
        );
    }

    pub(super) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str) {
        let (width, height) = (width.max(0.0), height.max(0.0));
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}"/>"#,
            P(x),
            P(y),
            P(width),
            P(height)
        );
    }

    pub(super) fn path(&mut self, path: &str, class: &str) {
        let _ = write!(self.body, r#"<path class="{class}" d="{path}"/>"#);
    }

    pub(super) fn circle(&mut self, (x, y): (f64, f64), radius: f64, class: &str) {
        let _ = write!(self.body, r#"<circle class="{class}" cx="{}" cy="{}" r="{}"/>"#, P(x), P(y), P(radius));
    }

    /// A diamond: what stands for several channels together.
    pub(super) fn diamond(&mut self, (x, y): (f64, f64), radius: f64, class: &str) {
        let r = radius;
        let path = format!("M{} {}l{} {} {} {} {} {}z", P(x - r), P(y), P(r), P(-r), P(r), P(r), P(-r), P(r));
        self.path(&path, class);
    }

    /// Words, a stranger's too: cleaned, escaped, and set in their own direction.
    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " m",
            Anchor::End => " e",
        };
        let space = if class.is_empty() && !anchor.is_empty() { anchor.trim_start() } else { anchor };
        let class = format!("{class}{space}");
        let attribute = if class.is_empty() { String::new() } else { format!(r#" class="{class}""#) };
        let _ = write!(
            self.body,
            r#"<text{attribute} x="{}" y="{}">{}</text>"#,
            P(x),
            P(y),
            escape::markup(&isolated(&escape::line(text)))
        );
    }

    /// A mark that explains itself when it is pointed at.
    pub(super) fn titled(&mut self, title: &str, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.body, "<g><title>{}</title>", escape::markup(&escape::line(title)));
        draw(self);
        self.body.push_str("</g>");
    }

    pub(super) fn done(self, height: f64) -> Drawing {
        Drawing { width: self.width, height: height.ceil(), body: self.body }
    }
}

/// A text with letters that run from right to left is isolated, so that it turns nothing around it.
fn isolated(text: &str) -> String {
    let runs_left = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    if text.chars().any(runs_left) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// A coordinate: at most one decimal, and no zero that says nothing.
pub(super) struct P(pub f64);

impl std::fmt::Display for P {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0 + 0.0;
        write!(f, "{rounded}")
    }
}

#[derive(Template)]
#[template(path = "chart.svg", escape = "html")]
struct File<'a> {
    chart: &'a Chart,
    drawing: &'a Drawing,
    style: &'a str,
    head: f64,
}

#[derive(Template)]
#[template(path = "inline.svg", escape = "html")]
struct Inline<'a> {
    chart: &'a Chart,
    drawing: &'a Drawing,
    class: &'a str,
}

impl Chart {
    /// The picture as a file of its own.
    ///
    /// # Errors
    /// None that a `String` can give.
    pub fn file(&self) -> Result<String, askama::Error> {
        File { chart: self, drawing: &self.wide, style: super::STYLE, head: 34.0 }.render()
    }

    /// The picture within a page, for both widths.
    ///
    /// # Errors
    /// None that a `String` can give.
    pub fn inline(&self) -> Result<String, askama::Error> {
        let draw = |drawing, class| Inline { chart: self, drawing, class }.render();
        let Some(narrow) = &self.narrow else { return draw(&self.wide, "chart") };
        Ok(draw(&self.wide, "chart wide")? + &draw(narrow, "chart narrow")?)
    }
}
