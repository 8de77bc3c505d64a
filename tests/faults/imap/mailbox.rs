//! What people and servers do to a mailbox between two looks, or in the midst of one.

use super::asked::{Asked, LONG, Told, check, letter};
use crate::support::imap_faults::State;
use crate::support::little_plan::after_hours;
use risposta::model::observation::Observation;
use risposta::sources::Trouble;

/// A hook that moves all of INBOX, and a mailbox in which it strikes in the midst of a look.
async fn moved(while_looking: Option<&'static str>, to: &'static str) -> Told {
    let asked = Asked::begin().await?;
    asked.server.state().add_folder("Archive", "\\Archive", 9);
    let looks = asked.look(after_hours(1), LONG).await?;
    check(looks.iter().all(Result::is_ok), || format!("{looks:?}"))?;
    asked.replies_come();
    match while_looking {
        None => asked.server.state().move_all("INBOX", to),
        Some(command) => {
            asked.server.state().after = Some((command, Box::new(move |s: &mut State| s.move_all("INBOX", to))));
        }
    }
    let looks = asked.look(after_hours(3), LONG).await?;
    asked.all_is_well(&looks, after_hours(3))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_moved_between_two_looks_or_in_the_midst_of_one_counts_once() {
    let mut failed = Vec::new();
    let moments = [
        None,
        Some("EXAMINE \"INBOX\""),
        Some("UID SEARCH"),
        Some("UID FETCH 1,2 (UID RFC822"),
        Some("UID FETCH 1,2 (UID BODY"),
        Some("EXAMINE \"Junk\""),
        Some("EXAMINE \"Archive\""),
    ];
    for to in ["Junk", "Archive"] {
        for moment in moments {
            if let Err(why) = moved(moment, to).await {
                failed.push(format!("to {to}, after {moment:?}: {why}"));
            }
        }
    }
    println!("faults imap moves: {} cells, {} failed", 2 * moments.len(), failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What happens to a mailbox, and what may be said afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Everything is known.
    Whole,
    /// The time since the last look is a gap.
    Gap,
}

type Happening = (&'static str, fn(&mut State), Then);

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_mailbox_is_a_gap_only_where_mail_may_be_lost() {
    let happenings: [Happening; 9] = [
        ("emptied of what was read", |s| s.folders.get_mut("INBOX").unwrap().mails.clear(), Then::Whole),
        (
            "a new mail deleted for good before the look",
            |s| {
                s.deliver("INBOX", after_hours(4), &letter(0, 2));
                s.folders.get_mut("INBOX").unwrap().mails.clear();
            },
            Then::Gap,
        ),
        (
            "a new mail in the spam folder deleted before the look",
            |s| {
                s.deliver("Junk", after_hours(4), &letter(0, 2));
                s.folders.get_mut("Junk").unwrap().mails.clear();
            },
            Then::Gap,
        ),
        ("numbered afresh", |s| renumber(s, 70), Then::Whole),
        (
            "made anew, empty",
            |s| {
                s.folders.get_mut("INBOX").unwrap().mails.clear();
                renumber(s, 70);
            },
            Then::Gap,
        ),
        ("restored from a copy of this morning", |s| renumber(s, 7), Then::Gap),
        (
            "the spam folder renamed",
            |s| {
                let junk = s.folders.remove("Junk").unwrap();
                s.folders.insert("Spam 2".to_owned(), junk);
            },
            Then::Whole,
        ),
        (
            "the spam folder removed",
            |s| {
                s.folders.remove("Junk");
            },
            Then::Gap,
        ),
        (
            "delivered a second time, by another way",
            |s| {
                s.deliver("INBOX", after_hours(4), &letter(0, 2));
                s.deliver("Junk", after_hours(4), &letter(1, 1));
            },
            Then::Whole,
        ),
    ];
    let mut failed = Vec::new();
    for (name, happens, then) in happenings {
        if let Err(why) = happening(happens, then).await {
            failed.push(format!("{name}: {why}"));
        }
    }
    println!("faults imap mailbox: {} cells, {} failed", happenings.len(), failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Gives all mails of INBOX new numbers from 1.
fn renumber(state: &mut State, uid_validity: u32) {
    let inbox = state.folders.get_mut("INBOX").unwrap();
    inbox.uid_validity = uid_validity;
    inbox.uid_next = 1;
    for mail in &mut inbox.mails {
        mail.0 = inbox.uid_next;
        inbox.uid_next += 1;
    }
    // Fewer numbers than were given out before.
    if uid_validity == 7 {
        inbox.mails.truncate(1);
        inbox.uid_next = 2;
    }
}

async fn happening(happens: fn(&mut State), then: Then) -> Told {
    let asked = Asked::begin().await?;
    asked.replies_come();
    let looks = asked.look(after_hours(3), LONG).await?;
    asked.all_is_well(&looks, after_hours(3))?;
    happens(&mut asked.server.state());
    let looks = asked.look(after_hours(5), LONG).await?;
    if then == Then::Whole {
        return asked.all_is_well(&looks, after_hours(5));
    }
    check(looks.iter().all(Result::is_ok), || format!("{looks:?}"))?;
    let wave = asked.wave();
    let source = &wave.state().sources[&asked.plan.study.mailboxes[0].id];
    let gaps: Vec<_> = source.gaps.iter().map(|gap| (gap.since, gap.until)).collect();
    check(gaps == [(after_hours(3), after_hours(5))], || format!("{gaps:?}"))?;
    check(source.through == Some(after_hours(5)), || format!("{source:?}"))?;
    let answered = asked.observations(&wave);
    check(answered.iter().all(|o| matches!(o, Observation::Answered { .. })), || format!("{answered:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_asked_before_a_gap_is_censored_there_and_the_wave_ends() {
    let asked = Asked::begin().await.unwrap();
    {
        let mut state = asked.server.state();
        state.deliver("INBOX", after_hours(24), &letter(0, 1));
        state.folders.get_mut("INBOX").unwrap().mails.clear();
    }
    let looks = asked.look(after_hours(48), LONG).await.unwrap();
    assert!(looks.iter().all(Result::is_ok), "{looks:?}");
    let observed = asked.observations(&asked.wave());
    assert_eq!(
        observed,
        [Observation::Censored { observed_for: 0 }; 3],
        "the last covered moment is when they were asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mailbox_is_read_and_not_covered_and_leaves_a_gap() {
    let asked = Asked::begin().await.unwrap();
    asked.replies_come();
    asked.server.state().full = true;
    let looks = asked.look(after_hours(3), LONG).await.unwrap();
    assert_eq!(looks.last(), Some(&Err(Trouble::OverQuota)), "{looks:?}");
    let wave = asked.wave();
    let source = &wave.state().sources[&asked.plan.study.mailboxes[0].id];
    assert_eq!((wave.state().inbound.len(), source.through), (3, Some(after_hours(0))));
    let words = wave.journal().text(source.failed.as_ref().unwrap()).unwrap().unwrap();
    assert!(words.contains("is full") && words.contains("Raise its quota"), "{words}");

    asked.server.state().full = false;
    let looks = asked.look(after_hours(5), LONG).await.unwrap();
    assert!(looks.iter().all(Result::is_ok), "{looks:?}");
    let wave = asked.wave();
    let source = &wave.state().sources[&asked.plan.study.mailboxes[0].id];
    let gaps: Vec<_> = source.gaps.iter().map(|gap| (gap.since, gap.until)).collect();
    assert_eq!(gaps, [(after_hours(0), after_hours(5))]);
}
