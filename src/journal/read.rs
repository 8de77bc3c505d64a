//! How are many events read, in order and in bounded memory?
//!
//! Rows are fetched in batches and parsed on several threads. Who only counts reads them without
//! their words ([`Words::LeftOut`]): the same events, whose texts and digests are empty.

use super::JournalError;
use crate::model::channel::Channel;
use crate::model::event::{AttemptRef, Entry, Event};
use crate::model::ids::{AccountId, InboundId, InquiryId};
use crate::model::inbound::{Confidence, InboundKind, Interpretation, RawFormat, Tie};
use crate::model::outcome::{Outcome, Payload};
use crate::model::time::Stamp;
use crate::model::words::Words;
use crate::threads::Threads;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::convert::Infallible;
use std::path::Path;

/// Events that are read, and then parsed, together.
const BATCH: usize = 4_096;

/// Rows as they lie in the database, their texts one behind the other.
struct Rows {
    text: String,
    /// Number of each, and where its moment and its event end in the text.
    ends: Vec<(u64, usize, usize)>,
}

/// Why events cannot be read.
pub(super) enum Problem {
    Database(rusqlite::Error),
    Entry(JournalError),
}

impl Problem {
    pub(super) fn of(self, path: &Path) -> JournalError {
        match self {
            Self::Database(source) => JournalError::Database { path: path.to_owned(), source },
            Self::Entry(error) => error,
        }
    }
}

/// Gives the events after number `seen` to `take`; returns the number of the last one.
pub(super) fn each_after(
    connection: &mut Connection,
    mut seen: u64,
    words: Words,
    take: &mut impl FnMut(Entry),
) -> Result<u64, Problem> {
    let first = Rows::after(connection, seen).map_err(Problem::Database)?;
    let next = first.ends.last().filter(|_| first.ends.len() == BATCH).map(|(seq, ..)| *seq);
    let mut take_all = |entries: Vec<Entry>| {
        seen = entries.last().map_or(seen, |e| e.seq);
        entries.into_iter().for_each(&mut *take);
    };
    // Most often there is little news, for which no thread is started.
    take_all(first.parse(words)?);
    if let Some(seen) = next {
        let mut problem = None;
        Threads::available().fold(
            Batches { connection, seen },
            |rows| rows.map_err(Problem::Database)?.parse(words),
            |read| match read {
                Ok(entries) if problem.is_none() => take_all(entries),
                Ok(_) => {}
                Err(error) => problem = problem.take().or(Some(error)),
            },
        );
        problem.map_or(Ok(()), Err)?;
    }
    Ok(seen)
}

/// The rows after number `seen`, in batches.
struct Batches<'j> {
    connection: &'j mut Connection,
    seen: u64,
}

impl Iterator for Batches<'_> {
    type Item = rusqlite::Result<Rows>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = Rows::after(self.connection, self.seen);
        if let Ok(rows) = &rows {
            self.seen = rows.ends.last()?.0;
        } else {
            // What cannot be read is said once.
            self.seen = u64::MAX >> 1;
        }
        Some(rows)
    }
}

