//! What the journal records. Events hold no personal data: words are behind [`Payload`]s.

use super::answer::Suggestions;
use super::channel::Channel;
use super::ids::{AccountId, CompanyId, InboundId, InquiryId, StudyId, WaveId};
use super::inbound::{Interpretation, RawFormat};
use super::outcome::{Outcome, Payload};
use super::time::Stamp;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An event with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When it was recorded, by our clock.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
}

/// Which try of which message of which inquiry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptRef {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// The message: 0 is the first, then the reminders.
    pub message: u32,
    /// The try, from 1.
    pub attempt: u32,
}

/// Something that happened in a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The wave began: always the first event.
    WaveOpened {
        /// The study.
        study: StudyId,
        /// The wave.
        wave: WaveId,
        /// SHA-256 of `plan.json`, in hex.
        plan_sha256: String,
        /// Risposta's version.
        risposta: String,
        /// Whether it is a rehearsal.
        simulated: bool,
    },
    /// We are about to deliver: durable before anything leaves.
    AttemptStarted {
        /// Which try.
        #[serde(flatten)]
        attempt: AttemptRef,
        /// The account of ours that it leaves from; older journals do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
        /// Fingerprint of the text.
        fingerprint: String,
        /// SHA-256 of the bytes that will leave, where they are ours.
        bytes_sha256: Option<String>,
        /// What was read in preparation (a form's page), as evidence.
        prepared: Vec<Payload>,
        /// Seconds after the moment it was due.
        late_seconds: u32,
    },
    /// The delivery ended.
    AttemptEnded {
        /// Which try.
        #[serde(flatten)]
        attempt: AttemptRef,
        /// How.
        outcome: Outcome,
        /// Request, response, page: as evidence.
        evidence: Vec<Payload>,
    },
    /// Preparing showed that the message cannot be delivered now, or not by a machine.
    /// Nothing was submitted.
    AttemptRefused {
        /// Which try.
        #[serde(flatten)]
        attempt: AttemptRef,
        /// Why.
        outcome: Outcome,
        /// What was read.
        evidence: Vec<Payload>,
    },
    /// A message will not be sent.
    Skipped {
        /// The inquiry.
        inquiry: InquiryId,
        /// The message: 0 is the first.
        message: u32,
        /// Why.
        reason: SkipReason,
    },
    /// An attempt that was in doubt, or held, was settled: by a person's word or by proof.
    Settled {
        /// Which try.
        #[serde(flatten)]
        attempt: AttemptRef,
        /// Whether it had left.
        left: bool,
        /// What shows it, in words.
        why: Payload,
        /// Who or what settled it.
        #[serde(default)]
        proof: Proof,
        /// The other side's name for the message, where the proof brought it to light.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt: Option<Payload>,
    },
    /// A person did or saw something on a channel.
    Recorded {
        /// The inquiry.
        inquiry: InquiryId,
        /// The message: 0 is the first.
        message: u32,
        /// What.
        act: Act,
        /// When.
        at: Stamp,
        /// In the person's words.
        note: Option<Payload>,
    },
    /// An account failed; nothing is sent through it until it is resumed.
    AccountPaused {
        /// The account.
        account: AccountId,
        /// Why.
        why: Payload,
    },
    /// An account works again.
    AccountResumed {
        /// The account.
        account: AccountId,
    },
    /// Something arrived, and is safe.
    InboundStored {
        /// Its number.
        inbound: InboundId,
        /// The account or person it came through.
        source: AccountId,
        /// Where it lay, unique within the source.
        locator: Payload,
        /// Its bytes.
        raw: Payload,
        /// What the bytes are.
        format: RawFormat,
        /// The channel it came on.
        via: Channel,
        /// When it arrived.
        received: Stamp,
        /// Whether it lay in a spam folder.
        in_spam: bool,
    },
    /// Intake read it.
    Interpreted {
        /// What was read.
        inbound: InboundId,
        /// Version of intake.
        intake: u32,
        /// What it was taken for.
        #[serde(flatten)]
        interpretation: Interpretation,
        /// The earlier message that this one repeats.
        duplicate_of: Option<InboundId>,
        /// The message of ours that a bounce returns, or that a copy is of: 0 is the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<u32>,
        /// The address that a person's reply came from: companies that answer from one are one
        /// cluster. Older journals do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sender: Option<Payload>,
    },
    /// A person said what an inbound message is and which inquiry it answers.
    Reviewed {
        /// The message.
        inbound: InboundId,
        /// What the person said.
        #[serde(flatten)]
        interpretation: Interpretation,
    },
    /// A rater said what a reply is worth.
    Coded {
        /// The reply.
        inbound: InboundId,
        /// Who.
        rater: String,
        /// How.
        adequacy: Adequacy,
    },
    /// What kind of answer a reply seems to be. It decides nothing.
    Suggested {
        /// The reply.
        inbound: InboundId,
        /// Version of the rules.
        rules: u32,
        /// What seems to be so.
        #[serde(flatten)]
        answer: Suggestions,
    },
    /// A rater answered other items of the codebook about a reply: all of them at once.
    Rated {
        /// The reply.
        inbound: InboundId,
        /// Who.
        rater: String,
        /// Item and value.
        items: BTreeMap<String, String>,
    },
    /// A rater took back all that was said about a reply.
    Withdrawn {
        /// The reply.
        inbound: InboundId,
        /// Who.
        rater: String,
    },
    /// Raters differed about an item of a reply, and somebody decided.
    Adjudicated {
        /// The reply.
        inbound: InboundId,
        /// The item: [`ADEQUACY`](super::study::codebook::ADEQUACY) or one of the codebook.
        item: String,
        /// Its value.
        value: String,
        /// Who.
        by: String,
        /// Why.
        why: Payload,
    },
    /// A person chose words of a reply to be quoted, or took the choice back.
    Quoted {
        /// The reply.
        inbound: InboundId,
        /// The words, redacted; `None` where it is not to be quoted any more.
        words: Option<Payload>,
        /// Whether they are approved for the public.
        approved: bool,
    },
    /// All that lies before `cursor` at a source is stored.
    Covered {
        /// The source.
        source: AccountId,
        /// All that arrived before is stored; `None` while more is waiting.
        through: Option<DateTime<Utc>>,
        /// The source's own mark, to go on from.
        cursor: String,
    },
    /// A source could not be read: from here on its coverage has a gap until it is covered again.
    SourceFailed {
        /// The source.
        source: AccountId,
        /// Why.
        why: Payload,
    },
    /// Something may have arrived at a source and can never be read: its coverage has a gap for good.
    Missed {
        /// The source.
        source: AccountId,
        /// Up to here it was covered.
        since: DateTime<Utc>,
        /// From here on it is covered again.
        until: DateTime<Utc>,
        /// What was seen of it.
        why: Payload,
    },
    /// A company is left alone from here on.
    Stopped {
        /// The company.
        company: CompanyId,
        /// Why.
        why: Payload,
    },
    /// The study was changed after it was planned.
    Amended {
        /// Why.
        why: Payload,
        /// What changed, line by line.
        change: Payload,
        /// SHA-256 of the amended plan.
        plan_sha256: String,
    },
    /// Words and raw messages were erased; the numbers stay.
    Purged {
        /// How many payloads.
        payloads: u64,
    },
}

