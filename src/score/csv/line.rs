//! Which observation does one line of the CSV hold?

use super::{COLUMNS, Fault, Header};
use crate::model::event::Adequacy;
use crate::model::ids::InquiryId;
use crate::model::observation::{Observation, Observed, UndeliveredReason};
use chrono::{DateTime, Utc};
use csv::ByteRecord;
use std::collections::HashMap;

/// One line while it is read.
pub(super) struct Line<'l> {
    pub(super) header: &'l Header,
    pub(super) record: &'l ByteRecord,
    pub(super) faults: &'l mut Vec<Fault>,
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
    /// The observation, or what is wrong with the line. `seen` holds the inquiries of earlier lines.
    pub(super) fn read(mut self, seen: &mut HashMap<InquiryId, u64>) -> Option<Observed> {
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
            asked_by_proof: false,
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
