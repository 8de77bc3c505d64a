//! What must hold after every start, and in the end, against the truth.

use super::case::{Case, Try, WINDOW_DAYS};
use super::play::Figures;
use super::world::{Truth, World};
use crate::support::fake_world::Letter;
use chrono::{DateTime, TimeDelta, Utc};
use risposta::journal::verify::verify;
use risposta::model::event::Event;
use risposta::model::inbound::InboundKind;
use risposta::model::observation::{
    NotAskedReason, Observation, Observed, UndeliveredReason, UnknownReason, observe_all,
};
use risposta::model::outcome::Outcome;
use risposta::model::state::{Delivery, WaveState};
use risposta::score::Table;
use risposta::threads::Threads;
use risposta::wave::Wave;
use risposta::wave::ledger::Ledger;
use std::collections::BTreeMap;

/// The journal folds to the state that the program had.
pub(crate) fn folds_the_same(wave: &Wave) {
    let history = wave.history().unwrap();
    // The program may not have seen yet what another process wrote.
    let seen: Vec<_> = history.into_iter().filter(|e| e.seq <= wave.state().last_seq).collect();
    let folded = WaveState::fold(wave.plan(), &seen).unwrap();
    assert!(folded == *wave.state(), "the journal folds to another state");
}

/// Who only counts reads events without their words, and sees the same.
fn reads_the_same_without_words(wave: &Wave, rows: &[Observed], now: DateTime<Utc>) {
    let ledger = Ledger::open(wave.folder(), now).unwrap();
    assert_eq!(observe_all(ledger.plan(), ledger.state(), now), rows);
    let mut table = Table::of(rows);
    if ledger.plan().is_simulated() {
        table.set_simulated();
    }
    for threads in [1, 3].map(|n| Threads::new(n.try_into().unwrap())) {
        assert_eq!(Table::of_wave(ledger.plan(), ledger.state(), now, threads), table);
    }
    // At any earlier moment too.
    for hours in [1, 30, 200] {
        let then = now - TimeDelta::hours(hours);
        let [with, without] = [(wave.plan().as_ref(), wave.state()), (ledger.plan(), ledger.state())]
            .map(|(plan, state)| observe_all(plan, state, then));
        assert_eq!(with, without);
    }
}

/// What must hold when everything is over.
pub(crate) fn in_the_end(case: &Case, world: &World, wave: &Wave) -> Figures {
    let truth = world.truth();
    assert_eq!(truth.ahead, TimeDelta::zero(), "in the end our clock is right");
    let verified = verify(wave.journal(), wave.folder(), None).unwrap();
    let torn = case.steps.iter().any(|(_, s)| matches!(s, super::case::Step::Kill { torn: true, .. }));
    let damage: Vec<_> = verified.damage.iter().filter(|d| !(torn && d.contains("belongs to no event"))).collect();
    assert!(damage.is_empty(), "{damage:?}");
    every_letter_counts_once(wave, &truth);
    our_faults_use_no_try(wave, &truth);
    let rows = observe_all(wave.plan(), wave.state(), truth.stepper.now());
    reads_the_same_without_words(wave, &rows, truth.stepper.now());
    for (i, row) in rows.iter().enumerate() {
        if !case.companies[i].by_hand {
            says_the_truth(case, wave, &truth, i, row);
        }
    }
    figures(wave, &truth)
}

/// Every letter that came is tied to its inquiry, once.
fn every_letter_counts_once(wave: &Wave, truth: &Truth) {
    let mut counted: BTreeMap<(usize, InboundKind), usize> = BTreeMap::new();
    for (i, inquiry) in wave.state().inquiries.iter().enumerate() {
        for message in wave.state().messages_of(inquiry).filter(|m| m.source.as_str() == "posta") {
            *counted.entry((i, message.kind.unwrap())).or_default() += 1;
            assert_eq!(
                message.reply().sender.is_some(),
                message.kind == Some(InboundKind::Reply),
                "who wrote a reply is known"
            );
        }
    }
    let mut came: BTreeMap<(usize, InboundKind), usize> = BTreeMap::new();
    for (i, letter, _) in &truth.letters {
        *came.entry((*i, kind(*letter))).or_default() += 1;
    }
    assert_eq!(counted, came, "each letter counts once");
}

const fn kind(letter: Letter) -> InboundKind {
    match letter {
        Letter::Reply => InboundKind::Reply,
        Letter::Acknowledgement => InboundKind::Acknowledgement,
        Letter::Bounce(_) => InboundKind::Bounce,
        Letter::Copy(_) => InboundKind::OwnCopy,
    }
}

