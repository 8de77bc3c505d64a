//! Is the house still as `ARCHITECTURE.md` draws it? Reads every source file and holds it to the rules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "tidy/tokens.rs"]
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};
use tokens::Name;

/// What each room may use. A room uses only rooms that stand above it, so there is no cycle.
/// When the table is wrong, change it here and in `ARCHITECTURE.md`, and say why there.
const HOUSE: [(&str, &[&str]); 23] = [
    ("model", &[]),
    ("failpoint", &[]),
    ("calendar", &[]),
    ("clock", &[]),
    ("net", &[]),
    ("threads", &[]),
    ("stats", &[]),
    ("lexicon", &[]),
    ("scenario", &["model"]),
    ("plan", &["model", "calendar", "lexicon", "threads"]),
    ("journal", &["model", "threads", "failpoint"]),
    ("forms", &["model", "lexicon"]),
    ("discovery", &["model", "net", "lexicon", "scenario", "forms"]),
    ("channels", &["model", "clock", "net", "lexicon", "forms"]),
    ("sources", &["model", "clock", "net"]),
    ("intake", &["model", "calendar", "lexicon"]),
    (
        "wave",
        &[
            "model",
            "calendar",
            "plan",
            "journal",
            "channels",
            "sources",
            "intake",
            "clock",
            "net",
            "threads",
            "failpoint",
        ],
    ),
    ("score", &["model", "calendar", "threads", "stats"]),
    ("report", &["model", "stats", "score", "lexicon"]),
    ("rehearsal", &["model", "clock", "net"]),
    ("cli", &[ALL]),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Every room above.
const ALL: &str = "*";

/// Rooms of plain functions: time, chance, bytes, settings and threads come in as arguments.
const PURE: [&str; 8] = ["model", "calendar", "plan", "forms", "intake", "stats", "score", "report"];

/// What a pure room does not name.
const EFFECTS: [&str; 19] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "Threads::available",
    "threads::Threads::available",
    "std::time::SystemTime",
    "std::time::Instant",
    "tokio",
    "reqwest",
    "rusqlite",
    "Utc::now",
    "chrono::Utc::now",
    "Local::now",
    "chrono::Local::now",
    "rand::rng",
    "rand::random",
    "rand::thread_rng",
];

/// Most lines of a file: more is two rooms with the wall missing.
const LINES_MAX: usize = 500;

/// One `.rs` file.
struct Source {
    /// From the package's root.
    path: PathBuf,
    text: String,
}

impl Source {
    /// The room, for a file in `src/`.
    fn room(&self) -> Option<String> {
        let inside = self.path.strip_prefix("src").ok()?;
        let first = inside.components().next()?.as_os_str().to_string_lossy();
        Some(first.trim_end_matches(".rs").to_owned())
    }

    fn names(&self) -> Vec<Name> {
        tokens::names(self.path.strip_prefix("src").unwrap_or(&self.path), &self.text)
    }

    fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// The package: the one that cargo runs, wherever it was built.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// All Rust files below a folder of the package, in a fixed order.
fn sources(folder: &str) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source { path: path.strip_prefix(&root).unwrap().to_owned(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no source found in {folder}/");
    found
}

/// Every name in `src/` with its room. Files that are modules of tests are known as such.
fn names() -> Vec<(Source, String, Vec<Name>)> {
    let with_names = |source: Source| {
        let (room, names) = (source.room().unwrap(), source.names());
        (source, room, names)
    };
    let mut all: Vec<_> = sources("src").into_iter().map(with_names).collect();
    let tests = all.iter().flat_map(|(_, _, names)| names.iter().filter_map(Name::test_module));
    let tests: Vec<Vec<String>> = tests.map(|module| module.split("::").map(str::to_owned).collect()).collect();
    for (source, _, names) in &mut all {
        let module = tokens::module_of(source.path.strip_prefix("src").unwrap());
        if tests.iter().any(|test| module.starts_with(test)) {
            for name in names.iter_mut() {
                name.in_test = true;
            }
        }
    }
    all
}

fn allowed(room: &str) -> Option<&'static [&'static str]> {
    HOUSE.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed)
}

/// Fails with all findings at once.
#[track_caller]
fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}

#[test]
fn rooms_use_only_what_the_house_allows() {
    let mut findings = Vec::new();
    for (source, room, names) in names() {
        let Some(may) = allowed(&room) else {
            findings.push(format!("{}: the table knows no room `{room}`", source.path.display()));
            continue;
        };
        for name in names.iter().filter(|name| name.own) {
            let other = name.text.split("::").next().unwrap_or_default();
            let at = source.at(name.line);
            if allowed(other).is_none() {
                findings.push(format!("{at}: `{}` names no room: write `crate::<room>::…`", name.text));
            } else if other != room && !may.contains(&other) && !may.contains(&ALL) {
                findings.push(format!("{at}: `{room}` → `{other}` by `{}`; `{room}` may use {may:?}", name.text));
            }
        }
    }
    none("Arrows that the house does not have:", &findings);
}

#[test]
fn the_house_has_no_cycle() {
    for (at, (room, may)) in HOUSE.iter().enumerate() {
        for other in may.iter().filter(|other| **other != ALL) {
            let above = HOUSE[..at].iter().any(|(name, _)| name == other);
            assert!(above, "`{room}` may use `{other}`, which does not stand above it");
        }
    }
}

/// The rows of the table in `ARCHITECTURE.md`: a room, and what it may use.
fn drawn(page: &str) -> Vec<(String, Vec<String>)> {
    let rows = page.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    let read = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let room = cells[0].trim_matches('`').trim_end_matches('/').trim_end_matches(".rs").to_owned();
        let may = match *cells.last().unwrap() {
            "–" => Vec::new(),
            "all" => vec![ALL.to_owned()],
            rooms => rooms.split(", ").map(str::to_owned).collect(),
        };
        (room, may)
    };
    rows.take_while(|line| line.starts_with('|')).map(read).collect()
}

