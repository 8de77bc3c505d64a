//! When it is open: send windows and opening hours in a company's own time.
//!
//! Moments are counted as they are lived: an hour that the clock change skips is never open, an
//! hour that it repeats is open twice.

mod clock;
pub mod zones;

pub use clock::OpenClock;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use opening_hours::localization::Country;
use opening_hours::{Context, OpeningHours, RuleKind};

/// How far ahead the next opening is looked for, in days: a year, and a month more.
pub const SEARCH_DAYS: i64 = 400;

const DAY: TimeDelta = TimeDelta::days(1);

/// Opening hours (OpenStreetMap syntax) at a place: when a message may leave, or when a company
/// is open. What the expression calls "unknown" counts as closed.
#[derive(Debug, Clone)]
pub struct SendWindow {
    hours: OpeningHours,
    zone: Tz,
    names_holidays: bool,
    knows_holidays: bool,
}

/// A half-open stretch of time, `start..end`.
type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// Why hours cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The expression is not in OpenStreetMap's syntax.
    #[error("`{text}` is no opening-hours expression (like `Mo-Fr 09:00-17:00; PH off`): {why}")]
    Expression {
        /// What was given.
        text: String,
        /// What the parser says.
        why: String,
    },
    /// Not a country's code.
    #[error("`{0}` is no country: give its ISO 3166-1 code of two letters, like `IT`")]
    Country(String),
}

