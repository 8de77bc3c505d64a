//! A consistent copy of a wave, made while others may be writing to it.

use super::lock::{self, Holder};
use super::verify::{self, Verified};
use super::{Journal, JournalError, chain, evidence};
use crate::failpoint;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The names of the files that the plan with that SHA-256 may lie in.
pub type PlanFiles = fn(&str) -> [String; 2];

/// How often the copy is begun again because words were erased under it.
const TRIES: usize = 2;

/// Copies the journal in `folder`, the plan that it follows and the evidence that it refers to, to `target`, which
/// must not exist. `plans` says where the plan may lie. What was damaged before is damaged in the copy too:
/// the copy is verified, and its findings returned.
///
/// # Errors
/// When the wave cannot be read or the copy not written: then `target` is not there.
pub fn copy(folder: &Path, target: &Path, plans: PlanFiles, copied_by: &Holder) -> Result<Verified, JournalError> {
    let unfinished = unfinished(target);
    let failed = |source| JournalError::File { path: unfinished.clone(), source };
    let mut tries = 0;
    loop {
        tries += 1;
        remove(&unfinished).and_then(|()| private(&unfinished)).map_err(failed)?;
        let copied = copy_once(folder, &unfinished, plans);
        if copied.is_err() {
            // What stopped us is to be told, not what stops the clearing away.
            let _ = remove(&unfinished);
        }
        let found = copied?;
        if found.damage.is_empty() || tries == TRIES {
            // Whoever wants to run the copy is to know what it is.
            lock::note_copy(&unfinished, copied_by)?;
            failpoint::reach("backup unfinished");
            fs::rename(&unfinished, target).map_err(|source| JournalError::File { path: target.to_owned(), source })?;
            return Ok(found);
        }
    }
}

/// The folder that the copy is made in: what has its own name is whole.
fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    target.with_file_name(name)
}

fn remove(folder: &Path) -> io::Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

/// Words of others: nobody else reads them.
fn private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn copy_once(folder: &Path, target: &Path, plans: PlanFiles) -> Result<Verified, JournalError> {
    let journal = copy_journal_and_plan(folder, target, plans)?;
    let root = folder.join("evidence");
    for name in super::store::evidence_names(journal.connection()).map_err(|e| journal.failed(e))? {
        if let Some(bytes) = evidence::read(&root, &name)? {
            evidence::write(&target.join("evidence"), [bytes.as_slice()])?;
        }
    }
    verify::verify(&journal, target, None)
}

/// Both of the same moment; what the journal refers to is there already, and stays until somebody erases it.
fn copy_journal_and_plan(folder: &Path, target: &Path, plans: PlanFiles) -> Result<Journal, JournalError> {
    let from = Journal::open(folder)?;
    Journal::open(folder)?.while_nobody_appends(|| {
        from.copy_to(&target.join("journal.db"))?;
        let journal = Journal::open(target)?;
        if let Some(expected) = verify::plan_of(&journal)? {
            copy_plan(folder, &target.join("plan.json"), &plans(&expected), &expected)?;
        }
        Ok(journal)
    })
}

/// The plan that the journal follows. One that is being swapped in lies in one of its places, then in the other.
fn copy_plan(folder: &Path, target: &Path, places: &[String; 2], expected: &str) -> Result<(), JournalError> {
    let read = |place: &String| fs::read(folder.join(place)).ok().filter(|json| chain::sha256_hex(json) == expected);
    // The second time, where it was moved between the two.
    let Some(json) = places.iter().chain(places).find_map(read) else { return Ok(()) };
    fs::write(target, json)
        .and_then(|()| File::open(target)?.sync_all())
        .map_err(|source| JournalError::File { path: target.to_owned(), source })
}
