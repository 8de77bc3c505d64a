//! Which box is ticked, which button of a group and which option of a list is chosen?

use super::{Answers, called, captcha, unknown};
use crate::forms::Unfit;
use crate::forms::page::{Choice, Field, Form, Kind};
use crate::forms::roles::Role;
use crate::lexicon::form_words::{Concept, words};
use crate::model::outcome::Obstacle;

/// A field to choose in, with what is known about it.
pub(super) struct Chooser<'a> {
    pub(super) form: &'a Form,
    pub(super) roles: &'a [Role],
    pub(super) answers: &'a Answers,
    pub(super) field: &'a Field,
    pub(super) role: Role,
    /// What the study says to write here.
    pub(super) text: Option<&'a str>,
    /// What it says about who asks, where that is asked here.
    pub(super) told: Option<String>,
}

impl<'a> Chooser<'a> {
    /// Whether a box is ticked.
    pub(super) fn ticks(&self, checked: bool) -> Result<bool, Unfit> {
        let field = self.field;
        if let Some(text) = self.text {
            return Ok(means_yes(text) || text == field.value);
        }
        match self.role {
            Role::Consent => Ok(true),
            Role::Captcha => Err(captcha(field)),
            Role::Marketing if field.required => Err(advertising(field)),
            // A copy that a site sends us could be taken for the company's reply.
            Role::Copy if !field.required => Ok(false),
            Role::Marketing | Role::Honeypot => Ok(false),
            _ if field.required && !checked => Err(unknown(format!(
                "{} is required, and it is not known what it means: name it under `fields:`",
                called(field)
            ))),
            _ => Ok(checked),
        }
    }

    /// Whether this one of a group's buttons is chosen.
    pub(super) fn picks(&self, i: usize, checked: bool) -> Result<bool, Unfit> {
        let field = self.field;
        if let Some(text) = self.text {
            let one_fits = self.group().any(|(_, f)| fits_choice(text, &f.value, &f.label));
            return if one_fits {
                Ok(fits_choice(text, &field.value, &field.label))
            } else {
                Err(no_choice(text, field))
            };
        }
        let of_role = |wanted: Role| self.group().any(|(j, _)| self.roles[j] == wanted);
        let refuses =
            |f: &Field| Concept::Refusal.is_in(&f.label) || Concept::Refusal.is_in(&f.value) || f.value == "0";
        let first = |refusing: bool| self.group().find(|(_, f)| refuses(f) == refusing).map(|(j, _)| j);
        if of_role(Role::Marketing) {
            return match first(true) {
                Some(chosen) => Ok(chosen == i),
                None if self.group().any(|(_, f)| f.required) => Err(advertising(field)),
                None => Ok(false),
            };
        }
        if of_role(Role::Consent) || self.role == Role::Consent {
            return Ok(first(false) == Some(i));
        }
        if of_role(Role::Subject) {
            let choices: Vec<(usize, Choice)> = self.group().map(|(j, f)| (j, as_choice(f))).collect();
            let options: Vec<Choice> = choices.iter().map(|(_, choice)| choice.clone()).collect();
            if let Some(at) = nearest(&options, &self.answers.subject) {
                return Ok(choices[at].0 == i);
            }
        }
        if let Some(told) = self.told.as_deref().filter(|_| self.group().any(|(_, f)| f.required)) {
            let choices: Vec<(usize, Choice)> = self.group().map(|(j, f)| (j, as_choice(f))).collect();
            let options: Vec<Choice> = choices.iter().map(|(_, choice)| choice.clone()).collect();
            if let Some(at) = same_choice(&options, told) {
                return Ok(choices[at].0 == i);
            }
        }
        let is_open = !self.group().any(|(_, f)| matches!(f.kind, Kind::Radio { checked: true }));
        if is_open && self.group().any(|(_, f)| f.required) {
            return Err(unknown(format!("one of {} must be chosen: name it under `fields:`", called(field))));
        }
        Ok(checked)
    }

