//! Our own side of a study: who asks, and from which accounts.

use crate::model::ids::{AccountId, PersonaId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// Where a secret comes from. The secret itself is read only when an account is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// An environment variable's name.
    Env(String),
    /// A file's path, absolute or beside the study.
    File(String),
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain text, then STARTTLS before anything private.
    Starttls,
    /// No protection; refused unless the server is on loopback.
    Plain,
}

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Host name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
}

/// How an inquiry gets an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AliasKind {
    /// Any local part of the domain arrives: human-looking names.
    CatchAll,
    /// `local+tag@domain`.
    Plus,
    /// The address is always the same; ids, domain and quoted text decide.
    None,
}

/// A mail account: we send from it and watch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Its id.
    pub id: AccountId,
    /// The address questions are asked from.
    pub address: String,
    /// How inquiries get addresses of their own.
    pub alias: AliasKind,
    /// Submission server; `None` for a mailbox that only receives.
    pub smtp: Option<Server>,
    /// Where replies arrive.
    pub inbox: Inbox,
    /// User name of the servers; the address where none is given.
    pub user: String,
    /// Password of both servers.
    pub password: Option<SecretSource>,
    /// Own certificate authority (PEM file), for servers that no public one vouches for.
    pub ca_file: Option<String>,
    /// Whether each question goes to our own address too, as a blind copy in the same transaction:
    /// that it arrives proves that the server had taken the question.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copy: bool,
}

/// Where a mail account's replies arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inbox {
    /// An IMAP server. `spam` names the spam folder where SPECIAL-USE does not.
    Imap {
        /// The server.
        server: Server,
        /// The spam folder's name.
        spam: Option<String>,
        /// Folders that mail is delivered into, beside INBOX and spam.
        folders: Vec<String>,
    },
    /// A Maildir on this machine; subfolders named `.Junk` or `.Spam` are read too.
    Maildir {
        /// Its path.
        path: String,
    },
}

/// A Mastodon (or compatible) account of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MastodonAccount {
    /// Its id.
    pub id: AccountId,
    /// The instance's address.
    pub instance: Url,
    /// The access token.
    pub token: SecretSource,
}

/// What some forms want to know of who asks, beside name, address and telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// `Mrs`, `Herr`.
    Salutation,
    /// The company one asks for.
    Company,
    /// Street and house number.
    Street,
    /// House number alone, where a form asks for it by itself.
    HouseNumber,
    /// Postal code.
    Postcode,
    /// Town.
    City,
    /// Province, state, canton.
    Region,
    /// Country.
    Country,
    /// Number of an order.
    OrderNumber,
    /// Number of a customer.
    CustomerNumber,
    /// Position in the company.
    Position,
    /// Web site.
    Website,
}

impl Detail {
    /// Every detail with its key in a study.
    pub const ALL: [(&'static str, Self); 12] = [
        ("salutation", Self::Salutation),
        ("company", Self::Company),
        ("street", Self::Street),
        ("house_number", Self::HouseNumber),
        ("postcode", Self::Postcode),
        ("city", Self::City),
        ("region", Self::Region),
        ("country", Self::Country),
        ("order_number", Self::OrderNumber),
        ("customer_number", Self::CustomerNumber),
        ("position", Self::Position),
        ("website", Self::Website),
    ];

    /// Its key in a study.
    #[must_use]
    pub fn key(self) -> &'static str {
        Self::ALL.iter().find(|(_, detail)| *detail == self).map_or("", |(key, _)| key)
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Its id.
    pub id: PersonaId,
    /// Full name, as a person would sign.
    pub name: String,
    /// Telephone number that forms get.
    pub phone: Option<String>,
    /// What forms get that ask for more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<Detail, String>,
    /// The mail account it writes from; needed for e-mail and web forms.
    pub mailbox: Option<AccountId>,
    /// The Mastodon account it writes from.
    pub mastodon: Option<AccountId>,
}
