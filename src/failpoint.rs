//! At which step does a test kill the program? Only with the feature `failpoints`; without it, nothing is compiled.
//!
//! `RISPOSTA_FAILPOINT=name:3` kills the process outright when it reaches `name` for the third time, as a power cut
//! would: nothing unwinds, nothing is flushed.

/// A step that a test may stop at.
#[cfg(not(feature = "failpoints"))]
pub const fn reach(_name: &str) {}

/// A step of its own for each event that is appended: `before covered`, `after covered`.
#[cfg(not(feature = "failpoints"))]
pub const fn reach_each<T>(_when: &str, _events: &[T]) {}

#[cfg(feature = "failpoints")]
pub use armed::{reach, reach_each};

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// The step that is wanted, and how often it is still to be reached.
    static WANTED: LazyLock<Option<(String, AtomicU32)>> = LazyLock::new(|| {
        let wanted = std::env::var("RISPOSTA_FAILPOINT").ok()?;
        let (name, times) = wanted.rsplit_once(':').unwrap_or((&wanted, "1"));
        Some((name.to_owned(), AtomicU32::new(times.parse().ok()?)))
    });

    /// A step that a test may stop at.
    pub fn reach(name: &str) {
        if let Some((wanted, left)) = &*WANTED
            && wanted == name
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            // Where the signal cannot be sent, the next best end.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            std::process::abort();
        }
    }

    /// A step of its own for each event that is appended: `before covered`, `after covered`.
    pub fn reach_each<T: serde::Serialize>(when: &str, events: &[T]) {
        for event in events.iter().filter_map(|event| serde_json::to_value(event).ok()) {
            reach(&format!("{when} {}", event["event"].as_str().unwrap_or_default()));
        }
    }
}
