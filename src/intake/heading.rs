//! What introduces a quotation: "On …, … wrote:", a block of header fields, "Original message".
//!
//! Structure first, so that languages nobody thought of are read too: an address beside a date, a
//! block of `Word: value` lines. The words of many languages help where structure is thin.

use super::lines::{Line, bare};
use crate::lexicon::mail_words::{MailWords, Topic, fold, is_invisible};

/// Most lines over which a heading such as "On …, … wrote:" is broken.
const LINES_MAX: usize = 6;
/// Longest heading, in characters.
const CHARS_MAX: usize = 400;
/// Most words of a heading that no known word marks as one.
const WORDS_MAX: usize = 20;
/// Most lines of a header block.
const FIELDS_MAX: usize = 12;

/// The lines of a heading such as "On 3 March 2026, Enrico <e@x> wrote:".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribution {
    /// Its first line.
    pub(super) start: usize,
    /// The line after its last.
    pub(super) end: usize,
    /// Whether lines that are marked as quoted follow.
    pub(super) quote_follows: bool,
}

/// All such headings in a text, in order.
pub(super) fn attributions(lines: &[Line<'_>]) -> Vec<Attribution> {
    let mut found: Vec<Attribution> = Vec::new();
    for last in 0..lines.len() {
        let floor = found.last().map_or(0, |a| a.end);
        if let Some(attribution) = attribution_ending(lines, last, floor) {
            found.push(attribution);
        }
    }
    found
}

fn attribution_ending(lines: &[Line<'_>], last: usize, floor: usize) -> Option<Attribution> {
    let line = &lines[last];
    let speaks = ends_with_colon(line.shown);
    if !speaks && !line.shown.contains('@') {
        return None;
    }
    let quote_follows = next_written(&lines[last + 1..]).is_some_and(|l| begins_quote(l, line));
    if !(speaks || quote_follows) || line.is_mark() || line.shown.chars().count() > CHARS_MAX {
        return None;
    }
    if line.is_quoted() && !closes_bracket(line) {
        return None;
    }
    let mut whole = String::new();
    let mut start = None;
    for at in (floor..=last).rev().take(LINES_MAX) {
        let above = &lines[at];
        if above.is_mark() || (at < last && !continues(lines, at)) {
            break;
        }
        whole = format!("{} {whole}", above.shown.trim_start_matches(['-', ' ']));
        if whole.chars().count() > CHARS_MAX {
            break;
        }
        let said = Said::of(whole.trim());
        if said.is_attribution(speaks, quote_follows) {
            start = Some(at);
            // The heading is whole once it says when and who.
            let opens = above.shown.starts_with(['<', '(']);
            if said.dated && (said.addressed || said.led_by_word || !above_has_address(lines, at, floor)) && !opens {
                break;
            }
        } else if start.is_some() && !said.dated && above.shown.ends_with(['.', '!', '?']) {
            break;
        }
    }
    let start = with_lead(lines, start?, floor);
    Some(Attribution { start, end: last + 1, quote_follows })
}

/// Where the sentence began whose end is a heading already: "On Nov 21, 2014,⏎at 10:18,⏎John wrote:".
fn with_lead(lines: &[Line<'_>], start: usize, floor: usize) -> usize {
    let lead = MailWords::get().of(Topic::QuoteLead);
    if lead.after_start(&fold(lines[start].shown)).is_some_and(|rest| rest.contains(|c: char| c.is_ascii_digit())) {
        let above = start.checked_sub(1).filter(|at| *at >= floor).map(|at| lines[at].shown);
        if !above.is_some_and(|l| l.ends_with(',') && lead.after_start(&fold(l)).is_some() && is_dated(l)) {
            return start;
        }
    }
    let above = (floor..start).rev().take(2);
    above
        .take_while(|at| !lines[*at].is_empty() && !lines[*at].is_quoted())
        .filter(|at| {
            let line = lines[*at].shown;
            line.chars().count() < 80 && lead.after_start(&fold(line)).is_some() && is_dated(line)
        })
        .last()
        .unwrap_or(start)
}

/// Whether the line at `at` and the one below it are one sentence: both written, or only a bracket
/// between them is broken.
fn continues(lines: &[Line<'_>], at: usize) -> bool {
    let (above, below) = (&lines[at], &lines[at + 1]);
    let bracket = |l: &Line<'_>| l.shown.starts_with('<') || l.shown.to_ascii_lowercase().starts_with("mailto:");
    if above.is_empty() {
        return bracket(below) && at > 0 && !lines[at - 1].is_quoted();
    }
    !above.is_quoted() && (!below.is_empty() || bracket(&lines[(at + 2).min(lines.len() - 1)]))
}

/// Whether the line above is the beginning of the same sentence, with the address.
fn above_has_address(lines: &[Line<'_>], at: usize, floor: usize) -> bool {
    let above = at.checked_sub(1).filter(|above| *above >= floor).map(|above| &lines[above]);
    let ends = |shown: &str| {
        let ordinal = shown.strip_suffix('.').is_some_and(|s| s.ends_with(|c: char| c.is_numeric()));
        shown.ends_with(['.', '!', '?', ':']) && !ordinal
    };
    above.is_some_and(|l| !l.is_quoted() && has_address(l.shown) && !ends(l.shown))
}

/// `> wrote:` closes a bracket that an earlier line opened.
fn closes_bracket(line: &Line<'_>) -> bool {
    let spoken = fold(line.shown.trim_start_matches('>').trim().trim_end_matches([':', '：']));
    MailWords::get().of(Topic::QuoteWrote).contain(&spoken)
}

/// What a possible heading holds.
#[allow(clippy::struct_excessive_bools, reason = "independent signs, each present or absent")]
struct Said {
    /// An address.
    addressed: bool,
    /// An address in brackets.
    bracketed: bool,
    /// A date or time.
    dated: bool,
    /// A time of day.
    timed: bool,
    /// A known word for "wrote" ends it.
    wrote_last: bool,
    /// Such a word stands in it.
    wrote: bool,
    /// A known word begins it.
    led_by_word: bool,
    /// Such a word or a number does.
    led: bool,
    /// A date or time ends it.
    ends_dated: bool,
    /// "Quoting somebody".
    quoting: bool,
    /// Not too many words for what it should be.
    short: bool,
}

impl Said {
    fn of(text: &str) -> Self {
        let words = MailWords::get();
        let spoken = fold(bare(text.trim_end_matches(['>', '*', ' '])).trim_end_matches([':', '：', ' ', '*']));
        let wrote_last = ends_as_word(&spoken, words.of(Topic::QuoteWrote));
        let led_by_word = words.of(Topic::QuoteLead).after_start(&spoken).is_some();
        Self {
            addressed: has_address(&spoken),
            bracketed: spoken.contains('<') && has_address(&spoken),
            dated: is_dated(&spoken),
            timed: has_time(&spoken),
            wrote: wrote_last || words.of(Topic::QuoteWrote).occur_as_words_in(&spoken),
            wrote_last,
            ends_dated: spoken.trim_end_matches([')', '.', ' ']).ends_with(char::is_numeric),
            led_by_word,
            led: led_by_word || spoken.starts_with(|c: char| c.is_numeric()),
            quoting: words.of(Topic::Quoting).after_start(&spoken).is_some(),
            short: spoken.split(' ').count() <= WORDS_MAX,
        }
    }

    fn is_attribution(&self, speaks: bool, quote_follows: bool) -> bool {
        if !speaks {
            return quote_follows && self.addressed && self.dated && self.short;
        }
        // Programs name the time of day or the address; people who tell what somebody wrote do not.
        let exact = self.timed || self.addressed || quote_follows;
        (self.wrote_last && exact)
            || (self.wrote && self.dated && exact && self.short && (self.led || self.addressed || self.ends_dated))
            || (self.bracketed && self.timed && self.short)
            || (self.addressed && self.timed && self.led && self.short)
            || (quote_follows && self.short && (self.dated || self.addressed || self.wrote || self.quoting))
    }
}

fn ends_as_word(folded: &str, phrases: &crate::lexicon::mail_words::Phrases) -> bool {
    phrases.listed().any(|p| {
        folded.strip_suffix(p).is_some_and(|before| {
            let joined = before.chars().next_back().is_some_and(char::is_alphanumeric);
            !joined || !p.is_ascii()
        })
    })
}

fn ends_with_colon(shown: &str) -> bool {
    shown.trim_end_matches(['*', '_', ' ', '\u{a0}']).ends_with([':', '：'])
}

fn next_written<'l, 'a>(lines: &'l [Line<'a>]) -> Option<&'l Line<'a>> {
    lines.iter().take(4).find(|l| !l.is_empty())
}

fn begins_quote(line: &Line<'_>, heading: &Line<'_>) -> bool {
    (line.is_quoted() && !closes_bracket(line))
        || line.is_mark()
        || (line.shown.starts_with('|') && !heading.shown.starts_with('|'))
}

/// Whether something in it is an e-mail address.
pub(super) fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before =
            text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '+'));
        let domain: &str = text[at + 1..].split([' ', '>', ')', ']', ',', ';', '"']).next().unwrap_or_default();
        before && domain.len() >= 2 && domain.starts_with(char::is_alphanumeric)
    })
}

