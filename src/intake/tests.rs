//! Every rule of tying, alone and in conflict, on a small wave.

use super::*;
use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, InquiryId};
use crate::model::inbound::{InboundKind, Tie};
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
    let points = points.iter().map(|(channel, target)| ContactPoint { channel: *channel, target: target.clone() });
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
        },
        thresholds: Vec::new(),
        primary: None,
        rules: Rules {
            reply_elsewhere: ReplyElsewhere::CreditAskedChannel,
            missed_call: MissedCall::Ignore,
            late: Late::Skip,
        },
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

#[test]
fn an_own_address_ties_wherever_it_stands() {
    let index = Index::new(&plan(true));
    for field in ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To"] {
        let reading = mail(
            &format!("From: x@elsewhere.example\n{field}: \"E\" <ENRICO.alfa.web_form@posta.example>"),
            "No.",
            &index,
        );
        assert_eq!(tied(&reading), Some((ALFA_FORM, Tie::Alias)), "{field}");
        assert_eq!(reading.interpretation.kind, InboundKind::Reply);
    }
    let hidden = "Received: from a by b for <enrico.beta.email@posta.example>; Mon\nFrom: x@y.example";
    assert_eq!(tied(&mail(hidden, "No.", &index)), Some((BETA_MAIL, Tie::Alias)));
}

#[test]
fn a_shared_address_ties_nothing() {
    let index = Index::new(&plan(false));
    let reading = mail("From: x@elsewhere.example\nTo: enrico@posta.example", "No.", &index);
    assert_eq!(tied(&reading), None);
    assert!(reading.interpretation.needs_review());
}

#[test]
fn our_message_id_ties_a_reminders_too() {
    let index = Index::new(&plan(false));
    for field in ["In-Reply-To", "References"] {
        for n in 0..2 {
            let reading = mail(
                &format!("From: x@elsewhere.example\n{field}: <other@x> <{ALFA_FORM}.{n}@posta.example>"),
                "No.",
                &index,
            );
            assert_eq!(tied(&reading), Some((ALFA_FORM, Tie::MessageId)));
        }
    }
}

#[test]
fn address_and_message_id_that_disagree_go_to_review_with_both() {
    let index = Index::new(&plan(true));
    let reading = mail(
        &format!(
            "From: a@alfa.example\nTo: enrico.alfa.email@posta.example\nIn-Reply-To: <{ALFA_FORM}.0@posta.example>"
        ),
        "No.",
        &index,
    );
    assert_eq!(tied(&reading), None);
    assert_eq!(candidates(&reading), [ALFA_MAIL, ALFA_FORM]);
    assert!(reading.interpretation.because.contains(&"evidence-disagrees".to_owned()));
}

#[test]
fn an_answer_to_two_inquiries_at_once_goes_to_review() {
    let index = Index::new(&plan(true));
    let both = "From: a@alfa.example\nTo: enrico.alfa.email@posta.example, enrico.alfa.web_form@posta.example";
    let reading = mail(both, "No.", &index);
    assert_eq!(tied(&reading), None);
    assert_eq!(candidates(&reading), [ALFA_MAIL, ALFA_FORM]);
}

#[test]
fn a_message_id_chooses_among_two_addresses() {
    let index = Index::new(&plan(true));
    let headers = format!(
        "From: a@alfa.example\nTo: enrico.alfa.email@posta.example, enrico.alfa.web_form@posta.example\nIn-Reply-To: <{ALFA_FORM}.0@posta.example>"
    );
    assert_eq!(tied(&mail(&headers, "No.", &index)), Some((ALFA_FORM, Tie::Alias)));
}

#[test]
fn what_was_tied_ties_what_continues_it() {
    let mut index = Index::new(&plan(true));
    let first = mail("From: a@elsewhere.example\nTo: enrico.alfa.web_form@posta.example", "Chiedo.", &index);
    index.learn(&ALFA_FORM.into(), &first);
    let headers = format!("From: b@elsewhere.example\nReferences: <{}>", first.message_id.unwrap());
    assert_eq!(tied(&mail(&headers, "No.", &index)), Some((ALFA_FORM, Tie::MessageId)));
}

