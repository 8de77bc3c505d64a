//! What does reading cost beside the bare MIME parse of the same mails?

use crate::classify::read_alone;
use crate::labels::Row;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often all mails are read; the fastest round counts.
const ROUNDS: usize = 7;

/// Prints messages a second of both, and their ratio. One thread: wall time is processor time.
pub(crate) fn measure(rows: &[Row]) {
    let parser = mail_parser::MessageParser::default();
    let bare = fastest(|| {
        for row in rows {
            // As `intake` does: a parser that panics on strangers' bytes must not end the round.
            let _ = std::panic::catch_unwind(|| black_box(parser.parse(black_box(&row.raw)).is_some()));
        }
    });
    let whole = fastest(|| {
        for row in rows {
            black_box(read_alone(black_box(&row.raw)));
        }
    });
    let count = f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let rate = |time: Duration| count / time.as_secs_f64();
    let bytes: usize = rows.iter().map(|r| r.raw.len()).sum();
    println!("{} mails, {bytes} bytes; fastest of {ROUNDS} rounds", rows.len());
    println!("bare MIME parse: {:>9.0} mails a second", rate(bare));
    println!("read:            {:>9.0} mails a second", rate(whole));
    println!("read costs {:.2} times the bare parse", whole.as_secs_f64() / bare.as_secs_f64());
}

fn fastest(mut round: impl FnMut()) -> Duration {
    let time = |round: &mut dyn FnMut()| {
        let start = Instant::now();
        round();
        start.elapsed()
    };
    (0..ROUNDS).map(|_| time(&mut round)).min().unwrap_or_default()
}
