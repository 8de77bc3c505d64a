//! What do some inquiries add up to? The one place that says who is in which denominator.

use super::rate::{Latency, Rate};
use crate::model::observation::{NotAskedReason, Observation, Observed, UndeliveredReason, UnknownReason};
use crate::model::time::Span;
use crate::stats::{Followed, Proportion};
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
    /// Delivered, and a machine said "received".
    pub acknowledged: u32,
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
    /// How long a reply took; `None` where nothing was delivered.
    pub latency: Option<Latency>,
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
    /// If all had arrived and stayed silent.
    pub if_silent: Rate,
    /// If all had arrived and were replied to.
    pub if_replied: Rate,
}

/// Which replies count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Those that came before any reminder: the primary reading.
    BeforeAnyReminder,
    /// All.
    WithReminders,
}

impl Tally {
    /// What `rows` add up to, in a wave with that window and those thresholds.
    #[must_use]
    pub fn of(rows: &[&Observed], window: Span, thresholds: &[Span]) -> Self {
        let mut tally = Self {
            inquiries: count(rows, |_| true),
            asked: count(rows, |r| r.observation.is_asked()),
            delivered: count(rows, |r| r.observation.is_delivered()),
            undelivered: Undelivered::default(),
            unknown: Unknown::default(),
            not_asked: NotAsked::default(),
            open: count(rows, |r| matches!(r.observation, Observation::Censored { .. })),
            silent: count(rows, |r| matches!(r.observation, Observation::Silent { .. })),
            acknowledged: count(rows, |r| r.observation.is_delivered() && r.acknowledged_after.is_some()),
            reminded: count(rows, |r| r.observation.is_delivered() && r.reminded_after.is_some()),
            replies_uncoded: rows.iter().map(|r| r.uncoded_replies).sum(),
            inquiries_uncoded: count(rows, |r| r.uncoded_replies > 0 && r.adequate_after.is_none()),
            before_any_reminder: Answers::of(rows, Reading::BeforeAnyReminder, window, thresholds),
            with_reminders: None,
            unsettled: None,
        };
        for row in rows {
            tally.file(row.observation);
        }
        if tally.reminded > 0 {
            tally.with_reminders = Some(Answers::of(rows, Reading::WithReminders, window, thresholds));
        }
        tally.unsettled = Unsettled::of(tally.before_any_reminder.response, tally.unknown.total);
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
    fn of(rows: &[&Observed], reading: Reading, window: Span, thresholds: &[Span]) -> Self {
        let whole = Within::of(rows, reading, window);
        let watched_max = rows.iter().filter_map(|r| r.observation.observed_for()).max().unwrap_or(0);
        Self {
            replied: count(rows, |r| replied_after(r, reading).is_some()),
            adequate: count(rows, |r| adequate_after(r, reading).is_some()),
            response: whole.replied,
            response_of_asked: whole.replied_of_asked,
            adequate_response: whole.adequate,
            adequate_response_of_asked: whole.adequate_of_asked,
            within: thresholds.iter().map(|w| Within::of(rows, reading, *w)).collect(),
            latency: Latency::of(rows.iter().filter_map(|r| followed(r, reading)), watched_max),
        }
    }

    /// The replies within a threshold that was scored.
    #[must_use]
    pub fn within(&self, threshold: Span) -> Option<&Within> {
        self.within.iter().find(|w| w.threshold == threshold)
    }
}

impl Within {
    fn of(rows: &[&Observed], reading: Reading, threshold: Span) -> Self {
        let in_time = |after: Option<u32>| after.is_some_and(|seconds| seconds <= threshold.as_secs());
        let watched = || rows.iter().filter(|r| watched_for(r, threshold));
        let replied = Proportion::count(watched().map(|r| in_time(replied_after(r, reading))));
        let adequate = Proportion::count(watched().map(|r| in_time(adequate_after(r, reading))));
        let never_arrived = count(rows, |r| r.observation.is_asked() && !r.observation.is_delivered());
        let of_asked = |p: Proportion| Rate::from(Proportion::new(p.successes(), p.of() + never_arrived));
        Self {
            threshold,
            replied: replied.into(),
            replied_of_asked: of_asked(replied),
            adequate: adequate.into(),
            adequate_of_asked: of_asked(adequate),
        }
    }
}

impl Unsettled {
    fn of(response: Rate, unknown: u32) -> Option<Self> {
        let all = response.denominator + unknown;
        (unknown > 0).then(|| Self {
            if_silent: Proportion::new(response.numerator, all).into(),
            if_replied: Proportion::new(response.numerator + unknown, all).into(),
        })
    }
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

/// Seconds to the first adequate reply that counts.
#[must_use]
pub fn adequate_after(row: &Observed, reading: Reading) -> Option<u32> {
    let seconds = row.adequate_after.filter(|_| row.observation.is_delivered())?;
    let unprompted = row.reminded_after.is_none_or(|reminded| seconds <= reminded);
    (reading == Reading::WithReminders || unprompted).then_some(seconds)
}

/// How long an inquiry was followed without a reply. A reminder ends what can be seen of the
/// time *before any reminder*, whether or not a reply came later.
#[must_use]
pub fn followed(row: &Observed, reading: Reading) -> Option<Followed> {
    let observed_for = row.observation.observed_for()?;
    if let Some(latency) = replied_after(row, reading) {
        return Some(Followed::UntilEvent(latency));
    }
    let reminded = row.reminded_after.filter(|_| reading == Reading::BeforeAnyReminder);
    Some(Followed::UntilCensored(reminded.map_or(observed_for, |r| r.min(observed_for))))
}

fn count(rows: &[&Observed], wanted: impl Fn(&Observed) -> bool) -> u32 {
    u32::try_from(rows.iter().filter(|r| wanted(r)).count()).unwrap_or(u32::MAX)
}
