//! Is this a person's own site? Only what a person says of herself makes it one, and only where
//! nothing shows a business.

use super::super::read::personal_address;
use super::super::visit::Seen;

/// Why a site is taken for a person's own; `None` where it is not.
pub(super) fn why(pages: &[Seen]) -> Option<String> {
    let home = pages.first()?;
    let business = pages.iter().any(|page| !page.reading.marks.business.is_empty());
    let said = pages.iter().flat_map(|page| page.reading.marks.personal.iter().cloned());
    let marks: Vec<String> = personal_address(&home.reading.url).into_iter().chain(said).take(3).collect();
    if business || marks.is_empty() {
        return None;
    }
    Some(format!(
        "a personal or hobby site: {}; no VAT number, register, imprint or organization in structured data on {} page(s)",
        marks.join(", "),
        pages.len()
    ))
}
