//! Did the company's site take the message? Said only on evidence: a form that swallowed a
//! message must not become a company's silence.

use super::page::{Form, Kind, Page};
use super::roles::{Role, roles};
use crate::lexicon::form_words::{Concept, words};
use crate::model::study::FormSuccess;
use std::collections::BTreeMap;
use url::Url;

/// Words of an address that say that a message was sent.
const SENT: [&str; 12] = [
    "sent",
    "success",
    "successful",
    "ok",
    "done",
    "inviato",
    "inviata",
    "gesendet",
    "envoye",
    "enviado",
    "submitted",
    "received",
];

/// What was there before the form was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    page: Url,
    message_field: Option<String>,
    said: BTreeMap<Concept, usize>,
    marked: usize,
    /// The words that we sent, which an answer may repeat.
    sent: String,
}

/// What the answer's page shows.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its address, after all redirects.
    pub url: &'a Url,
    /// Whether redirects led to it.
    pub redirected: bool,
    /// Its content as text.
    pub html: &'a str,
}

/// What is to be thought of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Taken,
    /// It was taken and waits for approval or for a click; the words that say so.
    Held(String),
    /// It was not taken; a person may succeed.
    NotTaken(String),
    /// It cannot be told.
    Unclear(String),
}

impl Before {
    /// Keeps what is needed of a page, its form and the message.
    pub fn of(page: &Page, url: &Url, form: &Form, message: &str) -> Self {
        let roles = roles(form);
        let message_field = form.fields.iter().zip(&roles).find(|(_, role)| **role == Role::Message);
        Self {
            page: url.clone(),
            message_field: message_field.map(|(f, _)| f.name.clone()),
            said: said(&readable(page, "")),
            marked: marked_errors(page),
            sent: message.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// Judges an answer that came with a status of success.
    pub fn judge(&self, stated: Option<&FormSuccess>, seen: Seen<'_>) -> Verdict {
        let page = Page::parse(seen.html, seen.url);
        let text = readable(&page, &self.sent);
        let now = said(&text);
        let more = |concept: Concept| now.get(&concept).copied() > self.said.get(&concept).copied();
        let words = || excerpt(&text);
        if let Some(stated) = stated
            && holds(stated, &page, &text, seen.url)
        {
            return Verdict::Taken;
        }
        if more(Concept::Held) {
            return Verdict::Held(words());
        }
        let (thanked, faulted) = (more(Concept::Thanks), more(Concept::Error) || marked_errors(&page) > self.marked);
        let form_again = self.shows_form(&page);
        if form_again && faulted && !thanked {
            return Verdict::NotTaken(format!("the form was shown again with an error: {}", words()));
        }
        if !form_again && !thanked && wants_login(&page, &text) {
            return Verdict::NotTaken("the answer wants a login".to_owned());
        }
        if !thanked && more(Concept::Challenge) {
            let wants = "the answer wants a proof that a person asks".to_owned();
            // After a redirect the wall may stand before the page of thanks.
            return if seen.redirected { Verdict::Unclear(wants) } else { Verdict::NotTaken(wants) };
        }
        if stated.is_some() {
            return Verdict::Unclear(format!("the answer lacks what the study states as proof: {}", words()));
        }
        match (thanked, faulted) {
            (true, true) => Verdict::Unclear(format!("the answer gives thanks and speaks of an error: {}", words())),
            (false, true) => Verdict::Unclear(format!("the answer speaks of an error: {}", words())),
            (true, false) => Verdict::Taken,
            (false, false) if form_again => {
                Verdict::Unclear("the form was shown again, with neither thanks nor an error".to_owned())
            }
            (false, false) if (seen.redirected && self.led_elsewhere(seen.url)) || confirms_in_data(seen.html) => {
                Verdict::Taken
            }
            (false, false) => Verdict::Unclear(format!("nothing in the answer says that it was taken: {}", words())),
        }
    }

    fn shows_form(&self, page: &Page) -> bool {
        let is_message = |form: &Form| {
            let names = |f: &super::page::Field| self.message_field.as_ref() == Some(&f.name);
            form.fields.iter().any(|f| names(f) && !matches!(f.kind, Kind::Hidden))
        };
        page.forms.iter().any(is_message)
    }

    /// Sites redirect after they took a form: to another page than the form's and the home page,
    /// or to an address that says so.
    fn led_elsewhere(&self, url: &Url) -> bool {
        let words = words(&format!("{} {}", url.path(), url.query().unwrap_or_default()));
        let same_site = url.host_str() == self.page.host_str();
        let other_page = url.path() != self.page.path() && !url.path().trim_matches('/').is_empty();
        let says = Concept::Thanks.find_in(&words).is_some() || words.iter().any(|w| SENT.contains(&w.as_str()));
        let fails = Concept::Error.find_in(&words).is_some();
        url != &self.page && !fails && (says || (same_site && other_page && is_landing(url)))
    }
}

/// A path that a redirect may end on only after success is one that a person could read, no
/// script that answers whatever it is given.
fn is_landing(url: &Url) -> bool {
    let last = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
    let is_script = [".php", ".cgi", ".pl", ".asp", ".aspx", ".jsp"].iter().any(|end| last.ends_with(end));
    !is_script
}

fn holds(stated: &FormSuccess, page: &Page, text: &str, url: &Url) -> bool {
    let FormSuccess { text: wanted, selector, url: address } = stated;
    let folded = |t: &str| words(t).join(" ");
    (wanted.is_some() || selector.is_some() || address.is_some())
        && wanted.as_ref().is_none_or(|w| text.contains(w.as_str()) || folded(text).contains(&folded(w)))
        && selector.as_ref().is_none_or(|css| page.has(css))
        && address.as_ref().is_none_or(|part| url.as_str().contains(part.as_str()))
}

/// The page's title and words, without those that we sent ourselves.
fn readable(page: &Page, sent: &str) -> String {
    let text = format!("{} {}", page.title().trim(), page.text());
    if sent.is_empty() { text } else { text.replace(sent, " ") }
}

fn said(text: &str) -> BTreeMap<Concept, usize> {
    let words = words(text);
    let told = [Concept::Thanks, Concept::Error, Concept::Held, Concept::Challenge];
    let counts = told.map(|concept| (concept, concept.counts(&words).iter().map(|(_, count)| count).sum()));
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// Fields that the page marks as wrong.
fn marked_errors(page: &Page) -> usize {
    let marks = ["[aria-invalid=true]", ".errorlist", ".has-error", ".is-invalid", ".field-error", ".form-error"];
    marks.iter().filter(|css| page.has(css)).count()
}

fn wants_login(page: &Page, text: &str) -> bool {
    let has_password = page.forms.iter().any(|f| f.fields.iter().any(|f| f.kind == Kind::Password));
    Concept::LoginWall.is_in(text) || (has_password && page.forms.len() == 1)
}

/// Scripts are answered in JSON: `{"success": true}`, `{"status": "mail_sent"}`.
fn confirms_in_data(body: &str) -> bool {
    let Ok(serde_json::Value::Object(data)) = serde_json::from_str(body) else { return false };
    let is = |name: &str, wanted: &[&str]| data.get(name).is_some_and(|v| wanted.contains(&v.to_string().as_str()));
    is("success", &["true", "1"])
        || is("ok", &["true", "1"])
        || is("status", &["\"mail_sent\"", "\"ok\"", "\"success\""])
}

fn excerpt(text: &str) -> String {
    let start: String = text.trim().chars().take(200).collect();
    if start.is_empty() { "an empty page".to_owned() } else { format!("\"{start}\"") }
}
