//! Vocabulary by language, as data.

pub mod mail_words;