/// Whether a text names a day or a time of day, in any script's digits.
pub(super) fn is_dated(text: &str) -> bool {
    has_time(text) || has_day(text)
}

/// `12:34`, `18h02`, `9.00` beside a day.
fn has_time(text: &str) -> bool {
    let numbers = numbers(text);
    let between = |a: &(usize, usize, usize), b: &(usize, usize, usize)| text[a.1..b.0].trim_matches(is_invisible);
    let clock = numbers.windows(2).any(|w| {
        matches!(between(&w[0], &w[1]), ":" | "：" | "h" | "時" | "点" | "點" | "시 ") && w[0].2 <= 2 && w[1].2 == 2
    });
    let pointed = |at: usize| {
        let (hour, minute) = (numbers[at], numbers[at + 1]);
        let apart = |a: Option<&(usize, usize, usize)>, b: Option<&(usize, usize, usize)>| {
            a.zip(b).is_none_or(|(a, b)| !matches!(between(a, b), "." | "/" | "-"))
        };
        between(&hour, &minute) == "."
            && hour.2 <= 2
            && minute.2 == 2
            && apart(at.checked_sub(1).map(|n| &numbers[n]), Some(&hour))
            && apart(Some(&minute), numbers.get(at + 2))
    };
    clock || (has_day(text) && (0..numbers.len().saturating_sub(1)).any(pointed))
}

