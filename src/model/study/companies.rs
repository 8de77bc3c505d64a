//! Who is asked, what, and where each company can be reached.

use super::recipe::{Engine, Step};
use super::{Cost, Found};
use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, GroupId, PersonaId, QuestionId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use url::Url;

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name, as a report prints it.
    pub name: String,
    /// Its industry.
    pub industry: Option<String>,
    /// The holding, franchise or call centre it belongs to.
    pub group: Option<GroupId>,
    /// Its time zone.
    pub timezone: chrono_tz::Tz,
    /// Opening hours in OpenStreetMap syntax.
    pub hours: Option<String>,
    /// ISO 3166-1 alpha-2 code, for public holidays.
    pub country: Option<String>,
    /// Its web site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<Url>,
    /// Its postal address, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The questions it gets, and how often.
    pub asks: Vec<Ask>,
    /// Values for the question's template.
    pub vars: BTreeMap<String, String>,
    /// Where it can be reached, in the order the study lists them.
    pub contact_points: Vec<ContactPoint>,
    /// Channels that were looked for and are not offered.
    pub not_offered: Vec<Channel>,
    /// The persona that asks it; assigned in rotation where none is named.
    pub persona: Option<PersonaId>,
}

/// A question to a company, and how often it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The question.
    pub question: QuestionId,
    /// Number of repetitions on each channel, at least 1.
    pub times: u32,
}

/// One address of a company on one channel. At most one a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactPoint {
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub target: Target,
    /// Whether a person has confirmed it: what a machine found on a web site is not written to before.
    // What is left out in writing is what is taken for granted in reading: `true`.
    #[serde(default = "confirmed", skip_serializing_if = "Clone::clone")]
    pub confirmed: bool,
    /// Whether it is another company's address too, and is asked for each of them: the desk of several brands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Where it was found, if a machine found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// What asking there costs a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// What a study writes without more is a person's word.
const fn confirmed() -> bool {
    true
}

impl ContactPoint {
    /// A point that a person has written into the study.
    #[must_use]
    pub const fn new(channel: Channel, target: Target) -> Self {
        Self { channel, target, confirmed: true, shared: false, found: None, cost: None }
    }
}

/// An address on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An e-mail address.
    Email {
        /// The address, `local@domain`.
        address: String,
    },
    /// A page with a contact form.
    WebForm(FormTarget),
    /// An account on Mastodon.
    Mastodon {
        /// `user@instance`, without a leading `@`.
        handle: String,
        /// Who can read the question.
        visibility: Visibility,
    },
    /// A page, number or account that a person writes to.
    Assisted {
        /// Handle, number or page name.
        handle: String,
        /// Where the person goes.
        link: Option<Url>,
        /// Who can read the question.
        visibility: Visibility,
    },
}

impl Target {
    /// The host that a message to it burdens, as the study writes it. Assisted messages go through
    /// a person's own client, at a person's pace: no host.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Email { address } => address.rsplit_once('@').map(|(_, domain)| domain),
            Self::WebForm(form) => form.url.host_str(),
            Self::Mastodon { handle, .. } => handle.rsplit_once('@').map(|(_, instance)| instance),
            Self::Assisted { .. } => None,
        }
    }

    /// Where a message to it arrives, however it is written: the same for two targets of a channel that are one.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Email { address } => address.to_lowercase(),
            Self::WebForm(form) => site(&form.url),
            Self::Mastodon { handle, .. } => handle.to_lowercase(),
            Self::Assisted { handle, .. } => match Url::parse(handle) {
                Ok(url) if url.has_host() => site(&url),
                _ if handle.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c)) => {
                    let digits: String = handle.chars().filter(char::is_ascii_digit).collect();
                    digits.trim_start_matches("00").to_owned()
                }
                _ => handle.to_lowercase(),
            },
        }
    }
}

/// An address on the web without what makes no other site or page of it: scheme, `www.`, case, a slash at its end.
#[must_use]
pub fn site(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    format!("{}{port}{path}{query}", host.strip_prefix("www.").unwrap_or(host)).to_lowercase()
}

/// Contact points of two companies that are one address, which the study does not call shared on both sides: the
/// earlier company and the later one, by their numbers, and the later one's point.
#[must_use]
pub fn asked_twice<'c>(companies: impl IntoIterator<Item = &'c Company>) -> Vec<(usize, usize, &'c ContactPoint)> {
    let mut first: HashMap<(Channel, String), (usize, &ContactPoint)> = HashMap::new();
    let mut twice = Vec::new();
    for (number, company) in companies.into_iter().enumerate() {
        for point in &company.contact_points {
            let (earlier, its) = *first.entry((point.channel, point.target.place())).or_insert((number, point));
            if earlier != number && !(point.shared && its.shared) {
                twice.push((earlier, number, point));
            }
        }
    }
    twice
}

/// Who can read a question on a social channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody: a post, a comment.
    Public,
    /// The company alone: a direct message.
    Private,
}

/// A contact form and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormTarget {
    /// The page that holds the form.
    pub url: Url,
    /// CSS selector of the form; detected where none is given.
    pub form: Option<String>,
    /// What to write where: form field name (or CSS selector) → template or role.
    /// A role is one of `name`, `email`, `phone`, `subject`, `message`, `consent`.
    pub fields: BTreeMap<String, String>,
    /// What proves that the form was taken.
    pub success: Option<FormSuccess>,
    /// What fills it.
    #[serde(default, skip_serializing_if = "Engine::is_auto")]
    pub engine: Engine,
    /// What to do step by step, where heuristics fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

impl FormTarget {
    /// A form of which nothing is known but its page.
    #[must_use]
    pub const fn at(url: Url) -> Self {
        Self { url, form: None, fields: BTreeMap::new(), success: None, engine: Engine::Auto, steps: Vec::new() }
    }

    /// Whether a browser fills it, whatever plain HTTP could do: the study says so, or has a recipe for it.
    #[must_use]
    pub fn wants_browser(&self) -> bool {
        match self.engine {
            Engine::Browser => true,
            Engine::Auto => !self.steps.is_empty(),
            Engine::Http => false,
        }
    }
}

/// What proves that a form was taken. All that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSuccess {
    /// Text that the answer's page shows.
    pub text: Option<String>,
    /// CSS selector that the answer's page matches.
    pub selector: Option<String>,
    /// Text that the final address contains.
    pub url: Option<String>,
}
