//! Did the company's site take the message? Said only on evidence: a form that swallowed a
//! message must not become a company's silence, and one that refused it no success.
//!
//! The first line that holds decides. *More* means: more than on the page before the form was sent.
//!
//! | what the answer shows | verdict |
//! | --- | --- |
//! | all that the study states as proof (`success:` text, selector, address) | taken |
//! | more words of waiting: moderation, approval, a link to click | held |
//! | data (JSON) that says so | taken, held or refused |
//! | new marks of known form software (`software.txt`) | taken, held or refused |
//! | the form again, filled with our text, more fields marked as wrong, no sentence of thanks | refused |
//! | the form again, more words of error, no thanks | refused |
//! | no form, no thanks, a password to enter or words of a login | hindered: login |
//! | no thanks, more words of a wall; after a redirect, which may have led away from the thanks | hindered: bot wall; unclear |
//! | the study states a proof, and it is not there | unclear |
//! | more words, pictures (alternative text, file name) or labels of thanks, no more words of error | taken |
//! | thanks and error, or an error where the form is gone | unclear |
//! | the form again, and nothing said | unclear |
//! | a redirect to another page of the site, or to an address that says "sent" | taken |
//! | the form is gone, and an element of the answer is called `success`, `confirmation`, … | taken |
//! | anything else: the form is gone, and nothing says why | unclear |
//!
//! What is refused or hindered becomes a person's task, what is unclear stays in doubt. A number that
//! the site gives to the message is read from the answer.

mod data;
mod errors;
mod signs;

use super::page::{Form, Kind, Page};
use super::roles::{Role, roles};
use super::software::{Mark, Marks};
use super::{Unfit, software};
use crate::lexicon::form_words::Concept;
use crate::lexicon::tickets;
use crate::model::outcome::Obstacle;
use crate::model::study::FormSuccess;
use data::Told;
use signs::{Said, holds, is_confirming, pictures, readable, says_sent, wants_login};
use url::Url;

/// What was there before the form was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    page: Url,
    message_field: Option<String>,
    said: Said,
    wrong: usize,
    marks: Marks,
    confirming: usize,
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
    /// Answers that the page's scripts got meanwhile, the last one first; none without scripts.
    pub data: &'a [String],
}

