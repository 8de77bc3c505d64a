//! Which observations do the lines of a block hold?

use super::blocks::newlines;
use super::records::{self, Record};
use super::time::Moment;
use super::{Column, Fault, Faults, Header, SIMULATED, ended};
use crate::model::observation::Observation;
use crate::score::table::{Dictionary, Labels, NameId, Names, Row, Table};
use std::io;
use std::str::FromStr;

/// What a block holds, by names and lines of its own.
pub(super) struct Parsed {
    pub(super) table: Table,
    /// For each row, the lines of the block before it.
    pub(super) lines: Vec<u32>,
    /// Mistakes, whose lines count from 0 at the block's first.
    pub(super) faults: Faults,
    /// Lines of the block.
    pub(super) newlines: u64,
}

impl Parsed {
    pub(super) fn of(block: io::Result<Vec<u8>>, header: &Header) -> Self {
        let mut parsed = Self { table: Table::default(), lines: Vec::new(), faults: Faults::default(), newlines: 0 };
        match block {
            Ok(block) => parsed.read(&block, header),
            Err(error) => parsed.faults.push(Fault::whole(0, error.to_string(), "is the file damaged?")),
        }
        parsed
    }

    fn read(&mut self, block: &[u8], header: &Header) {
        self.newlines = newlines(block);
        let mut recent = <[Recent; NAMED]>::default();
        records::each(block, header, |record| {
            if record.trimmed(Column::Simulated) == SIMULATED {
                self.table.set_simulated();
            }
            let is_untimed = record.trimmed(Column::Outcome).is_empty() && !record.trimmed(Column::CameTo).is_empty();
            let untimed = if is_untimed { ended::untimed(&record) } else { None };
            if is_untimed && untimed.is_none() {
                self.table.leave_out();
                return;
            }
            let line = Line { header, record: &record, untimed, faults: &mut self.faults };
            if let Some(row) = line.read(self.table.names_mut(), &mut recent) {
                self.table.push_row(row);
                self.lines.push(record.line);
            }
        });
        // Where a file knows no groups, each company is a cluster of its own, under the same number.
        if !header.has(Column::Cluster) {
            let names = self.table.names_mut();
            names.clusters = names.companies.clone();
        }
    }
}

/// Names that a column lately had, as they stand there: most lines bear one of them.
#[derive(Default)]
struct Recent {
    names: Vec<(Box<[u8]>, NameId)>,
    oldest: usize,
}

/// Columns that hold names.
const NAMED: usize = 5;

/// How many names of a column are looked through before its dictionary is.
const RECENT_MAX: usize = 6;

impl Recent {
    fn get(&self, field: &[u8]) -> Option<NameId> {
        self.names.iter().find(|(name, _)| **name == *field).map(|(_, id)| *id)
    }

    fn put(&mut self, field: &[u8], id: NameId) -> NameId {
        if self.names.len() < RECENT_MAX {
            self.names.push((field.into(), id));
        } else {
            self.names[self.oldest] = (field.into(), id);
            self.oldest = (self.oldest + 1) % RECENT_MAX;
        }
        id
    }
}

/// One line while it is read.
pub(super) struct Line<'l> {
    header: &'l Header,
    pub(super) record: &'l Record<'l>,
    /// What it came to, where it has no outcome and our own columns say it.
    pub(super) untimed: Option<Observation>,
    pub(super) faults: &'l mut Faults,
}

