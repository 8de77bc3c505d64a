//! Servers that fail at each moment of a submission.

use super::{inquiry, send, sender};
use crate::support::mailstack::PERSONA;
use crate::support::smtp_faults::{Fault, serve};
use risposta::channels::Ended;
use risposta::channels::email::Limits;
use risposta::model::outcome::{Failure, Outcome, Phase};
use risposta::model::study::{AliasKind, Inbox, Mailbox, Security, Server};
use std::time::{Duration, Instant};

/// Sends a message of so many bytes to a server with that fault.
async fn send_to(fault: Fault, bytes: usize) -> Ended {
    let limit = Duration::from_millis(700);
    let limits = Limits { greeting: limit, command: limit, block: limit, answer: limit, farewell: limit };
    let mailbox = Mailbox {
        id: "enrico".parse().unwrap(),
        address: PERSONA.to_owned(),
        alias: AliasKind::None,
        smtp: Some(Server { host: "127.0.0.1".to_owned(), port: serve(fault).await, security: Security::Plain }),
        inbox: Inbox::Maildir { path: String::new() },
        user: PERSONA.to_owned(),
        password: None,
        ca_file: None,
        copy: false,
    };
    let mut question = inquiry("info@alfa.example", PERSONA);
    question.messages[0].text = ("x".repeat(69) + "\n").repeat(bytes / 70 + 1);
    let begun = Instant::now();
    let ended = send(&sender(&mailbox, None).with_limits(limits), &question).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{fault:?} took {:?}", begun.elapsed());
    ended
}

const SMALL: usize = 100;
/// More than the buffers between two sockets hold.
const LARGE: usize = 16 * 1024 * 1024;

fn account(ended: &Ended) -> &Failure<String> {
    let Outcome::AccountFailed { failure, .. } = ended else { panic!("{ended:?}") };
    failure
}

#[tokio::test]
async fn before_the_recipient_is_named_it_is_the_accounts_fault() {
    for fault in [Fault::NoGreeting, Fault::RefusesService] {
        assert_eq!(account(&send_to(fault, SMALL).await).phase, Phase::Connect, "{fault:?}");
    }
    let refused = send_to(Fault::AnswersMail("550 5.7.1 not you\r\n"), SMALL).await;
    assert_eq!(account(&refused).code, Some(550));
}

#[tokio::test]
async fn before_the_final_dot_nothing_has_left() {
    for (fault, bytes, phase) in [
        (Fault::AnswersMail("421 4.3.2 closing\r\n"), SMALL, Phase::Address),
        (Fault::HangsUpAtRcpt, SMALL, Phase::Address),
        (Fault::HangsUpInMessage, LARGE, Phase::Transfer),
        (Fault::StopsReading, LARGE, Phase::Transfer),
    ] {
        let ended = send_to(fault, bytes).await;
        let Outcome::Deferred(failure) = &ended else { panic!("{fault:?}: {ended:?}") };
        assert_eq!(failure.phase, phase, "{fault:?}");
    }
}

#[tokio::test]
async fn after_the_final_dot_only_an_answer_settles_it() {
    for fault in [Fault::SilentAfterDot, Fault::HangsUpAfterDot, Fault::AnswersDot("what?\r\n")] {
        let ended = send_to(fault, SMALL).await;
        let Outcome::InDoubt(failure) = &ended else { panic!("{fault:?}: {ended:?}") };
        assert_eq!(failure.phase, Phase::Transfer);
    }
    let later = send_to(Fault::AnswersDot("451 4.3.0 later\r\n"), SMALL).await;
    assert!(matches!(&later, Outcome::Deferred(f) if f.code == Some(451)), "{later:?}");
    let never = send_to(Fault::AnswersDot("554 5.6.0 not like this\r\n"), SMALL).await;
    assert!(matches!(&never, Outcome::Rejected(f) if f.enhanced.as_deref() == Some("5.6.0")), "{never:?}");
    let taken = send_to(Fault::AnswersDot("250-2.0.0 thanks\r\n250 2.0.0 as X9\r\n"), LARGE).await;
    assert!(matches!(&taken, Outcome::Accepted { receipt: Some(r), .. } if r.contains("as X9")), "{taken:?}");
}
