//! Whether every template can be filled in for every company that is asked, and fits its channels.

use super::build::Draft;
use super::files::Files;
use super::finding::{Finding, Place};
use super::words::nearest;
use crate::model::channel::Channel;
use crate::model::study::{Company, ContactPoint, Persona, Question, Target};
use minijinja::value::Value;
use minijinja::{Environment, Template, UndefinedBehavior};
use std::collections::BTreeMap;

/// What a template may use.
type Values<'a> = BTreeMap<&'a str, Value>;

/// A template of a question.
struct Text<'a> {
    /// What it is: `text`, `subject`, `reminder`.
    what: String,
    source: &'a str,
    place: Place,
    /// Whether it is a text on its own, so that a channel's limit holds for it.
    whole: bool,
}

/// Reports templates that are broken, lack a value or grow too long.
pub(super) fn check(draft: &Draft<'_>, files: &Files, found: &mut Vec<Finding>) {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (number, (question, _)) in draft.questions.iter().enumerate() {
        for text in texts(draft, number, found) {
            match environment.template_from_str(text.source) {
                Ok(template) => check_text(draft, question, &text, &template, files, found),
                Err(why) => found.push(broken(&text, &why, files)),
            }
        }
    }
    forms(draft, &environment, files, found);
}

/// The templates of a question; a subject that is missing where a channel needs one is reported.
fn texts<'a>(draft: &'a Draft<'_>, number: usize, found: &mut Vec<Finding>) -> Vec<Text<'a>> {
    let (question, node) = &draft.questions[number];
    let at = |key: &str| node.get(key).map_or(node.place, |n| n.place);
    let places = draft.wording_places[number].iter();
    let wordings = question.wordings.iter().zip(places);
    let mut texts: Vec<_> = wordings
        .map(|(w, place)| Text { what: format!("wording `{}`", w.name), source: &w.text, place: *place, whole: true })
        .collect();
    if question.subject.is_empty() {
        let with_subject = asked(draft, question)
            .find_map(|c| c.contact_points.iter().find(|p| p.channel.has_subject()).map(|p| (c, p)));
        if let Some((company, point)) = with_subject {
            let title = format!("the question `{}` has no subject", question.id);
            let finding =
                Finding::error(title, node.place, format!("`{}` is asked by {}", company.name, point.channel));
            found.push(finding.help("add `subject:`"));
        }
    } else {
        texts.push(Text { what: "subject".to_owned(), source: &question.subject, place: at("subject"), whole: false });
    }
    if let Some(reminder) = &question.reminder {
        texts.push(Text { what: "reminder".to_owned(), source: reminder, place: at("reminder"), whole: true });
    }
    texts
}

fn asked<'a>(draft: &'a Draft<'_>, question: &'a Question) -> impl Iterator<Item = &'a Company> {
    draft.companies.iter().map(|(c, _)| c).filter(|c| c.asks.iter().any(|a| a.question == question.id))
}

fn check_text(
    draft: &Draft<'_>,
    question: &Question,
    text: &Text<'_>,
    template: &Template<'_, '_>,
    files: &Files,
    found: &mut Vec<Finding>,
) {
    let used = template.undeclared_variables(true);
    let mut used: Vec<&str> = used.iter().map(String::as_str).collect();
    used.sort_unstable();
    let of_reminder = text.what == "reminder";
    used.retain(|name| !(of_reminder && matches!(*name, "subject" | "question")));
    if !known_to_all(draft, question, text, &used, files, found) {
        return;
    }
    let mut longest: BTreeMap<Channel, (usize, &Company)> = BTreeMap::new();
    for company in asked(draft, question) {
        for persona in personas(draft, company) {
            let mut values = values(company, persona);
            if of_reminder {
                values.extend([("subject", Value::from("")), ("question", Value::from(""))]);
            }
            match template.render(values) {
                Ok(rendered) if rendered.trim().is_empty() => {
                    found.push(
                        Finding::error(format!("an empty {} for `{}`", text.what, company.name), text.place, "")
                            .help("write what is asked"),
                    );
                    return;
                }
                Ok(rendered) => {
                    for point in &company.contact_points {
                        grow(&mut longest, company, point, &rendered);
                    }
                }
                Err(why) => return found.push(broken(text, &why, files)),
            }
        }
    }
    if text.whole {
        for (channel, (chars, company)) in longest {
            too_long(draft, question, text, channel, chars, company, found);
        }
    }
}

