//! `risposta reprocess`: today's reading of the evidence that is there, shown before it is recorded.

use super::hold::hold;
use super::locate::WaveArgs;
use super::output::Out;
use super::show::kind_words;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::intake;
use crate::model::observation::Observation;
use crate::wave::WaveError;
use crate::wave::reprocess::{Change, ChangedInquiry, Reread, Taken};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Most rows of each table that are printed.
const ROWS_MAX: usize = 50;

#[derive(Debug, Args)]
pub(super) struct Reprocess {
    #[command(flatten)]
    wave: WaveArgs,
    /// Record it: what was recorded before stays in the chain
    #[arg(long)]
    yes: bool,
    /// Print as JSON, with every change
    #[arg(long)]
    json: bool,
}

impl Reprocess {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        // Whoever watches meanwhile goes on by what it has learnt from the old reading.
        let held = if self.yes { Some(hold(&wave, "reprocess")?) } else { None };
        let now = Clock::System.now();
        let as_of = wave.state().last_coverage().unwrap_or(wave.plan().start);
        let reread = wave.reread(as_of)?;
        let simulated = wave.plan().is_simulated();
        if self.json {
            out.json(&as_json(&reread, simulated))?;
        } else {
            out.data(&words(&reread, simulated));
        }
        let Some(held) = held else {
            if !reread.is_empty() {
                out.say("Nothing was recorded: `risposta reprocess --yes` does.");
            }
            return Ok(0);
        };
        let recorded = wave.record_reread(&reread, now);
        held.give_back()?;
        recorded.map_err(|error| match error {
            WaveError::Busy => {
                Failure::new(exit::FAILED, "somebody has recorded something meanwhile: nothing was changed")
                    .with_help("say it again")
            }
            error => error.into(),
        })?;
        out.say("recorded");
        Ok(0)
    }
}

fn words(reread: &Reread, simulated: bool) -> String {
    let mut text = String::new();
    if simulated {
        text.push_str("SIMULATED: a rehearsal\n");
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} messages read again by rules {}", reread.read, intake::VERSION);
    if reread.purged > 0 {
        let _ = writeln!(text, "{} messages are purged and stay what they were", reread.purged);
    }
    if reread.other_evidence > 0 {
        let _ = writeln!(text, "{} mean the same, by other evidence", reread.other_evidence);
    }
    let _ = writeln!(text, "{} are taken for something else, or tied otherwise", reread.changes.len());
    for Change { inbound, before, after } in reread.changes.iter().take(ROWS_MAX) {
        let _ = writeln!(text, "  {inbound}: {} → {}", taken(before), taken(after));
    }
    more(&mut text, reread.changes.len());
    let _ = writeln!(text, "{} inquiries come to something else", reread.inquiries.len());
    for ChangedInquiry { inquiry, before, after } in reread.inquiries.iter().take(ROWS_MAX) {
        let (was, is) = (came_to(&before.observation), came_to(&after.observation));
        let (was, is) = if was == is { (was, format!("{is}, with other details")) } else { (was, is) };
        let _ = writeln!(text, "  {inquiry}: {was} → {is}");
    }
    more(&mut text, reread.inquiries.len());
    text
}

fn more(text: &mut String, rows: usize) {
    if rows > ROWS_MAX {
        let _ = writeln!(text, "  and {} more: `--json` has them all", rows - ROWS_MAX);
    }
}

fn taken(taken: &Taken) -> String {
    let Some(known) = &taken.interpretation else { return "not read".to_owned() };
    let mut text = kind_words(known.kind).to_owned();
    match &known.inquiry {
        Some((inquiry, _)) => {
            let _ = write!(text, " to {inquiry}");
        }
        None if known.needs_review() => text.push_str(" in review"),
        None => {}
    }
    if let Some(first) = taken.duplicate_of {
        let _ = write!(text, ", the same as {first}");
    }
    if let Some(number) = taken.about {
        let _ = write!(text, ", about message {number}");
    }
    text
}

fn came_to(observation: &Observation) -> String {
    match observation {
        Observation::Answered { latency, .. } => format!("answered after {} h", latency / 3_600),
        Observation::Silent { .. } => "silent".to_owned(),
        Observation::Censored { .. } => "not followed to the end".to_owned(),
        Observation::Undelivered { .. } => "undelivered".to_owned(),
        Observation::UnknownDelivery { .. } => "delivery unknown".to_owned(),
        Observation::NotAsked { .. } => "not asked".to_owned(),
    }
}

fn as_json(reread: &Reread, simulated: bool) -> Value {
    let taken =
        |t: &Taken| json!({ "interpretation": t.interpretation, "duplicate_of": t.duplicate_of, "about": t.about });
    let change = |c: &Change| json!({ "inbound": c.inbound, "before": taken(&c.before), "after": taken(&c.after) });
    let inquiry = |c: &ChangedInquiry| json!({ "inquiry": c.inquiry, "before": c.before, "after": c.after });
    json!({
        "simulated": simulated, "intake": intake::VERSION, "read": reread.read, "purged": reread.purged,
        "other_evidence": reread.other_evidence,
        "changes": reread.changes.iter().map(change).collect::<Vec<_>>(),
        "inquiries": reread.inquiries.iter().map(inquiry).collect::<Vec<_>>(),
    })
}
