//! How often do the intervals that `risposta score` prints hold the truth, and how often do its tests raise a false alarm?
//!
//! `cargo run --example coverage [STUDIES] [SEED]` draws studies (2,000 unless told) whose truth is
//! known, works out the numbers of `--format flat`, and counts. A 95 % interval should hold the
//! truth in 95 % of them; a test at the 5 % level should find a difference in at most 5 % of
//! studies without one.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example prints, and stops at the first mistake")]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use risposta::model::observation::{Observation, Observed, UndeliveredReason};
use risposta::score::Table;
use risposta::score::flat::{self, Flat, Value, Wanted};
use risposta::stats::{Confidence, Proportion};
use std::collections::BTreeMap;

const HOUR: f64 = 3600.0;
const WINDOW: f64 = 30.0 * 24.0;

/// A world to draw studies from: the same companies are asked on every channel.
struct World {
    name: &'static str,
    companies: u32,
    questions: u32,
    /// Chance of a reply, by channel.
    replies: &'static [f64],
    /// Mean time of replies, in hours.
    mean_hours: f64,
    bounces: f64,
    /// How far companies differ: 0 for not at all, 1 for all or nothing.
    differ: f64,
    /// How many inquiries are still being watched.
    young: f64,
}

const WORLDS: [World; 4] = [
    World {
        name: "60 companies, asked once on each of three channels that are alike",
        companies: 60,
        questions: 1,
        replies: &[0.7, 0.7, 0.7],
        mean_hours: 30.0,
        bounces: 0.1,
        differ: 0.0,
        young: 0.2,
    },
    World {
        name: "40 companies that differ, asked four times on each of three channels that are alike",
        companies: 40,
        questions: 4,
        replies: &[0.6, 0.6, 0.6],
        mean_hours: 30.0,
        bounces: 0.05,
        differ: 0.3,
        young: 0.1,
    },
    World {
        name: "15 companies, asked once on each of two channels, one of them much better",
        companies: 15,
        questions: 1,
        replies: &[0.85, 0.2],
        mean_hours: 12.0,
        bounces: 0.0,
        differ: 0.0,
        young: 0.0,
    },
    World {
        name: "200 companies that differ, asked twice on each of two channels",
        companies: 200,
        questions: 2,
        replies: &[0.55, 0.35],
        mean_hours: 48.0,
        bounces: 0.1,
        differ: 0.2,
        young: 0.3,
    },
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let studies = arguments.next().map_or(2_000, |n| n.parse().unwrap());
    let seed = arguments.next().map_or(1, |n| n.parse().unwrap());
    for world in &WORLDS {
        let mut counted: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for study in 0..studies {
            let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
            chance.0.set_stream(study);
            let wanted = Wanted { all: true, seed: study, resamples: 400 };
            world.judge(&flat::study(&world.draw(&mut chance), wanted), &mut counted);
        }
        println!("{}, {studies} studies", world.name);
        for (what, (hits, of)) in counted {
            let share = Proportion::new(hits, of).wilson(Confidence::p95()).unwrap();
            let [value, low, high] = [share.value, share.interval.low, share.interval.high].map(|s| 100.0 * s);
            println!("  {what:<58} {value:5.1} %  ({low:.1} to {high:.1}, {of} studies)");
        }
        println!();
    }
}

struct Chance(ChaCha8Rng);

impl Chance {
    #[allow(clippy::cast_precision_loss, reason = "53 bits")]
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours of a month")]
fn seconds(hours: f64) -> u32 {
    (hours * HOUR).round() as u32
}

impl World {
    fn draw(&self, chance: &mut Chance) -> Table {
        let mut table = Table::default();
        for company in 0..self.companies {
            // A company is, with that chance, one that does with every inquiry what one draw says.
            let fixed = chance.happens(self.differ).then(|| chance.unit());
            for (channel, reply) in self.replies.iter().enumerate() {
                for question in 0..self.questions {
                    let draw = chance.unit();
                    let replies = fixed.unwrap_or(draw) < *reply;
                    let observation = self.observe(replies, chance);
                    table.push(&observed(company, channel, question, observation));
                }
            }
        }
        table
    }

    fn observe(&self, replies: bool, chance: &mut Chance) -> Observation {
        let watched = if chance.happens(self.young) { WINDOW * chance.unit() } else { WINDOW };
        let latency = -self.mean_hours * (1.0 - chance.unit()).ln();
        if chance.happens(self.bounces) {
            return Observation::Undelivered { reason: UndeliveredReason::Bounced, after: seconds(0.01) };
        }
        let observed_for = seconds(watched);
        if replies && latency <= watched {
            Observation::Answered { latency: seconds(latency), after_reminder: false, observed_for }
        } else if observed_for == seconds(WINDOW) {
            Observation::Silent { window: observed_for }
        } else {
            Observation::Censored { observed_for }
        }
    }

