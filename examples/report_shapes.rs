//! Writes a report of every shape, for people who look at them, and says how large and how quick each is:
//! `cargo run --release --example report_shapes -- FOLDER`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a tool for developers")]

#[path = "../tests/suite/report/shapes.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod shapes;

use risposta::lexicon::report_words::Language;
use risposta::report::publish::Audience;
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/report-shapes".to_owned()));
    for (name, material) in shapes::shapes() {
        for (audience, language) in [(Audience::Team, Language::English), (Audience::Public, Language::Italian)] {
            let place = folder.join(format!("{name}-{}-{}", audience.name(), language.code()));
            let started = std::time::Instant::now();
            let page = shapes::write(&place, material.clone(), &audience, language);
            let (bytes, seconds) = (std::fs::metadata(&page).unwrap().len(), started.elapsed().as_secs_f64());
            println!("{}: {bytes} bytes in {seconds:.2} s", page.display());
        }
    }
}
