//! What does a page say was wrong with what was entered, in its own words?

use super::super::page::Page;
use super::super::software;
use super::signs::excerpt_at;
use crate::lexicon::form_words::Concept;

/// Most of a page's complaints that are quoted.
const QUOTED_MAX: usize = 5;

/// Most characters of one.
const CHARS_MAX: usize = 160;

/// Where pages set what was wrong, whoever made them.
const MARKS: [&str; 13] = [
    "[aria-invalid=true]",
    ".errorlist",
    ".has-error",
    ".is-invalid",
    ".field-error",
    ".form-error",
    ".invalid-feedback",
    ".error-message",
    ".errors",
    ".alert-danger",
    ".alert-error",
    ".message-error",
    ".form-item--error",
];

/// In how many ways the page marks fields as wrong.
pub(super) fn marked(page: &Page) -> usize {
    let shown = |css: &&&str| if css.contains("aria-invalid") { page.has(css) } else { !page.texts(css).is_empty() };
    MARKS.iter().filter(shown).count()
}

/// What the page says was wrong: beside its fields, else the sentence that speaks of an error.
pub(super) fn quoted(page: &Page, text: &str) -> Vec<String> {
    let beside = MARKS.iter().filter(|css| !css.contains("aria-invalid")).flat_map(|css| page.texts(css));
    let own = [".error", "[class*=error]"].into_iter().flat_map(|css| page.texts(css));
    let mut quoted: Vec<String> = Vec::new();
    for words in software::errors(page).into_iter().chain(beside).chain(own) {
        let words: String = words.chars().take(CHARS_MAX).collect();
        // What stands around one that is quoted already says nothing new.
        let known = quoted.iter().any(|q| words.contains(q.as_str()) || q.contains(&words));
        if quoted.len() < QUOTED_MAX && !known && words.chars().count() > 2 {
            quoted.push(words);
        }
    }
    if quoted.is_empty() {
        quoted.push(excerpt_at(text, Concept::Error));
    }
    quoted
}
