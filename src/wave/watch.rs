//! What comes back: stored raw, then read, then tied to its inquiry.

use super::answers;
use super::person::next_inbound;
use super::stored::{Arrival, Batch, Stored, read_all};
use super::{Wave, WaveError, proof};
use crate::intake::answer::Suggester;
use crate::intake::{self, Index, Reading};
use crate::model::channel::Channel;
use crate::model::event::Event;
use crate::model::ids::{AccountId, InboundId};
use crate::model::inbound::{InboundKind, Interpretation, RawInbound};
use crate::model::outcome::{Outcome, Payload};
use crate::model::state::InboundState;
use crate::model::time::Stamp;
use crate::sources::mastodon::Threads;
use crate::sources::{self, SourceError};
use crate::threads::{self, Threads as WorkThreads};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Coverage is journaled at least this often while nothing arrives.
const COVERAGE_MINUTES: i64 = 5;

/// What was learnt from all messages so far: whose they are, and which repeat another.
#[derive(Debug)]
pub(super) struct Reader {
    index: Index,
    suggester: Suggester,
    located: HashMap<AccountId, HashSet<Short>>,
    by_identity: HashMap<Short, InboundId>,
    by_raw: HashMap<Short, InboundId>,
    receipts: HashSet<Payload>,
    threads: HashMap<AccountId, Threads>,
}

impl Reader {
    /// A reader that knows our own messages, and nothing of what came back.
    pub(super) fn blank(wave: &Wave, threads: HashMap<AccountId, Threads>) -> Result<Self, WaveError> {
        let mut reader = Self {
            index: Index::new(&wave.plan),
            suggester: Suggester::new(&wave.plan),
            located: HashMap::new(),
            by_identity: HashMap::new(),
            by_raw: HashMap::new(),
            receipts: HashSet::new(),
            threads,
        };
        reader.learn_receipts(wave)?;
        Ok(reader)
    }

    /// A reader that knows all that the wave has stored; what had been stored but not read, when
    /// the process ended, is read now.
    pub(super) fn new(
        wave: &mut Wave,
        threads: HashMap<AccountId, Threads>,
        now: DateTime<Utc>,
    ) -> Result<Self, WaveError> {
        let mut reader = Self::blank(wave, threads)?;
        for message in wave.state.inbound.values() {
            reader.is_new_at(&message.source, &message.locator);
            if teaches_nothing(message) {
                reader.by_raw.entry(short(&message.raw.0)).or_insert(message.id);
            }
        }
        let mut stored = Stored::of(wave, |message| !teaches_nothing(message));
        let mut events = Vec::new();
        while let Some(batch) = stored.next(wave)? {
            reader.index.forget_news();
            let readings = read_all(&reader.index, &batch.messages);
            for ((id, arrival), reading) in batch.ids.into_iter().zip(&batch.messages).zip(readings) {
                let reading = reader.with_news(arrival, reading);
                match wave.state.inbound[&id].interpretation {
                    None => reader.interpreted(wave, id, arrival, &reading, &mut events),
                    Some(_) => events.extend(reader.recall(wave, &wave.state.inbound[&id], &reading)),
                }
            }
        }
        if !events.is_empty() {
            wave.append(now, &events)?;
        }
        Ok(reader)
    }

    /// Learns what a message teaches that was interpreted before; gives what it seems to be by newer rules.
    fn recall(&mut self, wave: &Wave, message: &InboundState, reading: &Reading) -> Option<Event> {
        self.first_of_its_kind(message.id, short(&message.raw.0), identity(reading));
        self.index.learn(message.inquiry()?, reading);
        let i = wave.state.index_of(message.inquiry()?).filter(|_| message.is_to_code())?;
        let reply = answers::reply(message, &wave.plan.inquiries[i], reading);
        let answer = self.suggester.suggest(&wave.plan, reply);
        answers::is_missing(message).then(|| answers::event(message.id, answer))
    }

    /// Learns the names that other sides gave to our messages: replies refer to them.
    pub(super) fn learn_receipts(&mut self, wave: &Wave) -> Result<(), WaveError> {
        for i in 0..wave.plan.inquiries.len() {
            self.learn_receipts_of(wave, i)?;
        }
        Ok(())
    }

