//! What fills a form, and a recipe for forms that no heuristics understand.

use serde::{Deserialize, Serialize};

/// What fills a form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Plain HTTP; a browser where the form is made or guarded by scripts.
    #[default]
    Auto,
    /// Plain HTTP alone.
    Http,
    /// A real browser.
    Browser,
}

impl Engine {
    /// Every engine with its name in a study.
    pub const ALL: [(&'static str, Self); 3] = [("auto", Self::Auto), ("http", Self::Http), ("browser", Self::Browser)];

    /// Whether it is what is taken where nothing is said.
    pub fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

/// A step of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    pub does: Action,
    /// Time limit in seconds; a usual one where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_seconds: Option<u32>,
}

/// What a step does. Selectors are CSS; values are templates or roles, as in `fields:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Loads a page.
    Goto(String),
    /// Clicks an element.
    Click(String),
    /// Clicks the element that sends the form.
    Send(String),
    /// Writes into elements.
    Fill(Vec<(String, String)>),
    /// Chooses from lists, by what is shown or sent.
    Select(Vec<(String, String)>),
    /// Ticks a box.
    Check(String),
    /// Gives files to elements.
    Upload(Vec<Upload>),
    /// Waits until an element is there.
    WaitFor(String),
    /// Enters a frame; `top` leaves all.
    InFrame(String),
    /// Looks for what follows in an element's shadow tree; `top` leaves it.
    InShadow(String),
    /// The page must show this text; after the form was sent it proves that it was taken.
    Expect(String),
    /// Takes a picture, under this name.
    Screenshot(String),
}

/// A file that a form gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PlannedUpload")]
pub struct Upload {
    /// The element that takes it, as a CSS selector.
    pub into: String,
    /// Where it lies, from the study's folder.
    pub path: String,
    /// SHA-256 of its content in hex, when the study was read; empty in plans of earlier builds, which did not keep it.
    pub sha256: String,
}

/// As it stands in a plan.
#[derive(Deserialize)]
#[serde(untagged)]
enum PlannedUpload {
    Checked {
        into: String,
        path: String,
        sha256: String,
    },
    /// Of an earlier build.
    Pair(String, String),
}

impl From<PlannedUpload> for Upload {
    fn from(planned: PlannedUpload) -> Self {
        match planned {
            PlannedUpload::Checked { into, path, sha256 } => Self { into, path, sha256 },
            PlannedUpload::Pair(into, path) => Self { into, path, sha256: String::new() },
        }
    }
}

/// Which step sends the form: the one that is marked, else the last click.
#[must_use]
pub fn sending_step(steps: &[Step]) -> Option<usize> {
    let marked = steps.iter().position(|s| matches!(s.does, Action::Send(_)));
    marked.or_else(|| steps.iter().rposition(|s| matches!(s.does, Action::Click(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_earlier_plan_can_still_be_read() {
        let read = |json: &str| serde_json::from_str::<Action>(json).unwrap();
        let upload =
            |sha256: &str| Upload { into: "#f".to_owned(), path: "a.pdf".to_owned(), sha256: sha256.to_owned() };
        assert_eq!(read(r##"{"upload":[["#f","a.pdf"]]}"##), Action::Upload(vec![upload("")]));
        let now = Action::Upload(vec![upload("ab")]);
        assert_eq!(read(&serde_json::to_string(&now).unwrap()), now);
    }
}
