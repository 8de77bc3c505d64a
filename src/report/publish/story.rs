//! What happened to an inquiry, moment by moment?

use super::material::Inquiry;
use crate::model::event::{Act, Adequacy};
use crate::model::ids::InboundId;
use crate::model::inbound::InboundKind;
use crate::model::state::{InboundState, InquiryState, WaveState};
use crate::model::story::{Basis, Fate};
use crate::model::time::Span;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A moment of an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: DateTime<Utc>,
    /// Seconds after the question was asked.
    pub after: u32,
    /// What happened.
    pub what: What,
    /// The channel, where it is another than was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The question was taken by the other side.
    Sent,
    /// A reminder was taken.
    Reminded,
    /// A machine said "received".
    Acknowledged,
    /// A machine said something else: away, a program's answer, a demand for proof.
    Automatic,
    /// A person saw that the company had seen it.
    Seen,
    /// It came back.
    Bounced,
    /// A person of the company answered.
    Replied {
        /// The reply.
        inbound: InboundId,
        /// How it is coded.
        adequacy: Option<Adequacy>,
    },
    /// They called, and nobody took the call.
    Called,
    /// They sent the asker elsewhere.
    Redirected {
        /// Where to, where it is known.
        to: Option<String>,
        /// Whether it leads back to where the asker had been.
        back: bool,
    },
    /// They promised something.
    Promised {
        /// By when.
        due: Option<DateTime<Utc>>,
    },
    /// A promise was kept.
    Kept,
    /// A promise was broken.
    Broken,
}

/// What happened to one inquiry as of `as_of`, by time. Replies after the window are marks too, and
/// count nowhere.
pub(super) fn marks(
    told: &Inquiry,
    state: &WaveState,
    inquiry: &InquiryState,
    window: Span,
    as_of: DateTime<Utc>,
) -> Vec<Mark> {
    let observed = &told.observed;
    let Some(asked_at) = observed.asked_at else { return Vec::new() };
    let at = |moment: DateTime<Utc>, what: What| Mark {
        at: moment,
        after: u32::try_from((moment - asked_at).num_seconds().max(0)).unwrap_or(u32::MAX),
        what,
        via: None,
    };
    let mut marks = vec![at(asked_at, What::Sent)];
    let reminded = observed.reminded_after.map(|seconds| asked_at + chrono::TimeDelta::seconds(i64::from(seconds)));
    marks.extend(reminded.map(|moment| at(moment, What::Reminded)));
    for message in state.messages_of(inquiry).filter(|m| m.received.at <= as_of) {
        let Some(what) = came(message) else { continue };
        let via = message.via.to_string();
        // Forms are answered by mail: that is no other channel.
        let elsewhere = via != observed.channel && !(via == "email" && observed.channel == "web_form");
        marks.push(Mark { via: elsewhere.then_some(via), ..at(message.received.at, what) });
    }
    for (act, stamp) in inquiry.acts.iter().filter(|(_, stamp)| stamp.at <= as_of) {
        let what = match act {
            Act::Seen => What::Seen,
            // What became of a promise is told with it.
            Act::Kept if told.promises.is_empty() => What::Kept,
            Act::Broken if told.promises.is_empty() => What::Broken,
            Act::Sent | Act::Impossible | Act::Checked | Act::AnsweredBack | Act::Kept | Act::Broken => continue,
        };
        marks.push(at(stamp.at, what));
    }
    let coded = |basis: Basis| basis == Basis::Person;
    for hop in told.hops.iter().filter(|hop| coded(hop.basis)) {
        let Some(reply) = state.inbound.get(&hop.inbound) else { continue };
        marks.push(at(reply.received.at, What::Redirected { to: hop.to.map(|to| to.to_string()), back: hop.back }));
    }
    for promise in told.promises.iter().filter(|promise| coded(promise.basis)) {
        marks.push(at(promise.made_at, What::Promised { due: promise.due }));
        match promise.fate {
            Fate::Kept { at: kept, .. } => marks.push(at(kept, What::Kept)),
            Fate::Broken { .. } => {
                marks.push(at(promise.due.unwrap_or(asked_at + window.delta()).min(as_of), What::Broken));
            }
            Fate::Open => {}
        }
    }
    marks.sort_by_key(|mark| mark.at);
    // What came long after the window is another story; a day more tells of those just too late.
    marks.retain(|mark| mark.after <= window.as_secs().saturating_mul(2));
    marks
}

fn came(message: &InboundState) -> Option<What> {
    Some(match message.kind? {
        InboundKind::Bounce => What::Bounced,
        InboundKind::Acknowledgement => What::Acknowledged,
        InboundKind::OutOfOffice | InboundKind::Challenge | InboundKind::BotReply | InboundKind::DelayNotice => {
            What::Automatic
        }
        InboundKind::Reply => What::Replied { inbound: message.id, adequacy: message.adequacy() },
        InboundKind::MissedCall => What::Called,
        InboundKind::Newsletter
        | InboundKind::Survey
        | InboundKind::Spam
        | InboundKind::OwnCopy
        | InboundKind::Unrelated => return None,
    })
}
