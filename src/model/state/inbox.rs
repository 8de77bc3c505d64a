//! What came in, by number, and what is known of each message. A mailbox may hold a million of them, nearly all of
//! which concern nobody: those are kept small.

use super::{RatedBy, WaveState};
use crate::model::answer::Suggestions;
use crate::model::channel::Channel;
use crate::model::event::{Adequacy, Event};
use crate::model::ids::{AccountId, InboundId, InquiryId};
use crate::model::inbound::{InboundKind, Interpretation, RawFormat, Tie};
use crate::model::outcome::Payload;
use crate::model::time::Stamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The messages that came in, in the order in which they were stored. Each lies by itself: a tree leaves room in its
/// nodes, which would be lost with large values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inbox(BTreeMap<InboundId, Box<InboundState>>);

/// An inbound message.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundState {
    /// Its number.
    pub id: InboundId,
    /// The account or person it came through.
    pub source: AccountId,
    /// The channel it came on.
    pub via: Channel,
    /// Where it lay.
    pub locator: Payload,
    /// Its bytes.
    pub raw: Payload,
    /// What the bytes are.
    pub format: RawFormat,
    /// When it arrived.
    pub received: Stamp,
    /// Whether it lay in a spam folder.
    pub in_spam: bool,
    /// What it is; `None` until intake has read it.
    pub kind: Option<InboundKind>,
    /// The last interpretation, a person's before a machine's. Messages that concern no inquiry share theirs.
    pub interpretation: Option<Arc<Interpretation>>,
    /// Whether a person gave it.
    pub reviewed: bool,
    /// The earlier message that this one repeats.
    pub duplicate_of: Option<InboundId>,
    /// The message of ours that it returns or is a copy of, where it names one.
    pub about: Option<u32>,
    reply: Option<Box<ReplyState>>,
}

/// What is known of a message as somebody's reply: of most there is nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplyState {
    /// The address that it came from.
    pub sender: Option<Payload>,
    /// Codings, by rater: the latest of each.
    pub codings: Vec<(String, Adequacy)>,
    /// What raters said to other items of the codebook: the latest of each.
    pub ratings: Vec<RatedBy>,
    /// What was decided where raters differed: item and value.
    pub adjudicated: Vec<(String, String)>,
    /// What kind of answer it seems to be, and by which version of the rules.
    pub suggested: Option<(u32, Suggestions)>,
    /// The words of it that a person chose to be quoted.
    pub quoted: Option<Quoted>,
}

/// Of what is no reply.
static NOTHING: ReplyState = ReplyState {
    sender: None,
    codings: Vec::new(),
    ratings: Vec::new(),
    adjudicated: Vec::new(),
    suggested: None,
    quoted: None,
};

/// Words of a reply that a person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted {
    /// The words, redacted.
    pub words: Payload,
    /// Whether they are approved for the public.
    pub approved: bool,
}

impl Inbox {
    /// A message.
    pub fn get(&self, id: &InboundId) -> Option<&InboundState> {
        self.0.get(id).map(Box::as_ref)
    }

    pub(super) fn get_mut(&mut self, id: InboundId) -> Option<&mut InboundState> {
        self.0.get_mut(&id).map(Box::as_mut)
    }

