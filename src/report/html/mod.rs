//! The report as a page: one file that needs no network and no script, and prints well.

mod companies;
mod doubts;
mod method;
mod tables;
mod waves;

use super::charts::{self, Chart};
use super::publish::Publication;
use super::sentences::{self, Claims, Key};
use super::voice::Voice;
use askama::Template;
pub(in crate::report) use doubts::{VariantRow, items, no_variants, sides, variant_rows, variants_said};
pub(in crate::report) use method::{rebuild, record};
pub(in crate::report) use waves::{companies_said, lead as waves_lead};

use companies::Company;
use doubts::{ItemRow, VariantTable};
use method::Method;
use tables::{Adequacy, CostRow, Offered, PairRow, PlaceRow, RateRow, ThresholdTable, TileRow, TimeRow};
use waves::WaveTable;

/// The page.
///
/// # Errors
/// None that a `String` can give.
pub fn render(publication: &Publication, voice: &Voice) -> Result<String, askama::Error> {
    let charts = charts::charts(publication, voice);
    Page::new(publication, voice, &charts)?.render()
}

/// All that the template shows. It decides nothing: what is empty is not there.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'p> {
    v: &'p Voice,
    p: &'p Publication,
    title: String,
    facts: Vec<(String, String)>,
    found: String,
    sure: String,
    role: Option<String>,
    keys: Vec<Key>,
    claims: Claims,
    figures: Vec<Figure>,
    window: String,
    rates: Vec<RateRow>,
    thresholds: ThresholdTable,
    times: Vec<TimeRow>,
    open_hours: Option<String>,
    with_reminders: Option<String>,
    offered: Vec<Offered>,
    costs: Vec<CostRow>,
    pairs: Vec<PairRow>,
    places: Vec<PlaceRow>,
    unranked: Option<String>,
    tiles: Vec<TileRow>,
    legend: Vec<(&'static str, &'static str, String)>,
    companies: Vec<Company>,
    companies_open: bool,
    dated: bool,
    adequacy: Option<Adequacy>,
    items: Vec<ItemRow>,
    promises: Option<String>,
    quotes: Vec<Quote>,
    waves: Option<WaveTable>,
    variants: Option<VariantTable>,
    no_variants: String,
    method: Method,
    style: &'static str,
    colours: &'static str,
}

/// A picture as it stands in the page.
struct Figure {
    id: &'static str,
    title: String,
    svg: String,
}

/// A quotation.
struct Quote {
    text: String,
    by: String,
    pending: bool,
}

/// Most companies whose pages are unfolded from the start.
const UNFOLDED_MAX: usize = 40;

impl<'p> Page<'p> {
    fn new(p: &'p Publication, v: &'p Voice, charts: &[Chart]) -> Result<Self, askama::Error> {
        let card = &p.scorecard;
        let figure = |chart: &Chart| Ok(Figure { id: chart.id, title: chart.title.clone(), svg: chart.inline()? });
        let window = v.span(card.about.window);
        let open_hours = card.total.before_any_reminder.open_hours_latency.as_ref();
        Ok(Self {
            title: super::escape::line(&card.about.title).into_owned(),
            facts: facts(p, v),
            found: sentences::found(p, v),
            sure: sentences::sure(p, v),
            role: sentences::role(p, v),
            keys: sentences::keys(p, v),
            claims: sentences::claims(p, v),
            figures: charts.iter().map(figure).collect::<Result<_, askama::Error>>()?,
            rates: tables::rates(card, v),
            thresholds: tables::thresholds(card, v),
            times: tables::times(card, v),
            open_hours: open_hours.map(|l| v.of_one("open-hours-note", "median", &v.reached(l.median.hours))),
            with_reminders: card.total.with_reminders.as_ref().map(|a| {
                v.of_one("with-reminders", "rate", &format!("{} {}", v.rate(&a.response), v.bounds(&a.response)))
            }),
            offered: tables::offered(card, v),
            costs: tables::costs(p, v),
            pairs: tables::pairs(card, v),
            places: tables::places(card, v),
            unranked: card.league.refused.map(|why| sentences::refused(why, v)),
            tiles: tables::tiles(p, v),
            legend: tables::legend(p, v),
            companies: companies::companies(p, v),
            companies_open: p.companies.len() <= UNFOLDED_MAX,
            dated: !p.changed.dates_hidden,
            adequacy: tables::adequacy(p, v),
            items: items(p, v),
            promises: (p.summary.promises.made > 0).then(|| {
                let key = sentences::promises(p, v);
                format!("{} {}", key.number, key.text)
            }),
            quotes: p.quotations.iter().map(|q| quote(p, v, q)).collect(),
            waves: waves::waves(p, v),
            variants: doubts::variants(p, v),
            no_variants: doubts::no_variants(p, v),
            method: method::method(p, v),
            style: include_str!("../../../templates/report.css"),
            colours: charts::STYLE,
            window,
            v,
            p,
        })
    }

    /// The picture of that name, where there is one.
    fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }
}

fn facts(p: &Publication, v: &Voice) -> Vec<(String, String)> {
    let about = &p.scorecard.about;
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| facts.push((v.t(key), value));
    if let Some(study) = &about.study {
        fact("facts-study", study.clone());
    }
    if let Some(wave) = &about.wave {
        fact("facts-wave", wave.clone());
    }
    if let Some(at) = &about.as_of {
        fact("facts-asof", v.moment(at));
    }
    fact("facts-window", v.span(about.window));
    fact("facts-audience", v.t(&format!("audience-{}", p.audience)));
    facts
}

fn quote(p: &Publication, v: &Voice, quotation: &super::publish::Quotation) -> Quote {
    let name = p.companies.iter().find(|c| c.company == quotation.company).map_or("", |c| c.name.as_str());
    let by = v.with(
        "quote-by",
        &[
            ("company", (&super::escape::line(name).into_owned()).into()),
            ("channel", (&v.channel(&quotation.via)).into()),
        ],
    );
    Quote { text: super::escape::lines(&quotation.text).into_owned(), by, pending: !quotation.approved }
}
