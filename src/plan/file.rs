//! `plan.json`: the frozen plan as bytes.

use crate::model::plan::{PLAN_FORMAT, Plan};
use serde::Deserialize;

/// Why a `plan.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not the JSON of a plan.
    #[error("this is no plan: {0}")]
    Json(#[from] serde_json::Error),
    /// It was written in another format.
    #[error("this plan has format {found}, this release reads {PLAN_FORMAT}: use the release that made it")]
    Format {
        /// The format it has.
        found: u32,
    },
}

/// The plan as JSON: two blanks of indentation, fields in the order of the types, maps sorted, a
/// newline at the end. Equal plans give equal bytes, on every platform.
#[must_use]
pub fn to_json(plan: &Plan) -> String {
    // Strings, numbers and maps with string keys only: writing them into memory cannot fail.
    let mut json = serde_json::to_string_pretty(plan).unwrap_or_default();
    json.push('\n');
    json
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// Where it is no plan, or one of another format.
pub fn from_json(json: &str) -> Result<Plan, PlanFileError> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let head: Head = serde_json::from_str(json)?;
    if head.format != PLAN_FORMAT {
        return Err(PlanFileError::Format { found: head.format });
    }
    Ok(serde_json::from_str(json)?)
}
