//! What the text says, block by block, in the order of the page.

use super::{Block, bars};
use crate::report::publish::{Publication, Status};
use crate::report::voice::Voice;
use crate::report::{html, sentences};
use crate::score::{Rate, Tally};

/// The whole text.
pub(super) fn blocks(p: &Publication, v: &Voice) -> Vec<Block> {
    let mut blocks = head(p, v);
    blocks.extend(summary(p, v));
    blocks.extend(channels(p, v));
    blocks.extend(companies(p, v));
    blocks.extend(said(p, v));
    blocks.extend(waves(p, v));
    blocks.extend(method(p, v));
    if p.is_simulated() {
        blocks.push(Block::Notice(v.t("simulated")));
    }
    blocks
}

fn head(p: &Publication, v: &Voice) -> Vec<Block> {
    let about = &p.scorecard.about;
    let mut facts = Vec::new();
    facts.extend(about.study.iter().map(|s| format!("{} {s}", v.t("facts-study"))));
    facts.extend(about.wave.iter().map(|w| format!("{} {w}", v.t("facts-wave"))));
    facts.extend(about.as_of.iter().map(|at| format!("{} {}", v.t("facts-asof"), v.moment(at))));
    facts.push(format!("{} {}", v.t("facts-window"), v.span(about.window)));
    facts.push(v.t(&format!("audience-{}", p.audience)));
    let mut blocks = vec![Block::Title(about.title.clone())];
    if p.is_simulated() {
        blocks.push(Block::Notice(format!("{}: {}", v.t("simulated"), v.t("simulated-note"))));
    }
    blocks.push(Block::Paragraph(facts.join(" · ")));
    blocks
}

fn summary(p: &Publication, v: &Voice) -> Vec<Block> {
    let claims = sentences::claims(p, v);
    let mut blocks = vec![
        Block::Heading(v.t("nav-summary")),
        Block::Paragraph(sentences::found(p, v)),
        Block::Paragraph(sentences::sure(p, v)),
    ];
    blocks.extend(sentences::role(p, v).map(Block::Paragraph));
    let keys = sentences::keys(p, v).into_iter().map(|key| {
        let beside = key.beside.map(|text| format!("; {text}")).unwrap_or_default();
        format!("{} {}{beside}", key.number, key.text)
    });
    blocks.push(Block::Items(keys.collect()));
    blocks.push(Block::Paragraph(format!(
        "{}: {}. {}",
        v.t("instrument-title"),
        v.t("instrument-not-verified"),
        v.t("instrument-not-verified-why")
    )));
    if !claims.yes.is_empty() {
        blocks.push(Block::Paragraph(v.t("text-claims-yes")));
        blocks.push(Block::Items(claims.yes));
    }
    blocks.push(Block::Paragraph(v.t("text-claims-no")));
    blocks.push(Block::Items(claims.no));
    blocks.retain(|block| !matches!(block, Block::Paragraph(text) if text.is_empty()));
    blocks
}

fn channels(p: &Publication, v: &Voice) -> Vec<Block> {
    let card = &p.scorecard;
    let window = v.span(card.about.window);
    let rate = |rate: &Rate| {
        let of = format!("{}/{}", v.count(rate.numerator), v.count(rate.denominator));
        format!("{of} {} {}", v.share(rate), v.bounds(rate)).trim_end().to_owned()
    };
    let named: Vec<(String, &Tally)> = card
        .channels
        .iter()
        .map(|c| (v.channel(&c.channel), &c.tally))
        .chain(card.groups.iter().map(|g| (v.side(&g.group), &g.tally)))
        .chain([(v.t("all-together"), &card.total)])
        .collect();
    let rows = named.iter().map(|(name, tally)| {
        let answers = &tally.before_any_reminder;
        vec![
            name.clone(),
            v.count(tally.asked),
            rate(&answers.response),
            rate(&answers.adequate_response),
            v.median(answers.latency.as_ref()).replace('\u{a0}', " "),
        ]
    });
    vec![
        Block::Heading(v.t("nav-channels")),
        Block::Picture(v.of_one("chart-rates", "window", &window), bars::forest(p, v)),
        Block::Table(
            v.of_one("table-rates", "window", &window),
            ["col-channel", "col-asked", "text-replied", "text-adequate", "text-median"].map(|k| v.t(k)).into(),
            rows.collect(),
        ),
        Block::Paragraph(v.t("rates-note")),
        Block::Picture(v.t("chart-latency-groups"), bars::latencies(p, v)),
    ]
}

