//! Hops, circles and promises, told event by event.

use super::*;
use crate::model::answer::{Likely, Promise, Suggestions};
use crate::model::event::Event;
use crate::model::fixtures::{self, after, plan};
use Channel::{Email, Facebook, Phone};

fn seems_to_send(to: &[Destination]) -> Suggestions {
    Suggestions {
        adequacy: Some(Likely::by(80, Adequacy::Redirected)),
        sends_to: to.iter().map(|to| Likely::by(80, *to)).collect(),
        ..Suggestions::default()
    }
}

fn seems_to_promise(due: Option<&str>) -> Suggestions {
    Suggestions {
        adequacy: Some(Likely::by(80, Adequacy::Promised)),
        promise: Some(Likely::by(80, Promise { due: due.map(after) })),
        ..Suggestions::default()
    }
}

/// One company, asked by mail at the start.
struct Told(fixtures::Story);

impl Told {
    fn new() -> Self {
        Self(fixtures::Story::asked(Email))
    }

    fn replied(&mut self, at: &str, seems: Suggestions) -> InboundId {
        let id = InboundId(self.0.comes(InboundKind::Reply, Email, after(at)));
        self.0.tell(after(at), Event::Suggested { inbound: id, rules: 1, answer: seems });
        id
    }

    fn coded(&mut self, inbound: InboundId, adequacy: Adequacy) {
        self.0.tell(after("60d"), Event::Coded { inbound, rater: "anna".to_owned(), adequacy });
    }

    /// Its story, when all had been seen by then.
    fn story(&mut self, seen: &str) -> Story {
        self.0.covered(after(seen));
        stories(&self.0.plan, &self.0.state, after(seen)).next().unwrap()
    }
}

#[test]
fn a_redirection_to_the_channel_that_was_asked_goes_in_a_circle() {
    let mut told = Told::new();
    let to_phone = told.replied("1d", seems_to_send(&[Destination::Channel(Phone)]));
    let to_mail = told.replied("2d", seems_to_send(&[Destination::Channel(Email)]));
    let story = told.story("3d");
    let hops: Vec<_> = story.hops.iter().map(|h| (h.inbound, h.back, h.basis)).collect();
    assert_eq!(hops, [(to_phone, false, Basis::Suggested), (to_mail, true, Basis::Suggested)]);
    assert!(story.goes_in_a_circle(Basis::Suggested) && !story.goes_in_a_circle(Basis::Person));
    told.coded(to_phone, Adequacy::Redirected);
    told.coded(to_mail, Adequacy::Answered);
    let story = told.story("4d");
    let hops: Vec<_> = story.hops.iter().map(|h| (h.inbound, h.to, h.basis)).collect();
    assert_eq!(hops, [(to_phone, Some(Destination::Channel(Phone)), Basis::Person)], "who coded has the last word");
    assert_eq!((story.first_reply_after(), story.first_adequate_after()), (Some(86_400), Some(2 * 86_400)));
}

#[test]
fn a_reply_after_the_window_is_told_and_no_part_of_the_story() {
    let mut told = Told::new();
    let late = told.replied("31d", seems_to_send(&[Destination::Visit]));
    told.replied("40d", Suggestions::default());
    assert_eq!(told.story("30d").late_reply, None, "it had not come by then");
    let story = told.story("45d");
    assert_eq!((story.steps.len(), story.hops.len(), story.first_reply_after()), (0, 0, None));
    assert_eq!(story.late_reply, Some(LateReply { inbound: late, at: after("31d"), after: 31 * 86_400 }));
}

