//! A world behind the loop's own seams, the traits `Sender` and `Source`: companies that receive,
//! and a mailbox that fills, on a stepping clock. What a company does follows from its fate and
//! from when it was asked, so that a world can be built again as it was at any moment.

use super::little_plan::{plan, prompt, start};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use risposta::channels::{Delivered, Ended, Evidence, Outgoing, Prepared, Refused, Sender};
use risposta::clock::Stepper;
use risposta::model::channel::Channel;
use risposta::model::ids::AccountId;
use risposta::model::inbound::{RawFormat, RawInbound};
use risposta::model::outcome::{Failure, Outcome, Phase};
use risposta::model::plan::Plan;
use risposta::model::time::Stamp;
use risposta::sources::{Batch, Source, SourceError, Trouble};
use risposta::wave::accounts::{Accounts, Senders};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Most messages of one batch: few, so that batches are tested.
const BATCH: usize = 2;

/// What a company does with a question that comes by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Replies that many hours later.
    Replies(i64),
    /// Replies that many hours later, and the mail lies in two folders.
    RepliesTwice(i64),
    /// A machine says "received" after a minute, nobody replies.
    Acknowledges,
    /// A machine and, hours later, a person write under one and the same Message-ID.
    OneIdForAll(i64),
    /// Nothing.
    Silent,
    /// Replies a day after the reminder.
    WakesUp,
    /// The mail comes back after an hour.
    Bounces,
    /// The server refuses it for good.
    Refuses,
    /// The server says "later" that often, then the company replies after a day.
    Defers(usize),
    /// The delivery never ends.
    Hangs,
    /// Our own code dies in the delivery.
    Kills,
}

/// Everything outside of Risposta.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<Inner>>);

pub(crate) struct Inner {
    plan: Arc<Plan>,
    fates: Vec<Fate>,
    stepper: Stepper,
    /// How often each message (inquiry, message) reached its company.
    pub(crate) received: BTreeMap<(usize, usize), u32>,
    /// How often a server was asked to take each inquiry's first message.
    pub(crate) tries: HashMap<usize, usize>,
    /// What lies in our mailbox.
    pub(crate) mailbox: Vec<RawInbound>,
    /// While our submission server is down.
    pub(crate) account_down: Option<Range<DateTime<Utc>>>,
    /// While our mailbox cannot be read.
    pub(crate) mailbox_down: Option<Range<DateTime<Utc>>>,
    /// Numbers of the mailbox's folder start anew with each.
    pub(crate) uidvalidity: u32,
    /// Called with the number of messages that lie before a cursor.
    pub(crate) on_fetch: Option<Box<dyn Fn(usize) + Send>>,
}

impl World {
    /// A plan with one company for each fate, and its world, in which nothing has happened yet.
    pub(crate) fn of(fates: &[Fate]) -> (Arc<Plan>, Self) {
        let plan = Arc::new(plan(&vec![(Channel::Email, prompt()); fates.len()]));
        let world = Self::again(plan.clone(), fates, Stepper::new(start()));
        (plan, world)
    }

