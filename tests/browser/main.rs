//! Tests in a real Chromium, through its real driver.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod forms;
mod pages;
mod processes;
#[path = "../support/mod.rs"]
mod support;
mod visits;
mod wave;
mod zoo;

use risposta::browser::{Browser, Whereabouts};
use risposta::net::{Dialer, install_tls_provider};

/// A browser that reaches whatever the test serves.
fn browser() -> Browser {
    install_tls_provider();
    Browser::new(Dialer::World, Whereabouts::from_env(), "en")
}
