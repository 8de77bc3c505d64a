//! What an inbound mail is: our own, a bounce, a machine's words, a mass mail, or a person's reply.

mod evidence;
mod mass;

pub(super) use evidence::Evidence;

use super::index::Index;
use super::mail::Mail;
use super::written::Written;
use super::{automatic, bounce, tie};
use crate::model::inbound::{Confidence, InboundKind};

/// How sure a rule is, in per cent, that says nothing else: one on header fields or structure.
const SURE: u32 = 98;
/// How sure a reply is that nothing marks as a machine's.
const NO_SIGN: u32 = 90;
/// How sure a rule is whose evidence may mean something else.
pub(super) const UNSURE: u32 = 40;

/// What a message was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    /// What it is.
    pub(super) kind: InboundKind,
    /// Names of the evidence, strongest first. Never words of the message.
    pub(super) because: Vec<String>,
    /// RFC 3463 status of a bounce.
    pub(super) status: Option<String>,
    /// How sure that is. Below [`Confidence::ENOUGH`] the evidence is too weak to count.
    pub(super) confidence: Confidence,
    /// It is unrelated only as long as nothing ties it to an inquiry.
    pub(super) unless_ours: bool,
}

impl Judged {
    pub(super) fn new(kind: InboundKind, because: &str) -> Self {
        Self {
            kind,
            because: vec![because.to_owned()],
            status: None,
            confidence: Confidence::percent(SURE),
            unless_ours: false,
        }
    }

    pub(super) fn and(mut self, because: &str) -> Self {
        self.because.push(because.to_owned());
        self
    }

    pub(super) fn with_status(mut self, status: Option<String>) -> Self {
        self.status = status;
        self
    }

    pub(super) fn sure_by(mut self, percent: u32) -> Self {
        self.confidence = Confidence::percent(percent);
        self
    }

    pub(super) fn unsure(self) -> Self {
        self.sure_by(UNSURE)
    }

    /// Mass mail that came to us after all: it may hold an answer, and a person must look.
    pub(super) fn may_be_a_reply(mut self) -> Self {
        self.kind = InboundKind::Reply;
        self.unsure()
    }

    /// Whether a person must look before it counts.
    pub(super) fn is_unsure(&self) -> bool {
        self.confidence < Confidence::ENOUGH
    }

    /// Whether it counts as a person's reply.
    pub(super) fn is_a_sure_reply(&self) -> bool {
        self.kind == InboundKind::Reply && !self.is_unsure()
    }

    pub(super) fn unless_ours(mut self) -> Self {
        self.unless_ours = true;
        self
    }
}

/// Judges a mail. Structure goes before header fields, header fields before words.
pub(super) fn judge(mail: &Mail, written: &Written, index: &Index) -> Judged {
    let mut judged = own_copy(mail, index)
        .or_else(|| bounce::by_report(mail, index))
        .or_else(|| bounce::by_signs(mail, written, index))
        .unwrap_or_else(|| {
            let said = automatic::Said::of(mail, written);
            automatic::judge(mail, written, &said)
                .or_else(|| mass::judge(mail, written, &said, index))
                .unwrap_or_else(|| reply(mail, index))
        });
    if mail.cut {
        judged = judged.and("parts-left-out");
    }
    judged
}

/// Our own message, seen again: a sent copy, or what a company's system sent back to us whole.
fn own_copy(mail: &Mail, index: &Index) -> Option<Judged> {
    if mail.message_id.as_deref().is_some_and(|id| index.is_own_message(id)) {
        return Some(Judged::new(InboundKind::OwnCopy, "own-message-id"));
    }
    let from = mail.sender();
    if !index.is_own_address(from) {
        return None;
    }
    let named = mail.in_reply_to.iter().chain(&mail.references).flat_map(|id| index.by_message_id(id));
    let inquiries: Vec<u32> = index.by_alias(from).iter().chain(named).copied().collect();
    tie::is_our_text(&mail.text, index, &inquiries)
        .then(|| Judged::new(InboundKind::OwnCopy, "from=own-address").and("own-text"))
}

/// What nothing marks as a machine's: a person's reply, as far as we can see.
fn reply(mail: &Mail, index: &Index) -> Judged {
    let judged = Judged::new(InboundKind::Reply, "no-sign-of-a-machine").sure_by(NO_SIGN);
    match mail.marks.precedence.as_deref() {
        // From our own address, but not our words: forged, or a person's follow-up.
        _ if index.is_own_address(mail.sender()) => judged.and("from=own-address").unsure(),
        Some("bulk" | "list" | "junk") => judged.and("precedence-proves-nothing"),
        _ => judged,
    }
}
