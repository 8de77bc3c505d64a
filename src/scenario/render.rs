//! How findings are shown: drawn for people, one line each for editors and logs, JSON for programs.

use super::finding::{Finding, Findings, Place, Severity};
use super::harmless;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;
use std::fmt::{self, Write as _};

/// Labels farther apart than this become words: all lines between two labels are drawn.
const LINES_BETWEEN_MAX: usize = 12;

/// Longest line that is drawn, in bytes: of a longer one nobody finds the caret.
const LINE_BYTES_MAX: usize = 1000;

/// A finding with its places resolved, as `--json` prints it.
#[derive(Debug, Clone, Serialize)]
pub struct Resolved {
    /// `error` or `warning`.
    pub severity: Severity,
    /// What is wrong.
    pub title: String,
    /// What to do.
    pub help: Option<String>,
    /// Where; the first is the place itself.
    pub labels: Vec<ResolvedLabel>,
}

/// A place in a file and what is said about it.
#[derive(Debug, Clone, Serialize)]
pub struct ResolvedLabel {
    /// The file's name.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// A few words.
    pub text: String,
}

impl Findings {
    /// Draws all of them with source, carets and remedies. `width` in columns.
    #[must_use]
    pub fn graphical(&self, color: bool, width: usize) -> String {
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
        let mut out = String::new();
        for finding in self.iter() {
            // Writing into a String does not fail; a finding that could not be drawn is still told.
            if handler.render_report(&mut out, &Drawn::new(self, finding)).is_err() {
                out.push_str(&self.line(finding));
            }
            out.push('\n');
        }
        out
    }

    /// Whether there is a source to draw, of lines that a screen can hold.
    fn can_be_drawn(&self, finding: &Finding) -> bool {
        finding.labels.iter().all(|label| {
            let text = self.files.text(label.place.file);
            let at = label.place.start.min(text.len());
            let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else { return false };
            let ends = before.rsplit('\n').take(2).chain(after.split('\n').take(2));
            !text.is_empty() && ends.map(str::len).max().is_some_and(|longest| longest <= LINE_BYTES_MAX)
        })
    }

    /// One line each: `file:line:column: error: title: label; help: …`.
    #[must_use]
    pub fn plain(&self) -> String {
        self.iter().map(|f| self.line(f) + "\n").collect()
    }

    /// With places resolved, ready for serialisation.
    #[must_use]
    pub fn resolved(&self) -> Vec<Resolved> {
        let label = |l: &super::finding::Label| {
            let (line, column) = self.files.line_column(l.place.file, l.place.start);
            ResolvedLabel { file: self.file_name(l.place), line, column, text: l.text.clone() }
        };
        let resolve = |f: &Finding| Resolved {
            severity: f.severity,
            title: f.title.clone(),
            help: f.help.clone(),
            labels: f.labels.iter().map(label).collect(),
        };
        self.iter().map(resolve).collect()
    }

    fn line(&self, finding: &Finding) -> String {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        // Writing into a String does not fail.
        let mut labels = finding.labels.iter();
        let mut line = labels.next().map_or(String::new(), |first| format!("{}: ", self.at(first.place)));
        let _ = write!(line, "{severity}: {}", finding.title);
        if let Some(first) = finding.labels.first().filter(|l| !l.text.is_empty()) {
            let _ = write!(line, ": {}", first.text);
        }
        for other in labels {
            let _ = write!(line, "; {}: {}", self.at(other.place), other.text);
        }
        if let Some(help) = &finding.help {
            let _ = write!(line, "; help: {help}");
        }
        harmless::words(&line.replace('\n', " ")).into_owned()
    }

    fn at(&self, place: Place) -> String {
        let (line, column) = self.files.line_column(place.file, place.start);
        format!("{}:{line}:{column}", self.file_name(place))
    }

    fn file_name(&self, place: Place) -> String {
        self.files.get(place.file).map(|f| f.name.clone()).unwrap_or_default()
    }
}

/// A finding as miette wants it: one source, so places in other files, or far away, become words; so do all places
/// of a source that cannot be drawn.
struct Drawn<'a> {
    finding: &'a Finding,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl<'a> Drawn<'a> {
    fn new(findings: &Findings, finding: &'a Finding) -> Self {
        let file = finding.labels.first().map_or(0, |l| l.place.file);
        let text = harmless::source(findings.files.text(file));
        let name = findings.files.get(file).map_or("", |f| f.name.as_str());
        let line = |place: Place| findings.files.line_column(place.file, place.start).0;
        let first = finding.labels.first().map_or(1, |l| line(l.place));
        let drawn = findings.can_be_drawn(finding);
        let near = |place: Place| drawn && place.file == file && line(place).abs_diff(first) <= LINES_BETWEEN_MAX;
        let (here, elsewhere): (Vec<_>, Vec<_>) = finding.labels.iter().partition(|l| near(l.place));
        let labels = here
            .iter()
            .enumerate()
            .map(|(number, label)| {
                let span = first_line(&text, label.place);
                let words = Some(harmless::words(&label.text).into_owned()).filter(|t| !t.is_empty());
                if number == 0 {
                    LabeledSpan::new_primary_with_span(words, span)
                } else {
                    LabeledSpan::new_with_span(words, span)
                }
            })
            .collect();
        let mut help: Vec<String> = elsewhere.iter().map(|l| format!("{}: {}", findings.at(l.place), l.text)).collect();
        help.extend(finding.help.clone());
        let help = Some(harmless::words(&help.join("\n")).into_owned()).filter(|h| !h.is_empty());
        Self { finding, source: drawn.then(|| NamedSource::new(harmless::words(name), text)), labels, help }
    }
}

/// The first line of a place: a caret under a whole paragraph points at nothing.
fn first_line(text: &str, place: Place) -> std::ops::Range<usize> {
    let end = place.end.min(text.len());
    let start = place.start.min(end);
    let line = text.get(start..end).and_then(|t| t.lines().next()).map_or(0, |l| l.trim_end().len());
    start..start + line
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.finding.fmt(f)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless::words(&self.finding.title))
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
