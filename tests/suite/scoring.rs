//! Are a study's clusters, opening hours and assumptions what its score says they are?

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use risposta::model::ids::CompanyId;
use risposta::model::observation::{Observation, Observed};
use risposta::model::plan::Plan;
use risposta::model::study::Measure;
use risposta::model::time::Span;
use risposta::rehearsal::Drawing;
use risposta::score::frame::Compared;
use risposta::score::repeated::{Repeated, asked, repeat};
use risposta::score::{Frame, score};
use risposta::stats::Reached;
use risposta::{plan, scenario};
use std::path::Path;

/// Replied after that long, watched for 28 days.
fn answered(company: &str, latency: u32) -> Observed {
    Observed {
        inquiry: format!("{company}.chat.q.1").as_str().into(),
        company: company.to_owned(),
        cluster: company.to_owned(),
        industry: None,
        channel: "chat".to_owned(),
        question: "q".to_owned(),
        repetition: 1,
        position: 1,
        asked_at: None,
        asked_by_proof: false,
        observation: Observation::Answered { latency, after_reminder: false, observed_for: 28 * 86_400 },
        acknowledged_after: None,
        adequate_after: None,
        adequacy: None,
        uncoded_replies: 1,
        reminded_after: None,
    }
}

#[test]
fn a_reply_in_the_night_took_no_opening_hours() {
    // Asked on Friday at 16:30 in Rome, replied on Monday at 9:15: 30 minutes and 15.
    let study = include_str!("../../scenarios/ladogana.yaml")
        .replace("industry: banking,", "industry: banking, hours: \"Mo-Fr 09:00-17:00; PH off\",");
    let loaded = scenario::check_str("study.yaml", &study, Path::new("."));
    let study = loaded.study.unwrap();
    let start = "2026-03-02T00:00:00Z".parse().unwrap();
    let plan = plan::make(&study, &"rehearsal".parse().unwrap(), start).unwrap();
    let asked: DateTime<Utc> = "2026-03-27T15:30:00Z".parse().unwrap();
    // The clock goes forward in between: 64 hours and 45 minutes of the wall, an hour less lived.
    let wait = (63 * 60 + 45) * 60;
    let rows = [
        Observed { asked_at: Some(asked), ..answered("banca-del-lago", wait) },
        Observed { asked_at: Some(asked), ..answered("bit-bottega", wait) },
    ];
    let card = score(&rows, &Frame::of_plan(&plan, asked + TimeDelta::days(60)));
    let open = card.total.before_any_reminder.open_hours_latency.unwrap();
    assert_eq!((open.followed, open.median.hours), (1, Reached::At(45 * 60)), "of the one whose hours are known");
    assert_eq!(card.total.before_any_reminder.latency.unwrap().median.hours, Reached::At(wait));
}

const STUDY: &str = include_str!("../fixtures/every-key.yaml");

#[test]
fn a_group_and_a_shared_address_make_one_cluster() {
    let extra = "
  - {id: birch, name: Birch, group: wood, vars: {product: a chair}, email: {address: info@birch.example, shared: true}, chat: none}
  - {id: cedar, name: Cedar, vars: {product: a chair}, email: {address: INFO@birch.example, shared: true}}
  - {id: dogwood, name: Dogwood, vars: {product: a chair}, email: info@dogwood.example, facebook: {page: elmandco, shared: true}}
  - {id: elm, name: Elm, vars: {product: a chair}, email: info@elm.example, facebook: {page: ElmAndCo, shared: true}}
  - {id: fir, name: Fir, vars: {product: a chair}, email: info@fir.example}
design:
  compare";
    let text = STUDY.replacen("\ndesign:\n  compare", extra, 1);
    let loaded = scenario::check_str("study.yaml", &text, Path::new("tests/fixtures"));
    let study = loaded.study.unwrap_or_else(|| panic!("{}", loaded.findings.plain()));
    let clusters = study.clusters();
    let of = |id: &str| clusters[&id.parse::<CompanyId>().unwrap()];
    assert_eq!(["alder", "birch", "cedar"].map(of), ["wood"; 3]);
    assert_eq!([of("dogwood"), of("elm"), of("fir")], ["dogwood", "dogwood", "fir"]);
}

fn ladogana(changes: &[(&str, &str)]) -> Plan {
    let mut text = include_str!("../../scenarios/ladogana.yaml").to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    let loaded = scenario::check_str("ladogana.yaml", &text, Path::new("."));
    let study = loaded.study.unwrap_or_else(|| panic!("{}", loaded.findings.plain()));
    plan::make(&study, &"rehearsal".parse().unwrap(), "2026-01-12T00:00:00Z".parse().unwrap()).unwrap()
}

/// Whether a row succeeded before any reminder.
fn succeeded(row: &Observed, measure: Measure, within: Span) -> bool {
    let unprompted = |after: &u32| row.reminded_after.is_none_or(|reminded| *after <= reminded);
    let after = match (measure, row.observation) {
        (Measure::Replied, Observation::Answered { latency, after_reminder: false, .. }) => Some(latency),
        (Measure::Adequate, _) => row.adequate_after.filter(unprompted),
        (Measure::Replied, _) => None,
    };
    after.is_some_and(|after| after <= within.as_secs())
}

