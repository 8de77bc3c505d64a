//! Whether the evidence is intact: the chain, the plan it names, every payload, and nothing beside them.

use super::chain::{self, Hash};
use super::store::{Journal, evidence_names, parse_row, rows_after};
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
    // Before the rows are read: a file that comes later belongs to an event that comes later.
    let files = evidence::files(journal.evidence_folder())?;
    let (mut found, chain) = check_chain(journal, root)?;
    check_database(journal, &mut found)?;
    check_plan(folder, chain.plan_sha256.as_deref(), &mut found);
    check_payloads(journal, &mut found)?;
    check_references(journal, chain.purged_at, &mut found)?;
    check_files(journal, &files, &mut found)?;
    Ok(found)
}

/// The same, as far as it is quick, for who is about to send: the bytes of payloads are not read, only whether their
/// files are there. Returns what is wrong.
///
/// # Errors
/// When the store cannot be read at all.
pub fn is_fit(journal: &Journal, folder: &Path) -> Result<Vec<String>, JournalError> {
    let (mut found, chain) = check_chain(journal, None)?;
    check_database(journal, &mut found)?;
    check_plan(folder, chain.plan_sha256.as_deref(), &mut found);
    for name in evidence_names(journal.connection()).map_err(|e| journal.failed(e))? {
        if !evidence::path_of(journal.evidence_folder(), &name).is_file() {
            found.damage.push(format!("evidence/ lacks the file {}", short(&name)));
        }
    }
    Ok(found.damage)
}

/// SHA-256 of the plan that the journal follows, amendments included; `None` where it has no event that says so.
///
/// # Errors
/// When the store cannot be read at all.
pub fn plan_of(journal: &Journal) -> Result<Option<String>, JournalError> {
    Ok(check_chain(journal, None)?.1.plan_sha256)
}

/// What the chain says of the rest.
#[derive(Default)]
struct Chain {
    plan_sha256: Option<String>,
    /// The last event that says that all words were erased.
    purged_at: Option<u64>,
}

fn check_chain(journal: &Journal, root: Option<&str>) -> Result<(Verified, Chain), JournalError> {
    let rows = rows_after(journal.connection(), 0).map_err(|e| journal.failed(e))?;
    let mut found = Verified {
        events: rows.len() as u64,
        root: String::new(),
        payloads: 0,
        purged: false,
        published_up_to: None,
        damage: Vec::new(),
    };
    let mut chain = Chain::default();
    let mut before: Hash = chain::genesis();
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
                    chain.plan_sha256 = Some(sha);
                }
                Event::Purged { .. } => chain.purged_at = Some(row.seq),
                _ => {}
            },
            Err(e) => found.damage.push(e.to_string()),
        }
        // The stored hash, so that one changed event is reported once.
        before = row.hash.as_slice().try_into().unwrap_or(hash);
    }
    found.root = hex::encode(before);
    found.purged = chain.purged_at.is_some();
    if let (Some(root), None) = (root, found.published_up_to) {
        found.damage.push(format!("no event has the root {root}: this is not the journal that was published"));
    }
    Ok((found, chain))
}

/// Damage below what the chain covers: pages that do not hang together.
fn check_database(journal: &Journal, found: &mut Verified) -> Result<(), JournalError> {
    let said: String =
        journal.connection().query_row("PRAGMA quick_check(1)", [], |r| r.get(0)).map_err(|e| journal.failed(e))?;
    if said != "ok" {
        found.damage.push(format!("the database is damaged: {}", said.replace('\n', " ")));
    }
    Ok(())
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
        match bytes {
            Some(bytes) if chain::payload_digest(journal.salt(), &bytes).to_string() == digest => found.payloads += 1,
            Some(_) => found.damage.push(format!("payload {} was changed", short(&digest))),
            None => found.damage.push(format!("payload {} is missing from evidence/", short(&digest))),
        }
    }
    Ok(())
}

/// The payloads that the events after number ?1 refer to.
const REFERENCES: &str = "SELECT e.seq AS seq, j.value AS digest FROM events e, json_tree(e.event) j
    WHERE e.seq > ?1 AND json_valid(e.event) AND j.type = 'text'
      AND length(j.value) = 64 AND j.value NOT GLOB '*[^0-9a-f]*'
      AND j.key NOT IN ('plan_sha256', 'bytes_sha256', 'fingerprint')";

/// What is wrong with a payload that event ?1 names, or none.
type Words = fn(u64, &str) -> String;

/// What the events refer to must be there, unless it was purged; what is there, an event must refer to.
fn check_references(journal: &Journal, purged_at: Option<u64>, found: &mut Verified) -> Result<(), JournalError> {
    let failed = |e| journal.failed(e);
    let after = purged_at.unwrap_or(0);
    let missing = format!(
        "WITH refers AS ({REFERENCES}) SELECT seq, digest FROM refers
         WHERE NOT EXISTS (SELECT 1 FROM payloads p WHERE p.digest = refers.digest) ORDER BY seq"
    );
    let unclaimed = format!(
        "WITH refers AS ({REFERENCES}) SELECT ?1, digest FROM payloads
         WHERE digest NOT IN (SELECT digest FROM refers) ORDER BY digest"
    );
    let lists: [(&str, Words); 2] = [
        (&missing, |seq, digest| format!("event {seq} refers to payload {}, which is missing", short(digest))),
        (&unclaimed, |_, digest| format!("payload {} belongs to no event", short(digest))),
    ];
    for (query, words) in lists {
        let mut statement = journal.connection().prepare(query).map_err(failed)?;
        let mut rows = statement.query([after]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (seq, digest): (u64, String) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            found.damage.push(words(seq, &digest));
        }
    }
    Ok(())
}

/// Every file in `evidence/` belongs to an event. What was not finished being written belongs to none, and is nothing.
fn check_files(journal: &Journal, files: &[evidence::Found], found: &mut Verified) -> Result<(), JournalError> {
    let unclaimed = |known: &std::collections::HashSet<String>| {
        files.iter().filter(|f| !f.is_unfinished() && !known.contains(&f.name)).collect::<Vec<_>>()
    };
    let known = || evidence_names(journal.connection()).map_err(|e| journal.failed(e));
    if unclaimed(&known()?).is_empty() {
        return Ok(());
    }
    // Its event may be about to be appended: files are written under the lock that we wait for here.
    journal.wait_for_writers()?;
    for file in unclaimed(&known()?).into_iter().filter(|f| f.path.exists()) {
        found.damage.push(format!(
            "evidence/ has a file {} that belongs to no event: a process may have ended before it could append one; \
             the next `risposta run --live` clears it away",
            short(&file.name)
        ));
    }
    Ok(())
}

/// Enough of a digest to find it by.
fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
