//! A plan built by hand: one persona, a company for each inquiry, behaviours as the test wants.

use chrono::{DateTime, TimeDelta, Utc};
use risposta::model::channel::Channel;
use risposta::model::ids::InquiryId;
use risposta::model::plan::{Due, PLAN_FORMAT, Plan, PlannedInquiry, PlannedMessage};
use risposta::model::study::{
    AliasKind, Behaviour, BehaviourRule, Codebook, Company, Conduct, ContactPoint, Design, FormTarget, Inbox, Late,
    Mailbox, MastodonAccount, MissedCall, Order, Pacing, PerCompany, Persona, Publish, Rehearsal, ReplyElsewhere,
    Rules, Says, SecretSource, Security, Server, Study, Target, Visibility,
};
use risposta::model::time::Span;
use std::collections::BTreeMap;
use url::Url;

/// When every little plan starts.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// A behaviour that always replies after exactly two hours, with the answer.
pub(crate) fn prompt() -> Behaviour {
    Behaviour {
        reply: 1.0,
        delay_median: Span::from_secs(7_200),
        delay_spread: 0.0,
        acknowledge: 0.0,
        bounce: 0.0,
        spam: 0.0,
        says: vec![Says::Answer],
    }
}

/// A plan with one inquiry a company, on the given channels; each company behaves as given.
pub(crate) fn plan(inquiries: &[(Channel, Behaviour)]) -> Plan {
    let mut study = study();
    let mut planned = Vec::new();
    for (i, (channel, behaviour)) in inquiries.iter().enumerate() {
        let company = company(i, *channel);
        study.rehearsal.behaviours.push(BehaviourRule {
            companies: vec![company.id.clone()],
            channels: Vec::new(),
            questions: Vec::new(),
            behaviour: behaviour.clone(),
        });
        planned.push(inquiry(i, &company));
        study.companies.push(company);
    }
    Plan {
        format: PLAN_FORMAT,
        risposta: "test".to_owned(),
        wave: "rehearsal-1".parse().unwrap(),
        start: start(),
        study,
        inquiries: planned,
    }
}

fn inquiry(i: usize, company: &Company) -> PlannedInquiry {
    let channel = company.contact_points[0].channel;
    let question = "glutine".parse().unwrap();
    let id = InquiryId::new(&company.id, channel, &question, 1);
    let text =
        |n: usize| format!("Buongiorno, i frollini n. {i} contengono glutine? Domanda {n}.\n\nGrazie,\nEnrico Riva");
    let message = |n: usize| PlannedMessage {
        due: if n == 0 { Due::At(start()) } else { Due::AfterFirstAccepted(Span::from_days(7)) },
        message_id: format!("q{i}.{n}@posta.example"),
        subject: format!("Glutine nei frollini {i}"),
        text: text(n),
        fingerprint: format!("f{i}.{n}"),
    };
    PlannedInquiry {
        id,
        company: company.id.clone(),
        channel,
        question,
        repetition: 1,
        persona: "enrico".parse().unwrap(),
        wording: "a".to_owned(),
        position: 1,
        target: company.contact_points[0].target.clone(),
        reply_to: channel.replies_by_mail().then(|| format!("e.riva{i}@posta.example")),
        reply_to_is_own: true,
        messages: vec![message(0), message(1)],
    }
}

fn company(i: usize, channel: Channel) -> Company {
    let host = format!("ditta{i}.example");
    let target = match channel {
        Channel::Email => Target::Email { address: format!("Info@{host}") },
        Channel::WebForm => Target::WebForm(FormTarget::at(Url::parse(&format!("https://{host}/contatti")).unwrap())),
        Channel::Mastodon => {
            Target::Mastodon { handle: format!("ditta{i}@sociale.example"), visibility: Visibility::Public }
        }
        _ => Target::Assisted { handle: format!("ditta{i}"), link: None, visibility: Visibility::Public },
    };
    Company {
        id: format!("ditta{i}").parse().unwrap(),
        name: format!("Ditta Numero {i}"),
        industry: None,
        group: None,
        timezone: chrono_tz::Europe::Rome,
        hours: None,
        country: None,
        asks: Vec::new(),
        vars: BTreeMap::new(),
        contact_points: vec![ContactPoint::new(channel, target)],
        website: None,
        address: None,
        not_offered: Vec::new(),
        persona: None,
    }
}

fn study() -> Study {
    let server = |port| Server { host: "mail.posta.example".to_owned(), port, security: Security::Tls };
    let span = |s: &str| s.parse::<Span>().unwrap();
    Study {
        id: "prova".parse().unwrap(),
        title: "Prova".to_owned(),
        language: "it".to_owned(),
        seed: 7,
        conduct: Conduct {
            purpose: "research".to_owned(),
            approval: None,
            max_messages_per_company: 4,
            max_messages_per_group: None,
            user_agent: None,
        },
        sample: None,
        mailboxes: vec![Mailbox {
            id: "posta".parse().unwrap(),
            address: "enrico@posta.example".to_owned(),
            alias: AliasKind::CatchAll,
            smtp: Some(server(465)),
            inbox: Inbox::Imap { server: server(993), spam: None, folders: Vec::new() },
            user: "enrico@posta.example".to_owned(),
            password: None,
            ca_file: None,
            copy: false,
        }],
        mastodon: vec![MastodonAccount {
            id: "sociale".parse().unwrap(),
            instance: Url::parse("https://nostra.example").unwrap(),
            token: SecretSource::Env("TOKEN".to_owned()),
        }],
        personas: vec![Persona {
            id: "enrico".parse().unwrap(),
            name: "Enrico Riva".to_owned(),
            phone: Some("+39 000 0000000".to_owned()),
            details: std::collections::BTreeMap::new(),
            mailbox: Some("posta".parse().unwrap()),
            mastodon: Some("sociale".parse().unwrap()),
        }],
        questions: Vec::new(),
        companies: Vec::new(),
        design: Design {
            compare: Vec::new(),
            per_company: PerCompany::All,
            order: Order::Random,
            send: "24/7".to_owned(),
            window: span("28d"),
            washout: span("35d"),
            reminders: None,
            pacing: Pacing { total: span("0s"), channel: span("0s"), host: span("0s") },
            attempts_max: 3,
            stratify: None,
        },
        thresholds: Vec::new(),
        primary: None,
        rules: Rules {
            reply_elsewhere: ReplyElsewhere::CreditAskedChannel,
            missed_call: MissedCall::ContactNotAdequate,
            late: Late::Send,
        },
        publish: Publish::default(),
        codebook: Codebook::default(),
        rehearsal: Rehearsal::default(),
    }
}

/// A moment that many hours after the start.
pub(crate) fn after_hours(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}
