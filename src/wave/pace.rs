//! How soon the next message may leave: least distances in total, by channel, by host and by company.
//! What was sent before a restart counts: it is read from the journal's state.

use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, InquiryId};
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::state::WaveState;
use crate::model::study::Pacing;
use crate::model::time::Span;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};

/// The part of the washout that must be kept: where one inquiry was sent some hours late, the next need not leave its
/// own hour for it.
const WASHOUT_LEAST: (i32, i32) = (6, 7);

/// When messages last left.
#[derive(Debug)]
pub(super) struct Pace {
    limits: Pacing,
    total: Option<DateTime<Utc>>,
    channel: HashMap<Channel, DateTime<Utc>>,
    host: HashMap<String, DateTime<Utc>>,
    /// Least distance between two inquiries to one company. The plan keeps it; what became overdue could break it.
    washout: Span,
    company: HashMap<CompanyId, BTreeMap<InquiryId, DateTime<Utc>>>,
}

impl Pace {
    pub(super) fn new(plan: &Plan, state: &WaveState, now: DateTime<Utc>) -> Self {
        let mut pace = Self {
            limits: plan.study.design.pacing,
            total: None,
            channel: HashMap::new(),
            host: HashMap::new(),
            washout: plan.study.design.washout,
            company: HashMap::new(),
        };
        for (planned, inquiry) in plan.inquiries.iter().zip(&state.inquiries) {
            for (message, state) in (0..).zip(&inquiry.messages) {
                // A moment still to come was written by a clock that has been set back: now is as late
                // as it can have been.
                state.attempts.iter().for_each(|attempt| pace.note(planned, message, attempt.at.min(now)));
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

    /// From when on the inquiry's first message may leave, for all that its company was asked on other channels: days,
    /// where the other distances are minutes.
    pub(super) fn company_is_rested(
        &self,
        plan: &Plan,
        state: &WaveState,
        planned: &PlannedInquiry,
    ) -> Option<DateTime<Utc>> {
        let others = state.of_company(&planned.company).iter().map(|i| (&plan.inquiries[*i], &state.inquiries[*i]));
        let by_hand = others
            .filter(|(other, _)| other.id != planned.id)
            .filter_map(|(_, inquiry)| Some(inquiry.messages.first()?.sent_by_person?.at));
        let by_us = self.company.get(&planned.company).into_iter().flatten();
        let by_us = by_us.filter(|(inquiry, _)| **inquiry != planned.id).map(|(_, at)| *at);
        by_hand.chain(by_us).max().map(|at| at + self.washout.delta() * WASHOUT_LEAST.0 / WASHOUT_LEAST.1)
    }

    /// A message leaves now: 0 is the inquiry's first.
    pub(super) fn note(&mut self, planned: &PlannedInquiry, message: u32, at: DateTime<Utc>) {
        self.total = self.total.max(Some(at));
        let channel = self.channel.entry(planned.channel).or_insert(at);
        *channel = at.max(*channel);
        if let Some(host) = host_of(planned) {
            let host = self.host.entry(host).or_insert(at);
            *host = at.max(*host);
        }
        if message == 0 {
            let company = self.company.entry(planned.company.clone()).or_default();
            let inquiry = company.entry(planned.id.clone()).or_insert(at);
            *inquiry = at.max(*inquiry);
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
    use crate::model::event::Act;
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
        pace.note(&plan.inquiries[1], 0, start());
        assert_eq!(earliest(&pace), ["1m", "2h", "2h", "1m"].map(|span| Some(after(span))));
    }

    #[test]
    fn a_message_that_is_noted_late_moves_nothing_back() {
        let plan = plan(&[Email, WebForm, WebForm, Mastodon], limits);
        let mut pace = Pace::new(&plan, &WaveState::new(&plan), start());
        pace.note(&plan.inquiries[0], 0, after("1h"));
        pace.note(&plan.inquiries[0], 0, start());
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

    #[test]
    fn a_company_rests_between_two_inquiries_whoever_sent_the_first_and_whenever() {
        let mut story = Story::of(plan(&[Email, WebForm, Email], |plan| {
            plan.study.design.washout = "14d".parse().unwrap();
            plan.inquiries[1].company = plan.inquiries[0].company.clone();
        }));
        let rested = |story: &Story| {
            let pace = Pace::new(&story.plan, &story.state, after("30d"));
            [0, 1, 2].map(|i| pace.company_is_rested(&story.plan, &story.state, &story.plan.inquiries[i]))
        };
        assert_eq!(rested(&story), [None; 3]);
        story.sent(0, start());
        story.sent(1, after("3d"));
        assert_eq!(rested(&story), [None, Some(after("12d")), None], "its reminder counts for nothing");

        let mut story = Story::of(story.plan);
        story.acts(0, Act::Sent, after("1d"));
        assert_eq!(rested(&story), [None, Some(after("13d")), None], "nor does it matter who sent it");
    }
}
