//! Would Facebook have called a page "very responsive to messages"?
//!
//! The rule was read in two ways, and one of them once was stricter: a page must answer 90 % of its
//! messages, and either half of its answers come within 15 minutes, or 90 % of messages get theirs
//! within 15 minutes (5 in 2015). The rule is Facebook's, not ours: its median leaves out whoever got
//! no answer, so that a page that answers little and quickly looks quick.

use super::proportion::Proportion;
use serde::{Deserialize, Serialize};

const QUARTER_OF_AN_HOUR: u32 = 15 * 60;
const FIVE_MINUTES: u32 = 5 * 60;

/// A way to read the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// At least 90 % answered, and half of the answers within 15 minutes.
    MostAnsweredMedian15Minutes,
    /// At least 90 % answered within 15 minutes.
    MostWithin15Minutes,
    /// At least 90 % answered within 5 minutes: the rule of 2015.
    MostWithin5Minutes,
}

impl Rule {
    /// Every reading, the mildest first.
    pub const ALL: [Self; 3] = [Self::MostAnsweredMedian15Minutes, Self::MostWithin15Minutes, Self::MostWithin5Minutes];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MostAnsweredMedian15Minutes => "most_answered_median_15_minutes",
            Self::MostWithin15Minutes => "most_within_15_minutes",
            Self::MostWithin5Minutes => "most_within_5_minutes",
        }
    }

    /// Seconds that it allows: for the median, or for each answer.
    #[must_use]
    pub const fn limit(self) -> u32 {
        match self {
            Self::MostAnsweredMedian15Minutes | Self::MostWithin15Minutes => QUARTER_OF_AN_HOUR,
            Self::MostWithin5Minutes => FIVE_MINUTES,
        }
    }

    /// Whether it looks at the median.
    #[must_use]
    pub const fn asks_for_median(self) -> bool {
        matches!(self, Self::MostAnsweredMedian15Minutes)
    }

    /// Whether a page holds the badge that answered so many in the way this reading asks for, with that
    /// median where it asks for one.
    #[must_use]
    pub fn is_met(self, answered: Proportion, median_seconds: Option<u32>) -> bool {
        // In whole numbers, so that nine of ten are 90 %.
        let most = answered.of() > 0 && u64::from(answered.successes()) * 10 >= u64::from(answered.of()) * 9;
        most && (!self.asks_for_median() || median_seconds.is_some_and(|median| median <= self.limit()))
    }
}

/// The middle one of some answers' times; of two in the middle the mean, in whole seconds, rounded up.
/// `None` of nothing.
#[must_use]
pub fn median(mut seconds: Vec<u32>) -> Option<u32> {
    seconds.sort_unstable();
    let upper = *seconds.get(seconds.len() / 2)?;
    let lower = if seconds.len().is_multiple_of(2) { seconds[seconds.len() / 2 - 1] } else { upper };
    Some(lower + (upper - lower).div_ceil(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_are_enough_and_a_slow_half_is_not() {
        let by_median =
            |successes, median| Rule::MostAnsweredMedian15Minutes.is_met(Proportion::new(successes, 10), Some(median));
        assert_eq!((by_median(9, 900), by_median(9, 901), by_median(8, 1)), (true, false, false));
        assert!(Rule::MostWithin5Minutes.is_met(Proportion::new(9, 10), None));
        assert!(Rule::ALL.iter().all(|rule| !rule.is_met(Proportion::new(0, 0), Some(1))), "of nothing there is none");
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_and_is_never_told_too_short() {
        assert_eq!([median(vec![]), median(vec![7, 1, 2]), median(vec![900, 901])], [None, Some(2), Some(901)]);
    }
}
