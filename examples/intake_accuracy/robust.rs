//! Are hostile mails read, and does the kind of line end change nothing?

use crate::classify::read_alone;
use crate::labels::Row;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How torture was borne.
pub(crate) struct Borne {
    n: usize,
    unreadable: Vec<String>,
    panics: usize,
    slowest: (Duration, String),
}

/// Reads every mail of the corpus, whatever it is for: none may panic, none may take long.
pub(crate) fn read_all(rows: &[Row]) -> Borne {
    let mut borne = Borne { n: 0, unreadable: Vec::new(), panics: 0, slowest: (Duration::ZERO, String::new()) };
    for row in rows {
        let start = Instant::now();
        let reading = read_alone(&row.raw);
        let took = start.elapsed();
        if took > borne.slowest.0 {
            borne.slowest = (took, row.name());
        }
        borne.n += usize::from(row.is_for("robust"));
        if reading.interpretation.because.iter().any(|b| b == "reader-panicked") {
            borne.panics += 1;
        }
        if reading.interpretation.because == ["unreadable"] {
            borne.unreadable.push(row.name());
        }
    }
    borne
}

impl Borne {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "n": self.n, "panics": self.panics, "slowest_ms": self.slowest.0.as_millis() })
    }

    pub(crate) fn print(&self) {
        println!("robust: {} mails, {} panics; no mail at all: {:?}", self.n, self.panics, self.unreadable);
        println!("slowest of all: {} ms ({})", self.slowest.0.as_millis(), self.slowest.1);
    }
}

/// What reads differently with other line ends.
pub(crate) struct Metamorphic {
    n: usize,
    differ: Vec<String>,
}

/// Compares the twins (`x_cr/a`, `x_crlf/a`) with each other and with the original `x/a`, where that
/// is there, and each with itself under LF and CRLF.
pub(crate) fn metamorphic(rows: &[Row]) -> Metamorphic {
    let by_name: BTreeMap<String, &Row> = rows.iter().map(|r| (r.name(), r)).collect();
    let mut result = Metamorphic { n: 0, differ: Vec::new() };
    for row in rows.iter().filter(|r| r.is_for("metamorphic")) {
        result.n += 1;
        let seen = read_alone(&row.raw);
        let lf = with_lf(&row.raw);
        let crlf = lf.split(|b| *b == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]);
        let base = row.corpus.trim_end_matches("_crlf").trim_end_matches("_cr");
        let others = [base.to_owned(), format!("{base}_cr"), format!("{base}_crlf")];
        let twins = others.iter().filter_map(|corpus| by_name.get(&format!("{corpus}/{}", row.case)));
        let same =
            twins.map(|r| read_alone(&r.raw)).chain([read_alone(&lf), read_alone(&crlf)]).all(|other| other == seen);
        if !same {
            result.differ.push(row.name());
        }
    }
    result
}

/// With LF line ends, whatever they were.
fn with_lf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for (at, byte) in raw.iter().enumerate() {
        match byte {
            b'\r' if raw.get(at + 1) == Some(&b'\n') => {}
            b'\r' => out.push(b'\n'),
            _ => out.push(*byte),
        }
    }
    out
}

impl Metamorphic {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "n": self.n, "differ": self.differ.len() })
    }

    pub(crate) fn print(&self) {
        println!("metamorphic: {} mails, {} differ {:?}", self.n, self.differ.len(), self.differ);
    }
}
