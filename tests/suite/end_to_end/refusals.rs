//! What the program refuses, with which exit code, and that nothing leaves meanwhile.

use super::{counts, only_question};
use crate::support::installed::free_address;
use crate::support::little_study::{Wants, asked_at, planned};
use crate::support::mailstack::{MailStack, PERSONA_DOMAIN};
use crate::support::program::{PATIENCE, Program, now, until};
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

#[test]
fn one_process_at_a_time_sends_while_people_go_on_recording() {
    let stack = MailStack::start();
    let contacts = ["email: info@alfa.example".to_owned(), "facebook: pagina.uno".to_owned()];
    let study = planned(&Wants::imap(&stack, "40s"), &contacts);
    let program = &study.program;
    let first = program.start(&["run", "study.yaml", "--live"]);
    stack.await_mail("alfa.example", 1);

    let holder = format!("process {} on ", first.pid());
    program.run(&["run", "study.yaml", "--live"]).refused(5, &["held by", &holder, "(`risposta run --live`), since "]);
    program
        .run(&["run", "study.yaml", "--live", "--once"])
        .refused(5, &["held by", &holder, "(`risposta run --live`), since "]);
    program.run(&["purge", "--yes"]).refused(5, &["held by", &holder, "(`risposta run --live`), since "]);
    program.run(&["record", &format!("{}.facebook.glutine.1", study.ids[1]), "sent"]).done();
    assert_eq!(program.status()["channels"]["facebook"]["accepted"], json!(1));

    first.signal("INT");
    let ended = first.end(Duration::from_secs(15));
    assert_eq!(ended.code, Some(130), "{ended:?}");
    program.run(&["run", "study.yaml", "--live", "--once"]).done();
    only_question(&stack, "alfa.example", &study.ids[0]);
    program.is_intact();
}

#[test]
fn a_study_that_changed_is_refused_until_it_is_amended() {
    let stack = MailStack::start();
    let contacts = ["email: info@alfa.example".to_owned(), "email: info@bta.example".to_owned()];
    let study = planned(&Wants::imap(&stack, "40s"), &contacts);
    let program = &study.program;
    let live = ["run", "study.yaml", "--live", "--once"];

    let moved = study.text.replace("info@bta.example", "info@beta.example");
    program.write(&moved);
    for arguments in [&live[..], &live[..2]] {
        program.run(arguments).refused(3, &["info@bta.example", "→", "info@beta.example", "risposta amend"]);
    }
    program.write(&moved.replace("contengono glutine", "contengono lattosio"));
    program.run(&live).refused(3, &["glutine", "lattosio"]);
    program.run(&["amend", "study.yaml", "--why", "a better question"]).refused(3, &["compares", "plan a new wave"]);
    program.write(&moved);
    program.run(&["amend", "study.yaml"]).refused(2, &["--why"]);
    assert!(stack.received_by("alfa.example").is_empty());

    let amended = program.run(&["amend", "study.yaml", "--why", "a mistyped address"]);
    assert!(amended.err.contains("info@bta.example") && amended.err.contains("info@beta.example"), "{amended:?}");
    amended.done();
    program.is_intact();
    program.run(&["amend", "study.yaml", "--why", "again"]).refused(3, &["nothing to amend"]);
    program.run(&live).done();
    for (domain, id) in ["alfa.example", "beta.example"].into_iter().zip(&study.ids) {
        stack.await_mail(domain, 1);
        only_question(&stack, domain, id);
    }
    assert!(stack.received_by("bta.example").is_empty());
    program.is_intact();
}

