//! From a plan and its journal to the scorecard.

use super::*;
use crate::model::event::{Act, Entry, Event};
use crate::model::ids::InboundId;
use crate::model::inbound::{Confidence, InboundKind, Interpretation, RawFormat, Tie};
use crate::model::observation::observe_all;
use crate::model::outcome::Payload;
use crate::model::plan::Plan;
use crate::model::state::WaveState;
use crate::model::study::Order;
use crate::model::time::Stamp;
use chrono::{DateTime, Utc};
use serde_json::json;

fn plan() -> Plan {
    let company = |id: &str, name: &str| {
        json!({
            "id": id, "name": name, "industry": "food", "group": null, "timezone": "Europe/Rome", "hours": null,
            "country": null, "asks": [{"question": "q", "times": 1}], "vars": {}, "persona": null,
            "contact_points": [{"channel": "facebook", "target":
                {"assisted": {"handle": id, "link": null, "visibility": "public"}}}],
            "not_offered": ["chat"],
        })
    };
    let inquiry = |company: &str| {
        json!({
            "id": format!("{company}.facebook.q.1"), "company": company, "channel": "facebook", "question": "q",
            "repetition": 1, "persona": "enrico", "wording": "a", "position": 1,
            "target": {"assisted": {"handle": company, "link": null, "visibility": "public"}},
            "reply_to": null, "reply_to_is_own": false,
            "messages": [{"due": {"at": "2026-03-02T09:00:00Z"}, "message_id": "m", "subject": "", "text": "?",
                          "fingerprint": "f"}],
        })
    };
    serde_json::from_value(json!({
        "format": 1, "risposta": "0.1.0", "wave": "rehearsal-1", "start": "2026-03-02T08:00:00Z",
        "study": {
            "id": "s", "title": "Chi risponde?", "language": "it", "seed": 1,
            "conduct": {"purpose": "research", "approval": null, "max_messages_per_company": 6,
                        "max_messages_per_group": null},
            "sample": null, "mailboxes": [], "mastodon": [],
            "personas": [{"id": "enrico", "name": "Enrico", "phone": null, "mailbox": null, "mastodon": null}],
            "questions": [], "companies": [company("alfa", "Alfa"), company("beta", "東京")],
            "design": {"compare": [], "per_company": "all", "order": "listed", "send": "Mo-Fr 09:00-17:00",
                       "window": "28d", "washout": "35d", "reminders": null,
                       "pacing": {"total": "1s", "channel": "1s", "host": "1s"}, "attempts_max": 3},
            "thresholds": ["24h", "7d"], "primary": null,
            "rules": {"reply_elsewhere": "credit_asked_channel", "missed_call": "ignore", "late": "send"},
            "rehearsal": {"behaviours": []},
        },
        "inquiries": [inquiry("alfa"), inquiry("beta")],
    }))
    .unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn recorded(company: &str, act: Act, when: &str) -> Event {
    Event::Recorded {
        inquiry: format!("{company}.facebook.q.1").as_str().into(),
        message: 0,
        act,
        at: Stamp::human(at(when)),
        note: None,
    }
}

fn reply(company: &str, when: &str) -> [Event; 2] {
    let payload = || Payload([0; 32]);
    let inquiry = format!("{company}.facebook.q.1").as_str().into();
    [
        Event::InboundStored {
            inbound: InboundId(1),
            source: "person".parse().unwrap(),
            locator: payload(),
            raw: payload(),
            format: RawFormat::Note,
            via: Channel::Facebook,
            received: Stamp::human(at(when)),
            in_spam: false,
        },
        Event::Interpreted {
            inbound: InboundId(1),
            intake: 1,
            interpretation: Interpretation {
                kind: InboundKind::Reply,
                because: Vec::new(),
                inquiry: Some((inquiry, Tie::Person)),
                candidates: Vec::new(),
                status: None,
                confidence: Confidence::CERTAIN,
            },
            duplicate_of: None,
            about: None,
            sender: None,
        },
    ]
}

#[test]
fn a_reply_that_a_person_saw_counts_though_nobody_looked_again() {
    let plan = plan();
    let mut events =
        vec![recorded("alfa", Act::Sent, "2026-03-02T09:00:00Z"), recorded("beta", Act::Sent, "2026-03-02T09:00:00Z")];
    events.extend(reply("alfa", "2026-03-02T11:00:00Z"));
    events.push(recorded("beta", Act::Checked, "2026-03-30T09:00:00Z"));
    let entry = |(i, event): (usize, Event)| Entry { seq: i as u64 + 1, at: at("2026-03-30T09:00:00Z"), event };
    let entries: Vec<Entry> = events.into_iter().enumerate().map(entry).collect();
    let as_of = at("2026-03-30T09:00:00Z");
    let state = WaveState::fold(&plan, &entries).unwrap();
    let card = score(&observe_all(&plan, &state, as_of), &Frame::of_plan(&plan, as_of));
    let answers = &card.total.before_any_reminder;
    assert_eq!((answers.response.numerator, answers.response.denominator), (1, 2));
    assert_eq!(answers.within[1].replied.denominator, 2);
    assert_eq!(card.answered_nowhere[0].name, "東京");
}

#[test]
fn the_plan_says_what_the_rows_do_not() {
    let plan = plan();
    let frame = Frame::of_plan(&plan, at("2026-03-30T09:00:00Z"));
    assert!(frame.about.simulated);
    assert!(!frame.about.order_confounded, "one channel has no order");
    let availability: Vec<_> =
        frame.availability.iter().map(|a| (a.channel.as_str(), a.offered, a.not_offered)).collect();
    assert_eq!(availability, [("facebook", 2, 0), ("chat", 0, 2)]);
}

#[test]
fn a_listed_order_of_several_channels_is_confounded() {
    let mut plan = plan();
    plan.inquiries[1].channel = Channel::Chat;
    let confounded = |plan: &Plan| Frame::of_plan(plan, plan.start).about.order_confounded;
    assert!(confounded(&plan));
    plan.study.design.order = Order::Random;
    assert!(!confounded(&plan));
}
