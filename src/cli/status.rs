//! `risposta status`: where a wave stands, and what is wrong, in words.

use super::locate::WaveArgs;
use super::output::Out;
use super::troubles::{Trouble, troubles};
use super::{Done, Failure, Global};
use crate::model::outcome::Payload;
use crate::model::state::{Delivery, Gap};
use crate::report::Look;
use crate::report::table::Table;
use crate::wave::Wave;
use crate::wave::agenda::{SendWindows, next_step};
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    wave: WaveArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Standing {
    simulated: bool,
    study: String,
    wave: String,
    channels: BTreeMap<&'static str, Counts>,
    sources: Vec<SourceStanding>,
    paused_accounts: Vec<Paused>,
    in_review: usize,
    stopped_companies: Vec<String>,
    next: Option<DateTime<Utc>>,
    /// What is wrong, in words, and what to do.
    troubles: Vec<Trouble>,
    journal_root: String,
}

/// Inquiries of a channel by the delivery of their first message.
#[derive(Debug, Default, Serialize)]
struct Counts {
    inquiries: usize,
    to_send: usize,
    accepted: usize,
    held: usize,
    /// For good, or not taken in any try.
    refused: usize,
    /// For what was entered: a person's task.
    entries_rejected: usize,
    in_doubt: usize,
    blocked: usize,
    not_sent: usize,
}

#[derive(Debug, Serialize)]
struct SourceStanding {
    account: String,
    covered_through: Option<DateTime<Utc>>,
    trouble: Option<String>,
    gaps: Vec<GapStanding>,
}

/// A time in which something may have arrived that can never be read.
#[derive(Debug, Serialize)]
struct GapStanding {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    why: String,
}

#[derive(Debug, Serialize)]
struct Paused {
    account: String,
    since: DateTime<Utc>,
    why: String,
}

impl Status {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.wave.open(global)?;
        let standing = standing(&wave)?;
        if self.json {
            out.json(&standing)?;
        } else {
            out.data(&render(&standing));
        }
        Ok(0)
    }
}

fn standing(wave: &Wave) -> Result<Standing, Failure> {
    let (plan, state) = (wave.plan(), wave.state());
    let words = |payload: &Payload| -> Result<String, Failure> {
        Ok(wave.journal().text(payload)?.unwrap_or_else(|| "(purged)".to_owned()))
    };
    let mut sources = Vec::new();
    for (account, source) in &state.sources {
        let trouble = source.failed.as_ref().map(words).transpose()?;
        let gap = |gap: &Gap| Ok(GapStanding { since: gap.since, until: gap.until, why: words(&gap.why)? });
        let gaps = source.gaps.iter().map(gap).collect::<Result<_, Failure>>()?;
        sources.push(SourceStanding { account: account.to_string(), covered_through: source.through, trouble, gaps });
    }
    let mut paused_accounts = Vec::new();
    for (account, pause) in &state.paused {
        paused_accounts.push(Paused { account: account.to_string(), since: pause.since, why: words(&pause.why)? });
    }
    Ok(Standing {
        simulated: plan.is_simulated(),
        study: plan.study.id.to_string(),
        wave: plan.wave.to_string(),
        channels: count(wave),
        sources,
        paused_accounts,
        in_review: state.in_review().count(),
        stopped_companies: state.stopped.keys().map(ToString::to_string).collect(),
        next: next(wave),
        troubles: troubles(wave)?,
        journal_root: hex::encode(wave.journal().root()?.1),
    })
}

fn count(wave: &Wave) -> BTreeMap<&'static str, Counts> {
    let mut channels: BTreeMap<&'static str, Counts> = BTreeMap::new();
    for (planned, inquiry) in wave.plan().inquiries.iter().zip(&wave.state().inquiries) {
        let counts = channels.entry(planned.channel.name()).or_default();
        counts.inquiries += 1;
        let Some(first) = inquiry.messages.first() else { continue };
        let stopped = wave.state().stopped.contains_key(&planned.company);
        match first.delivery(wave.plan().study.design.attempts_max) {
            Delivery::Pending | Delivery::Deferred | Delivery::Blocked | Delivery::EntriesRejected
                if first.skipped.is_some() || stopped =>
            {
                counts.not_sent += 1;
            }
            Delivery::Pending | Delivery::Deferred => counts.to_send += 1,
            Delivery::Accepted => counts.accepted += 1,
            Delivery::Held => counts.held += 1,
            Delivery::Rejected | Delivery::GaveUp => counts.refused += 1,
            Delivery::InDoubt => counts.in_doubt += 1,
            Delivery::Blocked => counts.blocked += 1,
            Delivery::EntriesRejected => counts.entries_rejected += 1,
        }
    }
    channels
}

/// When a machine has something to do next.
fn next(wave: &Wave) -> Option<DateTime<Utc>> {
    let windows = SendWindows::new(wave.plan()).ok()?;
    let now = wave.state().last_at?;
    let steps = (0..wave.plan().inquiries.len()).filter_map(|i| next_step(wave.plan(), wave.state(), &windows, i, now));
    steps.map(|(at, _)| at).min()
}

fn render(standing: &Standing) -> String {
    let simulated = if standing.simulated { "  SIMULATED" } else { "" };
    let mut text = format!("{} / {}{simulated}\n", standing.study, standing.wave);
    let columns =
        ["channel", "all", "to send", "accepted", "held", "refused", "doubt", "blocked", "rejected", "not sent"];
    let mut table = Table::new(columns);
    for (channel, c) in &standing.channels {
        let sent = [c.accepted, c.held, c.refused, c.in_doubt].map(|n| n.to_string());
        let left = [c.blocked, c.entries_rejected, c.not_sent].map(|n| n.to_string());
        let ([accepted, held, refused, in_doubt], [blocked, rejected, not_sent]) = (sent, left);
        let (name, all, to_send) = ((*channel).to_owned(), c.inquiries.to_string(), c.to_send.to_string());
        table.push([name, all, to_send, accepted, held, refused, in_doubt, blocked, rejected, not_sent]);
    }
    text.push_str(&table.render(&Look::default()));
    let moment = |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string())
    };
    // Writing to a String cannot fail.
    for source in &standing.sources {
        let _ = writeln!(text, "{} is covered through {}", source.account, moment(source.covered_through));
    }
    for trouble in &standing.troubles {
        let _ = writeln!(text, "! {}", crate::report::escape::line(&trouble.what));
        for line in &trouble.words {
            let _ = writeln!(text, "  │ {}", crate::report::escape::line(line));
        }
        let _ = writeln!(text, "  → {}", trouble.to_do);
    }
    for company in &standing.stopped_companies {
        let _ = writeln!(text, "{company} is left alone");
    }
    if let Some(next) = standing.next {
        let _ = writeln!(text, "next step at {}", moment(Some(next)));
    }
    let _ = writeln!(text, "journal root {}", standing.journal_root);
    text
}
