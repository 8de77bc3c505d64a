//! What is written into which field? The study's mapping first, then what each field is for.

use super::page::{Choice, Field, Form, Kind, Page};
use super::roles::{Role, roles};
use crate::lexicon::form_words::{Concept, words};
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
    /// Subject.
    pub subject: String,
    /// The message.
    pub message: String,
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
}

/// What the study says about a field, with its template filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// It has this role.
    Role(Role),
    /// It gets this text.
    Text(String),
}

/// The entries of a filled form, in document order.
///
/// # Errors
/// In words, which field cannot be filled and why.
pub fn fill(
    page: &Page,
    form: &Form,
    mapping: &BTreeMap<String, Mapped>,
    answers: &Answers,
) -> Result<Vec<Entry>, String> {
    if let Some(why) = &form.captcha {
        return Err(format!("the form has a CAPTCHA: {why}"));
    }
    if form.action.is_none() || form.script_only {
        return Err("the form is sent by a script".to_owned());
    }
    let mapped = place(page, form, mapping)?;
    let roles = roles(form);
    let takes_message = |(i, role): (usize, &Role)| match mapped.get(&i) {
        Some(Mapped::Role(role)) => *role == Role::Message,
        Some(Mapped::Text(text)) => text.contains(answers.message.trim()),
        None => *role == Role::Message,
    };
    if !roles.iter().enumerate().any(takes_message) {
        return Err("the form has no place for the message".to_owned());
    }
    let filler = Filler { form, roles: &roles, mapped: &mapped, answers };
    let button = default_button(form);
    if button.is_none() {
        return Err("the form has no button that sends it without a script".to_owned());
    }
    let mut entries = Vec::new();
    for (i, field) in form.fields.iter().enumerate() {
        entries.extend(filler.entries(i, field, button == Some(i))?);
    }
    Ok(entries)
}

/// Which fields the study's mapping means: by name first, else by CSS selector.
fn place<'a>(
    page: &Page,
    form: &Form,
    mapping: &'a BTreeMap<String, Mapped>,
) -> Result<BTreeMap<usize, &'a Mapped>, String> {
    let mut placed = BTreeMap::new();
    for (key, mapped) in mapping {
        let by_name = |f: &Field| f.name == *key;
        let selected = if form.fields.iter().any(by_name) { Vec::new() } else { page.controls_at(key) };
        let fits = |f: &Field| by_name(f) || selected.contains(&f.ordinal);
        let found = form.fields.iter().enumerate().filter(|(_, f)| fits(f));
        let found: Vec<usize> = found.map(|(i, _)| i).collect();
        if found.is_empty() {
            return Err(format!("the study says what to write into `{key}`, but the form has no such field"));
        }
        if found.iter().any(|i| form.fields[*i].kind == Kind::Password) {
            return Err(format!("`{key}` is a password field: it is never filled"));
        }
        placed.extend(found.into_iter().map(|i| (i, mapped)));
    }
    Ok(placed)
}

/// The button that a person would press: one that says "send", else the first.
fn default_button(form: &Form) -> Option<usize> {
    let can_send = |f: &Field| matches!(f.kind, Kind::Submit | Kind::Image) && !f.disabled && f.hidden.is_none();
    let says = |concept: Concept, f: &Field| [&f.label, &f.hint, &f.name].iter().any(|t| concept.is_in(t));
    let buttons = || form.fields.iter().enumerate().filter(|(_, f)| can_send(f));
    let sends = buttons().find(|(_, f)| Concept::Send.is_in(&f.label));
    sends.or_else(|| buttons().find(|(_, f)| !says(Concept::NotSend, f))).map(|(i, _)| i)
}

struct Filler<'a> {
    form: &'a Form,
    roles: &'a [Role],
    mapped: &'a BTreeMap<usize, &'a Mapped>,
    answers: &'a Answers,
}

