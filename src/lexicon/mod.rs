//! Vocabulary by language, as data.

pub mod answer_words;
pub mod form_words;
pub mod mail_words;
pub mod pattern;
pub mod reminders;
pub mod report_words;
pub mod site_words;
pub mod tickets;
