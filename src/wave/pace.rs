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
    pub(super) fn new(plan: &Plan, state: &WaveState) -> Self {
        let mut pace =
            Self { limits: plan.study.design.pacing, total: None, channel: HashMap::new(), host: HashMap::new() };
        for (planned, inquiry) in plan.inquiries.iter().zip(&state.inquiries) {
            for attempt in inquiry.messages.iter().flat_map(|m| &m.attempts) {
                pace.note(planned, attempt.at);
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
