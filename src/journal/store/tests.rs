//! What the store promises.

use super::super::verify::verify;
use super::*;
use crate::model::ids::{AccountId, CompanyId};

fn at() -> DateTime<Utc> {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

fn opened(folder: &Path) -> Event {
    std::fs::write(folder.join("plan.json"), "{}").unwrap();
    Event::WaveOpened {
        study: "s".parse().unwrap(),
        wave: "w".parse().unwrap(),
        plan_sha256: chain::sha256_hex(b"{}"),
        risposta: "0".into(),
        simulated: false,
    }
}

fn stop(journal: &mut Journal, company: &str, why: &str) -> Event {
    let company: CompanyId = company.parse().unwrap();
    Event::Stopped { company, why: journal.keep(why.as_bytes()) }
}

#[test]
fn a_second_handle_sees_what_the_first_wrote_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Journal::open(folder.path()).unwrap();
    first.append(at(), &[opened(folder.path())]).unwrap();
    let mut second = Journal::open(folder.path()).unwrap();
    let event = stop(&mut second, "a", "asked us to");
    let entries = second.append(at(), &[event]).unwrap();
    assert_eq!(entries.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2]);

    let event = stop(&mut first, "b", "too");
    assert_eq!(first.append_if_current(at(), std::slice::from_ref(&event)).unwrap(), None);
    assert_eq!(first.news().unwrap().len(), 1);
    assert_eq!(first.append_if_current(at(), &[event]).unwrap().unwrap().len(), 1);
    assert_eq!(verify(&first, folder.path(), None).unwrap().damage, Vec::<String>::new());
}

#[test]
fn many_large_payloads_of_one_append_are_all_there_and_none_is_left_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    let large: Vec<Vec<u8>> = (0..50).map(|n| vec![n; INLINE_BYTES_MAX + 1 + usize::from(n)]).collect();
    let events = large.iter().map(|bytes| {
        let source: AccountId = "main".parse().unwrap();
        Event::SourceFailed { source, why: journal.keep(bytes.clone()) }
    });
    let events: Vec<Event> = std::iter::once(opened(folder.path())).chain(events).collect();
    journal.append(at(), &events).unwrap();
    let again = Journal::open(folder.path()).unwrap();
    for (event, bytes) in events[1..].iter().zip(large) {
        let Event::SourceFailed { why, .. } = event else { panic!("{event:?}") };
        assert_eq!(again.bytes(why).unwrap(), Some(bytes));
    }
    let found = verify(&again, folder.path(), None).unwrap();
    assert_eq!((found.payloads, found.damage), (50, Vec::<String>::new()));
    let files = evidence::files(again.evidence_folder()).unwrap();
    assert_eq!((files.len(), files.iter().any(evidence::Found::is_unfinished)), (50, false));
}

#[test]
fn payloads_come_back_small_and_large_and_go_with_a_purge_while_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    let large = vec![b'x'; INLINE_BYTES_MAX + 1];
    let source: AccountId = "main".parse().unwrap();
    let (small_one, large_one) = (journal.keep("perché?"), journal.keep(large.clone()));
    let event = Event::SourceFailed { source: source.clone(), why: small_one.clone() };
    let other = Event::SourceFailed { source, why: large_one.clone() };
    journal.append(at(), &[opened(folder.path()), event, other]).unwrap();
    let mut again = Journal::open(folder.path()).unwrap();
    assert_eq!(again.text(&small_one).unwrap().as_deref(), Some("perché?"));
    assert_eq!(again.bytes(&large_one).unwrap(), Some(large));
    assert_eq!(verify(&again, folder.path(), None).unwrap().payloads, 2);

    assert_eq!(again.purge(at()).unwrap(), 2);
    assert_eq!(again.text(&small_one).unwrap(), None);
    let found = verify(&again, folder.path(), None).unwrap();
    assert!(found.purged && found.damage.is_empty(), "{found:?}");
    let file = std::fs::read(folder.path().join("journal.db")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("perché?"));

    let event = stop(&mut again, "a", "no");
    again.append(at(), std::slice::from_ref(&event)).unwrap();
    let later = Journal::open(folder.path()).unwrap();
    let Event::Stopped { why, .. } = event else { panic!("{event:?}") };
    assert_eq!(later.text(&why).unwrap().as_deref(), Some("no"));
    assert_ne!(why.to_string(), chain::sha256_hex(b"no"), "what is kept after a purge is salted too");
    assert_eq!(verify(&later, folder.path(), None).unwrap().damage, Vec::<String>::new());
}

#[test]
fn accidents_and_deliberate_changes_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    let event = stop(&mut journal, "a", "first");
    journal.append(at(), &[opened(folder.path()), event]).unwrap();
    let published = hex::encode(journal.root().unwrap().1);
    let event = stop(&mut journal, "b", "second");
    journal.append(at(), &[event]).unwrap();
    let found = verify(&journal, folder.path(), Some(&published)).unwrap();
    assert_eq!((found.published_up_to, found.damage.len()), (Some(2), 0));

    let raw = Connection::open(folder.path().join("journal.db")).unwrap();
    assert!(raw.execute("DELETE FROM events", []).is_err(), "the journal is append-only");
    raw.execute_batch("DROP TRIGGER events_are_not_edited").unwrap();
    raw.execute("UPDATE events SET event = replace(event, '\"a\"', '\"c\"') WHERE seq = 2", []).unwrap();
    raw.execute("UPDATE payloads SET bytes = CAST('other' AS BLOB) WHERE bytes = CAST('second' AS BLOB)", []).unwrap();
    let found = verify(&journal, folder.path(), Some(&published)).unwrap();
    assert_eq!(found.damage.len(), 3, "the event, the published root, the payload: {:?}", found.damage);

    // Somebody who rewrites the whole chain is found by the published root alone.
    let folder = folder.path().join("forged");
    std::fs::create_dir(&folder).unwrap();
    let mut forged = Journal::open(&folder).unwrap();
    let event = stop(&mut forged, "c", "first");
    forged.append(at(), &[opened(&folder), event]).unwrap();
    assert!(verify(&forged, &folder, None).unwrap().damage.is_empty());
    assert!(!verify(&forged, &folder, Some(&published)).unwrap().damage.is_empty());
}
