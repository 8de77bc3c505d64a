//! What do some inquiries add up to? The one place that says who is in which denominator.

use super::frame::Frame;
use super::rate::{Latency, Rate};
use super::waits::{
    Incidence, Waiting, acknowledgements, first_to_come, open_hours, still_waiting, to_adequate_replies, to_replies,
};
use crate::model::observation::{NotAskedReason, Observation, Observed, UndeliveredReason, UnknownReason};
use crate::model::time::Span;
use serde::{Deserialize, Serialize};

/// Counts and rates of some inquiries: of a channel, a group of channels, a company, or all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Inquiries planned.
    pub inquiries: u32,
    /// Inquiries of which a message left, or may have left.
    pub asked: u32,
    /// Accepted, and did not bounce.
    pub delivered: u32,
    /// Did not arrive.
    pub undelivered: Undelivered,
    /// Nobody knows whether they arrived.
    pub unknown: Unknown,
    /// No message left.
    pub not_asked: NotAsked,
    /// Delivered, no reply so far, and not watched to the end of the window.
    pub open: u32,
    /// Delivered, and no reply to the end of the window.
    pub silent: u32,
    /// Delivered, and a machine said "received" before any reminder.
    pub acknowledged: u32,
    /// Delivered, and a machine said "received" only after a reminder: about which message, nobody knows.
    #[serde(default)]
    pub acknowledged_after_reminder: u32,
    /// Came back, of all asked.
    pub bounce: Rate,
    /// Acknowledged within the window and before any reminder, of those delivered.
    pub acknowledgement: Rate,
    /// How long an acknowledgement took, before any reminder; `None` where there was none. Apart from
    /// replies: a machine that says "received" has answered nothing.
    pub acknowledgement_latency: Option<Latency>,
    /// Delivered, and reminded.
    pub reminded: u32,
    /// Replies that nobody has coded yet.
    pub replies_uncoded: u32,
    /// Inquiries with such replies and no adequate one: coding may still make them adequate.
    pub inquiries_uncoded: u32,
    /// The primary reading: what came before any reminder.
    pub before_any_reminder: Answers,
    /// The other reading: all that came. `None` where nobody was reminded, and both are the same.
    pub with_reminders: Option<Answers>,
    /// The response rate if those of unknown delivery were settled; `None` where there are none.
    pub unsettled: Option<Unsettled>,
}

/// Replies under one reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// Inquiries replied to so far.
    pub replied: u32,
    /// Inquiries replied to adequately so far.
    pub adequate: u32,
    /// Replied within the window, of those delivered and watched for the whole window.
    pub response: Rate,
    /// The same, of all asked: those that did not arrive, or may not have, count as not replied.
    pub response_of_asked: Rate,
    /// Replied adequately within the window, of those delivered and watched for the whole window.
    pub adequate_response: Rate,
    /// The same, of all asked.
    pub adequate_response_of_asked: Rate,
    /// Replies within each threshold.
    pub within: Vec<Within>,
    /// The share still without a reply at each threshold, as the Kaplan–Meier curve has it; empty
    /// where nothing was delivered.
    #[serde(default)]
    pub still_waiting: Vec<Waiting>,
    /// How long a reply took; `None` where nothing was delivered.
    pub latency: Option<Latency>,
    /// How long an adequate reply took; `None` where there was none.
    pub adequate_latency: Option<Latency>,
    /// How long a reply took in the companies' opening hours, over those inquiries whose
    /// company's hours the study gives; `None` where it gives none.
    pub open_hours_latency: Option<Latency>,
    /// What came first, reply or bounce, by each threshold; empty where nothing bounced.
    pub first_to_come: Vec<Incidence>,
}

/// Replies within a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Within {
    /// The threshold.
    pub threshold: Span,
    /// Replied within it, of those delivered and watched at least that long.
    pub replied: Rate,
    /// The same, of all asked.
    pub replied_of_asked: Rate,
    /// Replied adequately within it, of those delivered and watched at least that long.
    pub adequate: Rate,
    /// The same, of all asked.
    pub adequate_of_asked: Rate,
}

/// What did not arrive, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// All of them.
    pub total: u32,
    /// Accepted, then returned.
    pub bounced: u32,
    /// Refused for good.
    pub refused: u32,
    /// Not taken in any try.
    pub never_taken: u32,
}

/// What may have arrived, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// All of them.
    pub total: u32,
    /// The delivery broke off at a moment when it may have left.
    pub in_doubt: u32,
    /// Held for moderation.
    pub held: u32,
}

/// What was never sent, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAsked {
    /// All of them.
    pub total: u32,
    /// Not yet.
    pub pending: u32,
    /// A machine could not, and no person did.
    pub blocked: u32,
    /// What was entered was not taken, and no person entered it otherwise.
    pub entries_rejected: u32,
    /// Became overdue while nothing ran.
    pub late: u32,
    /// The company asked to be left alone.
    pub stopped: u32,
    /// A person found that it cannot be done.
    pub impossible: u32,
}

