//! What speaks for a kind of message, and how much?

use super::Judged;
use crate::model::inbound::InboundKind;

/// What speaks for it: names, strongest first, and the sum of their weights.
#[derive(Debug, Default)]
pub(in crate::intake) struct Evidence {
    names: Vec<&'static str>,
    /// The sum of the weights.
    pub(in crate::intake) sum: u32,
}

impl Evidence {
    /// Takes in a sign where it is seen; returns whether it is.
    pub(in crate::intake) fn see(&mut self, seen: bool, weight: u32, name: &'static str) -> bool {
        if seen {
            self.names.push(name);
            self.sum += weight;
        }
        seen
    }

    /// Whether any of some signs was seen.
    pub(super) fn names_any(&self, signs: &[&str]) -> bool {
        self.names.iter().any(|name| signs.contains(name))
    }

    /// The kind that it speaks for.
    pub(in crate::intake) fn into_judged(self, kind: InboundKind) -> Judged {
        let mut names = self.names.into_iter();
        let first = Judged::new(kind, names.next().unwrap_or("signs"));
        names.fold(first, Judged::and)
    }
}
