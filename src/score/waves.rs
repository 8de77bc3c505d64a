//! What has changed between waves, on the same companies?

use super::comparison::{Pair, Paired, succeeded, usual_threshold};
use super::frame::Frame;
use super::rate::Rate;
use super::tally::watched_for;
use super::{channel_rank, companies};
use crate::model::observation::Observed;
use crate::model::study::Measure;
use crate::model::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Version of the JSON of [`Waves`].
pub const WAVES_FORMAT: u32 = 1;

/// What changed from one wave to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waves {
    /// Version of this format: [`WAVES_FORMAT`].
    pub format: u32,
    /// Risposta's version.
    pub risposta: String,
    /// Says SIMULATED where any of the waves is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The study's title.
    pub title: String,
    /// What counts.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// From each wave to the next and, of more than two, from the first to the last.
    pub steps: Vec<Step>,
}

/// What changed from one wave to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The earlier wave.
    pub from: String,
    /// The later wave.
    pub to: String,
    /// All inquiries that both waves have.
    pub all: Option<Change>,
    /// By channel.
    pub channels: Vec<Change>,
    /// By channel group.
    pub groups: Vec<Change>,
    /// By company.
    pub companies: Vec<Change>,
    /// Inquiries of either wave that the other has not, or that were not watched long enough in both.
    pub unmatched: u32,
}

/// A change, on the inquiries that both waves have: exploratory, whatever it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Whose: a channel, a group, a company.
    pub name: String,
    /// The rate before.
    pub before: Rate,
    /// The rate after.
    pub after: Rate,
    /// What the pairs show; left is after, right is before, so that better is more than 0.
    #[serde(flatten)]
    pub result: Paired,
}

/// One wave: its name, its observations and its rules.
pub struct Wave<'w> {
    /// Its name.
    pub name: String,
    /// What its inquiries came to.
    pub rows: &'w [Observed],
    /// Its rules; those of the last wave hold for all.
    pub frame: &'w Frame,
}

/// What changed; `None` of fewer than two waves.
#[must_use]
pub fn compare_waves(waves: &[Wave<'_>]) -> Option<Waves> {
    let [first, .., last] = waves else { return None };
    let about = &last.frame.about;
    let (measure, within) = super::repeated::asked(about);
    let within = if about.primary.is_some() { within } else { usual_threshold(about) };
    let mut steps: Vec<Step> = waves.windows(2).map(|w| step(&w[0], &w[1], last.frame, measure, within)).collect();
    if waves.len() > 2 {
        steps.push(step(first, last, last.frame, measure, within));
    }
    let simulated = waves.iter().any(|wave| wave.frame.about.simulated);
    Some(Waves {
        format: WAVES_FORMAT,
        risposta: env!("CARGO_PKG_VERSION").to_owned(),
        notice: simulated.then(|| super::SIMULATED.to_owned()),
        title: about.title.clone(),
        measure,
        within,
        steps,
    })
}

/// An inquiry that both waves have.
struct Both<'r> {
    row: &'r Observed,
    pair: Pair<'r>,
}

