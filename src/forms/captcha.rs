//! Does a form ask for a proof that a person fills it? Then a person does.

use super::page::{Field, Kind, attr, elements};
use super::reading::Reading;
use super::roles::Role;
use crate::lexicon::form_words::Concept;
use scraper::{ElementRef, Html};
use std::fmt;

/// Marks of the widgets that are met, in class names and script addresses.
const WIDGETS: [(&str, &str); 12] = [
    ("g-recaptcha", "reCAPTCHA"),
    ("grecaptcha", "reCAPTCHA"),
    ("recaptcha", "reCAPTCHA"),
    ("h-captcha", "hCaptcha"),
    ("hcaptcha", "hCaptcha"),
    ("cf-turnstile", "Turnstile"),
    ("challenges.cloudflare.com", "Turnstile"),
    ("frc-captcha", "Friendly Captcha"),
    ("friendlycaptcha", "Friendly Captcha"),
    ("altcha", "ALTCHA"),
    ("mtcaptcha", "MTCaptcha"),
    ("geetest", "GeeTest"),
];

/// A proof that a person fills a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captcha {
    /// Which kind: the name of the product, `a picture`, `a sum`, `a question` or `a box to tick`.
    pub kind: &'static str,
    /// What shows it, in words.
    pub why: String,
}

impl fmt::Display for Captcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// A proof that the page's scripts ask for, invisibly.
pub fn on_page(html: &Html) -> Option<Captcha> {
    let mut sources = elements(html, "script").filter_map(|script| script.attr("src"));
    sources.find_map(widget).map(|kind| Captcha { kind, why: format!("the page loads {kind}") })
}

/// A proof that the form itself asks for.
pub fn in_form(form: ElementRef<'_>, fields: &[Field], readings: &[Reading]) -> Option<Captcha> {
    let by_widget = form.descendent_elements().find_map(|e| {
        let marks = ["class", "id", "src", "name"].into_iter().filter_map(|name| e.attr(name));
        let named = marks.into_iter().find_map(widget).or_else(|| widget(e.value().name()));
        let picture =
            e.value().name() == "img" && Concept::Captcha.is_in(&format!("{} {}", attr(e, "src"), attr(e, "alt")));
        let named = named.map(|kind| Captcha { kind, why: format!("it holds {kind}") });
        named.or_else(|| picture.then(|| Captcha { kind: "a picture", why: "it shows a CAPTCHA picture".to_owned() }))
    });
    let asked = fields.iter().zip(readings).find(|(_, reading)| reading.role == Role::Captcha && !reading.left);
    by_widget.or_else(|| asked.map(|(field, _)| by_field(field)))
}

fn widget(mark: &str) -> Option<&'static str> {
    let mark = mark.to_ascii_lowercase();
    WIDGETS.iter().find(|(known, _)| mark.contains(known)).map(|(_, name)| *name)
}

fn by_field(field: &Field) -> Captcha {
    let words = if field.label.is_empty() { &field.name } else { &field.label };
    let kind = match field.kind {
        Kind::Checkbox { .. } => "a box to tick",
        _ if is_sum(&field.label) => "a sum",
        _ => "a question",
    };
    Captcha { kind, why: format!("it asks \"{words}\"") }
}

/// "3 + 4 =", "What is 7 minus 2?".
pub fn is_sum(label: &str) -> bool {
    let spread = label.replace(['+', '×', '*', '-', '−', '='], " # ");
    let tokens: Vec<&str> = spread.split_whitespace().collect();
    let number = |t: &str| t.trim_end_matches(['?', ':', '.']).parse::<u16>().is_ok();
    let between = |t: &str| {
        matches!(t, "#" | "plus" | "minus" | "piu" | "più" | "meno" | "mal" | "fois" | "más" | "mas" | "x" | "times")
    };
    let sum = tokens.windows(3).any(|w| number(w[0]) && between(w[1]) && number(w[2]));
    sum && (label.contains('=') || label.contains('?'))
}

#[cfg(test)]
mod tests {
    use super::is_sum;

    #[test]
    fn a_sum_is_told_from_a_telephone_number() {
        for sum in ["3 + 4 = ", "Quanto fa 3+4?", "Was ist 2 plus 5?", "7-2 = ?"] {
            assert!(is_sum(sum), "{sum}");
        }
        for other in ["Phone (e.g. 02 - 1234)", "Date 2-3", "How can we help?", ""] {
            assert!(!is_sum(other), "{other}");
        }
    }
}
