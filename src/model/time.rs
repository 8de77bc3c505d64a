//! Spans of time, and moments that know who said them.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A length of time in whole seconds, written `90s`, `15m`, `2h`, `28d` or `4w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Span {
    seconds: u32,
}

impl Span {
    /// The longest: ten years. Longer ones are mistakes of typing.
    pub const MAX: Self = Self::from_days(10 * 366);

    /// A span of that many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u32) -> Self {
        Self { seconds }
    }

    /// A span of that many days.
    #[must_use]
    pub const fn from_days(days: u16) -> Self {
        Self { seconds: days as u32 * 86_400 }
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.seconds
    }

    /// Its length in hours.
    #[must_use]
    pub fn as_hours(self) -> f64 {
        f64::from(self.seconds) / 3600.0
    }

    /// As chrono's difference, for arithmetic with moments.
    #[must_use]
    pub fn delta(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.seconds))
    }
}

/// The largest unit that divides it: `28d`, not `672h`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.seconds;
        let text = match s {
            0 => "0s".to_owned(),
            _ if s.is_multiple_of(86_400) => format!("{}d", s / 86_400),
            _ if s.is_multiple_of(3_600) => format!("{}h", s / 3_600),
            _ if s.is_multiple_of(60) => format!("{}m", s / 60),
            _ => format!("{s}s"),
        };
        f.pad(&text)
    }
}

/// Why a text is no span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// It says no length of time.
    #[error("`{0}` is no length of time: write a whole number and a unit, such as `90s`, `15m`, `2h`, `28d` or `4w`")]
    Unreadable(String),
    /// It is longer than any that is meant.
    #[error("`{0}` is longer than {max}, the longest that is taken", max = Span::MAX)]
    TooLong(String),
}

impl FromStr for Span {
    type Err = SpanError;
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError::Unreadable(text.to_owned());
        let text_trimmed = text.trim();
        let unit_at = text_trimmed.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0).ok_or_else(wrong)?;
        let (number, unit) = text_trimmed.split_at(unit_at);
        let unit_seconds: u32 = match unit.trim() {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => return Err(wrong()),
        };
        // Digits alone are no number only where there are too many of them.
        let seconds = number.parse().ok().and_then(|number: u32| number.checked_mul(unit_seconds));
        let span = seconds.map(Self::from_secs).filter(|span| *span <= Self::MAX);
        span.ok_or_else(|| SpanError::TooLong(text.to_owned()))
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;
    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

/// Who said what time it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// The server that received it for us (IMAP `INTERNALDATE`, an API's `created_at`).
    Server,
    /// The sender's own claim (the `Date` header).
    SenderClaimed,
    /// When we first saw it.
    Observed,
    /// A person told us.
    Human,
}

/// A moment, who said it, and how far off it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Who said it.
    pub provenance: Provenance,
    /// Largest error either way, in seconds.
    pub error_seconds: u32,
}

impl Stamp {
    /// A server's clock, good to its one second.
    #[must_use]
    pub const fn server(at: DateTime<Utc>) -> Self {
        Self { at, provenance: Provenance::Server, error_seconds: 1 }
    }

    /// Our own clock, at the moment we saw it.
    #[must_use]
    pub const fn observed(at: DateTime<Utc>, error_seconds: u32) -> Self {
        Self { at, provenance: Provenance::Observed, error_seconds }
    }

    /// What a person told us, good to the minute.
    #[must_use]
    pub const fn human(at: DateTime<Utc>) -> Self {
        Self { at, provenance: Provenance::Human, error_seconds: 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_back_as_written() {
        for (text, seconds, shown) in [
            ("28d", 2_419_200, "28d"),
            ("48h", 172_800, "2d"),
            ("2h", 7_200, "2h"),
            ("15 min", 900, "15m"),
            ("4w", 2_419_200, "28d"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.as_secs(), span.to_string().as_str()), (seconds, shown));
        }
    }

    #[test]
    fn nonsense_is_no_span() {
        for bad in ["", "7", "d", "-1d", "1.5h", "7 days", "99999999999999999999d", "4000d4"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }
}
