//! A study that changed after it was planned: what changed, and what may still be amended.
//!
//! Addresses, accounts and what is published may change (a form moved, a mistyped address, a company's
//! comment); who is asked what, when and how it is compared may not. Inquiries that have begun keep what they began with.

use super::{Wave, WaveError, folder};
use crate::failpoint;
use crate::journal::chain::sha256_hex;
use crate::model::event::Event;
use crate::model::plan::Plan;
use crate::model::state::InquiryState;
use crate::model::study::Study;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::path::Path;

/// The files of a wave's folder that the plan with that SHA-256 may lie in: its own, and that of an amended one which
/// is not swapped in yet. Each has one of its own: of two amendments at once, one holds.
#[must_use]
pub fn plan_files(sha256: &str) -> [String; 2] {
    ["plan.json".to_owned(), format!("plan.amended-{sha256}.json")]
}

/// Why a study cannot be amended so.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// Nothing changed.
    #[error("the study is as it was planned: there is nothing to amend")]
    NothingChanged,
    /// The change reaches further than addresses and accounts.
    #[error("this changes what the wave compares, which no amendment may: {0}; plan a new wave")]
    TooFar(String),
    /// The wave cannot be written.
    #[error(transparent)]
    Wave(#[from] WaveError),
}

/// What differs between the planned study and the file as it is now, one line a difference:
/// `companies[3].contact_points[0].target.email.address: "a@x" → "b@x"`. Empty: nothing.
#[must_use]
pub fn differences(planned: &Study, now: &Study) -> Vec<String> {
    let mut lines = Vec::new();
    let value = |study| serde_json::to_value(study).unwrap_or(Value::Null);
    compare("", &value(planned), &value(now), &mut lines);
    lines
}

fn compare(path: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            let added = b.keys().filter(|k| !a.contains_key(*k));
            for key in a.keys().chain(added) {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&inner, a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), lines);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for i in 0..a.len().max(b.len()) {
                let (x, y) = (a.get(i).unwrap_or(&Value::Null), b.get(i).unwrap_or(&Value::Null));
                compare(&format!("{path}[{i}]"), x, y, lines);
            }
        }
        _ if before == after => {}
        _ => lines.push(format!("{path}: {before} → {after}")),
    }
}

/// Swaps in the changed study for all inquiries that have not begun.
///
/// # Errors
/// [`AmendError`] when nothing changed, or more than addresses and accounts did.
pub fn amend(wave: &mut Wave, now: DateTime<Utc>, study: &Study, why: &str) -> Result<Vec<String>, AmendError> {
    wave.refresh()?;
    let changes = differences(&wave.plan.study, study);
    if changes.is_empty() {
        return Err(AmendError::NothingChanged);
    }
    if let Some(line) = changes.iter().find(|line| !may_be_amended(line)) {
        return Err(AmendError::TooFar(line.clone()));
    }
    let amended = merge(&wave.plan, study.clone(), &wave.state.inquiries);
    let json = crate::plan::to_json(&amended);
    let plan_sha256 = sha256_hex(json.as_bytes());
    let [_, unfinished] = plan_files(&plan_sha256);
    let path = wave.folder.join(unfinished);
    folder::write_whole(&path, json.as_bytes()).map_err(|source| WaveError::File { path: path.clone(), source })?;
    let change = changes.join("\n");
    let event = Event::Amended {
        why: wave.journal.keep(why.as_bytes()),
        change: wave.journal.keep(change.as_bytes()),
        plan_sha256,
    };
    // Nobody may have begun an inquiry since we looked: the amended plan would not know.
    let appended = wave.journal.append_if_current(now, &[event]).map_err(WaveError::from);
    if !matches!(appended, Ok(Some(_))) {
        // It holds nothing that anybody will ask for.
        let _ = std::fs::remove_file(&path);
    }
    if appended?.is_none() {
        return Err(WaveError::Busy.into());
    }
    *wave = Wave::open(&wave.folder.clone(), now)?;
    Ok(changes)
}

/// Whether a difference is in an address, what is known of it, or an account: what may change under way.
fn may_be_amended(line: &str) -> bool {
    let path = line.split_once(": ").map_or(line, |(path, _)| path);
    let inside = |list: &str, fields: &[&str]| {
        let field = path.strip_prefix(list).and_then(|rest| rest.split_once("].")).map(|(_, field)| field);
        field.is_some_and(|field| fields.iter().any(|known| field.starts_with(known)))
    };
    let of_point = ["target.", "confirmed", "shared", "found", "cost"];
    let in_contact_point = inside("companies[", &["contact_points["])
        && path
            .split_once("].contact_points[")
            .and_then(|(_, rest)| rest.split_once("]."))
            .is_some_and(|(_, field)| of_point.iter().any(|known| field.starts_with(known)));
    // What may be shown, and what companies say about it, comes to light at the end.
    let published = path == "publish" || path.starts_with("publish.");
    in_contact_point
        || published
        || inside("mailboxes[", &["smtp", "inbox", "user", "password", "ca_file", "copy"])
        || inside("mastodon[", &["instance", "token"])
}

/// The old plan with the new study's addresses, for inquiries that have not begun.
fn merge(old: &Plan, study: Study, states: &[InquiryState]) -> Plan {
    let mut plan = Plan { study, ..old.clone() };
    for (planned, state) in plan.inquiries.iter_mut().zip(states) {
        let begun = state.messages.iter().any(|m| !m.attempts.is_empty() || m.sent_by_person.is_some());
        let company = plan.study.companies.iter().find(|c| c.id == planned.company);
        let point = company.and_then(|c| c.contact_points.iter().find(|p| p.channel == planned.channel));
        if let (false, Some(point)) = (begun, point) {
            planned.target = point.target.clone();
        }
    }
    plan
}

/// After a stop between the journal's word and the file's: swaps the amended plan in.
pub(super) fn finish(folder: &Path, expected: &str) -> Result<(), WaveError> {
    let [plan, unfinished] = plan_files(expected).map(|name| folder.join(name));
    let wrong = || WaveError::Plan { path: plan.clone(), why: "its SHA-256 is not the one in the journal".to_owned() };
    let json = std::fs::read(&unfinished).map_err(|_| wrong())?;
    if expected != sha256_hex(&json) {
        return Err(wrong());
    }
    match std::fs::rename(&unfinished, &plan).and_then(|()| std::fs::File::open(folder)?.sync_all()) {
        // Somebody else was faster.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(wrong()),
        swapped => swapped.map_err(|source| WaveError::File { path: unfinished, source })?,
    }
    failpoint::reach("plan swapped");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_accounts_may_be_amended() {
        for line in [
            r#"companies[3].contact_points[0].target.email.address: "a@x" → "b@x""#,
            "companies[3].contact_points[0].confirmed: false → null",
            r#"mailboxes[0].smtp.host: "a" → "b""#,
            r#"mastodon[0].token.env: "A" → "B""#,
        ] {
            assert!(may_be_amended(line), "{line}");
        }
        for line in [
            r#"companies[3].name: "a" → "b""#,
            r#"companies[3].contact_points[0].channel: "email" → "x""#,
            r#"companies[3].contact_points[0]: null → {"target.confirmed":1}"#,
            r#"mailboxes[0].address: "a@x" → "b@x""#,
            r#"questions[0].wordings[0].text: "a" → "b""#,
            r#"thresholds[0]: "1h" → "2h""#,
        ] {
            assert!(!may_be_amended(line), "{line}");
        }
    }
}
