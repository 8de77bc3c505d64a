//! Which observations are scored? One compact table, from a journal and from a CSV alike.
//!
//! A row holds numbers instead of names, and takes 60 bytes: a million inquiries fit into 60 MB.
//! What an inquiry came to is still the one enum [`Observation`]; no estimator takes less.

mod names;

pub use names::{NameId, Names};

use crate::model::event::Adequacy;
use crate::model::ids::CompanyId;
use crate::model::observation::{Observation, Observed, Observer, Seen};
use crate::model::plan::Plan;
use crate::model::state::WaveState;
use crate::model::time::Span;
use crate::stats::{Competing, Followed};
use crate::threads::Threads;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::num::NonZeroU32;

/// The observations of a study, in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    names: Dictionary,
    rows: Vec<Row>,
    simulated: bool,
    left_out: usize,
}

/// What the numbers in the rows are called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dictionary {
    /// Companies, by their ids.
    pub companies: Names,
    /// What clusters the statistics: groups of companies, or companies themselves.
    pub clusters: Names,
    /// Channels.
    pub channels: Names,
    /// Questions.
    pub questions: Names,
    /// Industries.
    pub industries: Names,
}

/// One inquiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The company, in [`Dictionary::companies`].
    pub company: NameId,
    /// Its cluster, in [`Dictionary::clusters`].
    pub cluster: NameId,
    /// Its industry, in [`Dictionary::industries`].
    pub industry: Option<NameId>,
    /// The channel, in [`Dictionary::channels`].
    pub channel: NameId,
    /// The question, in [`Dictionary::questions`].
    pub question: NameId,
    /// Which repetition, from 1.
    pub repetition: u32,
    /// Position among the company's inquiries, from 1; 0 where not known.
    pub position: u16,
    /// Replies within the window that nobody has coded yet; more than 255 are 255.
    pub uncoded_replies: u8,
    /// How its best reply within the window was coded.
    pub adequacy: Option<Adequacy>,
    /// The first accepted attempt.
    pub asked_at: Option<DateTime<Utc>>,
    /// What it came to.
    pub observation: Observation,
    /// Time to the first acknowledgement.
    pub acknowledged_after: Option<Seconds>,
    /// Time to the first adequate reply within the window.
    pub adequate_after: Option<Seconds>,
    /// Time to the first reminder that was accepted.
    pub reminded_after: Option<Seconds>,
}

/// Whole seconds after asking, in such a way that `Option<Seconds>` takes no more room than a
/// number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(NonZeroU32);

impl Seconds {
    /// That many seconds; the very last second of a `u32` (136 years) is told as the one before.
    #[must_use]
    pub const fn new(seconds: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(seconds))
    }

    /// That many seconds.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get() - 1
    }
}