#[test]
fn a_message_id_that_a_broken_responder_uses_for_all_ties_nothing() {
    let mut index = Index::new(&plan(true));
    for (inquiry, alias) in [(ALFA_FORM, "alfa.web_form"), (ALFA_MAIL, "alfa.email")] {
        let raw =
            format!("Message-ID: <always@alfa.example>\nFrom: a@alfa.example\nTo: enrico.{alias}@posta.example\n\nx\n");
        let reading = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
        index.learn(&inquiry.into(), &reading);
    }
    let reading = mail("From: a@alfa.example\nReferences: <always@alfa.example>", "No.", &index);
    assert_eq!((tied(&reading), candidates(&reading)), (None, vec![ALFA_FORM, ALFA_MAIL]));
}

#[test]
fn a_ticket_number_ties_the_agents_later_mail_of_the_same_domain_only() {
    let mut index = Index::new(&plan(true));
    let acknowledgement = mail(
        "From: no-reply@alfa.example\nTo: enrico.alfa.web_form@posta.example\nAuto-Submitted: auto-replied\nSubject: Richiesta ricevuta",
        "Il Suo numero di ticket è 2026-44512. Messaggio automatico.",
        &index,
    );
    assert_eq!(acknowledgement.interpretation.kind, InboundKind::Acknowledgement);
    index.learn(&ALFA_FORM.into(), &acknowledgement);
    let subject = "To: enrico@posta.example\nSubject: [Ticket #2026-44512] Glutine";
    let agent = mail(&format!("From: carla@help.alfa.example\n{subject}"), "No.", &index);
    assert_eq!(tied(&agent), Some((ALFA_FORM, Tie::Ticket)));
    let stranger = mail(&format!("From: carla@gamma.example\n{subject}"), "No.", &index);
    assert_eq!(tied(&stranger), None);
}

#[test]
fn a_merged_ticket_never_overrules_an_own_address() {
    let mut index = Index::new(&plan(true));
    let headers =
        |alias: &str| format!("From: c@alfa.example\nTo: enrico.{alias}@posta.example\nSubject: [Ticket #44512] x");
    let first = mail(&headers("alfa.email"), "Vediamo.", &index);
    index.learn(&ALFA_MAIL.into(), &first);
    let reading = mail(&headers("alfa.web_form"), "No.", &index);
    assert_eq!(tied(&reading), Some((ALFA_FORM, Tie::Alias)));
    assert_eq!(candidates(&reading), [ALFA_MAIL]);
}

#[test]
fn domain_and_quoted_question_tie_where_only_one_inquiry_fits() {
    let index = Index::new(&plan(false));
    let quoted = format!("No, non lo contiene.\n\n> {}", QUESTION.replace(". ", ".\n> "));
    let beta = mail("From: carla@crm.beta.example\nTo: enrico@posta.example", &quoted, &index);
    assert_eq!(tied(&beta), Some((BETA_MAIL, Tie::DomainAndQuote)));
    let stranger = mail("From: carla@gamma.example", &quoted, &index);
    assert_eq!((tied(&stranger), candidates(&stranger)), (None, vec![]));
}

#[test]
fn the_same_question_twice_to_one_company_is_never_mixed_up() {
    let index = Index::new(&plan(false));
    let quoted = format!("No.\n\n> {QUESTION}");
    let reading = mail("From: carla@alfa.example\nTo: enrico@posta.example", &quoted, &index);
    assert_eq!(tied(&reading), None);
    assert_eq!(candidates(&reading).len(), 3);
    assert!(reading.interpretation.because.contains(&"several-inquiries".to_owned()));
}

#[test]
fn a_company_that_quotes_nothing_or_writes_before_it_was_asked_is_not_tied() {
    let index = Index::new(&plan(false));
    let silent = mail("From: info@beta.example", "Buongiorno, nessun glutine.", &index);
    assert_eq!((tied(&silent), candidates(&silent)), (None, vec![BETA_MAIL]));
    let raw = format!("From: info@beta.example\n\n> {QUESTION}\n");
    let early = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-02T08:59:00Z"), &index);
    assert_eq!((tied(&early), candidates(&early)), (None, vec![]));
}