impl Rows {
    fn after(connection: &Connection, seen: u64) -> rusqlite::Result<Self> {
        let mut statement =
            connection.prepare_cached("SELECT seq, at, event FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
        let mut rows = statement.query(params![seen, BATCH])?;
        let mut read = Self { text: String::new(), ends: Vec::new() };
        while let Some(row) = rows.next()? {
            read.text.push_str(row.get_ref(1)?.as_str()?);
            let at_ends = read.text.len();
            read.text.push_str(row.get_ref(2)?.as_str()?);
            read.ends.push((row.get(0)?, at_ends, read.text.len()));
        }
        Ok(read)
    }

    fn parse(&self, words: Words) -> Result<Vec<Entry>, Problem> {
        let mut begun = 0;
        let parsed = self.ends.iter().map(|(seq, at_ends, ends)| {
            let (at, event) = (&self.text[begun..*at_ends], &self.text[*at_ends..*ends]);
            begun = *ends;
            entry(*seq, at, event, words)
        });
        parsed.collect::<Result<_, _>>().map_err(Problem::Entry)
    }
}

/// One event with its place in the journal.
pub(super) fn entry(seq: u64, at: &str, event: &str, words: Words) -> Result<Entry, JournalError> {
    let unreadable = |why: String| JournalError::Unreadable { seq, why };
    let event = match words {
        Words::Kept => serde_json::from_str(event),
        Words::LeftOut => without_words(event),
    };
    let event = event.map_err(|e| unreadable(e.to_string()))?;
    let at = DateTime::parse_from_rfc3339(at).map_err(|e| unreadable(e.to_string()))?;
    Ok(Entry { seq, at: at.with_timezone(&Utc), event })
}

/// An event, of the kinds that large waves consist of without its words. It begins with its kind,
/// so that the rest need not be put aside until the kind is known.
fn without_words(json: &str) -> serde_json::Result<Event> {
    let kind = json.strip_prefix("{\"event\":\"").and_then(|rest| rest.split_once('"')).map(|(kind, _)| kind);
    match kind {
        Some("attempt_started") => serde_json::from_str::<Started>(json).map(Event::from),
        Some("attempt_ended") => serde_json::from_str::<Ended>(json).map(Event::from),
        Some("inbound_stored") => serde_json::from_str::<Stored>(json).map(Event::from),
        Some("interpreted") => serde_json::from_str::<Interpreted>(json).map(Event::from),
        _ => serde_json::from_str(json),
    }
}

const fn no_words() -> Payload {
    Payload::NONE
}

#[derive(Deserialize)]
struct Started {
    inquiry: InquiryId,
    message: u32,
    attempt: u32,
    #[serde(default)]
    account: Option<AccountId>,
}

impl From<Started> for Event {
    fn from(Started { inquiry, message, attempt, account }: Started) -> Self {
        Self::AttemptStarted {
            attempt: AttemptRef { inquiry, message, attempt },
            account,
            fingerprint: String::new(),
            bytes_sha256: None,
            prepared: Vec::new(),
            late_seconds: 0,
        }
    }
}

#[derive(Deserialize)]
struct Ended {
    inquiry: InquiryId,
    message: u32,
    attempt: u32,
    outcome: Outcome<IgnoredAny>,
}

impl From<Ended> for Event {
    fn from(Ended { inquiry, message, attempt, outcome }: Ended) -> Self {
        let Ok(outcome) = outcome.try_map(|_| Ok::<_, Infallible>(no_words()));
        Self::AttemptEnded { attempt: AttemptRef { inquiry, message, attempt }, outcome, evidence: Vec::new() }
    }
}

#[derive(Deserialize)]
struct Stored {
    inbound: InboundId,
    source: AccountId,
    format: RawFormat,
    via: Channel,
    received: Stamp,
    in_spam: bool,
}

impl From<Stored> for Event {
    fn from(Stored { inbound, source, format, via, received, in_spam }: Stored) -> Self {
        Self::InboundStored { inbound, source, locator: no_words(), raw: no_words(), format, via, received, in_spam }
    }
}

#[derive(Deserialize)]
struct Interpreted {
    inbound: InboundId,
    intake: u32,
    kind: InboundKind,
    inquiry: Option<(InquiryId, Tie)>,
    #[serde(default)]
    confidence: Confidence,
    duplicate_of: Option<InboundId>,
    #[serde(default)]
    about: Option<u32>,
    #[serde(default)]
    sender: Option<Payload>,
}

impl From<Interpreted> for Event {
    fn from(read: Interpreted) -> Self {
        let interpretation = Interpretation {
            kind: read.kind,
            because: Vec::new(),
            inquiry: read.inquiry,
            candidates: Vec::new(),
            status: None,
            confidence: read.confidence,
        };
        Self::Interpreted {
            inbound: read.inbound,
            intake: read.intake,
            interpretation,
            duplicate_of: read.duplicate_of,
            about: read.about,
            sender: read.sender,
        }
    }
}
