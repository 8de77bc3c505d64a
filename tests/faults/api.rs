//! An instance whose API misbehaves.
