//! The rehearsal's town, seen by the clients that a live wave uses.

mod mail;
mod web;

use crate::support::little_plan::{after_hours, plan, prompt, start};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use risposta::clock::{Clock, Stepper};
use risposta::model::channel::Channel;
use risposta::model::plan::Plan;
use risposta::model::study::{Behaviour, Says};
use risposta::model::task::{Said, Task};
use risposta::net::{Dialer, Service, install_tls_provider};
use risposta::rehearsal::{Town, Truth};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Everything here happens at once or not at all.
const AT_ONCE: Duration = Duration::from_secs(10);

struct Rehearsal {
    plan: Arc<Plan>,
    clock: Clock,
    town: Town,
}

impl Rehearsal {
    async fn start(inquiries: &[(Channel, Behaviour)]) -> Self {
        Self::start_with(inquiries, |_| ()).await
    }

    async fn start_with(inquiries: &[(Channel, Behaviour)], change: impl FnOnce(&mut Plan)) -> Self {
        install_tls_provider();
        let mut plan = plan(inquiries);
        change(&mut plan);
        let plan = Arc::new(plan);
        let stepper = Stepper::new(start());
        let town = Town::start(plan.clone(), stepper.clone()).await.unwrap();
        Self { plan, clock: Clock::Stepping(stepper), town }
    }

    /// Lets everything happen until then.
    async fn pass(&self, until: DateTime<Utc>) {
        while self.clock.now() < until {
            self.clock.wait_until(until).await;
        }
    }

    /// Sends a message of an inquiry as a mail client would; the server's answer code on refusal.
    async fn send(&self, inquiry: usize, message: usize) -> Result<(), Option<u16>> {
        let planned = &self.plan.inquiries[inquiry];
        let risposta::model::study::Target::Email { address } = &planned.target else { panic!("no mail") };
        self.send_to(inquiry, message, address).await
    }

    async fn send_to(&self, inquiry: usize, message: usize, to: &str) -> Result<(), Option<u16>> {
        let planned = &self.plan.inquiries[inquiry];
        let words = &planned.messages[message];
        let mail = Message::builder()
            .from(format!("Enrico Riva <{}>", planned.reply_to.as_ref().unwrap()).parse().unwrap())
            .to(to.parse().unwrap())
            .subject(&words.subject)
            .date(start().into())
            .message_id(Some(format!("<{}>", words.message_id)))
            .body(words.text.clone())
            .unwrap();
        let smtp = self.town.addresses().smtp;
        let mailer = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.ip().to_string())
            .port(smtp.port())
            .credentials(Credentials::new("anyone".to_owned(), "anything".to_owned()))
            .build();
        mailer.send(mail).await.map(|_| ()).map_err(|e| e.status().map(|code| code.to_string().parse().unwrap()))
    }

    async fn login(&self) -> async_imap::Session<TcpStream> {
        let dialer = Dialer::Town(self.town.addresses());
        let line = dialer.dial(Service::Imap, "mail.posta.example", 993).await.unwrap();
        let mut client = async_imap::Client::new(line.stream);
        client.read_response().await.unwrap().expect("a greeting");
        client.login("enrico@posta.example", "anything").await.map_err(|(e, _)| e).unwrap()
    }

    /// What lies in a folder: when it came, and the bytes.
    async fn folder(&self, name: &str) -> Vec<(DateTime<Utc>, Vec<u8>)> {
        let mut session = self.login().await;
        session.examine(name).await.unwrap();
        let fetched: Vec<_> =
            session.uid_fetch("1:*", "(UID INTERNALDATE BODY.PEEK[])").await.unwrap().try_collect().await.unwrap();
        let letters = fetched.iter().map(|f| (f.internal_date().unwrap().to_utc(), f.body().unwrap().to_vec()));
        letters.collect()
    }
}

fn only<T>(mut list: Vec<T>) -> T {
    assert_eq!(list.len(), 1);
    list.remove(0)
}

#[tokio::test]
async fn a_reminder_gets_a_second_draw_only_where_nobody_has_replied() {
    let late = Behaviour { delay_median: "9d".parse().unwrap(), ..prompt() };
    let rehearsal = Rehearsal::start(&[(Channel::Email, prompt()), (Channel::Email, late)]).await;
    rehearsal.send(0, 0).await.unwrap();
    rehearsal.send(1, 0).await.unwrap();
    rehearsal.pass(after_hours(7 * 24)).await;
    rehearsal.send(0, 1).await.unwrap();
    rehearsal.send(1, 1).await.unwrap();
    rehearsal.pass(after_hours(28 * 24)).await;
    let replied: Vec<_> = rehearsal.town.truth().iter().map(|t| (t.message, t.replied_at)).collect();
    let (first, second) = (Some(after_hours(2)), Some(after_hours(9 * 24)));
    assert_eq!(replied, [(0, first), (1, None), (0, second), (1, None)]);
    assert_eq!(rehearsal.folder("INBOX").await.len(), 2, "nobody replies twice");
}

