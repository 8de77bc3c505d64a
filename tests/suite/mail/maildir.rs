//! The same mailbox, read from its Maildir.

use crate::support::mailstack::{MailStack, PERSONA_DOMAIN};
use risposta::model::study::{Inbox, Mailbox};
use risposta::model::time::{Provenance, Stamp};
use risposta::sources::Source;
use risposta::sources::maildir::MaildirSource;

#[tokio::test(flavor = "multi_thread")]
async fn a_maildir_tells_the_same_as_imap() {
    let stack = MailStack::start();
    let late = "2026-03-12T06:30:15Z".parse().unwrap();
    stack.deliver_now("info@alfa.example", "e.riva7@riva.example", "Subject: reply\n\nCiao\n");
    stack.deliver_junk("info@beta.example", "e.riva8@riva.example", "Subject: junked\n\nCiao\n");
    stack.append(PERSONA_DOMAIN, "INBOX", "Subject: late\n\nScusi\n", late);
    let path = stack.maildir_path(PERSONA_DOMAIN).to_string_lossy().into_owned();
    let mailbox = Mailbox { inbox: Inbox::Maildir { path }, ..stack.mailbox() };
    let source = || MaildirSource::new(&mailbox, "2026-03-01T09:00:00Z".parse().unwrap()).unwrap();

    let batch = source().fetch(None).await.unwrap();
    let find = |subject: &str| {
        let subject = format!("Subject: {subject}");
        batch.messages.iter().find(|m| String::from_utf8_lossy(&m.bytes).contains(&subject)).unwrap()
    };
    assert_eq!((batch.messages.len(), batch.more), (3, false));
    assert!(!find("reply").in_spam && find("junked").in_spam);
    assert_eq!(find("reply").received.provenance, Provenance::Server);
    assert_eq!(find("late").received, Stamp::server(late));

    // A mail program reads it, which renames the file.
    let again = source().fetch(Some(&batch.cursor)).await.unwrap();
    assert!(again.messages.is_empty());
}
