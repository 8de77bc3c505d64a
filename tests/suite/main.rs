//! Tests against real parts: servers, pages and the program itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod amended;
mod cli;
mod coding;
mod discovery;
mod end_to_end;
mod flat;
mod form_command;
mod form_study;
mod forms;
mod forms_changed;
mod import;
mod mail;
mod mastodon;
mod namespace;
mod options;
mod oracles;
mod readme;
mod rehearsal;
mod report;
mod scoring;
#[path = "../support/mod.rs"]
mod support;
mod town;
mod wave_loop;
mod web_form;
mod which_wave;
