//! `risposta todo`: what waits for a person, with the exact text and link.

use super::by_hand::{self, Attempts, Why};
use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global};
use crate::clock::Clock;
use crate::model::ids::CompanyId;
use crate::model::plan::PlannedInquiry;
use crate::model::state::Delivery;
use crate::model::study::{Target, Visibility};
use crate::model::task::Task;
use crate::plan::fingerprint;
use crate::report::escape;
use crate::wave::agenda::SendWindows;
use crate::wave::{Wave, tasks};
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;

/// Stands before and after a text to copy.
const RULE: &str = "────────────────────────────────────────";

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
    company_id: &'a CompanyId,
    to: String,
    visibility: Option<Visibility>,
    /// Whether a person has confirmed the address.
    confirmed: bool,
    text: &'a str,
    fingerprint: String,
    /// When the send window opens, where it is closed now.
    not_before: Option<DateTime<Utc>>,
    /// Why no machine did it, and how a person does.
    why: Option<Why>,
}

impl Todo {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.wave.open(global)?;
        let waiting = waiting(&wave)?;
        if self.json {
            out.json(&waiting)?;
        } else {
            out.data(&render(&waiting, &self.wave.typed()));
        }
        Ok(0)
    }
}

fn waiting(wave: &Wave) -> Result<Waiting<'_>, Failure> {
    let (plan, state) = (wave.plan(), wave.state());
    let windows = SendWindows::new(plan).unwrap_or_default();
    // In a rehearsal time stands where it ended.
    let now = if plan.is_simulated() { state.last_at.unwrap_or_default() } else { Clock::System.now() };
    let unconfirmed = plan.unconfirmed();
    let attempts = Attempts::of(wave)?;
    let tasks = tasks::open_tasks(plan, state, &windows, now);
    let tasks = tasks.into_iter().filter_map(|task| {
        let planned = &plan.inquiries[state.index_of(task.inquiry())?];
        let name = plan.study.company(&planned.company).map_or("", |c| c.name.as_str());
        let opens = windows.next_open(&planned.company, now).filter(|opens| *opens > now);
        let confirmed = !unconfirmed.contains(&(&planned.company, planned.channel));
        let back = plan.study.question(&planned.question).and_then(|q| q.if_asked_back.as_deref());
        let why = match &task {
            Task::Send { inquiry, message, .. } => attempts.why(inquiry, *message),
            _ => Ok(None),
        };
        let item = item(task, planned, name, opens, back)?;
        Some(why.map(|why| Item { confirmed, why, ..item }))
    });
    let tasks = tasks.collect::<Result<_, _>>()?;
    let doubtful = plan.inquiries.iter().zip(&state.inquiries).filter(|(_, inquiry)| {
        let max = plan.study.design.attempts_max;
        let mut messages = inquiry.messages.iter().enumerate();
        messages.any(|(n, m)| m.delivery(max) == Delivery::InDoubt && inquiry.proven(state, n).is_none())
    });
    let replies = state.inbound.values().filter(|m| m.is_to_code() && m.adequacy().is_none());
    Ok(Waiting {
        simulated: plan.is_simulated(),
        tasks,
        in_doubt: doubtful.map(|(planned, _)| planned.id.as_str()).collect(),
        in_review: state.in_review().count(),
        uncoded: replies.count(),
    })
}

