//! The commands: arguments in, text out. The only room that prints.

mod by_hand;
mod change;
mod check;
mod code;
mod discover;
mod doubts;
mod export;
mod flat;
mod form;
mod hold;
mod import;
mod init;
mod locate;
mod output;
mod plan;
mod record;
mod rehearse;
mod report;
mod reprocess;
mod review;
mod run;
mod score;
mod show;
mod status;
mod todo;
mod town;
mod troubles;
mod upkeep;

pub use town::{Rehearsed, TownError, in_town};

use crate::report::escape;
use clap::{Args, Parser, Subcommand};
use output::Out;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Asks companies the same question through every channel they offer, watches for replies, and
/// measures which channel answers, how fast and how well.
#[derive(Debug, Parser)]
#[command(name = "risposta", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// What holds for every command.
#[derive(Debug, Args)]
struct Global {
    /// Folder of results, or the folder of one wave, such as a backup
    #[arg(long, global = true, value_name = "DIR", default_value = "results", env = "RISPOSTA_RESULTS")]
    results: PathBuf,
    /// Colour: on a terminal, always, or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorWhen,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Write the log to this file too
    #[arg(long, global = true, value_name = "FILE")]
    log_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented starter study
    Init(init::Init),
    /// Report every mistake of a study at once, with line and remedy
    Check(check::Check),
    /// Visit companies' web sites politely and write down where they can be asked
    Discover(discover::Discover),
    /// Rehearse a study against simulated companies on loopback; reaches nobody
    Rehearse(rehearse::Rehearse),
    /// Send what is due and watch for replies; without --live, print what would be sent
    Run(run::Run),
    /// List what waits for a person, with the exact text and link
    Todo(todo::Todo),
    /// Print a company's timeline with the texts
    Show(show::Show),
    /// Print the tables: response rates, times and how sure they are
    Score(score::Score),
    /// Write the publication: a page, its pictures and its data
    Report(report::Report),
    /// Rehearse the bundled study and show the result
    Demo(rehearse::Demo),
    /// Freeze the plan of a wave: which inquiry, when, in which order
    Plan(plan::PlanCommand),
    /// Show what a page's forms are understood as, and a filled-in preview; submits nothing
    Form(form::FormCommand),
    /// Say where a wave stands, and what is wrong
    Status(status::Status),
    /// Record what a person did or saw: sent, seen, reply, call, kept, broken
    Record(record::RecordCommand),
    /// List what nobody could tie to an inquiry, or settle it
    Review(review::Review),
    /// Take in what an exported mailbox holds: mbox or Maildir
    Import(import::Import),
    /// Read the evidence again with this release's rules; without --yes, show what would change
    Reprocess(reprocess::Reprocess),
    /// Code how adequate a reply is
    Code(code::Code),
    /// Leave a company alone from now on
    Stop(change::Stop),
    /// Take changed addresses into a planned wave, and record why
    Amend(change::Amend),
    /// Write what others need to rebuild every published number
    Export(export::Export),
    /// Check that the evidence is intact
    Verify(upkeep::Verify),
    /// Copy a wave, while it may be running
    Backup(upkeep::Backup),
    /// Erase all words of a wave; its numbers stay
    Purge(upkeep::Purge),
}

/// Why a command failed.
#[derive(Debug)]
struct Failure {
    code: u8,
    what: String,
    help: Option<String>,
}

/// Exit codes, beside 0 and clap's 2 for wrong usage.
mod exit {
    /// It failed.
    pub(super) const FAILED: u8 = 1;
    /// The arguments do not fit together.
    pub(super) const USAGE: u8 = 2;
    /// The study is invalid.
    pub(super) const INVALID: u8 = 3;
    /// Incomplete or unfit.
    pub(super) const INCOMPLETE: u8 = 4;
    /// Another process holds the wave.
    pub(super) const HELD: u8 = 5;
    /// Interrupted.
    pub(super) const INTERRUPTED: u8 = 130;
}

impl Failure {
    fn new(code: u8, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), help: None }
    }

    /// A file or folder that cannot be written, and what may be named instead of it.
    fn unwritable(path: &Path, why: &io::Error, instead: &str) -> Self {
        let what = format!("cannot write {}: {why}", escape::line(&path.display().to_string()));
        Self::new(exit::FAILED, what)
            .with_help(format!("look who may write there, and whether there is room; {instead}"))
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Any error of a library room is a plain failure.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(exit::FAILED, error.to_string())
    }
}

type Done = Result<u8, Failure>;

/// Runs the program with these arguments and returns its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    crate::net::install_tls_provider();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let mut out = Out::new(cli.global.color);
    if let Err(failure) = output::start_log(&cli.global) {
        return out.failed(&failure);
    }
    let done = dispatch(cli.command, &cli.global, &mut out);
    out.ended(done)
}

fn dispatch(command: Command, global: &Global, out: &mut Out) -> Done {
    match command {
        Command::Init(c) => c.run(out),
        Command::Check(c) => c.run(out),
        Command::Discover(c) => c.run(out),
        Command::Rehearse(c) => c.run(global, out),
        Command::Demo(c) => c.run(global, out),
        Command::Run(c) => c.run(global, out),
        Command::Todo(c) => c.run(global, out),
        Command::Show(c) => c.run(global, out),
        Command::Score(c) => c.run(global, out),
        Command::Report(c) => c.run(global, out),
        Command::Plan(c) => c.run(global, out),
        Command::Form(c) => c.run(out),
        Command::Status(c) => c.run(global, out),
        Command::Record(c) => c.run(global, out),
        Command::Review(c) => c.run(global, out),
        Command::Import(c) => c.run(global, out),
        Command::Reprocess(c) => c.run(global, out),
        Command::Code(c) => c.run(global, out),
        Command::Stop(c) => c.run(global, out),
        Command::Amend(c) => c.run(global, out),
        Command::Export(c) => c.run(global, out),
        Command::Verify(c) => c.run(global, out),
        Command::Backup(c) => c.run(global, out),
        Command::Purge(c) => c.run(global, out),
    }
}

/// The runtime of commands that speak with the network.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
