//! How do the messages of an exported mailbox enter a wave? As a source's do: stored raw, read, tied. The export keeps
//! them, too: so they are read while they are being stored.

use super::stored::{BATCH_BYTES, BATCH_MESSAGES};
use super::watch::{Reader, Watched, may_answer};
use super::{Wave, WaveError, proof};
use crate::model::channel::Channel;
use crate::model::event::Event;
use crate::model::ids::AccountId;
use crate::model::inbound::{InboundKind, Interpretation, RawInbound};
use crate::sources::export::ExportError;
use crate::threads;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Why an import ended early. What was stored before stays, and importing it again adds nothing twice.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The export cannot be read on.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The wave cannot be written.
    #[error(transparent)]
    Wave(#[from] WaveError),
}

/// What an import came to, in messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Found in the export.
    pub found: usize,
    /// Older than the wave: not taken.
    pub before_the_wave: usize,
    /// Known already: not taken again.
    pub known: usize,
    /// New.
    pub stored: usize,
    /// New, and the same message as another that came another way.
    pub duplicates: usize,
    /// New, by what they were taken for, duplicates left out.
    pub kinds: BTreeMap<InboundKind, usize>,
    /// New, and tied to an inquiry.
    pub tied: usize,
    /// New, and waiting for a person in `review`.
    pub in_review: usize,
}

/// Takes in all messages of an export as if `account` had found them. Where the person says so, the account is
/// then covered through `complete_through`. `tell` hears how far it is, after each batch.
///
/// # Errors
/// [`ImportError`], see there.
pub fn import(
    wave: &mut Wave,
    account: &AccountId,
    export: impl IntoIterator<Item = Result<RawInbound, ExportError>, IntoIter: Send>,
    complete_through: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    mut tell: impl FnMut(&Imported),
) -> Result<Imported, ImportError> {
    let mut reader = Reader::new(wave, HashMap::new(), now)?;
    let watched = Watched { account: account.clone(), channel: Channel::Email, began: now };
    let mut imported = Imported::default();
    let batches = Batches { export: export.into_iter(), failed: None };
    let read = threads::ahead(batches, |batches| -> Result<(), ImportError> {
        for batch in batches {
            imported.take(wave, &mut reader, &watched, batch?, now)?;
            tell(&imported);
        }
        Ok(())
    });
    let settled = settle(wave, now);
    read?;
    settled?;
    cover(wave, account, complete_through, now)?;
    Ok(imported)
}

/// The messages of an export, so many together as are stored and read together.
struct Batches<I> {
    export: I,
    /// Why the export ended after the last batch.
    failed: Option<ExportError>,
}

impl<I: Iterator<Item = Result<RawInbound, ExportError>>> Iterator for Batches<I> {
    type Item = Result<Vec<RawInbound>, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH_MESSAGES && bytes < BATCH_BYTES && self.failed.is_none() {
            match self.export.next() {
                None => break,
                Some(Err(error)) => self.failed = Some(error),
                Some(Ok(message)) => {
                    bytes += message.bytes.len();
                    batch.push(message);
                }
            }
        }
        if batch.is_empty() { self.failed.take().map(Err) } else { Some(Ok(batch)) }
    }
}

impl Imported {
    fn take(
        &mut self,
        wave: &mut Wave,
        reader: &mut Reader,
        watched: &Watched,
        batch: Vec<RawInbound>,
        now: DateTime<Utc>,
    ) -> Result<(), WaveError> {
        let found = batch.len();
        let in_time = batch.iter().filter(|m| may_answer(m, wave.plan.start)).count();
        let events = reader.store_and_read(wave, watched, batch, now)?;
        let stored = events.iter().filter(|e| matches!(e, Event::Interpreted { .. })).count();
        if !events.is_empty() {
            wave.append(now, &events)?;
        }
        self.found += found;
        self.before_the_wave += found - in_time;
        self.known += in_time - stored;
        self.stored += stored;
        for event in &events {
            self.count(event);
        }
        Ok(())
    }

    fn count(&mut self, event: &Event) {
        let Event::Interpreted { interpretation, duplicate_of, .. } = event else { return };
        if duplicate_of.is_some() {
            self.duplicates += 1;
            return;
        }
        *self.kinds.entry(interpretation.kind).or_default() += 1;
        self.tied += usize::from(interpretation.inquiry.is_some());
        self.in_review += usize::from(Interpretation::needs_review(interpretation));
    }
}

/// What came may prove that a message in doubt had left.
pub(super) fn settle(wave: &mut Wave, now: DateTime<Utc>) -> Result<(), WaveError> {
    let touched: BTreeSet<usize> = wave.take_touched().into_iter().collect();
    let settled: Vec<Event> = touched.into_iter().flat_map(|i| proof::settlements(wave, i)).collect();
    if settled.is_empty() { Ok(()) } else { wave.append(now, &settled) }
}

/// A person's word that the export holds all that had arrived by then. Coverage only grows by it.
fn cover(
    wave: &mut Wave,
    account: &AccountId,
    through: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), WaveError> {
    let source = wave.state.sources.get(account);
    let covered = source.and_then(|s| s.through);
    let Some(through) = through.filter(|t| covered.is_none_or(|covered| covered < *t)) else { return Ok(()) };
    // The account's own mark stays: whoever reads it next goes on where it stood.
    let cursor = source.and_then(|s| s.cursor.clone()).unwrap_or_default();
    wave.append(now, &[Event::Covered { source: account.clone(), through: Some(through), cursor }])
}
