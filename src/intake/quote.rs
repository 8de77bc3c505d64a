//! What was newly written in a text: quotations and their headings cut where that is safe.
//!
//! Cutting real words is worse than keeping quoted ones: in doubt everything stays.

use super::lines::spaced;
use crate::lexicon::mail_words::{MailWords, Phrases, fold};

/// Most lines that are looked at; longer texts are kept whole.
const LINES_MAX: usize = 20_000;
/// Most lines over which a heading such as "On …, … wrote:" is broken.
const HEADING_LINES_MAX: usize = 4;
/// Longest heading, in characters.
const HEADING_CHARS_MAX: usize = 400;
/// Lines below a `From:` in which the other labels of a quoted header must stand.
const HEADER_LINES: usize = 8;

/// The new part of a text, or the whole text where that would be nothing or cannot be told.
#[must_use]
pub(super) fn new_text(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() > LINES_MAX {
        return text.trim().to_owned();
    }
    let new = spaced(keep(&lines));
    if new.trim().is_empty() { text.trim().to_owned() } else { new }
}

fn keep<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    let quotes_are_marked = lines.iter().filter(|l| is_quoted(l)).count() >= 2;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let written = kept.iter().any(|l| !l.trim().is_empty());
        if is_above_line(line) {
            at += 1;
            continue;
        }
        if let Some(len) = heading(&lines[at..]) {
            let quote_follows = next_written(&lines[at + len..]).is_some_and(is_quoted);
            if quote_follows {
                at += len;
                continue;
            }
            if written {
                break;
            }
        } else if written && (is_original_rule(line) || is_quoted_header(&lines[at..])) {
            break;
        }
        let quoted = is_quoted(line) && (quotes_are_marked || kept.last().is_some_and(|l| l.trim_end().ends_with(':')));
        if !quoted {
            kept.push(line);
        }
        at += 1;
    }
    while kept.last().is_some_and(|l| l.trim().is_empty() || is_rule(l)) {
        kept.pop();
    }
    kept
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn next_written<'a>(lines: &[&'a str]) -> Option<&'a str> {
    lines.iter().copied().find(|l| !l.trim().is_empty())
}

/// How many lines a heading such as "On 3 March 2026, Enrico <e@x> wrote:" takes, if one starts here.
fn heading(lines: &[&str]) -> Option<usize> {
    let words = MailWords::get();
    let first = lines.first()?.trim();
    if first.is_empty() || is_quoted(first) {
        return None;
    }
    let mut whole = String::new();
    for (taken, line) in lines.iter().take(HEADING_LINES_MAX).enumerate() {
        let line = line.trim();
        if line.is_empty() || is_quoted(line) {
            return None;
        }
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(line);
        if whole.chars().count() > HEADING_CHARS_MAX {
            return None;
        }
        if let Some(spoken) = line.strip_suffix([':', '：']) {
            let verb_last = words.quote_wrote.end(&fold(spoken));
            let verb = verb_last || words.quote_wrote.occur_as_words_in(&fold(&whole));
            let dated = whole.chars().filter(char::is_ascii_digit).count() >= 3;
            let quote_follows = || next_written(&lines[taken + 1..]).is_some_and(is_quoted);
            let clear = (dated && (verb_last || whole.contains('@'))) || quote_follows();
            return (verb && clear).then_some(taken + 1);
        }
    }
    None
}

/// "-----Original Message-----", "---------- Forwarded message ---------".
fn is_original_rule(line: &str) -> bool {
    let line = line.trim();
    let dashed = line.starts_with("--") || line.starts_with("__") || line.starts_with("==");
    let begins = fold(line).starts_with("begin forwarded message");
    (dashed && line.chars().count() < 100 && MailWords::get().quote_original.occur_in(&fold(line))) || begins
}

/// A header block as Outlook quotes it: "From:", then "Sent:", "To:", "Subject:".
fn is_quoted_header(lines: &[&str]) -> bool {
    let words = MailWords::get();
    let Some(rest) = lines.first().filter(|l| is_label(l, &words.quote_from)) else { return false };
    let others = lines[1..].iter().take(HEADER_LINES).filter(|l| is_label(l, &words.quote_header)).count();
    others >= 2 && rest.chars().count() < HEADING_CHARS_MAX
}

fn is_label(line: &str, labels: &Phrases) -> bool {
    let line = line.trim().trim_start_matches(['*', '_', '|', ' ']);
    let Some((label, _)) = line.split_once([':', '：']) else { return false };
    label.chars().count() <= 24 && labels.contain(&fold(label.trim_end_matches(['*', '_', ' '])))
}

/// A help desk's "type your reply above this line": no words of a person.
fn is_above_line(line: &str) -> bool {
    line.chars().count() < 160 && MailWords::get().quote_above.occur_in(&fold(line))
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_below_a_heading_is_cut() {
        for text in [
            "No, è senza glutine.\n\nIl giorno lun 2 mar 2026 alle ore 09:00 Enrico Riva\n<e@x.example> ha scritto:\n\n> Lo contiene?\n> Grazie",
            "No, è senza glutine.\n\n-----Messaggio originale-----\nDa: Enrico\nLo contiene?",
            "No, è senza glutine.\n\n________________________________\nDa: Enrico Riva\nInviato: lunedì 2 marzo 2026\nA: Consumatori\nOggetto: Glutine\n\nLo contiene?",
            "##- Scriva sopra questa riga la Sua risposta -##\nNo, è senza glutine.",
            "No, è senza glutine.\n\nAm 02.03.2026 um 09:00 schrieb Enrico Riva:\n> Lo contiene?\n> Grazie\n",
            "No, è senza glutine.\n\nOn Mon, Mar 2, 2026 at 9:00 AM Enrico <e@x.example> wrote:\n\nLo contiene?",
        ] {
            assert_eq!(new_text(text), "No, è senza glutine.", "{text}");
        }
    }

    #[test]
    fn answers_between_and_below_quotations_stay() {
        let between = "On 2 Mar 2026, e@x.example wrote:\n> Lo contiene?\nNo.\n> Quanto costa?\nTre euro.";
        assert_eq!(new_text(between), "No.\nTre euro.");
        let below = "> Lo contiene?\n> Grazie\n\nNo, mai.";
        assert_eq!(new_text(below), "No, mai.");
    }

    #[test]
    fn in_doubt_everything_stays() {
        for text in [
            "Da: Milano\nsi arriva in treno.",
            "Il prezzo è:\n> 5 euro",
            "Your colleague wrote:\nplease call us.",
            "> Lo contiene?\n> Grazie",
            "-----Original Message-----\nFrom: x\nonly this",
        ] {
            let kept = new_text(text);
            assert!(
                kept.lines().count() >= text.lines().count() - usize::from(text.starts_with("Il")),
                "{text} → {kept}"
            );
        }
    }
}
