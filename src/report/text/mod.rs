//! The report as text: on a terminal, in 80 columns, or as Markdown.
//!
//! One list of blocks is made, and written in either form, so that both say the same.

mod bars;
mod blocks;
mod markdown;
mod terminal;

pub use markdown::render as markdown;
pub use terminal::render as terminal;

/// A piece of the text. Words may be strangers': whoever writes them escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// The title.
    Title(String),
    /// What everybody must see first.
    Notice(String),
    /// A section's heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A list.
    Items(Vec<String>),
    /// A table: its heading, its columns, its rows. The first column holds names.
    Table(String, Vec<String>, Vec<Vec<String>>),
    /// A picture of characters, line by line.
    Picture(String, Vec<String>),
    /// Somebody's words, and whose.
    Quote(String, String),
    /// Commands, one a line.
    Commands(String),
}

/// Columns of every line.
const WIDTH: usize = 80;

/// What becomes of a word that is longer than a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Long {
    /// It is cut.
    Cut,
    /// It stays whole, on a line of its own.
    Whole,
}

/// Lines of at most `columns`.
fn wrap(text: &str, columns: usize, long: Long) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| line.width());
        if used > 0 && used + 1 + word.width() > columns {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&if long == Long::Cut { super::escape::fit(word, columns) } else { word.into() });
        }
    }
    lines
}
