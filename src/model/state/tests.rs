//! Whatever a journal holds, the fold says what does not fit, and never panics.

use super::*;
use crate::model::channel::Channel;
use crate::model::event::Adequacy;
use crate::model::fixtures::*;
use crate::model::inbound::InboundKind;
use crate::model::outcome::Outcome;

fn refused(story: &mut Story, event: Event) -> String {
    story.try_tell(start(), event).unwrap_err().why
}

/// A wave in which a bit of everything happens.
fn events(plan: &Plan) -> Vec<Event> {
    let inquiry = plan.inquiries[0].id.clone();
    let tie = |kind| taken_for(kind, plan, Some(0));
    vec![
        started(attempt(plan, 0, 0, 1)),
        ended(attempt(plan, 0, 0, 1), Outcome::Deferred(failure())),
        started(attempt(plan, 0, 0, 2)),
        Event::Settled {
            attempt: attempt(plan, 0, 0, 2),
            left: true,
            why: payload(),
            proof: Proof::Person,
            receipt: None,
        },
        stored(1, Channel::Email, after("1h")),
        interpreted(1, tie(InboundKind::Acknowledgement), None),
        covered("posta", after("2h")),
        Event::AccountPaused { account: account("posta"), why: payload() },
        Event::AccountResumed { account: account("posta") },
        started(attempt(plan, 0, 1, 1)),
        ended(attempt(plan, 0, 1, 1), accepted(after("7d"))),
        stored(2, Channel::Email, after("8d")),
        interpreted(2, tie(InboundKind::Reply), None),
        Event::Reviewed { inbound: InboundId(2), interpretation: tie(InboundKind::Reply) },
        Event::Coded { inbound: InboundId(2), rater: "anna".to_owned(), adequacy: Adequacy::Answered },
        Event::Recorded { inquiry: inquiry.clone(), message: 0, act: Act::Seen, at: Stamp::human(start()), note: None },
        Event::Skipped { inquiry, message: 1, reason: SkipReason::Answered },
        Event::Stopped { company: plan.inquiries[0].company.clone(), why: payload() },
        Event::SourceFailed { source: account("posta"), why: payload() },
        Event::Purged { payloads: 1 },
    ]
}

/// Folds as far as it fits.
fn folded(plan: &Plan, events: &[Event]) -> Result<WaveState, FoldError> {
    let entries = (1..).zip(events).map(|(seq, event)| Entry { seq, at: start(), event: event.clone() });
    WaveState::fold(plan, &entries.collect::<Vec<_>>())
}

#[test]
fn events_out_of_order_are_refused_and_nothing_panics() {
    let plan = plan(&[Channel::Email], |_| ());
    let events = events(&plan);
    assert!(folded(&plan, &events).is_ok());
    let mut refusals = 0;
    for i in 0..events.len() {
        let mut shorter = events.clone();
        shorter.remove(i);
        let mut turned = events.clone();
        turned.rotate_left(i);
        let mut doubled = events.clone();
        doubled.insert(i, events[i].clone());
        let mut swapped = events.clone();
        swapped.swap(i, (i * 7 + 3) % events.len());
        for disorder in [shorter, turned, doubled, swapped] {
            refusals += u32::from(folded(&plan, &disorder).is_err());
        }
    }
    assert!(refusals > 30, "only {refusals} of 80 disorders were noticed");
}

#[test]
fn a_number_that_is_missing_or_repeated_is_refused() {
    let plan = plan(&[Channel::Email], |_| ());
    let entry = |seq| Entry { seq, at: start(), event: Event::Purged { payloads: 0 } };
    for (numbers, wrong) in [(vec![2], 2), (vec![1, 1], 1), (vec![1, 3], 3), (vec![0], 0)] {
        let entries: Vec<_> = numbers.into_iter().map(entry).collect();
        assert_eq!(WaveState::fold(&plan, &entries).unwrap_err().seq, wrong);
    }
}

#[test]
fn an_attempt_ends_once_and_only_after_it_began() {
    let mut story = Story::on(&[Channel::Email]);
    let first = attempt(&story.plan, 0, 0, 1);
    assert!(refused(&mut story, ended(first.clone(), accepted(start()))).contains("never started"));
    story.starts(0, start());
    assert!(refused(&mut story, started(first.clone())).contains("out of order"));
    story.tell(start(), ended(first.clone(), Outcome::InDoubt(failure())));
    assert!(refused(&mut story, ended(first, accepted(start()))).contains("ended twice"));
}

