//! Which share was answered by when? The curves behind the medians, with bands and numbers at risk.

use crate::model::observation::Observed;
use crate::score::Scorecard;
use crate::score::tally::Reading;
use crate::score::waits::{curve_of, followed};
use crate::stats::{Confidence, Followed, fixed};
use serde::Serialize;

/// The curves of all sides and channels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Latencies {
    /// By channel group.
    pub groups: Vec<Curve>,
    /// By channel.
    pub channels: Vec<Curve>,
    /// Moments at which numbers at risk are told, in seconds after asking.
    pub ticks: Vec<u32>,
}

/// The share answered by time: 1 minus Kaplan–Meier, before any reminder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// Whose.
    pub name: String,
    /// Inquiries followed.
    pub followed: u32,
    /// The curve after each reply.
    pub points: Vec<Point>,
    /// Up to when anybody was followed, in seconds.
    pub until: u32,
    /// How many were still waiting, and watched, at each tick.
    pub at_risk: Vec<u32>,
}

/// The curve after a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// The moment, in seconds after asking.
    pub seconds: u32,
    /// Share answered by then.
    pub answered: f64,
    /// Lower 95 % log-log limit, by clusters of companies.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// Moments of a time axis: a minute to eight weeks.
const TICKS: [u32; 9] = [60, 600, 3_600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_419_200];

pub(super) fn latencies(rows: &[Observed], card: &Scorecard) -> Latencies {
    let window = card.about.window.as_secs();
    let mut ticks: Vec<u32> = TICKS.into_iter().filter(|t| *t <= window).collect();
    if ticks.last().is_none_or(|last| *last < window) {
        ticks.push(window);
    }
    let curve = |name: &str, channels: &[String]| {
        let asked: Vec<&Observed> = rows.iter().filter(|r| channels.contains(&r.channel)).collect();
        Curve::of(name, &asked, &ticks)
    };
    let groups = card.groups.iter().filter_map(|g| curve(&g.group, &g.channels)).collect();
    let channels = card.channels.iter().filter_map(|c| curve(&c.channel, std::slice::from_ref(&c.channel))).collect();
    Latencies { groups, channels, ticks }
}

impl Curve {
    fn of(name: &str, rows: &[&Observed], ticks: &[u32]) -> Option<Self> {
        let fitted = curve_of(rows, Reading::BeforeAnyReminder)?;
        let sample: Vec<Followed> = rows.iter().filter_map(|r| followed(r, Reading::BeforeAnyReminder)).collect();
        let mut moments: Vec<u32> = sample
            .iter()
            .filter_map(|f| match f {
                Followed::UntilEvent(seconds) => Some(*seconds),
                Followed::UntilCensored(_) => None,
            })
            .collect();
        moments.sort_unstable();
        moments.dedup();
        let point = |seconds: u32| {
            let survival = fitted.survival(seconds);
            let interval = fitted.estimate(seconds, Confidence::p95()).map(|e| e.interval);
            let (low, high) = interval.map_or((1.0 - survival, 1.0 - survival), |i| (1.0 - i.high, 1.0 - i.low));
            Point { seconds, answered: fixed(1.0 - survival), low: fixed(low), high: fixed(high) }
        };
        let end = |f: &Followed| match f {
            Followed::UntilEvent(seconds) | Followed::UntilCensored(seconds) => *seconds,
        };
        let at_risk = |tick: &u32| u32::try_from(sample.iter().filter(|f| end(f) >= *tick).count()).unwrap_or(u32::MAX);
        Some(Self {
            name: name.to_owned(),
            followed: fitted.n(),
            points: moments.into_iter().map(point).collect(),
            until: sample.iter().map(end).max().unwrap_or(0),
            at_risk: ticks.iter().map(at_risk).collect(),
        })
    }
}
