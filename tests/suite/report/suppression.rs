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
use risposta::model::observation::{NotAskedReason, Observation, UndeliveredReason, UnknownReason};
use risposta::report::publish::{Audience, Inquiry, ItemTold, Material, Publication, What, edition};
use risposta::report::voice::Voice;
use risposta::report::{html, package};
use risposta::score::frame::{Coding, Compared};
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
    let got_it = on.filter(|i| i.observed.observation.is_delivered());
    got_it.map(|i| i.observed.company.as_str()).collect::<BTreeSet<_>>().len()
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
    let edited = edition(original, audience, b"secret").unwrap();
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
    let steps = |audience| edition(all.clone(), &audience, b"secret").unwrap().changes().unwrap().steps;
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
fn settled_doubts_of_parallel_groups_are_shown() {
    let mut original = material(20, 5, Names::Short, 6);
    original.about.design = Compared::ParallelGroups;
    let card = |audience| edition(original.clone(), &audience, b"secret").unwrap().score();
    let (team, public) = (card(Audience::Team), card(Audience::Public));
    assert!(team.variants.len() > 1 && team.variants == public.variants, "{:?}", public.variants);
}

/// Sides of which only so few companies were watched long enough on both.
fn hardly_on_both_sides(design: Compared) -> Material {
    let mut original = material(12, 2, Names::Short, 6);
    original.about.design = design;
    for inquiry in &mut original.inquiries {
        let number: u32 = inquiry.observed.company[1..].parse().unwrap();
        inquiry.observed.observation = match number {
            0..=1 => Observation::Silent { window: 28 * 86_400 },
            2 => Observation::UnknownDelivery { reason: UnknownReason::InDoubt },
            _ => Observation::Censored { observed_for: 86_400 },
        };
        (inquiry.observed.adequate_after, inquiry.observed.adequacy) = (None, None);
    }
    original
}

#[test]
fn a_comparison_of_too_few_companies_is_in_no_table_and_no_sentence() {
    for design in [Compared::SameCompanies, Compared::ParallelGroups] {
        let original = hardly_on_both_sides(design);
        let team = edition(original.clone(), &Audience::Team, b"secret").unwrap().score();
        assert!(team.variants.len() > 1 && team.told_difference().is_some() && !team.comparison_hidden);

        let public = edition(original, &Audience::Public, b"secret").unwrap();
        let publication = Publication::of(&public, &Audience::Public);
        let card = &publication.scorecard;
        assert_eq!((card.variants.len(), card.told_difference(), card.comparison_hidden), (0, None, true));
        let hidden = "Too few companies stand behind the comparison for this edition to show it.";
        assert_eq!(card.findings.sure, hidden, "{design:?}");
        let page = html::render(&publication, &Voice::of(Language::English)).unwrap();
        assert!(page.contains(hidden) && page.contains("each doubt settled is not shown"));
        assert!(!page.contains("every delivery is settled") && !page.contains("No company was asked the same"));
    }
}

#[test]
fn what_few_companies_replies_were_coded_by_leaves_nothing_behind() {
    let mut original = material(12, 5, Names::Short, 6);
    (original.item_codings, original.ordered_items) = (Vec::new(), BTreeMap::new());
    let coding = |rater: &str| Coding { item: "m1".to_owned(), rater: rater.to_owned(), code: "low".to_owned() };
    for (item, companies) in [("clear", 9), ("kind", 2)] {
        let values = BTreeMap::from([("low".to_owned(), companies)]);
        let ask = Some(item.to_owned());
        original.codebook.push(ItemTold { item: item.to_owned(), ask, companies, values, settled: 0, disputed: 0 });
        original.item_codings.push((item.to_owned(), vec![coding("anna"), coding("bruno")]));
        original.ordered_items.insert(item.to_owned(), vec!["low".to_owned(), "high".to_owned()]);
    }
    let items = |audience| {
        let edited = edition(original.clone(), &audience, b"secret").unwrap();
        let told: Vec<String> = edited.codebook.iter().map(|told| told.item.clone()).collect();
        let coded: Vec<String> = edited.item_codings.iter().map(|(item, _)| item.clone()).collect();
        let ordered: Vec<String> = edited.ordered_items.keys().cloned().collect();
        let agreed: Vec<String> = edited.score().agreement_by_item.iter().map(|by| by.item.clone()).collect();
        [told, coded, ordered, agreed]
    };
    assert_eq!(items(Audience::Team), [["clear", "kind"]; 4].map(|list| list.map(str::to_owned).to_vec()));
    assert_eq!(items(Audience::Public), [["clear"]; 4].map(|list| list.map(str::to_owned).to_vec()));
}

