//! Mails as others sent them: one test a file of `tests/intake/`, each read with LF and with CRLF, and as other
//! programs would have sent the same.
//!
//! Beside `name.eml` stands `name.json` with what it must be read as; a case is added by adding
//! both. Without an index nothing is tied: what ties is tested beside the rules.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

#[path = "support/mail_mutations.rs"]
mod mail_mutations;

use libtest_mimic::{Arguments, Failed, Trial};
use risposta::intake::{Index, Reading, read};
use risposta::model::inbound::{Confidence, InboundKind, RawFormat};
use risposta::model::time::Stamp;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What a mail must be read as. What is not given is not looked at; every mail must be readable.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    kind: Option<InboundKind>,
    /// Whether that is sure enough to count without a person's look.
    sure: Option<bool>,
    status: Option<String>,
    subject: Option<String>,
    new_text: Option<String>,
    greeting: Option<String>,
    signed_by: Option<String>,
    role: Option<String>,
    returns_on: Option<chrono::NaiveDate>,
    tickets: Option<Vec<String>>,
    #[serde(default)]
    new_text_has: Vec<String>,
    #[serde(default)]
    new_text_lacks: Vec<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/intake");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let trials = files.iter().filter(|f| f.extension().is_some_and(|e| e == "eml" || e == "json")).filter_map(|file| {
        let name = file.strip_prefix(&root).unwrap().with_extension("").display().to_string();
        let (mail, expected) = (file.with_extension("eml"), file.with_extension("json"));
        if mail.is_file() && expected.is_file() {
            let is_mail = file.extension().is_some_and(|e| e == "eml");
            return is_mail.then(|| Trial::test(name, move || check(&mail, &expected)));
        }
        let orphan = format!("{} stands alone: a case is `.eml` and `.json`", file.display());
        Some(Trial::test(name, move || Err(orphan.into())))
    });
    let trials: Vec<Trial> = trials.collect();
    assert!(!trials.is_empty(), "no cases under {}", root.display());
    libtest_mimic::run(&arguments, trials).exit();
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder of cases") {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn check(mail: &Path, expected: &Path) -> Result<(), Failed> {
    let expected: Expected = serde_json::from_slice(&std::fs::read(expected)?)?;
    let raw = std::fs::read(mail)?;
    let lf = with_lf(&raw);
    let crlf = lf.split(|b| *b == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]);
    let readings = [&raw, &lf, &crlf].map(|raw| read(raw, RawFormat::Mail, received(), &Index::default()));
    let [reading, with_lf, with_crlf] = readings;
    if with_lf != with_crlf {
        return Err(format!("LF and CRLF read differently:\n{with_lf:#?}\n{with_crlf:#?}").into());
    }
    for (how, mutated) in mail_mutations::of(&raw) {
        let other = read(&mutated, RawFormat::Mail, received(), &Index::default());
        if essence(&other) != essence(&reading) {
            return Err(format!("{how}: read differently:\n{:#?}\n{:#?}", essence(&reading), essence(&other)).into());
        }
    }
    let seen = &reading.interpretation;
    let complain =
        |what: String| Err(Failed::from(format!("{what}; because {:?}\n{}", seen.because, reading.new_text)));
    if seen.because == ["unreadable"] {
        return complain("unreadable".to_owned());
    }
    if expected.kind.is_some_and(|kind| kind != seen.kind) {
        return complain(format!("expected {:?}, read {:?}", expected.kind, seen.kind));
    }
    if expected.sure.is_some_and(|sure| sure != (seen.confidence >= Confidence::ENOUGH)) {
        return complain(format!("sure of {:?} by {:?}", seen.kind, seen.confidence));
    }
    if expected.status.is_some() && expected.status != seen.status {
        return complain(format!("expected status {:?}, read {:?}", expected.status, seen.status));
    }
    if expected.subject.is_some() && expected.subject != reading.subject {
        return complain(format!("expected subject {:?}, read {:?}", expected.subject, reading.subject));
    }
    complain_of_parts(&expected, &reading).map_or(Ok(()), complain)?;
    // As people read, not as lines were broken.
    let new_text = flat(&reading.new_text);
    if let Some(missing) = expected.new_text_has.iter().find(|t| !new_text.contains(&flat(t))) {
        return complain(format!("real words were cut: {missing:?}"));
    }
    if let Some(kept) = expected.new_text_lacks.iter().find(|t| new_text.contains(&flat(t))) {
        return complain(format!("quoted words were kept: {kept:?}"));
    }
    Ok(())
}

/// What must not depend on how a mail is sent: what it is and why, and its words, as people read them.
fn essence(reading: &Reading) -> impl PartialEq + std::fmt::Debug {
    let seen = &reading.interpretation;
    let words = |text: &str| flat(&text.replace('’', "'"));
    let signature = reading.signature.clone().unwrap_or_default();
    (
        (seen.kind, seen.because.clone(), seen.confidence, seen.status.clone()),
        (reading.subject.clone(), words(&reading.new_text), words(&signature.text), reading.returns_on),
        reading.learnt.tickets.clone(),
    )
}

/// What of the parts that are kept beside the text is not as expected.
fn complain_of_parts(expected: &Expected, reading: &Reading) -> Option<String> {
    let signature = reading.signature.clone().unwrap_or_default();
    let tickets = || reading.learnt.tickets.iter().map(|(_, ticket)| ticket.clone()).collect::<Vec<_>>();
    let differs = |name: &str, wanted: &Option<String>, seen: Option<&String>| {
        (wanted.is_some() && wanted.as_ref() != seen).then(|| format!("expected {name} {wanted:?}, read {seen:?}"))
    };
    differs("the text", &expected.new_text, Some(&reading.new_text))
        .or_else(|| differs("the greeting", &expected.greeting, reading.greeting.as_ref()))
        .or_else(|| differs("the name", &expected.signed_by, signature.name.as_ref()))
        .or_else(|| differs("the role", &expected.role, signature.role.as_ref()))
        .or_else(|| {
            let wrong = expected.returns_on.is_some() && expected.returns_on != reading.returns_on;
            wrong.then(|| format!("expected return on {:?}, read {:?}", expected.returns_on, reading.returns_on))
        })
        .or_else(|| {
            let wrong = expected.tickets.as_ref().is_some_and(|t| *t != tickets());
            wrong.then(|| format!("expected tickets {:?}, read {:?}", expected.tickets, tickets()))
        })
}

/// All are read as of the same moment, before the days that they name.
fn received() -> Stamp {
    Stamp::server("2026-03-02T09:00:00Z".parse().unwrap())
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn with_lf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for (at, byte) in raw.iter().enumerate() {
        if !(*byte == b'\r' && raw.get(at + 1) == Some(&b'\n')) {
            out.push(*byte);
        }
    }
    out
}
