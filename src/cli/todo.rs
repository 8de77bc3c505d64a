//! `risposta todo`: what waits for a person, with the exact text and link.

use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Global};
use crate::clock::Clock;
use crate::model::inbound::InboundKind;
use crate::model::plan::PlannedInquiry;
use crate::model::state::Delivery;
use crate::model::study::{Target, Visibility};
use crate::model::task::Task;
use crate::report::escape;
use crate::wave::agenda::SendWindows;
use crate::wave::{Wave, tasks};
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(super) struct Todo {
    #[command(flatten)]
    wave: WaveArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What waits, as JSON gives it.
#[derive(Debug, Serialize)]
struct Waiting<'a> {
    simulated: bool,
    tasks: Vec<Item<'a>>,
    /// Attempts of which nobody knows whether they left.
    in_doubt: Vec<&'a str>,
    /// Inbound messages that nobody could tie to an inquiry.
    in_review: usize,
    /// Replies that nobody has coded.
    uncoded: usize,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    #[serde(flatten)]
    task: Task,
    channel: &'static str,
    company: &'a str,
    to: String,
    visibility: Option<Visibility>,
    /// Whether a person has confirmed the address.
    confirmed: bool,
    text: &'a str,
    fingerprint: &'a str,
    /// When the send window opens, where it is closed now.
    not_before: Option<DateTime<Utc>>,
}

impl Todo {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.wave.open(global)?;
        let waiting = waiting(&wave);
        if self.json {
            out.json(&waiting)?;
        } else {
            out.data(&render(&waiting));
        }
        Ok(0)
    }
}

fn waiting(wave: &Wave) -> Waiting<'_> {
    let (plan, state) = (wave.plan(), wave.state());
    let windows = SendWindows::new(plan).unwrap_or_default();
    // In a rehearsal time stands where it ended.
    let now = if plan.is_simulated() { state.last_at.unwrap_or_default() } else { Clock::System.now() };
    let unconfirmed = plan.unconfirmed();
    let tasks = tasks::open_tasks(plan, state, &windows, now);
    let tasks = tasks.into_iter().filter_map(|task| {
        let planned = plan.inquiry(task.inquiry())?;
        let name = plan.study.company(&planned.company).map_or("", |c| c.name.as_str());
        let opens = windows.next_open(&planned.company, now).filter(|opens| *opens > now);
        let confirmed = !unconfirmed.contains(&(&planned.company, planned.channel));
        item(task, planned, name, opens).map(|item| Item { confirmed, ..item })
    });
    let doubtful = plan.inquiries.iter().zip(&state.inquiries).filter(|(_, inquiry)| {
        let max = plan.study.design.attempts_max;
        let mut messages = inquiry.messages.iter().enumerate();
        messages.any(|(n, m)| m.delivery(max) == Delivery::InDoubt && inquiry.proven(state, n).is_none())
    });
    let replies = state.inbound.values().filter(|m| {
        m.kind == Some(InboundKind::Reply) && m.tie().is_some() && m.duplicate_of.is_none() && m.adequacy().is_none()
    });
    Waiting {
        simulated: plan.is_simulated(),
        tasks: tasks.collect(),
        in_doubt: doubtful.map(|(planned, _)| planned.id.as_str()).collect(),
        in_review: state.in_review().count(),
        uncoded: replies.count(),
    }
}

fn item<'a>(
    task: Task,
    planned: &'a PlannedInquiry,
    company: &'a str,
    opens: Option<DateTime<Utc>>,
) -> Option<Item<'a>> {
    let number = match task {
        Task::Send { message, .. } => message as usize,
        Task::Check { .. } => 0,
    };
    let message = planned.messages.get(number)?;
    let (to, visibility) = address(&planned.target);
    Some(Item {
        channel: planned.channel.name(),
        company,
        to,
        visibility,
        confirmed: true,
        text: &message.text,
        fingerprint: &message.fingerprint,
        not_before: opens.filter(|_| matches!(task, Task::Send { .. })),
        task,
    })
}

/// Where a person goes, and who may read it.
fn address(target: &Target) -> (String, Option<Visibility>) {
    match target {
        Target::Email { address } => (address.clone(), None),
        Target::WebForm(form) => (form.url.to_string(), None),
        Target::Mastodon { handle, visibility } => (format!("@{handle}"), Some(*visibility)),
        Target::Assisted { handle, link, visibility } => {
            let to = link.as_ref().map_or_else(|| handle.clone(), |link| format!("{handle} — {link}"));
            (to, Some(*visibility))
        }
    }
}

fn render(waiting: &Waiting<'_>) -> String {
    let mut text = String::new();
    if waiting.simulated {
        text.push_str("SIMULATED: a rehearsal\n\n");
    }
    for item in &waiting.tasks {
        // Writing to a String cannot fail.
        let due = item.task.due().format("%Y-%m-%d %H:%M UTC");
        let inquiry = item.task.inquiry();
        match item.task {
            Task::Send { message, .. } => {
                let what = if message == 0 { "Send" } else { "Remind" };
                let _ = writeln!(text, "{what} on {}: {} (due {due})", item.channel, escape::line(item.company));
                if let Some(opens) = item.not_before {
                    let _ = writeln!(
                        text,
                        "  wait  until {}: no message leaves before",
                        opens.format("%Y-%m-%d %H:%M UTC")
                    );
                }
                let _ = writeln!(text, "  to    {}{}", escape::line(&item.to), visibility_word(item.visibility));
                if !item.confirmed {
                    let _ = writeln!(text, "  look  nobody has confirmed this address: is it theirs?");
                }
                let _ = writeln!(text, "  text  (fingerprint {})", item.fingerprint);
                for line in escape::lines(item.text).lines() {
                    let _ = writeln!(text, "        {line}");
                }
                let number = if message == 0 { String::new() } else { format!(" --message {message}") };
                let _ = writeln!(text, "  then  risposta record {inquiry} sent{number}\n");
            }
            Task::Check { .. } => {
                let _ = writeln!(
                    text,
                    "Look on {}: has {} replied? (window ended {due})",
                    item.channel,
                    escape::line(item.company)
                );
                let _ = writeln!(text, "  at    {}", escape::line(&item.to));
                let _ = writeln!(text, "  then  risposta record {inquiry} checked");
                let _ = writeln!(text, "  or    risposta record {inquiry} reply --at WHEN --note TEXT\n");
            }
        }
    }
    let counts = [
        (waiting.tasks.len(), "task(s) above"),
        (waiting.in_doubt.len(), "message(s) in doubt: `risposta review`"),
        (waiting.in_review, "message(s) that answer nobody knows what: `risposta review`"),
        (waiting.uncoded, "repl(ies) to code: `risposta code`"),
    ];
    let open: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    text + &if open.is_empty() { "Nothing waits for a person.\n".to_owned() } else { open.join("\n") + "\n" }
}

const fn visibility_word(visibility: Option<Visibility>) -> &'static str {
    match visibility {
        Some(Visibility::Public) => " (public)",
        Some(Visibility::Private) => " (private message)",
        None => "",
    }
}
