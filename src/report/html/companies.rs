//! Each company's own section: its inquiries in a table, on a time axis, and when it answers.

use super::tables::{Cell, cell, place};
use crate::report::charts::{self, channel_class};
use crate::report::escape;
use crate::report::publish::{CompanyPage, Line, Mark, Publication, What};
use crate::report::voice::Voice;
use chrono::{DateTime, Utc};

pub(super) struct Company {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) facts: Vec<String>,
    pub(super) rate: Option<(String, Cell)>,
    pub(super) rows: Vec<Row>,
    pub(super) timeline: String,
    pub(super) patterns: String,
    pub(super) rhythm: String,
    pub(super) comment: Option<String>,
}

pub(super) struct Row {
    pub(super) channel: String,
    pub(super) class: &'static str,
    pub(super) question: String,
    pub(super) sent: String,
    pub(super) status: &'static str,
    pub(super) sign: &'static str,
    pub(super) what: String,
    pub(super) then: Vec<String>,
}

/// Fewest replies that make a pattern.
const PATTERN_MIN: u32 = 3;

pub(super) fn companies(p: &Publication, v: &Voice) -> Vec<Company> {
    p.companies.iter().map(|page| company(p, page, v)).collect()
}

fn company(p: &Publication, page: &CompanyPage, v: &Voice) -> Company {
    let window = p.scorecard.about.window;
    let name = escape::line(&page.name).into_owned();
    let zone: chrono_tz::Tz = page.timezone.parse().unwrap_or(chrono_tz::UTC);
    let said = v.span(window);
    let alt = v.with("timeline-alt", &[("company", (&name).into()), ("window", (&said).into())]);
    let mut facts = Vec::new();
    facts.extend(page.industry.as_ref().map(|i| v.of_one("company-industry", "industry", &escape::line(i))));
    if !p.changed.dates_hidden {
        facts.push(v.of_one("company-zone", "zone", &page.timezone));
    }
    facts.extend(page.place.map(|at| v.of_one("company-place", "place", &place(at, v))));
    let rate = (page.response.denominator > 0).then(|| {
        let fraction = v.fraction(&page.response);
        let text = v.with("company-rate", &[("rate", (&fraction).into()), ("window", (&said).into())]);
        (text, cell(&page.response, v))
    });
    Company {
        id: page.company.clone(),
        rate,
        facts,
        rows: page.inquiries.iter().map(|line| row(line, zone, window.as_secs(), v)).collect(),
        timeline: charts::timeline(page, window.as_secs(), v).map(|d| d.inline(&alt)).unwrap_or_default(),
        patterns: patterns(page, v),
        rhythm: rhythm(page, &name, v),
        comment: page.comment.as_ref().map(|c| escape::lines(c).into_owned()),
        name,
    }
}

fn patterns(page: &CompanyPage, v: &Voice) -> String {
    if page.patterns.replies < PATTERN_MIN { v.t("patterns-few") } else { v.t("patterns-title") }
}

fn rhythm(page: &CompanyPage, name: &str, v: &Voice) -> String {
    if page.patterns.replies < PATTERN_MIN {
        return String::new();
    }
    let said = charts::pattern_said(&page.patterns, v);
    let alt = v.with("patterns-said", &[("company", name.into()), ("said", (&said).into())]);
    charts::pattern(&page.patterns, v).inline(&alt)
}

fn row(line: &Line, zone: chrono_tz::Tz, window: u32, v: &Voice) -> Row {
    let sent: Option<DateTime<Utc>> = line.marks.iter().find(|m| m.what == What::Sent).map(|m| m.at);
    let question =
        if line.repetition > 1 { format!("{} ×{}", line.question, line.repetition) } else { line.question.clone() };
    Row {
        channel: v.channel(&line.channel),
        class: channel_class(&line.channel),
        question,
        sent: sent.map(|at| v.local(&at, zone)).unwrap_or_default(),
        status: line.status.name(),
        sign: charts::sign(line.status),
        what: v.t(&format!("status-{}", line.status.name())),
        then: line.marks.iter().filter(|m| m.what != What::Sent && m.after <= window).map(|m| then(m, v)).collect(),
    }
}

/// What happened, and how long after asking.
fn then(mark: &Mark, v: &Voice) -> String {
    let what = match &mark.what {
        What::Sent => v.t("mark-sent"),
        What::Reminded => v.t("mark-reminded"),
        What::Acknowledged => v.t("mark-acknowledged"),
        What::Automatic => v.t("mark-automatic"),
        What::Seen => v.t("mark-seen"),
        What::Bounced => v.t("mark-bounced"),
        What::Replied { adequacy: None, .. } => v.t("mark-replied"),
        What::Replied { adequacy: Some(code), .. } => format!("{} ({})", v.t("mark-replied"), v.adequacy(*code)),
        What::Called => v.t("mark-called"),
        What::Redirected { to: None, .. } => v.t("mark-redirected-nowhere"),
        What::Redirected { to: Some(place), back } => {
            let place = v.place(place);
            v.of_one(if *back { "mark-redirected-back" } else { "mark-redirected" }, "to", &place)
        }
        What::Promised { due: None } => v.t("mark-promised"),
        What::Promised { due: Some(due) } => v.of_one("mark-promised-due", "due", &v.date(due)),
        What::Kept => v.t("mark-kept"),
        What::Broken => v.t("mark-broken"),
    };
    let what = match &mark.via {
        Some(via) => v.with("mark-via", &[("what", (&what).into()), ("via", (&v.channel(via)).into())]),
        None => what,
    };
    v.with("mark-after", &[("what", (&what).into()), ("time", (&v.duration(mark.after)).into())])
}
