//! The channels that are known, and how each of them can be used.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A way to reach a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Electronic mail to an address of the company.
    Email,
    /// A contact form on the company's web site.
    WebForm,
    /// A Mastodon (or compatible) account.
    Mastodon,
    /// A Facebook page: comment or message.
    Facebook,
    /// An Instagram account.
    Instagram,
    /// A WhatsApp number.
    Whatsapp,
    /// A Telegram account.
    Telegram,
    /// An account on X.
    X,
    /// A LinkedIn page.
    Linkedin,
    /// A live chat on the company's web site.
    Chat,
    /// A forum where the company answers.
    Forum,
    /// A telephone number.
    Phone,
}

/// Who delivers a message on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Risposta sends it.
    Automatic,
    /// A person sends it; Risposta prepares the text and records what the person did.
    Assisted,
}

impl Channel {
    /// Every channel, in the order in which tables list them.
    pub const ALL: [Self; 12] = [
        Self::Email,
        Self::WebForm,
        Self::Mastodon,
        Self::Facebook,
        Self::Instagram,
        Self::Whatsapp,
        Self::Telegram,
        Self::X,
        Self::Linkedin,
        Self::Chat,
        Self::Forum,
        Self::Phone,
    ];

    /// The channel's name in YAML, CSV and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::WebForm => "web_form",
            Self::Mastodon => "mastodon",
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
            Self::X => "x",
            Self::Linkedin => "linkedin",
            Self::Chat => "chat",
            Self::Forum => "forum",
            Self::Phone => "phone",
        }
    }

    /// Whether Risposta sends on this channel, or a person does.
    #[must_use]
    pub const fn delivery(self) -> Delivery {
        match self {
            Self::Email | Self::WebForm | Self::Mastodon => Delivery::Automatic,
            Self::Facebook
            | Self::Instagram
            | Self::Whatsapp
            | Self::Telegram
            | Self::X
            | Self::Linkedin
            | Self::Chat
            | Self::Forum
            | Self::Phone => Delivery::Assisted,
        }
    }

    /// Longest text that the channel takes, in characters; `None` where no limit is known.
    /// An instance, page or form may have a smaller one of its own.
    #[must_use]
    pub const fn text_chars_max(self) -> Option<usize> {
        match self {
            Self::Mastodon => Some(500),
            Self::Facebook => Some(8_000),
            Self::Instagram => Some(1_000),
            Self::Telegram => Some(4_096),
            Self::X => Some(280),
            Self::Linkedin => Some(1_250),
            Self::Email | Self::WebForm | Self::Whatsapp | Self::Chat | Self::Forum | Self::Phone => None,
        }
    }

    /// Whether a message on this channel has a subject line of its own.
    #[must_use]
    pub const fn has_subject(self) -> bool {
        matches!(self, Self::Email | Self::WebForm | Self::Forum)
    }

    /// Whether replies to this channel come into the persona's mailbox.
    #[must_use]
    pub const fn replies_by_mail(self) -> bool {
        matches!(self, Self::Email | Self::WebForm)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|c| c.name() == text).ok_or_else(|| UnknownChannel(text.to_owned()))
    }
}

/// A name that no channel has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel `{0}`")]
pub struct UnknownChannel(pub String);
