//! `risposta rehearse STUDY` and `risposta demo`: the whole study against simulated companies.

use super::hold::hold;
use super::locate::{base_of, load};
use super::output::Out;
use super::town::{TownError, in_town};
use super::{Done, Failure, Global, exit};
use crate::model::ids::WaveId;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::Study;
use crate::rehearsal::Drawing;
use crate::report;
use crate::scenario;
use crate::score::repeated::{asked, repeat};
use crate::score::{self, Frame};
use crate::wave::Wave;
use crate::wave::folder::Results;
use crate::wave::run::{Ended, News};
use chrono::{DateTime, Utc};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::{Path, PathBuf};

/// The bundled study: the blogger's experiment.
const DEMO: &str = include_str!("../../scenarios/ladogana.yaml");

/// When a rehearsal starts where nobody says otherwise: a fixed Monday, so that it repeats.
const START: &str = "2026-01-12T00:00:00Z";

#[derive(Debug, Args)]
pub(super) struct Rehearse {
    /// The study's file
    #[arg(value_name = "STUDY")]
    study: PathBuf,
    /// When the simulated wave starts: a date, or a moment in RFC 3339
    #[arg(long, value_name = "DATE", value_parser = super::plan::moment)]
    start: Option<DateTime<Utc>>,
    /// What the wave is called, where several are rehearsed: `rehearsal-spring`; it begins with `rehearsal`
    #[arg(long, value_name = "ID", conflicts_with_all = ["times", "no_network"])]
    wave: Option<WaveId>,
    /// Rehearse the wave that often, without servers, and tell what its analysis would find
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), conflicts_with_all = ["csv", "as_of"])]
    times: Option<u32>,
    /// Open no servers: companies' behaviours are drawn, not acted out. Alone, 200 times
    #[arg(long, conflicts_with_all = ["csv", "as_of"])]
    no_network: bool,
    /// Print the tables as CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    show: super::score::ShowArgs,
}

/// How often a wave is rehearsed where only `--no-network` is given.
const TIMES: u32 = 200;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Print the tables as CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    show: super::score::ShowArgs,
}

impl Rehearse {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let study = load(&self.study, true)?;
        let start = self.start.map_or_else(default_start, Ok)?;
        if let Some(times) = self.times.or(self.no_network.then_some(TIMES)) {
            return self.repeat(&study, start, times, out);
        }
        let plan = plan(&study, self.wave.as_ref(), start)?;
        let wave = rehearse(&study, &plan, start, &base_of(&self.study), global, out)?;
        self.show.print(&wave, self.csv, out)
    }
}

impl Rehearse {
    /// Draws the same wave many times, and scores each as the live wave will be.
    fn repeat(&self, study: &Study, start: DateTime<Utc>, times: u32, out: &mut Out) -> Done {
        let plan = plan(study, None, start)?;
        let end = plan.inquiries.iter().filter_map(PlannedInquiry::first_due).max().unwrap_or(plan.start);
        let frame = Frame::of_plan(&plan, end + study.design.window.delta());
        let drawing = Drawing::new(&plan);
        let (measure, within) = asked(&frame.about);
        let chances = drawing.chances(measure, within);
        let bar = ProgressBar::with_draw_target(Some(u64::from(times)), ProgressDrawTarget::stderr());
        let cards = (0..times).map(|time| {
            bar.inc(1);
            score::score(&drawing.time(time), &frame)
        });
        let repeated = repeat(&plan, &frame.about, &chances, cards);
        bar.finish_and_clear();
        if self.show.as_json() {
            out.json(&repeated)?;
        } else {
            out.data(&report::repeated::render(&repeated, &self.show.look(out)));
        }
        Ok(0)
    }
}

