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

/// A text for one cell or line of Markdown: cleaned as [`line()`], and nothing in it is markup, a
/// link or HTML.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | ':' | '@' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
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
        fn what_is_cut_fits(text in "\\PC{0,40}", columns in 1usize..30) {
            prop_assert!(fit(&text, columns).width() <= columns);
        }
    }
}