impl Filler<'_> {
    fn entries(&self, i: usize, field: &Field, is_pressed: bool) -> Result<Vec<Entry>, String> {
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
        let values = match &field.kind {
            Kind::Hidden => vec![text.unwrap_or(&field.value).to_owned()],
            Kind::Submit if is_pressed => vec![field.value.clone()],
            Kind::Image if is_pressed => return Ok(image_entries(field)),
            Kind::Submit | Kind::Image | Kind::Button => Vec::new(),
            Kind::Password => return Err(format!("{} wants a password", called(field))),
            Kind::File => return file(field),
            Kind::Checkbox { checked } => {
                Self::tick(field, *checked, role, text)?.then(|| field.value.clone()).into_iter().collect()
            }
            Kind::Radio { checked } => {
                self.pick(i, field, *checked, role, text)?.then(|| field.value.clone()).into_iter().collect()
            }
            Kind::Select { options, multiple } => self.select(field, options, *multiple, role, text)?,
            Kind::Text | Kind::Email | Kind::Phone | Kind::Special | Kind::Area => vec![self.line(field, role, text)?],
        };
        if field.name.is_empty() {
            return Ok(Vec::new());
        }
        Ok(values.into_iter().map(|value| Entry { name: field.name.clone(), value, is_file: false }).collect())
    }

    /// What a field for text gets.
    fn line(&self, field: &Field, role: Role, text: Option<&str>) -> Result<String, String> {
        let value = match text {
            Some(text) => text.to_owned(),
            None => self.answer(field, role)?.unwrap_or_else(|| field.value.clone()),
        };
        let length = value.encode_utf16().count();
        if let Some(most) = field.maxlength.filter(|most| length > *most) {
            return Err(format!("{} takes {most} characters, and there are {length} to write", called(field)));
        }
        if value.trim().is_empty() && field.required && role != Role::Honeypot {
            return Err(match role {
                Role::Phone => format!("{} is required, and the persona has no telephone number", called(field)),
                _ => {
                    format!("{} is required, and it is not known what to write: name it under `fields:`", called(field))
                }
            });
        }
        Ok(value)
    }

    /// What a role stands for; `None` where the field stays as it is.
    fn answer(&self, field: &Field, role: Role) -> Result<Option<String>, String> {
        let answers = self.answers;
        Ok(Some(match role {
            Role::Name => answers.name.clone(),
            Role::FirstName => first_and_last(&answers.name).0.to_owned(),
            Role::LastName => first_and_last(&answers.name).1.to_owned(),
            Role::Email | Role::EmailAgain => answers.email.clone(),
            Role::Phone => return Ok(answers.phone.clone()),
            Role::Subject => answers.subject.clone(),
            Role::Message => answers.message.clone(),
            Role::Captcha => return Err(format!("the form has a CAPTCHA: {}", called(field))),
            Role::Password => return Err(format!("{} wants a password", called(field))),
            Role::Salutation
            | Role::Company
            | Role::Street
            | Role::HouseNumber
            | Role::Postcode
            | Role::City
            | Role::Region
            | Role::Country
            | Role::Reference
            | Role::Date
            | Role::Website
            | Role::Copy
            | Role::Username
            | Role::Search
            | Role::Consent
            | Role::Marketing
            | Role::Honeypot
            | Role::File
            | Role::Other
            | Role::Button
            | Role::Hidden
            | Role::Unknown => return Ok(None),
        }))
    }

    fn tick(field: &Field, checked: bool, role: Role, text: Option<&str>) -> Result<bool, String> {
        if let Some(text) = text {
            return Ok(means_yes(text) || text == field.value);
        }
        match role {
            Role::Consent => Ok(true),
            Role::Captcha => Err(format!("the form has a CAPTCHA: {}", called(field))),
            Role::Marketing if field.required => {
                Err(format!("{} is required, and would agree to advertising", called(field)))
            }
            Role::Marketing | Role::Honeypot => Ok(false),
            _ if field.required && !checked => Err(format!(
                "{} is required, and it is not known what it means: name it under `fields:`",
                called(field)
            )),
            _ => Ok(checked),
        }
    }

    /// Whether this one of a group's buttons is chosen.
    fn pick(&self, i: usize, field: &Field, checked: bool, role: Role, text: Option<&str>) -> Result<bool, String> {
        if let Some(text) = text {
            let one_fits = self.group(field).any(|(_, f)| fits_choice(text, &f.value, &f.label));
            return if one_fits {
                Ok(fits_choice(text, &field.value, &field.label))
            } else {
                Err(no_choice(text, field))
            };
        }
        let of_role = |wanted: Role| self.group(field).any(|(j, _)| self.roles[j] == wanted);
        let refuses =
            |f: &Field| Concept::Refusal.is_in(&f.label) || Concept::Refusal.is_in(&f.value) || f.value == "0";
        let first = |refusing: bool| self.group(field).find(|(_, f)| refuses(f) == refusing).map(|(j, _)| j);
        if of_role(Role::Marketing) {
            return match first(true) {
                Some(chosen) => Ok(chosen == i),
                None if self.group(field).any(|(_, f)| f.required) => {
                    Err(format!("{} is required, and would agree to advertising", called(field)))
                }
                None => Ok(false),
            };
        }
        if of_role(Role::Consent) || role == Role::Consent {
            return Ok(first(false) == Some(i));
        }
        let is_open = !self.group(field).any(|(_, f)| matches!(f.kind, Kind::Radio { checked: true }));
        if is_open && self.group(field).any(|(_, f)| f.required) {
            return Err(format!("one of {} must be chosen: name it under `fields:`", called(field)));
        }
        Ok(checked)
    }

    fn group<'b>(&'b self, field: &'b Field) -> impl Iterator<Item = (usize, &'b Field)> {
        let same = |f: &&Field| matches!(f.kind, Kind::Radio { .. }) && f.name == field.name && !f.disabled;
        self.form.fields.iter().enumerate().filter(move |(_, f)| same(f))
    }

    fn select(
        &self,
        field: &Field,
        options: &[Choice],
        multiple: bool,
        role: Role,
        text: Option<&str>,
    ) -> Result<Vec<String>, String> {
        let usable = || options.iter().filter(|o| !o.disabled);
        let selected = usable().find(|o| o.selected);
        if let Some(text) = text {
            let chosen = usable().find(|o| fits_choice(text, &o.value, &o.text));
            return chosen.map(|o| vec![o.value.clone()]).ok_or_else(|| no_choice(text, field));
        }
        if role == Role::Captcha {
            return Err(format!("the form has a CAPTCHA: {}", called(field)));
        }
        if role == Role::Subject
            && let Some(chosen) = subject_option(options, &self.answers.subject)
        {
            return Ok(vec![chosen.value.clone()]);
        }
        if field.required && role != Role::Honeypot && selected.is_none_or(is_prompt) {
            return Err(format!("in {} something must be chosen: name it under `fields:`", called(field)));
        }
        // What a browser sends when nobody touches it (HTML standard, "selectedness setting algorithm").
        let untouched = selected.or_else(|| usable().next().filter(|_| !multiple));
        Ok(untouched.map(|o| o.value.clone()).into_iter().collect())
    }
}

