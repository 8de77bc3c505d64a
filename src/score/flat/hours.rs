//! Ids of time by opening hours: `business_seconds.…`.

use super::Flat;
use super::file::{Kind, Line, Sheet};
use crate::score::csv::{CsvError, Fault};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::io::Read;

/// A span of time at a place with opening hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSpan {
    /// What its row is called.
    pub id: String,
    /// Its start.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// The name of the time zone.
    pub zone: String,
    /// The opening hours, in OpenStreetMap's syntax.
    pub hours: String,
}

/// The seconds in which it was open in each span of a table. `count` counts those of one: what
/// opening hours mean is known elsewhere. It gives `None` for a time zone that it does not know.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn business_hours(
    reader: impl Read,
    name: &str,
    count: impl Fn(&OpenSpan) -> Option<u64>,
) -> Result<Flat, CsvError> {
    let counted = Sheet::read(reader, name, Kind::BusinessHours)?.each(|line| {
        let span = OpenSpan::read(line)?;
        let seconds = count(&span).ok_or_else(|| line.wrong("tz", "time zone, like `Europe/Rome`"))?;
        Ok((span.id, seconds))
    })?;
    let mut flat = Flat::default();
    for (id, seconds) in counted {
        flat.put(format!("business_seconds.{id}"), super::Value::Count(seconds));
    }
    Ok(flat)
}

impl OpenSpan {
    fn read(line: Line<'_>) -> Result<Self, Fault> {
        let time = |column| {
            let read = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
            line.value(column, "time with a zone, like 2026-01-02T09:00:00Z", read)
        };
        let clock = |column| line.value(column, "local time, like 09:00", |text| is_clock(text).then_some(text));
        let days = line.value("iso_weekdays_open", "row of weekdays, 1 for Monday to 7 for Sunday", weekdays)?;
        let holidays = line.value("holidays", "row of dates with `;` between", holidays)?;
        let (open, close) = (clock("open_local")?, clock("close_local")?);
        let hours = if days.is_empty() { "off".to_owned() } else { format!("{days} {open}-{close}{holidays}") };
        Ok(Self {
            id: line.text("id").to_owned(),
            from: time("start_utc")?,
            to: time("end_utc")?,
            zone: line.text("tz").to_owned(),
            hours,
        })
    }
}

fn is_clock(text: &str) -> bool {
    text == "24:00" || NaiveTime::parse_from_str(text, "%H:%M").is_ok()
}

fn weekdays(digits: &str) -> Option<String> {
    const NAMES: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
    let name = |digit: char| NAMES.get(usize::try_from(digit.to_digit(10)?).ok()?.checked_sub(1)?).copied();
    Some(digits.chars().map(name).collect::<Option<Vec<&str>>>()?.join(","))
}

fn holidays(dates: &str) -> Option<String> {
    let off = |date: &str| Some(date.trim().parse::<NaiveDate>().ok()?.format("; %Y %b %d off").to_string());
    dates.split(';').filter(|date| !date.trim().is_empty()).map(off).collect()
}
