//! What is asked, with its wordings, in place or from files.

use super::build::Sourced;
use super::files::Files;
use super::finding::{Finding, Place};
use super::section::Section;
use crate::model::ids::QuestionId;
use crate::model::study::{Intent, Question, Wording};
use std::path::Path;
use std::rc::Rc;

/// A wording and where its text stands.
type Placed = (Wording, Place);

/// The questions, and the places of their wordings.
pub(super) fn questions(
    root: Section<'_>,
    files: &mut Files,
    found: &mut Vec<Finding>,
) -> (Vec<Sourced<Question>>, Vec<Vec<Place>>) {
    let (Some(node), Some(map)) = (root.get("questions"), root.inner("questions")) else { return Default::default() };
    if node.entries().is_empty() && node.text().is_none() {
        found.push(Finding::error("no question", node.place, "").help("add one: an id, and under it `text:`"));
    }
    let mut questions = Vec::new();
    let mut places = Vec::new();
    for entry in node.entries() {
        let section = Section::new(&entry.value, map);
        let wordings = wordings(section, files, found);
        if wordings.is_empty() && !entry.value.entries().is_empty() {
            let title = format!("the question `{}` has no text", entry.key);
            found.push(
                Finding::error(title, entry.key_place, "").help("add `text:`, or `wordings:` with a file's name"),
            );
        }
        if let Ok(id) = entry.key.parse() {
            let (wordings, at) = wordings.into_iter().unzip();
            questions.push((question(id, section, wordings), Rc::clone(&entry.value)));
            places.push(at);
        }
    }
    (questions, places)
}

fn question(id: QuestionId, section: Section<'_>, wordings: Vec<Wording>) -> Question {
    Question {
        id,
        intent: section.text("intent").and_then(|text| match text.as_str() {
            "pre-sale" => Some(Intent::PreSale),
            "support" => Some(Intent::Support),
            "complaint" => Some(Intent::Complaint),
            _ => None,
        }),
        subject: section.text("subject").unwrap_or_default(),
        wordings,
        answer_has: section.texts("answer_has").into_iter().map(|(text, _)| text).collect(),
        if_asked_back: section.text("if_asked_back"),
        reminder: section.text("reminder"),
    }
}

fn wordings(section: Section<'_>, files: &mut Files, found: &mut Vec<Finding>) -> Vec<Placed> {
    let mut wordings: Vec<Placed> = Vec::new();
    if let Some(text) = section.text("text") {
        wordings.push((Wording { name: "a".to_owned(), text }, section.place("text")));
    }
    for (text, place) in section.texts("wordings") {
        if is_file(&text) {
            match files.read_own(Path::new(&text), place) {
                Ok(file) => {
                    let content = files.text(file).to_owned();
                    let place = Place { file, start: 0, end: content.len() };
                    if content.trim().is_empty() {
                        found.push(
                            Finding::error("an empty wording", place, "").help("write the text, or remove the file"),
                        );
                    }
                    wordings.push((Wording { name: text, text: content }, place));
                }
                Err(mistake) => found.push(mistake),
            }
        } else if is_one_word(&text) {
            let title = format!("`{text}` is no file of a wording");
            found.push(
                Finding::error(title, place, "").help("name a file that ends in .txt, .md or .j2, or write the words"),
            );
        } else {
            let name = char::from(b'a' + u8::try_from(wordings.len() % 26).unwrap_or(0)).to_string();
            wordings.push((Wording { name, text }, place));
        }
    }
    same_twice(&wordings, found);
    wordings
}

/// A wording that names a file is one word that ends as text files do.
fn is_file(text: &str) -> bool {
    let extension = Path::new(text).extension().and_then(|e| e.to_str());
    !text.contains(['\n', '{']) && matches!(extension, Some("txt" | "md" | "j2"))
}

/// A single word: nobody asks a company so, but a file may be called so.
fn is_one_word(text: &str) -> bool {
    text.is_ascii() && !text.contains(|c: char| c.is_whitespace() || c == '{')
}

fn same_twice(wordings: &[Placed], found: &mut Vec<Finding>) {
    for (number, (wording, place)) in wordings.iter().enumerate() {
        if let Some((_, first)) = wordings[..number].iter().find(|(w, _)| w.text.trim() == wording.text.trim()) {
            let finding = Finding::error("the same wording twice", *place, "again here").and(*first, "first here");
            found.push(finding.help("wordings are to differ in words, not in meaning: remove one"));
        }
    }
}
