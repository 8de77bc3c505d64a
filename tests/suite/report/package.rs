//! The data of a report, as programs of others read it: Frictionless the package, JSON Schema the JSON.

use super::{HOSTILE, Rehearsed, named};
use std::path::Path;
use std::process::Command;

/// Runs a program of the package readers' folder, and gives whether it was content, and what it said.
fn run(program: &str, arguments: &[&str], folder: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/install-package.sh");
    let home = Command::new(script).output().unwrap();
    assert!(home.status.success(), "{}", String::from_utf8_lossy(&home.stderr));
    let home = String::from_utf8(home.stdout).unwrap();
    let program = Path::new(home.lines().last().unwrap()).join("bin").join(program);
    let said = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    (said.status.success(), String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned())
}

/// What JSON Schema finds wrong with `report.json`, after `change` to it.
const SCHEMA: &str = "
import json, sys
from jsonschema import Draft202012Validator
schema, report = json.load(open('report.schema.json')), json.load(open('report.json'))
Draft202012Validator.check_schema(schema)
exec(sys.argv[1])
wrong = [f'{e.json_path}: {e.message[:200]}' for e in Draft202012Validator(schema).iter_errors(report)]
print('\\n'.join(wrong))
sys.exit(1 if wrong else 0)
";

#[track_caller]
fn is_valid(rehearsed: &Rehearsed, arguments: &[&str]) {
    rehearsed.report("out", arguments);
    let data = rehearsed.path("out/data");
    let (valid, said) = run("python", &["-c", SCHEMA, ""], &data);
    assert!(valid, "{arguments:?}: {said}");
    let (valid, said) = run("frictionless", &["validate", "datapackage.json"], &data);
    assert!(valid, "{arguments:?}: {said}");
}

#[test]
fn others_find_the_data_of_every_edition_valid() {
    let rehearsed = Rehearsed::waves();
    let both = ["--wave", "rehearsal-spring", "--wave", "rehearsal-autumn"];
    is_valid(&rehearsed, &both);
    is_valid(&rehearsed, &[&both[..], &["--for", "public"]].concat());
    is_valid(&rehearsed, &["--wave", "rehearsal-autumn", "--for", "client", "edil-beta"]);
}

#[test]
fn others_find_hostile_names_and_an_empty_wave_valid() {
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    is_valid(&rehearsed, &[]);
    rehearsed.run(&["plan", "study.yaml", "--wave", "empty", "--start", "2026-03-02"]);
    is_valid(&rehearsed, &["--wave", "empty"]);
}

#[test]
fn what_breaks_the_schema_or_the_package_is_found() {
    let rehearsed = Rehearsed::demo();
    rehearsed.report("out", &[]);
    let data = rehearsed.path("out/data");
    for change in [
        "del report['scorecard']['total']['before_any_reminder']['response']['denominator']",
        "report['scorecard']['channels'][0]['before_any_reminder']['response']['estimate'] = 0.5",
        "report['latencies']['groups'][0]['points'][0]['low'] = -0.1",
        "report['companies'][0]['tiles'][0]['status'] = 'ignores customers'",
        "report['format'] = 2",
    ] {
        let (valid, said) = run("python", &["-c", SCHEMA, change], &data);
        assert!(!valid && said.starts_with('$'), "{change}: {said}");
    }
    let table = data.join("inquiries.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, text.replace(",q", ",\"")).unwrap();
    assert!(!run("frictionless", &["validate", "datapackage.json"], &data).0);
}
