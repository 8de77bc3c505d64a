//! What does a person enter where, for a message that no engine sent? Read from the page that an engine saw last.

use super::asker::Askers;
use crate::channels::Outgoing;
use crate::forms::choose::choose;
use crate::forms::fill::{ByHand, Gets};
use crate::forms::page::Page;
use crate::model::plan::Plan;
use crate::net::text::decode;

/// The fields of the form on one of these pages with what each gets, the pages tried in their order; where none has
/// a form, what any form asks for. Empty for what goes to no form.
#[must_use]
pub fn by_hand(plan: &Plan, outgoing: Outgoing<'_>, pages: &[Vec<u8>]) -> Vec<ByHand> {
    let Ok(errand) = Askers::of(plan).errand(outgoing) else { return Vec::new() };
    let on_page = |bytes: &Vec<u8>| {
        let page = Page::parse(&decode(bytes, None).0, &errand.target.url);
        let form = choose(&page, errand.target.form.as_deref()).ok()?;
        Some(crate::forms::fill::by_hand(&page, form, &errand.mapping, &errand.answers))
    };
    pages.iter().find_map(on_page).unwrap_or_else(|| {
        let answers = errand.answers;
        let usual = [
            ("Name", Some(answers.name)),
            ("E-mail", Some(answers.email)),
            ("Telephone, if it must be", answers.phone),
            ("Subject", Some(answers.subject)),
            ("Message", Some(answers.message)),
        ];
        let line = |(field, text): (&str, Option<String>)| {
            Some(ByHand { field: field.to_owned(), gets: Gets::Text(text.filter(|text| !text.is_empty())?) })
        };
        usual.into_iter().filter_map(line).collect()
    })
}