/// The response rate at both ends of what is not known: the truth lies between.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unsettled {
    /// If none had arrived.
    pub if_undelivered: Rate,
    /// If all had arrived and stayed silent.
    pub if_silent: Rate,
    /// If all had arrived and were replied to.
    pub if_replied: Rate,
}

/// Which replies and acknowledgements count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Those that came before any reminder: the primary reading.
    BeforeAnyReminder,
    /// All.
    WithReminders,
}

impl Tally {
    /// What `rows` add up to, by the rules of `frame`.
    #[must_use]
    pub fn of(rows: &[&Observed], frame: &Frame) -> Self {
        let asked = rows.iter().filter(|r| r.observation.is_asked());
        let bounced = |o| matches!(o, Observation::Undelivered { reason: UndeliveredReason::Bounced, .. });
        let delivered = || rows.iter().filter(|r| r.observation.is_delivered());
        let acknowledged = |reading| count(rows, |r| acknowledged_after(r, reading).is_some());
        let mut tally = Self {
            inquiries: count(rows, |_| true),
            asked: count(rows, |r| r.observation.is_asked()),
            delivered: count(rows, |r| r.observation.is_delivered()),
            undelivered: Undelivered::default(),
            unknown: Unknown::default(),
            not_asked: NotAsked::default(),
            open: count(rows, |r| matches!(r.observation, Observation::Censored { .. })),
            silent: count(rows, |r| matches!(r.observation, Observation::Silent { .. })),
            acknowledged: acknowledged(Reading::BeforeAnyReminder),
            acknowledged_after_reminder: acknowledged(Reading::WithReminders)
                - acknowledged(Reading::BeforeAnyReminder),
            bounce: rate(asked.map(|r| (*r, bounced(r.observation)))),
            acknowledgement: rate(
                delivered().map(|r| (*r, acknowledged_after(r, Reading::BeforeAnyReminder).is_some())),
            ),
            acknowledgement_latency: acknowledgements(rows),
            reminded: count(rows, |r| r.observation.is_delivered() && r.reminded_after.is_some()),
            replies_uncoded: rows.iter().map(|r| r.uncoded_replies).sum(),
            inquiries_uncoded: count(rows, |r| r.uncoded_replies > 0 && r.adequate_after.is_none()),
            before_any_reminder: Answers::of(rows, Reading::BeforeAnyReminder, frame),
            with_reminders: None,
            unsettled: None,
        };
        for row in rows {
            tally.file(row.observation);
        }
        if tally.reminded > 0 {
            tally.with_reminders = Some(Answers::of(rows, Reading::WithReminders, frame));
        }
        tally.unsettled = Unsettled::of(rows, frame, tally.unknown.total);
        tally
    }

    /// The answers that came with or without a reminder.
    #[must_use]
    pub fn all_answers(&self) -> &Answers {
        self.with_reminders.as_ref().unwrap_or(&self.before_any_reminder)
    }

    fn file(&mut self, observation: Observation) {
        let cells: [&mut u32; 2] = match observation {
            Observation::Answered { .. } | Observation::Silent { .. } | Observation::Censored { .. } => return,
            Observation::Undelivered { reason, .. } => {
                let u = &mut self.undelivered;
                match reason {
                    UndeliveredReason::Bounced => [&mut u.total, &mut u.bounced],
                    UndeliveredReason::Refused => [&mut u.total, &mut u.refused],
                    UndeliveredReason::NeverTaken => [&mut u.total, &mut u.never_taken],
                }
            }
            Observation::UnknownDelivery { reason } => match reason {
                UnknownReason::InDoubt => [&mut self.unknown.total, &mut self.unknown.in_doubt],
                UnknownReason::Held => [&mut self.unknown.total, &mut self.unknown.held],
            },
            Observation::NotAsked { reason } => {
                let n = &mut self.not_asked;
                match reason {
                    NotAskedReason::Pending => [&mut n.total, &mut n.pending],
                    NotAskedReason::Blocked => [&mut n.total, &mut n.blocked],
                    NotAskedReason::EntriesRejected => [&mut n.total, &mut n.entries_rejected],
                    NotAskedReason::Late => [&mut n.total, &mut n.late],
                    NotAskedReason::Stopped => [&mut n.total, &mut n.stopped],
                    NotAskedReason::Impossible => [&mut n.total, &mut n.impossible],
                }
            }
        };
        for cell in cells {
            *cell += 1;
        }
    }
}

