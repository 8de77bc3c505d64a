//! How does no process stay behind? The driver and the browser are one process group, which ends as
//! soon as we are gone, however that comes: a shell beside them waits at a pipe that only we hold open.

use super::BrowserError;
use super::leftover::{Workplace, sweep};
use super::program::Programs;
use rustix::process::{Pid, Signal, kill_process_group};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Time limit for the driver to say its port.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Time limit for a killed group to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// The driver runs beside `cat`, which reads to the end of a pipe: it ends when we do. What the
/// driver starts stays in the group.
const LIFELINE: &str = r#""$@" </dev/null & exec >/dev/null; cat; kill -KILL 0"#;

/// A running driver with whatever it started; dropped, all of it is killed.
#[derive(Debug)]
pub(super) struct Supervised {
    child: Child,
    group: Pid,
    place: Workplace,
    /// Where the driver listens.
    pub(super) port: u16,
    _lifeline: Option<ChildStdin>,
}

impl Supervised {
    /// Clears away what killed runs left, then starts the driver on a port of its own choice.
    pub(super) async fn start(programs: &Programs) -> Result<Self, BrowserError> {
        let gone = |why: &dyn std::fmt::Display| BrowserError::Gone(format!("it could not be started: {why}"));
        let parent = std::env::temp_dir();
        sweep(&parent);
        let place = Workplace::make(&parent).map_err(|e| gone(&e))?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", LIFELINE, "risposta-browser"])
            .arg(&programs.driver)
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            // What else they write goes with the folder.
            .env("TMPDIR", place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|e| gone(&e))?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let group = group.ok_or_else(|| gone(&"it ended at once"))?;
        let (lifeline, said) = (child.stdin.take(), child.stdout.take());
        let mut started = Self { child, group, place, port: 0, _lifeline: lifeline };
        started.place.is_used_by(group).map_err(|e| gone(&e))?;
        let said = said.ok_or_else(|| gone(&"it has no output"))?;
        started.port = tokio::time::timeout(START_TIMEOUT, port(said))
            .await
            .map_err(|_| BrowserError::Late(START_TIMEOUT))?
            .ok_or_else(|| gone(&"its driver says no port"))?;
        Ok(started)
    }

    /// The folder that goes with it.
    pub(super) fn folder(&self) -> &Path {
        self.place.path()
    }

    /// Where the browser keeps what it stores.
    pub(super) fn profile(&self) -> PathBuf {
        self.place.profile()
    }

    /// Bytes of memory of all its processes together; what they share is counted once. `None` where
    /// the system does not say.
    pub(super) fn memory_bytes(&self) -> Option<u64> {
        memory_bytes(self.group.as_raw_nonzero().get())
    }

    /// Kills all of it and waits for the end.
    pub(super) async fn stop(mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.child.wait()).await;
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // Before the child was waited for, its number cannot be another's.
        if self.child.id().is_some() {
            let _ = kill_process_group(self.group, Signal::KILL);
        }
    }
}

/// "ChromeDriver was started successfully on port 40511."
async fn port(said: ChildStdout) -> Option<u16> {
    let mut lines = BufReader::new(said).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let number = line.split_once("started successfully on port ").map(|(_, end)| end.trim_end_matches('.').parse());
        if let Some(Ok(port)) = number {
            // Whoever writes later must not be stopped by a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(port);
        }
    }
    None
}

fn memory_bytes(group: i32) -> Option<u64> {
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let of_group = processes.filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, fields) = stat.rsplit_once(')')?;
        (fields.split_whitespace().nth(2)?.parse() == Ok(group)).then(|| entry.path())
    });
    let kilobytes = of_group.filter_map(|process| {
        let rollup = std::fs::read_to_string(process.join("smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()
    });
    Some(kilobytes.sum::<u64>() * 1024).filter(|sum| *sum > 0)
}
