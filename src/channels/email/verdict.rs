//! What a submission server's answer means: the recipient's fault, or ours.

use crate::model::outcome::{Failure, Phase};
use lettre::transport::smtp;
use std::error::Error;
use std::time::Duration;

/// Longest text of a server that is kept, in characters.
const TEXT_CHARS_MAX: usize = 1_000;

/// Why a step did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The server said no: 4xx or 5xx.
    Said {
        /// The reply code.
        code: u16,
        /// The text, with its enhanced code in front where there is one.
        text: String,
    },
    /// The connection broke, or the answer made no sense.
    Lost(String),
    /// Nothing came in that time.
    Silent(Duration),
}

impl From<smtp::Error> for Trouble {
    fn from(error: smtp::Error) -> Self {
        let cause = || error.source().map(ToString::to_string);
        match error.status() {
            Some(code) => Self::Said { code: code.into(), text: shortened(&cause().unwrap_or_default()) },
            None => Self::Lost(shortened(&cause().unwrap_or_else(|| error.to_string()))),
        }
    }
}

impl Trouble {
    /// Whether the server refused for good.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::Said { code: 500..=599, .. })
    }

    /// Whether the refusal is about our account and not about the recipient or the message:
    /// login missing (RFC 4954 §6), sender's address (RFC 3463 X.1.7, X.1.8), relaying, quotas.
    pub(super) fn blames_us(&self) -> bool {
        let Self::Said { code, text } = self else { return false };
        let lower = text.to_lowercase();
        let about_us = [
            "sender address rejected",
            "not owned by user",
            "sendasdenied",
            "relay access denied",
            "relaying denied",
            "not permitted to relay",
            "authentication required",
            "sending quota",
            "sending limit",
        ];
        let bad_sender = enhanced(text).is_some_and(|e| matches!(e.get(1..), Some(".1.7" | ".1.8")));
        matches!(code, 530 | 534 | 535 | 538) || bad_sender || about_us.iter().any(|phrase| lower.contains(phrase))
    }

    /// As the journal keeps it, with a word of advice.
    pub(super) fn failure(self, phase: Phase, help: &str) -> Failure<String> {
        let advised = |text: String| if help.is_empty() { text } else { format!("{text}. {help}") };
        match self {
            Self::Said { code, text } => {
                let enhanced = enhanced(&text).map(str::to_owned);
                Failure { phase, code: Some(code), enhanced, retry_after_seconds: None, detail: advised(text) }
            }
            Self::Lost(why) => Failure::new(phase, advised(format!("connection lost: {why}"))),
            Self::Silent(limit) => Failure::new(phase, advised(format!("no answer within {limit:?}"))),
        }
    }
}

/// The enhanced status code (RFC 3463) that a text starts with.
pub(super) fn enhanced(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let digits = |p: &&str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(digits) && matches!(parts[0], "2" | "4" | "5")).then_some(word)
}

/// Bounded, on one line.
pub(super) fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TEXT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_laid_at_the_right_door() {
        for (code, text, ours) in [
            (550, "5.1.1 <x@alfa.example>: Recipient address rejected: User unknown", false),
            (553, "5.7.1 <a@b.example>: Sender address rejected: not owned by user enrico", true),
            (554, "5.7.1 <x@alfa.example>: Relay access denied", true),
            (530, "5.7.0 Must issue a STARTTLS command first", true),
            (550, "5.7.1 Message rejected as spam", false),
            (550, "5.1.8 Sender's domain does not exist", true),
            (452, "4.2.2 Mailbox full", false),
        ] {
            let trouble = Trouble::Said { code, text: text.to_owned() };
            assert_eq!(trouble.blames_us(), ours, "{text}");
        }
    }

    #[test]
    fn enhanced_codes_are_read_where_they_are() {
        assert_eq!(enhanced("5.1.1 no such user"), Some("5.1.1"));
        assert_eq!(enhanced("5.7.606 banned"), Some("5.7.606"));
        for none in ["no such user", "10.0.0.1 listed", "5.1 x", "", "5.1.1234 x"] {
            assert_eq!(enhanced(none), None, "{none}");
        }
    }
}
