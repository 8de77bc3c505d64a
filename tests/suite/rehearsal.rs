//! A study of seventy companies in the town: does the score say exactly what they did?

use chrono::{DateTime, TimeDelta, Utc};
use risposta::cli::{Rehearsed, in_town};
use risposta::journal::verify::verify;
use risposta::model::channel::Channel;
use risposta::model::inbound::InboundKind;
use risposta::model::observation::{Observation, Observed, UndeliveredReason, observe_all};
use risposta::model::plan::Plan;
use risposta::model::study::Study;
use risposta::net::install_tls_provider;
use risposta::rehearsal::{Stats, Truth};
use risposta::report::json;
use risposta::score::{Frame, score};
use risposta::wave::Wave;
use risposta::wave::run::Ended;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use tokio::sync::watch;

const COMPANIES: usize = 70;
const WINDOW: u32 = 28 * 86_400;

/// Two channels a company, of four kinds. Mastodon is rare: every look reads each of its threads.
fn company(n: usize) -> Value {
    let points = [
        json!({"channel": "email", "target": {"email": {"address": format!("info@c{n}.example")}}}),
        json!({"channel": "web_form", "target": {"web_form":
            {"url": format!("https://c{n}.example/contatti"), "form": null, "fields": {}, "success": null}}}),
        json!({"channel": "mastodon", "target": {"mastodon":
            {"handle": format!("c{n}@social{}.example", n % 3), "visibility": "public"}}}),
        json!({"channel": "facebook", "target": {"assisted":
            {"handle": format!("c{n}"), "link": null, "visibility": "public"}}}),
    ];
    let pairs = [(0, 3), (1, 2), (1, 3), (0, 3), (1, 3), (0, 3)];
    let (own, outside) = pairs[n % pairs.len()];
    let zones = ["Europe/Rome", "America/New_York", "Asia/Tokyo"];
    json!({
        "id": format!("c{n}"), "name": format!("Ditta {n}"), "industry": (["food", "cars", "banks"][n % 3]),
        "group": null, "timezone": (zones[n % zones.len()]), "hours": null, "country": null,
        "asks": [{"question": "glutine", "times": 1}], "vars": {"product": format!("Frollini {n}")},
        "contact_points": [points[own], points[outside]], "not_offered": [], "persona": null
    })
}

fn study() -> Study {
    let server = |port: u16| json!({"host": "mail.posta.example", "port": port, "security": "tls"});
    let says = ["answer", "partial", "redirect", "promise_broken", "promise_kept", "canned"];
    let study = json!({
        "id": "medium", "title": "Medium", "language": "it", "seed": 2026,
        "conduct": {"purpose": "research", "approval": null, "max_messages_per_company": 6, "max_messages_per_group": null},
        "sample": null,
        "mailboxes": [{
            "id": "posta", "address": "enrico@posta.example", "alias": "catch-all", "smtp": server(465),
            "inbox": {"imap": {"server": server(993), "spam": null, "folders": []}},
            "user": "enrico@posta.example", "password": null, "ca_file": null
        }],
        "mastodon": [{"id": "sociale", "instance": "https://nostra.example", "token": {"env": "TOKEN"}}],
        "personas": [{"id": "enrico", "name": "Enrico Riva", "phone": "+39 000 0000000", "mailbox": "posta",
                      "mastodon": "sociale"}],
        "questions": [{
            "id": "glutine", "intent": "support", "subject": "Glutine in {{ product }}", "answer_has": ["sì o no"],
            "if_asked_back": null, "reminder": null,
            "wordings": [{"name": "a", "text": "Buongiorno, {{ product }} contiene glutine? Grazie, {{ persona.name }}"}]
        }],
        "companies": (0..COMPANIES).map(company).collect::<Vec<_>>(),
        "design": {
            "compare": [{"name": "own", "channels": ["email", "web_form"]},
                        {"name": "outside", "channels": ["mastodon", "facebook"]}],
            "per_company": "all", "order": "latin_square", "send": "Mo-Fr 09:00-17:00",
            "window": "28d", "washout": "35d", "reminders": {"max": 1, "every": "7d"},
            "pacing": {"total": "30s", "channel": "1m", "host": "5m"}, "attempts_max": 3
        },
        "thresholds": ["2h", "24h", "7d", "28d"],
        "primary": {"measure": "adequate", "within": "7d", "left": "own", "right": "outside"},
        "rules": {"reply_elsewhere": "credit_asked_channel", "missed_call": "contact_not_adequate", "late": "skip"},
        "rehearsal": {"behaviours": [{
            "companies": [], "channels": [], "questions": [],
            "behaviour": {"reply": 0.6, "delay_median": "2d", "delay_spread": 1.5, "acknowledge": 0.3, "bounce": 0.1,
                          "spam": 0.2, "says": says}
        }]}
    });
    serde_json::from_value(study).unwrap()
}

struct Run {
    wave: Wave,
    rehearsed: Rehearsed,
    score: String,
    _folder: TempDir,
}

async fn rehearse(plan: &Plan) -> Run {
    install_tls_provider();
    let folder = TempDir::new().unwrap();
    let mut wave = Wave::create(folder.path(), plan, plan.start).unwrap();
    let (_nobody_stops_it, stop) = watch::channel(false);
    let rehearsed = in_town(&mut wave, Path::new("."), stop, &mut |_| ()).await.unwrap();
    let as_of = wave.state().last_coverage().unwrap();
    let card = score(&observe_all(plan, wave.state(), as_of), &Frame::of_plan(plan, as_of));
    Run { wave, rehearsed, score: json::render(&card).unwrap(), _folder: folder }
}

fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
    u32::try_from((to - from).num_seconds()).unwrap()
}

/// What a scorer must say who knows everything.
fn expected(truth: &[&Truth]) -> (Observation, Option<u32>, Option<u32>) {
    let asked = truth[0].received_at;
    let in_window = |at: &DateTime<Utc>| *at <= asked + TimeDelta::seconds(i64::from(WINDOW));
    let first = |of: fn(&Truth) -> Option<DateTime<Utc>>| truth.iter().filter_map(|t| of(t)).filter(in_window).min();
    // A reminder that comes back has reminded nobody, and the question before it was delivered all the same.
    let reminded = truth.get(1).filter(|t| t.bounced_at.is_none()).map(|t| t.received_at);
    let observation = match (first(|t| t.replied_at), truth[0].bounced_at.filter(in_window)) {
        (Some(replied), _) => Observation::Answered {
            latency: seconds(asked, replied),
            after_reminder: reminded.is_some_and(|r| r < replied),
            observed_for: WINDOW,
        },
        (None, Some(bounced)) => {
            Observation::Undelivered { reason: UndeliveredReason::Bounced, after: seconds(asked, bounced) }
        }
        (None, None) => Observation::Silent { window: WINDOW },
    };
    let acknowledged = first(|t| t.acknowledged_at).map(|at| seconds(asked, at));
    (observation, acknowledged, reminded.map(|at| seconds(asked, at)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_score_says_what_the_town_did_and_says_it_again() {
    let plan = risposta::plan::make(&study(), &"rehearsal".parse().unwrap(), "2026-01-12T00:00:00Z".parse().unwrap());
    let plan = plan.unwrap();
    assert_eq!(plan.inquiries.len(), 2 * COMPANIES);
    let run = rehearse(&plan).await;
    assert_eq!((run.rehearsed.ended, run.rehearsed.stats), (Ended::Complete, Stats::default()));
    let mut truth: BTreeMap<&str, Vec<&Truth>> = BTreeMap::new();
    run.rehearsed.truth.iter().for_each(|t| truth.entry(t.inquiry.as_str()).or_default().push(t));
    let as_of = run.wave.state().last_coverage().unwrap();
    let rows = observe_all(&plan, run.wave.state(), as_of);
    let wrong: Vec<(&Observed, _)> = rows
        .iter()
        .map(|row| (row, expected(&truth[row.inquiry.as_str()])))
        .filter(|(row, expected)| (row.observation, row.acknowledged_after, row.reminded_after) != *expected)
        .collect();
    assert_eq!(wrong, [], "{} of {} inquiries", wrong.len(), rows.len());
    everything_happened(&rows, &plan);
    nothing_is_counted_twice(&run, &truth);
    let verified = verify(run.wave.journal(), run.wave.folder(), None).unwrap();
    assert_eq!(verified.damage, Vec::<String>::new());
    assert!(run.score.contains("SIMULATED"));
    let again = rehearse(&plan).await;
    assert!(again.rehearsed.truth == run.rehearsed.truth, "the town did something else");
    assert!(again.score == run.score, "the score is another one");
}

/// A study in which something never happens would prove nothing about it.
fn everything_happened(rows: &[Observed], plan: &Plan) {
    for channel in [Channel::Email, Channel::WebForm, Channel::Mastodon, Channel::Facebook] {
        assert!(plan.inquiries.iter().any(|i| i.channel == channel), "{channel}");
        let on = || rows.iter().filter(|row| row.channel == channel.name());
        assert!(on().any(|r| matches!(r.observation, Observation::Answered { .. })), "{channel} answers");
        assert!(on().any(|r| matches!(r.observation, Observation::Silent { .. })), "{channel} is silent");
        assert!(on().any(|r| r.acknowledged_after.is_some()), "{channel} acknowledges");
    }
    assert!(rows.iter().any(|r| matches!(r.observation, Observation::Answered { after_reminder: true, .. })));
    assert!(rows.iter().any(|r| matches!(r.observation, Observation::Undelivered { .. })));
}

/// Every reply, kept promise, bounce and acknowledgement is there once, also those after the window.
fn nothing_is_counted_twice(run: &Run, truth: &BTreeMap<&str, Vec<&Truth>>) {
    let state = run.wave.state();
    assert_eq!(state.in_review().count(), 0);
    for (planned, inquiry) in run.wave.plan().inquiries.iter().zip(&state.inquiries) {
        let known = &truth[planned.id.as_str()];
        let happened = |of: fn(&Truth) -> bool| known.iter().filter(|t| of(t)).count();
        let seen = |kind| state.messages_of(inquiry).filter(|m| m.kind == Some(kind)).count();
        let last = run.wave.state().last_at.unwrap();
        let replies = known.iter().flat_map(|t| [t.replied_at, t.kept_at]).flatten().filter(|at| *at <= last).count();
        assert_eq!(seen(InboundKind::Reply), replies, "replies to {}", planned.id);
        assert_eq!(seen(InboundKind::Bounce), happened(|t| t.bounced_at.is_some()), "bounces of {}", planned.id);
        let acknowledged = happened(|t| t.acknowledged_at.is_some());
        assert_eq!(seen(InboundKind::Acknowledgement), acknowledged, "acknowledgements of {}", planned.id);
    }
}
