//! What the tests need around the program.

pub mod asking;
pub mod installed;
pub mod mastodon_mock;
pub mod mezzanine;
pub mod site;
