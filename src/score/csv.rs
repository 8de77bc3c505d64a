//! Which observations does a CSV hold? Every mistake is found at once, with its line and column.
//!
//! Columns: `company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,
//! first_reply_at,outcome,adequacy`, in any order, others ignored. `attempt` is the repetition.
//! `window_end` is the *potential* end of observation, also where a reply came earlier; of a
//! bounced row, the time of the bounce. Times are RFC 3339.

use crate::model::event::Adequacy;
use crate::model::ids::InquiryId;
use crate::model::observation::{Observation, Observed, UndeliveredReason};
use chrono::{DateTime, Utc};
use csv::{ByteRecord, ReaderBuilder};
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
    let mut records = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(reader).into_byte_records();
    let mut faults = Vec::new();
    let header = match records.next() {
        Some(Ok(header)) => Header::read(&header, &mut faults),
        Some(Err(error)) => Err(Fault::whole(1, error.to_string(), "is this a CSV file in UTF-8?")),
        None => Err(Fault::whole(1, "the file is empty".to_owned(), "its first line names the columns")),
    };
    let mut rows = Vec::new();
    match header {
        Err(fault) => faults.push(fault),
        Ok(header) if faults.is_empty() => {
            let mut seen = HashMap::new();
            for record in records {
                match record {
                    Ok(record) => {
                        rows.extend(Line { header: &header, record: &record, faults: &mut faults }.read(&mut seen));
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
    if faults.is_empty() {
        return Ok(rows);
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

/// One line while it is read.
struct Line<'l> {
    header: &'l Header,
    record: &'l ByteRecord,
    faults: &'l mut Vec<Fault>,
}

/// How a row says it ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Replied,
    NoReply,
    Bounced,
    Censored,
}

impl Line<'_> {
    fn read(mut self, seen: &mut HashMap<InquiryId, u64>) -> Option<Observed> {
        let before = self.faults.len();
        if self.record.len() != self.header.fields {
            let problem = format!("{} fields where the first line has {}", self.record.len(), self.header.fields);
            let line = self.line();
            self.faults.push(Fault::whole(line, problem, "put a text that holds a comma in double quotes"));
            return None;
        }
        let company = self.needed("company");
        let industry = self.text("industry").filter(|text| !text.is_empty());
        let channel = self.needed("channel");
        let question = self.needed("question");
        let repetition = self.repetition();
        let sent_at = self.time("sent_at", true);
        let window_end = self.after("window_end", sent_at, true);
        let acknowledged_after = self.after("first_ack_at", sent_at, false);
        let reply = self.after("first_reply_at", sent_at, false);
        let outcome = self.outcome();
        let adequacy = self.adequacy();
        if self.faults.len() > before {
            return None;
        }
        let (company, channel, question) = (company?, channel?, question?);
        let inquiry = InquiryId::from(format!("{company}.{channel}.{question}.{}", repetition?).as_str());
        self.once(&inquiry, seen);
        let observation = self.observation(outcome?, window_end?, reply, adequacy)?;
        let answered = matches!(observation, Observation::Answered { .. });
        Some(Observed {
            inquiry,
            cluster: company.clone(),
            company,
            industry,
            channel,
            question,
            repetition: repetition?,
            position: 0,
            asked_at: sent_at,
            observation,
            acknowledged_after,
            adequate_after: reply.filter(|_| adequacy.is_some_and(Adequacy::is_adequate)),
            adequacy,
            uncoded_replies: u32::from(answered && adequacy.is_none()),
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
                    "first_reply_at",
                    "a row that is `replied` needs the time of the reply",
                    "or is it `no_reply`?",
                );
            }
            (Outcome::Replied, Some(latency)) if latency > observed_for => {
                let help =
                    "a reply after the window is not counted: `no_reply` or `censored`, without `first_reply_at`";
                return self.fault("first_reply_at", "the reply came after `window_end`", help);
            }
            (Outcome::Replied, Some(latency)) => Observation::Answered { latency, after_reminder: false, observed_for },
            (_, Some(_)) => {
                return self.fault(
                    "first_reply_at",
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
            return self.fault("adequacy", "there is no reply to be adequate", "leave it empty");
        }
        Some(observation)
    }

    fn once(&mut self, inquiry: &InquiryId, seen: &mut HashMap<InquiryId, u64>) {
        let line = self.line();
        if let Some(first) = seen.insert(inquiry.clone(), line) {
            let problem = format!("the same company, channel, question and attempt as line {first}");
            self.faults.push(Fault::whole(line, problem, "number repetitions in `attempt`: 1, 2, …"));
        }
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn fault<T>(&mut self, column: &'static str, problem: impl Into<String>, help: impl Into<String>) -> Option<T> {
        let fault = Fault { line: self.line(), column: Some(column), problem: problem.into(), help: help.into() };
        self.faults.push(fault);
        None
    }

    fn text(&mut self, column: &'static str) -> Option<String> {
        let at = COLUMNS.iter().position(|c| *c == column)?;
        let bytes = self.record.get(self.header.places[at]).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(_) => self.fault(column, "this is no UTF-8", "save the file as UTF-8"),
        }
    }

    fn needed(&mut self, column: &'static str) -> Option<String> {
        let text = self.text(column)?;
        if text.is_empty() { self.fault(column, "this is empty", "every row needs it") } else { Some(text) }
    }

    fn repetition(&mut self) -> Option<u32> {
        let text = self.needed("attempt")?;
        match text.parse() {
            Ok(number) if number > 0 => Some(number),
            _ => self.fault("attempt", format!("`{text}` is no repetition"), "write a whole number from 1"),
        }
    }

    fn time(&mut self, column: &'static str, needed: bool) -> Option<DateTime<Utc>> {
        let text = if needed { self.needed(column)? } else { self.text(column).filter(|text| !text.is_empty())? };
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Some(time.to_utc()),
            Err(_) => self.fault(
                column,
                format!("`{text}` is no time"),
                "write date, time and zone as RFC 3339 does: 2026-01-02T09:00:00Z",
            ),
        }
    }

    /// Whole seconds from `sent_at` to the time in that column.
    fn after(&mut self, column: &'static str, sent_at: Option<DateTime<Utc>>, needed: bool) -> Option<u32> {
        let seconds = (self.time(column, needed)? - sent_at?).num_seconds();
        match u32::try_from(seconds) {
            Ok(seconds) => Some(seconds),
            Err(_) if seconds < 0 => self.fault(column, "this is before `sent_at`", "check both times and their zones"),
            Err(_) => self.fault(column, "this is more than a century after `sent_at`", "check both years"),
        }
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let text = self.needed("outcome")?;
        match text.as_str() {
            "replied" => Some(Outcome::Replied),
            "no_reply" => Some(Outcome::NoReply),
            "bounced" => Some(Outcome::Bounced),
            "censored" => Some(Outcome::Censored),
            _ => self.fault(
                "outcome",
                format!("unknown outcome `{text}`"),
                "one of replied, no_reply, bounced, censored",
            ),
        }
    }

    fn adequacy(&mut self) -> Option<Adequacy> {
        let text = self.text("adequacy").filter(|text| !text.is_empty())?;
        // The word that the first study used for being sent elsewhere.
        let name = if text == "deflected" { "redirected" } else { &text };
        match Adequacy::ALL.into_iter().find(|a| a.name() == name) {
            Some(adequacy) => Some(adequacy),
            None => self.fault(
                "adequacy",
                format!("unknown adequacy `{text}`"),
                format!("empty, or one of {}", Adequacy::ALL.map(Adequacy::name).join(", ")),
            ),
        }
    }
}
