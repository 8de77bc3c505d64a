//! Vocabulary by language, as data.

pub mod form_words;
