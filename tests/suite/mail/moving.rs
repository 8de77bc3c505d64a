//! What people and servers do to a real mailbox between two looks.

use super::password;
use crate::support::mailstack::{MailStack, PASSWORD, PERSONA_DOMAIN};
use chrono::{DateTime, Utc};
use risposta::model::inbound::RawInbound;
use risposta::net::Dialer;
use risposta::sources::imap::{ImapSource, Limits};
use risposta::sources::{Source, Trouble};
use std::collections::BTreeSet;
use std::io::Write;
use std::time::SystemTime;

const SINCE: &str = "2026-03-01T09:00:00Z";

fn source(stack: &MailStack) -> ImapSource {
    ImapSource::new(&stack.mailbox(), password(), SINCE.parse().unwrap(), Dialer::World).unwrap()
}

fn deliver(stack: &MailStack, subject: &str) {
    stack.deliver_now("info@alfa.example", "e.riva7@riva.example", &format!("Subject: {subject}\n\nCiao\n"));
}

fn mail_program(stack: &MailStack, commands: &[&str]) {
    stack.imap(PERSONA_DOMAIN, commands);
}

/// Subjects with their folders, in order of arrival here.
fn found(messages: &[RawInbound]) -> Vec<String> {
    let subject = |m: &RawInbound| {
        let text = String::from_utf8_lossy(&m.bytes).into_owned();
        let subject = text.lines().find_map(|l| l.strip_prefix("Subject: ")).unwrap_or_default().to_owned();
        format!("{}: {subject}", m.locator.split('/').next().unwrap_or_default())
    };
    messages.iter().map(subject).collect()
}

/// A mailbox that is looked at from time to time, each time by a new process.
struct Looked<'s> {
    stack: &'s MailStack,
    cursor: Option<String>,
}

impl Looked<'_> {
    /// What a look finds, and what it says is missing.
    async fn look(&mut self) -> (Vec<String>, Option<String>) {
        let (mut source, mut messages) = (source(self.stack), Vec::new());
        loop {
            let batch = source.fetch(self.cursor.as_deref()).await.unwrap();
            messages.extend(batch.messages);
            self.cursor = Some(batch.cursor);
            if !batch.more {
                return (found(&messages), batch.missed);
            }
        }
    }
}

