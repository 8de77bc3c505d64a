//! The frozen plan of a wave: which inquiry, when, in which order, with which words.

use super::channel::Channel;
use super::ids::{AccountId, CompanyId, InquiryId, PersonaId, QuestionId, WaveId};
use super::study::{Study, Target};
use super::time::Span;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Version of `plan.json`.
pub const PLAN_FORMAT: u32 = 1;

/// Everything a wave will do, frozen before it starts. The same study, seed, wave id, start and
/// release of Risposta give the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this format: [`PLAN_FORMAT`].
    pub format: u32,
    /// Risposta's version.
    pub risposta: String,
    /// The wave.
    pub wave: WaveId,
    /// No message leaves before this moment.
    pub start: DateTime<Utc>,
    /// The study as it was when the plan was made. It names where secrets are, never what they are.
    pub study: Study,
    /// The inquiries, by the moment they are due, then by id.
    pub inquiries: Vec<PlannedInquiry>,
}

/// One inquiry: company × channel × question × repetition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedInquiry {
    /// Its id.
    pub id: InquiryId,
    /// Who is asked.
    pub company: CompanyId,
    /// Through which channel.
    pub channel: Channel,
    /// What.
    pub question: QuestionId,
    /// Which repetition, from 1.
    pub repetition: u32,
    /// Who asks.
    pub persona: PersonaId,
    /// Name of the wording.
    pub wording: String,
    /// Position among the company's inquiries, from 1.
    pub position: u32,
    /// Where it goes.
    pub target: Target,
    /// The address that replies come to; an alias of its own where the mailbox allows it.
    pub reply_to: Option<String>,
    /// Whether `reply_to` belongs to this inquiry alone.
    pub reply_to_is_own: bool,
    /// The first message, then the reminders.
    pub messages: Vec<PlannedMessage>,
}

/// One message, frozen word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMessage {
    /// When it is due.
    pub due: Due,
    /// Our own Message-ID, without angle brackets; shared by all attempts.
    pub message_id: String,
    /// The subject, for channels that have one.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Fingerprint of the text: see [`crate::plan::fingerprint`].
    pub fingerprint: String,
}

/// When a message is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// At that moment.
    At(DateTime<Utc>),
    /// That long after the first accepted attempt, in the next send window, if nobody has replied.
    AfterFirstAccepted(Span),
}

impl Plan {
    /// The inquiry of that id.
    #[must_use]
    pub fn inquiry(&self, id: &InquiryId) -> Option<&PlannedInquiry> {
        self.inquiries.iter().find(|i| i.id == *id)
    }

    /// The account of ours at which answers to an inquiry arrive.
    #[must_use]
    pub fn answers_arrive_at(&self, planned: &PlannedInquiry) -> Option<&AccountId> {
        let persona = self.study.persona(&planned.persona)?;
        if planned.channel.replies_by_mail() { persona.mailbox.as_ref() } else { persona.mastodon.as_ref() }
    }

    /// Where messages would go that no person has confirmed: company and channel, in the study's order.
    #[must_use]
    pub fn unconfirmed(&self) -> Vec<(&CompanyId, Channel)> {
        let asked: HashSet<_> = self.inquiries.iter().map(|i| (&i.company, i.channel)).collect();
        let points = self.study.companies.iter().flat_map(|c| c.contact_points.iter().map(|p| (&c.id, p)));
        let open = points.filter(|(_, point)| !point.confirmed).map(|(id, point)| (id, point.channel));
        open.filter(|point| asked.contains(point)).collect()
    }

    /// Whether this wave is a rehearsal's.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.wave.is_rehearsal()
    }
}

impl PlannedInquiry {
    /// When its first message is due.
    #[must_use]
    pub fn first_due(&self) -> Option<DateTime<Utc>> {
        match self.messages.first()?.due {
            Due::At(at) => Some(at),
            Due::AfterFirstAccepted(_) => None,
        }
    }
}
