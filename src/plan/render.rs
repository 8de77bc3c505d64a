//! The exact words of a message: templates filled in, the same body on every channel.

use super::fingerprint;
use super::problem::{PlanError, Problem, Problems};
use crate::lexicon::reminders;
use crate::model::channel::Channel;
use crate::model::study::{Company, Persona, Question, Study, Wording};
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use std::collections::BTreeMap;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// One line; empty for channels that have no subject.
    pub subject: String,
    /// Lines end in LF, no white space at the end. The same on every channel.
    pub text: String,
    /// [`fingerprint()`] of `text`.
    pub fingerprint: String,
}

/// Whom a text is for, and who asks what.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'s> {
    /// The channel it goes through.
    pub channel: Channel,
    /// Who is asked.
    pub company: &'s Company,
    /// Who asks.
    pub persona: &'s Persona,
    /// What.
    pub question: &'s Question,
}

/// A study's templates, read once and used for every message.
pub struct Words<'s> {
    templates: Environment<'s>,
}

impl<'s> Words<'s> {
    /// Reads the templates of all questions.
    ///
    /// # Errors
    /// Every template that is none, with the reason.
    pub fn of(study: &'s Study) -> Result<Self, PlanError> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        // A wording named `b.html` is still plain text.
        templates.set_auto_escape_callback(|_| AutoEscape::None);
        let mut problems = Problems::default();
        for question in &study.questions {
            let wordings = question.wordings.iter().map(|w| (wording_key(question, &w.name), w.text.as_str()));
            let subject = std::iter::once((subject_key(question), question.subject.as_str()));
            let reminder = question.reminder.as_deref().or_else(|| reminders::reminder(&study.language));
            let reminder = reminder.map(|text| (reminder_key(question), text));
            for (key, source) in subject.chain(wordings).chain(reminder) {
                if let Err(why) = templates.add_template_owned(key.clone(), source) {
                    problems.add(
                        format!("the template of {key} cannot be read: {}", words_of(&why)),
                        "write variables as `{{ product }}`, `{{ company.name }}` or `{{ persona.name }}`",
                    );
                }
            }
        }
        problems.none()?;
        Ok(Self { templates })
    }

    /// The first message in that wording.
    ///
    /// # Errors
    /// Where a variable has no value, the text comes out empty or is too long for the channel.
    pub fn first(&self, occasion: Occasion<'_>, wording: &Wording) -> Result<Text, Problem> {
        let values = values(occasion);
        let subject = self.fill(&subject_key(occasion.question), &values, occasion)?;
        let text = self.fill(&wording_key(occasion.question, &wording.name), &values, occasion)?;
        finish(occasion, &subject, &text)
    }

    /// A reminder of `first`: the question's own, else a plain one in the study's language. Its
    /// template knows two more variables: `subject`, the rendered subject (on all channels), and
    /// `question`, the text that was sent.
    ///
    /// # Errors
    /// As for [`Self::first`]; and where neither question nor language has a reminder.
    pub fn reminder(&self, occasion: Occasion<'_>, first: &Text) -> Result<Text, Problem> {
        let key = reminder_key(occasion.question);
        if self.templates.get_template(&key).is_err() {
            return Err(Problem {
                what: format!("question `{}` has no reminder, and its language has no plain one", occasion.question.id),
                help: format!(
                    "give the question a `reminder`; plain ones exist for {}",
                    reminders::languages().collect::<Vec<_>>().join(", ")
                ),
            });
        }
        let mut values = values(occasion);
        let subject = one_line(&self.fill(&subject_key(occasion.question), &values, occasion)?);
        values.insert("subject", Value::from(subject.as_str()));
        values.insert("question", Value::from(first.text.as_str()));
        let text = self.fill(&key, &values, occasion)?;
        // A mail client's reply to one's own message says `Re:`; a form filled in again does not.
        let subject = if occasion.channel == Channel::Email { format!("Re: {subject}") } else { subject };
        finish(occasion, &subject, &text)
    }

