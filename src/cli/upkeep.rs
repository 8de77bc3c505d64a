//! `risposta verify`, `backup` and `purge`: the evidence is intact, copied, erased.

use super::hold::hold;
use super::locate::{Found, WaveArgs, quoted};
use super::output::Out;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::journal::lock::Holder;
use crate::journal::verify::{Verified, verify};
use crate::journal::{Journal, JournalError, backup};
use crate::wave::WaveError;
use crate::wave::amend::plan_files;
use crate::wave::answers;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What the record of a copy says in place of a command that ran it.
pub(super) const COPIED: &str = "backup";

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    wave: WaveArgs,
    /// The root that was published: the journal must still begin with it
    #[arg(long, value_name = "HASH")]
    root: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        if let Some(root) = self.root.as_ref().filter(|r| r.len() != 64 || !r.bytes().all(|b| b.is_ascii_hexdigit())) {
            return Err(Failure::new(exit::USAGE, format!("`{root}` is no root of a journal"))
                .with_help("it has 64 hexadecimal digits; `risposta status` prints it"));
        }
        // Not opened as a wave: what is damaged is to be looked at all the same.
        let Found { folder, wave, .. } = self.wave.find(global)?;
        if !folder.join("journal.db").exists() {
            return Err(WaveError::Missing(folder).into());
        }
        let opened = Journal::open(&folder).and_then(|journal| verify(&journal, &folder, self.root.as_deref()));
        let found = opened.or_else(unreadable)?;
        if self.json {
            out.json(&json!({
                "intact": found.damage.is_empty(), "events": found.events, "root": found.root,
                "payloads": found.payloads, "purged": found.purged,
                "published_up_to": found.published_up_to, "damage": found.damage,
                "simulated": wave.is_rehearsal(),
            }))?;
        } else {
            if wave.is_rehearsal() {
                out.data("SIMULATED: a rehearsal\n");
            }
            let words = if found.purged { "words purged".to_owned() } else { format!("{} payloads", found.payloads) };
            out.data(&format!("{} events, {words}, root {}\n", found.events, found.root));
            if let Some(seq) = found.published_up_to {
                out.data(&format!("events 1 to {seq} are those that were published\n"));
            }
            for damage in &found.damage {
                out.data(&format!("DAMAGED: {damage}\n"));
            }
        }
        if found.damage.is_empty() {
            out.say("intact");
            return Ok(0);
        }
        Err(Failure::new(exit::FAILED, format!("the evidence is damaged: {} finding(s)", found.damage.len()))
            .with_help("restore the wave from a backup; do not publish from it"))
    }
}

/// A database that cannot be read is a finding too; one that is only locked, or of a newer release, is none.
fn unreadable(error: JournalError) -> Result<Verified, JournalError> {
    if !error.is_damage() {
        return Err(error);
    }
    let damage = vec![error.to_string()];
    Ok(Verified { events: 0, root: String::new(), payloads: 0, purged: false, published_up_to: None, damage })
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Folder to copy to; it must not exist
    #[arg(value_name = "DIR")]
    target: PathBuf,
    #[command(flatten)]
    wave: WaveArgs,
}

impl Backup {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        // Not opened as a wave: a damaged one is worth a copy all the same.
        let found = self.wave.find(global)?;
        found.tell(found.wave.is_rehearsal(), out);
        let folder = found.folder;
        if !folder.join("journal.db").exists() {
            return Err(WaveError::Missing(folder).into());
        }
        if self.target.exists() {
            return Err(Failure::new(exit::USAGE, format!("{} exists already", self.target.display())));
        }
        let copied_by = Holder::this_process(&folder, COPIED, Clock::System.now());
        let found = backup::copy(&folder, &self.target, plan_files, &copied_by).map_err(|error| {
            Failure::from(error).with_help("look who may write there, and whether there is room; name another DIR")
        })?;
        let copy = self.target.display().to_string();
        out.say(&format!("copied to {copy}; `risposta verify --results {}` looks at it", quoted(&copy)));
        if found.damage.is_empty() {
            return Ok(0);
        }
        let damage: Vec<String> = found.damage.iter().map(|d| format!("\n  {d}")).collect();
        Err(Failure::new(exit::FAILED, format!("the wave is damaged, and so is the copy:{}", damage.concat())))
    }
}

#[derive(Debug, Args)]
pub(super) struct Purge {
    #[command(flatten)]
    wave: WaveArgs,
    /// Really erase: there is no way back
    #[arg(long)]
    yes: bool,
}

impl Purge {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        if !self.yes {
            return Err(Failure::new(exit::USAGE, "this erases all words of the wave, for good")
                .with_help("say `--yes`; `risposta backup DIR` copies the wave first"));
        }
        // Whoever sends and watches goes on keeping words, under the old salt.
        let held = hold(&wave, "purge")?;
        // What replies seem to be is told by their words: it is said before they go.
        answers::catch_up(&mut wave, Clock::System.now())?;
        let count = wave.journal_mut().purge(Clock::System.now())?;
        // Where the wave was last run, and from where it was copied, is still to be known.
        held.give_back()?;
        out.say(&format!("{count} payloads erased; the numbers stay"));
        let reports = wave.folder().join("report");
        if reports.exists() {
            std::fs::remove_dir_all(&reports)?;
            out.say(&format!(
                "{} is removed too: reports quote words; `risposta report` writes it anew",
                reports.display()
            ));
        }
        out.say("what was written elsewhere (`report --out`, bundles, backups) is not found from here");
        Ok(0)
    }
}
