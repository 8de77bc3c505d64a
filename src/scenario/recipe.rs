//! A recipe for a form: steps in a browser, of which one sends it.

use super::build::Draft;
use super::files::Files;
use super::finding::Finding;
use super::section::Section;
use super::tree::Node;
use crate::model::study::{Action, Step, Upload};
use crate::model::time::Span;
use std::path::Path;
use std::rc::Rc;

/// Every action with its key.
const ACTIONS: [&str; 12] = [
    "goto",
    "click",
    "send",
    "fill",
    "select",
    "check",
    "upload",
    "wait_for",
    "in_frame",
    "in_shadow",
    "expect",
    "screenshot",
];

/// The steps of a form, as far as they can be read.
pub(super) fn steps(form: Section<'_>, files: &Files, found: &mut Vec<Finding>) -> Vec<Step> {
    let Some(map) = form.inner("steps") else { return Vec::new() };
    form.items("steps").iter().filter_map(|node| step(Section::new(node, map), files, found)).collect()
}

fn step(step: Section<'_>, files: &Files, found: &mut Vec<Finding>) -> Option<Step> {
    let pairs = |key: &'static str| -> Option<Vec<(String, String)>> {
        let entries = step.get(key)?.entries();
        Some(entries.iter().filter_map(|e| Some((e.key.clone(), e.value.text()?.to_owned()))).collect())
    };
    let text = |key: &'static str| step.text(key);
    let does = None
        .or_else(|| text("goto").map(Action::Goto))
        .or_else(|| text("click").map(Action::Click))
        .or_else(|| text("send").map(Action::Send))
        .or_else(|| pairs("fill").map(Action::Fill))
        .or_else(|| pairs("select").map(Action::Select))
        .or_else(|| text("check").map(Action::Check))
        .or_else(|| step.get("upload").map(|pairs| Action::Upload(uploads(pairs, files, found))))
        .or_else(|| text("wait_for").map(Action::WaitFor))
        .or_else(|| text("in_frame").map(Action::InFrame))
        .or_else(|| text("in_shadow").map(Action::InShadow))
        .or_else(|| text("expect").map(Action::Expect))
        .or_else(|| text("screenshot").map(Action::Screenshot))?;
    let within: Option<Span> = step.parse("within");
    Some(Step { does, within_seconds: within.map(Span::as_secs) })
}

/// The files that a form gets, each as it is now; reports those that are not there.
fn uploads(pairs: &Node, files: &Files, found: &mut Vec<Finding>) -> Vec<Upload> {
    let mut uploads = Vec::new();
    for entry in pairs.entries() {
        let Some(path) = entry.value.text() else { continue };
        match files.sha256(Path::new(path), entry.value.place) {
            Ok(sha256) => uploads.push(Upload { into: entry.key.clone(), path: path.to_owned(), sha256 }),
            Err(mistake) => found.push(mistake),
        }
    }
    uploads
}

/// Reports steps that say nothing or too much, and recipes that send nothing, or twice, or nowhere.
pub(super) fn check(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    for (_, company) in &draft.companies {
        let Some(form) = company.get("web_form") else { continue };
        let Some(steps) = form.get("steps") else { continue };
        let steps_of: Vec<Rc<Node>> = steps.items();
        for step in &steps_of {
            let does = step.entries().iter().filter(|e| ACTIONS.contains(&e.key.as_str())).count();
            if does != 1 {
                let title =
                    format!("a step does one thing, this one {}", if does == 0 { "nothing" } else { "several" });
                let known = ACTIONS.join(", ");
                found.push(Finding::error(title, step.place, "").help(format!("give it one of: {known}")));
            }
        }
        let of = |key: &str| steps_of.iter().filter(|s| s.get(key).is_some()).cloned().collect::<Vec<_>>();
        let (sends, clicks) = (of("send"), of("click"));
        if let [_, second, ..] = &sends[..] {
            let finding = Finding::error("the recipe sends the form twice", second.place, "again here");
            found.push(finding.and(sends[0].place, "first here").help("keep one `send:`; the others are a `click:`"));
        }
        if sends.is_empty() && clicks.is_empty() {
            let finding = Finding::error("the recipe sends nothing", steps.place, "no `send:` and no `click:`");
            found.push(finding.help("add `send:` with the selector of the button that sends the form"));
        }
        if form.get("engine").and_then(|e| e.text()) == Some("http") {
            let engine = form.get("engine").map_or(form.place, |e| e.place);
            let finding = Finding::error("a recipe is for a browser", engine, "plain HTTP takes no steps");
            found.push(finding.and(steps.place, "the recipe").help("write `engine: browser`, or leave it out"));
        }
    }
}