#[test]
fn being_sent_twice_to_the_same_place_leads_back_too() {
    let mut told = Told::new();
    told.replied("1d", seems_to_send(&[Destination::Visit]));
    told.replied("2d", seems_to_send(&[Destination::Visit]));
    assert_eq!(told.story("3d").hops.iter().map(|h| h.back).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_channel_asked_only_later_does_not_lead_back() {
    let plan = plan(&[Email, Facebook], |plan| {
        let company = plan.inquiries[0].company.clone();
        plan.inquiries[1].company = company;
    });
    let mut story = fixtures::Story::of(plan);
    story.sent(0, after("0s"));
    for at in ["1d", "9d"] {
        let inbound = InboundId(story.comes(InboundKind::Reply, Email, after(at)));
        let answer = seems_to_send(&[Destination::Channel(Facebook)]);
        story.tell(after(at), Event::Suggested { inbound, rules: 1, answer });
    }
    let inquiry = story.plan.inquiries[1].id.clone();
    let at = crate::model::time::Stamp::human(after("5d"));
    story.tell(after("5d"), Event::Recorded { inquiry, message: 0, act: Act::Sent, at, note: None });
    story.covered(after("10d"));
    let first = stories(&story.plan, &story.state, after("2d")).next().unwrap();
    assert_eq!(first.hops.iter().map(|h| h.back).collect::<Vec<_>>(), [false]);
    let all: Vec<_> = stories(&story.plan, &story.state, after("10d")).collect();
    assert_eq!(all[0].hops.iter().map(|h| h.back).collect::<Vec<_>>(), [false, true]);
    assert_eq!(story_of(&story.plan, &story.state, &story.plan.inquiries[0].id, after("10d")).as_ref(), Some(&all[0]));
}

#[test]
fn a_promise_is_kept_by_who_writes_again_in_time() {
    for (again, seen, fate) in [
        ("2d", "3d", Fate::Kept { at: after("2d"), basis: Basis::Suggested }),
        ("4d", "5d", Fate::Broken { basis: Basis::Suggested }),
    ] {
        let mut told = Told::new();
        told.replied("1d", seems_to_promise(Some("3d")));
        told.replied(again, Suggestions::default());
        assert_eq!(told.story(seen).promises.iter().map(|p| p.fate).collect::<Vec<_>>(), [fate]);
    }
}

#[test]
fn a_promise_is_open_until_its_time_has_been_seen_to_pass() {
    let mut told = Told::new();
    let inbound = told.replied("1d", seems_to_promise(Some("3d")));
    assert_eq!(told.story("3d").promises[0].fate, Fate::Open);
    let message = |told: &Told| told.0.state.inbound[&inbound].clone();
    let seems = |told: &Told, at| super::seems(&told.0.plan, &told.0.state, &message(told), after(at)).unwrap().0;
    assert_eq!(seems(&told, "3d"), Adequacy::Promised);
    assert_eq!(told.story("4d").promises[0].fate, Fate::Broken { basis: Basis::Suggested });
    assert_eq!(seems(&told, "4d"), Adequacy::PromiseBroken);
    assert_eq!(message(&told).adequacy(), None, "nothing is coded by itself");
}

#[test]
fn a_promise_without_a_time_has_the_window() {
    let mut told = Told::new();
    told.replied("1d", seems_to_promise(None));
    assert_eq!(told.story("27d").promises[0].fate, Fate::Open);
    assert_eq!(told.story("28d").promises[0].fate, Fate::Broken { basis: Basis::Suggested });
}

#[test]
fn a_person_s_word_overrules_and_is_about_the_last_promise_before_it() {
    let mut told = Told::new();
    told.replied("1d", seems_to_promise(Some("2d")));
    told.0.acts(0, Act::Kept, after("5d"));
    told.replied("6d", seems_to_promise(Some("20d")));
    told.0.acts(0, Act::Broken, after("7d"));
    let fates: Vec<_> = told.story("8d").promises.iter().map(|p| p.fate).collect();
    let person = Basis::Person;
    assert_eq!(fates, [Fate::Kept { at: after("5d"), basis: person }, Fate::Broken { basis: person }]);
}

#[test]
fn what_comes_after_the_window_is_not_in_the_story() {
    let mut told = Told::new();
    told.replied("29d", seems_to_send(&[Destination::Visit]));
    let story = told.story("30d");
    assert!(story.steps.is_empty() && story.hops.is_empty());
}
