//! What the kills came to, on one line.

use std::collections::BTreeMap;
use std::fmt;

/// Counts of one wave or of all.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Kills at each step by its name.
    pub(crate) at_steps: BTreeMap<String, usize>,
    /// Kills by a server, in the middle of a request.
    pub(crate) in_requests: usize,
    /// Kills at no step in particular.
    pub(crate) at_any_moment: usize,
    pub(crate) inquiries: usize,
    pub(crate) arrivals: usize,
    /// Inquiries with an attempt that was open at a kill.
    pub(crate) open_at_a_kill: usize,
    /// Of these, what had arrived.
    pub(crate) open_and_arrived: usize,
    /// Replies that were delivered, copies left out, and copies.
    pub(crate) replies: usize,
    pub(crate) copies: usize,
    /// Inquiries that the score says were replied to.
    pub(crate) replied: usize,
}

impl Figures {
    pub(crate) fn kills(&self) -> usize {
        self.at_steps.values().sum::<usize>() + self.in_requests + self.at_any_moment
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (step, times) in other.at_steps {
            *self.at_steps.entry(step).or_default() += times;
        }
        self.in_requests += other.in_requests;
        self.at_any_moment += other.at_any_moment;
        self.inquiries += other.inquiries;
        self.arrivals += other.arrivals;
        self.open_at_a_kill += other.open_at_a_kill;
        self.open_and_arrived += other.open_and_arrived;
        self.replies += other.replies;
        self.copies += other.copies;
        self.replied += other.replied;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: usize = self.at_steps.values().sum();
        write!(
            f,
            "{} kills ({steps} at {} steps, each at least {} time(s), {} in a request, {} at any moment), \
             {} inquiries, {} arrivals, 0 twice, {} open at a kill ({} of them arrived), \
             {} replies and {} copies delivered, 0 lost, 0 counted twice, {} inquiries replied to",
            self.kills(),
            self.at_steps.len(),
            self.at_steps.values().min().copied().unwrap_or(0),
            self.in_requests,
            self.at_any_moment,
            self.inquiries,
            self.arrivals,
            self.open_at_a_kill,
            self.open_and_arrived,
            self.replies,
            self.copies,
            self.replied,
        )
    }
}