/// What is to be thought of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Taken {
        /// What says so, in words.
        by: String,
        /// The number that the site gave to it.
        receipt: Option<String>,
    },
    /// It was taken and waits for approval or for a click; the words that say so.
    Held(String),
    /// It was not taken, because of what was entered; the site's words.
    Refused(Vec<String>),
    /// It was not taken, because something is in a machine's way.
    Hindered(Unfit),
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
            said: Said::of(&readable(page, ""), &pictures(page)),
            wrong: errors::marked(page),
            marks: Marks::of(page, url.as_str()),
            confirming: is_confirming(page),
            sent: message.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// Judges an answer that came with a status of success.
    pub fn judge(&self, stated: Option<&FormSuccess>, seen: Seen<'_>) -> Verdict {
        let page = Page::parse(seen.html, seen.url);
        let text = readable(&page, &self.sent);
        if stated.is_some_and(|stated| holds(stated, &page, &text, seen.url)) {
            return self.taken("what the study states as proof is there", &text, &seen, None);
        }
        let now = Said::of(&text, &pictures(&page));
        if now.more(Concept::Held, &self.said) {
            return Verdict::Held(signs::excerpt_at(&text, Concept::Held));
        }
        if let Some(verdict) = self.told(&seen, stated).or_else(|| self.marked(&page, &seen, stated, &text)) {
            return verdict;
        }
        let shown = Shown {
            form_again: self.shows_form(&page),
            form_filled: self.shows_form_filled(&page),
            thanked: now.more(Concept::Thanks, &self.said),
            thanked_by_a_sentence: now.more_sentences(&self.said),
            faulted: now.more(Concept::Error, &self.said),
            marked_wrong: errors::marked(&page) > self.wrong,
            walled: now.more(Concept::Challenge, &self.said),
        };
        self.weigh(&shown, &page, &text, &seen, stated)
    }

    fn weigh(&self, shown: &Shown, page: &Page, text: &str, seen: &Seen<'_>, stated: Option<&FormSuccess>) -> Verdict {
        let faulted = shown.faulted || shown.marked_wrong;
        let wrong_again = shown.form_filled && shown.marked_wrong && !shown.thanked_by_a_sentence;
        if wrong_again || shown.form_again && faulted && !shown.thanked {
            return Verdict::Refused(errors::quoted(page, text));
        }
        if !shown.form_again && !shown.thanked && wants_login(page, text) {
            return Verdict::Hindered(Unfit::new(Obstacle::Login, "the answer wants a login"));
        }
        if !shown.thanked && shown.walled {
            let wants = "the answer wants a proof that a person asks";
            // After a redirect the wall may stand before the page of thanks.
            return if seen.redirected {
                Verdict::Unclear(wants.to_owned())
            } else {
                Verdict::Hindered(Unfit::new(Obstacle::BotWall, wants))
            };
        }
        let words = || signs::excerpt(text);
        if stated.is_some() {
            return Verdict::Unclear(format!("the answer lacks what the study states as proof: {}", words()));
        }
        match (shown.thanked, faulted) {
            (true, true) => Verdict::Unclear(format!("the answer gives thanks and speaks of an error: {}", words())),
            (false, true) => Verdict::Unclear(format!("the answer speaks of an error: {}", words())),
            (true, false) => self.taken("the answer gives thanks", text, seen, None),
            (false, false) if shown.form_again => {
                Verdict::Unclear("the form was shown again, with neither thanks nor an error".to_owned())
            }
            (false, false) if seen.redirected && self.led_elsewhere(seen.url) => {
                self.taken("the site led to another page, as sites do once they took a form", text, seen, None)
            }
            (false, false) if is_confirming(page) > self.confirming => {
                self.taken("the form is gone, and an element of the page is named as its success", text, seen, None)
            }
            (false, false) => Verdict::Unclear(format!("nothing in the answer says that it was taken: {}", words())),
        }
    }

    /// What data says: the answer itself, or what scripts got.
    fn told(&self, seen: &Seen<'_>, stated: Option<&FormSuccess>) -> Option<Verdict> {
        let bodies = std::iter::once(seen.html).chain(seen.data.iter().map(String::as_str));
        bodies.filter_map(Told::read).find_map(|told| {
            let words = || told.words.first().cloned().unwrap_or_else(|| "the data says so".to_owned());
            match told.says? {
                Mark::Refused if told.is_spam => {
                    Some(Verdict::Hindered(Unfit::new(Obstacle::BotWall, format!("taken for spam: {}", words()))))
                }
                Mark::Refused => Some(Verdict::Refused(told.words)),
                Mark::Held => Some(Verdict::Held(words())),
                Mark::Taken if stated.is_some() => None,
                Mark::Taken => Some(self.taken("the data of the answer says so", &words(), seen, told.receipt)),
            }
        })
    }

    /// What the marks of known software say.
    fn marked(&self, page: &Page, seen: &Seen<'_>, stated: Option<&FormSuccess>, text: &str) -> Option<Verdict> {
        let (name, mark) = Marks::of(page, seen.url.as_str()).since(&self.marks)?;
        match mark {
            Mark::Refused => Some(Verdict::Refused(errors::quoted(page, text))),
            Mark::Held => Some(Verdict::Held(signs::excerpt(text))),
            Mark::Taken if stated.is_some() => None,
            Mark::Taken => Some(self.taken(&format!("{name} shows its mark of success"), text, seen, None)),
        }
    }

    fn taken(&self, by: &str, text: &str, seen: &Seen<'_>, receipt: Option<String>) -> Verdict {
        let receipt = receipt.or_else(|| tickets::given_in(text)).or_else(|| signs::ticket_in_address(seen.url));
        // A number that we wrote ourselves is none of theirs.
        let receipt = receipt.filter(|number| !self.sent.to_lowercase().contains(&number.to_lowercase()));
        Verdict::Taken { by: by.to_owned(), receipt }
    }

    fn shows_form(&self, page: &Page) -> bool {
        page.forms.iter().any(|form| self.message_in(form).is_some())
    }

    fn shows_form_filled(&self, page: &Page) -> bool {
        let value = page.forms.iter().find_map(|form| self.message_in(form));
        value.is_some_and(|v| !v.trim().is_empty() && v.split_whitespace().collect::<Vec<_>>().join(" ") == self.sent)
    }

    fn message_in<'a>(&self, form: &'a Form) -> Option<&'a str> {
        let is_message = |f: &&super::page::Field| {
            self.message_field.as_ref() == Some(&f.name) && !matches!(f.kind, Kind::Hidden) && !f.readonly
        };
        form.fields.iter().find(is_message).map(|f| f.value.as_str())
    }

    /// Sites redirect after they took a form: to another page than the form's and the home page,
    /// or to an address that says so.
    fn led_elsewhere(&self, url: &Url) -> bool {
        let same_site = url.host_str() == self.page.host_str();
        let other_page = url.path() != self.page.path() && !url.path().trim_matches('/').is_empty();
        let (says, fails) = says_sent(url);
        url != &self.page && !fails && (says || (same_site && other_page && is_landing(url)))
    }

    /// The form of a page that shows once more what was entered, and wants it to be sent again.
    pub fn asks_again<'a>(&self, page: &'a Page) -> Option<&'a Form> {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let repeats = |form: &&Form| {
            let kept = form.fields.iter().filter(|f| f.kind == Kind::Hidden || f.readonly);
            let mut kept = kept.map(|f| squeezed(&f.value));
            !self.sent.is_empty() && kept.any(|value| value == self.sent)
        };
        let by_fields = page.forms.iter().find(repeats).filter(|form| self.message_in(form).is_none());
        by_fields.or_else(|| {
            // Kept by the site itself: our text is shown, and a form holds nothing but its button.
            let shown = !self.sent.is_empty() && squeezed(&page.text()).contains(&self.sent);
            let asks = Concept::Review.is_in(&page.text()) && !self.shows_form(page);
            let mut bare = page.forms.iter().filter(|form| {
                let typed = |f: &super::page::Field| !matches!(f.kind, Kind::Hidden | Kind::Submit | Kind::Button);
                !form.fields.iter().any(typed) && form.fields.iter().any(|f| f.kind == Kind::Submit)
            });
            bare.next().filter(|_| shown && asks)
        })
    }
}

