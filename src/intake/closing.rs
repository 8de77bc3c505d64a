//! Where does a text end, and its closing words, signature and footers begin?

use super::lines::Line;
use super::signature::{footer_marks, is_contact, is_name, is_role, is_sentence, is_thanks, says_whose};
use super::written::Closing;
use crate::lexicon::mail_words::{MailWords, Topic, fold};

/// Most written lines below closing words that can be a signature.
const SIGNATURE_LINES_MAX: usize = 14;
/// How many of the last lines are looked at for what stands below a text.
const TAIL_LINES: usize = 400;
/// Longest line that closes a letter, in characters.
const CLOSING_CHARS_MAX: usize = 60;
/// Longest line by which a program speaks of itself, in characters.
const DEVICE_CHARS_MAX: usize = 160;
/// Most words of such a line, where no brand is named.
const DEVICE_WORDS_MAX: usize = 8;

/// A text's own lines, by number: what stays, and what the rest is.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// What stays.
    pub(super) text: Vec<usize>,
    /// The closing words and all below them.
    pub(super) signature: Vec<usize>,
    /// The line of the writer's name.
    pub(super) name: Option<usize>,
    /// The line of the writer's role.
    pub(super) role: Option<usize>,
}

/// Takes the end of a text apart, given its own lines.
pub(super) fn take_apart(lines: &[Line<'_>], own: &[usize], closing: Closing) -> Ending {
    let mut page = Page { lines, own, text: own.to_vec(), ending: Ending::default() };
    let signs_off = matches!(closing, Closing::UpToName | Closing::Cut | Closing::Apart);
    if closing != Closing::Kept {
        page.drop_warning();
    }
    if signs_off || closing == Closing::WithoutSignature {
        page.drop_device();
        page.drop_delimited();
    }
    if closing != Closing::Kept {
        page.drop_legal();
    }
    if signs_off || closing == Closing::WithoutSignature {
        page.drop_ruled_footer(signs_off);
    }
    match closing {
        Closing::Kept | Closing::WithoutFooter | Closing::WithoutSignature => {}
        Closing::UpToName => page.end_at_name(true),
        Closing::Cut => page.end_at_name(false),
        Closing::Apart => page.set_signature_apart(),
    }
    page.trim_end();
    page.ending.text = page.text;
    page.ending
}

/// A text from which one part after another goes.
pub(super) struct Page<'l, 'a> {
    pub(super) lines: &'l [Line<'a>],
    /// The numbers of all lines that are no quotation.
    own: &'l [usize],
    pub(super) text: Vec<usize>,
    ending: Ending,
}

impl Page<'_, '_> {
    pub(super) fn shown(&self, position: usize) -> &str {
        self.lines[self.text[position]].shown
    }

    /// Where the part begins that is looked at for what stands below a text.
    pub(super) fn tail(&self) -> usize {
        self.text.len().saturating_sub(TAIL_LINES)
    }

    pub(super) fn speaks_of(&self, topic: Topic, position: usize) -> bool {
        self.lines[self.text[position]].speaks_of(topic)
    }

    pub(super) fn is_empty_at(&self, position: usize) -> bool {
        let line = &self.lines[self.text[position]];
        line.is_empty() || line.is_mark()
    }

    pub(super) fn has_words_before(&self, position: usize) -> bool {
        (0..position).any(|p| self.shown(p).chars().any(char::is_alphanumeric) || !self.shown(p).is_ascii())
    }

    /// The positions of the written lines from `position` on.
    pub(super) fn written_from(&self, position: usize) -> Vec<usize> {
        (position..self.text.len()).filter(|p| !self.is_empty_at(*p)).collect()
    }

    /// Where the lines that follow each other without a quotation in between end.
    fn unbroken_end(&self, position: usize) -> usize {
        let gap = (position + 1..self.text.len()).find(|p| {
            let (above, below) = (self.text[p - 1], self.text[*p]);
            (above + 1..below).any(|n| !self.lines[n].is_empty() && self.own.binary_search(&n).is_err())
        });
        gap.unwrap_or(self.text.len())
    }

    /// Whether no quotation interrupts what is written from a line on.
    fn ends_unbroken(&self, position: usize) -> bool {
        self.written_from(self.unbroken_end(position)).is_empty()
    }

    fn trim_end(&mut self) {
        while let Some(last) = self.text.last() {
            let line = &self.lines[*last];
            let drawn = !line.is_empty()
                && !line.shown.chars().any(|c| c.is_alphanumeric() || c as u32 > 0x2_000)
                && !line.shown.ends_with(['?', '!']);
            let two_dashes = matches!(line.shown, "--" | "__" | "ᐧ");
            if !(line.is_empty() || line.is_mark() || line.is_rule() || two_dashes || drawn) {
                break;
            }
            self.text.pop();
        }
    }

