//! A person's words enter the journal here: what they did or saw (`record`), reviews, quotations,
//! settlements, stops.

mod record;

pub use record::{record, unforeseen};

use super::answers::{self, Answers};
use super::{Wave, WaveError};
use crate::model::event::{AttemptRef, Event, Proof};
use crate::model::ids::{CompanyId, InboundId, InquiryId};
use crate::model::inbound::{Confidence, InboundKind, Interpretation, Tie};
use crate::model::state::{Delivery, InboundState};
use chrono::{DateTime, Utc};

/// Why a person's word was not taken. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// It names something that the wave does not have.
    #[error("{0}")]
    Unknown(String),
    /// It contradicts what the journal says.
    #[error("{what}")]
    Contradiction {
        /// What contradicts.
        what: String,
        /// What to do.
        help: String,
    },
    /// The journal cannot be written.
    #[error(transparent)]
    Wave(#[from] WaveError),
}

impl PersonError {
    pub(super) fn contradiction(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Contradiction { what: what.into(), help: help.into() }
    }
}

/// The number that the next inbound message gets.
pub(super) fn next_inbound(wave: &Wave) -> InboundId {
    InboundId(wave.state.inbound.last().map_or(0, |id| id.0) + 1)
}

fn index(wave: &Wave, inquiry: &InquiryId) -> Result<usize, PersonError> {
    wave.state.index_of(inquiry).ok_or_else(|| {
        PersonError::Unknown(format!("this wave has no inquiry `{inquiry}`; `risposta show` lists them"))
    })
}

/// Says what an inbound message is and, unless it concerns none, which inquiry it answers.
///
/// # Errors
/// [`PersonError`] when one of them does not exist.
pub fn review(
    wave: &mut Wave,
    now: DateTime<Utc>,
    inbound: InboundId,
    inquiry: Option<&InquiryId>,
    kind: Option<InboundKind>,
) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        let interpretation = reviewed(wave, inbound, inquiry, kind)?;
        Ok::<_, PersonError>(vec![Event::Reviewed { inbound, interpretation }])
    })?;
    // What it seems to be rests on the question that it answers.
    if wave.state.inbound.get(&inbound).is_some_and(answers::is_missing)
        && let Some(answer) = Answers::new(&wave.plan).of(wave, &wave.state.inbound[&inbound])?
    {
        wave.append(now, &[answers::event(inbound, answer)])?;
    }
    Ok(())
}

fn reviewed(
    wave: &Wave,
    inbound: InboundId,
    inquiry: Option<&InquiryId>,
    kind: Option<InboundKind>,
) -> Result<Interpretation, PersonError> {
    let before = known(wave, inbound)?.interpretation.clone();
    if let Some(inquiry) = inquiry {
        index(wave, inquiry)?;
    }
    let kind = kind.or_else(|| before.as_ref().map(|b| b.kind)).unwrap_or(InboundKind::Reply);
    let tied = inquiry.cloned().or_else(|| before.as_ref().and_then(|b| b.inquiry.clone()).map(|(id, _)| id));
    let unrelated = kind == InboundKind::Unrelated;
    if tied.is_none() && !unrelated {
        return Err(PersonError::contradiction(
            format!("nobody has said which inquiry {inbound} answers"),
            "name it, or say `unrelated`",
        ));
    }
    Ok(Interpretation {
        kind,
        because: vec!["a person reviewed it".to_owned()],
        inquiry: tied.filter(|_| !unrelated).map(|id| (id, Tie::Person)),
        candidates: Vec::new(),
        status: before.and_then(|b| b.status.clone()),
        confidence: Confidence::CERTAIN,
    })
}

/// Chooses words of a reply to be quoted, or takes the choice back.
///
/// # Errors
/// [`PersonError`] when there is no such message, it is no reply, or there is nothing to take back.
pub fn quote(
    wave: &mut Wave,
    now: DateTime<Utc>,
    inbound: InboundId,
    words: Option<&str>,
    approved: bool,
) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        let message = known(wave, inbound)?;
        if message.kind != Some(InboundKind::Reply) || message.tie().is_none() {
            return Err(PersonError::contradiction(
                format!("{inbound} is not a person's reply to an inquiry"),
                "only replies are quoted; `risposta review` corrects what a message was taken for",
            ));
        }
        if words.is_none() && message.reply().quoted.is_none() {
            return Err(PersonError::contradiction(
                format!("{inbound} is not quoted"),
                "there is nothing to take back",
            ));
        }
        let words = words.map(|words| wave.journal_mut().keep(words.as_bytes()));
        Ok(vec![Event::Quoted { inbound, words, approved }])
    })
}

/// Settles an attempt that was in doubt.
///
/// # Errors
/// [`PersonError`] when the inquiry's first message, or the given one, is not in doubt.
pub fn settle(
    wave: &mut Wave,
    now: DateTime<Utc>,
    inquiry: &InquiryId,
    message: u32,
    left: bool,
    why: &str,
) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        let attempt = in_doubt(wave, inquiry, message)?;
        let why = wave.journal_mut().keep(why.as_bytes());
        Ok(vec![Event::Settled { attempt, left, why, proof: Proof::Person, receipt: None }])
    })
}

fn in_doubt(wave: &Wave, inquiry: &InquiryId, message: u32) -> Result<AttemptRef, PersonError> {
    let i = index(wave, inquiry)?;
    let attempt = wave.state.inquiries[i]
        .messages
        .get(message as usize)
        .filter(|m| m.delivery(wave.plan.study.design.attempts_max) == Delivery::InDoubt)
        .map(|m| u32::try_from(m.attempts.len()).unwrap_or(u32::MAX));
    match attempt {
        Some(attempt) => Ok(AttemptRef { inquiry: inquiry.clone(), message, attempt }),
        None => Err(PersonError::contradiction(
            format!("message {message} of {inquiry} is not in doubt"),
            "`risposta review` lists what is",
        )),
    }
}

/// Leaves a company alone from here on.
///
/// # Errors
/// [`PersonError`] when the study does not have it.
pub fn stop(wave: &mut Wave, now: DateTime<Utc>, company: &CompanyId, why: &str) -> Result<(), PersonError> {
    wave.decide(now, |wave| {
        if wave.plan.study.company(company).is_none() {
            return Err(PersonError::Unknown(format!("the study has no company `{company}`")));
        }
        let why = wave.journal_mut().keep(why.as_bytes());
        Ok(vec![Event::Stopped { company: company.clone(), why }])
    })
}

/// The message of that number.
pub(super) fn known(wave: &Wave, inbound: InboundId) -> Result<&InboundState, PersonError> {
    wave.state
        .inbound
        .get(&inbound)
        .ok_or_else(|| PersonError::Unknown(format!("this wave has no message {inbound}; `risposta show` lists them")))
}

#[cfg(test)]
mod tests;
