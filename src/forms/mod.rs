//! What does a page ask of a person? HTML in, plain values out: which forms it holds, which of them
//! takes a question to the company, what each field is for, what is written into it, and what the
//! answer to it means. Nothing is fetched here and nothing is run.

use crate::model::outcome::Obstacle;

pub mod captcha;
pub mod choose;
pub mod controls;
pub mod fill;
pub mod judge;
pub mod nature;
pub mod nesting;
pub mod page;
pub mod reading;
pub mod roles;
pub mod settle;
pub mod software;
pub mod style;
pub mod surroundings;
pub mod traps;
pub mod visible;

/// Why a machine cannot send a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// What is in the way.
    pub obstacle: Obstacle,
    /// In words for the person who is to do it.
    pub why: String,
}

impl Unfit {
    /// With words.
    pub fn new(obstacle: Obstacle, why: impl Into<String>) -> Self {
        Self { obstacle, why: why.into() }
    }
}
