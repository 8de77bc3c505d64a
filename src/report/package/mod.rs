//! The data of a report: tables, JSON and the bundle, as a Frictionless data package.
//!
//! The package (<https://datapackage.org>, version 2) describes every column, so that a table is
//! understood by itself, and holds the SHA-256 of every file.

mod codebook;
mod rows;

use super::csv;
use super::publish::{Material, Publication};
use codebook::{Field, Table};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The schema of `report.json`, published with each report.
pub const SCHEMA: &str = include_str!("report.schema.json");

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name within the folder `data/`.
    pub name: &'static str,
    /// What it holds.
    pub text: String,
}

/// The bundle: all that the readers of this edition may know, from which `score --bundle` rebuilds every
/// number.
///
/// # Errors
/// None that a material can give: its numbers are finite.
pub fn bundle(edited: &Material) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(edited)? + "\n")
}

/// The data of a publication and of the material it was made from.
///
/// # Errors
/// None that a publication can give: its numbers are finite.
pub fn package(publication: &Publication, edited: &Material) -> Result<Vec<File>, serde_json::Error> {
    let simulated = publication.is_simulated();
    let mut tables = vec![
        (codebook::MEASURES, csv::render(&publication.scorecard)),
        (codebook::INQUIRIES, rows::inquiries(edited, simulated)),
        (codebook::COMPANIES, rows::companies(edited, simulated)),
    ];
    if let Some(changes) = &publication.waves {
        tables.insert(1, (codebook::CHANGES, csv::render_waves(changes)));
    }
    let mut resources: Vec<Value> = tables.iter().map(|(table, text)| table_resource(table, text)).collect();
    let mut files: Vec<File> = tables.into_iter().map(|(table, text)| File { name: table.file, text }).collect();
    for (name, text, title) in [
        ("report.json", serde_json::to_string(publication)? + "\n", "Everything that the report shows"),
        ("report.schema.json", SCHEMA.to_owned(), "JSON Schema of report.json"),
        (
            "bundle.json",
            bundle(edited)?,
            "What every number is rebuilt from: `risposta score --bundle bundle.json`; `unsure` says which inquiries \
             a message that is not sure may change",
        ),
    ] {
        resources.push(json_resource(name, title, &text));
        files.push(File { name, text });
    }
    let package = describe(publication, &resources);
    files.push(File { name: "datapackage.json", text: serde_json::to_string_pretty(&package)? + "\n" });
    Ok(files)
}

fn describe(publication: &Publication, resources: &[Value]) -> Value {
    let about = &publication.scorecard.about;
    let name = [about.study.as_deref(), about.wave.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("-");
    let mut package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": if name.is_empty() { "report".to_owned() } else { name },
        "title": super::escape::line(&about.title),
        "description": publication.notice.as_deref().unwrap_or("Which channel answers: results of one wave."),
        "version": format!("{}.0.0", publication.format),
        "simulated": publication.is_simulated(),
        "audience": publication.audience,
        "sources": [{"title": format!("Risposta {}, journal {}", publication.risposta,
            publication.record.journal_root.as_deref().unwrap_or("unknown"))}],
        "resources": resources,
    });
    if let (Some(licence), Some(package)) = (&publication.licence, package.as_object_mut()) {
        package.insert("licenses".to_owned(), json!([{"name": super::escape::line(licence)}]));
    }
    package
}

fn table_resource(table: &Table, text: &str) -> Value {
    let field = |(name, kind, means): &Field| json!({"name": name, "type": kind, "description": means});
    let mut resource = resource(table.file, table.title, text);
    if let Some(resource) = resource.as_object_mut() {
        resource.insert("type".to_owned(), json!("table"));
        resource.insert("format".to_owned(), json!("csv"));
        resource.insert("mediatype".to_owned(), json!("text/csv"));
        let fields: Vec<Value> = table.fields.iter().map(field).collect();
        resource.insert("schema".to_owned(), json!({"fields": fields, "missingValues": [""]}));
    }
    resource
}

fn json_resource(name: &str, title: &str, text: &str) -> Value {
    let mut resource = resource(name, title, text);
    if let Some(resource) = resource.as_object_mut() {
        // Without it, a program guesses by the name that `report.schema.json` describes a table.
        resource.insert("type".to_owned(), json!("json"));
        resource.insert("format".to_owned(), json!("json"));
        resource.insert("mediatype".to_owned(), json!("application/json"));
    }
    resource
}

fn resource(file: &str, title: &str, text: &str) -> Value {
    json!({
        "name": file.rsplit_once('.').map_or(file, |(stem, _)| stem).replace('.', "-"),
        "path": file,
        "title": title,
        "encoding": "utf-8",
        "bytes": text.len(),
        "hash": format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes()))),
    })
}