fn step(from: &Wave<'_>, to: &Wave<'_>, frame: &Frame, measure: Measure, within: Span) -> Step {
    let key = |r: &Observed| (r.company.clone(), r.channel.clone(), r.question.clone(), r.repetition);
    let eligible = |rows: &'_ [Observed]| rows.iter().filter(|r| watched_for(r, within)).count();
    let before: HashMap<_, &Observed> =
        from.rows.iter().filter(|r| watched_for(r, within)).map(|r| (key(r), r)).collect();
    let both: Vec<Both<'_>> = to
        .rows
        .iter()
        .filter(|r| watched_for(r, within))
        .filter_map(|after| {
            let before = before.get(&key(after))?;
            let (left, right) = (succeeded(after, measure, within), succeeded(before, measure, within));
            let pair = Pair { company: &after.company, cluster: &after.cluster, left, right };
            Some(Both { row: after, pair })
        })
        .collect();
    let alone = eligible(from.rows) + eligible(to.rows) - 2 * both.len();
    let mut channels: BTreeMap<(usize, &str), Vec<Pair<'_>>> = BTreeMap::new();
    let mut by_company: BTreeMap<&str, Vec<Pair<'_>>> = BTreeMap::new();
    for one in &both {
        channels.entry((channel_rank(&one.row.channel), &one.row.channel)).or_default().push(one.pair);
        by_company.entry(&one.row.company).or_default().push(one.pair);
    }
    let groups = frame.about.groups.iter().filter_map(|group| {
        let members = both.iter().filter(|one| group.channels.contains(&one.row.channel)).map(|one| one.pair);
        Change::of(&group.name, &members.collect::<Vec<_>>())
    });
    let labels = companies::labels(frame);
    let name = |id: &str| labels.get(id).map_or_else(|| id.to_owned(), |label| label.name.clone());
    let all: Vec<Pair<'_>> = both.iter().map(|one| one.pair).collect();
    Step {
        from: from.name.clone(),
        to: to.name.clone(),
        all: Change::of("all", &all),
        channels: channels.iter().filter_map(|((_, channel), pairs)| Change::of(channel, pairs)).collect(),
        groups: groups.collect(),
        companies: by_company.iter().filter_map(|(id, pairs)| Change::of(&name(id), pairs)).collect(),
        unmatched: u32::try_from(alone).unwrap_or(u32::MAX),
    }
}

impl Change {
    fn of(name: &str, pairs: &[Pair<'_>]) -> Option<Self> {
        let trials = |of: fn(&Pair<'_>) -> bool| pairs.iter().map(|p| (p.cluster, of(p))).collect::<Vec<_>>();
        (!pairs.is_empty()).then(|| Self {
            name: name.to_owned(),
            before: Rate::of(&trials(|p| p.right)),
            after: Rate::of(&trials(|p| p.left)),
            result: Paired::of(pairs),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{HOUR, answered, frame, open, silent};
    use super::*;

    #[test]
    fn the_same_companies_are_held_against_themselves() {
        let before = [silent("a", "email"), silent("b", "email"), answered("c", "email", HOUR), silent("d", "chat")];
        let after = [
            answered("a", "email", HOUR),
            answered("b", "email", HOUR),
            answered("c", "email", HOUR),
            open("d", "chat", 30),
            silent("new", "email"),
        ];
        let frame = frame(&after);
        let wave = |name: &str, rows| Wave { name: name.to_owned(), rows, frame: &frame };
        let waves = compare_waves(&[wave("spring", &before), wave("autumn", &after)]).unwrap();
        let step = &waves.steps[0];
        assert_eq!((step.from.as_str(), step.to.as_str(), step.unmatched), ("spring", "autumn", 2));
        let email = &step.channels[0];
        assert_eq!((email.before.numerator, email.after.numerator, email.after.denominator), (1, 3, 3));
        assert_eq!((email.result.pairs.left_only, email.result.pairs.right_only), (2, 0));
        assert!(email.result.difference.unwrap().value > 0.6);
        assert_eq!(step.channels.len(), 1, "what was not watched long enough is no change");
        assert_eq!(step.companies.len(), 3);
    }

    #[test]
    fn of_three_waves_the_first_and_the_last_are_compared_too() {
        let rows = [silent("a", "email")];
        let frame = frame(&rows);
        let wave = |name: &str| Wave { name: name.to_owned(), rows: &rows, frame: &frame };
        let steps = compare_waves(&[wave("1"), wave("2"), wave("3")]).unwrap().steps;
        let said: Vec<_> = steps.iter().map(|s| format!("{}-{}", s.from, s.to)).collect();
        assert_eq!(said, ["1-2", "2-3", "1-3"]);
        assert_eq!(compare_waves(&[wave("1")]), None);
    }
}
