//! A person's words enter the journal here: records, reviews, codings, settlements, stops.

use super::answers::{self, Answers};
use super::{Wave, WaveError, burden};
use crate::model::channel::Delivery as Delivers;
use crate::model::event::{Act, AttemptRef, Event, Proof};
use crate::model::ids::{AccountId, CompanyId, InboundId, InquiryId};
use crate::model::inbound::{Confidence, InboundKind, Interpretation, RawFormat, Tie};
use crate::model::outcome::Payload;
use crate::model::state::{Delivery, InboundState, InquiryState, WaveState};
use crate::model::task::{Record, Said};
use crate::model::time::Stamp;
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

/// Stores what a person did or saw.
///
/// # Errors
/// [`PersonError`] when the inquiry does not exist, when the message had been sent already, or
/// when it is said to have happened in the future or before the question was asked.
pub fn record(wave: &mut Wave, now: DateTime<Utc>, record: &Record) -> Result<(), PersonError> {
    if record.at > now {
        return Err(PersonError::contradiction(
            format!("{} is in the future", record.at),
            "say when it happened with `--at`, or leave it out for now",
        ));
    }
    let start = wave.plan().start;
    if record.at < start {
        return Err(PersonError::contradiction(
            format!("{} is before the wave began, on {start}", record.at),
            "look at the year: what is recorded cannot be taken back",
        ));
    }
    wave.decide(now, |wave| {
        let note = record.note.as_ref().map(|text| wave.journal_mut().keep(text.as_bytes()));
        match meaning(record.what) {
            Meaning::Did(act) => Ok(vec![recorded(wave, record, note, act)?]),
            Meaning::Heard(kind) => inbound(wave, record, note, kind),
        }
    })
}

/// What a person's word stands for.
enum Meaning {
    /// The person's own act.
    Did(Act),
    /// A message that only the person saw.
    Heard(InboundKind),
}

const fn meaning(said: Said) -> Meaning {
    match said {
        Said::Sent => Meaning::Did(Act::Sent),
        Said::Impossible => Meaning::Did(Act::Impossible),
        Said::Seen => Meaning::Did(Act::Seen),
        Said::Checked => Meaning::Did(Act::Checked),
        Said::Kept => Meaning::Did(Act::Kept),
        Said::Broken => Meaning::Did(Act::Broken),
        Said::AnsweredBack => Meaning::Did(Act::AnsweredBack),
        Said::Reply | Said::Call => Meaning::Heard(InboundKind::Reply),
        Said::Acknowledgement => Meaning::Heard(InboundKind::Acknowledgement),
        Said::BotReply => Meaning::Heard(InboundKind::BotReply),
        Said::MissedCall => Meaning::Heard(InboundKind::MissedCall),
    }
}

fn recorded(wave: &Wave, record: &Record, note: Option<Payload>, act: Act) -> Result<Event, PersonError> {
    if matches!(act, Act::Sent | Act::Impossible) {
        may_be_sent_by_hand(wave, record)?;
    } else {
        asked_before(wave, record, InquiryState::asked_at)?;
    }
    if act == Act::AnsweredBack {
        may_be_answered_back(wave, record)?;
    }
    Ok(Event::Recorded {
        inquiry: record.inquiry.clone(),
        message: record.message,
        act,
        at: Stamp::human(record.at),
        note,
    })
}

/// Never twice: a person sends what no machine has sent, and only once.
fn may_be_sent_by_hand(wave: &Wave, record: &Record) -> Result<(), PersonError> {
    let i = index(wave, &record.inquiry)?;
    let (planned, inquiry) = (&wave.plan.inquiries[i], &wave.state.inquiries[i]);
    let message = inquiry
        .messages
        .get(record.message as usize)
        .ok_or_else(|| PersonError::Unknown(format!("{} has no message number {}", record.inquiry, record.message)))?;
    // What was sent before it asked is a fact, whenever it is told.
    if let Some(since) = wave.state.stopped.get(&planned.company).filter(|since| record.at > **since) {
        return Err(PersonError::contradiction(
            format!("{} is left alone since {since}", planned.company),
            "do not write to it again; what was sent before is recorded with `--at`",
        ));
    }
    if let Some(at) = message.first_accepted() {
        return Err(PersonError::contradiction(
            format!("this message was already sent, at {at}"),
            "nobody is asked twice; `risposta show` prints what happened",
        ));
    }
    if record.message > 0 && inquiry.asked_at(&wave.state).is_none() {
        return Err(PersonError::contradiction(
            format!("{} has not been asked yet: this would be a reminder of nothing", record.inquiry),
            "record the first message first, as message 0",
        ));
    }
    let assisted = planned.channel.delivery() == Delivers::Assisted;
    match message.delivery(wave.plan.study.design.attempts_max) {
        Delivery::Pending if assisted => Ok(()),
        Delivery::Blocked | Delivery::EntriesRejected => Ok(()),
        Delivery::InDoubt => Err(PersonError::contradiction(
            "it is in doubt whether this message has left already",
            "settle that first, with `risposta review`",
        )),
        _ => Err(PersonError::contradiction(
            format!("messages by {} are sent by Risposta itself", planned.channel),
            "let `risposta run --live` send it",
        )),
    }
}