/// What was found on the answer's page.
#[allow(clippy::struct_excessive_bools, reason = "each is a column of the table above")]
struct Shown {
    form_again: bool,
    form_filled: bool,
    thanked: bool,
    thanked_by_a_sentence: bool,
    faulted: bool,
    marked_wrong: bool,
    walled: bool,
}

/// A path that a redirect may end on only after success is one that a person could read, no
/// script that answers whatever it is given.
fn is_landing(url: &Url) -> bool {
    let last = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
    let is_script = [".php", ".cgi", ".pl", ".asp", ".aspx", ".jsp"].iter().any(|end| last.ends_with(end));
    !is_script
}

/// What a page of an answer with a status of refusal says, where it shows the form with errors.
pub fn refusal(before: &Before, html: &str, url: &Url) -> Option<Vec<String>> {
    if let Some(told) = Told::read(html) {
        return (told.says == Some(Mark::Refused)).then_some(told.words);
    }
    let page = Page::parse(html, url);
    let text = readable(&page, &before.sent);
    let faulted = Said::of(&text, &[]).more(Concept::Error, &before.said) || errors::marked(&page) > before.wrong;
    (before.shows_form(&page) && faulted).then(|| errors::quoted(&page, &text))
}

/// Whether the page says by its software that its form is made by script.
pub fn made_by_script(page: &Page) -> Option<Unfit> {
    let name = software::makes_form_by_script(page)?;
    Some(Unfit::new(Obstacle::NeedsBrowser, format!("the page makes its form by script, that of {name}")))
}
