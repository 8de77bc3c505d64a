//! Does an option do what it says, or say why it cannot?

use crate::support::program::Program;

/// The starter study, rehearsed.
fn rehearsed() -> Program {
    let program = Program::new("secret");
    program.run(&["init", "."]).done();
    program.run(&["rehearse", "study.yaml"]).done();
    program
}

#[test]
fn an_option_that_would_change_nothing_is_refused() {
    let program = rehearsed();
    program.run(&["export", "--bundle", "bundle.json"]).done();
    for (arguments, why) in [
        (&["report", "--pdf", "--format", "terminal"][..], "`--pdf` is for the page"),
        (&["report", "--out", "here", "--format", "json"], "`--out` is for the page"),
        (&["score", "--bundle", "bundle.json", "--csv", "rows.csv"], "two things to score"),
        (&["score", "--bundle", "bundle.json", "--csv", "--json"], "two ways to print"),
    ] {
        program.run(arguments).refused(2, &[why]);
    }
    let tables = program.run(&["score", "--bundle", "bundle.json", "--csv"]).done();
    assert!(tables.starts_with("level,name,measure,") && tables.contains("SIMULATED"), "{tables}");
}

#[test]
fn what_cannot_be_written_is_named_with_what_to_name_instead() {
    let program = rehearsed();
    // Below a file nobody can write, whoever runs the tests.
    for (arguments, option) in [
        (&["report", "--out", "study.yaml/edition"][..], "--out DIR"),
        (&["export", "--bundle", "study.yaml/edition/bundle.json"], "--bundle FILE"),
        (
            &["plan", "study.yaml", "--wave", "w1", "--start", "2040-01-09", "--results", "study.yaml/edition"],
            "--results DIR",
        ),
        (&["rehearse", "study.yaml", "--results", "study.yaml/edition"], "--results DIR"),
        (&["init", "study.yaml/edition"], "another folder"),
    ] {
        program.run(arguments).refused(1, &["study.yaml/edition", option]);
    }
}

#[test]
fn no_report_overwrites_that_of_another_language() {
    let program = rehearsed();
    let written = [&[][..], &["--lang", "it"], &["--lang", "it", "--for", "public"]].map(|more| {
        let path = program.run(&[&["report"], more].concat()).done();
        std::fs::read_to_string(program.study().with_file_name(path.trim())).unwrap()
    });
    let again = program.study().with_file_name("results/first-study/rehearsal/report/team/report.html");
    assert_eq!(std::fs::read_to_string(again).unwrap(), written[0]);
    assert!(written[0].contains("lang=\"en\"") && written[1].contains("lang=\"it\""));
}

#[test]
fn hints_can_be_pasted_whatever_the_folder_is_called() {
    let program = Program::new("secret");
    let said = program.run(&["init", "my study"]);
    assert!(said.err.contains("`risposta check 'my study/study.yaml'`"), "{said:?}");
}
