//! A study as it was meant: every reference resolved, every bound checked. Made by `scenario/` alone.

use super::channel::Channel;
use super::ids::{AccountId, CompanyId, GroupId, PersonaId, QuestionId, StudyId};
use super::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

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

/// Where a secret comes from. The secret itself is read only when an account is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// An environment variable's name.
    Env(String),
    /// A file's path, absolute or beside the study.
    File(String),
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain text, then STARTTLS before anything private.
    Starttls,
    /// No protection; refused unless the server is on loopback.
    Plain,
}

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Host name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
}

/// How an inquiry gets an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AliasKind {
    /// Any local part of the domain arrives: human-looking names.
    CatchAll,
    /// `local+tag@domain`.
    Plus,
    /// The address is always the same; ids, domain and quoted text decide.
    None,
}

/// A mail account: we send from it and watch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Its id.
    pub id: AccountId,
    /// The address questions are asked from.
    pub address: String,
    /// How inquiries get addresses of their own.
    pub alias: AliasKind,
    /// Submission server; `None` for a mailbox that only receives.
    pub smtp: Option<Server>,
    /// Where replies arrive.
    pub inbox: Inbox,
    /// User name of the servers; the address where none is given.
    pub user: String,
    /// Password of both servers.
    pub password: Option<SecretSource>,
    /// Own certificate authority (PEM file), for servers that no public one vouches for.
    pub ca_file: Option<String>,
}

/// Where a mail account's replies arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inbox {
    /// An IMAP server. `spam` names the spam folder where SPECIAL-USE does not.
    Imap {
        /// The server.
        server: Server,
        /// The spam folder's name.
        spam: Option<String>,
        /// Folders watched beside INBOX and spam.
        folders: Vec<String>,
    },
    /// A Maildir on this machine; subfolders named `.Junk` or `.Spam` are read too.
    Maildir {
        /// Its path.
        path: String,
    },
}

/// A Mastodon (or compatible) account of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MastodonAccount {
    /// Its id.
    pub id: AccountId,
    /// The instance's address.
    pub instance: Url,
    /// The access token.
    pub token: SecretSource,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Its id.
    pub id: PersonaId,
    /// Full name, as a person would sign.
    pub name: String,
    /// Telephone number that forms get.
    pub phone: Option<String>,
    /// The mail account it writes from; needed for e-mail and web forms.
    pub mailbox: Option<AccountId>,
    /// The Mastodon account it writes from.
    pub mastodon: Option<AccountId>,
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

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name, as a report prints it.
    pub name: String,
    /// Its industry.
    pub industry: Option<String>,
    /// The holding, franchise or call centre it belongs to.
    pub group: Option<GroupId>,
    /// Its time zone.
    pub timezone: chrono_tz::Tz,
    /// Opening hours in OpenStreetMap syntax.
    pub hours: Option<String>,
    /// ISO 3166-1 alpha-2 code, for public holidays.
    pub country: Option<String>,
    /// The questions it gets, and how often.
    pub asks: Vec<Ask>,
    /// Values for the question's template.
    pub vars: BTreeMap<String, String>,
    /// Where it can be reached, in the order the study lists them.
    pub contact_points: Vec<ContactPoint>,
    /// Channels that were looked for and are not offered.
    pub not_offered: Vec<Channel>,
    /// The persona that asks it; assigned in rotation where none is named.
    pub persona: Option<PersonaId>,
}

/// A question to a company, and how often it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The question.
    pub question: QuestionId,
    /// Number of repetitions on each channel, at least 1.
    pub times: u32,
}

/// One address of a company on one channel. At most one a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPoint {
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub target: Target,
}

/// An address on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An e-mail address.
    Email {
        /// The address, `local@domain`.
        address: String,
    },
    /// A page with a contact form.
    WebForm(FormTarget),
    /// An account on Mastodon.
    Mastodon {
        /// `user@instance`, without a leading `@`.
        handle: String,
        /// Who can read the question.
        visibility: Visibility,
    },
    /// A page, number or account that a person writes to.
    Assisted {
        /// Handle, number or page name.
        handle: String,
        /// Where the person goes.
        link: Option<Url>,
        /// Who can read the question.
        visibility: Visibility,
    },
}

/// Who can read a question on a social channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody: a post, a comment.
    Public,
    /// The company alone: a direct message.
    Private,
}

/// A contact form and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormTarget {
    /// The page that holds the form.
    pub url: Url,
    /// CSS selector of the form; detected where none is given.
    pub form: Option<String>,
    /// What to write where: form field name (or CSS selector) → template or role.
    /// A role is one of `name`, `email`, `phone`, `subject`, `message`, `consent`.
    pub fields: BTreeMap<String, String>,
    /// What proves that the form was taken.
    pub success: Option<FormSuccess>,
}