fn grow<'c>(
    longest: &mut BTreeMap<Channel, (usize, &'c Company)>,
    company: &'c Company,
    point: &ContactPoint,
    rendered: &str,
) {
    // Mastodon counts a mention's user name and not its instance.
    let mention = match &point.target {
        Target::Mastodon { handle, .. } => handle.split('@').next().map_or(0, |user| user.chars().count() + 2),
        Target::Email { .. } | Target::WebForm(_) | Target::Assisted { .. } => 0,
    };
    let chars = rendered.trim_end().chars().count() + mention;
    let entry = longest.entry(point.channel).or_insert((chars, company));
    if chars > entry.0 {
        *entry = (chars, company);
    }
}

fn too_long(
    draft: &Draft<'_>,
    question: &Question,
    text: &Text<'_>,
    channel: Channel,
    chars: usize,
    company: &Company,
    found: &mut Vec<Finding>,
) {
    let Some(most) = channel.text_chars_max().filter(|most| chars > *most) else { return };
    let title = format!("the question `{}` is too long for {channel}: {chars} characters, {most} at most", question.id);
    let mut finding = Finding::error(title, text.place, format!("{} as `{}` gets it", text.what, company.name));
    let node = draft.companies.iter().find(|(c, _)| c.id == company.id).and_then(|(_, node)| node.get(channel.name()));
    if let Some(node) = node {
        finding = finding.and(node.place, "asked here");
    }
    found.push(finding.help("shorten it: all channels get the same text, or leave this channel out"));
}

/// Whether every company has what the template uses.
fn known_to_all(
    draft: &Draft<'_>,
    question: &Question,
    text: &Text<'_>,
    used: &[&str],
    files: &Files,
    found: &mut Vec<Finding>,
) -> bool {
    let before = found.len();
    for name in used {
        let place = place_of(name, text.place, files);
        match name.split_once('.') {
            None if matches!(*name, "persona" | "company") => {}
            Some(("persona" | "company", "name")) => {}
            Some(("persona", "phone")) => {
                for (persona, node) in draft.personas.iter().filter(|(p, _)| p.phone.is_none()) {
                    let finding =
                        Finding::error(format!("the persona `{}` has no `phone`", persona.id), node.place, "");
                    found.push(finding.and(place, "used here").help("add `phone:`, or leave it out of the text"));
                }
            }
            Some((whole @ ("persona" | "company"), part)) => {
                let known = if whole == "persona" { "persona.name and persona.phone" } else { "company.name" };
                let finding = Finding::error(format!("a {whole} has no `{part}` in templates"), place, "");
                found.push(finding.help(format!("known: {known}")));
            }
            _ => variable(draft, question, name.split('.').next().unwrap_or(name), place, found),
        }
    }
    found.len() == before
}

fn variable(draft: &Draft<'_>, question: &Question, name: &str, place: Place, found: &mut Vec<Finding>) {
    let lacking: Vec<_> = draft
        .companies
        .iter()
        .filter(|(c, _)| c.asks.iter().any(|a| a.question == question.id) && !c.vars.contains_key(name))
        .collect();
    let asked_of = asked(draft, question).count();
    if asked_of > 0 && lacking.len() == asked_of {
        let known: Vec<&str> = asked(draft, question).flat_map(|c| c.vars.keys().map(String::as_str)).collect();
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it to the companies: `vars: {{{name}: …}}`"),
        };
        found.push(Finding::error(format!("no company has the variable `{name}`"), place, "used here").help(help));
        return;
    }
    for (company, node) in lacking {
        let at = node.get("vars").or(node.get("name")).map_or(node.place, |n| n.place);
        let title = format!("`{}` has no value for `{name}`", company.name);
        let finding = Finding::error(title, at, "").and(place, "used here");
        found.push(finding.help(format!("add `{name}: …` to its `vars`")));
    }
}