#[test]
fn bounces_are_tied_by_what_they_return() {
    let index = Index::new(&plan(true));
    let report = |returned: &str| {
        format!(
            "--b\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; info@beta.example\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\n{returned}\n\nBuongiorno\n--b--"
        )
    };
    let headers = "From: MAILER-DAEMON@mx.example\nTo: enrico@posta.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b";
    let by_id =
        mail(headers, &report(&format!("From: e@posta.example\nMessage-ID: <{BETA_MAIL}.0@posta.example>")), &index);
    assert_eq!(tied(&by_id), Some((BETA_MAIL, Tie::MessageId)));
    assert_eq!(by_id.interpretation.status.as_deref(), Some("5.1.1"));
    let by_from = mail(headers, &report("From: <enrico.beta.email@posta.example>"), &index);
    assert_eq!(tied(&by_from), Some((BETA_MAIL, Tie::Alias)));
    let plain = mail(
        "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: failure notice",
        &format!(
            "Hi. I'm sorry, delivery failed: 550 no such user.\n\n--- Below is a copy:\nReceived: from x\nMessage-ID: <{BETA_MAIL}.0@posta.example>"
        ),
        &index,
    );
    assert_eq!((plain.interpretation.kind, tied(&plain)), (InboundKind::Bounce, Some((BETA_MAIL, Tie::MessageId))));
}

#[test]
fn our_own_mail_seen_again_is_no_reply() {
    let index = Index::new(&plan(true));
    let raw =
        format!("Message-ID: <{BETA_MAIL}.0@posta.example>\nFrom: enrico.beta.email@posta.example\n\n{QUESTION}\n");
    let sent = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
    assert_eq!(sent.interpretation.kind, InboundKind::OwnCopy);
    let copy = mail("From: enrico.beta.email@posta.example\nTo: enrico.beta.email@posta.example", QUESTION, &index);
    assert_eq!(copy.interpretation.kind, InboundKind::OwnCopy);
    let forged = mail("From: enrico.beta.email@posta.example\nTo: enrico.beta.email@posta.example", "Vincite!", &index);
    assert_eq!((forged.interpretation.kind, tied(&forged)), (InboundKind::Reply, None));
    assert!(forged.interpretation.needs_review());
}

#[test]
fn a_newsletter_is_unrelated_until_it_comes_to_an_own_address() {
    let index = Index::new(&plan(true));
    let list = "From: news@gamma.example\nList-Unsubscribe: <https://g.example>";
    assert_eq!(mail(list, "Offerte", &index).interpretation.kind, InboundKind::Unrelated);
    let ours = mail(&format!("{list}\nTo: enrico.beta.email@posta.example"), "Offerte", &index);
    assert_eq!((tied(&ours), candidates(&ours)), (None, vec![BETA_MAIL]));
    assert!(ours.interpretation.needs_review());
}

#[test]
fn a_ticket_systems_auto_generated_mail_without_a_machines_words_goes_to_review() {
    let index = Index::new(&plan(true));
    let headers = "From: Carla <carla@alfa.example>\nTo: enrico.alfa.email@posta.example\nAuto-Submitted: auto-generated\nX-Zendesk-From-Account-Id: 1";
    let reading = mail(headers, "No, non contiene glutine. Carla", &index);
    assert_eq!((reading.interpretation.kind, tied(&reading)), (InboundKind::Reply, None));
    assert_eq!(candidates(&reading), [ALFA_MAIL]);
}

fn status(id: &str, in_reply_to: &str, acct: &str, bot: bool) -> String {
    format!(
        r#"{{"id":"{id}","in_reply_to_id":{in_reply_to},"created_at":"2026-03-03T09:00:00Z","content":"<p><span>@enrico</span> No, <b>niente</b> glutine.</p><script>x()</script>","account":{{"acct":"{acct}","url":"https://social.example/@alfa","bot":{bot}}},"mentions":[]}}"#
    )
}

fn post(json: &str, index: &Index) -> Reading {
    read(json.as_bytes(), RawFormat::MastodonStatus, at("2026-03-03T09:00:00Z"), index)
}