/// What proves that a form was taken. All that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSuccess {
    /// Text that the answer's page shows.
    pub text: Option<String>,
    /// CSS selector that the answer's page matches.
    pub selector: Option<String>,
    /// Text that the final address contains.
    pub url: Option<String>,
}

/// How companies, channels and moments are combined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// Channel groups to compare, in the order the study lists them.
    pub compare: Vec<ChannelGroup>,
    /// Which of its channels each company is asked on.
    pub per_company: PerCompany,
    /// The order of a company's channels.
    pub order: Order,
    /// When a message may leave, in the company's time: OpenStreetMap opening-hours syntax.
    pub send: String,
    /// How long an inquiry is watched, from its first accepted attempt.
    pub window: Span,
    /// Time between two inquiries to the same company.
    pub washout: Span,
    /// Reminders to those who stay silent.
    pub reminders: Option<Reminders>,
    /// How fast messages leave.
    pub pacing: Pacing,
    /// Most attempts to deliver one message.
    pub attempts_max: u32,
}

/// Channels that are compared as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelGroup {
    /// Its name: `own`, `outside`.
    pub name: String,
    /// Its channels.
    pub channels: Vec<Channel>,
}

/// Which of its channels a company is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerCompany {
    /// All it offers.
    All,
    /// One, drawn at random, of each channel group that is compared.
    OneOfEach,
    /// That many, drawn at random.
    Some(u32),
    /// One, drawn at random: parallel groups.
    OneChannel,
}

/// The order of a company's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As the study lists them, which confounds order with channel.
    Listed,
    /// Drawn for each company.
    Random,
    /// Balanced over companies: each channel in each position about equally often.
    LatinSquare,
}

/// Reminders to those who stay silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminders {
    /// Most reminders of one inquiry.
    pub max: u32,
    /// Time between the first message and a reminder, and between reminders.
    pub every: Span,
}

/// How fast messages leave: least time between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pacing {
    /// Anywhere.
    pub total: Span,
    /// On one channel.
    pub channel: Span,
    /// To one host.
    pub host: Span,
}

/// What counts as success in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A person replied.
    Replied,
    /// A person replied adequately.
    Adequate,
}

/// The one comparison that is confirmatory: `adequate within 7d, own vs outside`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Primary {
    /// What counts.
    pub measure: Measure,
    /// Within how long; one of the thresholds.
    pub within: Span,
    /// Channel group or channel on the left.
    pub left: String,
    /// Channel group or channel on the right.
    pub right: String,
}

/// What was decided in advance about unclear cases; frozen with the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// A reply that comes on another channel than was asked.
    pub reply_elsewhere: ReplyElsewhere,
    /// A call that nobody took.
    pub missed_call: MissedCall,
    /// A message that became overdue while nothing ran.
    pub late: Late,
}

/// A reply that comes on another channel than was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyElsewhere {
    /// It counts for the channel that was asked.
    CreditAskedChannel,
    /// It is shown and not counted.
    DoNotCount,
}

/// A call that nobody took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedCall {
    /// A reply, but no adequate one.
    ContactNotAdequate,
    /// Nothing.
    Ignore,
}

/// A message that became overdue while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// It is sent in the next send window, and the journal says how late.
    Send,
    /// It is not sent: the inquiry is `NotAsked`.
    Skip,
}

/// How simulated companies behave: the first rule that fits an inquiry decides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// Rules in order; defaults where none fits.
    pub behaviours: Vec<BehaviourRule>,
}

/// A behaviour and the inquiries it holds for. An empty list of names means any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BehaviourRule {
    /// Companies it holds for.
    pub companies: Vec<CompanyId>,
    /// Channels it holds for.
    pub channels: Vec<Channel>,
    /// Questions it holds for.
    pub questions: Vec<QuestionId>,
    /// What such a company does.
    pub behaviour: Behaviour,
}

/// What a simulated company does with a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Probability that a person replies, 0 to 1.
    pub reply: f64,
    /// Median time to that reply; times are log-normal.
    pub delay_median: Span,
    /// Spread of the delay: standard deviation of its natural logarithm. 0 = always the median.
    pub delay_spread: f64,
    /// Probability of an automatic acknowledgement, within a minute.
    pub acknowledge: f64,
    /// Probability that e-mail bounces.
    pub bounce: f64,
    /// Probability that the reply lands in the spam folder.
    pub spam: f64,
    /// What a reply says.
    pub says: Vec<Says>,
}

/// What a simulated reply says; drawn in equal shares from a behaviour's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// The answer.
    Answer,
    /// Part of the answer.
    Partial,
    /// "Come and see us", "call us".
    Redirect,
    /// "We will call you back", and nobody does.
    PromiseBroken,
    /// "We will call you back", and somebody does, a day later.
    PromiseKept,
    /// The same text to everybody.
    Canned,
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
