//! Identifiers that cannot be mistaken for one another, or for free text.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Longest identifier accepted, in bytes: it becomes part of folder names and mail aliases.
pub const ID_BYTES_MAX: usize = 64;

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no identifier: use 1 to 64 of a-z, 0-9, `-`, `_`, starting with a letter or digit")]
pub struct IdError {
    /// What was given.
    pub text: String,
}

/// Whether `text` can stand as an identifier: lower-case ASCII letters, digits, `-` and `_`.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    !text.is_empty()
        && text.len() <= ID_BYTES_MAX
        && text.bytes().all(allowed)
        && text.as_bytes()[0].is_ascii_alphanumeric()
}

/// The nearest identifier to a free text: `Biscotti Alfa` → `biscotti-alfa`.
/// Empty when the text has no letter or digit that ASCII knows.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match fold_accent(c) {
            Some(plain) => out.push_str(plain),
            None if c.is_ascii_alphanumeric() => out.push(c),
            None if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            None => {}
        }
    }
    out.truncate(ID_BYTES_MAX);
    out.trim_end_matches('-').to_owned()
}

fn fold_accent(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' => "a",
        'ä' | 'æ' => "ae",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ù' | 'ú' | 'û' => "u",
        'ü' => "ue",
        'ß' => "ss",
        _ => return None,
    })
}

/// Reads a text in place: an identifier is copied once, into the room that all its copies share.
pub(super) struct Text<F>(pub(super) F);

impl<T, F: FnOnce(&str) -> Result<T, String>> Visitor<'_> for Text<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an identifier or a digest")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_identifier(text) { Ok(Self(text.into())) } else { Err(IdError { text: text.to_owned() }) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(|text: &str| text.parse::<Self>().map_err(|e| e.to_string())))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

identifier!(
    /// A study: one YAML file, one experiment.
    StudyId
);
identifier!(
    /// A wave: one run of a study. Ids that start with [`WaveId::REHEARSAL_PREFIX`] are reserved.
    WaveId
);
identifier!(
    /// A company that is asked.
    CompanyId
);
identifier!(
    /// A holding, franchise or shared call centre: clusters the statistics, caps the burden.
    GroupId
);
identifier!(
    /// A question of the study.
    QuestionId
);
identifier!(
    /// Who asks.
    PersonaId
);
identifier!(
    /// One of our own accounts (mailbox, Mastodon account): what we send from or watch.
    AccountId
);

impl WaveId {
    /// Waves of a rehearsal start with this, and `run --live` refuses them.
    pub const REHEARSAL_PREFIX: &'static str = "rehearsal";

    /// Whether this wave is simulated, by its name.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.0.starts_with(Self::REHEARSAL_PREFIX)
    }
}

impl AccountId {
    /// The account that stands for a person's own eyes and hands.
    pub fn person() -> Self {
        Self("person".into())
    }

    /// The account that stands for our own access to the web: forms need no login.
    pub fn web() -> Self {
        Self("web".into())
    }

    /// The account that stands for the browser that we start.
    pub fn browser() -> Self {
        Self("browser".into())
    }
}

/// Company × channel × question × repetition, written `company.channel.question.1`:
/// the unit of analysis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InquiryId(Arc<str>);

impl InquiryId {
    /// The id of an inquiry. `repetition` counts from 1.
    #[must_use]
    pub fn new(company: &CompanyId, channel: super::channel::Channel, question: &QuestionId, repetition: u32) -> Self {
        Self(format!("{company}.{channel}.{question}.{repetition}").into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes any text: whether the inquiry exists is for the plan to say.
impl From<&str> for InquiryId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Serialize for InquiryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for InquiryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(|text: &str| Ok(Self::from(text))))
    }
}

impl fmt::Display for InquiryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An inbound message of a wave, numbered in the order it was stored; shown as `m12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InboundId(pub u32);

impl fmt::Display for InboundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("m{}", self.0))
    }
}

impl FromStr for InboundId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.strip_prefix('m').unwrap_or(text);
        digits.parse().map(Self).map_err(|_| IdError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_identifiers_or_empty() {
        for (text, expected) in [
            ("Biscotti Alfa", "biscotti-alfa"),
            ("Società però & C. S.p.A.", "societa-pero-c-s-p-a"),
            ("Müller", "mueller"),
            ("東京", ""),
            ("--", ""),
        ] {
            assert_eq!(slug(text), expected);
            assert!(expected.is_empty() || is_identifier(expected));
        }
        assert!(is_identifier(&slug(&"x y ".repeat(100))));
    }

    #[test]
    fn identifiers_refuse_paths_and_spaces() {
        for bad in ["", "../x", "a b", "A", "-a", &"a".repeat(65)] {
            assert!(bad.parse::<StudyId>().is_err(), "{bad}");
        }
    }
}
