//! What did an earlier run leave that was killed? Each browser works in a folder of its own, which
//! says who started it; where that process is gone, its browser is ended and the folder removed.

use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How the folders are called, before the number of the process that made them.
const PREFIX: &str = "risposta-browser-";

/// A process, told from a later one of the same number by the moment it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    pid: i32,
    /// In clock ticks since the machine was started (proc(5), field 22 of `stat`).
    started: u64,
}

/// A browser's folder: its profile and the record of who uses it. Dropped, it is removed.
#[derive(Debug)]
pub(super) struct Workplace(PathBuf);

impl Workplace {
    /// Makes one that nobody else can read, below `parent`.
    pub(super) fn make(parent: &Path) -> io::Result<Self> {
        let me = std::process::id();
        for number in 0..1_000 {
            let path = parent.join(format!("{PREFIX}{me}-{number}"));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    let place = Self(path);
                    place.record("owner", i32::try_from(me).unwrap_or(0))?;
                    return Ok(place);
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many browsers of one process"))
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where the browser keeps what it stores.
    pub(super) fn profile(&self) -> PathBuf {
        self.0.join("profile")
    }

    /// Keeps which group of processes works here.
    pub(super) fn is_used_by(&self, group: Pid) -> io::Result<()> {
        self.record("group", group.as_raw_nonzero().get())
    }

    fn record(&self, name: &str, pid: i32) -> io::Result<()> {
        let started = started(pid).unwrap_or(0);
        fs::write(self.0.join(name), format!("{pid} {started}\n"))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // What a dying browser writes meanwhile goes with the next sweep.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Ends what killed runs of this user left below `parent`. Gives the number of folders removed.
pub(super) fn sweep(parent: &Path) -> usize {
    let Ok(entries) = fs::read_dir(parent) else { return 0 };
    let ours = |path: &Path| {
        let named = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(PREFIX));
        // Not through a link: another user could lead us anywhere.
        named && fs::symlink_metadata(path).is_ok_and(|m| m.is_dir() && m.uid() == me())
    };
    let found = entries.flatten().map(|e| e.path()).filter(|path| ours(path));
    found.filter(|path| is_abandoned(path)).filter(|path| clear(path)).count()
}

fn is_abandoned(place: &Path) -> bool {
    // Without a record it is being made just now, or by something else.
    read(&place.join("owner")).is_some_and(|owner| !is_running(owner))
}

fn clear(place: &Path) -> bool {
    if let Some(group) = read(&place.join("group")).filter(|g| is_running(*g))
        && let Some(pid) = Pid::from_raw(group.pid)
    {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    fs::remove_dir_all(place).is_ok()
}

fn read(record: &Path) -> Option<Process> {
    let text = fs::read_to_string(record).ok()?;
    let (pid, started) = text.trim().split_once(' ')?;
    Some(Process { pid: pid.parse().ok()?, started: started.parse().ok()? })
}

fn is_running(process: Process) -> bool {
    started(process.pid) == Some(process.started)
}

/// When a process started; `None` where there is none, or this system does not say.
fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before may hold spaces and brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    (fields.next()? != "Z").then_some(())?;
    fields.nth(18)?.parse().ok()
}

fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    #[test]
    fn what_a_killed_run_left_is_ended_and_what_others_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let used = Workplace::make(parent.path()).unwrap();
        let left = Workplace::make(parent.path()).unwrap();
        let mut browser = Command::new("sleep").arg("1000").process_group(0).spawn().unwrap();
        left.is_used_by(Pid::from_child(&browser)).unwrap();
        // Its owner had our number, and started at another moment.
        fs::write(left.0.join("owner"), format!("{} 1\n", std::process::id())).unwrap();
        fs::create_dir_all(left.profile().join("Default")).unwrap();
        let empty = parent.path().join("risposta-browser-7-0");
        fs::create_dir(&empty).unwrap();
        assert_eq!(sweep(parent.path()), 1);
        assert!(!browser.wait().unwrap().success());
        assert!(!left.0.exists() && used.0.exists() && empty.exists());
        std::mem::forget(left);
    }

    #[test]
    fn a_recorded_number_that_another_process_has_by_now_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let left = Workplace::make(parent.path()).unwrap();
        let mut stranger = Command::new("sleep").arg("1000").process_group(0).spawn().unwrap();
        fs::write(left.0.join("owner"), "1 1\n").unwrap();
        fs::write(left.0.join("group"), format!("{} 1\n", stranger.id())).unwrap();
        assert_eq!(sweep(parent.path()), 1);
        assert!(stranger.try_wait().unwrap().is_none());
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
