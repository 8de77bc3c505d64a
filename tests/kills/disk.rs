//! A disk that is full, cannot be written, is locked, damaged or incomplete: said before anything is sent.

use crate::support::little_study::{Planned, Wants, planned};
use crate::support::mailstack::MailStack;
use crate::support::program::{PATIENCE, Program, Said, until};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::Command;

const ONCE: [&str; 4] = ["run", "study.yaml", "--live", "--once"];

/// Fails to write more than `$0` blocks of 512 bytes into any one file, as on a disk that is full by then.
const FULL: &str = r#"trap '' XFSZ; ulimit -f "$0"; exec "$@""#;

/// Cannot write below the current folder, whoever it is.
const READ_ONLY: &str = r#"mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && exec "$@""#;

/// A wave of some messages to send, one that a person sent, and its long answer: a file of evidence.
fn begun(stack: &MailStack) -> Planned {
    let mut contacts: Vec<String> = (0..6).map(|n| format!("email: info@ditta{n}.example")).collect();
    contacts.push("facebook: pagina".to_owned());
    stack.deliver_now("x@x.example", "enrico@riva.example", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n");
    let study = planned(&Wants::maildir(stack, "1h"), &contacts);
    let inquiry = format!("{}.facebook.glutine.1", study.ids[6]);
    study.program.run(&["record", &inquiry, "sent"]).done();
    study.program.run(&["record", &inquiry, "reply", "--note", &"No, nessuno. ".repeat(1_600)]).done();
    study
}

fn arrived(stack: &MailStack) -> Vec<usize> {
    (0..6).map(|n| stack.received_by(&format!("ditta{n}.example")).len()).collect()
}

/// The wave's only file of evidence.
fn evidence(study: &Planned) -> PathBuf {
    let only = |folder: &Path| std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    only(&only(&study.program.wave().join("evidence")))
}

#[test]
fn on_a_full_disk_it_stops_with_a_word_wherever_that_happens_and_goes_on_when_there_is_room() {
    let stack = MailStack::start();
    let study = begun(&stack);
    let mut stopped = Vec::new();
    for blocks in ["0", "8", "16", "24", "32", "48", "64", "80", "96"] {
        let ended = study.program.start_by(&["sh", "-c", FULL, blocks], &ONCE).end(PATIENCE);
        if ended.code == Some(0) {
            break;
        }
        assert_eq!(ended.code, Some(1), "{blocks}: {ended:?}");
        let said = ["disk", "File too large"].iter().any(|word| ended.err.contains(word));
        assert!(said && ended.err.contains("results/prova/w1"), "{blocks}: {ended:?}");
        stopped.push(blocks);
    }
    assert!(stopped.len() >= 3, "only {stopped:?}");
    study.program.run(&ONCE).done();
    study.program.is_intact();
    let in_doubt = study.program.status()["channels"]["email"]["in_doubt"].as_u64().unwrap();
    let missing = || arrived(&stack).iter().filter(|n| **n == 0).count() as u64;
    until(PATIENCE, "what was accepted arrives", || (missing() <= in_doubt).then_some(()));
    assert!(arrived(&stack).iter().all(|n| *n <= 1), "{:?}", arrived(&stack));
}

#[test]
fn a_folder_that_cannot_be_written_is_read_and_not_sent_from() {
    let stack = MailStack::start();
    let study = begun(&stack);
    let root = std::fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0).unwrap();
    let unshare: &[&str] = if root { &["unshare", "-m"] } else { &["unshare", "-rm"] };
    let read_only = |arguments: &[&str]| {
        study.program.start_by(&[unshare, &["sh", "-c", READ_ONLY, "sh"]].concat(), arguments).end(PATIENCE)
    };
    read_only(&ONCE).refused(1, &["Read-only file system"]);
    assert_eq!(arrived(&stack), [0; 6]);
    for reading in [&["verify"][..], &["status"], &["score"], &["show"], &["todo"]] {
        read_only(reading).done();
    }
    let inquiry = format!("{}.facebook.glutine.1", study.ids[6]);
    read_only(&["record", &inquiry, "checked"]).refused(1, &["readonly", "writable"]);
}