    /// Share of delivered inquiries with a reply within so many hours.
    fn share(&self, channel: usize, hours: f64) -> f64 {
        self.replies[channel] * (1.0 - (-hours / self.mean_hours).exp())
    }

    fn judge(&self, flat: &Flat, counted: &mut BTreeMap<String, (u32, u32)>) {
        let mut count = |what: &str, hit: Option<bool>| {
            if let Some(hit) = hit {
                let (hits, of) = counted.entry(what.to_owned()).or_default();
                *hits += u32::from(hit);
                *of += 1;
            }
        };
        let holds =
            |id: String, truth: f64| numbers(flat, &id).map(|n| n[n.len() - 2] <= truth && truth <= n[n.len() - 1]);
        let near = |id: String, se: String, truth: f64| {
            Some((numbers(flat, &id)?[0] - truth).abs() <= Confidence::p95().z() * numbers(flat, &se)?[0])
        };
        let week = self.share(0, 168.0);
        for interval in ["wilson", "wilson_deff", "clopper", "cluster_boot_B400"] {
            count(&format!("interval: rate.7d.{interval}"), holds(format!("rate.c0.7d.{interval}"), week));
        }
        count("interval: km.loglog.24h", holds("km.c0.loglog.24h".to_owned(), 1.0 - self.share(0, 24.0)));
        if self.replies[0] > 0.5 {
            let median = -self.mean_hours * (1.0 - 0.5 / self.replies[0]).ln();
            let ends = ["lo", "hi"].map(|end| numbers(flat, &format!("km.c0.median_ci_{end}")).map(|n| n[0]));
            if let [Some(low), Some(high)] = ends {
                count("interval: km.median_ci", Some(low <= median && median <= high));
            }
        }
        let mean = |channel: usize| {
            168.0 - self.replies[channel] * (168.0 - self.mean_hours * (1.0 - (-168.0 / self.mean_hours).exp()))
        };
        count("interval: km.rmst168h", near("km.c0.rmst168h".to_owned(), "km.c0.rmst168h_se".to_owned(), mean(0)));
        count("interval: rmst_diff168h (unpaired)", holds("rmst_diff168h.c0~c1".to_owned(), mean(0) - mean(1)));
        let arrived = (1.0 - self.bounces) * self.share(0, 24.0);
        count(
            "interval: aj.cif_reply.24h",
            near("aj.c0.cif_reply.24h".to_owned(), "aj.c0.cif_se_aalen.24h".to_owned(), arrived),
        );
        let difference = week - self.share(1, 168.0);
        count("interval: paired.newcombe10", holds("paired.c0~c1.7d.newcombe10".to_owned(), difference));
        if let Some([value, error]) = numbers(flat, "paired.c0~c1.7d.diff_cluster").as_deref() {
            count("interval: paired.diff_cluster", Some((value - difference).abs() <= 1.96 * error));
        }
        let same = self.replies.iter().all(|reply| (reply - self.replies[0]).abs() < 1e-12);
        let kind = if same { "false alarm" } else { "power" };
        for test in [
            "paired.c0~c1.7d.mcnemar_exact_p",
            "paired.c0~c1.7d.mcnemar_midp",
            "paired.c0~c1.7d.signflip_company_p",
            "cochran_q.p",
            "logrank.p",
            "logrank_strat_company.p",
        ] {
            count(&format!("{kind}: {test}"), numbers(flat, test).map(|p| p[0] <= 0.05));
        }
        let holm: Vec<f64> = flat
            .iter()
            .filter(|(id, _)| id.ends_with("signflip_company_p_holm"))
            .filter_map(|(id, _)| Some(numbers(flat, id)?[0]))
            .collect();
        count(&format!("{kind}: any of signflip_company_p_holm"), Some(holm.iter().any(|p| *p <= 0.05)));
    }
}

fn numbers(flat: &Flat, id: &str) -> Option<Vec<f64>> {
    match flat.get(id)? {
        Value::Number(number) => Some(vec![*number]),
        Value::Numbers(numbers) => Some(numbers.clone()),
        Value::Count(_) | Value::Flag(_) => None,
    }
}

fn observed(company: u32, channel: usize, question: u32, observation: Observation) -> Observed {
    let name = format!("company{company}");
    let (channel, question) = (format!("c{channel}"), format!("q{question}"));
    Observed {
        inquiry: format!("{name}.{channel}.{question}.1").as_str().into(),
        company: name.clone(),
        cluster: name,
        industry: None,
        channel,
        question,
        repetition: 1,
        position: 0,
        asked_at: None,
        asked_by_proof: false,
        observation,
        acknowledged_after: None,
        adequate_after: None,
        adequacy: None,
        uncoded_replies: 0,
        reminded_after: None,
    }
}
