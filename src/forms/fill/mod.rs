//! What is written into which field? The study's mapping first, then what each field is for.

mod by_hand;
mod choice;
mod details;
mod rules;

use super::Unfit;
use super::page::{Field, Form, FormMethod, Kind, Page};
use super::roles::{Role, roles};
use super::software;
use crate::lexicon::form_words::Concept;
use crate::model::outcome::Obstacle;
use crate::model::study::Detail;
pub use by_hand::{ByHand, Gets, by_hand};
use choice::Chooser;
use std::collections::BTreeMap;

/// What can be written into a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Full name of who asks.
    pub name: String,
    /// Where replies go.
    pub email: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// What else the study says about who asks.
    pub details: BTreeMap<Detail, String>,
    /// Subject.
    pub subject: String,
    /// The message.
    pub message: String,
}

impl Answers {
    /// What a role stands for, where it is text.
    pub fn of_role(&self, role: Role) -> Option<String> {
        Some(match role {
            Role::Name => self.name.clone(),
            Role::FirstName => first_and_last(&self.name).0.to_owned(),
            Role::LastName => first_and_last(&self.name).1.to_owned(),
            Role::Email | Role::EmailAgain => self.email.clone(),
            Role::Phone => return self.phone.clone(),
            Role::Subject => self.subject.clone(),
            Role::Message => self.message.clone(),
            _ => return None,
        })
    }
}

/// A field as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub value: String,
    /// Whether it is a file: here always none.
    pub is_file: bool,
    /// The field's place among the form's fields.
    pub field: usize,
}

/// A form that needs only to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Its entries, in document order.
    pub entries: Vec<Entry>,
    /// The button that is pressed: its place among the form's fields.
    pub button: usize,
}

/// What the study says about a field, with its template filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// It has this role.
    Role(Role),
    /// It gets this text.
    Text(String),
}

/// What a form is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What the study says to write where: it comes first.
    pub mapping: &'a BTreeMap<String, Mapped>,
    /// What each field gets by what it is for.
    pub answers: &'a Answers,
}

/// Fills a form.
///
/// # Errors
/// Which field cannot be filled and why, or why the form cannot be sent without a browser.
pub fn fill(page: &Page, form: &Form, inputs: Inputs<'_>) -> Result<Filled, Unfit> {
    needs_no_script(page, form)?;
    fill_live(page, form, inputs)
}

/// Fills a form as it stands in a browser, where scripts may send it.
///
/// # Errors
/// Which field cannot be filled and why.
pub fn fill_live(page: &Page, form: &Form, inputs: Inputs<'_>) -> Result<Filled, Unfit> {
    has_no_captcha(form)?;
    let answers = inputs.answers;
    let mapped = place(page, form, inputs.mapping)?;
    let roles = roles(form);
    let takes_message = |(i, role): (usize, &Role)| match mapped.get(&i) {
        Some(Mapped::Role(role)) => *role == Role::Message,
        Some(Mapped::Text(text)) => text.contains(answers.message.trim()),
        None => *role == Role::Message,
    };
    if !roles.iter().enumerate().any(takes_message) {
        return Err(Unfit::new(Obstacle::NoForm, "the form has no place for the message"));
    }
    Filler { form, roles: &roles, mapped: &mapped, answers, as_it_stands: false }.filled()
}

/// Fills a step of a form, in a browser: the message may belong to another one, and so may fields of the study's.
///
/// # Errors
/// Which field cannot be filled and why.
pub fn fill_step(page: &Page, form: &Form, inputs: Inputs<'_>) -> Result<Filled, Unfit> {
    has_no_captcha(form)?;
    let here = of_form(page, form, inputs.mapping);
    let (mapped, roles) = (place(page, form, &here)?, roles(form));
    Filler { form, roles: &roles, mapped: &mapped, answers: inputs.answers, as_it_stands: false }.filled()
}

/// Fills the form of a page that shows once more what was entered: everything stays as it stands there.
///
/// # Errors
/// Why it cannot be sent.
pub fn fill_again(page: &Page, form: &Form, answers: &Answers) -> Result<Filled, Unfit> {
    needs_no_script(page, form)?;
    let (roles, mapped) = (roles(form), BTreeMap::new());
    Filler { form, roles: &roles, mapped: &mapped, answers, as_it_stands: true }.filled()
}

fn has_no_captcha(form: &Form) -> Result<(), Unfit> {
    let Some(why) = &form.captcha else { return Ok(()) };
    Err(Unfit::new(Obstacle::Captcha(why.kind.to_owned()), format!("the form has a CAPTCHA: {why}")))
}

