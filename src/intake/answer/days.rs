//! When is "by Friday" for a company? In its own time zone and opening days, each time read in its
//! favour: a day ends at midnight, and one on which it is closed is followed by the next that it is open.

use crate::calendar::SendWindow;
use crate::lexicon::answer_words::Topic;
use crate::lexicon::pattern::Match;
use crate::model::study::Company;
use chrono::{DateTime, Datelike, Days as Count, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The days of work of a company whose opening hours nobody knows.
const WORKDAYS: &str = "Mo-Fr 00:00-24:00; PH off";

/// Hours of work in such a day.
const WORKDAY_HOURS: u32 = 8;

/// How far ahead a day of work is looked for.
const SEARCH_DAYS: usize = 60;

/// Longest time that is believed: "in 2026 days" is no promise.
const DAYS_MAX: u32 = 366;

/// The days of a company.
#[derive(Debug)]
pub(super) struct Days {
    zone: Tz,
    /// When it is open; `None` where its country's code is wrong.
    open: Option<SendWindow>,
    /// Whether the study gives its hours.
    knows_hours: bool,
}

impl Days {
    /// The days of a company.
    pub(super) fn of(company: &Company) -> Self {
        let window = |hours: &str| SendWindow::new(hours, company.timezone, company.country.as_deref()).ok();
        let given = company.hours.as_deref().and_then(window);
        Self { zone: company.timezone, knows_hours: given.is_some(), open: given.or_else(|| window(WORKDAYS)) }
    }

    /// By when something is due that was said at `made_at`.
    pub(super) fn due(&self, topic: Topic, said: &Match, made_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = made_at.with_timezone(&self.zone).date_naive();
        let number = said.number.filter(|n| *n <= DAYS_MAX * 24);
        let in_days = |days: u32| (days <= DAYS_MAX).then(|| today + Count::new(days.into()));
        let sunday = || today + Count::new(u64::from(6 - today.weekday().num_days_from_monday()));
        let day = match topic {
            Topic::InHours => return number.map(|hours| made_at + TimeDelta::hours(hours.into())),
            Topic::InWorkingHours if self.knows_hours => return self.after_open_hours(number?, made_at),
            Topic::InWorkingHours => self.nth_open_after(today, number?.div_ceil(WORKDAY_HOURS))?,
            Topic::InWorkingDays => self.nth_open_after(today, number?)?,
            Topic::InDays => self.open_from(in_days(number?)?),
            Topic::InWeeks => self.open_from(in_days(number?.checked_mul(7)?)?),
            Topic::ByToday => today,
            Topic::ByTomorrow => self.open_from(in_days(1)?),
            Topic::ByDayAfter => self.open_from(in_days(2)?),
            Topic::ByWeekday => {
                let ahead = (7 + said.weekday? - today.weekday().num_days_from_monday()) % 7;
                in_days(ahead)?
            }
            Topic::ByDate => date(said.date?, today)?,
            Topic::ByNextWeek => sunday() + Count::new(7),
            Topic::ByThisWeek => sunday(),
            _ => return None,
        };
        self.end_of(day)
    }

    /// The last second of a local day.
    fn end_of(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let next = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
        // Where midnight is skipped or repeated, an hour later serves as well.
        let midnight = self.zone.from_local_datetime(&next).latest();
        let midnight = midnight.or_else(|| self.zone.from_local_datetime(&(next + TimeDelta::hours(1))).latest())?;
        Some(midnight.to_utc() - TimeDelta::seconds(1))
    }

    fn is_open(&self, day: NaiveDate) -> bool {
        self.open.as_ref().is_none_or(|window| !window.open_on(day).is_empty())
    }

    /// That day, or the first open one after it.
    fn open_from(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().take(SEARCH_DAYS).find(|day| self.is_open(*day)).unwrap_or(day)
    }

    fn nth_open_after(&self, day: NaiveDate, n: u32) -> Option<NaiveDate> {
        let number = usize::try_from(n).ok()?.checked_sub(1)?;
        day.iter_days().skip(1).take(SEARCH_DAYS * 7).filter(|day| self.is_open(*day)).nth(number)
    }

    /// The moment by which it has been open for so many hours.
    fn after_open_hours(&self, hours: u32, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let window = self.open.as_ref()?;
        let wanted = u64::from(hours) * 3_600;
        let after = |minutes: i64| from + TimeDelta::minutes(minutes);
        let last = i64::try_from(SEARCH_DAYS).ok()? * 24 * 60;
        let (mut before, mut enough) = (0, last);
        if window.open_seconds_between(from, after(last)) < wanted {
            return None;
        }
        while enough - before > 1 {
            let middle = before + (enough - before) / 2;
            if window.open_seconds_between(from, after(middle)) < wanted { before = middle } else { enough = middle }
        }
        Some(after(enough))
    }
}

/// A date without a year is the next of that name.
fn date((day, month, year): (u32, u32, Option<i32>), today: NaiveDate) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day).filter(|date| *date >= today);
    }
    let this_year = NaiveDate::from_ymd_opt(today.year(), month, day).filter(|date| *date >= today);
    this_year.or_else(|| NaiveDate::from_ymd_opt(today.year() + 1, month, day))
}
