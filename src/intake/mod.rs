//! Raw bytes → what it is, which inquiry it answers and how we know.
//!
//! [`read`] is the only door in; [`Index`] is what it knows about the wave. Nothing here does I/O
//! or reads a clock, nothing is fetched or executed, and no bytes can make it fail: what cannot be
//! read goes to review.

pub mod answer;
mod automatic;
mod bounce;
mod closing;
mod dates;
mod fields;
mod footer;
mod heading;
mod html;
mod index;
mod kind;
mod letter;
mod lines;
mod mail;
pub mod mask;
mod mastodon;
mod mime;
mod quote;
mod report;
mod signature;
mod tickets;
mod tie;
mod timing;
mod written;

pub use index::Index;
pub use letter::Letter;
pub use written::{Closing, Signature};

use crate::model::inbound::{Confidence, InboundKind, Interpretation, RawFormat};
use crate::model::time::Stamp;
use chrono::NaiveDate;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Version of the rules. It grows whenever the same bytes may be read differently, so that the
/// journal says which rules an interpretation came from.
pub const VERSION: u32 = 7;

/// Most bytes of one message that are looked at; what follows is kept raw and not read.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// What was read in an inbound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it is, which inquiry it answers, and how we know.
    pub interpretation: Interpretation,
    /// Its own Message-ID, without angle brackets; of a status, nothing.
    pub message_id: Option<String>,
    /// The Message-IDs it answers directly.
    pub in_reply_to: Vec<String>,
    /// The Message-IDs of its thread, oldest first.
    pub references: Vec<String>,
    /// All ids of messages by which it was looked for: what is learnt of them may change what it is tied to.
    pub named: Vec<String>,
    /// The sender's address or handle, in lower case.
    pub from: Option<String>,
    /// The subject, decoded.
    pub subject: Option<String>,
    /// The whole body as plain text.
    pub text: String,
    /// What was newly written: quotations, footers and signature cut where that is safe, else the
    /// whole text.
    pub new_text: String,
    /// The first line of what was newly written, where it greets somebody.
    pub greeting: Option<String>,
    /// What stood below about the writer.
    pub signature: Option<Signature>,
    /// Of a bounce or notice of delay: why, in the words of the other side.
    pub reason: Option<String>,
    /// Of an absence: the last day that it names, mostly that of the return.
    pub returns_on: Option<NaiveDate>,
    /// What later messages may be tied by, once this one is tied: see [`Index::learn`].
    pub learnt: Learnt,
}

/// What a message teaches about the inquiry it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learnt {
    /// Message-IDs that later References may name.
    pub message_ids: Vec<String>,
    /// Ids of conversations: Mastodon status ids.
    pub threads: Vec<String>,
    /// Ticket numbers with the registrable domain that gave them.
    pub tickets: Vec<(String, String)>,
    /// By what its text is known again.
    pub text: Option<u64>,
}

/// Reads an inbound message. Never fails: what cannot be read is a reply without an inquiry,
/// which goes to review.
#[must_use]
pub fn read(raw: &[u8], format: RawFormat, received: Stamp, index: &Index) -> Reading {
    read_with(raw, format, received, index, Closing::default())
}

/// The same, where closing words and signatures are not to be kept apart as usual.
#[must_use]
pub fn read_with(raw: &[u8], format: RawFormat, received: Stamp, index: &Index, closing: Closing) -> Reading {
    let raw = &raw[..raw.len().min(BYTES_MAX)];
    // A parser of strangers' bytes that panics must not end the wave.
    let reading = catch_unwind(AssertUnwindSafe(|| match format {
        RawFormat::Mail => Some(Letter::open(raw, index, closing)?.read(received, index)),
        RawFormat::MastodonStatus => mastodon::read(raw, index),
        RawFormat::Note => Some(note(raw)),
    }));
    match reading {
        Ok(Some(reading)) => reading,
        Ok(None) => plain(String::from_utf8_lossy(raw).into_owned(), "unreadable"),
        Err(_) => plain(String::from_utf8_lossy(raw).into_owned(), "reader-panicked"),
    }
}

/// A person's words: what they are is said beside them.
fn note(raw: &[u8]) -> Reading {
    plain(String::from_utf8_lossy(raw).into_owned(), "note")
}

fn plain(text: String, because: &str) -> Reading {
    Reading {
        interpretation: Interpretation {
            kind: InboundKind::Reply,
            because: vec![because.to_owned()],
            inquiry: None,
            candidates: Vec::new(),
            status: None,
            confidence: Confidence::CERTAIN,
        },
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        named: Vec::new(),
        from: None,
        subject: None,
        new_text: text.clone(),
        text,
        greeting: None,
        signature: None,
        reason: None,
        returns_on: None,
        learnt: Learnt::default(),
    }
}

#[cfg(test)]
mod tests;
