//! Any bytes as the parts of a delivery report: read without a panic; a status has the form of one (RFC 3463).
#![no_main]

use libfuzzer_sys::fuzz_target;
use risposta::intake::{Index, read};
use risposta::model::inbound::RawFormat;
use risposta::model::time::Stamp;

const HEAD: &[u8] = b"From: MAILER-DAEMON@mx.example\r\nTo: e@posta.example\r\nSubject: Undelivered Mail\r\n\
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n";
const REPORT: &[u8] = b"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";

fuzz_target!(|parts: (&[u8], &[u8])| {
    let mail = [HEAD, parts.0, REPORT, parts.1, b"\r\n--b--\r\n"].concat();
    let reading = read(&mail, RawFormat::Mail, Stamp::server(chrono::DateTime::UNIX_EPOCH), &Index::default());
    if let Some(status) = &reading.interpretation.status {
        let numbers: Vec<&str> = status.split('.').collect();
        assert!(numbers.len() == 3 && numbers.iter().all(|n| n.parse::<u16>().is_ok()), "{status}");
    }
    // The same words without a report: gateways write them so.
    let plain = [b"From: postmaster@mx.example\r\nSubject: failure notice\r\n\r\n", parts.0].concat();
    let _ = read(&plain, RawFormat::Mail, Stamp::server(chrono::DateTime::UNIX_EPOCH), &Index::default());
});