fn item<'a>(
    task: Task,
    planned: &'a PlannedInquiry,
    company: &'a str,
    opens: Option<DateTime<Utc>>,
    back: Option<&'a str>,
) -> Option<Item<'a>> {
    let words = |number: usize| planned.messages.get(number).map(|m| m.text.as_str());
    let text = match task {
        Task::Send { message, .. } => words(message as usize)?,
        Task::Check { .. } => words(0)?,
        Task::AnswerBack { .. } => back?,
        Task::LeaveAlone { .. } => "",
    };
    let (to, visibility) = address(&planned.target);
    Some(Item {
        channel: planned.channel.name(),
        company,
        company_id: &planned.company,
        to,
        visibility,
        confirmed: true,
        text,
        fingerprint: fingerprint(text),
        not_before: opens.filter(|_| matches!(task, Task::Send { .. } | Task::AnswerBack { .. })),
        why: None,
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

/// `typed`: what names the wave, for commands that are ready to paste.
fn render(waiting: &Waiting<'_>, typed: &str) -> String {
    let mut text = String::new();
    if waiting.simulated {
        text.push_str("SIMULATED: a rehearsal\n\n");
    }
    for item in &waiting.tasks {
        render_task(item, typed, &mut text);
    }
    let counts = [
        (waiting.tasks.len(), "task(s) above"),
        (waiting.in_doubt.len(), "message(s) in doubt: `risposta review`"),
        (waiting.in_review, "message(s) that answer nobody knows what: `risposta review`"),
        (waiting.uncoded, "repl(ies) to code: `risposta code next`"),
    ];
    let open: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    text + &if open.is_empty() { "Nothing waits for a person.\n".to_owned() } else { open.join("\n") + "\n" }
}

fn render_task(item: &Item<'_>, typed: &str, text: &mut String) {
    let due = item.task.due().format("%Y-%m-%d %H:%M UTC");
    let (inquiry, company, channel) = (item.task.inquiry(), escape::line(item.company), item.channel);
    // Writing to a String cannot fail.
    match &item.task {
        Task::Send { message, .. } => {
            let what = if *message == 0 { "Send" } else { "Remind" };
            let _ = writeln!(text, "{what} on {channel}: {company} (due {due})");
            render_words(item, text);
            let number = if *message == 0 { String::new() } else { format!(" --message {message}") };
            let _ = writeln!(text, "  then  risposta record {inquiry} sent{number}{typed}");
            let _ = writeln!(text, "  or    risposta record {inquiry} impossible{number}{typed} --note 'WHY'\n");
        }
        Task::Check { .. } => {
            let _ = writeln!(text, "Look on {channel}: has {company} replied? (window ended {due})");
            let _ = writeln!(text, "  at    {}", escape::line(&item.to));
            let _ = writeln!(text, "  then  risposta record {inquiry} checked{typed}");
            let _ = writeln!(text, "  or    risposta record {inquiry} reply{typed} --at WHEN --note TEXT\n");
        }
        Task::AnswerBack { inbound, .. } => {
            let _ =
                writeln!(text, "Answer back on {channel}: {company} seems to ask something in {inbound} (of {due})");
            let _ = writeln!(text, "  in    the same thread, once; `risposta show` prints what they ask");
            render_words(item, text);
            let _ = writeln!(text, "  then  risposta record {inquiry} answered_back{typed}");
            let _ = writeln!(text, "  or    code its item asks_back `no`\n");
        }
        Task::LeaveAlone { inbound, .. } => {
            let _ = writeln!(text, "Leave alone? {company} seems to ask for it in {inbound} (of {due})");
            let _ = writeln!(text, "  then  risposta stop {}{typed} --why TEXT", item.company_id);
            let _ = writeln!(text, "  or    code its item leave_alone `no`\n");
        }
    }
}

/// Where a message goes and what it says, word for word.
fn render_words(item: &Item<'_>, text: &mut String) {
    // Writing to a String cannot fail.
    if let Some(opens) = item.not_before {
        let opens = opens.format("%Y-%m-%d %H:%M UTC");
        let _ = writeln!(text, "  wait  until {opens}: no message leaves before");
    }
    let _ = writeln!(text, "  to    {}{}", escape::line(&item.to), visibility_word(item.visibility));
    if !item.confirmed {
        let _ = writeln!(text, "  look  nobody has confirmed this address: is it theirs?");
    }
    if let Some(why) = &item.why {
        by_hand::render(why, text);
    }
    // Flush left, so that it can be copied as it is.
    let _ = writeln!(text, "  text  (fingerprint {}) between the lines\n{RULE}", item.fingerprint);
    let _ = writeln!(text, "{}\n{RULE}", escape::lines(item.text).trim_end());
}

const fn visibility_word(visibility: Option<Visibility>) -> &'static str {
    match visibility {
        Some(Visibility::Public) => " (public)",
        Some(Visibility::Private) => " (private message)",
        None => "",
    }
}
