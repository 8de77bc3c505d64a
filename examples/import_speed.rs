//! What reading mail costs beside its bare MIME parse, and the files to hold an import against:
//!
//! - `import_speed make MAILS N OUT` writes N mails, made from all `.eml` files below MAILS and from replies to a little
//!   wave, as an mbox, as a Maildir, and the wave's own folder, into OUT;
//! - `import_speed read OUT` reads that mbox: bare parse, what was written, matching and classifying, then all that intake
//!   does at once, in processor time of one thread.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    reason = "measures with what the tests have"
)]

#[path = "../tests/support/little_plan.rs"]
mod little_plan;

use little_plan::{after_hours, plan, prompt, start};
use mail_parser::MessageParser;
use risposta::intake::{self, Closing, Index, Letter};
use risposta::model::channel::Channel;
use risposta::model::inbound::{InboundKind, RawInbound};
use risposta::model::plan::Plan;
use risposta::sources::export::MboxExport;
use risposta::wave::Wave;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Inquiries of the wave.
const INQUIRIES: usize = 1_000;

/// One mail in so many is a reply to one of them.
const ONE_IN: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", mails, number, out] => make(Path::new(mails), number.parse().unwrap(), Path::new(out)),
        ["read", out] => read(Path::new(out)),
        _ => panic!("say `make MAILS N OUT` or `read OUT`"),
    }
}

fn wave_plan() -> Plan {
    plan(&vec![(Channel::Email, prompt()); INQUIRIES])
}

fn make(mails: &Path, number: usize, out: &Path) {
    let mut found = Vec::new();
    find(mails, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no .eml below {}", mails.display());
    let originals: Vec<Vec<u8>> = found.iter().map(|path| fs::read(path).unwrap()).collect();
    let maildir = out.join("Maildir");
    for sub in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(sub)).unwrap();
    }
    let mut mbox = BufWriter::new(File::create(out.join("posta.mbox")).unwrap());
    for n in 0..number {
        let mail = if n % ONE_IN == 0 { reply(n) } else { copy(&originals[n % originals.len()], n) };
        writeln!(mbox, "From sender@somewhere.example Tue Mar  3 10:00:00 2026").unwrap();
        for line in mail.split_inclusive(|b| *b == b'\n') {
            let marks = line.iter().take_while(|b| **b == b'>').count();
            if line[marks..].starts_with(b"From ") {
                mbox.write_all(b">").unwrap();
            }
            mbox.write_all(line).unwrap();
        }
        mbox.write_all(if mail.ends_with(b"\n") { b"\n" } else { b"\n\n" }).unwrap();
        fs::write(maildir.join("cur").join(format!("{}.M{n}P1.host:2,S", after_hours(30).timestamp())), mail).unwrap();
    }
    mbox.into_inner().unwrap();
    Wave::create(&out.join("results/prova/rehearsal-1"), &wave_plan(), start()).unwrap();
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|e| e == "eml") {
            found.push(path);
        }
    }
}

fn received() -> String {
    format!("Received: from a by mail.posta.example; {}\n", after_hours(30).to_rfc2822())
}

fn reply(n: usize) -> Vec<u8> {
    let i = n / ONE_IN % INQUIRIES;
    format!(
        "{}From: Ditta <info@ditta{i}.example>\nTo: e.riva{i}@posta.example\nMessage-ID: <m{n}@ditta{i}.example>\n\
         In-Reply-To: <q{i}.0@posta.example>\nSubject: Re: Glutine nei frollini {i}\n\nBuongiorno,\n{}\n\n\
         Cordiali saluti\nAnna Bianchi\n\nIl giorno 2 marzo 2026 Enrico Riva ha scritto:\n> I frollini contengono glutine?\n",
        received(),
        "i nostri frollini non contengono glutine, come trova scritto sulla confezione. ".repeat(1 + n % 9)
    )
    .into()
}

/// A mail that came through our server within the wave, under a Message-ID of its own.
fn copy(original: &[u8], n: usize) -> Vec<u8> {
    let mut copy = format!("{}Message-ID: <copy{n}@elsewhere.example>\n", received()).into_bytes();
    let is_id = |line: &[u8]| line.len() > 11 && line[..11].eq_ignore_ascii_case(b"message-id:");
    let mut in_header = true;
    for line in original.split_inclusive(|b| *b == b'\n') {
        in_header &= !matches!(line, b"\n" | b"\r\n");
        if !(in_header && is_id(line)) {
            copy.extend_from_slice(line);
        }
    }
    copy
}

fn read(out: &Path) {
    let mbox = || MboxExport::open(&out.join("posta.mbox")).unwrap().map(|m| m.unwrap().into_raw());
    let index = Index::new(&wave_plan());
    let mut kinds: BTreeMap<InboundKind, usize> = BTreeMap::new();
    let (mut tied, mut messages, mut bytes) = (0, 0, 0);
    let (mut parsing, mut opening, mut judging, mut reading) = (0.0, 0.0, 0.0, 0.0);
    let mut batch: Vec<RawInbound> = Vec::new();
    let mut all = mbox().peekable();
    while all.peek().is_some() {
        batch.clear();
        batch.extend(all.by_ref().take(1_000));
        let begun = processor_time();
        let parsed = batch.iter().filter_map(|m| MessageParser::default().parse(&m.bytes)).count();
        parsing += since(begun);
        assert!(parsed <= batch.len());
        let begun = processor_time();
        let letters: Vec<(&RawInbound, Letter)> =
            batch.iter().filter_map(|m| Some((m, Letter::open(&m.bytes, &index, Closing::default())?))).collect();
        opening += since(begun);
        let begun = processor_time();
        let judged = letters.into_iter().map(|(m, letter)| letter.read(m.received, &index)).fold(0, |n, _| n + 1);
        judging += since(begun);
        assert!(judged <= batch.len());
        let begun = processor_time();
        for m in &batch {
            let reading = intake::read(&m.bytes, m.format, m.received, &index);
            *kinds.entry(reading.interpretation.kind).or_default() += 1;
            tied += usize::from(reading.interpretation.inquiry.is_some());
        }
        reading += since(begun);
        messages += batch.len();
        bytes += batch.iter().map(|m| m.bytes.len()).sum::<usize>();
    }
    let a_second = |seconds: f64| f64::from(u32::try_from(messages).unwrap()) / seconds;
    println!("{messages} messages, {} MB; {tied} tied; {kinds:?}", bytes >> 20);
    println!("bare MIME parse   {parsing:8.2} s {:8.0} messages a second", a_second(parsing));
    println!("what was written  {opening:8.2} s {:8.0} messages a second, parse included", a_second(opening));
    println!("match and classify{judging:8.2} s, {:.2} times the bare parse", judging / parsing);
    println!(
        "all that is read  {reading:8.2} s {:8.0} messages a second, {:.2} times the parse",
        a_second(reading),
        reading / parsing
    );
}

/// Seconds of processor time since then.
fn since(begun: Duration) -> f64 {
    processor_time().saturating_sub(begun).as_secs_f64()
}

/// Processor time of this thread: what else the machine does is not counted.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap()
}
