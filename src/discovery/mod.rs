//! Where can a company be asked? A site is visited politely (`visit`), each of its pages is read for
//! what it publishes (`read`, which is pure), and what was found becomes a company of a study (`entry`).

mod entry;
mod fetch;
mod ids;
mod many;
mod pace;
mod read;
mod robots;
mod visit;
mod yaml;

pub use entry::{Asked, Entry, Outcome, Point, enter};
pub use fetch::Limits;
pub use ids::{Ids, Taken};
pub use many::visit_all;
pub use read::{Address, ContactForm, FormMissing, Link, Marks, Place, Profile, Reading, Sighting, read};
pub use visit::{Seen, Visited};
pub use yaml::{clean, write};

use crate::net::Dialer;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// How Risposta calls itself where a study does not say who visits.
pub const USER_AGENT: &str = concat!("Risposta/", env!("CARGO_PKG_VERSION"), " (contact-channel audit)");

/// How a site is visited.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Where connections may go.
    pub dialer: Dialer,
    /// Who visits; its first word is the name that `robots.txt` speaks to.
    pub user_agent: String,
    /// ISO 639-1 code of the language that pages are asked for in.
    pub language: String,
    /// Most requests to a site, `robots.txt` and redirects included.
    pub requests_max: u32,
    /// Least time from the end of a request to the next one to the same host.
    pub pause: Duration,
    /// Longest visit; a request that has begun then is let end.
    pub site_limit: Duration,
    /// Limits of one request.
    pub limits: Limits,
}

/// A site to be visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub url: Url,
    /// Whether `https` is our guess, and plain HTTP is to be tried as well.
    pub scheme_is_guessed: bool,
    /// What is known of the company already, by the keys of a study: `name`, `industry`, `vars.product`.
    pub known: BTreeMap<String, String>,
}

impl Target {
    /// A site by what a person types: `rossi.it`, `https://rossi.it/`. `None` where that is no address on the web.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let scheme_is_guessed = !text.contains("://");
        let whole = if scheme_is_guessed { format!("https://{text}") } else { text.to_owned() };
        let mut url = Url::parse(&whole).ok()?;
        url.set_fragment(None);
        let web = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
        web.then_some(Self { url, scheme_is_guessed, known: BTreeMap::new() })
    }
}
