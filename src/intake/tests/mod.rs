//! A small wave, for tests of what reading and tying make of it.

mod elsewhere;
mod kinds;
mod statuses;
mod ties;

use super::*;
use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, InquiryId};
use crate::model::inbound::{Confidence, Tie};
use crate::model::plan::{Due, PLAN_FORMAT, Plan, PlannedInquiry, PlannedMessage};
use crate::model::study::*;
use crate::model::time::Span;
use std::collections::BTreeMap;

const QUESTION: &str = "Buongiorno, sulla confezione di Frollini 400 g non trovo indicazioni sul glutine. Lo contiene? Grazie, Enrico Riva";

/// Two companies. Alfa is asked the same question by e-mail and by form, and on Mastodon; Beta
/// once, by e-mail, and shares Alfa's words. `own` says whether inquiries have own addresses.
fn plan(own: bool) -> Plan {
    let alfa = [
        (Channel::Email, Target::Email { address: "consumatori@alfa.example".into() }),
        (Channel::WebForm, Target::WebForm(form("https://www.alfa.example/contatti"))),
        (Channel::Mastodon, Target::Mastodon { handle: "Alfa@social.example".into(), visibility: Visibility::Public }),
    ];
    let beta = [(Channel::Email, Target::Email { address: "info@beta.example".into() })];
    let mut inquiries = Vec::new();
    for (channel, target) in &alfa {
        inquiries.push(inquiry("alfa", *channel, target, QUESTION, own));
    }
    inquiries.push(inquiry("beta", Channel::Email, &beta[0].1, QUESTION, own));
    Plan {
        format: PLAN_FORMAT,
        risposta: "0".into(),
        wave: "rehearsal-1".parse().unwrap(),
        start: "2026-03-01T09:00:00Z".parse().unwrap(),
        study: study(vec![company("alfa", &alfa), company("beta", &beta)]),
        inquiries,
    }
}

fn form(url: &str) -> FormTarget {
    FormTarget { url: url.parse().unwrap(), form: None, fields: BTreeMap::new(), success: None }
}

fn inquiry(company: &str, channel: Channel, target: &Target, text: &str, own: bool) -> PlannedInquiry {
    let company: CompanyId = company.parse().unwrap();
    let question = "glutine".parse().unwrap();
    let id = InquiryId::new(&company, channel, &question, 1);
    let message = |n: u32, due| PlannedMessage {
        due,
        message_id: format!("{id}.{n}@posta.example"),
        subject: "Glutine in Frollini".into(),
        text: text.into(),
        fingerprint: String::new(),
    };
    let alias = format!("Enrico.{company}.{channel}@posta.example");
    PlannedInquiry {
        messages: vec![
            message(0, Due::At("2026-03-02T09:00:00Z".parse().unwrap())),
            message(1, Due::AfterFirstAccepted(Span::from_days(7))),
        ],
        company,
        channel,
        question,
        repetition: 1,
        persona: "enrico".parse().unwrap(),
        wording: "a".into(),
        position: 1,
        target: target.clone(),
        reply_to: Some(if own { alias } else { "enrico@posta.example".into() }),
        reply_to_is_own: own,
        id,
    }
}

fn company(id: &str, points: &[(Channel, Target)]) -> Company {
    let points = points.iter().map(|(channel, target)| ContactPoint::new(*channel, target.clone()));
    Company {
        id: id.parse().unwrap(),
        name: id.into(),
        industry: None,
        group: None,
        timezone: chrono_tz::Europe::Rome,
        hours: None,
        country: None,
        asks: Vec::new(),
        vars: BTreeMap::new(),
        contact_points: points.collect(),
        website: None,
        address: None,
        not_offered: Vec::new(),
        persona: None,
    }
}

fn study(companies: Vec<Company>) -> Study {
    Study {
        id: "s".parse().unwrap(),
        title: "s".into(),
        language: "it".into(),
        seed: 1,
        conduct: Conduct {
            purpose: "research".into(),
            approval: None,
            max_messages_per_company: 9,
            max_messages_per_group: None,
            user_agent: None,
        },
        sample: None,
        mailboxes: vec![Mailbox {
            id: "m".parse().unwrap(),
            address: "Enrico@posta.example".into(),
            alias: AliasKind::CatchAll,
            smtp: None,
            inbox: Inbox::Maildir { path: "/dev/null".into() },
            user: "e".into(),
            password: None,
            ca_file: None,
            copy: false,
        }],
        mastodon: Vec::new(),
        personas: Vec::new(),
        questions: Vec::new(),
        companies,
        design: Design {
            compare: Vec::new(),
            per_company: PerCompany::All,
            order: Order::Random,
            send: "Mo-Fr 09:00-17:00".into(),
            window: Span::from_days(28),
            washout: Span::from_days(35),
            reminders: None,
            pacing: Pacing { total: Span::from_secs(0), channel: Span::from_secs(0), host: Span::from_secs(0) },
            attempts_max: 3,
            stratify: None,
        },
        thresholds: Vec::new(),
        primary: None,
        rules: Rules {
            reply_elsewhere: ReplyElsewhere::CreditAskedChannel,
            missed_call: MissedCall::Ignore,
            late: Late::Skip,
        },
        publish: Publish::default(),
        codebook: Codebook::default(),
        rehearsal: Rehearsal::default(),
    }
}

const ALFA_MAIL: &str = "alfa.email.glutine.1";
const ALFA_FORM: &str = "alfa.web_form.glutine.1";
const ALFA_SOCIAL: &str = "alfa.mastodon.glutine.1";
const BETA_MAIL: &str = "beta.email.glutine.1";

fn at(time: &str) -> Stamp {
    Stamp::server(time.parse().unwrap())
}

fn mail(headers: &str, body: &str, index: &Index) -> Reading {
    let raw = format!("Message-ID: <r{}@alfa.example>\n{headers}\n\n{body}\n", headers.len());
    read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), index)
}

fn tied(reading: &Reading) -> Option<(&str, Tie)> {
    reading.interpretation.inquiry.as_ref().map(|(id, tie)| (id.as_str(), *tie))
}

fn candidates(reading: &Reading) -> Vec<&str> {
    reading.interpretation.candidates.iter().map(InquiryId::as_str).collect()
}
