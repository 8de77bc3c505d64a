//! What raters said about a reply, and which of it counts.

use super::{InboundState, WaveState};
use crate::model::answer::{Likely, Mark, Suggestions};
use crate::model::event::Adequacy;
use crate::model::ids::InboundId;
use crate::model::study::codebook::{ADEQUACY, adequacy_of};
use std::collections::BTreeMap;

/// What one rater said to other items of the codebook than adequacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatedBy {
    /// Who.
    pub rater: String,
    /// Item and value.
    pub items: BTreeMap<String, String>,
}

/// How sure a reply is to be ready-made because a later one says nearly the same.
const LIKE_A_LATER_ONE: u32 = 80;

impl InboundState {
    /// How adequate it counts as: what was decided where raters differed; else what most raters said,
    /// and where as many said better as worse, the worse, whoever spoke last.
    #[must_use]
    pub fn adequacy(&self) -> Option<Adequacy> {
        if let Some((_, value)) = self.reply().adjudicated.iter().find(|(item, _)| item == ADEQUACY) {
            return adequacy_of(value);
        }
        let votes = |class: Adequacy| self.reply().codings.iter().filter(|(_, coded)| *coded == class).count();
        self.reply().codings.iter().map(|(_, class)| *class).max_by_key(|class| (votes(*class), *class))
    }

    /// What another item counts as, by the same rule; of values with as many voices, the last by name.
    #[must_use]
    pub fn item(&self, item: &str) -> Option<&str> {
        if let Some((_, value)) = self.reply().adjudicated.iter().find(|(settled, _)| settled == item) {
            return Some(value);
        }
        let values = || self.reply().ratings.iter().filter_map(|r| r.items.get(item)).map(String::as_str);
        values().max_by_key(|value| (values().filter(|v| v == value).count(), *value))
    }

    /// Who coded it as what, in any item, each pair once: `adequacy` and the codebook's.
    pub fn codings_of<'s>(&'s self, item: &'s str) -> Box<dyn Iterator<Item = (&'s str, &'s str)> + 's> {
        if item == ADEQUACY {
            return Box::new(self.reply().codings.iter().map(|(rater, adequacy)| (rater.as_str(), adequacy.name())));
        }
        Box::new(self.reply().ratings.iter().filter_map(move |r| Some((r.rater.as_str(), r.items.get(item)?.as_str()))))
    }

    /// Whether raters differ about an item and nobody has decided.
    #[must_use]
    pub fn is_disputed(&self, item: &str) -> bool {
        let mut values = self.codings_of(item).map(|(_, value)| value);
        let first = values.next();
        !self.reply().adjudicated.iter().any(|(settled, _)| settled == item) && values.any(|value| Some(value) != first)
    }

    pub(super) fn code(&mut self, rater: &str, adequacy: Adequacy) {
        let reply = self.reply_mut();
        reply.codings.retain(|(who, _)| who != rater);
        reply.codings.push((rater.to_owned(), adequacy));
    }

    pub(super) fn rate(&mut self, rater: &str, items: &BTreeMap<String, String>) {
        let reply = self.reply_mut();
        reply.ratings.retain(|r| r.rater != rater);
        reply.ratings.push(RatedBy { rater: rater.to_owned(), items: items.clone() });
    }

    pub(super) fn withdraw(&mut self, rater: &str) {
        let reply = self.reply_mut();
        reply.codings.retain(|(who, _)| who != rater);
        reply.ratings.retain(|r| r.rater != rater);
    }

    pub(super) fn adjudicate(&mut self, item: &str, value: &str) {
        let reply = self.reply_mut();
        reply.adjudicated.retain(|(settled, _)| settled != item);
        reply.adjudicated.push((item.to_owned(), value.to_owned()));
    }
}

impl WaveState {
    /// Takes a suggestion in. Where a reply is like an earlier one, that one is as ready-made.
    pub(super) fn suggest(&mut self, id: InboundId, rules: u32, answer: &Suggestions) -> Result<(), String> {
        self.inbound_mut(id)?.reply_mut().suggested = Some((rules, answer.clone()));
        let Some(earlier) = answer.like.and_then(|first| self.inbound.get_mut(first)) else { return Ok(()) };
        if let Some((_, suggested)) = &mut earlier.reply_mut().suggested
            && suggested.mark(Mark::Canned).is_none()
        {
            suggested.marks.insert(0, Likely::by(LIKE_A_LATER_ONE, Mark::Canned));
        }
        Ok(())
    }
}
