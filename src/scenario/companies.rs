//! Who is asked: companies in place or from a CSV.

use super::build::{Sourced, unique, unknown};
use super::conform::{conform, unknown_key};
use super::contacts;
use super::fields::COMPANY;
use super::files::Files;
use super::finding::{Finding, Place};
use super::section::Section;
use super::shape::Shape;
use super::table;
use super::tree::{self, Node};
use super::words::asks;
use crate::model::ids::{CompanyId, slug};
use crate::model::study::{Ask, Company, Persona, Question};
use std::path::Path;
use std::rc::Rc;

/// The companies.
pub(super) fn companies(
    root: Section<'_>,
    personas: &[Sourced<Persona>],
    questions: &[Sourced<Question>],
    files: &mut Files,
    found: &mut Vec<Finding>,
) -> Vec<Sourced<Company>> {
    let Some(node) = root.get("companies") else { return Vec::new() };
    let nodes = match node.text() {
        Some(path) => from_file(path, node.place, files, found),
        None => node.items(),
    };
    if nodes.is_empty() && !found.iter().any(|f| f.severity == super::finding::Severity::Error) {
        found.push(Finding::error("nobody is asked", node.place, "").help("add a company: `- name: …`"));
    }
    let timezone = root.parse("timezone").unwrap_or(chrono_tz::UTC);
    let country = root.text("country");
    let mut companies = Vec::new();
    let mut ids = Vec::new();
    for node in nodes {
        let section = Section::new(&node, &COMPANY);
        let (contact_points, not_offered) = contacts::contacts(section, files, found);
        let asks = asked(section, questions, found);
        let persona = persona(section, personas, found);
        let hours = section.text("hours");
        let industry = section.text("industry");
        let group = section.parse("group");
        let (website, address) = (section.parse("website"), section.text("address"));
        let vars = section.get("vars").map(|vars| vars_of(vars)).unwrap_or_default();
        let (timezone, country) =
            (section.parse("timezone").unwrap_or(timezone), section.text("country").or(country.clone()));
        let Some(name) = section.text("name") else { continue };
        let Some(id) = id(section, &name, found) else { continue };
        let written = |key: &str| key.parse::<crate::model::channel::Channel>().is_ok();
        if !node.entries().iter().any(|e| written(&e.key)) {
            let finding =
                Finding::error(format!("`{name}` cannot be reached"), section.place("name"), "no channel is given");
            found.push(finding.help("add `email:`, `web_form:` or another channel; `none` where it offers none"));
        }
        ids.push((id.to_string(), section.place(if section.get("id").is_some() { "id" } else { "name" })));
        let company = Company {
            id,
            name,
            industry,
            group,
            timezone,
            hours,
            country,
            website,
            address,
            asks,
            vars,
            contact_points,
            not_offered,
            persona,
        };
        companies.push((company, Rc::clone(&node)));
    }
    unique("companies", &ids, found);
    companies
}

/// Companies in a file of their own.
static LIST: Shape = Shape::List(&Shape::Map(&COMPANY));

/// A CSV, or a YAML list as `discover` writes it.
fn from_file(path: &str, place: Place, files: &mut Files, found: &mut Vec<Finding>) -> Vec<Rc<Node>> {
    let file = match files.read(Path::new(path), Some(place)) {
        Ok(file) => file,
        Err(mistake) => {
            found.push(mistake);
            return Vec::new();
        }
    };
    let text = files.text(file).to_owned();
    if Path::new(path).extension().is_some_and(|e| e == "yaml" || e == "yml") {
        let Some(root) = tree::parse(file, &text, found) else { return Vec::new() };
        conform(&root, &LIST, found);
        return root.items();
    }
    from_table(file, &text, found)
}

fn from_table(file: usize, text: &str, found: &mut Vec<Finding>) -> Vec<Rc<Node>> {
    let columns = table::header(file, text);
    let wrong: Vec<_> =
        columns.iter().filter_map(|(column, place)| Some((*place, wrong_column(column, *place)?))).collect();
    let (wrong, mistakes): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
    found.extend(mistakes);
    for field in COMPANY.fields.iter().filter(|f| f.required && !columns.iter().any(|(c, _)| c == f.key)) {
        let title = format!("the table has no column `{}`", field.key);
        found.push(
            Finding::error(title, columns.first().map_or(Place::start_of(file), |c| c.1), "")
                .help("add it to the first line"),
        );
    }
    let rows = table::parse(file, text, found);
    for row in &rows {
        for entry in row.entries() {
            if let Some(field) = COMPANY.field(&entry.key).filter(|_| !wrong.contains(&entry.key_place)) {
                conform(&entry.value, &field.shape, found);
            }
        }
        let missing = COMPANY.fields.iter().filter(|f| f.required && columns.iter().any(|(c, _)| c == f.key));
        for field in missing.filter(|f| row.get(f.key).is_none()) {
            found.push(
                Finding::error(format!("a row without `{}`", field.key), row.place, "")
                    .help("fill the cell, or remove the row"),
            );
        }
    }
    rows
}

