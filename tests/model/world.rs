//! The truth: what really left, arrived and came back, whatever Risposta knows of it.

use super::case::{Case, Fate, Try, start};
use crate::support::fake_world::Letter;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use risposta::channels::{Delivered, Ended, Evidence, Outgoing, Prepared, Refused, Sender, Trace};
use risposta::clock::Stepper;
use risposta::model::channel::Channel;
use risposta::model::ids::{AccountId, CompanyId};
use risposta::model::inbound::{RawFormat, RawInbound};
use risposta::model::outcome::{Failure, Outcome, Phase};
use risposta::model::plan::{Plan, PlannedInquiry};
use risposta::model::study::Target;
use risposta::model::time::Stamp;
use risposta::sources::{Batch, Source, SourceError, Trouble};
use risposta::wave::accounts::{Accounts, Senders};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// Most messages of one batch.
const BATCH: usize = 2;

/// Everything outside of Risposta.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<Truth>>);

pub(crate) struct Truth {
    case: Case,
    pub(crate) plan: Arc<Plan>,
    pub(crate) stepper: Stepper,
    /// How far our clock is ahead of the world's.
    pub(crate) ahead: TimeDelta,
    /// The messages that reached a company, in order.
    pub(crate) arrivals: Vec<Arrival>,
    /// Tries so far, of each message.
    pub(crate) tried: BTreeMap<(usize, usize), Vec<Try>>,
    /// When each letter came, by the world's clock: what, for whom.
    pub(crate) letters: Vec<(usize, Letter, DateTime<Utc>)>,
    /// Calls that a person recorded.
    pub(crate) calls: Vec<(usize, DateTime<Utc>)>,
    /// How often a person said of a message that it had not left, though it had.
    pub(crate) lies: BTreeMap<(usize, usize), usize>,
    /// What a person said had left, though it had not.
    pub(crate) believed: BTreeSet<(usize, usize)>,
    pub(crate) stopped: BTreeSet<CompanyId>,
    /// Where each company must be written to.
    pub(crate) address: HashMap<usize, String>,
    /// What lies in our mailbox.
    mailbox: Vec<RawInbound>,
    folder: &'static str,
    uidvalidity: u32,
    pub(crate) mailbox_down: usize,
    pub(crate) account_down: usize,
    /// The program is to be killed at the next look.
    pub(crate) kill_in_look: bool,
    /// The program is to be killed before it writes an end down.
    pub(crate) kill_before_end: bool,
    pub(crate) killed: Arc<Notify>,
    pub(crate) account_failures: usize,
}

/// A message that reached a company.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) inquiry: usize,
    pub(crate) message: usize,
    /// By our clock.
    pub(crate) at: DateTime<Utc>,
    pub(crate) by_hand: bool,
}

impl World {
    pub(crate) fn of(case: &Case, plan: Arc<Plan>) -> Self {
        let address = |p: &PlannedInquiry| match &p.target {
            Target::Email { address } => address.clone(),
            _ => String::new(),
        };
        Self(Arc::new(Mutex::new(Truth {
            case: case.clone(),
            address: plan.inquiries.iter().map(address).enumerate().collect(),
            plan,
            stepper: Stepper::new(start()),
            ahead: TimeDelta::zero(),
            arrivals: Vec::new(),
            tried: BTreeMap::new(),
            letters: Vec::new(),
            calls: Vec::new(),
            lies: BTreeMap::new(),
            believed: BTreeSet::new(),
            stopped: BTreeSet::new(),
            mailbox: Vec::new(),
            folder: "INBOX",
            uidvalidity: 1,
            mailbox_down: 0,
            account_down: 0,
            kill_in_look: false,
            kill_before_end: false,
            killed: Arc::new(Notify::new()),
            account_failures: 0,
        })))
    }

