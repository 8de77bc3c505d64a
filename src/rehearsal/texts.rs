//! What simulated companies say, by language: data in `texts/`, one file a language.

use crate::model::answer::Destination;
use crate::model::study::Says;
use serde::Deserialize;

/// The texts of one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    /// How a quotation's date is written (strftime).
    pub(super) date: String,
    /// The line above a quotation.
    pub(super) quote: String,
    /// The lines under a reply.
    pub(super) signature: Vec<String>,
    answer: Vec<String>,
    partial: Vec<String>,
    redirect: Vec<Redirect>,
    promise: Vec<String>,
    canned: Vec<String>,
    kept: Vec<String>,
    /// The automatic "received".
    pub(super) acknowledge: Acknowledge,
    /// Labels and messages of contact forms.
    pub(super) form: FormTexts,
}

/// A text that sends the asker elsewhere, and where to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirect {
    to: Destination,
    text: String,
}

/// The automatic "received".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acknowledge {
    /// Its subject.
    pub(super) subject: String,
    /// Its text.
    pub(super) text: String,
}

/// Labels and messages of contact forms; each is named after its field or occasion.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormTexts {
    pub(super) title: String,
    pub(super) intro: String,
    pub(super) name: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) subject: String,
    pub(super) subjects: Vec<String>,
    pub(super) choose: String,
    pub(super) message: String,
    pub(super) consent: String,
    pub(super) trap: String,
    pub(super) send: String,
    pub(super) search: String,
    pub(super) newsletter: String,
    pub(super) thanks: String,
    pub(super) thanks_path: String,
    pub(super) required: String,
    pub(super) expired: String,
}

/// What a text's placeholders stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names<'a> {
    /// The persona's full name.
    pub(super) name: &'a str,
    /// The company's name.
    pub(super) company: &'a str,
    /// The question's subject.
    pub(super) subject: &'a str,
}

impl Texts {
    /// The texts of a language (ISO 639-1); English where there are none.
    ///
    /// # Errors
    /// Only where a file of this program is damaged; a test reads them all.
    pub(super) fn of_language(language: &str) -> Result<Self, String> {
        let yaml = match language {
            "it" => include_str!("texts/it.yaml"),
            "de" => include_str!("texts/de.yaml"),
            "fr" => include_str!("texts/fr.yaml"),
            "es" => include_str!("texts/es.yaml"),
            _ => include_str!("texts/en.yaml"),
        };
        serde_yaml::from_str(yaml).map_err(|e| e.to_string())
    }

    /// What a reply says; `variant` picks one of several texts. A canned text is always the same.
    pub(super) fn reply(&self, says: Says, variant: u32, names: Names<'_>) -> String {
        match says {
            Says::Answer => pick(&self.answer, variant, names),
            Says::Partial => pick(&self.partial, variant, names),
            Says::Redirect => self.redirection(variant).map(|r| fill(&r.text, names)).unwrap_or_default(),
            Says::PromiseBroken | Says::PromiseKept => pick(&self.promise, variant, names),
            Says::Canned => pick(&self.canned, 0, names),
        }
    }

    /// Where the redirection of that variant sends the asker.
    pub(super) fn redirects_to(&self, variant: u32) -> Option<Destination> {
        self.redirection(variant).map(|redirect| redirect.to)
    }

    fn redirection(&self, variant: u32) -> Option<&Redirect> {
        self.redirect.get(variant as usize % self.redirect.len().max(1))
    }

    /// What is said when a promise is kept.
    pub(super) fn kept(&self, variant: u32, names: Names<'_>) -> String {
        pick(&self.kept, variant, names)
    }
}

fn pick(texts: &[String], variant: u32, names: Names<'_>) -> String {
    let at = variant as usize % texts.len().max(1);
    texts.get(at).map(|text| fill(text, names)).unwrap_or_default()
}

/// The text with its placeholders filled in.
pub(super) fn fill(text: &str, names: Names<'_>) -> String {
    let first = names.name.split_whitespace().next().unwrap_or_default();
    text.replace("{first}", first)
        .replace("{name}", names.name)
        .replace("{company}", names.company)
        .replace("{subject}", names.subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything() {
        let names = Names { name: "Enrico Riva", company: "Alfa", subject: "Glutine" };
        let mut seen = std::collections::BTreeSet::new();
        for language in ["it", "en", "de", "fr", "es"] {
            let texts = Texts::of_language(language).unwrap();
            let all = [Says::Answer, Says::Partial, Says::Redirect, Says::PromiseKept, Says::Canned];
            for says in all {
                for variant in 0..3 {
                    let text = texts.reply(says, variant, names);
                    assert!(text.len() > 20 && !text.contains('{'), "{language}: {text}");
                }
            }
            assert!(seen.insert(texts.reply(Says::Canned, 7, names)), "{language} repeats another language");
            assert_eq!(texts.reply(Says::Canned, 1, names), texts.reply(Says::Canned, 2, names));
            assert!(!texts.form.subjects.is_empty() && !texts.kept(0, names).is_empty());
        }
    }
}
