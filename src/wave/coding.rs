//! Raters' words enter the journal here: codings, what they take back, and what is decided between them.

use super::Wave;
use super::person::{PersonError, known};
use crate::model::event::{Adequacy, Event};
use crate::model::ids::{InboundId, QuestionId};
use crate::model::state::InboundState;
use crate::model::study::CodeItem;
use crate::model::study::codebook::{ADEQUACY, adequacy_of};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// All that a rater says of one reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coding {
    /// The reply.
    pub inbound: InboundId,
    /// How adequate it is.
    pub adequacy: Adequacy,
    /// Other items of the codebook, and their values.
    pub items: BTreeMap<String, String>,
}

/// Codes the adequacy of a reply; what the rater said to other items stays.
///
/// # Errors
/// [`PersonError`] when there is no such message, or it is no reply to an inquiry.
pub fn code(
    wave: &mut Wave,
    now: DateTime<Utc>,
    inbound: InboundId,
    rater: &str,
    adequacy: Adequacy,
) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        to_code(wave, inbound)?;
        Ok(vec![Event::Coded { inbound, rater: rater.to_owned(), adequacy }])
    })
}

/// Stores what a rater says of several replies, all at once or, where one is wrong, not at all.
///
/// # Errors
/// [`PersonError`] for the first that is no reply, or has an item or value that the codebook lacks.
pub fn rate(wave: &mut Wave, now: DateTime<Utc>, rater: &str, codings: &[Coding]) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        let mut events = Vec::with_capacity(codings.len() * 2);
        for coding in codings {
            fits(wave, coding)?;
            let (inbound, rater, items) = (coding.inbound, rater.to_owned(), coding.items.clone());
            events.push(Event::Coded { inbound, rater: rater.clone(), adequacy: coding.adequacy });
            if !items.is_empty() || wave.state().inbound[&inbound].reply().ratings.iter().any(|r| r.rater == rater) {
                events.push(Event::Rated { inbound, rater, items });
            }
        }
        Ok(events)
    })
}

/// Takes back all that a rater said of a reply.
///
/// # Errors
/// [`PersonError`] when there is no such reply.
pub fn withdraw(wave: &mut Wave, now: DateTime<Utc>, inbound: InboundId, rater: &str) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        to_code(wave, inbound)?;
        Ok(vec![Event::Withdrawn { inbound, rater: rater.to_owned() }])
    })
}

/// Decides an item of a reply about which raters differ.
///
/// # Errors
/// [`PersonError`] when there is no such reply, item or value, or fewer than two raters coded it.
pub fn adjudicate(
    wave: &mut Wave,
    now: DateTime<Utc>,
    inbound: InboundId,
    (item, value): (&str, &str),
    by: &str,
    why: &str,
) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        let message = to_code(wave, inbound)?;
        if message.codings_of(item).count() < 2 {
            return Err(PersonError::contradiction(
                format!("fewer than two raters have coded {item} of {inbound}: there is nothing to settle"),
                "`risposta code REPLY CLASS` codes it",
            ));
        }
        allowed(wave, message, item, value)?;
        let why = wave.journal_mut().keep(why.as_bytes());
        let (item, value, by) = (item.to_owned(), value.to_owned(), by.to_owned());
        Ok(vec![Event::Adjudicated { inbound, item, value, by, why }])
    })
}

/// The replies that a rater has not coded yet, in an order that is this rater's own: always the same,
/// and told by nothing but the study's seed.
#[must_use]
pub fn queue(wave: &Wave, rater: &str) -> Vec<InboundId> {
    let uncoded = |m: &&InboundState| m.is_to_code() && !m.reply().codings.iter().any(|(who, _)| who == rater);
    in_order(wave, rater, wave.state().inbound.values().filter(uncoded).map(|m| m.id).collect())
}

/// Every reply to code, in the same order.
#[must_use]
pub fn all_in_order(wave: &Wave, rater: &str) -> Vec<InboundId> {
    in_order(wave, rater, wave.state().inbound.values().filter(|m| m.is_to_code()).map(|m| m.id).collect())
}

fn in_order(wave: &Wave, rater: &str, mut replies: Vec<InboundId>) -> Vec<InboundId> {
    let study = &wave.plan().study;
    let seed = format!("{}\0{}\0{}\0{rater}\0", study.seed, study.id, wave.plan().wave);
    replies.sort_by_cached_key(|id| Sha256::digest(format!("{seed}{id}")));
    replies
}

/// The items about a reply, beside its adequacy.
#[must_use]
pub fn items<'w>(wave: &'w Wave, message: &InboundState) -> Vec<&'w CodeItem> {
    let question = question_of(wave, message);
    question.map(|question| wave.plan().study.codebook.about(question).collect()).unwrap_or_default()
}

fn question_of<'w>(wave: &'w Wave, message: &InboundState) -> Option<&'w QuestionId> {
    let i = wave.state().index_of(message.inquiry()?)?;
    wave.plan().inquiries.get(i).map(|planned| &planned.question)
}

fn to_code(wave: &Wave, inbound: InboundId) -> Result<&InboundState, PersonError> {
    let message = known(wave, inbound)?;
    if message.is_to_code() {
        return Ok(message);
    }
    Err(PersonError::contradiction(
        format!("{inbound} is not a person's reply to an inquiry"),
        "only replies are coded; `risposta review` corrects what a message was taken for",
    ))
}

/// Whether the codebook has all that a coding says.
///
/// # Errors
/// [`PersonError`] with what it lacks.
pub fn fits(wave: &Wave, coding: &Coding) -> Result<(), PersonError> {
    let message = to_code(wave, coding.inbound)?;
    coding.items.iter().try_for_each(|(item, value)| allowed(wave, message, item, value))
}

fn allowed(wave: &Wave, message: &InboundState, item: &str, value: &str) -> Result<(), PersonError> {
    let wrong =
        |what: String, known: &[String]| PersonError::contradiction(what, format!("known: {}", known.join(", ")));
    if item == ADEQUACY {
        let classes = Adequacy::ALL.map(|a| a.name().to_owned());
        return match adequacy_of(value) {
            Some(_) => Ok(()),
            None => Err(wrong(format!("`{value}` is no class of adequacy"), &classes)),
        };
    }
    let items = items(wave, message);
    let Some(item) = items.iter().find(|known| known.id == item) else {
        let known: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        return Err(wrong(format!("the codebook has no item `{item}` about {}", message.id), &known));
    };
    if item.allows(value) {
        return Ok(());
    }
    Err(wrong(format!("`{value}` is no value of `{}`", item.id), &item.values()))
}
