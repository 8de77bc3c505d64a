//! Which observations does a CSV hold? Every mistake is found at once, with its line and column.
//!
//! Columns: `company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,
//! first_reply_at,outcome,adequacy`, in any order, others ignored. `attempt` is the repetition.
//! `window_end` is the *potential* end of observation, also where a reply came earlier; of a
//! bounced row, the time of the bounce. Times are RFC 3339.

mod line;

use super::table::Table;
use crate::model::observation::Observed;
use csv::{ByteRecord, ReaderBuilder};
use line::Line;
use std::collections::HashMap;
use std::fmt;
use std::io::Read;

/// The columns, in the order of a well-kept file.
pub const COLUMNS: [&str; 11] = [
    "company",
    "industry",
    "channel",
    "question",
    "attempt",
    "sent_at",
    "window_end",
    "first_ack_at",
    "first_reply_at",
    "outcome",
    "adequacy",
];

/// Most mistakes that are listed: more say no more.
const FAULTS_LISTED_MAX: usize = 100;

/// A CSV that cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CsvError {
    /// The file's name.
    pub name: String,
    /// The mistakes, by line; at most 100.
    pub faults: Vec<Fault>,
    /// Mistakes that are not listed.
    pub more: usize,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// The column's name; `None` where it concerns the whole line.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub problem: String,
    /// What to try.
    pub help: String,
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            let column = fault.column.map(|c| format!(", column `{c}`")).unwrap_or_default();
            writeln!(f, "{}:{}{column}: {}", self.name, fault.line, fault.problem)?;
            writeln!(f, "  help: {}", fault.help)?;
        }
        if self.more > 0 {
            writeln!(f, "… and {} more", self.more)?;
        }
        Ok(())
    }
}

/// Reads observations. `name` is what errors call the file.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn read(reader: impl Read, name: &str) -> Result<Vec<Observed>, CsvError> {
    let mut rows = Vec::new();
    read_each(reader, name, |row| rows.push(row))?;
    Ok(rows)
}

/// Reads observations into a table. `name` is what errors call the file.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn read_table(reader: impl Read, name: &str) -> Result<Table, CsvError> {
    let mut table = Table::default();
    read_each(reader, name, |row| table.push(&row))?;
    Ok(table)
}

