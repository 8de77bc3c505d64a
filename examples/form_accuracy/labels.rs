//! What did people say of each form and field, and which of ours do they mean?

use risposta::forms::page::{Field, Form, Kind};
use risposta::forms::roles::Role;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::Path;
use url::Url;

/// A page with its labels.
#[derive(Deserialize)]
pub(crate) struct LabelledPage {
    pub(crate) case: String,
    pub(crate) file: String,
    #[serde(default)]
    pub(crate) url: String,
    pub(crate) forms: Vec<LabelledForm>,
}

/// A form with its labels.
#[derive(Deserialize)]
pub(crate) struct LabelledForm {
    pub(crate) form_index: Option<usize>,
    pub(crate) form_type: String,
    #[serde(rename = "use")]
    pub(crate) used: String,
    pub(crate) fields: Vec<LabelledField>,
}

/// A field with its label.
#[derive(Deserialize)]
pub(crate) struct LabelledField {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    pub(crate) role: Option<String>,
}

impl LabelledField {
    fn is_nameless(&self) -> bool {
        [&self.name, &self.id].into_iter().all(|mark| mark.as_deref().is_none_or(str::is_empty))
    }
}

impl LabelledPage {
    /// Which half of the sites it belongs to.
    pub(crate) fn half(&self) -> &'static str {
        let host = Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.unwrap_or_else(|| self.case.clone());
        let labels: Vec<&str> = host.trim_start_matches("www.").split('.').collect();
        let second_level = labels.len() > 2 && matches!(labels[labels.len() - 2], "co" | "com" | "org" | "net" | "ac");
        let keep = if second_level { 3 } else { 2 };
        let site = labels[labels.len().saturating_sub(keep)..].join(".");
        if Sha256::digest(site.as_bytes())[0].is_multiple_of(2) { "A" } else { "B" }
    }
}

/// Reads `labels.json`.
pub(crate) fn read(dir: &Path) -> Result<Vec<LabelledPage>, String> {
    let file = dir.join("labels.json");
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))
}

/// The form that is meant: the one that shares most fields, the same place in the page deciding ties,
/// and that alone where no field has a name.
pub(crate) fn find<'a>(forms: &'a [Form], labelled: &LabelledForm) -> Option<&'a Form> {
    let shared = |form: &Form| {
        let has = |l: &LabelledField| !l.is_nameless() && form.fields.iter().any(|f| means(l, f));
        labelled.fields.iter().filter(|l| has(l)).count()
    };
    let best = forms.iter().max_by_key(|form| {
        let place = labelled.form_index.unwrap_or_default();
        (shared(form), std::cmp::Reverse(form.index.abs_diff(place)))
    })?;
    let nameless = labelled.fields.iter().all(LabelledField::is_nameless);
    (nameless || shared(best) > 0).then_some(best)
}

fn means(labelled: &LabelledField, field: &Field) -> bool {
    let tag = match field.kind {
        Kind::Select { .. } => "select",
        Kind::Area => "textarea",
        Kind::Submit | Kind::Image | Kind::Button => "",
        _ => "input",
    };
    let same_tag = tag.is_empty() || labelled.tag.is_empty() || labelled.tag == tag;
    let name = labelled.name.as_deref().unwrap_or_default();
    let id = labelled.id.as_deref().unwrap_or_default();
    let same = match (name.is_empty(), id.is_empty()) {
        (false, _) => name == field.name,
        (true, false) => id == field.id,
        // The first of its tag that is as nameless, and was not taken yet.
        (true, true) => field.name.is_empty() && field.id.is_empty() && !tag.is_empty() && field.kind != Kind::Hidden,
    };
    same_tag && same
}

/// The places of our fields that the labels of a form mean, each at most once; a group of radio
/// buttons is labelled once.
pub(crate) fn places(form: &Form, labelled: &LabelledForm) -> Vec<Option<usize>> {
    let mut taken = vec![false; form.fields.len()];
    let place = |label: &LabelledField| {
        let fits = |i: &usize| !taken[*i] && means(label, &form.fields[*i]);
        let same_id = |i: &usize| label.id.as_deref().is_some_and(|id| !id.is_empty() && id == form.fields[*i].id);
        let all: Vec<usize> = (0..form.fields.len()).filter(fits).collect();
        let found = all.iter().copied().find(same_id).or(all.first().copied());
        if let Some(i) = found {
            taken[i] = true;
        }
        found
    };
    labelled.fields.iter().map(place).collect()
}

/// Whether our role is what a label says.
pub(crate) fn agrees(label: &str, role: Role) -> bool {
    match label {
        "email" => role == Role::Email,
        "email_confirm" => role == Role::EmailAgain,
        "full_name" => role == Role::Name,
        "first_name" => role == Role::FirstName,
        "last_name" => role == Role::LastName,
        "phone" => role == Role::Phone,
        "phone_part" | "phone_country_code" => matches!(role, Role::Phone | Role::Other | Role::Unknown),
        "subject" => role == Role::Subject,
        "message" => role == Role::Message,
        "company" => role == Role::Company,
        "address" => matches!(role, Role::Street | Role::HouseNumber),
        "postal_code" => role == Role::Postcode,
        "city" => role == Role::City,
        "state" => role == Role::Region,
        "country" => role == Role::Country,
        "salutation" => role == Role::Salutation,
        "website" => role == Role::Website,
        "username" => role == Role::Username,
        "username_or_email" => matches!(role, Role::Username | Role::Email),
        "password" | "password_confirm" => role == Role::Password,
        "search_query" => role == Role::Search,
        "captcha" => role == Role::Captcha,
        "honeypot" => role == Role::Honeypot,
        "consent" => role == Role::Consent,
        "newsletter_optin" => role == Role::Marketing,
        "birth_date" => role == Role::Date,
        "file" => role == Role::File,
        "submit" | "button" => role == Role::Button,
        // What the labels call the rest, our roles name more closely, or not at all.
        _ => matches!(role, Role::Other | Role::Unknown | Role::Date | Role::Reference | Role::Copy | Role::Username),
    }
}
