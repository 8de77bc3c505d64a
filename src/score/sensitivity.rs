//! What would the comparison say if messages of unknown delivery were settled either way?

use super::comparison::parallel::{Parallel, compare_groups};
use super::comparison::{Comparison, compare};
use super::frame::About;
use crate::model::observation::{Observation, Observed, UndeliveredReason};
use crate::model::time::Span;
use serde::{Deserialize, Serialize};

/// The primary comparison at both ends of what is not known. The tables themselves count such
/// messages among all asked, and not among those delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Messages of unknown delivery.
    pub unknown: u32,
    /// If they had arrived, and stayed silent.
    pub if_silent: Compared,
    /// If they had not arrived.
    pub if_undelivered: Compared,
}

/// The comparison that a study makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The same companies on both sides.
    Paired(Comparison),
    /// Each company on one side.
    Parallel(Parallel),
    /// The study compares nothing.
    Nothing,
}

impl Compared {
    /// The companies that are compared; `None` where nothing is.
    #[must_use]
    pub const fn companies(&self) -> Option<u32> {
        match self {
            Self::Paired(c) => Some(c.result.companies),
            Self::Parallel(groups) => Some(groups.companies()),
            Self::Nothing => None,
        }
    }
}

/// Both ends; `None` where every delivery is settled.
#[must_use]
pub fn sensitivity(rows: &[Observed], about: &About) -> Option<Sensitivity> {
    let unknown = rows.iter().filter(|r| is_unknown(r)).count();
    (unknown > 0).then(|| Sensitivity {
        unknown: u32::try_from(unknown).unwrap_or(u32::MAX),
        if_silent: first(&settled(rows, Observation::Silent { window: about.window.as_secs() }), about),
        if_undelivered: first(&settled(rows, not_arrived()), about),
    })
}

fn is_unknown(row: &Observed) -> bool {
    matches!(row.observation, Observation::UnknownDelivery { .. })
}

const fn not_arrived() -> Observation {
    Observation::Undelivered { reason: UndeliveredReason::NeverTaken, after: Span::from_secs(0).as_secs() }
}

fn settled(rows: &[Observed], as_what: Observation) -> Vec<Observed> {
    let settle = |row: &Observed| Observed {
        observation: if is_unknown(row) { as_what } else { row.observation },
        ..row.clone()
    };
    rows.iter().map(settle).collect()
}

fn first(rows: &[Observed], about: &About) -> Compared {
    let parallel = compare_groups(rows, about).into_iter().next().map(Compared::Parallel);
    let paired = || compare(rows, about).into_iter().next().map(Compared::Paired);
    parallel.or_else(paired).unwrap_or(Compared::Nothing)
}
