//! What is still to be done to a form before it can be sent? Read anew after every round, for pages
//! change under the hands of who fills them.

use super::view::{View, number};
use crate::channels::web_form::asker::Errand;
use crate::forms::Unfit;
use crate::forms::choose::choose;
use crate::forms::fill::{Filled, fill_live, fill_step};
use crate::forms::judge::made_by_script;
use crate::forms::page::{Choice, Field, Form, Kind, Page};
use crate::forms::roles::{Role, roles};
use crate::lexicon::banners::leads_on;
use crate::lexicon::form_words::Concept;
use crate::model::outcome::Obstacle;

/// Something to be done to a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    /// The number of the live control.
    pub(super) control: usize,
    /// What people call it.
    pub(super) called: String,
    /// What.
    pub(super) does: Does,
    /// Whether the form can be sent without it: a telephone number that nobody wants, and the study does not either.
    pub(super) spared: bool,
}

/// What is done to a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// Write this, and nothing else.
    Write(String),
    /// Choose the option of this value, as the page words it.
    Choose {
        /// What is sent.
        value: String,
        /// What is shown.
        text: String,
    },
    /// Tick it, or not.
    Tick(bool),
}

/// A form as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// What is to be done yet.
    pub(super) acts: Vec<Act>,
    /// The number of the button that leads on.
    pub(super) button: usize,
    /// What stands on it.
    pub(super) label: String,
    /// Whether it leads to a next step, and sends nothing.
    pub(super) leads_on: bool,
    /// Names of the fields: another step has others.
    pub(super) names: Vec<String>,
}

impl Plan {
    /// Reads what is to be done. A form of several steps may ask for the message later.
    pub(super) fn of(view: &View, errand: &Errand<'_>) -> Result<Self, Unfit> {
        let page = view.page();
        match choose(&page, errand.target.form.as_deref()) {
            Ok(form) => match fill_live(&page, form, errand.inputs()) {
                Ok(filled) => Self::made(&page, form, &filled, errand),
                // The message's own step may come later.
                Err(unfit) => Self::step(&page, Some(form), errand).ok_or(unfit),
            },
            Err(unfit) => {
                let by_script = made_by_script(&page).filter(|_| unfit.obstacle == Obstacle::NoForm);
                Self::step(&page, None, errand).ok_or(by_script.unwrap_or(unfit))
            }
        }
    }

    /// The first or a middle step of a form: something to fill, and a button that leads on.
    fn step(page: &Page, form: Option<&Form>, errand: &Errand<'_>) -> Option<Self> {
        let forms = form.map_or_else(|| page.forms.iter().collect(), |form| vec![form]);
        let mut steps = forms.into_iter().filter_map(|form| {
            let filled = fill_step(page, form, errand.inputs()).ok()?;
            Self::made(page, form, &filled, errand).ok()
        });
        steps.find(|plan| plan.leads_on)
    }

    fn made(page: &Page, form: &Form, filled: &Filled, errand: &Errand<'_>) -> Result<Self, Unfit> {
        let roles = roles(form);
        let mut acts = Vec::new();
        for (i, field) in form.fields.iter().enumerate().filter(|(_, f)| f.hidden.is_none() && !f.disabled) {
            let values: Vec<&str> = filled.entries.iter().filter(|e| e.field == i).map(|e| e.value.as_str()).collect();
            let Some(does) = act(field, &values, roles[i], form) else { continue };
            let is_named = |key: &String| field.name == *key || page.controls_at(key).contains(&field.ordinal);
            let spared = roles[i] == Role::Phone && !field.required && !errand.mapping.keys().any(is_named);
            if let Some(control) = number(page, field) {
                let called = [&field.label, &field.hint, &field.name].into_iter().find(|w| !w.is_empty());
                acts.push(Act { control, called: called.cloned().unwrap_or_default(), does, spared });
            }
        }
        let pressed = &form.fields[filled.button];
        let lost = || Unfit::new(Obstacle::NeedsBrowser, "the form's button is not to be found in the browser");
        let label = if pressed.label.is_empty() { pressed.value.clone() } else { pressed.label.clone() };
        let has_message = roles.iter().zip(&form.fields).any(|(r, f)| *r == Role::Message && f.hidden.is_none());
        Ok(Self {
            acts,
            button: number(page, pressed).ok_or_else(lost)?,
            leads_on: leads_on(&label) && (!Concept::Send.is_in(&label) || !has_message),
            label,
            names: form.fields.iter().filter(|f| f.hidden.is_none()).map(|f| f.name.clone()).collect(),
        })
    }
}

/// What makes a field hold its values; `None` where it holds them.
fn act(field: &Field, values: &[&str], role: Role, form: &Form) -> Option<Does> {
    match &field.kind {
        Kind::Text | Kind::Email | Kind::Phone | Kind::Special | Kind::Area => {
            let wanted = *values.first()?;
            let has = holds(&field.value, wanted, role == Role::Message)
                || role == Role::Phone && holds_number(&field.value, wanted, form);
            (!has).then(|| Does::Write(wanted.to_owned()))
        }
        Kind::Checkbox { checked } | Kind::Radio { checked } => {
            let wanted = !values.is_empty();
            // A button of a group goes out when another one goes on.
            let is_group = matches!(field.kind, Kind::Radio { .. }) && !wanted;
            (*checked != wanted && !is_group).then_some(Does::Tick(wanted))
        }
        Kind::Select { options, multiple: true } => {
            let chosen = options.iter().filter(|o| o.selected).map(|o| o.value.as_str());
            let lacks = |o: &&Choice| values.contains(&o.value.as_str()) && !o.selected;
            let option = options.iter().find(lacks).filter(|_| !chosen.eq(values.iter().copied()))?;
            Some(Does::Choose { value: option.value.clone(), text: option.text.clone() })
        }
        Kind::Select { options, .. } => {
            let wanted = *values.first()?;
            let chosen = options.iter().rev().find(|o| o.selected).or_else(|| options.first());
            let option = options.iter().find(|o| o.value == wanted)?;
            let text = option.text.clone();
            (chosen.map(|o| o.value.as_str()) != Some(wanted)).then(|| Does::Choose { value: wanted.to_owned(), text })
        }
        Kind::Password | Kind::File | Kind::Hidden | Kind::Submit | Kind::Image | Kind::Button => None,
    }
}

/// Whether a field holds a telephone number whose country stands beside it, in a list of its own.
fn holds_number(found: &str, wanted: &str, form: &Form) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (wanted, found) = (digits(wanted), digits(found));
    let mut national = [found.as_str(), found.trim_start_matches('0')].into_iter().filter(|n| n.len() >= 5);
    let Some(country) = national.find_map(|n| wanted.strip_suffix(n)) else { return false };
    let shows = |field: &Field| {
        field.label.split_whitespace().any(|word| word.trim_matches(['(', ')']) == format!("+{country}"))
    };
    !country.is_empty()
        && form.fields.iter().any(|f| matches!(f.kind, Kind::Submit | Kind::Button | Kind::Select { .. }) && shows(f))
}

/// Whether a field holds what was written. Pages set numbers and addresses in their own way; the
/// message must stand word for word.
pub(super) fn holds(found: &str, wanted: &str, is_message: bool) -> bool {
    if is_message {
        return found.split_whitespace().eq(wanted.split_whitespace());
    }
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    plain(found) == plain(wanted) && found.trim().is_empty() == wanted.trim().is_empty()
}
