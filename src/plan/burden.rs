//! Whether a wave stays within what companies and groups may be burdened with.

use super::order::Step;
use super::problem::Problems;
use crate::model::study::{Study, asked_twice};
use std::collections::{BTreeMap, BTreeSet};

/// Notes every company and group that would get more messages than the study's caps allow.
/// `messages` is the most that one inquiry sends: the first and its reminders.
pub(crate) fn check(study: &Study, steps: &[Vec<Step<'_>>], messages: usize, problems: &mut Problems) {
    let mut of_group = BTreeMap::new();
    for (company, steps) in study.companies.iter().zip(steps) {
        let (burden, cap) = (steps.len() * messages, study.conduct.max_messages_per_company);
        if exceeds(burden, cap) {
            problems.add(
                format!("company `{}` would get {burden} messages; the cap is {cap}", company.id),
                format!(
                    "it is asked {} time(s), {messages} message(s) each with reminders: ask on fewer channels, \
                     repeat less or send fewer reminders, or raise `conduct.max_messages_per_company`",
                    steps.len()
                ),
            );
        }
        if let Some(group) = &company.group {
            *of_group.entry(group).or_insert(0) += burden;
        }
    }
    let Some(cap) = study.conduct.max_messages_per_group else { return };
    for (group, burden) in of_group.into_iter().filter(|(_, burden)| exceeds(*burden, cap)) {
        problems.add(
            format!("group `{group}` would get {burden} messages; the cap is {cap}"),
            "ask fewer of its companies, or raise `conduct.max_messages_per_group`",
        );
    }
}

fn exceeds(burden: usize, cap: u32) -> bool {
    u32::try_from(burden).is_ok_and(|burden| burden > cap) || u32::try_from(burden).is_err()
}

/// Notes companies that have one address: whoever reads there would get the identical question twice.
pub(crate) fn check_addresses(study: &Study, problems: &mut Problems) {
    for (earlier, later, point) in asked_twice(&study.companies) {
        let [first, again] = [earlier, later].map(|number| &study.companies[number].id);
        problems.add(
            format!("companies `{first}` and `{again}` have one address on {}: it would be asked twice", point.channel),
            "make one company of them, or say of both contact points that they are shared",
        );
    }
}

/// Notes questions that the study does not know, and those that one company is asked twice.
pub(crate) fn check_asks(study: &Study, problems: &mut Problems) {
    for company in &study.companies {
        let mut seen = BTreeSet::new();
        for ask in &company.asks {
            if study.question(&ask.question).is_none() {
                problems.add(
                    format!("company `{}` is asked `{}`, which is no question of the study", company.id, ask.question),
                    "name one of the study's questions",
                );
            }
            if !seen.insert(&ask.question) {
                problems.add(
                    format!("company `{}` is asked `{}` twice over", company.id, ask.question),
                    "name it once, and say how often with `times`",
                );
            }
        }
    }
}
