//! Which observations do the lines of a block hold?

use super::blocks::newlines;
use super::records::{self, Record};
use super::time::Moment;
use super::{COLUMNS, Column, Fault, Faults, Header, MARK};
use crate::model::event::Adequacy;
use crate::model::observation::{Observation, UndeliveredReason};
use crate::score::table::{Dictionary, NameId, Names, Row, Seconds, Table};
use chrono::DateTime;
use std::io;

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
            let line = Line { header, record: &record, faults: &mut self.faults };
            if let Some(row) = line.read(self.table.names_mut(), &mut recent) {
                self.table.push_row(row);
                if record.columns[COLUMNS.len()].trim_ascii() == MARK.1 {
                    self.table.set_simulated();
                }
                self.lines.push(record.line);
            }
        });
        // A CSV knows no groups: each company is a cluster of its own, under the same number.
        let names = self.table.names_mut();
        names.clusters = names.companies.clone();
    }
}

/// Names that a column lately had, as they stand there: most lines bear one of them.
#[derive(Default)]
struct Recent {
    names: Vec<(Box<[u8]>, NameId)>,
    oldest: usize,
}

/// Columns that hold names.
const NAMED: usize = 4;

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
struct Line<'l> {
    header: &'l Header,
    record: &'l Record<'l>,
    faults: &'l mut Faults,
}

/// How a row says it ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Replied,
    NoReply,
    Bounced,
    Censored,
}

impl<'l> Line<'l> {
    /// The observation, or what is wrong with the line.
    fn read(mut self, names: &mut Dictionary, recent: &mut [Recent; NAMED]) -> Option<Row> {
        let before = self.faults.count;
        let [companies, industries, channels, questions] = recent;
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
        let sent_at = self.time(Column::SentAt, true);
        let window_end = self.after(Column::WindowEnd, sent_at, true);
        let acknowledged_after = self.after(Column::FirstAckAt, sent_at, false);
        let reply = self.after(Column::FirstReplyAt, sent_at, false);
        let outcome = self.outcome();
        let adequacy = self.adequacy();
        if self.faults.count > before {
            return None;
        }
        let (company, sent_at) = (company?, sent_at?);
        let observation = self.observation(outcome?, window_end?, reply, adequacy)?;
        let answered = matches!(observation, Observation::Answered { .. });
        Some(Row {
            company,
            cluster: company,
            industry,
            channel: channel?,
            question: question?,
            repetition: repetition?,
            position: 0,
            asked_at: DateTime::from_timestamp(sent_at.seconds, sent_at.nanos),
            observation,
            acknowledged_after: acknowledged_after.map(Seconds::new),
            adequate_after: reply.filter(|_| adequacy.is_some_and(Adequacy::is_adequate)).map(Seconds::new),
            adequacy,
            uncoded_replies: u8::from(answered && adequacy.is_none()),
            reminded_after: None,
        })
    }

    /// What the row came to, where its parts agree with each other.
    fn observation(
        &mut self,
        outcome: Outcome,
        observed_for: u32,
        reply: Option<u32>,
        adequacy: Option<Adequacy>,
    ) -> Option<Observation> {
        let observation = match (outcome, reply) {
            (Outcome::Replied, None) => {
                return self.fault(
                    Column::FirstReplyAt,
                    "a row that is `replied` needs the time of the reply",
                    "or is it `no_reply`?",
                );
            }
            (Outcome::Replied, Some(latency)) if latency > observed_for => {
                let help =
                    "a reply after the window is not counted: `no_reply` or `censored`, without `first_reply_at`";
                return self.fault(Column::FirstReplyAt, "the reply came after `window_end`", help);
            }
            (Outcome::Replied, Some(latency)) => Observation::Answered { latency, after_reminder: false, observed_for },
            (_, Some(_)) => {
                return self.fault(
                    Column::FirstReplyAt,
                    "only a row that is `replied` has a reply",
                    "change `outcome` or remove the time",
                );
            }
            (Outcome::NoReply, None) => Observation::Silent { window: observed_for },
            (Outcome::Censored, None) => Observation::Censored { observed_for },
            (Outcome::Bounced, None) => {
                Observation::Undelivered { reason: UndeliveredReason::Bounced, after: observed_for }
            }
        };
        if adequacy.is_some() && reply.is_none() {
            return self.fault(Column::Adequacy, "there is no reply to be adequate", "leave it empty");
        }
        Some(observation)
    }

    fn line(&self) -> u64 {
        u64::from(self.record.line)
    }

    fn fault<T>(&mut self, column: Column, problem: impl Into<String>, help: impl Into<String>) -> Option<T> {
        let column = Some(column.name());
        self.faults.push(Fault { line: self.line(), column, problem: problem.into(), help: help.into() });
        None
    }

    fn text(&mut self, column: Column) -> Option<&'l str> {
        match std::str::from_utf8(self.record.columns[column as usize]) {
            Ok(text) => Some(text.trim()),
            Err(_) => self.fault(column, "this is no UTF-8", "save the file as UTF-8"),
        }
    }

    fn needed(&mut self, column: Column) -> Option<&'l str> {
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

    fn time(&mut self, column: Column, needed: bool) -> Option<Moment> {
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
    fn after(&mut self, column: Column, sent_at: Option<Moment>, needed: bool) -> Option<u32> {
        let seconds = self.time(column, needed)?.seconds_after(sent_at?);
        match u32::try_from(seconds) {
            Ok(seconds) => Some(seconds),
            Err(_) if seconds < 0 => self.fault(column, "this is before `sent_at`", "check both times and their zones"),
            Err(_) => self.fault(column, "this is more than a century after `sent_at`", "check both years"),
        }
    }

    fn outcome(&mut self) -> Option<Outcome> {
        match self.needed(Column::Outcome)? {
            "replied" => Some(Outcome::Replied),
            "no_reply" => Some(Outcome::NoReply),
            "bounced" => Some(Outcome::Bounced),
            "censored" => Some(Outcome::Censored),
            other => {
                let help = "one of replied, no_reply, bounced, censored";
                self.fault(Column::Outcome, format!("unknown outcome `{other}`"), help)
            }
        }
    }

    fn adequacy(&mut self) -> Option<Adequacy> {
        let text = self.text(Column::Adequacy).filter(|text| !text.is_empty())?;
        // The word that the first study used for being sent elsewhere.
        let name = if text == "deflected" { "redirected" } else { text };
        Adequacy::ALL.into_iter().find(|a| a.name() == name).or_else(|| {
            let help = format!("empty, or one of {}", Adequacy::ALL.map(Adequacy::name).join(", "));
            self.fault(Column::Adequacy, format!("unknown adequacy `{text}`"), help)
        })
    }
}
