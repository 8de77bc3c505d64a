//! How soon the next message may leave: least distances in total, by channel and by host.
//! What was sent before a restart counts: it is read from the journal's state.

use crate::model::channel::Channel;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::state::WaveState;
use crate::model::study::Pacing;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// When messages last left.
#[derive(Debug)]
pub(super) struct Pace {
    limits: Pacing,
    total: Option<DateTime<Utc>>,
    channel: HashMap<Channel, DateTime<Utc>>,
    host: HashMap<String, DateTime<Utc>>,
}

impl Pace {
    pub(super) fn new(plan: &Plan, state: &WaveState, now: DateTime<Utc>) -> Self {
        let mut pace =
            Self { limits: plan.study.design.pacing, total: None, channel: HashMap::new(), host: HashMap::new() };
        for (planned, inquiry) in plan.inquiries.iter().zip(&state.inquiries) {
            for attempt in inquiry.messages.iter().flat_map(|m| &m.attempts) {
                // A moment still to come was written by a clock that has been set back: now is as late
                // as it can have been.
                pace.note(planned, attempt.at.min(now));
            }
        }
        pace
    }

    /// From when on the inquiry's message may leave.
    pub(super) fn earliest(&self, planned: &PlannedInquiry) -> Option<DateTime<Utc>> {
        let total = self.total.map(|at| at + self.limits.total.delta());
        let channel = self.channel.get(&planned.channel).map(|at| *at + self.limits.channel.delta());
        let host = host_of(planned).and_then(|host| self.host.get(&host)).map(|at| *at + self.limits.host.delta());
        [total, channel, host].into_iter().flatten().max()
    }

    /// A message leaves now.
    pub(super) fn note(&mut self, planned: &PlannedInquiry, at: DateTime<Utc>) {
        self.total = self.total.max(Some(at));
        let channel = self.channel.entry(planned.channel).or_insert(at);
        *channel = at.max(*channel);
        if let Some(host) = host_of(planned) {
            let host = self.host.entry(host).or_insert(at);
            *host = at.max(*host);
        }
    }
}

/// The host that a message burdens, however the study spells it.
fn host_of(planned: &PlannedInquiry) -> Option<String> {
    planned.target.host().map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::{Story, after, plan, start};
    use Channel::{Email, Mastodon, WebForm};

    fn limits(plan: &mut Plan) {
        let [total, channel, host] = ["1m", "10m", "2h"].map(|span| span.parse().unwrap());
        plan.study.design.pacing = Pacing { total, channel, host };
        // The third company's form lies on the second one's host, and its mail too.
        plan.inquiries[2].target = plan.inquiries[1].target.clone();
    }

    #[test]
    fn the_widest_of_the_distances_that_apply_holds() {
        let plan = plan(&[Email, WebForm, WebForm, Mastodon], limits);
        let mut pace = Pace::new(&plan, &WaveState::new(&plan), start());
        let earliest = |pace: &Pace| [0, 1, 2, 3].map(|i| pace.earliest(&plan.inquiries[i]));
        assert_eq!(earliest(&pace), [None; 4]);
        pace.note(&plan.inquiries[1], start());
        assert_eq!(earliest(&pace), ["1m", "2h", "2h", "1m"].map(|span| Some(after(span))));
    }

    #[test]
    fn a_message_that_is_noted_late_moves_nothing_back() {
        let plan = plan(&[Email, WebForm, WebForm, Mastodon], limits);
        let mut pace = Pace::new(&plan, &WaveState::new(&plan), start());
        pace.note(&plan.inquiries[0], after("1h"));
        pace.note(&plan.inquiries[0], start());
        assert_eq!(pace.earliest(&plan.inquiries[0]), Some(after("3h")));
        assert_eq!(pace.earliest(&plan.inquiries[3]), Some(after("1h") + chrono::TimeDelta::minutes(1)));
    }

    #[test]
    fn what_was_sent_before_a_restart_counts() {
        let mut story = Story::of(plan(&[Email, Email, WebForm], limits));
        story.sent(0, start());
        let pace = Pace::new(&story.plan, &story.state, start());
        let earliest = [0, 1, 2].map(|i| pace.earliest(&story.plan.inquiries[i]));
        assert_eq!(earliest, ["2h", "10m", "1m"].map(|span| Some(after(span))));
    }
}
