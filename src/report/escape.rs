//! How do strangers' bytes get into an output without doing anything there?
//!
//! Company names come from a study, texts from anybody who writes to us. A terminal obeys escape
//! sequences, bidirectional controls turn text around, a spreadsheet runs what starts with `=`.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A text for one line of a terminal: no escape sequences, no control or bidirectional
/// characters; line ends and tabs become spaces.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// A text of several lines for a terminal: as [`line()`], but line ends stay. `\r\n` is one end.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

/// A field for a CSV that somebody may open in a spreadsheet: as [`line()`], and a field that
/// would be taken for a formula gets an apostrophe in front.
#[must_use]
pub fn spreadsheet(text: &str) -> Cow<'_, str> {
    let cleaned = line(text);
    // Full-width forms are taken for formulas too.
    let formula = cleaned.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula { Cow::Owned(format!("'{cleaned}")) } else { cleaned }
}

/// A text for HTML or SVG, within an element or a quoted attribute. Templates escape by themselves.
#[must_use]
pub fn markup(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A text within a line or a cell of Markdown (GitHub's): cleaned as [`line()`], and nothing in it is
/// markup, a link to a page or HTML. Only what could be is escaped, so that it can be read as it is, too. What
/// means something at the start of a line alone is [`markdown_start`]'s. An address of mail GitHub makes a link of
/// however it is written.
#[must_use]
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let escaped = match c {
            '<' => {
                out.push_str("&lt;");
                before = Some(c);
                continue;
            }
            '\\' | '`' | '*' | '|' | '~' => true,
            // Between letters it is no emphasis.
            '_' => !(word(before) && word(after.chars().next())),
            // What is linked, or defined to be.
            ']' => after.starts_with(['(', '[', ':']),
            ':' => after.starts_with("//"),
            '.' => text[..at].to_ascii_lowercase().ends_with("www"),
            '&' => is_entity(after),
            // Two of them hold a formula.
            '$' => text.matches('$').count() > 1,
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

/// Whether what follows an `&` makes it a character reference.
fn is_entity(after: &str) -> bool {
    let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '#').next().unwrap_or("");
    !name.is_empty() && after[name.len()..].starts_with(';')
}

/// A line of Markdown that is no heading, list, quotation or box by chance: the line is [`markdown`]'s.
#[must_use]
pub fn markdown_start(line: &str) -> Cow<'_, str> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = line[digits..].strip_prefix(['.', ')']).is_some_and(ends);
    if digits > 0 && number {
        return Cow::Owned(format!("{}\\{}", &line[..digits], &line[digits..]));
    }
    let only = |c: char| line.chars().all(|each| each == c || each == ' ');
    let means_something = match line.chars().next() {
        Some('-') => only('-') || ends(&line[1..]),
        Some('+') => ends(&line[1..]),
        Some('=') => only('='),
        Some('#') => ends(line.trim_start_matches('#')),
        Some('[') => line.as_bytes().get(2) == Some(&b']'),
        first => first == Some('>'),
    };
    if means_something { Cow::Owned(format!("\\{line}")) } else { Cow::Borrowed(line) }
}

/// The same, quoted where a comma, a quotation mark or a line end makes it necessary (RFC 4180).
#[must_use]
pub fn csv_field(text: &str) -> String {
    let safe = spreadsheet(text);
    if safe.contains([',', '"', '\n', '\r']) || safe.starts_with(' ') || safe.ends_with(' ') {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe.into_owned()
    }
}

/// The text, cut to so many columns of a terminal, with `…` where something is missing.
#[must_use]
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(c);
    }
    Cow::Owned(format!("{}…", kept.trim_end()))
}

fn clean(text: &str, keep_lines: bool) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' if keep_lines => out.push('\n'),
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_harmful(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Controls (C0, DEL, C1), bidirectional controls, line separators, invisible tags and marks.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Skips what follows an ESC (ECMA-48): a control sequence, a string, or a short sequence.
fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        Some(' '..='/') => {
            while chars.next_if(|c| (' '..='/').contains(c)).is_some() {}
            chars.next_if(|c| ('0'..='~').contains(c));
        }
        Some('0'..='~') => {
            chars.next();
        }
        _ => {}
    }
}