#[test]
fn a_status_is_tied_by_its_thread_and_so_is_what_answers_it() {
    let mut index = Index::new(&plan(true));
    index.learn_receipt(&ALFA_SOCIAL.into(), "100");
    let first = post(&status("101", "\"100\"", "alfa", false), &index);
    assert_eq!(tied(&first), Some((ALFA_SOCIAL, Tie::Thread)));
    assert_eq!(first.interpretation.kind, InboundKind::Reply);
    assert_eq!(first.text, "@enrico No, niente glutine.");
    assert_eq!(first.from.as_deref(), Some("alfa@social.example"));
    index.learn(&ALFA_SOCIAL.into(), &first);
    let second = format!(r#"{{"id":"9","type":"mention","status":{}}}"#, status("102", "\"101\"", "alfa", true));
    let second = post(&second, &index);
    assert_eq!((second.interpretation.kind, tied(&second)), (InboundKind::BotReply, Some((ALFA_SOCIAL, Tie::Thread))));
    assert_eq!(post(&status("100", "null", "enrico", false), &index).interpretation.kind, InboundKind::OwnCopy);
}

#[test]
fn a_companys_mention_outside_the_thread_goes_to_review() {
    let index = Index::new(&plan(true));
    let reading = post(&status("101", "\"55\"", "alfa", false), &index);
    assert_eq!(tied(&reading), None);
    assert!(candidates(&reading).contains(&ALFA_SOCIAL));
    let stranger = post(&status("101", "null", "x@y.example", false), &index);
    assert_eq!((tied(&stranger), candidates(&stranger)), (None, vec![]));
}

#[test]
fn what_cannot_be_read_goes_to_review() {
    let index = Index::new(&plan(true));
    let stamp = at("2026-03-03T09:00:00Z");
    for (raw, format) in [
        (&b""[..], RawFormat::Mail),
        (b"\xff\xfe\x00", RawFormat::Mail),
        (b"no header at all", RawFormat::Mail),
        (b"{", RawFormat::MastodonStatus),
        (b"[1,2]", RawFormat::MastodonStatus),
    ] {
        let reading = read(raw, format, stamp, &index);
        assert_eq!(reading.interpretation.because, ["unreadable"]);
        assert!(reading.interpretation.needs_review());
    }
    let note = read("Ha chiamato Carla".as_bytes(), RawFormat::Note, stamp, &index);
    assert_eq!((note.interpretation.kind, note.text.as_str()), (InboundKind::Reply, "Ha chiamato Carla"));
}

#[test]
fn bombs_are_read_in_bounded_time() {
    let index = Index::new(&plan(true));
    let deep: String = (0..20_000).map(|_| "Content-Type: message/rfc822\n\n").collect();
    let nested: String =
        (0..3_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let parts = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(10_000));
    let fields = format!("{}\nx", "A: b\n".repeat(200_000));
    let folded = format!("To:{}\n\nx", "\n a@b.example,".repeat(100_000));
    let html = format!("Content-Type: text/html\n\n{}", "<div><blockquote><script>".repeat(50_000));
    let arrows = format!("From: a@b\n\n{}", ">\n".repeat(200_000));
    for (name, raw) in [
        ("deep", deep),
        ("nested", nested),
        ("parts", parts),
        ("fields", fields),
        ("folded", folded),
        ("html", html),
        ("arrows", arrows),
    ] {
        let start = std::time::Instant::now();
        let reading = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
        assert_ne!(reading.interpretation.because, ["unreadable"], "{name}");
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn a_hundred_thousand_inquiries_are_indexed() {
    let mut plan = plan(true);
    let template = plan.inquiries[0].clone();
    plan.inquiries = (0..100_000)
        .map(|n| {
            let mut inquiry = template.clone();
            inquiry.id = InquiryId::from(format!("alfa.email.q.{n}").as_str());
            inquiry.reply_to = Some(format!("e{n}@posta.example"));
            inquiry.messages[0].message_id = format!("{n}@posta.example");
            inquiry
        })
        .collect();
    let index = Index::new(&plan);
    let reading = mail("From: x@alfa.example\nTo: e99999@posta.example", "No.", &index);
    assert_eq!(tied(&reading), Some(("alfa.email.q.99999", Tie::Alias)));
    // A sender that stands for all of them says nothing: nothing is tied, the list stays short.
    let vague = mail("From: x@alfa.example", &format!("> {QUESTION}"), &index);
    assert_eq!(tied(&vague), None);
    assert!(candidates(&vague).len() <= 20);
}
