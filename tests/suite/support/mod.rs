//! What the tests need around the program.

pub(crate) mod asking;
pub(crate) mod installed;
pub(crate) mod mastodon_mock;
pub(crate) mod mezzanine;
pub(crate) mod site;
