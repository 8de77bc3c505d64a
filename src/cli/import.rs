//! `risposta import mbox|maildir`: what an exported mailbox holds enters the wave.

use super::hold::hold;
use super::locate::WaveArgs;
use super::output::Out;
use super::show::kind_words;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::inbound::RawInbound;
use crate::report::escape;
use crate::sources::export::{ExportError, MaildirExport, MboxExport};
use crate::wave::Wave;
use crate::wave::import::{ImportError, Imported, import};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// mbox files (Thunderbird, mutt, Google Takeout), plain or packed with gzip
    Mbox(Exports),
    /// Maildirs, with all their folders
    Maildir(Exports),
}

#[derive(Debug, Args)]
struct Exports {
    /// What was exported; older exports first
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The mail account of the study that it was exported from; default: the only one
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// All of it lay among spam
    #[arg(long)]
    spam: bool,
    /// You know that all mail is in it that had arrived by then (2026-03-30T12:00:00Z): silence counts up to there
    #[arg(long, value_name = "MOMENT")]
    complete_through: Option<DateTime<Utc>>,
    /// Print what it came to as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

/// How an export of one kind is opened.
type Open = fn(&PathBuf) -> Result<Messages, ExportError>;

/// The messages of one export.
type Messages = Box<dyn Iterator<Item = Result<RawInbound, ExportError>> + Send>;

impl Import {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let (exports, open): (&Exports, Open) = match &self.what {
            What::Mbox(exports) => (exports, |path| Ok(Box::new(MboxExport::open(path)?.map(raw)))),
            What::Maildir(exports) => (exports, |path| Ok(Box::new(MaildirExport::open(path)?.map(raw)))),
        };
        exports.run(open, global, out)
    }
}

fn raw(message: Result<crate::sources::export::Exported, ExportError>) -> Result<RawInbound, ExportError> {
    message.map(crate::sources::export::Exported::into_raw)
}

impl Exports {
    fn run(&self, open: Open, global: &Global, out: &mut Out) -> Done {
        let now = Clock::System.now();
        if self.complete_through.is_some_and(|through| through > now) {
            return Err(Failure::new(exit::USAGE, "`--complete-through` lies in the future")
                .with_help("an export holds what had arrived when it was made"));
        }
        // What is no export is said before anything is stored.
        let opened: Result<Vec<Messages>, ExportError> = self.paths.iter().map(open).collect();
        let messages = opened?.into_iter().flatten();
        let messages = messages.map(|message| message.map(|m| RawInbound { in_spam: m.in_spam || self.spam, ..m }));
        let mut wave = self.wave.open_telling(global, out)?;
        let account = self.account(&wave)?;
        let held = hold(&wave, "import")?;
        let progress = ProgressBar::new_spinner();
        let tell = |so_far: &Imported| {
            progress.set_message(format!("{} messages, {} new, {} tied", so_far.found, so_far.stored, so_far.tied));
            progress.tick();
        };
        let imported = import(&mut wave, &account, messages, self.complete_through, now, tell);
        progress.finish_and_clear();
        held.give_back()?;
        let imported = imported.map_err(interrupted)?;
        if self.json {
            out.json(&imported)?;
        } else {
            out.data(&words(&imported, wave.plan().is_simulated()));
        }
        if let Some(told) = self.what_counts(&wave, &account, &imported) {
            out.say(&told);
        }
        if imported.in_review > 0 {
            out.say(&format!("{} message(s) wait for you: `risposta review`", imported.in_review));
        }
        Ok(0)
    }

    /// Until when replies count, where nobody has said how far the export reaches.
    fn what_counts(&self, wave: &Wave, account: &AccountId, imported: &Imported) -> Option<String> {
        if self.complete_through.is_some() || imported.tied == 0 {
            return None;
        }
        let through = wave.state().sources.get(account).and_then(|source| source.through);
        let so_far =
            through.map_or_else(|| "never".to_owned(), |at| format!("through {}", at.format("%Y-%m-%d %H:%M UTC")));
        Some(format!(
            "`{account}` was read {so_far}: what came later does not count yet. Where the export holds all that came until \
             a moment, import it again with `--complete-through` and that moment"
        ))
    }

    /// The account that is meant.
    fn account(&self, wave: &Wave) -> Result<AccountId, Failure> {
        let mailboxes = &wave.plan().study.mailboxes;
        let known = || mailboxes.iter().map(|m| m.id.as_str()).collect::<Vec<_>>().join(", ");
        match (&self.account, mailboxes.as_slice()) {
            (Some(id), all) if all.iter().any(|m| m.id == *id) => Ok(id.clone()),
            (Some(id), _) => {
                let what = format!("the study has no mail account `{}`", escape::line(id.as_str()));
                Err(Failure::new(exit::USAGE, what).with_help(format!("it has: {}", known())))
            }
            (None, [only]) => Ok(only.id.clone()),
            (None, []) => Err(Failure::new(exit::USAGE, "the study has no mail account")),
            (None, _) => Err(Failure::new(exit::USAGE, "the study has several mail accounts")
                .with_help(format!("name one with `--account`: {}", known()))),
        }
    }
}

fn interrupted(error: ImportError) -> Failure {
    Failure::from(error)
        .with_help("what came before is stored; import it again once this is mended: nothing comes twice")
}

fn words(imported: &Imported, simulated: bool) -> String {
    let mut text = String::new();
    if simulated {
        text.push_str("SIMULATED: a rehearsal\n");
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:>8}  messages in the export", imported.found);
    let mut line = |count: usize, what: &str| {
        if count > 0 {
            let _ = writeln!(text, "{count:>8}  {what}");
        }
    };
    line(imported.before_the_wave, "older than the wave: not taken");
    line(imported.known, "known already");
    line(imported.duplicates, "the same as another that came another way");
    line(imported.stored, "new");
    for (kind, count) in &imported.kinds {
        line(*count, &format!("  {}", kind_words(*kind)));
    }
    line(imported.tied, "tied to an inquiry");
    line(imported.in_review, "to review");
    text
}