    pub(crate) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.0.lock().unwrap()
    }

    pub(crate) fn stepper(&self) -> Stepper {
        self.truth().stepper.clone()
    }

    /// Our accounts in this world.
    pub(crate) fn accounts(&self) -> Accounts {
        let account: AccountId = "posta".parse().unwrap();
        let mut senders = Senders::default();
        let sender = Arc::new(Submission { account: account.clone(), world: self.clone() });
        senders.insert(Channel::Email, "enrico".parse().unwrap(), sender);
        Accounts { senders, sources: vec![Box::new(Inbox { account, world: self.clone() })], threads: HashMap::new() }
    }

    /// The program is killed: it goes no further.
    async fn kill(&self) -> std::convert::Infallible {
        self.truth().killed.notify_one();
        std::future::pending().await
    }

    /// A message reaches its company; what follows is on the clock's agenda when this returns.
    pub(crate) fn arrives(&self, inquiry: usize, message: usize, by_hand: bool) {
        let mut truth = self.truth();
        let now = truth.stepper.now();
        let first = truth.copies(inquiry, message) == 0;
        truth.arrivals.push(Arrival { inquiry, message, at: now, by_hand });
        truth.nothing_wrong_with(inquiry, message);
        if truth.case.copied && !by_hand {
            let (world, soon) = (self.clone(), now + TimeDelta::seconds(20));
            truth.stepper.schedule(soon, async move { world.truth().comes(inquiry, Letter::Copy(message)) });
        }
        if !first || truth.case.companies[inquiry].by_hand {
            return;
        }
        let hours = |hours: u16| now + TimeDelta::hours(hours.into());
        let letters: Vec<(DateTime<Utc>, Letter)> = match (truth.case.companies[inquiry].fate, message) {
            (Fate::Replies { hours: after }, 0) => vec![(hours(after), Letter::Reply)],
            (Fate::Acknowledges { reply_hours }, 0) => {
                let reply = reply_hours.map(|after| (hours(after) + TimeDelta::minutes(2), Letter::Reply));
                std::iter::once((now + TimeDelta::minutes(1), Letter::Acknowledgement)).chain(reply).collect()
            }
            (Fate::Bounces { hours: after }, 0) => vec![(hours(after), Letter::Bounce(0))],
            (Fate::ReminderBounces, 1) => vec![(hours(1), Letter::Bounce(1))],
            _ => Vec::new(),
        };
        for (at, letter) in letters {
            let world = self.clone();
            truth.stepper.schedule(at, async move { world.truth().comes(inquiry, letter) });
        }
    }
}

