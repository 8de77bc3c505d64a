//! How to watch: one file a kind of account, each behind the trait [`Source`].

pub mod export;
pub mod imap;
pub mod maildir;
pub mod mastodon;
mod received;
mod spam;
mod utf7;

use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::inbound::RawInbound;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// An account of ours at which replies may arrive.
#[async_trait]
pub trait Source: Send {
    /// The account.
    fn account(&self) -> &AccountId;

    /// The channel on which its messages come.
    fn channel(&self) -> Channel;

    /// The next batch of what lies behind `cursor` (`None`: from the beginning of the wave; what
    /// is older than the account's first look is not fetched). Changes nothing on the server:
    /// no flags, no deletions. May return a message that was returned before; never leaves one out.
    ///
    /// # Errors
    /// [`SourceError`]: the account could not be read; nothing is lost, the cursor stays.
    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError>;

    /// Returns when something may have arrived, or after `at_most`; may return early.
    async fn wait(&mut self, at_most: Duration);
}

/// Some of what arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The messages; bounded by the source in number and bytes.
    pub messages: Vec<RawInbound>,
    /// Where to go on, once these are durable.
    pub cursor: String,
    /// Whether more is waiting: coverage advances only with the last batch.
    pub more: bool,
    /// What may have arrived since the source was last covered and can never be read, in words: that
    /// time is a gap for good. Said with the last batch only.
    pub missed: Option<String>,
}

/// Why an account could not be read. `help` says what a person can do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct SourceError {
    /// The kind of failure: it decides how soon the account is tried again.
    pub trouble: Trouble,
    /// What failed, without secrets. The same failure has the same words, so that it is journaled once.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// What keeps an account from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No connection.
    Unreachable,
    /// No protected connection: certificate, TLS or STARTTLS.
    Unprotected,
    /// User, password or token refused.
    LoginRefused,
    /// The server says that it cannot serve us now.
    Unavailable,
    /// The account's quota is used up.
    OverQuota,
    /// A folder that should be watched is not there.
    FolderMissing,
    /// The connection broke off.
    Lost,
    /// No answer within the time limit.
    Silent,
    /// Answers that make no sense, or are longer than they may be.
    Garbled,
    /// The server refuses a command.
    Refused,
    /// Too many requests: none before `until`.
    RateLimited {
        /// When requests are taken again, by the server's word.
        until: DateTime<Utc>,
    },
    /// A file on this machine.
    File,
}

/// First rest after a failure that may pass by itself; doubled with each failure in a row.
const REST_FIRST: Duration = Duration::from_secs(2);

/// Longest rest after such a failure.
const REST_MAX: Duration = Duration::from_mins(5);

/// First rest after a failure that only a person can end; doubled with each failure in a row.
/// Servers lock out who knocks too often with a wrong password.
const REST_FOR_A_PERSON: Duration = Duration::from_mins(1);

/// Longest rest after a failure that only a person can end.
const REST_FOR_A_PERSON_MAX: Duration = Duration::from_mins(15);

/// Longest rest that a server may ask for.
const REST_ASKED_MAX: Duration = Duration::from_hours(1);

impl Trouble {
    /// How long the account is left alone after the `failures`th failure in a row (from 1). `chance`
    /// (0–255) spreads it by a fifth, so that several accounts do not come back at once.
    #[must_use]
    pub fn rest(self, failures: u32, chance: u8, now: DateTime<Utc>) -> Duration {
        let (first, most) = match self {
            Self::LoginRefused | Self::FolderMissing | Self::Unprotected | Self::File => {
                (REST_FOR_A_PERSON, REST_FOR_A_PERSON_MAX)
            }
            Self::RateLimited { until } => {
                let asked = (until - now).to_std().unwrap_or_default();
                return asked.clamp(REST_FIRST, REST_ASKED_MAX);
            }
            Self::Unreachable
            | Self::Unavailable
            | Self::OverQuota
            | Self::Lost
            | Self::Silent
            | Self::Garbled
            | Self::Refused => (REST_FIRST, REST_MAX),
        };
        let doubled = first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(most) * (80 + u32::from(chance) * 40 / 255) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_tried_again_within_seconds_then_ever_later() {
        let now = DateTime::UNIX_EPOCH;
        let rests = |trouble: Trouble| [1, 2, 3, 9, 60].map(|n| trouble.rest(n, 128, now).as_secs());
        assert_eq!(rests(Trouble::Lost), [2, 4, 8, 300, 300]);
        assert_eq!(rests(Trouble::LoginRefused), [60, 120, 240, 900, 900], "nobody is locked out");
        assert!(Trouble::Silent.rest(1, 0, now) < Trouble::Silent.rest(1, 255, now));
    }

    #[test]
    fn a_server_that_names_the_time_is_left_alone_until_then() {
        let now = DateTime::UNIX_EPOCH;
        let until = |seconds| Trouble::RateLimited { until: now + chrono::TimeDelta::seconds(seconds) };
        assert_eq!(until(140).rest(3, 0, now).as_secs(), 140);
        assert_eq!(until(-5).rest(1, 0, now).as_secs(), 2);
        assert_eq!(until(999_999).rest(1, 0, now).as_secs(), 3_600);
    }
}
