//! What a study may do and had better not: identity, confounding, burden, calendar. Warnings only.

use super::build::Draft;
use super::finding::{Finding, Place};
use super::words;
use crate::model::channel::Channel;
use crate::model::study::{AliasKind, Company, Design, Order, PerCompany};
use std::collections::{BTreeMap, BTreeSet};

/// Warns of everything that makes the result say less than it seems to.
pub(super) fn check(draft: &Draft<'_>, design: &Design, found: &mut Vec<Finding>) {
    identity(draft, found);
    unconfirmed(draft, found);
    order(draft, design, found);
    nested(draft, found);
    wordings(draft, found);
    time(draft, design, found);
    claims(draft, design, found);
    strata(draft, design, found);
}

/// Strata are for parallel groups; on the same companies each company is its own stratum.
fn strata(draft: &Draft<'_>, design: &Design, found: &mut Vec<Finding>) {
    let Some(place) = draft.root.section("design").map(|d| d.place("stratify")).filter(|_| design.stratify.is_some())
    else {
        return;
    };
    if design.per_company != PerCompany::OneChannel {
        let help = "leave it out: each company is compared with itself, industry and all";
        found.push(Finding::warning("nothing to stratify", place, "not `per_company: one channel`").help(help));
    } else if draft.companies.iter().any(|(c, _)| c.industry.is_none()) {
        let help = "give every company its `industry`: those without one are compared with each other";
        found.push(Finding::warning("companies without an industry", place, "stratified by it").help(help));
    }
}

/// Replies are tied best by an address of their own.
fn identity(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    for (mailbox, node) in draft.mailboxes.iter().filter(|(m, _)| m.alias == AliasKind::None) {
        let place = node.get("alias").or(node.get("address")).map_or(node.place, |n| n.place);
        let title = format!("no inquiry from `{}` has an address of its own", mailbox.address);
        let help = "use `alias: catch-all` or `alias: plus` where the server can: else a reply with no thread waits in `risposta review`";
        found.push(Finding::warning(title, place, "alias: none").help(help));
    }
}

/// What a machine found is not written to before a person has looked.
fn unconfirmed(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let points = draft.companies.iter().flat_map(|(company, node)| {
        company.contact_points.iter().filter(|p| !p.confirmed).map(move |p| (company, node, p.channel))
    });
    let points: Vec<_> = points.collect();
    let Some((company, node, channel)) = points.first() else { return };
    let place = node.get(channel.name()).and_then(|p| p.get("confirmed")).map_or(node.place, |n| n.place);
    let title = match points.len() {
        1 => "a contact point that nobody has confirmed".to_owned(),
        count => format!("{count} contact points that nobody has confirmed"),
    };
    let help = "look at each and write `confirmed: true`, or take it out: `run --live` writes to none of them before";
    found.push(Finding::warning(title, place, format!("{channel} of `{}`, for one", company.name)).help(help));
}

fn order(draft: &Draft<'_>, design: &Design, found: &mut Vec<Finding>) {
    let several =
        draft.companies.iter().any(|(c, _)| c.contact_points.len() > 1) && design.per_company != PerCompany::OneChannel;
    if design.order == Order::Listed && several {
        let place = draft.root.section("design").map_or(draft.root.node.place, |d| d.place("order"));
        let help = "use `random` or `latin square`: a company that was asked before may answer differently";
        found.push(
            Finding::warning("the order cannot be told apart from the channel", place, "always the same").help(help),
        );
    }
}

/// What differs between channels besides the channel: persona, question, opening hours.
fn nested(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let root = draft.root;
    let all: Vec<String> = draft.personas.iter().map(|(p, _)| p.id.to_string()).collect();
    let persona = |c: &Company| c.persona.as_ref().map_or(all.clone(), |p| vec![p.to_string()]);
    let personas_at = root.get("personas").or(root.get("persona")).map_or(root.node.place, |n| n.place);
    disjoint(
        draft,
        "persona",
        personas_at,
        persona,
        "let each persona ask on each channel, or leave `persona:` out: they rotate",
        found,
    );
    let question = |c: &Company| c.asks.iter().map(|a| a.question.to_string()).collect();
    disjoint(
        draft,
        "question",
        root.place("questions"),
        question,
        "ask each question on each channel: else its difficulty looks like the channel's",
        found,
    );
    let hours = |c: &Company| vec![format!("{} {}", c.hours.as_deref().unwrap_or("unknown hours"), c.timezone)];
    disjoint(
        draft,
        "opening hours",
        root.place("companies"),
        hours,
        "compare latencies in opening hours, or companies that share them",
        found,
    );
}

