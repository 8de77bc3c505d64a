//! Mail: in by the submission server, back by the mailbox server.

use super::{AT_ONCE, Rehearsal, only};
use crate::support::little_plan::{after_hours, prompt, start};
use chrono::TimeDelta;
use futures_util::TryStreamExt;
use mail_parser::{MessageParser, MimeHeaders};
use risposta::model::channel::Channel;
use risposta::model::study::{Behaviour, Says};
use risposta::rehearsal::Stats;

#[tokio::test]
async fn a_reply_comes_by_mail_at_its_simulated_moment_and_in_the_thread() {
    let rehearsal = Rehearsal::start(&[(Channel::Email, prompt())]).await;
    rehearsal.send(0, 0).await.unwrap();
    rehearsal.pass(after_hours(2) - TimeDelta::seconds(1)).await;
    assert!(rehearsal.folder("INBOX").await.is_empty(), "too early");
    rehearsal.pass(after_hours(24)).await;
    let (received, bytes) = only(rehearsal.folder("INBOX").await);
    assert_eq!(received, after_hours(2));
    let mail = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(mail.in_reply_to().as_text(), Some("q0.0@posta.example"));
    assert_eq!(mail.subject(), Some("Re: Glutine nei frollini 0"));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("e.riva0@posta.example"));
    assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("info@ditta0.example"));
    assert_eq!(mail.date().unwrap().to_timestamp(), after_hours(2).timestamp());
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("> Buongiorno, i frollini n. 0") && text.contains("Ditta Numero 0"), "{text}");
    let truth = only(rehearsal.town.truth());
    assert_eq!((truth.received_at, truth.replied_at), (start(), Some(after_hours(2))));
    assert_eq!(truth.says, Some(Says::Answer));
    assert_eq!(rehearsal.town.stats(), Stats::default());
}

#[tokio::test]
async fn spam_lies_in_junk_and_a_machine_says_received_within_a_minute() {
    let behaviour = Behaviour { spam: 1.0, acknowledge: 1.0, ..prompt() };
    let rehearsal = Rehearsal::start(&[(Channel::Email, behaviour)]).await;
    rehearsal.send(0, 0).await.unwrap();
    rehearsal.pass(after_hours(24)).await;
    let (received, bytes) = only(rehearsal.folder("INBOX").await);
    assert!(received > start() && received <= start() + TimeDelta::minutes(1));
    let mail = MessageParser::new().parse(&bytes).unwrap();
    assert_eq!(mail.header_raw("Auto-Submitted").map(str::trim), Some("auto-replied"));
    assert_eq!(only(rehearsal.folder("Junk").await).0, after_hours(2));
    let truth = only(rehearsal.town.truth());
    assert_eq!((truth.acknowledged_at, truth.in_spam), (Some(received), true));
}

#[tokio::test]
async fn a_bounce_is_a_delivery_report_to_the_sender_and_the_company_never_hears() {
    let rehearsal = Rehearsal::start(&[(Channel::Email, Behaviour { bounce: 1.0, ..prompt() })]).await;
    rehearsal.send(0, 0).await.unwrap();
    rehearsal.pass(after_hours(24)).await;
    let (received, bytes) = only(rehearsal.folder("INBOX").await);
    let mail = MessageParser::new().parse(&bytes).unwrap();
    let kind = mail.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("report")));
    assert_eq!(kind.attribute("report-type"), Some("delivery-status"));
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("Final-Recipient: rfc822; info@ditta0.example\r\nAction: failed\r\nStatus: 5."), "{text}");
    assert!(text.contains("Message-ID: <q0.0@posta.example>"), "{text}");
    let truth = only(rehearsal.town.truth());
    assert_eq!((truth.bounced_at, truth.replied_at), (Some(received), None));
}

#[tokio::test]
async fn strangers_and_the_wrong_company_are_told_apart() {
    let rehearsal = Rehearsal::start(&[(Channel::Email, prompt()), (Channel::Email, prompt())]).await;
    assert_eq!(rehearsal.send_to(0, 0, "nobody@ditta0.example").await, Err(Some(550)));
    rehearsal.send_to(0, 0, "info@ditta1.example").await.unwrap();
    rehearsal.send(0, 0).await.unwrap();
    rehearsal.send(0, 0).await.unwrap();
    rehearsal.pass(after_hours(24)).await;
    let expected = Stats { repeated: 1, unattributed: 1, unknown_recipients: 1, ..Stats::default() };
    assert_eq!(rehearsal.town.stats(), expected);
    assert_eq!(rehearsal.folder("INBOX").await.len(), 1);
}

#[tokio::test]
async fn the_mailbox_server_does_what_a_reader_of_mail_needs() {
    let rehearsal = Rehearsal::start(&[(Channel::Email, prompt()), (Channel::Email, prompt())]).await;
    let mut session = rehearsal.login().await;
    let folders: Vec<_> = session.list(Some(""), Some("*")).await.unwrap().try_collect().await.unwrap();
    let junk = folders.iter().find(|f| f.name() == "Junk").unwrap();
    assert!(junk.attributes().iter().any(|a| format!("{a:?}").contains("Junk")), "{:?}", junk.attributes());
    assert!(session.select("INBOX").await.unwrap().exists == 0);
    assert!(session.select("Nowhere").await.is_err());
    let mailbox = session.select("INBOX").await.unwrap();
    assert_eq!((mailbox.uid_validity, mailbox.uid_next), (Some(1), Some(1)));

    let mut idle = session.idle();
    idle.init().await.unwrap();
    let (wait, _stop) = idle.wait_with_timeout(AT_ONCE);
    let wake = async {
        rehearsal.send(0, 0).await.unwrap();
        rehearsal.pass(after_hours(3)).await;
    };
    let (woken, ()) = tokio::join!(wait, wake);
    assert!(format!("{:?}", woken.unwrap()).contains("NewData"));
    let mut session = idle.done().await.unwrap();

    rehearsal.pass(after_hours(47)).await;
    rehearsal.send(1, 0).await.unwrap();
    rehearsal.pass(after_hours(60)).await;
    session.noop().await.unwrap();
    let found = |set: std::collections::HashSet<u32>| {
        let mut found: Vec<_> = set.into_iter().collect();
        found.sort_unstable();
        found
    };
    assert_eq!(found(session.uid_search("ALL").await.unwrap()), [1, 2]);
    assert_eq!(found(session.uid_search("UID 2:*").await.unwrap()), [2]);
    assert_eq!(found(session.uid_search("UID 9:*").await.unwrap()), [2], "`*` is the last message");
    assert_eq!(found(session.uid_search("SINCE 4-Mar-2026").await.unwrap()), [2]);
    assert!(session.run_command_and_check_ok("UID SEARCH SUBJECT x").await.is_err(), "refused, not guessed");
    let status = session.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY)").await.unwrap();
    assert_eq!((status.exists, status.uid_next, status.uid_validity), (2, Some(3), Some(1)));

    let items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";
    let whole = only(session.uid_fetch("2", items).await.unwrap().try_collect::<Vec<_>>().await.unwrap());
    assert_eq!((whole.uid, whole.size), (Some(2), Some(u32::try_from(whole.body().unwrap().len()).unwrap())));
    assert_eq!(whole.internal_date().unwrap().to_utc(), after_hours(49));
    let part =
        only(session.uid_fetch("2", "(UID BODY.PEEK[]<0.64>)").await.unwrap().try_collect::<Vec<_>>().await.unwrap());
    let expected = &whole.body().unwrap()[..64];
    assert_eq!(part.body(), Some(expected));
    session.logout().await.unwrap();
}
