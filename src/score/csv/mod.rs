//! Which observations does a CSV hold? Every mistake is found at once, with its line and column.
//!
//! Columns: `company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,
//! first_reply_at,outcome,adequacy`, in any order, others ignored. `attempt` is the repetition.
//! `window_end` is the *potential* end of observation, also where a reply came earlier; of a
//! bounced row, the time of the bounce. Times are RFC 3339. Columns of Risposta's own tables count too, so
//! that a wave's table gives the wave's numbers: `simulated`, `adequate_seconds`, `reminded_seconds`,
//! `uncoded_replies`; and `came_to` with, beside it only, `why`, `cluster` and `position`. A row without an
//! outcome is what `came_to` and `why` say; where they do not, it is left out.

mod blocks;
mod ended;
mod gather;
mod line;
mod records;
mod time;

pub use gather::observed;

use super::table::Table;
use crate::threads::Threads;
use blocks::Blocks;
use csv::ByteRecord;
use gather::Gathered;
use line::Parsed;
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

/// Columns of Risposta's own tables, which a file need not have.
const OWN: [&str; 8] =
    ["simulated", "came_to", "why", "cluster", "position", "adequate_seconds", "reminded_seconds", "uncoded_replies"];

/// Those that count beside `came_to` only: in another's file they may mean anything.
const OURS_ONLY: [Column; 3] = [Column::Why, Column::Cluster, Column::Position];

/// What stands in the first of them.
const SIMULATED: &[u8] = b"SIMULATED";

/// Columns that are read.
const READ: usize = COLUMNS.len() + OWN.len();

/// The same, as places in [`COLUMNS`] and behind it in [`OWN`].
#[derive(Debug, Clone, Copy)]
enum Column {
    Company,
    Industry,
    Channel,
    Question,
    Attempt,
    SentAt,
    WindowEnd,
    FirstAckAt,
    FirstReplyAt,
    Outcome,
    Adequacy,
    Simulated,
    CameTo,
    Why,
    Cluster,
    Position,
    AdequateSeconds,
    RemindedSeconds,
    UncodedReplies,
}

impl Column {
    const fn name(self) -> &'static str {
        let at = self as usize;
        if at < COLUMNS.len() { COLUMNS[at] } else { OWN[at - COLUMNS.len()] }
    }
}

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

/// Reads observations into a table: the same on any number of threads. `name` is what errors call
/// the file.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn read_table(reader: impl Read + Send, name: &str, threads: Threads) -> Result<Table, CsvError> {
    read_blocks(Blocks::new(reader), threads).map_err(|faults| {
        let more = faults.count - faults.listed.len();
        CsvError { name: name.to_owned(), faults: faults.listed, more }
    })
}

fn read_blocks(mut blocks: Blocks<impl Read + Send>, threads: Threads) -> Result<Table, Faults> {
    let mut faults = Faults::default();
    let header = match blocks.first_record() {
        Ok(Some(first)) => Header::read(&first, &mut faults),
        Ok(None) => Err(Fault::whole(1, "the file is empty".to_owned(), "its first line names the columns")),
        Err(error) => Err(Fault::whole(1, error.to_string(), "is the file damaged?")),
    };
    let header = match header {
        Ok(header) if faults.is_empty() => header,
        Ok(_) => return Err(faults),
        Err(fault) => return Err(faults.with(fault)),
    };
    let mut gathered = Gathered::new(blocks.lines(), faults);
    threads.fold(blocks, |block| Parsed::of(block, &header), |parsed| gathered.take(parsed));
    gathered.finish()
}

/// Mistakes, of which only the first are kept.
#[derive(Debug, Default)]
struct Faults {
    listed: Vec<Fault>,
    /// All, listed or not.
    count: usize,
}

impl Faults {
    fn push(&mut self, fault: Fault) {
        if self.listed.len() < FAULTS_LISTED_MAX {
            self.listed.push(fault);
        }
        self.count += 1;
    }

    fn with(mut self, fault: Fault) -> Self {
        self.push(fault);
        self
    }

    /// Adds others, and keeps those of the first lines.
    fn merge(&mut self, others: Self) {
        self.listed.extend(others.listed);
        self.listed.sort_by_key(|fault| fault.line);
        self.listed.truncate(FAULTS_LISTED_MAX);
        self.count += others.count;
    }

    const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Fault {
    fn whole(line: u64, problem: String, help: &str) -> Self {
        Self { line, column: None, problem, help: help.to_owned() }
    }
}

/// Where each column stands.
struct Header {
    /// For each field of a line, which column it holds.
    columns: Vec<Option<usize>>,
}

impl Header {
    fn read(record: &ByteRecord, faults: &mut Faults) -> Result<Self, Fault> {
        let names: Vec<String> = record
            .iter()
            .map(|field| String::from_utf8_lossy(field).trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let mut columns = vec![None; names.len()];
        let mut missing = Vec::new();
        let is_ours = names.iter().any(|name| name == Column::CameTo.name());
        for (at_column, column) in COLUMNS.into_iter().chain(OWN).enumerate() {
            if !is_ours && OURS_ONLY.iter().any(|ours| ours.name() == column) {
                continue;
            }
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == column);
            match (found.next(), found.next()) {
                (Some((at, _)), None) => columns[at] = Some(at_column),
                (None, _) if OWN.contains(&column) => {}
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
            return Ok(Self { columns });
        }
        let near = missing.iter().filter_map(|column| Some((column, nearest(column, &names)?)));
        let hints: Vec<String> = near.map(|(column, name)| format!("is `{name}` meant as `{column}`?")).collect();
        let all = format!("the columns are {}", COLUMNS.join(","));
        let help = if hints.is_empty() { all } else { format!("{} {all}", hints.join(" ")) };
        let plural = if missing.len() == 1 { "column" } else { "columns" };
        Err(Fault { line: 1, column: None, problem: format!("missing {plural} `{}`", missing.join("`, `")), help })
    }
}

impl Header {
    /// Whether the file has that column.
    fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column as usize))
    }
}

fn nearest<'n>(column: &str, names: &'n [String]) -> Option<&'n String> {
    let unknown = names.iter().filter(|name| !COLUMNS.contains(&name.as_str()));
    let scored = unknown.map(|name| (strsim::damerau_levenshtein(column, &name.to_lowercase()), name));
    scored.filter(|(distance, _)| *distance <= 2).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