impl<'l> Line<'l> {
    /// The observation, or what is wrong with the line.
    fn read(mut self, names: &mut Dictionary, recent: &mut [Recent; NAMED]) -> Option<Row> {
        let before = self.faults.count;
        let [companies, clusters, industries, channels, questions] = recent;
        if self.record.fields != self.header.columns.len() {
            let problem =
                format!("{} fields where the first line has {}", self.record.fields, self.header.columns.len());
            self.faults.push(Fault::whole(self.line(), problem, "put a text that holds a comma in double quotes"));
            return None;
        }
        let company = self.name(Column::Company, &mut names.companies, companies);
        let industry = self.name_if_any(Column::Industry, &mut names.industries, industries);
        let channel = self.name(Column::Channel, &mut names.channels, channels);
        let question = self.name(Column::Question, &mut names.questions, questions);
        let repetition = self.repetition();
        let cluster = if self.header.has(Column::Cluster) {
            let told = self.name_if_any(Column::Cluster, &mut names.clusters, clusters);
            told.or_else(|| Some(names.clusters.intern(names.companies.name(company?))))
        } else {
            company
        };
        let position = self.number::<u16>(Column::Position);
        let seen = self.seen();
        if self.faults.count > before {
            return None;
        }
        let labels = Labels {
            company: company?,
            cluster: cluster?,
            industry,
            channel: channel?,
            question: question?,
            repetition: repetition?,
            position: position.map_or(0, u32::from),
        };
        Some(Row::of(labels, &seen?))
    }

    fn line(&self) -> u64 {
        u64::from(self.record.line)
    }

    pub(super) fn fault<T>(
        &mut self,
        column: Column,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        let column = Some(column.name());
        self.faults.push(Fault { line: self.line(), column, problem: problem.into(), help: help.into() });
        None
    }

    pub(super) fn text(&mut self, column: Column) -> Option<&'l str> {
        match std::str::from_utf8(self.record.columns[column as usize]) {
            Ok(text) => Some(text.trim()),
            Err(_) => self.fault(column, "this is no UTF-8", "save the file as UTF-8"),
        }
    }

    pub(super) fn needed(&mut self, column: Column) -> Option<&'l str> {
        let text = self.text(column)?;
        if text.is_empty() { self.fault(column, "this is empty", "every row needs it") } else { Some(text) }
    }

    /// The number of a name that every row bears.
    fn name(&mut self, column: Column, names: &mut Names, recent: &mut Recent) -> Option<NameId> {
        let bytes = self.record.columns[column as usize];
        recent.get(bytes).or_else(|| Some(recent.put(bytes, names.intern(self.needed(column)?))))
    }

    /// The number of a name that may be left out.
    fn name_if_any(&mut self, column: Column, names: &mut Names, recent: &mut Recent) -> Option<NameId> {
        let bytes = self.record.columns[column as usize];
        recent.get(bytes).or_else(|| {
            let text = self.text(column).filter(|text| !text.is_empty())?;
            Some(recent.put(bytes, names.intern(text)))
        })
    }

    fn repetition(&mut self) -> Option<u32> {
        let text = self.needed(Column::Attempt)?;
        match text.parse() {
            Ok(number) if number > 0 => Some(number),
            _ => self.fault(Column::Attempt, format!("`{text}` is no repetition"), "write a whole number from 1"),
        }
    }

    pub(super) fn time(&mut self, column: Column, needed: bool) -> Option<Moment> {
        let bytes = self.record.columns[column as usize];
        if let Some(moment) = Moment::utc(bytes) {
            return Some(moment);
        }
        let text = if needed { self.needed(column)? } else { self.text(column).filter(|text| !text.is_empty())? };
        Moment::rfc3339(text).or_else(|| {
            let help = "write date, time and zone as RFC 3339 does: 2026-01-02T09:00:00Z";
            self.fault(column, format!("`{text}` is no time"), help)
        })
    }

    /// Whole seconds from `sent_at` to the time in that column.
    pub(super) fn after(&mut self, column: Column, sent_at: Option<Moment>, needed: bool) -> Option<u32> {
        let seconds = self.time(column, needed)?.seconds_after(sent_at?);
        match u32::try_from(seconds) {
            Ok(seconds) => Some(seconds),
            Err(_) if seconds < 0 => self.fault(column, "this is before `sent_at`", "check both times and their zones"),
            Err(_) => self.fault(column, "this is more than a century after `sent_at`", "check both years"),
        }
    }

    /// A whole number that may be left out.
    pub(super) fn number<N: FromStr>(&mut self, column: Column) -> Option<N> {
        let text = self.text(column).filter(|text| !text.is_empty())?;
        text.parse().ok().or_else(|| {
            let help = "write a whole number from 0, or leave it empty";
            self.fault(column, format!("`{text}` is no number of this column"), help)
        })
    }
}
