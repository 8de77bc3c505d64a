//! What comes back: raw, and what it was taken for.

use super::ids::InquiryId;
use super::time::Stamp;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// An inbound message as a source found it, before anybody read meaning into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawInbound {
    /// Where it lay, unique within its source: `INBOX/uidvalidity/uid`, a file's name, a status id.
    pub locator: String,
    /// What the bytes are.
    pub format: RawFormat,
    /// The bytes, as received.
    pub bytes: Bytes,
    /// When it arrived.
    pub received: Stamp,
    /// Whether it lay in a spam folder.
    pub in_spam: bool,
}

/// What raw bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawFormat {
    /// An Internet message (RFC 5322).
    Mail,
    /// A Mastodon status, JSON as the API gave it.
    MastodonStatus,
    /// What a person typed, UTF-8.
    Note,
}

/// What an inbound message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundKind {
    /// The message could not be delivered, for good.
    Bounce,
    /// The message is late; the other side still tries.
    DelayNotice,
    /// A machine says "received".
    Acknowledgement,
    /// A machine says "away".
    OutOfOffice,
    /// A machine wants a proof first that a person wrote.
    Challenge,
    /// A program answers.
    BotReply,
    /// A person says something, in writing or on the telephone.
    Reply,
    /// A call that nobody took.
    MissedCall,
    /// Mass mail that somebody put us on the list of.
    Newsletter,
    /// "How did we do?"
    Survey,
    /// What nobody asked for, as a filter says.
    Spam,
    /// Our own message, seen again (sent copy, own post).
    OwnCopy,
    /// Nothing that concerns the study.
    Unrelated,
}

impl InboundKind {
    /// Whether it can say something about an inquiry, so that a person must tie it where evidence
    /// does not.
    #[must_use]
    pub const fn concerns_us(self) -> bool {
        match self {
            Self::Bounce
            | Self::DelayNotice
            | Self::Acknowledgement
            | Self::OutOfOffice
            | Self::Challenge
            | Self::BotReply
            | Self::Reply
            | Self::MissedCall => true,
            Self::Newsletter | Self::Survey | Self::Spam | Self::OwnCopy | Self::Unrelated => false,
        }
    }
}

/// How sure an interpretation is of its kind, in per cent. Below [`Confidence::ENOUGH`] a person
/// must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(u8);

impl Confidence {
    /// What a person said, or what cannot be otherwise.
    pub const CERTAIN: Self = Self(100);
    /// Below this, a message waits in review.
    pub const ENOUGH: Self = Self(60);

    /// So many per cent, at most 99: no rule is certain.
    #[must_use]
    pub fn percent(value: u32) -> Self {
        Self(u8::try_from(value.min(99)).unwrap_or(99))
    }

    /// In per cent.
    #[must_use]
    pub const fn as_percent(self) -> u8 {
        self.0
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::CERTAIN
    }
}

/// How a message was tied to an inquiry, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// A person said so.
    Person,
    /// It came to the inquiry's own address.
    Alias,
    /// It names our Message-ID (In-Reply-To, References, or the report's returned headers).
    MessageId,
    /// It continues a known conversation.
    Thread,
    /// It carries a ticket number that an earlier message of the inquiry gave.
    Ticket,
    /// The sender's domain, the quoted question and the time fit.
    DomainAndQuote,
}

/// What intake made of an inbound message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interpretation {
    /// What it is.
    pub kind: InboundKind,
    /// Why it was taken for that: short names of evidence, strongest first (`report-type=delivery-status`).
    pub because: Vec<String>,
    /// Which inquiry it answers, and how we know; `None` leaves it to review.
    pub inquiry: Option<(InquiryId, Tie)>,
    /// Inquiries that it might answer, when that is not clear.
    pub candidates: Vec<InquiryId>,
    /// RFC 3463 status of a bounce.
    pub status: Option<String>,
    /// How sure it is of the kind. Interpretations from before it was recorded count as certain.
    #[serde(default)]
    pub confidence: Confidence,
}

impl Interpretation {
    /// Whether a person must look at it before it can count.
    #[must_use]
    pub fn needs_review(&self) -> bool {
        self.inquiry.is_none() && (self.kind.concerns_us() || self.confidence < Confidence::ENOUGH)
    }
}
