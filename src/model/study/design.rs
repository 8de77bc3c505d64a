//! How companies, channels and moments are combined, and what was decided in advance.

use crate::model::channel::Channel;
use crate::model::time::Span;
use serde::{Deserialize, Serialize};

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
    /// Within what parallel groups are compared; as a whole where nothing is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratify: Option<Stratify>,
}

/// Within what parallel groups are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratify {
    /// Within each industry, so that an industry that answers more does not pass for its channel.
    Industry,
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
