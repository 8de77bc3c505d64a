//! A mailbox on a real Dovecot, over IMAP.

use super::password;
use crate::support::mailstack::{MailStack, PASSWORD, PERSONA_DOMAIN};
use crate::support::proxy::Proxy;
use risposta::model::inbound::RawInbound;
use risposta::model::study::{Inbox, Mailbox, Security, Server};
use risposta::model::time::Stamp;
use risposta::net::Dialer;
use risposta::sources::imap::{ImapSource, Limits};
use risposta::sources::{Batch, Source};
use std::time::{Duration, Instant};

const SINCE: &str = "2026-03-01T09:00:00Z";

fn source(mailbox: &Mailbox) -> ImapSource {
    ImapSource::new(mailbox, password(), SINCE.parse().unwrap(), Dialer::World).unwrap()
}

/// The persona's mailbox, its IMAP reached in another way.
fn mailbox(stack: &MailStack, port: u16, security: Security) -> Mailbox {
    let server = Server { host: "localhost".to_owned(), port, security };
    Mailbox { inbox: Inbox::Imap { server, spam: None, folders: Vec::new() }, ..stack.mailbox() }
}

fn deliver(stack: &MailStack, subject: &str) {
    stack.deliver_now("info@alfa.example", "e.riva7@riva.example", &format!("Subject: {subject}\n\nCiao\n"));
}

