//! A plan with one inquiry, for tests of a single channel.

use risposta::model::channel::Channel;
use risposta::model::ids::InquiryId;
use risposta::model::plan::{Due, PLAN_FORMAT, Plan, PlannedInquiry, PlannedMessage};
use risposta::model::study::{
    Codebook, Conduct, Design, Engine, FormTarget, Late, MissedCall, Order, Pacing, PerCompany, Persona, Publish,
    Rehearsal, ReplyElsewhere, Rules, Study, Target,
};
use risposta::model::time::Span;
use std::collections::BTreeMap;

/// When the tests' messages are due.
pub(crate) const START: &str = "2026-03-02T09:00:00Z";

/// The question that the tests ask.
pub(crate) const QUESTION: &str =
    "Buongiorno, i Frollini contengono glutine?\nPerché non lo trovo scritto.\nGrazie, Enrico Riva";

/// A plan in which Enrico Riva asks one question at `target`.
pub(crate) fn plan_with(target: Target, channel: Channel) -> Plan {
    let zero = Span::from_secs(0);
    let persona = Persona {
        id: "enrico".parse().unwrap(),
        name: "Enrico Riva".to_owned(),
        phone: Some("+39 000 0000000".to_owned()),
        details: BTreeMap::new(),
        mailbox: None,
        mastodon: None,
    };
    let study = Study {
        id: "prova".parse().unwrap(),
        title: "Prova".to_owned(),
        language: "it".to_owned(),
        seed: 1,
        conduct: Conduct {
            purpose: "research".to_owned(),
            approval: None,
            max_messages_per_company: 3,
            max_messages_per_group: None,
            user_agent: None,
        },
        sample: None,
        mailboxes: vec![],
        mastodon: vec![],
        personas: vec![persona],
        questions: vec![],
        companies: vec![],
        design: Design {
            compare: vec![],
            per_company: PerCompany::All,
            order: Order::Listed,
            send: "24/7".to_owned(),
            window: Span::from_days(28),
            washout: Span::from_days(35),
            reminders: None,
            pacing: Pacing { total: zero, channel: zero, host: zero },
            attempts_max: 3,
            stratify: None,
        },
        thresholds: vec![],
        primary: None,
        rules: Rules {
            reply_elsewhere: ReplyElsewhere::CreditAskedChannel,
            missed_call: MissedCall::ContactNotAdequate,
            late: Late::Send,
        },
        publish: Publish::default(),
        codebook: Codebook::default(),
        rehearsal: Rehearsal::default(),
    };
    let message = PlannedMessage {
        due: Due::At(START.parse().unwrap()),
        message_id: "question-1@posta-prova.example".to_owned(),
        subject: "Glutine nei Frollini".to_owned(),
        text: QUESTION.to_owned(),
        fingerprint: "f".to_owned(),
    };
    let inquiry = PlannedInquiry {
        id: InquiryId::from("alfa.web_form.glutine.1"),
        company: "alfa".parse().unwrap(),
        channel,
        question: "glutine".parse().unwrap(),
        repetition: 1,
        persona: "enrico".parse().unwrap(),
        wording: "a".to_owned(),
        position: 1,
        target,
        reply_to: Some("e.riva7@posta-prova.example".to_owned()),
        reply_to_is_own: true,
        messages: vec![message],
    };
    Plan {
        format: PLAN_FORMAT,
        risposta: "0".to_owned(),
        wave: "w1".parse().unwrap(),
        start: START.parse().unwrap(),
        study,
        inquiries: vec![inquiry],
    }
}

/// A form's target without any hint.
pub(crate) fn form_at(url: &str) -> FormTarget {
    FormTarget { engine: Engine::Http, ..FormTarget::at(url.parse().unwrap()) }
}
