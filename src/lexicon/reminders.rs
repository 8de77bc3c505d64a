//! What a reminder says where a question brings no text of its own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static REMINDERS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("data/reminders.json")).unwrap_or_default());

/// The template of a plain reminder in a language (ISO 639-1 code); `None` where we have none.
/// It uses `subject`, the rendered subject of the question, and `persona.name`; it fits every
/// known channel as long as these two are short.
#[must_use]
pub fn reminder(language: &str) -> Option<&'static str> {
    REMINDERS.get(language).map(String::as_str)
}

/// The languages that have one, sorted.
pub fn languages() -> impl Iterator<Item = &'static str> {
    REMINDERS.keys().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_languages_have_a_reminder_that_fits_the_shortest_channel() {
        assert_eq!(languages().collect::<Vec<_>>(), ["de", "en", "es", "fr", "it"]);
        for language in languages() {
            let text = reminder(language).unwrap();
            assert!(text.contains("{{ subject }}") && text.contains("{{ persona.name }}"), "{language}");
            assert!(text.chars().count() < 240, "{language}");
        }
        assert_eq!(reminder("tlh"), None);
    }
}