fn read_each(reader: impl Read, name: &str, mut take: impl FnMut(Observed)) -> Result<(), CsvError> {
    let mut records = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(reader).into_byte_records();
    let mut faults = Vec::new();
    let header = match records.next() {
        Some(Ok(header)) => Header::read(&header, &mut faults),
        Some(Err(error)) => Err(Fault::whole(1, error.to_string(), "is this a CSV file in UTF-8?")),
        None => Err(Fault::whole(1, "the file is empty".to_owned(), "its first line names the columns")),
    };
    let mut any = false;
    match header {
        Err(fault) => faults.push(fault),
        Ok(header) if faults.is_empty() => {
            let mut seen = HashMap::new();
            for record in records {
                match record {
                    Ok(record) => {
                        let line = Line { header: &header, record: &record, faults: &mut faults };
                        if let Some(row) = line.read(&mut seen) {
                            any = true;
                            take(row);
                        }
                    }
                    Err(error) => {
                        let line = error.position().map_or(0, csv::Position::line);
                        faults.push(Fault::whole(line, error.to_string(), "is the file damaged?"));
                        break;
                    }
                }
            }
        }
        Ok(_) => {}
    }
    if !any && faults.is_empty() {
        faults.push(Fault::whole(1, "no inquiries follow the first line".to_owned(), "each has a line of its own"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let more = faults.len().saturating_sub(FAULTS_LISTED_MAX);
    faults.truncate(FAULTS_LISTED_MAX);
    Err(CsvError { name: name.to_owned(), faults, more })
}

impl Fault {
    fn whole(line: u64, problem: String, help: &str) -> Self {
        Self { line, column: None, problem, help: help.to_owned() }
    }
}

/// Where each column stands.
struct Header {
    places: [usize; COLUMNS.len()],
    fields: usize,
}

impl Header {
    fn read(record: &ByteRecord, faults: &mut Vec<Fault>) -> Result<Self, Fault> {
        let names: Vec<String> = record
            .iter()
            .map(|field| String::from_utf8_lossy(field).trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let mut places = [0; COLUMNS.len()];
        let mut missing = Vec::new();
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == column);
            match (found.next(), found.next()) {
                (Some((at, _)), None) => *place = at,
                (None, _) => missing.push(column),
                (Some(_), Some(_)) => faults.push(Fault {
                    line: 1,
                    column: Some(column),
                    problem: "the column stands there twice".to_owned(),
                    help: "remove or rename one".to_owned(),
                }),
            }
        }
        if missing.is_empty() {
            return Ok(Self { places, fields: names.len() });
        }
        let near = missing.iter().filter_map(|column| Some((column, nearest(column, &names)?)));
        let hints: Vec<String> = near.map(|(column, name)| format!("is `{name}` meant as `{column}`?")).collect();
        let all = format!("the columns are {}", COLUMNS.join(","));
        let help = if hints.is_empty() { all } else { format!("{} {all}", hints.join(" ")) };
        let plural = if missing.len() == 1 { "column" } else { "columns" };
        Err(Fault { line: 1, column: None, problem: format!("missing {plural} `{}`", missing.join("`, `")), help })
    }
}

fn nearest<'n>(column: &str, names: &'n [String]) -> Option<&'n String> {
    let unknown = names.iter().filter(|name| !COLUMNS.contains(&name.as_str()));
    let scored = unknown.map(|name| (strsim::damerau_levenshtein(column, &name.to_lowercase()), name));
    scored.filter(|(distance, _)| *distance <= 2).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Adequacy;
    use crate::model::observation::Observation;

    const HEADER: &str =
        "company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,first_reply_at,outcome,adequacy";
    const GOOD: &str =
        "a,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,2026-01-02T11:00:00+01:00,replied,deflected";

    fn faults(rows: &[&str]) -> Vec<(u64, Option<&'static str>)> {
        let text = [&[HEADER], rows].concat().join("\n");
        let error = read(text.as_bytes(), "study.csv").unwrap_err();
        error.faults.iter().map(|f| (f.line, f.column)).collect()
    }

    #[test]
    fn a_row_becomes_an_observation() {
        let rows = read(format!("\u{feff}{HEADER}\r\n{GOOD}\r\n").as_bytes(), "study.csv").unwrap();
        assert_eq!(
            rows[0].observation,
            Observation::Answered { latency: 3_600, after_reminder: false, observed_for: 30 * 86_400 }
        );
        assert_eq!((rows[0].adequacy, rows[0].adequate_after), (Some(Adequacy::Redirected), None));
        assert_eq!((rows[0].channel.as_str(), rows[0].uncoded_replies), ("social", 0));
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let found = faults(&[
            GOOD,
            "b,food,social,q1,0,yesterday,2026-02-01T09:00:00Z,,,no_answer,good",
            "c,food,social,q1,1,2026-01-02T09:00:00Z,2026-01-01T09:00:00Z,,,no_reply,",
            "d,food,social,q1",
            "e,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,replied,",
            "f,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,2026-02-02T09:00:00Z,replied,",
            "g,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,2026-01-03T09:00:00Z,no_reply,",
            "h,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,answered",
            GOOD,
            ",food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,",
        ]);
        let expected = [
            (3, Some("attempt")),
            (3, Some("sent_at")),
            (3, Some("outcome")),
            (3, Some("adequacy")),
            (4, Some("window_end")),
            (5, None),
            (6, Some("first_reply_at")),
            (7, Some("first_reply_at")),
            (8, Some("first_reply_at")),
            (9, Some("adequacy")),
            (10, None),
            (11, Some("company")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_misspelt_column_is_named() {
        let text = HEADER.replace("first_reply_at", "first_replyat").replace(",industry", "");
        let error = read(text.as_bytes(), "study.csv").unwrap_err();
        assert_eq!(error.faults[0].problem, "missing columns `industry`, `first_reply_at`");
        assert!(error.to_string().contains("is `first_replyat` meant as `first_reply_at`?"), "{error}");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_found_and_an_empty_file_is_no_study() {
        let mut text = format!("{HEADER}\n").into_bytes();
        text.extend(b"caf\xe9,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,\n");
        assert_eq!(read(text.as_slice(), "x").unwrap_err().faults[0].column, Some("company"));
        assert!(read(&b""[..], "x").is_err());
    }

    #[test]
    fn a_flood_of_mistakes_is_cut_short() {
        let row = ",,,,,,,,,,\n".repeat(50);
        let error = read(format!("{HEADER}\n{row}").as_bytes(), "x").unwrap_err();
        assert_eq!((error.faults.len(), error.more), (FAULTS_LISTED_MAX, 50 * 7 - FAULTS_LISTED_MAX));
    }
}
