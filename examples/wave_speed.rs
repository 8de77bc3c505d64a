//! What a journal of 100,000 inquiries costs: `cargo run --release --example wave_speed [companies [folder]]`.
//!
//! With a folder, the wave is kept there, with a CSV of the same inquiries beside it; where it is kept already,
//! only what is read from it is timed. `benches/score/journal` times `risposta score` on both.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use risposta::model::channel::{Channel, Delivery};
use risposta::model::event::{Act, AttemptRef, Event};
use risposta::model::ids::{AccountId, InboundId};
use risposta::model::inbound::{Confidence, InboundKind, Interpretation, RawFormat, Tie};
use risposta::model::observation::{Observation, observe_all};
use risposta::model::outcome::{Outcome, Payload};
use risposta::model::plan::{Plan, PlannedInquiry};
use risposta::model::state::WaveState;
use risposta::model::study::Study;
use risposta::model::time::Stamp;
use risposta::score::Table;
use risposta::score::flat::{self, Only, Wanted};
use risposta::threads::Threads;
use risposta::wave::Wave;
use risposta::wave::agenda::{Agenda, SendWindows, next_step};
use risposta::wave::ledger::Ledger;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

type Failed = Box<dyn std::error::Error>;

/// Events of one transaction while the journal is written.
const BATCH: usize = 5_000;

fn main() -> Result<(), Failed> {
    let companies = std::env::args().nth(1).map_or(Ok(25_000), |n| n.parse())?;
    let study: Study = serde_json::from_value(study(companies))?;
    let temporary = tempfile::tempdir()?;
    let kept = std::env::args().nth(2).map(|folder| Path::new(&folder).join("speed").join("speed"));
    let folder = kept.as_deref().unwrap_or(temporary.path());
    if !folder.join("plan.json").exists() {
        let start = "2026-03-02T08:00:00Z".parse()?;
        let plan = timed("plan", || Ok(risposta::plan::make(&study, &"speed".parse()?, start)?))?;
        let count = timed("write plan and journal", || write(&plan, folder))?;
        say(&format!("{} inquiries, {count} events", plan.inquiries.len()));
    }
    drop(study);
    let wave = timed("open and fold", || Ok(Wave::open(folder, DateTime::UNIX_EPOCH)?))?;
    let as_of = wave.state().last_coverage().unwrap_or(wave.plan().start);
    let csv = folder.with_extension("csv");
    if kept.is_some() && !csv.exists() {
        timed("write as CSV", || write_csv(&wave, &csv))?;
    }
    timed("agenda of all", || agenda(wave.plan(), wave.state(), as_of - TimeDelta::days(1)))?;
    drop(wave);
    let ledger = timed("read without words", || Ok(Ledger::open(folder, DateTime::UNIX_EPOCH)?))?;
    let threads = Threads::available();
    let table = timed("observe", || Ok(Table::of_wave(ledger.plan(), ledger.state(), as_of, threads)))?;
    drop(ledger);
    let wanted = Wanted { all: false, seed: 1, resamples: 2_000, threads };
    let numbers = timed("score", || Ok(flat::study(&table, wanted, &Only(Vec::new()))))?;
    say(&format!("{} inquiries, {} numbers", table.rows().len(), numbers.iter().len()));
    Ok(())
}

/// The inquiries of a wave as the CSV that `risposta score --csv` reads.
fn write_csv(wave: &Wave, path: &Path) -> Result<(), Failed> {
    let mut csv = BufWriter::new(File::create(path)?);
    writeln!(
        csv,
        "company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,first_reply_at,outcome,adequacy"
    )?;
    let as_of = wave.state().last_coverage().unwrap_or(wave.plan().start);
    let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    for row in observe_all(wave.plan(), wave.state(), as_of) {
        let (Some(asked), Some(watched)) = (row.asked_at, row.observation.observed_for()) else { continue };
        let after = |seconds: u32| written(asked + TimeDelta::seconds(i64::from(seconds)));
        let (outcome, reply) = match row.observation {
            Observation::Answered { latency, .. } => ("replied", after(latency)),
            Observation::Silent { .. } => ("no_reply", String::new()),
            _ => ("censored", String::new()),
        };
        writeln!(
            csv,
            "{},{},{},{},{},{},{},,{reply},{outcome},",
            row.company,
            row.industry.as_deref().unwrap_or_default(),
            row.channel,
            row.question,
            row.repetition,
            written(asked),
            after(watched),
        )?;
    }
    Ok(csv.flush()?)
}

#[allow(clippy::print_stdout, reason = "an example for the terminal")]
fn say(text: &str) {
    println!("{text}");
}

fn timed<T>(what: &str, work: impl FnOnce() -> Result<T, Failed>) -> Result<T, Failed> {
    let (begun, worked) = (Instant::now(), processor_seconds());
    let done = work()?;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
    let worked = processor_seconds() - worked;
    say(&format!("{what:>22}: {:>8.2?}, {worked:.2} s of processors, peak memory {peak}", begun.elapsed()));
    Ok(done)
}

/// Time that processors spent on this program: it tells more than the clock where others work too.
fn processor_seconds() -> f64 {
    /// What Linux counts in.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_A_SECOND
}