    fn fill(&self, key: &str, values: &BTreeMap<&str, Value>, occasion: Occasion<'_>) -> Result<String, Problem> {
        let place = || format!("question `{}` for company `{}`: {key}", occasion.question.id, occasion.company.id);
        let template = self.templates.get_template(key).map_err(|_| Problem {
            what: format!("{} is not there", place()),
            help: "give the question a wording of that name".into(),
        })?;
        template.render(values).map_err(|why| {
            let missing = missing(&template.undeclared_variables(true), values);
            if missing.is_empty() {
                return Problem {
                    what: format!("{} cannot be rendered: {}", place(), words_of(&why)),
                    help: "see the template".into(),
                };
            }
            Problem {
                what: format!("{} uses {}, which has no value", place(), quoted(&missing)),
                help: remedy(&missing),
            }
        })
    }
}

fn finish(occasion: Occasion<'_>, subject: &str, text: &str) -> Result<Text, Problem> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned();
    let place = || format!("the text of question `{}` for company `{}`", occasion.question.id, occasion.company.id);
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(Problem { what: format!("{} is empty", place()), help: "write what is asked".into() });
    }
    if let Some(max) = occasion.channel.text_chars_max().filter(|max| chars > *max) {
        return Err(Problem {
            what: format!("{} has {chars} characters; {} takes {max}", place(), occasion.channel),
            help: "shorten it: the text is the same on every channel".into(),
        });
    }
    let subject = if occasion.channel.has_subject() { one_line(subject) } else { String::new() };
    let fingerprint = fingerprint(&text);
    Ok(Text { subject, text, fingerprint })
}

/// A company's own variables, then ours: these two names cannot be taken.
fn values(occasion: Occasion<'_>) -> BTreeMap<&str, Value> {
    let (company, persona) = (occasion.company, occasion.persona);
    let mut values: BTreeMap<&str, Value> =
        company.vars.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
    let mut asker = BTreeMap::from([("name", Value::from(persona.name.as_str()))]);
    asker.extend(persona.phone.as_deref().map(|phone| ("phone", Value::from(phone))));
    asker.extend(persona.details.iter().map(|(detail, value)| (detail.key(), Value::from(value.as_str()))));
    values.insert("company", Value::from(BTreeMap::from([("name", Value::from(company.name.as_str()))])));
    values.insert("persona", Value::from(asker));
    values
}

/// The used variables that have no value, sorted.
fn missing(used: &std::collections::HashSet<String>, values: &BTreeMap<&str, Value>) -> Vec<String> {
    let has_value = |name: &str| {
        let mut parts = name.split('.');
        let first = parts.next().and_then(|head| values.get(head)).cloned();
        let found = parts.fold(first, |value, part| value?.get_attr(part).ok());
        found.is_some_and(|value| !value.is_undefined())
    };
    let mut missing: Vec<String> = used.iter().filter(|name| !has_value(name)).cloned().collect();
    missing.sort();
    missing
}

