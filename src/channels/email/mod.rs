//! E-mail: how a question leaves through the persona's own submission server.
//!
//! [`letter`] makes the bytes, [`mod@line`] opens the connection and logs in, [`submission`] hands the
//! letter over and says what came of it, [`dialogue`] speaks SMTP turn by turn, [`verdict`] reads
//! the server's answers.

mod dialogue;
mod letter;
mod line;
mod submission;
mod verdict;

pub use submission::Limits;

use super::{Delivered, Ended, Evidence, Outgoing, Prepared, Refused, Sender};
use crate::clock::Clock;
use crate::model::ids::{AccountId, CompanyId, PersonaId};
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::study::{Mailbox, Study, Target};
use crate::net::Dialer;
use async_trait::async_trait;
use letter::{Letter, Words};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use submission::Submission;

/// Sends through one mail account.
pub struct EmailSender {
    submission: Arc<Submission>,
    address: String,
    copy: bool,
    personas: BTreeMap<PersonaId, String>,
    zones: BTreeMap<CompanyId, chrono_tz::Tz>,
}

impl EmailSender {
    /// A sender for `mailbox`; `None` where the mailbox has no submission server.
    /// `password` has been read already; without one there is no login.
    #[must_use]
    pub fn new(
        study: &Study,
        mailbox: &Mailbox,
        password: Option<SecretString>,
        dialer: Dialer,
        clock: Clock,
    ) -> Option<Self> {
        let submission = Submission {
            account: mailbox.id.clone(),
            server: mailbox.smtp.clone()?,
            user: mailbox.user.clone(),
            password,
            ca_file: mailbox.ca_file.clone(),
            dialer,
            clock,
            limits: Limits::default(),
        };
        Some(Self {
            submission: Arc::new(submission),
            address: mailbox.address.clone(),
            copy: mailbox.copy,
            personas: study.personas.iter().map(|p| (p.id.clone(), p.name.clone())).collect(),
            zones: study.companies.iter().map(|c| (c.id.clone(), c.timezone)).collect(),
        })
    }

    /// The same sender with other time limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.submission = Arc::new(Submission { limits, ..self.submission.as_ref().clone() });
        self
    }

    fn letter(&self, outgoing: &Outgoing<'_>) -> Result<Letter, Ended> {
        let inquiry = outgoing.inquiry;
        let Target::Email { address } = &inquiry.target else {
            let detail = format!("{} has no e-mail address", inquiry.id);
            return Err(Outcome::Blocked(Failure::new(Phase::Prepare, detail)));
        };
        let zone = self.zones.get(&inquiry.company).copied().unwrap_or(chrono_tz::UTC);
        letter::write(&Words {
            // The alias is header sender and envelope sender: replies and bounces both come to it.
            from: inquiry.reply_to.as_deref().unwrap_or(&self.address),
            name: self.personas.get(&inquiry.persona).map_or("", String::as_str),
            to: address,
            copy_to: self.copy.then_some(self.address.as_str()),
            subject: &outgoing.message.subject,
            text: &outgoing.message.text,
            message_id: &outgoing.message.message_id,
            in_reply_to: outgoing.in_reply_to,
            // A neighbour writes in the neighbour's time: the company's zone.
            date: self.submission.clock.now().with_timezone(&zone).fixed_offset(),
        })
        .map_err(|why| Outcome::Blocked(Failure::new(Phase::Prepare, why)))
    }
}

#[async_trait]
impl Sender for EmailSender {
    fn account(&self) -> &AccountId {
        &self.submission.account
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let letter = self.letter(&outgoing)?;
        Ok(Box::new(Sealed { letter, submission: self.submission.clone() }))
    }
}

/// A letter whose bytes are fixed.
struct Sealed {
    letter: Letter,
    submission: Arc<Submission>,
}

#[async_trait]
impl Prepared for Sealed {
    fn bytes_sha256(&self) -> Option<String> {
        Some(hex::encode(Sha256::digest(&self.letter.bytes)))
    }

    fn evidence(&self) -> Vec<Evidence> {
        vec![Evidence { label: "message", bytes: self.letter.bytes.clone() }]
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        Delivered { outcome: self.submission.submit(&self.letter).await, evidence: Vec::new() }
    }
}
