//! How long until it happens, when some were not watched to the end?
//!
//! Whoever is censored at the moment of an event was still at risk at it.

pub mod clustered;
pub mod competing;
pub mod kaplan_meier;
pub mod log_rank;

pub use competing::{AalenJohansen, Competing};
pub use kaplan_meier::{KaplanMeier, MedianLimits, RestrictedMean};
pub use log_rank::{LogRank, LogRankRow, LogRankSample};

use serde::{Deserialize, Serialize};

/// How one was followed, in seconds. There is no way to leave the censoring out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It happened then.
    UntilEvent(u32),
    /// It had not happened by then, and nobody looked further.
    UntilCensored(u32),
}

/// A time that a curve reaches, or not. Written in hours, or as `not_reached`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "HoursOrWord", try_from = "HoursOrWord")]
pub enum Reached {
    /// After that many seconds.
    At(u32),
    /// Not while anybody was watched.
    NotReached,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum HoursOrWord {
    Hours(f64),
    Word(String),
}

const NOT_REACHED: &str = "not_reached";

impl From<Reached> for HoursOrWord {
    fn from(reached: Reached) -> Self {
        match reached {
            Reached::At(seconds) => Self::Hours(super::interval::fixed(f64::from(seconds) / 3600.0)),
            Reached::NotReached => Self::Word(NOT_REACHED.to_owned()),
        }
    }
}

impl TryFrom<HoursOrWord> for Reached {
    type Error = String;
    fn try_from(written: HoursOrWord) -> Result<Self, String> {
        match written {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
            HoursOrWord::Hours(hours) if (0.0..=f64::from(u32::MAX) / 3600.0).contains(&hours) => {
                Ok(Self::At((hours * 3600.0).round() as u32))
            }
            HoursOrWord::Word(word) if word == NOT_REACHED => Ok(Self::NotReached),
            HoursOrWord::Hours(hours) => Err(format!("{hours} hours is no time to wait")),
            HoursOrWord::Word(word) => Err(format!("`{word}` is neither hours nor `{NOT_REACHED}`")),
        }
    }
}
