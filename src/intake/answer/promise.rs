//! Does a reply promise an answer, and by when?

use super::Said;
use super::days::Days;
use crate::lexicon::answer_words::Topic;
use crate::lexicon::pattern::Match;
use crate::model::answer::{Likely, Promise};
use chrono::{DateTime, Utc};
use std::ops::Range;

/// How sure a promise is that names its time.
const WITH_TIME: u32 = 85;
/// And one that does not.
const WITHOUT_TIME: u32 = 65;

/// Words before "tomorrow" that make it a morning: "guten Morgen", "por la mañana".
const NOT_TOMORROW: [&str; 4] = ["guten", "la", "am", "heute"];

/// The first promise, and the words it is made in; one that names its time before one that does not.
pub(super) fn find(said: &Said<'_>, days: &Days, made_at: DateTime<Utc>) -> Option<(Likely<Promise>, Range<usize>)> {
    let mut untimed = None;
    for promise in said.all(Topic::Promise) {
        let sentence = said.words.sentence(promise.from);
        if said.is_within(Topic::NotPromised, &sentence) {
            continue;
        }
        // "… We will call you. It will be tomorrow."
        let next = said.words.sentence(sentence.end);
        if let Some((due, at)) = time_in(said, &sentence, days, made_at).or_else(|| time_in(said, &next, days, made_at))
        {
            let words = sentence.start..at.to.max(sentence.end);
            return Some((Likely::by(WITH_TIME, Promise { due: Some(due) }), words));
        }
        untimed.get_or_insert((Likely::by(WITHOUT_TIME, Promise { due: None }), sentence));
    }
    untimed
}

/// The time that some words name. "Two working days" is more than "two days": the longer match counts.
fn time_in(
    said: &Said<'_>,
    words: &Range<usize>,
    days: &Days,
    made_at: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Match)> {
    let times = said.found.iter().filter(|(topic, m)| words.contains(&m.from) && is_time(*topic, m, said));
    let due = times.filter_map(|(topic, m)| Some((days.due(*topic, m, made_at)?, rank(*topic), *m)));
    due.min_by_key(|(_, rank, m)| (*rank, m.from)).map(|(due, _, m)| (due, m))
}

fn is_time(topic: Topic, found: &Match, said: &Said<'_>) -> bool {
    let before = found.from.checked_sub(1).map_or("", |at| said.words.all()[at].folded.as_str());
    match topic {
        Topic::ByTomorrow => !NOT_TOMORROW.contains(&before),
        _ => rank(topic) < u8::MAX,
    }
}

/// The most certain first: a date says more than "this week".
const fn rank(topic: Topic) -> u8 {
    match topic {
        Topic::InWorkingHours | Topic::InWorkingDays => 0,
        Topic::InHours | Topic::ByDate | Topic::ByDayAfter => 1,
        Topic::InDays | Topic::InWeeks | Topic::ByWeekday | Topic::ByNextWeek | Topic::ByThisWeek => 2,
        Topic::ByTomorrow | Topic::ByToday => 3,
        _ => u8::MAX,
    }
}
