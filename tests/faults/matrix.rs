//! What the matrices share: how a try is made, how many at once, and what is said at the end.

use futures_util::StreamExt;
use risposta::channels::{Ended, Evidence, Outgoing, Sender};
use risposta::model::outcome::Outcome;
use risposta::model::plan::PlannedInquiry;
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// Time limit of a step that stays silent on purpose; the healthy steps of such a cell have it too.
pub(crate) const SHORT: Duration = Duration::from_secs(4);

/// Time limit of every step where nothing is silent.
pub(crate) const LONG: Duration = Duration::from_secs(100);

/// Cells at once, where each is light.
pub(crate) const AT_ONCE: usize = 64;

/// What came of one try.
#[derive(Debug, Clone)]
pub(crate) struct Try {
    pub(crate) outcome: Ended,
    /// SHA-256 of the bytes that were to leave, where it came to that.
    pub(crate) bytes_sha256: Option<String>,
    pub(crate) evidence: Vec<Evidence>,
}

impl Try {
    /// Prepares the inquiry's first message and lets it go.
    pub(crate) async fn make(sender: &dyn Sender, inquiry: &PlannedInquiry) -> Self {
        let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
        match sender.prepare(outgoing).await {
            Err(refused) => Self { outcome: refused.outcome, bytes_sha256: None, evidence: refused.evidence },
            Ok(prepared) => {
                let (bytes_sha256, mut evidence) = (prepared.bytes_sha256(), prepared.evidence());
                let delivered = prepared.deliver().await;
                evidence.extend(delivered.evidence);
                Self { outcome: delivered.outcome, bytes_sha256, evidence }
            }
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.outcome {
            Outcome::Accepted { .. } => Kind::Accepted,
            Outcome::Held { .. } => Kind::Held,
            Outcome::Deferred(_) => Kind::Deferred,
            Outcome::Rejected(_) => Kind::Rejected,
            Outcome::EntriesRejected(_) => Kind::EntriesRejected,
            Outcome::InDoubt(_) => Kind::InDoubt,
            Outcome::Blocked(_) => Kind::Blocked,
            Outcome::AccountFailed { .. } => Kind::OurFault,
        }
    }
}

/// An outcome without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Accepted,
    Held,
    Deferred,
    Rejected,
    EntriesRejected,
    InDoubt,
    Blocked,
    OurFault,
}

/// What is wrong with a cell, by its name; nothing where all is as stated.
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) wrong: Vec<String>,
}

/// Runs all cells, `at_once` at a time; fails with the whole list of those that are not as stated, and
/// ends with the figures on one line.
pub(crate) async fn run(matrix: &str, at_once: usize, cells: impl Iterator<Item: Future<Output = Checked>>) {
    let done: Vec<Checked> = futures_util::stream::iter(cells).buffer_unordered(at_once).collect().await;
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    for cell in &done {
        *kinds.entry(cell.kind).or_default() += 1;
    }
    let wrong: Vec<String> =
        done.iter().filter(|c| !c.wrong.is_empty()).map(|c| format!("{}: {}", c.name, c.wrong.join("; "))).collect();
    let kinds: Vec<String> = kinds.iter().map(|(kind, cells)| format!("{kind:?} {cells}")).collect();
    println!("faults {matrix}: {} cells, {} as stated; {}", done.len(), done.len() - wrong.len(), kinds.join(", "));
    assert!(wrong.is_empty(), "{} cells of `{matrix}` are not as stated:\n  {}", wrong.len(), wrong.join("\n  "));
    assert!(!done.is_empty());
}
