//! The fault matrix: servers misbehave at every phase, and each cell's outcome is held against what the server really
//! received.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "each matrix ends with its figures on one line")]

mod api;
mod certificates;
mod http;
mod imap;
mod matrix;
mod smtp;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod web;
mod whole;
