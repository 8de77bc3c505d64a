//! What happens next to an inquiry, in each state that its delivery can be in.

use super::*;
use crate::model::channel::Channel;
use crate::model::event::{Act, Event, Proof};
use crate::model::fixtures::*;
use crate::model::outcome::Outcome;
use crate::model::time::Stamp;
use Channel::{Email, Facebook, WebForm};

const OFFICE: &str = "Mo-Fr 09:00-17:00";

fn next(story: &Story, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Step)> {
    next_step(&story.plan, &story.state, &SendWindows::new(&story.plan).unwrap(), 0, now)
}

/// Messages leave in office hours in Rome, an hour ahead of UTC; the start is a Monday at ten there.
fn in_office_hours(channel: Channel, late: Late) -> Story {
    Story::of(plan(&[channel], |plan| {
        plan.study.design.send = OFFICE.to_owned();
        plan.study.rules.late = late;
    }))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn send(message: u32, due: DateTime<Utc>) -> Step {
    Step::Send { message, due }
}

fn skip(message: u32, reason: SkipReason) -> Step {
    Step::Skip { message, reason }
}

/// Whether anything leaves, or is given up, at some hour of the next sixty days.
fn steps_of_sixty_days(story: &Story) -> Vec<Step> {
    let hours = (0..60 * 24).map(|hours| start() + TimeDelta::hours(hours));
    hours.filter_map(|now| next(story, now)).map(|(_, step)| step).filter(|step| *step != Step::Close).collect()
}

#[test]
fn the_first_message_leaves_when_it_is_due() {
    let story = in_office_hours(Email, Late::Send);
    let expected = Some((start(), send(0, start())));
    assert_eq!(next(&story, start() - TimeDelta::days(3)), expected);
    assert_eq!(next(&story, start()), expected);
}

#[test]
fn what_became_overdue_is_sent_in_the_next_send_window_or_skipped() {
    let (still, after_hours, morning) =
        (at("2026-03-02T15:59:59Z"), at("2026-03-02T16:00:00Z"), at("2026-03-03T08:00:00Z"));
    for late in [Late::Send, Late::Skip] {
        let story = in_office_hours(Email, late);
        assert_eq!(next(&story, still), Some((still, send(0, start()))), "its own window is still open");
    }
    assert_eq!(next(&in_office_hours(Email, Late::Send), after_hours), Some((morning, send(0, start()))));
    assert_eq!(next(&in_office_hours(Email, Late::Skip), after_hours), Some((after_hours, skip(0, SkipReason::Late))));
}

#[test]
fn tries_are_repeated_with_growing_waits_in_the_send_window_until_they_are_used_up() {
    let mut story = in_office_hours(Email, Late::Skip);
    let mut now = start();
    let mut waits = Vec::new();
    for _ in 0..2 {
        story.tried(0, now, Outcome::Deferred(failure()));
        let (again, step) = next(&story, now).unwrap();
        assert_eq!(step, send(0, start()));
        waits.push((again - now).num_minutes());
        now = again;
    }
    assert!((12..=18).contains(&waits[0]) && (24..=36).contains(&waits[1]), "{waits:?}");
    story.tried(0, now, Outcome::Deferred(failure()));
    assert_eq!(next(&story, now), None, "three tries are all that the study allows");
}

#[test]
fn the_wait_that_the_other_side_asks_for_is_kept() {
    let mut story = in_office_hours(Email, Late::Send);
    story.tried(0, start(), Outcome::Deferred(failure().with_retry_after(Some(20 * 3_600))));
    // Twenty hours after ten in the morning it is six: the office opens at nine.
    assert_eq!(next(&story, start()), Some((at("2026-03-03T08:00:00Z"), send(0, start()))));
    story.tried(0, at("2026-03-03T08:00:00Z"), Outcome::Deferred(failure().with_retry_after(Some(3 * 3_600))));
    assert_eq!(next(&story, at("2026-03-03T08:00:00Z")), Some((at("2026-03-03T11:00:00Z"), send(0, start()))));
}

#[test]
fn a_message_that_was_tried_in_time_is_not_late() {
    let mut story = in_office_hours(Email, Late::Skip);
    story.tried(0, at("2026-03-02T15:55:00Z"), Outcome::Deferred(failure()));
    let (again, step) = next(&story, at("2026-03-02T20:00:00Z")).unwrap();
    assert_eq!((again, step), (at("2026-03-03T08:00:00Z"), send(0, start())));
}

#[test]
fn our_accounts_faults_use_no_try() {
    let mut story = in_office_hours(Email, Late::Skip);
    for _ in 0..10 {
        story.tried(0, start(), account_failed());
    }
    assert_eq!(next(&story, start()), Some((start(), send(0, start()))));
}

#[test]
fn what_may_have_left_is_watched_and_never_sent_again() {
    let held = Outcome::Held { at: Stamp::server(start()), failure: failure() };
    for outcome in [None, Some(Outcome::InDoubt(failure())), Some(held)] {
        let mut story = in_office_hours(Email, Late::Skip);
        match &outcome {
            None => story.starts(0, start()),
            Some(outcome) => story.tried(0, start(), outcome.clone()),
        }
        assert_eq!(steps_of_sixty_days(&story), [], "{outcome:?}");
        assert_eq!(next(&story, start()), Some((after("28d"), Step::Close)), "what comes back would prove it");
        story.covered(after("28d"));
        assert_eq!(next(&story, after("28d")), None);
    }
}

#[test]
fn what_is_settled_as_never_left_is_sent_and_what_had_left_is_not() {
    for left in [true, false] {
        let mut story = in_office_hours(Email, Late::Skip);
        story.starts(0, start());
        let attempt = attempt(&story.plan, 0, 0, 1);
        story.tell(after("1h"), Event::Settled { attempt, left, why: payload(), proof: Proof::Person, receipt: None });
        let first = next(&story, after("1h")).map(|(_, step)| step);
        assert_eq!(first == Some(send(0, start())), !left, "{first:?}");
    }
}

#[test]
fn what_was_refused_for_good_is_over() {
    let mut story = in_office_hours(Email, Late::Send);
    story.tried(0, start(), Outcome::Rejected(failure()));
    assert_eq!(steps_of_sixty_days(&story), []);
}

#[test]
fn a_blocked_form_waits_for_a_person_as_long_as_the_window() {
    let mut story = in_office_hours(WebForm, Late::Send);
    story.tried(0, start(), Outcome::Blocked(failure()));
    assert_eq!(next(&story, after("1d")), Some((after("28d"), Step::Ask)));
    assert_eq!(next(&story, after("28d")), Some((after("28d"), skip(0, SkipReason::NotDone))));
}

#[test]
fn an_assisted_message_waits_for_a_person() {
    let story = in_office_hours(Facebook, Late::Skip);
    assert_eq!(next(&story, start() - SECOND), Some((start(), Step::Ask)));
    assert_eq!(next(&story, after("2d")), Some((after("28d"), Step::Ask)), "a person is never too late by the hour");
    assert_eq!(next(&story, after("28d")), Some((after("28d"), skip(0, SkipReason::NotDone))));
}

#[test]
fn a_company_that_wants_no_message_gets_none() {
    for channel in [Email, WebForm, Facebook] {
        let mut story = in_office_hours(channel, Late::Send);
        story.stopped(start() - SECOND);
        assert_eq!(steps_of_sixty_days(&story), []);
    }
}

#[test]
fn a_reminder_goes_to_the_silent_in_the_send_window() {
    let mut story = in_office_hours(Email, Late::Send);
    // Monday at ten; a week and eight hours later it is past five.
    let Due::AfterFirstAccepted(wait) = &mut story.plan.inquiries[0].messages[1].due else { panic!() };
    *wait = "176h".parse().unwrap();
    story.sent(0, start());
    let morning = at("2026-03-10T08:00:00Z");
    assert_eq!(next(&story, after("1d")), Some((morning, send(1, morning))));
    story.comes(InboundKind::Acknowledgement, Email, after("1d"));
    assert_eq!(next(&story, after("1d")), Some((morning, send(1, morning))), "a machine's word is no answer");
}

#[test]
fn nobody_is_reminded_who_has_answered_or_bounced_or_asked_for_peace() {
    let ends = Some((after("28d"), Step::Close));
    for kind in [InboundKind::Reply, InboundKind::BotReply, InboundKind::Bounce] {
        let mut story = in_office_hours(Email, Late::Send);
        story.sent(0, start());
        story.comes(kind, Email, after("1d"));
        assert_eq!(next(&story, after("7d")), ends, "{kind:?}");
    }
    let mut stopped = in_office_hours(Email, Late::Send);
    stopped.sent(0, start());
    stopped.stopped(after("1d"));
    assert_eq!(next(&stopped, after("7d")), ends);
}

#[test]
fn a_reminder_comes_within_the_window_or_not_at_all() {
    for (wait, comes) in [("27d", true), ("28d", false), ("40d", false)] {
        let mut story = Story::asked(Email);
        story.plan.inquiries[0].messages[1].due = Due::AfterFirstAccepted(wait.parse().unwrap());
        let step = next(&story, after("1d")).map(|(_, step)| step);
        assert_eq!(step == Some(send(1, after(wait))), comes, "{wait}: {step:?}");
    }
    let story = Story::asked(Email);
    assert_eq!(next(&story, after("28d")), Some((after("28d"), Step::Close)));
}

#[test]
fn a_reminder_that_broke_off_is_not_sent_again() {
    for outcome in [Outcome::InDoubt(failure()), Outcome::Rejected(failure())] {
        let mut story = Story::asked(Email);
        story.tried(1, after("7d"), outcome);
        assert_eq!(steps_of_sixty_days(&story), []);
    }
}

#[test]
fn a_window_is_closed_only_by_coverage() {
    let mut story = Story::asked(Email);
    story.sent(1, after("7d"));
    story.covered(after("28d") - SECOND);
    assert_eq!(next(&story, after("90d")), Some((after("28d"), Step::Close)));
    story.covered(after("28d"));
    assert_eq!(next(&story, after("90d")), None);
}

#[test]
fn a_person_is_asked_to_look_at_each_threshold_and_at_the_end() {
    let mut story = Story::on(&[Facebook]);
    story.plan.study.thresholds = ["2h", "7d", "28d"].map(|span| span.parse().unwrap()).to_vec();
    story.plan.inquiries[0].messages.truncate(1);
    story.sent(0, start());
    let mut looks = Vec::new();
    let mut now = start();
    while let Some((at, Step::Ask)) = next(&story, now) {
        looks.push(at);
        now = at;
        story.acts(0, Act::Checked, at);
    }
    assert_eq!(looks, ["2h", "7d", "28d"].map(after));
    assert_eq!(next(&story, now), None);
}

#[test]
fn waits_grow_and_stay_bounded() {
    let minutes: Vec<i64> = (1..12).map(|n| retry_wait(n, "a").num_minutes()).collect();
    assert!((12..=18).contains(&minutes[0]), "{minutes:?}");
    assert!(minutes.iter().all(|m| *m <= RETRY_MINUTES_MAX * 6 / 5), "{minutes:?}");
    assert!(retry_wait(200, "a").num_minutes() <= RETRY_MINUTES_MAX * 6 / 5);
}

#[test]
fn an_inquiry_stands_once_on_the_agenda() {
    let at = |s: &str| s.parse::<DateTime<Utc>>().unwrap();
    let mut agenda = Agenda::default();
    agenda.set(3, Some(at("2026-01-01T10:00:00Z")));
    agenda.set(3, Some(at("2026-01-01T09:00:00Z")));
    assert_eq!(agenda.pop(at("2026-01-01T08:59:59Z")), None);
    assert_eq!(agenda.pop(at("2026-01-01T09:00:00Z")), Some(3));
    assert_eq!(agenda.first(), None);
}
