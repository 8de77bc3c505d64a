//! What a submission server's answer means: the recipient's fault, or ours.

use crate::model::outcome::{Failure, Phase};
use std::time::Duration;

/// Longest text of a server that is kept, in characters.
const TEXT_CHARS_MAX: usize = 1_000;

/// What a server has against our own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// It may not send from that address, to others, or without a login.
    Sender,
    /// It has sent too much.
    Limit,
}

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
    /// The server said something that is no answer to this step: 354 to RCPT, 250 to DATA.
    Odd {
        /// The reply code.
        code: u16,
        /// The text.
        text: String,
    },
    /// The connection broke, or the answer made no sense.
    Lost(String),
    /// Nothing came in that time.
    Silent(Duration),
}

impl Trouble {
    /// Whether the server refused for good.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::Said { code: 500..=599, .. })
    }

    /// Whether the refusal is about our account and not about the recipient or the message: login
    /// missing (RFC 4954 §6), sender's address (RFC 3463 X.1.7, X.1.8), relaying, quotas.
    pub(super) fn blames_us(&self) -> Option<Blame> {
        let Self::Said { code, text } = self else { return None };
        let lower = text.to_lowercase();
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
        let sender = [
            "sender address rejected",
            "not owned by user",
            "sendasdenied",
            "relay access denied",
            "relaying denied",
            "not permitted to relay",
            "authentication required",
        ];
        let bad_sender = enhanced(text).is_some_and(|e| matches!(e.get(1..), Some(".1.7" | ".1.8")));
        if matches!(code, 530 | 534 | 535 | 538) || bad_sender || says(&sender) {
            return Some(Blame::Sender);
        }
        says(&["sending quota", "sending limit"]).then_some(Blame::Limit)
    }

    /// The same, and where the server did not say what is wrong, what it means.
    pub(super) fn with_help(self, help: &str) -> Self {
        match self {
            Self::Lost(why) => Self::Lost(format!("{why}. {help}")),
            said => said,
        }
    }

    /// As the journal keeps it, with a word of advice.
    pub(super) fn failure(self, phase: Phase, help: &str) -> Failure<String> {
        let advised = |text: String| if help.is_empty() { text } else { format!("{text}. {help}") };
        match self {
            Self::Said { code, text } => {
                let enhanced = enhanced(&text).map(str::to_owned);
                let text = if text.is_empty() { "the server gives no reason".to_owned() } else { text };
                Failure { enhanced, ..Failure::new(phase, advised(text)).with_code(code) }
            }
            Self::Odd { code, text } => {
                let odd = format!("the server answered {code} {text}, which is no answer to this step");
                Failure::new(phase, advised(odd)).with_code(code)
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
            (450, "4.1.8 <a@b.example>: Sender address rejected: Domain not found", true),
            (452, "4.7.0 Daily sending quota exceeded", true),
        ] {
            let trouble = Trouble::Said { code, text: text.to_owned() };
            assert_eq!(trouble.blames_us().is_some(), ours, "{text}");
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
