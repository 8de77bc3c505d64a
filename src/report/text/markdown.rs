//! The report as Markdown (GitHub's), also readable as it is.

use super::{Block, WIDTH, blocks::blocks, wrap};
use crate::report::escape;
use crate::report::publish::Publication;
use crate::report::voice::Voice;
use std::fmt::{Arguments, Write as _};
use unicode_width::UnicodeWidthStr;

/// The text; every line fits 80 columns.
#[must_use]
pub fn render(publication: &Publication, voice: &Voice) -> String {
    let mut out = String::new();
    for block in blocks(publication, voice) {
        match block {
            Block::Title(text) => {
                put(&mut out, format_args!("# {}\n\n", escape::markdown(&escape::fit(&text, WIDTH - 2))));
            }
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
            Block::Picture(title, picture) => {
                if !picture.is_empty() {
                    paragraph(&mut out, &format!("**{}**", escape::markdown(&title)), "", "");
                    // A fence longer than any run of backticks that a name may bring.
                    out.push_str("`````text\n");
                    for line in picture {
                        put(&mut out, format_args!("{}\n", escape::line(&line).replace('`', "'")));
                    }
                    out.push_str("`````\n\n");
                }
            }
            Block::Quote(text, by) => {
                for line in escape::lines(&text).lines() {
                    lines(&mut out, &escape::markdown(line), "> ", "> ");
                }
                out.push_str(">\n");
                paragraph(&mut out, &escape::markdown(&by), "> ", "> ");
            }
            Block::Command(text) => {
                for line in wrap(&escape::line(&text), WIDTH - 4) {
                    put(&mut out, format_args!("    {line}\n"));
                }
                out.push('\n');
            }
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

/// A text in lines that fit; none begins like a list or a heading by chance.
fn lines(out: &mut String, text: &str, first: &str, next: &str) {
    for (i, line) in wrap(text, WIDTH - first.width() - 1).into_iter().enumerate() {
        out.push_str(if i == 0 { first } else { next });
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let listed = number.len() < line.len() && number.starts_with(['.', ')']);
        match line.chars().next() {
            Some('-' | '=') => out.push('\\'),
            Some(_) if listed => {
                let digits = line.len() - number.len();
                put(out, format_args!("{}\\{number}\n", &line[..digits]));
                continue;
            }
            _ => {}
        }
        out.push_str(&line);
        out.push('\n');
    }
}

/// A table whose columns stand under each other; the names give way where it is too wide.
fn table(out: &mut String, head: &[String], rows: &[Vec<String>]) {
    let cells = |row: &[String]| -> Vec<String> { row.iter().map(|cell| escape::markdown(cell)).collect() };
    let mut all: Vec<Vec<String>> = std::iter::once(cells(head)).chain(rows.iter().map(|row| cells(row))).collect();
    let width = |all: &[Vec<String>], column: usize| {
        all.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let others: usize = (1..head.len()).map(|column| width(&all, column) + 3).sum();
    let room = WIDTH.saturating_sub(others + 4).max(8);
    for (row, plain) in all.iter_mut().zip(std::iter::once(head).chain(rows.iter().map(Vec::as_slice))) {
        // Cut before it is escaped: an escape that is cut through escapes the column's end.
        let mut columns = room;
        while row[0].width() > room && columns > 1 {
            row[0] = escape::markdown(&escape::fit(&escape::line(&plain[0]), columns));
            columns -= 1;
        }
    }
    let widths: Vec<usize> = (0..head.len()).map(|column| width(&all, column)).collect();
    for (i, row) in all.iter().enumerate() {
        let set = |(column, cell): (usize, &String)| {
            let blank = " ".repeat(widths[column].saturating_sub(cell.width()));
            if column == 0 { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
        };
        put(out, format_args!("| {} |\n", row.iter().enumerate().map(set).collect::<Vec<_>>().join(" | ")));
        if i == 0 {
            let rule = |(column, width): (usize, &usize)| {
                if column == 0 {
                    "-".repeat(*width)
                } else {
                    format!("{}:", "-".repeat(width.saturating_sub(1).max(1)))
                }
            };
            put(out, format_args!("| {} |\n", widths.iter().enumerate().map(rule).collect::<Vec<_>>().join(" | ")));
        }
    }
    out.push('\n');
}
