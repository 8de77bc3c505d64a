//! `risposta status`: where a wave stands, and what is wrong, in words.

use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global};
use crate::model::outcome::Payload;
use crate::model::state::{Delivery, Gap};
use crate::wave::Wave;
use crate::wave::agenda::{SendWindows, next_step};
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tabled::builder::Builder;
use tabled::settings::Style;

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
    paused_accounts: Vec<Trouble>,
    in_review: usize,
    stopped_companies: Vec<String>,
    next: Option<DateTime<Utc>>,
    journal_root: String,
}

/// Inquiries of a channel by the delivery of their first message.
#[derive(Debug, Default, Serialize)]
struct Counts {
    inquiries: usize,
    to_send: usize,
    accepted: usize,
    held: usize,
    rejected: usize,
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
struct Trouble {
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
        paused_accounts.push(Trouble { account: account.to_string(), since: pause.since, why: words(&pause.why)? });
    }
    Ok(Standing {
        simulated: plan.is_simulated(),
        study: plan.study.id.to_string(),
        wave: plan.wave.to_string(),
        channels: count(wave),
        sources,
        paused_accounts,
        in_review: state.in_review().count(),
        stopped_companies: state.stopped.iter().map(ToString::to_string).collect(),
        next: next(wave),
        journal_root: hex::encode(wave.journal().root()?.1),
    })
}

fn count(wave: &Wave) -> BTreeMap<&'static str, Counts> {
    let mut channels: BTreeMap<&'static str, Counts> = BTreeMap::new();
    for (planned, inquiry) in wave.plan().inquiries.iter().zip(&wave.state().inquiries) {
        let counts = channels.entry(planned.channel.name()).or_default();
        counts.inquiries += 1;
        let Some(first) = inquiry.messages.first() else { continue };
        if first.skipped.is_some() || inquiry.stopped {
            counts.not_sent += 1;
            continue;
        }
        match first.delivery(wave.plan().study.design.attempts_max) {
            Delivery::Pending | Delivery::Deferred => counts.to_send += 1,
            Delivery::Accepted => counts.accepted += 1,
            Delivery::Held => counts.held += 1,
            Delivery::Rejected | Delivery::GaveUp => counts.rejected += 1,
            Delivery::InDoubt => counts.in_doubt += 1,
            Delivery::Blocked => counts.blocked += 1,
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
    let mut table = Builder::default();
    table.push_record(["channel", "all", "to send", "accepted", "held", "rejected", "doubt", "blocked", "not sent"]);
    for (channel, c) in &standing.channels {
        let numbers = [c.inquiries, c.to_send, c.accepted, c.held, c.rejected, c.in_doubt, c.blocked, c.not_sent];
        table.push_record(std::iter::once((*channel).to_owned()).chain(numbers.map(|n| n.to_string())));
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", table.build().with(Style::rounded().remove_vertical()));
    let moment = |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string())
    };
    for source in &standing.sources {
        let _ = writeln!(text, "{} is covered through {}", source.account, moment(source.covered_through));
        for line in source.trouble.iter().flat_map(|t| t.lines()) {
            let _ = writeln!(text, "  ! {}", crate::report::escape::line(line));
        }
        for gap in &source.gaps {
            let (since, until) = (moment(Some(gap.since)), moment(Some(gap.until)));
            let _ = writeln!(text, "  ! from {since} to {until}: {}", crate::report::escape::line(&gap.why));
            let _ = writeln!(
                text,
                "    a reply may have been among them: whoever had been asked by then counts as watched until {since} \
                 only. Delete nothing from this account before the wave ends"
            );
        }
    }
    for trouble in &standing.paused_accounts {
        let _ = writeln!(text, "{} is paused since {}:", trouble.account, moment(Some(trouble.since)));
        for line in trouble.why.lines() {
            let _ = writeln!(text, "  ! {}", crate::report::escape::line(line));
        }
    }
    if standing.in_review > 0 {
        let _ = writeln!(text, "{} message(s) wait in `risposta review`", standing.in_review);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_fails_or_missed_something_says_what_is_wrong_and_what_to_do() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let gap = GapStanding {
            since: at("2026-03-04T08:00:00Z"),
            until: at("2026-03-05T09:30:00Z"),
            why: "mailbox `posta`: the mailbox was full".to_owned(),
        };
        let source = SourceStanding {
            account: "posta".to_owned(),
            covered_through: Some(at("2026-03-05T09:30:00Z")),
            trouble: Some("mailbox `posta`: refused the login\ncheck the password".to_owned()),
            gaps: vec![gap],
        };
        let standing = Standing {
            simulated: false,
            study: "s".to_owned(),
            wave: "w".to_owned(),
            channels: BTreeMap::new(),
            sources: vec![source],
            paused_accounts: Vec::new(),
            in_review: 0,
            stopped_companies: Vec::new(),
            next: None,
            journal_root: String::new(),
        };
        let text = render(&standing);
        for words in [
            "posta is covered through 2026-03-05 09:30 UTC",
            "! mailbox `posta`: refused the login",
            "! check the password",
            "! from 2026-03-04 08:00 UTC to 2026-03-05 09:30 UTC: mailbox `posta`: the mailbox was full",
            "counts as watched until 2026-03-04 08:00 UTC only",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
    }
}
