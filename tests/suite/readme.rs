//! Does the README name the commands that the program has, and no others?

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// What a line of the README runs: the command, and the options given to it.
struct Usage {
    line: usize,
    command: String,
    options: Vec<String>,
}

/// Every `risposta …` and `cargo run --release -- …` of the README, in a block or between backticks.
fn usages() -> Vec<Usage> {
    let mut found = Vec::new();
    for (line, text) in README.lines().enumerate() {
        for start in ["risposta ", "cargo run --release -- "] {
            for (at, _) in text.match_indices(start) {
                // A command stands at the start of its line or span of code; the name in a sentence does not.
                if at > 0 && !text[..at].ends_with(['`', '$', '(']) {
                    continue;
                }
                let run = text[at + start.len()..].split(['`', '#', '|', '>', ')']).next().unwrap_or_default();
                let mut words = run.split_whitespace().map(|word| word.trim_matches(['[', ']', ',', '.']));
                let command = words.next().unwrap_or_default().to_owned();
                let options = words.filter(|word| word.starts_with("--")).map(str::to_owned).collect();
                found.push(Usage { line: line + 1, command, options });
            }
        }
    }
    assert!(found.iter().any(|usage| usage.command == "demo"), "the README runs no demo");
    found
}

/// What `risposta …` prints.
fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_risposta")).args(arguments).output().unwrap();
    assert!(output.status.success(), "risposta {}: {}", arguments.join(" "), output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that `--help` lists: indented by two, a word, then what it does.
fn commands() -> BTreeSet<String> {
    let help = help(&["--help"]);
    let entries = help.lines().filter_map(|line| line.strip_prefix("  "));
    let is_name = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(' ');
    let names = entries.map(|entry| entry.split("  ").next().unwrap_or(entry)).filter(is_name);
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    assert!(!names.is_empty(), "--help lists no commands:\n{help}");
    names
}

#[test]
fn every_command_of_the_readme_exists_with_its_options() {
    let known = commands();
    let mut helps = BTreeMap::new();
    let mut wrong = Vec::new();
    for Usage { line, command, options } in usages() {
        if command.starts_with("--") {
            continue;
        }
        if !known.contains(&command) {
            wrong.push(format!("README.md:{line}: no command `{command}`"));
            continue;
        }
        let help = helps.entry(command.clone()).or_insert_with(|| help(&[&command, "--help"]));
        for option in options.iter().map(|option| option.split('=').next().unwrap_or(option)) {
            let listed = help.split(|c: char| c.is_whitespace() || ",[]=".contains(c)).any(|word| word == option);
            if !listed {
                wrong.push(format!("README.md:{line}: `{command}` has no option `{option}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_command_stands_in_the_readme() {
    let named: BTreeSet<String> = usages().into_iter().map(|usage| usage.command).collect();
    let missing: Vec<String> = commands().into_iter().filter(|name| name != "help" && !named.contains(name)).collect();
    assert!(missing.is_empty(), "the README does not say what these are for: {missing:?}");
}
