//! A study as it was meant: every reference resolved, every bound checked. Made by `scenario/` alone.

mod accounts;
mod clusters;
pub mod codebook;
mod companies;
mod design;
mod discovered;
mod publish;
mod recipe;
mod rehearsal;

pub use accounts::*;
pub use codebook::{CodeItem, Codebook, ItemKind};
pub use companies::*;
pub use design::*;
pub use discovered::*;
pub use publish::*;
pub use recipe::*;
pub use rehearsal::*;

use super::ids::{AccountId, CompanyId, PersonaId, QuestionId, StudyId};
use super::time::Span;
use serde::{Deserialize, Serialize};

/// One experiment: who asks whom what, through which channels, when, and what is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Its id, which names its folder of results.
    pub id: StudyId,
    /// What a report calls it.
    pub title: String,
    /// ISO 639-1 code of the language the questions are asked in.
    pub language: String,
    /// Seed of every random choice of the plan.
    pub seed: u64,
    /// Why it is allowed, and how much it may burden.
    pub conduct: Conduct,
    /// How the companies were chosen.
    pub sample: Option<Sample>,
    /// Mail accounts; a persona names the one it uses.
    pub mailboxes: Vec<Mailbox>,
    /// Mastodon accounts; a persona names the one it uses.
    pub mastodon: Vec<MastodonAccount>,
    /// Who asks. At least one.
    pub personas: Vec<Persona>,
    /// What is asked. At least one.
    pub questions: Vec<Question>,
    /// Who is asked.
    pub companies: Vec<Company>,
    /// How companies, channels and moments are combined.
    pub design: Design,
    /// Times within which a reply is counted, ascending.
    pub thresholds: Vec<Span>,
    /// The one comparison that is confirmatory; all else is exploratory.
    pub primary: Option<Primary>,
    /// What was decided in advance about unclear cases.
    pub rules: Rules,
    /// What may be published.
    #[serde(default, skip_serializing_if = "Publish::is_default")]
    pub publish: Publish,
    /// What raters are asked about each reply.
    #[serde(default, skip_serializing_if = "Codebook::is_default")]
    pub codebook: Codebook,
    /// How the simulated companies of a rehearsal behave.
    pub rehearsal: Rehearsal,
}

/// Purpose, basis and burden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conduct {
    /// Why the study is done: `public-interest`, `client-audit`, `research`, …
    pub purpose: String,
    /// Who approved it, and under which number.
    pub approval: Option<String>,
    /// Most messages one company gets in a wave, reminders included.
    pub max_messages_per_company: u32,
    /// Most messages one group gets in a wave.
    pub max_messages_per_group: Option<u32>,
    /// How web sites are told who visits them to look for contact points; Risposta's own name where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// How the companies were chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The list they were taken from, with its date.
    pub frame: String,
    /// How: `random`, `all`, `convenience`.
    pub selected: String,
    /// Whether a company that drops out is replaced: `never`, …
    pub replace: String,
}

/// What the asker wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// A possible customer.
    PreSale,
    /// A customer with a question.
    Support,
    /// A customer with a complaint.
    Complaint,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// What the asker wants.
    pub intent: Option<Intent>,
    /// Template of the subject, for channels that have one.
    pub subject: String,
    /// Templates of the text: the first, then equivalent wordings.
    pub wordings: Vec<Wording>,
    /// What a full answer contains.
    pub answer_has: Vec<String>,
    /// What is answered, once, when the company asks back.
    pub if_asked_back: Option<String>,
    /// Template of a reminder; a plain one in the study's language where none is given.
    pub reminder: Option<String>,
}

/// One way to put a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// `a` for the text in place, then `b`, `c`, … or the file's name.
    pub name: String,
    /// Template of the text.
    pub text: String,
}

impl Study {
    /// The company of that id.
    #[must_use]
    pub fn company(&self, id: &CompanyId) -> Option<&Company> {
        self.companies.iter().find(|c| c.id == *id)
    }

    /// The question of that id.
    #[must_use]
    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == *id)
    }

    /// The persona of that id.
    #[must_use]
    pub fn persona(&self, id: &PersonaId) -> Option<&Persona> {
        self.personas.iter().find(|p| p.id == *id)
    }

    /// The mailbox of that id.
    #[must_use]
    pub fn mailbox(&self, id: &AccountId) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|m| m.id == *id)
    }
}