fn companies(p: &Publication, v: &Voice) -> Vec<Block> {
    let card = &p.scorecard;
    let rows = p.companies.iter().map(|page| {
        let place = page.place.map_or_else(
            || "–".to_owned(),
            |(first, last)| if first == last { v.count(first) } else { format!("{first}–{last}") },
        );
        let signs: Vec<&str> = page.tiles.iter().map(|tile| sign(tile.status)).collect();
        let fraction = format!("{}/{}", v.count(page.response.numerator), v.count(page.response.denominator));
        vec![
            page.name.clone(),
            place,
            format!("{fraction} {}", v.share(&page.response)),
            v.bounds(&page.response),
            signs.join(" "),
        ]
    });
    let legend = Status::ALL.into_iter().filter(|s| p.companies.iter().any(|c| c.tiles.iter().any(|t| t.status == *s)));
    let legend = legend.map(|s| format!("{} {}", sign(s), v.t(&format!("status-{}", s.name()))));
    let order: Vec<String> = p.channels.iter().map(|c| v.channel(c)).collect();
    let mut blocks = vec![Block::Heading(v.t("nav-companies"))];
    blocks.extend(
        card.league.refused.map(|why| Block::Paragraph(v.of_one("ranking-none", "why", &sentences::refused(why, v)))),
    );
    blocks.push(Block::Table(
        v.t("chart-tiles"),
        ["col-company", "col-place", "text-replied", "col-interval", "text-tiles"].map(|k| v.t(k)).into(),
        rows.collect(),
    ));
    blocks.push(Block::Paragraph(format!(
        "{}: {}. {}",
        v.t("text-tiles"),
        order.join(", "),
        legend.collect::<Vec<_>>().join("; ")
    )));
    blocks
}

/// The sign of a tile. No place may be blank: readers of Markdown put spaces together.
fn sign(status: Status) -> &'static str {
    match crate::report::charts::sign(status) {
        "" => "▫",
        sign => sign,
    }
}

fn said(p: &Publication, v: &Voice) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(v.t("nav-said"))];
    let coded = html::items(p, v)
        .into_iter()
        .map(|row| format!("{} {} ({}: {})", row.item, row.values, v.t("col-alpha"), row.alpha));
    let coded: Vec<String> = coded.collect();
    if !coded.is_empty() {
        blocks.push(Block::Paragraph(v.t("table-items")));
        blocks.push(Block::Items(coded));
    }
    let promises = sentences::promises(p, v);
    blocks.push(Block::Paragraph(if p.summary.promises.made > 0 {
        format!("{} {}", promises.number, promises.text)
    } else {
        v.t("promises-none")
    }));
    if p.quotations.is_empty() {
        blocks.push(Block::Paragraph(v.t("quotes-none")));
    }
    for quotation in &p.quotations {
        let name = p.companies.iter().find(|c| c.company == quotation.company).map_or("", |c| c.name.as_str());
        let by = v.with("quote-by", &[("company", name.into()), ("channel", (&v.channel(&quotation.via)).into())]);
        blocks.push(Block::Quote(quotation.text.clone(), by));
    }
    blocks
}

fn waves(p: &Publication, v: &Voice) -> Vec<Block> {
    let Some(waves) = &p.waves else { return Vec::new() };
    let mut blocks = vec![Block::Heading(v.t("nav-waves")), Block::Paragraph(html::waves_lead(waves, v))];
    for step in &waves.steps {
        let rows = step.channels.iter().chain(&step.groups).chain(&step.all).map(|change| {
            let difference = change.result.difference;
            vec![
                v.side(&change.name),
                v.share(&change.before),
                v.share(&change.after),
                difference.map(|d| v.points(&d)).unwrap_or_default(),
                difference.map(|d| format!("[{}]", v.range(d.interval))).unwrap_or_default(),
            ]
        });
        let title = v.with("table-waves", &[("from", (&step.from).into()), ("to", (&step.to).into())]);
        let head = ["col-channel", "col-before", "col-after", "col-change", "col-interval"].map(|k| v.t(k));
        blocks.push(Block::Table(title, head.into(), rows.collect()));
        blocks.extend(html::companies_said(step, v).map(Block::Paragraph));
    }
    blocks.push(Block::Paragraph(v.t("waves-note")));
    blocks
}

/// The comparison with each doubt settled.
fn variants(p: &Publication, v: &Voice) -> Vec<Block> {
    let Some([left, right]) = html::sides(p, v).filter(|_| !p.scorecard.variants.is_empty()) else {
        return vec![Block::Paragraph(html::no_variants(p, v))];
    };
    let item = |row: html::VariantRow| {
        format!("{}: {left} {}, {right} {}: {} {}", row.settled, row.left, row.right, row.difference, row.bounds)
    };
    vec![
        Block::Paragraph(v.t("table-variants")),
        Block::Items(html::variant_rows(p, v).into_iter().map(item).collect()),
        Block::Paragraph(html::variants_said(p, v)),
    ]
}

fn method(p: &Publication, v: &Voice) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(v.t("nav-method"))];
    let flow = crate::report::charts::flow_said(p, v);
    blocks.push(Block::Items(flow));
    blocks.extend(variants(p, v));
    blocks.push(Block::Paragraph(p.statement.clone().unwrap_or_else(|| v.t("conduct-none"))));
    blocks.push(Block::Paragraph(v.t("conduct-always")));
    let record = html::record(p, v);
    blocks.push(Block::Items(record.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()));
    for (text, command) in html::rebuild(p, v) {
        blocks.push(Block::Paragraph(text));
        blocks.push(Block::Commands(command));
    }
    blocks
}
