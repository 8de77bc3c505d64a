//! Would a page have had Facebook's badge "very responsive to messages", and when lost it?
//!
//! All readings of the rule are judged at the end of each day (UTC) over the seven days before it.

use super::rate::Rate;
use crate::model::observation::{Observation, Observed};
use crate::stats::Proportion;
pub use crate::stats::badge::Rule;
use crate::stats::badge::median;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Fewest inquiries in seven days on which a day is judged: of fewer, one answer more or less decides.
pub const INQUIRIES_MIN: u32 = 10;

/// Days that are looked back on.
const DAYS: i64 = 7;

/// The badge of one page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Badge {
    /// The channel.
    pub channel: String,
    /// The company whose page it is; `None` where all companies of the channel are taken as one.
    pub company: Option<String>,
    /// Each reading of the rule.
    pub rules: Vec<BadgeByRule>,
}

/// The badge by one reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BadgeByRule {
    /// The reading.
    pub rule: Rule,
    /// Days on which there were enough inquiries to judge.
    pub days_judged: u32,
    /// Days on which the badge was held.
    pub days_held: u32,
    /// The last day that was judged.
    pub last: BadgeDay,
    /// The days on which it was won or lost, the first day judged included.
    pub changes: Vec<BadgeDay>,
}

/// The badge on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BadgeDay {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// Whether the page has the badge at its end.
    pub held: bool,
    /// Answered in the way that the reading asks for, of the inquiries of the seven days.
    pub answered: Rate,
    /// Median of the answers, in seconds, where the reading asks for it.
    pub median_seconds: Option<u32>,
}

/// The badges of every page with enough inquiries in some seven days: of each channel as a whole
/// and, where it is of several companies, of each of them.
#[must_use]
pub fn badges(rows: &[Observed], as_of: Option<DateTime<Utc>>) -> Vec<Badge> {
    let mut pages: BTreeMap<(&str, Option<&str>), Vec<Asked>> = BTreeMap::new();
    for row in rows {
        let Some(asked) = Asked::of(row) else { continue };
        pages.entry((&row.channel, None)).or_default().push(asked);
        pages.entry((&row.channel, Some(&row.company))).or_default().push(asked);
    }
    let mut companies: BTreeMap<&str, u32> = BTreeMap::new();
    for (channel, company) in pages.keys() {
        *companies.entry(*channel).or_default() += u32::from(company.is_some());
    }
    let mut badges = Vec::new();
    for ((channel, company), mut asked) in pages {
        // A channel of one company is that company's page.
        if company.is_none() && companies.get(channel) == Some(&1) {
            continue;
        }
        asked.sort_unstable_by_key(|a| a.at);
        let rules: Option<Vec<_>> = Rule::ALL.into_iter().map(|rule| by_rule(&asked, rule, as_of)).collect();
        let company = company.map(str::to_owned);
        badges.extend(rules.map(|rules| Badge { channel: channel.to_owned(), company, rules }));
    }
    badges
}

/// A delivered inquiry.
#[derive(Debug, Clone, Copy)]
struct Asked {
    at: DateTime<Utc>,
    answered_after: Option<u32>,
    observed_for: u32,
}

impl Asked {
    fn of(row: &Observed) -> Option<Self> {
        let answered_after = match row.observation {
            Observation::Answered { latency, .. } => Some(latency),
            Observation::Silent { .. } | Observation::Censored { .. } => None,
            Observation::Undelivered { .. } | Observation::UnknownDelivery { .. } | Observation::NotAsked { .. } => {
                return None;
            }
        };
        Some(Self { at: row.asked_at?, answered_after, observed_for: row.observation.observed_for()? })
    }

    /// Whether it was answered by `end` as the rule asks; `None` where that cannot be said yet.
    fn answered(self, rule: Rule, end: DateTime<Utc>) -> Option<bool> {
        let known_for = u32::try_from((end - self.at).num_seconds()).unwrap_or(0);
        let within = if rule.asks_for_median() { known_for } else { rule.limit().min(known_for) };
        if self.answered_after.is_some_and(|after| after <= within) {
            return Some(true);
        }
        let watched = self.observed_for >= within || self.answered_after.is_some();
        (watched && known_for >= rule.limit()).then_some(false)
    }
}

fn by_rule(asked: &[Asked], rule: Rule, as_of: Option<DateTime<Utc>>) -> Option<BadgeByRule> {
    let first = asked.first()?.at.date_naive();
    let last = asked.last()?.at.date_naive().checked_add_signed(TimeDelta::days(DAYS - 1))?;
    let mut days: Vec<BadgeDay> = Vec::new();
    let (mut from, mut until) = (0, 0);
    for date in first.iter_days().take_while(|date| *date <= last) {
        let end = end_of(date)?;
        if as_of.is_some_and(|as_of| end > as_of) {
            break;
        }
        until += asked[until..].partition_point(|a| a.at < end);
        from += asked[from..until].partition_point(|a| a.at < end - TimeDelta::days(DAYS));
        days.extend(judge(&asked[from..until], rule, date, end));
    }
    let last = *days.last()?;
    let count = |held: bool| u32::try_from(days.iter().filter(|d| !held || d.held).count()).unwrap_or(u32::MAX);
    let (days_judged, days_held) = (count(false), count(true));
    days.dedup_by_key(|day| day.held);
    Some(BadgeByRule { rule, days_judged, days_held, last, changes: days })
}