    /// A world for a plan at the clock's moment.
    pub(crate) fn again(plan: Arc<Plan>, fates: &[Fate], stepper: Stepper) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            plan,
            fates: fates.to_vec(),
            stepper,
            received: BTreeMap::new(),
            tries: HashMap::new(),
            mailbox: Vec::new(),
            account_down: None,
            mailbox_down: None,
            uidvalidity: 1,
            on_fetch: None,
        })))
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub(crate) fn stepper(&self) -> Stepper {
        self.inner().stepper.clone()
    }

    /// The accounts that reach this world.
    pub(crate) fn accounts(&self) -> Accounts {
        let mut senders = Senders::default();
        let account: AccountId = "posta".parse().unwrap();
        let sender = Arc::new(Submission { account: account.clone(), world: self.clone() });
        senders.insert(Channel::Email, "enrico".parse().unwrap(), sender);
        let inbox = Mailbox { account, world: self.clone() };
        Accounts { senders, sources: vec![Box::new(inbox)], threads: HashMap::new() }
    }

    /// A company receives a message; what follows is on the clock's agenda when this returns.
    pub(crate) fn receive(&self, inquiry: usize, message: usize, at: DateTime<Utc>) {
        let mut inner = self.inner();
        let first = {
            let times = inner.received.entry((inquiry, message)).or_default();
            *times += 1;
            *times == 1
        };
        if !first {
            return;
        }
        let hours = |hours: i64| at + TimeDelta::hours(hours);
        let mails: Vec<(DateTime<Utc>, Letter)> = match (inner.fates[inquiry], message) {
            (Fate::Replies(after), 0) => vec![(hours(after), Letter::Reply)],
            (Fate::RepliesTwice(after), 0) => vec![(hours(after), Letter::Reply), (hours(after), Letter::Reply)],
            (Fate::Acknowledges, 0) => vec![(at + TimeDelta::minutes(1), Letter::Acknowledgement)],
            (Fate::OneIdForAll(after), 0) => {
                vec![(at + TimeDelta::minutes(1), Letter::Acknowledgement), (hours(after), Letter::Reply)]
            }
            (Fate::Bounces, 0) => vec![(hours(1), Letter::Bounce(0))],
            (Fate::Defers(_), 0) | (Fate::WakesUp, 1) => vec![(hours(24), Letter::Reply)],
            _ => Vec::new(),
        };
        for (at, letter) in mails {
            let bytes = inner.write(inquiry, letter, at);
            let world = self.clone();
            let arrives = async move { world.inner().arrive(bytes, at) };
            inner.stepper.schedule(at, arrives);
        }
    }

    fn deliver(&self, inquiry: usize, message: usize) -> Ended {
        let (fate, now, tries) = {
            let mut inner = self.inner();
            let tries = inner.tries.entry(inquiry).or_default();
            *tries += usize::from(message == 0);
            let tries = *tries;
            (inner.fates[inquiry], inner.stepper.now(), tries)
        };
        let failure = |code| Failure::new(Phase::Address, "says the server").with_code(code);
        match fate {
            Fate::Refuses => return Outcome::Rejected(failure(550)),
            Fate::Defers(times) if tries <= times => return Outcome::Deferred(failure(451)),
            _ => {}
        }
        self.receive(inquiry, message, now);
        Outcome::Accepted { at: Stamp::server(now), receipt: Some(format!("queued as {inquiry}.{message}")) }
    }
}

/// What a company's side writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter {
    Reply,
    Acknowledgement,
    /// That message of ours comes back.
    Bounce(usize),
    /// Our own copy of that message.
    Copy(usize),
}

impl Letter {
    /// Its bytes, for that inquiry, under a Message-ID that begins so.
    pub(crate) fn write(self, plan: &Plan, inquiry: usize, id: &str, at: DateTime<Utc>) -> Vec<u8> {
        let planned = &plan.inquiries[inquiry];
        let asked = &planned.messages[0];
        let (to, date) = (planned.reply_to.as_deref().unwrap(), at.to_rfc2822());
        let head = format!("To: {to}\r\nDate: {date}\r\nMessage-ID: <{id}.{inquiry}@ditta{inquiry}.example>\r\n");
        let thread = format!("In-Reply-To: <{}>\r\nSubject: Re: {}\r\n", asked.message_id, asked.subject);
        let from = format!("From: Ditta <info@ditta{inquiry}.example>\r\n");
        let text = match self {
            Self::Reply => {
                format!(
                    "{from}{head}{thread}\r\nBuongiorno, no, i frollini {inquiry} non contengono glutine.\r\nAnna\r\n"
                )
            }
            Self::Acknowledgement => format!(
                "{from}{head}{thread}Auto-Submitted: auto-replied\r\n\r\nAbbiamo ricevuto il suo messaggio. \
                 Questa è una risposta automatica.\r\n"
            ),
            Self::Bounce(message) => format!(
                "From: MAILER-DAEMON@mail.posta.example\r\n{head}Subject: Undelivered Mail Returned to Sender\r\n\
                 Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
                 Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
                 --b\r\nContent-Type: text/plain\r\n\r\nUnknown user.\r\n\
                 --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.posta.example\r\n\r\n\
                 Final-Recipient: rfc822; info@ditta{inquiry}.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
                 --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{}>\r\n\r\n--b--\r\n",
                planned.messages[message].message_id
            ),
            Self::Copy(message) => {
                let ours = &planned.messages[message];
                let thread =
                    if message > 0 { format!("In-Reply-To: <{}>\r\n", asked.message_id) } else { String::new() };
                format!(
                    "Delivered-To: enrico@posta.example\r\nFrom: Enrico Riva <{to}>\r\nTo: info@ditta{inquiry}.example\r\n\
                     Date: {date}\r\nMessage-ID: <{}>\r\n{thread}Subject: {}\r\n\r\n{}\r\n",
                    ours.message_id, ours.subject, ours.text
                )
            }
        };
        text.into_bytes()
    }
}

