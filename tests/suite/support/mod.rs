//! What tests share: one file a real server.

pub(crate) mod mailstack;
pub(crate) mod proxy;
pub(crate) mod smtp_faults;
