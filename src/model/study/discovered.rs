//! What is known of a contact point beside its address: where it was found, whether a person has
//! confirmed it, and what asking there costs a customer.

use serde::{Deserialize, Serialize};
use url::Url;

/// Where a contact point was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The page that publishes it.
    pub page: Url,
    /// How it stands there, in words: `mailto link`, `JSON-LD`.
    pub how: Option<String>,
    /// How sure the reading is, 0 to 1.
    pub confidence: Option<f64>,
}

/// What asking costs a customer. `None`: nobody has looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Fields that must be filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_fields: Option<u32>,
    /// Whether an account is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<bool>,
    /// Whether a telephone number is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<bool>,
    /// Whether a name is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_name: Option<bool>,
    /// The kind of CAPTCHA; `none` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha: Option<String>,
    /// Clicks from the home page; 0 is the home page itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicks: Option<u32>,
}

impl Cost {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
