//! What kind of answer a reply seems to be: a machine's suggestion, in classes and never in words.
//!
//! A suggestion decides nothing: [`observation`](super::observation) reads only what people coded. It is
//! journaled without words, so that counts of it outlive a purge; the words behind it are read out
//! of the evidence again whenever somebody wants to see them.

use super::channel::Channel;
use super::event::Adequacy;
use super::ids::InboundId;
use super::inbound::Confidence;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Something that seems to be so, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likely<T> {
    /// What.
    pub is: T,
    /// How sure.
    pub sure: Confidence,
}

/// What kind of answer a reply seems to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestions {
    /// How adequate it seems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adequacy: Option<Likely<Adequacy>>,
    /// Of the things that a full answer contains, in the study's order: whether it seems to hold each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<bool>,
    /// Where it sends the asker, in the order of its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sends_to: Vec<Likely<Destination>>,
    /// What it promises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Likely<Promise>>,
    /// Its tone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Likely<Tone>>,
    /// ISO 639-1 code of its language, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What else shows, each once, in the order of [`Mark::ALL`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Likely<Mark>>,
    /// An earlier reply of the same company that says nearly the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<InboundId>,
}

/// A promise of an answer, a call or a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// By when, in the company's own days; `None` where it names no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
}

/// Where a reply sends the asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Another channel, or the same one again.
    Channel(Channel),
    /// A shop, a branch, a meeting.
    Visit,
    /// A page to read.
    WebPage,
    /// Another company: a dealer, the maker, an authority.
    OtherCompany,
}

/// What shows in a reply beside its substance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The same text that others got.
    Canned,
    /// In none of the study's languages.
    WrongLanguage,
    /// It wants to know something before it answers.
    AsksBack,
    /// It apologises.
    Apology,
    /// It thanks for the question.
    Thanks,
    /// It calls the asker by name.
    ByName,
    /// A person's name stands below it.
    Signed,
    /// It knows of an earlier message.
    KnowsEarlier,
    /// It says that it knows of no earlier message.
    KnowsNoEarlier,
    /// It says why it comes late.
    ExplainsDelay,
    /// It suspects a test.
    SuspectsTest,
    /// It asks to be left alone.
    LeaveAlone,
}

/// How a reply speaks to the asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// With the forms of courtesy.
    Courteous,
    /// To the point.
    Neutral,
    /// Short to the edge of rudeness.
    Curt,
}

impl<T> Likely<T> {
    /// Likely by so many per cent.
    #[must_use]
    pub fn by(percent: u32, is: T) -> Self {
        Self { is, sure: Confidence::percent(percent) }
    }
}

impl Suggestions {
    /// Whether a mark shows, and how sure that is.
    #[must_use]
    pub fn mark(&self, mark: Mark) -> Option<Confidence> {
        self.marks.iter().find(|m| m.is == mark).map(|m| m.sure)
    }

    /// Whether nothing at all shows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Mark {
    /// Every mark, in the order in which they are told.
    pub const ALL: [Self; 12] = [
        Self::Canned,
        Self::WrongLanguage,
        Self::AsksBack,
        Self::Apology,
        Self::Thanks,
        Self::ByName,
        Self::Signed,
        Self::KnowsEarlier,
        Self::KnowsNoEarlier,
        Self::ExplainsDelay,
        Self::SuspectsTest,
        Self::LeaveAlone,
    ];

    /// Its name, as codebooks and reports have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Canned => "canned",
            Self::WrongLanguage => "wrong_language",
            Self::AsksBack => "asks_back",
            Self::Apology => "apology",
            Self::Thanks => "thanks",
            Self::ByName => "by_name",
            Self::Signed => "signed",
            Self::KnowsEarlier => "knows_earlier",
            Self::KnowsNoEarlier => "knows_no_earlier",
            Self::ExplainsDelay => "explains_delay",
            Self::SuspectsTest => "suspects_test",
            Self::LeaveAlone => "leave_alone",
        }
    }
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 3] = [Self::Courteous, Self::Neutral, Self::Curt];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Courteous => "courteous",
            Self::Neutral => "neutral",
            Self::Curt => "curt",
        }
    }
}

impl Destination {
    /// Its name: a channel's, or `visit`, `web_page`, `other_company`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Channel(channel) => channel.name(),
            Self::Visit => "visit",
            Self::WebPage => "web_page",
            Self::OtherCompany => "other_company",
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a text is no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no channel, and none of visit, web_page, other_company")]
pub struct DestinationError(String);

impl FromStr for Destination {
    type Err = DestinationError;
    fn from_str(text: &str) -> Result<Self, DestinationError> {
        [Self::Visit, Self::WebPage, Self::OtherCompany]
            .into_iter()
            .find(|d| d.name() == text)
            .or_else(|| text.parse().ok().map(Self::Channel))
            .ok_or_else(|| DestinationError(text.to_owned()))
    }
}

impl Serialize for Destination {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_read_back_as_written_and_say_nothing_of_what_does_not_show() {
        let some = Suggestions {
            adequacy: Some(Likely::by(80, Adequacy::Redirected)),
            sends_to: vec![Likely::by(90, Destination::Channel(Channel::Phone)), Likely::by(70, Destination::Visit)],
            marks: vec![Likely::by(95, Mark::Thanks)],
            ..Suggestions::default()
        };
        let json = serde_json::to_string(&some).unwrap();
        assert!(json.contains(r#"{"is":"phone","sure":90}"#) && !json.contains("tone"), "{json}");
        assert_eq!(serde_json::from_str::<Suggestions>(&json).unwrap(), some);
        assert_eq!(serde_json::to_string(&Suggestions::default()).unwrap(), "{}");
        assert!(Mark::ALL.is_sorted() && "post".parse::<Destination>().is_err());
    }
}
