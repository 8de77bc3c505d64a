//! At which step does a test kill the program? Only with the feature `failpoints`; without it, nothing is compiled.
//!
//! `RISPOSTA_FAILPOINT=name,other` kills the process outright when it reaches one of these steps, as a power cut would:
//! nothing unwinds, nothing is flushed. Which one it was is left in the file that `RISPOSTA_FAILPOINT_HIT` names.

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
    use std::env;
    use std::sync::LazyLock;

    /// The steps that are wanted.
    static WANTED: LazyLock<Vec<String>> = LazyLock::new(|| {
        let wanted = env::var("RISPOSTA_FAILPOINT").unwrap_or_default();
        wanted.split(',').map(str::to_owned).collect()
    });

    /// A step that a test may stop at.
    pub fn reach(name: &str) {
        if !WANTED.iter().any(|wanted| wanted == name) {
            return;
        }
        if let Some(path) = env::var_os("RISPOSTA_FAILPOINT_HIT") {
            // A test that finds nothing there says so.
            let _ = std::fs::write(path, name);
        }
        // Where the signal cannot be sent, the next best end.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }

    /// A step of its own for each event that is appended: `before covered`, `after covered`.
    pub fn reach_each<T: serde::Serialize>(when: &str, events: &[T]) {
        for event in events.iter().filter_map(|event| serde_json::to_value(event).ok()) {
            reach(&format!("{when} {}", event["event"].as_str().unwrap_or_default()));
        }
    }
}