fn remedy(missing: &[String]) -> String {
    if missing.iter().any(|name| name == "persona.phone") {
        return "give the persona a `phone`, or leave `persona.phone` out of the text".into();
    }
    format!("give the company {} under `vars`", quoted(missing))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Line breaks in a subject would end its header.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words_of(why: &minijinja::Error) -> String {
    match (why.detail(), why.line()) {
        (Some(detail), Some(line)) => format!("line {line}: {detail}"),
        _ => why.to_string(),
    }
}

fn subject_key(question: &Question) -> String {
    format!("`{}.subject`", question.id)
}

fn wording_key(question: &Question, wording: &str) -> String {
    format!("`{}`, wording `{wording}`", question.id)
}

fn reminder_key(question: &Question) -> String {
    format!("`{}.reminder`", question.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::study;

    fn told(study: &Study, channel: Channel) -> Result<Text, PlanError> {
        let question = &study.questions[0];
        let occasion = Occasion { channel, company: &study.companies[0], persona: &study.personas[0], question };
        Ok(Words::of(study)?.first(occasion, &question.wordings[0])?)
    }

    fn with_text(text: &str) -> Study {
        let mut study = study(1, &[Channel::Email]);
        study.questions[0].wordings[0].text = text.into();
        study
    }

    #[test]
    fn a_variable_without_value_is_named_with_its_remedy() {
        let mut study = with_text("{{ product }}? {{ persona.phone }}, {{ company.name }}");
        assert_eq!(told(&study, Channel::Email).unwrap().text, "Frollini 0? +39 000 0000000, Ditta 0");
        study.personas[0].phone = None;
        let error = told(&study, Channel::Email).unwrap_err().to_string();
        assert!(error.contains("uses `persona.phone`") && error.contains("give the persona a `phone`"), "{error}");
    }

    #[test]
    fn a_broken_template_is_found_before_anything_is_rendered() {
        let study = with_text("riga\n{{ product }");
        let error = Words::of(&study).err().unwrap().to_string();
        assert!(error.contains("`glutine`, wording `a`") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_text_is_plain_whatever_its_wording_is_called() {
        let mut study = with_text("{{ product }}");
        study.questions[0].wordings[0].name = "b.html".into();
        study.companies[0].vars.insert("product".into(), "<Frollini & C.>".into());
        assert_eq!(told(&study, Channel::WebForm).unwrap().text, "<Frollini & C.>");
    }

    #[test]
    fn a_variable_cannot_break_the_subject_into_another_header() {
        let mut study = with_text("Testo");
        study.companies[0].vars.insert("product".into(), "Frollini\r\nBcc: tutti@example.com".into());
        assert_eq!(told(&study, Channel::Email).unwrap().subject, "Glutine in Frollini Bcc: tutti@example.com");
        assert_eq!(told(&study, Channel::Chat).unwrap().subject, "");
    }

    #[test]
    fn a_text_too_long_for_its_channel_is_refused() {
        let study = with_text(&"è".repeat(281));
        assert!(told(&study, Channel::Mastodon).is_ok());
        let error = told(&study, Channel::X).unwrap_err().to_string();
        assert!(error.contains("has 281 characters; x takes 280"), "{error}");
    }

    #[test]
    fn a_reminder_may_repeat_the_question_and_mail_answers_itself() {
        let mut study = with_text("Contiene glutine?");
        study.questions[0].reminder = Some("Ancora: {{ question }} ({{ subject }})".into());
        let words = Words::of(&study).unwrap();
        let question = &study.questions[0];
        let remind = |channel| {
            let occasion = Occasion { channel, company: &study.companies[0], persona: &study.personas[0], question };
            words.reminder(occasion, &words.first(occasion, &question.wordings[0]).unwrap()).unwrap()
        };
        let text = "Ancora: Contiene glutine? (Glutine in Frollini 0)";
        assert_eq!((remind(Channel::Email).text.as_str(), remind(Channel::Facebook).text.as_str()), (text, text));
        assert_eq!(remind(Channel::Email).subject, "Re: Glutine in Frollini 0");
        assert_eq!(remind(Channel::WebForm).subject, "Glutine in Frollini 0");
    }

    #[test]
    fn a_language_without_a_plain_reminder_asks_for_one() {
        let mut study = with_text("Contains gluten?");
        study.language = "fi".into();
        let (words, question) = (Words::of(&study).unwrap(), &study.questions[0]);
        let (company, persona) = (&study.companies[0], &study.personas[0]);
        let occasion = Occasion { channel: Channel::Email, company, persona, question };
        let first = words.first(occasion, &question.wordings[0]).unwrap();
        let problem = words.reminder(occasion, &first).unwrap_err();
        assert!(problem.help.contains("plain ones exist for de, en, es, fr, it"), "{problem}");
    }
}
