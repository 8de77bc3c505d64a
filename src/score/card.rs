//! What does a scorecard hold? Everything that a report may print, and nothing that it must compute.

use super::also::Told;
use super::badge::Badge;
use super::companies::{CompanyRef, OutsideOnly};
use super::comparison::Comparison;
use super::comparison::parallel::Parallel;
use super::comparison::several::Several;
use super::findings::Findings;
use super::frame::{About, Availability};
use super::league::League;
use super::rate::Rate;
use super::raters::{Agreement, ItemAgreement};
use super::stories::Stories;
use super::tally::Tally;
use super::uncertain::Uncertain;
use super::variants::Variant;
use crate::stats::Estimate;
use serde::{Deserialize, Serialize};

/// Version of the scorecard's JSON.
pub const SCORECARD_FORMAT: u32 = 3;

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
    /// The same where each company was asked on one channel: parallel groups.
    pub parallel: Vec<Parallel>,
    /// The comparison that is told with each kind of doubt settled at both ends; nothing where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Whether an edition leaves out the comparison, and with it its variants, because too few companies
    /// are compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub comparison_hidden: bool,
    /// All channels against each other, then all groups: exploratory.
    pub several: Vec<Several>,
    /// The companies in order, or why there is none.
    pub league: League,
    /// How well raters agree; `None` where no reply was coded by two.
    pub agreement: Option<Agreement>,
    /// The same for each other item of the codebook that two or more coded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreement_by_item: Vec<ItemAgreement>,
    /// Replies whose adequacy raters coded differently, and nobody has decided.
    #[serde(default)]
    pub disputed: u32,
    /// Redirections, circles, promises, and what was acknowledged and never answered; `None` for a CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stories: Option<Stories>,
    /// How replies would move if messages that are not sure were the other thing; `None` where all are,
    /// and for a CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<Uncertain>,
    /// Facebook's badge, for every channel and page with enough inquiries in seven days.
    pub badges: Vec<Badge>,
    /// Numbers that mislead, each with the reason; only those that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Told>,
    /// Replies by position in the order.
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

/// The difference that a scorecard tells, left minus right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToldDifference {
    /// It, with its interval.
    pub difference: Estimate,
    /// Whether the data show it: otherwise it may be chance.
    pub is_shown: bool,
}

impl Scorecard {
    /// The first comparison, of pairs or of parallel groups; `None` where nothing is compared.
    #[must_use]
    pub fn told_difference(&self) -> Option<ToldDifference> {
        let paired = self.comparisons.first().map(|c| (c.result.difference, c.result.is_shown()));
        let parallel = self.parallel.first().map(|c| (c.difference, c.is_shown()));
        let (difference, is_shown) = paired.or(parallel)?;
        Some(ToldDifference { difference: difference?, is_shown })
    }
}
