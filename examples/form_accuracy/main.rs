//! How well are pages of forms understood? Prints, over forms that people labelled, how often a
//! contact form is told from the rest, how often a field's role is right, and whether a trap for
//! robots would be filled.
//!
//! `cargo run --release --example form_accuracy -- DIR [--json] [--misses] [--half A|B] [--use weak] [--evidence FILE]`
//!
//! DIR holds `labels.json` and the pages. Forms count that `use=score` marks. `--half` measures one
//! half of the sites, so that rules can be made on the other; `--use weak` the forms that a program
//! labelled, to see what is missed altogether; `--evidence` writes what was found in
//! each form, a line each, to fit the points of `nature.txt`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod labels;
mod tally;

use labels::LabelledPage;
use risposta::forms::page::Page;
use rustix::time::{ClockId, clock_gettime};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tally::Tally;
use url::Url;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let Some(dir) = arguments.first().filter(|a| !a.starts_with("--")) else {
        eprintln!("usage: form_accuracy DIR [--json] [--misses] [--half A|B] [--use weak] [--evidence FILE]");
        return ExitCode::from(2);
    };
    let half = value("--half").map(String::as_str);
    let used = value("--use").map_or("score", String::as_str);
    let measured = labels::read(Path::new(dir)).and_then(|pages| measure(Path::new(dir), &pages, half, used));
    let measured = measured.and_then(|tally| match value("--evidence") {
        Some(file) => std::fs::write(file, tally.evidence_lines()).map_err(|e| format!("{file}: {e}")).map(|()| tally),
        None => Ok(tally),
    });
    match measured {
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        Ok(tally) if has("--json") => println!("{:#}", tally.to_json()),
        Ok(tally) => tally.print(has("--misses")),
    }
    ExitCode::SUCCESS
}

fn measure(dir: &Path, pages: &[LabelledPage], half: Option<&str>, used: &str) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for labelled in pages.iter().filter(|page| half.is_none_or(|half| page.half() == half)) {
        let file = dir.join(&labelled.file);
        let bytes = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let html = String::from_utf8_lossy(&bytes);
        let url = Url::parse(&labelled.url).or_else(|_| Url::parse("http://example.com/"));
        let url = url.map_err(|e| format!("{}: {e}", labelled.url))?;
        let start = processor_time();
        let page = Page::parse(&html, &url);
        let took = processor_time().saturating_sub(start);
        tally.pages += 1;
        tally.bytes += bytes.len();
        tally.forms_read += page.forms.len();
        tally.reading += took;
        if took > tally.slowest.0 {
            tally.slowest = (took, labelled.case.clone(), bytes.len());
        }
        for form in labelled.forms.iter().filter(|form| form.used == used) {
            tally.add(labelled, form, labels::find(&page.forms, form));
        }
    }
    if tally.reading == Duration::ZERO {
        return Err("no page was read".to_owned());
    }
    Ok(tally)
}

/// What this thread has used of a processor, so that other programs do not count.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}
