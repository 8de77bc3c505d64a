//! Which lines below a text are lawyers' and virus scanners'?

use super::closing::Page;
use crate::lexicon::mail_words::{MailWords, Topic, fold};

impl Page<'_, '_> {
    /// Legal footers: what is framed by two rules and speaks like a lawyer, paragraphs that do, and
    /// "do not reply to this message" below a last rule.
    pub(super) fn drop_legal(&mut self) {
        self.drop_framed();
        let mut at = self.tail();
        while at < self.text.len() {
            if self.is_empty_at(at) || self.is_rule_at(at) {
                at += 1;
                continue;
            }
            let end =
                (at..self.text.len()).find(|p| self.is_empty_at(*p) || self.is_rule_at(*p)).unwrap_or(self.text.len());
            if self.has_words_before(at) && self.is_legal(at, end) {
                self.drop_legal_block(at, end);
                at = at.saturating_sub(1);
            } else {
                at = end;
            }
        }
        self.drop_automatic_footer();
    }

    pub(super) fn is_rule_at(&self, position: usize) -> bool {
        self.lines[self.text[position]].is_rule()
    }

    fn said_between(&self, from: usize, to: usize) -> String {
        fold(&(from..to).map(|p| self.shown(p)).collect::<Vec<_>>().join(" "))
    }

    fn drop_framed(&mut self) {
        let rules: Vec<usize> = (self.tail()..self.text.len()).filter(|p| self.is_rule_at(*p)).collect();
        for pair in rules.windows(2).rev() {
            let (from, to) = (pair[0], pair[1]);
            let legal = MailWords::get().of(Topic::Legal);
            if self.has_words_before(from) && to > from + 1 && legal.count_in(&self.said_between(from, to)) >= 3 {
                self.text.drain(from..=to);
                return self.drop_framed();
            }
        }
    }

    fn drop_automatic_footer(&mut self) {
        let Some(rule) = (0..self.text.len()).rev().find(|p| self.is_rule_at(*p)) else { return };
        let below = self.written_from(rule + 1);
        let said = self.said_between(rule + 1, self.text.len());
        let words = MailWords::get();
        let automatic = [Topic::Automatic, Topic::AutomaticLoose, Topic::NoAnswer]
            .iter()
            .any(|topic| words.of(*topic).occur_in(&said));
        let speaks = automatic && said.chars().count() < 600;
        if self.has_words_before(rule) && !below.is_empty() && speaks {
            self.text.truncate(rule);
        }
    }

    fn is_legal(&self, at: usize, end: usize) -> bool {
        if !(at..end).any(|p| self.speaks_of(Topic::Legal, p)) {
            return false;
        }
        let paragraph: String = (at..end).map(|p| self.shown(p)).collect::<Vec<_>>().join(" ");
        let found = MailWords::get().of(Topic::Legal).count_in(&fold(&paragraph));
        let ruled = at > 0 && (0..at).rev().find(|p| !self.is_empty_at(*p)).is_some_and(|p| self.is_rule_at(p));
        let long = paragraph.chars().count() >= 120;
        found >= 3 || (found >= 2 && (long || ruled)) || (found >= 1 && ruled && end - at <= 12 && long)
    }

    /// A legal paragraph goes with the rules that frame it, and what stands between those.
    fn drop_legal_block(&mut self, at: usize, end: usize) {
        let mut start = at;
        while start > 0 {
            let line = &self.lines[self.text[start - 1]];
            let heading =
                !line.is_empty() && line.shown.split_whitespace().count() <= 6 && line.speaks_of(Topic::Legal);
            if !(line.is_empty() || line.is_rule() || heading) {
                break;
            }
            start -= 1;
        }
        let ruled = (start..at).any(|p| self.is_rule_at(p));
        let closed = (end..self.text.len()).find(|p| self.is_rule_at(*p));
        let end = match closed {
            Some(rule) if ruled => rule + 1,
            _ => end,
        };
        self.text.drain(start..end);
    }
}
