//! How a try to deliver a message ended.

use super::ids::{AccountId, Text};
use super::time::Stamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A salted digest of bytes that live in the wave's deletable store: the journal's chain holds
/// this, never the bytes, so that words can be purged and the chain still holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(pub [u8; 32]);

impl Payload {
    /// Stands where the words were not read.
    pub const NONE: Self = Self([0; 32]);
}

/// 64 digits in hex, as the journal writes it.
impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Payload {
    type Err = hex::FromHexError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map(|()| Self(digest))
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(|text: &str| text.parse::<Self>().map_err(|e| e.to_string())))
    }
}

/// How an attempt ended, as the journal keeps it. `D` is what carries the peer's words:
/// plain text out of a [`Sender`](crate::channels::Sender), a [`Payload`] in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<D = Payload> {
    /// The other side took it.
    Accepted {
        /// When.
        at: Stamp,
        /// The other side's name for it (queue id, status id), as the peer gave it.
        receipt: Option<D>,
    },
    /// Taken, but queued or held for moderation: watched until it shows or the window ends.
    Held {
        /// When.
        at: Stamp,
        /// Why.
        failure: Failure<D>,
    },
    /// Nothing can have left: to be tried again.
    Deferred(Failure<D>),
    /// Refused for good.
    Rejected(Failure<D>),
    /// The other side did not take what was entered, and said what is wrong with it. Nothing was delivered: a person,
    /// who knows what they want, can still do it.
    EntriesRejected(Failure<D>),
    /// It may have left: never resent by a machine.
    InDoubt(Failure<D>),
    /// A person must do it: CAPTCHA, login, a form that cannot be filled, a platform's limit.
    Blocked(Failure<D>),
    /// Our own account failed before anything could leave: it pauses, no try is used up.
    AccountFailed {
        /// The account.
        account: AccountId,
        /// Why.
        failure: Failure<D>,
    },
}

/// Why an attempt did not simply succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure<D = Payload> {
    /// In which step.
    pub phase: Phase,
    /// The protocol's code (`550`, HTTP `404`).
    pub code: Option<u16>,
    /// Enhanced status code (RFC 3463), `5.1.1`.
    pub enhanced: Option<String>,
    /// Seconds that the other side asks us to wait (`Retry-After`, RFC 9110 §10.2.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// What is in a machine's way, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
    /// The peer's or our own words.
    pub detail: D,
}

/// What is in a machine's way, as a value: reports count it, and another engine may know a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// A proof that a person asks, of this kind (`reCAPTCHA`, `a sum`). No machine solves it.
    Captcha(String),
    /// A login.
    Login,
    /// A wall that lets through who looks like a person.
    BotWall,
    /// Consent to cookies, asked before anything is shown.
    ConsentWall,
    /// A script: without a browser there is no form, or it is not sent.
    NeedsBrowser,
    /// No form of the page takes a question, or it is unclear which.
    NoForm,
    /// A field that must be filled, and nobody said with what.
    UnknownField,
    /// Agreement to advertising.
    Advertising,
    /// What earlier builds journaled for [`Outcome::EntriesRejected`]: [read](Outcome::as_named_now) as that, never written.
    EntriesRefused,
}

impl Obstacle {
    /// Whether a browser may get past it, because it is made of scripts.
    #[must_use]
    pub const fn is_for_a_browser(&self) -> bool {
        matches!(self, Self::NeedsBrowser | Self::ConsentWall)
    }
}

/// The step in which something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Opening our account, page or instance: nothing about this message was said yet.
    Connect,
    /// Logging in.
    Login,
    /// Understanding the form or the limits.
    Prepare,
    /// Naming the recipient, or the request before its body was complete.
    Address,
    /// The message itself: from the first byte that could deliver it to the answer.
    Transfer,
    /// Judging the answer.
    Confirm,
}

impl<D> Failure<D> {
    /// A failure with words and no code.
    pub fn new(phase: Phase, detail: impl Into<D>) -> Self {
        Self { phase, code: None, enhanced: None, retry_after_seconds: None, obstacle: None, detail: detail.into() }
    }

    /// The same, with what is in the way.
    #[must_use]
    pub fn with_obstacle(mut self, obstacle: Obstacle) -> Self {
        self.obstacle = Some(obstacle);
        self
    }

    /// The same, with the protocol's code.
    #[must_use]
    pub fn with_code(mut self, code: u16) -> Self {
        self.code = Some(code);
        self
    }

    /// The same, with the wait that the other side asks for.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after_seconds = seconds;
        self
    }

    /// The same failure with its words carried in another way.
    fn try_map<E, X>(self, keep: &mut impl FnMut(D) -> Result<E, X>) -> Result<Failure<E>, X> {
        Ok(Failure {
            phase: self.phase,
            code: self.code,
            enhanced: self.enhanced,
            retry_after_seconds: self.retry_after_seconds,
            obstacle: self.obstacle,
            detail: keep(self.detail)?,
        })
    }
}

impl<D> Outcome<D> {
    /// The same outcome with the peer's words carried in another way.
    ///
    /// # Errors
    /// Whatever `keep` fails with.
    pub fn try_map<E, X>(self, mut keep: impl FnMut(D) -> Result<E, X>) -> Result<Outcome<E>, X> {
        Ok(match self {
            Self::Accepted { at, receipt } => Outcome::Accepted { at, receipt: receipt.map(keep).transpose()? },
            Self::Held { at, failure } => Outcome::Held { at, failure: failure.try_map(&mut keep)? },
            Self::Deferred(f) => Outcome::Deferred(f.try_map(&mut keep)?),
            Self::Rejected(f) => Outcome::Rejected(f.try_map(&mut keep)?),
            Self::EntriesRejected(f) => Outcome::EntriesRejected(f.try_map(&mut keep)?),
            Self::InDoubt(f) => Outcome::InDoubt(f.try_map(&mut keep)?),
            Self::Blocked(f) => Outcome::Blocked(f.try_map(&mut keep)?),
            Self::AccountFailed { account, failure } => {
                Outcome::AccountFailed { account, failure: failure.try_map(&mut keep)? }
            }
        })
    }

    /// What an earlier build has journaled, by the name that it has now.
    #[must_use]
    pub fn as_named_now(self) -> Self {
        match self {
            Self::Blocked(failure) if failure.obstacle == Some(Obstacle::EntriesRefused) => {
                Self::EntriesRejected(Failure { obstacle: None, ..failure })
            }
            other => other,
        }
    }

    /// The failure, where there is one.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure<D>> {
        match self {
            Self::Accepted { .. } => None,
            Self::Held { failure, .. } | Self::AccountFailed { failure, .. } => Some(failure),
            Self::Deferred(f) | Self::Rejected(f) | Self::EntriesRejected(f) | Self::InDoubt(f) | Self::Blocked(f) => {
                Some(f)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_build_called_entries_refused_is_read_as_entries_rejected() {
        let failure =
            r#"{"phase":"confirm","code":null,"enhanced":null,"obstacle":"entries_refused","detail":"No such town."}"#;
        let read: Outcome<String> = serde_json::from_str(&format!(r#"{{"blocked":{failure}}}"#)).unwrap();
        let expected = Outcome::EntriesRejected(Failure::new(Phase::Confirm, "No such town."));
        assert_eq!(read.as_named_now(), expected);
        let blocked: Outcome<String> = Outcome::Blocked(Failure::new(Phase::Prepare, "A login."));
        assert_eq!(blocked.clone().as_named_now(), blocked);
    }
}