#[test]
fn a_wave_of_too_few_companies_is_published_not_even_as_one_sum() {
    let of = |companies| material(companies, 3, Names::Short, 6);
    let made = |material: Material, audience: &Audience| edition(material, audience, b"secret");
    let client = Audience::Client("c0".to_owned());
    assert_eq!(
        made(of(4), &Audience::Public).unwrap_err().to_string(),
        "wave `rehearsal` tells of 4 companies, and no published figure may stand for fewer than 5"
    );
    // Who knows one of five learns of the four others.
    assert_eq!(made(of(5), &client).unwrap_err().companies, 4);
    for (enough, audience) in [(5, &Audience::Public), (6, &client), (1, &client), (1, &Audience::Team)] {
        assert!(made(of(enough), audience).is_ok(), "{enough}");
    }
    // Not all who are planned are asked.
    let mut hardly_begun = of(12);
    for inquiry in hardly_begun.inquiries.iter_mut().filter(|i| !["c0", "c1"].contains(&i.observed.company.as_str())) {
        inquiry.observed.observation = Observation::NotAsked { reason: NotAskedReason::Pending };
    }
    assert_eq!(made(hardly_begun, &Audience::Public).unwrap_err().companies, 2);
    let with_a_small_wave = with_earlier(of(12), "rehearsal-spring", &of(3));
    assert_eq!(made(with_a_small_wave, &Audience::Public).unwrap_err().wave, "rehearsal-spring");
    let mut named = of(2);
    (named.publish.names, named.publish.minimum_cell) = (risposta::model::study::Names::Shown, None);
    assert!(made(named, &Audience::Public).is_ok(), "each stands by itself");
}

#[test]
fn a_channel_stands_alone_by_the_companies_that_got_the_question_not_by_the_planned() {
    let original = material(12, 5, Names::Short, 6);
    let channel = original.inquiries[0].observed.channel.clone();
    let merged = |reached: usize, others: Observation| {
        let mut original = original.clone();
        let on_it = original.inquiries.iter_mut().filter(|i| i.observed.channel == channel);
        for (number, inquiry) in on_it.enumerate() {
            let reached = number < reached;
            inquiry.observed.observation = if reached { Observation::Silent { window: 28 * 86_400 } } else { others };
            (inquiry.observed.adequate_after, inquiry.observed.adequacy) = (None, None);
        }
        let edited = edition(original, &Audience::Public, b"secret").unwrap();
        let merged: BTreeSet<String> = edited.changed.merged.into_iter().flat_map(|m| m.channels).collect();
        merged.contains(&channel).then_some(merged.len())
    };
    let blocked = Observation::NotAsked { reason: NotAskedReason::Blocked };
    let bounced = Observation::Undelivered { reason: UndeliveredReason::Bounced, after: 60 };
    for others in [blocked, bounced] {
        assert_eq!(merged(5, others), None, "{others:?}");
        // With the next smallest of its group, so that no sum gives it away.
        assert_eq!(merged(4, others), Some(2), "{others:?}");
        // Of nobody there is no figure.
        assert_eq!(merged(0, others), None, "{others:?}");
    }
}

