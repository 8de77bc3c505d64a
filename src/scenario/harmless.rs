//! How is a study shown without obeying it? It may come from a stranger, and a terminal follows
//! escape sequences, wherever they stand.

use std::borrow::Cow;

/// A text for one line, where what a terminal would obey is a replacement character.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
}

/// A source, where what a terminal would obey is as many `?` as it has bytes: places stay.
pub(super) fn source(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' => shown.push(' '),
            '\t' => shown.push('\t'),
            c if is_obeyed(c) => (0..c.len_utf8()).for_each(|_| shown.push('?')),
            c => shown.push(c),
        }
    }
    shown
}

/// Controls but the line end, and characters that turn text around or hide it.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_nothing_and_places_stay() {
        let wicked = "a: \u{1b}[31mred\r\nb:\t\u{202e}x\u{9b}1m é";
        let shown = source(wicked);
        assert_eq!(shown, "a: ?[31mred \nb:\t???x??1m é");
        assert_eq!(shown.len(), wicked.len());
        assert_eq!(words("`\u{1b}[2J` twice"), "`\u{fffd}[2J` twice");
    }
}
