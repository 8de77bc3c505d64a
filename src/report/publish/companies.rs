//! What does each company's own page show? Its tiles, its inquiries, and when it answers.

use super::material::{CompanyFacts, Inquiry, Material};
use super::story::{Mark, What};
use crate::model::event::Adequacy;
use crate::model::observation::{NotAskedReason, Observation};
use crate::score::{Rate, Scorecard};
use chrono::{Datelike, Timelike};
use serde::Serialize;
use std::collections::HashMap;

/// A company's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompanyPage {
    /// Its id.
    pub company: String,
    /// Its name: a stranger's text.
    pub name: String,
    /// Its industry.
    pub industry: Option<String>,
    /// Its time zone.
    pub timezone: String,
    /// Replied within the window, before any reminder.
    pub response: Rate,
    /// Inquiries that were answered so far.
    pub answered: u32,
    /// Inquiries that were delivered.
    pub delivered: u32,
    /// The best place it may have, and the last, where there is an order.
    pub place: Option<(u32, u32)>,
    /// What each channel came to, in the order of the publication's channels.
    pub tiles: Vec<Tile>,
    /// Its inquiries by time.
    pub inquiries: Vec<Line>,
    /// When its replies came.
    pub patterns: Patterns,
    /// What it says about the results.
    pub comment: Option<String>,
}

/// An inquiry on a company's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The channel.
    pub channel: String,
    /// The question.
    pub question: String,
    /// The repetition, from 1.
    pub repetition: u32,
    /// What it came to.
    pub status: Status,
    /// Seconds to the reply.
    pub replied_after: Option<u32>,
    /// Seconds that it was watched.
    pub observed_for: u32,
    /// What happened.
    pub marks: Vec<Mark>,
}

/// What a channel of a company came to: the best of its inquiries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tile {
    /// What it came to.
    pub status: Status,
    /// Inquiries replied to.
    pub replied: u32,
    /// Inquiries asked.
    pub asked: u32,
}

/// What an inquiry, or a channel, came to; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A reply that answers the question.
    Answered,
    /// A reply that nobody has coded yet.
    Replied,
    /// A reply that does not answer the question.
    Inadequate,
    /// Nobody replied to the end of the window.
    Silent,
    /// No reply so far, and not watched to the end of the window.
    NotFollowed,
    /// Nobody knows whether it arrived.
    Unknown,
    /// It did not arrive.
    Undelivered,
    /// It was not asked.
    NotAsked,
    /// Not planned, though offered.
    NotPlanned,
    /// The channel was looked for and is not offered.
    NotOffered,
    /// Nobody looked whether it is offered.
    NotLookedFor,
}

impl Status {
    /// All, the best first.
    pub const ALL: [Self; 11] = [
        Self::Answered,
        Self::Replied,
        Self::Inadequate,
        Self::Silent,
        Self::NotFollowed,
        Self::Unknown,
        Self::Undelivered,
        Self::NotAsked,
        Self::NotPlanned,
        Self::NotOffered,
        Self::NotLookedFor,
    ];

    /// Its name in data and styles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Replied => "replied",
            Self::Inadequate => "inadequate",
            Self::Silent => "silent",
            Self::NotFollowed => "not-followed",
            Self::Unknown => "unknown",
            Self::Undelivered => "undelivered",
            Self::NotAsked => "not-asked",
            Self::NotPlanned => "not-planned",
            Self::NotOffered => "not-offered",
            Self::NotLookedFor => "not-looked-for",
        }
    }

    fn of(inquiry: &Inquiry) -> Self {
        let row = &inquiry.observed;
        match row.observation {
            Observation::Answered { .. } => match row.adequacy {
                Some(Adequacy::Answered) => Self::Answered,
                None => Self::Replied,
                Some(_) if row.uncoded_replies > 0 => Self::Replied,
                Some(_) => Self::Inadequate,
            },
            Observation::Silent { .. } => Self::Silent,
            Observation::Censored { .. } => Self::NotFollowed,
            Observation::Undelivered { .. } => Self::Undelivered,
            Observation::UnknownDelivery { .. } => Self::Unknown,
            Observation::NotAsked {
                reason:
                    NotAskedReason::Pending
                    | NotAskedReason::Blocked
                    | NotAskedReason::EntriesRejected
                    | NotAskedReason::Late
                    | NotAskedReason::Stopped
                    | NotAskedReason::Impossible,
            } => Self::NotAsked,
        }
    }
}

/// When replies came, in the company's own time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Patterns {
    /// Replies, all of them.
    pub replies: u32,
    /// By hour of the day.
    pub hours: [u32; 24],
    /// By weekday, Monday first.
    pub weekdays: [u32; 7],
}

impl Patterns {
    fn of<'i>(inquiries: impl Iterator<Item = (&'i Inquiry, chrono_tz::Tz)>) -> Self {
        let mut patterns = Self::default();
        for (inquiry, zone) in inquiries {
            let replied = |mark: &&Mark| matches!(mark.what, What::Replied { .. });
            // The first reply of each inquiry: one that is followed by many more is one answer.
            if let Some(mark) = inquiry.marks.iter().find(replied) {
                let local = mark.at.with_timezone(&zone);
                patterns.replies += 1;
                patterns.hours[local.hour() as usize % 24] += 1;
                patterns.weekdays[local.weekday().num_days_from_monday() as usize % 7] += 1;
            }
        }
        patterns
    }
}

