//! How long was a place open between many pairs of moments? Its openings are worked out once.

use super::{SendWindow, Stretch};
use chrono::{DateTime, Utc};

/// The openings of a place between two moments, with the time open before each: a question costs
/// two binary searches, where [`SendWindow::open_seconds_between`] goes through every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenClock {
    /// Each opening, ascending, with the seconds open before it.
    openings: Vec<(Stretch, i64)>,
}

impl OpenClock {
    /// The openings between `from` and `to`; outside of them the clock stands still.
    #[must_use]
    pub fn new(window: &SendWindow, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        let mut before = 0;
        let counted = |stretch: Stretch| {
            let opening = (stretch, before);
            before += (stretch.1 - stretch.0).num_seconds();
            opening
        };
        Self { openings: window.stretches(from, to).map(counted).collect() }
    }

    /// Seconds between two moments in which it is open; 0 where `to` is not after `from`.
    #[must_use]
    pub fn open_seconds_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
        u32::try_from(self.at(to) - self.at(from)).unwrap_or(0)
    }

    /// Seconds open up to a moment.
    fn at(&self, moment: DateTime<Utc>) -> i64 {
        let begun = self.openings.partition_point(|((from, _), _)| *from <= moment);
        self.openings[..begun].last().map_or(0, |((from, to), before)| before + (moment.min(*to) - *from).num_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_counts_as_the_window_does(start in 0i64..400 * 86_400, length in -86_400i64..60 * 86_400) {
            let window = SendWindow::new("Mo-Fr 09:00-12:30,14:00-18:00; Sa 22:00-02:00; PH off", chrono_tz::Europe::Rome, Some("IT")).unwrap();
            let begin: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
            let from = begin + TimeDelta::seconds(start);
            let to = from + TimeDelta::seconds(length);
            let clock = OpenClock::new(&window, begin - TimeDelta::days(2), begin + TimeDelta::days(470));
            prop_assert_eq!(u64::from(clock.open_seconds_between(from, to)), window.open_seconds_between(from, to));
        }
    }
}
