//! What a scorecard does not say by itself because it misleads, and says with the reason when asked.

use super::comparison::{succeeded, usual_threshold};
use super::frame::Frame;
use super::rate::Rate;
use super::tally::{Reading, Within, replied_after};
use super::{Scorecard, words};
use crate::model::observation::{Observation, Observed};
use crate::model::study::Measure;
use crate::stats::Proportion;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A number that people ask for and had better not trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misleading {
    /// The mean time of those who replied.
    Mean,
    /// The rate where whoever is still being watched counts as silent.
    CensoredAsSilent,
    /// The rate where young inquiries without a reply are left out.
    YoungDropped,
    /// Wald's interval.
    Wald,
    /// A test that takes answers of the same companies as independent.
    Unpaired,
    /// The threshold with the largest difference.
    BestThreshold,
}

/// One such number, with the reason why it misleads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which number.
    pub what: Misleading,
    /// It, by channel or comparison, in words.
    pub numbers: Vec<String>,
    /// Why it misleads, and what to look at instead.
    pub why: String,
}

impl Misleading {
    /// Every number.
    pub const ALL: [Self; 6] =
        [Self::Mean, Self::CensoredAsSilent, Self::YoungDropped, Self::Wald, Self::Unpaired, Self::BestThreshold];

    /// What it is called on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::CensoredAsSilent => "censored-as-silent",
            Self::YoungDropped => "young-dropped",
            Self::Wald => "wald",
            Self::Unpaired => "unpaired",
            Self::BestThreshold => "best-threshold",
        }
    }

    /// Why it misleads, and what says the same without misleading.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Mean => {
                "It leaves out whoever did not reply: a channel that answers one in ten at once looks quicker than \
                 one that answers all within a day. The Kaplan–Meier median counts them all."
            }
            Self::CensoredAsSilent => {
                "Whoever was not watched for the whole window may still reply, or did while nobody looked: this makes \
                 our own stopping early their silence. The tables leave such inquiries out of a threshold's \
                 denominator, replied or not."
            }
            Self::YoungDropped => {
                "A young inquiry stays in once it is replied to and is left out until then: the outcome decides who is \
                 counted, and the rate comes out too high. The tables count by how long an inquiry was watched."
            }
            Self::Wald => {
                "Wald's interval covers far less than 95 % in small samples, leaves 0 to 100 %, and has no width at \
                 0 or at all. The tables give Wilson's, widened where companies were asked repeatedly."
            }
            Self::Unpaired => {
                "The same companies answered on both sides; an unpaired interval takes them as strangers, and ignores \
                 that each is its own control. The comparison above is paired."
            }
            Self::BestThreshold => {
                "The best of several thresholds is chosen by chance as well as by the channels: its p value holds for \
                 one comparison, not for the best of them. The study names its threshold before it asks."
            }
        }
    }
}

impl fmt::Display for Misleading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The numbers that were asked for.
#[must_use]
pub fn also(card: &Scorecard, rows: &[Observed], frame: &Frame, wanted: &[Misleading]) -> Vec<Told> {
    let told = |what: &Misleading| Told {
        what: *what,
        numbers: match what {
            Misleading::Mean => by_channel(card, rows, mean),
            Misleading::CensoredAsSilent => by_channel(card, rows, |rows| censored_as_silent(rows, frame)),
            Misleading::YoungDropped => by_channel(card, rows, |rows| young_dropped(rows, frame)),
            Misleading::Wald => by_channel(card, rows, |rows| wald(rows, frame)),
            Misleading::Unpaired => unpaired(card),
            Misleading::BestThreshold => best_threshold(rows, frame),
        },
        why: what.why().to_owned(),
    };
    wanted.iter().map(told).collect()
}

fn by_channel(card: &Scorecard, rows: &[Observed], of: impl Fn(&[&Observed]) -> Option<String>) -> Vec<String> {
    let told = |channel: &String| {
        let rows: Vec<&Observed> = rows.iter().filter(|r| r.channel == *channel).collect();
        of(&rows).map(|number| format!("{channel}: {number}"))
    };
    card.channels.iter().filter_map(|c| told(&c.channel)).collect()
}

