//! What raters are asked about each reply.

use crate::model::answer::{Destination, Mark, Suggestions, Tone};
use crate::model::channel::Channel;
use crate::model::event::Adequacy;
use crate::model::ids::QuestionId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The id of the item that every codebook begins with: how adequate the reply is.
pub const ADEQUACY: &str = "adequacy";

/// The id of the item that says where a reply sends the asker.
pub const SENDS_TO: &str = "sends_to";

/// The id of the item about a reply's tone.
const TONE: &str = "tone";

/// The value of a choice that says "nowhere", "none of them".
pub const NONE: &str = "none";

/// The items that a rater answers about a reply, in order. Adequacy is always the first, and is not
/// listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Codebook {
    /// The items.
    pub items: Vec<CodeItem>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeItem {
    /// Its id.
    pub id: String,
    /// What the rater is asked.
    pub ask: String,
    /// What may be answered.
    pub kind: ItemKind,
    /// The questions whose replies it is about; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionId>,
}

/// What may be answered to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Yes or no.
    YesNo,
    /// One of some words.
    Choice(Vec<String>),
    /// A whole number from the first to the last.
    Scale(u8, u8),
}

/// Yes-or-no items of the default codebook, which a machine suggests too.
const MARKS: [(Mark, &str); 11] = [
    (Mark::Canned, "Is it a ready-made text?"),
    (Mark::WrongLanguage, "Is it in another language than the question?"),
    (Mark::AsksBack, "Does it ask something back?"),
    (Mark::Apology, "Does it apologise?"),
    (Mark::Thanks, "Does it thank for the question?"),
    (Mark::ByName, "Does it call the asker by name?"),
    (Mark::Signed, "Is it signed by a person?"),
    (Mark::KnowsEarlier, "Does it know of an earlier message?"),
    (Mark::ExplainsDelay, "Does it explain its own delay?"),
    (Mark::SuspectsTest, "Does it suspect a test?"),
    (Mark::LeaveAlone, "Does it ask to be left alone?"),
];

/// The default: where it sends the asker, its tone, and what a machine looks for.
impl Default for Codebook {
    fn default() -> Self {
        let words = |list: &[&str]| ItemKind::Choice(list.iter().map(|w| (*w).to_owned()).collect());
        let item = |id: &str, ask: &str, kind| CodeItem {
            id: id.to_owned(),
            ask: ask.to_owned(),
            kind,
            questions: Vec::new(),
        };
        let places = [Destination::Visit, Destination::WebPage, Destination::OtherCompany].map(Destination::name);
        let destinations: Vec<&str> =
            std::iter::once(NONE).chain(places).chain(Channel::ALL.map(Channel::name)).collect();
        let mut items = vec![
            item(SENDS_TO, "Where does it send the asker?", words(&destinations)),
            item(TONE, "What is its tone?", words(&Tone::ALL.map(Tone::name))),
        ];
        items.extend(MARKS.map(|(mark, ask)| item(mark.name(), ask, ItemKind::YesNo)));
        Self { items }
    }
}

impl Codebook {
    /// Whether a study says nothing of its own; a plan then names it by Risposta's version.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The item of that id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&CodeItem> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The values, in order, of the items whose values have one.
    #[must_use]
    pub fn ordered(&self) -> BTreeMap<String, Vec<String>> {
        self.items.iter().filter(|item| item.is_ordered()).map(|item| (item.id.clone(), item.values())).collect()
    }

    /// The items about replies to a question.
    pub fn about<'a>(&'a self, question: &'a QuestionId) -> impl Iterator<Item = &'a CodeItem> {
        self.items.iter().filter(move |item| item.questions.is_empty() || item.questions.contains(question))
    }
}

impl CodeItem {
    /// Every value that may be answered, in order.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        match &self.kind {
            ItemKind::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            ItemKind::Choice(words) => words.clone(),
            ItemKind::Scale(from, to) => (*from..=*to).map(|n| n.to_string()).collect(),
        }
    }

    /// Whether its values are steps of one thing: those of a scale are, and tones, from one end to the
    /// other; the words of another choice need not be.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        match &self.kind {
            ItemKind::YesNo => false,
            ItemKind::Choice(words) => self.id == TONE && *words == Tone::ALL.map(Tone::name),
            ItemKind::Scale(..) => true,
        }
    }

    /// Whether a value may be answered.
    #[must_use]
    pub fn allows(&self, value: &str) -> bool {
        self.values().iter().any(|v| v == value)
    }

    /// The value that a machine's suggestions give the item, with per cent; `None` where they say nothing.
    #[must_use]
    pub fn suggested(&self, by: &Suggestions) -> Option<(String, u8)> {
        let told = |value: &str, sure: crate::model::inbound::Confidence| (value.to_owned(), sure.as_percent());
        let value = match self.id.as_str() {
            SENDS_TO => by.sends_to.first().map(|to| told(to.is.name(), to.sure)),
            TONE => by.tone.map(|tone| told(tone.is.name(), tone.sure)),
            "knows_earlier" if by.mark(Mark::KnowsNoEarlier).is_some() => {
                by.mark(Mark::KnowsNoEarlier).map(|sure| told("no", sure))
            }
            id => {
                let mark = MARKS.iter().find(|(mark, _)| mark.name() == id).map(|(mark, _)| *mark);
                mark.and_then(|mark| by.mark(mark)).map(|sure| told("yes", sure))
            }
        };
        value.filter(|(value, _)| self.allows(value))
    }
}

/// The class of adequacy of that name.
#[must_use]
pub fn adequacy_of(name: &str) -> Option<Adequacy> {
    Adequacy::ALL.into_iter().find(|a| a.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::answer::Likely;

    #[test]
    fn the_default_codebook_takes_up_what_a_machine_suggests() {
        let book = Codebook::default();
        let by = Suggestions {
            sends_to: vec![Likely::by(90, Destination::Visit)],
            tone: Some(Likely::by(70, Tone::Curt)),
            marks: vec![Likely::by(80, Mark::Apology), Likely::by(60, Mark::KnowsNoEarlier)],
            ..Suggestions::default()
        };
        let suggested: Vec<_> =
            book.items.iter().filter_map(|i| i.suggested(&by).map(|(v, _)| (i.id.as_str(), v))).collect();
        let expected = [("sends_to", "visit"), ("tone", "curt"), ("apology", "yes"), ("knows_earlier", "no")];
        assert_eq!(suggested, expected.map(|(id, v)| (id, v.to_owned())));
        assert!(book.items.iter().all(|i| !i.allows("perhaps") && i.id != ADEQUACY));
        assert_eq!(book.ordered().into_keys().collect::<Vec<_>>(), ["tone"]);
    }
}
