//! Whatever ends us or the browser: nothing stays behind, and the next visit works.

use super::browser;
use risposta::browser::BrowserError;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A line of `/proc/*/stat`.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) name: String,
    state: String,
    pub(crate) parent: i32,
    group: i32,
}

/// Every process of this machine that is not already dead.
fn processes() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let read = |path: PathBuf| {
        let stat = std::fs::read_to_string(path.join("stat")).ok()?;
        let (named, rest) = stat.rsplit_once(')')?;
        let (pid, name) = named.split_once(" (")?;
        let mut fields = rest.split_whitespace();
        Some(Process {
            pid: pid.parse().ok()?,
            name: name.to_owned(),
            state: fields.next()?.to_owned(),
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    };
    entries.filter_map(|e| read(e.path())).filter(|p| p.state != "Z").collect()
}

/// The group of the browser that a process of ours started.
pub(crate) fn group_of(owner: u32) -> i32 {
    let owner = i32::try_from(owner).unwrap();
    let found = processes().into_iter().find(|p| p.parent == owner && p.pid == p.group);
    found.expect("no group of a browser").group
}

pub(crate) fn in_group(group: i32) -> Vec<Process> {
    processes().into_iter().filter(|p| p.group == group).collect()
}

/// A process and all that descend from it.
pub(crate) fn children_of(root: u32) -> Vec<Process> {
    let mut all = processes();
    let mut tree: Vec<Process> = Vec::new();
    let mut known = vec![i32::try_from(root).unwrap()];
    while let Some(at) = all.iter().position(|p| known.contains(&p.pid) || known.contains(&p.parent)) {
        let found = all.swap_remove(at);
        known.push(found.pid);
        tree.push(found);
    }
    tree
}

/// Memory of processes in KiB; what they share is counted once.
pub(crate) fn memory_kib(tree: &[Process]) -> u64 {
    let of_one = |p: &Process| {
        // It may have ended meanwhile.
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", p.pid)).unwrap_or_default();
        let line = rollup.lines().find_map(|l| l.strip_prefix("Pss:"));
        line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0)
    };
    tree.iter().map(of_one).sum()
}

/// Waits for a group's end; fails if somebody is still there after a long while.
pub(crate) async fn ends(group: i32) {
    for _ in 0..200 {
        if in_group(group).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still running: {:?}", in_group(group));
}

/// Kills the driver that this process started.
pub(crate) fn end_driver() {
    let driver = in_group(group_of(std::process::id())).into_iter().find(|p| p.name == "chromedriver").unwrap();
    Command::new("kill").args(["-KILL", &driver.pid.to_string()]).status().unwrap();
}

fn workplaces(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// In the program that is to be killed: says when its browser is open.
async fn wait_with_a_browser() {
    let mut visit = browser().visit(true).await.unwrap();
    visit.goto(&"data:text/html,<h1>here</h1>".parse().unwrap()).await.unwrap();
    // Past the test harness, which keeps what is printed until a test ends.
    std::io::Write::write_all(&mut std::io::stdout(), b"\nopen\n").unwrap();
    std::future::pending::<()>().await;
}

/// This very test in a process of its own, with its browser open, and the group of that.
fn program(folder: &Path) -> (Child, i32) {
    begun(Command::new(std::env::current_exe().unwrap()), folder)
}

/// The same as an ordinary user.
fn program_of_a_user(folder: &Path) -> (Child, i32) {
    if !rustix::process::geteuid().is_root() {
        return program(folder);
    }
    // Nobody may be kept out of the folders above it.
    let copy = folder.join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    let (uid, gid) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
    let mut command = Command::new("setpriv");
    command.args([uid.as_str(), &gid, "--clear-groups"]).arg(copy).env("HOME", folder).current_dir("/");
    begun(command, folder)
}

fn begun(mut command: Command, folder: &Path) -> (Child, i32) {
    let mut program = command
        .args(["--exact", KILLED, "--nocapture"])
        .env(KILLED, "yes")
        .env("TMPDIR", folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "open"));
    let group = group_of(program.id());
    (program, group)
}

/// The user who owns nothing.
const NOBODY: u32 = 65_534;

const KILLED: &str = "processes::a_killed_program_leaves_no_process_and_the_next_one_clears_its_files";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_leaves_no_process_and_the_next_one_clears_its_files() {
    if std::env::var_os(KILLED).is_some() {
        wait_with_a_browser().await;
    }
    let folder = tempfile::tempdir().unwrap();
    for round in ["the first", "the next"] {
        let (mut program, group) = program(folder.path());
        let names: Vec<String> = in_group(group).into_iter().map(|p| p.name).collect();
        assert!(names.iter().any(|n| n == "chromedriver") && names.iter().any(|n| n == "chromium"), "{names:?}");
        assert_eq!(workplaces(folder.path()), 1, "{round} program's folder beside an older one");
        // SIGKILL: the program has no say.
        program.kill().unwrap();
        program.wait().unwrap();
        ends(group).await;
        assert_eq!(workplaces(folder.path()), 1, "{round} program cannot have cleared up");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_users_browser_keeps_its_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, group) = program_of_a_user(folder.path());
    let status = |p: &Process| std::fs::read_to_string(format!("/proc/{}/status", p.pid)).unwrap_or_default();
    let line = |p: &Process| std::fs::read_to_string(format!("/proc/{}/cmdline", p.pid)).unwrap_or_default();
    let browsers: Vec<Process> = in_group(group).into_iter().filter(|p| p.name.starts_with("chrom")).collect();
    assert!(browsers.iter().all(|p| !line(p).contains("--no-sandbox")));
    let renderers: Vec<&Process> = browsers.iter().filter(|p| line(p).contains("--type=renderer")).collect();
    assert!(!renderers.is_empty(), "{browsers:?}");
    for page in renderers {
        assert!(status(page).lines().any(|l| l.split_whitespace().eq(["Seccomp:", "2"])), "{}", status(page));
    }
    program.kill().unwrap();
    program.wait().unwrap();
    ends(group).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_stopped_dropped_or_killed_is_gone_and_the_next_visit_has_another() {
    let browser = browser();
    let page = "data:text/html,<h1>here</h1>".parse().unwrap();
    let mut visit = browser.visit(true).await.unwrap();
    visit.goto(&page).await.unwrap();
    let first = group_of(std::process::id());
    // The driver alone is killed, in the middle of a visit.
    end_driver();
    let failed = visit.goto(&page).await.unwrap_err();
    assert!(matches!(failed, BrowserError::Gone(_)) && failed.is_ours(), "{failed:?}");
    visit.close().await;
    let mut visit = browser.visit(true).await.unwrap();
    ends(first).await;
    visit.goto(&page).await.unwrap();
    let second = group_of(std::process::id());
    // The browser is killed while nobody uses it.
    visit.close().await;
    let chromium = in_group(second).into_iter().find(|p| p.name == "chromium").unwrap();
    Command::new("kill").args(["-KILL", &chromium.pid.to_string()]).status().unwrap();
    let mut visit = browser.visit(true).await.unwrap();
    visit.goto(&page).await.unwrap();
    ends(second).await;
    let third = group_of(std::process::id());
    drop(visit);
    browser.stop().await;
    ends(third).await;
    let visit = browser.visit(true).await.unwrap();
    let fourth = group_of(std::process::id());
    drop((visit, browser));
    ends(fourth).await;
}
