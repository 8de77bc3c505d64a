//! Tests against real parts: servers, pages and the program itself.

mod oracles;
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod namespace;
mod readme;
mod support;
