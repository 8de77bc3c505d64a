//! Can a figure of too few companies be computed from what is published?
//!
//! Two properties say no. *Whoever reads an edition cannot tell channels apart that it puts together*: were
//! two of them exchanged at a company, every file would be the same, byte for byte; so nothing that is
//! computed from the files depends on it. And *every published cell is a union of channels with enough
//! companies behind it, and the cells of one edition are unions of those of another*: so whatever sums and
//! differences are taken, within an edition or between editions, only such unions are left.

use super::shapes::{Dice, Names, material, with_earlier};
use proptest::prelude::*;
use risposta::lexicon::report_words::Language;
use risposta::report::publish::{Audience, Material, Publication, edition};
use risposta::report::voice::Voice;
use risposta::report::{html, package};
use risposta::score::frame::Compared;
use std::collections::{BTreeMap, BTreeSet};

/// A study on whose later channels ever fewer companies were asked.
fn thinned(companies: usize, channels: usize, seed: u64) -> Material {
    let mut made = material(companies, channels, Names::Short, seed);
    let mut dice = Dice(seed ^ 0xabcd);
    let order: Vec<String> = made.channels();
    let mut kept: BTreeMap<String, u32> = BTreeMap::new();
    for channel in &order {
        kept.insert(channel.clone(), 20 + dice.roll(80));
    }
    made.inquiries.retain(|i| dice.roll(100) < kept[&i.observed.channel]);
    made
}

/// Which channels stand for which: every published cell with the channels that are in it.
fn cells(published: &Material, original: &Material) -> Vec<BTreeSet<String>> {
    let mut cells: Vec<BTreeSet<String>> =
        published.changed.merged.iter().map(|m| m.channels.iter().cloned().collect()).collect();
    let asked: BTreeSet<String> = original.inquiries.iter().map(|i| i.observed.channel.clone()).collect();
    let merged: BTreeSet<String> = cells.iter().flatten().cloned().collect();
    cells.extend(asked.difference(&merged).map(|channel| BTreeSet::from([channel.clone()])));
    cells
}

fn companies_on(original: &Material, cell: &BTreeSet<String>) -> usize {
    let on = original.inquiries.iter().filter(|i| cell.contains(&i.observed.channel));
    on.map(|i| i.observed.company.as_str()).collect::<BTreeSet<_>>().len()
}

/// Exchanges two channels at one company, in all that is known of it.
fn exchange(original: &Material, company: &str, one: &str, other: &str) -> Material {
    let mut material = original.clone();
    let turned = |channel: &str| match channel {
        c if c == one => other.to_owned(),
        c if c == other => one.to_owned(),
        c => c.to_owned(),
    };
    for inquiry in material.inquiries.iter_mut().filter(|i| i.observed.company == company) {
        inquiry.observed.channel = turned(&inquiry.observed.channel);
    }
    for row in material.earlier.iter_mut().flat_map(|w| &mut w.rows).filter(|row| row.company == company) {
        row.channel = turned(&row.channel);
    }
    for facts in material.companies.iter_mut().filter(|facts| facts.id == company) {
        facts.offers = facts.offers.iter().map(|c| turned(c)).collect();
        facts.lacks = facts.lacks.iter().map(|c| turned(c)).collect();
    }
    material
}

/// Every file of an edition, and its texts.
fn files(original: Material, audience: &Audience) -> Vec<String> {
    let edited = edition(original, audience, b"secret");
    let publication = Publication::of(&edited, audience);
    let page = html::render(&publication, &Voice::of(Language::English)).unwrap();
    let data = package::package(&publication, &edited).unwrap().into_iter().map(|file| file.text);
    data.chain([page]).collect()
}

/// What differs, for a person to read.
fn first_difference(left: &[String], right: &[String]) -> Option<String> {
    let (left, right) = left.iter().zip(right).find(|(l, r)| l != r)?;
    let at = left.bytes().zip(right.bytes()).take_while(|(l, r)| l == r).count();
    let near = |text: &str| text.chars().skip(at.saturating_sub(120)).take(240).collect::<String>();
    Some(format!("{}\n---\n{}", near(left), near(right)))
}

