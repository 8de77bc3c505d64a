//! The report on a terminal.

use super::{Block, WIDTH, bars, blocks::blocks};
use crate::report::publish::Publication;
use crate::report::table::Table;
use crate::report::terminal::Page;
use crate::report::voice::Voice;
use crate::report::wrap::{Long, wrap};
use crate::report::{Look, escape};
use anstyle::{AnsiColor, Effects, Style};

/// The text; every line fits 80 columns.
#[must_use]
pub fn render(publication: &Publication, voice: &Voice, color: bool) -> String {
    let look = Look { width: WIDTH, color, ..Look::default() };
    let mut page = Page::new(look);
    let bold = Style::new().effects(Effects::BOLD);
    let warning = bold.fg_color(Some(AnsiColor::Yellow.into()));
    for block in blocks(publication, voice) {
        match block {
            Block::Title(text) => page.paragraph(&text, "", bold),
            Block::Notice(text) => page.paragraph(&text, "", warning),
            Block::Heading(text) => {
                page.title("", "");
                page.title(&text.to_uppercase(), "");
            }
            Block::Paragraph(text) => page.paragraph(&text, "", Style::new()),
            Block::Items(items) => items.iter().for_each(|item| page.paragraph(item, "• ", Style::new())),
            Block::Table(title, head, rows) => {
                page.title(&title, "");
                page.table(Table::of(head, rows));
            }
            Block::Picture(title, rows) => {
                if !rows.is_empty() {
                    page.title(&title, "");
                    for line in bars::named(rows, Long::Cut) {
                        page.raw(&escape::line(&line));
                    }
                }
            }
            Block::Quote(text, by) => {
                page.title("", "");
                for line in escape::lines(&text).lines() {
                    for line in wrap(line, WIDTH - 2, Long::Cut) {
                        page.raw(&format!("│ {line}"));
                    }
                }
                page.paragraph(&by, "  ", Style::new().effects(Effects::DIMMED));
            }
            Block::Commands(text) => {
                for command in text.lines() {
                    // What is on several lines can be pasted all the same.
                    let lines = wrap(&escape::line(command), WIDTH - 6, Long::Cut);
                    lines.join(" \\\n").lines().for_each(|line| page.raw(&format!("    {line}")));
                }
            }
        }
    }
    page.text()
}
