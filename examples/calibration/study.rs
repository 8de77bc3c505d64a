//! Which studies are simulated, and what is true of them?

use chrono::{DateTime, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use risposta::model::observation::{Observation, UndeliveredReason};
use risposta::score::table::{Row, Table};

pub(crate) const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;
/// Where the restricted mean ends.
const RESTRICTED: f64 = 168.0 * HOUR;
/// Mean time to a reply, where there is one.
const MEAN_WAIT: f64 = 36.0 * HOUR;
const WINDOW: u32 = 30 * 86_400;
/// Three channels: a and b, which may differ, and c, which is as a.
pub(crate) const CHANNELS: [&str; 3] = ["a", "b", "c"];

/// A kind of study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) companies: u32,
    /// How often each company is asked on each channel.
    pub(crate) times: u32,
    /// A company's chance to reply has the law Beta(a, b), in whole numbers.
    pub(crate) replies: (usize, usize),
    /// Share of companies whose chance on a channel is one of its own: their repeats are alike.
    pub(crate) own_channels: f64,
    /// What the chance on channel b is multiplied with.
    pub(crate) factor: f64,
    pub(crate) bounced: f64,
    /// Whether windows are still open: they end at any time from 2 to 30 days.
    pub(crate) open: bool,
}

const FEW: Scenario = Scenario {
    name: "30 companies, asked once",
    companies: 30,
    times: 1,
    replies: (2, 2),
    own_channels: 0.5,
    factor: 1.0,
    bounced: 0.05,
    open: false,
};

pub(crate) const SCENARIOS: [Scenario; 6] = [
    FEW,
    Scenario { name: "200 companies, asked once", companies: 200, ..FEW },
    Scenario { name: "200 companies, asked once, windows still open", companies: 200, open: true, ..FEW },
    Scenario { name: "60 companies, asked six times", companies: 60, times: 6, ..FEW },
    Scenario { name: "100 companies that rarely reply (5 %)", companies: 100, replies: (1, 19), ..FEW },
    Scenario { name: "200 companies, channel b at six tenths of a and c", companies: 200, factor: 0.6, ..FEW },
];

/// A study, with what is true of it.
pub(crate) struct Simulated {
    pub(crate) scenario: Scenario,
    pub(crate) table: Table,
    /// By company, its true share of replies within a week, over all channels.
    pub(crate) shares: Vec<f64>,
}

impl Scenario {
    /// Study number `number` of those that start with `seed`.
    pub(crate) fn simulate(self, seed: u64, number: u32) -> Simulated {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(u64::from(number));
        let mut simulated = Simulated { scenario: self, table: Table::default(), shares: Vec::new() };
        for company in 0..self.companies {
            simulated.ask(company, &mut chance);
        }
        simulated
    }

    /// A chance to reply; the a-th smallest of a + b - 1 uniform numbers has the law Beta(a, b).
    fn chance_to_reply(self, chance: &mut ChaCha8Rng) -> f64 {
        let (a, b) = self.replies;
        let mut drawn: Vec<f64> = (0..a + b - 1).map(|_| unit(chance)).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        drawn[a - 1]
    }

    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    fn mean_chance(self) -> f64 {
        self.replies.0 as f64 / (self.replies.0 + self.replies.1) as f64
    }
}

impl Simulated {
    fn ask(&mut self, company: u32, chance: &mut ChaCha8Rng) {
        let scenario = self.scenario;
        let (common, own) = (scenario.chance_to_reply(chance), unit(chance) < scenario.own_channels);
        let mut share = 0.0;
        for (channel, name) in CHANNELS.into_iter().enumerate() {
            let factor = if channel == 1 { scenario.factor } else { 1.0 };
            let replies = factor * if own { scenario.chance_to_reply(chance) } else { common };
            share += replies * replied_by(RESTRICTED) / 3.0;
            for repetition in 1..=scenario.times {
                let observation = scenario.observe(replies, chance);
                self.push(company, name, repetition, observation);
            }
        }
        self.shares.push(share);
    }

    fn push(&mut self, company: u32, channel: &str, repetition: u32, observation: Observation) {
        let names = self.table.names_mut();
        let company = format!("c{company}");
        let row = Row {
            company: names.companies.intern(&company),
            cluster: names.clusters.intern(&company),
            industry: None,
            channel: names.channels.intern(channel),
            question: names.questions.intern("q"),
            repetition,
            position: 0,
            uncoded_replies: 0,
            adequacy: None,
            asked_at: Some(DateTime::<Utc>::UNIX_EPOCH),
            observation,
            acknowledged_after: None,
            adequate_after: None,
            reminded_after: None,
        };
        self.table.push_row(row);
    }

    /// True share of channel a that replies within that many seconds.
    pub(crate) fn share_within(&self, seconds: f64) -> f64 {
        self.scenario.mean_chance() * replied_by(seconds)
    }

    /// True median of the time to a reply on channel a, in hours.
    pub(crate) fn median(&self) -> f64 {
        let left = 1.0 - 0.5 / self.scenario.mean_chance();
        if left > 0.0 { -MEAN_WAIT * left.ln() / HOUR } else { f64::INFINITY }
    }

    /// True mean on channel a, restricted to 168 hours, in hours.
    pub(crate) fn restricted_mean(&self) -> f64 {
        // The integral of 1 - p (1 - exp(-t / m)).
        let waited = RESTRICTED - MEAN_WAIT * replied_by(RESTRICTED);
        (RESTRICTED - self.scenario.mean_chance() * waited) / HOUR
    }

    /// The same, a minus b.
    pub(crate) fn restricted_mean_difference(&self) -> f64 {
        let waited = RESTRICTED - MEAN_WAIT * replied_by(RESTRICTED);
        -self.scenario.mean_chance() * (1.0 - self.scenario.factor) * waited / HOUR
    }

    /// True share within a week, a minus b.
    pub(crate) fn difference(&self) -> f64 {
        self.share_within(RESTRICTED) * (1.0 - self.scenario.factor)
    }
}

impl Scenario {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a month")]
    fn observe(self, replies: f64, chance: &mut ChaCha8Rng) -> Observation {
        let bounces = unit(chance) < self.bounced;
        let notice = (unit(chance) * 4.0 * HOUR) as u32;
        let watched = 2.0 * DAY + unit(chance) * 28.0 * DAY;
        let latency = if unit(chance) < replies { -MEAN_WAIT * (1.0 - unit(chance)).ln() } else { f64::INFINITY };
        let observed_for = if self.open { watched as u32 } else { WINDOW };
        if bounces {
            Observation::Undelivered { reason: UndeliveredReason::Bounced, after: notice }
        } else if latency.ceil() <= f64::from(observed_for) {
            Observation::Answered { latency: latency.ceil() as u32, after_reminder: false, observed_for }
        } else if observed_for < WINDOW {
            Observation::Censored { observed_for }
        } else {
            Observation::Silent { window: WINDOW }
        }
    }
}

/// Share of replies that have come after that many seconds.
fn replied_by(seconds: f64) -> f64 {
    1.0 - (-seconds / MEAN_WAIT).exp()
}

#[allow(clippy::cast_precision_loss, reason = "53 bits")]
fn unit(chance: &mut ChaCha8Rng) -> f64 {
    (chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
