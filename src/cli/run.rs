//! `risposta run STUDY`: sends what is due and watches until the last window closes.

use super::hold::{hold, may_run_here, refuse_damaged};
use super::locate::{WaveArgs, base_of, load, others_under_way};
use super::output::Out;
use super::{ColorWhen, Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::model::ids::{StudyId, WaveId};
use crate::model::plan::Plan;
use crate::model::study::Study;
use crate::net::Dialer;
use crate::report::escape;
use crate::wave::accounts::{self, AccountError};
use crate::wave::agenda::{SendWindows, Step, next_step, waiting};
use crate::wave::amend::differences;
use crate::wave::folder::holds_wave;
use crate::wave::run::{Ended, Means, News, RunError, Until};
use crate::wave::{Wave, WaveError, run, tasks};
use chrono::{DateTime, Utc};
use clap::Args;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tokio::sync::watch;

/// Inquiries that a dry run shows in full.
const SHOWN_MAX: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The study's file
    #[arg(value_name = "STUDY")]
    study: PathBuf,
    /// Wave; default: the live one that began last
    #[arg(long, value_name = "ID")]
    wave: Option<WaveId>,
    /// Really send; without it, what would be sent is printed
    #[arg(long)]
    live: bool,
    /// Do what is due now, and exit (for cron)
    #[arg(long)]
    once: bool,
}

impl Run {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let study = load(&self.study, true)?;
        let mut wave = self.open(&study, global, out)?;
        refuse_changed(&wave, &study, &self.study)?;
        if !self.live {
            out.data(&what_would_be_sent(&wave)?);
            tell_unconfirmed(wave.plan(), out);
            out.say("Nothing was sent: that takes `--live`.");
            return Ok(0);
        }
        if wave.plan().is_simulated() {
            return Err(Failure::new(exit::USAGE, "this wave is a rehearsal, which is never live"));
        }
        refuse_unconfirmed(&wave)?;
        let held = hold(&wave, "run --live")?;
        if let Err(why) = may_run_here(&wave, held.before.as_ref(), out) {
            held.give_back()?;
            return Err(why);
        }
        refuse_damaged(&wave)?;
        wave.hold(held);
        wave.journal_mut().clear_leftovers()?;
        let skipped = skipped(&wave);
        let runtime = super::runtime()?;
        let ended = runtime.block_on(self.go(&mut wave, out));
        // A name that is still being looked up keeps nobody waiting.
        runtime.shutdown_background();
        let ended = ended?;
        tell_skipped(&wave, skipped, out);
        Ok(report(&wave, ended, out))
    }

    fn open(&self, study: &Study, global: &Global, out: &mut Out) -> Result<Wave, Failure> {
        let found = WaveArgs::new(Some(study.id.to_string()), self.wave.clone()).find(global)?;
        super::plan::refuse_rehearsal(&found.wave)?;
        if self.live && self.wave.is_none() {
            refuse_several(&study.id, &found.wave, global)?;
        }
        let wave = found.open()?;
        found.tell(false, out);
        Ok(wave)
    }

    async fn go(&self, wave: &mut Wave, out: &mut Out) -> Result<Ended, Failure> {
        let clock = Clock::System;
        let base = base_of(&self.study);
        let accounts =
            accounts::open(wave.plan(), &base, &Dialer::World, &clock).map_err(|errors| account_failure(&errors))?;
        let means = Means { accounts, clock, person: None, stop: stop_signal() };
        let until = if self.once { Until::NothingIsDue } else { Until::WindowsClose };
        let mut tell = |news: News| match news {
            News::Sent(inquiry, outcome) => out.say(&format!("{inquiry}: {outcome}")),
            News::Arrived(count) => out.say(&format!("{count} message(s) came in")),
            News::SourceFailed(why) => out.say(&format!("cannot look: {}", escape::line(&why))),
            News::Now(_) => {}
        };
        run::run(wave, means, until, &mut tell).await.map_err(|error| match error {
            RunError::Wave(WaveError::TakenOver(_)) => Failure::new(exit::HELD, error.to_string()),
            RunError::NotReady(_) => Failure::new(exit::INCOMPLETE, error.to_string()),
            other => other.into(),
        })
    }
}

