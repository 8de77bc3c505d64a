//! The loop: what is due, pace, attempt, watch, intake, journal, close.
