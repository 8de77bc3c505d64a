//! What a scalar may say: one list of kinds, each with its check and its place in the JSON Schema.

use super::handle;
use super::words::{self, Word};
use crate::model::channel::Channel;
use crate::model::ids::{ID_BYTES_MAX, is_identifier, slug};
use crate::model::time::{Span, SpanError};
use serde_json::{Value as Json, json};

/// A kind of scalar.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leaf {
    /// Any text that is not empty.
    Text,
    /// An identifier of ours.
    Id,
    /// A name in a template: a letter, then letters, digits or `_`.
    Variable,
    /// A length of time.
    Span,
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds.
    Count(u64, u64),
    /// A number from 0 to 1.
    Probability,
    /// A number of at least 0.
    Amount,
    /// An e-mail address.
    Email,
    /// An address on the web.
    Url,
    /// An IANA time zone.
    Timezone,
    /// Opening hours in OpenStreetMap syntax.
    Hours,
    /// ISO 639-1.
    Language,
    /// ISO 3166-1 alpha-2, with known holidays.
    Country,
    /// `env:NAME` or `file:PATH`.
    Secret,
    /// A name that web sites are told: `product/1.0 (comment)`.
    UserAgent,
    /// A mail server: `host` or `host:port`.
    Server,
    /// One of some words.
    Choice(&'static [Word]),
    /// A company's address on a channel, or `none`.
    Contact(Channel),
    /// The same where `none` makes no sense: inside a mapping.
    Handle(Channel),
    /// Questions: `q`, `q x3`, `q1; q2`.
    Asks,
    /// `adequate within 7d, own vs outside`.
    Primary,
}

/// Why a scalar is wrong, and what would be right.
#[derive(Debug)]
pub(super) struct Wrong {
    /// What is wrong.
    pub title: String,
    /// A few words for under the caret.
    pub label: String,
    /// What to do.
    pub help: String,
}

impl Wrong {
    /// All three.
    pub(super) fn new(title: impl Into<String>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self { title: title.into(), label: label.into(), help: help.into() }
    }
}

