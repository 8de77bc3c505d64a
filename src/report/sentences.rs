//! The first page in words: the finding, how sure it is, and what the data carry. The same sentences
//! stand in HTML, Markdown and on the terminal.

use super::publish::{Found, Publication, SideFound, Sides};
use super::voice::Voice;
use crate::model::study::Measure;
use crate::score::comparison::{Role, ShownBy};
use crate::score::league::Refused;
use crate::stats::Interval;

/// The finding, in one sentence.
#[must_use]
pub fn found(publication: &Publication, voice: &Voice) -> String {
    let key = |stem: &str, measure: Measure| match measure {
        Measure::Replied => format!("found-{stem}-replied"),
        Measure::Adequate => format!("found-{stem}-adequate"),
    };
    match &publication.summary.found {
        Found::Paired(sides) => {
            let companies = |side: &SideFound| voice.count(side.companies.unwrap_or(side.rate.numerator));
            two(&key("paired", sides.measure), sides, companies, voice)
        }
        Found::Parallel(sides) => two(&key("parallel", sides.measure), sides, |side| voice.rate(&side.rate), voice),
        Found::Beside { measure, within, left, right } => voice.with(
            &key("beside", *measure),
            &[
                ("within", (&voice.span(*within)).into()),
                ("left", (&voice.rate(&left.rate)).into()),
                ("left-side", (&voice.through(&left.name)).into()),
                ("right", (&voice.rate(&right.rate)).into()),
                ("right-side", (&voice.through(&right.name)).into()),
            ],
        ),
        Found::All { measure, within, rate } => voice.with(
            &key("all", *measure),
            &[("within", (&voice.span(*within)).into()), ("rate", (&voice.rate(rate)).into())],
        ),
        Found::Nothing { within } => voice.of_one("found-nothing", "within", &voice.span(*within)),
    }
}

fn two(key: &str, sides: &Sides, told: impl Fn(&SideFound) -> String, voice: &Voice) -> String {
    voice.with(
        key,
        &[
            ("companies", (&voice.n("companies-n", sides.companies)).into()),
            ("within", (&voice.span(sides.within)).into()),
            ("better", (&told(&sides.better)).into()),
            ("better-side", (&voice.through(&sides.better.name)).into()),
            ("worse", (&told(&sides.worse)).into()),
            ("worse-side", (&voice.through(&sides.worse.name)).into()),
        ],
    )
}

/// How sure it is, in one sentence; empty where there is nothing to be sure of.
#[must_use]
pub fn sure(publication: &Publication, voice: &Voice) -> String {
    match &publication.summary.found {
        Found::Paired(sides) | Found::Parallel(sides) => {
            let test = sides.p.map(|p| format!(" ({})", voice.p(p))).unwrap_or_default();
            let Interval { low, high } = sides.difference.interval;
            let range = format!("{}–{}", voice.decimal(low * 100.0, 0), voice.decimal(high * 100.0, 0));
            let range = if low < 0.0 { voice.range(sides.difference.interval) } else { range };
            voice.with(
                match sides.shown_by {
                    ShownBy::Both => "sure-shown",
                    ShownBy::IntervalAlone => "sure-interval-alone",
                    ShownBy::TestAlone => "sure-test-alone",
                    ShownBy::Neither => "sure-not-shown",
                },
                &[
                    ("better", (&voice.rate(&sides.better.rate)).into()),
                    ("worse", (&voice.rate(&sides.worse.rate)).into()),
                    ("points", (&voice.decimal(sides.difference.value * 100.0, 0)).into()),
                    ("range", (&range).into()),
                    ("test", (&test).into()),
                ],
            )
        }
        Found::All { rate, .. } => {
            rate.estimate.map_or_else(String::new, |e| voice.of_one("sure-all", "range", &voice.range(e.interval)))
        }
        Found::Beside { .. } if publication.scorecard.comparison_hidden => voice.t("sure-beside-hidden"),
        Found::Beside { .. } => voice.t("sure-beside"),
        Found::Nothing { .. } => String::new(),
    }
}

/// Whether the comparison was fixed in advance, and what else a reader must know of it; `None` where
/// nothing is compared.
#[must_use]
pub fn role(publication: &Publication, voice: &Voice) -> Option<String> {
    let (Found::Paired(sides) | Found::Parallel(sides)) = &publication.summary.found else { return None };
    let mut said = vec![match sides.role {
        Role::Primary => voice.t("role-primary"),
        Role::Exploratory => voice.t("role-exploratory"),
    }];
    if let Some(told) = publication.scorecard.comparisons.last() {
        if told.any_of_several {
            said.push(voice.t("any-of-several"));
        }
        if told.result.design_effect.is_some() {
            said.push(voice.t("clustered"));
        }
    }
    Some(said.join(" "))
}