/// Every inquiry is asked; six in ten are answered after some hours.
fn write(plan: &Plan, folder: &Path) -> Result<usize, Failed> {
    let mut wave = Wave::create(folder, plan, plan.start)?;
    let journal = wave.journal_mut();
    let raw = journal.keep("a reply");
    let mut events = Vec::new();
    let mut answers = 0;
    for (i, planned) in plan.inquiries.iter().enumerate() {
        let due = planned.first_due().ok_or("no moment")?;
        events.extend(asked(planned, due));
        if i % 10 < 6 {
            answers += 1;
            let hours = i64::try_from(i % 500)?;
            events.extend(answered(planned, InboundId(answers), &raw, due + TimeDelta::hours(hours)));
        }
    }
    let through = plan.inquiries.iter().filter_map(PlannedInquiry::first_due).max().map(|at| at + TimeDelta::days(29));
    events.push(Event::Covered { source: "posta".parse()?, through, cursor: "c".to_owned() });
    for batch in events.chunks(BATCH) {
        journal.append(plan.start, batch)?;
    }
    Ok(events.len() + 1)
}

fn asked(planned: &PlannedInquiry, at: DateTime<Utc>) -> Vec<Event> {
    let inquiry = planned.id.clone();
    if planned.channel.delivery() == Delivery::Assisted {
        return vec![Event::Recorded { inquiry, message: 0, act: Act::Sent, at: Stamp::human(at), note: None }];
    }
    let attempt = AttemptRef { inquiry, message: 0, attempt: 1 };
    let started = Event::AttemptStarted {
        attempt: attempt.clone(),
        account: None,
        fingerprint: planned.messages[0].fingerprint.clone(),
        bytes_sha256: None,
        prepared: Vec::new(),
        late_seconds: 0,
    };
    let outcome = Outcome::Accepted { at: Stamp::server(at), receipt: None };
    vec![started, Event::AttemptEnded { attempt, outcome, evidence: Vec::new() }]
}

fn answered(planned: &PlannedInquiry, inbound: InboundId, raw: &Payload, at: DateTime<Utc>) -> [Event; 2] {
    let interpretation = Interpretation {
        kind: InboundKind::Reply,
        because: vec!["own-alias".to_owned()],
        inquiry: Some((planned.id.clone(), Tie::Alias)),
        candidates: Vec::new(),
        status: None,
        confidence: Confidence::CERTAIN,
    };
    let stored = Event::InboundStored {
        inbound,
        source: AccountId::person(),
        locator: raw.clone(),
        raw: raw.clone(),
        format: RawFormat::Mail,
        via: Channel::Email,
        received: Stamp::server(at),
        in_spam: false,
    };
    // Each company answers from an address of its own.
    let sender = Some(Payload(Sha256::digest(planned.company.as_str()).into()));
    [stored, Event::Interpreted { inbound, intake: 1, interpretation, duplicate_of: None, about: None, sender }]
}

/// What the loop does when it starts: the next step of every inquiry, put on the agenda, then taken off.
fn agenda(plan: &Plan, state: &WaveState, now: DateTime<Utc>) -> Result<(), Failed> {
    let windows = SendWindows::new(plan)?;
    let mut agenda = Agenda::default();
    for i in 0..plan.inquiries.len() {
        agenda.set(i, next_step(plan, state, &windows, i, now).map(|(at, _)| at));
    }
    while agenda.pop(DateTime::<Utc>::MAX_UTC).is_some() {}
    Ok(())
}

fn study(companies: usize) -> Value {
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
            "wordings": [{"name": "a", "text": "Buongiorno, {{ product }} contiene glutine? {{ persona.name }}"}]
        }],
        "companies": companies,
        "design": {
            "compare": [{"name": "own", "channels": ["email", "web_form"]},
                        {"name": "outside", "channels": ["facebook", "chat"]}],
            "per_company": "all", "order": "latin_square", "send": "24/7",
            "window": "28d", "washout": "35d", "reminders": null,
            "pacing": {"total": "1s", "channel": "1s", "host": "10m"}, "attempts_max": 3
        },
        "thresholds": ["2h", "24h", "7d", "28d"],
        "rules": {"reply_elsewhere": "credit_asked_channel", "missed_call": "contact_not_adequate", "late": "skip"},
        "rehearsal": {"behaviours": []}
    })
}

fn company(n: usize) -> Value {
    let assisted = json!({"assisted": {"handle": format!("c{n}"), "visibility": "private"}});
    json!({
        "id": format!("c{n}"), "name": format!("Ditta {n}"), "industry": format!("industry {}", n % 12),
        "timezone": "Europe/Rome", "asks": [{"question": "glutine", "times": 1}],
        "vars": {"product": format!("Frollini {n}")}, "not_offered": [],
        "contact_points": [
            {"channel": "email", "target": {"email": {"address": format!("info@c{n}.example")}}},
            {"channel": "web_form", "target": {"web_form": {"url": format!("https://c{n}.example/c"), "fields": {}}}},
            {"channel": "facebook", "target": assisted},
            {"channel": "chat", "target": assisted}
        ]
    })
}
