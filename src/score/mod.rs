//! Observations → `Scorecard`.
