//! The hash chain: each event's hash covers the one before, so that no event can be changed,
//! removed or inserted without changing the last hash, the *root*.

use crate::model::outcome::Payload;
use sha2::{Digest, Sha256};

/// A link of the chain.
pub type Hash = [u8; 32];

/// The hash before the first event.
#[must_use]
pub fn genesis() -> Hash {
    Sha256::digest(b"risposta journal 1").into()
}

/// The hash of event number `seq`, recorded `at` (RFC 3339), whose canonical JSON is `event`.
#[must_use]
pub fn link(before: &Hash, seq: u64, at: &str, event: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    // Lengths keep two fields from being read as one.
    hasher.update((at.len() as u64).to_be_bytes());
    hasher.update(at);
    hasher.update(event);
    hasher.finalize().into()
}

/// The salted digest of a payload: what the chain holds in place of words.
#[must_use]
pub fn payload_digest(salt: &[u8], bytes: &[u8]) -> Payload {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(bytes);
    Payload(hasher.finalize().into())
}

/// SHA-256 in hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_changes_the_link() {
        let base = link(&genesis(), 1, "2026-01-01T00:00:00Z", "{}");
        assert_ne!(base, link(&base, 1, "2026-01-01T00:00:00Z", "{}"));
        assert_ne!(base, link(&genesis(), 2, "2026-01-01T00:00:00Z", "{}"));
        assert_ne!(base, link(&genesis(), 1, "2026-01-01T00:00:01Z", "{}"));
        assert_ne!(base, link(&genesis(), 1, "2026-01-01T00:00:00Z", "{} "));
        assert_ne!(link(&genesis(), 1, "a", "bc"), link(&genesis(), 1, "ab", "c"));
    }
}
