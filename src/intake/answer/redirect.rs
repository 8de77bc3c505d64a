//! Where does a reply send the asker? To another channel, a telephone, a visit, a page, another company.

use super::Said;
use crate::lexicon::answer_words::Topic;
use crate::model::answer::{Destination, Likely};
use crate::model::channel::Channel;
use crate::model::inbound::Confidence;
use std::ops::Range;

/// Least digits of a telephone number.
const PHONE_DIGITS_MIN: usize = 6;

/// How sure a sentence is that names verb and place at once.
const BY_VERB: u32 = 85;
/// The same where verb and place are found apart.
const BY_PLACE: u32 = 75;
/// The same where all it names is a page to read, which every text may do.
const BY_PAGE: u32 = 60;
/// The same where it may be courtesy: "for anything else, call us".
const BY_COURTESY: u32 = 50;

/// Where it sends the asker, each place once, in the order of its text. Where it `answers`, courtesy
/// at the end sends nobody away.
pub(super) fn find(said: &Said<'_>, answers: bool) -> Vec<(Likely<Destination>, Range<usize>)> {
    let mut found: Vec<(Likely<Destination>, Range<usize>)> = Vec::new();
    for (topic, turn) in &said.found {
        let sentence = said.words.sentence(turn.from);
        let places: Vec<Destination> = match topic {
            Topic::Turn => places(said, &sentence),
            Topic::TurnPhone => vec![Destination::Channel(Channel::Phone)],
            Topic::TurnVisit => vec![Destination::Visit],
            Topic::TurnWebPage => vec![Destination::WebPage],
            _ => continue,
        };
        let courtesy = said.is_within(Topic::Further, &sentence);
        if courtesy && answers {
            continue;
        }
        let sure = match topic {
            _ if courtesy => BY_COURTESY,
            Topic::Turn => BY_PLACE,
            Topic::TurnWebPage => BY_PAGE,
            _ => BY_VERB,
        };
        for place in places {
            match found.iter_mut().find(|(known, _)| known.is == place) {
                Some((known, _)) => known.sure = known.sure.max(Confidence::percent(sure)),
                None => found.push((Likely::by(sure, place), sentence.clone())),
            }
        }
    }
    found
}

/// The places that a sentence names.
fn places(said: &Said<'_>, sentence: &Range<usize>) -> Vec<Destination> {
    let named = said.found.iter().filter(|(_, m)| sentence.contains(&m.from)).filter_map(|(topic, m)| match topic {
        Topic::To(name) => Some((m.from, name.parse::<Destination>().ok()?)),
        _ => None,
    });
    let mut places: Vec<(usize, Destination)> = named.collect();
    let text = said.words.written(sentence.clone());
    let end = sentence.end;
    if is_phone_number(text) {
        places.push((end, Destination::Channel(Channel::Phone)));
    }
    if text.contains('@') {
        places.push((end, Destination::Channel(Channel::Email)));
    }
    // An address of a page says where a form is, too.
    if (text.contains("://") || text.contains("www.")) && places.is_empty() {
        places.push((end, Destination::WebPage));
    }
    places.sort_by_key(|(at, _)| *at);
    let mut once: Vec<Destination> = Vec::new();
    for (_, place) in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    once
}

/// Whether a text holds a telephone number.
#[must_use]
pub fn is_phone_number(text: &str) -> bool {
    text.split(|c| !is_dialled(c)).any(|run| run.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS_MIN)
}

/// Whether a word lies in a telephone number: a run of digits with nothing but dialling between them.
pub(super) fn is_in_phone_number(said: &Said<'_>, word: usize) -> bool {
    let words = said.words.all();
    let digits = |at: usize| words.get(at).is_some_and(|w| w.folded.bytes().all(|b| b.is_ascii_digit()));
    let joined = |at: usize| digits(at) && digits(at + 1) && said.words.after(at).chars().all(is_dialled);
    if !digits(word) {
        return false;
    }
    let from = (0..word).rev().take_while(|at| joined(*at)).last().unwrap_or(word);
    let to = (word..words.len()).find(|at| !joined(*at)).unwrap_or(word);
    words[from..=to].iter().map(|w| w.folded.len()).sum::<usize>() >= PHONE_DIGITS_MIN
}

const fn is_dialled(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, ' ' | '+' | '(' | ')' | '-' | '.' | '/' | '\u{a0}')
}
