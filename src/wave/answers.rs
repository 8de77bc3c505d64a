//! What kind of answer does each reply seem to be? Journaled in classes, shown again with words.
//!
//! The classes go into the journal when a reply is read, so that counts of them outlive a purge; the
//! words stay in the evidence, and are read out of it whenever somebody wants to see them.

use super::{Wave, WaveError};
use crate::intake::answer::{Answer, RULES, Reply, Suggester};
use crate::intake::{self, Index, Reading};
use crate::model::channel::Channel;
use crate::model::event::Event;
use crate::model::ids::{InboundId, InquiryId};
use crate::model::inbound::RawFormat;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::state::InboundState;
use crate::model::time::Stamp;
use chrono::{DateTime, Utc};

/// Earlier replies of a company that one reply is held against when it is judged by itself.
const EARLIER_MAX: usize = 200;

/// Suggestions that are appended at once.
const BATCH: usize = 1_000;

/// The event that says what a reply seems to be.
pub(super) fn event(inbound: InboundId, answer: Answer) -> Event {
    Event::Suggested { inbound, rules: RULES, answer: answer.suggestions }
}

/// Whether nothing is said yet of what a reply seems to be, or by older rules.
pub(super) fn is_missing(message: &InboundState) -> bool {
    message.is_to_code() && message.reply().suggested.as_ref().is_none_or(|(rules, _)| *rules < RULES)
}

/// Reads replies again, with the words behind what they seem to be.
#[derive(Debug)]
pub struct Answers {
    index: Index,
}

impl Answers {
    /// For the replies of a wave.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self { index: Index::new(plan) }
    }

    /// What was read in a message; `None` where its words were purged.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn reading(&self, wave: &Wave, message: &InboundState) -> Result<Option<Reading>, WaveError> {
        let raw = wave.raw(message)?;
        Ok(raw.map(|raw| intake::read(&raw.bytes, raw.format, raw.received, &self.index)))
    }

    /// What a reply seems to be, and why; `None` where its words were purged, or it answers no inquiry.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn of(&self, wave: &Wave, message: &InboundState) -> Result<Option<Answer>, WaveError> {
        let planned = message.inquiry().and_then(|id| self::planned(wave, id));
        let (Some(planned), Some(reading)) = (planned, self.reading(wave, message)?) else { return Ok(None) };
        self.judge(wave, reply(message, planned, &reading)).map(Some)
    }

    /// What a person's words about a reply make it seem to be.
    pub(super) fn of_words(
        &self,
        wave: &Wave,
        (inbound, planned): (InboundId, &PlannedInquiry),
        via: Channel,
        received: DateTime<Utc>,
        words: &[u8],
    ) -> Result<Answer, WaveError> {
        let reading = intake::read(words, RawFormat::Note, Stamp::human(received), &self.index);
        self.judge(wave, Reply { inbound, planned, via, received, reading: &reading })
    }

    /// Holds a reply against the earlier ones of its company.
    fn judge(&self, wave: &Wave, reply: Reply<'_>) -> Result<Answer, WaveError> {
        let (plan, state) = (wave.plan(), wave.state());
        let mut suggester = Suggester::new(plan);
        let of_company = state.of_company(&reply.planned.company).iter().flat_map(|i| &state.inquiries[*i].inbound);
        let mut earlier: Vec<&InboundState> = of_company
            .filter(|id| **id < reply.inbound)
            .filter_map(|id| state.inbound.get(id))
            .filter(|m| m.is_to_code())
            .collect();
        earlier.sort_by_key(|m| m.id);
        for message in earlier.split_off(earlier.len().saturating_sub(EARLIER_MAX)) {
            let planned = message.inquiry().and_then(|id| self::planned(wave, id));
            if let (Some(planned), Some(reading)) = (planned, self.reading(wave, message)?) {
                suggester.suggest(plan, self::reply(message, planned, &reading));
            }
        }
        Ok(suggester.suggest(plan, reply))
    }
}

fn planned<'w>(wave: &'w Wave, id: &InquiryId) -> Option<&'w PlannedInquiry> {
    wave.plan().inquiries.get(wave.state().index_of(id)?)
}

/// A reply, for the suggester.
pub(super) fn reply<'a>(message: &InboundState, planned: &'a PlannedInquiry, reading: &'a Reading) -> Reply<'a> {
    Reply { inbound: message.id, planned, via: message.via, received: message.received.at, reading }
}

/// Says of each reply what it seems to be, where nothing or older rules say it. Returns of how many.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn catch_up(wave: &mut Wave, now: DateTime<Utc>) -> Result<usize, WaveError> {
    wave.refresh()?;
    if !wave.state().inbound.values().any(is_missing) {
        return Ok(0);
    }
    let mut events = Vec::new();
    {
        let answers = Answers::new(wave.plan());
        let mut suggester = Suggester::new(wave.plan());
        // In the order in which they came: each is held against those before it.
        for message in wave.state().inbound.values().filter(|m| m.is_to_code()) {
            let planned = message.inquiry().and_then(|id| self::planned(wave, id));
            let (Some(planned), Some(reading)) = (planned, answers.reading(wave, message)?) else { continue };
            let answer = suggester.suggest(wave.plan(), reply(message, planned, &reading));
            if is_missing(message) {
                events.push(event(message.id, answer));
            }
        }
    }
    for batch in events.chunks(BATCH) {
        wave.append(now, batch)?;
    }
    Ok(events.len())
}
