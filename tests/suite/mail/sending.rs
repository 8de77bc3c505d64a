//! Submission to a real Postfix.

use super::{inquiry, password, send, sender};
use crate::support::mailstack::{MailStack, PASSWORD};
use risposta::channels::{Outgoing, Sender};
use risposta::model::outcome::{Outcome, Phase};
use risposta::model::study::{Security, Server};
use risposta::model::time::Provenance;
use risposta::net::Dialer;
use risposta::sources::Source;
use risposta::sources::imap::ImapSource;
use sha2::{Digest, Sha256};

#[tokio::test(flavor = "multi_thread")]
async fn a_question_arrives_byte_for_byte_as_it_was_hashed() {
    let stack = MailStack::start();
    let starttls = stack.mailbox();
    let mut tls = stack.mailbox();
    tls.smtp = Some(Server { host: "localhost".to_owned(), port: stack.submissions_port, security: Security::Tls });
    for (mailbox, company) in [(&starttls, "alfa.example"), (&tls, "beta.example")] {
        let question = inquiry(&format!("info@{company}"), "e.riva3@riva.example");
        let sender = sender(mailbox, Some(password()));
        let outgoing =
            Outgoing { inquiry: &question, message: &question.messages[0], in_reply_to: None, first_receipt: None };
        let prepared = sender.prepare(outgoing).await.unwrap_or_else(|r| panic!("{r:?}"));
        let (hash, evidence) = (prepared.bytes_sha256().unwrap(), prepared.evidence());
        assert_eq!((evidence[0].label, hex::encode(Sha256::digest(&evidence[0].bytes))), ("message", hash));
        assert!(stack.received_by(company).is_empty(), "preparing submits nothing");

        let delivered = prepared.deliver().await;
        let Outcome::Accepted { at, receipt: Some(receipt) } = delivered.outcome else { panic!("{delivered:?}") };
        assert_eq!(at.provenance, Provenance::Observed);
        assert!(receipt.contains("queued as"), "{receipt}");

        stack.await_mail(company, 1);
        // Over IMAP the line ends are those of the wire.
        let mut theirs = stack.mailbox();
        theirs.user = format!("info@{company}");
        let since = "2020-01-01T00:00:00Z".parse().unwrap();
        let mut source = ImapSource::new(&theirs, password(), since, Dialer::World).unwrap();
        let arrived = source.fetch(None).await.unwrap().messages.remove(0).bytes;
        let head = arrived.len() - evidence[0].bytes.len();
        assert_eq!(String::from_utf8_lossy(&arrived[head..]), String::from_utf8_lossy(&evidence[0].bytes));
        // What stands before are the servers' own traces.
        let traces = String::from_utf8_lossy(&arrived[..head]).into_owned();
        let trace = |line: &str| {
            ["Return-Path: <e.riva3@riva.example>", "Delivered-To:", "Received:", "\t"]
                .iter()
                .any(|t| line.starts_with(t))
        };
        assert!(traces.lines().all(trace), "{traces}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_their_code_and_whose_fault_they_are() {
    let stack = MailStack::start();
    let mailbox = stack.mailbox();
    let own = sender(&mailbox, Some(password()));

    let Outcome::Rejected(failure) = send(&own, &inquiry("nobody@reject.example", "a@riva.example")).await else {
        panic!()
    };
    assert_eq!((failure.phase, failure.code, failure.enhanced.as_deref()), (Phase::Address, Some(550), Some("5.1.1")));
    assert!(failure.detail.contains("No such mailbox"), "{}", failure.detail);

    let Outcome::Deferred(failure) = send(&own, &inquiry("info@defer.example", "a@riva.example")).await else {
        panic!()
    };
    assert_eq!((failure.code, failure.enhanced.as_deref()), (Some(451), Some("4.3.0")));

    // Postfix says it at RCPT, yet it is our account's fault.
    let owned = send(&own, &inquiry("info@alfa.example", "director@riva.example")).await;
    let Outcome::AccountFailed { account, failure } = owned else { panic!("{owned:?}") };
    assert_eq!((account, failure.code), (mailbox.id.clone(), Some(553)));
    assert!(failure.detail.contains("not owned by user") && failure.detail.contains("`alias`"), "{}", failure.detail);
    assert!(stack.received_by("alfa.example").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_copy_comes_with_the_question_or_nothing_leaves() {
    let stack = MailStack::start();
    let mut mailbox = stack.mailbox();
    mailbox.copy = true;
    let own = sender(&mailbox, Some(password()));
    let refused = send(&own, &inquiry("nobody@reject.example", "e.riva4@riva.example")).await;
    assert!(matches!(refused, Outcome::Rejected(_)), "{refused:?}");

    let accepted = send(&own, &inquiry("info@alfa.example", "e.riva5@riva.example")).await;
    assert!(matches!(accepted, Outcome::Accepted { .. }), "{accepted:?}");
    let theirs = String::from_utf8(stack.await_mail("alfa.example", 1).remove(0)).unwrap();
    let copies = stack.await_mail("riva.example", 1);
    let copy = String::from_utf8(copies[0].clone()).unwrap();
    assert_eq!(copies.len(), 1, "of what was refused there is no copy");
    let from_date = |mail: &str| mail[mail.find("Date: ").unwrap()..].to_owned();
    assert_eq!(from_date(&theirs), from_date(&copy), "the same message, and no sign of the copy in it");

    mailbox.address = "nobody@reject.example".to_owned();
    let failed = send(&sender(&mailbox, Some(password())), &inquiry("info@beta.example", "a@riva.example")).await;
    let Outcome::AccountFailed { failure, .. } = failed else { panic!("{failed:?}") };
    assert!(failure.detail.contains("our own copy") && failure.detail.contains("copy: false"), "{}", failure.detail);
    assert!(stack.received_by("beta.example").is_empty(), "without the copy nothing leaves");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_opened_pauses_and_shows_no_secret() {
    let stack = MailStack::start();
    let question = inquiry("info@alfa.example", "a@riva.example");
    let failed = async |mailbox: &_, secret: &str| {
        let outcome = send(&sender(mailbox, Some(secret.into())), &question).await;
        let Outcome::AccountFailed { failure, .. } = outcome else { panic!("{outcome:?}") };
        assert!(!format!("{failure:?}").contains(secret), "{failure:?}");
        failure
    };

    let login = failed(&stack.mailbox(), "hunter2-wrong").await;
    assert_eq!((login.phase, login.code), (Phase::Login, Some(535)));
    assert!(login.detail.contains("password"), "{}", login.detail);

    let mut stranger = stack.mailbox();
    stranger.ca_file = None;
    let untrusted = failed(&stranger, PASSWORD).await;
    assert_eq!(untrusted.phase, Phase::Connect);
    assert!(untrusted.detail.contains("certificate") && untrusted.detail.contains("ca_file"), "{}", untrusted.detail);

    let mut no_tls = stack.mailbox();
    no_tls.smtp = Some(Server { host: "localhost".to_owned(), port: stack.lmtp_port, security: Security::Starttls });
    assert_eq!(failed(&no_tls, PASSWORD).await.phase, Phase::Connect);

    let mut gone = stack.mailbox();
    gone.smtp = Some(Server { host: "localhost".to_owned(), port: 1, security: Security::Starttls });
    assert!(failed(&gone, PASSWORD).await.detail.contains("cannot connect to localhost:1"));
    assert!(stack.received_by("alfa.example").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_comes_to_the_alias() {
    let stack = MailStack::start();
    let mailbox = stack.mailbox();
    let sender = sender(&mailbox, Some(password()));
    for (company, alias) in [("alfa", "e.riva1"), ("bounce", "e.riva2"), ("auto", "e.riva3")] {
        let question = inquiry(&format!("info@{company}.example"), &format!("{alias}@riva.example"));
        assert!(matches!(send(&sender, &question).await, Outcome::Accepted { .. }));
    }
    let asked = stack.await_mail("alfa.example", 1).remove(0);
    stack.answer(&asked, "Anna Bianchi <anna@alfa.example>", "Sì, contiene glutine.");
    let mut heads: Vec<String> = stack
        .await_mail("riva.example", 3)
        .iter()
        .map(|raw| String::from_utf8_lossy(raw).split("\n\n").next().unwrap().to_owned())
        .collect();
    heads.sort_by_key(|head| head.lines().nth(1).map(str::to_owned));
    for (head, alias, sign) in [
        (&heads[0], "e.riva1", "In-Reply-To: <q1.e.riva1.x@riva.example>"),
        (&heads[1], "e.riva2", "report-type=delivery-status"),
        (&heads[2], "e.riva3", "Auto-Submitted: auto-replied"),
    ] {
        assert!(head.contains(&format!("Delivered-To: {alias}@riva.example")) && head.contains(sign), "{head}");
    }
}
