//! Does the program behave in a shell: exit codes, streams, width, pipes, and SIMULATED on all that is?

use serde_json::Value;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr as _;

/// A folder of its own, and the program that runs in it.
struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A folder with the starter study in it.
    fn with_starter() -> Self {
        let shell = Self::new();
        shell.ok(&["init", "."]);
        shell
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_risposta"));
        command.args(arguments).current_dir(self.0.path()).env_remove("RISPOSTA_RESULTS").env_remove("MAIL_PASSWORD");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        assert!(!said(&output).contains("panicked"), "{arguments:?}: {}", said(&output));
        output
    }

    /// Runs what must work, and gives what it printed.
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs what must fail with this code, prints no data and says why.
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{arguments:?} printed data: {}", String::from_utf8_lossy(&output.stdout));
        said(&output)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.path().join(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        self.write(name, text.replace(from, to));
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_starter_passes_check_and_rehearsal() {
    let shell = Shell::with_starter();
    assert_eq!(said(&shell.run(&["check", "study.yaml"])), "study.yaml: no mistakes found\n");
    assert!(shell.ok(&["rehearse", "study.yaml"]).contains("SIMULATED"));
    assert!(shell.fails(1, &["init", "."]).contains("nothing was overwritten"));
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let shell = Shell::with_starter();
    shell.write("broken.yaml", "study: [\n");
    shell.write(
        "no-rows.csv",
        "company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,first_reply_at,outcome,adequacy\n",
    );
    for (code, arguments) in [
        (2, &["frobnicate"][..]),
        (2, &["demo", "--json", "--csv"]),
        (2, &["status"]),
        (2, &["plan", "study.yaml", "--wave", "one", "--start", "tomorrow"]),
        (2, &["plan", "study.yaml", "--wave", "../one", "--start", "2030-01-07"]),
        (2, &["plan", "study.yaml", "--wave", "rehearsal-2", "--start", "2030-01-07"]),
        (3, &["check", "broken.yaml"]),
        (3, &["check", "missing.yaml"]),
        (3, &["check", "."]),
        (3, &["rehearse", "broken.yaml"]),
        (1, &["score", "--csv", "missing.csv"]),
        (1, &["score", "--csv", "."]),
        (3, &["score", "--csv", "study.yaml"]),
        (3, &["score", "--csv", "no-rows.csv"]),
        (2, &["score", "--csv", "no-rows.csv", "--as-of", "2030-01-01"]),
        (1, &["demo", "--results", "study.yaml"]),
    ] {
        assert!(!shell.fails(code, arguments).is_empty(), "{arguments:?} says nothing");
    }
}

#[test]
fn a_compressed_csv_is_scored_as_it_is() {
    let shell = Shell::new();
    let csv = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/study_small.csv");
    let plain = fs::read(csv).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&plain).unwrap();
    let packed = packed.finish().unwrap();
    shell.write("study.csv", &plain);
    let expected = shell.ok(&["score", "--csv", "study.csv", "--json"]);
    // The first bytes say what it is, whatever its name.
    for name in ["study.csv.gz", "packed.csv"] {
        shell.write(name, &packed);
        assert_eq!(shell.ok(&["score", "--csv", name, "--json"]).replace(name, "study.csv"), expected);
    }
    shell.write("cut.csv.gz", &packed[..packed.len() / 2]);
    assert!(shell.fails(3, &["score", "--csv", "cut.csv.gz"]).contains("is the file damaged?"));
}

#[test]
fn numbers_are_the_same_on_any_number_of_threads() {
    let shell = Shell::new();
    let csv = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/study_medium.csv");
    let score = |more: &[&str]| {
        shell.ok(&[&["score", "--csv", csv, "--format", "flat", "--all", "--resamples", "200"], more].concat())
    };
    let alone = score(&["--threads", "1"]);
    assert!(alone.contains("cluster_boot"));
    for threads in ["2", "7"] {
        assert_eq!(score(&["--threads", threads]), alone, "{threads} threads");
    }
    assert_ne!(score(&["--seed", "2"]), alone, "the bootstrap follows its seed");
    let only = score(&["--only", "km.email.median,cochran_q"]);
    assert!(only.lines().all(|line| line.len() == 1 || alone.contains(line.trim_end_matches(','))), "{only}");
    assert_eq!(only.lines().count(), 2 + 3 + 4, "{only}");
    shell.fails(2, &["score", "--csv", csv, "--format", "flat", "--only", "rates"]);
    // However thresholds are named, each is counted once, the shortest first.
    let named = |spans: &str| shell.ok(&["score", "--csv", csv, "--thresholds", spans, "--json"]);
    let card: serde_json::Value = serde_json::from_str(&named("24h,1h,24h")).unwrap();
    assert_eq!(card["about"]["thresholds"], serde_json::json!(["1h", "1d"]));
    assert_eq!(card["total"]["before_any_reminder"]["within"].as_array().unwrap().len(), 2);
    assert_eq!(named("24h,1h,24h"), named("1h,24h"));
    // What would change nothing is refused.
    let refused = shell.fails(2, &["score", "--csv", csv, "--format", "flat", "--thresholds", "2h"]);
    assert!(refused.contains("fixed thresholds"), "{refused}");
}