impl Leaf {
    /// Whether the text says such a thing.
    pub(super) fn check(self, text: &str) -> Result<(), Wrong> {
        match self {
            Self::Text if text.trim().is_empty() => {
                Err(Wrong::new("an empty text", "", "write something, or remove the key"))
            }
            Self::Text => Ok(()),
            Self::Id => id(text),
            Self::Variable => variable(text),
            Self::Span => text.parse::<Span>().map(drop).map_err(|wrong| match wrong {
                SpanError::Unreadable(_) => Wrong::new(
                    format!("`{text}` is no length of time"),
                    "",
                    "write a whole number and a unit: `90s`, `15m`, `2h`, `28d` or `4w`",
                ),
                SpanError::TooLong(_) => Wrong::new(
                    format!("`{text}` is too long"),
                    format!("at most {}, ten years", Span::MAX),
                    "look at the number and its unit: `90s`, `15m`, `2h`, `28d` or `4w`",
                ),
            }),
            Self::Flag => text
                .parse::<bool>()
                .map(drop)
                .map_err(|_| Wrong::new(format!("`{text}` is neither `true` nor `false`"), "", "")),
            Self::Count(least, most) => match text.parse::<u64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(()),
                _ => Err(Wrong::new(format!("`{text}` is no whole number from {least} to {most}"), "", "")),
            },
            Self::Probability => match text.parse::<f64>() {
                Ok(number) if (0.0..=1.0).contains(&number) => Ok(()),
                _ => Err(Wrong::new(format!("`{text}` is no probability"), "from 0 to 1", percent_help(text))),
            },
            Self::Amount => match text.parse::<f64>() {
                Ok(number) if number.is_finite() && (0.0..=100.0).contains(&number) => Ok(()),
                _ => {
                    Err(Wrong::new(format!("`{text}` is no number from 0 to 100"), "", "write it with a point: `0.5`"))
                }
            },
            Self::Email => handle::email(text),
            Self::Url => handle::url(text).map(drop),
            Self::Timezone => words::timezone(text).map(drop),
            Self::Hours => words::hours(text).map(drop),
            Self::Language => words::language(text),
            Self::Country => words::country(text).map(drop),
            Self::Secret => words::secret(text).map(drop),
            Self::UserAgent => words::user_agent(text),
            Self::Server => words::server(text).map(drop),
            Self::Choice(choices) => words::choose(text, choices),
            Self::Contact(_) if text == "none" => Ok(()),
            Self::Contact(channel) | Self::Handle(channel) => handle::check(channel, text),
            Self::Asks => words::asks(text).map(drop),
            Self::Primary => words::primary(text).map(drop),
        }
    }

    /// What a person reads where something else stands: "expected …".
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Id | Self::Variable => "a name",
            Self::Span => "a length of time, such as `28d`",
            Self::Flag => "`true` or `false`",
            Self::Count(..) => "a whole number",
            Self::Probability => "a probability",
            Self::Amount => "a number",
            Self::Email => "an e-mail address",
            Self::Url => "a web address",
            Self::Timezone => "a time zone",
            Self::Hours => "opening hours",
            Self::Language => "a language",
            Self::Country => "a country",
            Self::Secret => "`env:NAME` or `file:PATH`",
            Self::UserAgent => "a user agent",
            Self::Server => "a server",
            Self::Choice(_) => "a word",
            Self::Contact(_) | Self::Handle(_) => "a company's address on this channel",
            Self::Asks => "a question's id",
            Self::Primary => "a comparison",
        }
    }

    /// As JSON Schema. What a schema cannot say (time zones, opening hours) stays a text there.
    pub(super) fn schema(self) -> Json {
        match self {
            Self::Text
            | Self::Timezone
            | Self::Hours
            | Self::Server
            | Self::Asks
            | Self::Contact(_)
            | Self::Handle(_) => {
                json!({"type": ["string", "number", "boolean"]})
            }
            Self::Id => {
                json!({"type": ["string", "number"], "pattern": format!("^[a-z0-9][a-z0-9_-]{{0,{}}}$", ID_BYTES_MAX - 1)})
            }
            Self::Variable => json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}),
            Self::Span => json!({"type": "string", "pattern": r"^\s*[0-9]+\s*(s|m|min|h|d|w)\s*$"}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Count(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Self::Probability => json!({"type": "number", "minimum": 0, "maximum": 1}),
            Self::Amount => json!({"type": "number", "minimum": 0, "maximum": 100}),
            Self::Email => json!({"type": "string", "format": "email"}),
            Self::Url => json!({"type": "string", "format": "uri", "pattern": "^https?://"}),
            Self::Language => json!({"type": "string", "pattern": "^[a-z]{2}$"}),
            Self::Country => json!({"type": "string", "pattern": "^[A-Z]{2}$"}),
            Self::Secret => json!({"type": "string", "pattern": "^(env|file):.+"}),
            Self::UserAgent => json!({"type": "string", "pattern": "^[A-Za-z_-]+(/| |$)[ -~]*$"}),
            Self::Choice(choices) => json!({"type": "string", "enum": choices.iter().map(|c| c.0).collect::<Vec<_>>()}),
            Self::Primary => json!({"type": "string", "pattern": r"^(adequate|replied) within .+, .+ vs .+$"}),
        }
    }
}

fn id(text: &str) -> Result<(), Wrong> {
    if is_identifier(text) {
        return Ok(());
    }
    let help = match slug(text) {
        near if near.is_empty() => "use 1 to 64 of a-z, 0-9, `-`, `_`, starting with a letter or digit".to_owned(),
        near => format!("use 1 to 64 of a-z, 0-9, `-`, `_`, starting with a letter or digit: `{near}`"),
    };
    Err(Wrong::new(format!("`{text}` is no identifier"), "", help))
}

fn variable(text: &str) -> Result<(), Wrong> {
    let start = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if start && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return match text {
            "persona" | "company" => Err(Wrong::new(
                format!("`{text}` cannot be a variable"),
                "",
                format!("templates know {text} already, as in `{{{{ {text}.name }}}}`: choose another name"),
            )),
            _ => Ok(()),
        };
    }
    Err(Wrong::new(
        format!("`{text}` is no variable's name"),
        "",
        "use letters, digits and `_`, starting with a letter",
    ))
}

fn percent_help(text: &str) -> String {
    match text.trim_end_matches(['%', ' ']).parse::<f64>() {
        Ok(percent) if (1.0..=100.0).contains(&percent) => {
            format!("{percent} percent is written `{}`", percent / 100.0)
        }
        _ => "write it with a point: `0.3`".to_owned(),
    }
}