impl Truth {
    /// The world's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.stepper.now() - self.ahead
    }

    /// How often a message reached its company.
    pub(crate) fn copies(&self, inquiry: usize, message: usize) -> usize {
        self.arrivals.iter().filter(|a| (a.inquiry, a.message) == (inquiry, message)).count()
    }

    /// What must hold of every message that reaches a company.
    fn nothing_wrong_with(&self, inquiry: usize, message: usize) {
        let (now, planned) = (self.stepper.now(), &self.plan.inquiries[inquiry]);
        let allowed = 1 + self.lies.get(&(inquiry, message)).copied().unwrap_or_default();
        assert!(
            self.copies(inquiry, message) <= allowed,
            "never twice: {} got message {message} again",
            planned.company
        );
        assert!(!self.stopped.contains(&planned.company), "left alone: {} was written to", planned.company);
        assert!(!self.case.office_hours || is_office_hour(now), "send window: {} at {now}", planned.id);
        assert!(planned.first_due().unwrap() <= now, "not early: {} at {now}", planned.id);
        if message > 0 && !self.case.has_wrong_clock() {
            let asked = self.arrivals.iter().find(|a| (a.inquiry, a.message) == (inquiry, 0));
            let asked = asked.map(|a| a.at);
            assert!(asked.is_some() || self.believed.contains(&(inquiry, 0)), "a reminder reminds of something");
            assert!(
                asked.is_none_or(|asked| now - asked >= TimeDelta::days(2)),
                "not early: reminder of {} at {now}",
                planned.id
            );
            let lag = now - TimeDelta::minutes(11);
            let replied = self.letters.iter().any(|(i, l, at)| *i == inquiry && *l == Letter::Reply && *at < lag);
            assert!(!replied, "who has replied is not reminded: {} at {now}", planned.id);
        }
        let machine: Vec<_> = self.arrivals.iter().filter(|a| !a.by_hand).collect();
        if let ([.., before, _], true) = (&machine[..], self.case.paced && !self.case.has_wrong_clock()) {
            let apart = now - before.at;
            assert!(!machine.is_empty() && apart >= TimeDelta::hours(1), "pacing: {} came {apart} after", planned.id);
        }
    }

    fn comes(&mut self, inquiry: usize, letter: Letter) {
        let at = self.now();
        let bytes =
            letter.write(&self.plan, inquiry, &format!("{letter:?}").to_lowercase().replace(['(', ')'], ""), at);
        self.letters.push((inquiry, letter, at));
        self.put(bytes, at);
    }

    fn put(&mut self, bytes: Vec<u8>, at: DateTime<Utc>) {
        let locator = format!("{}/{}/{}", self.folder, self.uidvalidity, self.mailbox.len() + 1);
        let received = Stamp::server(at);
        self.mailbox.push(RawInbound {
            locator,
            format: RawFormat::Mail,
            bytes: bytes.into(),
            received,
            in_spam: false,
        });
    }

    pub(crate) fn deliver_again(&mut self) {
        for mail in self.mailbox.clone() {
            self.put(mail.bytes.to_vec(), self.now());
        }
    }

    /// All mail lies elsewhere, or under other numbers.
    pub(crate) fn renumber(&mut self, folder: Option<&'static str>) {
        self.folder = folder.unwrap_or(self.folder);
        self.uidvalidity += 1;
        let (folder, validity) = (self.folder, self.uidvalidity);
        for (mail, number) in self.mailbox.iter_mut().zip(1..) {
            mail.locator = format!("{folder}/{validity}/{number}");
            mail.in_spam = folder == "Junk";
        }
    }

    /// What becomes of the next try.
    fn next_try(&mut self, inquiry: usize, message: usize) -> Try {
        let company = &self.case.companies[inquiry];
        let tries = if message == 0 { &company.tries } else { &company.reminder };
        let so_far = self.tried.entry((inquiry, message)).or_default();
        let next = tries.get(so_far.len()).copied().unwrap_or(Try::Accept);
        so_far.push(next);
        next
    }
}

/// Monday to Friday, nine to five in Rome: reckoned without our own calendar.
pub(crate) fn is_office_hour(at: DateTime<Utc>) -> bool {
    use chrono::{Datelike, Timelike};
    // In 2026 summer time in Rome began on 29 March at 01:00 UTC.
    let summer = at >= "2026-03-29T01:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let local = at.naive_utc() + TimeDelta::hours(if summer { 2 } else { 1 });
    local.weekday().number_from_monday() <= 5 && (9..17).contains(&local.hour())
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
    address: String,
    comes_to: Try,
}

#[async_trait]
impl Sender for Submission {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn looks_back(&self) -> bool {
        self.world.truth().case.reads_back
    }

