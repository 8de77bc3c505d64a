//! The program is stopped in the middle of a delivery: what was on its way is left to a person.

use super::only_question;
use crate::support::little_study::{Wants, planned};
use crate::support::mailstack::{MailStack, PERSONA_DOMAIN};
use crate::support::program::{PATIENCE, until};
use crate::support::smtp_faults::{Does, Phase, Script, Server};
use serde_json::json;
use std::time::Duration;

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
