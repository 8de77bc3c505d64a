//! What an inquiry comes to, row by row of the table of final states.

use super::*;
use crate::model::event::{Act, Event, Proof};
use crate::model::fixtures::*;
use crate::model::ids::InboundId;
use crate::model::outcome::Outcome;
use crate::model::study::Rules;
use Channel::{Email, Facebook, Phone, WebForm};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

const DAY: u32 = 86_400;
const WINDOW: u32 = 28 * DAY;

fn observed(story: &Story, as_of: DateTime<Utc>) -> Observed {
    observe_all(&story.plan, &story.state, as_of).remove(0)
}

/// What it came to, long after the end.
fn in_the_end(story: &Story) -> Observation {
    observed(story, after("60d")).observation
}

fn answered(latency: u32, after_reminder: bool) -> Observation {
    Observation::Answered { latency, after_reminder, observed_for: WINDOW }
}

const SILENT: Observation = Observation::Silent { window: WINDOW };

/// Asked by e-mail, and the mailbox is covered to the end.
fn watched() -> Story {
    let mut story = Story::asked(Email);
    story.covered(after("28d"));
    story
}

fn with_rules(mut story: Story, change: impl FnOnce(&mut Rules)) -> Story {
    change(&mut story.plan.study.rules);
    story
}

#[test]
fn a_reply_at_the_last_second_counts_and_one_a_second_later_does_not() {
    let mut story = watched();
    story.replied(after("28d") + SECOND);
    assert_eq!(in_the_end(&story), SILENT);
    story.replied(after("28d"));
    assert_eq!(in_the_end(&story), answered(WINDOW, false));
}

#[test]
fn the_first_reply_decides_whatever_came_in_first() {
    let mut story = watched();
    story.replied(after("3d"));
    story.replied(after("2d"));
    assert_eq!(in_the_end(&story), answered(2 * DAY, false));
}

#[test]
fn silence_is_what_was_watched_to_the_end() {
    for (through, expected) in [
        (None, Observation::Censored { observed_for: 0 }),
        (Some("10d"), Observation::Censored { observed_for: 10 * DAY }),
        (Some("28d"), SILENT),
        (Some("40d"), SILENT),
    ] {
        let mut story = Story::asked(Email);
        if let Some(through) = through {
            story.covered(after(through));
        }
        assert_eq!(in_the_end(&story), expected, "covered through {through:?}");
    }
}

#[test]
fn our_broken_inbox_is_not_their_silence() {
    let mut story = Story::asked(Email);
    story.covered(after("10d"));
    story.tell(after("11d"), Event::SourceFailed { source: account("posta"), why: payload() });
    assert_eq!(in_the_end(&story), Observation::Censored { observed_for: 10 * DAY });
    story.covered(after("30d"));
    assert_eq!(in_the_end(&story), SILENT, "what was missed has been read since");
}

#[test]
fn another_accounts_coverage_says_nothing() {
    let mut story = Story::asked(Channel::Mastodon);
    story.covered(after("40d"));
    assert_eq!(in_the_end(&story), Observation::Censored { observed_for: 0 });
    story.tell(after("40d"), covered("sociale", after("40d")));
    assert_eq!(in_the_end(&story), SILENT);
}

#[test]
fn what_did_not_arrive_says_why() {
    let undelivered = |reason, after| Observation::Undelivered { reason, after };
    let tried = |outcomes: Vec<Outcome>| {
        let mut story = Story::on(&[Email]);
        for outcome in outcomes {
            story.tried(0, start(), outcome);
        }
        in_the_end(&story)
    };
    assert_eq!(tried(vec![Outcome::Rejected(failure())]), undelivered(UndeliveredReason::Refused, 0));
    let deferred = || Outcome::Deferred(failure());
    assert_eq!(tried(vec![deferred(), deferred(), deferred()]), undelivered(UndeliveredReason::NeverTaken, 0));
    assert_eq!(
        tried(vec![deferred(), account_failed(), deferred()]),
        Observation::NotAsked { reason: NotAskedReason::Pending },
        "our own account's fault uses no try"
    );
    let mut story = watched();
    story.comes(InboundKind::Bounce, Email, after("1h"));
    assert_eq!(in_the_end(&story), undelivered(UndeliveredReason::Bounced, 3_600));
    story.replied(after("2d"));
    assert_eq!(in_the_end(&story), answered(2 * DAY, false), "whoever replies has received it");
}