/// The same study, in which a company's questions went out in another order.
fn asked_otherwise(original: &Material, company: &str) -> Material {
    let mut material = original.clone();
    let mut inquiries: Vec<&mut Inquiry> = material
        .inquiries
        .iter_mut()
        .filter(|i| i.observed.company == company && i.observed.asked_at.is_some())
        .collect();
    let turned: Vec<_> = inquiries.iter().rev().map(|i| (i.observed.asked_at, i.observed.position)).collect();
    for (inquiry, (at, position)) in inquiries.iter_mut().zip(turned) {
        let by = at.unwrap() - inquiry.observed.asked_at.unwrap();
        (inquiry.observed.asked_at, inquiry.observed.position) = (at, position);
        for mark in &mut inquiry.marks {
            mark.at += by;
            if let What::Replied { inbound, .. } = &mut mark.what {
                inbound.0 += 1_000 * u32::from(position == 1);
            }
        }
    }
    material.inquiries.sort_by_key(|i| i.observed.asked_at);
    material
}

#[test]
fn where_all_are_asked_in_one_order_no_date_tells_which_channel_it_was() {
    let mut told = 0;
    for seed in 1..6 {
        let mut original = thinned(9, 8, seed);
        original.about.order_confounded = true;
        let mut place = BTreeMap::<String, u32>::new();
        for inquiry in &mut original.inquiries {
            let place = place.entry(inquiry.observed.company.clone()).or_default();
            *place += 1;
            inquiry.observed.position = *place;
        }
        original = with_earlier(original, "rehearsal-spring", &thinned(9, 8, seed ^ 1));
        for names in [risposta::model::study::Names::Shown, risposta::model::study::Names::Pseudonyms] {
            original.publish.names = names;
            let Ok(public) = edition(original.clone(), &Audience::Public, b"secret") else { continue };
            if public.changed.merged.is_empty() {
                continue;
            }
            told += 1;
            let (now, otherwise) = (original.clone(), asked_otherwise(&original, "c8"));
            assert!(now != otherwise);
            let difference = first_difference(&files(now, &Audience::Public), &files(otherwise, &Audience::Public));
            assert!(difference.is_none(), "{}", difference.unwrap());
            let page = &files(original.clone(), &Audience::Public);
            let page = page.last().unwrap();
            assert!(page.contains("Dates, hours and weekdays are therefore left out") && !page.contains("send-times"));
            // The rates are those of the wave.
            let team = edition(original.clone(), &Audience::Team, b"secret").unwrap().score();
            assert_eq!(public.score().total.before_any_reminder.within, team.total.before_any_reminder.within);
        }
        original.about.order_confounded = false;
        assert!(!edition(original, &Audience::Public, b"secret").unwrap().changed.dates_hidden);
    }
    assert!(told >= 4, "{told}");
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
            let Ok(merged) = edition(original.clone(), &audience, b"secret").map(|e| e.changed.merged) else { continue };
            let Some(cell) = merged.iter().find(|m| m.channels.len() > 1) else { continue };
            let company = format!("c{}", 1 + which as usize % (companies - 1));
            let (one, other) = (&cell.channels[0], &cell.channels[1 + which as usize % (cell.channels.len() - 1)]);
            let exchanged = exchange(&original, &company, one, other);
            // With other numbers of companies others may be put together: that is another edition.
            let now = edition(exchanged.clone(), &audience, b"secret").unwrap().changed.merged;
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
        let got_it = companies_on(&original, &original.channels().into_iter().collect());
        let editions = |audience| edition(original.clone(), audience, b"secret");
        let (public, client) = (editions(&Audience::Public), editions(&Audience::Client("c0".to_owned())));
        // Of so few nothing is published: a test of its own says so.
        prop_assume!(public.is_ok() && client.is_ok());
        let (public, client) = (public.unwrap(), client.unwrap());
        for (edited, min) in [(&public, 5), (&client, 6)] {
            prop_assert_eq!(edited.changed.companies_min, min);
            let enough = |n: usize| n == 0 || n >= min as usize || n == got_it;
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
