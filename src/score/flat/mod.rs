//! Which number has which id? Every estimate under a dotted id, so that anybody can hold other
//! programs' numbers against ours.
//!
//! Ids and conventions are those of the tables in `tests/oracles/`: `km.email.median`,
//! `rate.email.24h.wilson`, `paired.email~social.7d.newcombe10`. Times are in hours; a time that is
//! never reached is the word `inf`. What is not defined (the interval of nothing) has no id.

mod companies;
mod file;
mod hours;
mod lists;
mod only;
mod pairs;
mod rates;
mod ratings;
#[cfg(test)]
mod tests;
mod times;
mod waves;

pub use file::Kind;
pub use hours::{OpenSpan, business_hours};
pub use lists::lists;
pub use only::Only;
pub use ratings::{codings, ratings};
pub use waves::waves;

use super::table::{NameId, Row, Table};
use crate::model::time::Span;
use crate::stats::{Estimate, Interval, Reached, fixed};
use crate::threads::Threads;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// What is worked out beside what is always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// What is only told on request: exact intervals, mid-p, differences of restricted means,
    /// the cluster bootstrap, kappas.
    pub all: bool,
    /// Where the bootstrap's chance starts.
    pub seed: u64,
    /// How often the bootstrap resamples.
    pub resamples: u32,
    /// How many threads may resample; it changes no number.
    pub threads: Threads,
}

/// Values by id, in the order in which they are printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flat {
    values: Vec<(String, Value)>,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number of things.
    Count(u64),
    /// A measure; infinite where it is never reached.
    Number(f64),
    /// Several of them.
    Numbers(Vec<f64>),
    /// Yes or no.
    Flag(bool),
}

/// The thresholds of the ids, in their words and in seconds.
const THRESHOLDS: [(&str, u32); 8] = [
    ("5m", 300),
    ("15m", 900),
    ("1h", 3_600),
    ("4h", 14_400),
    ("24h", 86_400),
    ("72h", 259_200),
    ("7d", WEEK_SECONDS),
    ("14d", 1_209_600),
];

/// The id that says that nobody was contacted.
const SIMULATED: &str = "SIMULATED";

/// The threshold of everything that is told for one threshold only.
const WEEK_SECONDS: u32 = 604_800;

const WEEK: Span = Span::from_secs(WEEK_SECONDS);

/// Most channels that are compared with each other: of more, every pair would be millions of
/// numbers that nobody asked for, and the table is likely to have something else in that column.
const COMPARED_MAX: usize = 100;

/// The numbers of a study. Where it has more than 100 channels they are not compared with each
/// other, and `channels_too_many_to_compare` says so. Sections of which nothing is asked for are
/// not worked out.
#[must_use]
pub fn study(table: &Table, wanted: Wanted, only: &Only) -> Flat {
    let study = Study::of(table);
    let asked = SECTIONS.iter().filter(|section| only.some_of(section.ids));
    let work = |section: &Section| {
        let mut flat = Flat::default();
        (section.numbers)(&study, wanted, &mut flat);
        flat
    };
    let mut flat = Flat::default();
    wanted.threads.fold(asked, work, |part| flat.extend(part));
    flat
}

/// Ids that are worked out together.
struct Section {
    /// How they begin.
    ids: &'static [&'static str],
    numbers: fn(&Study<'_>, Wanted, &mut Flat),
}

const SECTIONS: [Section; 7] = [
    Section {
        ids: &["count.", "bounce_rate.", "facebook_2016."],
        numbers: |study, _, flat| rates::counts(study, flat),
    },
    Section { ids: &["rate."], numbers: rates::rates },
    Section { ids: &["km.", "aj."], numbers: |study, _, flat| times::curves(study, flat) },
    Section { ids: &["logrank", "rmst_diff168h."], numbers: |s, wanted, flat| s.compare(times::tests, wanted, flat) },
    Section { ids: &["paired.", "cochran_q."], numbers: |s, wanted, flat| s.compare(pairs::channels, wanted, flat) },
    Section { ids: &["channels_too_many_to_compare"], numbers: |study, _, flat| study.say_if_not_compared(flat) },
    Section { ids: &["eb."], numbers: |study, _, flat| companies::shrunk(study, flat) },
];

/// A table with its rows by channel.
struct Study<'t> {
    table: &'t Table,
    /// Channels in alphabetical order, each with its rows.
    channels: Vec<ChannelRows<'t>>,
}

struct ChannelRows<'t> {
    name: &'t str,
    rows: Vec<&'t Row>,
}

impl<'t> Study<'t> {
    fn of(table: &'t Table) -> Self {
        let sorted = table.names().channels.sorted();
        let mut place = vec![0; sorted.len()];
        for (rank, (id, _)) in sorted.iter().enumerate() {
            place[id.index()] = rank;
        }
        let mut channels: Vec<ChannelRows<'t>> =
            sorted.into_iter().map(|(_, name)| ChannelRows { name, rows: Vec::new() }).collect();
        for row in table.rows() {
            channels[place[row.channel.index()]].rows.push(row);
        }
        Self { table, channels }
    }

