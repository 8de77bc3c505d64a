//! Which wave does a command mean that names none, which does it say it took, and what of a copy?

use crate::support::program::{Program, Said, now};
use chrono::TimeDelta;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The starter study with two live waves: the one that starts later is planned first.
fn planned() -> (Program, PathBuf) {
    let program = Program::new("secret");
    program.run(&["init", "."]).done();
    for (wave, start) in [("later", "2040-03-05"), ("earlier", "2040-01-09")] {
        program.run(&["plan", "study.yaml", "--wave", wave, "--start", start]).done();
    }
    let study = fs::read_dir(program.study().with_file_name("results")).unwrap().next().unwrap().unwrap().path();
    (program, study)
}

fn wave_of(said: Said) -> String {
    said.json()["wave"].as_str().unwrap().to_owned()
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn the_plans_say_which_wave_is_the_last_and_no_folder_that_was_touched_or_copied() {
    let (program, study) = planned();
    assert_eq!(wave_of(program.run(&["status", "--json"])), "later");
    let tomorrow = SystemTime::from(now() + TimeDelta::days(1));
    File::options().append(true).open(study.join("earlier/plan.json")).unwrap().set_modified(tomorrow).unwrap();
    copied(&study.join("later"), &study.join("later-copy"));
    copied(&study.join("earlier"), &study.join("zz"));
    assert_eq!(wave_of(program.run(&["status", "--json"])), "later");
    fs::write(study.join("earlier/plan.json"), "{").unwrap();
    program.run(&["status"]).refused(2, &["cannot be told", "earlier/plan.json", "--wave", "later"]);
    assert_eq!(wave_of(program.run(&["status", "--json", "--wave", "later"])), "later");
}

#[test]
fn what_is_written_into_a_wave_that_nobody_named_says_into_which() {
    let (program, _) = planned();
    let guessed = "this is wave later of ";
    for arguments in [
        &["stop", "alder-furniture", "--why", "they wrote so"][..],
        &["run", "study.yaml"],
        &["purge"],
        &["record", "nobody.1", "seen"],
        &["code", "m1", "answered"],
        &["reprocess"],
    ] {
        let said = program.run(arguments);
        assert!(said.err.contains(guessed), "{arguments:?}: {said:?}");
        let named = program.run(&[arguments, &["--wave", "earlier"]].concat());
        assert!(!named.err.contains("this is wave"), "{arguments:?}: {named:?}");
    }
    for blank in ["", " \t"] {
        program.run(&["stop", "alder-furniture", "--why", blank]).refused(2, &["say why"]);
        program.run(&["amend", "study.yaml", "--why", blank]).refused(2, &["say why"]);
    }
}

#[test]
fn whatever_is_written_into_a_rehearsal_says_so_and_its_tables_are_scored_as_one() {
    let program = Program::new("secret");
    program.run(&["init", "."]).done();
    program.run(&["rehearse", "study.yaml"]).done();
    for arguments in [
        &["stop", "alder-furniture", "--why", "they wrote so"][..],
        &["record", "nobody.1", "seen"],
        &["code", "export"],
        &["code", "next"],
    ] {
        let said = program.run(arguments);
        assert!(said.err.contains("SIMULATED"), "{arguments:?}: {said:?}");
    }
    let coding = program.run(&["code", "export"]).done();
    assert!(coding.starts_with("reply,asked,full_answer_has,replied,not_hidden,simulated,adequacy"), "{coding}");
    assert!(coding.contains(",SIMULATED,"), "{coding}");
    fs::write(program.study().with_file_name("coding.csv"), &coding).unwrap();
    program.run(&["code", "import", "coding.csv"]).done();
    program.run(&["report", "--out", "edition"]).done();
    let table = "edition/data/inquiries.csv";
    for arguments in [&["score", "--csv", table][..], &["score", "--csv", table, "--format", "flat"]] {
        let said = program.run(arguments).done();
        assert!(said.to_uppercase().contains("SIMULATED"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_backup_is_looked_at_where_it_lies() {
    let (program, _) = planned();
    let copied = program.run(&["backup", "my copy", "--wave", "earlier"]);
    assert!(copied.err.contains("`risposta verify --results 'my copy'`"), "{copied:?}");
    program.run(&["verify", "--results", "my copy"]).done();
    assert_eq!(wave_of(program.run(&["status", "--json", "--results", "my copy"])), "earlier");
    program.run(&["status", "--results", "my copy", "--wave", "later"]).refused(2, &["holds wave earlier, not later"]);
}
