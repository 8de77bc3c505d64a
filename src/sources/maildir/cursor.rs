//! What has been taken from a Maildir.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most messages that a cursor names one by one: it is written into the journal at every look.
const SEEN_MAX: usize = 1_000;

/// Grace for clocks of the file system that lag, in seconds.
const SLACK_SECONDS: i64 = 120;

/// The cursor, as JSON in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Start of the wave.
    pub(super) since: DateTime<Utc>,
    /// Messages dated before this second count as seen if their files were there at `looked`.
    below: i64,
    /// Latest inode change among the files taken: a file that appears later has a later one.
    looked: i64,
    /// Messages taken that are dated at or after `below`: hash of the name → date in seconds.
    seen: BTreeMap<String, i64>,
}

impl Cursor {
    /// Reads a cursor back. One that makes no sense begins anew: some messages come twice, none is lost.
    pub(super) fn read(text: Option<&str>, since: DateTime<Utc>) -> Self {
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_else(|| Self { since, below: i64::MIN, looked: i64::MIN, seen: BTreeMap::new() })
    }

    /// The cursor as text.
    pub(super) fn write(&self) -> String {
        // Maps with text keys and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn has_seen(&self, hash: u64) -> bool {
        self.seen.contains_key(&format!("{hash:016x}"))
    }

    /// Notes a message as taken. `dated` and `changed` are in seconds.
    pub(super) fn saw(&mut self, hash: u64, dated: i64, changed: i64) {
        self.seen.insert(format!("{hash:016x}"), dated);
        self.looked = self.looked.max(changed);
    }

    /// Whether that date lies below the watermark, so that the file's change must decide.
    pub(super) const fn covers(&self, dated: i64) -> bool {
        dated < self.below
    }

    /// Whether a file of that inode change was there at the last look.
    pub(super) const fn was_there(&self, changed: i64) -> bool {
        changed < self.looked.saturating_sub(SLACK_SECONDS)
    }

    /// Raises the watermark until few enough messages need to be named.
    pub(super) fn trim(&mut self) {
        if self.seen.len() <= SEEN_MAX {
            return;
        }
        let mut dates: Vec<i64> = self.seen.values().copied().collect();
        dates.sort_unstable();
        self.below = dates[dates.len() - SEEN_MAX];
        self.seen.retain(|_, dated| *dated >= self.below);
    }
}

/// First eight bytes of the name's SHA-256.
pub(super) fn name_hash(base: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(base).into();
    digest[..8].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_stays_small_and_forgets_nothing_that_could_be_new() {
        let mut cursor = Cursor::read(None, "2026-03-01T09:00:00Z".parse().unwrap());
        for n in 0..5_000_i64 {
            cursor.saw(name_hash(&n.to_string()), n, 10_000 + n);
            cursor.trim();
        }
        assert!(cursor.write().len() < 40_000, "{}", cursor.write().len());
        let cursor = Cursor::read(Some(&cursor.write()), DateTime::UNIX_EPOCH);
        assert!(cursor.has_seen(name_hash("4999")) && !cursor.has_seen(name_hash("10")));
        assert!(cursor.covers(10) && cursor.was_there(10_010));
        assert!(!cursor.covers(4_999), "a date after the watermark is decided by name");
        assert!(cursor.covers(10) && !cursor.was_there(20_000), "an old message that was moved in just now is new");
    }
}
