//! Which side answers better, where each company was asked on one channel?

use super::{Measure, Observed, Role, ShownBy, Side, channels_of, is_uncoded, readings, succeeded};
use crate::model::study::Primary;
use crate::model::time::Span;
use crate::score::frame::{About, Compared};
use crate::score::rate::Rate;
use crate::score::tally::watched_for;
use crate::stats::{Estimate, weighted_difference};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Two groups of companies, each asked on one side, before any reminder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parallel {
    /// Whether the study fixed it in advance.
    pub role: Role,
    /// What counts as success.
    pub measure: Measure,
    /// Within how long.
    pub within: Span,
    /// One side, all strata together.
    pub left: Side,
    /// The other side.
    pub right: Side,
    /// Whether industries are compared each for itself.
    pub by_industry: bool,
    /// Industries that were asked on both sides; 1 where industries are not told apart.
    pub strata: u32,
    /// Inquiries in industries that were asked on one side only, and so compare with nothing.
    pub unmatched: u32,
    /// Left share minus right share, with Newcombe's interval for two samples (1998, method 10:
    /// square-and-add of Wilson limits); over strata, weighted as Mantel and Haenszel do (1959), square-and-add
    /// over all of them (Zou and Donner 2008). `None` without companies on both sides.
    pub difference: Option<Estimate>,
    /// Inquiries in it that coding may still make a success.
    pub inquiries_uncoded: u32,
}

/// The comparisons of a study with parallel groups, the primary first; of any other study, none.
#[must_use]
pub fn compare_groups(rows: &[Observed], about: &About) -> Vec<Parallel> {
    let by_industry = match about.design {
        Compared::SameCompanies => return Vec::new(),
        Compared::ParallelGroups => false,
        Compared::ParallelGroupsByIndustry => true,
    };
    readings(about, |asked| Parallel::of(rows, about, asked, by_industry), |c| c.inquiries_uncoded)
}

/// Clusters and successes of one side.
type Trials<'r> = Vec<(&'r str, bool)>;

impl Parallel {
    fn of(rows: &[Observed], about: &About, (role, asked): &(Role, Primary), by_industry: bool) -> Self {
        let channels = [&asked.left, &asked.right].map(|name| channels_of(about, name));
        let mut strata: BTreeMap<&str, [Trials<'_>; 2]> = BTreeMap::new();
        let mut uncoded = 0;
        for row in rows.iter().filter(|row| watched_for(row, asked.within)) {
            let stratum = if by_industry { row.industry.as_deref().unwrap_or_default() } else { "" };
            for (side, channels) in channels.iter().enumerate() {
                if channels.contains(&row.channel) {
                    let success = succeeded(row, asked.measure, asked.within);
                    strata.entry(stratum).or_default()[side].push((&row.cluster, success));
                    uncoded += u32::from(is_uncoded(row, asked.measure));
                }
            }
        }
        let all = |side: usize| Rate::of(&strata.values().flat_map(|s| s[side].iter().copied()).collect::<Vec<_>>());
        let (matched, alone): (Vec<_>, Vec<_>) = strata.values().partition(|s| s.iter().all(|side| !side.is_empty()));
        let [left, right] = channels;
        Self {
            role: *role,
            measure: asked.measure,
            within: asked.within,
            left: Side { name: asked.left.clone(), channels: left, rate: all(0) },
            right: Side { name: asked.right.clone(), channels: right, rate: all(1) },
            by_industry,
            strata: u32::try_from(matched.len()).unwrap_or(u32::MAX),
            unmatched: alone.iter().flat_map(|s| s.iter()).map(|side| u32::try_from(side.len()).unwrap_or(0)).sum(),
            difference: difference(&matched).map(Estimate::fixed),
            inquiries_uncoded: uncoded,
        }
    }

    /// Companies on either side, each once however often it was asked there; those of one group count as one.
    #[must_use]
    pub fn companies(&self) -> u32 {
        let of = |side: &Side| side.rate.repeated.map_or(side.rate.denominator, |repeats| repeats.clusters);
        of(&self.left) + of(&self.right)
    }

    /// Whether a difference is shown: the interval leaves out 0.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.difference.is_some_and(|d| !d.interval.contains(0.0))
    }

