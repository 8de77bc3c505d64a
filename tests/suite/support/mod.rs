//! What tests share: one file a real server.
