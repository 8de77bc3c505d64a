//! What can be written into a form for a message: the persona's answers, and what the study says about fields.

use crate::channels::Outgoing;
use crate::forms::fill::{Answers, Inputs, Mapped};
use crate::forms::roles::Role;
use crate::model::ids::{CompanyId, PersonaId};
use crate::model::plan::Plan;
use crate::model::study::{Detail, FormTarget, Persona, Study, Target};
use std::collections::BTreeMap;

/// One message for one form: what an engine is asked to do.
#[derive(Debug)]
pub(super) struct Errand<'a> {
    /// The form's page, and what the study says about it.
    pub(super) target: &'a FormTarget,
    /// What can be written.
    pub(super) answers: Answers,
    /// What the study says to write where.
    pub(super) mapping: BTreeMap<String, Mapped>,
    /// What templates can say about the company.
    pub(super) vars: BTreeMap<String, String>,
}

/// All who ask in a plan.
pub(super) struct Askers {
    people: BTreeMap<PersonaId, Person>,
    vars: BTreeMap<CompanyId, BTreeMap<String, String>>,
}

/// Who fills a form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    name: String,
    phone: Option<String>,
    details: BTreeMap<Detail, String>,
    /// Where replies go when the inquiry has no address of its own.
    email: Option<String>,
}

impl Person {
    fn of(persona: &Persona, study: &Study) -> Self {
        Self {
            name: persona.name.clone(),
            phone: persona.phone.clone(),
            details: persona.details.clone(),
            email: persona.mailbox.as_ref().and_then(|id| study.mailbox(id)).map(|m| m.address.clone()),
        }
    }
}

impl Askers {
    /// The personas of a plan, and what their companies are called.
    pub(super) fn of(plan: &Plan) -> Self {
        let study = &plan.study;
        Self {
            people: study.personas.iter().map(|p| (p.id.clone(), Person::of(p, study))).collect(),
            vars: study.companies.iter().map(|c| (c.id.clone(), c.vars.clone())).collect(),
        }
    }

    /// What is to be done for a message; in words where the study lacks something.
    pub(super) fn errand<'a>(&self, outgoing: Outgoing<'a>) -> Result<Errand<'a>, String> {
        let Target::WebForm(target) = &outgoing.inquiry.target else {
            return Err("the inquiry does not go to a web form".to_owned());
        };
        let vars = self.vars.get(&outgoing.inquiry.company).cloned().unwrap_or_default();
        let mut errand = Errand { target, answers: self.answers(outgoing)?, mapping: BTreeMap::new(), vars };
        errand.mapping = Self::mapping(&errand)?;
        Ok(errand)
    }

    fn answers(&self, outgoing: Outgoing<'_>) -> Result<Answers, String> {
        let inquiry = outgoing.inquiry;
        let person = self.people.get(&inquiry.persona);
        let person = person.ok_or_else(|| format!("the study has no persona `{}`", inquiry.persona))?;
        let email = inquiry.reply_to.clone().or_else(|| person.email.clone());
        Ok(Answers {
            name: person.name.clone(),
            email: email.ok_or("the persona has no address that a reply could come to")?,
            phone: person.phone.clone(),
            details: person.details.clone(),
            subject: outgoing.message.subject.clone(),
            message: outgoing.message.text.clone(),
        })
    }

    /// The study's mapping with its templates filled in.
    fn mapping(errand: &Errand<'_>) -> Result<BTreeMap<String, Mapped>, String> {
        let read = |(key, value): (&String, &String)| {
            let mapped = match Role::named(value.trim()) {
                Some(role) => Mapped::Role(role),
                None => Mapped::Text(errand.rendered(key, value)?),
            };
            Ok((key.clone(), mapped))
        };
        errand.target.fields.iter().map(read).collect()
    }
}

impl Errand<'_> {
    /// What the form is filled with.
    pub(super) const fn inputs(&self) -> Inputs<'_> {
        Inputs { mapping: &self.mapping, answers: &self.answers }
    }

    /// A template of the study filled in; `key` is where it stands.
    pub(super) fn rendered(&self, key: &str, template: &str) -> Result<String, String> {
        let mut context = BTreeMap::new();
        for (name, value) in &self.vars {
            context.insert(name.as_str(), minijinja::Value::from(value.as_str()));
        }
        let answers = &self.answers;
        context.insert("persona", persona(answers));
        for (name, value) in [("email", &answers.email), ("subject", &answers.subject), ("message", &answers.message)] {
            context.insert(name, minijinja::Value::from(value.as_str()));
        }
        let mut environment = minijinja::Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let rendered = environment.render_str(template, &context);
        rendered.map_err(|e| format!("what the study says to write into `{key}`: {e}"))
    }
}

/// An errand that outlives the plan it came from.
pub(super) struct Kept {
    pub(super) target: FormTarget,
    pub(super) answers: Answers,
    mapping: BTreeMap<String, Mapped>,
    vars: BTreeMap<String, String>,
}

impl Kept {
    pub(super) fn of(errand: &Errand<'_>) -> Self {
        let (target, answers) = (errand.target.clone(), errand.answers.clone());
        Self { target, answers, mapping: errand.mapping.clone(), vars: errand.vars.clone() }
    }

    pub(super) fn errand(&self) -> Errand<'_> {
        let (answers, mapping) = (self.answers.clone(), self.mapping.clone());
        Errand { target: &self.target, answers, mapping, vars: self.vars.clone() }
    }
}

/// What a template can say about who asks; a detail that the study lacks is empty.
fn persona(answers: &Answers) -> minijinja::Value {
    let details = Detail::ALL.map(|(key, detail)| (key, answers.details.get(&detail).cloned().unwrap_or_default()));
    let phone = answers.phone.clone().unwrap_or_default();
    let own = [("name", answers.name.clone()), ("phone", phone), ("email", answers.email.clone())];
    minijinja::Value::from_pairs(details.into_iter().chain(own))
}
