//! What kind of answer is a reply? Suggested, never decided, with the words that made it so.
//!
//! [`Suggester`] knows the study, and the replies of each company that it was shown before. Nothing
//! here does I/O: the same replies in the same order give the same suggestions.

mod contents;
mod days;
mod earlier;
mod language;
mod marks;
mod promise;
mod redirect;

pub use redirect::is_phone_number;

use super::Reading;
use crate::lexicon::answer_words::{AnswerWords, Topic};
use crate::lexicon::pattern::{Match, Words};
use crate::model::answer::{Destination, Likely, Mark, Suggestions};
use crate::model::channel::Channel;
use crate::model::event::Adequacy;
use crate::model::ids::{CompanyId, InboundId, QuestionId};
use crate::model::plan::{Plan, PlannedInquiry};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contents::Content;
use days::Days;
use earlier::Earlier;
use std::collections::HashMap;
use std::ops::Range;

/// Version of the rules and words. It grows whenever the same reply may be judged differently.
pub const RULES: u32 = 2;

/// Suggests what kind of answer a reply is.
#[derive(Debug)]
pub struct Suggester {
    /// Index in the study.
    companies: HashMap<CompanyId, usize>,
    contents: HashMap<QuestionId, Vec<Vec<Content>>>,
    /// By hours, time zone and country: most companies share them.
    days: HashMap<(Option<String>, Tz, Option<String>), Days>,
    earlier: Earlier,
    languages: language::Known,
}

/// A reply, and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// Its number.
    pub inbound: InboundId,
    /// The inquiry that it answers.
    pub planned: &'a PlannedInquiry,
    /// The channel it came on.
    pub via: Channel,
    /// When it arrived.
    pub received: DateTime<Utc>,
    /// What was read in it.
    pub reading: &'a Reading,
}

/// What a reply seems to be, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it seems to be: classes without words.
    pub suggestions: Suggestions,
    /// The words that made it so.
    pub because: Vec<Because>,
}

/// The words behind a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// What they suggest: `promise`, `sends_to phone`, `apology`.
    pub what: String,
    /// The words, as they stand in the reply.
    pub words: String,
}

/// Most characters of the words that are shown for a suggestion.
const SHOWN_CHARS_MAX: usize = 160;

/// A reply's text with what its words may mean.
struct Said<'t> {
    text: &'t str,
    words: Words<'t>,
    found: Vec<(Topic, Match)>,
}

