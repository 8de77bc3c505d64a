//! What on a page tells a business from a person's own site?

use super::document::Document;
use super::links::Link;
use super::structured::Structured;
use crate::lexicon::site_words::{SiteConcept, Words, is_personal_host};
use url::Url;

/// Most lines that are looked at for each mark.
const LINES_MAX: usize = 2_000;

/// Marks of a business and marks of a person, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// What only a business has: a VAT number, a register, an imprint, an Organization in structured data, a shop.
    pub business: Vec<String>,
    /// What a person says of herself.
    pub personal: Vec<String>,
}

/// The marks of a page.
pub(super) fn marks(page: &Document, lines: &[String], to: &[Link], facts: &Structured) -> Marks {
    let mut marks = Marks::default();
    let own: Vec<&str> = facts.types().filter(|kind| is_business(kind)).collect();
    if let Some(kind) = own.first() {
        marks.business.push(format!("structured data says {kind}"));
    }
    for line in lines.iter().take(LINES_MAX) {
        // Long paragraphs tell stories; what a business must say stands in short lines.
        let words = Words::of(line);
        if line.chars().count() <= 300 {
            note(&mut marks.business, SiteConcept::LegalMark, &words);
            note(&mut marks.business, SiteConcept::ShopMark, &words);
        }
        note(&mut marks.personal, SiteConcept::Personal, &words);
    }
    if to.iter().any(|link| SiteConcept::Imprint.is_in(&Words::of(&link.words))) {
        marks.business.push("it links to an imprint or terms".to_owned());
    }
    if facts.types().any(|kind| matches!(kind, "Blog" | "ProfilePage")) && own.is_empty() {
        marks.personal.push("structured data says blog or profile".to_owned());
    }
    for text in
        page.elements("title").map(|e| e.text().collect::<String>()).chain(page.meta("description").map(str::to_owned))
    {
        note(&mut marks.personal, SiteConcept::Personal, &Words::of(&text));
    }
    marks
}

/// The mark that an address alone bears.
#[must_use]
pub(in crate::discovery) fn personal_address(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let in_home = url.path().trim_start_matches('/').starts_with('~');
    (is_personal_host(host) || in_home).then(|| format!("{host} gives pages to people"))
}

fn note(marks: &mut Vec<String>, concept: SiteConcept, words: &Words) {
    if marks.len() < 8
        && let Some(phrase) = concept.find(words)
    {
        let mark = format!("it says \"{}\"", phrase.trim_end_matches('*'));
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
}

/// A type of schema.org that is an organization: most of them are named by what they end in.
fn is_business(kind: &str) -> bool {
    const ENDS: [&str; 16] = [
        "Organization",
        "Business",
        "Store",
        "Shop",
        "Corporation",
        "Company",
        "Agency",
        "Dealer",
        "Service",
        "Restaurant",
        "Hotel",
        "Office",
        "Bank",
        "Contractor",
        "Clinic",
        "Pharmacy",
    ];
    ENDS.iter().any(|end| kind.ends_with(end))
}