/// A message is given up only after so many refusals by the other side.
fn our_faults_use_no_try(wave: &Wave, truth: &Truth) {
    let max = wave.plan().study.design.attempts_max;
    for (i, inquiry) in wave.state().inquiries.iter().enumerate() {
        for (number, message) in inquiry.messages.iter().enumerate() {
            let tried = truth.tried.get(&(i, number)).map_or(0, Vec::len);
            assert!(message.tries() as usize <= tried, "a try that nobody made: {i}.{number}");
            if message.delivery(max) == Delivery::GaveUp {
                let deferrals = truth.tried[&(i, number)].iter().filter(|t| matches!(t, Try::Defer(_))).count();
                assert!(deferrals >= 1 && tried >= max as usize, "given up too early: {i}.{number}");
            }
        }
    }
}

/// What an inquiry came to is what happened to it.
fn says_the_truth(case: &Case, wave: &Wave, truth: &Truth, i: usize, row: &Observed) {
    let company = &case.companies[i];
    let say = || format!("inquiry {i}, {company:?}: {row:?}, tried {:?}", truth.tried.get(&(i, 0)));
    let has_come = |wanted: fn(&Letter) -> bool| truth.letters.iter().any(|(n, l, _)| *n == i && wanted(l));
    let copies = truth.copies(i, 0);
    let lied = truth.lies.contains_key(&(i, 0));
    match row.observation {
        Observation::Answered { latency, .. } => {
            assert_eq!(first_reply(truth, i, row.asked_at.unwrap()), Some(latency), "{}", say());
        }
        Observation::Silent { .. } => {
            assert!(copies > 0 || is_settled_as_left(wave, i), "silent, and nobody asked it: {}", say());
            assert_eq!(first_reply(truth, i, row.asked_at.unwrap()), None, "silent, and it had answered: {}", say());
        }
        Observation::Censored { .. } => panic!("in the end everything is covered: {}", say()),
        Observation::Undelivered { reason: UndeliveredReason::Bounced, .. } => {
            assert!(has_come(|l| *l == Letter::Bounce(0)), "{}", say());
        }
        Observation::Undelivered { reason: UndeliveredReason::Refused, .. } => {
            assert_eq!(truth.tried[&(i, 0)].last(), Some(&Try::Reject), "{}", say());
        }
        Observation::Undelivered { reason: UndeliveredReason::NeverTaken, .. } => {
            assert!(matches!(truth.tried[&(i, 0)].last(), Some(Try::Defer(_))), "{}", say());
        }
        Observation::UnknownDelivery { reason } => {
            let last = truth.tried[&(i, 0)].last().unwrap();
            let expected = match reason {
                UnknownReason::InDoubt => {
                    matches!(last, Try::Doubt { .. } | Try::Kill { .. } | Try::KillBeforeTheEnd)
                }
                UnknownReason::Held => matches!(last, Try::Held { .. }),
            };
            assert!(expected, "{}", say());
            assert!(!has_come(|_| true), "what came back would prove it: {}", say());
        }
        Observation::NotAsked { reason } => {
            assert!(copies == 0 || lied, "it was asked: {}", say());
            assert!(reason != NotAskedReason::Late || case.skip_late, "{}", say());
            assert!(reason != NotAskedReason::Pending, "in the end nothing is pending: {}", say());
            let stopped = truth.stopped.contains(&wave.plan().inquiries[i].company);
            assert!(reason != NotAskedReason::Stopped || stopped, "{}", say());
        }
    }
}

/// Seconds to the first human reply within the window, by letter or call.
fn first_reply(truth: &Truth, i: usize, asked_at: DateTime<Utc>) -> Option<u32> {
    let letters = truth.letters.iter().filter(|(n, l, _)| *n == i && *l == Letter::Reply).map(|(_, _, at)| *at);
    let calls = truth.calls.iter().filter(|(n, _)| *n == i).map(|(_, at)| *at);
    let after = letters.chain(calls).map(|at| u32::try_from((at - asked_at).num_seconds().max(0)).unwrap());
    let window = u32::try_from(TimeDelta::days(WINDOW_DAYS).num_seconds()).unwrap();
    after.filter(|after| *after <= window).min()
}

fn is_settled_as_left(wave: &Wave, i: usize) -> bool {
    let attempts = &wave.state().inquiries[i].messages[0].attempts;
    attempts.iter().any(|a| a.settled.as_ref().is_some_and(|s| s.left))
}

fn figures(wave: &Wave, truth: &Truth) -> Figures {
    let history = wave.history().unwrap();
    let count = |wanted: fn(&Event) -> bool| history.iter().filter(|e| wanted(&e.event)).count();
    let ends = count(|e| matches!(e, Event::AttemptEnded { .. }));
    let doubts = count(|e| matches!(e, Event::AttemptEnded { outcome: Outcome::InDoubt(_), .. }));
    let starts = count(|e| matches!(e, Event::AttemptStarted { .. }));
    Figures {
        cases: 1,
        sends: starts,
        letters: truth.letters.len(),
        doubts: doubts + (starts - ends),
        proofs: count(|e| matches!(e, Event::Settled { proof, .. } if proof.inbound().is_some())),
        account_failures: truth.account_failures,
        wrong_clocks: usize::from(wave.state().set_back.is_some()),
        ..Figures::default()
    }
}