fn needs_no_script(page: &Page, form: &Form) -> Result<(), Unfit> {
    has_no_captcha(form)?;
    if form.script_only {
        return Err(Unfit::new(Obstacle::NeedsBrowser, "the form is sent by a script"));
    }
    // No contact form asks its own page by its address: a script takes it before it is sent.
    let asks_itself = form.method == FormMethod::Get && form.action.as_ref() == Some(&form.url);
    if asks_itself && page.has("script") {
        return Err(Unfit::new(
            Obstacle::NeedsBrowser,
            "the form says neither where nor how it is sent: a script does",
        ));
    }
    if let Some(name) = software::needs_script(page, form) {
        return Err(Unfit::new(Obstacle::NeedsBrowser, format!("the form is sent by a script, that of {name}")));
    }
    Ok(())
}

/// Which fields the study's mapping means: by name first, else by CSS selector.
fn place<'a>(
    page: &Page,
    form: &Form,
    mapping: &'a BTreeMap<String, Mapped>,
) -> Result<BTreeMap<usize, &'a Mapped>, Unfit> {
    let mut placed = BTreeMap::new();
    for (key, mapped) in mapping {
        let by_name = |f: &Field| f.name == *key;
        let selected = if form.fields.iter().any(by_name) { Vec::new() } else { page.controls_at(key) };
        let fits = |f: &Field| by_name(f) || selected.contains(&f.ordinal);
        let found = form.fields.iter().enumerate().filter(|(_, f)| fits(f));
        let found: Vec<usize> = found.map(|(i, _)| i).collect();
        if found.is_empty() {
            return Err(unknown(format!("the study says what to write into `{key}`, but the form has no such field")));
        }
        if found.iter().any(|i| form.fields[*i].kind == Kind::Password) {
            return Err(Unfit::new(Obstacle::Login, format!("`{key}` is a password field: it is never filled")));
        }
        placed.extend(found.into_iter().map(|i| (i, mapped)));
    }
    Ok(placed)
}

/// What of the study's mapping this form has fields for.
fn of_form(page: &Page, form: &Form, mapping: &BTreeMap<String, Mapped>) -> BTreeMap<String, Mapped> {
    let here = mapping.iter().filter(|(key, mapped)| {
        let one = BTreeMap::from([((*key).clone(), (*mapped).clone())]);
        place(page, form, &one).is_ok()
    });
    here.map(|(key, mapped)| (key.clone(), mapped.clone())).collect()
}

/// The button that a person would press: one that says "send", else the first.
fn default_button(form: &Form) -> Option<usize> {
    let can_send = |f: &Field| matches!(f.kind, Kind::Submit | Kind::Image) && !f.disabled && f.hidden.is_none();
    let says = |concept: Concept, f: &Field| [&f.label, &f.hint, &f.name].iter().any(|t| concept.is_in(t));
    let buttons = || form.fields.iter().enumerate().filter(|(_, f)| can_send(f));
    let sends = buttons().find(|(_, f)| Concept::Send.is_in(&f.label) && !Concept::NotSend.is_in(&f.label));
    let sends = sends.or_else(|| buttons().find(|(_, f)| Concept::Send.is_in(&f.label)));
    sends.or_else(|| buttons().find(|(_, f)| !says(Concept::NotSend, f))).map(|(i, _)| i)
}

struct Filler<'a> {
    form: &'a Form,
    roles: &'a [Role],
    mapped: &'a BTreeMap<usize, &'a Mapped>,
    answers: &'a Answers,
    /// Whether fields for text keep what the page wrote into them.
    as_it_stands: bool,
}

