//! Tests against real parts: servers, pages and the program itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cli;
mod mail;
mod mastodon;
mod namespace;
mod oracles;
mod readme;
mod support;
mod town;
mod web_form;
