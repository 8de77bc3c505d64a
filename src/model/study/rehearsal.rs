//! How the simulated companies of a rehearsal behave.

use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, QuestionId};
use crate::model::time::Span;
use serde::{Deserialize, Serialize};

/// How simulated companies behave: the first rule that fits an inquiry decides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// Rules in order; defaults where none fits.
    pub behaviours: Vec<BehaviourRule>,
}

/// A behaviour and the inquiries it holds for. An empty list of names means any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BehaviourRule {
    /// Companies it holds for.
    pub companies: Vec<CompanyId>,
    /// Channels it holds for.
    pub channels: Vec<Channel>,
    /// Questions it holds for.
    pub questions: Vec<QuestionId>,
    /// What such a company does.
    pub behaviour: Behaviour,
}

/// What a simulated company does with a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Probability that a person replies, 0 to 1.
    pub reply: f64,
    /// Median time to that reply; times are log-normal.
    pub delay_median: Span,
    /// Spread of the delay: standard deviation of its natural logarithm. 0 = always the median.
    pub delay_spread: f64,
    /// Probability of an automatic acknowledgement, within a minute.
    pub acknowledge: f64,
    /// Probability that e-mail bounces.
    pub bounce: f64,
    /// Probability that the reply lands in the spam folder.
    pub spam: f64,
    /// What a reply says.
    pub says: Vec<Says>,
}

/// What a simulated reply says; drawn in equal shares from a behaviour's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// The answer.
    Answer,
    /// Part of the answer.
    Partial,
    /// "Come and see us", "call us".
    Redirect,
    /// "We will call you back", and nobody does.
    PromiseBroken,
    /// "We will call you back", and somebody does, a day later.
    PromiseKept,
    /// The same text to everybody.
    Canned,
}

/// What a behaviour makes of one inquiry, as probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chances {
    /// That it is delivered.
    pub delivered: f64,
    /// That it is delivered and succeeds; never more than `delivered`.
    pub succeeds: f64,
}