#[tokio::test]
async fn the_person_sends_what_waits_and_tells_of_replies_with_their_true_time() {
    let kept = Behaviour { says: vec![Says::PromiseKept], ..prompt() };
    let broken = Behaviour { says: vec![Says::PromiseBroken], ..prompt() };
    let rehearsal =
        Rehearsal::start(&[(Channel::Facebook, prompt()), (Channel::Email, kept), (Channel::Chat, broken)]).await;
    let ids: Vec<_> = rehearsal.plan.inquiries.iter().map(|i| i.id.clone()).collect();
    let send = |i: usize| Task::Send { inquiry: ids[i].clone(), message: 0, due: start() };
    let mut person = rehearsal.town.person();
    rehearsal.send(1, 0).await.unwrap();
    let done = person.act(start(), &[send(0), send(2)]);
    assert!(done.iter().all(|r| r.what == Said::Sent && r.at == start()) && done.len() == 2, "{done:?}");
    rehearsal.pass(after_hours(20 * 24)).await;
    let check = Task::Check { inquiry: ids[0].clone(), due: after_hours(20 * 24) };
    let told = person.act(after_hours(20 * 24), &[check]);
    let told: Vec<_> = told.iter().map(|r| (r.inquiry.as_str(), r.via, r.what, r.at, r.note.is_some())).collect();
    let week_later = after_hours(2 + 7 * 24);
    assert_eq!(
        told,
        [
            (ids[0].as_str(), Channel::Facebook, Said::Reply, after_hours(2), true),
            (ids[2].as_str(), Channel::Chat, Said::Reply, after_hours(2), true),
            (ids[1].as_str(), Channel::Phone, Said::Call, after_hours(26), true),
            (ids[1].as_str(), Channel::Email, Said::Kept, after_hours(26), false),
            (ids[2].as_str(), Channel::Chat, Said::Broken, week_later, false),
            (ids[0].as_str(), Channel::Facebook, Said::Checked, after_hours(20 * 24), false),
        ]
    );
    assert!(person.act(after_hours(20 * 24), &[]).is_empty(), "nothing is told twice");
}

#[tokio::test]
async fn a_form_that_a_person_fills_in_is_answered_by_mail() {
    let rehearsal = Rehearsal::start(&[(Channel::WebForm, prompt())]).await;
    let inquiry = rehearsal.plan.inquiries[0].id.clone();
    let task = [Task::Send { inquiry, message: 0, due: start() }];
    let mut person = rehearsal.town.person();
    assert_eq!(only(person.act(start(), &task)).what, Said::Sent);
    // A task that is still open is told again, but done once.
    assert_eq!(only(person.act(start(), &task)).what, Said::Sent);
    rehearsal.pass(after_hours(24)).await;
    assert_eq!(only(rehearsal.folder("INBOX").await).0, after_hours(2));
    assert!(person.act(after_hours(24), &[]).is_empty(), "the mailbox tells, not the person");
}

#[tokio::test]
async fn the_order_of_arrival_changes_nothing() {
    let lively = Behaviour {
        reply: 0.5,
        delay_spread: 1.3,
        acknowledge: 0.5,
        bounce: 0.2,
        spam: 0.3,
        says: vec![Says::Answer, Says::Partial, Says::PromiseKept, Says::PromiseBroken],
        ..prompt()
    };
    let inquiries = vec![(Channel::Email, lively); 24];
    let mut runs: Vec<Vec<Truth>> = Vec::new();
    for backwards in [false, true] {
        let rehearsal = Rehearsal::start(&inquiries).await;
        let order: Vec<usize> = if backwards { (0..24).rev().collect() } else { (0..24).collect() };
        for i in order {
            rehearsal.send(i, 0).await.unwrap();
        }
        rehearsal.pass(after_hours(28 * 24)).await;
        runs.push(rehearsal.town.truth());
    }
    assert!(runs[0].iter().any(|t| t.replied_at.is_some()) && runs[0].iter().any(|t| t.bounced_at.is_some()));
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn the_town_is_on_loopback_alone_and_gone_when_it_is_dropped() {
    let rehearsal = Rehearsal::start(&[(Channel::Email, prompt())]).await;
    let at = rehearsal.town.addresses();
    assert!([at.smtp, at.imap, at.http].iter().all(|a| a.ip().is_loopback()));
    let idle = TcpStream::connect(at.imap).await.unwrap();
    drop(rehearsal);
    let gone = async {
        while TcpStream::connect(at.smtp).await.is_ok() || TcpStream::connect(at.http).await.is_ok() {
            tokio::task::yield_now().await;
        }
        // A connection that was open ends too.
        let mut rest = Vec::new();
        let mut idle = idle;
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut idle, &mut rest).await;
    };
    tokio::time::timeout(AT_ONCE, gone).await.expect("the servers stop");
}
