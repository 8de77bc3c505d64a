//! What the town's servers share: who received what, what follows from it, and when.

use super::behaviour::behaviour_for;
use super::chance::{Fate, Reply, draw, seed_of};
use super::directory::{Directory, Seen};
use super::mailroom::Mailroom;
use super::social::Social;
use super::texts::{Names, Texts};
use super::truth::{Stats, Truth};
use crate::clock::Stepper;
use crate::model::channel::Channel;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::{Company, Says};
use crate::model::task::{Record, Said};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A promise is kept a day after it was made.
const KEPT_AFTER: TimeDelta = TimeDelta::days(1);

/// The simulated person calls a promise broken when a week has passed; a minute before the
/// window ends where that is sooner.
const BROKEN_AFTER: TimeDelta = TimeDelta::days(7);

/// The shared middle of the town. Its servers hand in what they received; it decides what
/// follows and lets that happen on the stepping clock.
pub(super) struct Square {
    /// The wave's plan.
    pub(super) plan: Arc<Plan>,
    /// The town's time.
    pub(super) stepper: Stepper,
    /// What companies say.
    pub(super) texts: Texts,
    /// Whose address is whose.
    pub(super) directory: Directory,
    ledger: Mutex<Ledger>,
}

/// What has happened so far.
pub(super) struct Ledger {
    /// By inquiry (index in the plan) and message.
    pub(super) truth: BTreeMap<(usize, u32), Truth>,
    /// Inquiries that somebody replied to: nobody replies twice to the same question.
    answered: BTreeSet<usize>,
    /// The personas' mailboxes.
    pub(super) mail: Mailroom,
    /// The Mastodon instances.
    pub(super) social: Social,
    /// What the simulated person has seen and not yet told.
    pub(super) to_tell: Vec<Record>,
    /// What went astray.
    pub(super) stats: Stats,
    /// Visitors of web sites so far.
    pub(super) visitors: u64,
}

/// A question as it reached a company.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// How it came, and so how a reply goes back.
    pub(super) medium: Medium,
    /// Its subject; empty where the channel has none.
    pub(super) subject: String,
    /// Its text.
    pub(super) text: String,
}

/// How a question came.
#[derive(Debug, Clone)]
pub(super) enum Medium {
    /// By mail.
    Mail(MailSlip),
    /// Through a form: the reply goes by mail to the address in it.
    Form {
        /// That address.
        reply_to: String,
        /// The web site's host.
        host: String,
    },
    /// As a status on Mastodon.
    Status {
        /// Its id.
        id: u64,
    },
    /// A person sent it, and looks for the reply.
    Person,
}

/// What a reply or a bounce needs of a mail.
#[derive(Debug, Clone)]
pub(super) struct MailSlip {
    /// The envelope's sender, who gets the bounce.
    pub(super) sender: String,
    /// The company's address.
    pub(super) recipient: String,
    /// Where a reply goes: Reply-To, else From.
    pub(super) reply_to: String,
    /// Message-ID, without angle brackets.
    pub(super) message_id: Option<String>,
    /// References, as written.
    pub(super) references: Option<String>,
    /// All headers.
    pub(super) headers: String,
}

/// One message that reached a company, and what will come of it.
pub(super) struct Case {
    /// Index of the inquiry in the plan.
    pub(super) inquiry: usize,
    /// The message.
    pub(super) message: u32,
    /// The question.
    pub(super) question: Question,
    /// When it came.
    pub(super) received: DateTime<Utc>,
    /// What was drawn for it.
    pub(super) fate: Fate,
}

impl Square {
    /// A town in which nothing has happened yet.
    ///
    /// # Errors
    /// Where a language's texts are damaged.
    pub(super) fn new(plan: Arc<Plan>, stepper: Stepper) -> Result<Self, String> {
        let texts = Texts::of_language(&plan.study.language)?;
        let directory = Directory::new(&plan);
        let ledger = Ledger {
            truth: BTreeMap::new(),
            answered: BTreeSet::new(),
            mail: Mailroom::new(&plan.study.mailboxes),
            social: Social::default(),
            to_tell: Vec::new(),
            stats: Stats::default(),
            visitors: 0,
        };
        Ok(Self { plan, stepper, texts, directory, ledger: Mutex::new(ledger) })
    }

    /// The ledger, for as long as nobody waits.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The planned inquiry of that index.
    pub(super) fn planned(&self, inquiry: usize) -> &PlannedInquiry {
        &self.plan.inquiries[inquiry]
    }

    /// The company that an inquiry goes to.
    pub(super) fn company(&self, inquiry: usize) -> Option<&Company> {
        self.plan.study.companies.get(self.directory.company_of(inquiry)?)
    }

    /// The names that texts about an inquiry need.
    pub(super) fn names<'a>(&'a self, inquiry: usize, subject: &'a str) -> Names<'a> {
        let planned = self.planned(inquiry);
        Names {
            name: self.plan.study.persona(&planned.persona).map_or("", |p| &p.name),
            company: self.company(inquiry).map_or(planned.company.as_str(), |c| &c.name),
            subject,
        }
    }

    /// A server received a message: finds out which it is and lets the company act on it.
    /// Returns whether it belongs to an inquiry.
    pub(super) fn receive(self: &Arc<Self>, seen: Seen<'_>, question: Question) -> bool {
        let found = {
            let mut ledger = self.ledger();
            let found = self.directory.find(&self.plan, seen, |i, n| ledger.truth.contains_key(&(i, n)));
            if found.is_none() {
                ledger.stats.unattributed += 1;
            }
            found
        };
        let Some((inquiry, message)) = found else { return false };
        self.hear(inquiry, message, question);
        true
    }