fn skip_control_sequence(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// Skips a string (a title, a link) to its end. One that has no end on its line is not skipped:
/// nobody shall hide the rest of a text.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    while let Some(c) = ahead.next() {
        match c {
            '\n' | '\r' => return,
            '\u{7}' | '\u{9c}' => {
                *chars = ahead;
                return;
            }
            '\u{1b}' if ahead.peek() == Some(&'\\') => {
                ahead.next();
                *chars = ahead;
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    #[test]
    fn what_cannot_be_markup_is_left_as_it_is() {
        for plain in ["Study: 08:00 UTC (95% interval −4 to 68), [28–79] +20, R&D #7, a@b.example!", "info_b2b, AT&T"]
        {
            assert_eq!(markdown(plain), plain);
        }
        for (text, written) in [
            ("[link](javascript:alert(3)) | `x` **b**", "[link\\](javascript:alert(3)) \\| \\`x\\` \\*\\*b\\*\\*"),
            ("<img src=x>&lt;", "&lt;img src=x>\\&lt;"),
            ("see https://evil.example or www.evil.example", "see https\\://evil.example or www\\.evil.example"),
            ("_one_ ~two~ [x]: y", "\\_one\\_ \\~two\\~ [x\\]: y"),
        ] {
            assert_eq!(markdown(text), written);
        }
        for (line, written) in [
            ("- a", "\\- a"),
            ("12. a", "12\\. a"),
            ("# a", "\\# a"),
            ("0.219)", "0.219)"),
            ("[−68 to 4]", "[−68 to 4]"),
        ] {
            assert_eq!(markdown_start(line), written);
        }
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        for (wicked, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}name", "name"),
            ("\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jgone", "gone"),
            ("\u{1b}]0;never ends", "0;never ends"),
            ("\u{1b}(Bset", "set"),
            ("Alfa\u{202e}afla\u{202c}\u{2066}", "Alfaafla"),
            ("bell\u{7}\u{8}\u{7f}", "bell"),
            ("one\r\ntwo\tthree", "one two three"),
            ("東京ガス", "東京ガス"),
        ] {
            assert_eq!(line(wicked), shown);
        }
        assert_eq!(lines("one\r\ntwo\u{1b}[2K\nthree\u{2028}"), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        for (wicked, written) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("\t=1+1", "' =1+1"),
            ("+39 02 1234", "'+39 02 1234"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("Biscotti Alfa", "Biscotti Alfa"),
        ] {
            assert_eq!(spreadsheet(wicked), written);
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(fit("東京ガス株式会社", 9), "東京ガス…");
        assert_eq!(fit("Biscotti", 8), "Biscotti");
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left_of_any_text(text in "(\\PC|[\u{0}-\u{1f}\u{7f}-\u{9f}]|[\\[\\];m]){0,60}") {
            prop_assert!(!line(&text).chars().any(is_harmful));
            prop_assert!(!lines(&text).chars().any(|c| is_harmful(c) && c != '\n'));
        }

        #[test]
        fn no_text_is_markup(text in "([a-z_*~`\\[\\]()<>|#&;:./!+=0-6@$ \\\\-]|https?://|www\\.|&lt;|&#65;|\\]\\(){0,40}") {
            let escaped = markdown(&text);
            let written: Vec<Cow<'_, str>> = escaped.split_whitespace().map(markdown_start).collect();
            let github = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH
                | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM | Options::ENABLE_MATH;
            // Each word at the start of a line, and all of them within one.
            for page in [written.join("\n"), format!("7 {escaped}")] {
                let mut said = String::new();
                for event in Parser::new_ext(&page, github) {
                    match event {
                        Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                        Event::Text(text) => said.push_str(&text),
                        Event::SoftBreak => said.push(' '),
                        other => return Err(TestCaseError::fail(format!("{other:?} in {page:?}"))),
                    }
                }
                let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                let said = words(&said);
                prop_assert_eq!(said.trim_start_matches('7').trim_start(), words(&text), "{}", page);
            }
        }

        #[test]
        fn what_is_cut_fits(text in "\\PC{0,40}", columns in 1usize..30) {
            prop_assert!(fit(&text, columns).width() <= columns);
        }
    }
}
