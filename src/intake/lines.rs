//! How is a text laid out for a reader: its lines, and its beginning.

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
}