impl Suggester {
    /// A suggester that has not seen a reply yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let study = &plan.study;
        let contents = |items: &[String]| items.iter().map(|item| Content::read(item)).collect();
        Self {
            companies: study.companies.iter().enumerate().map(|(i, c)| (c.id.clone(), i)).collect(),
            contents: study.questions.iter().map(|q| (q.id.clone(), contents(&q.answer_has))).collect(),
            days: HashMap::new(),
            earlier: Earlier::default(),
            languages: language::Known::of(&study.language),
        }
    }

    /// What a reply seems to be; later replies of the company are held against it.
    pub fn suggest(&mut self, plan: &Plan, reply: Reply<'_>) -> Answer {
        let said = Said::of(&reply.reading.new_text);
        let Some(company) = self.companies.get(&reply.planned.company).and_then(|i| plan.study.companies.get(*i))
        else {
            return Answer::default();
        };
        let persona = plan.study.persona(&reply.planned.persona).map_or("", |p| p.name.as_str());
        let where_and_when = (company.hours.clone(), company.timezone, company.country.clone());
        let days = self.days.entry(where_and_when).or_insert_with(|| Days::of(company));
        let seen = self.earlier.meet(&reply, persona, &said.words);
        let contents = self.contents.get(&reply.planned.question).map_or(&[][..], Vec::as_slice);
        let has: Vec<Option<Range<usize>>> = contents.iter().map(|one| contents::find(one, &said)).collect();
        let promise = promise::find(&said, days, reply.received);
        let answers = !has.is_empty() && has.iter().all(Option::is_some);
        let sends_to = redirect::find(&said, answers);
        let about = marks::About { persona, company: &company.name, reading: reply.reading, answers };
        let mut marks = marks::find(&said, &about);
        marks.extend(seen.mark(&said, answers));
        let language = self.languages.detect(said.text);
        marks.extend(self.languages.is_wrong(language).map(|sure| (Likely::by(sure, Mark::WrongLanguage), None)));
        marks.sort_by_key(|(mark, _)| mark.is);
        marks.dedup_by_key(|(mark, _)| mark.is);
        let tone = marks::tone(&said, &about);
        let mut because = Vec::new();
        let mut tell = |what: String, words: Range<usize>| because.push(Because { what, words: said.shown(words) });
        for (item, range) in
            plan.study.question(&reply.planned.question).into_iter().flat_map(|q| &q.answer_has).zip(&has)
        {
            if let Some(range) = range {
                tell(format!("has “{item}”"), range.clone());
            }
        }
        for (to, range) in &sends_to {
            tell(format!("sends_to {}", to.is), range.clone());
        }
        if let Some((promise, range)) = &promise {
            let due = promise.is.due.map(|due| format!(" by {}", due.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
            tell(format!("promise{due}"), range.clone());
        }
        for (mark, range) in &marks {
            if let Some(range) = range {
                tell(mark.is.name().to_owned(), range.clone());
            }
        }
        if let Some((tone, Some(range))) = &tone {
            tell(format!("tone {}", tone.is.name()), range.clone());
        }
        let mut suggestions = Suggestions {
            adequacy: None,
            has: has.iter().map(Option::is_some).collect(),
            sends_to: sends_to.into_iter().map(|(to, _)| to).collect(),
            promise: promise.map(|(promise, _)| promise),
            tone: tone.map(|(tone, _)| tone),
            language: language.map(str::to_owned),
            marks: marks.into_iter().map(|(mark, _)| mark).collect(),
            like: seen.like,
        };
        suggestions.adequacy = adequacy(&suggestions, &said);
        Answer { suggestions, because }
    }
}

/// How adequate a reply seems, from what else it seems to be. A reply that holds something of the
/// answer is never suggested to be worse for what stands beside it.
fn adequacy(seems: &Suggestions, said: &Said<'_>) -> Option<Likely<Adequacy>> {
    let held = seems.has.iter().filter(|has| **has).count();
    let lacks = said.first(Topic::Partial).is_some() || seems.mark(Mark::AsksBack).is_some();
    if held > 0 {
        return Some(match (held == seems.has.len(), lacks) {
            (true, false) => Likely::by(75, Adequacy::Answered),
            (true, true) => Likely::by(60, Adequacy::Partial),
            (false, _) => Likely::by(70, Adequacy::Partial),
        });
    }
    let sure = |percent: u8| u32::from(percent);
    if let Some(promise) = seems.promise {
        return Some(Likely::by(sure(promise.sure.as_percent()), Adequacy::Promised));
    }
    // A ready-made text often names the company's pages; who is sent to a person is sent away.
    let canned = seems.mark(Mark::Canned);
    let (pages, others): (Vec<&Likely<Destination>>, Vec<_>) =
        seems.sends_to.iter().partition(|to| to.is == Destination::WebPage);
    let page = pages.into_iter().filter(|to| canned.is_none_or(|canned| canned < to.sure));
    if let Some(to) = others.into_iter().chain(page).max_by_key(|to| to.sure) {
        return Some(Likely::by(sure(to.sure.as_percent()), Adequacy::Redirected));
    }
    if let Some(canned) = canned {
        return Some(Likely::by(sure(canned.as_percent()), Adequacy::Canned));
    }
    (lacks && seems.mark(Mark::AsksBack).is_none()).then(|| Likely::by(50, Adequacy::Partial))
}

/// Whether a text says something that could be an answer: a yes or a no, or a price. No receipt does.
pub(super) fn answers_something(text: &str) -> bool {
    contents::find(&[Content::YesOrNo, Content::Price], &Said::of(text)).is_some()
}

impl<'t> Said<'t> {
    fn of(text: &'t str) -> Self {
        let words = Words::of(text);
        let found = AnswerWords::get().find(&words);
        Self { text, words, found }
    }

    /// All places where something is said.
    fn all(&self, topic: Topic) -> impl Iterator<Item = Match> + '_ {
        self.found.iter().filter(move |(t, _)| *t == topic).map(|(_, m)| *m)
    }

    /// The first of them.
    fn first(&self, topic: Topic) -> Option<Match> {
        self.all(topic).next()
    }

    /// Whether something is said within some words.
    fn is_within(&self, topic: Topic, words: &Range<usize>) -> bool {
        self.all(topic).any(|m| words.contains(&m.from))
    }

    /// The words of the text, as they are shown.
    fn shown(&self, words: Range<usize>) -> String {
        let written = self.words.written(words).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut short: String = written.chars().take(SHOWN_CHARS_MAX).collect();
        if short.len() < written.len() {
            short.push('…');
        }
        short
    }
}

fn range(found: Match) -> Range<usize> {
    found.from..found.to
}

#[cfg(test)]
mod tests;
