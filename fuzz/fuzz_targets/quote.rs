//! Any text, plain and as HTML: what is newly written consists of the text's own words, in their order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use risposta::intake::{Index, read};
use risposta::model::inbound::RawFormat;
use risposta::model::time::Stamp;

fuzz_target!(|text: &str| {
    for kind in ["text/plain", "text/html"] {
        let mail = format!("From: a@b.example\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}");
        let stamp = Stamp::server(chrono::DateTime::UNIX_EPOCH);
        let reading = read(mail.as_bytes(), RawFormat::Mail, stamp, &Index::default());
        let mut all = reading.text.split_whitespace();
        for word in reading.new_text.split_whitespace() {
            assert!(all.any(|w| w.contains(word) || word.contains(w)), "{word:?} is not in {:?}", reading.text);
        }
    }
});
