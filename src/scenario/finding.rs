//! What was found in a study: mistakes and warnings, each pointing at its place.

use super::files::Files;
use serde::Serialize;

/// A stretch of a source file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Place {
    /// The first byte of a file.
    pub(super) const fn start_of(file: usize) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The study cannot run.
    Error,
    /// The study can run; its result may say less than it seems to.
    Warning,
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// A few words.
    pub text: String,
}

/// A mistake or a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub title: String,
    /// Where; the first is the place itself, the others belong to it.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// The place holds a secret, which is masked before anything is shown.
    pub(super) secret: bool,
}

impl Finding {
    /// A mistake at `place`, where `label` is written under the caret.
    pub(super) fn error(title: impl Into<String>, place: Place, label: impl Into<String>) -> Self {
        let labels = vec![Label { place, text: label.into() }];
        Self { severity: Severity::Error, title: title.into(), labels, help: None, secret: false }
    }

    /// A warning at `place`.
    pub(super) fn warning(title: impl Into<String>, place: Place, label: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(title, place, label) }
    }

    /// With what to do.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another place that belongs to it.
    #[must_use]
    pub(super) fn and(mut self, place: Place, label: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: label.into() });
        self
    }

    fn place(&self) -> Option<Place> {
        self.labels.first().map(|l| l.place)
    }
}

/// Everything that was found in a study, and the sources to show it in.
#[derive(Debug, Clone)]
pub struct Findings {
    pub(super) files: Files,
    list: Vec<Finding>,
}

impl Findings {
    /// Sorts by file and place, and leaves out repetitions: an aliased node is read more than once.
    pub(super) fn new(mut files: Files, mut list: Vec<Finding>) -> Self {
        for secret in list.iter().filter(|f| f.secret).filter_map(Finding::place) {
            files.mask(secret);
        }
        list.sort_by(|a, b| (a.place(), a.severity, &a.title).cmp(&(b.place(), b.severity, &b.title)));
        list.dedup_by(|a, b| a.place() == b.place() && a.title == b.title);
        Self { files, list }
    }

    /// All of them, in the order of the sources.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    /// How many mistakes.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|f| f.severity == Severity::Error).count()
    }

    /// How many warnings.
    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