/// The option that shares a word with the subject, else one that fits any question.
fn subject_option<'a>(options: &'a [Choice], subject: &str) -> Option<&'a Choice> {
    let usable = || options.iter().filter(|o| !o.disabled && !is_prompt(o));
    let subject: Vec<String> = words(subject).into_iter().filter(|w| w.chars().count() >= 5).collect();
    let shares = |o: &&Choice| words(&o.text).iter().any(|w| subject.contains(w));
    usable().find(shares).or_else(|| usable().find(|o| Concept::General.is_in(&o.text)))
}

/// "Please choose": an option that is none.
fn is_prompt(option: &Choice) -> bool {
    let text = option.text.trim();
    option.value.trim().is_empty() || text.chars().all(|c| !c.is_alphanumeric()) || Concept::Prompt.is_in(text)
}

fn file(field: &Field) -> Result<Vec<Entry>, String> {
    if field.required && field.hidden.is_none() {
        return Err(format!("{} wants a file", called(field)));
    }
    let entry = Entry { name: field.name.clone(), value: String::new(), is_file: true };
    Ok(Some(entry).filter(|e| !e.name.is_empty()).into_iter().collect())
}

/// A pressed picture is sent as the place where it was pressed.
fn image_entries(field: &Field) -> Vec<Entry> {
    let prefix = if field.name.is_empty() { String::new() } else { format!("{}.", field.name) };
    let entry = |axis: &str| Entry { name: format!("{prefix}{axis}"), value: "7".to_owned(), is_file: false };
    vec![entry("x"), entry("y")]
}

/// The last word is the family name; a single word stands for both.
fn first_and_last(name: &str) -> (&str, &str) {
    let name = name.trim();
    name.rsplit_once(' ').map_or((name, name), |(first, last)| (first.trim_end(), last))
}

fn means_yes(text: &str) -> bool {
    matches!(
        text.trim().to_lowercase().as_str(),
        "yes" | "true" | "on" | "1" | "x" | "tick" | "sì" | "si" | "ja" | "oui"
    )
}

fn fits_choice(wanted: &str, value: &str, text: &str) -> bool {
    wanted == value || wanted.trim().eq_ignore_ascii_case(text.trim())
}

fn no_choice(wanted: &str, field: &Field) -> String {
    format!("{} has no choice \"{wanted}\"", called(field))
}

/// What a person would call a field.
fn called(field: &Field) -> String {
    let words =
        [&field.label, &field.group, &field.hint, &field.name, &field.id].into_iter().find(|w| !w.trim().is_empty());
    let words: String = words.map_or("a field without a name", |w| w.trim()).chars().take(80).collect();
    format!("the field \"{words}\"")
}
