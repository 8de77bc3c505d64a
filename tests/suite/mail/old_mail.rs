//! A mailbox full of old mail is not downloaded.

use super::password;
use crate::support::mailstack::{MailStack, PERSONA_DOMAIN};
use crate::support::proxy::Proxy;
use chrono::{DateTime, Utc};
use risposta::model::study::{Inbox, Mailbox, Security, Server};
use risposta::net::Dialer;
use risposta::sources::Source;
use risposta::sources::imap::ImapSource;
use risposta::sources::maildir::MaildirSource;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

const OLD: u64 = 20_000;
const OLD_BYTES: u64 = 2_000;

/// Writes old messages as a mail server would have, long before the wave.
fn fill(maildir: &Path) {
    for sub in ["new", "cur", "tmp"] {
        fs::create_dir_all(maildir.join(sub)).unwrap();
    }
    let body = "testo vecchio ".repeat(usize::try_from(OLD_BYTES).unwrap() / 14);
    let day: DateTime<Utc> = "2025-06-01T12:00:00Z".parse().unwrap();
    for n in 0..OLD {
        let name = format!("{}.M{n}P1.old:2,S", day.timestamp());
        let mut file = File::create(maildir.join("cur").join(name)).unwrap();
        write!(file, "Subject: old {n}\n\n{body}\n").unwrap();
        file.set_modified(SystemTime::from(day)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_old_messages_stay_where_they_are() {
    let stack = MailStack::start();
    let maildir = stack.maildir_path(PERSONA_DOMAIN);
    fill(&maildir);
    MailStack::give_to_mailbox(maildir.parent().unwrap());
    let since = "2026-03-01T09:00:00Z".parse().unwrap();
    let proxy = Proxy::to(stack.imap_port).await;
    let server = Server { host: "localhost".to_owned(), port: proxy.port, security: Security::Plain };
    let inbox = Inbox::Imap { server, spam: None, folders: Vec::new() };
    let imap = Mailbox { inbox, ..stack.mailbox() };
    let source = || ImapSource::new(&imap, password(), since, Dialer::World).unwrap();

    let first = source().fetch(None).await.unwrap();
    assert_eq!((first.messages.len(), first.more), (0, false));
    stack.deliver_now("info@alfa.example", "e@riva.example", "Subject: reply\n\nCiao\n");
    let second = source().fetch(Some(&first.cursor)).await.unwrap();
    assert_eq!((second.messages.len(), second.more), (1, false));
    // One byte a message would be 20,000; all of them are 40 MB.
    assert!(proxy.bytes_from_server() < OLD, "{} bytes", proxy.bytes_from_server());

    let inbox = Inbox::Maildir { path: maildir.to_string_lossy().into_owned() };
    let mut files = MaildirSource::new(&Mailbox { inbox, ..stack.mailbox() }, since).unwrap();
    let batch = files.fetch(None).await.unwrap();
    assert_eq!((batch.messages.len(), batch.more), (1, false));
    assert!(batch.cursor.len() < 1_000);
}