pub(super) fn pages(material: &Material, card: &Scorecard, channels: &[String]) -> Vec<CompanyPage> {
    let mut of: HashMap<&str, Vec<&Inquiry>> = HashMap::new();
    for inquiry in &material.inquiries {
        of.entry(inquiry.observed.company.as_str()).or_default().push(inquiry);
    }
    let scores: HashMap<&str, _> = card.companies.iter().map(|c| (c.company.as_str(), c)).collect();
    let places: HashMap<&str, _> =
        card.league.places.iter().map(|p| (p.company.as_str(), (p.place_first, p.place_last))).collect();
    let page = |facts: &CompanyFacts| {
        let mut inquiries = of.remove(facts.id.as_str()).unwrap_or_default();
        inquiries.sort_by_key(|i| (i.observed.asked_at.is_none(), i.observed.asked_at));
        let tally = scores.get(facts.id.as_str()).map(|score| &score.tally);
        CompanyPage {
            company: facts.id.clone(),
            name: facts.name.clone(),
            industry: facts.industry.clone(),
            timezone: facts.timezone.to_string(),
            response: tally.map_or_else(nothing, |t| t.before_any_reminder.response),
            answered: tally.map_or(0, |t| t.all_answers().replied),
            delivered: tally.map_or(0, |t| t.delivered),
            place: places.get(facts.id.as_str()).copied(),
            tiles: channels.iter().map(|channel| tile(facts, &inquiries, channel)).collect(),
            patterns: Patterns::of(dated(material, inquiries.iter().map(|i| (*i, facts.timezone)))),
            inquiries: inquiries.into_iter().map(line).collect(),
            comment: facts.comment.clone(),
        }
    };
    material.companies.iter().map(page).collect()
}

fn nothing() -> Rate {
    Rate { numerator: 0, denominator: 0, estimate: None, repeated: None }
}

fn tile(facts: &CompanyFacts, inquiries: &[&Inquiry], channel: &String) -> Tile {
    let on: Vec<&&Inquiry> = inquiries.iter().filter(|i| i.observed.channel == *channel).collect();
    let status = on.iter().map(|i| Status::of(i)).min().unwrap_or_else(|| {
        if facts.lacks.contains(channel) {
            Status::NotOffered
        } else if facts.offers.contains(channel) {
            Status::NotPlanned
        } else {
            Status::NotLookedFor
        }
    });
    let count = |fits: &dyn Fn(&Observation) -> bool| {
        u32::try_from(on.iter().filter(|i| fits(&i.observed.observation)).count()).unwrap_or(u32::MAX)
    };
    let replied = count(&|o| matches!(o, Observation::Answered { .. }));
    Tile { status, replied, asked: count(&Observation::is_asked) }
}

fn line(inquiry: &Inquiry) -> Line {
    let row = &inquiry.observed;
    Line {
        channel: row.channel.clone(),
        question: row.question.clone(),
        repetition: row.repetition,
        status: Status::of(inquiry),
        replied_after: match row.observation {
            Observation::Answered { latency, .. } => Some(latency),
            _ => None,
        },
        observed_for: row.observation.observed_for().unwrap_or(0),
        marks: inquiry.marks.clone(),
    }
}

fn zones(material: &Material) -> HashMap<&str, chrono_tz::Tz> {
    material.companies.iter().map(|c| (c.id.as_str(), c.timezone)).collect()
}

fn zone_of(zones: &HashMap<&str, chrono_tz::Tz>, inquiry: &Inquiry) -> chrono_tz::Tz {
    zones.get(inquiry.observed.company.as_str()).copied().unwrap_or(chrono_tz::UTC)
}

pub(super) fn patterns_of_all(material: &Material) -> Patterns {
    let zones = zones(material);
    Patterns::of(dated(material, material.inquiries.iter().map(|i| (i, zone_of(&zones, i)))))
}

/// What has a date to tell of.
fn dated<I: Iterator>(material: &Material, of: I) -> impl Iterator<Item = I::Item> {
    of.filter(|_| !material.changed.dates_hidden)
}

/// When questions left, by channel: what was asked at another hour may be answered otherwise.
pub(super) fn sent_by_hour(material: &Material) -> Vec<(String, [u32; 24])> {
    let zones = zones(material);
    let mut by_channel: Vec<(String, [u32; 24])> =
        material.channels().into_iter().map(|channel| (channel, [0; 24])).collect();
    for inquiry in dated(material, material.inquiries.iter()) {
        let Some(at) = inquiry.observed.asked_at else { continue };
        let hour = at.with_timezone(&zone_of(&zones, inquiry)).hour() as usize % 24;
        if let Some((_, hours)) = by_channel.iter_mut().find(|(channel, _)| *channel == inquiry.observed.channel) {
            hours[hour] += 1;
        }
    }
    by_channel.retain(|(_, hours)| hours.iter().any(|n| *n > 0));
    by_channel
}
