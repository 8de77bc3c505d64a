//! A submission server that misbehaves.
