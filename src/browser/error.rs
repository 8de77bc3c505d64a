//! What can go wrong with a browser, and whose fault it is.

use std::time::Duration;

/// Why the browser did not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// A program is missing or does not fit.
    #[error("{what}. {help}")]
    Missing {
        /// What is wrong.
        what: String,
        /// What to do.
        help: String,
    },
    /// The browser or its driver did not start, or is gone.
    #[error("the browser failed: {0}")]
    Gone(String),
    /// No answer in time.
    #[error("the browser gave no answer within {0:?}")]
    Late(Duration),
    /// A script of ours got no answer from the page in time: one of the page's works without end.
    #[error("the page hangs in the browser: a script of its own works without end")]
    Hangs,
    /// It was clicked, or may have been; what came of it the driver cannot say.
    #[error("what came of a click was not seen: {0}")]
    Unseen(String),
    /// The page did not come to an end of loading in time.
    #[error("the page was not loaded within 45 s")]
    Slow,
    /// The page's process ended.
    #[error("the page crashed in the browser")]
    Crashed,
    /// The page could not be loaded; Chromium's name for why, `ERR_CONNECTION_REFUSED`.
    #[error("the page could not be loaded: {0}")]
    Unreached(String),
    /// What was asked for is not there (any more), or cannot be done.
    #[error("{0}")]
    Refused(String),
}

impl BrowserError {
    /// Whether it is the browser itself that failed, and no page in it.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Gone(_) => true,
            Self::Late(_)
            | Self::Hangs
            | Self::Unseen(_)
            | Self::Slow
            | Self::Crashed
            | Self::Unreached(_)
            | Self::Refused(_) => false,
        }
    }
}
