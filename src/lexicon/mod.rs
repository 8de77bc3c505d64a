//! Vocabulary by language, as data.

pub mod reminders;