impl Filler<'_> {
    fn filled(&self) -> Result<Filled, Unfit> {
        let Some(button) = default_button(self.form) else {
            let why = "the form has no button that sends it without a script";
            return Err(Unfit::new(Obstacle::NeedsBrowser, why));
        };
        if self.form.route(button).action.is_none() {
            return Err(Unfit::new(Obstacle::NeedsBrowser, "the form is sent by a script"));
        }
        let mut entries = Vec::new();
        for (i, field) in self.form.fields.iter().enumerate() {
            entries.extend(self.entries(i, field, button == i)?);
        }
        Ok(Filled { entries, button })
    }

    fn entries(&self, i: usize, field: &Field, is_pressed: bool) -> Result<Vec<Entry>, Unfit> {
        if field.disabled {
            return Ok(Vec::new());
        }
        let mapped = self.mapped.get(&i).copied();
        let role = match mapped {
            Some(Mapped::Role(role)) => *role,
            _ => self.roles[i],
        };
        let text = match mapped {
            Some(Mapped::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let told = self.detail(field, role);
        let chooser = Chooser { form: self.form, roles: self.roles, answers: self.answers, field, role, text, told };
        let values = match &field.kind {
            Kind::Hidden => vec![text.unwrap_or(&field.value).to_owned()],
            Kind::Submit if is_pressed => vec![field.value.clone()],
            Kind::Image if is_pressed => return Ok(image_entries(i, field)),
            Kind::Submit | Kind::Image | Kind::Button => Vec::new(),
            Kind::Password => return Err(password(field)),
            Kind::File => return file(i, field),
            Kind::Checkbox { checked } => chooser.ticks(*checked)?.then(|| field.value.clone()).into_iter().collect(),
            Kind::Radio { checked } => chooser.picks(i, *checked)?.then(|| field.value.clone()).into_iter().collect(),
            Kind::Select { options, multiple } => chooser.selects(options, *multiple)?,
            Kind::Text | Kind::Email | Kind::Phone | Kind::Special | Kind::Area => vec![self.line(field, role, text)?],
        };
        if field.name.is_empty() {
            return Ok(Vec::new());
        }
        let entry = |name: &str, value: String| Entry { name: name.to_owned(), value, is_file: false, field: i };
        // HTML standard, "constructing the entry list": the direction goes beside the text.
        let direction = (!field.dirname.is_empty()).then(|| entry(&field.dirname, "ltr".to_owned()));
        Ok(values.into_iter().map(|value| entry(&field.name, value)).chain(direction).collect())
    }

    /// What a field for text gets.
    fn line(&self, field: &Field, role: Role, text: Option<&str>) -> Result<String, Unfit> {
        let ours = match text {
            Some(text) => Some(text.to_owned()),
            None if self.as_it_stands && !matches!(role, Role::Captcha) => None,
            None => self.answer(field, role)?,
        };
        let value = match ours {
            Some(text) => rules::fitting(self.form, field, role, &text).map_err(|why| demands(field, &why))?,
            None => field.value.clone(),
        };
        if value.trim().is_empty() && field.required && role != Role::Honeypot {
            return Err(missing(field, role));
        }
        Ok(value)
    }

    /// What the study says about who asks: told only to those who demand it.
    fn detail(&self, field: &Field, role: Role) -> Option<String> {
        let told = |detail: Detail| self.answers.details.get(&detail).cloned();
        let street = || told(Detail::Street).unwrap_or_default();
        match role {
            Role::HouseNumber => told(Detail::HouseNumber).or_else(|| details::split_street(&street()).1),
            Role::Street if self.roles.contains(&Role::HouseNumber) => Some(details::split_street(&street()).0),
            Role::Reference => details::references(field).into_iter().find_map(told),
            _ => told(details::of(role)?),
        }
    }

    /// What a role stands for; `None` where the field stays as it is.
    fn answer(&self, field: &Field, role: Role) -> Result<Option<String>, Unfit> {
        match role {
            Role::Captcha => Err(captcha(field)),
            Role::Password => Err(password(field)),
            _ => Ok(self.answers.of_role(role).or_else(|| self.detail(field, role).filter(|_| field.required))),
        }
    }
}

fn file(i: usize, field: &Field) -> Result<Vec<Entry>, Unfit> {
    if field.required && field.hidden.is_none() {
        return Err(unknown(format!("{} wants a file", called(field))));
    }
    let entry = Entry { name: field.name.clone(), value: String::new(), is_file: true, field: i };
    Ok(Some(entry).filter(|e| !e.name.is_empty()).into_iter().collect())
}

/// A pressed picture is sent as the place where it was pressed.
fn image_entries(i: usize, field: &Field) -> Vec<Entry> {
    let prefix = if field.name.is_empty() { String::new() } else { format!("{}.", field.name) };
    let entry = |axis: &str| Entry { name: format!("{prefix}{axis}"), value: "7".to_owned(), is_file: false, field: i };
    vec![entry("x"), entry("y")]
}

/// The last word is the family name; a single word stands for both.
fn first_and_last(name: &str) -> (&str, &str) {
    let name = name.trim();
    name.rsplit_once(' ').map_or((name, name), |(first, last)| (first.trim_end(), last))
}

/// A field that must be filled, and nobody said with what.
fn missing(field: &Field, role: Role) -> Unfit {
    let key = match role {
        Role::Phone => Some("phone"),
        Role::Reference => Some("order_number"),
        _ => details::of(role).map(Detail::key),
    };
    unknown(match key {
        Some(key) => format!("{} is required: give the persona a `{key}:`", called(field)),
        None => format!("{} is required, and it is not known what to write: name it under `fields:`", called(field)),
    })
}

fn unknown(why: String) -> Unfit {
    Unfit::new(Obstacle::UnknownField, why)
}

fn demands(field: &Field, why: &str) -> Unfit {
    unknown(format!("{} {why}: name what it gets under `fields:`", called(field)))
}

fn captcha(field: &Field) -> Unfit {
    Unfit::new(Obstacle::Captcha("a question".to_owned()), format!("the form has a CAPTCHA: {}", called(field)))
}

fn password(field: &Field) -> Unfit {
    Unfit::new(Obstacle::Login, format!("{} wants a password", called(field)))
}

/// What a person would call a field.
fn called(field: &Field) -> String {
    let words =
        [&field.label, &field.group, &field.hint, &field.name, &field.id].into_iter().find(|w| !w.trim().is_empty());
    let words: String = words.map_or("a field without a name", |w| w.trim()).chars().take(80).collect();
    format!("the field \"{words}\"")
}