impl Table {
    /// An empty table with room for `rows`.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), ..Self::default() }
    }

    /// The table of these observations.
    #[must_use]
    pub fn of(observed: &[Observed]) -> Self {
        let mut table = Self::with_capacity(observed.len());
        for one in observed {
            table.push(one);
        }
        table
    }

    /// The table of a wave's inquiries as of a moment: see [`observe_all`](crate::model::observation::observe_all).
    #[must_use]
    pub fn of_wave(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>, threads: Threads) -> Self {
        /// Inquiries that are looked at together.
        const TOGETHER: usize = 4_096;
        let observer = Observer::new(plan, state, as_of);
        let mut table = Self { simulated: plan.is_simulated(), ..Self::with_capacity(plan.inquiries.len()) };
        let mut known: HashMap<&CompanyId, (NameId, NameId, Option<NameId>)> = HashMap::new();
        let starts = (0..plan.inquiries.len()).step_by(TOGETHER);
        threads.fold(
            starts,
            |start| (start, (start..start + TOGETHER).map_while(|i| observer.see(i)).collect::<Vec<Seen>>()),
            |(start, seen)| {
                for (planned, seen) in plan.inquiries[start..].iter().zip(seen) {
                    let names = &mut table.names;
                    let (company, cluster, industry) = *known.entry(&planned.company).or_insert_with(|| {
                        let industry = observer.company(&planned.company).and_then(|c| c.industry.as_deref());
                        (
                            names.companies.intern(planned.company.as_str()),
                            names.clusters.intern(observer.cluster(&planned.company)),
                            industry.map(|industry| names.industries.intern(industry)),
                        )
                    });
                    let labels = Labels {
                        company,
                        cluster,
                        industry,
                        channel: names.channels.intern(planned.channel.name()),
                        question: names.questions.intern(planned.question.as_str()),
                        repetition: planned.repetition,
                        position: planned.position,
                    };
                    table.rows.push(Row::of(labels, &seen));
                }
            },
        );
        table
    }

    /// Adds an observation.
    pub fn push(&mut self, one: &Observed) {
        let names = &mut self.names;
        let labels = Labels {
            company: names.companies.intern(&one.company),
            cluster: names.clusters.intern(&one.cluster),
            industry: one.industry.as_deref().map(|industry| names.industries.intern(industry)),
            channel: names.channels.intern(&one.channel),
            question: names.questions.intern(&one.question),
            repetition: one.repetition,
            position: one.position,
        };
        self.rows.push(Row::of(labels, &one.seen()));
    }

    /// Adds a row whose names were interned in [`Self::names_mut`].
    pub fn push_row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds all rows of another table, by their names.
    pub fn append(&mut self, other: &Self) {
        let (own, theirs) = (&mut self.names, &other.names);
        let companies = own.companies.import(&theirs.companies);
        let clusters = own.clusters.import(&theirs.clusters);
        let channels = own.channels.import(&theirs.channels);
        let questions = own.questions.import(&theirs.questions);
        let industries = own.industries.import(&theirs.industries);
        self.simulated |= other.simulated;
        self.left_out += other.left_out;
        self.rows.extend(other.rows.iter().map(|row| Row {
            company: companies[row.company.index()],
            cluster: clusters[row.cluster.index()],
            channel: channels[row.channel.index()],
            question: questions[row.question.index()],
            industry: row.industry.map(|industry| industries[industry.index()]),
            ..*row
        }));
    }

    /// Whether any row is a rehearsal's.
    #[must_use]
    pub const fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// Says that it holds rows of a rehearsal.
    pub const fn set_simulated(&mut self) {
        self.simulated = true;
    }

    /// Inquiries that are told without an outcome, and are none of the rows.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// Counts one that is left out.
    pub const fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// An inquiry that two rows tell of: the same company, channel, question and repetition.
    #[must_use]
    pub fn told_twice(&self) -> Option<&Row> {
        let key = |row: &&Row| (row.company, row.channel, row.question, row.repetition);
        let mut sorted: Vec<&Row> = self.rows.iter().collect();
        sorted.sort_unstable_by_key(key);
        sorted.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])).map(|pair| pair[0])
    }

    /// All inquiries.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What the rows' numbers are called.
    #[must_use]
    pub const fn names(&self) -> &Dictionary {
        &self.names
    }

    /// The same, to intern names of rows that are about to be pushed.
    pub const fn names_mut(&mut self) -> &mut Dictionary {
        &mut self.names
    }
}

impl FromIterator<Observed> for Table {
    fn from_iter<I: IntoIterator<Item = Observed>>(observed: I) -> Self {
        let observed = observed.into_iter();
        let mut table = Self::with_capacity(observed.size_hint().0);
        observed.for_each(|one| table.push(&one));
        table
    }
}

/// Which inquiry a row is of.
#[derive(Debug, Clone, Copy)]
pub struct Labels {
    /// See [`Row::company`].
    pub company: NameId,
    /// See [`Row::cluster`].
    pub cluster: NameId,
    /// See [`Row::industry`].
    pub industry: Option<NameId>,
    /// See [`Row::channel`].
    pub channel: NameId,
    /// See [`Row::question`].
    pub question: NameId,
    /// See [`Row::repetition`].
    pub repetition: u32,
    /// See [`Row::position`].
    pub position: u32,
}

impl Row {
    /// The row of an inquiry of which that was seen.
    #[must_use]
    pub fn of(labels: Labels, seen: &Seen) -> Self {
        Self {
            company: labels.company,
            cluster: labels.cluster,
            industry: labels.industry,
            channel: labels.channel,
            question: labels.question,
            repetition: labels.repetition,
            position: u16::try_from(labels.position).unwrap_or(u16::MAX),
            uncoded_replies: u8::try_from(seen.uncoded_replies).unwrap_or(u8::MAX),
            adequacy: seen.adequacy,
            asked_at: seen.asked_at,
            observation: seen.observation,
            acknowledged_after: seen.acknowledged_after.map(Seconds::new),
            adequate_after: seen.adequate_after.map(Seconds::new),
            reminded_after: seen.reminded_after.map(Seconds::new),
        }
    }