/// Personas that may ask a company.
pub(super) fn personas<'a>(draft: &'a Draft<'_>, company: &'a Company) -> impl Iterator<Item = &'a Persona> {
    draft.personas.iter().map(|(p, _)| p).filter(|p| company.persona.as_ref().is_none_or(|id| *id == p.id))
}

fn values<'a>(company: &'a Company, persona: &'a Persona) -> Values<'a> {
    let mut values: Values<'a> =
        company.vars.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
    let mut asker = BTreeMap::from([("name", Value::from(persona.name.as_str()))]);
    asker.extend(persona.phone.as_deref().map(|phone| ("phone", Value::from(phone))));
    asker.extend(persona.details.iter().map(|(detail, value)| (detail.key(), Value::from(value.as_str()))));
    values.insert("persona", Value::from(asker));
    values.insert("company", Value::from(BTreeMap::from([("name", Value::from(company.name.as_str()))])));
    values
}

fn broken(text: &Text<'_>, why: &minijinja::Error, files: &Files) -> Finding {
    let words = why.detail().map_or_else(|| why.kind().to_string(), str::to_owned);
    let place = why
        .line()
        .and_then(|line| line_of(text.source, line))
        .map_or(text.place, |line| place_of(line, text.place, files));
    Finding::error(format!("the {} cannot be filled in", text.what), place, words)
        .help("write variables as `{{ product }}`; a literal `{{` is `{{ '{{' }}`")
}

fn line_of(source: &str, line: usize) -> Option<&str> {
    source.lines().nth(line.checked_sub(1)?).map(str::trim).filter(|l| !l.is_empty())
}

/// Where a piece of a template stands in the file that holds it; the whole place where it cannot
/// be found as it is (escapes, folded lines).
fn place_of(piece: &str, place: Place, files: &Files) -> Place {
    let source = files.text(place.file).get(place.start..place.end).unwrap_or("");
    let braced =
        source.match_indices(piece).find(|(at, _)| source[..*at].rfind("{{").or(source[..*at].rfind("{%")).is_some());
    let at = braced.map(|(at, _)| at).or_else(|| source.find(piece));
    at.map_or(place, |at| Place { start: place.start + at, end: place.start + at + piece.len(), ..place })
}

/// The templates of a form's fields: roles are no templates.
fn forms(draft: &Draft<'_>, environment: &Environment<'_>, files: &Files, found: &mut Vec<Finding>) {
    for (company, node) in &draft.companies {
        let Some(form) = node.get("web_form") else { continue };
        let steps = form.get("steps").map(super::tree::Node::items).unwrap_or_default();
        let of_steps = steps.iter().flat_map(|step| ["fill", "select"].map(|key| step.get(key)));
        for entry in form.get("fields").into_iter().chain(of_steps.flatten()).flat_map(|f| f.entries()) {
            let Some(source) = entry.value.text() else { continue };
            let text =
                Text { what: format!("form field `{}`", entry.key), source, place: entry.value.place, whole: false };
            let template = match environment.template_from_str(source) {
                Ok(template) => template,
                Err(why) => {
                    found.push(broken(&text, &why, files));
                    continue;
                }
            };
            for persona in personas(draft, company).take(1) {
                if let Err(why) = template.render(values(company, persona)) {
                    found.push(broken(&text, &why, files));
                }
            }
        }
    }
}
