//! YAML → `Study`, every mistake found at once, each pointing at its line.
