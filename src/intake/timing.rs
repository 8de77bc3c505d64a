//! Does the moment of a message, or that its text came before, betray a machine?
//!
//! The weakest evidence of all: it decides nothing that words do not say, too.

use super::automatic;
use super::index::Index;
use super::kind::Judged;
use super::lines::start_of;
use super::written::Written;
use crate::model::ids::InquiryId;
use crate::model::inbound::InboundKind;
use crate::model::time::Stamp;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Within so many seconds of a question nobody has read it and written an answer.
const SECONDS_MIN: i64 = 45;
/// Shorter texts are alike by chance, in bytes.
const TEXT_BYTES_MIN: usize = 60;
/// How much of a text is compared, in bytes.
const TEXT_BYTES_MAX: usize = 10_000;
/// How sure a reply is that came too fast for a person.
const TOO_FAST: u32 = 65;

/// Weighs when a reply came to its inquiry, and whether other inquiries got the same text.
pub(super) fn weigh(
    judged: Judged,
    written: &Written,
    inquiry: Option<&InquiryId>,
    received: Stamp,
    index: &Index,
) -> Judged {
    let Some(at) = inquiry.and_then(|id| index.place(id)).filter(|_| judged.is_a_sure_reply()) else {
        return judged;
    };
    let exact = i64::from(received.error_seconds) <= SECONDS_MIN;
    let fast = exact && index.seconds_since_asked(at, received.at).is_some_and(|s| s <= SECONDS_MIN);
    let repeated = fingerprint(&written.text).is_some_and(|text| index.has_text_of_others(text, at));
    if !(fast || repeated) {
        return judged;
    }
    let name = if fast { "within-seconds" } else { "same-text-before" };
    if automatic::acknowledges(&written.text) {
        return Judged::new(InboundKind::Acknowledgement, "words=received").and(name).sure_by(75);
    }
    if fast { judged.and(name).sure_by(TOO_FAST) } else { judged.and(name) }
}

/// What is kept of a text to know it again, whatever its spacing; of a short one, nothing.
pub(super) fn fingerprint(text: &str) -> Option<u64> {
    let text = start_of(text, TEXT_BYTES_MAX);
    if text.len() < TEXT_BYTES_MIN {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    text.split_whitespace().for_each(|word| word.hash(&mut hasher));
    Some(hasher.finish())
}