#[test]
fn the_chances_are_what_happens_in_the_long_run() {
    let bounced =
        ("channels: email, bounce: 1, reply: 0,", "channels: email, bounce: 0.4, reply: 0.9, delay: 6d, spread: 0.7,");
    let reminded = ("  washout: 28d", "  reminders: {max: 1, every: 5d}\n  washout: 28d");
    let more = ("max_messages_per_company: 6", "max_messages_per_company: 20");
    let plan = ladogana(&[bounced, reminded, more]);
    let drawing = Drawing::new(&plan);
    let times: Vec<Vec<Observed>> = (0..400).map(|time| drawing.time(time)).collect();
    for (measure, within) in [(Measure::Replied, "28d"), (Measure::Replied, "2h"), (Measure::Adequate, "7d")] {
        let within = within.parse().unwrap();
        for (i, chances) in drawing.chances(measure, within).iter().enumerate() {
            let successes: u32 = times.iter().map(|rows| u32::from(succeeded(&rows[i], measure, within))).sum();
            let share = f64::from(successes) / 400.0;
            // Four standard errors of a share of 400.
            assert!((share - chances.succeeds).abs() < 0.1, "{measure:?} within {within}: {share}, {chances:?}");
        }
    }
}

#[test]
fn each_time_is_drawn_anew_and_can_be_drawn_again() {
    let plan = ladogana(&[]);
    let drawing = Drawing::new(&plan);
    assert_eq!(drawing.time(3), drawing.time(3));
    assert_ne!(drawing.time(3), drawing.time(4));
}

#[test]
fn what_the_study_leaves_nothing_to_chance_happens_every_time() {
    let plan = ladogana(&[]);
    for row in Drawing::new(&plan).time(7) {
        let observation = row.observation;
        match (row.company.as_str(), row.channel.as_str()) {
            ("banca-del-lago", "email") => {
                assert!(matches!(observation, Observation::Undelivered { .. }), "{observation:?}");
            }
            ("edil-beta", "email") => {
                assert!(matches!(observation, Observation::Answered { latency: 864_000, .. }), "{observation:?}");
                assert_eq!(row.adequate_after, Some(11 * 86_400), "called the day after");
            }
            ("muri-e-tetti", "web_form") => assert!(matches!(observation, Observation::Silent { .. })),
            _ => {}
        }
    }
}

/// A study of 24 companies whose form is answered with probability `form` and whose page with `page`.
fn repeated(form: f64, page: f64, times: u32, design: &str) -> Repeated {
    let company =
        |n| format!("  - {{name: C{n}, industry: i{}, web_form: \"https://c{n}.example/\", facebook: c{n}}}", n % 2);
    let companies = (0..24).map(company).collect::<Vec<_>>().join("\n") + "\n";
    let text = format!(
        "study: case\nlanguage: en\ntimezone: Europe/London\nconduct: {{purpose: research, max_messages_per_company: 6}}\n\
         mailbox: {{address: s@i.example, alias: catch-all, imap: i.example, smtp: i.example}}\npersona: {{name: Sam Archer}}\n\
         questions:\n  price: {{subject: Price, text: How much?}}\ncompanies:\n{companies}\
         design: {{window: 28d, {design}}}\nprimary: replied within 7d, web_form vs facebook\n\
         rehearsal:\n  - {{channels: web_form, reply: {form}, delay: 1h}}\n  - {{channels: facebook, reply: {page}, delay: 1h}}\n"
    );
    let loaded = scenario::check_str("case.yaml", &text, Path::new("."));
    let study = loaded.study.unwrap_or_else(|| panic!("{}", loaded.findings.plain()));
    let start = "2026-03-02T00:00:00Z".parse().unwrap();
    let plan = plan::make(&study, &"rehearsal".parse().unwrap(), start).unwrap();
    let frame = Frame::of_plan(&plan, start + chrono::TimeDelta::days(300));
    let drawing = Drawing::new(&plan);
    let (measure, within) = asked(&frame.about);
    let cards = (0..times).map(|time| score(&drawing.time(time), &frame));
    repeat(&plan, &frame.about, &drawing.chances(measure, within), cards)
}

#[test]
fn a_large_difference_is_found_and_the_interval_holds_the_truth() {
    let comparison = repeated(0.2, 0.8, 40, "per_company: all").comparison.unwrap();
    assert!((comparison.truth + 0.6).abs() < 1e-9);
    assert!(comparison.found.share().unwrap() > 0.8, "{comparison:?}");
    assert!(comparison.covered.share().unwrap() > 0.85 && comparison.wrong_way.numerator == 0);
}

#[test]
fn where_there_is_no_difference_one_is_seldom_found() {
    let repeated = repeated(0.5, 0.5, 40, "per_company: all");
    let comparison = repeated.comparison.unwrap();
    assert!(comparison.truth.abs() < 1e-9 && comparison.found.share().unwrap() < 0.2, "{comparison:?}");
    assert!(repeated.channels.iter().all(|c| c.covered.share().unwrap() > 0.8));
    assert!(repeated.notice.contains("SIMULATED"));
}

#[test]
fn parallel_groups_are_repeated_as_they_are_analysed() {
    let comparison = repeated(0.1, 0.9, 30, "per_company: one channel, stratify: industry").comparison.unwrap();
    assert_eq!(comparison.of.design, Compared::ParallelGroupsByIndustry);
    assert!((comparison.truth + 0.8).abs() < 1e-9, "{comparison:?}");
    assert!(comparison.found.share().unwrap() > 0.8 && comparison.covered.share().unwrap() > 0.8, "{comparison:?}");
}