#[test]
fn everything_a_rehearsal_prints_says_simulated() {
    let shell = Shell::new();
    for output in [shell.run(&["demo"]), shell.run(&["demo", "--companies"])] {
        assert!(said(&output).contains("SIMULATED"));
        assert!(String::from_utf8(output.stdout).unwrap().contains("SIMULATED"));
    }
    for row in shell.ok(&["demo", "--csv"]).lines().skip(1) {
        assert!(row.ends_with(",SIMULATED"), "{row}");
    }
    assert!(shell.ok(&["score", "--json"]).contains("SIMULATED"));
    for arguments in [&["status"][..], &["todo"], &["review"], &["show"], &["show", "edil-beta"], &["verify"]] {
        assert!(shell.ok(arguments).contains("SIMULATED"), "{arguments:?}");
        let json: Value = serde_json::from_str(&shell.ok(&[arguments, &["--json"]].concat())).unwrap();
        assert_eq!(json["simulated"], true, "{arguments:?}");
    }
}

#[test]
fn a_study_says_beforehand_what_it_can_find() {
    let shell = Shell::with_starter();
    let repeated = shell.ok(&["rehearse", "study.yaml", "--times", "20", "--no-network"]);
    for expected in ["SIMULATED", "the same wave 20 times", "its interval holds the truth"] {
        assert!(repeated.contains(expected), "{expected} is missing:\n{repeated}");
    }
    let json = shell.ok(&["rehearse", "study.yaml", "--times", "20", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["format"], &json["times"]), (&1.into(), &20.into()));
    assert!(json["notice"].as_str().unwrap().starts_with("SIMULATED"));
    let planned = shell.ok(&["plan", "study.yaml", "--wave", "spring", "--start", "2199-01-07"]);
    assert!(planned.contains("What this plan can find"), "{planned}");
    assert!(planned.lines().all(|line| line.chars().count() <= 80), "{planned}");
}

#[test]
fn a_rehearsal_is_never_run_live() {
    let shell = Shell::with_starter();
    shell.ok(&["rehearse", "study.yaml"]);
    shell.fails(2, &["run", "study.yaml", "--live"]);
    shell.fails(2, &["run", "study.yaml", "--live", "--wave", "rehearsal"]);
    // Nor under another name.
    let study = shell.0.path().join("results/first-study");
    fs::rename(study.join("rehearsal"), study.join("spring")).unwrap();
    shell.fails(2, &["run", "study.yaml", "--live", "--wave", "spring"]);
    let plan = fs::read_to_string(study.join("spring/plan.json")).unwrap();
    fs::write(study.join("spring/plan.json"), plan.replace("\"wave\": \"rehearsal\"", "\"wave\": \"spring\"")).unwrap();
    shell.fails(1, &["run", "study.yaml", "--live", "--wave", "spring"]);
}

