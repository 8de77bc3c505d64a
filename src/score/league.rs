//! Which companies answer better than others, as far as the data say?

use super::companies::CompanyRows;
use super::comparison::{succeeded, usual_threshold};
use super::frame::About;
use super::rate::Rate;
use super::tally::watched_for;
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::stats::{Clusters, Confidence, Estimate, Proportion, Shrinkage, expected_ranks, fixed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Companies in order, or why there is no order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct League {
    /// What counts.
    pub measure: Measure,
    /// Within how long; all channels together, before any reminder.
    pub within: Span,
    /// Why the data carry no order of companies; `None` where they do.
    pub refused: Option<Refused>,
    /// The companies, the best first; empty where the order is refused.
    pub places: Vec<Place>,
}

/// Why there is no league table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// Fewer than three companies were watched long enough.
    TooFewCompanies,
    /// Companies vary no more than chance alone makes them: all may be equally good.
    NotSeenToDiffer,
    /// Each company was asked once, or answered all or nothing: differences between companies
    /// cannot be told from chance within them.
    AllOrNothing,
    /// Every company's interval reaches every other's.
    AllTied,
}

impl Refused {
    /// The reason, in a sentence.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::TooFewCompanies => "Fewer than three companies were watched long enough.",
            Self::NotSeenToDiffer => {
                "The companies' counts vary no more than chance makes equal companies vary: any order would be noise."
            }
            Self::AllOrNothing => {
                "Each company answered all or nothing: differences between companies cannot be told from chance."
            }
            Self::AllTied => {
                "Every company's interval reaches that of every other: more inquiries to each would be needed."
            }
        }
    }
}

/// A company in the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Its id.
    pub company: String,
    /// Its name: a stranger's text.
    pub name: String,
    /// Its own rate.
    pub rate: Rate,
    /// Its rate drawn towards what is usual, the more the fewer inquiries it got (empirical
    /// Bayes, beta-binomial), with the 95 % credible interval.
    pub shrunk: Estimate,
    /// Where it stands on average over what its share may be; 1 is best.
    pub expected_rank: f64,
    /// The best place it may have: companies whose intervals lie above its own, and 1.
    pub place_first: u32,
    /// The last place it may have.
    pub place_last: u32,
}

/// Fewest companies of a league.
const COMPANIES_MIN: usize = 3;

/// The companies in order of their shrunken rates.
#[must_use]
pub fn league(companies: &[CompanyRows<'_>], about: &About) -> League {
    let asked = super::comparison::question(about).map(|(_, primary)| (primary.measure, primary.within));
    let (measure, within) = asked.unwrap_or_else(|| (Measure::Replied, usual_threshold(about)));
    let refused = |why| League { measure, within, refused: Some(why), places: Vec::new() };
    let counted: Vec<(usize, Proportion)> = companies
        .iter()
        .enumerate()
        .map(|(i, (_, rows))| {
            let watched = rows.iter().filter(|r| watched_for(r, within));
            (i, Proportion::count(watched.map(|r| succeeded(r, measure, within))))
        })
        .filter(|(_, counts)| counts.of() > 0)
        .collect();
    if counted.len() < COMPANIES_MIN {
        return refused(Refused::TooFewCompanies);
    }
    let clusters = Clusters::count(counted.iter().map(|(_, counts)| (counts.successes(), counts.of())));
    let prior = match Shrinkage::fit(&clusters) {
        Some(Shrinkage::Differ { prior, .. }) => prior,
        Some(Shrinkage::AllOrNothing) => return refused(Refused::AllOrNothing),
        Some(Shrinkage::NotSeenToDiffer) | None => return refused(Refused::NotSeenToDiffer),
    };
    let kinds: Vec<_> = clusters.alike().map(|((y, n), number)| (prior.after(y, n), number)).collect();
    let known: Vec<(Estimate, f64)> = kinds
        .iter()
        .zip(expected_ranks(&kinds))
        .map(|((share, _), rank)| (share.estimate(Confidence::p95()).fixed(), fixed(rank)))
        .collect();
    let by_counts: BTreeMap<(u32, u32), (Estimate, f64)> =
        clusters.alike().map(|(counts, _)| counts).zip(known).collect();
    let mut places: Vec<Place> = counted
        .into_iter()
        .filter_map(|(i, counts)| {
            let (shrunk, expected_rank) = *by_counts.get(&(counts.successes(), counts.of()))?;
            let label = &companies[i].0;
            let (company, name) = (label.id.clone(), label.name.clone());
            Some(Place { company, name, rate: counts.into(), shrunk, expected_rank, place_first: 1, place_last: 1 })
        })
        .collect();
    places.sort_by(|a, b| a.expected_rank.total_cmp(&b.expected_rank).then_with(|| a.company.cmp(&b.company)));
    set_ties(&mut places);
    let all = u32::try_from(places.len()).unwrap_or(u32::MAX);
    if places.iter().all(|place| place.place_first == 1 && place.place_last == all) {
        return refused(Refused::AllTied);
    }
    League { measure, within, refused: None, places }
}

/// Companies whose intervals overlap are tied: a place is only given up to one that lies beyond.
fn set_ties(places: &mut [Place]) {
    let mut lows: Vec<f64> = places.iter().map(|p| p.shrunk.interval.low).collect();
    let mut highs: Vec<f64> = places.iter().map(|p| p.shrunk.interval.high).collect();
    lows.sort_by(f64::total_cmp);
    highs.sort_by(f64::total_cmp);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    for place in places {
        let Estimate { interval, .. } = place.shrunk;
        let above = lows.len() - lows.partition_point(|low| *low <= interval.high);
        let below = highs.partition_point(|high| *high < interval.low);
        place.place_first = count(above + 1);
        place.place_last = count(lows.len() - below);
    }
}

#[cfg(test)]
mod tests {
    use super::super::companies::by_company;
    use super::super::samples::{HOUR, answered, frame, silent};
    use super::*;
    use crate::model::observation::Observed;

    /// Companies with so many replies of so many inquiries.
    fn table(counts: &[(u32, u32)]) -> League {
        let mut rows: Vec<Observed> = Vec::new();
        for (i, (replied, asked)) in counts.iter().enumerate() {
            let company = format!("c{i}");
            for n in 0..*asked {
                let row = if n < *replied { answered(&company, "email", HOUR) } else { silent(&company, "email") };
                rows.push(Observed { repetition: n + 1, ..row });
            }
        }
        let frame = frame(&rows);
        league(&by_company(&rows, &frame), &frame.about)
    }

    #[test]
    fn a_perfect_score_of_two_does_not_beat_a_good_one_of_forty() {
        let league = table(&[(2, 2), (38, 40), (3, 40), (20, 40), (1, 30), (29, 30)]);
        assert_eq!(league.refused, None);
        assert_eq!(league.places[0].company, "c5");
        let few = league.places.iter().find(|p| p.company == "c0").unwrap();
        assert!(few.shrunk.value < 0.9 && few.expected_rank > league.places[0].expected_rank);
        assert!(few.place_first == 1 && few.place_last > 3, "{few:?}");
        let worst = league.places.last().unwrap();
        assert!(worst.place_first > 3);
    }

    #[test]
    fn where_chance_explains_it_all_there_is_no_order() {
        assert_eq!(table(&[(4, 10), (5, 10), (6, 10), (5, 10)]).refused, Some(Refused::NotSeenToDiffer));
        assert_eq!(table(&[(1, 1), (0, 1), (1, 1)]).refused, Some(Refused::NotSeenToDiffer));
        assert_eq!(table(&[(4, 10), (5, 10)]).refused, Some(Refused::TooFewCompanies));
    }
}
