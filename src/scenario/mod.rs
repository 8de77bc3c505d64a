//! YAML → `Study`, every mistake found at once, each pointing at its line.
//!
//! A text becomes a `tree`; `conform` holds it against the one description of a study (`fields`);
//! `build` makes the study and resolves references; `texts`, `needs`, `burden` and `lints` check
//! what only shows in the whole. All of them collect and go on.

mod accounts;
mod build;
mod burden;
mod codebook;
mod companies;
mod conform;
mod contacts;
mod design;
mod fields;
mod files;
mod finding;
mod handle;
mod harmless;
mod leaf;
mod lints;
mod needs;
mod publish;
mod questions;
mod recipe;
mod rehearsal;
mod render;
mod schema;
mod section;
mod shape;
mod starter;
mod table;
mod texts;
mod tree;
mod words;

#[cfg(test)]
mod tests;

pub use finding::{Finding, Findings, Label, Place, Severity};
pub use render::{Resolved, ResolvedLabel};
pub use schema::schema;
pub use starter::starter;

use crate::model::channel::Channel;
use crate::model::study::Study;
use files::Files;
use shape::Shape;
use std::path::Path;

/// What became of a study file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The study; `None` where there are mistakes.
    pub study: Option<Study>,
    /// Mistakes and warnings.
    pub findings: Findings,
}

/// Whether a text is an address on this channel, as a study takes it.
#[must_use]
pub fn is_address(channel: Channel, text: &str) -> bool {
    text != "none" && handle::check(channel, text).is_ok()
}

/// Whether a text says who visits, as a study takes it.
///
/// # Errors
/// What would be right.
pub fn is_user_agent(text: &str) -> Result<(), String> {
    words::user_agent(text).map_err(|wrong| wrong.help)
}

/// Reads a study and the files it names, which lie relative to it. A file that cannot be read is
/// a finding like any other.
#[must_use]
pub fn load(path: &Path) -> Loaded {
    let base = path.parent().unwrap_or(Path::new("."));
    let mut files = Files::new(base);
    match files.read(path, None) {
        Ok(file) => check(file, files),
        Err(mistake) => Loaded { study: None, findings: Findings::new(files, vec![mistake]) },
    }
}

/// The same for a text that is in memory; the files it names lie relative to `base`.
#[must_use]
pub fn check_str(name: &str, text: &str, base: &Path) -> Loaded {
    let mut files = Files::new(base);
    let file = files.add(name, text);
    check(file, files)
}

fn check(file: usize, mut files: Files) -> Loaded {
    let mut found = Vec::new();
    let text = files.text(file).to_owned();
    let Some(root) = tree::parse(file, &text, &mut found) else {
        files.mask_unread(file);
        return Loaded { study: None, findings: Findings::new(files, found) };
    };
    conform::conform(&root, &Shape::Map(&fields::STUDY), &mut found);
    let (draft, study) = build::build(&root, &mut files, &mut found);
    texts::check(&draft, &files, &mut found);
    needs::check(&draft, &mut found);
    burden::check_addresses(&draft, &mut found);
    recipe::check(&draft, &mut found);
    if let Some(design) = study.as_ref().map(|s| &s.design) {
        burden::check(&draft, design, &mut found);
        lints::check(&draft, design, &mut found);
    }
    let findings = Findings::new(files, found);
    Loaded { study: study.filter(|_| findings.errors() == 0), findings }
}
