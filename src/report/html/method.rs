//! The last section: how it was measured, what was left out, and by which record it can be checked.

use crate::model::study::{MissedCall, Order, PerCompany, ReplyElsewhere};
use crate::report::escape;
use crate::report::publish::Publication;
use crate::report::voice::Voice;

pub(super) struct Method {
    pub(super) design: Vec<(String, String)>,
    pub(super) questions: Vec<(String, String, String)>,
    pub(super) definitions: Vec<(String, String)>,
    pub(super) sensitivity: Vec<String>,
    pub(super) cells: Vec<String>,
    pub(super) amendments: Vec<(String, String, Vec<String>)>,
    pub(super) conduct: Vec<String>,
    pub(super) comments: Vec<(String, String)>,
    pub(super) record: Vec<(String, String)>,
    pub(super) rebuild: Vec<(String, String)>,
    pub(super) checklist: Vec<(String, &'static str, String)>,
}

pub(super) fn method(p: &Publication, v: &Voice) -> Method {
    let window = v.span(p.scorecard.about.window);
    let definition = |stem: &str| (v.t(&format!("def-{stem}")), v.of_one(&format!("def-{stem}-is"), "window", &window));
    let comments = p.companies.iter().filter_map(|page| {
        let text = escape::lines(page.comment.as_ref()?).into_owned();
        Some((escape::line(&page.name).into_owned(), text))
    });
    let question = |q: &crate::report::publish::Asked| {
        let has = q.answer_has.join(", ");
        let has = if has.is_empty() { String::new() } else { v.of_one("question-has", "has", &escape::line(&has)) };
        (q.question.clone(), escape::lines(&q.text).into_owned(), has)
    };
    Method {
        design: design(p, v),
        questions: p.method.questions.iter().map(question).collect(),
        definitions: ["delivered", "reply", "adequate", "silent", "not-followed", "latency"].map(definition).into(),
        sensitivity: sensitivity(p, v),
        cells: cells(p, v),
        amendments: p
            .record
            .amendments
            .iter()
            .map(|a| (v.date(&a.at), escape::line(&a.why).into_owned(), a.changes.clone()))
            .collect(),
        conduct: vec![
            p.statement.as_ref().map_or_else(|| v.t("conduct-none"), |s| escape::lines(s).into_owned()),
            v.t("conduct-always"),
        ],
        comments: comments.collect(),
        record: record(p, v),
        rebuild: rebuild(p, v),
        checklist: checklist(p, v),
    }
}

fn design(p: &Publication, v: &Voice) -> Vec<(String, String)> {
    let (method, design) = (&p.method, &p.method.design);
    let stated = |text: Option<&String>| text.map_or_else(|| v.t("not-stated"), |t| escape::line(t).into_owned());
    let sample = method.sample.as_ref();
    let assignment = match design.per_company {
        PerCompany::All => v.t("d-assignment-all"),
        PerCompany::OneOfEach => v.t("d-assignment-one-of-each"),
        PerCompany::Some(n) => v.n("d-assignment-some", n),
        PerCompany::OneChannel => v.t("d-assignment-one-channel"),
    };
    let order = match design.order {
        Order::Listed => "d-order-listed",
        Order::Random => "d-order-random",
        Order::LatinSquare => "d-order-latin-square",
    };
    let reminders = design.reminders.map_or_else(
        || v.t("none"),
        |r| {
            v.with(
                "d-reminders-some",
                &[("n", r.max.into()), ("shown", (&v.count(r.max)).into()), ("every", (&v.span(r.every)).into())],
            )
        },
    );
    let elsewhere = match method.rules.reply_elsewhere {
        ReplyElsewhere::CreditAskedChannel => "d-elsewhere-credit",
        ReplyElsewhere::DoNotCount => "d-elsewhere-not",
    };
    let missed = match method.rules.missed_call {
        MissedCall::ContactNotAdequate => "d-missed-contact",
        MissedCall::Ignore => "d-missed-ignore",
    };
    let thresholds: Vec<String> = p.scorecard.about.thresholds.iter().map(|t| v.span(*t)).collect();
    let entry = |key: &str, value: String| (v.t(key), value);
    vec![
        entry("d-purpose", escape::line(&method.purpose).into_owned()),
        entry("d-approval", stated(method.approval.as_ref())),
        entry("d-sampling", stated(sample.map(|s| &s.frame))),
        entry("d-selected", stated(sample.map(|s| &s.selected))),
        entry("d-replace", stated(sample.map(|s| &s.replace))),
        entry("d-start", p.started.map_or_else(|| v.t("not-stated"), |at| v.moment(&at))),
        entry("d-assignment", assignment),
        entry("d-order", v.t(order)),
        entry("d-hours", escape::line(&design.send).into_owned()),
        entry("d-washout", v.span(design.washout)),
        entry("d-reminders", reminders),
        entry("d-cap", v.count(method.messages_per_company_max)),
        entry("d-thresholds", thresholds.join(", ")),
        entry("d-language", p.language.clone()),
        entry("d-elsewhere", v.t(elsewhere)),
        entry("d-missed", v.t(missed)),
    ]
}

fn sensitivity(p: &Publication, v: &Voice) -> Vec<String> {
    let total = &p.scorecard.total;
    let Some(unsettled) = &total.unsettled else { return vec![v.t("sensitivity-none")] };
    let said = |rate: &crate::score::Rate| format!("{} {}", v.share(rate), v.bounds(rate));
    vec![
        v.n("sensitivity-unknown", total.unknown.total),
        v.with(
            "sensitivity-range",
            &[
                ("silent", (&said(&unsettled.if_silent)).into()),
                ("undelivered", (&said(&unsettled.if_undelivered)).into()),
                ("replied", (&said(&unsettled.if_replied)).into()),
            ],
        ),
    ]
}

fn cells(p: &Publication, v: &Voice) -> Vec<String> {
    let mut said = Vec::new();
    if p.changed.pseudonyms {
        said.push(v.t("pseudonyms-note"));
    }
    if p.changed.companies_min > 1 {
        said.push(v.of_one("cells-rule", "min", &v.count(p.changed.companies_min)));
        for merged in &p.changed.merged {
            let list = merged.channels.iter().map(|c| v.channel(c)).collect::<Vec<_>>().join(", ");
            said.push(v.of_one("cells-merged", "list", &format!("{list} → {}", v.channel(&merged.as_channel))));
        }
        if p.changed.dates_hidden {
            said.push(v.t("cells-dates"));
        }
    }
    said
}

pub(in crate::report) fn record(p: &Publication, v: &Voice) -> Vec<(String, String)> {
    let stated = |text: &Option<String>| text.clone().unwrap_or_else(|| v.t("not-stated"));
    vec![
        (v.t("r-version"), format!("Risposta {}", p.risposta)),
        (v.t("r-plan"), stated(&p.record.plan_sha256)),
        (v.t("r-root"), stated(&p.record.journal_root)),
        (v.t("r-events"), v.count(u32::try_from(p.record.events).unwrap_or(u32::MAX))),
        (v.t("r-licence"), p.licence.as_ref().map_or_else(|| v.t("not-stated"), |l| escape::line(l).into_owned())),
    ]
}

pub(in crate::report) fn rebuild(p: &Publication, v: &Voice) -> Vec<(String, String)> {
    let about = &p.scorecard.about;
    let named = match (&about.study, &about.wave) {
        (Some(study), Some(wave)) => format!(" --study {study} --wave {wave}"),
        _ => String::new(),
    };
    let root = p.record.journal_root.as_ref().map(|root| format!(" --root {root}")).unwrap_or_default();
    let as_of = about.as_of.map(|at| format!(" --as-of {}", at.format("%Y-%m-%dT%H:%M:%SZ"))).unwrap_or_default();
    vec![
        (v.t("rebuild-journal"), format!("risposta verify{named}{root}\nrisposta score{named}{as_of} --json")),
        (v.t("rebuild-bundle"), "risposta score --bundle data/bundle.json --json".to_owned()),
    ]
}

/// Items of the checklists and the sections that answer them.
fn checklist(p: &Publication, v: &Voice) -> Vec<(String, &'static str, String)> {
    const SECTIONS: [(&str, &str); 15] = [
        ("summary", "nav-summary"),
        ("summary", "nav-summary"),
        ("design", "design"),
        ("design", "design"),
        ("definitions", "definitions"),
        ("send-times", "chart-sent"),
        ("flow", "chart-flow"),
        ("sensitivity", "sensitivity"),
        ("flow", "chart-flow"),
        ("channels", "nav-channels"),
        ("summary", "nav-summary"),
        ("design", "design"),
        ("conduct", "conduct"),
        ("conduct", "conduct"),
        ("record", "record"),
    ];
    let there =
        |(id, key)| if id == "send-times" && p.sent_by_hour.is_empty() { ("design", "design") } else { (id, key) };
    (1..).zip(SECTIONS.map(there)).map(|(n, (id, key))| (v.t(&format!("check-{n}")), id, v.t(key))).collect()
}
