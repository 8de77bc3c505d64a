//! Which words, pictures, addresses and names of elements speak of thanks, of errors and of waiting?

use super::super::page::{Kind, Page};
use crate::lexicon::form_words::{Concept, words};
use crate::lexicon::tickets;
use crate::model::study::FormSuccess;
use std::collections::BTreeMap;
use url::Url;

/// Words of an address that say that a message was sent.
const SENT: [&str; 22] = [
    "sent",
    "success",
    "successful",
    "ok",
    "done",
    "inviato",
    "inviata",
    "gesendet",
    "versendet",
    "envoye",
    "envoi",
    "enviado",
    "enviada",
    "submitted",
    "received",
    "thankyou",
    "thanks",
    "merci",
    "danke",
    "grazie",
    "gracias",
    "bestaetigung",
];

/// Names of classes and ids that say that a message was taken.
const CONFIRMING: &str = "[class*=success], [id*=success], [class*=confirmation], [id*=confirmation], \
    [class*=thank], [id*=thank], [class*=message-sent], [class*=mail-sent], [class*=form-sent]";

/// How often a page speaks of each thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    counts: BTreeMap<Concept, usize>,
    /// Thanks of more than two words: no mere politeness.
    sentences: usize,
}

impl Said {
    /// Counts in a page's words, and for thanks in its pictures.
    pub(super) fn of(text: &str, pictures: &[String]) -> Self {
        let words = words(text);
        let told = [Concept::Thanks, Concept::Error, Concept::Held, Concept::Challenge];
        let count = |concept: Concept| concept.counts(&words).iter().map(|(_, count)| count).sum::<usize>();
        let mut counts: BTreeMap<Concept, usize> = told.map(|concept| (concept, count(concept))).into();
        let in_pictures = pictures.iter().filter(|p| shows_thanks(p)).count();
        *counts.entry(Concept::Thanks).or_default() += in_pictures;
        let long = Concept::Thanks.counts(&words).into_iter().filter(|(phrase, _)| phrase.split(' ').count() > 2);
        Self { counts, sentences: long.map(|(_, count)| count).sum() }
    }

    /// Whether it is spoken of more often than before.
    pub(super) fn more(&self, concept: Concept, before: &Self) -> bool {
        self.counts.get(&concept).copied().unwrap_or(0) > before.counts.get(&concept).copied().unwrap_or(0)
    }

    /// Whether there are more sentences of thanks than before.
    pub(super) fn more_sentences(&self, before: &Self) -> bool {
        self.sentences > before.sentences
    }
}

/// The page's title and words, without those that we sent ourselves.
pub(super) fn readable(page: &Page, sent: &str) -> String {
    let text = format!("{} {}", page.title().trim(), page.text());
    if sent.is_empty() { text } else { text.replace(sent, " ") }
}

/// What the page's pictures say: alternative text and labels, and the names of their files.
pub(super) fn pictures(page: &Page) -> Vec<String> {
    let said = [("img", "alt"), ("img", "title"), ("[role=img]", "aria-label"), ("svg", "aria-label")];
    let said = said.into_iter().flat_map(|(css, name)| page.attributes(css, name));
    let files = [("img", "src"), ("img", "data-src"), ("object", "data"), ("[style*='url(']", "style")];
    let files = files.into_iter().flat_map(|(css, name)| page.attributes(css, name));
    let name = |path: String| {
        let path = path.split(['?', '#']).next().unwrap_or_default().to_owned();
        path.rsplit(['/', '(']).next().unwrap_or_default().to_owned()
    };
    said.chain(files.filter(|f| !f.starts_with("data:")).map(name)).filter(|s| !s.trim().is_empty()).collect()
}

/// `thank-you.png`, "Your message has been sent".
fn shows_thanks(picture: &str) -> bool {
    let words = words(picture);
    let plain = words.iter().any(|w| matches!(w.as_str(), "thankyou" | "messagesent"));
    plain || Concept::Thanks.find_in(&words).is_some() || words.windows(2).any(|w| w == ["message", "sent"])
}

/// Whether an address says that a message was sent, and whether it says that it was not.
pub(super) fn says_sent(url: &Url) -> (bool, bool) {
    let words = words(&format!("{} {}", url.path(), url.query().unwrap_or_default()));
    let says = Concept::Thanks.find_in(&words).is_some() || words.iter().any(|w| SENT.contains(&w.as_str()));
    (says, Concept::Error.find_in(&words).is_some())
}

/// How many elements with words in them are named as a success.
pub(super) fn is_confirming(page: &Page) -> usize {
    page.texts(CONFIRMING).len()
}

pub(super) fn holds(stated: &FormSuccess, page: &Page, text: &str, url: &Url) -> bool {
    let FormSuccess { text: wanted, selector, url: address } = stated;
    let folded = |t: &str| words(t).join(" ");
    (wanted.is_some() || selector.is_some() || address.is_some())
        && wanted.as_ref().is_none_or(|w| text.contains(w.as_str()) || folded(text).contains(&folded(w)))
        && selector.as_ref().is_none_or(|css| page.has(css))
        && address.as_ref().is_none_or(|part| url.as_str().contains(part.as_str()))
}

pub(super) fn wants_login(page: &Page, text: &str) -> bool {
    let has_password = page.forms.iter().any(|f| f.fields.iter().any(|f| f.kind == Kind::Password));
    Concept::LoginWall.is_in(text) || (has_password && page.forms.len() == 1)
}

/// A number in the address of the page that followed: `?ticket=4711`.
pub(super) fn ticket_in_address(url: &Url) -> Option<String> {
    url.query_pairs().find_map(|(key, value)| {
        let named = words(&key).iter().any(|w| tickets::is_name(w));
        named.then(|| tickets::number(&value)).flatten()
    })
}

/// The beginning of a page's words.
pub(super) fn excerpt(text: &str) -> String {
    let start: String = text.trim().chars().take(200).collect();
    if start.is_empty() { "an empty page".to_owned() } else { format!("\"{start}\"") }
}

/// A page's words from about where they speak of that.
pub(super) fn excerpt_at(text: &str, concept: Concept) -> String {
    let sentences = text.split_inclusive(['.', '!', '?']).map(str::trim);
    let found = sentences.filter(|s| concept.is_in(s)).find(|s| s.chars().count() <= 200);
    found.map_or_else(|| excerpt(text), excerpt)
}
