//! What a person is asked to do, and for how long.

use super::*;
use crate::model::answer::{Likely, Suggestions};
use crate::model::channel::Channel;
use crate::model::event::Event;
use crate::model::fixtures::*;
use crate::model::ids::InboundId;
use crate::model::inbound::InboundKind;
use crate::model::outcome::Outcome;
use crate::model::study::Question;
use Channel::{Email, Facebook, WebForm};

fn tasks(story: &Story, now: DateTime<Utc>) -> Vec<Task> {
    open_tasks(&story.plan, &story.state, &SendWindows::new(&story.plan).unwrap(), now)
}

fn send(story: &Story, message: u32, due: DateTime<Utc>) -> Task {
    Task::Send { inquiry: story.plan.inquiries[0].id.clone(), message, due }
}

fn check(story: &Story, due: DateTime<Utc>) -> Task {
    Task::Check { inquiry: story.plan.inquiries[0].id.clone(), due }
}

#[test]
fn an_assisted_message_is_a_task_from_its_moment_to_the_end_of_its_window() {
    let story = Story::on(&[Facebook]);
    assert_eq!(tasks(&story, start() - SECOND), []);
    assert_eq!(tasks(&story, start()), [send(&story, 0, start())]);
    assert_eq!(tasks(&story, after("28d") - SECOND), [send(&story, 0, start())]);
    assert_eq!(tasks(&story, after("28d")), []);
}

#[test]
fn only_a_blocked_message_of_a_machine_is_a_persons_task() {
    for (outcome, is_task) in [
        (Outcome::Blocked(failure()), true),
        (Outcome::Deferred(failure()), false),
        (Outcome::InDoubt(failure()), false),
        (Outcome::Rejected(failure()), false),
        (account_failed(), false),
    ] {
        let mut story = Story::on(&[WebForm]);
        story.tried(0, start(), outcome.clone());
        assert_eq!(tasks(&story, after("1d")) == [send(&story, 0, start())], is_task, "{outcome:?}");
    }
    assert_eq!(tasks(&Story::on(&[Email]), after("1d")), []);
}

#[test]
fn nobody_is_asked_to_write_to_who_wants_peace() {
    let mut story = Story::on(&[Facebook]);
    story.stopped(start() - SECOND);
    assert_eq!(tasks(&story, after("1d")), []);
    let mut later = Story::asked(Facebook);
    later.stopped(after("1d"));
    assert_eq!(tasks(&later, after("8d")), [], "no reminder either");
}

#[test]
fn a_look_is_due_at_each_threshold_until_somebody_looked() {
    let mut story = Story::asked(Facebook);
    story.plan.study.thresholds = ["2h", "40d"].map(|span| span.parse().unwrap()).to_vec();
    assert_eq!(tasks(&story, after("2h") - SECOND), []);
    assert_eq!(tasks(&story, after("3h")), [check(&story, after("2h"))]);
    story.acts(0, Act::Checked, after("2h") - SECOND);
    assert_eq!(tasks(&story, after("3h")), [check(&story, after("2h"))], "a look before the threshold says too little");
    story.acts(0, Act::Checked, after("3h"));
    assert_eq!(tasks(&story, after("3h")), []);
    assert_eq!(tasks(&story, after("50d")), [check(&story, after("28d"))], "no threshold after the window");
}

#[test]
fn a_reminder_by_hand_follows_the_same_rule_as_a_machines() {
    let mut story = Story::asked(Facebook);
    assert_eq!(tasks(&story, after("7d") - SECOND), []);
    assert_eq!(tasks(&story, after("7d")), [send(&story, 1, after("7d"))]);
    story.comes(InboundKind::Acknowledgement, Facebook, after("1d"));
    assert_eq!(tasks(&story, after("7d")), [send(&story, 1, after("7d"))], "a machine's word is no answer");
    story.comes(InboundKind::Reply, Facebook, after("2d"));
    assert_eq!(tasks(&story, after("7d")), []);
}

#[test]
fn what_is_due_first_stands_first() {
    let mut story = Story::on(&[Facebook, Facebook]);
    story.plan.inquiries[0].messages[0].due = Due::At(after("2h"));
    let due: Vec<_> = tasks(&story, after("3h")).iter().map(Task::due).collect();
    assert_eq!(due, [start(), after("2h")]);
}

#[test]
fn a_reminder_by_hand_waits_for_the_send_window() {
    let mut story = Story::on(&[Facebook]);
    story.plan.study.design.send = "Mo-Fr 09:00-17:00".to_owned();
    // Asked on Monday at six in the evening in Rome; a week later at six the office is closed.
    story.sent(0, after("7h"));
    let morning = after("7d") + chrono::TimeDelta::hours(23);
    assert_eq!(tasks(&story, morning - SECOND), []);
    assert_eq!(tasks(&story, morning), [send(&story, 1, morning)]);
}

/// A question that may be answered back, asked by mail and replied to with a mark.
fn replied_with(mark: Mark, change: impl FnOnce(&mut Plan)) -> Story {
    let mut story = Story::of(plan(&[Email], |plan| {
        plan.study.questions = vec![Question {
            id: plan.inquiries[0].question.clone(),
            intent: None,
            subject: String::new(),
            wordings: Vec::new(),
            answer_has: Vec::new(),
            if_asked_back: Some("Circa 80 mq.".to_owned()),
            reminder: None,
        }];
        change(plan);
    }));
    story.sent(0, start());
    let inbound = InboundId(story.comes(InboundKind::Reply, Email, after("1d")));
    let answer = Suggestions { marks: vec![Likely::by(80, mark)], ..Suggestions::default() };
    story.tell(after("1d"), Event::Suggested { inbound, rules: 1, answer });
    story
}

fn rated(story: &mut Story, item: &str, value: &str) {
    let items = [(item.to_owned(), value.to_owned())].into();
    story.tell(after("1d"), Event::Rated { inbound: InboundId(1), rater: "anna".to_owned(), items });
}

#[test]
fn what_is_asked_back_is_answered_once_within_the_window_and_the_burden() {
    let mut story = replied_with(Mark::AsksBack, |_| ());
    let inquiry = story.plan.inquiries[0].id.clone();
    let task = Task::AnswerBack { inquiry, inbound: InboundId(1), due: after("1d") };
    assert_eq!(tasks(&story, after("2d")), [task]);
    assert_eq!(tasks(&story, after("28d")), [], "too late to matter");
    let capped = replied_with(Mark::AsksBack, |plan| plan.study.conduct.max_messages_per_company = 1);
    assert_eq!(tasks(&capped, after("2d")), []);
    story.acts(0, Act::AnsweredBack, after("2d"));
    assert_eq!(tasks(&story, after("3d")), []);
}

#[test]
fn who_coded_the_reply_has_the_last_word_on_what_it_asks_for() {
    let mut story = replied_with(Mark::AsksBack, |_| ());
    rated(&mut story, "asks_back", "no");
    assert_eq!(tasks(&story, after("2d")), []);
    rated(&mut story, "leave_alone", "yes");
    let inquiry = story.plan.inquiries[0].id.clone();
    assert_eq!(tasks(&story, after("2d")), [Task::LeaveAlone { inquiry, inbound: InboundId(1), due: after("1d") }]);
    story.stopped(after("3d"));
    assert_eq!(tasks(&story, after("4d")), []);
}