fn subjects(messages: &[RawInbound]) -> Vec<String> {
    let subject = |m: &RawInbound| {
        let text = String::from_utf8_lossy(&m.bytes).into_owned();
        text.lines().find_map(|l| l.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
    };
    messages.iter().map(subject).collect()
}

/// Fetches to the end.
async fn all(source: &mut ImapSource, cursor: Option<String>) -> (Vec<RawInbound>, String) {
    let (mut messages, mut cursor) = (Vec::new(), cursor);
    for _ in 0..100 {
        let Batch { messages: some, cursor: next, more, .. } = source.fetch(cursor.as_deref()).await.unwrap();
        messages.extend(some);
        if !more {
            return (messages, next);
        }
        cursor = Some(next);
    }
    panic!("no end");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_comes_once_from_inbox_and_junk_and_leaves_no_trace() {
    let stack = MailStack::start();
    deliver(&stack, "reply");
    stack.deliver_junk("info@beta.example", "e.riva8@riva.example", "Subject: junked\n\nCiao\n");
    for (port, security) in
        [(stack.imap_port, Security::Starttls), (stack.imaps_port, Security::Tls), (stack.imap_port, Security::Plain)]
    {
        let mailbox = mailbox(&stack, port, security);
        let (messages, cursor) = all(&mut source(&mailbox), None).await;
        assert_eq!(subjects(&messages), ["reply", "junked"]);
        assert_eq!(messages.iter().map(|m| m.in_spam).collect::<Vec<_>>(), [false, true]);
        assert!(messages[0].locator.starts_with("INBOX/") && messages[1].locator.starts_with("Junk/"));
        assert!(String::from_utf8_lossy(&messages[0].bytes).contains("Delivered-To: e.riva7@riva.example"));
        let again = source(&mailbox).fetch(Some(&cursor)).await.unwrap();
        assert_eq!((again.messages, again.cursor, again.more), (Vec::new(), cursor, false));
    }
    let flagged = std::fs::read_dir(stack.maildir_path(PERSONA_DOMAIN).join("cur"))
        .unwrap()
        .filter(|f| !f.as_ref().unwrap().file_name().to_string_lossy().ends_with(":2,"))
        .count();
    assert_eq!(flagged, 0, "nothing was marked as read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reply_keeps_the_servers_time() {
    let stack = MailStack::start();
    let at = "2026-03-12T06:30:15Z".parse().unwrap();
    stack.append(PERSONA_DOMAIN, "INBOX", "Subject: late\n\nScusi il ritardo\n", at);
    let before_the_wave = "2026-02-20T06:30:15Z".parse().unwrap();
    stack.append(PERSONA_DOMAIN, "INBOX", "Subject: old\n\nPrima\n", before_the_wave);
    let mut source = source(&stack.mailbox());
    let (messages, cursor) = all(&mut source, None).await;
    assert_eq!(subjects(&messages), ["late"]);
    assert_eq!(messages[0].received, Stamp::server(at));
    // Once a folder is known, what comes is taken whatever date it bears.
    stack.append(PERSONA_DOMAIN, "INBOX", "Subject: backdated\n\nEccomi\n", before_the_wave);
    let (messages, _) = all(&mut source, Some(cursor)).await;
    assert_eq!(subjects(&messages), ["backdated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_wakes_and_a_cut_line_loses_nothing() {
    let stack = MailStack::start();
    let proxy = Proxy::to(stack.imap_port).await;
    let mut source = source(&mailbox(&stack, proxy.port, Security::Plain));
    let (_, cursor) = all(&mut source, None).await;

    let begun = Instant::now();
    let long = Duration::from_mins(1);
    let arrival = async {
        // Give IDLE time to begin; should it not have, the wait ends all the same.
        tokio::time::sleep(Duration::from_millis(300)).await;
        deliver(&stack, "wakes");
    };
    tokio::join!(source.wait(long), arrival);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let (messages, cursor) = all(&mut source, Some(cursor)).await;
    assert_eq!(subjects(&messages), ["wakes"]);

    deliver(&stack, "already there");
    source.wait(long).await;
    proxy.cut();
    deliver(&stack, "while cut");
    let (messages, cursor) = all(&mut source, Some(cursor)).await;
    assert_eq!(subjects(&messages), ["already there", "while cut"]);

    let quiet = Instant::now();
    source.wait(Duration::from_millis(500)).await;
    assert!((400..5_000).contains(&quiet.elapsed().as_millis()), "{:?}", quiet.elapsed());
    assert!(all(&mut source, Some(cursor)).await.0.is_empty());
    assert!(begun.elapsed() < long);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_bounded_and_complete() {
    let stack = MailStack::start();
    for n in 0..7 {
        deliver(&stack, &format!("n{n}"));
    }
    let long = "x".repeat(70) + "\n";
    stack.deliver_now("a@alfa.example", "b@riva.example", &format!("Subject: big\n\n{}", long.repeat(3_000)));
    let limits = Limits { batch_messages: 3, message_bytes: 50_000, ..Limits::default() };
    let mut source = source(&stack.mailbox()).with_limits(limits);
    let first = source.fetch(None).await.unwrap();
    assert_eq!((first.messages.len(), first.more), (3, true));
    let (rest, _) = all(&mut source, Some(first.cursor)).await;
    assert_eq!(subjects(&rest), ["n3", "n4", "n5", "n6", "big"]);
    assert_eq!(rest[4].bytes.len(), 50_000, "the beginning of what is too long");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_numbered_afresh_is_read_again_and_loses_nothing() {
    let stack = MailStack::start();
    deliver(&stack, "before");
    let mailbox = stack.mailbox();
    let (first, cursor) = all(&mut source(&mailbox), None).await;
    let maildir = stack.maildir_path(PERSONA_DOMAIN);
    for entry in std::fs::read_dir(&maildir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap().to_string_lossy().starts_with("dovecot") {
            std::fs::remove_file(path).unwrap();
        }
    }
    // The new numbering is named after the second in which it begins.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    deliver(&stack, "after");
    let (again, _) = all(&mut source(&mailbox), Some(cursor)).await;
    assert_eq!(subjects(&again), ["before", "after"]);
    assert_ne!(again[0].locator, first[0].locator);
}

#[tokio::test(flavor = "multi_thread")]
async fn named_folders_are_watched_and_missing_ones_reported() {
    let stack = MailStack::start();
    let at = "2026-03-12T06:30:15Z".parse().unwrap();
    stack.deliver_junk("x@beta.example", "e@riva.example", "Subject: j\n\nx\n");
    stack.append(PERSONA_DOMAIN, "Junk", "Subject: named\n\nx\n", at);
    let with = |spam: Option<&str>, folder: &str| {
        let mut mailbox = stack.mailbox();
        let Inbox::Imap { spam: s, folders, .. } = &mut mailbox.inbox else { panic!() };
        *s = spam.map(str::to_owned);
        *folders = vec![folder.to_owned()];
        source(&mailbox)
    };
    assert_eq!(with(None, "Junk").folders().await.unwrap(), ["INBOX", "Junk"]);
    let error = with(Some("Posta indesiderata"), "Junk").fetch(None).await.unwrap_err();
    assert!(error.what.contains("`Posta indesiderata`") && error.help.contains("INBOX"), "{error:?}");
    let error = with(None, "Però").fetch(None).await.unwrap_err();
    assert!(error.what.contains("`Però`"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_cannot_be_opened_says_why_and_shows_no_secret() {
    let stack = MailStack::start();
    let failed = async |mailbox: &Mailbox, secret: &str| {
        let since = SINCE.parse().unwrap();
        let mut source = ImapSource::new(mailbox, secret.into(), since, Dialer::World).unwrap();
        let error = source.fetch(None).await.unwrap_err();
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
        error
    };
    let login = failed(&stack.mailbox(), "hunter2-wrong").await;
    assert!(login.what.contains("refused the login") && login.help.contains("password"), "{login:?}");
    let mut stranger = stack.mailbox();
    stranger.ca_file = None;
    let untrusted = failed(&stranger, PASSWORD).await;
    assert!(untrusted.what.contains("certificate") && untrusted.help.contains("ca_file"), "{untrusted:?}");
    let gone = failed(&mailbox(&stack, 1, Security::Tls), PASSWORD).await;
    assert!(gone.what.contains("cannot connect to localhost:1"), "{gone:?}");
    let wrong = failed(&mailbox(&stack, stack.smtp_port, Security::Plain), PASSWORD).await;
    assert!(wrong.what.contains("`enrico`"), "{wrong:?}");
}
