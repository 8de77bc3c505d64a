//! Which kind of table is a file, and what stands in its cells?

use crate::score::csv::{COLUMNS, CsvError, Fault};
use csv::ReaderBuilder;
use std::io::Read;

/// A kind of table whose numbers can be worked out. Its first line tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Inquiries of a study, one a line.
    Study,
    /// Spans of time and opening hours.
    BusinessHours,
    /// Counts `x` of `n`.
    Proportions,
    /// Tables of pairs.
    PairedTables,
    /// Expected differences and numbers of pairs.
    Power,
    /// Codes that raters gave.
    Ratings,
    /// P-values of several tests, in lists.
    PValues,
    /// Subjects with a 0 or 1 for each side: any other columns.
    Blocks,
}

impl Kind {
    /// Every kind that is told by its columns, with them.
    const KNOWN: [(Self, &'static [&'static str]); 6] = [
        (
            Self::BusinessHours,
            &["id", "start_utc", "end_utc", "tz", "iso_weekdays_open", "open_local", "close_local", "holidays"],
        ),
        (Self::Proportions, &["x", "n"]),
        (Self::PairedTables, &["id", "both", "a_only", "b_only", "neither"]),
        (Self::Power, &["p10", "p01", "n_pairs"]),
        (Self::Ratings, &["item", "rater", "code"]),
        (Self::PValues, &["list", "p"]),
    ];

    /// The kind of a table with that first line. What has a column of a study is one, or is meant as one.
    #[must_use]
    pub fn of_header(line: &str) -> Self {
        let names: Vec<&str> = line.trim_start_matches('\u{feff}').split(',').map(clean).collect();
        let has = |columns: &[&str]| columns.iter().all(|column| names.contains(column));
        match Self::KNOWN.iter().find(|(_, columns)| has(columns)) {
            _ if has(&["company", "sent_at"]) => Self::Study,
            Some((kind, _)) => *kind,
            None if names.len() < 2 || names.iter().any(|name| COLUMNS.contains(name)) => Self::Study,
            None => Self::Blocks,
        }
    }

    /// The columns that it needs.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Study => &COLUMNS,
            Self::Blocks => &[],
            Self::BusinessHours
            | Self::Proportions
            | Self::PairedTables
            | Self::Power
            | Self::Ratings
            | Self::PValues => Self::KNOWN.iter().find(|(kind, _)| *kind == self).map_or(&[], |(_, columns)| columns),
        }
    }
}

fn clean(name: &str) -> &str {
    name.trim().trim_matches('"')
}

/// A small table, read whole.
pub(super) struct Sheet {
    name: String,
    header: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
    faults: Vec<Fault>,
}

/// A line of it.
#[derive(Clone, Copy)]
pub(super) struct Line<'s> {
    number: u64,
    header: &'s [String],
    cells: &'s [String],
}