    /// "CAUTION: this message came from outside", above the text.
    fn drop_warning(&mut self) {
        let Some(first) = (0..self.text.len()).find(|p| !self.is_empty_at(*p)) else { return };
        let end = (first..self.text.len()).find(|p| self.is_empty_at(*p)).unwrap_or(self.text.len());
        let paragraph: String = (first..end).map(|p| self.shown(p)).collect::<Vec<_>>().join(" ");
        let warns =
            paragraph.chars().count() < 700 && MailWords::get().of(Topic::External).count_in(&fold(&paragraph)) >= 2;
        if warns && !self.written_from(end).is_empty() {
            self.text.drain(..end);
            while self.text.first().is_some_and(|n| self.lines[*n].is_empty() || self.lines[*n].is_rule()) {
                self.text.remove(0);
            }
        }
    }

    /// "Sent from my iPhone": the line, and what follows it without a quotation in between.
    fn drop_device(&mut self) {
        let Some(at) = (0..self.text.len()).find(|p| self.is_device(*p)) else { return };
        if self.has_words_before(at) {
            let end = self.unbroken_end(at);
            self.text.drain(at..end);
        } else if !self.written_from(at + 1).is_empty() {
            self.text.drain(..=at);
            self.drop_device();
        }
    }

    fn is_device(&self, position: usize) -> bool {
        if !self.speaks_of(Topic::Device, position) && !self.speaks_of(Topic::DeviceBrand, position) {
            return false;
        }
        let shown = self.shown(position).trim_matches(['*', '_', '[', ']', '-', ' ', '(', ')']);
        if shown.is_empty() || shown.chars().count() > DEVICE_CHARS_MAX {
            return false;
        }
        let words = MailWords::get();
        let said = fold(shown.split(['<', '(']).next().unwrap_or_default());
        let count = said.split(' ').count();
        let brand = words.of(Topic::DeviceBrand).occur_as_words_in(&said.replace(['-', '\u{2011}'], " "));
        let device = words.of(Topic::Device);
        let known =
            device.after_start(&said).is_some() || (!said.is_ascii() && device.occur_in(&said)) || device.end(&said);
        let sentence = said.ends_with(['.', '!', '?']) && !brand;
        let stands_last = self.written_from(position + 1).is_empty() || self.unbroken_end(position) == position + 1;
        let alone = position > 0 && self.is_empty_at(position - 1);
        let offers = said.contains("outlook") && (said.contains("ios") || said.contains("android"));
        (known && brand && count <= 16)
            || (known && count <= DEVICE_WORDS_MAX && !sentence && (count > 2 || stands_last))
            || (brand && offers && count <= DEVICE_WORDS_MAX)
            || (brand
                && alone
                && stands_last
                && count <= 6
                && !said.ends_with(['.', '!', '?', ',', ':'])
                && self.has_words_before(position)
                && says_whose(&said))
    }

    /// A signature below `-- ` (RFC 3676, section 4.3) and its relatives.
    fn drop_delimited(&mut self) {
        for at in (self.tail()..self.text.len()).rev() {
            if at >= self.text.len() {
                continue;
            }
            let line = &self.lines[self.text[at]];
            let delimits = matches!(line.shown, "--" | "__" | "---" | "___" | "--- ");
            let opens = line.shown.starts_with("-- ") && line.shown.split_whitespace().count() <= 6;
            if !(delimits || opens) || !self.has_words_before(at) {
                continue;
            }
            let end = self.unbroken_end(at);
            let below: Vec<usize> = (at + 1..end).filter(|p| !self.is_empty_at(*p)).collect();
            let standard = line.raw.trim_end_matches(['\r', '\n']) == "-- ";
            let greets =
                below.iter().any(|p| MailWords::get().of(Topic::Greeting).after_start(&fold(self.shown(*p))).is_some());
            let strict = matches!(line.shown, "---" | "___") || opens;
            let fits = standard
                || (!greets && if strict { self.is_signature(&below) } else { below.len() <= SIGNATURE_LINES_MAX });
            if fits {
                self.move_to_signature(at, end);
            }
        }
    }

    /// A rule with a signature below it, or, `footers`, with a company's.
    fn drop_ruled_footer(&mut self, footers: bool) {
        for at in (self.tail()..self.text.len()).rev() {
            if at >= self.text.len() {
                continue;
            }
            let line = &self.lines[self.text[at]];
            if !line.is_rule() || !self.has_words_before(at) {
                continue;
            }
            let end = self.unbroken_end(at);
            let below: Vec<usize> = (at + 1..end).filter(|p| !self.is_empty_at(*p)).collect();
            let contacts = below.iter().filter(|p| is_contact(self.shown(**p))).count();
            let marks: usize = below.iter().map(|p| footer_marks(self.shown(*p))).sum();
            let signs = self.could_be_signature(&below)
                && contacts >= 2 - usize::from(footers)
                && (footers || line.shown.is_ascii());
            let speaks = footers && marks >= 2 && below.len() <= 2 * SIGNATURE_LINES_MAX;
            if signs || speaks {
                self.move_to_signature(at, end);
            }
        }
    }

    fn move_to_signature(&mut self, at: usize, end: usize) {
        let moved: Vec<usize> = self.text.drain(at..end).collect();
        let mut written = moved.iter().filter(|n| !self.lines[**n].is_empty() && !self.lines[**n].is_rule());
        if self.ending.name.is_none() {
            self.ending.name = written.clone().skip(1).find(|n| is_name(self.lines[**n].shown)).copied();
        }
        if let Some(name) = self.ending.name {
            self.ending.role = written.find(|n| **n > name).copied().filter(|n| is_role(self.lines[*n].shown));
        }
        self.ending.signature.splice(0..0, moved);
    }

