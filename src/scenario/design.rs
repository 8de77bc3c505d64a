//! How companies, channels and moments are combined, and whether the times fit together.

use super::build::unknown;
use super::finding::{Finding, Place};
use super::section::Section;
use super::words;
use crate::model::channel::Channel;
use crate::model::study::{
    ChannelGroup, Design, Late, MissedCall, Order, Pacing, PerCompany, Primary, Reminders, ReplyElsewhere, Rules,
    Stratify,
};
use crate::model::time::Span;

/// When messages leave where the study does not say.
const SEND: &str = "Mo-Fr 09:00-17:00; PH off";

/// The design, where its window is known.
pub(super) fn design(root: Section<'_>, found: &mut Vec<Finding>) -> Option<Design> {
    let section = root.section("design")?;
    let compare = compare(section, found);
    let per_company = per_company(section, &compare, found);
    let reminders = section
        .section("reminders")
        .and_then(|r| Some(Reminders { max: r.parse("max")?, every: r.parse("every")? }).filter(|r| r.max > 0));
    times(root, section, found);
    let order = match section.text("order").as_deref() {
        Some("listed") => Order::Listed,
        Some("latin square") => Order::LatinSquare,
        _ => Order::Random,
    };
    let send = section.text("send").unwrap_or_else(|| SEND.to_owned());
    let pacing = pacing(section);
    let attempts_max = section.parse("attempts").unwrap_or(5);
    let washout = section.parse("washout");
    let window: Span = section.parse("window")?;
    Some(Design {
        compare,
        per_company: per_company?,
        order,
        send,
        window,
        washout: washout.unwrap_or(window),
        reminders,
        pacing,
        attempts_max,
        stratify: section.text("stratify").is_some_and(|s| s == "industry").then_some(Stratify::Industry),
    })
}

/// The channel groups of a design, whatever else is wrong with it.
pub(super) fn groups(root: Section<'_>) -> Vec<ChannelGroup> {
    root.section("design").map(|design| compare(design, &mut Vec::new())).unwrap_or_default()
}

fn compare(design: Section<'_>, found: &mut Vec<Finding>) -> Vec<ChannelGroup> {
    let Some(node) = design.get("compare") else { return Vec::new() };
    let mut seen: Vec<(Channel, Place)> = Vec::new();
    let mut groups = Vec::new();
    for entry in node.entries() {
        if entry.key.parse::<Channel>().is_ok() {
            let finding =
                Finding::error(format!("a group called `{}`, as the channel", entry.key), entry.key_place, "");
            found.push(finding.help("give the group another name, such as `own` or `outside`"));
        }
        let mut channels = Vec::new();
        for item in entry.value.items() {
            let Some(channel) = item.text().and_then(|t| t.parse().ok()) else { continue };
            if let Some((_, first)) = seen.iter().find(|(c, _)| *c == channel) {
                let finding = Finding::error(format!("`{channel}` is compared twice"), item.place, "again here");
                found.push(finding.and(*first, "first here").help("a channel belongs to one group"));
            }
            seen.push((channel, item.place));
            channels.push(channel);
        }
        groups.push(ChannelGroup { name: entry.key.clone(), channels });
    }
    groups
}

fn per_company(design: Section<'_>, compare: &[ChannelGroup], found: &mut Vec<Finding>) -> Option<PerCompany> {
    let Some(node) = design.get("per_company") else { return Some(PerCompany::All) };
    match node.text() {
        Some("all") => Some(PerCompany::All),
        Some("one channel") => Some(PerCompany::OneChannel),
        Some("one of each") => {
            if compare.is_empty() {
                let finding = Finding::error("`one of each` of no groups", node.place, "");
                found.push(finding.help("add `compare: {own: [web_form, email], outside: [facebook, chat, forum]}`"));
            }
            Some(PerCompany::OneOfEach)
        }
        Some(_) => None,
        None => design.section("per_company")?.parse("some").map(PerCompany::Some),
    }
}

fn pacing(design: Section<'_>) -> Pacing {
    let section = design.section("pacing");
    let of = |key, seconds| section.and_then(|s| s.parse(key)).unwrap_or(Span::from_secs(seconds));
    Pacing { total: of("total", 30), channel: of("channel", 60), host: of("host", 600) }
}

