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
    /// A picture of characters: its heading, and what it shows line by line, each with a name.
    Picture(String, Vec<(String, String)>),
    /// Somebody's words, and whose.
    Quote(String, String),
    /// Commands, one a line.
    Commands(String),
}

/// Columns of every line.
const WIDTH: usize = 80;
