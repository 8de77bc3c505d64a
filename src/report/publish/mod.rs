//! What is published: the one value that HTML, CSV, JSON, Markdown and the terminal are written from.
//!
//! [`edition()`] decides what may be shown to whom; [`Publication::of`] counts and arranges what is
//! left. Nothing after it decides, counts or hides anything.

mod cells;
mod codebook;
mod companies;
mod costs;
mod edition;
mod latency;
mod material;
mod redact;
mod story;
mod summary;
mod undated;

pub use cells::TooFew;
pub use codebook::ItemTold;
pub use companies::{CompanyPage, Line, Patterns, Status, Tile};
pub use costs::ChannelCost;
pub use edition::{Audience, edition};
pub use latency::{Curve, Latencies, Point};
pub use material::{
    Amendment, Asked, BUNDLE_FORMAT, Changed, CompanyFacts, Earlier, Inquiry, Material, Merged, Method, Quotation,
    Record,
};
pub use redact::redact;
pub use story::{Mark, What};
pub use summary::{Found, Instrument, SideFound, Sides, Summary};

use crate::score::Scorecard;
use crate::score::comparison::OnBothSides;
use crate::score::waves::Waves;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Version of the published JSON.
pub const PUBLICATION_FORMAT: u32 = 1;

/// What is published of a wave, for one audience.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Publication {
    /// Version of this format: [`PUBLICATION_FORMAT`].
    pub format: u32,
    /// Risposta's version.
    pub risposta: String,
    /// Says SIMULATED where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// For whom: `team`, `client`, `public`.
    pub audience: String,
    /// What was changed for them.
    pub changed: Changed,
    /// The one page.
    pub summary: Summary,
    /// All numbers.
    pub scorecard: Scorecard,
    /// Who waited how long, as curves.
    pub latencies: Latencies,
    /// The companies behind the comparison that is told.
    pub pairs: Vec<OnBothSides>,
    /// Every channel, in the order of tables.
    pub channels: Vec<String>,
    /// What asking costs a customer, by channel.
    pub costs: Vec<ChannelCost>,
    /// The companies, in the study's order.
    pub companies: Vec<CompanyPage>,
    /// When replies came, over all companies, each in its own time.
    pub patterns: Patterns,
    /// When questions left, by channel: hours of the day, in the companies' time.
    pub sent_by_hour: Vec<(String, [u32; 24])>,
    /// What the codebook asks about replies, and how they are coded.
    pub codebook: Vec<ItemTold>,
    /// Words of replies that may be shown.
    pub quotations: Vec<Quotation>,
    /// What changed since other waves; `None` where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waves: Option<Waves>,
    /// No message left before this moment.
    pub started: Option<DateTime<Utc>>,
    /// The language of the questions.
    pub language: String,
    /// How it was done.
    pub method: Method,
    /// By which record it can be checked.
    pub record: Record,
    /// The licence of the data.
    pub licence: Option<String>,
    /// How those who asked conducted themselves.
    pub statement: Option<String>,
}

impl Publication {
    /// What may be published of `material`, which has been made fit for its readers before.
    #[must_use]
    pub fn of(material: &Material, audience: &Audience) -> Self {
        let rows = material.rows();
        let scorecard = material.score();
        let told = summary::told(&scorecard);
        let pairs = told.map(|comparison| comparison.companies(&rows)).unwrap_or_default();
        let channels = material.channels();
        let companies = companies::pages(material, &scorecard, &channels);
        Self {
            format: PUBLICATION_FORMAT,
            risposta: material.risposta.clone(),
            notice: material.notice.clone(),
            audience: audience.name().to_owned(),
            changed: material.changed.clone(),
            summary: summary::summary(&scorecard, material, &pairs),
            latencies: latency::latencies(&rows, &scorecard),
            pairs,
            channels,
            patterns: companies::patterns_of_all(material),
            sent_by_hour: companies::sent_by_hour(material),
            costs: costs::by_channel(material),
            companies,
            codebook: material.codebook.clone(),
            quotations: material.quotations.clone(),
            waves: material.changes(),
            started: Some(material.start),
            language: material.language.clone(),
            method: material.method.clone(),
            record: material.record.clone(),
            licence: material.publish.licence.clone(),
            statement: material.publish.statement.clone(),
            scorecard,
        }
    }

    /// Whether companies are invented.
    #[must_use]
    pub const fn is_simulated(&self) -> bool {
        self.notice.is_some()
    }
}
