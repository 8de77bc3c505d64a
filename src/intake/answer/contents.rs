//! Does a reply hold what a full answer contains? The small language of a study's `answer_has`.
//!
//! An item is one thing, or several with `|` or the language's "or" between them, of which one is
//! enough. A thing is a name, with or without an article, in any of the five languages (`yes or no`,
//! `number`, `price`, `date`, `time`, `phone number`, `email address`, `link`), or words as
//! [`Pattern`] reads them.

use super::{Said, range, redirect};
use crate::lexicon::answer_words::{AnswerWords, Topic};
use crate::lexicon::mail_words::fold;
use crate::lexicon::pattern::{Match, Pattern};
use std::ops::Range;

/// Signs of money.
const CURRENCIES: [char; 4] = ['€', '$', '£', '¥'];

/// Words after a number that make it a time of day.
const CLOCK: [&str; 5] = ["uhr", "am", "pm", "h", "clock"];

/// One thing that an answer may contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    YesOrNo,
    Number,
    Price,
    Date,
    Time,
    Phone,
    Address,
    Link,
    Words(Pattern),
}

impl Content {
    /// What an item of `answer_has` means: any of these.
    pub(super) fn read(item: &str) -> Vec<Self> {
        let words = AnswerWords::get();
        if let Some(named) = words.named_in(&fold(item)).and_then(Self::named) {
            return vec![named];
        }
        let mut parts: Vec<String> = vec![String::new()];
        for word in item.replace('|', " | ").split_whitespace() {
            if word == "|" || words.is_or(&fold(word)) {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push_str(word);
                part.push(' ');
            }
        }
        let thing = |part: &String| {
            let part = part.trim();
            words.named_in(&fold(part)).and_then(Self::named).or_else(|| {
                let pattern = Pattern::read(part);
                (!pattern.is_empty()).then_some(Self::Words(pattern))
            })
        };
        parts.iter().filter_map(thing).collect()
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "yes_no" => Self::YesOrNo,
            "number" => Self::Number,
            "price" => Self::Price,
            "date" => Self::Date,
            "time" => Self::Time,
            "phone" => Self::Phone,
            "address" => Self::Address,
            "link" => Self::Link,
            _ => return None,
        })
    }
}

/// The words that hold one of some things; `None` where none is there.
pub(super) fn find(any_of: &[Content], said: &Said<'_>) -> Option<Range<usize>> {
    any_of.iter().find_map(|content| match content {
        Content::YesOrNo => yes_or_no(said),
        Content::Number => numbers(said).next().map(|at| at..at + 1),
        Content::Price => price(said),
        Content::Date => date(said),
        Content::Time => time(said),
        Content::Phone => sentence_with(said, redirect::is_phone_number),
        Content::Address => sentence_with(said, |text| text.contains('@')),
        Content::Link => sentence_with(said, |text| text.contains("://") || text.contains("www.")),
        Content::Words(pattern) => pattern.find(&said.words, &AnswerWords::get().named).map(range),
    })
}

/// A yes or a no that stands by itself: at the beginning of a sentence, or after a colon, a comma or
/// "the answer is", and before a stop. "No" within a sentence says nothing ("no tenemos …").
fn yes_or_no(said: &Said<'_>) -> Option<Range<usize>> {
    let before = |at: usize| at.checked_sub(1).map_or("", |before| said.words.after(before));
    let opens = |at: usize| {
        let first = said.words.sentence(at).start == at;
        let introduced = said.all(Topic::Says).any(|m| m.to == at);
        first || introduced || before(at).contains([':', ',', '–', '—', '-', '(', '"', '\n'])
    };
    let closes = |at: usize| {
        let after = said.words.after(at).trim_end_matches([' ', '\t']);
        let ends = after.contains(['.', ',', ';', ':', '!', '–', '—', ')', '\n', '"']);
        ends || at + 1 == said.words.len()
    };
    let alone = |m: &Match| opens(m.from) && closes(m.to - 1);
    let spoken = said.all(Topic::Yes).chain(said.all(Topic::No)).filter(alone).min_by_key(|m| m.from);
    spoken.or_else(|| said.first(Topic::Affirms)).map(range)
}

/// Words that are numbers, but for those of a telephone number.
fn numbers<'s>(said: &'s Said<'_>) -> impl Iterator<Item = usize> + 's {
    let named = &AnswerWords::get().named;
    let is_number = |at: &usize| {
        let word = &said.words.all()[*at];
        let digits = word.folded.starts_with(|c: char| c.is_ascii_digit());
        (digits || named.number(word).is_some_and(|n| n > 1)) && !redirect::is_in_phone_number(said, *at)
    };
    (0..said.words.len()).filter(is_number)
}

fn price(said: &Said<'_>) -> Option<Range<usize>> {
    let money = |at: usize| said.all(Topic::Currency).any(|m| m.from == at);
    let sign = |text: &str| text.contains(CURRENCIES);
    let priced = |at: &usize| {
        let before = at.checked_sub(1);
        // "1.200,50 €": the cents are a word of their own.
        sign(said.words.after(*at))
            || before.is_some_and(|before| sign(said.words.after(before)) || money(before))
            || (1..=2).any(|next| money(at + next))
            || said.words.all()[*at].folded.ends_with("eur")
    };
    let first = said.words.all().first()?;
    if sign(&said.text[..first.at.start]) {
        return Some(0..1);
    }
    let number = numbers(said).find(priced).map(|at| at.saturating_sub(1)..(at + 2).min(said.words.len()));
    number.or_else(|| said.first(Topic::Free).map(range))
}

fn date(said: &Said<'_>) -> Option<Range<usize>> {
    let written = Pattern::read("{date}").find(&said.words, &AnswerWords::get().named);
    let told = || said.first(Topic::ByWeekday).or_else(|| said.first(Topic::ByTomorrow));
    written.or_else(told).map(range)
}

fn time(said: &Said<'_>) -> Option<Range<usize>> {
    let words = said.words.all();
    let small =
        |at: usize, below: u32| words.get(at).and_then(|w| w.folded.parse::<u32>().ok()).is_some_and(|n| n < below);
    let clock = |at: &usize| {
        let joined = matches!(said.words.after(*at), ":" | ".") && small(at + 1, 60) && words[at + 1].folded.len() == 2;
        let named = words.get(at + 1).is_some_and(|w| CLOCK.contains(&w.folded.as_str()));
        small(*at, 25) && (joined || named)
    };
    (0..words.len()).find(clock).map(|at| at..(at + 2).min(words.len()))
}

fn sentence_with(said: &Said<'_>, holds: impl Fn(&str) -> bool) -> Option<Range<usize>> {
    let mut at = 0;
    while at < said.words.len() {
        let sentence = said.words.sentence(at);
        if holds(said.words.written(sentence.clone())) {
            return Some(sentence);
        }
        at = sentence.end.max(at + 1);
    }
    None
}
