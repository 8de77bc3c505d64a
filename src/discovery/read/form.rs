//! Is there a form on a page that takes a question, and what does it cost to ask there?

use crate::forms::choose::choose;
use crate::forms::page::{Form, Kind, Page};
use crate::forms::roles::{Role, roles};
use crate::model::study::Cost;
use url::Url;

/// A page's contact form.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactForm {
    /// How sure it is that it takes a question, 0 to 1.
    pub confidence: f64,
    /// What asking costs there; clicks are not known to a page.
    pub cost: Cost,
}

/// Why a page has no such form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormMissing {
    /// In words.
    pub why: String,
    /// Whether a form stands behind a login.
    pub login: bool,
}

/// The form of a page that takes a question.
pub(super) fn contact_form(html: &str, url: &Url) -> Result<ContactForm, FormMissing> {
    let page = Page::parse(html, url);
    match choose(&page, None) {
        Ok(form) => Ok(contact(form)),
        Err(why) => {
            let login = page.forms.iter().any(|form| form.fields.iter().any(|field| field.kind == Kind::Password));
            Err(FormMissing { why, login })
        }
    }
}

fn contact(form: &Form) -> ContactForm {
    let roles = roles(form);
    let required =
        |wanted: &[Role]| form.fields.iter().zip(&roles).any(|(field, role)| field.required && wanted.contains(role));
    // Radio buttons of one name are one field.
    let mut names: Vec<&str> = Vec::new();
    for (field, role) in form.fields.iter().zip(&roles) {
        let asked = field.required && !matches!(role, Role::Hidden | Role::Button | Role::Honeypot);
        if asked && !field.disabled && (field.name.is_empty() || !names.contains(&field.name.as_str())) {
            names.push(&field.name);
        }
    }
    let has = |role: Role| roles.contains(&role);
    let confidence = if has(Role::Message) && has(Role::Email) { 0.9 } else { 0.7 };
    let cost = Cost {
        required_fields: u32::try_from(names.len()).ok(),
        registration: Some(false),
        phone: Some(required(&[Role::Phone])),
        real_name: Some(required(&[Role::Name, Role::FirstName, Role::LastName])),
        captcha: Some(form.captcha.as_deref().map_or_else(|| "none".to_owned(), captcha_kind)),
        clicks: None,
    };
    ContactForm { confidence, cost }
}

/// The kind alone: "it holds reCAPTCHA" → "reCAPTCHA".
fn captcha_kind(why: &str) -> String {
    let kind = ["it holds ", "the page loads ", "it shows a ", "it asks "].iter().find_map(|how| why.strip_prefix(how));
    kind.unwrap_or(why).to_owned()
}
