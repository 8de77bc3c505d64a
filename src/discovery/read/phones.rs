//! Which telephone numbers does a page publish?

use super::Sighting;
use super::links::{Raw, percent_decoded};
use super::structured::Structured;
use crate::lexicon::site_words::{SiteConcept, Words};

/// Most numbers of a page that are kept.
const PHONES_MAX: usize = 30;

/// The numbers, each once, the surest sighting first.
pub(super) fn phones(raw: &[Raw<'_>], lines: &[String], facts: &Structured) -> Vec<Sighting<String>> {
    let mut found = Vec::new();
    let dialled = raw.iter().filter(|link| link.href.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("tel:")));
    for link in dialled.filter(|link| !SiteConcept::Fax.is_in(&Words::of(&link.words))) {
        let decoded = percent_decoded(&link.href[4..]);
        push(&mut found, decoded.trim_start_matches('/'), "tel link", 0.95);
    }
    for number in facts.phones() {
        push(&mut found, &number, "structured data", 0.9);
    }
    for line in lines.iter().filter(|line| line.len() < 2_000) {
        for number in in_line(line) {
            push(&mut found, &number, "text", 0.7);
        }
    }
    found
}

/// Numbers that a word for the telephone announces: "Tel. +39 055 123456, Fax …".
fn in_line(line: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || "+ -/().\u{a0}".contains(c);
    let mut numbers = Vec::new();
    let mut said = 0;
    let mut at = 0;
    while let Some(start) = line[at..].find(|c: char| c.is_ascii_digit() || c == '+').map(|start| at + start) {
        // An opening bracket before the first digit belongs to it.
        let from = if line[..start].ends_with('(') { start - 1 } else { start };
        let end = line[start..].find(|c| !is_part(c)).map_or(line.len(), |end| start + end);
        let before = line.get(said..from).unwrap_or_default();
        // The last few words decide: "Fax" after "Tel. …" is a fax.
        let near: Vec<&str> = before.split_whitespace().rev().take(4).collect();
        let near = Words::of(&near.into_iter().rev().collect::<Vec<_>>().join(" "));
        if SiteConcept::Phone.is_in(&near) && !SiteConcept::Fax.is_in(&near) {
            numbers.push(whole(&line[from..end]).to_owned());
        }
        said = end;
        at = end;
    }
    numbers
}

/// A number without what follows it: "1-877-809-1659 (30 …" opens a bracket for words.
fn whole(text: &str) -> &str {
    let open = text.rfind('(').filter(|at| *at > 0 && !text[*at..].contains(')'));
    text[..open.unwrap_or(text.len())].trim_end_matches(|c: char| !c.is_ascii_digit())
}

fn push(found: &mut Vec<Sighting<String>>, number: &str, how: &str, confidence: f64) {
    let number = number.replace('\u{a0}', " ").split(';').next().unwrap_or_default().trim().to_owned();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let own = digits(&number);
    let allowed = number.chars().all(|c| c.is_ascii_digit() || "+ -/().".contains(c));
    // "+39 055 1" and "055 1" are one number.
    let known = found.iter().any(|f: &Sighting<String>| {
        let other = digits(&f.what);
        other.ends_with(own.trim_start_matches('0')) || own.ends_with(other.trim_start_matches('0'))
    });
    if allowed && (6..=15).contains(&own.len()) && !known && found.len() < PHONES_MAX {
        found.push(Sighting::new(number, how, confidence));
    }
}
