//! What tests share: one file a real server.

pub(crate) mod little_plan;
//! What the tests need around the program.

pub mod asking;
pub mod installed;
pub mod mezzanine;
pub mod site;
pub(crate) mod mailstack;
pub(crate) mod proxy;
pub(crate) mod smtp_faults;
