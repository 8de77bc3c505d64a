//! What shows in a reply beside its substance: courtesy, names, apologies, suspicions, its tone.

use super::{Said, range};
use crate::intake::Reading;
use crate::intake::signature::is_name;
use crate::lexicon::answer_words::Topic;
use crate::lexicon::mail_words::fold;
use crate::model::answer::{Likely, Mark, Tone};
use std::ops::Range;

/// What shows, with the words that show it.
type Shown = (Likely<Mark>, Option<Range<usize>>);

/// Fewest words of a reply that is not called curt for its shortness.
const CURT_WORDS_MAX: usize = 7;

/// Words of a first line that may be a greeting.
const GREETING_WORDS_MAX: usize = 8;

/// What a mark needs to know of the reply.
pub(super) struct About<'a> {
    /// The asker's full name.
    pub(super) persona: &'a str,
    /// The company's name.
    pub(super) company: &'a str,
    /// What was read.
    pub(super) reading: &'a Reading,
    /// Whether all that a full answer contains is there.
    pub(super) answers: bool,
}

/// Marks whose words alone show them.
const BY_WORDS: [(Topic, Mark, u32); 6] = [
    (Topic::Apology, Mark::Apology, 85),
    (Topic::Thanks, Mark::Thanks, 85),
    (Topic::KnowsNoEarlier, Mark::KnowsNoEarlier, 75),
    (Topic::ExplainsDelay, Mark::ExplainsDelay, 75),
    (Topic::SuspectsTest, Mark::SuspectsTest, 80),
    (Topic::LeaveAlone, Mark::LeaveAlone, 75),
];

/// All that shows.
pub(super) fn find(said: &Said<'_>, about: &About<'_>) -> Vec<Shown> {
    let mut marks: Vec<Shown> = Vec::new();
    for (topic, mark, sure) in BY_WORDS {
        marks.extend(said.first(topic).map(|m| (Likely::by(sure, mark), Some(said.words.sentence(m.from)))));
    }
    marks.extend(knows_earlier(said));
    marks.extend(asks_back(said, about.answers));
    marks.extend(by_name(said, about));
    marks.extend(signed(about));
    marks
}

/// "Your first mail" is known, unless it is said not to be.
fn knows_earlier(said: &Said<'_>) -> Option<Shown> {
    let denied = |m: &Range<usize>| said.is_within(Topic::KnowsNoEarlier, m);
    let mut known = said.all(Topic::KnowsEarlier).map(|m| said.words.sentence(m.from)).filter(|s| !denied(s));
    known.next().map(|sentence| (Likely::by(70, Mark::KnowsEarlier), Some(sentence)))
}

/// A question with words that ask for something; or any question, where the answer is not there.
fn asks_back(said: &Said<'_>, answers: bool) -> Option<Shown> {
    let idle = |s: &Range<usize>| said.is_within(Topic::AsksNothing, s) || said.is_within(Topic::Further, s);
    let is_question = |s: &Range<usize>| s.end > s.start && said.words.after(s.end - 1).trim_start().starts_with('?');
    let asked = said.all(Topic::AsksBack).map(|m| said.words.sentence(m.from)).find(|s| !idle(s));
    if let Some(sentence) = asked {
        let sure = if is_question(&sentence) { 85 } else { 70 };
        return Some((Likely::by(sure, Mark::AsksBack), Some(sentence)));
    }
    let mut at = 0;
    while at < said.words.len() && !answers {
        let sentence = said.words.sentence(at);
        if is_question(&sentence) && !idle(&sentence) {
            return Some((Likely::by(60, Mark::AsksBack), Some(sentence)));
        }
        at = sentence.end.max(at + 1);
    }
    None
}

/// The asker's name in the greeting.
fn by_name(said: &Said<'_>, about: &About<'_>) -> Option<Shown> {
    let names: Vec<String> = about.persona.split_whitespace().map(fold).filter(|n| n.chars().count() > 1).collect();
    let greeting = said.words.all().iter().take(GREETING_WORDS_MAX).take_while(|w| w.sentence == 0);
    let at = greeting.enumerate().find(|(_, word)| names.contains(&word.folded)).map(|(at, _)| at)?;
    Some((Likely::by(90, Mark::ByName), Some(0..at + 1)))
}

/// A person's name below: at least two words, none of them a department's or the company's.
fn signed(about: &About<'_>) -> Option<Shown> {
    let name = about.reading.signature.as_ref()?.name.as_deref()?;
    let said = Said::of(name);
    let company: Vec<String> = about.company.split_whitespace().map(fold).collect();
    let words = said.words.all();
    let of_company = words.iter().filter(|w| company.contains(&w.folded)).count();
    let person = is_name(name) && said.first(Topic::Department).is_none() && of_company * 2 < words.len().max(1);
    let sure = if words.len() > 1 { 85 } else { 65 };
    person.then(|| (Likely::by(sure, Mark::Signed), None))
}

/// How it speaks to the asker.
pub(super) fn tone(said: &Said<'_>, about: &About<'_>) -> Option<(Likely<Tone>, Option<Range<usize>>)> {
    if said.words.is_empty() {
        return None;
    }
    if let Some(rude) = said.first(Topic::Curt) {
        return Some((Likely::by(75, Tone::Curt), Some(range(rude))));
    }
    let mut forms: Vec<usize> = said.all(Topic::Courtesy).map(|m| m.from).collect();
    forms.dedup();
    let signed = about.reading.signature.is_some();
    Some(match forms.len() {
        0 if !signed && said.words.len() <= CURT_WORDS_MAX => (Likely::by(65, Tone::Curt), Some(0..said.words.len())),
        0 | 1 => (Likely::by(55, Tone::Neutral), None),
        _ => (Likely::by(75, Tone::Courteous), forms.first().map(|at| said.words.sentence(*at))),
    })
}