/// Of several waves that are under way, taking one would leave the others unwatched.
fn refuse_several(study: &StudyId, taken: &WaveId, global: &Global) -> Result<(), Failure> {
    if holds_wave(&global.results) {
        return Ok(());
    }
    let others = others_under_way(global, study, taken)?;
    if others.is_empty() {
        return Ok(());
    }
    let others: Vec<&str> = others.iter().map(WaveId::as_str).collect();
    let what = format!("wave {taken} of {study} began last, but others are under way too: {}", others.join(", "));
    Err(Failure::new(exit::USAGE, what).with_help("name one with `--wave`; each is run by itself"))
}

/// Says what `--live` will wait for.
pub(super) fn tell_unconfirmed(plan: &Plan, out: &mut Out) {
    let count = plan.unconfirmed().len();
    if count > 0 {
        out.say(&format!(
            "{count} contact point(s) are not confirmed: `run --live` will refuse to send until they are."
        ));
    }
}

/// Messages that will never be sent.
fn skipped(wave: &Wave) -> usize {
    wave.state().inquiries.iter().flat_map(|i| &i.messages).filter(|m| m.skipped.is_some()).count()
}

/// What is left out changes the study: that is not done in silence.
fn tell_skipped(wave: &Wave, before: usize, out: &mut Out) {
    let count = skipped(wave).saturating_sub(before);
    if count > 0 {
        out.say(&format!("{count} message(s) became overdue and will not be sent; `risposta score` counts them."));
    }
}

/// Whether we can measure now: an account that is paused or a source that cannot be looked at is our fault, and
/// who runs this from cron learns of it by the exit code.
fn is_unfit(wave: &Wave, out: &mut Out) -> bool {
    let failing = wave.state().sources.values().any(|s| s.failed.is_some());
    let paused = !wave.state().paused.is_empty();
    if failing || paused {
        out.say("Not everything works on our side: `risposta status` says what.");
    }
    failing || paused
}

fn report(wave: &Wave, ended: Ended, out: &mut Out) -> u8 {
    let now = Clock::System.now();
    let windows = SendWindows::new(wave.plan()).unwrap_or_default();
    let open = tasks::open_tasks(wave.plan(), wave.state(), &windows, now).len();
    if open > 0 {
        out.say(&format!("{open} task(s) wait for a person: `risposta todo` lists them."));
    }
    match ended {
        Ended::Complete if open > 0 => exit::INCOMPLETE,
        Ended::Complete => {
            out.say("The last window has closed.");
            0
        }
        Ended::NothingDue { next } => {
            let unheard = waiting(wave.plan(), wave.state(), &windows, now).unheard;
            if unheard > 0 {
                out.say(&format!("{unheard} message(s) are due and wait until the replies to them could be read."));
            } else if let Some(next) = next {
                out.say(&format!("Nothing more is due now; next at {}.", next.format("%Y-%m-%d %H:%M UTC")));
            }
            if is_unfit(wave, out) { exit::INCOMPLETE } else { 0 }
        }
        Ended::Interrupted => {
            out.say("Stopped; start it again at any time.");
            exit::INTERRUPTED
        }
    }
}

/// Nothing is sent where a machine has looked and no person has.
fn refuse_unconfirmed(wave: &Wave) -> Result<(), Failure> {
    let Some(points) = run::to_be_confirmed(wave.plan()) else { return Ok(()) };
    Err(Failure::new(exit::INCOMPLETE, format!("nobody has confirmed {points}: nothing is sent")).with_help(
        "look at each in the study, write `confirmed: true`, then `risposta amend STUDY --why \"looked at them\"`",
    ))
}

