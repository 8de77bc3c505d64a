//! Copies made while others write and the plan is amended: each is whole.

use crate::support::little_plan::{after_hours, plan, prompt, start};
use risposta::journal::{backup, verify::verify};
use risposta::model::channel::Channel;
use risposta::model::study::Target;
use risposta::model::task::{Record, Said};
use risposta::wave::amend::{AmendError, amend, plan_files};
use risposta::wave::{Wave, WaveError, person};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Copies that are made.
const COPIES: usize = 5;

/// Calls that are noted and amendments that are made at the most: what grows for ever is slow to copy.
const CALLS_MAX: usize = 150;
const AMENDMENTS_MAX: usize = 40;

/// A person notes long calls, each a file of evidence.
fn take_calls(folder: &Path, over: &AtomicBool) {
    let mut wave = Wave::open(folder, start()).unwrap();
    let inquiry = wave.plan().inquiries[1].id.clone();
    let mut said =
        Record { inquiry, message: 0, at: after_hours(1), via: Channel::Facebook, what: Said::Sent, note: None };
    person::record(&mut wave, after_hours(1), &said).unwrap();
    said.what = Said::Call;
    for call in 0..CALLS_MAX {
        if over.load(Ordering::SeqCst) {
            break;
        }
        said.note = Some(format!("call {call}: {}", "perché no? ".repeat(1_800)));
        person::record(&mut wave, after_hours(2), &said).unwrap();
    }
}

/// An address changes, and changes again.
fn amend_again_and_again(folder: &Path, over: &AtomicBool) -> usize {
    let mut done = 0;
    let mut wave = Wave::open(folder, start()).unwrap();
    while !over.load(Ordering::SeqCst) && done < AMENDMENTS_MAX {
        let mut study = wave.plan().study.clone();
        let address = format!("info{done}@corretta.example");
        study.companies[0].contact_points[0].target = Target::Email { address };
        match amend(&mut wave, after_hours(2), &study, "mistyped") {
            Ok(_) => done += 1,
            Err(AmendError::Wave(WaveError::Busy)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    done
}

#[test]
fn each_copy_of_a_wave_that_is_written_and_amended_meanwhile_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let wave = folder.path().join("wave");
    drop(Wave::create(&wave, &plan(&[(Channel::Email, prompt()), (Channel::Facebook, prompt())]), start()).unwrap());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| take_calls(&wave, &over));
        let amended = scope.spawn(|| amend_again_and_again(&wave, &over));
        let copies = std::panic::catch_unwind(|| {
            for number in 0..COPIES {
                let target = folder.path().join(format!("copy{number}"));
                let found = backup::copy(&wave, &target, plan_files).unwrap();
                assert_eq!(found.damage, Vec::<String>::new(), "copy {number}");
                let copy = Wave::open(&target, start()).unwrap();
                assert_eq!(verify(copy.journal(), &target, None).unwrap().damage, Vec::<String>::new());
            }
        });
        over.store(true, Ordering::SeqCst);
        assert!(amended.join().unwrap() > 0);
        copies.unwrap();
    });
}
