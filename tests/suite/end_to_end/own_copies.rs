//! Each question also goes to our own mailbox, blind: the copy proves that it left, and is nobody's reply.

use super::{counts, only_question, text_of};
use crate::support::little_study::{Wants, planned};
use crate::support::mailstack::{MailStack, PERSONA, PERSONA_DOMAIN};
use crate::support::program::{PATIENCE, now};
use crate::support::smtp_faults::{Does, Phase, Script, Server};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn with_copies(mut wants: Wants) -> Wants {
    wants.mailbox.push_str(", copy: true");
    wants
}

#[test]
fn a_study_whose_copies_come_in_counts_none_of_them_as_a_reply() {
    let stack = MailStack::start();
    let contacts = ["alfa", "beta", "bounce"].map(|domain| format!("email: info@{domain}.example"));
    let study = planned(&with_copies(Wants::imap(&stack, "20s")), &contacts);
    let program = &study.program;
    let running = program.start(&["run", "study.yaml", "--live"]);
    let question = stack.await_mail("alfa.example", 1).remove(0);
    stack.answer(&question, "Anna <anna@alfa.example>", "No: li facciamo con farina di riso.");
    let ended = running.end(PATIENCE);
    assert_eq!(ended.code, Some(0), "{ended:?}");

    for (domain, id) in ["alfa.example", "beta.example"].iter().zip(&study.ids) {
        let asked = only_question(&stack, domain, id);
        let asked = String::from_utf8_lossy(&asked);
        // An alias may end like the address: `rivaenrico@…`.
        let traces: Vec<&str> = asked.split([' ', '<', '\n', ':']).filter(|word| word.starts_with(PERSONA)).collect();
        assert_eq!(traces, [""; 0], "the company sees no trace of the copy: {asked}");
    }
    let copies = stack.received_by(PERSONA_DOMAIN);
    let of = |id: &str| copies.iter().filter(|raw| text_of(raw).starts_with(&question_of(id))).count();
    assert!(study.ids.iter().all(|id| of(id) == 1), "one copy of each");
    assert_eq!(program.run(&["review"]).done(), "Nothing to review.\n");
    let expected = json!({
        "asked": [3, 3], "bounced": 1, "refused": 0, "in_doubt": 0, "open": 0, "silent": 1, "acknowledged": 0,
        "uncoded": 1, "replied": [1, 2], "replied_of_asked": [1, 3], "adequate": [0, 2],
    });
    let card = program.score();
    assert_eq!(counts(&card["channels"][0]), expected, "{card}");
    program.is_intact();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_came_settles_a_delivery_that_broke_off() {
    let stack = MailStack::start();
    // Nobody is asked before the mailbox has been read once, so it must exist.
    let old = now() - TimeDelta::hours(12);
    stack.append(PERSONA_DOMAIN, "INBOX", "Subject: prima\nMessage-ID: <o@x.example>\n\nx\n", old);
    let server = Server::start(Script::plain(Phase::Dot, Does::HangsUp));
    let wants = with_copies(Wants::sending_to(&stack, server.port, "20s"));
    let study = planned(&wants, &["email: info@alfa.example".to_owned()]);
    let program = &study.program;
    let inquiries = |delivery: &str| program.status()["channels"]["email"][delivery].clone();
    program.run(&["run", "study.yaml", "--live", "--once"]);
    assert_eq!(inquiries("in_doubt"), json!(1));
    let received = server.received();
    assert_eq!(received.verbs.iter().filter(|verb| *verb == "RCPT").count(), 2, "{:?}", received.verbs);

    // The server had taken it after all, for both: what it did for one, it did for the other.
    let copy = String::from_utf8(received.messages[0].clone()).unwrap();
    stack.deliver_now(PERSONA, PERSONA, &copy);
    let ended = program.run(&["run", "study.yaml", "--live"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(inquiries("in_doubt"), json!(0));
    assert_eq!(server.received().messages.len(), 1, "it was not sent again");
    let story = program.story(&study.ids[0]);
    assert!(story.iter().any(|(_, what, _)| what.contains("copy") && what.contains("had left")), "{story:?}");
    let card = program.score();
    let channel: &Value = &counts(&card["channels"][0]);
    assert_eq!((&channel["in_doubt"], &channel["silent"], &channel["replied"]), (&json!(0), &json!(1), &json!([0, 1])));
    assert_eq!(program.run(&["review"]).done(), "Nothing to review.\n");
    program.is_intact();
}

fn question_of(id: &str) -> String {
    format!("Buongiorno, i vostri biscotti {id} contengono glutine?")
}
