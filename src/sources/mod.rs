//! How to watch: one file a kind of account, each behind the trait [`Source`].

pub mod imap;
pub mod maildir;
pub mod mastodon;
mod received;
mod spam;

use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::inbound::RawInbound;
use async_trait::async_trait;
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
}

/// Why an account could not be read. `help` says what a person can do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct SourceError {
    /// What failed, without secrets.
    pub what: String,
    /// What to do.
    pub help: String,
}
