//! What came in, by number.

use super::InboundState;
use crate::model::ids::InboundId;
use std::collections::BTreeMap;

/// The messages that came in, in the order in which they were stored. Each lies by itself: a tree leaves room in its
/// nodes, which would be lost with large values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inbox(BTreeMap<InboundId, Box<InboundState>>);

impl Inbox {
    /// A message.
    pub fn get(&self, id: &InboundId) -> Option<&InboundState> {
        self.0.get(id).map(Box::as_ref)
    }

    pub(super) fn get_mut(&mut self, id: InboundId) -> Option<&mut InboundState> {
        self.0.get_mut(&id).map(Box::as_mut)
    }

    /// Puts a message in; gives the one that lay under this number.
    pub(super) fn insert(&mut self, id: InboundId, message: InboundState) -> Option<Box<InboundState>> {
        self.0.insert(id, Box::new(message))
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
}

impl std::ops::Index<&InboundId> for Inbox {
    type Output = InboundState;

    fn index(&self, id: &InboundId) -> &InboundState {
        &self.0[id]
    }
}