/// Why a message will not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It became overdue while nothing ran, and the study says `late: skip`.
    Late,
    /// The window ended before a person did the task.
    NotDone,
    /// A person said that it cannot be done.
    Impossible,
    /// A reply came first: no reminder is needed.
    Answered,
    /// The window ended before a reminder could be sent.
    WindowEnded,
}

/// Who or what settled an attempt that was in doubt, or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A person's word.
    #[default]
    Person,
    /// Somebody or a machine of the company answered it: it had arrived.
    Answer(InboundId),
    /// It came back: it had left.
    Bounce(InboundId),
    /// Our own copy of it arrived in our mailbox: the server had taken it.
    Copy(InboundId),
    /// Our account's own posts were read back: it stands among them, or does not.
    OwnPosts,
}

impl Proof {
    /// Who or what it was: "a person found", "message m12 proves".
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Person => "a person found".to_owned(),
            Self::Answer(id) => format!("answer {id} proves"),
            Self::Bounce(id) => format!("bounce {id} proves"),
            Self::Copy(id) => format!("our own copy {id} proves"),
            Self::OwnPosts => "our account's own posts show".to_owned(),
        }
    }

    /// The inbound message that it rests on.
    #[must_use]
    pub const fn inbound(self) -> Option<InboundId> {
        match self {
            Self::Answer(id) | Self::Bounce(id) | Self::Copy(id) => Some(id),
            Self::Person | Self::OwnPosts => None,
        }
    }
}

/// What a person did or saw on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Sent the message.
    Sent,
    /// Found that the message cannot be sent.
    Impossible,
    /// Saw that the company had seen it.
    Seen,
    /// Looked for a reply and found nothing new: coverage of a channel that only a person can watch.
    Checked,
    /// Saw a promise kept.
    Kept,
    /// Saw a promise broken.
    Broken,
    /// Answered what the company had asked back, with the study's text.
    AnsweredBack,
}

/// Whether a person's act shows that the channel was looked at.
#[must_use]
pub const fn is_a_look(act: Act) -> bool {
    matches!(act, Act::Seen | Act::Checked | Act::Kept | Act::Broken)
}

/// What a rater codes a reply as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adequacy {
    /// It answers the question.
    Answered,
    /// It answers a part.
    Partial,
    /// It sends to another channel or a visit.
    Redirected,
    /// It promises an answer.
    Promised,
    /// It promised, and nothing came.
    PromiseBroken,
    /// The same text that others got.
    Canned,
    /// It is about something else.
    Irrelevant,
}

impl Adequacy {
    /// Every class, best first.
    pub const ALL: [Self; 7] = [
        Self::Answered,
        Self::Partial,
        Self::Redirected,
        Self::Promised,
        Self::PromiseBroken,
        Self::Canned,
        Self::Irrelevant,
    ];

    /// Whether a reply of this class answers the question.
    #[must_use]
    pub const fn is_adequate(self) -> bool {
        matches!(self, Self::Answered)
    }

    /// The class's name on the command line, in CSV and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Partial => "partial",
            Self::Redirected => "redirected",
            Self::Promised => "promised",
            Self::PromiseBroken => "promise_broken",
            Self::Canned => "canned",
            Self::Irrelevant => "irrelevant",
        }
    }
}