/// What the company asks back is answered once, with the study's text, within the burden.
fn may_be_answered_back(wave: &Wave, record: &Record) -> Result<(), PersonError> {
    let i = index(wave, &record.inquiry)?;
    let (planned, inquiry) = (&wave.plan.inquiries[i], &wave.state.inquiries[i]);
    if wave.plan.study.question(&planned.question).is_none_or(|q| q.if_asked_back.is_none()) {
        return Err(PersonError::contradiction(
            format!("the study does not say what is answered when a company asks back about `{}`", planned.question),
            "nothing is written to a company that the study did not foresee: `if_asked_back`",
        ));
    }
    if inquiry.acts.iter().any(|(act, _)| *act == Act::AnsweredBack) {
        return Err(PersonError::contradiction(
            format!("{} was answered back already", record.inquiry),
            "that is done once; `risposta show` prints what happened",
        ));
    }
    let replied = |m: &InboundState| m.kind == Some(InboundKind::Reply) && m.received.at <= record.at;
    if !wave.state.messages_of(inquiry).any(replied) {
        return Err(PersonError::contradiction(
            format!("nobody had replied to {} by then", record.inquiry),
            "record the reply first: `risposta record INQUIRY reply --note TEXT`",
        ));
    }
    if wave.state.stopped.get(&planned.company).is_some_and(|since| record.at > *since) {
        return Err(PersonError::contradiction(
            format!("{} is left alone", planned.company),
            "do not write to it again",
        ));
    }
    if !burden::allows_one_more(&wave.plan, &wave.state, &planned.company) {
        return Err(PersonError::contradiction(
            format!("{} gets as many messages as the study allows already", planned.company),
            "the study's `max_messages_per_company` and `max_messages_per_group` hold for this too",
        ));
    }
    Ok(())
}

fn asked_before(
    wave: &Wave,
    record: &Record,
    asked_at: impl Fn(&InquiryState, &WaveState) -> Option<DateTime<Utc>>,
) -> Result<(), PersonError> {
    let i = index(wave, &record.inquiry)?;
    match asked_at(&wave.state.inquiries[i], &wave.state) {
        Some(asked_at) if asked_at <= record.at => Ok(()),
        Some(asked_at) => Err(PersonError::contradiction(
            format!("{} is before the question was asked, at {asked_at}", record.at),
            "say when it happened with `--at`",
        )),
        None => Err(PersonError::contradiction(
            format!("{} has not been asked yet", record.inquiry),
            "record first that it was sent: `risposta record INQUIRY sent`",
        )),
    }
}

/// A reply, call or notice that only the person saw is an inbound message like any other.
fn inbound(
    wave: &mut Wave,
    record: &Record,
    note: Option<Payload>,
    kind: InboundKind,
) -> Result<Vec<Event>, PersonError> {
    // What is heard settles a message in doubt: it had arrived.
    asked_before(wave, record, InquiryState::perhaps_asked_at)?;
    let id = next_inbound(wave);
    let locator = wave.journal_mut().keep(format!("person/{id}"));
    let raw = match note {
        Some(note) => note,
        None => wave.journal_mut().keep(""),
    };
    let interpretation = Interpretation {
        kind,
        because: vec!["a person recorded it".to_owned()],
        inquiry: Some((record.inquiry.clone(), Tie::Person)),
        candidates: Vec::new(),
        status: None,
        confidence: Confidence::CERTAIN,
    };
    let seems = seems(wave, record, id, kind, &raw)?;
    let stored = Event::InboundStored {
        inbound: id,
        source: AccountId::person(),
        locator,
        raw,
        format: RawFormat::Note,
        via: record.via,
        received: Stamp::human(record.at),
        in_spam: false,
    };
    let mut events = vec![stored, Event::Reviewed { inbound: id, interpretation }];
    events.extend(seems);
    Ok(events)
}

/// What a reply that a person wrote down seems to be.
fn seems(
    wave: &Wave,
    record: &Record,
    id: InboundId,
    kind: InboundKind,
    raw: &Payload,
) -> Result<Option<Event>, PersonError> {
    if kind != InboundKind::Reply {
        return Ok(None);
    }
    let planned = &wave.plan.inquiries[index(wave, &record.inquiry)?];
    let words =
        wave.journal().bytes(raw).map_err(WaveError::from)?.or_else(|| record.note.clone().map(String::into_bytes));
    let words = words.unwrap_or_default();
    let answer = Answers::new(&wave.plan).of_words(wave, (id, planned), record.via, record.at, &words)?;
    Ok(Some(answers::event(id, answer)))
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
