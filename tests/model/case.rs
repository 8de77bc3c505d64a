//! What a case is: how companies and servers behave, and what happens when. Small values, so that
//! a case that fails shrinks to few steps that read well.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use risposta::model::channel::Channel;
use risposta::model::plan::{Due, Plan};
use risposta::model::study::{Behaviour, Late, Pacing};
use risposta::model::time::Span;
use std::fmt;

/// Days that an inquiry is watched.
pub(crate) const WINDOW_DAYS: i64 = 6;

/// Hours after the start in which steps are taken.
const STEPS_HOURS: u16 = 9 * 24;

/// What becomes of one try to deliver a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Try {
    /// Taken.
    Accept,
    /// "Later", with a wait of so many minutes where it is asked for.
    Defer(Option<u16>),
    /// Refused for good.
    Reject,
    /// The answer is lost; the message was taken, or it was not.
    Doubt { left: bool },
    /// Held for moderation; in the end it shows, or it does not.
    Held { shows: bool },
    /// A person must do it.
    Block,
    /// Our program is killed while it delivers: before the message left, or after.
    Kill { left: bool },
    /// Our program is killed while it prepares.
    KillInPreparation,
    /// It is killed when it has been told that the message was delivered, and has not written it down.
    KillBeforeTheEnd,
}

/// What a company does with a question that reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Silent,
    Replies {
        hours: u16,
    },
    /// A machine says "received", then somebody replies.
    Acknowledges {
        reply_hours: Option<u16>,
    },
    Bounces {
        hours: u16,
    },
    /// Only the reminder comes back.
    ReminderBounces,
}

/// A company, and what becomes of each try to write to it.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) by_hand: bool,
    pub(crate) fate: Fate,
    /// Of the first message; then it is taken.
    pub(crate) tries: Vec<Try>,
    /// Of the reminder; then it is taken.
    pub(crate) reminder: Vec<Try>,
}

/// What happens at some hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The program is killed, and started again that many hours later. `torn`: what it had read
    /// last was stored, and not yet understood.
    Kill {
        hours: u8,
        torn: bool,
    },
    /// It is killed at the next look at the mailbox.
    KillInALook,
    /// The machine sleeps.
    Sleep {
        hours: u8,
    },
    /// Our clock is wrong by so many minutes for so many hours.
    WrongClock {
        minutes: i16,
        hours: u8,
    },
    MailboxDown {
        hours: u8,
    },
    AccountDown {
        hours: u8,
    },
    /// All mail is moved to another folder.
    MoveMail,
    /// The folders are numbered anew (UIDVALIDITY).
    Renumber,
    /// All mail so far is delivered once more.
    DeliverAgain,
    /// A person says whether what is in doubt had left: truly, or not.
    Settle {
        truly: bool,
    },
    /// A person does what `todo` lists.
    Work,
    /// A company asks to be left alone.
    Stop {
        company: u8,
    },
    /// A company calls, and a person records it.
    Call {
        company: u8,
    },
    /// A company's address turns out to be another.
    Amend {
        company: u8,
    },
}

/// One case.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent settings, each on or off")]
pub(crate) struct Case {
    pub(crate) companies: Vec<Company>,
    /// With the hour after the start.
    pub(crate) steps: Vec<(u16, Step)>,
    pub(crate) office_hours: bool,
    pub(crate) skip_late: bool,
    pub(crate) paced: bool,
    /// Our mailbox gets a copy of what leaves by mail.
    pub(crate) copied: bool,
    /// Our account shows what has left through it.
    pub(crate) reads_back: bool,
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let companies = prop::collection::vec(company(), 1..=4);
    let steps = prop::collection::vec((0..STEPS_HOURS, step()), 0..=9);
    let flag = any::<bool>;
    (companies, steps, flag(), flag(), flag(), flag(), flag()).prop_map(
        |(companies, steps, office_hours, skip_late, paced, copied, reads_back)| Case {
            companies,
            steps,
            office_hours,
            skip_late,
            paced,
            copied,
            reads_back,
        },
    )
}

fn company() -> impl Strategy<Value = Company> {
    let by_hand = prop::bool::weighted(0.15);
    let tries = prop::collection::vec(a_try(), 0..=3);
    let reminder = prop::collection::vec(a_try(), 0..=2);
    (by_hand, fate(), tries, reminder).prop_map(|(by_hand, fate, tries, reminder)| Company {
        by_hand,
        fate,
        tries,
        reminder,
    })
}