#[test]
fn what_is_in_doubt_is_neither_silent_nor_undelivered() {
    let unknown = |reason| Observation::UnknownDelivery { reason };
    let mut broken_off = Story::on(&[Email]);
    broken_off.starts(0, start());
    broken_off.covered(after("40d"));
    assert_eq!(in_the_end(&broken_off), unknown(UnknownReason::InDoubt));
    let mut said_so = Story::on(&[Email]);
    said_so.tried(0, start(), Outcome::InDoubt(failure()));
    assert_eq!(in_the_end(&said_so), unknown(UnknownReason::InDoubt));
    let mut held = Story::on(&[WebForm]);
    held.tried(0, start(), Outcome::Held { at: crate::model::time::Stamp::server(start()), failure: failure() });
    assert_eq!(in_the_end(&held), unknown(UnknownReason::Held));
}

#[test]
fn what_comes_back_proves_that_it_had_left() {
    for (kind, expected) in [
        (InboundKind::Reply, answered(DAY, false)),
        (InboundKind::Acknowledgement, SILENT),
        (InboundKind::BotReply, SILENT),
        (InboundKind::OutOfOffice, SILENT),
        (InboundKind::Bounce, Observation::Undelivered { reason: UndeliveredReason::Bounced, after: DAY }),
        (InboundKind::Unrelated, Observation::UnknownDelivery { reason: UnknownReason::InDoubt }),
    ] {
        let mut story = Story::on(&[Email]);
        story.starts(0, start());
        story.comes(kind, Email, after("1d"));
        story.covered(after("28d"));
        assert_eq!(in_the_end(&story), expected, "{kind:?}");
    }
}

#[test]
fn a_persons_word_settles_what_was_in_doubt() {
    for (left, expected) in [(true, SILENT), (false, Observation::NotAsked { reason: NotAskedReason::Pending })] {
        let mut story = Story::on(&[Email]);
        story.starts(0, start());
        let attempt = attempt(&story.plan, 0, 0, 1);
        story.tell(after("1d"), Event::Settled { attempt, left, why: payload(), proof: Proof::Person, receipt: None });
        story.covered(after("28d"));
        assert_eq!(in_the_end(&story), expected);
    }
}

#[test]
fn whoever_was_not_asked_is_in_no_denominator() {
    let not_asked = |story: &Story, as_of| match observed(story, as_of).observation {
        Observation::NotAsked { reason } => reason,
        other => panic!("{other:?}"),
    };
    for (skip, expected) in [
        (SkipReason::Late, NotAskedReason::Late),
        (SkipReason::NotDone, NotAskedReason::Blocked),
        (SkipReason::Impossible, NotAskedReason::Impossible),
    ] {
        let mut story = Story::on(&[Email]);
        let inquiry = story.plan.inquiries[0].id.clone();
        story.tell(start(), Event::Skipped { inquiry, message: 0, reason: skip });
        assert_eq!(not_asked(&story, after("60d")), expected);
    }
    let fresh = Story::on(&[Email]);
    assert_eq!(not_asked(&fresh, after("60d")), NotAskedReason::Pending);
    let mut stopped = Story::on(&[Email]);
    stopped.stopped(start());
    assert_eq!(not_asked(&stopped, after("60d")), NotAskedReason::Stopped);
    let mut blocked = Story::on(&[WebForm]);
    blocked.tried(0, start(), Outcome::Blocked(failure()));
    assert_eq!(not_asked(&blocked, after("27d")), NotAskedReason::Pending, "a person may still do it");
    assert_eq!(not_asked(&blocked, after("28d")), NotAskedReason::Blocked);
}

#[test]
fn who_opts_out_after_delivery_stays_in_the_denominator() {
    let mut story = watched();
    story.stopped(after("2d"));
    assert_eq!(in_the_end(&story), SILENT);
}

#[test]
fn a_reply_after_a_reminder_says_so() {
    for (reply, expected) in [("6d", false), ("7d", false), ("8d", true)] {
        let mut story = watched();
        story.sent(1, after("7d"));
        story.replied(after(reply));
        let latency = u32::try_from((after(reply) - start()).num_seconds()).unwrap();
        assert_eq!(in_the_end(&story), answered(latency, expected), "{reply}");
        assert_eq!(observed(&story, after("60d")).reminded_after, Some(7 * DAY));
    }
}

#[test]
fn a_reminder_that_may_have_left_counts_as_one() {
    let mut story = watched();
    story.starts(1, after("7d"));
    story.replied(after("8d"));
    assert_eq!(in_the_end(&story), answered(8 * DAY, true));
}

