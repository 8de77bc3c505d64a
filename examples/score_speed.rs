//! What reading a CSV into a table costs, by number of threads: `cargo run --release --example score_speed FILE.csv`.

use risposta::score::csv::read_table;
use risposta::threads::Threads;
use std::fs::File;
use std::num::NonZeroUsize;
use std::time::Instant;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let path = std::env::args().nth(1).ok_or("name a CSV")?;
    for threads in [1, 2, 4] {
        let begun = Instant::now();
        let table = read_table(File::open(&path)?, &path, Threads::new(NonZeroUsize::new(threads).ok_or("none")?))?;
        say(&format!("{} rows on {threads} threads: {:.2?}, {}", table.rows().len(), begun.elapsed(), peak()));
    }
    Ok(())
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
    format!("peak memory {peak}")
}

#[allow(clippy::print_stdout, reason = "an example for the terminal")]
fn say(text: &str) {
    println!("{text}");
}
