//! The words of the field as types: what a study says, what a plan freezes, what the journal
//! records, and the pure fold from events to the state of each inquiry.
//!
//! Nothing here does I/O, reads a clock or draws randomness.

pub mod answer;
pub mod channel;
pub mod event;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod ids;
pub mod inbound;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod state;
pub mod story;
pub mod study;
pub mod task;
pub mod time;
pub mod words;