    /// Whether it counts for a threshold: delivered, and watched at least that long. What was
    /// replied to early counts as watched for as long as it would have been: who is in the
    /// denominator must not depend on the outcome.
    #[must_use]
    pub fn is_watched_for(&self, threshold: Span) -> bool {
        self.observation.observed_for().is_some_and(|seconds| seconds >= threshold.as_secs())
    }

    /// Seconds to the first reply that came before any reminder.
    #[must_use]
    pub const fn replied_after(&self) -> Option<u32> {
        match self.observation {
            Observation::Answered { latency, after_reminder: false, .. } => Some(latency),
            Observation::Answered { after_reminder: true, .. }
            | Observation::Silent { .. }
            | Observation::Censored { .. }
            | Observation::Undelivered { .. }
            | Observation::UnknownDelivery { .. }
            | Observation::NotAsked { .. } => None,
        }
    }

    /// Whether a machine said "received" before any reminder.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged_after.is_some_and(|after| self.reminded_after.is_none_or(|reminded| after <= reminded))
    }

    /// How long it was followed without such a reply; `None` where it was not delivered. A reminder
    /// ends what can be seen of the time before any reminder.
    #[must_use]
    pub fn followed(&self) -> Option<Followed> {
        let observed_for = self.observation.observed_for()?;
        Some(match self.replied_after() {
            Some(latency) => Followed::UntilEvent(latency),
            None => Followed::UntilCensored(self.reminded_after.map_or(observed_for, |r| r.get().min(observed_for))),
        })
    }

    /// The same, with what never arrived as what ends the waiting; `None` where nothing left, or
    /// nobody knows whether it arrived.
    #[must_use]
    pub fn competing(&self) -> Option<Competing> {
        if let Observation::Undelivered { after, .. } = self.observation {
            return Some(Competing::UntilOther(after));
        }
        Some(match self.followed()? {
            Followed::UntilEvent(seconds) => Competing::UntilEvent(seconds),
            Followed::UntilCensored(seconds) => Competing::UntilCensored(seconds),
        })
    }

    /// Whether that reply came within a threshold.
    #[must_use]
    pub fn replied_within(&self, threshold: Span) -> bool {
        self.replied_after().is_some_and(|seconds| seconds <= threshold.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::samples;

    #[test]
    fn a_million_inquiries_take_little_memory() {
        assert!(size_of::<Row>() <= 64, "{}", size_of::<Row>());
    }

    #[test]
    fn a_row_says_what_the_observation_said() {
        let (observed, _) = samples::study();
        let table = Table::of(&observed);
        assert_eq!(table.rows().len(), observed.len());
        for (row, one) in table.rows().iter().zip(&observed) {
            assert_eq!(table.names().companies.name(row.company), one.company);
            assert_eq!(table.names().channels.name(row.channel), one.channel);
            assert_eq!(row.observation, one.observation);
            assert_eq!(row.adequate_after.map(Seconds::get), one.adequate_after);
        }
    }

    #[test]
    fn tables_are_joined_by_their_names() {
        let (observed, _) = samples::study();
        let whole = Table::of(&observed);
        let (first, last) = observed.split_at(5);
        let mut joined = Table::of(last);
        joined.append(&Table::of(first));
        assert_eq!(joined.told_twice(), None);
        let named = |table: &Table| {
            let names = table.names();
            let one = |row: &Row| format!("{} {}", names.companies.name(row.company), names.channels.name(row.channel));
            let mut all: Vec<String> = table.rows().iter().map(one).collect();
            all.sort();
            all
        };
        assert_eq!(named(&joined), named(&whole));
        joined.append(&Table::of(first));
        assert!(joined.told_twice().is_some());
    }

    #[test]
    fn no_time_at_all_is_a_time() {
        assert_eq!(Seconds::new(0).get(), 0);
        assert_eq!(Seconds::new(u32::MAX).get(), u32::MAX - 1);
    }
}