#[test]
fn a_reminder_opens_no_new_window() {
    let mut story = watched();
    story.sent(1, after("27d"));
    story.replied(after("29d"));
    assert_eq!(in_the_end(&story), SILENT);
}

#[test]
fn a_message_that_came_twice_is_counted_once() {
    let mut story = watched();
    story.replied(after("2d"));
    story.tell(after("2d"), stored(2, Email, after("2d")));
    let again = taken_for(InboundKind::Reply, &story.plan, Some(0));
    story.tell(after("2d"), interpreted(2, again, Some(1)));
    let seen = observed(&story, after("60d"));
    assert_eq!((seen.observation, seen.uncoded_replies), (answered(2 * DAY, false), 1));
}

#[test]
fn a_reply_by_another_way_counts_as_the_study_decided() {
    let by_phone = |rule| {
        let mut story = with_rules(watched(), |rules| rules.reply_elsewhere = rule);
        story.comes(InboundKind::Reply, Phone, after("1d"));
        in_the_end(&story)
    };
    assert_eq!(by_phone(ReplyElsewhere::CreditAskedChannel), answered(DAY, false));
    assert_eq!(by_phone(ReplyElsewhere::DoNotCount), SILENT);
    let mut form = with_rules(Story::asked(WebForm), |rules| rules.reply_elsewhere = ReplyElsewhere::DoNotCount);
    form.covered(after("28d"));
    form.replied(after("1d"));
    assert_eq!(in_the_end(&form), answered(DAY, false), "a form is answered by mail: that is at home");
}

#[test]
fn a_missed_call_counts_as_the_study_decided() {
    let called = |rule| {
        let mut story = with_rules(watched(), |rules| rules.missed_call = rule);
        story.comes(InboundKind::MissedCall, Phone, after("1d"));
        observed(&story, after("60d"))
    };
    let contact = called(MissedCall::ContactNotAdequate);
    assert_eq!((contact.observation, contact.adequate_after, contact.uncoded_replies), (answered(DAY, false), None, 0));
    assert_eq!(called(MissedCall::Ignore).observation, SILENT);
}

#[test]
fn machines_do_not_answer() {
    let mut story = watched();
    for kind in [
        InboundKind::Acknowledgement,
        InboundKind::BotReply,
        InboundKind::OutOfOffice,
        InboundKind::DelayNotice,
        InboundKind::OwnCopy,
        InboundKind::Unrelated,
    ] {
        story.comes(kind, Email, after("1m"));
    }
    let seen = observed(&story, after("60d"));
    assert_eq!((seen.observation, seen.acknowledged_after), (SILENT, Some(60)));
}

#[test]
fn the_best_coding_and_the_first_adequate_reply_are_kept() {
    let mut story = watched();
    for (number, at, adequacy) in [(1, "2d", Adequacy::Promised), (2, "5d", Adequacy::Answered)] {
        story.replied(after(at));
        let inbound = InboundId(number);
        story.tell(after("30d"), Event::Coded { inbound, rater: "anna".to_owned(), adequacy });
    }
    let seen = observed(&story, after("60d"));
    assert_eq!((seen.adequacy, seen.adequate_after), (Some(Adequacy::Answered), Some(5 * DAY)));
    assert_eq!((seen.observation, seen.uncoded_replies), (answered(2 * DAY, false), 0));
}

#[test]
fn a_clock_that_is_a_little_off_gives_no_negative_time() {
    let mut story = watched();
    story.replied(start() - TimeDelta::seconds(2));
    assert_eq!(in_the_end(&story), answered(0, false));
}

#[test]
fn what_is_not_known_yet_is_not_used() {
    let mut story = watched();
    story.replied(after("20d"));
    let seen = observed(&story, after("10d")).observation;
    assert_eq!(seen, Observation::Censored { observed_for: 10 * DAY });
    assert_eq!(
        observed(&story, start() - SECOND).observation,
        Observation::NotAsked { reason: NotAskedReason::Pending }
    );
}

#[test]
fn where_only_a_person_can_look_silence_needs_a_look() {
    let mut story = Story::asked(Facebook);
    story.covered(after("40d"));
    assert_eq!(in_the_end(&story), Observation::Censored { observed_for: 0 }, "a mailbox shows no page");
    story.acts(0, Act::Checked, after("12d"));
    assert_eq!(in_the_end(&story), Observation::Censored { observed_for: 12 * DAY });
    story.acts(0, Act::Checked, after("28d"));
    assert_eq!(in_the_end(&story), SILENT);
}

