//! Risposta, the contact-channel audit.
//!
//! Follow one inquiry: [`scenario`] reads a study, [`plan`] freezes it, [`wave`] sends it through
//! [`channels`] and watches [`sources`], [`intake`] reads what comes back, [`score`] counts, and
//! [`report`] shows. Every step in between is an event in the [`journal`].

// Unit tests share the little plan of the suite, which names this crate from outside.
#[cfg(test)]
extern crate self as risposta;

pub mod calendar;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod discovery;
pub mod failpoint;
pub mod forms;
pub mod intake;
pub mod journal;
pub mod lexicon;
pub mod model;
pub mod net;
pub mod plan;
pub mod rehearsal;
pub mod report;
pub mod scenario;
pub mod score;
pub mod sources;
pub mod stats;
pub mod threads;
pub mod wave;
