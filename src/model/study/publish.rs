//! What may be published of a study, and in whose words beside its own.

use crate::model::ids::CompanyId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a report for the public may show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// What companies are called.
    pub names: Names,
    /// Fewest companies behind a published figure about several of them; where the study says
    /// nothing, see [`Publish::companies_min`].
    pub minimum_cell: Option<u32>,
    /// Which quotations of replies are shown.
    pub quotations: Quotations,
    /// The licence of the published data: an SPDX identifier such as `CC-BY-4.0`.
    pub licence: Option<String>,
    /// How those who asked have conducted themselves, in their words.
    pub statement: Option<String>,
    /// What companies say about the results, in their words.
    pub comments: BTreeMap<CompanyId, String>,
}

/// What companies are called in public.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// By pseudonyms, and nothing is shown by which few of them could be told.
    #[default]
    Pseudonyms,
    /// By their names.
    Shown,
}

/// Which quotations of replies a report for the public shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quotations {
    /// Those that a person approved.
    #[default]
    Approved,
    /// None.
    None,
}

/// Fewest companies behind a figure where companies have pseudonyms and the study names no number.
const COMPANIES_MIN: u32 = 5;

impl Publish {
    /// Whether the study says nothing about publishing.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Fewest companies behind a published figure about several of them. Where companies are named
    /// each stands by itself, and nothing is protected by hiding sums.
    #[must_use]
    pub fn companies_min(&self) -> u32 {
        self.minimum_cell.unwrap_or(match self.names {
            Names::Pseudonyms => COMPANIES_MIN,
            Names::Shown => 1,
        })
    }
}
