//! How well does intake read mail? Prints what it takes labelled mails for, how exactly it finds what
//! a person newly wrote, and whether hostile mails are read.
//!
//! `cargo run --release --example intake_accuracy -- DIR [--json] [--misses] [--corpus A,B] [--speed]`
//!
//! DIR holds `labels.csv` and the mails, `corpus/case.eml`. No mail here belongs to a wave, so that
//! nothing is tied, and each is judged by itself alone. `--corpus` measures some sub-corpora only
//! (`!A,B`: all but these), to hold others out while rules are made.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod classify;
mod labels;
mod reply;
mod robust;
mod speed;

use labels::Row;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let Some(dir) = arguments.first().filter(|a| !a.starts_with("--")) else {
        eprintln!("usage: intake_accuracy DIR [--json] [--misses] [--corpus A,B] [--speed]");
        return ExitCode::from(2);
    };
    let corpora = arguments.iter().position(|a| a == "--corpus").and_then(|at| arguments.get(at + 1));
    let rows = match labels::read(Path::new(dir), corpora.map(String::as_str)) {
        Ok(rows) => rows,
        Err(error) => {
            eprintln!("{dir}: {error}");
            return ExitCode::FAILURE;
        }
    };
    if has("--speed") {
        speed::measure(&rows);
        return ExitCode::SUCCESS;
    }
    measure(&rows, has("--json"), has("--misses"));
    ExitCode::SUCCESS
}

fn measure(rows: &[Row], json: bool, misses: bool) {
    let classified = classify::measure(rows, misses);
    let replies = reply::measure(rows, misses);
    let robust = robust::read_all(rows);
    let metamorphic = robust::metamorphic(rows);
    if json {
        let report = serde_json::json!({
            "classify": classified.classes(),
            "human_called_automatic": classified.human_called_automatic(),
            "reply": replies.total(),
            "robust": robust.to_json(),
            "metamorphic": metamorphic.to_json(),
        });
        println!("{report:#}");
        return;
    }
    classified.print();
    replies.print();
    robust.print();
    metamorphic.print();
}
