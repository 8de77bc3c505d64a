//! What raters are asked about replies.

use super::build::{unique, unknown};
use super::fields::{ID, TEXT};
use super::finding::{Finding, Place};
use super::leaf::Leaf;
use super::section::Section;
use super::shape::{Map, Shape, optional, required};
use super::words::Word;
use crate::model::ids::QuestionId;
use crate::model::study::codebook::ADEQUACY;
use crate::model::study::{CodeItem, Codebook, ItemKind, Question};

/// Most values of an item: each has a key of its own when it is coded.
const VALUES_MAX: usize = 32;

static KINDS: [Word; 3] = [("yes/no", "yes or no"), ("choice", "one of some words"), ("scale", "a whole number")];

/// An item of the codebook.
pub(super) static ITEM: Map = Map {
    name: "codebook item",
    fields: &[
        required("id", ID, "Its id."),
        required("ask", TEXT, "What the rater is asked."),
        optional("kind", Shape::Leaf(Leaf::Choice(&KINDS)), "What may be answered. Default: `yes/no`."),
        optional("choices", Shape::OneOrMore(&ID), "The words of a choice."),
        optional("from", Shape::Leaf(Leaf::Count(0, 99)), "The first number of a scale. Default: 1."),
        optional("to", Shape::Leaf(Leaf::Count(1, 100)), "The last number of a scale. Default: 5."),
        optional("questions", Shape::OneOrMore(&ID), "The questions whose replies it is about. Default: all."),
    ],
};

/// The study's codebook; the default where it says nothing.
pub(super) fn codebook(root: Section<'_>, questions: &[&Question], found: &mut Vec<Finding>) -> Codebook {
    let (Some(node), Some(map)) = (root.get("codebook"), root.inner("codebook")) else { return Codebook::default() };
    let defaults = Codebook::default();
    let (mut items, mut ids) = (Vec::new(), Vec::new());
    for node in node.items() {
        let item = match node.text() {
            Some(name) => default_item(&defaults, name, node.place, found),
            None => item(Section::new(&node, map), questions, found),
        };
        if let Some(item) = item {
            ids.push((item.id.clone(), node.place));
            items.push(item);
        }
    }
    unique("items", &ids, found);
    Codebook { items }
}

fn default_item(defaults: &Codebook, name: &str, place: Place, found: &mut Vec<Finding>) -> Option<CodeItem> {
    let known = defaults.item(name);
    if known.is_none() {
        let names: Vec<&str> = defaults.items.iter().map(|item| item.id.as_str()).collect();
        unknown("default item", name, place, &names, found);
    }
    known.cloned()
}

fn item(section: Section<'_>, questions: &[&Question], found: &mut Vec<Finding>) -> Option<CodeItem> {
    let (id, ask) = (section.text("id")?, section.text("ask")?);
    if id == ADEQUACY {
        let finding = Finding::error(format!("an item cannot be called `{ADEQUACY}`"), section.place("id"), "");
        found.push(finding.help("every codebook begins with adequacy: remove the item"));
    }
    let kind = kind(section, found);
    let mut about = Vec::new();
    for (name, place) in section.texts("questions") {
        if !questions.iter().any(|q| q.id.as_str() == name) {
            let known: Vec<&str> = questions.iter().map(|q| q.id.as_str()).collect();
            unknown("question", &name, place, &known, found);
        }
        about.extend(name.parse::<QuestionId>().ok());
    }
    Some(CodeItem { id, ask, kind, questions: about })
}

fn kind(section: Section<'_>, found: &mut Vec<Finding>) -> ItemKind {
    let place = section.place("kind");
    let choices = section.texts("choices");
    let bounds = (section.parse::<u8>("from"), section.parse::<u8>("to"));
    let kind = section.text("kind").unwrap_or_else(|| "yes/no".to_owned());
    let mut wrong = |title: &str, place, help: &str| found.push(Finding::error(title, place, "").help(help));
    if kind != "choice" && !choices.is_empty() {
        wrong("only a choice has choices", section.place("choices"), "say `kind: choice`, or remove them");
    }
    if kind != "scale" && bounds != (None, None) {
        let key = if bounds.0.is_some() { "from" } else { "to" };
        wrong("only a scale has a first and a last number", section.place(key), "say `kind: scale`, or remove it");
    }
    match kind.as_str() {
        "choice" => {
            if !(2..=VALUES_MAX).contains(&choices.len()) {
                let help = format!("write `choices: [none, some, all]`: 2 to {VALUES_MAX} words");
                wrong("a choice needs some choices", place, &help);
            }
            unique("choices", &choices, found);
            ItemKind::Choice(choices.into_iter().map(|(word, _)| word).collect())
        }
        "scale" => {
            let (from, to) = (bounds.0.unwrap_or(1), bounds.1.unwrap_or(5));
            if from >= to || usize::from(to - from) >= VALUES_MAX {
                let help = format!("write a smaller number before a larger one, at most {VALUES_MAX} of them");
                wrong("a scale goes from a smaller to a larger number", place, &help);
            }
            ItemKind::Scale(from, to)
        }
        _ => ItemKind::YesNo,
    }
}
