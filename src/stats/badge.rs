//! Would Facebook have called a page "very responsive"?
//!
//! The rule changed, and is read in two ways: a page must answer 90 % of messages of seven days,
//! and either half of its replies come within 15 minutes, or 90 % of messages get theirs within
//! 15 minutes (5 in 2015).

use super::bootstrap::quantile;
use super::proportion::Proportion;
use serde::{Deserialize, Serialize};

/// Seconds of seven days, within which a reply counts.
pub const BADGE_DAYS_SECONDS: u32 = 7 * 86_400;

const FIFTEEN_MINUTES: u32 = 15 * 60;
const FIVE_MINUTES: u32 = 5 * 60;

/// How a page's replies stand against the rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Badge {
    /// Messages replied to within seven days.
    pub replied: Proportion,
    /// Median time of those replies, in seconds; `None` without replies. It is of responders only,
    /// as Facebook's rule has it: a page that answers little and quickly looks quick.
    pub median_seconds: Option<f64>,
    /// 90 % replied to, and the median reply within 15 minutes.
    pub by_median: bool,
    /// 90 % replied to within 15 minutes.
    pub by_all_in_15_minutes: bool,
    /// 90 % replied to within 5 minutes: the rule of 2015.
    pub by_all_in_5_minutes: bool,
}

impl Badge {
    /// Judges messages that could be answered for seven days, each with the seconds to its reply.
    /// `None` without messages.
    pub fn judge(messages: impl IntoIterator<Item = Option<u32>>) -> Option<Self> {
        let mut of = 0_u32;
        let mut seconds: Vec<u32> = Vec::new();
        for message in messages {
            of += 1;
            seconds.extend(message.filter(|after| *after <= BADGE_DAYS_SECONDS));
        }
        seconds.sort_unstable();
        let within = |limit: u32| {
            let count = seconds.partition_point(|after| *after <= limit);
            Proportion::new(u32::try_from(count).unwrap_or(u32::MAX), of)
        };
        // In whole numbers, so that nine of ten are 90 %.
        let enough = |p: Proportion| u64::from(p.successes()) * 10 >= u64::from(p.of()) * 9;
        let replied = within(BADGE_DAYS_SECONDS);
        let sorted: Vec<f64> = seconds.iter().copied().map(f64::from).collect();
        let median_seconds = quantile(&sorted, 0.5);
        (of > 0).then(|| Self {
            replied,
            median_seconds,
            by_median: enough(replied) && median_seconds.is_some_and(|median| median <= f64::from(FIFTEEN_MINUTES)),
            by_all_in_15_minutes: enough(within(FIFTEEN_MINUTES)),
            by_all_in_5_minutes: enough(within(FIVE_MINUTES)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_in_a_quarter_of_an_hour() {
        let messages = [vec![Some(900); 9], vec![None]].concat();
        let badge = Badge::judge(messages).unwrap();
        assert!(badge.by_median && badge.by_all_in_15_minutes && !badge.by_all_in_5_minutes);
        let slower = [vec![Some(60); 5], vec![Some(5_000); 4], vec![None]].concat();
        let badge = Badge::judge(slower).unwrap();
        assert!(badge.by_median && !badge.by_all_in_15_minutes, "half are quick, the readings differ");
    }

    #[test]
    fn a_page_that_answers_few_loses_it_however_quick() {
        let badge = Badge::judge([Some(1), None]).unwrap();
        assert!(!badge.by_median);
        assert_eq!(Badge::judge([]), None);
        assert!(!Badge::judge([None]).unwrap().by_median);
    }
}