#[test]
fn what_the_plan_does_not_have_is_refused() {
    let mut story = Story::on(&[Channel::Email]);
    let stranger = AttemptRef { inquiry: "nobody.email.q.1".into(), message: 0, attempt: 1 };
    let no_such_message = AttemptRef { message: 9, ..attempt(&story.plan, 0, 0, 1) };
    let no_such_attempt = AttemptRef { attempt: 0, ..attempt(&story.plan, 0, 0, 1) };
    assert!(refused(&mut story, started(stranger)).contains("no inquiry"));
    assert!(refused(&mut story, started(no_such_message)).contains("no message 9"));
    assert!(refused(&mut story, ended(no_such_attempt, accepted(start()))).contains("never started"));
    let unrelated = taken_for(InboundKind::Unrelated, &story.plan, None);
    assert!(refused(&mut story, interpreted(7, unrelated, None)).contains("no inbound message"));
    story.tell(start(), stored(1, Channel::Email, start()));
    assert!(refused(&mut story, stored(1, Channel::Email, start())).contains("stored twice"));
}

#[test]
fn a_refused_event_leaves_its_number_free() {
    let mut story = Story::on(&[Channel::Email]);
    assert!(story.try_tell(start(), interpreted(7, taken_for(InboundKind::Reply, &story.plan, None), None)).is_err());
    story.starts(0, start());
    assert_eq!(story.state.last_seq, 1);
}

#[test]
fn a_persons_reading_holds_against_a_machines() {
    let mut story = Story::on(&[Channel::Email, Channel::Email]);
    let number = story.comes(InboundKind::Reply, Channel::Email, after("1d"));
    let by_person = taken_for(InboundKind::Acknowledgement, &story.plan, Some(1));
    story.tell(after("2d"), Event::Reviewed { inbound: InboundId(number), interpretation: by_person });
    let by_machine = taken_for(InboundKind::Reply, &story.plan, Some(0));
    story.tell(after("3d"), interpreted(number, by_machine, None));
    let held: Vec<usize> = story.state.inquiries.iter().map(|i| i.inbound.len()).collect();
    assert_eq!((held, story.state.inbound[&InboundId(number)].kind), (vec![0, 1], Some(InboundKind::Acknowledgement)));
}

#[test]
fn where_only_persons_look_their_last_word_is_what_is_covered() {
    let mut story = Story::asked(Channel::Facebook);
    story.acts(0, Act::Checked, after("5d"));
    assert_eq!(story.state.last_coverage(), Some(after("5d")));
    story.covered(after("2d"));
    assert_eq!(story.state.last_coverage(), Some(after("5d")));
    story.covered(after("6d"));
    assert_eq!(story.state.last_coverage(), Some(after("6d")));
}

#[test]
fn a_success_clears_the_failures_of_its_own_account_alone() {
    let mut story = Story::on(&[Channel::Email, Channel::Mastodon]);
    for id in ["posta", "sociale"] {
        story.tell(start(), Event::AccountPaused { account: account(id), why: payload() });
    }
    story.tried(0, start(), accepted(start()));
    let left: Vec<&str> = story.state.failures.keys().map(AccountId::as_str).collect();
    assert_eq!(left, ["sociale"], "our mail works: that says nothing of the other account");
}

#[test]
fn coverage_that_a_wrong_clock_claimed_is_taken_back() {
    let mut story = Story::asked(Channel::Email);
    story.covered(after("40d"));
    story.tell(after("2d"), covered("posta", after("2d")));
    assert_eq!(story.state.sources[&account("posta")].through, Some(after("2d")));
    let set_back = SetBack { from: after("40d"), to: after("2d") };
    assert_eq!(story.state.set_back, Some(set_back));
}

#[test]
fn most_raters_decide_or_the_worse_of_as_many_and_a_decision_before_all() {
    let mut story = Story::asked(Channel::Email);
    let inbound = InboundId(story.comes(InboundKind::Reply, Channel::Email, after("1d")));
    let coded = |story: &mut Story, rater: &str, adequacy| {
        story.tell(after("2d"), Event::Coded { inbound, rater: rater.to_owned(), adequacy });
        let message = &story.state.inbound[&inbound];
        (message.adequacy(), message.is_disputed("adequacy"))
    };
    let (best, worse) = (Adequacy::Answered, Adequacy::Partial);
    assert_eq!(coded(&mut story, "anna", worse), (Some(worse), false));
    assert_eq!(coded(&mut story, "bea", best), (Some(worse), true), "whoever spoke last");
    assert_eq!(coded(&mut story, "cleo", best), (Some(best), true));
    story.tell(after("2d"), Event::Withdrawn { inbound, rater: "cleo".to_owned() });
    assert_eq!(coded(&mut story, "anna", best), (Some(best), false), "the latest of each");
    let (item, value) = ("adequacy".to_owned(), "canned".to_owned());
    story.tell(after("3d"), Event::Adjudicated { inbound, item, value, by: "dora".to_owned(), why: payload() });
    assert_eq!(coded(&mut story, "bea", worse), (Some(Adequacy::Canned), false));
}