/// A column that no company has: at the top, or within a mapping.
fn wrong_column(column: &str, place: Place) -> Option<Finding> {
    if column.is_empty() {
        return Some(Finding::error("a column without a name", place, "").help("name it, or remove it"));
    }
    let (outer, inner) = column.split_once('.').map_or((column, None), |(outer, inner)| (outer, Some(inner)));
    let Some(field) = COMPANY.field(outer) else { return Some(unknown_key(column, place, &COMPANY)) };
    let inner_map = match &field.shape {
        Shape::Either(shapes) => shapes.iter().find_map(|s| if let Shape::Map(map) = s { Some(*map) } else { None }),
        _ => None,
    };
    match (&field.shape, inner, inner_map) {
        (Shape::Named { .. }, None, _) => Some(format!("write `{outer}.NAME`: a column for each")),
        (Shape::Named { .. }, Some(_), _) | (_, None, _) => None,
        (_, Some(inner), Some(map)) if map.field(inner).is_some() => None,
        (_, Some(inner), Some(map)) => return Some(unknown_key(inner, place, map)),
        (_, Some(_), None) => Some(format!("`{outer}` alone is a column")),
    }
    .map(|help| Finding::error(format!("unknown column `{column}`"), place, "").help(help))
}

fn vars_of(node: &Node) -> std::collections::BTreeMap<String, String> {
    let text = |n: &Node| n.text().map(str::to_owned);
    node.entries().iter().filter_map(|e| Some((e.key.clone(), text(&e.value)?))).collect()
}

fn id(section: Section<'_>, name: &str, found: &mut Vec<Finding>) -> Option<CompanyId> {
    if section.get("id").is_some() {
        return section.parse("id");
    }
    let id = slug(name).parse().ok();
    if id.is_none() {
        let title = format!("no id can be made from the name `{name}`");
        found.push(Finding::error(title, section.place("name"), "").help("add `id:` with letters a-z and digits"));
    }
    id
}

fn persona(
    section: Section<'_>,
    personas: &[Sourced<Persona>],
    found: &mut Vec<Finding>,
) -> Option<crate::model::ids::PersonaId> {
    let (name, place) = section.placed::<crate::model::ids::PersonaId>("persona")?;
    if !personas.iter().any(|(p, _)| p.id == name) {
        let known: Vec<_> = personas.iter().map(|(p, _)| p.id.as_str()).collect();
        unknown("persona", name.as_str(), place, &known, found);
    }
    Some(name)
}

/// The questions a company gets: those it names, or the study's only one.
fn asked(section: Section<'_>, questions: &[Sourced<Question>], found: &mut Vec<Finding>) -> Vec<Ask> {
    if section.items("ask").is_empty() {
        return match questions {
            // Without readable questions there is nothing to say about who gets which.
            [] => Vec::new(),
            [(only, _)] if section.get("ask").is_none() => vec![Ask { question: only.id.clone(), times: 1 }],
            _ => {
                let finding = Finding::error("a company that is asked nothing", section.place("name"), "");
                found.push(finding.help("add `ask:` with the id of a question"));
                Vec::new()
            }
        };
    }
    let map = section.inner("ask");
    let mut all: Vec<(Ask, Place)> = Vec::new();
    for item in section.items("ask") {
        let named = match (item.text(), map) {
            (Some(text), _) => asks(text).unwrap_or_default(),
            (None, Some(map)) => {
                let ask = Section::new(&item, map);
                let times = ask.parse("times").unwrap_or(1);
                ask.text("question").map(|question| (question, times)).into_iter().collect()
            }
            (None, None) => Vec::new(),
        };
        for (question, times) in named {
            add(&question, times, item.place, questions, &mut all, found);
        }
    }
    all.into_iter().map(|(ask, _)| ask).collect()
}

fn add(
    name: &str,
    times: u32,
    place: Place,
    questions: &[Sourced<Question>],
    all: &mut Vec<(Ask, Place)>,
    found: &mut Vec<Finding>,
) {
    if !questions.iter().any(|(q, _)| q.id.as_str() == name) {
        let known: Vec<_> = questions.iter().map(|(q, _)| q.id.as_str()).collect();
        unknown("question", name, place, &known, found);
        return;
    }
    if let Some((_, first)) = all.iter().find(|(a, _)| a.question.as_str() == name) {
        let finding = Finding::error(format!("`{name}` asked twice"), place, "again here").and(*first, "first here");
        found.push(finding.help(format!("write `{name} x2` where it is to be asked twice")));
    } else if let Ok(question) = name.parse() {
        all.push((Ask { question, times }, place));
    }
}
