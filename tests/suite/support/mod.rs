//! What tests share: one file a real server.

pub(crate) mod little_plan;
