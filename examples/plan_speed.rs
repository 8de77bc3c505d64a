//! How long a plan of 100,000 inquiries takes: `cargo run --example plan_speed [companies]`.

use risposta::model::study::Study;
use serde_json::{Value, json};
use std::time::Instant;

const CHANNELS: usize = 4;

#[allow(clippy::print_stdout, reason = "an example for the terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let companies = std::env::args().nth(1).map_or(Ok(25_000), |n| n.parse())?;
    for pacing in ["1s", "1m"] {
        let study: Study = serde_json::from_value(study(companies, pacing))?;
        let begun = Instant::now();
        let plan = risposta::plan::make(&study, &"speed".parse()?, "2026-03-02T08:00:00Z".parse()?)?;
        let made = begun.elapsed();
        let writing = Instant::now();
        let json = risposta::plan::to_json(&plan);
        let written = writing.elapsed();
        let last = plan.inquiries.last().and_then(risposta::model::plan::PlannedInquiry::first_due);
        println!(
            "pacing {pacing}: {} inquiries in {made:.1?}, {} MB of JSON in {:.1?}, last due {last:?}, sha256 {}",
            plan.inquiries.len(),
            json.len() / 1_000_000,
            written,
            risposta::journal::chain::sha256_hex(json.as_bytes())
        );
    }
    Ok(())
}

fn study(companies: usize, pacing: &str) -> Value {
    let companies: Vec<Value> = (0..companies).map(company).collect();
    json!({
        "id": "speed", "title": "Speed", "language": "it", "seed": 1,
        "conduct": {"purpose": "research", "max_messages_per_company": 20},
        "mailboxes": [{
            "id": "posta", "address": "enrico@posta.example", "alias": "catch-all",
            "smtp": {"host": "smtp.posta.example", "port": 587, "security": "starttls"},
            "inbox": {"maildir": {"path": "mail"}}, "user": "enrico"
        }],
        "mastodon": [],
        "personas": [{"id": "enrico", "name": "Enrico Riva", "mailbox": "posta"}],
        "questions": [{
            "id": "glutine", "subject": "Glutine in {{ product }}", "answer_has": [],
            "wordings": [
                {"name": "a", "text": "Buongiorno, {{ product }} contiene glutine? Grazie, {{ persona.name }}"},
                {"name": "b", "text": "Salve, c'è glutine in {{ product }}? Grazie, {{ persona.name }}"}
            ]
        }],
        "companies": companies,
        "design": {
            "compare": [], "per_company": "all", "order": "latin_square", "send": "Mo-Fr 09:00-17:00; PH off",
            "window": "28d", "washout": "35d", "reminders": {"max": 2, "every": "7d"},
            "pacing": {"total": pacing, "channel": pacing, "host": "10m"}, "attempts_max": 3
        },
        "thresholds": ["7d"],
        "rules": {"reply_elsewhere": "credit_asked_channel", "missed_call": "contact_not_adequate", "late": "skip"},
        "rehearsal": {"behaviours": []}
    })
}

fn company(n: usize) -> Value {
    let assisted = json!({"assisted": {"handle": format!("c{n}"), "visibility": "private"}});
    let points = [
        json!({"channel": "email", "target": {"email": {"address": format!("info@c{n}.example")}}}),
        json!({"channel": "web_form", "target": {"web_form": {"url": format!("https://c{n}.example/c"), "fields": {}}}}),
        json!({"channel": "facebook", "target": assisted}),
        json!({"channel": "chat", "target": assisted}),
    ];
    let zones = ["Europe/Rome", "Europe/Berlin", "America/New_York", "Asia/Tokyo"];
    json!({
        "id": format!("c{n}"), "name": format!("Ditta {n}"), "industry": format!("industry {}", n % 12),
        "timezone": (zones[n % zones.len()]), "asks": [{"question": "glutine", "times": 1}],
        "vars": {"product": format!("Frollini {n}")}, "contact_points": (&points[..CHANNELS]), "not_offered": []
    })
}