/// A year, or a day with its month: `2026`, `3/2`, `16.02.16`.
fn has_day(text: &str) -> bool {
    let numbers = numbers(text);
    let year = |(start, end, digits): &(usize, usize, usize)| {
        *digits == 4
            && (!text.is_char_boundary(*start)
                || !text[*start..*end].is_ascii()
                || text[*start..].starts_with("20")
                || text[*start..].starts_with("19"))
    };
    numbers.iter().any(year)
        || numbers.windows(3).any(|w| {
            let mark = |a: (usize, usize, usize), b: (usize, usize, usize)| {
                matches!(text[a.1..b.0].trim_matches(is_invisible), "/" | "." | "-" | ". ")
            };
            mark(w[0], w[1]) && mark(w[1], w[2]) && w.iter().all(|n| n.2 <= 4)
        })
}

/// Runs of digits: where they start, where they end, how many digits.
fn numbers(text: &str) -> Vec<(usize, usize, usize)> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_numeric()) {
        match found.last_mut().filter(|(_, end, _)| *end == at) {
            Some((_, end, digits)) => (*end, *digits) = (at + c.len_utf8(), *digits + 1),
            None => found.push((at, at + c.len_utf8(), 1)),
        }
    }
    found
}

/// How many lines a quoted header takes, as Outlook and others write it, if one starts here.
/// `ruled`: a line was drawn above it.
pub(super) fn header_block(lines: &[Line<'_>], ruled: bool) -> Option<usize> {
    let words = MailWords::get();
    let first = label(lines.first()?)?;
    let mut fields = vec![first];
    let mut end = 1;
    let mut skipped = 0;
    for (at, line) in lines.iter().enumerate().skip(1).take(2 * FIELDS_MAX) {
        if let Some(field) = label(line) {
            fields.push(field);
            (end, skipped) = (at + 1, 0);
        } else {
            // A list of recipients that was broken, or an empty line between two fields.
            let broken = !line.is_empty() && (has_address(line.shown) || line.raw.starts_with([' ', '\t']));
            skipped += 1;
            if skipped > 1 && !broken {
                break;
            }
        }
        if fields.len() >= FIELDS_MAX {
            break;
        }
    }
    let known = |topic: Topic| fields.iter().filter(|(name, _)| words.of(topic).contain(name)).count();
    let (from, others) = (known(Topic::QuoteFrom), known(Topic::QuoteHeader));
    let begins = words.of(Topic::QuoteFrom).contain(&fields[0].0) || words.of(Topic::QuoteHeader).contain(&fields[0].0);
    let addressed = fields.iter().take(6).any(|(_, value)| has_address(value) || value.contains("mailto"));
    let dated = fields.iter().take(6).any(|(_, value)| is_dated(value));
    let timed = fields.iter().take(6).any(|(_, value)| has_time(value) && has_day(value));
    let by_words = begins && from >= 1 && (others >= 2 || (others >= 1 && (ruled || dated || addressed)));
    let by_structure = fields.len() >= 3 && addressed && timed && distinct(&fields);
    let by_rule = ruled && fields.len() >= 2 && addressed && dated && distinct(&fields);
    (by_words || by_structure || by_rule).then_some(end)
}

fn distinct(fields: &[(String, &str)]) -> bool {
    fields.iter().enumerate().all(|(at, (name, _))| fields[..at].iter().all(|(other, _)| other != name))
}

/// The name and value of a line such as `**From:** Enrico`.
fn label<'a>(line: &Line<'a>) -> Option<(String, &'a str)> {
    let shown = line.shown.trim_start_matches(['*', '_', '|', ' ', '>', '-']);
    let (name, value) = shown.split_once([':', '：'])?;
    let name = name.trim_end_matches(['*', '_', ' ', '\u{a0}', '\t']);
    let letters = name
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | '\u{a0}') || is_combining(c));
    let fits = !name.is_empty() && name.chars().count() <= 28 && name.split_whitespace().count() <= 4 && letters;
    (fits && !value.starts_with("//")).then(|| (fold(name), bare(value.trim_start_matches(['*', '_', ' ']))))
}

