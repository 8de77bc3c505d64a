//! What an inbound mail is: our own, a bounce, a machine's words, a mass mail, or a person's reply.

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
const UNSURE: u32 = 40;

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
            automatic::judge(mail, &said)
                .or_else(|| mass_mail(mail, written, &said, index))
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

/// What a filter called spam, surveys, newsletters and lists. A filter's word alone takes no reply
/// away from a company: where the mail came to an inquiry's own address or names our message, it
/// counts. Mass mail that is tied to an inquiry is what the company put us on a list for, if it says
/// so itself; else it may hold an answer, and a person looks.
fn mass_mail(mail: &Mail, written: &Written, said: &automatic::Said, index: &Index) -> Option<Judged> {
    let answers = !mail.in_reply_to.is_empty() || !mail.references.is_empty();
    if mail.marks.spam || subject_says_spam(mail) {
        let to_own_alias = mail.recipients.iter().any(|address| !index.by_alias(address).is_empty());
        let named = mail.in_reply_to.iter().chain(&mail.references).any(|id| !index.by_message_id(id).is_empty());
        if mail.marks.list.is_none() && (to_own_alias || named) {
            return Some(reply(mail, index).and("spam-flag"));
        }
        return Some(Judged::new(InboundKind::Spam, "spam-flag").sure_by(80).unless_ours());
    }
    if let Some(judged) = automatic::survey(mail, &written.text, said) {
        return Some(judged);
    }
    // Mass mail has a way out, and that is a link.
    let linked = mail.text.contains("://");
    let says = if answers || !linked && mail.marks.list.is_none() { 0 } else { automatic::says_mass_mail(&mail.text) };
    let mass_sender = || automatic::is_mass_sender(mail.sender());
    match mail.marks.list.filter(|_| !answers) {
        Some(list) if says >= 2 => Some(Judged::new(InboundKind::Newsletter, list).and("words=mass-mail")),
        Some(list) => Some(Judged::new(InboundKind::Newsletter, list).sure_by(80).unless_ours()),
        None if answers => None,
        None if linked && mass_sender() => {
            // The address alone may be whose form was asked: a person looks.
            let sure = if says >= 1 { 80 } else { UNSURE };
            Some(Judged::new(InboundKind::Newsletter, "sender=mass-mail").sure_by(sure).unless_ours())
        }
        // Nobody puts three ways out of a list around a letter of his own. Two he may speak of, or quote.
        None if says >= 3
            || (says == 2 && written.greeting.is_none() && automatic::says_mass_mail(&written.text) == 2) =>
        {
            Some(Judged::new(InboundKind::Newsletter, "words=mass-mail").sure_by(70).unless_ours())
        }
        None => None,
    }
}

/// A filter on our side wrote it before the subject.
fn subject_says_spam(mail: &Mail) -> bool {
    let subject = mail.subject.as_deref().unwrap_or_default().trim_start().to_ascii_lowercase();
    ["[spam]", "***spam***", "*****spam*****", "{spam?}", "[spam?]", "spam:"]
        .iter()
        .any(|mark| subject.starts_with(mark))
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