/// Warns where two channels share no value of something that varies.
fn disjoint(
    draft: &Draft<'_>,
    what: &str,
    place: Place,
    of: impl Fn(&Company) -> Vec<String>,
    help: &str,
    found: &mut Vec<Finding>,
) {
    let mut by_channel: BTreeMap<Channel, BTreeSet<String>> = BTreeMap::new();
    for (company, _) in &draft.companies {
        for point in &company.contact_points {
            by_channel.entry(point.channel).or_default().extend(of(company));
        }
    }
    let channels: Vec<_> = by_channel.iter().filter(|(_, values)| !values.is_empty()).collect();
    let apart = channels.iter().enumerate().find_map(|(number, (left, values))| {
        channels[number + 1..].iter().find(|(_, others)| values.is_disjoint(others)).map(|(right, _)| (*left, *right))
    });
    if let Some((left, right)) = apart {
        let title = format!("{what} cannot be told apart from channel: {left} and {right} have none in common");
        found.push(Finding::warning(title, place, "").help(help));
    }
}

/// Each wording should be seen on each channel.
fn wordings(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    for (question, node) in draft.questions.iter().filter(|(q, _)| q.wordings.len() > 1) {
        let mut asked: BTreeMap<Channel, usize> = BTreeMap::new();
        for (company, _) in &draft.companies {
            let times: u32 = company.asks.iter().filter(|a| a.question == question.id).map(|a| a.times).sum();
            for point in company.contact_points.iter().filter(|_| times > 0) {
                *asked.entry(point.channel).or_default() += usize::try_from(times).unwrap_or(usize::MAX);
            }
        }
        let few: Vec<_> = asked.iter().filter(|(_, n)| **n < question.wordings.len()).map(|(c, _)| c.name()).collect();
        if !few.is_empty() {
            let title = format!("wording cannot be told apart from channel for `{}`", question.id);
            let label = format!("{} wordings, fewer inquiries on {}", question.wordings.len(), few.join(", "));
            let place = node.get("wordings").map_or(node.place, |n| n.place);
            found.push(
                Finding::warning(title, place, label).help("ask more companies on each channel, or use one wording"),
            );
        }
    }
}

fn time(draft: &Draft<'_>, design: &Design, found: &mut Vec<Finding>) {
    let root = draft.root;
    let without = draft.companies.iter().find(|(_, node)| node.get("timezone").is_none());
    if let Some((company, node)) = without.filter(|_| root.get("timezone").is_none()) {
        let title = "a company without a time zone: UTC is taken";
        let place = node.get("name").map_or(node.place, |n| n.place);
        let help = "add `timezone: Europe/Rome` at the top for all, or to each company";
        found.push(Finding::warning(title, place, format!("`{}`, for one", company.name)).help(help));
    }
    if !design.send.contains("PH")
        && let Some(country) = draft.companies.iter().find_map(|(c, _)| c.country.as_deref())
        && words::country(country).is_ok()
    {
        let place = root.section("design").map_or(root.node.place, |d| d.place("send"));
        let title = format!("messages leave on public holidays too ({country})");
        found.push(Finding::warning(title, place, "").help(format!("add `; PH off`: `{}; PH off`", design.send)));
    }
}

fn claims(draft: &Draft<'_>, design: &Design, found: &mut Vec<Finding>) {
    let root = draft.root;
    if root.get("primary").is_none() {
        let place = root.section("design").map_or(root.node.place, |d| d.node.place);
        let help =
            "add `primary: adequate within 7d, own vs outside`: what is chosen after seeing the numbers proves nothing";
        found.push(Finding::warning("no primary comparison", place, "all will be exploratory").help(help));
    }
    let group = draft.companies.iter().find(|(c, _)| c.group.is_some());
    if let Some((_, node)) = group
        && let Some(conduct) = root.section("conduct")
        && conduct.get("max_messages_per_group").is_none()
    {
        let place = node.get("group").map_or(node.place, |n| n.place);
        let help = "add `max_messages_per_group:`: one call centre may answer for all its companies";
        found.push(Finding::warning("no cap for groups", place, "a group").and(conduct.node.place, "here").help(help));
    }
    for group in &design.compare {
        let reached = |c: &Company| c.contact_points.iter().any(|p| group.channels.contains(&p.channel));
        if !draft.companies.is_empty() && !draft.companies.iter().any(|(c, _)| reached(c)) {
            let place = root.section("design").map_or(root.node.place, |d| d.place("compare"));
            let title = format!("nobody can be asked on a channel of `{}`", group.name);
            found.push(
                Finding::warning(title, place, "").help("add contact points on its channels, or leave the group out"),
            );
        }
    }
}