    /// What shows it: there is no test.
    #[must_use]
    pub fn shown_by(&self) -> ShownBy {
        if self.is_shown() { ShownBy::Both } else { ShownBy::Neither }
    }
}

/// The difference over strata that have both sides.
fn difference(strata: &[&[Trials<'_>; 2]]) -> Option<Estimate> {
    let of_stratum = |[left, right]: &&[Trials<'_>; 2]| {
        let (left, right) = (Rate::of(left), Rate::of(right));
        let (n, m) = (f64::from(left.denominator), f64::from(right.denominator));
        Some((n * m / (n + m), left.estimate?.minus(right.estimate?)))
    };
    weighted_difference(&strata.iter().filter_map(of_stratum).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::{HOUR, answered, frame, silent};
    use super::*;

    /// `replied` of `asked` companies of an industry reply on a channel.
    fn group(industry: &str, channel: &str, replied: u32, asked: u32) -> Vec<Observed> {
        let company = |n| format!("{industry}-{channel}-{n}");
        let row = |n| if n < replied { answered(&company(n), channel, HOUR) } else { silent(&company(n), channel) };
        (0..asked).map(|n| Observed { industry: Some(industry.to_owned()), ..row(n) }).collect()
    }

    fn compared(rows: &[Observed], design: Compared) -> Parallel {
        let about = About { design, ..frame(rows).about };
        compare_groups(rows, &about).remove(0)
    }

    #[test]
    fn two_groups_are_compared_as_newcombe_does() {
        // Newcombe (1998), table II, method 10: 56/70 and 48/80 give 0.0524 to 0.3339.
        let rows = [group("x", "web_form", 56, 70), group("x", "facebook", 48, 80)].concat();
        let found = compared(&rows, Compared::ParallelGroups);
        let difference = found.difference.unwrap();
        assert!((difference.value - 0.2).abs() < 1e-12);
        assert!((difference.interval.low - 0.0524).abs() < 5e-5, "{difference:?}");
        assert!((difference.interval.high - 0.3339).abs() < 5e-5, "{difference:?}");
        assert!(found.is_shown());
    }

    #[test]
    fn an_industry_that_answers_more_does_not_pass_for_its_channel() {
        let rows = [
            group("quick", "web_form", 36, 40),
            group("quick", "facebook", 9, 10),
            group("slow", "web_form", 1, 10),
            group("slow", "facebook", 4, 40),
        ]
        .concat();
        let whole = compared(&rows, Compared::ParallelGroups);
        assert!(whole.is_shown() && whole.difference.unwrap().value > 0.4);
        let within = compared(&rows, Compared::ParallelGroupsByIndustry);
        assert!(within.difference.unwrap().value.abs() < 1e-12 && !within.is_shown());
        assert_eq!((within.strata, within.unmatched), (2, 0));
    }

    #[test]
    fn a_company_that_was_asked_repeatedly_is_one() {
        let once = [group("x", "web_form", 1, 2), group("x", "facebook", 2, 3)].concat();
        assert_eq!(compared(&once, Compared::ParallelGroups).companies(), 5);
        let thrice = [once.clone(), once.clone(), once].concat();
        assert_eq!(compared(&thrice, Compared::ParallelGroups).companies(), 5);
    }

    #[test]
    fn an_industry_on_one_side_only_is_told() {
        let rows = [group("both", "web_form", 1, 4), group("both", "facebook", 2, 4), group("one", "facebook", 3, 3)];
        let found = compared(&rows.concat(), Compared::ParallelGroupsByIndustry);
        assert_eq!((found.strata, found.unmatched), (1, 3));
    }
}