#[test]
fn a_locked_journal_is_waited_for_and_then_named() {
    let stack = MailStack::start();
    let study = begun(&stack);
    let other = Connection::open(study.program.wave().join("journal.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    study.program.run(&ONCE).refused(1, &["locked", "another process does not let go"]);
    assert_eq!(arrived(&stack), [0; 6]);
    other.execute_batch("ROLLBACK").unwrap();
    study.program.run(&ONCE).done();
    (0..6).for_each(|n| drop(stack.await_mail(&format!("ditta{n}.example"), 1)));
    assert_eq!(arrived(&stack), [1; 6]);
}

/// A change to a wave's files, what a run says then, and what `verify` says.
struct Damage {
    what: &'static str,
    does: fn(&Planned),
    run_says: &'static str,
    verify_says: &'static str,
}

fn journal(study: &Planned) -> PathBuf {
    study.program.wave().join("journal.db")
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

fn sql(study: &Planned, statement: &str) {
    Connection::open(journal(study)).unwrap().execute_batch(statement).unwrap();
}

const DAMAGES: [Damage; 12] = [
    Damage {
        what: "the journal is no database",
        does: |study| change(&journal(study), |bytes| bytes[..16].fill(0)),
        run_says: "not a database; it is damaged",
        verify_says: "not a database",
    },
    Damage {
        what: "half of the journal is gone",
        does: |study| change(&journal(study), |bytes| bytes.truncate(bytes.len() / 2)),
        run_says: "malformed; it is damaged",
        verify_says: "malformed",
    },
    Damage {
        what: "a bit of an event is another one",
        does: |study| {
            change(&journal(study), |bytes| {
                let at = bytes.windows(11).position(|w| w == b"wave_opened").unwrap();
                bytes[at] ^= 1;
            });
        },
        run_says: "event 1 of the journal cannot be read",
        verify_says: "event 1 was changed",
    },
    Damage {
        what: "an event is gone",
        does: |study| sql(study, "DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE seq = 2"),
        run_says: "event 3 of the journal does not fit",
        verify_says: "event 2 is missing",
    },
    Damage {
        what: "the last events are gone",
        does: |study| sql(study, "DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE seq > 1"),
        // What is left is a whole chain: only what the events had kept tells, or a root that was published.
        run_says: "",
        verify_says: "belongs to no event",
    },
    Damage {
        what: "a page of the database is garbage",
        does: |study| {
            change(&journal(study), |bytes| {
                let at = bytes.len() - 4096;
                bytes[at..at + 256].fill(0xFF);
            });
        },
        run_says: "damaged",
        verify_says: "damaged",
    },
    Damage {
        what: "a payload is gone",
        does: |study| sql(study, "DELETE FROM payloads"),
        run_says: "",
        verify_says: "which is missing",
    },
    Damage {
        what: "evidence is gone",
        does: |study| std::fs::remove_file(evidence(study)).unwrap(),
        run_says: "evidence/ lacks the file",
        verify_says: "is missing from evidence/",
    },
    Damage {
        what: "evidence was changed",
        does: |study| change(&evidence(study), |bytes| bytes[7] ^= 1),
        run_says: "",
        verify_says: "was changed",
    },
    Damage {
        what: "evidence that no event knows",
        does: |study| std::fs::write(study.program.wave().join("evidence/stranger"), "x").unwrap(),
        run_says: "",
        verify_says: "belongs to no event",
    },
    Damage {
        what: "the plan is gone",
        does: |study| std::fs::remove_file(study.program.wave().join("plan.json")).unwrap(),
        run_says: "it is missing",
        verify_says: "plan.json cannot be read",
    },
    Damage {
        what: "the plan is garbled",
        does: |study| change(&study.program.wave().join("plan.json"), |bytes| bytes.truncate(100)),
        run_says: "is not the plan that the journal follows",
        verify_says: "plan.json was changed",
    },
];

#[test]
fn what_is_damaged_is_found_and_nothing_is_sent_from_it() {
    let stack = MailStack::start();
    for damage in DAMAGES {
        let study = begun(&stack);
        (damage.does)(&study);
        let found = study.program.run(&["verify"]);
        let report: Said = study.program.run(&["verify", "--json"]);
        assert_eq!((found.code, report.code), (Some(1), Some(1)), "{}: {found:?}", damage.what);
        assert!(found.out.contains(damage.verify_says), "{}: {found:?}", damage.what);
        assert!(report.out.contains(damage.verify_says), "{}: {report:?}", damage.what);
        if !damage.run_says.is_empty() {
            let before = arrived(&stack);
            let run = study.program.run(&ONCE);
            assert_eq!(run.code, Some(1), "{}: {run:?}", damage.what);
            assert!(run.err.contains(damage.run_says), "{}: {run:?}", damage.what);
            assert_eq!(arrived(&stack), before, "{}", damage.what);
        }
    }
}

#[test]
fn killed_while_an_older_journal_is_brought_up_to_date_it_has_the_old_or_the_new_form() {
    let program = Program::new("");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal-1");
    std::fs::create_dir_all(program.wave().parent().unwrap()).unwrap();
    assert!(Command::new("cp").arg("-r").args([&fixture, &program.wave()]).status().unwrap().success());
    for step in ["older format copied", "format ready"] {
        let killed = program.start_with(&["status"], &[("RISPOSTA_FAILPOINT", step)]).end(PATIENCE);
        assert_eq!(killed.code, None, "{step}: {killed:?}");
        let raw = Connection::open(program.wave().join("journal.db")).unwrap();
        assert_eq!(raw.pragma_query_value(None, "user_version", |r| r.get::<_, u32>(0)).unwrap(), 0, "{step}");
        assert!(program.wave().join("journal.format-1.db").exists());
    }
    program.is_intact();
    assert_eq!(program.run(&["verify", "--json"]).json()["payloads"], 3);
}

#[test]
fn what_a_killed_process_left_is_said_and_cleared_away_and_a_root_that_was_published_is_known_again() {
    let stack = MailStack::start();
    let study = begun(&stack);
    let root = study.program.status()["journal_root"].as_str().unwrap().to_owned();
    std::fs::write(study.program.wave().join("evidence/abcdef.part"), "half").unwrap();
    study.program.is_intact();
    std::fs::write(study.program.wave().join("evidence/abcdef"), "whole").unwrap();
    study.program.run(&["verify"]).refused(1, &["1 finding"]);
    study.program.run(&ONCE).done();
    assert!(!study.program.wave().join("evidence/abcdef").exists());
    assert!(!study.program.wave().join("evidence/abcdef.part").exists());
    assert!(study.program.run(&["verify", "--root", &root]).done().contains("those that were published"));
    study.program.run(&["verify", "--root", &"0".repeat(64)]).refused(1, &["damaged"]);
}