fn fate() -> impl Strategy<Value = Fate> {
    let hours = || 0_u16..8 * 24;
    prop_oneof![
        2 => Just(Fate::Silent),
        4 => hours().prop_map(|hours| Fate::Replies { hours }),
        2 => prop::option::of(hours()).prop_map(|reply_hours| Fate::Acknowledges { reply_hours }),
        1 => (0_u16..24).prop_map(|hours| Fate::Bounces { hours }),
        1 => Just(Fate::ReminderBounces),
    ]
}

fn a_try() -> impl Strategy<Value = Try> {
    prop_oneof![
        3 => Just(Try::Accept),
        3 => prop::option::of(0_u16..3_000).prop_map(Try::Defer),
        1 => Just(Try::Reject),
        3 => any::<bool>().prop_map(|left| Try::Doubt { left }),
        1 => any::<bool>().prop_map(|shows| Try::Held { shows }),
        1 => Just(Try::Block),
        3 => any::<bool>().prop_map(|left| Try::Kill { left }),
        1 => Just(Try::KillInPreparation),
        2 => Just(Try::KillBeforeTheEnd),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let company = || 0_u8..4;
    prop_oneof![
        3 => (0_u8..40, any::<bool>()).prop_map(|(hours, torn)| Step::Kill { hours, torn }),
        1 => Just(Step::KillInALook),
        3 => (1_u8..60).prop_map(|hours| Step::Sleep { hours }),
        2 => (-2_000_i16..2_000, 1_u8..40).prop_map(|(minutes, hours)| Step::WrongClock { minutes, hours }),
        2 => (1_u8..30).prop_map(|hours| Step::MailboxDown { hours }),
        2 => (1_u8..30).prop_map(|hours| Step::AccountDown { hours }),
        1 => Just(Step::MoveMail),
        1 => Just(Step::Renumber),
        1 => Just(Step::DeliverAgain),
        3 => any::<bool>().prop_map(|truly| Step::Settle { truly }),
        3 => Just(Step::Work),
        1 => company().prop_map(|company| Step::Stop { company }),
        1 => company().prop_map(|company| Step::Call { company }),
        1 => company().prop_map(|company| Step::Amend { company }),
    ]
}

/// When a case begins: a Wednesday morning, four days before the clocks go forward in Rome.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-03-25T08:00:00Z".parse().unwrap()
}

/// As a story: who behaves how, then what happens when.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { companies, steps, office_hours, skip_late, paced, copied, reads_back } = self;
        writeln!(
            f,
            "office hours: {office_hours}, late are skipped: {skip_late}, paced: {paced}, copied: {copied}, read back: {reads_back}"
        )?;
        for (i, c) in companies.iter().enumerate() {
            let how = if c.by_hand { "by hand" } else { "by mail" };
            writeln!(f, "company {i} {how}: {:?}; tries {:?}, of the reminder {:?}", c.fate, c.tries, c.reminder)?;
        }
        let mut steps = steps.clone();
        steps.sort_by_key(|(hour, _)| *hour);
        steps.iter().try_for_each(|(hour, step)| writeln!(f, "at hour {hour}: {step:?}"))
    }
}

impl Case {
    /// Whether our clock is wrong at some time.
    pub(crate) fn has_wrong_clock(&self) -> bool {
        self.steps.iter().any(|(_, step)| matches!(step, Step::WrongClock { .. }))
    }

    /// The frozen plan: a question to each company, some minutes apart, a reminder after two days.
    pub(crate) fn plan(&self, behaviour: &Behaviour, plan: impl Fn(&[(Channel, Behaviour)]) -> Plan) -> Plan {
        let channel = |c: &Company| if c.by_hand { Channel::Facebook } else { Channel::Email };
        let inquiries: Vec<_> = self.companies.iter().map(|c| (channel(c), behaviour.clone())).collect();
        let mut plan = plan(&inquiries);
        plan.start = start();
        for (planned, n) in plan.inquiries.iter_mut().zip(0_i32..) {
            planned.messages[0].due = Due::At(start() + TimeDelta::minutes(40) * n);
            planned.messages[1].due = Due::AfterFirstAccepted(Span::from_days(2));
        }
        let (design, rules) = (&mut plan.study.design, &mut plan.study.rules);
        design.window = Span::from_days(u16::try_from(WINDOW_DAYS).unwrap());
        if self.office_hours {
            "Mo-Fr 09:00-17:00".clone_into(&mut design.send);
        }
        if self.paced {
            let span = |s: &str| s.parse::<Span>().unwrap();
            design.pacing = Pacing { total: span("10m"), channel: span("1h"), host: span("0s") };
        }
        rules.late = if self.skip_late { Late::Skip } else { Late::Send };
        plan
    }
}