/// A study that is not what was planned is refused, with what differs.
fn refuse_changed(wave: &Wave, study: &Study, path: &Path) -> Result<(), Failure> {
    let changes = differences(&wave.plan().study, study);
    if changes.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = changes.iter().map(|c| format!("  {}", escape::line(c))).collect();
    let what = format!("{} changed after it was planned:\n{}", path.display(), lines.join("\n"));
    Err(Failure::new(exit::INVALID, what)
        .with_help("undo the change, or `risposta amend STUDY --why TEXT` for a changed address, or plan a new wave"))
}

/// An account that cannot be opened.
pub(super) fn account_failure(errors: &[AccountError]) -> Failure {
    let what: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let help = errors.first().map(|e| e.help.clone()).unwrap_or_default();
    Failure::new(exit::INCOMPLETE, what.join("\n       ")).with_help(help)
}

/// Turns true at the first Ctrl-C, SIGTERM or closing of the terminal; the second one ends the process at once: what
/// was on its way stays without an end in the journal, and so in doubt. Needs a running tokio.
pub(super) fn stop_signal() -> watch::Receiver<bool> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let (sender, receiver) = watch::channel(false);
    // Listened to from here on, and not from when the task is first run.
    let mut signals: Vec<Signal> = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .filter(|kind| !is_ignored(*kind))
        .filter_map(|kind| signal(kind).ok())
        .collect();
    tokio::spawn(async move {
        loop {
            any_of(&mut signals).await;
            if *sender.borrow() {
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
            Out::new(ColorWhen::Never)
                .say("Stopping: what is on its way gets a few seconds. Once more ends it at once.");
            // Without a receiver the loop has ended already.
            let _ = sender.send(true);
        }
    });
    receiver
}

/// Whether whoever started us wants that signal ignored: `nohup` does, so that a closed terminal ends nothing. Known
/// on Linux only.
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let bit = u32::try_from(kind.as_raw_value() - 1).ok().and_then(|shift| 1_u64.checked_shl(shift));
    bit.is_some_and(|bit| mask & bit != 0)
}

/// Returns when one of the signals has come.
async fn any_of(signals: &mut [tokio::signal::unix::Signal]) {
    std::future::poll_fn(|context| {
        // Each of them, so that each wakes us.
        let came: Vec<bool> = signals.iter_mut().map(|s| s.poll_recv(context).is_ready()).collect();
        if came.contains(&true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// What is due now and, where nothing is, what is due first.
fn what_would_be_sent(wave: &Wave) -> Result<String, Failure> {
    let now = Clock::System.now();
    let windows = SendWindows::new(wave.plan()).map_err(|why| Failure::new(exit::INVALID, why))?;
    let mut sends: Vec<(DateTime<Utc>, usize, u32)> = Vec::new();
    let mut overdue = 0;
    for i in 0..wave.plan().inquiries.len() {
        match next_step(wave.plan(), wave.state(), &windows, i, now) {
            Some((at, Step::Send { message, .. })) => sends.push((at, i, message)),
            Some((_, Step::Skip { .. })) => overdue += 1,
            _ => {}
        }
    }
    sends.sort_unstable();
    let due = sends.iter().filter(|(at, ..)| *at <= now).count();
    let mut text = format!("{due} message(s) due now, {} later", sends.len() - due);
    if overdue > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, "; {overdue} overdue, which would be left out");
    }
    text.push_str("\n\n");
    for (at, i, message) in sends.iter().take(due.clamp(1, SHOWN_MAX)) {
        let inquiry = &wave.plan().inquiries[*i];
        let words = &inquiry.messages[*message as usize];
        // Writing to a String cannot fail.
        let _ = writeln!(text, "── {} · {} · {}", at.format("%Y-%m-%d %H:%M UTC"), inquiry.id, words.fingerprint);
        let _ = writeln!(text, "{}\n", escape::lines(&words.text));
    }
    Ok(text)
}
