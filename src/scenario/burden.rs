//! How many messages a company and a group may get: the study's caps, held against its plan.

use super::build::Draft;
use super::finding::Finding;
use super::section::Section;
use crate::model::study::{Company, Design, PerCompany, asked_twice};
use std::collections::BTreeMap;

/// Most inquiries that the design can give a company.
pub(super) fn inquiries_max(company: &Company, design: &Design) -> u32 {
    let points = u32::try_from(company.contact_points.len()).unwrap_or(u32::MAX);
    let channels = match design.per_company {
        PerCompany::All => points,
        PerCompany::OneOfEach => {
            let offered = |channel| company.contact_points.iter().any(|p| p.channel == channel);
            let groups = design.compare.iter().filter(|g| g.channels.iter().any(|c| offered(*c))).count();
            u32::try_from(groups).unwrap_or(u32::MAX)
        }
        PerCompany::Some(most) => points.min(most),
        PerCompany::OneChannel => points.min(1),
    };
    let times: u32 = company.asks.iter().map(|a| a.times).sum();
    channels.saturating_mul(times)
}

/// Most messages, reminders included.
pub(super) fn messages_max(company: &Company, design: &Design) -> u32 {
    inquiries_max(company, design).saturating_mul(1 + design.reminders.map_or(0, |r| r.max))
}

/// Reports caps that the plan would exceed.
pub(super) fn check(draft: &Draft<'_>, design: &Design, found: &mut Vec<Finding>) {
    let Some(conduct) = draft.root.section("conduct") else { return };
    if let Some((cap, place)) = conduct.placed::<u32>("max_messages_per_company") {
        for (company, node) in &draft.companies {
            let messages = messages_max(company, design);
            if messages > cap {
                let title = format!("`{}` would get {messages} messages, the cap is {cap}", company.name);
                let at = node.get("name").map_or(node.place, |n| n.place);
                let finding = Finding::error(title, at, how_many(company, design)).and(place, "the cap");
                found.push(finding.help("ask less often or on fewer channels, send fewer reminders, or raise the cap if your approval allows it"));
            }
        }
    }
    groups(draft, conduct, design, found);
}

/// Reports companies that have one address: whoever reads there would get the identical question twice.
pub(super) fn check_addresses(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    for (earlier, later, point) in asked_twice(draft.companies.iter().map(|(company, _)| company)) {
        let [(first, its), (again, node)] = [&draft.companies[earlier], &draft.companies[later]];
        // Of one company that is written twice, its id tells already.
        if first.id == again.id {
            continue;
        }
        let name = point.channel.name();
        let [before, at] = [its, node].map(|node| node.get(name).map_or(node.place, |written| written.place));
        let title = format!("`{}` and `{}` have one address on {name}: it would be asked twice", first.id, again.id);
        let finding = Finding::error(title, at, "again here").and(before, "first here");
        found.push(finding.help(
            "make one company of them; where a desk really answers for both, say `shared: true` beside each of the \
             two addresses, and give both one `group:`, whose cap counts them together",
        ));
    }
}

fn groups(draft: &Draft<'_>, conduct: Section<'_>, design: &Design, found: &mut Vec<Finding>) {
    let Some((cap, place)) = conduct.placed::<u32>("max_messages_per_group") else { return };
    let mut groups: BTreeMap<_, (u32, u32)> = BTreeMap::new();
    for (company, _) in &draft.companies {
        if let Some(group) = &company.group {
            let sum = groups.entry(group).or_default();
            sum.0 = sum.0.saturating_add(messages_max(company, design));
            sum.1 += 1;
        }
    }
    for (group, (messages, companies)) in groups.into_iter().filter(|(_, (messages, _))| *messages > cap) {
        let title = format!("the group `{group}` would get {messages} messages, the cap is {cap}");
        let first = draft.companies.iter().find(|(c, _)| c.group.as_ref() == Some(group));
        let at = first.and_then(|(_, node)| node.get("group")).map_or(place, |n| n.place);
        let finding = Finding::error(title, at, format!("{companies} companies")).and(place, "the cap");
        found.push(finding.help("ask fewer of its companies, or raise the cap if your approval allows it"));
    }
}

fn how_many(company: &Company, design: &Design) -> String {
    let inquiries = inquiries_max(company, design);
    match design.reminders {
        Some(reminders) => format!("{inquiries} inquiries, each with up to {} reminders", reminders.max),
        None => format!("{inquiries} inquiries"),
    }
}