/// Whether thresholds, washout and reminders fit the window.
fn times(root: Section<'_>, design: Section<'_>, found: &mut Vec<Finding>) {
    let Some((window, window_place)) = design.placed::<Span>("window") else { return };
    if window.as_secs() == 0 {
        found.push(Finding::error("a window of no length", window_place, "").help("watch for days: `28d`"));
        return;
    }
    for (text, place) in root.texts("thresholds") {
        if text.parse::<Span>().is_ok_and(|t| t > window) {
            let finding = Finding::error(
                format!("the window is shorter than the threshold {text}"),
                window_place,
                format!("{window}"),
            );
            found.push(
                finding.and(place, "longer").help(format!("watch for at least {text}, or leave out this threshold")),
            );
        }
    }
    if let Some((washout, place)) = design.placed::<Span>("washout")
        && washout < window
    {
        let title = format!("the washout {washout} is shorter than the window {window}");
        let finding = Finding::error(title, place, "shorter").and(window_place, "than this");
        found.push(
            finding.help(format!(
                "wait at least {window}: a late reply to one question could be taken for one to the next"
            )),
        );
    }
    let Some(reminders) = design.section("reminders") else { return };
    if let (Some(max), Some((every, place))) = (reminders.parse::<u32>("max"), reminders.placed::<Span>("every"))
        && u64::from(max) * u64::from(every.as_secs()) >= u64::from(window.as_secs())
        && max > 0
    {
        let finding = Finding::error("the last reminder comes after the window", place, format!("{max} × {every}"));
        found.push(
            finding
                .and(window_place, format!("the window is {window}"))
                .help("a reminder never opens a new window: send fewer, or sooner"),
        );
    }
}

/// Times within which a reply is counted, ascending, each once.
pub(super) fn thresholds(root: Section<'_>) -> Vec<Span> {
    let window: Option<Span> = root.section("design").and_then(|d| d.parse("window"));
    let mut thresholds: Vec<Span> = root.texts("thresholds").iter().filter_map(|(text, _)| text.parse().ok()).collect();
    if root.get("thresholds").is_none() {
        let primary = root.text("primary").and_then(|text| words::primary(&text).ok()).map(|p| p.within);
        let usual = [Span::from_days(1), Span::from_days(7)].into_iter().chain(primary);
        thresholds = usual.filter(|t| window.is_none_or(|w| *t <= w)).collect();
    }
    thresholds.sort_unstable();
    thresholds.dedup();
    thresholds
}

/// The primary comparison, its sides and its threshold looked up.
pub(super) fn primary(root: Section<'_>, thresholds: &[Span], found: &mut Vec<Finding>) -> Option<Primary> {
    let place = root.get("primary")?.place;
    let primary = words::primary(&root.text("primary")?).ok()?;
    let groups = groups(root);
    let known: Vec<&str> =
        groups.iter().map(|g| g.name.as_str()).chain(Channel::ALL.iter().map(|c| c.name())).collect();
    for side in [&primary.left, &primary.right] {
        if !known.contains(&side.as_str()) {
            unknown("channel group or channel", side, place, &known, found);
        }
    }
    if primary.left == primary.right {
        found.push(
            Finding::error(format!("`{}` compared with itself", primary.left), place, "")
                .help("name two different sides"),
        );
    }
    if !thresholds.contains(&primary.within) {
        let known: Vec<_> = thresholds.iter().map(ToString::to_string).collect();
        let finding = Finding::error(format!("{} is no threshold of this study", primary.within), place, "");
        found.push(finding.help(format!("thresholds: {}", known.join(", "))));
    }
    Some(primary)
}

/// What is decided in advance.
pub(super) fn rules(root: Section<'_>) -> Rules {
    let section = root.section("rules");
    let of = |key| section.and_then(|s: Section<'_>| s.text(key));
    let reply_elsewhere = match of("reply_elsewhere").as_deref() {
        Some("do not count") => ReplyElsewhere::DoNotCount,
        _ => ReplyElsewhere::CreditAskedChannel,
    };
    let missed_call = match of("missed_call").as_deref() {
        Some("ignore") => MissedCall::Ignore,
        _ => MissedCall::ContactNotAdequate,
    };
    let late = match of("late").as_deref() {
        Some("send") => Late::Send,
        _ => Late::Skip,
    };
    Rules { reply_elsewhere, missed_call, late }
}
