//! What tests share: one file a real server, or a thing around the program.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod asking;
pub(crate) mod fake_world;
pub(crate) mod imap_faults;
pub(crate) mod installed;
pub(crate) mod little_plan;
pub(crate) mod little_study;
pub(crate) mod mailstack;
pub(crate) mod mastodon_mock;
pub(crate) mod mezzanine;
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod site;
pub(crate) mod smtp_faults;
pub(crate) mod zoo;