/// The plan of a rehearsal.
fn plan(study: &Study, named: Option<&WaveId>, start: DateTime<Utc>) -> Result<Plan, Failure> {
    let id: WaveId = named.map_or_else(|| WaveId::REHEARSAL_PREFIX.parse(), |id| Ok(id.clone()))?;
    if !id.is_rehearsal() {
        return Err(Failure::new(exit::USAGE, format!("`{id}` may be the name of a live wave"))
            .with_help(format!("a rehearsal is called `{}` or `{0}-…`", WaveId::REHEARSAL_PREFIX)));
    }
    crate::plan::make(study, &id, start).map_err(|e| Failure::new(exit::INVALID, e.to_string()))
}

impl Demo {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let loaded = scenario::check_str("scenarios/ladogana.yaml", DEMO, Path::new("."));
        let study = loaded.study.ok_or_else(|| Failure::new(exit::INVALID, loaded.findings.plain()))?;
        let start = default_start()?;
        let wave = rehearse(&study, &plan(&study, None, start)?, start, Path::new("."), global, out)?;
        let code = self.show.print(&wave, self.csv, out)?;
        out.say(&format!("\nAll of it lies in {}.\n`risposta show` lists the companies.", wave.folder().display()));
        Ok(code)
    }
}

/// When a rehearsal starts where nobody says otherwise.
pub(super) fn default_start() -> Result<DateTime<Utc>, Failure> {
    Ok(START.parse()?)
}

/// Rehearses a study: simulated companies, real protocols on loopback, the code of a live run.
fn rehearse(
    study: &Study,
    plan: &Plan,
    start: DateTime<Utc>,
    base: &Path,
    global: &Global,
    out: &mut Out,
) -> Result<Wave, Failure> {
    let folder = Results::new(&global.results).wave(&study.id, &plan.wave);
    clear(&folder)?;
    let mut wave = Wave::create(&folder, plan, start).map_err(super::plan::no_room)?;
    let held = hold(&wave, "rehearse")?;
    super::run::tell_unconfirmed(plan, out);
    out.say(&format!("Rehearsing `{}` on loopback: SIMULATED, nobody is contacted.", study.id));
    let bar = progress(&wave);
    let ended = super::runtime()?.block_on(run_in_town(&mut wave, base, &bar));
    bar.finish_and_clear();
    held.give_back()?;
    match ended? {
        Ended::Complete | Ended::NothingDue { .. } => Ok(wave),
        Ended::Interrupted => Err(Failure::new(exit::INTERRUPTED, "interrupted")),
    }
}

async fn run_in_town(wave: &mut Wave, base: &Path, bar: &ProgressBar) -> Result<Ended, Failure> {
    let mut tell = |news: News| match news {
        News::Sent(..) => bar.inc(1),
        News::Now(at) => bar.set_message(at.format("%Y-%m-%d").to_string()),
        News::Arrived(_) => {}
        News::SourceFailed(why) => tracing::warn!("{why}"),
    };
    match in_town(wave, base, super::run::stop_signal(), &mut tell).await {
        Ok(rehearsed) => Ok(rehearsed.ended),
        Err(TownError::Accounts(errors)) => Err(super::run::account_failure(&errors)),
        Err(other) => Err(other.into()),
    }
}

/// A rehearsal is done anew each time; only another rehearsal is ever replaced.
fn clear(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    let wave = Wave::open(folder, DateTime::UNIX_EPOCH).ok();
    if wave.as_ref().is_some_and(|w| !w.plan().is_simulated()) {
        return Err(Failure::new(exit::FAILED, format!("{} holds a live wave", folder.display()))
            .with_help("`--results DIR` names another folder"));
    }
    // Another rehearsal may be going on in it.
    let _held = wave.map(|wave| hold(&wave, "rehearse")).transpose()?;
    std::fs::remove_dir_all(folder).map_err(|e| Failure::unwritable(folder, &e, "`--results DIR` names another folder"))
}

fn progress(wave: &Wave) -> ProgressBar {
    let count = wave.plan().inquiries.len() as u64;
    let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("  {bar:40} {pos}/{len} sent  {msg}") {
        bar.set_style(style);
    }
    bar
}
