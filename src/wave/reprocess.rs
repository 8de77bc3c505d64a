//! What would today's intake make of the evidence that is there? Read again, compared, and only then recorded.

use super::import::settle;
use super::stored::{Batch, Stored};
use super::watch::Reader;
use super::{Wave, WaveError};
use crate::model::event::{Entry, Event};
use crate::model::ids::{InboundId, InquiryId};
use crate::model::inbound::{Interpretation, RawFormat};
use crate::model::observation::{Observed, observe_all};
use crate::model::state::InboundState;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// What reading everything again comes to. Nothing is recorded yet.
#[derive(Debug, Default)]
pub struct Reread {
    /// Messages that were read again.
    pub read: usize,
    /// Messages whose words were purged: they stay what they were.
    pub purged: usize,
    /// Messages that are taken for something else, or tied otherwise, in the order of their arrival here.
    pub changes: Vec<Change>,
    /// Messages that mean the same by other evidence.
    pub other_evidence: usize,
    /// Inquiries that come to something else.
    pub inquiries: Vec<ChangedInquiry>,
    /// What there is to record.
    events: Vec<Event>,
}

/// What a message was taken for, and what it is taken for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The message.
    pub inbound: InboundId,
    /// Before.
    pub before: Taken,
    /// After.
    pub after: Taken,
}

/// What a message is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its interpretation; `None` where it was never read.
    pub interpretation: Option<Interpretation>,
    /// The earlier message that it repeats.
    pub duplicate_of: Option<InboundId>,
    /// The message of ours that it returns, or is a copy of.
    pub about: Option<u32>,
}

/// An inquiry that comes to something else.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedInquiry {
    /// Which.
    pub inquiry: InquiryId,
    /// What it came to.
    pub before: Observed,
    /// What it comes to.
    pub after: Observed,
}

impl Taken {
    fn of(message: &InboundState) -> Self {
        Self {
            interpretation: message.interpretation.as_deref().cloned(),
            duplicate_of: message.duplicate_of,
            about: message.about,
        }
    }

    /// Whether both say the same of the message, on whatever evidence.
    fn means_the_same(&self, other: &Self) -> bool {
        let meaning = |taken: &Self| {
            let known = taken.interpretation.as_ref();
            let said = known.map(|k| (k.kind, k.inquiry.clone().map(|(id, _)| id), k.needs_review(), k.status.clone()));
            (said, taken.duplicate_of, taken.about)
        };
        meaning(self) == meaning(other)
    }
}

impl Wave {
    /// Reads all that the wave has stored with this release's rules, and says what would change. Records nothing.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn reread(&mut self, as_of: DateTime<Utc>) -> Result<Reread, WaveError> {
        let mut reader = Reader::blank(self, HashMap::new())?;
        let mut reread = Reread::default();
        let mut stored = Stored::of(self, |message| message.format != RawFormat::Note);
        while let Some(batch) = stored.next(self)? {
            reread.take(self, &mut reader, batch);
        }
        reread.purged = stored.purged;
        reread.inquiries = self.differing(&reread.events, as_of)?;
        Ok(reread)
    }

    /// Records what was read again. What was recorded before stays in the chain.
    ///
    /// # Errors
    /// When the journal cannot be written, or the wave has changed meanwhile: then nothing was recorded.
    pub fn record_reread(&mut self, reread: &Reread, now: DateTime<Utc>) -> Result<(), WaveError> {
        if !reread.events.is_empty() && !self.append_if_current(now, &reread.events)? {
            return Err(WaveError::Busy);
        }
        settle(self, now)
    }

    /// The inquiries that come to something else once `events` are recorded.
    fn differing(&self, events: &[Event], as_of: DateTime<Utc>) -> Result<Vec<ChangedInquiry>, WaveError> {
        let mut state = self.state.clone();
        for (seq, event) in (state.last_seq + 1..).zip(events) {
            state.apply(&Entry { seq, at: as_of, event: event.clone() })?;
        }
        let before = observe_all(&self.plan, &self.state, as_of);
        let after = observe_all(&self.plan, &state, as_of);
        let changed = before.into_iter().zip(after).filter(|(before, after)| before != after);
        Ok(changed.map(|(before, after)| ChangedInquiry { inquiry: before.inquiry.clone(), before, after }).collect())
    }
}

impl Reread {
    /// Whether there is nothing to record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn take(&mut self, wave: &mut Wave, reader: &mut Reader, batch: Batch) {
        self.read += batch.ids.len();
        for event in reader.read_batch(wave, batch) {
            let Event::Interpreted { inbound, interpretation, duplicate_of, about, .. } = &event else { continue };
            let Some(message) = wave.state.inbound.get(inbound) else { continue };
            let before = Taken::of(message);
            // What a person said of a message holds, whatever is read in it.
            let said = if message.reviewed { before.interpretation.clone() } else { Some(interpretation.clone()) };
            let after = Taken { interpretation: said, duplicate_of: *duplicate_of, about: *about };
            if after == before {
                continue;
            }
            if after.means_the_same(&before) {
                self.other_evidence += 1;
            } else {
                self.changes.push(Change { inbound: *inbound, before, after });
            }
            self.events.push(event);
        }
    }
}