    /// All messages.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &InboundState> + ExactSizeIterator {
        self.0.values().map(Box::as_ref)
    }

    /// All numbers.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &InboundId> + ExactSizeIterator {
        self.0.keys()
    }

    /// The highest number.
    pub fn last(&self) -> Option<InboundId> {
        self.0.last_key_value().map(|(id, _)| *id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An account's id, shared with the message before where that came through the same.
    fn source(&self, account: &AccountId) -> AccountId {
        let before = self.0.last_key_value().map(|(_, message)| &message.source);
        before.filter(|before| *before == account).unwrap_or(account).clone()
    }
}

impl std::ops::Index<&InboundId> for Inbox {
    type Output = InboundState;

    fn index(&self, id: &InboundId) -> &InboundState {
        &self.0[id]
    }
}

impl InboundState {
    /// The inquiry that it answers.
    #[must_use]
    pub fn inquiry(&self) -> Option<&InquiryId> {
        self.tied().map(|(id, _)| id)
    }

    /// How it was tied to its inquiry.
    #[must_use]
    pub fn tie(&self) -> Option<Tie> {
        self.tied().map(|(_, tie)| *tie)
    }

    fn tied(&self) -> Option<&(InquiryId, Tie)> {
        self.interpretation.as_deref()?.inquiry.as_ref()
    }

    /// Whether raters code it: a person's reply to an inquiry, and no copy of an earlier one.
    #[must_use]
    pub fn is_to_code(&self) -> bool {
        self.kind == Some(InboundKind::Reply) && self.duplicate_of.is_none() && self.inquiry().is_some()
    }

    /// What is known of it as a reply.
    #[must_use]
    pub fn reply(&self) -> &ReplyState {
        self.reply.as_deref().unwrap_or(&NOTHING)
    }

    pub(super) fn reply_mut(&mut self) -> &mut ReplyState {
        self.reply.get_or_insert_default()
    }

    pub(super) fn set_sender(&mut self, sender: Option<&Payload>) {
        if sender != self.reply().sender.as_ref() {
            self.reply_mut().sender = sender.cloned();
        }
    }
}

impl WaveState {
    pub(super) fn store_inbound(&mut self, event: &Event) -> Result<(), String> {
        let Event::InboundStored { inbound, source, locator, raw, format, via, received, in_spam } = event else {
            return Err("not an inbound message".to_owned());
        };
        let message = InboundState {
            id: *inbound,
            source: self.inbound.source(source),
            via: *via,
            locator: locator.clone(),
            raw: raw.clone(),
            format: *format,
            received: *received,
            in_spam: *in_spam,
            kind: None,
            interpretation: None,
            reviewed: false,
            duplicate_of: None,
            about: None,
            reply: None,
        };
        match self.inbound.0.insert(*inbound, Box::new(message)) {
            None => Ok(()),
            Some(_) => Err(format!("inbound message {inbound} stored twice")),
        }
    }

    pub(super) fn interpret(&mut self, id: InboundId, interpretation: &Interpretation) -> Result<(), String> {
        let shared = self.shared(interpretation);
        let message = self.inbound_mut(id)?;
        let before = message.interpretation.replace(shared);
        message.kind = Some(interpretation.kind);
        let before_tied_to = before.as_ref().and_then(|b| b.inquiry.as_ref()).map(|(inquiry, _)| inquiry);
        if before.is_some() && before_tied_to != message.inquiry() && message.reply().suggested.is_some() {
            // What it seems to be rested on another question.
            message.reply_mut().suggested = None;
        }
        if let Some(inquiry) = before_tied_to {
            let inquiry = self.inquiry(inquiry)?;
            inquiry.inbound.remove(&id);
            // What rested on it has to be proved anew.
            inquiry.unsettle(id);
        }
        if let Some((inquiry, _)) = &interpretation.inquiry {
            self.inquiry(inquiry)?.inbound.insert(id);
        }
        Ok(())
    }

    /// An interpretation in the room that all messages share which were taken for the same on the same evidence. One
    /// that names inquiries is nearly always alone.
    fn shared(&mut self, interpretation: &Interpretation) -> Arc<Interpretation> {
        if let Some(known) = self.interpretations.get(interpretation) {
            return Arc::clone(known);
        }
        let new = Arc::new(interpretation.clone());
        if new.inquiry.is_none() && new.candidates.is_empty() {
            self.interpretations.insert(Arc::clone(&new));
        }
        new
    }

    pub(super) fn inbound_mut(&mut self, id: InboundId) -> Result<&mut InboundState, String> {
        self.inbound.get_mut(id).ok_or_else(|| format!("no inbound message {id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::*;

    /// A mailbox of a million messages fits into memory.
    #[test]
    fn messages_that_concern_nobody_are_small_and_share_what_they_were_taken_for() {
        let mut story = Story::on(&[Channel::Email]);
        let newsletter = taken_for(InboundKind::Newsletter, &story.plan, None);
        for number in 1..=2 {
            story.tell(after("1h"), stored(number, Channel::Email, after("1h")));
            story.tell(after("1h"), interpreted(number, newsletter.clone(), None));
        }
        let [first, second] = [1, 2].map(|n| &story.state.inbound[&InboundId(n)]);
        assert!(first.reply.is_none() && size_of::<InboundState>() <= 152, "{}", size_of::<InboundState>());
        assert!(Arc::ptr_eq(first.interpretation.as_ref().unwrap(), second.interpretation.as_ref().unwrap()));
    }
}
