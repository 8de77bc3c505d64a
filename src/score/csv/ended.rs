//! What does a line say that its inquiry came to?

use super::Column;
use super::line::Line;
use super::records::Record;
use crate::model::event::Adequacy;
use crate::model::observation::{Observation, Seen, UndeliveredReason};
use chrono::DateTime;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

/// How a row says it ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Replied,
    NoReply,
    Bounced,
    Censored,
}

impl Line<'_> {
    /// What was seen of the inquiry, where the line's parts agree with each other.
    pub(super) fn seen(&mut self) -> Option<Seen> {
        if let Some(observation) = self.untimed {
            return Some(Seen::without_answers(observation));
        }
        let before = self.faults.count;
        let sent_at = self.time(Column::SentAt, true);
        let window_end = self.after(Column::WindowEnd, sent_at, true);
        let acknowledged_after = self.after(Column::FirstAckAt, sent_at, false);
        let reply = self.after(Column::FirstReplyAt, sent_at, false);
        let outcome = self.outcome();
        let adequacy = self.adequacy();
        let adequate_after = self.number(Column::AdequateSeconds);
        let reminded_after = self.number(Column::RemindedSeconds);
        let uncoded_replies = self.number(Column::UncodedReplies);
        if self.faults.count > before {
            return None;
        }
        let sent_at = sent_at?;
        let observation = self.observation(outcome?, window_end?, reply, reminded_after)?;
        self.agrees(reply, adequacy, adequate_after, uncoded_replies)?;
        // A table that tells of first replies only takes them for the best.
        let of_first = || reply.filter(|_| adequacy.is_some_and(Adequacy::is_adequate));
        Some(Seen {
            asked_at: DateTime::from_timestamp(sent_at.seconds, sent_at.nanos),
            acknowledged_after,
            adequate_after: adequate_after.or_else(of_first),
            adequacy,
            uncoded_replies: uncoded_replies.unwrap_or_else(|| u32::from(reply.is_some() && adequacy.is_none())),
            reminded_after,
            ..Seen::without_answers(observation)
        })
    }

    /// Whether what is told of coding fits the reply.
    fn agrees(
        &mut self,
        reply: Option<u32>,
        adequacy: Option<Adequacy>,
        adequate_after: Option<u32>,
        uncoded_replies: Option<u32>,
    ) -> Option<()> {
        let Some(reply) = reply else {
            return match (adequacy, uncoded_replies) {
                (None, None | Some(0)) => self.is_adequate_if_timed(None, adequate_after),
                (Some(_), _) => self.fault(Column::Adequacy, "there is no reply to be adequate", "leave it empty"),
                (None, Some(_)) => self.fault(Column::UncodedReplies, "there is no reply to be coded", "write 0"),
            };
        };
        if adequate_after.is_some_and(|after| after < reply) {
            return self.fault(
                Column::AdequateSeconds,
                "this is before the first reply",
                "check it and `first_reply_at`",
            );
        }
        self.is_adequate_if_timed(adequacy, adequate_after)
    }

    fn is_adequate_if_timed(&mut self, adequacy: Option<Adequacy>, adequate_after: Option<u32>) -> Option<()> {
        if adequate_after.is_some() && !adequacy.is_some_and(Adequacy::is_adequate) {
            let help = "change `adequacy`, or leave this empty";
            return self.fault(Column::AdequateSeconds, "no reply is coded as adequate", help);
        }
        Some(())
    }

    /// What the row came to, where its parts agree with each other.
    fn observation(
        &mut self,
        outcome: Outcome,
        observed_for: u32,
        reply: Option<u32>,
        reminded_after: Option<u32>,
    ) -> Option<Observation> {
        Some(match (outcome, reply) {
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
            (Outcome::Replied, Some(latency)) => {
                let after_reminder = reminded_after.is_some_and(|reminded| reminded < latency);
                Observation::Answered { latency, after_reminder, observed_for }
            }
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
        })
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

/// What our own columns say of an inquiry of which nothing arrived, or nobody knows; `None` where they do not.
pub(super) fn untimed(record: &Record<'_>) -> Option<Observation> {
    let why = std::str::from_utf8(record.trimmed(Column::Why)).ok()?;
    Some(match record.trimmed(Column::CameTo) {
        b"undelivered" => Observation::Undelivered { reason: named(why)?, after: 0 },
        b"unknown_delivery" => Observation::UnknownDelivery { reason: named(why)? },
        b"not_asked" => Observation::NotAsked { reason: named(why)? },
        _ => return None,
    })
}

/// The reason of that name.
fn named<'w, R: Deserialize<'w>>(word: &'w str) -> Option<R> {
    let word: StrDeserializer<'w, Error> = word.into_deserializer();
    R::deserialize(word).ok()
}
