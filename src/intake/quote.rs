//! Which lines of a text are quoted, and which are its writer's own?
//!
//! Cutting real words is worse than keeping quoted ones: in doubt everything stays.

use super::heading::{self, Attribution};
use super::lines::{Line, QUOTE_CLOSES, QUOTE_OPENS};

/// How many lines back the line before a quotation is looked for.
const NEAR: usize = 20;

/// The numbers of the lines that are the writer's own. `ours` says of a quotation that nobody
/// introduces whether it is what we wrote.
pub(super) fn own_lines(lines: &[Line<'_>], ours: &dyn Fn(&str) -> bool) -> Vec<usize> {
    let mut own = Own { lines, kept: Vec::new(), attributed: false };
    let headings = heading::attributions(lines);
    let marked = lines.iter().filter(|l| l.is_quoted()).count() >= 2;
    let mut at = 0;
    let mut headings = headings.iter().peekable();
    while at < lines.len() {
        while headings.next_if(|a| a.start < at).is_some() {}
        let heading = headings.peek().copied().filter(|a| a.start == at);
        at = match own.step(at, heading, marked, ours) {
            Step::To(next) => next,
            Step::End => break,
        };
    }
    own.kept
}

enum Step {
    To(usize),
    End,
}

struct Own<'l, 'a> {
    lines: &'l [Line<'a>],
    kept: Vec<usize>,
    /// Somebody introduced the quotation that comes next, or that just ended.
    attributed: bool,
}

impl Own<'_, '_> {
    fn step(&mut self, at: usize, heading: Option<&Attribution>, marked: bool, ours: &dyn Fn(&str) -> bool) -> Step {
        let line = &self.lines[at];
        if line.shown == QUOTE_OPENS {
            return self.page_quote(at);
        }
        if line.is_empty() || line.shown == QUOTE_CLOSES {
            self.kept.push(at);
            return Step::To(at + 1);
        }
        if let Some(heading) = heading {
            if heading.quote_follows {
                self.attributed = true;
                return Step::To(heading.end);
            }
            if self.has_words() {
                return Step::End;
            }
        }
        if !self.has_words()
            && let Some(length) = self.opening_header(at)
        {
            self.kept.extend(at..at + length);
            return Step::To(at + length);
        }
        if line.is_quoted() {
            return self.quotation(at, marked, ours);
        }
        if self.attributed && line.shown.starts_with('|') {
            return Step::To(at + 1);
        }
        if heading::is_above_line(line) {
            // What stands below a help desk's line is its own history.
            return if self.has_words() { Step::End } else { Step::To(at + 1) };
        }
        if self.has_words() && self.quotes_from_here(at) {
            return Step::End;
        }
        self.attributed = false;
        self.kept.push(at);
        Step::To(at + 1)
    }

    fn has_words(&self) -> bool {
        self.kept
            .iter()
            .any(|at| self.lines[*at].shown.chars().any(char::is_alphanumeric) || is_picture(self.lines[*at].shown))
    }

    /// How many lines a header takes with which the text opens: somebody passes a message on without a
    /// word, or a help desk prints the header of its own. What follows is all that there is to read.
    fn opening_header(&self, at: usize) -> Option<usize> {
        let lines = &self.lines[at..];
        if let Some(length) = heading::header_block(lines, false) {
            return Some(length);
        }
        if !heading::is_original_rule(lines) {
            return None;
        }
        let below = 1 + lines[1..].iter().take_while(|l| l.is_empty()).count();
        Some(below + heading::header_block(lines.get(below..)?, true).unwrap_or(0))
    }

    fn quotes_from_here(&self, at: usize) -> bool {
        let ruled =
            self.kept.iter().rev().map(|at| &self.lines[*at]).find(|l| !l.is_empty()).is_some_and(Line::is_rule);
        heading::is_original_rule(&self.lines[at..]) || heading::header_block(&self.lines[at..], ruled).is_some()
    }

    /// A quotation that a page marks: all of it goes, unless it is all there is.
    fn page_quote(&mut self, at: usize) -> Step {
        if !self.has_words() {
            return Step::To(at + 1);
        }
        let mut depth = 0_i32;
        for (n, line) in self.lines.iter().enumerate().skip(at) {
            depth += i32::from(line.shown == QUOTE_OPENS) - i32::from(line.shown == QUOTE_CLOSES);
            if depth == 0 {
                return Step::To(n + 1);
            }
        }
        Step::End
    }

    /// A quotation marked with `>`. One that opens a text without a word about whose it is goes only
    /// if it is ours: people quote poems and price lists, too.
    fn quotation(&mut self, at: usize, marked: bool, ours: &dyn Fn(&str) -> bool) -> Step {
        let end = (at..self.lines.len())
            .find(|n| !self.lines[*n].is_quoted() && !self.lines[*n].is_empty())
            .unwrap_or(self.lines.len());
        let introduced = self.attributed
            || self
                .kept
                .iter()
                .rev()
                .take(NEAR)
                .map(|n| self.lines[*n].shown)
                .find(|l| !l.is_empty())
                .is_some_and(|l| l.ends_with(':'));
        let opens = !self.has_words() && !self.attributed && end < self.lines.len();
        let text = || {
            self.lines[at..end].iter().map(|l| l.shown.trim_start_matches(['>', ' '])).collect::<Vec<_>>().join("\n")
        };
        let stays = if opens { !ours(&text()) } else { !(marked || introduced) };
        if stays {
            self.kept.extend(at..end);
            return Step::To(end);
        }
        self.attributed = false;
        Step::To(end)
    }
}

/// A character that says something and is no letter: 👍.
fn is_picture(shown: &str) -> bool {
    shown.chars().any(|c| c as u32 >= 0x1_f000 || matches!(c, '\u{2600}'..='\u{27bf}'))
}
