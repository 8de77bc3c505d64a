//! Which of our posts may still be answered?

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Ids of our own posts, below which replies are looked for. Shared: who sends adds to it, who closes
/// an observation window takes from it.
#[derive(Debug, Clone, Default)]
pub struct Threads(Arc<Mutex<BTreeSet<Id>>>);

/// A status id: decimal numbers of growing length, so that the longer one is the later one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(usize, String);

impl Id {
    pub(super) fn new(text: &str) -> Self {
        Self(text.len(), text.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.1
    }
}

impl Threads {
    /// Looks below this post from now on.
    pub fn watch(&self, status_id: &str) {
        self.ids().insert(Id::new(status_id));
    }

    /// Looks below this post no more.
    pub fn forget(&self, status_id: &str) {
        self.ids().remove(&Id::new(status_id));
    }

    /// The posts, oldest first.
    pub(super) fn all(&self) -> Vec<String> {
        self.ids().iter().map(|id| id.1.clone()).collect()
    }

    pub(super) fn holds(&self, status_id: &str) -> bool {
        self.ids().contains(&Id::new(status_id))
    }

    fn ids(&self) -> MutexGuard<'_, BTreeSet<Id>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_are_listed_by_age_once_until_they_are_forgotten() {
        let threads = Threads::default();
        for id in ["110", "99", "110", "111"] {
            threads.watch(id);
        }
        threads.forget("111");
        assert_eq!(threads.all(), ["99", "110"]);
        assert!(threads.holds("99") && !threads.holds("111"));
    }
}
