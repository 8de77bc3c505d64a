//! How is a table drawn so that it fits, also with wide characters in it?

use super::{Look, escape};
use crate::score::{Rate, words};
use anstyle::{Effects, Style};
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style as Rules};
use unicode_width::UnicodeWidthStr;

/// A table whose first column holds names; they give way where the width is short. What does not fit even
/// so stands below, as a table of its own with the names once more.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Columns that are set to the left, beside the first.
    left: Vec<usize>,
    /// Columns that say which row it is: the first, and what follows it where one name has several rows.
    keys: usize,
}

/// A name is not cut below this, even where the table becomes too wide.
const NAME_COLUMNS_MIN: usize = 8;

impl Table {
    /// A table with those column heads.
    pub fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).to_vec(), rows: Vec::new(), left: Vec::new(), keys: 1 }
    }

    /// A table with its rows; their texts may be strangers'.
    pub fn of(header: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        let clean = |row: Vec<String>| row.iter().map(|cell| escape::line(cell).into_owned()).collect();
        Self { header, rows: rows.into_iter().map(clean).collect(), left: Vec::new(), keys: 1 }
    }

    /// Sets a column to the left: words. Numbers stand on the right.
    pub fn left(mut self, column: usize) -> Self {
        self.left.push(column);
        self
    }

    /// Says that it takes so many columns to say which row it is.
    pub const fn keys(mut self, keys: usize) -> Self {
        self.keys = keys;
        self
    }

    /// Adds a row; its texts may be strangers'.
    pub fn push<const N: usize>(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| escape::line(&cell).into_owned()).into());
    }

    /// The table as lines, each ending in `\n`.
    pub fn render(self, look: &Look) -> String {
        let mut out = String::new();
        let mut next = self.keys.min(self.header.len());
        loop {
            let mut columns: Vec<usize> = (0..self.keys.min(self.header.len())).collect();
            while next < self.header.len() {
                columns.push(next);
                if self.room(&columns, 1, look) < self.widest(0).min(NAME_COLUMNS_MIN) && columns.len() > self.keys + 1
                {
                    columns.pop();
                    break;
                }
                next += 1;
            }
            out.push_str(&self.part(&columns).draw(look));
            if next >= self.header.len() {
                return out;
            }
        }
    }

    fn widest(&self, column: usize) -> usize {
        let cells = self.rows.iter().chain([&self.header]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    }

    /// Columns that are left for the names beside these columns and the frame.
    fn room(&self, columns: &[usize], gap: usize, look: &Look) -> usize {
        let numbers: usize = columns.iter().skip(1).map(|column| self.widest(*column)).sum();
        look.width.saturating_sub(numbers + gap * columns.len().saturating_sub(1) + 4)
    }

    fn part(&self, columns: &[usize]) -> Self {
        let of = |row: &Vec<String>| columns.iter().filter_map(|column| row.get(*column).cloned()).collect();
        let left = (0..columns.len()).filter(|at| self.left.contains(&columns[*at])).collect();
        Self { header: of(&self.header), rows: self.rows.iter().map(of).collect(), left, keys: self.keys }
    }

    fn draw(mut self, look: &Look) -> String {
        let columns: Vec<usize> = (0..self.header.len()).collect();
        // Two spaces between columns, one where the numbers are long.
        let gap = if self.room(&columns, 2, look) >= self.widest(0).min(NAME_COLUMNS_MIN) { 2 } else { 1 };
        let name = self.room(&columns, gap, look).max(NAME_COLUMNS_MIN);
        for row in &mut self.rows {
            if let Some(first) = row.first_mut() {
                *first = escape::fit(first, name).into_owned();
            }
        }
        let mut builder = Builder::default();
        builder.push_record(self.header);
        self.rows.into_iter().for_each(|row| builder.push_record(row));
        let mut table = builder.build();
        table
            .with(Rules::rounded().remove_vertical())
            .with(Alignment::right())
            .with(Padding::new(1, gap - 1, 0, 0))
            .modify(Columns::last(), Padding::new(1, 1, 0, 0))
            .modify(Columns::first(), Alignment::left());
        for column in self.left {
            table.modify(Columns::one(column), Alignment::left());
        }
        let mut out = String::new();
        for (i, line) in table.to_string().lines().enumerate() {
            out.push_str(&if i == 1 { head(line, look) } else { rules(line, look) });
            out.push('\n');
        }
        out
    }
}

/// A line set in a style, where colour is wanted.
pub fn styled(text: &str, style: Style, look: &Look) -> String {
    if look.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

fn head(line: &str, look: &Look) -> String {
    styled(line, Style::new().effects(Effects::BOLD), look)
}

/// The frame stands back behind the numbers.
fn rules(line: &str, look: &Look) -> String {
    let dim = Style::new().effects(Effects::DIMMED);
    match line.strip_prefix('│').and_then(|rest| rest.strip_suffix('│')) {
        Some(cells) => format!("{}{cells}{}", styled("│", dim, look), styled("│", dim, look)),
        None => styled(line, dim, look),
    }
}

/// Rates of one column, set so that fractions, percents and intervals stand under each other:
/// ` 3/14  21% [ 8–48]`.
pub fn rates(column: &[Rate]) -> Vec<String> {
    let parts: Vec<[String; 4]> = column.iter().map(parts).collect();
    let width = |part: usize| parts.iter().map(|p| p[part].width()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    let set = |[fraction, percent, low, high]: [String; 4]| {
        let counted = format!("{fraction:>0$} {percent:>1$}", widths[0], widths[1].max(3));
        if low.is_empty() {
            let blank = if widths[2] == 0 { 0 } else { widths[2] + widths[3] + 4 };
            return format!("{counted}{:blank$}", "");
        }
        let unused = widths[3] - high.width();
        let low_width = widths[2];
        format!("{counted} [{low:>low_width$}–{high}]{:unused$}", "")
    };
    parts.into_iter().map(set).collect()
}

fn parts(rate: &Rate) -> [String; 4] {
    let fraction = format!("{}/{}", rate.numerator, rate.denominator);
    match rate.estimate {
        Some(e) => [
            fraction,
            words::percent(e.value),
            words::whole_percent(e.interval.low),
            words::upper_percent(e.interval.high),
        ],
        None => [fraction, "–".to_owned(), String::new(), String::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Proportion;

    #[test]
    fn what_does_not_fit_stands_below_with_the_names_once_more() {
        let mut table = Table::new(["channel", "within", "many", "more", "most"]).keys(2);
        let long = || "4000/4000 100% [99–100]".to_owned();
        table.push(["web_form".to_owned(), "2h".to_owned(), long(), long(), long()]);
        table.push([String::new(), "24h".to_owned(), long(), long(), long()]);
        let text = table.render(&Look { width: 80, color: false, ..Look::default() });
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        let heads: Vec<&str> = text.lines().filter(|line| line.contains("channel")).collect();
        assert_eq!(heads.len(), 2, "{text}");
        assert!(heads[0].contains("more") && heads[1].contains("within") && heads[1].contains("most"), "{text}");
        assert_eq!(text.matches("4000/4000").count(), 6);
    }

    #[test]
    fn rates_stand_under_each_other() {
        let column = [(3, 14), (18, 18), (0, 0), (0, 200)].map(|(x, n)| Rate::from(Proportion::new(x, n)));
        assert_eq!(
            rates(&column),
            [" 3/14  21% [ 8–48] ", "18/18 100% [82–100]", "  0/0    –         ", "0/200   0% [ 0–2]  "]
        );
    }
}
