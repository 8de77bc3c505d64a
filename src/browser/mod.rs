//! A real browser, for pages that only work in one: started when it is first needed, used by one visit
//! after the other, each with its own cookies and storage, ended with everything it started.
//!
//! What is absent, and why: a second window onto the network. A visit's connections come through a
//! door of ours ([`socks`]) to the one dialer, so that a rehearsal stays in its town and a page of the
//! web never reaches our own network.

mod devtools;
mod error;
mod leftover;
mod process;
mod program;
mod running;
mod socks;
mod traffic;
mod visit;

pub use error::BrowserError;
pub use program::{Programs, Whereabouts};
pub use traffic::{Dialog, Gate, Request};
pub use visit::{Key, Node, Visit};

use crate::net::Dialer;
use running::Running;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The browser of a wave. Cheap to clone; all clones are one browser.
#[derive(Debug, Clone)]
pub struct Browser {
    running: Arc<Mutex<Option<Running>>>,
    dialer: Dialer,
    whereabouts: Whereabouts,
    language: String,
    patience: Patience,
}

/// How long a page is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To be loaded: as long as for plain HTTP.
    pub load: Duration,
    /// To answer a script of ours: one that takes longer hangs.
    pub script: Duration,
    /// To do any one thing, loading included.
    pub command: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { load: Duration::from_secs(45), script: Duration::from_secs(15), command: Duration::from_mins(1) }
    }
}

impl Browser {
    /// A browser that is started by the first visit. `language`: ISO 639-1 code of the language that
    /// pages are asked for in.
    #[must_use]
    pub fn new(dialer: Dialer, whereabouts: Whereabouts, language: &str) -> Self {
        let language = language.to_owned();
        Self { running: Arc::default(), dialer, whereabouts, language, patience: Patience::default() }
    }

    /// The same, with another patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Whether the programs are there and fit each other.
    ///
    /// # Errors
    /// What is missing, and how to install it.
    pub async fn programs(&self) -> Result<Programs, BrowserError> {
        self.whereabouts.find().await
    }

    /// Begins a visit in a context of its own, where nothing of earlier ones is known. One visit at a
    /// time: the next one waits until this one is closed or dropped. `inside`: whether the pages stand in
    /// our own network, and may lead into it.
    ///
    /// # Errors
    /// When the browser cannot be started.
    pub async fn visit(&self, inside: bool) -> Result<Visit, BrowserError> {
        let mut held = self.running.clone().lock_owned().await;
        if held.as_ref().is_some_and(Running::is_worn)
            && let Some(worn) = held.take()
        {
            worn.stop().await;
        }
        // One that was killed while nobody used it is found out by the first command.
        let second_chance = held.is_some();
        if held.is_none() {
            *held = Some(self.start().await?);
        }
        match Visit::open(&mut held, self.dialer.clone(), inside).await {
            Ok(opened) => Ok(Visit::new(held, opened)),
            Err(_) if second_chance => {
                if let Some(broken) = held.take() {
                    broken.stop().await;
                }
                *held = Some(self.start().await?);
                let opened = Visit::open(&mut held, self.dialer.clone(), inside).await?;
                Ok(Visit::new(held, opened))
            }
            Err(e) => Err(e),
        }
    }

    async fn start(&self) -> Result<Running, BrowserError> {
        Running::start(&self.programs().await?, &self.language, self.patience).await
    }

    /// Ends the browser, after the visit that is under way. A later visit starts it anew.
    pub async fn stop(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.stop().await;
        }
    }
}
