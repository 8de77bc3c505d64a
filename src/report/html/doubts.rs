//! The rows of what can be doubted: the comparison with each doubt settled, and how well raters agree.

use crate::model::study::codebook::{ADEQUACY, adequacy_of};
use crate::report::escape;
use crate::report::publish::{ItemTold, Publication};
use crate::report::voice::Voice;
use crate::score::raters::Agreement;
use crate::score::variants::{Settled, Variant};

pub(super) struct VariantTable {
    pub(super) heads: [String; 2],
    pub(super) rows: Vec<VariantRow>,
    pub(super) said: String,
}

pub(in crate::report) struct VariantRow {
    pub(in crate::report) settled: String,
    pub(in crate::report) left: String,
    pub(in crate::report) right: String,
    pub(in crate::report) difference: String,
    pub(in crate::report) bounds: String,
    pub(in crate::report) p: String,
}

/// The comparison as counted and with each doubt settled; `None` where there is none.
pub(super) fn variants(p: &Publication, v: &Voice) -> Option<VariantTable> {
    let (rows, heads) = (variant_rows(p, v), sides(p, v)?);
    (!rows.is_empty()).then(|| VariantTable { heads, rows, said: variants_said(p, v) })
}

/// The names of the two sides of the comparison that is told.
pub(in crate::report) fn sides(p: &Publication, v: &Voice) -> Option<[String; 2]> {
    let card = &p.scorecard;
    let paired = card.comparisons.last().map(|c| [&c.left.name, &c.right.name]);
    let names = paired.or_else(|| card.parallel.last().map(|g| [&g.left.name, &g.right.name]))?;
    Some(names.map(|name| v.side(name)))
}

pub(in crate::report) fn variant_rows(p: &Publication, v: &Voice) -> Vec<VariantRow> {
    let row = |variant: &Variant| VariantRow {
        settled: v.n(&format!("variant-{}", variant.settled.name()), variant.inquiries),
        left: v.rate(&variant.left),
        right: v.rate(&variant.right),
        difference: variant.difference.map(|d| v.points(&d)).unwrap_or_default(),
        bounds: variant.difference.map(|d| format!("[{}]", v.range(d.interval))).unwrap_or_default(),
        p: variant.p.map_or_else(|| "–".to_owned(), |p| v.decimal(p, 3)),
    };
    p.scorecard.variants.iter().map(row).collect()
}

/// Why no doubt is settled: there is none, or the comparison is not shown.
pub(in crate::report) fn no_variants(p: &Publication, v: &Voice) -> String {
    let is_shown = !p.scorecard.comparison_hidden && sides(p, v).is_some();
    v.t(if is_shown { "variants-none" } else { "variants-hidden" })
}

/// Whether the comparison says the same however each doubt is settled.
pub(in crate::report) fn variants_said(p: &Publication, v: &Voice) -> String {
    let says =
        |variant: &Variant| (variant.is_shown, variant.is_shown && variant.difference.is_some_and(|d| d.value > 0.0));
    let counted = p.scorecard.variants.iter().find(|variant| variant.settled == Settled::AsCounted).map(says);
    let hold = p.scorecard.variants.iter().all(|variant| Some(says(variant)) == counted);
    v.t(if hold { "variants-hold" } else { "variants-differ" })
}

pub(in crate::report) struct ItemRow {
    pub(in crate::report) item: String,
    pub(in crate::report) coded: String,
    pub(in crate::report) values: String,
    pub(in crate::report) twice: String,
    pub(in crate::report) alpha: String,
    pub(in crate::report) differed: String,
}

/// The codebook, item by item.
pub(in crate::report) fn items(p: &Publication, v: &Voice) -> Vec<ItemRow> {
    p.codebook.iter().map(|told| item(p, told, v)).collect()
}

fn item(p: &Publication, told: &ItemTold, v: &Voice) -> ItemRow {
    let card = &p.scorecard;
    let agreement: Option<&Agreement> = if told.item == ADEQUACY {
        card.agreement.as_ref()
    } else {
        card.agreement_by_item.iter().find(|by| by.item == told.item).map(|by| &by.agreement)
    };
    let value = |value: &str| match (adequacy_of(value).filter(|_| told.item == ADEQUACY), value) {
        (Some(adequacy), _) => v.adequacy(adequacy),
        (None, "yes" | "no" | "none") => v.t(value),
        (None, other) => v.place(other),
    };
    let name = match &told.ask {
        Some(ask) => escape::line(ask).into_owned(),
        None if told.item == ADEQUACY => v.t("item-adequacy"),
        None => escape::line(&told.item).into_owned(),
    };
    ItemRow {
        item: name,
        coded: v.count(told.values.values().sum()),
        values: told
            .values
            .iter()
            .map(|(code, n)| format!("{}\u{a0}{}", value(code), v.count(*n)))
            .collect::<Vec<_>>()
            .join(" · "),
        twice: agreement.map_or_else(
            || "–".to_owned(),
            |a| format!("{} ({})", v.count(a.items), a.raw.map_or_else(|| "–".to_owned(), |raw| v.percent(raw))),
        ),
        alpha: agreement.and_then(|a| a.krippendorff_alpha).map_or_else(|| "–".to_owned(), |a| v.decimal(a, 2)),
        differed: if told.settled + told.disputed == 0 {
            "–".to_owned()
        } else {
            let (settled, open) = (v.count(told.settled), v.count(told.disputed));
            let values = [("settled", (&settled).into()), ("open", (&open).into())];
            v.with("item-differed", &values)
        },
    }
}