#[test]
fn a_wrong_password_pauses_our_account_and_uses_up_no_try() {
    let stack = MailStack::start();
    // Only the login to send is wrong: what comes in is read from the Maildir.
    stack.deliver_now("x@x.example", "enrico@riva.example", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n");
    let mut study = planned(&Wants::maildir(&stack, "40s"), &["email: info@alfa.example".to_owned()]);
    let live = ["run", "study.yaml", "--live", "--once"];
    study.program.password = Some("hunter2-wrong".to_owned());
    for _ in 0..4 {
        // More often than the study allows tries for a message.
        study.program.run(&live);
        let status = study.program.status();
        assert_eq!(status["channels"]["email"]["to_send"], json!(1), "{status}");
        let paused = status["paused_accounts"].as_array().unwrap();
        assert_eq!((paused.len(), &paused[0]["account"]), (1, &json!("main")), "{status}");
        assert!(paused[0]["why"].as_str().unwrap().contains("password"), "{status}");
        let said = study.program.run(&["status"]).done();
        assert!(said.contains("main is paused") && !said.contains("hunter2-wrong"), "{said}");
    }
    assert!(stack.received_by("alfa.example").is_empty());

    study.program.password = Some(crate::support::mailstack::PASSWORD.to_owned());
    study.program.run(&live).done();
    stack.await_mail("alfa.example", 1);
    only_question(&stack, "alfa.example", &study.ids[0]);
    assert_eq!(study.program.status()["paused_accounts"], json!([]));
    study.program.is_intact();
}

#[test]
fn while_our_own_mailbox_cannot_be_read_nobody_is_asked_and_nobody_is_silent() {
    let stack = MailStack::start();
    let wants = Wants::imap(&stack, "15s");
    let nowhere = free_address().port();
    let broken = wants.mailbox.replace(&format!("port: {},", stack.imap_port), &format!("port: {nowhere},"));
    let study = planned(&Wants { mailbox: broken.clone(), ..wants.clone() }, &["email: info@alfa.example".to_owned()]);
    let program = &study.program;
    let amend = |mailbox: &str, why: &str| {
        program.write(&study.text.replace(&broken, mailbox));
        program.run(&["amend", "study.yaml", "--why", why]).done();
    };

    // It was never read: nobody is asked.
    let running = program.start(&["run", "study.yaml", "--live"]);
    let trouble = || program.status()["sources"][0]["trouble"].as_str().map(str::to_owned);
    let why = until(PATIENCE, "status says why the mailbox cannot be read", trouble);
    assert!(why.contains(&format!("cannot connect to localhost:{nowhere}")), "{why}");
    running.signal("TERM");
    assert_eq!(running.end(Duration::from_secs(15)).code, Some(130));
    assert!(stack.received_by("alfa.example").is_empty());

    // Asked while it can be read, the company replies when it cannot be any more, until the window has ended.
    amend(&wants.mailbox, "the port was mistyped");
    program.run(&["run", "study.yaml", "--live", "--once"]).done();
    let question = stack.await_mail("alfa.example", 1).remove(0);
    let asked = asked_at(program, &study.ids[0]).unwrap();
    amend(&broken, "the server moved");
    let running = program.start(&["run", "study.yaml", "--live"]);
    stack.answer(&question, "anna@alfa.example", "No.");
    stack.await_mail(PERSONA_DOMAIN, 1);
    until(PATIENCE, "the window has ended", || (now() > asked + TimeDelta::seconds(17)).then_some(()));
    running.signal("TERM");
    assert_eq!(running.end(Duration::from_secs(15)).code, Some(130));
    let total = &program.run(&["score", "--json", "--as-of", &now().to_rfc3339()]).json()["total"];
    assert_eq!((&total["asked"], &total["silent"], &total["open"]), (&json!(1), &json!(0), &json!(1)), "{total}");

    amend(&wants.mailbox, "it is where it was");
    program.run(&["run", "study.yaml", "--live", "--once"]).done();
    assert_eq!(counts(&program.score()["total"])["replied"], json!([1, 1]));
    only_question(&stack, "alfa.example", &study.ids[0]);
    program.is_intact();
}

#[test]
fn exit_codes_tell_wrong_usage_from_an_invalid_study_from_one_that_is_not_fit() {
    let stack = MailStack::start();
    let study = planned(&Wants::imap(&stack, "40s"), &["email: info@alfa.example".to_owned()]);
    let (mut program, text) = (study.program, study.text);
    // 2: the arguments do not fit together.
    for arguments in [&["run"][..], &["nonsense"], &["record", "x", "sung"], &["run", "study.yaml", "--lively"]] {
        program.run(arguments).refused(2, &[]);
    }
    program.run(&["plan", "study.yaml", "--wave", "rehearsal-1", "--start", "2026-03-02"]).refused(2, &["rehearsal"]);
    program.run(&["run", "study.yaml", "--live", "--wave", "rehearsal-1"]).refused(2, &["never live"]);
    program.run(&["record", "nobody.email.glutine.1", "sent"]).refused(2, &["nobody.email.glutine.1"]);
    program.run(&["show", "nobody"]).refused(2, &["nobody"]);
    Program::new("").run(&["status"]).refused(2, &["no results"]);
    // 3: the study is invalid; the program says where.
    program.write(&text.replace("email: info", "e-mail: info"));
    let check = program.run(&["check", "study.yaml"]);
    assert!([&check.out, &check.err].iter().any(|said| said.contains("`e-mail`")), "{check:?}");
    check.refused(3, &[]);
    for arguments in [
        &["plan", "study.yaml", "--wave", "w2", "--start", "2026-03-02"][..],
        &["run", "study.yaml"],
        &["run", "study.yaml", "--live"],
    ] {
        program.run(arguments).refused(3, &["2 mistake(s)", "study.yaml:16:", "risposta check"]);
    }
    // 4: we are not fit to run.
    program.write(&text);
    program.password = None;
    program.run(&["run", "study.yaml", "--live"]).refused(4, &["MAIL_PASSWORD", "set it"]);
    // 1: there is no such wave.
    program.run(&["status", "--wave", "w9"]).refused(1, &["no wave", "risposta plan"]);
    assert!(stack.received_by("alfa.example").is_empty());
    program.is_intact();
}

#[test]
fn while_the_mailbox_cannot_be_read_nobody_is_asked_and_it_is_said_why() {
    let stack = MailStack::start();
    let mut wants = Wants::imap(&stack, "40s");
    wants.mailbox = wants.mailbox.replace(&format!("port: {},", stack.imap_port), "port: 1,");
    let study = planned(&wants, &["email: info@alfa.example".to_owned()]);
    let program = &study.program;
    // Each time anew: whoever runs it from cron reads the last word.
    for _ in 0..2 {
        let ended = program.run(&["run", "study.yaml", "--live", "--once"]);
        assert!(!ended.err.contains("Nothing more is due"), "{ended:?}");
        ended.refused(4, &["1 message(s) are due and wait until the replies", "risposta status"]);
    }
    let troubles = program.status()["troubles"].to_string();
    assert!(troubles.contains("cannot be read") && troubles.contains("are due and wait"), "{troubles}");
    assert!(!troubles.contains("sends what is due"), "{troubles}");
    assert!(stack.received_by("alfa.example").is_empty());

    program.write(&study.text.replace("port: 1,", &format!("port: {},", stack.imap_port)));
    program.run(&["amend", "study.yaml", "--why", "the port was mistyped"]).done();
    program.run(&["run", "study.yaml", "--live", "--once"]).done();
    stack.await_mail("alfa.example", 1);
    only_question(&stack, "alfa.example", &study.ids[0]);
    program.is_intact();
}