#[test]
fn architecture_md_draws_this_house() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let sorted = |mut may: Vec<String>| {
        may.sort();
        may
    };
    let on_paper: BTreeMap<_, _> = drawn(&page).into_iter().map(|(room, may)| (room, sorted(may))).collect();
    let held: BTreeMap<_, _> = HOUSE
        .iter()
        .map(|(room, may)| ((*room).to_owned(), sorted(may.iter().map(|room| (*room).to_owned()).collect())))
        .collect();
    assert_eq!(on_paper, held, "the table on paper, and the one that is held");
    let there = |path: &str| root().join(path).exists() || root().join("src").join(path).exists();
    let rooms: Vec<_> =
        held.keys().filter(|room| !there(&format!("{room}.rs")) && !there(&format!("{room}/"))).collect();
    assert!(rooms.is_empty(), "rooms without a file: {rooms:?}");
    let missing: Vec<String> =
        page.split('`').skip(1).step_by(2).filter(|word| is_file(word) && !there(word)).map(str::to_owned).collect();
    none("ARCHITECTURE.md names what is not there:", &missing);
}

/// Folders that the page names and the repository does not have: a wave's, and a room that was not built.
const ELSEWHERE: [&str; 2] = ["evidence/", "browser/"];

/// Whether a word in backticks names a Rust file or a folder of ours.
fn is_file(word: &str) -> bool {
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    let is_rust = std::path::Path::new(word).extension().is_some_and(|e| e == "rs");
    plain && (is_rust || (word.ends_with('/') && !ELSEWHERE.contains(&word)))
}

#[test]
fn pure_rooms_have_no_effects() {
    let reaches = |name: &Name, effect: &str| {
        name.text == effect || name.text.strip_prefix(effect).is_some_and(|rest| rest.starts_with("::"))
    };
    let mut findings = Vec::new();
    for (source, room, names) in names() {
        for name in names.iter().filter(|name| PURE.contains(&room.as_str()) && !name.in_test) {
            if EFFECTS.iter().any(|effect| reaches(name, effect)) {
                findings.push(format!("{}: `{}` in `{room}`", source.at(name.line), name.text));
            }
        }
    }
    none("Take time, chance and bytes as arguments here:", &findings);
}

#[test]
fn only_the_command_line_prints_and_nothing_panics_on_purpose() {
    let mut findings = Vec::new();
    for (source, room, names) in names() {
        for name in names.iter().filter(|name| !name.in_test) {
            let what = match name.text.as_str() {
                "println!" | "print!" | "eprintln!" | "eprint!" if room != "cli" => "only `cli` prints",
                "dbg!" => "left over from debugging",
                ".unwrap" => "say what to do when it is not there",
                "todo!" | "unimplemented!" => "unfinished",
                _ => continue,
            };
            findings.push(format!("{}: `{}`: {what}", source.at(name.line), name.text));
        }
    }
    none("Outside tests:", &findings);
}

#[test]
fn every_file_says_its_question_and_is_short() {
    let mut findings = Vec::new();
    for source in ["src", "tests"].into_iter().flat_map(sources) {
        let (path, lines) = (source.path.display(), source.text.lines().count());
        if !source.text.starts_with("//!") {
            findings.push(format!("{path}: opens without a `//!` sentence"));
        }
        if lines > LINES_MAX {
            findings.push(format!("{path}: {lines} lines; at most {LINES_MAX}"));
        }
    }
    none("Files:", &findings);
}

#[test]
fn no_test_is_switched_off() {
    let mut findings = Vec::new();
    for source in ["src", "tests"].into_iter().flat_map(sources) {
        for (line, text) in source.text.lines().enumerate() {
            if text.trim_start().starts_with("#[ignore") {
                findings.push(source.at(line + 1));
            }
        }
    }
    none("Mend it or remove it:", &findings);
}

/// The texts that git tracks; bytes that are no UTF-8 and mail samples speak for themselves.
fn tracked_texts() -> Vec<(String, String)> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let listed = listed.expect("git lists the files");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).unwrap();
    let own = |name: &&str| !name.is_empty() && *name != "Cargo.lock" && !name.starts_with("tests/intake/");
    let names: BTreeSet<&str> = names.split('\0').filter(own).collect();
    let read = |name: &str| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?));
    let texts: Vec<_> = names.into_iter().filter_map(read).collect();
    assert!(texts.iter().any(|(name, _)| name == "Cargo.toml"), "git lists no Cargo.toml");
    texts
}

#[test]
fn tracked_files_name_no_machine_and_nothing_unfinished() {
    // Written in two parts, or this file would find itself.
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("bash_", "jobs")];
    let words = [
        concat!("py", "pi.org"),
        concat!("python", "hosted.org"),
        concat!("npm", "js.org"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
        concat!("deb.", "debian.org"),
        concat!("FIX", "ME"),
    ];
    let mut findings = Vec::new();
    for (name, text) in tracked_texts() {
        for (line, text) in text.lines().enumerate() {
            let place = places.iter().find(|place| starts_a_path(text, place));
            if let Some(found) = place.or_else(|| words.iter().find(|word| text.contains(**word))) {
                findings.push(format!("{name}:{}: `{found}`", line + 1));
            }
        }
    }
    none("Paths of a machine, hosts of a registry, unfinished work:", &findings);
}

/// Whether `place` stands in `text` as the start of a path, not inside one.
fn starts_a_path(text: &str, place: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "._-}".contains(c);
    text.match_indices(place).any(|(at, _)| !text[..at].ends_with(inside))
}
