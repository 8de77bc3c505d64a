//! How to send: one folder a channel, each behind the trait [`Sender`].

pub mod email;
pub mod mastodon;
pub mod web_form;

use crate::model::ids::AccountId;
use crate::model::outcome::Outcome;
use crate::model::plan::{PlannedInquiry, PlannedMessage};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// What came of a try, in the peer's own words. The journal keeps the words as payloads.
pub type Ended = Outcome<String>;

/// A piece of evidence: raw bytes as they went over the wire or came from a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is: `page`, `request`, `response`, `message`.
    pub label: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// One message to deliver.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The inquiry it belongs to.
    pub inquiry: &'a PlannedInquiry,
    /// The message.
    pub message: &'a PlannedMessage,
    /// The Message-ID of the inquiry's first message, for a reminder's thread.
    pub in_reply_to: Option<&'a str>,
    /// The receipt of the inquiry's first message (a status id), for a reminder's thread.
    pub first_receipt: Option<&'a str>,
}

/// A channel on which Risposta itself can send.
///
/// Delivery has two steps, so that the intent is durable before the effect:
/// [`prepare`](Sender::prepare) may read (a form's page, an instance's limits) but submits
/// nothing; the journal then commits the start; only then [`Prepared::deliver`] runs.
#[async_trait]
pub trait Sender: Send + Sync {
    /// The account that messages leave from; one that fails pauses.
    fn account(&self) -> &AccountId;

    /// The account that this inquiry's messages leave from, where a sender has several.
    fn account_of(&self, _inquiry: &PlannedInquiry) -> &AccountId {
        self.account()
    }

    /// Whether all is at hand that these inquiries take. Reads only, and reaches nobody.
    ///
    /// # Errors
    /// In words: what is missing on our side, and what to do.
    async fn ready(&self, _inquiries: &[&PlannedInquiry]) -> Result<(), String> {
        Ok(())
    }

    /// Reads what is needed and makes the bytes. Submits nothing.
    ///
    /// # Errors
    /// A refusal: the outcome (never `Accepted`), and what was read.
    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused>;

    /// Ends what it started, where it started anything: called when a wave stops.
    async fn close(&self) {}

    /// Whether the account itself can show what has left: see [`look_back`](Sender::look_back).
    fn looks_back(&self) -> bool {
        false
    }

    /// Whether a message whose delivery broke off had left, by what the account itself shows. Reads
    /// only. Asked some time after `since`, the attempt's start, so that nothing is still on its way.
    async fn look_back(&self, _outgoing: Outgoing<'_>, _since: DateTime<Utc>) -> Trace {
        Trace::CannotSay
    }
}

/// What an account shows of a message whose delivery broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// Neither that it left nor that it did not.
    CannotSay,
    /// It stands among our own messages.
    Left {
        /// The other side's name for it.
        receipt: String,
        /// What was read.
        evidence: Vec<Evidence>,
    },
    /// It does not stand where it would: it never left.
    NeverLeft {
        /// What was read.
        evidence: Vec<Evidence>,
    },
}

/// A delivery that needs only to be let go.
#[async_trait]
pub trait Prepared: Send {
    /// SHA-256 in hex of the bytes that will leave, where they are ours.
    fn bytes_sha256(&self) -> Option<String>;

    /// What was read in preparation.
    fn evidence(&self) -> Vec<Evidence>;

    /// Lets it go. Every step has a time limit; whatever happens, the outcome says in which
    /// phase, and anything after the first byte that could deliver it is at best `InDoubt`.
    async fn deliver(self: Box<Self>) -> Delivered;
}

/// How a delivery ended, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// How.
    pub outcome: Ended,
    /// Request, response, page.
    pub evidence: Vec<Evidence>,
}

/// Why nothing was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The outcome: deferred, rejected, blocked or our account's failure.
    pub outcome: Ended,
    /// What was read.
    pub evidence: Vec<Evidence>,
}

impl From<Ended> for Refused {
    fn from(outcome: Ended) -> Self {
        Self { outcome, evidence: Vec::new() }
    }
}