    /// Whether lines look like a signature: short, and speaking of telephones and addresses.
    fn is_signature(&self, positions: &[usize]) -> bool {
        let contacts = positions.iter().filter(|p| is_contact(self.shown(**p))).count();
        contacts >= 1 && self.could_be_signature(positions)
    }

    fn could_be_signature(&self, positions: &[usize]) -> bool {
        positions.len() <= SIGNATURE_LINES_MAX && positions.iter().all(|p| !is_sentence(self.shown(*p)))
    }

    /// The first of the lines that close the letter, and the first line below them.
    fn closing_from(&self, position: usize) -> Option<(usize, usize)> {
        let first = (position..self.text.len()).find(|p| self.is_closing(*p))?;
        let mut below = first + 1;
        while let Some(next) = (below..self.text.len()).find(|p| !self.is_empty_at(*p)).filter(|p| self.is_closing(*p))
        {
            below = next + 1;
        }
        Some((first, below))
    }

    fn is_closing(&self, position: usize) -> bool {
        let shown = self.shown(position);
        if !self.speaks_of(Topic::Closing, position)
            || shown.is_empty()
            || shown.starts_with('>')
            || shown.chars().count() > CLOSING_CHARS_MAX
            || !self.has_words_before(position)
        {
            return false;
        }
        let ends = |c: char| !c.is_alphanumeric() && c != '(' && c != ')';
        let said = fold(shown);
        let said = said.trim_matches(ends);
        let closing = MailWords::get().of(Topic::Closing);
        if closing.contain(said) {
            return true;
        }
        let Some(rest) = closing.after_start(said) else { return false };
        let rest = rest.trim_matches(ends);
        // "Thanks, Paul": as many words as a name has, and written like one.
        let name = shown.get(shown.len().saturating_sub(rest.len())..).unwrap_or_default();
        rest.split(' ').count() <= 3 && is_name(name.trim_matches(ends)) && !shown.ends_with('?')
    }

    /// The text ends at its closing words, or with the name below them.
    fn end_at_name(&mut self, name_stays: bool) {
        let mut from = self.tail();
        while let Some((first, below)) = self.closing_from(from) {
            let rest = self.written_from(below);
            let formal = self.shown(first).split_whitespace().count() >= 2 && !is_thanks(&fold(self.shown(first)));
            if !(formal || rest.len() <= 4 || self.could_be_signature(&rest)) {
                from = below;
                continue;
            }
            let name = rest.first().copied().filter(|p| *p <= below + 2 && is_name(self.shown(*p)));
            let end = if name_stays { name.map_or(below, |p| p + 1) } else { first };
            self.ending.name = name.map(|p| self.text[p]);
            let cut = self.text.split_off(end);
            self.ending.signature.splice(0..0, cut);
            return;
        }
    }

    /// Closing words go with what is below them, where all of that is a signature.
    fn set_signature_apart(&mut self) {
        let mut from = self.tail();
        while let Some((first, below)) = self.closing_from(from) {
            let rest = self.written_from(below);
            let begins = rest.first().is_none_or(|p| is_name(self.shown(*p))) || self.is_signature(&rest);
            if begins && self.could_be_signature(&rest) && self.ends_unbroken(first) {
                let cut = self.text.split_off(first);
                let name = rest.first().map(|p| cut[*p - first]).filter(|n| is_name(self.lines[*n].shown));
                self.ending.role =
                    rest.get(1).map(|p| cut[*p - first]).filter(|n| name.is_some() && is_role(self.lines[*n].shown));
                self.ending.name = name;
                self.ending.signature.splice(0..0, cut);
                return;
            }
            from = below;
        }
        self.set_contacts_apart();
    }

    /// A signature that nothing announces: a last paragraph that begins with a name and goes on with
    /// telephones and addresses.
    fn set_contacts_apart(&mut self) {
        let Some(last) = (0..self.text.len()).rev().find(|p| !self.is_empty_at(*p)) else { return };
        let mut start = last + 1;
        for at in (0..=last).rev() {
            if !self.is_empty_at(at) && is_sentence(self.shown(at)) {
                break;
            }
            if at == 0 || self.is_empty_at(at - 1) {
                start = at;
            }
        }
        while start <= last && (self.is_empty_at(start) || !is_name(self.shown(start))) {
            start += 1;
        }
        let rest = self.written_from(start);
        let contacts = rest.iter().filter(|p| is_contact(self.shown(**p))).count();
        if contacts >= 2
            && rest.len() <= SIGNATURE_LINES_MAX
            && self.has_words_before(start)
            && self.ends_unbroken(start)
        {
            let cut = self.text.split_off(start);
            self.ending.name = cut.first().copied();
            self.ending.role = cut.get(1).copied().filter(|n| is_role(self.lines[*n].shown));
            self.ending.signature.splice(0..0, cut);
        }
    }
}