impl Answers {
    fn of(rows: &[&Observed], reading: Reading, frame: &Frame) -> Self {
        let whole = Within::of(rows, reading, frame.about.window);
        let any_bounced = rows.iter().any(|r| matches!(r.observation, Observation::Undelivered { .. }));
        Self {
            replied: count(rows, |r| replied_after(r, reading).is_some()),
            adequate: count(rows, |r| adequate_after(r, reading).is_some()),
            response: whole.replied,
            response_of_asked: whole.replied_of_asked,
            adequate_response: whole.adequate,
            adequate_response_of_asked: whole.adequate_of_asked,
            within: frame.about.thresholds.iter().map(|w| Within::of(rows, reading, *w)).collect(),
            still_waiting: still_waiting(rows, reading, frame),
            latency: to_replies(rows, reading),
            adequate_latency: to_adequate_replies(rows, reading),
            open_hours_latency: open_hours(rows, reading, frame),
            first_to_come: if any_bounced { first_to_come(rows, reading, frame) } else { Vec::new() },
        }
    }

    /// The replies within a threshold that was scored.
    #[must_use]
    pub fn within(&self, threshold: Span) -> Option<&Within> {
        self.within.iter().find(|w| w.threshold == threshold)
    }
}

impl Within {
    /// Replies of `rows` within a threshold.
    #[must_use]
    pub fn of(rows: &[&Observed], reading: Reading, threshold: Span) -> Self {
        let in_time = |after: Option<u32>| after.is_some_and(|seconds| seconds <= threshold.as_secs());
        let of_watched = |of: fn(&Observed, Reading) -> Option<u32>| {
            let watched = rows.iter().filter(|r| watched_for(r, threshold));
            rate(watched.map(|r| (*r, in_time(of(r, reading)))))
        };
        // Whatever did not arrive, or may not have, was not replied to.
        let of_asked = |of: fn(&Observed, Reading) -> Option<u32>| {
            let known = rows.iter().filter(|r| {
                if r.observation.is_delivered() { watched_for(r, threshold) } else { r.observation.is_asked() }
            });
            rate(known.map(|r| (*r, in_time(of(r, reading)))))
        };
        Self {
            threshold,
            replied: of_watched(replied_after),
            replied_of_asked: of_asked(replied_after),
            adequate: of_watched(adequate_after),
            adequate_of_asked: of_asked(adequate_after),
        }
    }
}

impl Unsettled {
    fn of(rows: &[&Observed], frame: &Frame, unknown: u32) -> Option<Self> {
        let window = frame.about.window;
        let settled = |as_what: Option<bool>| {
            rate(rows.iter().filter_map(|r| match r.observation {
                Observation::UnknownDelivery { .. } => Some((*r, as_what?)),
                _ if !watched_for(r, window) => None,
                _ => {
                    let after = replied_after(r, Reading::BeforeAnyReminder);
                    Some((*r, after.is_some_and(|seconds| seconds <= window.as_secs())))
                }
            }))
        };
        (unknown > 0).then(|| Self {
            if_undelivered: settled(None),
            if_silent: settled(Some(false)),
            if_replied: settled(Some(true)),
        })
    }
}

/// A rate over inquiries, with companies that were asked repeatedly taken as they are.
fn rate<'r>(trials: impl Iterator<Item = (&'r Observed, bool)>) -> Rate {
    Rate::of(&trials.map(|(row, success)| (row.cluster.as_str(), success)).collect::<Vec<_>>())
}

/// Whether an inquiry counts for a threshold: delivered, and watched at least that long. What
/// was replied to early counts as watched for as long as it would have been: who is in the
/// denominator must not depend on the outcome.
#[must_use]
pub fn watched_for(row: &Observed, threshold: Span) -> bool {
    row.observation.observed_for().is_some_and(|seconds| seconds >= threshold.as_secs())
}

/// Seconds to the first reply that counts.
#[must_use]
pub fn replied_after(row: &Observed, reading: Reading) -> Option<u32> {
    match row.observation {
        Observation::Answered { latency, after_reminder, .. } => {
            (reading == Reading::WithReminders || !after_reminder).then_some(latency)
        }
        _ => None,
    }
}

/// Seconds to the first acknowledgement of a delivered inquiry that counts.
#[must_use]
pub fn acknowledged_after(row: &Observed, reading: Reading) -> Option<u32> {
    let seconds = row.acknowledged_after.filter(|_| row.observation.is_delivered())?;
    counts(row, seconds, reading).then_some(seconds)
}

/// Seconds to the first adequate reply that counts.
#[must_use]
pub fn adequate_after(row: &Observed, reading: Reading) -> Option<u32> {
    let seconds = row.adequate_after.filter(|_| row.observation.is_delivered())?;
    counts(row, seconds, reading).then_some(seconds)
}

/// Whether what came after so many seconds counts: before any reminder, or whenever it came.
fn counts(row: &Observed, seconds: u32, reading: Reading) -> bool {
    reading == Reading::WithReminders || row.reminded_after.is_none_or(|reminded| seconds <= reminded)
}

fn count(rows: &[&Observed], wanted: impl Fn(&Observed) -> bool) -> u32 {
    u32::try_from(rows.iter().filter(|r| wanted(r)).count()).unwrap_or(u32::MAX)
}
