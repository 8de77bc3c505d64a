//! For what time is it known what came in? The coverage of sources, and what it means for an inquiry.

use super::{InquiryState, WaveState};
use crate::model::channel::Delivery as Delivers;
use crate::model::outcome::Payload;
use crate::model::plan::{Plan, PlannedInquiry};
use chrono::{DateTime, TimeDelta, Utc};

/// Minutes for which a source may fail before messages wait for it: a lost connection is none.
const DEAF_MINUTES: i64 = 15;

/// Where a source stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceState {
    /// Its own mark, to go on from.
    pub cursor: Option<String>,
    /// All that arrived before is stored, but for what the gaps have swallowed.
    pub through: Option<DateTime<Utc>>,
    /// Why it could not be read the last time.
    pub failed: Option<Payload>,
    /// Since when it cannot be read.
    pub failing_since: Option<DateTime<Utc>>,
    /// Times in which something may have arrived that can never be read, in order.
    pub gaps: Vec<Gap>,
}

/// A time in which something may have arrived at a source that can never be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Up to here the source was covered.
    pub since: DateTime<Utc>,
    /// From here on it is covered again.
    pub until: DateTime<Utc>,
    /// What was seen of it.
    pub why: Payload,
}

impl SourceState {
    /// The source was read up to `cursor` at `now`; `through` says up to when it is covered, where it was read to its
    /// end.
    pub(super) fn read(&mut self, cursor: &str, through: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        self.cursor = Some(cursor.to_owned());
        // The last word holds, not the latest moment: after a clock was set forward and back, time to come
        // must not count as watched.
        self.through = through.or(self.through.filter(|claimed| *claimed <= now));
        self.failed = None;
        self.failing_since = None;
    }

    /// Whether what comes in could not be heard: it cannot be read, and not just for a moment.
    fn is_deaf(&self, now: DateTime<Utc>) -> bool {
        match (self.failing_since, self.through) {
            (None, _) => false,
            // It has never been read: nobody knows whether it ever will be.
            (Some(_), None) => true,
            (Some(since), Some(_)) => !(since..since + TimeDelta::minutes(DEAF_MINUTES)).contains(&now),
        }
    }

    /// Up to when all is known that came for a question asked at `asked_at`.
    #[must_use]
    pub fn covered_since(&self, asked_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let first_gap =
            self.gaps.iter().filter(|gap| asked_at.is_some_and(|asked| gap.until > asked)).map(|gap| gap.since);
        first_gap.chain(self.through).min()
    }
}

impl WaveState {
    /// Up to when all that could answer an inquiry is known: what its persona's accounts are
    /// covered for without a gap since it was asked and, on a channel that only a person can watch,
    /// that person's last look.
    #[must_use]
    pub fn covered_through(
        &self,
        plan: &Plan,
        planned: &PlannedInquiry,
        inquiry: &InquiryState,
    ) -> Option<DateTime<Utc>> {
        if planned.channel.delivery() == Delivers::Assisted {
            return inquiry.last_look(self);
        }
        self.source_of(plan, planned)?.covered_since(inquiry.asked_at(self))
    }

    /// Up to when everything has been read that can be: what a gap has swallowed is not waited for.
    #[must_use]
    pub fn read_through(&self, plan: &Plan, planned: &PlannedInquiry, inquiry: &InquiryState) -> Option<DateTime<Utc>> {
        if planned.channel.delivery() == Delivers::Assisted {
            return inquiry.last_look(self);
        }
        self.source_of(plan, planned)?.through
    }

    /// Whether an answer to an inquiry could not be heard. Whoever is asked into such a gap may end up censored by it,
    /// so its messages wait.
    #[must_use]
    pub fn is_deaf_to(&self, plan: &Plan, planned: &PlannedInquiry, now: DateTime<Utc>) -> bool {
        self.source_of(plan, planned).is_some_and(|source| source.is_deaf(now))
    }

    /// The source on which an inquiry's replies arrive.
    fn source_of(&self, plan: &Plan, planned: &PlannedInquiry) -> Option<&SourceState> {
        self.sources.get(plan.answers_arrive_at(planned)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-03-02T{hour:02}:00:00Z").parse().unwrap()
    }

    #[test]
    fn time_that_a_clock_set_forward_claimed_is_given_back() {
        let mut source = SourceState::default();
        for (through, expected) in [(Some(9), 9), (Some(33), 33), (None, 33), (Some(10), 10), (Some(11), 11)] {
            let now = at(0) + chrono::TimeDelta::hours(34);
            source.read("c", through.map(|h| at(0) + chrono::TimeDelta::hours(h)), now);
            assert_eq!(source.through, Some(at(0) + chrono::TimeDelta::hours(expected)));
        }
    }

    #[test]
    fn a_source_is_deaf_that_fails_for_a_quarter_of_an_hour_or_was_never_read() {
        let minutes = |n| at(9) + TimeDelta::minutes(n);
        let failing = SourceState { through: Some(at(8)), failing_since: Some(at(9)), ..SourceState::default() };
        assert_eq!([0, 14, 15, 600].map(|n| failing.is_deaf(minutes(n))), [false, false, true, true]);
        assert!(failing.is_deaf(at(8)), "by a clock that was set back nobody knows for how long");
        let never = SourceState { through: None, ..failing.clone() };
        assert!(never.is_deaf(at(9)));
        assert!(!SourceState { failing_since: None, ..failing }.is_deaf(minutes(600)));
        assert!(!SourceState::default().is_deaf(at(9)), "its first look is still to come");
    }

    #[test]
    fn a_gap_ends_the_coverage_of_what_was_asked_before_it_and_of_nothing_else() {
        let gap = |since, until| Gap { since: at(since), until: at(until), why: Payload([7; 32]) };
        let source =
            SourceState { through: Some(at(20)), gaps: vec![gap(8, 9), gap(12, 13)], ..SourceState::default() };
        let covered = |asked| source.covered_since(Some(at(asked)));
        assert_eq!(
            [covered(7), covered(8), covered(9), covered(12), covered(14)],
            [8, 8, 12, 12, 20].map(|h| Some(at(h)))
        );
        assert_eq!(source.covered_since(None), Some(at(20)), "nobody was asked, nobody could answer");
        assert_eq!(SourceState::default().covered_since(Some(at(7))), None);
    }
}