    /// Compares channels with each other, where that is of use.
    fn compare(&self, work: fn(&Self, Wanted, &mut Flat), wanted: Wanted, flat: &mut Flat) {
        if self.channels.len() <= COMPARED_MAX {
            work(self, wanted, flat);
        }
    }

    fn say_if_not_compared(&self, flat: &mut Flat) {
        if self.channels.len() > COMPARED_MAX {
            let channels = u32::try_from(self.channels.len()).unwrap_or(u32::MAX);
            flat.count("channels_too_many_to_compare".to_owned(), channels);
        }
    }

    /// All pairs of channels, in alphabetical order, by their places.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let n = self.channels.len();
        (0..n).flat_map(move |left| (left + 1..n).map(move |right| (left, right)))
    }

    /// `left~right`, as ids have it.
    fn pair_name(&self, left: usize, right: usize) -> String {
        format!("{}~{}", self.channels[left].name, self.channels[right].name)
    }
}

/// Successes and trials within each threshold, by what a row belongs to: its cluster, or its company.
fn by_member<'r, const N: usize>(
    members: usize,
    rows: impl Iterator<Item = &'r Row>,
    member: fn(&Row) -> NameId,
    thresholds: [u32; N],
) -> Vec<[(u32, u32); N]> {
    let mut counts = vec![[(0, 0); N]; members];
    for row in rows {
        let Some(observed_for) = row.observation.observed_for() else { continue };
        let replied_after = row.replied_after();
        for ((successes, trials), threshold) in counts[member(row).index()].iter_mut().zip(thresholds) {
            let watched = observed_for >= threshold;
            *trials += u32::from(watched);
            *successes += u32::from(watched && replied_after.is_some_and(|seconds| seconds <= threshold));
        }
    }
    counts
}

impl Flat {
    fn put(&mut self, id: String, value: Value) {
        self.values.push((id, value));
    }

    fn count(&mut self, id: String, count: u32) {
        self.put(id, Value::Count(u64::from(count)));
    }

    fn flag(&mut self, id: String, flag: bool) {
        self.put(id, Value::Flag(flag));
    }

    /// A measure; what is no number has no id.
    fn number(&mut self, id: String, number: f64) {
        if !number.is_nan() {
            self.put(id, Value::Number(number));
        }
    }

    fn numbers(&mut self, id: String, numbers: &[f64]) {
        if !numbers.iter().any(|number| number.is_nan()) {
            self.put(id, Value::Numbers(numbers.to_vec()));
        }
    }

    fn interval(&mut self, id: String, interval: Interval) {
        self.numbers(id, &[interval.low, interval.high]);
    }

    fn estimate(&mut self, id: String, estimate: Estimate) {
        self.numbers(id, &[estimate.value, estimate.interval.low, estimate.interval.high]);
    }

    fn hours(&mut self, id: String, reached: Reached) {
        let hours = match reached {
            Reached::At(seconds) => f64::from(seconds) / 3600.0,
            Reached::NotReached => f64::INFINITY,
        };
        self.number(id, hours);
    }

    /// Says before all numbers that nobody was contacted.
    pub fn say_simulated(&mut self) {
        self.flag(SIMULATED.to_owned(), true);
    }

    /// Adds the values of another after these.
    pub fn extend(&mut self, other: Self) {
        self.values.extend(other.values);
    }

    /// Whether no number is in it; that it is a rehearsal is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(|(id, _)| id == SIMULATED)
    }

    /// The value of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| known == id).map(|(_, value)| value)
    }

    /// All ids with their values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.values.iter().map(|(id, value)| (id.as_str(), value))
    }

    /// One JSON object, an id a line.
    ///
    /// # Errors
    /// Never in practice: ids are texts and values are numbers.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut text = String::from("{");
        for (i, (id, value)) in self.iter().enumerate() {
            let comma = if i == 0 { "\n  " } else { ",\n  " };
            text += comma;
            text += &serde_json::to_string(id)?;
            text += ": ";
            text += &serde_json::to_string(value)?;
        }
        text += "\n}\n";
        Ok(text)
    }
}

impl Serialize for Flat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (id, value) in self.iter() {
            map.serialize_entry(id, value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => Written(*number).serialize(serializer),
            Self::Numbers(numbers) => serializer.collect_seq(numbers.iter().map(|number| Written(*number))),
        }
    }
}

/// A number as it is written: rounded, and `inf` where JSON has no word for it.
struct Written(f64);

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(fixed(self.0))
        } else {
            serializer.serialize_str(if self.0 < 0.0 { "-inf" } else { "inf" })
        }
    }
}
