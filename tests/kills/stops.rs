//! Asked to stop, stopped twice, held by another, copied: how a run ends, and what another one may do.

use crate::support::little_study::{Planned, Wants, planned, written};
use crate::support::mailstack::MailStack;
use crate::support::program::{PATIENCE, Running, until};
use crate::support::smtp_faults::{Does, Phase, Script, Server};
use chrono::{DateTime, TimeDelta, Utc};
use risposta::journal::Journal;
use risposta::model::event::Event;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const RUN: [&str; 3] = ["run", "study.yaml", "--live"];

/// Longer than any process needs to end that does not wait for a server; shorter than what it grants to a server.
const AT_ONCE: Duration = Duration::from_secs(6);

/// A study whose mail server takes a message and never answers.
fn hanging(stack: &MailStack, companies: usize) -> Planned {
    stack.deliver_now("x@x.example", "enrico@riva.example", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n");
    let port = Server::start(Script::plain(Phase::Dot, Does::Hangs)).port;
    let contacts: Vec<String> = (0..companies).map(|n| format!("email: info@ditta{n}.example")).collect();
    planned(&Wants { pace: "1s", ..Wants::sending_to(stack, port, "40s") }, &contacts)
}

/// Starts a run, and waits until a message is on its way.
fn on_its_way(study: &Planned) -> Running {
    let running = study.program.start(&RUN);
    let leaves = || study.program.status()["channels"]["email"]["in_doubt"].as_u64().filter(|n| *n >= 1);
    until(PATIENCE, "the attempt is under way", leaves);
    running
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_signal_ends_a_run_soon_and_a_second_one_at_once_and_the_journal_knows_what_was_on_its_way() {
    for (first, second) in [("INT", None), ("TERM", None), ("HUP", None), ("TERM", Some("INT")), ("INT", Some("HUP"))] {
        let stack = MailStack::start();
        let study = hanging(&stack, 1);
        let mut running = on_its_way(&study);
        running.signal(first);
        if let Some(second) = second {
            let begun = Instant::now();
            while running.runs() {
                running.signal(second);
                std::thread::sleep(Duration::from_millis(50));
            }
            assert!(begun.elapsed() < AT_ONCE, "{second} after {first}: {:?}", begun.elapsed());
        }
        let ended = running.end(Duration::from_secs(15));
        assert_eq!(ended.code, Some(130), "{first}, {second:?}: {ended:?}");
        assert!(ended.err.contains("Once more"), "{ended:?}");
        study.program.is_intact();
        assert_eq!(study.program.status()["channels"]["email"]["in_doubt"], json!(1));
        assert!(study.program.run(&["todo"]).done().contains("in doubt"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_by_nohup_it_outlives_its_terminal() {
    let stack = MailStack::start();
    let study = hanging(&stack, 1);
    let running = study.program.start_by(&["nohup"], &RUN);
    let leaves = || study.program.status()["channels"]["email"]["in_doubt"].as_u64().filter(|n| *n >= 1);
    until(PATIENCE, "the attempt is under way", leaves);
    running.signal("HUP");
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    assert_eq!(u64::from_str_radix(ignored, 16).unwrap() & 1, 1, "the hangup stays ignored");
    running.signal("TERM");
    assert_eq!(running.end(Duration::from_secs(15)).code, Some(130));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_of_two_runs_learns_who_holds_the_wave_even_while_that_one_sleeps() {
    let stack = MailStack::start();
    let study = hanging(&stack, 1);
    let running = on_its_way(&study);
    let host = Command::new("uname").arg("-n").output().unwrap().stdout;
    let held = format!(
        "held by process {} on {} (`risposta run --live`), since 20",
        running.pid(),
        String::from_utf8(host).unwrap().trim()
    );
    study.program.run(&RUN).refused(5, &[&held]);
    study.program.run(&["purge", "--yes"]).refused(5, &[&held]);
    // A laptop's lid is shut: the lock stays where it is.
    running.signal("STOP");
    study.program.run(&RUN).refused(5, &[&held]);
    running.signal("CONT");
    running.kill();
    // The record of one that is gone holds nobody up.
    assert_eq!(study.program.run(&[&RUN[..], &["--once"]].concat()).code, Some(0));
    assert_eq!(study.program.status()["channels"]["email"]["in_doubt"], json!(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_lock_was_taken_away_starts_nothing_more() {
    let stack = MailStack::start();
    let study = hanging(&stack, 30);
    let running = on_its_way(&study);
    std::fs::remove_file(study.program.wave().join("holder")).unwrap();
    let ended = running.end(PATIENCE);
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert!(ended.err.contains("taken from this process"), "{ended:?}");
    study.program.is_intact();
}

/// Copies a folder as `cp -r` does.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_wave_is_not_run_beside_it_and_a_backup_not_in_its_place_without_a_word() {
    let stack = MailStack::start();
    stack.deliver_now("x@x.example", "enrico@riva.example", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n");
    let study = planned(&Wants::maildir(&stack, "1h"), &["email: info@alfa.example".to_owned()]);
    let program = &study.program;
    let folder = program.study().parent().unwrap().to_owned();
    program.run(&[&RUN[..], &["--once"]].concat());
    program.run(&["backup", "kept/prova/w1"]).done();
    program.run(&["verify", "--results", "kept"]).done();
    copy(&program.wave(), &folder.join("other/prova/w1"));
    let elsewhere =
        |results: &'static str| program.run(&["run", "study.yaml", "--live", "--once", "--results", results]);
    assert_eq!(program.run(&["purge", "--yes", "--results", "kept"]).code, Some(0));
    for _ in 0..2 {
        elsewhere("other").refused(1, &["a copy of the wave in", "asked twice"]);
        elsewhere("kept").refused(1, &["a copy of the wave in", "asked twice"]);
    }
    // The wave itself is not disturbed by that.
    assert_eq!(program.run(&[&RUN[..], &["--once"]].concat()).code, Some(0));
    std::fs::remove_dir_all(folder.join("results")).unwrap();
    elsewhere("kept").refused(1, &["is a backup of", "would send it again", "holder"]);
    std::fs::remove_file(folder.join("kept/prova/w1/holder")).unwrap();
    assert_eq!(elsewhere("kept").code, Some(0));
    // A folder that was moved is the wave itself.
    let moved = elsewhere("other");
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(moved.err.contains("was last run on"), "{moved:?}");
    assert_eq!(stack.received_by("alfa.example").len(), 1);
}

/// When each attempt was started, in order.
fn started(wave: &Path) -> Vec<DateTime<Utc>> {
    let entries = Journal::open(wave).unwrap().news().unwrap();
    entries.into_iter().filter(|e| matches!(e.event, Event::AttemptStarted { .. })).map(|e| e.at).collect()
}

#[test]
fn the_pace_holds_across_restarts_in_total_on_a_channel_and_to_a_host() {
    let stack = MailStack::start();
    // A Maildir is there from its first message on, and nobody is asked before it can be read.
    stack.deliver_now("x@x.example", "enrico@riva.example", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n");
    std::thread::scope(|scope| {
        for (limit, host) in [("total", "ditta"), ("channel", "ditta"), ("host", "")] {
            let stack = &stack;
            scope.spawn(move || {
                let domain = |n: usize| if host.is_empty() { "una".to_owned() } else { format!("{host}{n}.{limit}") };
                let contacts: Vec<String> = (0..4).map(|n| format!("email: info{n}@{}.example", domain(n))).collect();
                let (mut study, start) = written(&Wants::maildir(stack, "1h"), &contacts);
                study.text = study.text.replace(&format!("{limit}: 0s"), &format!("{limit}: 3s"));
                study.program.write(&study.text);
                // All of it is overdue: the plan's own distances do not help.
                study.program.plan(start - TimeDelta::minutes(4));
                for _ in &contacts {
                    let step = [("RISPOSTA_FAILPOINT", "after attempt_started")];
                    let ended = study.program.start_with(&RUN, &step).end(PATIENCE);
                    assert_eq!(ended.code, None, "{ended:?}");
                }
                let at = started(&study.program.wave());
                assert_eq!(at.len(), contacts.len());
                let gaps: Vec<i64> = at.windows(2).map(|two| (two[1] - two[0]).num_seconds()).collect();
                assert!(gaps.iter().all(|gap| *gap >= 3), "{limit}: {gaps:?}");
            });
        }
    });
}
