//! `Scorecard` → terminal text, CSV, JSON.
