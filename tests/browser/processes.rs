//! Whatever ends us or the browser: nothing stays behind, and the next visit works.

use super::browser;
use risposta::browser::BrowserError;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A line of `/proc/*/stat`.
#[derive(Debug)]
struct Process {
    pid: i32,
    name: String,
    state: String,
    parent: i32,
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
fn group_of(owner: u32) -> i32 {
    let owner = i32::try_from(owner).unwrap();
    let found = processes().into_iter().find(|p| p.parent == owner && p.pid == p.group);
    found.expect("no group of a browser").group
}

fn in_group(group: i32) -> Vec<Process> {
    processes().into_iter().filter(|p| p.group == group).collect()
}

/// Waits for a group's end; fails if somebody is still there after a long while.
async fn ends(group: i32) {
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
    let mut program = Command::new(std::env::current_exe().unwrap())
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