#[test]
fn what_is_printed_fits_eighty_columns() {
    let shell = Shell::new();
    let tables = [&["demo", "--companies"][..], &["status"]].map(|arguments| shell.ok(arguments)).concat();
    for line in tables.lines() {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
    assert!(!tables.contains('\u{1b}'), "colour without a terminal");
}

#[test]
fn a_reader_who_leaves_does_no_harm_and_a_full_disk_is_told() {
    let shell = Shell::with_starter();
    shell.edit("study.yaml", "language: en", "langage: en");
    let mut child = shell
        .command(&["check", "--format", "plain", "study.yaml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "the study's mistakes still count: {said}");
    assert!(!said.contains("panicked"));

    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = shell.command(&["check", "--schema"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_strangers_study_moves_no_terminal() {
    let shell = Shell::new();
    shell.write("raw.yaml", "study: x\ntitle: \u{1b}[31mred\u{1b}]0;t\u{7}\u{202e} \u{9b}2J\n");
    shell.write("quoted.yaml", "study: x\n\"ti\\e[2Jtle\": 1\n");
    for name in ["raw.yaml", "quoted.yaml"] {
        for form in ["picture", "plain", "json"] {
            let output = shell.run(&["check", name, "--format", form]);
            assert_eq!(output.status.code(), Some(3));
            let all = said(&output) + &String::from_utf8(output.stdout).unwrap();
            let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!all.contains(obeyed), "{name} as {form}: {all:?}");
        }
    }
}

#[test]
fn a_plan_is_frozen_and_one_in_the_past_is_warned_of() {
    let shell = Shell::with_starter();
    let plan = |start| ["plan", "study.yaml", "--wave", "spring", "--start", start];
    let first = shell.ok(&plan("2020-01-06"));
    let again = shell.run(&plan("2020-01-06"));
    assert_eq!(first.as_bytes(), again.stdout);
    assert!(said(&again).contains("the start is in the past: 10 of 10"));
    shell.fails(1, &plan("2020-01-07"));
    shell.edit("study.yaml", "window: 28d", "window: 29d");
    shell.edit("study.yaml", "washout: 28d", "washout: 29d");
    assert!(shell.fails(3, &["run", "study.yaml"]).contains("window"));
}

#[test]
fn a_live_run_that_cannot_look_says_so_and_shows_no_secret() {
    let shell = Shell::with_starter();
    // Nobody listens there.
    shell.edit("study.yaml", "imap: imap.inbox.example", "imap: {host: 127.0.0.1, port: 1, security: plain}");
    shell.ok(&["plan", "study.yaml", "--wave", "spring", "--start", "2090-01-02"]);
    let dry = shell.run(&["run", "study.yaml"]);
    assert!(said(&dry).contains("Nothing was sent"));
    assert!(shell.fails(4, &["run", "study.yaml", "--live", "--once"]).contains("MAIL_PASSWORD is not set"));
    let live = shell
        .command(&["-vv", "--log-file", "log", "run", "study.yaml", "--live", "--once"])
        .env("MAIL_PASSWORD", "hunter2")
        .output()
        .unwrap();
    assert_eq!(live.status.code(), Some(4), "{}", said(&live));
    assert!(said(&live).contains("cannot look"));
    let written = fs::read_to_string(shell.0.path().join("log")).unwrap();
    assert!(![said(&live), written, shell.ok(&["status"])].concat().contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn results_are_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let shell = Shell::with_starter();
    shell.ok(&["rehearse", "study.yaml"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in ["results", "results/first-study", "results/first-study/rehearsal"] {
        assert_eq!(mode(&shell.0.path().join(folder)), 0o700, "{folder}");
    }
}

#[test]
fn a_study_with_mailbox_and_mastodon_rehearses() {
    let shell = Shell::with_starter();
    shell.edit(
        "study.yaml",
        "persona:",
        "mastodon: {instance: \"https://social.example\", token: env:TOKEN}\npersona:",
    );
    shell.edit("study.yaml", "max_messages_per_company: 4", "max_messages_per_company: 9");
    shell.edit("study.yaml", "max_messages_per_group: 8", "max_messages_per_group: 18");
    shell.edit("study.yaml", "outside: [facebook, chat]", "outside: [facebook, chat, mastodon]");
    shell.edit("companies.csv", "facebook,chat\n", "facebook,chat,mastodon\n");
    shell.edit("companies.csv", "alder.furniture,none\n", "alder.furniture,none,alder@shops.example\n");
    shell.edit("companies.csv", "/chat\n", "/chat,none\n");
    shell.ok(&["rehearse", "study.yaml"]);
    let status: Value = serde_json::from_str(&shell.ok(&["status", "--json"])).unwrap();
    assert_eq!(status["channels"]["mastodon"]["accepted"], 1);
    let sources = status["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2);
    assert!(sources.iter().all(|source| source["trouble"].is_null()), "{sources:?}");
}

#[test]
fn a_record_is_checked_and_a_published_root_is_known() {
    let shell = Shell::with_starter();
    shell.ok(&["plan", "study.yaml", "--wave", "spring", "--start", "2020-01-06"]);
    let inquiry = "birch-sons.facebook.delivery.1";
    shell.fails(2, &["record", "nobody.facebook.delivery.1", "sent"]);
    shell.fails(1, &["record", inquiry, "reply"]);
    shell.fails(1, &["record", inquiry, "sent", "--at", "2999-01-01"]);
    shell.fails(1, &["record", inquiry, "sent", "--at", "1999-01-01"]);
    shell.ok(&["record", inquiry, "sent"]);
    shell.fails(1, &["record", inquiry, "sent"]);
    let status: Value = serde_json::from_str(&shell.ok(&["status", "--json"])).unwrap();
    let root = status["journal_root"].as_str().unwrap();
    shell.ok(&["record", inquiry, "reply", "--note", "\u{1b}[2Jno"]);
    assert!(shell.ok(&["verify", "--root", root]).contains("are those that were published"));
    shell.fails(2, &["verify", "--root", "abc"]);
    assert_eq!(shell.run(&["verify", "--root", &"0".repeat(64)]).status.code(), Some(1));
    assert!(!shell.ok(&["show", "birch-sons"]).contains('\u{1b}'));
    assert!(shell.ok(&["show", "alder-furniture"]).contains("Nothing has happened yet"));
}

#[test]
fn the_study_that_is_asked_for_real_is_the_one_that_is_meant() {
    let shell = Shell::with_starter();
    shell.ok(&["demo"]);
    shell.ok(&["rehearse", "study.yaml"]);
    assert!(shell.fails(2, &["status"]).contains("first-study, ladogana"));
    shell.ok(&["plan", "study.yaml", "--wave", "spring", "--start", "2090-01-02"]);
    assert!(shell.ok(&["status"]).starts_with("first-study / spring\n"));
}
