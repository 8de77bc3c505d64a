//! Which wave does a command mean that names none, which does it say it took, and what of a copy?

use crate::support::program::{Program, Said, now};
use chrono::TimeDelta;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The starter study with these live waves, and the folder that they lie in.
fn waves(waves: &[(&str, &str)]) -> (Program, PathBuf) {
    let program = Program::new("secret");
    program.run(&["init", "."]).done();
    for (wave, start) in waves {
        program.run(&["plan", "study.yaml", "--wave", wave, "--start", start]).done();
    }
    let study = fs::read_dir(program.study().with_file_name("results")).unwrap().next().unwrap().unwrap().path();
    (program, study)
}

/// Two that have not begun: the one that starts later is planned first.
fn planned() -> (Program, PathBuf) {
    waves(&[("later", "2040-03-05"), ("earlier", "2040-01-09")])
}

/// That moment, as `--start` takes it.
fn days_ago(days: i64) -> String {
    (now() - TimeDelta::days(days)).to_rfc3339()
}

fn last_written(file: &Path, days: i64) {
    let moment = SystemTime::from(now() - TimeDelta::days(days));
    File::options().append(true).open(file).unwrap().set_modified(moment).unwrap();
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
fn the_plans_say_which_wave_is_meant_and_no_folder_that_was_touched_or_copied() {
    let (program, study) = planned();
    assert_eq!(wave_of(program.run(&["status", "--json"])), "earlier", "none has begun: the first to begin");
    last_written(&study.join("later/plan.json"), -1);
    copied(&study.join("later"), &study.join("later-copy"));
    copied(&study.join("earlier"), &study.join("aa"));
    assert_eq!(wave_of(program.run(&["status", "--json"])), "earlier");
    fs::write(study.join("later/plan.json"), "{").unwrap();
    program.run(&["status"]).refused(2, &["cannot be told", "later/plan.json", "--wave", "earlier"]);
    assert_eq!(wave_of(program.run(&["status", "--json", "--wave", "earlier"])), "earlier");
}

#[test]
fn the_wave_that_runs_is_meant_while_the_next_one_is_planned_and_a_damaged_older_one_is_in_nobodys_way() {
    let (old, spring, summer) = (days_ago(400), days_ago(2), days_ago(-30));
    let (program, study) = waves(&[("old", &old), ("summer", &summer), ("spring", &spring)]);
    assert_eq!(wave_of(program.run(&["status", "--json"])), "spring");
    let said = program.run(&["stop", "alder-furniture", "--why", "they wrote so"]);
    assert!(said.code == Some(0) && said.err.contains("this is wave spring of "), "{said:?}");
    // It may be the one that is meant: something was written into it just now.
    fs::write(study.join("old/plan.json"), "{").unwrap();
    program.run(&["status"]).refused(2, &["cannot be told", "old/plan.json"]);
    last_written(&study.join("old/journal.db"), 300);
    let _ = fs::remove_file(study.join("old/journal.db-wal"));
    for damage in [true, false] {
        let said = program.run(&["status", "--json"]);
        assert!(said.err.contains("old/plan.json") && said.err.contains("left aside"), "{said:?}");
        assert_eq!(wave_of(said), "spring");
        if damage {
            fs::remove_file(study.join("old/plan.json")).unwrap();
        }
    }
}

#[test]
fn of_two_waves_that_run_none_is_sent_unless_it_is_named() {
    let (program, _) = waves(&[("first", &days_ago(9)), ("second", &days_ago(2))]);
    let live = ["run", "study.yaml", "--live", "--once"];
    program.run(&live).refused(2, &["wave second of", "under way too: first", "--wave"]);
    for wave in ["first", "second"] {
        let said = program.run(&[&live[..], &["--wave", wave]].concat());
        assert!(!said.err.contains("under way too"), "{said:?}");
    }
    assert!(program.run(&["run", "study.yaml"]).err.contains("this is wave second of "));
}

#[test]
fn what_is_written_into_a_wave_that_nobody_named_says_into_which() {
    let (program, _) = planned();
    let guessed = "this is wave earlier of ";
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
        let named = program.run(&[arguments, &["--wave", "later"]].concat());
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
    assert!(coding.starts_with("reply,asked,full_answer_has,replied,not_hidden,simulated,wave,adequacy"), "{coding}");
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
    program
        .run(&["status", "--results", "my copy", "--study", "other"])
        .refused(2, &["my copy holds a wave of", "not of other"]);
    let own = ["status", "--json", "--results", "my copy", "--study", "study.yaml"];
    assert_eq!(wave_of(program.run(&own)), "earlier");
}

#[test]
fn a_reply_counts_by_whatever_channel_it_came_and_what_we_did_is_done_where_we_ask() {
    let (program, study) = waves(&[("w1", &days_ago(9))]);
    let plan: serde_json::Value = serde_json::from_slice(&fs::read(study.join("w1/plan.json")).unwrap()).unwrap();
    let mut inquiries = plan["inquiries"].as_array().unwrap().iter();
    let asked = inquiries.find(|inquiry| inquiry["channel"] == "facebook").unwrap();
    let [id, company] = ["id", "company"].map(|key| asked[key].as_str().unwrap());
    let (sent, came) = (days_ago(3), days_ago(2));
    program.run(&["record", id, "sent", "--at", &sent]).done();
    program
        .run(&["record", id, "checked", "--via", "instagram"])
        .refused(1, &["nobody of this study asks by instagram"]);
    let said = program.run(&["record", id, "reply", "--via", "instagram", "--at", &came, "--note", "On Tuesdays."]);
    assert!(said.code == Some(0) && said.err.contains("to be answered by instagram (but by"), "{said:?}");
    let said = program.run(&["record", id, "reply", "--via", "facebook", "--at", &came, "--note", "And Fridays."]);
    assert!(said.code == Some(0) && !said.err.contains("note:"), "{said:?}");
    let story = program.run(&["show", company]).done();
    assert!(story.contains("by instagram") && story.contains("On Tuesdays."), "{story}");
    program.run(&["report"]).done();
    program.run(&["verify"]).done();
}
