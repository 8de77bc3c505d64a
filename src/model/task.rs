//! What waits for a person, and what a person says was done or seen.

use super::channel::Channel;
use super::ids::{InboundId, InquiryId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Something only a person can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Send this message: an assisted channel, or one where the machine was blocked.
    Send {
        /// The inquiry.
        inquiry: InquiryId,
        /// The message: 0 is the first, then the reminders.
        message: u32,
        /// Since when it is due.
        due: DateTime<Utc>,
    },
    /// Look whether a reply has come on a channel that no machine watches.
    Check {
        /// The inquiry.
        inquiry: InquiryId,
        /// Since when it is due: the end of the observation window, or a threshold.
        due: DateTime<Utc>,
    },
    /// Answer what the company asks back, once, with the study's text.
    AnswerBack {
        /// The inquiry.
        inquiry: InquiryId,
        /// The reply that asks back.
        inbound: InboundId,
        /// Since when it is due: the moment the reply came.
        due: DateTime<Utc>,
    },
    /// The company seems to ask to be left alone: stop, or say that it does not.
    LeaveAlone {
        /// The inquiry.
        inquiry: InquiryId,
        /// The reply that asks for it.
        inbound: InboundId,
        /// Since when it is due: the moment the reply came.
        due: DateTime<Utc>,
    },
}

/// What a person says was done or seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// The message it is about: 0 is the first.
    pub message: u32,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The channel it happened on.
    pub via: Channel,
    /// What.
    pub what: Said,
    /// In the person's words: the text of a reply, what was said on the telephone, a remark.
    pub note: Option<String>,
}

/// What a person did or saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Sent the message.
    Sent,
    /// Found that it cannot be sent.
    Impossible,
    /// Saw that the company had seen it.
    Seen,
    /// Looked, and found nothing new.
    Checked,
    /// Saw a reply of a person.
    Reply,
    /// Saw an automatic acknowledgement.
    Acknowledgement,
    /// Saw a program's answer.
    BotReply,
    /// Took a call.
    Call,
    /// Missed a call.
    MissedCall,
    /// Saw a promise kept.
    Kept,
    /// Saw a promise broken.
    Broken,
    /// Answered what the company had asked back, with the study's text.
    AnsweredBack,
}

/// Somebody who does tasks. In a live wave it is a human being with `risposta record`; in a
/// rehearsal the town simulates one, through the same records.
pub trait Person: Send {
    /// What the person says at `now`, given all tasks that are open.
    fn act(&mut self, now: DateTime<Utc>, tasks: &[Task]) -> Vec<Record>;
}

impl Task {
    /// Since when it is due.
    #[must_use]
    pub const fn due(&self) -> DateTime<Utc> {
        match self {
            Self::Send { due, .. }
            | Self::Check { due, .. }
            | Self::AnswerBack { due, .. }
            | Self::LeaveAlone { due, .. } => *due,
        }
    }

    /// The inquiry it is about.
    #[must_use]
    pub const fn inquiry(&self) -> &InquiryId {
        match self {
            Self::Send { inquiry, .. }
            | Self::Check { inquiry, .. }
            | Self::AnswerBack { inquiry, .. }
            | Self::LeaveAlone { inquiry, .. } => inquiry,
        }
    }
}
