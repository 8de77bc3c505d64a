//! A consistent copy of a wave, made while others may be writing to it.

use super::verify::{self, Verified};
use super::{Journal, JournalError, chain, evidence};
use crate::failpoint;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The names of the files that the plan with that SHA-256 may lie in.
pub type PlanFiles = fn(&str) -> [String; 2];

/// How often the copy is begun again because the plan was amended, or words were erased, under it.
const TRIES: usize = 3;

/// Copies the journal in `folder`, the plan that it follows and the evidence that it refers to, to `target`, which
/// must not exist. `plans` says where the plan may lie. What was damaged before is damaged in the copy too:
/// the copy is verified, and its findings returned.
///
/// # Errors
/// When the wave cannot be read or the copy not written: then `target` is not there.
pub fn copy(folder: &Path, target: &Path, plans: PlanFiles) -> Result<Verified, JournalError> {
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
    // The journal first: what it refers to is there already, and stays until somebody erases it.
    Journal::open(folder)?.copy_to(&target.join("journal.db"))?;
    let journal = Journal::open(target)?;
    if let Some(expected) = verify::plan_of(&journal)? {
        copy_plan(folder, target, plans, &expected)?;
    }
    let root = folder.join("evidence");
    for name in super::store::evidence_names(journal.connection()).map_err(|e| journal.failed(e))? {
        if let Some(bytes) = evidence::read(&root, &name)? {
            evidence::write(&target.join("evidence"), &bytes)?;
        }
    }
    verify::verify(&journal, target, None)
}

/// The plan that the copied journal follows: an amendment may be swapping it just now.
fn copy_plan(folder: &Path, target: &Path, plans: PlanFiles, expected: &str) -> Result<(), JournalError> {
    let candidates = plans(expected).into_iter().filter_map(|name| fs::read(folder.join(name)).ok());
    let found = candidates.filter(|bytes| chain::sha256_hex(bytes) == expected).take(1);
    for bytes in found {
        let path = target.join("plan.json");
        fs::write(&path, bytes)
            .and_then(|()| File::open(&path)?.sync_all())
            .map_err(|source| JournalError::File { path, source })?;
    }
    Ok(())
}