/// A company that is gone by the last wave still counts between those before it, whoever reads.
#[test]
fn a_company_that_left_counts_between_the_waves_that_had_it() {
    let earlier = |seed| material(20, 5, Names::Short, seed);
    let mut now = earlier(6);
    now.inquiries.retain(|i| i.observed.company != "c19");
    now.companies.retain(|c| c.id != "c19");
    let all = with_earlier(with_earlier(now, "rehearsal-spring", &earlier(7)), "rehearsal-summer", &earlier(8));
    let steps = |audience| edition(all.clone(), &audience, b"secret").changes().unwrap().steps;
    let (team, public) = (steps(Audience::Team), steps(Audience::Public));
    assert_eq!(public.len(), 3);
    for (team, public) in team.iter().zip(&public) {
        let counts = |c: &risposta::score::waves::Change| (c.name.clone(), c.before, c.after, c.result.companies);
        assert_eq!(team.all.as_ref().map(counts), public.all.as_ref().map(counts));
        assert_eq!(
            team.channels.iter().map(counts).collect::<Vec<_>>(),
            public.channels.iter().map(counts).collect::<Vec<_>>()
        );
        assert_eq!(team.unmatched, public.unmatched);
    }
    assert!(team[0].companies.iter().any(|c| c.name == "c19"), "{:?}", team[0].companies);
}

#[test]
fn settled_doubts_of_parallel_groups_are_shown_or_said_to_be_hidden() {
    let mut original = material(20, 5, Names::Short, 6);
    original.about.design = Compared::ParallelGroups;
    let card = |original: &Material, audience| edition(original.clone(), &audience, b"secret").score();
    let (team, public) = (card(&original, Audience::Team), card(&original, Audience::Public));
    assert!(team.variants.len() > 1 && team.variants == public.variants, "{:?}", public.variants);
    assert!(public.sensitivity.is_some());

    original.publish.minimum_cell = Some(1_000);
    let hidden = edition(original, &Audience::Public, b"secret");
    let publication = Publication::of(&hidden, &Audience::Public);
    assert_eq!(publication.scorecard.variants, []);
    let page = html::render(&publication, &Voice::of(Language::English)).unwrap();
    assert!(page.contains("each doubt settled is not shown") && !page.contains("every delivery is settled"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn channels_that_are_put_together_cannot_be_told_apart(
        companies in 6_usize..13, channels in 3_usize..9, seed in any::<u64>(), waves in any::<bool>(), which in any::<u32>()
    ) {
        let mut original = thinned(companies, channels, seed);
        if waves {
            original = with_earlier(original, "rehearsal-spring", &thinned(companies, channels, seed ^ 1));
        }
        for audience in [Audience::Public, Audience::Client("c0".to_owned())] {
            let merged = edition(original.clone(), &audience, b"secret").changed.merged;
            let Some(cell) = merged.iter().find(|m| m.channels.len() > 1) else { continue };
            let company = format!("c{}", 1 + which as usize % (companies - 1));
            let (one, other) = (&cell.channels[0], &cell.channels[1 + which as usize % (cell.channels.len() - 1)]);
            let exchanged = exchange(&original, &company, one, other);
            // With other numbers of companies others may be put together: that is another edition.
            let now = edition(exchanged.clone(), &audience, b"secret").changed.merged;
            let sets = |merged: &[risposta::report::publish::Merged]| -> BTreeSet<BTreeSet<String>> {
                merged.iter().map(|m| m.channels.iter().cloned().collect()).collect()
            };
            if sets(&now) != sets(&merged) {
                continue;
            }
            let difference = first_difference(&files(original.clone(), &audience), &files(exchanged, &audience));
            prop_assert!(difference.is_none(), "{one} ↔ {other} at {company} shows: {}", difference.unwrap());
        }
    }

    #[test]
    fn every_cell_has_enough_companies_and_lies_in_one_cell_of_another_edition(
        companies in 5_usize..13, channels in 2_usize..9, seed in any::<u64>()
    ) {
        let original = thinned(companies, channels, seed);
        let asked = companies_on(&original, &original.channels().into_iter().collect());
        let public = edition(original.clone(), &Audience::Public, b"secret");
        let client = edition(original.clone(), &Audience::Client("c0".to_owned()), b"secret");
        for (edited, min) in [(&public, 5), (&client, 6)] {
            prop_assert_eq!(edited.changed.companies_min, min);
            let enough = |n: usize| n >= min as usize || n == asked;
            for cell in cells(edited, &original) {
                prop_assert!(enough(companies_on(&original, &cell)), "{:?}", cell);
            }
            let card = edited.score();
            prop_assert!(card.comparisons.iter().all(|c| c.result.companies >= min));
            prop_assert!(card.variants.iter().all(|v| v.companies >= min));
            for pair in card.several.iter().flat_map(|s| &s.pairs) {
                prop_assert!(pair.result.as_ref().is_none_or(|r| r.companies >= min), "{:?}", pair);
            }
        }
        for small in cells(&public, &original) {
            let holds = |large: &BTreeSet<String>| large.is_superset(&small) || large.is_disjoint(&small);
            prop_assert!(cells(&client, &original).iter().all(holds), "{:?}", small);
        }
    }
}