    /// The same for one inquiry.
    pub(super) fn learn_receipts_of(&mut self, wave: &Wave, i: usize) -> Result<(), WaveError> {
        let inquiry = &wave.state.inquiries[i];
        for at in inquiry.asked_at(&wave.state).into_iter().chain(inquiry.first_reminder_at(&wave.state)) {
            self.index.learn_asked(&wave.plan.inquiries[i].id, at);
        }
        for receipt in receipts(wave, i) {
            if self.receipts.insert(receipt.clone())
                && let Some(text) = wave.journal.text(receipt)?
            {
                let planned = &wave.plan.inquiries[i];
                match planned.channel {
                    Channel::WebForm => self.index.learn_ticket(&planned.id, &text),
                    _ => self.index.learn_receipt(&planned.id, &text),
                }
                self.follow(wave, i, &text);
            }
        }
        Ok(())
    }

    /// Replies below our own posts need not mention us: the source is told which posts are ours.
    fn follow(&self, wave: &Wave, i: usize, receipt: &str) {
        let planned = &wave.plan.inquiries[i];
        let persona = wave.plan.study.persona(&planned.persona).filter(|_| planned.channel == Channel::Mastodon);
        if let Some(threads) = persona.and_then(|p| self.threads.get(p.mastodon.as_ref()?)) {
            if is_over(wave, i) { threads.forget(receipt) } else { threads.watch(receipt) }
        }
    }

    /// The window of an inquiry is over and covered: nothing below its posts is looked for any more.
    pub(super) fn leave(&self, wave: &Wave, i: usize) -> Result<(), WaveError> {
        if wave.plan.inquiries[i].channel == Channel::Mastodon {
            for receipt in receipts(wave, i) {
                if let Some(text) = wave.journal.text(receipt)? {
                    self.follow(wave, i, &text);
                }
            }
        }
        Ok(())
    }

    /// Stores a batch durably, then reads it, then moves the cursor. Coverage is journaled at once
    /// where a window waits for it to close.
    pub(super) fn take(
        &mut self,
        wave: &mut Wave,
        watched: &Watched,
        batch: sources::Batch,
        closes: bool,
        now: DateTime<Utc>,
    ) -> Result<(), WaveError> {
        let arrivals = self.arrivals(wave, watched, batch.messages);
        let mut events = self.store_then_read(wave, watched, arrivals, now)?;
        let source = wave.state.sources.get(&watched.account);
        let moved = source.and_then(|s| s.cursor.as_ref()) != Some(&batch.cursor);
        let stale = source.and_then(|s| s.through).is_none_or(|t| {
            // What is covered beyond now was claimed by a clock that has been set back since.
            watched.began - t >= TimeDelta::minutes(COVERAGE_MINUTES) || watched.began < t
        });
        let failed = source.is_some_and(|s| s.failed.is_some());
        if let Some(what) = batch.missed {
            let since = source.and_then(|s| s.through).unwrap_or(wave.plan.start).min(watched.began);
            let why = wave.journal_mut().keep(what);
            events.push(Event::Missed { source: watched.account.clone(), since, until: watched.began, why });
        }
        if moved || stale || failed || closes {
            let through = (!batch.more).then_some(watched.began);
            events.push(Event::Covered { source: watched.account.clone(), through, cursor: batch.cursor });
        }
        if events.is_empty() { Ok(()) } else { wave.append(now, &events) }
    }

