//! Do the numbers that the command prints equal those of other people's programs? See `tests/oracles/README.md`.

#![allow(clippy::print_stdout, reason = "what binds nobody is listed")]

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

/// Records that no test is offered for here, by how their ids end or begin: rules of other
/// programs, tests that the exact ones replace, and a variance of another kind.
const NOT_OFFERED_ENDS: [&str; 4] = ["_Rrule", ".tango", ".mcnemar_chi2", ".mcnemar_cc_chi2"];
const NOT_OFFERED_WITHIN: [&str; 3] = [".clustered_mcnemar_", ".cif_se_ij.", "logrank_cluster_robust."];

/// Every table of expected numbers has a test of its name.
macro_rules! tables {
    ($($name:ident: $least:literal, $($argument:literal),+;)+) => {
        $(
            #[test]
            fn $name() {
                hold(stringify!($name), $least, &[$($argument),+]);
            }
        )+

        #[test]
        fn every_table_has_a_test() {
            let tested: BTreeSet<String> = [$(stringify!($name)),+].map(str::to_owned).into();
            let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
            let tables: BTreeSet<String> = files.filter_map(|file| Some(file.strip_suffix(".json")?.to_owned())).collect();
            assert_eq!(tested, tables);
        }
    };
}

// How many records bind at least stands first: a change of ids cannot empty a test.
tables! {
    extra_business_hours: 60, "--csv", "extra_business_hours.csv";
    extra_paired_tables: 20, "--pairs", "extra_paired_tables.csv";
    extra_power: 6, "--csv", "extra_power.csv";
    extra_ratings_fleiss_wikipedia: 189, "--ratings", "extra_ratings_fleiss_wikipedia.csv";
    extra_ratings_krippendorff_canonical: 19, "--ratings", "extra_ratings_krippendorff_canonical.csv";
    extra_ratings_sim3: 12, "--csv", "extra_ratings_sim3.csv";
    extra_wilson: 39, "--csv", "extra_wilson.csv";
    real_larynx: 181, "--csv", "real_larynx.csv";
    real_lung: 81, "--csv", "real_lung.csv";
    real_pbc_competing: 143, "--csv", "real_pbc_competing.csv";
    real_waltons: 69, "--csv", "real_waltons.csv";
    study_large: 853, "--csv", "study_large.csv.gz";
    study_medium: 621, "--csv", "study_medium.csv";
    study_small: 238, "--csv", "study_small.csv";
    study_wave1: 279, "--csv", "study_wave1.csv";
    study_wave2: 268, "--csv", "study_wave2.csv";
    waves: 14, "--waves", "study_wave1.csv", "study_wave2.csv";
    extra_cochran: 10, "--csv", "extra_cochran_*.csv";
}

struct Record {
    id: String,
    expected: Vec<f64>,
    tolerance: String,
}

/// Holds what the command prints to every record of a table.
fn hold(name: &str, least: usize, arguments: &[&str]) {
    let found = printed(arguments);
    let mut wrong: Vec<String> = Vec::new();
    let records = records(name);
    for record in &records {
        match found.get(&record.id) {
            None => wrong.push(format!("{}: nothing, expected {:?}", record.id, record.expected)),
            Some(value) if !record.holds(&numbers(value), &found) => {
                wrong.push(format!("{}: {value}, expected {:?} ({})", record.id, record.expected, record.tolerance));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), records.len(), wrong.join("\n"));
    assert!(records.len() >= least, "only {} records of {name} bind", records.len());
}

/// What `risposta score` prints under ids; a name with `*` stands for all files that fit, one by one.
fn printed(arguments: &[&str]) -> Map<String, Value> {
    let [files @ .., last] = arguments else { return Map::new() };
    let Some((before, after)) = last.split_once('*') else { return run(arguments) };
    let fits = |file: &String| file.starts_with(before) && file.ends_with(after);
    let all = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    all.filter(fits).flat_map(|file| run(&[files, &[file.as_str()]].concat())).collect()
}

fn run(arguments: &[&str]) -> Map<String, Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_risposta"))
        .current_dir(folder())
        .args(["score", "--format", "flat", "--all", "--seed", "7"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Record {
    fn holds(&self, found: &[f64], all: &Map<String, Value>) -> bool {
        found.len() == self.expected.len()
            && found.iter().zip(&self.expected).all(|(found, expected)| self.is_near(*found, *expected, all))
    }

    #[allow(clippy::float_cmp, reason = "counts, and infinity, must be equal to the last bit")]
    fn is_near(&self, found: f64, expected: f64, all: &Map<String, Value>) -> bool {
        let off = (found - expected).abs();
        found == expected
            || self.tolerance.split('|').any(|tolerance| match tolerance.split_once(':') {
                Some(("abs", most)) => off <= most.parse().unwrap(),
                Some(("rel", most)) => off <= most.parse::<f64>().unwrap() * expected.abs(),
                None if tolerance == "mc" => off <= self.drawn(expected, all),
                _ => false,
            })
    }

    /// How far two bootstraps may lie apart.
    fn drawn(&self, expected: f64, all: &Map<String, Value>) -> f64 {
        let (share, what) = self.id.rsplit_once('.').unwrap();
        let companies = all[&format!("{share}.clusters")].as_u64().unwrap();
        match what {
            "cluster_boot_se" => 0.1 * expected,
            _ if companies >= 100 => 0.01,
            _ => 0.05,
        }
    }
}

/// The records that bind: programs agree on them, or only one computes them. The others are told.
fn records(name: &str) -> Vec<Record> {
    let json = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    let all: Value = serde_json::from_str(&json).unwrap();
    let mut binding = Vec::new();
    for record in all["records"].as_array().unwrap() {
        let (id, status) = (record["id"].as_str().unwrap(), record["status"].as_str().unwrap());
        if ["UNDEFINED", "DISAGREE"].contains(&status) {
            println!("{id}: {status}");
        } else if !is_not_offered(id) {
            let tolerance = record["tolerance"].as_str().unwrap().to_owned();
            binding.push(Record { id: id.to_owned(), expected: numbers(&record["expected"]), tolerance });
        }
    }
    binding
}

fn is_not_offered(id: &str) -> bool {
    NOT_OFFERED_ENDS.iter().any(|kind| id.ends_with(kind)) || NOT_OFFERED_WITHIN.iter().any(|kind| id.contains(kind))
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(several) => several.iter().flat_map(numbers).collect(),
        Value::String(word) if word == "inf" => vec![f64::INFINITY],
        Value::Bool(yes) => vec![f64::from(u8::from(*yes))],
        number => vec![number.as_f64().expect("a number")],
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracles")
}
