//! How is a text laid out for a reader: its lines, and its beginning.

use crate::lexicon::mail_words::{MailWords, Topic, Topics, fold, is_invisible};
use memchr::memmem;
use std::cell::Cell;

/// A line that opens a quotation of a page: a character that no text holds, put there by `html`.
pub(super) const QUOTE_OPENS: &str = "\u{fdd0}";
/// A line that closes it.
pub(super) const QUOTE_CLOSES: &str = "\u{fdd1}";

/// A line as it was written, and as a reader sees it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// As it was written.
    pub(super) raw: &'a str,
    /// Without what takes no room at its ends.
    pub(super) shown: &'a str,
    /// What it speaks of, once somebody asked.
    topics: Cell<Option<Topics>>,
}

impl<'a> Line<'a> {
    /// The lines of a text.
    pub(super) fn all(text: &'a str) -> Vec<Self> {
        text.lines().map(|raw| Self { raw, shown: bare(raw), topics: Cell::new(None) }).collect()
    }

    /// Whether it holds a phrase about something.
    pub(super) fn speaks_of(&self, topic: Topic) -> bool {
        let topics = self.topics.get().unwrap_or_else(|| self.find_topics());
        topics.has(topic)
    }

    fn find_topics(&self) -> Topics {
        let shown = self.shown;
        // What is quoted goes, and what has no words has no phrases.
        let wordless = shown.is_empty() || (shown.len() > 50 && !shown.contains(' ') && shown.is_ascii());
        let topics =
            if wordless || self.is_quoted() { Topics::default() } else { MailWords::get().topics_of(&fold(shown)) };
        self.topics.set(Some(topics));
        topics
    }

    /// Whether nothing stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Whether it is marked as quoted.
    pub(super) fn is_quoted(&self) -> bool {
        self.shown.starts_with('>')
    }

    /// Whether it opens or closes a quotation of a page.
    pub(super) fn is_mark(&self) -> bool {
        self.shown == QUOTE_OPENS || self.shown == QUOTE_CLOSES
    }

    /// Whether it is nothing but a ruled line: `-----`, `* * *`, `. . . .`.
    pub(super) fn is_rule(&self) -> bool {
        let drawn = |c: char| matches!(c, '_' | '-' | '=' | '*' | '#' | '~' | '+' | '.' | '·' | '•' | '–' | '—' | '─');
        let mut marks = 0;
        self.shown.chars().all(|c| {
            marks += usize::from(!c.is_whitespace());
            c.is_whitespace() || drawn(c)
        }) && marks >= 3
    }
}

/// Without white space and invisible characters at its ends.
pub(super) fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// A text without the marks of quotations of a page.
pub(super) fn without_marks(text: String) -> String {
    // Both begin with the same two bytes.
    if memmem::find(text.as_bytes(), &QUOTE_OPENS.as_bytes()[..2]).is_none() {
        return text;
    }
    spaced(text.lines().filter(|l| !matches!(bare(l), QUOTE_OPENS | QUOTE_CLOSES)))
}

/// The lines, without spaces at their ends and with at most one empty line in a row.
pub(super) fn spaced<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in lines.into_iter().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

/// The first bytes of a text, whole characters.
pub(super) fn start_of(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_do_not_pile_up_and_a_character_is_not_cut() {
        assert_eq!(spaced(["", "a  ", "", "", "", "b", ""]), "a\n\nb");
        assert_eq!([start_of("però", 4), start_of("però", 5), start_of("", 5)], ["per", "però", ""]);
    }

    #[test]
    fn a_rule_is_drawn_and_says_nothing() {
        let is_rule = |raw| Line::all(raw)[0].is_rule();
        assert!(["-----", "* * * *", "**. . . . . .**", "________", "  ===  "].into_iter().all(is_rule));
        assert!(!["--", "-- a", "- Item", "…"].into_iter().any(is_rule));
    }
}
