//! How long was each inquiry waited for, and until what?

use super::frame::Frame;
use super::rate::{Latency, numbered};
use super::tally::{Reading, acknowledged_after, adequate_after, replied_after};
use crate::model::observation::{Observation, Observed};
use crate::model::time::Span;
use crate::stats::survival::clustered;
use crate::stats::{AalenJohansen, Competing, Confidence, Estimate, Followed, Interval, KaplanMeier, fixed};
use serde::{Deserialize, Serialize};

/// What had come first by a moment, of all that were taken in: Aalen and Johansen (1978). Where
/// messages bounce, 1 minus the Kaplan–Meier curve of those that did not says what would be if
/// none bounced; this says what is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Incidence {
    /// The moment, counted from asking.
    pub threshold: Span,
    /// Inquiries that were taken in.
    pub of: u32,
    /// Share that had been replied to.
    pub replied: Cumulated,
    /// Share that had come back, or was refused.
    pub bounced: Cumulated,
}

/// A share that only grows or only falls, with its 95 % log-log limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cumulated {
    /// The share, 0 to 1.
    pub value: f64,
    /// Its interval; `None` where it is 0 or 1.
    pub interval: Option<Interval>,
}

/// How many wait still at a moment, as the Kaplan–Meier curve has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The moment, counted from asking.
    pub threshold: Span,
    /// Share of those delivered that had no reply by then.
    pub without_reply: Cumulated,
}

/// The curve of the time to any reply, with limits by clusters of companies; `None` where nothing was delivered.
#[must_use]
pub fn curve_of(rows: &[&Observed], reading: Reading) -> Option<KaplanMeier> {
    let sample = rows.iter().filter_map(|row| Some((row.cluster.as_str(), followed(row, reading)?)));
    clustered::fit(&numbered(sample))
}

/// The same curve at each threshold.
#[must_use]
pub fn still_waiting(rows: &[&Observed], reading: Reading, frame: &Frame) -> Vec<Waiting> {
    let Some(curve) = curve_of(rows, reading) else { return Vec::new() };
    let at = |threshold: &Span| {
        let estimate = curve.estimate(threshold.as_secs(), Confidence::p95()).map(Estimate::fixed);
        let value = fixed(curve.survival(threshold.as_secs()));
        let without_reply = Cumulated { value, interval: estimate.map(|estimate| estimate.interval) };
        Waiting { threshold: *threshold, without_reply }
    };
    frame.about.thresholds.iter().map(at).collect()
}

/// How long any reply took; `None` where nothing was delivered.
#[must_use]
pub fn to_replies(rows: &[&Observed], reading: Reading) -> Option<Latency> {
    curve(rows.iter().filter_map(|row| with_watch(row, followed(row, reading)?)))
}

/// How long an adequate reply took; `None` where there was none.
#[must_use]
pub fn to_adequate_replies(rows: &[&Observed], reading: Reading) -> Option<Latency> {
    let sample = rows.iter().filter_map(|row| with_watch(row, followed_to_adequate(row, reading)?));
    curve(sample).filter(|latency| latency.replies > 0)
}

/// How long an acknowledgement took, before any reminder; `None` where there was none.
#[must_use]
pub fn acknowledgements(rows: &[&Observed]) -> Option<Latency> {
    let sample = rows.iter().filter_map(|row| {
        let observed_for = row.observation.observed_for()?;
        let followed = match acknowledged_after(row, Reading::BeforeAnyReminder) {
            Some(seconds) => Followed::UntilEvent(seconds),
            None => Followed::UntilCensored(unprompted_for(row, Reading::BeforeAnyReminder, observed_for)),
        };
        Some((row.cluster.as_str(), followed, observed_for))
    });
    curve(sample).filter(|latency| latency.replies > 0)
}

