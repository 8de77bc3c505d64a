//! A person writes into the journal while the loop runs: both see everything, numbers are given once.

use super::{Begun, nothing_twice_nothing_lost};
use crate::support::fake_world::Fate;
use crate::support::little_plan::{after_hours, start};
use risposta::model::channel::Channel;
use risposta::model::event::Event;
use risposta::model::task::{Record, Said};
use risposta::wave::{Wave, person};
use std::path::Path;

const CALLS: usize = 40;

/// Takes calls for whatever has been asked so far, as fast as the journal allows.
fn take_calls(folder: &Path) {
    let mut wave = Wave::open(folder, start()).unwrap();
    let mut taken = 0;
    while taken < CALLS {
        wave.refresh().unwrap();
        let plan = wave.plan().clone();
        let planned = &plan.inquiries[taken % plan.inquiries.len()];
        let call = Record {
            inquiry: planned.id.clone(),
            message: 0,
            at: start(),
            via: Channel::Phone,
            what: Said::Call,
            note: Some(format!("call {taken}")),
        };
        match person::record(&mut wave, after_hours(1), &call) {
            Ok(()) => taken += 1,
            Err(person::PersonError::Contradiction { .. }) => std::thread::yield_now(),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_and_the_loop_write_at_once_and_lose_nothing() {
    let fates: Vec<Fate> =
        (0..24).map(|i| if i % 2 == 0 { Fate::OneIdForAll(i) } else { Fate::RepliesTwice(i) }).collect();
    let mut begun = Begun::with(&fates);
    let folder = begun.folder.path().to_owned();
    let person = tokio::task::spawn_blocking(move || take_calls(&folder));
    begun.finish().await;
    person.await.unwrap();
    begun.wave.refresh().unwrap();
    let entries = begun.entries();
    assert!(entries.iter().zip(1..).all(|(entry, number)| entry.seq == number));
    let stored: Vec<_> = entries
        .iter()
        .filter_map(|e| match &e.event {
            Event::InboundStored { inbound, .. } => Some(inbound.0),
            _ => None,
        })
        .collect();
    assert_eq!(stored, (1..=48 + u32::try_from(CALLS).unwrap()).collect::<Vec<_>>());
    let state = begun.wave.state();
    let calls = state.inbound.values().filter(|m| m.via == Channel::Phone).count();
    assert_eq!(calls, CALLS);
    nothing_twice_nothing_lost(&begun.wave, &begun.world);
}
