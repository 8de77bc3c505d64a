//! Studies for this room's tests, written as data.

use crate::model::channel::Channel;
use crate::model::ids::WaveId;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::Study;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// A Monday.
pub(super) const START: &str = "2026-03-02T08:00:00Z";

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn wave() -> WaveId {
    "w1".parse().unwrap()
}

pub(super) fn plan(study: &Study) -> Plan {
    super::make(study, &wave(), at(START)).unwrap()
}

/// The company's inquiries in the order of asking.
pub(super) fn course<'p>(plan: &'p Plan, company: &str) -> Vec<&'p PlannedInquiry> {
    let mut course: Vec<_> = plan.inquiries.iter().filter(|i| i.company.as_str() == company).collect();
    course.sort_by_key(|inquiry| inquiry.position);
    course
}

pub(super) fn study(companies: usize, channels: &[Channel]) -> Study {
    serde_json::from_value(study_json(companies, channels)).unwrap()
}

pub(super) fn study_json(companies: usize, channels: &[Channel]) -> Value {
    let companies: Vec<Value> = (0..companies).map(|n| company_json(n, channels)).collect();
    json!({
        "id": "prova", "title": "Prova", "language": "it", "seed": 2026,
        "conduct": {"purpose": "research", "approval": null, "max_messages_per_company": 60, "max_messages_per_group": null},
        "sample": null,
        "mailboxes": [{
            "id": "posta", "address": "enrico@posta-prova.example", "alias": "catch-all",
            "smtp": {"host": "smtp.posta-prova.example", "port": 587, "security": "starttls"},
            "inbox": {"maildir": {"path": "mail"}}, "user": "enrico", "password": {"env": "MAIL_PASSWORD"}, "ca_file": null
        }],
        "mastodon": [{"id": "masto", "instance": "https://social.example", "token": {"env": "TOKEN"}}],
        "personas": [{"id": "enrico", "name": "Enrico Riva", "phone": "+39 000 0000000", "mailbox": "posta", "mastodon": "masto"}],
        "questions": [{
            "id": "glutine", "intent": "support", "subject": "Glutine in {{ product }}",
            "wordings": [
                {"name": "a", "text": "Buongiorno, {{ product }} contiene glutine?\r\nGrazie, {{ persona.name }}\n\n"},
                {"name": "b", "text": "Salve, c'è glutine in {{ product }}?\nGrazie, {{ persona.name }}"}
            ],
            "answer_has": ["sì o no"], "if_asked_back": null, "reminder": null
        }],
        "companies": companies,
        "design": {
            "compare": [
                {"name": "own", "channels": ["email", "web_form"]},
                {"name": "outside", "channels": ["facebook", "mastodon", "chat"]}
            ],
            "per_company": "all", "order": "latin_square", "send": "Mo-Fr 09:00-17:00; PH off",
            "window": "28d", "washout": "35d", "reminders": {"max": 2, "every": "7d"},
            "pacing": {"total": "1m", "channel": "2m", "host": "10m"}, "attempts_max": 3
        },
        "thresholds": ["7d", "28d"], "primary": null,
        "rules": {"reply_elsewhere": "credit_asked_channel", "missed_call": "contact_not_adequate", "late": "skip"},
        "rehearsal": {"behaviours": []}
    })
}

fn company_json(n: usize, channels: &[Channel]) -> Value {
    let points: Vec<Value> =
        channels.iter().map(|channel| json!({"channel": channel, "target": target_json(n, *channel)})).collect();
    json!({
        "id": format!("c{n}"), "name": format!("Ditta {n}"), "industry": (["food", "cars", "banks"][n % 3]), "group": null,
        "timezone": "Europe/Rome", "hours": null, "country": "IT",
        "asks": [{"question": "glutine", "times": 1}], "vars": {"product": format!("Frollini {n}")},
        "contact_points": points, "not_offered": [], "persona": null
    })
}

fn target_json(n: usize, channel: Channel) -> Value {
    match channel {
        Channel::Email => json!({"email": {"address": format!("info@c{n}.example")}}),
        Channel::WebForm => {
            json!({"web_form": {"url": format!("https://c{n}.example/contatti"), "form": null, "fields": {}, "success": null}})
        }
        Channel::Mastodon => json!({"mastodon": {"handle": format!("c{n}@social.example"), "visibility": "public"}}),
        _ => json!({"assisted": {"handle": format!("c{n}"), "link": null, "visibility": "private"}}),
    }
}