/// A bounce comes for the first inquiry; it names a message of ours, or none.
fn bounced(story: &mut Story, at: DateTime<Utc>, about: Option<u32>) {
    let number = u32::try_from(story.state.inbound.len()).unwrap() + 1;
    story.tell(at, stored(number, Email, at));
    let interpretation = taken_for(InboundKind::Bounce, &story.plan, Some(0));
    let event = Event::Interpreted {
        inbound: InboundId(number),
        intake: 1,
        interpretation,
        duplicate_of: None,
        about,
        sender: None,
    };
    story.tell(at, event);
}

#[test]
fn a_reminder_that_comes_back_does_not_undo_the_question() {
    for about in [Some(1), None] {
        let mut story = watched();
        story.sent(1, after("7d"));
        bounced(&mut story, after("8d"), about);
        assert_eq!(in_the_end(&story), SILENT, "{about:?}");
        assert_eq!(observed(&story, after("60d")).reminded_after, None, "it reached nobody");
        story.replied(after("10d"));
        assert_eq!(in_the_end(&story), answered(10 * DAY, false), "no reminder had arrived before");
    }
    let mut first = watched();
    first.sent(1, after("7d"));
    bounced(&mut first, after("8d"), Some(0));
    let returned = Observation::Undelivered { reason: UndeliveredReason::Bounced, after: 8 * DAY };
    assert_eq!(in_the_end(&first), returned, "a bounce that names the question, however late");
}

#[test]
fn proof_stands_as_long_as_it_is_read_so() {
    let mut story = Story::on(&[Email]);
    story.tried(0, start(), Outcome::InDoubt(failure()));
    let number = story.comes(InboundKind::Reply, Email, after("1d"));
    let (proven, proof) = story.state.inquiries[0].proven(&story.state, 0).unwrap();
    assert_eq!((proven, proof), (0, Proof::Answer(InboundId(number))));
    let attempt = attempt(&story.plan, 0, 0, 1);
    story.tell(after("1d"), Event::Settled { attempt, left: true, why: payload(), proof, receipt: None });
    story.covered(after("28d"));
    let seen = observed(&story, after("60d"));
    assert_eq!((seen.observation, seen.asked_by_proof), (answered(DAY, false), true));
    let unrelated = taken_for(InboundKind::Unrelated, &story.plan, None);
    story.tell(after("2d"), Event::Reviewed { inbound: InboundId(number), interpretation: unrelated });
    let unknown = Observation::UnknownDelivery { reason: UnknownReason::InDoubt };
    assert_eq!(in_the_end(&story), unknown, "it was another's mail");
}

#[test]
fn our_own_copy_proves_that_the_message_which_it_names_had_left_and_is_no_answer() {
    for (about, expected) in
        [(Some(0), SILENT), (None, Observation::UnknownDelivery { reason: UnknownReason::InDoubt })]
    {
        let mut story = Story::on(&[Email]);
        story.tried(0, start(), Outcome::InDoubt(failure()));
        story.tell(start(), stored(1, Email, start()));
        let interpretation = taken_for(InboundKind::OwnCopy, &story.plan, Some(0));
        let event = Event::Interpreted {
            inbound: InboundId(1),
            intake: 1,
            interpretation,
            duplicate_of: None,
            about,
            sender: None,
        };
        story.tell(start(), event);
        story.covered(after("28d"));
        assert_eq!(in_the_end(&story), expected, "{about:?}");
    }
}

