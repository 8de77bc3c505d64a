//! Vocabulary by language, as data.

pub mod banners;
pub mod form_words;
pub mod mail_words;
pub mod reminders;
pub mod tickets;
