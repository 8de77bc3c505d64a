//! Who may run a wave here? Nobody while another does; not on a copy; not from a damaged record.

use super::output::Out;
use super::upkeep::COPIED;
use super::{Failure, exit};
use crate::clock::Clock;
use crate::journal::lock::{self, Holder};
use crate::journal::{Journal, verify};
use crate::report::escape;
use crate::wave::Wave;
use std::path::Path;

/// Holds the wave, or says who does.
pub(super) fn hold(wave: &Wave, command: &str) -> Result<lock::Held, Failure> {
    let me = Holder::this_process(wave.folder(), command, Clock::System.now());
    let tried = lock::try_hold(wave.folder(), &me).map_err(|error| {
        Failure::from(error).with_help("whoever runs this must be able to write into the wave's folder")
    });
    tried?.map_err(|holder| {
        let who = holder
            .map_or_else(|| "another process".to_owned(), |holder| escape::line(&holder.to_string()).into_owned());
        Failure::new(exit::HELD, format!("this wave is held by {who}"))
            .with_help("one process at a time sends; people's records can be written meanwhile")
    })
}

/// A copy of a wave would send again what the wave itself sends, or has sent since the copy was made.
pub(super) fn may_run_here(wave: &Wave, before: Option<&Holder>, out: &mut Out) -> Result<(), Failure> {
    let here = Holder::this_process(wave.folder(), "", Clock::System.now());
    let Some(before) = before.filter(|b| b.folder != here.folder && !b.folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let there = before.folder.display().to_string();
    let there = escape::line(&there);
    if before.host == here.host && is_same_wave(wave, &before.folder)? {
        let what = format!("this is a copy of the wave in {there}: run both, and companies are asked twice");
        return Err(
            Failure::new(exit::FAILED, what).with_help("run that one; remove it first if this one takes its place")
        );
    }
    if before.command == COPIED {
        let what = format!(
            "this is a backup of {there}, made at {}: it does not know what was sent later, and would send it again",
            before.since
        );
        let holder = wave.folder().join("holder");
        return Err(Failure::new(exit::FAILED, what).with_help(format!(
            "where nothing was sent later, or `risposta record` has told it what was, remove {} and start it again",
            holder.display()
        )));
    }
    let host = escape::line(&before.host);
    out.say(&format!("This wave was last run on {host} in {there}: do not run it there any more."));
    Ok(())
}

/// Whether another folder holds the same wave, and is not this one by another name.
fn is_same_wave(wave: &Wave, other: &Path) -> Result<bool, Failure> {
    use std::os::unix::fs::MetadataExt;
    let file = |folder: &Path| folder.join("journal.db").metadata().ok().map(|m| (m.dev(), m.ino()));
    if file(other).is_none_or(|there| file(wave.folder()) == Some(there)) {
        return Ok(false);
    }
    // One that cannot be read cannot be run either.
    let Ok(journal) = Journal::open(other) else { return Ok(false) };
    Ok(journal.identity()? == wave.journal().identity()?)
}

/// Nothing is sent from a record that cannot be relied on.
pub(super) fn refuse_damaged(wave: &Wave) -> Result<(), Failure> {
    let damage = verify::is_fit(wave.journal(), wave.folder())?;
    if damage.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = damage.iter().map(|d| format!("\n  {}", escape::line(d))).collect();
    Err(Failure::new(exit::FAILED, format!("the wave's record is damaged; nothing was sent:{}", lines.concat()))
        .with_help("`risposta verify` says more; a copy that `risposta backup` made can take its place"))
}
