//! The texts of a report, one catalogue a language: a new language is a new file of `data/` and a
//! line of [`Language::ALL`].
//!
//! Catalogues are Fluent's (projectfluent.org): plurals are each language's own.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::fmt;
use std::str::FromStr;

/// A language that reports are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Italian.
    Italian,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Italian];

    /// Its code (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }

    const fn texts(self) -> &'static str {
        match self {
            Self::English => include_str!("data/report_en.ftl"),
            Self::Italian => include_str!("data/report_it.ftl"),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Language {
    type Err = String;
    fn from_str(code: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::code).join(", ");
        Self::ALL
            .into_iter()
            .find(|l| l.code() == code)
            .ok_or_else(|| format!("no language of reports; known: {}", known()))
    }
}

/// What stands for a text that the catalogue lacks.
pub const MISSING: char = '⟦';

/// The texts of one language.
pub struct Catalogue {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// The texts of a language.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let id: unic_langid::LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![id]);
        // Names are isolated by the page itself, where they need it.
        bundle.set_use_isolating(false);
        // A mistake leaves its own entry out: the test of all catalogues finds it.
        let resource = FluentResource::try_new(language.texts().to_owned()).unwrap_or_else(|(rest, _)| rest);
        let _ = bundle.add_resource(resource);
        Self { language, bundle }
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text of that key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some_and(|message| message.value().is_some())
    }

    /// A text; a missing one is its key in brackets that no catalogue uses.
    #[must_use]
    pub fn text(&self, key: &str, arguments: &[(&str, Value<'_>)]) -> String {
        let missing = || format!("{MISSING}{key}⟧");
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else { return missing() };
        let mut given = FluentArgs::new();
        for (name, value) in arguments {
            given.set(*name, value.fluent());
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&given), &mut errors);
        if errors.is_empty() { text.into_owned() } else { missing() }
    }
}

/// What a text is filled with.
#[derive(Debug, Clone, Copy)]
pub enum Value<'v> {
    /// A text that is ready to be shown.
    Text(&'v str),
    /// A number that decides between singular and plural.
    Number(u32),
}

impl<'v> Value<'v> {
    fn fluent(self) -> FluentValue<'v> {
        match self {
            Self::Text(text) => FluentValue::from(text),
            Self::Number(number) => FluentValue::from(number),
        }
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(language: Language) -> BTreeSet<&'static str> {
        let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        language.texts().lines().filter(is_key).filter_map(|line| Some(line.split_once(" =")?.0)).collect()
    }

    #[test]
    fn every_language_has_every_text_once() {
        let english = keys(Language::English);
        for language in Language::ALL {
            FluentResource::try_new(language.texts().to_owned()).expect("the catalogue is well-formed");
            assert_eq!(keys(language), english, "{language}");
            let lines = language.texts().lines().filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase())).count();
            assert_eq!(lines, english.len(), "{language} has a key twice");
            let catalogue = Catalogue::of(language);
            assert!(english.iter().all(|key| catalogue.has(key)), "{language}");
        }
    }

    #[test]
    fn each_number_of_a_text_has_its_own_plural() {
        for (language, made, kept, expected) in [
            (Language::Italian, 1, 1, "promessa fatta: 1 mantenuta, 2 no"),
            (Language::Italian, 1, 0, "promessa fatta: 0 mantenute, 2 no"),
            (Language::Italian, 3, 1, "promesse fatte: 1 mantenuta, 2 no"),
            (Language::Italian, 3, 2, "promesse fatte: 2 mantenute, 2 no"),
            (Language::English, 1, 1, "promise was made: 1 kept, 2 broken"),
            (Language::English, 3, 1, "promises were made: 1 kept, 2 broken"),
        ] {
            let values = [("n", Value::Number(made)), ("kept", Value::Number(kept)), ("broken", Value::Number(2))];
            assert_eq!(Catalogue::of(language).text("key-promises", &values), expected, "{language}");
        }
    }

    #[test]
    fn languages_use_the_same_variables() {
        let variables = |language: Language| -> Vec<(&str, BTreeSet<&str>)> {
            let mut all: Vec<(&str, BTreeSet<&str>)> = Vec::new();
            for line in language.texts().lines() {
                if let Some((key, _)) =
                    line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
                {
                    all.push((key, BTreeSet::new()));
                }
                let names =
                    line.split('$').skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
                if let Some((_, of_key)) = all.last_mut() {
                    of_key.extend(names);
                }
            }
            all.sort();
            all
        };
        for language in Language::ALL {
            assert_eq!(variables(language), variables(Language::English), "{language}");
        }
    }
}
