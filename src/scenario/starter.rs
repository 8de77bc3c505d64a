//! What `risposta init` writes: a commented study to start from.

use super::schema::schema;

/// The files of a starter study: path within the folder, and content.
#[must_use]
pub fn starter() -> Vec<(&'static str, String)> {
    let schema = serde_json::to_string_pretty(&schema()).unwrap_or_default() + "\n";
    vec![
        ("study.yaml", include_str!("starter/study.yaml").to_owned()),
        ("companies.csv", include_str!("starter/companies.csv").to_owned()),
        ("delivery-b.txt", include_str!("starter/delivery-b.txt").to_owned()),
        ("study.schema.json", schema),
    ]
}