impl Sheet {
    /// Reads a table of that kind. `name` is what errors call it.
    pub(super) fn read(reader: impl Read, name: &str, kind: Kind) -> Result<Self, CsvError> {
        let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(reader);
        let fail = |fault: Fault| CsvError { name: name.to_owned(), faults: vec![fault], more: 0 };
        let unreadable = |error: &csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            fail(fault(line, error.to_string(), "every line needs as many cells as the first, in UTF-8"))
        };
        let header: Vec<String> = reader
            .headers()
            .map_err(|error| unreadable(&error))?
            .iter()
            .map(|cell| clean(cell.trim_start_matches('\u{feff}')).to_owned())
            .collect();
        let missing: Vec<&str> =
            kind.columns().iter().filter(|column| !header.iter().any(|cell| cell == *column)).copied().collect();
        if !missing.is_empty() {
            let problem = format!("missing column `{}`", missing.join("`, `"));
            return Err(fail(fault(1, problem, &format!("the columns are {}", kind.columns().join(",")))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
        if rows.is_empty() {
            return Err(fail(fault(1, "nothing follows the first line".to_owned(), "each item has a line of its own")));
        }
        Ok(Self { name: name.to_owned(), header, rows, faults: Vec::new() })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// What `read` makes of each line; every mistake is told at once.
    pub(super) fn each<T>(mut self, read: impl Fn(Line<'_>) -> Result<T, Fault>) -> Result<Vec<T>, CsvError> {
        let mut all = Vec::with_capacity(self.rows.len());
        for (number, cells) in &self.rows {
            match read(Line { number: *number, header: &self.header, cells }) {
                Ok(one) => all.push(one),
                Err(fault) => self.faults.push(fault),
            }
        }
        if self.faults.is_empty() {
            return Ok(all);
        }
        let more = self.faults.len().saturating_sub(FAULTS_LISTED_MAX);
        self.faults.truncate(FAULTS_LISTED_MAX);
        Err(CsvError { name: self.name, faults: self.faults, more })
    }
}

/// Most mistakes that are listed.
const FAULTS_LISTED_MAX: usize = 100;

fn fault(line: u64, problem: String, help: &str) -> Fault {
    Fault { line, column: None, problem, help: help.to_owned() }
}

impl<'s> Line<'s> {
    pub(super) fn cells(self) -> &'s [String] {
        self.cells
    }

    pub(super) fn text(self, column: &'static str) -> &'s str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell)
    }

    /// The cell's value, where `read` finds one; `wanted` says in an error what should stand there.
    pub(super) fn value<T>(
        self,
        column: &'static str,
        wanted: &str,
        read: impl FnOnce(&'s str) -> Option<T>,
    ) -> Result<T, Fault> {
        let text = self.text(column);
        read(text).ok_or_else(|| self.wrong(column, wanted))
    }

    /// A mistake in that cell.
    pub(super) fn wrong(self, column: &'static str, wanted: &str) -> Fault {
        let problem = format!("`{}` is no {wanted}", self.text(column));
        Fault { line: self.number, column: Some(column), problem, help: format!("write {wanted}") }
    }

    /// A mistake of the whole line.
    pub(super) fn fault(self, problem: String, help: &str) -> Fault {
        fault(self.number, problem, help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_the_kind() {
        let kinds = [
            ("company,industry,channel,question,attempt,sent_at,window_end", Kind::Study),
            ("company,when", Kind::Study),
            ("", Kind::Study),
            ("\u{feff}x,n", Kind::Proportions),
            ("n_pairs,p10,p01", Kind::Power),
            ("\"item\",\"rater\",\"code\"", Kind::Ratings),
            ("k1,k2,k3", Kind::Blocks),
        ];
        for (line, kind) in kinds {
            assert_eq!(Kind::of_header(line), kind, "{line}");
        }
    }

    #[test]
    fn mistakes_are_told_with_line_and_column() {
        let sheet = Sheet::read("x,n\n1,2\n3,many\n,4\n".as_bytes(), "f.csv", Kind::Proportions)
            .unwrap_or_else(|e| panic!("{e}"));
        let number = |line: Line<'_>, column| line.value(column, "whole number", |text| text.parse::<u32>().ok());
        let error = sheet.each(|line| Ok((number(line, "x")?, number(line, "n")?))).unwrap_err();
        let places: Vec<_> = error.faults.iter().map(|fault| (fault.line, fault.column)).collect();
        assert_eq!(places, [(3, Some("n")), (4, Some("x"))]);
        assert!(Sheet::read("x\n1\n".as_bytes(), "f.csv", Kind::Proportions).is_err());
        assert!(Sheet::read("x,n\n1\n".as_bytes(), "f.csv", Kind::Proportions).is_err());
        assert!(Sheet::read("x,n\n".as_bytes(), "f.csv", Kind::Proportions).is_err());
        assert!(Sheet::read("".as_bytes(), "f.csv", Kind::Proportions).is_err());
    }
}
