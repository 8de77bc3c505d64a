//! What a person did or saw: what of it can be, and which events it becomes.

use super::{PersonError, index, next_inbound};
use crate::model::channel::{Channel, Delivery as Delivers};
use crate::model::event::{Act, Adequacy, Event};
use crate::model::ids::{AccountId, InboundId};
use crate::model::inbound::{Confidence, InboundKind, Interpretation, RawFormat, Tie};
use crate::model::outcome::Payload;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::state::{Delivery, InboundState, InquiryState, WaveState};
use crate::model::task::{Record, Said};
use crate::model::time::Stamp;
use crate::wave::answers::{self, Answers};
use crate::wave::{Wave, WaveError, burden};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Stores what a person did or saw.
///
/// # Errors
/// [`PersonError`] when the inquiry, its message or the channel does not exist, when the message had been sent already,
/// when it is said to have happened in the future or before the question was asked, or when nobody had promised what
/// is said to be kept. On which channel something was heard is never a reason.
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
        exists(wave, record)?;
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

/// What is unusual about what was heard: it came where the study foresees no answer. It came all the same, so it is
/// taken; `None` where nothing is unusual, or nothing was heard.
#[must_use]
pub fn unforeseen(wave: &Wave, record: &Record) -> Option<String> {
    let planned = wave.plan.inquiry(&record.inquiry)?;
    let possible = channels(&wave.plan, planned);
    let heard = matches!(meaning(record.what), Meaning::Heard(_));
    let by_phone = matches!(record.what, Said::Call | Said::MissedCall) && record.via == Channel::Phone;
    if !heard || by_phone || possible.contains(&record.via) {
        return None;
    }
    let possible: Vec<&str> = possible.into_iter().map(Channel::name).collect();
    let (via, foreseen) = (record.via, possible.join(", "));
    Some(format!(
        "nobody of this study is expected to be answered by {via} (but by {foreseen}); it came so, and counts"
    ))
}

/// The inquiry has that message, and what we did was done where we can be.
fn exists(wave: &Wave, record: &Record) -> Result<(), PersonError> {
    let planned = &wave.plan.inquiries[index(wave, &record.inquiry)?];
    let messages = planned.messages.len();
    if record.message as usize >= messages {
        let has = if messages > 1 { format!("0 to {}", messages - 1) } else { "0 alone".to_owned() };
        let what = format!("{} has no message number {}: it has {has}", record.inquiry, record.message);
        return Err(PersonError::Unknown(what));
    }
    let possible = channels(&wave.plan, planned);
    if matches!(meaning(record.what), Meaning::Heard(_)) || possible.contains(&record.via) {
        return Ok(());
    }
    let possible: Vec<&str> = possible.into_iter().map(Channel::name).collect();
    Err(PersonError::contradiction(
        format!("nobody of this study asks by {}", record.via),
        format!("say by which channel it was: {}", possible.join(", ")),
    ))
}

/// Where an answer can come: on every channel that the study uses (a company may answer where it offers nothing), and
/// wherever it can reach who asks.
fn channels(plan: &Plan, planned: &PlannedInquiry) -> BTreeSet<Channel> {
    let used = plan.study.companies.iter().flat_map(|c| &c.contact_points).map(|point| point.channel);
    let mut channels: BTreeSet<Channel> = used.chain([planned.channel]).collect();
    if let Some(persona) = plan.study.persona(&planned.persona) {
        channels.extend(persona.mailbox.as_ref().map(|_| Channel::Email));
        channels.extend(persona.mastodon.as_ref().map(|_| Channel::Mastodon));
        // Who has a number gets messages by it, too.
        let by_number = [Channel::Phone, Channel::Whatsapp, Channel::Telegram];
        channels.extend(persona.phone.iter().flat_map(|_| by_number));
    }
    channels
}

/// What is kept or broken was promised: by a reply that was coded so, seems so, or that nobody understands yet.
fn was_promised(wave: &Wave, record: &Record) -> Result<(), PersonError> {
    let inquiry = &wave.state.inquiries[index(wave, &record.inquiry)?];
    let mut replies = wave.state.messages_of(inquiry).filter(|m| is_reply_by(m, record.at)).peekable();
    if replies.peek().is_none() {
        return Err(nobody_replied(record));
    }
    let may_promise = |m: &InboundState| match (m.adequacy(), &m.reply().suggested) {
        (Some(coded), _) => matches!(coded, Adequacy::Promised | Adequacy::PromiseBroken),
        (None, Some((_, seems))) => seems.promise.is_some() || seems.adequacy.is_none(),
        (None, None) => true,
    };
    if replies.any(may_promise) {
        return Ok(());
    }
    Err(PersonError::contradiction(
        format!("nothing that had come to {} by then promises anything", record.inquiry),
        "where a reply does, code it first: `risposta code REPLY promised`; `risposta show` lists them",
    ))
}

fn is_reply_by(message: &InboundState, at: DateTime<Utc>) -> bool {
    message.kind == Some(InboundKind::Reply) && message.received.at <= at
}

fn nobody_replied(record: &Record) -> PersonError {
    PersonError::contradiction(
        format!("nobody had replied to {} by then", record.inquiry),
        "record the reply first: `risposta record INQUIRY reply --note TEXT`",
    )
}

fn recorded(wave: &Wave, record: &Record, note: Option<Payload>, act: Act) -> Result<Event, PersonError> {
    if matches!(act, Act::Sent | Act::Impossible) {
        may_be_sent_by_hand(wave, record)?;
    } else {
        asked_before(wave, record, InquiryState::asked_at)?;
    }
    match act {
        Act::Seen => had_left(wave, record)?,
        Act::AnsweredBack => may_be_answered_back(wave, record)?,
        Act::Kept | Act::Broken => was_promised(wave, record)?,
        Act::Sent | Act::Impossible | Act::Checked => {}
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
    let message = &inquiry.messages[record.message as usize];
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
    if !wave.state.messages_of(inquiry).any(|m| is_reply_by(m, record.at)) {
        return Err(nobody_replied(record));
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

/// What is seen has left.
fn had_left(wave: &Wave, record: &Record) -> Result<(), PersonError> {
    let inquiry = &wave.state.inquiries[index(wave, &record.inquiry)?];
    let left = inquiry.messages[record.message as usize].first_accepted();
    // That the question itself had left was asked before, and proof of it counts, too.
    if record.message == 0 || left.is_some_and(|at| at <= record.at) {
        return Ok(());
    }
    Err(PersonError::contradiction(
        format!("reminder {} to {} had not left by then", record.message, record.inquiry),
        "the first message is number 0; `risposta show` prints what was sent, and when",
    ))
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