    async fn look_back(&self, outgoing: Outgoing<'_>, _since: DateTime<Utc>) -> Trace {
        let truth = self.world.truth();
        let inquiry = truth.plan.inquiries.iter().position(|p| p.id == outgoing.inquiry.id).unwrap();
        let ids = outgoing.inquiry.messages.iter().map(|m| &m.message_id);
        let message = ids.enumerate().find(|(_, id)| **id == outgoing.message.message_id).unwrap().0;
        let evidence = vec![Evidence { label: "response", bytes: b"[]".to_vec() }];
        let told = truth.lies.get(&(inquiry, message)).copied().unwrap_or_default();
        if truth.account_down > 0 {
            Trace::CannotSay
        } else if truth.copies(inquiry, message) > told {
            Trace::Left { receipt: format!("{inquiry}.{message}"), evidence }
        } else {
            Trace::NeverLeft { evidence }
        }
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let (inquiry, message, comes_to) = {
            let mut truth = self.world.truth();
            if truth.account_down > 0 {
                truth.account_failures += 1;
                let failure = Failure::new(Phase::Login, "535 login refused").with_code(535);
                return Err(Outcome::AccountFailed { account: self.account.clone(), failure }.into());
            }
            let inquiry = truth.plan.inquiries.iter().position(|p| p.id == outgoing.inquiry.id).unwrap();
            let ids = outgoing.inquiry.messages.iter();
            let message = ids.map(|m| &m.message_id).position(|id| *id == outgoing.message.message_id).unwrap();
            (inquiry, message, truth.next_try(inquiry, message))
        };
        match comes_to {
            Try::KillInPreparation => match self.world.kill().await {},
            Try::Block => return Err(Outcome::Blocked(Failure::new(Phase::Prepare, "a CAPTCHA")).into()),
            _ => {}
        }
        let Target::Email { address } = &outgoing.inquiry.target else { panic!("no address") };
        Ok(Box::new(Ready { world: self.world.clone(), inquiry, message, address: address.clone(), comes_to }))
    }
}

#[async_trait]
impl Prepared for Ready {
    fn bytes_sha256(&self) -> Option<String> {
        None
    }

    fn evidence(&self) -> Vec<Evidence> {
        Vec::new()
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let failure = |code| Failure::new(Phase::Transfer, "says the server").with_code(code);
        let reaches = match self.comes_to {
            Try::Accept | Try::KillBeforeTheEnd => true,
            Try::Doubt { left } | Try::Kill { left } => left,
            Try::Held { shows } => shows,
            Try::Defer(_) | Try::Reject | Try::Block | Try::KillInPreparation => false,
        };
        if reaches {
            let to = self.world.truth().address[&self.inquiry].clone();
            assert_eq!(self.address, to, "nobody is written to where it is known not to be");
            self.world.arrives(self.inquiry, self.message, false);
        }
        let now = self.world.stepper().now();
        let outcome: Ended = match self.comes_to {
            Try::Kill { .. } => match self.world.kill().await {},
            Try::Accept | Try::KillBeforeTheEnd => {
                self.world.truth().kill_before_end = self.comes_to == Try::KillBeforeTheEnd;
                Outcome::Accepted { at: Stamp::observed(now, 1), receipt: None }
            }
            Try::Defer(minutes) => Outcome::Deferred(failure(451).with_retry_after(minutes.map(|m| u32::from(m) * 60))),
            Try::Reject => Outcome::Rejected(failure(550)),
            Try::Doubt { .. } => Outcome::InDoubt(failure(421)),
            Try::Held { .. } => Outcome::Held { at: Stamp::observed(now, 1), failure: failure(202) },
            Try::Block | Try::KillInPreparation => unreachable!("it was not prepared"),
        };
        Delivered { outcome, evidence: Vec::new() }
    }
}

/// Our mailbox. Its cursor is `uidvalidity/messages seen`.
struct Inbox {
    account: AccountId,
    world: World,
}

#[async_trait]
impl Source for Inbox {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError> {
        if std::mem::take(&mut self.world.truth().kill_in_look) {
            match self.world.kill().await {}
        }
        let truth = self.world.truth();
        if truth.mailbox_down > 0 {
            return Err(SourceError {
                trouble: Trouble::Unreachable,
                what: "the mailbox is down".to_owned(),
                help: "wait".to_owned(),
            });
        }
        let known =
            cursor.and_then(|c| c.split_once('/')).map_or((0, 0), |(v, n)| (v.parse().unwrap(), n.parse().unwrap()));
        let from: usize = if known.0 == truth.uidvalidity { known.1 } else { 0 };
        let messages: Vec<_> = truth.mailbox.iter().skip(from).take(BATCH).cloned().collect();
        let to = from + messages.len();
        Ok(Batch {
            messages,
            cursor: format!("{}/{to}", truth.uidvalidity),
            more: to < truth.mailbox.len(),
            missed: None,
        })
    }

    async fn wait(&mut self, at_most: Duration) {
        tokio::time::sleep(at_most).await;
    }
}
