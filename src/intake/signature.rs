//! What does a line below a text say: a name, a role, how to reach somebody, or a sentence?

use super::heading::has_address;
use crate::lexicon::mail_words::{MailWords, Topic, fold};

/// Longest line of a signature, in characters.
const SIGNATURE_CHARS_MAX: usize = 90;

/// A name or role without what is drawn around it.
pub(super) fn bare_name(line: &str) -> String {
    line.trim_matches(|c: char| !c.is_alphanumeric() && c != ')' && c != '.').to_owned()
}

/// Whether closing words only thank: people go on after that.
pub(super) fn is_thanks(folded: &str) -> bool {
    [
        "thank",
        "thx",
        "danke",
        "vielen dank",
        "grazie",
        "merci",
        "gracias",
        "obrigad",
        "agradec",
        "agradezc",
        "bedankt",
        "dziekuj",
    ]
    .iter()
    .any(|w| folded.starts_with(w))
}

/// Whether a line that names a device says whose or how: "… from my …" in unknown words has a few.
pub(super) fn says_whose(said: &str) -> bool {
    said.split(' ').count() >= 3 || !said.is_ascii()
}

/// Whether a line could be a person's name: a few words, written as names are.
pub(super) fn is_name(shown: &str) -> bool {
    let name = shown.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    let words: Vec<&str> = name.split_whitespace().collect();
    let plain = |c: char| {
        c.is_alphabetic() || c.is_whitespace() || matches!(c, '.' | '-' | '\'' | '’' | '(' | ')') || !c.is_ascii()
    };
    let like_a_name = |word: &&str| !word.starts_with(char::is_lowercase) || word.chars().count() <= 3;
    let begins = words.first().is_some_and(|w| !w.starts_with(char::is_lowercase));
    let last = words.last().map_or(0, |w| w.chars().count());
    let ends = shown.ends_with(['?', '!', ':']) || (name.ends_with('.') && last > 4);
    (1..=5).contains(&words.len())
        && name.chars().count() <= 40
        && begins
        && !ends
        && words.iter().all(like_a_name)
        && name.chars().all(plain)
}

/// Whether a line below a name could say what the person is.
pub(super) fn is_role(shown: &str) -> bool {
    let plain = !shown.contains('@') && !shown.contains("://") && !shown.chars().any(|c| c.is_ascii_digit());
    plain && shown.split_whitespace().count() <= 8 && !is_sentence(shown) && !shown.starts_with(['-', '_', '*', '='])
}

/// Whether a line says how to reach somebody: a telephone, an address, a page.
pub(super) fn is_contact(shown: &str) -> bool {
    let digits = shown.chars().filter(char::is_ascii_digit).count();
    let dialled =
        shown.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | '.' | '/' | ' ')).count();
    has_address(shown)
        || shown.contains("://")
        || shown.contains("www.")
        || (digits >= 6 && dialled * 2 >= shown.chars().count())
}

/// Marks of a company's footer: pages, pictures, addresses, its legal form.
pub(super) fn footer_marks(shown: &str) -> usize {
    const FORMS: [&str; 12] =
        ["Ltd", "GmbH", "S.r.l", "S.p.A", "S.A.", "SAS", "Inc.", "LLC", " AG", "B.V.", "©", " plc"];
    usize::from(is_contact(shown))
        + usize::from(shown.starts_with("!["))
        + usize::from(FORMS.iter().any(|f| shown.contains(f)))
        + MailWords::get().of(Topic::Legal).count_in(&fold(shown)).min(2)
}

/// Whether a line is part of running text: long, or with the end of one sentence and the begin of
/// the next, or asking something.
pub(super) fn is_sentence(shown: &str) -> bool {
    let count = shown.split_whitespace().count();
    let contact = is_contact(shown);
    shown.chars().count() > SIGNATURE_CHARS_MAX && !contact
        || (count >= 6 && shown.ends_with(['.', '!', '?', ',']) && !contact)
        || (count >= 3 && shown.ends_with('?'))
        || (count > 12 && !contact)
}
