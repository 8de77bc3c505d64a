//! What does a scorecard hold? Everything that a report may print, and nothing that it must compute.

use super::companies::{CompanyRef, OutsideOnly};
use super::comparison::Comparison;
use super::findings::Findings;
use super::frame::{About, Availability};
use super::rate::Rate;
use super::tally::Tally;
use serde::{Deserialize, Serialize};

/// Version of the scorecard's JSON.
pub const SCORECARD_FORMAT: u32 = 1;

/// The result of a wave, or of a CSV of observations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// Version of this format: [`SCORECARD_FORMAT`].
    pub format: u32,
    /// Risposta's version.
    pub risposta: String,
    /// Says SIMULATED where it is; nothing where companies were really asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Which study, which wave, as of when, by which rules.
    pub about: About,
    /// What was found, and how sure it is.
    pub findings: Findings,
    /// All inquiries together.
    pub total: Tally,
    /// By channel.
    pub channels: Vec<ChannelScore>,
    /// By channel group.
    pub groups: Vec<GroupScore>,
    /// The primary comparison first; then, where that one waits for coding, replies of any kind.
    pub comparisons: Vec<Comparison>,
    /// Replies by position in the order, where the order is confounded with the channel.
    pub positions: Vec<PositionScore>,
    /// Channels that companies offer, and do not.
    pub availability: Vec<Availability>,
    /// Companies that were asked and answered on no channel.
    pub answered_nowhere: Vec<CompanyRef>,
    /// Companies that answered outside, but not through their own form.
    pub answered_outside_only: Vec<OutsideOnly>,
    /// By company.
    pub companies: Vec<CompanyScore>,
}

/// What a channel came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelScore {
    /// Its name.
    pub channel: String,
    /// Its counts and rates.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What a channel group came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupScore {
    /// Its name.
    pub group: String,
    /// Its channels.
    pub channels: Vec<String>,
    /// Its counts and rates.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What a company came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompanyScore {
    /// Its id.
    pub company: String,
    /// Its name, as the study gives it: a stranger's text.
    pub name: String,
    /// Its industry.
    pub industry: Option<String>,
    /// Its counts and rates.
    #[serde(flatten)]
    pub tally: Tally,
}

/// What inquiries came to that went out as the nth of their company on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PositionScore {
    /// The channel.
    pub channel: String,
    /// The position, from 1.
    pub position: u32,
    /// Response rate before any reminder.
    pub response: Rate,
}
