//! How simulated companies behave.

use super::build::{Draft, unknown};
use super::design;
use super::finding::Finding;
use super::section::Section;
use crate::model::channel::Channel;
use crate::model::study::{Behaviour, BehaviourRule, Rehearsal, Says};
use crate::model::time::Span;

/// The rules in order.
pub(super) fn rehearsal(draft: &Draft<'_>, found: &mut Vec<Finding>) -> Rehearsal {
    let Some(map) = draft.root.inner("rehearsal") else { return Rehearsal::default() };
    let items = draft.root.items("rehearsal");
    Rehearsal { behaviours: items.iter().map(|node| rule(draft, Section::new(node, map), found)).collect() }
}

fn rule(draft: &Draft<'_>, section: Section<'_>, found: &mut Vec<Finding>) -> BehaviourRule {
    let companies: Vec<_> = draft.companies.iter().map(|(c, _)| c.id.as_str()).collect();
    let questions: Vec<_> = draft.questions.iter().map(|(q, _)| q.id.as_str()).collect();
    BehaviourRule {
        companies: named(section, "companies", "company", &companies, found),
        channels: channels(draft, section, found),
        questions: named(section, "questions", "question", &questions, found),
        behaviour: behaviour(section),
    }
}

fn named<T: std::str::FromStr>(
    section: Section<'_>,
    key: &'static str,
    what: &str,
    known: &[&str],
    found: &mut Vec<Finding>,
) -> Vec<T> {
    let mut names = Vec::new();
    for (name, place) in section.texts(key) {
        if !known.contains(&name.as_str()) {
            unknown(what, &name, place, known, found);
        }
        names.extend(name.parse().ok());
    }
    names
}

/// Channels, or the channels of a group.
fn channels(draft: &Draft<'_>, section: Section<'_>, found: &mut Vec<Finding>) -> Vec<Channel> {
    let groups = design::groups(draft.root);
    let mut channels = Vec::new();
    for (name, place) in section.texts("channels") {
        if let Some(group) = groups.iter().find(|g| g.name == name) {
            channels.extend(&group.channels);
        } else if let Ok(channel) = name.parse() {
            channels.push(channel);
        } else {
            let known: Vec<_> =
                groups.iter().map(|g| g.name.as_str()).chain(Channel::ALL.iter().map(|c| c.name())).collect();
            unknown("channel", &name, place, &known, found);
        }
    }
    channels
}

fn behaviour(section: Section<'_>) -> Behaviour {
    let says: Vec<Says> = section.texts("says").iter().filter_map(|(text, _)| say(text)).collect();
    Behaviour {
        reply: section.parse("reply").unwrap_or(0.5),
        delay_median: section.parse("delay").unwrap_or(Span::from_days(1)),
        delay_spread: section.parse("spread").unwrap_or(0.5),
        acknowledge: section.parse("acknowledge").unwrap_or(0.2),
        bounce: section.parse("bounce").unwrap_or(0.0),
        spam: section.parse("spam").unwrap_or(0.0),
        says: if says.is_empty() { vec![Says::Answer] } else { says },
    }
}

fn say(text: &str) -> Option<Says> {
    Some(match text {
        "answer" => Says::Answer,
        "partial" => Says::Partial,
        "redirect" => Says::Redirect,
        "promise_broken" => Says::PromiseBroken,
        "promise_kept" => Says::PromiseKept,
        "canned" => Says::Canned,
        _ => return None,
    })
}
