//! The program is stopped at any moment and started again: nobody is asked twice, nothing is lost.

use super::{counts, only_question};
use crate::support::little_study::{Planned, Wants, planned};
use crate::support::mailstack::{MailStack, PERSONA_DOMAIN};
use crate::support::program::{PATIENCE, until};
use crate::support::smtp_faults::{Does, Phase, Script, Server};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Companies that are asked, and those of them that reply at once.
const COMPANIES: usize = 10;
const REPLY: [usize; 4] = [0, 2, 5, 7];

fn domain(company: usize) -> String {
    format!("ditta{company}.example")
}

/// How long the program is disturbed; a message leaves each second.
const DISTURBED: Duration = Duration::from_secs(14);

#[test]
fn killed_at_any_moment_and_started_again_it_asks_once_and_scores_the_same() {
    let (quiet, disturbed) = std::thread::scope(|scope| {
        let quiet = scope.spawn(|| score_of_a_run(|study| drop(study.program.run(&["run", "study.yaml", "--live"]))));
        let disturbed = scope.spawn(|| score_of_a_run(disturb));
        (quiet.join().unwrap(), disturbed.join().unwrap())
    });
    let expected: Vec<_> = (0..COMPANIES).map(|company| json!([u8::from(REPLY.contains(&company)), 1])).collect();
    let replied: Vec<_> = quiet.iter().map(|(_, counts)| counts["replied"].clone()).collect();
    assert_eq!(replied, expected);
    for (company, (quiet, disturbed)) in quiet.iter().zip(&disturbed).enumerate() {
        assert!(!quiet.0, "nothing is in doubt where nothing disturbs");
        if !disturbed.0 {
            assert_eq!(disturbed.1, quiet.1, "{}", domain(company));
        }
    }
}

/// Ends the program at moments that look random and are always the same, then lets it finish.
fn disturb(study: &Planned) {
    let program = &study.program;
    let begun = Instant::now();
    let mut dice: u64 = 2026;
    let mut throw = |faces: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % faces
    };
    while begun.elapsed() < DISTURBED {
        let arguments: &[&str] =
            if throw(2) == 0 { &["run", "study.yaml", "--live"] } else { &["run", "study.yaml", "--live", "--once"] };
        let mut running = program.start(arguments);
        let until = Instant::now() + Duration::from_millis(30 + throw(450));
        while Instant::now() < until && running.runs() {
            std::thread::sleep(Duration::from_millis(5));
        }
        if !running.runs() {
            running.end(PATIENCE).done();
        } else if throw(4) == 0 {
            running.signal("TERM");
            let ended = running.end(Duration::from_secs(15));
            // It may not have listened yet, or have been done already.
            assert!([None, Some(0), Some(130)].contains(&ended.code), "{ended:?}");
        } else {
            running.kill();
        }
        program.is_intact();
    }
    program.run(&["run", "study.yaml", "--live"]).done();
}

/// Whether each company's inquiry is in doubt, and what it came to.
fn score_of_a_run(run: impl FnOnce(&Planned)) -> Vec<(bool, Value)> {
    let stack = MailStack::start();
    let contacts: Vec<String> = (0..COMPANIES).map(|n| format!("email: info@{}", domain(n))).collect();
    let study = planned(&Wants { pace: "1s", ..Wants::imap(&stack, "25s") }, &contacts);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| reply_until(&stack, &over));
        // Whatever happens, the other thread ends too.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&study)));
        over.store(true, Ordering::SeqCst);
        ended.unwrap();
    });
    study.program.is_intact();
    let card = study.program.score();
    let review = study.program.run(&["review", "--json"]).json();
    let doubts: Vec<&Value> = review["in_doubt"].as_array().unwrap().iter().map(|d| &d["inquiry"]).collect();
    let found = study.ids.iter().enumerate().map(|(n, id)| {
        let doubt = doubts.contains(&&json!(format!("{id}.email.glutine.1")));
        let got = stack.received_by(&domain(n)).len();
        assert!(got <= 1, "{} got {got} messages", domain(n));
        if !doubt {
            only_question(&stack, &domain(n), id);
        }
        let tally = card["companies"].as_array().unwrap().iter().find(|c| c["company"] == json!(id)).unwrap();
        (doubt, counts(tally))
    });
    found.collect()
}

/// The companies that reply do so once, as soon as they are asked.
fn reply_until(stack: &MailStack, over: &AtomicBool) {
    let mut waiting: BTreeSet<usize> = REPLY.into();
    while !over.load(Ordering::SeqCst) {
        waiting.retain(|company| match stack.received_by(&domain(*company)).first() {
            None => true,
            Some(question) => {
                stack.answer(question, &format!("anna@{}", domain(*company)), "No.");
                false
            }
        });
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_stop_in_the_middle_of_a_delivery_it_ends_soon_and_leaves_the_rest_to_a_person() {
    for signal in ["TERM", "KILL"] {
        let stack = MailStack::start();
        stack.deliver_now("x@x.example", "enrico@riva.example", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n");
        let port = Server::start(Script::plain(Phase::Dot, Does::Hangs)).port;
        let study = planned(&Wants::sending_to(&stack, port, "40s"), &["email: info@alfa.example".to_owned()]);
        let (program, inquiry) = (&study.program, format!("{}.email.glutine.1", study.ids[0]));
        let running = program.start(&["run", "study.yaml", "--live"]);
        let leaves = || program.status()["channels"]["email"]["in_doubt"].as_u64().filter(|n| *n == 1);
        until(PATIENCE, "the attempt is under way", leaves);
        if signal == "TERM" {
            running.signal(signal);
            let ended = running.end(Duration::from_secs(15));
            assert_eq!(ended.code, Some(130), "{ended:?}");
        } else {
            assert_eq!(running.kill().code, None);
        }
        program.is_intact();

        // Another server takes its place. No machine sends the message again.
        let (before, after) = (Wants::sending_to(&stack, port, "40s"), Wants::maildir(&stack, "40s"));
        let text = study.text.replace(&before.mailbox, &after.mailbox);
        program.write(&text);
        program.run(&["amend", "study.yaml", "--why", "the server was replaced"]).done();
        program.run(&["run", "study.yaml", "--live", "--once"]).done();
        assert_eq!(program.status()["channels"]["email"]["in_doubt"], json!(1));
        assert!(program.run(&["todo"]).done().contains("in doubt"));
        program.run(&["record", &inquiry, "sent"]).refused(1, &["in doubt", "risposta review"]);
        assert!(stack.received_by("alfa.example").is_empty());

        // A person's word, and it leaves: once.
        program.run(&["review", &inquiry, "--not-sent", "--why", "the old server never had it"]).done();
        program.run(&["run", "study.yaml", "--live", "--once"]).done();
        program.run(&["run", "study.yaml", "--live", "--once"]).done();
        stack.await_mail("alfa.example", 1);
        only_question(&stack, "alfa.example", &study.ids[0]);
        program.is_intact();
        assert_eq!(stack.received_by(PERSONA_DOMAIN).len(), 1, "nothing came back");
    }
}
