//! Is there a form on a page that takes a question, and what does it cost to ask there?

use crate::forms::choose::choose;
use crate::forms::page::{Form, Kind, Page};
use crate::forms::roles::Role;
use crate::model::outcome::Obstacle;
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
        Err(unfit) => Err(FormMissing { why: unfit.why, login: unfit.obstacle == Obstacle::Login }),
    }
}

fn contact(form: &Form) -> ContactForm {
    let fields = || form.fields.iter().zip(&form.readings).filter(|(field, reading)| !reading.left && !field.disabled);
    let required = |wanted: &[Role]| fields().any(|(_, reading)| reading.required && wanted.contains(&reading.role));
    // Radio buttons of one name are one field.
    let mut names: Vec<&str> = Vec::new();
    for (field, reading) in fields().filter(|(_, reading)| reading.required) {
        let shown = !matches!(reading.role, Role::Hidden | Role::Button);
        let again = matches!(field.kind, Kind::Radio { .. }) && names.contains(&field.name.as_str());
        if shown && !again {
            names.push(&field.name);
        }
    }
    let cost = Cost {
        required_fields: u32::try_from(names.len()).ok(),
        registration: Some(false),
        phone: Some(required(&[Role::Phone])),
        real_name: Some(required(&[Role::Name, Role::FirstName, Role::LastName])),
        captcha: Some(form.captcha.as_ref().map_or("none", |captcha| captcha.kind).to_owned()),
        clicks: None,
    };
    ContactForm { confidence: f64::from(form.nature.confidence) / 100.0, cost }
}
