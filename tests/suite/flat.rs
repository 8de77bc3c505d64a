//! Does `score --format flat` take what a user has, and say what is wrong with it?

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with a study of its own, and the program that runs in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write(
            "study.csv",
            fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/study_small.csv")).unwrap(),
        );
        folder
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_risposta"));
        command.args(arguments).current_dir(self.0.path()).env_remove("RISPOSTA_RESULTS");
        command.output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn flat(&self, arguments: &[&str]) -> Map<String, Value> {
        let text = self.ok(&[&["score", "--format", "flat", "--resamples", "50"], arguments].concat());
        serde_json::from_str(&text).unwrap()
    }

    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(&[&["score"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?} printed data");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_study_in_parts_and_a_compressed_one_are_the_same_study() {
    let folder = Folder::new();
    let text = folder.read("study.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    let lines: Vec<&str> = rows.lines().collect();
    let part = |lines: &[&str]| format!("{header}\n{}\n", lines.join("\n"));
    folder.write("a.csv", part(&lines[20..]));
    folder.write("b.csv", part(&lines[..20]));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    folder.write("packed.csv.gz", packed.finish().unwrap());
    let whole = folder.flat(&["--all", "--csv", "study.csv"]);
    assert_eq!(whole, folder.flat(&["--all", "--csv", "a.csv", "b.csv"]));
    assert_eq!(whole, folder.flat(&["--all", "--csv", "packed.csv.gz"]));
    assert_eq!(folder.ok(&["score", "--csv", "study.csv", "--json"]).replace("study.csv", "x"), {
        folder.ok(&["score", "--csv", "packed.csv.gz", "--json"]).replace("packed.csv.gz", "x")
    });
    let said = folder.fails(3, &["--format", "flat", "--csv", "a.csv", "a.csv"]);
    assert!(said.contains("two of the files tell of the same inquiry") && said.contains("--waves"), "{said}");
}

#[test]
fn what_is_told_on_request_is_not_told_without_it_and_the_seed_moves_the_bootstrap_alone() {
    let folder = Folder::new();
    let usual = folder.flat(&["--csv", "study.csv"]);
    let all = folder.flat(&["--all", "--csv", "study.csv"]);
    let on_request: Vec<&String> = all.keys().filter(|id| !usual.contains_key(*id)).collect();
    assert!(on_request.iter().all(|id| {
        id.contains(".cluster_boot_")
            || id.ends_with(".clopper")
            || id.ends_with("_midp")
            || id.starts_with("rmst_diff")
    }));
    assert!(usual.iter().all(|(id, value)| all.get(id) == Some(value)));
    let elsewhere = folder.flat(&["--all", "--seed", "2", "--csv", "study.csv"]);
    let moved: Vec<&String> = all.keys().filter(|id| all.get(*id) != elsewhere.get(*id)).collect();
    assert!(!moved.is_empty() && moved.iter().all(|id| id.contains(".cluster_boot_")), "{moved:?}");
    assert_eq!(all, folder.flat(&["--all", "--csv", "study.csv"]));
}

#[test]
fn a_rehearsal_under_ids_says_that_it_is_one() {
    let folder = Folder::new();
    folder.ok(&["demo"]);
    let flat = folder.flat(&[]);
    assert_eq!(flat["SIMULATED"], true);
    let said = folder.fails(2, &["--format", "flat", "--only", "km.nothing"]);
    assert!(said.contains("no number has an id that begins with `km.nothing`"), "{said}");
    assert!(flat.keys().any(|id| id.starts_with("km.web_form.")));
}

#[test]
fn tables_without_a_scorecard_are_told_line_by_line() {
    let folder = Folder::new();
    folder.write("ratings.csv", "item,rater,code\na,r1,x\na,r2,x\nb,r1,y\nb,r2,x\n");
    assert!(folder.ok(&["score", "--csv", "ratings.csv"]).lines().any(|line| line == "percent_agreement  0.5"));
    let read = folder.ok(&["score", "--ratings", "ratings.csv"]);
    assert!(read.contains("r1, r2 agree on 50%") && read.contains("Krippendorff's alpha"), "{read}");
    assert!(folder.ok(&["score", "--ratings", "ratings.csv", "--all"]).contains("Cohen's kappa"));
    folder.write("pairs.csv", "id,both,a_only,b_only,neither\nt,2,1,9,3\n");
    assert!(folder.ok(&["score", "--pairs", "pairs.csv"]).contains("pair.t.newcombe10  ["));
    let only = folder.ok(&["score", "--waves", "study.csv", "study.csv", "--only", "wave.social"]);
    assert!(only.contains("wave.social.w2-w1.7d.table_abcd"));
    let read = folder.ok(&["score", "--waves", "study.csv", "study.csv"]);
    assert!(read.contains("From study.csv to study.csv") && read.contains("social"), "{read}");
    assert!(read.lines().all(|line| line.chars().count() <= 80), "{read}");
}

#[test]
fn several_small_tables_are_told_together() {
    let folder = Folder::new();
    folder.write("pairs.csv", "id,both,a_only,b_only,neither\nt,2,1,9,3\n");
    folder.write("counts.csv", "x,n\n1,2\n");
    let flat = folder.flat(&["--csv", "pairs.csv", "counts.csv"]);
    assert!(flat.contains_key("pair.t.newcombe10") && flat.contains_key("wilson.1/2.0.95"), "{flat:?}");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = Folder::new();
    folder.write("ratings.csv", "item,rater,code\na,,x\n");
    folder.write("counts.csv", "x,n\n3,2\n1,two\n");
    folder.write("power.csv", "p10,p01,n_pairs\n0.2,0.2,50\n");
    folder.write("sides.csv", "a,b\n0,1\n1,yes\n");
    folder.write("hours.csv", "id,start_utc,end_utc,tz,iso_weekdays_open,open_local,close_local,holidays\nx,2026-01-02T09:00:00Z,2026-01-02T10:00:00Z,Mars/Olympus,12345,09:00,17:00,\n");
    folder.write("study2.csv", folder.read("study.csv").replacen("food1", "", 1));
    folder.write("none.csv", "");
    folder.write("binary.csv.gz", [0x1f, 0x8b, 1, 2, 3]);
    for (code, arguments, wanted) in [
        (3, &["--ratings", "ratings.csv"][..], "ratings.csv:2, column `rater`"),
        (3, &["--csv", "counts.csv"], "counts.csv:3, column `n`"),
        (3, &["--csv", "power.csv"], "power.csv:2"),
        (3, &["--csv", "sides.csv"], "sides.csv:3"),
        (3, &["--csv", "hours.csv"], "hours.csv:2, column `tz`"),
        (3, &["--format", "flat", "--csv", "study2.csv"], "study2.csv:2, column `company`"),
        (3, &["--format", "flat", "--csv", "none.csv"], "none.csv:1"),
        (3, &["--pairs", "counts.csv"], "missing column `id`"),
        (1, &["--format", "flat", "--csv", "binary.csv.gz"], "binary.csv.gz"),
        (1, &["--format", "flat", "--csv", "missing.csv"], "missing.csv"),
        (1, &["--format", "flat", "--csv", "."], "folder"),
        (2, &["--waves", "study.csv"], "--waves"),
        (2, &["--waves", "study.csv", "study.csv", "--as-of", "2026-01-01"], "--as-of"),
        (2, &["--csv", "study.csv", "study.csv"], "--format flat"),
        (2, &["--format", "round", "--csv", "study.csv"], "flat"),
    ] {
        let said = folder.fails(code, arguments);
        assert!(said.contains(wanted), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}
