//! The report as Markdown (GitHub's), also readable as it is.

use super::{Block, WIDTH, bars, blocks::blocks};
use crate::report::escape;
use crate::report::publish::Publication;
use crate::report::voice::Voice;
use crate::report::wrap::{Long, wrap};
use std::fmt::{Arguments, Write as _};
use unicode_width::UnicodeWidthStr;

/// The text. Its paragraphs fit 80 columns; names in a table or picture, commands and long words are not cut.
#[must_use]
pub fn render(publication: &Publication, voice: &Voice) -> String {
    let mut out = String::new();
    for block in blocks(publication, voice) {
        match block {
            Block::Title(text) => put(&mut out, format_args!("# {}\n\n", escape::markdown(&text))),
            Block::Notice(text) => paragraph(&mut out, &format!("**{}**", escape::markdown(&text)), "> ", "> "),
            Block::Heading(text) => put(&mut out, format_args!("## {}\n\n", escape::markdown(&text))),
            Block::Paragraph(text) => paragraph(&mut out, &escape::markdown(&text), "", ""),
            Block::Items(items) => {
                for item in items {
                    lines(&mut out, &escape::markdown(&item), "- ", "  ");
                }
                out.push('\n');
            }
            Block::Table(title, head, rows) => {
                paragraph(&mut out, &format!("**{}**", escape::markdown(&title)), "", "");
                table(&mut out, &head, &rows);
            }
            Block::Picture(title, rows) => {
                if !rows.is_empty() {
                    paragraph(&mut out, &format!("**{}**", escape::markdown(&title)), "", "");
                    fenced(&mut out, "text", bars::named(rows, Long::Whole).iter().map(String::as_str));
                }
            }
            Block::Quote(text, by) => {
                for line in escape::lines(&text).lines() {
                    lines(&mut out, &escape::markdown(line), "> ", "> ");
                }
                out.push_str(">\n");
                paragraph(&mut out, &escape::markdown(&by), "> ", "> ");
            }
            Block::Commands(text) => fenced(&mut out, "sh", text.lines()),
        }
    }
    out.trim_end().to_owned() + "\n"
}

/// Writing to a `String` cannot fail.
fn put(out: &mut String, text: Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn paragraph(out: &mut String, text: &str, first: &str, next: &str) {
    lines(out, text, first, next);
    out.push('\n');
}

/// What is shown as it is.
fn fenced<'t>(out: &mut String, language: &str, text: impl Iterator<Item = &'t str>) {
    // A fence longer than any run of backticks that a name may bring.
    put(out, format_args!("`````{language}\n"));
    for line in text {
        put(out, format_args!("{}\n", escape::line(line).replace('`', "'")));
    }
    out.push_str("`````\n\n");
}

/// A text in lines that fit; none begins like a list or a heading by chance.
fn lines(out: &mut String, text: &str, first: &str, next: &str) {
    for (i, line) in wrap(text, WIDTH - first.width() - 1, Long::Whole).into_iter().enumerate() {
        put(out, format_args!("{}{}\n", if i == 0 { first } else { next }, escape::markdown_start(&line)));
    }
}

/// A table whose columns stand under each other.
fn table(out: &mut String, head: &[String], rows: &[Vec<String>]) {
    let cells = |row: &[String]| -> Vec<String> { row.iter().map(|cell| escape::markdown(cell)).collect() };
    let all: Vec<Vec<String>> = std::iter::once(cells(head)).chain(rows.iter().map(|row| cells(row))).collect();
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(column).unwrap_or(0).max(2)).collect();
    for (i, row) in all.iter().enumerate() {
        let set = |(column, cell): (usize, &String)| {
            let blank = " ".repeat(widths[column].saturating_sub(cell.width()));
            if column == 0 { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
        };
        put(out, format_args!("| {} |\n", row.iter().enumerate().map(set).collect::<Vec<_>>().join(" | ")));
        if i == 0 {
            let rule = |(column, width): (usize, &usize)| {
                if column == 0 { "-".repeat(*width) } else { format!("{}:", "-".repeat(width - 1)) }
            };
            put(out, format_args!("| {} |\n", widths.iter().enumerate().map(rule).collect::<Vec<_>>().join(" | ")));
        }
    }
    out.push('\n');
}
