//! What the labels say, and the mails they speak of.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A line of `labels.csv` with its mail.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) corpus: String,
    pub(crate) case: String,
    #[serde(rename = "use")]
    pub(crate) purpose: String,
    pub(crate) label: String,
    pub(crate) sublabel: String,
    pub(crate) expected_visible_text_file: String,
    pub(crate) expected_grade: String,
    pub(crate) sig_policy: String,
    pub(crate) constraints_file: String,
    #[serde(skip)]
    pub(crate) raw: Vec<u8>,
    #[serde(skip)]
    dir: PathBuf,
}

impl Row {
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.corpus, self.case)
    }

    /// Whether it is meant for a use; some are for two.
    pub(crate) fn is_for(&self, purpose: &str) -> bool {
        self.purpose.split('+').any(|p| p == purpose)
    }

    /// A file that the label names.
    pub(crate) fn file(&self, name: &str) -> Option<String> {
        (!name.is_empty())
            .then(|| std::fs::read(self.dir.join(name)).ok())
            .flatten()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Reads all labels and their mails, or those of some sub-corpora: `A,B`; `!A,B` for all but these.
pub(crate) fn read(dir: &Path, corpora: Option<&str>) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let mut rows = Vec::new();
    for row in csv::Reader::from_path(dir.join("labels.csv"))?.deserialize() {
        let mut row: Row = row?;
        let listed = |list: &str| list.split(',').any(|c| c == row.corpus);
        let wanted = corpora.is_none_or(|c| c.strip_prefix('!').map_or_else(|| listed(c), |all_but| !listed(all_but)));
        if !wanted {
            continue;
        }
        let file = dir.join(format!("{}.eml", row.name()));
        row.raw = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        row.dir = dir.to_path_buf();
        rows.push(row);
    }
    Ok(rows)
}
