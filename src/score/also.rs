//! What a scorecard does not say by itself because it misleads, and says with the reason when asked.

use super::comparison::several::TwoSides;
use super::comparison::{Paired, channels_of, succeeded, usual_threshold};
use super::frame::Frame;
use super::rate::Rate;
use super::tally::{Reading, Within, replied_after};
use super::{Scorecard, words};
use crate::model::observation::{Observation, Observed};
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::stats::{Confidence, Estimate, Proportion};
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
            Misleading::BestThreshold => best_threshold(card, rows, frame),
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
    let named = card.comparisons.iter().filter_map(|c| {
        Some(as_if_unrelated(&c.left.name, c.left.rate.estimate?, &c.right.name, c.right.rate.estimate?, &c.result))
    });
    let named: Vec<String> = named.flatten().collect();
    if !named.is_empty() {
        return named;
    }
    // A table names no comparison: every two of its channels.
    let told = |two: &TwoSides| {
        let (result, pairs) = (two.result.as_ref()?, two.result.as_ref()?.pairs);
        let side = |only| Proportion::new(pairs.both + only, pairs.pairs()).wilson(Confidence::p95());
        as_if_unrelated(&two.left, side(pairs.left_only)?, &two.right, side(pairs.right_only)?, result)
    };
    card.several.iter().flat_map(|several| &several.pairs).filter_map(told).collect()
}

fn as_if_unrelated(left: &str, of_left: Estimate, right: &str, of_right: Estimate, result: &Paired) -> Option<String> {
    let (l, r) = (of_left.interval, of_right.interval);
    let paired = result.difference?.interval;
    Some(format!(
        "{left} {}%, {right} {}%: as if unrelated, their intervals {}; paired, the difference is {} to {} points",
        words::range(l),
        words::range(r),
        if l.low > r.high || r.low > l.high { "do not overlap" } else { "overlap" },
        words::whole_percent(paired.low),
        words::whole_percent(paired.high),
    ))
}

/// The largest difference between two sides over all thresholds, beside the one that was named: of
/// the two that the study compares, else of any two channels.
fn best_threshold(card: &Scorecard, rows: &[Observed], frame: &Frame) -> Vec<String> {
    let about = &frame.about;
    let question = super::comparison::question(about).map(|(_, primary)| primary);
    let measure = question.as_ref().map_or(Measure::Replied, |primary| primary.measure);
    let named = about.primary.as_ref().map_or_else(|| usual_threshold(about), |primary| primary.within);
    let sides: Vec<(String, Vec<String>)> = match question {
        Some(two) => [two.left, two.right].map(|name| (name.clone(), channels_of(about, &name))).into(),
        None => card.channels.iter().map(|c| (c.channel.clone(), vec![c.channel.clone()])).collect(),
    };
    let share = |channels: &[String], within| {
        let watched = rows.iter().filter(|r| channels.contains(&r.channel) && super::tally::watched_for(r, within));
        Proportion::count(watched.map(|r| succeeded(r, measure, within))).share()
    };
    let shares = |within| sides.iter().map(|(_, channels)| share(channels, within)).collect::<Vec<_>>();
    let of_named = shares(named);
    let mut largest: Option<(f64, usize, usize, Span)> = None;
    for within in &about.thresholds {
        let shares = shares(*within);
        for right in 0..sides.len() {
            for left in 0..right {
                let (Some(l), Some(r)) = (shares[left], shares[right]) else { continue };
                if largest.is_none_or(|(most, ..)| (l - r).abs() >= most.abs()) {
                    largest = Some((l - r, left, right, *within));
                }
            }
        }
    }
    let Some((difference, left, right, within)) = largest else { return Vec::new() };
    let named_is =
        of_named[left].zip(of_named[right]).map_or_else(|| "–".to_owned(), |(l, r)| words::whole_percent(l - r));
    let measure = if measure == Measure::Replied { "replied" } else { "replied adequately" };
    vec![format!(
        "{measure}, {} minus {}: {} points within {}; {named_is} within {}, the threshold that {}",
        sides[left].0,
        sides[right].0,
        words::whole_percent(difference),
        words::span(within),
        words::span(named),
        if about.primary.is_some() { "was named" } else { "the comparisons use" },
    )]
}

#[cfg(test)]
mod tests {
    use super::super::samples::{HOUR, answered, frame, silent};
    use super::*;

    #[test]
    fn a_table_that_names_no_comparison_has_the_misleading_numbers_of_its_channels() {
        let rows = [answered("a", "email", HOUR), silent("a", "chat"), silent("b", "email"), silent("b", "chat")];
        let mut frame = frame(&rows);
        (frame.about.groups, frame.about.primary) = (Vec::new(), None);
        let card = crate::score::score(&rows, &frame);
        let told = also(&card, &rows, &frame, &[Misleading::Unpaired, Misleading::BestThreshold]);
        assert!(told[0].numbers[0].contains("as if unrelated, their intervals overlap"), "{told:?}");
        assert!(told[1].numbers[0].contains("50 points within"), "{told:?}");
    }
}