fn mean(rows: &[&Observed]) -> Option<String> {
    let waits: Vec<u64> = rows.iter().filter_map(|r| replied_after(r, Reading::WithReminders)).map(u64::from).collect();
    let mean = waits.iter().sum::<u64>().checked_div(waits.len() as u64)?;
    let silent = rows.iter().filter(|r| r.observation.is_delivered()).count() - waits.len();
    let mean = words::duration(u32::try_from(mean).unwrap_or(u32::MAX));
    Some(format!("mean {mean} over {} that replied; {silent} that did not are left out", waits.len()))
}

fn censored_as_silent(rows: &[&Observed], frame: &Frame) -> Option<String> {
    let delivered = rows.iter().filter(|r| r.observation.is_delivered());
    let replied = delivered.map(|r| replied_after(r, Reading::BeforeAnyReminder).is_some());
    let beside = Within::of(rows, Reading::BeforeAnyReminder, frame.about.window).replied;
    told(Proportion::count(replied), &beside)
}

fn young_dropped(rows: &[&Observed], frame: &Frame) -> Option<String> {
    let known = rows.iter().filter(|r| match r.observation {
        Observation::Answered { .. } | Observation::Silent { .. } => true,
        Observation::Censored { .. }
        | Observation::Undelivered { .. }
        | Observation::UnknownDelivery { .. }
        | Observation::NotAsked { .. } => false,
    });
    let replied = known.map(|r| replied_after(r, Reading::BeforeAnyReminder).is_some());
    let beside = Within::of(rows, Reading::BeforeAnyReminder, frame.about.window).replied;
    told(Proportion::count(replied), &beside)
}

fn told(misleading: Proportion, beside: &Rate) -> Option<String> {
    (misleading.of() > 0)
        .then(|| format!("{}; watched for the whole window: {}", words::rate(&misleading.into()), words::rate(beside)))
}

fn wald(rows: &[&Observed], frame: &Frame) -> Option<String> {
    let rate = Within::of(rows, Reading::BeforeAnyReminder, frame.about.window).replied;
    let (share, n) = (rate.share()?, f64::from(rate.denominator));
    let half = 1.959_963_984_540_054 * (share * (1.0 - share) / n).sqrt();
    let [low, high] = [share - half, share + half].map(words::whole_percent);
    let wilson = rate.estimate.map_or_else(String::new, |e| words::range(e.interval));
    Some(format!("{}, Wald {low} to {high}%; Wilson {wilson}%", words::rate(&rate)))
}

fn unpaired(card: &Scorecard) -> Vec<String> {
    let told = |c: &super::comparison::Comparison| {
        let (left, right) = (c.left.rate.estimate?, c.right.rate.estimate?);
        let apart = left.interval.low > right.interval.high || right.interval.low > left.interval.high;
        let paired = c.result.difference?;
        Some(format!(
            "{} {}%, {} {}%: as if unrelated, their intervals {}; paired, the difference is {} to {} points",
            c.left.name,
            words::range(left.interval),
            c.right.name,
            words::range(right.interval),
            if apart { "do not overlap" } else { "overlap" },
            words::whole_percent(paired.interval.low),
            words::whole_percent(paired.interval.high),
        ))
    };
    card.comparisons.iter().filter_map(told).collect()
}

/// The largest difference between the two sides over all thresholds, beside the one that was named.
fn best_threshold(rows: &[Observed], frame: &Frame) -> Vec<String> {
    let about = &frame.about;
    let Some((_, primary)) = super::comparison::question(about) else { return Vec::new() };
    let sides = [&primary.left, &primary.right].map(|name| super::comparison::channels_of(about, name));
    let difference = |within| {
        let share = |channels: &Vec<String>| {
            let watched = rows.iter().filter(|r| channels.contains(&r.channel) && super::tally::watched_for(r, within));
            Proportion::count(watched.map(|r| succeeded(r, primary.measure, within))).share()
        };
        Some(share(&sides[0])? - share(&sides[1])?)
    };
    let all = about.thresholds.iter().filter_map(|within| Some((*within, difference(*within)?)));
    let Some((within, largest)) = all.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) else { return Vec::new() };
    let named = if about.primary.is_some() { primary.within } else { usual_threshold(about) };
    let named_is = difference(named).map_or_else(|| "–".to_owned(), words::whole_percent);
    let measure = if primary.measure == Measure::Replied { "replied" } else { "replied adequately" };
    vec![format!(
        "{measure}, {} minus {}: {} points within {}; {named_is} within {}, the threshold that was named",
        primary.left,
        primary.right,
        words::whole_percent(largest),
        words::span(within),
        words::span(named),
    )]
}