fn nothing() -> (Vec<String>, Option<String>) {
    (Vec::new(), None)
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_people_and_filters_move_is_found_where_it_went() {
    let stack = MailStack::start();
    let mut mailbox = Looked { stack: &stack, cursor: None };
    assert_eq!(mailbox.look().await, nothing());
    // Between two looks: one to Junk, one to an archive that was not there before.
    deliver(&stack, "junked");
    mail_program(&stack, &["SELECT INBOX", "MOVE 1 Junk"]);
    deliver(&stack, "archived");
    mail_program(&stack, &["CREATE Archivio", "SELECT INBOX", "MOVE 1 Archivio"]);
    let (messages, missed) = mailbox.look().await;
    assert_eq!((messages, missed), (vec!["Junk: junked".to_owned(), "Archivio: archived".to_owned()], None));
    // Seen already, and moved on: it comes again, and nothing is missing.
    mail_program(&stack, &["SELECT Junk", "MOVE 1 INBOX"]);
    assert_eq!(mailbox.look().await, (vec!["INBOX: junked".to_owned()], None));
    // The same mail in two folders.
    mail_program(&stack, &["SELECT INBOX", "COPY 1 Archivio"]);
    assert_eq!(mailbox.look().await, (vec!["Archivio: junked".to_owned()], None));
    assert_eq!(mailbox.look().await, nothing());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_emptied_is_a_gap_only_for_what_nobody_read() {
    let stack = MailStack::start();
    let mut mailbox = Looked { stack: &stack, cursor: None };
    deliver(&stack, "read");
    assert_eq!(mailbox.look().await, (vec!["INBOX: read".to_owned()], None));
    let empty = ["SELECT INBOX", "STORE 1:* +FLAGS (\\Deleted)", "EXPUNGE"];
    mail_program(&stack, &empty);
    assert_eq!(mailbox.look().await, nothing());
    deliver(&stack, "unread");
    mail_program(&stack, &empty);
    deliver(&stack, "next");
    let (messages, missed) = mailbox.look().await;
    assert_eq!(messages, ["INBOX: next"]);
    assert!(missed.unwrap().contains("1 message(s) left the folder `INBOX`"));
    assert_eq!(mailbox.look().await, nothing(), "told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_spam_folder_is_found_again_and_one_that_was_removed_is_a_gap() {
    let stack = MailStack::start();
    let mut mailbox = Looked { stack: &stack, cursor: None };
    let junk = |subject: &str| {
        stack.deliver_junk("x@beta.example", "e@riva.example", &format!("Subject: {subject}\n\nx\n"));
    };
    junk("one");
    assert_eq!(mailbox.look().await, (vec!["Junk: one".to_owned()], None));
    // This server makes a new one at once.
    mail_program(&stack, &["RENAME Junk Vecchia"]);
    assert_eq!(mailbox.look().await, (vec!["Vecchia: one".to_owned()], None), "read again, nothing missing");
    junk("two");
    assert_eq!(mailbox.look().await, (vec!["Junk: two".to_owned()], None));
    mail_program(&stack, &["DELETE Junk"]);
    let (messages, missed) = mailbox.look().await;
    assert!(messages.is_empty() && missed.clone().unwrap().contains("the folder `Junk` was"), "{missed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_down_and_a_password_that_was_changed_lose_nothing() {
    let mut stack = MailStack::start();
    deliver(&stack, "before");
    let first = source(&stack).fetch(None).await.unwrap();
    assert_eq!(found(&first.messages), ["INBOX: before"]);
    stack.stop_dovecot();
    let mut running = source(&stack);
    for _ in 0..2 {
        let down = running.fetch(Some(&first.cursor)).await.unwrap_err();
        assert_eq!(down.trouble, Trouble::Unreachable, "{down:?}");
        assert!(down.what.contains("cannot connect"), "{down:?}");
    }
    stack.start_dovecot("new-password");
    deliver(&stack, "after");
    let locked = running.fetch(Some(&first.cursor)).await.unwrap_err();
    assert_eq!(locked.trouble, Trouble::LoginRefused, "{locked:?}");
    assert!(locked.help.contains("the password") && !locked.what.contains(PASSWORD), "{locked:?}");
    stack.stop_dovecot();
    stack.start_dovecot(PASSWORD);
    let next = running.fetch(Some(&first.cursor)).await.unwrap();
    assert_eq!((found(&next.messages), next.more), (vec!["INBOX: after".to_owned()], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_come_in_bounded_batches_each_once_whenever_the_process_dies() {
    const MESSAGES: usize = 2_300;
    let stack = MailStack::start();
    let maildir = stack.maildir_path(PERSONA_DOMAIN);
    for sub in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(maildir.join(sub)).unwrap();
    }
    let day: DateTime<Utc> = "2026-03-05T12:00:00Z".parse().unwrap();
    for n in 0..MESSAGES {
        let name = format!("{}.M{n}P1.host:2,", day.timestamp());
        let mut file = std::fs::File::create(maildir.join("cur").join(name)).unwrap();
        write!(file, "Subject: n{n}\n\n{}\n", "testo ".repeat(n % 300)).unwrap();
        file.set_modified(SystemTime::from(day)).unwrap();
    }
    MailStack::give_to_mailbox(maildir.parent().unwrap());
    let limits = Limits { batch_messages: 200, batch_bytes: 100_000, ..Limits::default() };
    let (mut cursor, mut seen, mut batches) = (None, BTreeSet::new(), 0);
    let mut running = source(&stack).with_limits(limits);
    loop {
        let batch = running.fetch(cursor.as_deref()).await.unwrap();
        let bytes: usize = batch.messages.iter().map(|m| m.bytes.len()).sum();
        assert!(batch.messages.len() <= 200 && bytes < 110_000, "{} messages, {bytes} bytes", batch.messages.len());
        // Killed after every third batch: one that was not stored comes again, the others do not.
        if batches % 3 == 2 {
            let again = source(&stack).with_limits(limits).fetch(cursor.as_deref()).await.unwrap();
            assert_eq!(found(&again.messages), found(&batch.messages));
            running = source(&stack).with_limits(limits);
        }
        batches += 1;
        assert!(batch.messages.iter().all(|m| seen.insert(m.locator.clone())), "twice");
        cursor = Some(batch.cursor);
        if !batch.more {
            break;
        }
    }
    assert_eq!(seen.len(), MESSAGES);
    assert!(batches > 20, "{batches}");
}
