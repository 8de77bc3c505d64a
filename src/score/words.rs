//! How are numbers said to a reader? Fixed rendering, the same on every machine.

use super::rate::Rate;
use crate::model::time::Span;
use crate::stats::{Interval, Reached};

/// What is printed for a median that the curve never reaches.
pub const NOT_REACHED: &str = "not reached";

/// A share in whole percents; never 0 or 100 where it is not exactly that.
#[must_use]
pub fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    if rounded <= 0.0 && share > 0.0 {
        "<1%".to_owned()
    } else if rounded >= 100.0 && share < 1.0 {
        ">99%".to_owned()
    } else {
        format!("{rounded:.0}%")
    }
}

/// The ends of an interval of shares within a sentence: `8 to 48`, `0.2 to 0.4`.
#[must_use]
pub fn range(interval: Interval) -> String {
    let (low, high) = (whole_percent(interval.low), whole_percent(interval.high));
    if low == high {
        return format!("{:.1} to {:.1}", interval.low * 100.0, interval.high * 100.0).replace('-', "−");
    }
    format!("{low} to {high}")
}

/// The upper end of an interval in whole percents; never 0 where it is more.
#[must_use]
pub fn upper_percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 { "<1".to_owned() } else { whole_percent(share) }
}

/// A share in whole percents, without the sign.
#[must_use]
pub fn whole_percent(share: f64) -> String {
    // Adding 0.0 makes the -0 of a rounded small negative number an ordinary 0.
    format!("{:.0}", (share * 100.0).round() + 0.0).replace('-', "−")
}

/// A rate within a sentence: `13 of 17 (76%)`.
#[must_use]
pub fn rate(rate: &Rate) -> String {
    let share = rate.share().map(percent).map_or(String::new(), |percent| format!(" ({percent})"));
    format!("{} of {}{share}", rate.numerator, rate.denominator)
}

/// A length of time by its two largest units: `10d 2h`, `5m`, `0s`.
#[must_use]
pub fn duration(seconds: u32) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];
    let Some(first) = units.iter().position(|(size, _)| seconds >= *size) else { return "0s".to_owned() };
    let (size, unit) = units[first];
    let whole = format!("{}{unit}", seconds / size);
    match units.get(first + 1) {
        Some((smaller, unit)) if seconds % size >= *smaller => format!("{whole} {}{unit}", seconds % size / smaller),
        _ => whole,
    }
}

/// A time that a curve reaches, or `not reached`.
#[must_use]
pub fn reached(time: Reached) -> String {
    match time {
        Reached::At(seconds) => duration(seconds),
        Reached::NotReached => NOT_REACHED.to_owned(),
    }
}

/// A threshold within a sentence: `7 days`, `24 hours`.
#[must_use]
pub fn span(span: Span) -> String {
    let seconds = span.as_secs();
    let (size, unit) = match seconds {
        s if s > 86_400 && s.is_multiple_of(86_400) => (86_400, "day"),
        s if s >= 3_600 && s.is_multiple_of(3_600) => (3_600, "hour"),
        s if s >= 60 && s.is_multiple_of(60) => (60, "minute"),
        _ => (1, "second"),
    };
    plural(seconds / size, unit)
}

/// A threshold in a table: `24h`, `7d`. One day is said as hours, as service levels are.
#[must_use]
pub fn threshold(span: Span) -> String {
    if span.as_secs() == 86_400 { "24h".to_owned() } else { span.to_string() }
}

/// A number with its noun: `1 day`, `2 days`, `2 inquiries`.
#[must_use]
pub fn plural(number: u32, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if number == 1 => format!("1 {noun}"),
        Some(stem) if !noun.ends_with("ay") => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// A p value as far as it can be trusted: `0.021`, `< 0.001`.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// The same as a number in a table.
#[must_use]
pub fn p_number(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_by_their_two_largest_units() {
        for (seconds, said) in [
            (0, "0s"),
            (59, "59s"),
            (900, "15m"),
            (5_430, "1h 30m"),
            (864_000, "10d"),
            (871_200, "10d 2h"),
            (864_059, "10d"),
        ] {
            assert_eq!(duration(seconds), said);
        }
    }

    #[test]
    fn few_are_not_none_and_nearly_all_are_not_all() {
        assert_eq!((percent(0.001), percent(0.999)), ("<1%".to_owned(), ">99%".to_owned()));
        assert_eq!(
            (percent(0.0), percent(1.0), percent(0.214)),
            ("0%".to_owned(), "100%".to_owned(), "21%".to_owned())
        );
        assert_eq!(whole_percent(-0.001), "0");
    }
}
