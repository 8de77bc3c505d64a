//! E-mail over real servers: what leaves, what can go wrong on the way, what is found in a mailbox.

mod maildir;
mod moving;
mod old_mail;
mod sending;
mod watching;

use crate::support::mailstack::PASSWORD;
use risposta::channels::email::EmailSender;
use risposta::channels::{Ended, Outgoing, Sender};
use risposta::clock::Clock;
use risposta::model::channel::Channel;
use risposta::model::ids::InquiryId;
use risposta::model::plan::{Due, PlannedInquiry, PlannedMessage};
use risposta::model::study::*;
use risposta::model::time::Span;
use risposta::net::Dialer;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// A text that every step of mail has a rule against.
const TEXT: &str = "Buongiorno,\nperché è così? グルテンは含まれていますか 👩🏽‍🌾\n.\n..\nFrom here\ntrailing \n\nEnrico\n";

fn password() -> SecretString {
    PASSWORD.into()
}

/// An inquiry to that address, from an alias of its own.
fn inquiry(to: &str, alias: &str) -> PlannedInquiry {
    let (company, question) = ("alfa".parse().unwrap(), "glutine".parse().unwrap());
    PlannedInquiry {
        id: InquiryId::new(&company, Channel::Email, &question, 1),
        company,
        channel: Channel::Email,
        question,
        repetition: 1,
        persona: "enrico".parse().unwrap(),
        wording: "a".to_owned(),
        position: 1,
        target: Target::Email { address: to.to_owned() },
        reply_to: Some(alias.to_owned()),
        reply_to_is_own: true,
        messages: vec![PlannedMessage {
            due: Due::At("2026-03-02T08:00:00Z".parse().unwrap()),
            message_id: format!("q1.{}", alias.replace('@', ".x@")),
            subject: "Glutine in Frollini, però 🍪".to_owned(),
            text: TEXT.to_owned(),
            fingerprint: String::new(),
        }],
    }
}

/// A sender for the only persona of a small study.
fn sender(mailbox: &Mailbox, password: Option<SecretString>) -> EmailSender {
    EmailSender::new(&study(mailbox), mailbox, password, Dialer::World, Clock::System).unwrap()
}

/// Prepares and delivers the inquiry's first message.
async fn send(sender: &EmailSender, inquiry: &PlannedInquiry) -> Ended {
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    sender.prepare(outgoing).await.unwrap_or_else(|refused| panic!("{refused:?}")).deliver().await.outcome
}

fn study(mailbox: &Mailbox) -> Study {
    let company = Company {
        id: "alfa".parse().unwrap(),
        name: "Biscotti Alfa".to_owned(),
        industry: None,
        group: None,
        timezone: chrono_tz::Europe::Rome,
        hours: None,
        country: None,
        asks: Vec::new(),
        vars: BTreeMap::new(),
        contact_points: Vec::new(),
        website: None,
        address: None,
        not_offered: Vec::new(),
        persona: None,
    };
    let persona = Persona {
        id: "enrico".parse().unwrap(),
        name: "Enrico Riva".to_owned(),
        phone: None,
        details: std::collections::BTreeMap::new(),
        mailbox: Some(mailbox.id.clone()),
        mastodon: None,
    };
    Study {
        id: "test".parse().unwrap(),
        title: "Test".to_owned(),
        language: "it".to_owned(),
        seed: 1,
        conduct: Conduct {
            purpose: "test".to_owned(),
            approval: None,
            max_messages_per_company: 9,
            max_messages_per_group: None,
            user_agent: None,
        },
        sample: None,
        mailboxes: vec![mailbox.clone()],
        mastodon: Vec::new(),
        personas: vec![persona],
        questions: Vec::new(),
        companies: vec![company],
        design: Design {
            compare: Vec::new(),
            per_company: PerCompany::All,
            order: Order::Listed,
            send: "24/7".to_owned(),
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
