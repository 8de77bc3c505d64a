//! What does an answer in JSON say? Scripts are answered so: `{"success": true}`, `{"status": "mail_sent"}`.

use super::super::software::Mark;
use crate::lexicon::form_words::{Concept, words};
use crate::lexicon::tickets;
use serde_json::Value;

/// How deep answers are looked into.
const DEPTH_MAX: usize = 4;

/// Most of its texts that are kept.
const WORDS_MAX: usize = 5;

/// Keys whose truth says whether it was taken.
const FLAGS: [&str; 9] =
    ["success", "ok", "sent", "isvalid", "issuccess", "mailsent", "valid", "accepted", "submitted"];

/// Keys whose word says it.
const STATES: [&str; 5] = ["status", "result", "state", "type", "code"];

/// Words for what was taken, what waits, and what was not taken.
const TAKEN: [&str; 10] =
    ["mail_sent", "ok", "success", "sent", "submitted", "done", "accepted", "created", "received", "completed"];
const HELD: [&str; 6] = ["pending", "queued", "moderation", "held", "awaiting_confirmation", "unconfirmed"];
const REFUSED: [&str; 12] = [
    "validation_failed",
    "validation_error",
    "mail_failed",
    "error",
    "fail",
    "failed",
    "failure",
    "invalid",
    "rejected",
    "acceptance_missing",
    "aborted",
    "spam",
];

/// What it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// What became of the message; `None` where it does not say.
    pub(super) says: Option<Mark>,
    /// Whether it was taken for spam.
    pub(super) is_spam: bool,
    /// Its texts for people: errors first.
    pub(super) words: Vec<String>,
    /// The number that it gives to the message.
    pub(super) receipt: Option<String>,
}

impl Told {
    /// Reads an answer; `None` where it is no JSON object or list.
    pub(super) fn read(body: &str) -> Option<Self> {
        let body = body.trim_start();
        if !body.starts_with(['{', '[']) {
            return None;
        }
        let value: Value = serde_json::from_str(body).ok()?;
        let mut found = Found::default();
        found.look(&value, 0);
        Some(found.told())
    }
}

#[derive(Default)]
struct Found {
    marks: Vec<Mark>,
    is_spam: bool,
    errors: Vec<String>,
    messages: Vec<String>,
    receipt: Option<String>,
}

impl Found {
    fn look(&mut self, value: &Value, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.look(item, depth + 1)),
            Value::Object(members) => members.iter().for_each(|(key, member)| self.member(key, member, depth)),
            _ => {}
        }
    }

    fn member(&mut self, key: &str, value: &Value, depth: usize) {
        let plain: String = key.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let names_error = plain.contains("error") || plain.contains("invalid");
        if FLAGS.contains(&plain.as_str())
            && let Some(yes) = truth(value)
        {
            self.marks.push(if yes { Mark::Taken } else { Mark::Refused });
        } else if STATES.contains(&plain.as_str())
            && let Some(word) = value.as_str()
        {
            self.state(&word.to_lowercase());
        } else if names_error {
            self.error(value);
        } else if words(key).iter().any(|w| tickets::is_name(w))
            && let Some(number) = as_text(value).and_then(|text| tickets::number(&text))
        {
            self.receipt.get_or_insert(number);
        }
        match value {
            Value::String(text) if text.contains(' ') => self.messages.push(without_tags(text)),
            // What stands under an error was read with it.
            _ if !names_error => self.look(value, depth + 1),
            _ => {}
        }
    }

    fn state(&mut self, word: &str) {
        self.is_spam |= word == "spam";
        for (known, mark) in [(&TAKEN[..], Mark::Taken), (&HELD[..], Mark::Held), (&REFUSED[..], Mark::Refused)] {
            if known.contains(&word) {
                self.marks.push(mark);
            }
        }
    }

    /// An error that is not empty; with its texts.
    fn error(&mut self, value: &Value) {
        let is_one = match value {
            Value::Null | Value::Bool(false) => false,
            Value::Bool(true) => true,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
        };
        if is_one {
            self.marks.push(Mark::Refused);
            self.texts(value, 0);
        }
    }

    fn texts(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) => self.errors.push(without_tags(text)),
            Value::Array(items) if depth < DEPTH_MAX => items.iter().for_each(|item| self.texts(item, depth + 1)),
            Value::Object(members) if depth < DEPTH_MAX => {
                members.values().for_each(|member| self.texts(member, depth + 1));
            }
            _ => {}
        }
    }

    /// A refusal weighs more than a "success" beside it; without either, the texts decide.
    fn told(self) -> Told {
        let texts = self.messages.join(" ");
        let said = |concept: Concept| concept.is_in(&texts);
        let of = |mark: Mark| self.marks.contains(&mark).then_some(mark);
        let by_words = || match (said(Concept::Held), said(Concept::Thanks), said(Concept::Error)) {
            (true, ..) => Some(Mark::Held),
            (_, true, false) => Some(Mark::Taken),
            _ => None,
        };
        let says = of(Mark::Refused).or_else(|| of(Mark::Held)).or_else(|| of(Mark::Taken)).or_else(by_words);
        let says = says.map(|mark| if mark == Mark::Taken && said(Concept::Held) { Mark::Held } else { mark });
        let receipt = self.receipt.or_else(|| tickets::given_in(&texts));
        let words = self.errors.into_iter().chain(self.messages).filter(|w| !w.is_empty()).take(WORDS_MAX).collect();
        Told { says, is_spam: self.is_spam, words, receipt }
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(yes) => Some(*yes),
        Value::Number(number) => number.as_i64().map(|n| n != 0),
        Value::String(word) => match word.to_lowercase().as_str() {
            "true" | "1" | "yes" | "ok" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn without_tags(text: &str) -> String {
    let pieces = text.split('<').enumerate();
    let pieces =
        pieces.map(|(i, piece)| if i == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) });
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_for_scripts_say_what_became_of_a_message() {
        for (body, says) in [
            (r#"{"success": true}"#, Some(Mark::Taken)),
            (r#"{"ok":true,"next":"/thanks"}"#, Some(Mark::Taken)),
            (r#"{"status":"mail_sent","message":"Grazie"}"#, Some(Mark::Taken)),
            (r#"{"status":"validation_failed","invalid_fields":[{"message":"E-mail fehlt"}]}"#, Some(Mark::Refused)),
            (r#"{"status":"spam","message":"There was an error"}"#, Some(Mark::Refused)),
            (r#"{"success":true,"errors":{"email":["is not valid"]}}"#, Some(Mark::Refused)),
            (r#"{"success":1,"errors":[],"error":null}"#, Some(Mark::Taken)),
            (r#"{"inlineMessage":"<p>Thanks for submitting the form.</p>"}"#, Some(Mark::Taken)),
            (r#"{"status":"pending"}"#, Some(Mark::Held)),
            (r#"{"success":true,"message":"Click the link to confirm your message"}"#, Some(Mark::Held)),
            (r#"{"data":{"success":false}}"#, Some(Mark::Refused)),
            (r#"{"id": 7}"#, None),
            ("[]", None),
        ] {
            assert_eq!(Told::read(body).unwrap().says, says, "{body}");
        }
        assert_eq!(Told::read("<p>"), None);
        assert_eq!(Told::read("{"), None);
        let told = Told::read(r#"{"success":true,"ticket_number":"ABC-4711"}"#).unwrap();
        assert_eq!(told.receipt.as_deref(), Some("ABC-4711"));
        let told = Told::read(r#"{"errors":{"email":["<b>E-mail</b> fehlt"]}}"#).unwrap();
        assert_eq!(told.words, ["E-mail fehlt"]);
    }
}
