//! The rows of the page's tables: numbers in, words out.

use crate::model::event::Adequacy as Code;
use crate::report::charts::{self, channel_class};
use crate::report::publish::{Publication, Status, What};
use crate::report::voice::Voice;
use crate::score::comparison::several::SidesOf;
use crate::score::{Answers, Latency, Rate, Scorecard, Tally};

/// A channel, a group, or all together, with its counts.
pub(super) struct Named<'c> {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) several: bool,
    pub(super) tally: &'c Tally,
}

/// Channels, then groups, then all.
pub(super) fn named<'c>(card: &'c Scorecard, v: &Voice) -> Vec<Named<'c>> {
    let channels = card.channels.iter().map(|c| Named {
        name: v.channel(&c.channel),
        class: channel_class(&c.channel),
        several: false,
        tally: &c.tally,
    });
    let groups =
        card.groups.iter().map(|g| Named { name: v.side(&g.group), class: "ink", several: true, tally: &g.tally });
    let all = Named { name: v.t("all-together"), class: "ink", several: true, tally: &card.total };
    channels.chain(groups).chain([all]).collect()
}

/// A rate in three parts, so that they stand under each other.
pub(super) struct Cell {
    pub(super) fraction: String,
    pub(super) share: String,
    pub(super) bounds: String,
}

pub(super) fn cell(rate: &Rate, v: &Voice) -> Cell {
    Cell {
        fraction: format!("{}/{}", v.count(rate.numerator), v.count(rate.denominator)),
        share: v.share(rate),
        bounds: v.bounds(rate),
    }
}

pub(super) struct RateRow {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) several: bool,
    pub(super) asked: String,
    pub(super) delivered: String,
    pub(super) replied: Cell,
    pub(super) of_asked: Cell,
    pub(super) adequate: Cell,
    pub(super) acknowledged: Cell,
}

pub(super) fn rates(card: &Scorecard, v: &Voice) -> Vec<RateRow> {
    let row = |n: Named<'_>| {
        let answers = &n.tally.before_any_reminder;
        RateRow {
            asked: v.count(n.tally.asked),
            delivered: v.count(n.tally.delivered),
            replied: cell(&answers.response, v),
            of_asked: cell(&answers.response_of_asked, v),
            adequate: cell(&answers.adequate_response, v),
            acknowledged: cell(&n.tally.acknowledgement, v),
            name: n.name,
            class: n.class,
            several: n.several,
        }
    };
    named(card, v).into_iter().map(row).collect()
}

pub(super) struct ThresholdTable {
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<(String, &'static str, bool, Vec<Cell>)>,
}

pub(super) fn thresholds(card: &Scorecard, v: &Voice) -> ThresholdTable {
    let cells = |answers: &Answers| answers.within.iter().map(|w| cell(&w.replied, v)).collect();
    ThresholdTable {
        heads: card.about.thresholds.iter().map(|t| v.span(*t)).collect(),
        rows: named(card, v)
            .into_iter()
            .map(|n| (n.name, n.class, n.several, cells(&n.tally.before_any_reminder)))
            .collect(),
    }
}

pub(super) struct TimeRow {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) several: bool,
    pub(super) quartile: String,
    pub(super) median: String,
    pub(super) bounds: String,
    pub(super) acknowledged: String,
}

pub(super) fn times(card: &Scorecard, v: &Voice) -> Vec<TimeRow> {
    let row = |n: Named<'_>| {
        let latency: Option<&Latency> = n.tally.before_any_reminder.latency.as_ref();
        TimeRow {
            quartile: latency.map_or_else(|| "–".to_owned(), |l| v.reached(l.first_quartile.hours)),
            median: v.median(latency),
            bounds: latency.map(|l| v.quantile_bounds(&l.median)).unwrap_or_default(),
            acknowledged: v.median(n.tally.acknowledgement_latency.as_ref()),
            name: n.name,
            class: n.class,
            several: n.several,
        }
    };
    named(card, v).into_iter().map(row).collect()
}

pub(super) struct Offered {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) counts: [String; 3],
}

pub(super) fn offered(card: &Scorecard, v: &Voice) -> Vec<Offered> {
    let row = |a: &crate::score::Availability| Offered {
        name: v.channel(&a.channel),
        class: channel_class(&a.channel),
        counts: [a.offered, a.not_offered, a.not_looked_for].map(|n| v.count(n)),
    };
    card.availability.iter().map(row).collect()
}

pub(super) struct CostRow {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) counts: [String; 7],
}

pub(super) fn costs(p: &Publication, v: &Voice) -> Vec<CostRow> {
    let median = |of: Option<(u32, u32)>| of.map_or_else(|| "–".to_owned(), |(_, median)| v.count(median));
    let demand = |(demanded, known): (u32, u32)| {
        if known == 0 { "–".to_owned() } else { format!("{}/{}", v.count(demanded), v.count(known)) }
    };
    let row = |cost: &crate::report::publish::ChannelCost| CostRow {
        name: v.channel(&cost.channel),
        class: channel_class(&cost.channel),
        counts: [
            v.count(cost.looked),
            median(cost.required_fields),
            median(cost.clicks),
            demand(cost.registration),
            demand(cost.phone),
            demand(cost.real_name),
            demand(cost.captcha),
        ],
    };
    p.costs.iter().map(row).collect()
}

