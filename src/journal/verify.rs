//! Whether the evidence is intact: the chain, the plan it names, and every payload.

use super::chain::{self, Hash};
use super::store::{Journal, parse_row, rows_after};
use super::{JournalError, evidence};
use crate::model::event::Event;
use std::path::Path;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Number of events.
    pub events: u64,
    /// The chain's last hash, in hex.
    pub root: String,
    /// Payloads that are there and intact.
    pub payloads: u64,
    /// Whether words were purged.
    pub purged: bool,
    /// Up to which event the journal is the one whose root was published, where one was given.
    pub published_up_to: Option<u64>,
    /// What is wrong, in words. Empty: intact.
    pub damage: Vec<String>,
}

/// Checks the journal in `folder`, its plan and all payloads; with `root`, also that the journal
/// still begins with the one that had this root.
///
/// # Errors
/// When the store cannot be read at all.
pub fn verify(journal: &Journal, folder: &Path, root: Option<&str>) -> Result<Verified, JournalError> {
    let rows = rows_after(journal.connection(), 0).map_err(|e| journal.failed(e))?;
    let mut found = Verified {
        events: rows.len() as u64,
        root: String::new(),
        payloads: 0,
        purged: false,
        published_up_to: None,
        damage: Vec::new(),
    };
    let mut before: Hash = chain::genesis();
    let mut plan_sha256 = None;
    for (expected, row) in (1..).zip(&rows) {
        let hash = chain::link(&before, row.seq, &row.at, &row.event);
        if row.seq != expected {
            found.damage.push(format!("event {expected} is missing: the next one is {}", row.seq));
        }
        if row.hash != hash {
            found.damage.push(format!("event {} was changed, or one before it was changed or removed", row.seq));
        }
        if root.is_some_and(|r| r.eq_ignore_ascii_case(&hex::encode(hash))) {
            found.published_up_to = Some(row.seq);
        }
        match parse_row(row) {
            Ok(entry) => match entry.event {
                Event::WaveOpened { plan_sha256: sha, .. } | Event::Amended { plan_sha256: sha, .. } => {
                    plan_sha256 = Some(sha);
                }
                Event::Purged { .. } => found.purged = true,
                _ => {}
            },
            Err(e) => found.damage.push(e.to_string()),
        }
        // The stored hash, so that one changed event is reported once.
        before = row.hash.as_slice().try_into().unwrap_or(hash);
    }
    found.root = hex::encode(before);
    if let (Some(root), None) = (root, found.published_up_to) {
        found.damage.push(format!("no event has the root {root}: this is not the journal that was published"));
    }
    check_plan(folder, plan_sha256.as_deref(), &mut found);
    check_payloads(journal, &mut found)?;
    Ok(found)
}

fn check_plan(folder: &Path, expected: Option<&str>, found: &mut Verified) {
    let Some(expected) = expected else {
        found.damage.push("the journal does not say which plan it follows: its first event is missing".to_owned());
        return;
    };
    match std::fs::read(folder.join("plan.json")) {
        Ok(bytes) if chain::sha256_hex(&bytes) == expected => {}
        Ok(_) => found.damage.push("plan.json was changed after the wave began".to_owned()),
        Err(e) => found.damage.push(format!("plan.json cannot be read: {e}")),
    }
}

fn check_payloads(journal: &Journal, found: &mut Verified) -> Result<(), JournalError> {
    let failed = |e| journal.failed(e);
    let mut statement = journal.connection().prepare("SELECT digest, bytes, sha256 FROM payloads").map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let digest: String = row.get(0).map_err(failed)?;
        let inline: Option<Vec<u8>> = row.get(1).map_err(failed)?;
        let sha256: Option<String> = row.get(2).map_err(failed)?;
        let bytes = match (inline, &sha256) {
            (Some(bytes), _) => Some(bytes),
            (None, Some(sha256)) => evidence::read(journal.evidence_folder(), sha256)?,
            (None, None) => None,
        };
        let short = &digest[..digest.len().min(12)];
        match bytes {
            Some(bytes) if chain::payload_digest(journal.salt(), &bytes) == digest => found.payloads += 1,
            Some(_) => found.damage.push(format!("payload {short} was changed")),
            None => found.damage.push(format!("payload {short} is missing from evidence/")),
        }
    }
    // What the events refer to must be there too, unless it was purged.
    if !found.purged {
        check_references(journal, found)?;
    }
    Ok(())
}

fn check_references(journal: &Journal, found: &mut Verified) -> Result<(), JournalError> {
    let missing = "SELECT e.seq, j.value FROM events e, json_tree(e.event) j
        WHERE j.type = 'text' AND length(j.value) = 64 AND j.value NOT GLOB '*[^0-9a-f]*'
          AND j.key NOT IN ('plan_sha256', 'bytes_sha256', 'fingerprint')
          AND NOT EXISTS (SELECT 1 FROM payloads p WHERE p.digest = j.value) ORDER BY e.seq";
    let failed = |e| journal.failed(e);
    let mut statement = journal.connection().prepare(missing).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let seq: u64 = row.get(0).map_err(failed)?;
        let digest: String = row.get(1).map_err(failed)?;
        found.damage.push(format!("event {seq} refers to payload {}, which is missing", &digest[..12]));
    }
    Ok(())
}
