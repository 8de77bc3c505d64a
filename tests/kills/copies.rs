//! Copies made while others write and the plan is amended: each is whole.

use crate::support::little_plan::{after_hours, plan, prompt, start};
use risposta::journal::lock::Holder;
use risposta::journal::{backup, verify::verify};
use risposta::model::channel::Channel;
use risposta::model::study::Target;
use risposta::model::task::{Record, Said};
use risposta::wave::amend::{AmendError, amend, plan_files};
use risposta::wave::{Wave, WaveError, person};
use std::path::Path;

/// How often a call is noted and an address amended.
const ROUNDS: usize = 40;

/// A person notes long calls, each a file of evidence, and an address changes after each.
fn write_and_amend(folder: &Path) {
    let mut wave = Wave::open(folder, start()).unwrap();
    let inquiry = wave.plan().inquiries[1].id.clone();
    let mut said =
        Record { inquiry, message: 0, at: after_hours(1), via: Channel::Facebook, what: Said::Sent, note: None };
    person::record(&mut wave, after_hours(1), &said).unwrap();
    said.what = Said::Call;
    for round in 0..ROUNDS {
        said.note = Some(format!("call {round}: {}", "perché no? ".repeat(1_800)));
        person::record(&mut wave, after_hours(2), &said).unwrap();
        let mut study = wave.plan().study.clone();
        let address = format!("info{round}@corretta.example");
        study.companies[0].contact_points[0].target = Target::Email { address };
        amend(&mut wave, after_hours(2), &study, "mistyped").unwrap();
    }
}

#[test]
fn each_copy_of_a_wave_that_is_written_and_amended_meanwhile_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let wave = folder.path().join("wave");
    drop(Wave::create(&wave, &plan(&[(Channel::Email, prompt()), (Channel::Facebook, prompt())]), start()).unwrap());
    std::thread::scope(|scope| {
        let writes = scope.spawn(|| write_and_amend(&wave));
        let mut copies = 0;
        while !writes.is_finished() || copies == 0 {
            copies += 1;
            let target = folder.path().join(format!("copy{copies}"));
            let copied_by = Holder::this_process(&wave, "backup", start());
            let found = backup::copy(&wave, &target, plan_files, &copied_by).unwrap();
            assert_eq!(found.damage, Vec::<String>::new(), "copy {copies}");
            let copy = Wave::open(&target, start()).unwrap();
            assert_eq!(verify(copy.journal(), &target, None).unwrap().damage, Vec::<String>::new());
            // Whoever looks while it is amended finds it whole too.
            Wave::open(&wave, start()).unwrap();
        }
        writes.join().unwrap();
    });
}

#[test]
fn of_two_amendments_at_once_one_holds_and_the_plan_is_never_lost() {
    let folder = tempfile::tempdir().unwrap();
    let first = plan(&[(Channel::Email, prompt())]);
    drop(Wave::create(folder.path(), &first, start()).unwrap());
    std::thread::scope(|scope| {
        for who in ["anna", "bea"] {
            let folder = folder.path();
            scope.spawn(move || {
                let mut wave = Wave::open(folder, start()).unwrap();
                for round in 0..ROUNDS {
                    let mut study = wave.plan().study.clone();
                    let address = format!("{who}{round}@corretta.example");
                    study.companies[0].contact_points[0].target = Target::Email { address };
                    let done = amend(&mut wave, after_hours(1), &study, "mistyped");
                    assert!(matches!(done, Ok(_) | Err(AmendError::Wave(WaveError::Busy))), "{done:?}");
                }
            });
        }
    });
    let wave = Wave::open(folder.path(), start()).unwrap();
    assert_eq!(verify(wave.journal(), folder.path(), None).unwrap().damage, Vec::<String>::new());
}