#[test]
fn as_of_an_earlier_moment_only_what_had_happened_by_then_counts() {
    let pending = Observation::NotAsked { reason: NotAskedReason::Pending };
    let mut skipped = Story::on(&[Email]);
    let inquiry = skipped.plan.inquiries[0].id.clone();
    skipped.tell(after("5d"), Event::Skipped { inquiry, message: 0, reason: SkipReason::Late });
    assert_eq!(observed(&skipped, after("4d")).observation, pending);
    let mut stopped = Story::on(&[Email]);
    stopped.stopped(after("5d"));
    assert_eq!(observed(&stopped, after("4d")).observation, pending);
    let mut gave_up = Story::on(&[Email]);
    for days in ["1d", "2d", "3d"] {
        gave_up.tried(0, after(days), Outcome::Deferred(failure()));
    }
    assert_eq!(observed(&gave_up, after("2d")).observation, pending);
    let mut proved = Story::on(&[Email]);
    proved.tried(0, start(), Outcome::InDoubt(failure()));
    proved.replied(after("20d"));
    proved.covered(after("28d"));
    let unknown = Observation::UnknownDelivery { reason: UnknownReason::InDoubt };
    assert_eq!(observed(&proved, after("10d")).observation, unknown, "the reply that proves it had not come");
    let mut said = Story::on(&[Email]);
    said.tried(0, start(), Outcome::InDoubt(failure()));
    let attempt = attempt(&said.plan, 0, 0, 1);
    let (left, proof, receipt) = (true, Proof::Person, None);
    said.tell(after("20d"), Event::Settled { attempt, left, why: payload(), proof, receipt });
    said.covered(after("28d"));
    let watched = Observation::Censored { observed_for: 10 * DAY };
    assert_eq!(observed(&said, after("10d")).observation, watched, "a later word on an earlier fact");
}

#[test]
fn companies_whose_people_answer_from_one_address_count_as_one() {
    let clusters = |sender: [Option<&str>; 2], kind| {
        let mut story = Story::of(of_companies(2));
        for (i, sender) in (0..).zip(sender) {
            let number = i + 1;
            story.tell(after("1d"), stored(number, Email, after("1d")));
            let interpretation = taken_for(kind, &story.plan, Some(i as usize));
            let sender = sender.map(|address| Payload(Sha256::digest(address).into()));
            let (inbound, intake) = (InboundId(number), 1);
            let event = Event::Interpreted { inbound, intake, interpretation, duplicate_of: None, about: None, sender };
            story.tell(after("1d"), event);
        }
        let of = |as_of| {
            let rows = observe_all(&story.plan, &story.state, as_of);
            (rows[0].cluster == rows[1].cluster, rows[0].cluster.clone() == rows[0].company)
        };
        assert_eq!(of(start()), (false, true), "nobody had answered by then");
        of(after("2d"))
    };
    assert_eq!(clusters([Some("digest"), Some("digest")], InboundKind::Reply), (true, true));
    assert_eq!(clusters([Some("digest"), Some("other")], InboundKind::Reply), (false, true));
    assert_eq!(clusters([None, None], InboundKind::Reply), (false, true));
    let machine = clusters([Some("digest"), Some("digest")], InboundKind::Acknowledgement);
    assert_eq!(machine, (false, true), "one help desk's machine answers for many");
}

/// A plan of that many companies, each asked by mail.
fn of_companies(number: usize) -> Plan {
    let mut plan = crate::model::fixtures::plan(&[Email], |_| ());
    let (company, inquiry) = (plan.study.companies[0].clone(), plan.inquiries[0].clone());
    plan.study.companies.clear();
    plan.inquiries.clear();
    for n in 0..number {
        let id: CompanyId = format!("ditta-{n}").parse().unwrap();
        let mut company = Company { id: id.clone(), group: None, ..company.clone() };
        company.contact_points.clear();
        plan.study.companies.push(company);
        let inquiry_id = InquiryId::from(format!("ditta-{n}.email.q.1").as_str());
        plan.inquiries.push(PlannedInquiry { id: inquiry_id, company: id, ..inquiry.clone() });
    }
    plan
}

proptest::proptest! {
    /// What replies only seem to be changes no observation.
    #[test]
    fn suggestions_decide_nothing(seems in proptest::collection::vec((0_usize..7, 0_u32..100, proptest::bool::ANY), 1..6)) {
        use crate::model::answer::{Likely, Mark, Promise, Suggestions};
        let mut story = Story::asked(Channel::Email);
        for day in 1..4 {
            story.replied(start() + chrono::TimeDelta::days(day));
        }
        story.covered(after("28d"));
        let before = observe_all(&story.plan, &story.state, after("28d"));
        for (n, (class, sure, promises)) in (0_u32..).zip(seems) {
            let answer = Suggestions {
                adequacy: Some(Likely::by(sure, Adequacy::ALL[class])),
                promise: promises.then(|| Likely::by(sure, Promise { due: Some(after("2d")) })),
                marks: vec![Likely::by(sure, Mark::LeaveAlone)],
                ..Suggestions::default()
            };
            story.tell(after("29d"), Event::Suggested { inbound: InboundId(n % 3 + 1), rules: n, answer });
        }
        proptest::prop_assert_eq!(observe_all(&story.plan, &story.state, after("28d")), before);
    }
}
