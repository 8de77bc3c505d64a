//! Is what a person newly wrote found, whole and alone?

use crate::labels::Row;
use risposta::intake::{Closing, Index, read_with};
use risposta::model::inbound::RawFormat;
use risposta::model::time::Stamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// How the replies came out.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Counts {
    exact: u32,
    cut: u32,
    kept_quote: u32,
    n: u32,
}

/// The counts by what the expectation is worth.
pub(crate) struct Replies(BTreeMap<String, Counts>);

/// What a source asks of a text instead of giving it whole.
#[derive(Debug, Deserialize)]
struct Constraint {
    signoff: String,
    word_limit: Option<String>,
    equals: Option<String>,
    startswith: Option<String>,
    endswith: Option<String>,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    not_contains: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Outcome {
    exact: bool,
    cut: bool,
    kept: bool,
}

pub(crate) fn measure(rows: &[Row], misses: bool) -> Replies {
    let mut by_grade: BTreeMap<String, Counts> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.is_for("reply")) {
        let Some(outcome) = judge(row, misses) else { continue };
        let counts = by_grade.entry(row.expected_grade.clone()).or_default();
        counts.n += 1;
        counts.exact += u32::from(outcome.exact);
        counts.cut += u32::from(outcome.cut);
        counts.kept_quote += u32::from(outcome.kept);
    }
    Replies(by_grade)
}

/// The reader's option for what a source calls its policy about closing words.
fn closing(policy: &str) -> Closing {
    match policy {
        "keep" => Closing::Kept,
        "strip" => Closing::WithoutSignature,
        "signoff_keep" => Closing::UpToName,
        "signoff_strip" => Closing::Cut,
        "disclaimer" => Closing::WithoutFooter,
        _ => Closing::Apart,
    }
}

fn new_text(row: &Row, closing: Closing) -> String {
    let stamp = Stamp::server(chrono::DateTime::UNIX_EPOCH);
    read_with(&row.raw, RawFormat::Mail, stamp, &Index::default(), closing).new_text
}

fn judge(row: &Row, misses: bool) -> Option<Outcome> {
    let seen = new_text(row, closing(&row.sig_policy));
    if let Some(expected) = row.file(&row.expected_visible_text_file) {
        let outcome = compare(&expected, &seen);
        if misses && !outcome.exact {
            println!(
                "reply {} {outcome:?} ({})\n  expected {:?}\n  read     {:?}",
                row.name(),
                row.sig_policy,
                flat(&expected),
                flat(&seen)
            );
        }
        return Some(outcome);
    }
    let constraints: Vec<Constraint> = serde_json::from_str(&row.file(&row.constraints_file)?).ok()?;
    let policy = row.sig_policy.trim_start_matches("signoff_");
    let (mut outcome, mut any) = (Outcome { exact: true, cut: false, kept: false }, false);
    // A limit of words is another program's affair.
    for constraint in constraints.iter().filter(|c| {
        c.signoff == policy && c.word_limit.as_deref().is_none_or(|w| w == "None" || row.case != "long_passage")
    }) {
        any = true;
        let one = constraint.judge(&seen);
        outcome =
            Outcome { exact: outcome.exact && one.exact, cut: outcome.cut || one.cut, kept: outcome.kept || one.kept };
    }
    if misses && any && !outcome.exact {
        println!("reply {} {outcome:?} ({})\n  {constraints:?}\n  read {:?}", row.name(), row.sig_policy, flat(&seen));
    }
    any.then_some(outcome)
}

impl Constraint {
    fn judge(&self, seen: &str) -> Outcome {
        let seen = flat(seen);
        if let Some(equals) = &self.equals {
            return compare(equals, &seen);
        }
        let wanted = self.startswith.iter().chain(&self.endswith).chain(&self.contains);
        let cut = wanted.map(|w| flat(w)).any(|w| !seen.contains(&w));
        let begins = self.startswith.as_ref().is_none_or(|s| seen.starts_with(&flat(s)));
        let ends = self.endswith.as_ref().is_none_or(|e| seen.ends_with(&flat(e)));
        let kept = self.not_contains.iter().any(|n| seen.contains(&flat(n))) || !(cut || (begins && ends));
        Outcome { exact: !cut && !kept, cut, kept }
    }
}

/// Exact after white space was folded; cut where words of the expectation are missing, kept where
/// there are others.
fn compare(expected: &str, seen: &str) -> Outcome {
    let (expected, seen) = (flat(expected), flat(seen));
    let mut balance: HashMap<&str, i32> = HashMap::new();
    for word in words(&expected) {
        *balance.entry(word).or_default() += 1;
    }
    for word in words(&seen) {
        *balance.entry(word).or_default() -= 1;
    }
    Outcome { exact: expected == seen, cut: balance.values().any(|n| *n > 0), kept: balance.values().any(|n| *n < 0) }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Replies {
    pub(crate) fn total(&self) -> Counts {
        self.0.values().fold(Counts::default(), |sum, c| Counts {
            exact: sum.exact + c.exact,
            cut: sum.cut + c.cut,
            kept_quote: sum.kept_quote + c.kept_quote,
            n: sum.n + c.n,
        })
    }

    pub(crate) fn print(&self) {
        println!(
            "{:>40} {:>7} {:>9} {:>9} {:>6}",
            "reply text, by worth of the expectation", "exact", "real cut", "quotes", "of"
        );
        let total = ("all".to_owned(), self.total());
        for (grade, c) in self.0.iter().chain(std::iter::once((&total.0, &total.1))) {
            println!("{grade:>40} {:>7} {:>9} {:>9} {:>6}", c.exact, c.cut, c.kept_quote, c.n);
        }
        println!();
    }
}