/// A count beside the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// How many.
    pub number: String,
    /// Of what.
    pub text: String,
    /// What stands beside it.
    pub beside: Option<String>,
}

/// The counts beside the finding; what cannot occur in this study is left out.
#[must_use]
pub fn keys(publication: &Publication, voice: &Voice) -> Vec<Key> {
    let summary = &publication.summary;
    // Nobody has been asked yet: a nought would be a finding.
    if summary.companies_reached == 0 {
        return Vec::new();
    }
    let window = voice.span(publication.scorecard.about.window);
    let key = |key: &str, number: u32| Key {
        number: voice.count(number),
        text: voice.with(key, &[("n", number.into()), ("window", (&window).into())]),
        beside: None,
    };
    let mut keys = vec![key("key-nowhere", summary.nowhere)];
    if summary.nowhere_open > 0 {
        keys.push(key("key-nowhere-open", summary.nowhere_open));
    }
    keys.push(key("key-outside", summary.outside_only));
    keys.push(key("key-acknowledged", summary.acknowledged_only));
    keys.push(promises(publication, voice));
    let mut circles = key("key-circles", summary.circles);
    // A circle over several channels shows in no single inquiry.
    if let Some(rounds) = publication.scorecard.stories.as_ref().map(|s| s.rounds).filter(|r| r.asked > 0) {
        let values = [("n", rounds.coded.in_a_circle.into()), ("asked", rounds.asked.into())];
        circles.beside = Some(voice.with("key-rounds", &values));
    }
    keys.push(circles);
    keys
}

/// Promises, and what became of them.
#[must_use]
pub fn promises(publication: &Publication, voice: &Voice) -> Key {
    let promises = publication.summary.promises;
    let values = [("n", promises.made.into()), ("kept", promises.kept.into()), ("broken", promises.broken.into())];
    Key { number: voice.count(promises.made), text: voice.with("key-promises", &values), beside: None }
}

/// What the data carry, and what not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Carried.
    pub yes: Vec<String>,
    /// Not carried.
    pub no: Vec<String>,
}

/// The claims that a reader may look for.
#[must_use]
pub fn claims(publication: &Publication, voice: &Voice) -> Claims {
    let card = &publication.scorecard;
    let mut claims = Claims::default();
    if let Found::Paired(sides) | Found::Parallel(sides) = &publication.summary.found {
        let (better, worse) = (voice.through(&sides.better.name), voice.through(&sides.worse.name));
        if sides.shown_by == ShownBy::Both {
            let values = [("better", (&better).into()), ("worse", (&worse).into())];
            claims.yes.push(voice.with("claim-difference-yes", &values));
        } else {
            claims.no.push(voice.t("claim-difference-no"));
        }
    }
    match card.league.refused {
        None => claims.yes.push(voice.t("claim-ranking-yes")),
        Some(why) => claims.no.push(voice.of_one("claim-ranking-no", "why", &refused(why, voice))),
    }
    channels_apart(publication, voice, &mut claims);
    for (key, number) in [
        ("claim-adequacy-no", card.total.inquiries_uncoded),
        ("claim-open-no", card.total.open),
        ("claim-unknown-no", card.total.unknown.total),
    ] {
        if number > 0 {
            claims.no.push(voice.n(key, number));
        }
    }
    if card.about.order_confounded {
        claims.no.push(voice.t("claim-order-no"));
    }
    claims.no.push(voice.t("claim-cause-no"));
    claims
}

fn channels_apart(publication: &Publication, voice: &Voice, claims: &mut Claims) {
    use crate::score::comparison::several::{SidesOf, TwoSides};
    let several = publication.scorecard.several.iter().find(|s| s.of == SidesOf::Channels);
    let tested: Vec<&TwoSides> = several.iter().flat_map(|s| &s.pairs).filter(|pair| pair.p_holm.is_some()).collect();
    if tested.is_empty() {
        return;
    }
    let all = voice.count(u32::try_from(tested.len()).unwrap_or(u32::MAX));
    let apart = u32::try_from(tested.iter().filter(|pair| pair.is_shown()).count()).unwrap_or(u32::MAX);
    if apart == 0 {
        claims.no.push(voice.of_one("claim-channels-no", "all", &all));
    } else {
        let shown = voice.count(apart);
        let values = [("n", apart.into()), ("shown", (&shown).into()), ("all", (&all).into())];
        claims.yes.push(voice.with("claim-channels-yes", &values));
    }
}

/// Why there is no order of companies.
#[must_use]
pub fn refused(why: Refused, voice: &Voice) -> String {
    voice.t(match why {
        Refused::TooFewCompanies => "refused-too-few-companies",
        Refused::NotSeenToDiffer => "refused-not-seen-to-differ",
        Refused::AllOrNothing => "refused-all-or-nothing",
        Refused::AllTied => "refused-all-tied",
    })
}
