//! A company asks back: the study's text is offered once, recorded, and never offered again.

use super::{alias_of, counts};
use crate::support::little_study::Wants;
use crate::support::mailstack::{MailStack, PASSWORD, PERSONA_DOMAIN};
use crate::support::program::{self, Now, Program, company};
use chrono::TimeDelta;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_company_asks_back_is_answered_once_by_a_person_and_changes_no_number() {
    let stack = MailStack::start();
    // The persona's mailbox exists, as it does in life.
    let old = "Subject: prima\nMessage-ID: <old@x.example>\n\nVecchia\n";
    stack.append(PERSONA_DOMAIN, "INBOX", old, program::now() - TimeDelta::hours(12));
    let (wants, now, program) = (Wants::maildir(&stack, "10m"), Now::new(), Program::new(PASSWORD));
    let study = |companies: &str| {
        let text = wants.text(&now, companies).replace("max_messages_per_company: 1", "max_messages_per_company: 3");
        text.replace("    subject: Glutine", "    if_asked_back: Circa 80 mq, entro giugno.\n    subject: Glutine")
    };
    let id = now.ids(study, 1).remove(0);
    let inquiry = format!("{id}.email.glutine.1");
    program.write(&study(&company(&id, "email: info@alfa.example")));
    program.plan(now.start);
    run_once(&program);
    assert_eq!(tasks(&program), Vec::<Value>::new());

    let question = stack.await_mail("alfa.example", 1).remove(0);
    let asks_back = |text: &str, reply: usize| {
        let alias = alias_of(&question);
        let raw = format!(
            "From: Anna <info@alfa.example>\nTo: {alias}\nSubject: Re: Glutine\nMessage-ID: <{reply}@alfa.example>\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        );
        stack.deliver_now("info@alfa.example", &alias, &raw);
        run_once(&program);
    };
    asks_back("Buongiorno,\n\nci può dire quanti metri quadri sono?\n\nAnna Bianchi", 1);
    let open = tasks(&program);
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((&open[0]["task"], &open[0]["inquiry"]), (&"answer_back".into(), &inquiry.clone().into()));
    assert_eq!(open[0]["text"], "Circa 80 mq, entro giugno.");
    let tally = || counts(&program.score()["channels"][0]);
    let before = tally();
    assert_eq!(before["uncoded"], 1, "{before}");

    let record = ["record", &inquiry, "answered_back"];
    program.run(&record).done();
    program.run(&record).refused(1, &["was answered back already"]);
    assert_eq!(tasks(&program), Vec::<Value>::new());
    assert_eq!(tally(), before, "what a person answers is no number");

    asks_back("Grazie. E ci può dire di quale marca sono?\n\nAnna Bianchi", 2);
    let story = program.story(&id);
    assert_eq!(story.iter().filter(|(_, what, _)| what.contains(" reply by email")).count(), 2, "{story:?}");
    assert!(story.iter().any(|(_, what, text)| what.contains("answered") && text.contains("80 mq")), "{story:?}");
    assert_eq!(tasks(&program), Vec::<Value>::new(), "once is enough");
    let after = tally();
    for what in ["asked", "silent", "replied", "replied_of_asked", "adequate"] {
        assert_eq!(after[what], before[what], "{what}");
    }
    assert_eq!(stack.received_by("alfa.example").len(), 1, "no machine answered back");
    program.is_intact();
}

/// Sends and reads what is there; the wave goes on.
fn run_once(program: &Program) {
    let said = program.run(&["run", "study.yaml", "--live", "--once"]);
    assert!(matches!(said.code, Some(0 | 4)) && !said.err.contains("cannot look"), "{said:?}");
}

fn tasks(program: &Program) -> Vec<Value> {
    program.run(&["todo", "--json"]).json()["tasks"].as_array().unwrap().clone()
}