    /// Stores messages durably, and then reads them; gives the events that say what each is taken for. Whatever
    /// reading does, the bytes are here. Each message is read with all that those before it teach, however many
    /// threads there are.
    fn store_then_read(
        &mut self,
        wave: &mut Wave,
        watched: &Watched,
        messages: Vec<Arrival>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Event>, WaveError> {
        let first = store(wave, watched, &messages, now)?;
        let ids = (first.0..).map(InboundId).take(messages.len()).collect();
        Ok(self.read_batch(wave, Batch { ids, messages }))
    }

    /// The same with what is new of messages that lie elsewhere as well: they are read while they are being stored.
    /// Nothing is said of them before they are safe.
    pub(super) fn store_and_read(
        &mut self,
        wave: &mut Wave,
        watched: &Watched,
        messages: Vec<RawInbound>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Event>, WaveError> {
        let arrivals = self.arrivals(wave, watched, messages);
        self.index.forget_news();
        let index = &self.index;
        let (readings, first) = threads::both(|| read_all(index, &arrivals), || store(wave, watched, &arrivals, now));
        Ok(self.interpret((first?.0..).map(InboundId), &arrivals, readings, wave))
    }

    /// Reads messages that are stored; gives the events that say what each is taken for.
    pub(super) fn read_batch(&mut self, wave: &mut Wave, batch: Batch) -> Vec<Event> {
        self.index.forget_news();
        let readings = read_all(&self.index, &batch.messages);
        self.interpret(batch.ids, &batch.messages, readings, wave)
    }

    fn interpret(
        &mut self,
        ids: impl IntoIterator<Item = InboundId>,
        messages: &[Arrival],
        readings: Vec<Reading>,
        wave: &mut Wave,
    ) -> Vec<Event> {
        let mut events = Vec::with_capacity(messages.len() + 1);
        for ((id, arrival), reading) in ids.into_iter().zip(messages).zip(readings) {
            let reading = self.with_news(arrival, reading);
            self.interpreted(wave, id, arrival, &reading, &mut events);
        }
        events
    }

    /// A reading, made again where what was learnt since may change it.
    fn with_news(&self, arrival: &Arrival, reading: Reading) -> Reading {
        if self.index.has_news_for(&reading) { arrival.read(&self.index) } else { reading }
    }

    /// What is new of messages, each once.
    fn arrivals(&mut self, wave: &mut Wave, watched: &Watched, messages: Vec<RawInbound>) -> Vec<Arrival> {
        let start = wave.plan.start;
        let messages: Vec<RawInbound> = messages.into_iter().filter(|m| may_answer(m, start)).collect();
        let namer = wave.journal().namer();
        let digests = |m: &RawInbound| (namer.name(m.locator.as_bytes()), namer.name(&m.bytes));
        let digests = WorkThreads::available().map(&messages, digests);
        let mut arrivals = Vec::with_capacity(messages.len());
        for (message, (locator, raw)) in messages.into_iter().zip(digests) {
            if self.is_new_at(&watched.account, &locator) {
                let journal = wave.journal_mut();
                journal.keep_named(locator.clone(), Bytes::copy_from_slice(message.locator.as_bytes()));
                journal.keep_named(raw.clone(), message.bytes.clone());
                arrivals.push(Arrival { message, locator, raw });
            }
        }
        arrivals
    }

    /// Whether nothing was known to lie there; from now on something is.
    fn is_new_at(&mut self, account: &AccountId, locator: &Payload) -> bool {
        if let Some(located) = self.located.get_mut(account) {
            return located.insert(short(&locator.0));
        }
        self.located.insert(account.clone(), HashSet::from([short(&locator.0)]));
        true
    }

    /// The earlier message that this one repeats; where it is the first, it is remembered.
    fn known_before(&mut self, id: InboundId, raw: &Payload, reading: &Reading) -> Option<InboundId> {
        let (raw, identity) = (short(&raw.0), identity(reading));
        let same_id = identity.and_then(|known| self.by_identity.get(&known));
        let duplicate_of = same_id.or(self.by_raw.get(&raw)).copied().filter(|first| *first != id);
        if duplicate_of.is_none() {
            self.first_of_its_kind(id, raw, identity);
        }
        duplicate_of
    }

    fn first_of_its_kind(&mut self, id: InboundId, raw: Short, identity: Option<Short>) {
        self.by_raw.entry(raw).or_insert(id);
        if let Some(identity) = identity {
            self.by_identity.entry(identity).or_insert(id);
        }
    }

    /// Tells what a message was taken for and, of a reply, what it seems to be; what it teaches is learnt, of the
    /// inquiry that a person named for it, where one did.
    fn interpreted(
        &mut self,
        wave: &mut Wave,
        id: InboundId,
        arrival: &Arrival,
        reading: &Reading,
        events: &mut Vec<Event>,
    ) {
        let duplicate_of = self.known_before(id, &arrival.raw, reading);
        // Machines answer for many companies from one address: only people tell which belong together.
        let sender = reading.from.as_ref().filter(|_| reading.interpretation.kind == InboundKind::Reply);
        let known = wave.state.inbound.get(&id);
        let reviewed = known.filter(|m| m.reviewed).and_then(|m| m.interpretation.as_deref());
        let said = reviewed.unwrap_or(&reading.interpretation);
        events.push(Event::Interpreted {
            inbound: id,
            intake: intake::VERSION,
            interpretation: reading.interpretation.clone(),
            duplicate_of,
            about: proof::about(&wave.plan, reading, &arrival.message.bytes),
            sender: sender.map(|address| wave.journal.keep(address.as_bytes())),
        });
        if let (None, Some((inquiry, _))) = (duplicate_of, &said.inquiry) {
            self.index.learn(inquiry, reading);
            let planned = wave.state.index_of(inquiry).map(|i| &wave.plan.inquiries[i]);
            if let (InboundKind::Reply, Some(planned), Some(known)) = (said.kind, planned, known) {
                let answer = self.suggester.suggest(&wave.plan, answers::reply(known, planned, reading));
                events.push(answers::event(id, answer));
            }
        }
    }
}

/// Stores messages durably; gives the number of the first.
fn store(wave: &mut Wave, watched: &Watched, arrivals: &[Arrival], now: DateTime<Utc>) -> Result<InboundId, WaveError> {
    let mut first = next_inbound(wave);
    if arrivals.is_empty() {
        return Ok(first);
    }
    wave.decide(now, |wave| -> Result<_, WaveError> {
        // Another process may have numbered messages meanwhile.
        first = next_inbound(wave);
        let stored =
            (first.0..).zip(arrivals).map(|(number, Arrival { message, locator, raw })| Event::InboundStored {
                inbound: InboundId(number),
                source: watched.account.clone(),
                locator: locator.clone(),
                raw: raw.clone(),
                format: message.format,
                via: watched.channel,
                received: message.received,
                in_spam: message.in_spam,
            });
        Ok(stored.collect())
    })?;
    Ok(first)
}

/// Servers search by day, and exports hold years: what came before the wave began answers none of its questions.
pub(super) fn may_answer(message: &RawInbound, start: DateTime<Utc>) -> bool {
    let Stamp { at, error_seconds, .. } = message.received;
    at + TimeDelta::seconds(i64::from(error_seconds)) >= start
}

/// Whether all that could come for an inquiry within its window has been read.
fn is_over(wave: &Wave, i: usize) -> bool {
    let (planned, inquiry) = (&wave.plan.inquiries[i], &wave.state.inquiries[i]);
    let ends = inquiry.asked_at(&wave.state).map(|asked| asked + wave.plan.study.design.window.delta());
    ends.zip(wave.state.read_through(&wave.plan, planned, inquiry)).is_some_and(|(ends, through)| through >= ends)
}

/// Whether reading a message again would teach nothing: it repeats another, or concerns no inquiry.
fn teaches_nothing(message: &InboundState) -> bool {
    let nothing = |known: &Interpretation| match known.kind {
        InboundKind::Newsletter
        | InboundKind::Survey
        | InboundKind::Spam
        | InboundKind::Unrelated
        | InboundKind::OwnCopy => true,
        InboundKind::Bounce
        | InboundKind::DelayNotice
        | InboundKind::Acknowledgement
        | InboundKind::OutOfOffice
        | InboundKind::Challenge
        | InboundKind::BotReply
        | InboundKind::Reply
        | InboundKind::MissedCall => message.duplicate_of.is_some(),
    };
    message.interpretation.as_deref().is_some_and(nothing)
}

/// What two deliveries of one message share: Message-ID, inquiry and text. Some senders give all
/// their mails the same Message-ID: it alone would make a reply a copy of the acknowledgement
/// before it.
fn identity(reading: &Reading) -> Option<Short> {
    let inquiry = reading.interpretation.inquiry.as_ref().map_or("", |(inquiry, _)| inquiry.as_str());
    let mut digest = Sha256::new();
    for part in [reading.message_id.as_deref()?, inquiry, &reading.text] {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    Some(short(&digest.finalize().into()))
}

/// The first half of a SHA-256: among a million messages, two are alike by chance once in 10²⁶ mailboxes.
type Short = [u8; 16];

fn short(digest: &[u8; 32]) -> Short {
    let mut short = Short::default();
    short.copy_from_slice(&digest[..16]);
    short
}

/// Which account was looked at, from when on.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub(super) account: AccountId,
    pub(super) channel: Channel,
    /// When the look began: all that had arrived by then is in its batches.
    pub(super) began: DateTime<Utc>,
}

/// Journals that a source cannot be read, once until it can; says whether that is new.
pub(super) fn failed(
    wave: &mut Wave,
    watched: &Watched,
    error: &SourceError,
    now: DateTime<Utc>,
) -> Result<bool, WaveError> {
    let words = format!("{}\n{}", error.what, error.help);
    let why = wave.journal_mut().keep(words);
    let known = wave.state.sources.get(&watched.account).and_then(|s| s.failed.as_ref()) == Some(&why);
    if !known {
        wave.append(now, &[Event::SourceFailed { source: watched.account.clone(), why }])?;
    }
    Ok(!known)
}

/// The receipts of an inquiry's accepted attempts.
pub(super) fn receipts(wave: &Wave, i: usize) -> impl Iterator<Item = &Payload> {
    wave.state.inquiries[i].messages.iter().flat_map(|m| &m.attempts).filter_map(|attempt| match &attempt.outcome {
        Some(Outcome::Accepted { receipt, .. }) => receipt.as_ref(),
        _ => attempt.settled.as_ref()?.receipt.as_ref(),
    })
}