    fn group(&self) -> impl Iterator<Item = (usize, &'a Field)> + use<'a> {
        let name = self.field.name.as_str();
        let same = move |f: &&Field| matches!(f.kind, Kind::Radio { .. }) && f.name == name && !f.disabled;
        self.form.fields.iter().enumerate().filter(move |(_, f)| same(f))
    }

    /// What is chosen from a list.
    pub(super) fn selects(&self, options: &[Choice], multiple: bool) -> Result<Vec<String>, Unfit> {
        let field = self.field;
        let usable = || options.iter().filter(|o| !o.disabled);
        if let Some(text) = self.text {
            let chosen = usable().find(|o| fits_choice(text, &o.value, &o.text));
            return chosen.map(|o| vec![o.value.clone()]).ok_or_else(|| no_choice(text, field));
        }
        if self.role == Role::Captcha {
            return Err(captcha(field));
        }
        if self.role == Role::Subject
            && let Some(at) = nearest(options, &self.answers.subject)
        {
            return Ok(vec![options[at].value.clone()]);
        }
        if field.required
            && let Some(at) = self.told.as_deref().and_then(|told| same_choice(options, told))
        {
            return Ok(vec![options[at].value.clone()]);
        }
        // What a browser sends when nobody touches it (HTML standard, "selectedness setting algorithm").
        let untouched: Vec<&Choice> = if multiple {
            usable().filter(|o| o.selected).collect()
        } else {
            let last = options.iter().rev().find(|o| o.selected);
            last.filter(|o| !o.disabled).or_else(|| usable().next().filter(|_| last.is_none())).into_iter().collect()
        };
        let says_nothing = untouched.iter().all(|o| is_prompt(o)) || !options.iter().any(|o| o.selected);
        if field.required && self.role != Role::Honeypot && says_nothing {
            if let [only] = usable().filter(|o| !is_prompt(o)).collect::<Vec<_>>()[..] {
                return Ok(vec![only.value.clone()]);
            }
            return Err(unknown(format!("in {} something must be chosen: name it under `fields:`", called(field))));
        }
        Ok(untouched.into_iter().map(|o| o.value.clone()).collect())
    }
}

/// The option that says the same, whatever its dots and accents; failing that, one that begins or ends so.
fn same_choice(options: &[Choice], told: &str) -> Option<usize> {
    let told = words(told);
    let usable = || options.iter().enumerate().filter(|(_, o)| !o.disabled && !is_prompt(o));
    let says = |o: &Choice| words(&o.text) == told || words(&o.value) == told;
    let begins =
        |o: &Choice| !told.is_empty() && (words(&o.text).starts_with(&told) || words(&o.text).ends_with(&told));
    usable().find(|(_, o)| says(o)).or_else(|| usable().find(|(_, o)| begins(o))).map(|(at, _)| at)
}

/// The option that shares a word with the subject, else one that fits any question.
fn nearest(options: &[Choice], subject: &str) -> Option<usize> {
    let usable = || options.iter().enumerate().filter(|(_, o)| !o.disabled && !is_prompt(o));
    let subject: Vec<String> = words(subject).into_iter().filter(|w| w.chars().count() >= 5).collect();
    let shares = |o: &Choice| words(&o.text).iter().any(|w| subject.contains(w));
    let found = usable().find(|(_, o)| shares(o)).or_else(|| usable().find(|(_, o)| Concept::General.is_in(&o.text)));
    found.map(|(at, _)| at)
}

fn as_choice(button: &Field) -> Choice {
    Choice { value: button.value.clone(), text: button.label.clone(), selected: false, disabled: button.disabled }
}

/// "Please choose": an option that is none.
fn is_prompt(option: &Choice) -> bool {
    let text = option.text.trim();
    option.value.trim().is_empty() || text.chars().all(|c| !c.is_alphanumeric()) || Concept::Prompt.is_in(text)
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

fn no_choice(wanted: &str, field: &Field) -> Unfit {
    unknown(format!("{} has no choice \"{wanted}\"", called(field)))
}

fn advertising(field: &Field) -> Unfit {
    Unfit::new(Obstacle::Advertising, format!("{} is required, and would agree to advertising", called(field)))
}