impl Inner {
    fn arrive(&mut self, bytes: Vec<u8>, at: DateTime<Utc>) {
        let locator = format!("INBOX/{}/{}", self.uidvalidity, self.mailbox.len() + 1);
        let received = Stamp::server(at);
        self.mailbox.push(RawInbound {
            locator,
            format: RawFormat::Mail,
            bytes: bytes.into(),
            received,
            in_spam: false,
        });
    }

    fn write(&self, inquiry: usize, letter: Letter, at: DateTime<Utc>) -> Vec<u8> {
        let id = match (self.fates[inquiry], letter) {
            (Fate::OneIdForAll(_), _) => "same",
            (_, Letter::Reply) => "reply",
            (_, Letter::Acknowledgement) => "acknowledgement",
            (_, Letter::Bounce(_)) => "bounce",
            (_, Letter::Copy(_)) => "copy",
        };
        letter.write(&self.plan, inquiry, id, at)
    }
}

/// Our submission server.
struct Submission {
    account: AccountId,
    world: World,
}

struct Ready {
    world: World,
    inquiry: usize,
    message: usize,
}

#[async_trait]
impl Sender for Submission {
    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let inner = self.world.inner();
        if inner.account_down.as_ref().is_some_and(|down| down.contains(&inner.stepper.now())) {
            let failure = Failure::new(Phase::Login, "535 login refused").with_code(535);
            return Err(Outcome::AccountFailed { account: self.account.clone(), failure }.into());
        }
        let planned = |p: &risposta::model::plan::PlannedInquiry| p.id == outgoing.inquiry.id;
        let inquiry = inner.plan.inquiries.iter().position(planned).unwrap();
        let messages = &outgoing.inquiry.messages;
        let message = messages.iter().position(|m| m.message_id == outgoing.message.message_id).unwrap();
        Ok(Box::new(Ready { world: self.world.clone(), inquiry, message }))
    }
}

#[async_trait]
impl Prepared for Ready {
    fn bytes_sha256(&self) -> Option<String> {
        None
    }

    fn evidence(&self) -> Vec<Evidence> {
        vec![Evidence { label: "message", bytes: format!("{}.{}", self.inquiry, self.message).into_bytes() }]
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let fate = self.world.inner().fates[self.inquiry];
        match fate {
            Fate::Hangs => std::future::pending().await,
            Fate::Kills => panic!("our own code dies"),
            _ => {}
        }
        Delivered { outcome: self.world.deliver(self.inquiry, self.message), evidence: Vec::new() }
    }
}

/// Our mailbox. Its cursor is `uidvalidity/messages seen`.
struct Mailbox {
    account: AccountId,
    world: World,
}

#[async_trait]
impl Source for Mailbox {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError> {
        let inner = self.world.inner();
        if inner.mailbox_down.as_ref().is_some_and(|down| down.contains(&inner.stepper.now())) {
            return Err(SourceError {
                trouble: Trouble::Unreachable,
                what: "the mailbox is down".to_owned(),
                help: "wait".to_owned(),
            });
        }
        let known =
            cursor.and_then(|c| c.split_once('/')).map_or((0, 0), |(v, n)| (v.parse().unwrap(), n.parse().unwrap()));
        let from: usize = if known.0 == inner.uidvalidity { known.1 } else { 0 };
        if let Some(on_fetch) = &inner.on_fetch {
            on_fetch(from);
        }
        let messages: Vec<_> = inner.mailbox.iter().skip(from).take(BATCH).cloned().collect();
        let to = from + messages.len();
        let cursor = format!("{}/{to}", inner.uidvalidity);
        Ok(Batch { messages, cursor, more: to < inner.mailbox.len(), missed: None })
    }

    async fn wait(&mut self, at_most: Duration) {
        tokio::time::sleep(at_most).await;
    }
}