/// What had come first by each threshold.
#[must_use]
pub fn first_to_come(rows: &[&Observed], reading: Reading, frame: &Frame) -> Vec<Incidence> {
    let sample: Vec<Competing> = rows.iter().filter_map(|row| competing(row, reading)).collect();
    // Seen from the bounces, a reply is what makes one impossible.
    let turned = sample.iter().map(|followed| match *followed {
        Competing::UntilEvent(seconds) => Competing::UntilOther(seconds),
        Competing::UntilOther(seconds) => Competing::UntilEvent(seconds),
        Competing::UntilCensored(seconds) => Competing::UntilCensored(seconds),
    });
    let Some((replied, bounced)) = AalenJohansen::fit(sample.iter().copied()).zip(AalenJohansen::fit(turned)) else {
        return Vec::new();
    };
    let at = |curve: &AalenJohansen, threshold: &Span| {
        let estimate = curve.estimate(threshold.as_secs(), Confidence::p95()).map(Estimate::fixed);
        let value = fixed(curve.incidence(threshold.as_secs()));
        Cumulated { value, interval: estimate.map(|estimate| estimate.interval) }
    };
    let incidence = |threshold: &Span| Incidence {
        threshold: *threshold,
        of: replied.n(),
        replied: at(&replied, threshold),
        bounced: at(&bounced, threshold),
    };
    frame.about.thresholds.iter().map(incidence).collect()
}

/// How an inquiry was followed where it may come back; `None` where nothing left, or nobody knows.
fn competing(row: &Observed, reading: Reading) -> Option<Competing> {
    if let Observation::Undelivered { after, .. } = row.observation {
        return Some(Competing::UntilOther(after));
    }
    Some(match followed(row, reading)? {
        Followed::UntilEvent(seconds) => Competing::UntilEvent(seconds),
        Followed::UntilCensored(seconds) => Competing::UntilCensored(seconds),
    })
}

/// How long an inquiry was followed without a reply. A reminder ends what can be seen of the
/// time *before any reminder*, whether or not a reply came later.
#[must_use]
pub fn followed(row: &Observed, reading: Reading) -> Option<Followed> {
    let observed_for = row.observation.observed_for()?;
    if let Some(latency) = replied_after(row, reading) {
        return Some(Followed::UntilEvent(latency));
    }
    Some(Followed::UntilCensored(unprompted_for(row, reading, observed_for)))
}

/// How long it was followed before a reminder, where a reminder ends what counts.
fn unprompted_for(row: &Observed, reading: Reading, observed_for: u32) -> u32 {
    let reminded = row.reminded_after.filter(|_| reading == Reading::BeforeAnyReminder);
    reminded.map_or(observed_for, |reminded| reminded.min(observed_for))
}

/// The same until an adequate reply. One that was not adequate is no end of waiting; of one that
/// nobody has coded yet it is not known, and nothing after it.
#[must_use]
pub fn followed_to_adequate(row: &Observed, reading: Reading) -> Option<Followed> {
    let observed_for = row.observation.observed_for()?;
    if let Some(seconds) = adequate_after(row, reading) {
        return Some(Followed::UntilEvent(seconds));
    }
    let known_for = unprompted_for(row, reading, observed_for);
    let uncoded = replied_after(row, reading).filter(|_| row.uncoded_replies > 0);
    Some(Followed::UntilCensored(uncoded.map_or(known_for, |seconds| seconds.min(known_for))))
}

/// One inquiry: its cluster, how it was followed, and how long it was, or would have been, watched.
type Wait<'r> = (&'r str, Followed, u32);

fn with_watch(row: &Observed, followed: Followed) -> Option<Wait<'_>> {
    Some((&row.cluster, followed, row.observation.observed_for()?))
}

fn curve<'r>(sample: impl Iterator<Item = Wait<'r>>) -> Option<Latency> {
    let sample: Vec<Wait<'r>> = sample.collect();
    let watched_max = sample.iter().map(|(_, _, watched)| *watched).max()?;
    let followed: Vec<(&str, Followed)> =
        sample.into_iter().map(|(cluster, followed, _)| (cluster, followed)).collect();
    Latency::of(&followed, watched_max)
}

/// How long a reply took in opening hours, over the inquiries of companies whose hours the study
/// gives; `None` where it gives none.
#[must_use]
pub fn open_hours(rows: &[&Observed], reading: Reading, frame: &Frame) -> Option<Latency> {
    if frame.hours.is_empty() {
        return None;
    }
    curve(rows.iter().filter_map(|row| {
        let open = |seconds| frame.hours.open_within(row, seconds);
        let followed = match followed(row, reading)? {
            Followed::UntilEvent(seconds) => Followed::UntilEvent(open(seconds)?),
            Followed::UntilCensored(seconds) => Followed::UntilCensored(open(seconds)?),
        };
        Some((row.cluster.as_str(), followed, open(row.observation.observed_for()?)?))
    }))
}
