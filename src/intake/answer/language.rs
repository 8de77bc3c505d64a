//! In which language is a reply? Told only among the study's and the five of the vocabulary: a free
//! choice misreads short texts.

use whatlang::{Detector, Lang};

/// Shortest text whose language is told, in letters.
const LETTERS_MIN: usize = 40;

/// How sure a language is that was told.
const SURE: u32 = 85;

/// ISO 639-1 codes and the detector's languages.
const LANGUAGES: [(&str, Lang); 16] = [
    ("en", Lang::Eng),
    ("it", Lang::Ita),
    ("de", Lang::Deu),
    ("fr", Lang::Fra),
    ("es", Lang::Spa),
    ("pt", Lang::Por),
    ("nl", Lang::Nld),
    ("pl", Lang::Pol),
    ("sv", Lang::Swe),
    ("da", Lang::Dan),
    ("fi", Lang::Fin),
    ("cs", Lang::Ces),
    ("hu", Lang::Hun),
    ("ro", Lang::Ron),
    ("el", Lang::Ell),
    ("tr", Lang::Tur),
];

/// Languages of [`LANGUAGES`] that are always among those told apart.
const ALWAYS: usize = 5;

/// The languages that are told apart.
#[derive(Debug)]
pub(super) struct Known {
    study: String,
    /// `None` where the study's language is none that the detector knows.
    detector: Option<Detector>,
}

impl Known {
    /// For a study in that language.
    pub(super) fn of(study: &str) -> Self {
        let of_study = LANGUAGES.iter().find(|(code, _)| *code == study).map(|(_, lang)| *lang);
        let all = |of_study| LANGUAGES[..ALWAYS].iter().map(|(_, lang)| *lang).chain([of_study]).collect();
        Self { study: study.to_owned(), detector: of_study.map(|lang| Detector::with_allowlist(all(lang))) }
    }

    /// The language of a text; `None` where it is too short or not sure.
    pub(super) fn detect(&self, text: &str) -> Option<&'static str> {
        if text.chars().filter(|c| c.is_alphabetic()).take(LETTERS_MIN).count() < LETTERS_MIN {
            return None;
        }
        let info = self.detector.as_ref()?.detect(text).filter(whatlang::Info::is_reliable)?;
        LANGUAGES.iter().find(|(_, lang)| *lang == info.lang()).map(|(code, _)| *code)
    }

    /// How sure it is that a language is none of the study's; `None` where it is, or may be.
    pub(super) fn is_wrong(&self, language: Option<&str>) -> Option<u32> {
        language.filter(|language| *language != self.study).map(|_| SURE)
    }
}
