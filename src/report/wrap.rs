//! How is a text broken into lines that fit?

use super::escape;
use unicode_width::UnicodeWidthStr;

/// What becomes of a word that is longer than a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Long {
    /// It is cut.
    Cut,
    /// It stays whole, on a line of its own.
    Whole,
}

/// Lines of at most `columns`. What a no-break space holds together stays on one, and has plain spaces there.
pub(in crate::report) fn wrap(text: &str, columns: usize, long: Long) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(|c: char| c.is_whitespace() && c != '\u{a0}').filter(|word| !word.is_empty()) {
        let word = if long == Long::Cut { escape::fit(word, columns.max(1)) } else { word.into() };
        let used = lines.last().map_or(0, |line| line.width());
        if used > 0 && used + 1 + word.width() > columns {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word.replace('\u{a0}', " "));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_stays_on_a_line_and_a_long_word_is_cut_or_stays_whole() {
        assert_eq!(wrap("chance (p\u{a0}=\u{a0}0.2)", 12, Long::Cut), ["chance", "(p = 0.2)"]);
        assert_eq!(wrap("a bcdefgh i", 4, Long::Cut), ["a", "bcd…", "i"]);
        assert_eq!(wrap("a bcdefgh i", 4, Long::Whole), ["a", "bcdefgh", "i"]);
    }
}
