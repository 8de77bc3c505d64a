//! What a report for the public may show.

use super::build::{Draft, unknown};
use super::finding::Finding;
use crate::model::study::{Names, Publish, Quotations};
use std::collections::BTreeMap;

/// What may be published; a study that says nothing keeps companies behind pseudonyms.
pub(super) fn publish(draft: &Draft<'_>, found: &mut Vec<Finding>) -> Publish {
    let Some(section) = draft.root.section("publish") else { return Publish::default() };
    let known: Vec<&str> = draft.companies.iter().map(|(company, _)| company.id.as_str()).collect();
    let mut comments = BTreeMap::new();
    for entry in section.get("comments").map(|node| node.entries()).unwrap_or_default() {
        let text = entry.value.text().map(str::to_owned);
        match draft.companies.iter().find(|(company, _)| company.id.as_str() == entry.key) {
            Some((company, _)) => comments.extend(text.map(|text| (company.id.clone(), text))),
            None => unknown("company", &entry.key, entry.value.place, &known, found),
        }
    }
    Publish {
        names: match section.text("names").as_deref() {
            Some("shown") => Names::Shown,
            _ => Names::Pseudonyms,
        },
        minimum_cell: section.parse("minimum_cell"),
        quotations: match section.text("quotations").as_deref() {
            Some("none") => Quotations::None,
            _ => Quotations::Approved,
        },
        licence: section.text("licence"),
        statement: section.text("statement"),
        comments,
    }
}
