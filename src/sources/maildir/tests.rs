//! What a watched Maildir must never lose.

use super::*;
use crate::model::study::AliasKind;
use std::time::SystemTime;
use tempfile::TempDir;

const SINCE: &str = "2026-03-01T09:00:00Z";

/// A Maildir with nothing in it.
fn maildir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["", ".Junk", ".Sent"] {
        for sub in ["new", "cur", "tmp"] {
            fs::create_dir_all(dir.path().join(folder).join(sub)).unwrap();
        }
    }
    dir
}

fn source(dir: &TempDir) -> MaildirSource {
    let mailbox = Mailbox {
        id: "enrico".parse().unwrap(),
        address: "enrico@riva.example".to_owned(),
        alias: AliasKind::None,
        smtp: None,
        inbox: Inbox::Maildir { path: dir.path().to_string_lossy().into_owned() },
        user: "enrico".to_owned(),
        password: None,
        ca_file: None,
    };
    MaildirSource::new(&mailbox, SINCE.parse().unwrap()).unwrap()
}

/// Puts a message into a folder, delivered `days` after the start of the wave.
fn deliver(dir: &TempDir, folder: &str, days: i64, name: &str) -> PathBuf {
    let at = SINCE.parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(days);
    let path = dir.path().join(folder).join(format!("{}.{name}.host", at.timestamp()));
    fs::write(&path, format!("Subject: {name}\r\n\r\n")).unwrap();
    path
}

fn subjects(batch: &Batch) -> Vec<String> {
    let subject = |m: &RawInbound| String::from_utf8_lossy(&m.bytes).trim().replace("Subject: ", "");
    batch.messages.iter().map(subject).collect()
}

#[tokio::test]
async fn what_is_new_comes_once_and_what_is_old_is_not_read() {
    let dir = maildir();
    let old = deliver(&dir, "cur", -30, "old");
    deliver(&dir, "new", 2, "reply");
    deliver(&dir, ".Junk/new", 1, "spam");
    deliver(&dir, ".Sent/new", 1, "sent");
    // A link that leads nowhere stands for a file that must not be opened.
    fs::remove_file(&old).unwrap();
    std::os::unix::fs::symlink("/nonexistent", &old).unwrap();
    let first = source(&dir).fetch(None).await.unwrap();
    assert_eq!(subjects(&first), ["spam", "reply"]);
    assert_eq!(first.messages.iter().map(|m| m.in_spam).collect::<Vec<_>>(), [true, false]);
    assert_eq!(first.messages[1].received.at.to_rfc3339(), "2026-03-03T09:00:00+00:00");

    // Reading a message renames it; its name up to the flags stays.
    let reply = fs::read_dir(dir.path().join("new")).unwrap().next().unwrap().unwrap();
    let read = dir.path().join("cur").join(format!("{}:2,S", reply.file_name().to_string_lossy()));
    fs::rename(reply.path(), read).unwrap();
    let second = source(&dir).fetch(Some(&first.cursor)).await.unwrap();
    assert_eq!((subjects(&second), second.more), (Vec::new(), false));
    deliver(&dir, "new", 3, "another");
    assert_eq!(subjects(&source(&dir).fetch(Some(&second.cursor)).await.unwrap()), ["another"]);
}

#[tokio::test]
async fn thousands_come_in_batches_each_once() {
    let dir = maildir();
    for n in 0..1_300 {
        deliver(&dir, "new", n / 50, &format!("n{n}"));
    }
    let (mut cursor, mut seen, mut batches) = (None, HashSet::new(), 0);
    let mut running = source(&dir);
    loop {
        let batch = running.fetch(cursor.as_deref()).await.unwrap();
        assert!(batch.messages.len() <= 200 && batch.cursor.len() < 40_000);
        for subject in subjects(&batch) {
            assert!(seen.insert(subject), "twice");
        }
        batches += 1;
        cursor = Some(batch.cursor);
        if !batch.more {
            break;
        }
    }
    assert_eq!((seen.len(), batches), (1_300, 7));
    // Delivered long ago by its name, moved in just now.
    deliver(&dir, "new", 1, "moved in late");
    let late = running.fetch(cursor.as_deref()).await.unwrap();
    assert_eq!(subjects(&late), ["moved in late"]);
}

#[tokio::test]
async fn the_time_kept_by_a_copying_program_is_the_arrival() {
    let dir = maildir();
    let copied = deliver(&dir, "new", 9, "copied");
    let true_time: DateTime<Utc> = "2026-03-04T08:00:00Z".parse().unwrap();
    fs::File::options().write(true).open(copied).unwrap().set_modified(SystemTime::from(true_time)).unwrap();
    let batch = source(&dir).fetch(None).await.unwrap();
    assert_eq!(batch.messages[0].received, crate::model::time::Stamp::server(true_time));
}

#[tokio::test]
async fn a_folder_that_is_no_maildir_is_an_error_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    let error = source(&dir).fetch(None).await.unwrap_err();
    assert!(error.what.contains("enrico") && error.help.contains("`maildir`"), "{error:?}");
}