    /// A company hears a message of an inquiry. All that follows is on the agenda when this
    /// returns, so that a server may say "accepted" afterwards.
    pub(super) fn hear(self: &Arc<Self>, inquiry: usize, message: u32, question: Question) {
        let planned = self.planned(inquiry);
        let received = self.stepper.now();
        let behaviour = behaviour_for(&self.plan.study.rehearsal, planned);
        let fate = draw(&behaviour, self.seed(planned, message));
        let (bounced_before, answered) = {
            let mut ledger = self.ledger();
            if ledger.truth.contains_key(&(inquiry, message)) {
                ledger.stats.repeated += 1;
                return;
            }
            let bounced = ledger.truth.range((inquiry, 0)..(inquiry, message)).any(|(_, t)| t.bounced_at.is_some());
            let truth = Truth::received(planned.id.clone(), message, received);
            ledger.truth.insert((inquiry, message), truth);
            (bounced, ledger.answered.contains(&inquiry))
        };
        let is_mail = matches!(question.medium, Medium::Mail(_));
        let case = Arc::new(Case { inquiry, message, question, received, fate });
        // An address that was dead for the first message is dead for the reminder.
        let bounce_after = fate.bounce_after.or(bounced_before.then_some(1)).filter(|_| is_mail);
        if let Some(after) = bounce_after {
            self.later(received + seconds(after), &case, Self::bounce);
            return;
        }
        if let Some(after) = fate.acknowledge_after {
            self.later(received + seconds(after), &case, Self::acknowledge);
        }
        if let Some(reply) = fate.reply.filter(|_| !answered) {
            self.later(received + seconds(reply.after), &case, move |square, case| square.reply(case, reply));
        }
    }

    fn seed(&self, planned: &PlannedInquiry, message: u32) -> [u8; 32] {
        let study = self.plan.study.seed.to_le_bytes();
        let wave = self.plan.wave.as_str().as_bytes();
        seed_of(&[&study, wave, planned.id.as_str().as_bytes(), &message.to_le_bytes()])
    }

    /// Lets something happen at a set moment, unless the town is gone by then.
    fn later(
        self: &Arc<Self>,
        at: DateTime<Utc>,
        case: &Arc<Case>,
        what: impl FnOnce(&Arc<Self>, &Arc<Case>) + Send + 'static,
    ) {
        let (square, case) = (Arc::downgrade(self), case.clone());
        self.stepper.schedule(at, async move {
            if let Some(square) = square.upgrade() {
                what(&square, &case);
            }
        });
    }

    fn bounce(self: &Arc<Self>, case: &Arc<Case>) {
        self.note(case, |truth, now| truth.bounced_at = Some(now));
        self.carry_bounce(case);
    }

    fn acknowledge(self: &Arc<Self>, case: &Arc<Case>) {
        self.note(case, |truth, now| truth.acknowledged_at = Some(now));
        self.carry_acknowledgement(case);
    }

    fn reply(self: &Arc<Self>, case: &Arc<Case>, reply: Reply) {
        if !self.ledger().answered.insert(case.inquiry) {
            return;
        }
        let by_person = matches!(case.question.medium, Medium::Person);
        let sent_to = (reply.says == Says::Redirect).then(|| self.texts.redirects_to(case.fate.variant)).flatten();
        self.note(case, |truth, now| {
            truth.replied_at = Some(now);
            truth.says = Some(reply.says);
            truth.sent_to = sent_to;
            truth.in_spam = reply.in_spam && !by_person;
        });
        self.carry_reply(case, reply);
        let now = self.stepper.now();
        match reply.says {
            Says::PromiseKept => self.later(now + KEPT_AFTER, case, Self::keep),
            Says::PromiseBroken => {
                let end = self.asked_at(case) + self.plan.study.design.window.delta() - TimeDelta::minutes(1);
                let at = (now + BROKEN_AFTER).min(end);
                // Promised after the window: nobody looks any more.
                if at > now {
                    self.later(at, case, |square, case| square.tell(case, Said::Broken, None, None));
                }
            }
            Says::Answer | Says::Partial | Says::Redirect | Says::Canned => {}
        }
    }

    /// When the inquiry's first message was received: the window starts there, also for reminders.
    fn asked_at(&self, case: &Case) -> DateTime<Utc> {
        self.ledger().truth.get(&(case.inquiry, 0)).map_or(case.received, |truth| truth.received_at)
    }

    fn keep(self: &Arc<Self>, case: &Arc<Case>) {
        self.note(case, |truth, now| truth.kept_at = Some(now));
        let words = self.texts.kept(case.fate.variant, self.names(case.inquiry, &case.question.subject));
        self.carry_kept(case, words);
        self.tell(case, Said::Kept, None, None);
    }

    fn note(&self, case: &Case, what: impl FnOnce(&mut Truth, DateTime<Utc>)) {
        let now = self.stepper.now();
        if let Some(truth) = self.ledger().truth.get_mut(&(case.inquiry, case.message)) {
            what(truth, now);
        }
    }

    /// The simulated person sees something, and will tell at the next occasion.
    pub(super) fn tell(&self, case: &Case, what: Said, via: Option<Channel>, note: Option<String>) {
        let planned = self.planned(case.inquiry);
        let record = Record {
            inquiry: planned.id.clone(),
            message: case.message,
            at: self.stepper.now(),
            via: via.unwrap_or(planned.channel),
            what,
            note,
        };
        self.ledger().to_tell.push(record);
    }
}

fn seconds(seconds: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(seconds))
}