pub(super) struct PairRow {
    pub(super) pair: String,
    pub(super) questions: String,
    pub(super) difference: String,
    pub(super) bounds: String,
    pub(super) p: String,
}

pub(super) fn pairs(card: &Scorecard, v: &Voice) -> Vec<PairRow> {
    let channels = card.several.iter().filter(|s| s.of == SidesOf::Channels).flat_map(|s| &s.pairs);
    channels
        .filter_map(|pair| {
            let result = pair.result.as_ref()?;
            let difference = result.difference?;
            Some(PairRow {
                pair: format!("{} − {}", v.channel(&pair.left), v.channel(&pair.right)),
                questions: v.count(result.pairs.pairs()),
                difference: v.points(&difference),
                bounds: format!("[{}]", v.range(difference.interval)),
                p: pair.p_holm.map_or_else(|| "–".to_owned(), |p| v.decimal(p, 3)),
            })
        })
        .collect()
}

pub(super) struct PlaceRow {
    pub(super) place: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) own: Cell,
    pub(super) drawn: String,
    pub(super) bounds: String,
}

/// Places as a range, or one.
pub(super) fn place((first, last): (u32, u32), v: &Voice) -> String {
    if first == last { v.count(first) } else { format!("{}–{}", v.count(first), v.count(last)) }
}

pub(super) fn places(card: &Scorecard, v: &Voice) -> Vec<PlaceRow> {
    let row = |p: &crate::score::league::Place| PlaceRow {
        place: place((p.place_first, p.place_last), v),
        id: p.company.clone(),
        name: crate::report::escape::line(&p.name).into_owned(),
        own: cell(&p.rate, v),
        drawn: v.percent(p.shrunk.value),
        bounds: format!("[{}]", v.range(p.shrunk.interval)),
    };
    card.league.places.iter().map(row).collect()
}

pub(super) struct TileRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) tiles: Vec<TileCell>,
}

pub(super) struct TileCell {
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) said: String,
    pub(super) repeated: String,
}

pub(super) fn tiles(p: &Publication, v: &Voice) -> Vec<TileRow> {
    let said: Vec<(Status, String)> =
        Status::ALL.into_iter().map(|s| (s, v.t(&format!("status-{}", s.name())))).collect();
    let words = |status: Status| said.iter().find(|(s, _)| *s == status).map(|(_, w)| w.clone()).unwrap_or_default();
    let tile = |t: &crate::report::publish::Tile| TileCell {
        class: t.status.name(),
        sign: charts::sign(t.status),
        said: words(t.status),
        repeated: if t.asked > 1 { format!("{}/{}", t.replied, t.asked) } else { String::new() },
    };
    p.companies
        .iter()
        .map(|page| TileRow {
            id: page.company.clone(),
            name: crate::report::escape::line(&page.name).into_owned(),
            tiles: page.tiles.iter().map(tile).collect(),
        })
        .collect()
}

/// Class, sign and meaning of every status that occurs.
pub(super) fn legend(p: &Publication, v: &Voice) -> Vec<(&'static str, &'static str, String)> {
    let occurs = |s: &Status| p.companies.iter().any(|page| page.tiles.iter().any(|t| t.status == *s));
    let entry = |s: Status| (s.name(), charts::sign(s), v.t(&format!("status-{}", s.name())));
    Status::ALL.into_iter().filter(occurs).map(entry).collect()
}

/// How replies are coded, by channel.
pub(super) struct Adequacy {
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<(String, &'static str, Vec<String>)>,
}

/// The best reply of each inquiry within the window; `None` where nobody replied.
pub(super) fn adequacy(p: &Publication, v: &Voice) -> Option<Adequacy> {
    let mut counts: Vec<[u32; 8]> = vec![[0; 8]; p.channels.len()];
    for line in p.companies.iter().flat_map(|page| &page.inquiries) {
        let Some(row) = p.channels.iter().position(|c| *c == line.channel).filter(|_| line.replied_after.is_some())
        else {
            continue;
        };
        let window = p.scorecard.about.window.as_secs();
        let coded = line.marks.iter().filter(|m| m.after <= window).filter_map(|mark| match mark.what {
            What::Replied { adequacy, .. } => adequacy,
            _ => None,
        });
        let column = coded.min().map_or(7, |code| Code::ALL.iter().position(|c| *c == code).unwrap_or(7));
        counts[row][column] += 1;
    }
    let total: u32 = counts.iter().flatten().sum();
    if total == 0 {
        return None;
    }
    let used: Vec<usize> = (0..8).filter(|c| counts.iter().any(|row| row[*c] > 0)).collect();
    let head =
        |column: &usize| Code::ALL.get(*column).map_or_else(|| v.t("adequacy-uncoded"), |code| v.adequacy(*code));
    let rows = p.channels.iter().zip(&counts).filter(|(_, row)| row.iter().any(|n| *n > 0));
    Some(Adequacy {
        heads: used.iter().map(head).collect(),
        rows: rows
            .map(|(channel, row)| {
                (v.channel(channel), channel_class(channel), used.iter().map(|c| v.count(row[*c])).collect())
            })
            .collect(),
    })
}
