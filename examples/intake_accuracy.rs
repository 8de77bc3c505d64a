//! How well does intake tell bounces, machines and people apart? Prints the confusion matrix over
//! a folder of labelled mails.
//!
//! `cargo run --example intake_accuracy -- DIR [--misses]`: DIR holds `labels.csv` (columns
//! `corpus,case,use,label,sublabel`) and the mails, `corpus/case.eml`. No mail here belongs to a
//! wave, so that nothing is tied, and each is judged by itself alone.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

use risposta::intake::{Index, Reading, read};
use risposta::model::inbound::{InboundKind, RawFormat};
use risposta::model::time::Stamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const CLASSES: [&str; 5] = ["bounce", "auto_ack", "out_of_office", "human", "other"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let misses = arguments.iter().any(|a| a == "--misses");
    let Some(dir) = arguments.iter().find(|a| !a.starts_with("--")) else {
        eprintln!("usage: intake_accuracy DIR [--misses]");
        return ExitCode::from(2);
    };
    match measure(Path::new(dir), misses) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// How often a label was read as a class.
type Matrix = BTreeMap<(String, &'static str), u32>;

fn measure(dir: &Path, misses: bool) -> Result<(), Box<dyn std::error::Error>> {
    let mut classify = Matrix::new();
    let mut others: BTreeMap<String, Matrix> = BTreeMap::new();
    let (mut unreadable, mut slowest) = (Vec::new(), (0, String::new()));
    for row in csv::Reader::from_path(dir.join("labels.csv"))?.deserialize() {
        let row: BTreeMap<String, String> = row?;
        let column = |name: &str| row.get(name).map_or("", String::as_str);
        let name = format!("{}/{}", column("corpus"), column("case"));
        let raw = std::fs::read(dir.join(format!("{name}.eml")))?;
        let start = Instant::now();
        let reading = read_alone(&raw);
        let millis = start.elapsed().as_millis();
        if millis > slowest.0 {
            slowest = (millis, name.clone());
        }
        if reading.interpretation.because == ["unreadable"] {
            unreadable.push(name.clone());
        }
        let label = column("label").to_owned();
        let class = class_of(&reading);
        let purpose = column("use");
        if misses && purpose != "robust" && class != label {
            println!(
                "{purpose} {name}: {label} ({}) read as {class} {:?}",
                column("sublabel"),
                reading.interpretation.because
            );
        }
        let matrix =
            if purpose.contains("classify") { &mut classify } else { others.entry(purpose.to_owned()).or_default() };
        *matrix.entry((label, class)).or_default() += 1;
    }
    println!("classify");
    print(&classify);
    for class in CLASSES {
        let count = |wanted: &dyn Fn(&str, &str) -> bool| -> u32 {
            classify.iter().filter(|((label, read), _)| wanted(label, read)).map(|(_, n)| n).sum()
        };
        let (right, of_label, of_read) =
            (count(&|l, r| l == class && r == class), count(&|l, _| l == class), count(&|_, r| r == class));
        println!("{class:>14}: recall {right}/{of_label}, precision {right}/{of_read}");
    }
    for (purpose, matrix) in others {
        println!("\n{purpose}");
        print(&matrix);
    }
    println!("\nunreadable: {unreadable:?}; slowest: {} ms ({})", slowest.0, slowest.1);
    Ok(())
}

fn read_alone(raw: &[u8]) -> Reading {
    read(raw, RawFormat::Mail, Stamp::server(chrono::DateTime::UNIX_EPOCH), &Index::default())
}

/// The label that a reading deserves. Any report on a delivery is a `bounce` there.
fn class_of(reading: &Reading) -> &'static str {
    let is_report = reading.interpretation.because.iter().any(|b| b == "report-type=delivery-status");
    match reading.interpretation.kind {
        InboundKind::Bounce | InboundKind::DelayNotice => "bounce",
        InboundKind::Unrelated if is_report => "bounce",
        InboundKind::Acknowledgement | InboundKind::BotReply => "auto_ack",
        InboundKind::OutOfOffice => "out_of_office",
        InboundKind::Reply | InboundKind::MissedCall => "human",
        InboundKind::Unrelated | InboundKind::OwnCopy => "other",
    }
}

fn print(matrix: &Matrix) {
    println!("{:>14} {}", "label \\ read", CLASSES.map(|c| format!("{c:>14}")).join(""));
    for label in CLASSES {
        let row = CLASSES.map(|class| matrix.get(&(label.to_owned(), class)).copied().unwrap_or(0));
        if row.iter().any(|n| *n > 0) {
            println!("{label:>14} {}", row.map(|n| format!("{n:>14}")).join(""));
        }
    }
}
