//! What is known of a message in doubt: what was prepared, what went over the wire and came back,
//! and when. A person decides on this, so it is shown whole enough to decide.

use super::Failure;
use crate::model::event::{AttemptRef, Event};
use crate::model::ids::InquiryId;
use crate::model::outcome::{Failure as Failed, Payload, Phase};
use crate::model::plan::PlannedInquiry;
use crate::model::state::Delivery;
use crate::report::escape;
use crate::wave::Wave;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Lines that are shown of each piece of evidence; `--json` has the beginning in full.
const LINES_MAX: usize = 8;

/// Bytes that are looked at of each piece of evidence.
const BYTES_MAX: usize = 4_096;

/// A message that may have left.
#[derive(Debug, Serialize)]
pub(super) struct Doubt {
    inquiry: InquiryId,
    message: usize,
    attempt: usize,
    channel: &'static str,
    since: DateTime<Utc>,
    /// The text's fingerprint, and the SHA-256 of the bytes that would leave.
    fingerprint: Option<String>,
    bytes_sha256: Option<String>,
    /// In which step it broke off; nothing where Risposta itself was stopped.
    phase: Option<Phase>,
    code: Option<u16>,
    enhanced: Option<String>,
    what_happened: String,
    evidence: Vec<Piece>,
    /// Until when answers, bounces and copies are watched for, which would settle it.
    watched_until: DateTime<Utc>,
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
struct Piece {
    what: &'static str,
    bytes: usize,
    /// Its beginning, as text.
    beginning: String,
}

/// What the journal says of an attempt's start and end.
#[derive(Default)]
struct Told {
    fingerprint: Option<String>,
    bytes_sha256: Option<String>,
    prepared: Vec<Payload>,
    exchanged: Vec<Payload>,
}

/// Every message in doubt, in the plan's order; those that something has proved meanwhile are none.
pub(super) fn doubts(wave: &Wave) -> Result<Vec<Doubt>, Failure> {
    let max = wave.plan().study.design.attempts_max;
    let mut open = Vec::new();
    for (planned, inquiry) in wave.plan().inquiries.iter().zip(&wave.state().inquiries) {
        for (number, message) in inquiry.messages.iter().enumerate() {
            let settled = inquiry.proven(wave.state(), number).is_some();
            if message.delivery(max) == Delivery::InDoubt && !settled {
                open.push((planned, number));
            }
        }
    }
    let mut told = if open.is_empty() { HashMap::new() } else { told(wave)? };
    open.into_iter().map(|(planned, number)| doubt(wave, planned, number, &mut told)).collect()
}

fn doubt(
    wave: &Wave,
    planned: &PlannedInquiry,
    number: usize,
    told: &mut HashMap<AttemptRef, Told>,
) -> Result<Doubt, Failure> {
    let state = wave.state().index_of(&planned.id).map(|i| &wave.state().inquiries[i].messages[number]);
    let attempts = state.map_or(&[][..], |m| &m.attempts);
    let last = attempts.last();
    let reference = AttemptRef {
        inquiry: planned.id.clone(),
        message: u32::try_from(number).unwrap_or(u32::MAX),
        attempt: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
    };
    let told = told.remove(&reference).unwrap_or_default();
    let failed = last.and_then(|a| a.outcome.as_ref()).and_then(|o| o.failure());
    let since = last.map_or(wave.plan().start, |a| a.at);
    let mut evidence = Vec::new();
    for (what, payloads) in [("prepared", &told.prepared), ("exchanged", &told.exchanged)] {
        for payload in payloads {
            evidence.push(piece(wave, what, payload)?);
        }
    }
    Ok(Doubt {
        inquiry: planned.id.clone(),
        message: number,
        attempt: attempts.len(),
        channel: planned.channel.name(),
        since,
        fingerprint: told.fingerprint,
        bytes_sha256: told.bytes_sha256,
        phase: failed.map(|f| f.phase),
        code: failed.and_then(|f| f.code),
        enhanced: failed.and_then(|f| f.enhanced.clone()),
        what_happened: what_happened(wave, failed)?,
        evidence,
        watched_until: since + wave.plan().study.design.window.delta(),
    })
}

fn told(wave: &Wave) -> Result<HashMap<AttemptRef, Told>, Failure> {
    let mut found: HashMap<AttemptRef, Told> = HashMap::new();
    for entry in wave.history()? {
        match entry.event {
            Event::AttemptStarted { attempt, fingerprint, bytes_sha256, prepared, .. } => {
                let fingerprint = Some(fingerprint);
                found.insert(attempt, Told { fingerprint, bytes_sha256, prepared, exchanged: Vec::new() });
            }
            Event::AttemptEnded { attempt, evidence, .. } => found.entry(attempt).or_default().exchanged = evidence,
            _ => {}
        }
    }
    Ok(found)
}

fn piece(wave: &Wave, what: &'static str, payload: &Payload) -> Result<Piece, Failure> {
    let Some(bytes) = wave.journal().bytes(payload)? else {
        return Ok(Piece { what, bytes: 0, beginning: "(purged)".to_owned() });
    };
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(BYTES_MAX)]).into_owned();
    Ok(Piece { what, bytes: bytes.len(), beginning })
}

fn what_happened(wave: &Wave, failed: Option<&Failed>) -> Result<String, Failure> {
    let Some(failed) = failed else {
        return Ok("Risposta ended while the message was on its way".to_owned());
    };
    Ok(wave.journal().text(&failed.detail)?.unwrap_or_else(|| "(purged)".to_owned()))
}

/// What a person reads, and how it is settled.
pub(super) fn render(text: &mut String, doubt: &Doubt) {
    // Writing to a String cannot fail.
    let d = doubt;
    let moment = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let _ = writeln!(text, "{} message {} by {}: in doubt since {}", d.inquiry, d.message, d.channel, moment(d.since));
    let codes = [d.code.map(|c| c.to_string()), d.enhanced.clone()].into_iter().flatten().collect::<Vec<_>>();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(" ")) };
    let phase = d.phase.map_or("try", phase_words);
    let _ = writeln!(text, "  {phase} {}{codes}: {}", d.attempt, escape::line(&d.what_happened));
    if let Some(fingerprint) = &d.fingerprint {
        let bytes = d.bytes_sha256.as_ref().map(|hash| format!(", SHA-256 of its bytes {hash}")).unwrap_or_default();
        let _ = writeln!(text, "  the text {fingerprint}{bytes}");
    }
    for piece in &d.evidence {
        let _ = writeln!(text, "  {} ({} bytes)", piece.what, piece.bytes);
        for line in escape::lines(&piece.beginning).lines().take(LINES_MAX) {
            let _ = writeln!(text, "  │ {line}");
        }
    }
    let _ = writeln!(
        text,
        "  An answer, a bounce or our own copy that comes until {} settles it by itself.",
        moment(d.watched_until)
    );
    let number = if d.message == 0 { String::new() } else { format!(" --message {}", d.message) };
    let _ = writeln!(
        text,
        "  then  risposta review {} --sent{number} --why TEXT\n        risposta review {0} --not-sent{number} --why TEXT\n",
        d.inquiry
    );
}

const fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "broke off while connecting, in try",
        Phase::Login => "broke off at the login, in try",
        Phase::Prepare => "broke off in preparation, in try",
        Phase::Address => "broke off before the message, in try",
        Phase::Transfer => "broke off with the message on its way, in try",
        Phase::Confirm => "the answer could not be judged, in try",
    }
}