fn is_combining(c: char) -> bool {
    // Vowel signs of Thai, Hindi and Arabic are no letters to Unicode.
    matches!(c, '\u{64b}'..='\u{652}' | '\u{900}'..='\u{94d}' | '\u{e31}'..='\u{e4e}')
}

/// "-----Original Message-----", "---------- Forwarded message ---------", in any language where a
/// header follows.
pub(super) fn is_original_rule(lines: &[Line<'_>]) -> bool {
    let Some(first) = lines.first() else { return false };
    let line = first.shown;
    let drawn_first = line.starts_with(|c: char| !c.is_alphanumeric());
    // Without a drawn line it stands alone, above the fields of a header.
    let above_fields = || next_written(&lines[1..]).is_some_and(|l| l.shown.contains([':', '：']));
    if line.len() > 600 || !(drawn_first || ends_with_colon(line) || above_fields()) {
        return false;
    }
    let known = first.speaks_of(Topic::QuoteOriginal);
    if !(known || drawn_first) {
        return false;
    }
    let dashes = |c: char| matches!(c, '-' | '_' | '=' | '*' | '–' | '—' | ' ' | '~' | '<' | '+');
    let inner = line.trim_start_matches(dashes);
    let drawn = line.len() - inner.len();
    let folded = if known { fold(inner) } else { String::new() };
    if let Some(rest) = MailWords::get().of(Topic::QuoteOriginal).after_start(&folded) {
        let begins = folded.starts_with("begin forwarded message") && rest.len() <= 2;
        let ruled = drawn >= 2
            && (rest.trim_matches(|c| dashes(c) || c == ':' || c == '>').is_empty()
                || rest.trim_start().starts_with("--"));
        let named = drawn >= 2 && rest.chars().count() < 100;
        let alone = rest.trim_matches([':', ' ']).is_empty() && followed_by_header(&lines[1..]);
        if begins || ruled || named || alone {
            return true;
        }
    }
    let name = inner.trim_end_matches(|c| dashes(c) || c == '>');
    let symmetrical = drawn >= 3 && inner.len() - name.len() >= 3;
    symmetrical && (1..=5).contains(&name.split_whitespace().count()) && followed_by_header(&lines[1..])
}

fn followed_by_header(lines: &[Line<'_>]) -> bool {
    let Some(at) = lines.iter().take(3).position(|l| !l.is_empty()) else { return false };
    header_block(&lines[at..], true).is_some()
}

/// A help desk's "type your reply above this line": no words of a person.
pub(super) fn is_above_line(line: &Line<'_>) -> bool {
    line.speaks_of(Topic::QuoteAbove) && line.shown.chars().count() < 160
}