impl SendWindow {
    /// The hours `hours_expr` in time zone `zone`, with the public holidays of `country`
    /// (ISO 3166-1 alpha-2, any case) for `PH`. Without a country, holidays are those of the
    /// country that the zone is in ([`zones::country_of`]). Some countries' holidays are not known:
    /// see [`Self::knows_holidays`].
    ///
    /// # Errors
    /// Where the expression cannot be read, or the country is no code of two letters.
    pub fn new(hours_expr: &str, zone: Tz, country: Option<&str>) -> Result<Self, CalendarError> {
        let hours: OpeningHours = hours_expr
            .parse()
            .map_err(|why| CalendarError::Expression { text: hours_expr.to_owned(), why: format!("{why}") })?;
        if let Some(code) = country.filter(|c| c.len() != 2 || !c.bytes().all(|b| b.is_ascii_alphabetic())) {
            return Err(CalendarError::Country(code.to_owned()));
        }
        let holidays = country
            .or_else(|| zones::country_of(zone))
            .and_then(|code| code.to_ascii_uppercase().parse::<Country>().ok())
            .map(Country::holidays);
        let knows_holidays = holidays.is_some();
        let names_holidays = hours_expr.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "PH");
        let context = Context::default().with_holidays(holidays.unwrap_or_default());
        Ok(Self { hours: hours.with_context(context), zone, names_holidays, knows_holidays })
    }

    /// The time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Whether it is open at that moment.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let local = at.with_timezone(&self.zone).naive_local();
        self.open_on(local.date()).iter().any(|(from, to)| (*from..*to).contains(&local))
    }

    /// The first moment from `at` on at which it is open; `at` itself where it is open then,
    /// `None` where it stays closed for [`SEARCH_DAYS`].
    #[must_use]
    pub fn next_open(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.stretches(at, horizon(at)).next().map(|(from, _)| from)
    }

    /// When the opening that holds at `at` ends. `None` where it is closed at `at`, and where it
    /// stays open for [`SEARCH_DAYS`].
    #[must_use]
    pub fn closes_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let horizon = horizon(at);
        let mut open_until = at;
        for (from, to) in self.stretches(at, horizon) {
            if from > open_until {
                break;
            }
            open_until = to;
        }
        (open_until > at && open_until < horizon).then_some(open_until)
    }

    /// Seconds between two moments in which it is open; 0 where `to` is not after `from`.
    #[must_use]
    pub fn open_seconds_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
        let seconds: i64 = self.stretches(from, to).map(|(a, b)| (b - a).num_seconds()).sum();
        u64::try_from(seconds).unwrap_or(0)
    }

    /// Whether that local date is a public holiday, as far as the country is known.
    #[must_use]
    pub fn is_public_holiday(&self, date: NaiveDate) -> bool {
        self.hours.get_context().holidays.get_public().contains(date)
    }

    /// Whether the expression says what happens on public holidays.
    #[must_use]
    pub fn names_holidays(&self) -> bool {
        self.names_holidays
    }

    /// Whether the public holidays of this place are known; where not, `PH` never matches.
    #[must_use]
    pub fn knows_holidays(&self) -> bool {
        self.knows_holidays
    }

    /// The open stretches of a local date, by the wall clock, ascending.
    pub(crate) fn open_on(&self, date: NaiveDate) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        let midnight = date.and_time(chrono::NaiveTime::MIN);
        let at = |minute: u16| midnight + TimeDelta::minutes(i64::from(minute));
        self.hours
            .schedule_at(date)
            .into_iter()
            .filter(|stretch| stretch.kind == RuleKind::Open)
            .map(|stretch| (at(stretch.range.start.mins_from_midnight()), at(stretch.range.end.mins_from_midnight())))
            .collect()
    }

    /// The open stretches between two moments, ascending; neighbours may touch.
    fn stretches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = Stretch> {
        std::iter::successors(Some(from), |at| at.checked_add_signed(DAY))
            .take_while(move |at| *at < to)
            .flat_map(move |at| self.stretches_of_a_day(at, to.min(at.checked_add_signed(DAY).unwrap_or(to))))
    }

    fn stretches_of_a_day(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stretch> {
        let mut found = Vec::new();
        for (from, to) in self.between_clock_changes(from, to) {
            let offset = self.offset(from);
            let (local_from, local_to) = (from.naive_utc() + offset, to.naive_utc() + offset);
            let dates = local_from.date().iter_days().take_while(|date| *date <= local_to.date());
            for (opens, closes) in dates.flat_map(|date| self.open_on(date)) {
                let (opens, closes) = (opens.max(local_from), closes.min(local_to));
                if opens < closes {
                    found.push(((opens - offset).and_utc(), (closes - offset).and_utc()));
                }
            }
        }
        found
    }

    /// At most a day, cut where the zone changes its clock (at most once a day).
    fn between_clock_changes(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stretch> {
        let before = self.offset(from);
        if before == self.offset(to) {
            return vec![(from, to)];
        }
        let (mut old, mut new) = (from.timestamp(), to.timestamp());
        while new - old > 1 {
            let middle = old + (new - old) / 2;
            let is_old = DateTime::from_timestamp(middle, 0).is_some_and(|at| self.offset(at) == before);
            if is_old { old = middle } else { new = middle }
        }
        match DateTime::from_timestamp(new, 0) {
            Some(change) if change > from && change < to => vec![(from, change), (change, to)],
            _ => vec![(from, to)],
        }
    }

    fn offset(&self, at: DateTime<Utc>) -> TimeDelta {
        let offset = self.zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        TimeDelta::seconds(i64::from(offset.local_minus_utc()))
    }
}

fn horizon(at: DateTime<Utc>) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::days(SEARCH_DAYS)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::{Berlin, Rome};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn office() -> SendWindow {
        SendWindow::new("Mo-Fr 09:00-17:00; PH off", Rome, Some("it")).unwrap()
    }

    #[test]
    fn business_seconds_agree_with_two_independent_counts() {
        let csv = include_str!("../../tests/oracles/extra_business_hours.csv");
        let json: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/oracles/extra_business_hours.json")).unwrap();
        let expected = |id: &str| {
            let records = json["records"].as_array().unwrap();
            let of_id = records.iter().find(|r| r["id"] == format!("business_seconds.{id}")).unwrap();
            of_id["expected"].as_u64().unwrap()
        };
        let mut compared = 0;
        for row in csv::Reader::from_reader(csv.as_bytes()).records() {
            let row = row.unwrap();
            let days: Vec<&str> =
                row[4].bytes().map(|d| ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"][usize::from(d - b'1')]).collect();
            let off = |holiday: &str| holiday.parse::<NaiveDate>().unwrap().format("; %Y %b %d off").to_string();
            let holidays: String = row[7].split(';').map(off).collect();
            let hours = format!("{} {}-{}{holidays}", days.join(","), &row[5], &row[6]);
            let window = SendWindow::new(&hours, row[3].parse().unwrap(), None).unwrap();
            assert_eq!(window.open_seconds_between(at(&row[1]), at(&row[2])), expected(&row[0]), "{}", &row[0]);
            compared += 1;
        }
        assert_eq!(compared, json["records"].as_array().unwrap().len());
    }

    #[test]
    fn an_hour_the_clock_skips_is_never_open_and_a_repeated_one_twice() {
        let night = SendWindow::new("02:00-03:00", Berlin, Some("DE")).unwrap();
        let (spring, autumn) = ("2026-03-29", "2026-10-25");
        let open_on = |date: &str| {
            let from = at(&format!("{date}T00:00:00Z")) - TimeDelta::hours(2);
            night.open_seconds_between(from, from + TimeDelta::hours(24))
        };
        assert_eq!((open_on("2026-03-28"), open_on(spring), open_on(autumn)), (3_600, 0, 7_200));
        assert!(night.is_open(at("2026-10-25T00:30:00Z")) && night.is_open(at("2026-10-25T01:30:00Z")));
        assert_eq!(night.next_open(at("2026-03-29T00:00:00Z")), Some(at("2026-03-30T00:00:00Z")));
    }

    #[test]
    fn opens_again_after_weekend_and_holiday_at_the_same_local_hour() {
        let window = office();
        // Good Friday is none in Italy; Easter Monday, 6 April 2026, is. The clock changed on 29 March.
        assert_eq!(window.next_open(at("2026-04-03T15:00:00Z")), Some(at("2026-04-07T07:00:00Z")));
        assert_eq!(window.next_open(at("2026-03-27T16:00:00Z")), Some(at("2026-03-30T07:00:00Z")));
        assert_eq!(window.next_open(at("2026-03-26T10:11:12Z")), Some(at("2026-03-26T10:11:12Z")));
    }

    #[test]
    fn an_opening_ends_when_it_closes() {
        let window = office();
        assert_eq!(window.closes_after(at("2026-03-26T10:11:12Z")), Some(at("2026-03-26T16:00:00Z")));
        assert_eq!(window.closes_after(at("2026-03-26T16:00:00Z")), None, "closed at its end");
        let across_midnight = SendWindow::new("Mo-Su 22:00-02:00", Rome, None).unwrap();
        assert_eq!(across_midnight.closes_after(at("2026-03-26T21:30:00Z")), Some(at("2026-03-27T01:00:00Z")));
        let always = SendWindow::new("24/7", Rome, None).unwrap();
        assert_eq!(always.closes_after(at("2026-03-26T16:00:00Z")), None);
    }

    #[test]
    fn a_window_that_never_opens_is_found_out() {
        let never = SendWindow::new("2020 Jan 1-5 09:00-17:00", Rome, None).unwrap();
        assert_eq!(never.next_open(at("2026-03-26T16:00:00Z")), None);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let no_hours = SendWindow::new("nine to five", Rome, None);
        assert!(matches!(no_hours, Err(CalendarError::Expression { .. })));
        let no_country = SendWindow::new("24/7", Rome, Some("Italia"));
        assert_eq!(no_country.err(), Some(CalendarError::Country("Italia".into())));
    }
}
