//! The messages that a wave has stored, with their bytes, so many together as memory is to hold.

use super::{Wave, WaveError};
use crate::intake::{self, Index, Reading};
use crate::model::ids::InboundId;
use crate::model::inbound::RawInbound;
use crate::model::outcome::Payload;
use crate::model::state::InboundState;
use crate::threads::Threads;

/// Bytes of messages after which a batch ends; one message alone may exceed it.
pub(super) const BATCH_BYTES: usize = 8 << 20;

/// Most messages of a batch.
pub(super) const BATCH_MESSAGES: usize = 1_000;

/// A message, and how the journal calls its bytes and its place.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) message: RawInbound,
    pub(super) locator: Payload,
    pub(super) raw: Payload,
}

impl Arrival {
    pub(super) fn read(&self, index: &Index) -> Reading {
        let RawInbound { bytes, format, received, .. } = &self.message;
        intake::read(bytes, *format, *received, index)
    }
}

/// Reads messages on all threads, with what is known now.
pub(super) fn read_all(index: &Index, messages: &[Arrival]) -> Vec<Reading> {
    Threads::available().map(messages, |message| message.read(index))
}

/// Messages with their numbers.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) ids: Vec<InboundId>,
    pub(super) messages: Vec<Arrival>,
}

/// Gives those of a wave's messages that are wanted, in the order in which they were stored.
#[derive(Debug)]
pub(super) struct Stored {
    ids: std::vec::IntoIter<InboundId>,
    /// Messages that were wanted, and whose words were purged.
    pub(super) purged: usize,
}

impl Stored {
    pub(super) fn of(wave: &Wave, wanted: impl Fn(&InboundState) -> bool) -> Self {
        let ids: Vec<InboundId> = wave.state.inbound.values().filter(|m| wanted(m)).map(|m| m.id).collect();
        Self { ids: ids.into_iter(), purged: 0 }
    }

    /// The next ones; `None` after the last.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub(super) fn next(&mut self, wave: &Wave) -> Result<Option<Batch>, WaveError> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while bytes < BATCH_BYTES && batch.ids.len() < BATCH_MESSAGES {
            let Some(id) = self.ids.next() else { break };
            let Some(known) = wave.state.inbound.get(&id) else { continue };
            match wave.raw(known)? {
                None => self.purged += 1,
                Some(message) => {
                    bytes += message.bytes.len();
                    batch.ids.push(id);
                    batch.messages.push(Arrival { message, locator: known.locator.clone(), raw: known.raw.clone() });
                }
            }
        }
        Ok((!batch.ids.is_empty()).then_some(batch))
    }
}
