//! What are the mails taken for?

use crate::labels::Row;
use risposta::intake::{Index, Reading, read};
use risposta::model::inbound::{Confidence, InboundKind, RawFormat};
use risposta::model::time::Stamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CLASSES: [&str; 5] = ["bounce", "auto_ack", "out_of_office", "human", "other"];
const USES: [&str; 5] = ["classify", "body_only", "semi_synthetic", "reply", "ambiguous"];

/// How often a label was read as a class.
type Matrix = BTreeMap<(String, &'static str), u32>;

/// The matrix of each use.
pub(crate) struct Classified {
    matrices: BTreeMap<&'static str, Matrix>,
    read: u32,
    in_review: u32,
}

/// Reads all mails that are not there for their form alone.
pub(crate) fn measure(rows: &[Row], misses: bool) -> Classified {
    let (mut matrices, mut read, mut in_review) = (BTreeMap::<&'static str, Matrix>::new(), 0, 0);
    for row in rows {
        for purpose in USES.into_iter().filter(|u| row.is_for(u)) {
            let reading = read_alone(&row.raw);
            read += 1;
            in_review += u32::from(reading.interpretation.confidence < Confidence::ENOUGH);
            let class = class_of(&reading);
            if misses && class != row.label {
                let because = &reading.interpretation.because;
                println!("{purpose} {}: {} ({}) read as {class} {because:?}", row.name(), row.label, row.sublabel);
            }
            *matrices.entry(purpose).or_default().entry((row.label.clone(), class)).or_default() += 1;
        }
    }
    Classified { matrices, read, in_review }
}

/// Reads a mail that belongs to no wave.
pub(crate) fn read_alone(raw: &[u8]) -> Reading {
    read(raw, RawFormat::Mail, Stamp::server(chrono::DateTime::UNIX_EPOCH), &Index::default())
}

/// The label that a reading deserves. Any report on a delivery is a `bounce` there.
fn class_of(reading: &Reading) -> &'static str {
    let is_report = reading.interpretation.because.iter().any(|b| b == "report-type=delivery-status");
    match reading.interpretation.kind {
        InboundKind::Bounce | InboundKind::DelayNotice => "bounce",
        InboundKind::Unrelated if is_report => "bounce",
        InboundKind::Acknowledgement | InboundKind::BotReply | InboundKind::Challenge => "auto_ack",
        InboundKind::OutOfOffice => "out_of_office",
        InboundKind::Reply | InboundKind::MissedCall => "human",
        InboundKind::Newsletter
        | InboundKind::Survey
        | InboundKind::Spam
        | InboundKind::Unrelated
        | InboundKind::OwnCopy => "other",
    }
}

impl Classified {
    fn count(&self, wanted: impl Fn(&str, &str) -> bool) -> u32 {
        let matrix = self.matrices.get("classify").into_iter().flatten();
        matrix.filter(|((label, read), _)| wanted(label, read)).map(|(_, n)| n).sum()
    }

    /// Precision and recall of each class; `null` where there is nothing to divide by.
    pub(crate) fn classes(&self) -> Value {
        let share = |part: u32, whole: u32| (whole > 0).then(|| f64::from(part) / f64::from(whole));
        let of = |class: &str| {
            let right = self.count(|l, r| l == class && r == class);
            let n = self.count(|l, _| l == class);
            let read = self.count(|_, r| r == class);
            json!({ "precision": share(right, read), "recall": share(right, n), "n": n })
        };
        CLASSES.into_iter().map(|class| (class.to_owned(), of(class))).collect::<serde_json::Map<_, _>>().into()
    }

    /// How many persons' messages were called a machine's.
    pub(crate) fn human_called_automatic(&self) -> u32 {
        self.count(|l, r| l == "human" && matches!(r, "bounce" | "auto_ack" | "out_of_office"))
    }

    pub(crate) fn print(&self) {
        for (purpose, matrix) in &self.matrices {
            println!("{purpose}\n{:>14} {}", "label \\ read", CLASSES.map(|c| format!("{c:>14}")).join(""));
            for label in CLASSES {
                let row = CLASSES.map(|class| matrix.get(&(label.to_owned(), class)).copied().unwrap_or(0));
                if row.iter().any(|n| *n > 0) {
                    println!("{label:>14} {}", row.map(|n| format!("{n:>14}")).join(""));
                }
            }
            println!();
        }
        for class in CLASSES {
            let right = self.count(|l, r| l == class && r == class);
            let (n, read) = (self.count(|l, _| l == class), self.count(|_, r| r == class));
            println!("{class:>14}: recall {right}/{n}, precision {right}/{read}");
        }
        println!("{:>14}: {}", "human called automatic", self.human_called_automatic());
        println!("too unsure to count, to a person's review: {} of {}\n", self.in_review, self.read);
    }
}
