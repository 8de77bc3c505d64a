//! Any bytes as a mail: read without a panic (which ends the run here, though the program would catch it), twice
//! the same, and new text is never more than the whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use risposta::intake::{Index, read};
use risposta::model::inbound::RawFormat;
use risposta::model::time::Stamp;

fuzz_target!(|bytes: &[u8]| {
    let stamp = Stamp::server(chrono::DateTime::UNIX_EPOCH);
    let index = Index::default();
    let first = read(bytes, RawFormat::Mail, stamp, &index);
    assert!(!first.interpretation.because.iter().any(|b| b == "reader-panicked"));
    assert_eq!(first, read(bytes, RawFormat::Mail, stamp, &index));
    let status = read(bytes, RawFormat::MastodonStatus, stamp, &index);
    assert!(!status.interpretation.because.iter().any(|b| b == "reader-panicked"));
});