fn judge(asked: &[Asked], rule: Rule, date: NaiveDate, end: DateTime<Utc>) -> Option<BadgeDay> {
    let known = Proportion::count(asked.iter().filter_map(|a| a.answered(rule, end)));
    if known.of() < INQUIRIES_MIN {
        return None;
    }
    let median_seconds = rule.asks_for_median().then(|| {
        let answered = asked.iter().filter(|a| a.answered(rule, end) == Some(true));
        median(answered.filter_map(|a| a.answered_after).collect())
    });
    let median_seconds = median_seconds.flatten();
    let held = rule.is_met(known, median_seconds);
    Some(BadgeDay { date, held, answered: known.into(), median_seconds })
}

fn end_of(date: NaiveDate) -> Option<DateTime<Utc>> {
    Some(date.succ_opt()?.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{DAY, HOUR, answered, open, silent};
    use super::*;

    fn asked_on(day: u32, hour: u32, row: Observed) -> Observed {
        let start: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        Observed { asked_at: Some(start + TimeDelta::seconds(i64::from(day * DAY + hour * HOUR))), ..row }
    }

    /// A page that is asked three times a day, and answers after `seconds(day)`, or not at all.
    fn page(days: u32, seconds: impl Fn(u32) -> Option<u32>) -> Vec<Observed> {
        let row = |day| seconds(day).map_or_else(|| silent("page", "facebook"), |s| answered("page", "facebook", s));
        (0..days).flat_map(|day| (0..3).map(move |n| (day, n))).map(|(day, n)| asked_on(day, 8 + n, row(day))).collect()
    }

    fn of(badge: &Badge, rule: Rule) -> &BadgeByRule {
        badge.rules.iter().find(|r| r.rule == rule).unwrap()
    }

    #[test]
    fn a_day_of_silence_loses_the_badge_until_it_is_seven_days_ago() {
        let rows = page(20, |day| (day != 10).then_some(120));
        let badges = badges(&rows, None);
        assert_eq!(badges.len(), 1);
        assert_eq!(badges[0].company.as_deref(), Some("page"));
        let by = of(&badges[0], Rule::MostAnsweredMedian15Minutes);
        let changes: Vec<_> = by.changes.iter().map(|c| (c.date.to_string(), c.held)).collect();
        let on = |day: &str, held| (format!("2026-03-{day}"), held);
        // Judged from the fourth day on; 3 of 21 unanswered is more than a tenth.
        assert_eq!(changes, [on("05", true), on("12", false), on("19", true)]);
        assert_eq!(by.days_judged - by.days_held, 7);
    }

    #[test]
    fn the_readings_differ_where_the_median_is_quick_and_the_rest_is_slow() {
        let mut rows = page(7, |_| Some(60));
        for (i, row) in rows.iter_mut().enumerate() {
            if i % 3 == 0 {
                *row = asked_on(u32::try_from(i).unwrap() / 3, 8, answered("page", "facebook", HOUR));
            }
        }
        let badges = badges(&rows, None);
        let held = |rule| of(&badges[0], rule).last.held;
        assert!(held(Rule::MostAnsweredMedian15Minutes));
        assert!(!held(Rule::MostWithin15Minutes) && !held(Rule::MostWithin5Minutes));
        let quick = super::badges(&page(7, |_| Some(600)), None);
        assert!(of(&quick[0], Rule::MostWithin15Minutes).last.held);
        assert!(!of(&quick[0], Rule::MostWithin5Minutes).last.held);
    }

    #[test]
    fn who_is_not_watched_is_not_silent_and_few_are_not_judged() {
        let few: Vec<_> = page(3, |_| Some(60));
        assert_eq!(badges(&few, None), []);
        let mut rows = page(7, |_| Some(60));
        rows.extend((0..3).map(|n| asked_on(6, 12 + n, open("page", "facebook", 30))));
        let badges = badges(&rows, None);
        let by = of(&badges[0], Rule::MostWithin15Minutes);
        assert_eq!(by.days_held, by.days_judged);
    }

    #[test]
    fn several_companies_are_pages_of_their_own_beside_the_channel() {
        let mut rows = page(7, |_| Some(60));
        let mut other = page(7, |_| None);
        for row in &mut other {
            row.company = "other".to_owned();
        }
        rows.extend(other);
        let found: Vec<_> = badges(&rows, None).into_iter().map(|b| (b.company, b.rules[0].last.held)).collect();
        assert_eq!(found, [(None, false), (Some("other".to_owned()), false), (Some("page".to_owned()), true)]);
    }
}
