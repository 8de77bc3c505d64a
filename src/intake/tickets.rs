//! Which ticket number a help desk gave.

use super::index::{Index, registrable_domain};
use super::mail::Mail;
use crate::lexicon::mail_words::fold;
use crate::model::inbound::InboundKind;

/// Most ticket numbers taken from one message.
const TICKETS_MAX: usize = 8;
/// Words that a ticket number follows, folded.
const WORDS: [&str; 22] = [
    "ticket",
    "case",
    "caso",
    "request",
    "richiesta",
    "pratica",
    "segnalazione",
    "incident",
    "incidencia",
    "dossier",
    "demande",
    "vorgang",
    "vorgangsnummer",
    "ticketnummer",
    "anfrage",
    "referenz",
    "reference",
    "riferimento",
    "ref",
    "issue",
    "enquiry",
    "solicitud",
];
/// Words that may stand between.
const FILLERS: [&str; 22] = [
    "number", "no", "nr", "n", "num", "id", "is", "numero", "code", "codice", "key", "#", "n°", "nº", "no.", "nr.",
    "n.", "ist", "lautet", "est", "es", "e",
];

/// The ticket numbers of a message, with the registrable domain that gave them: from the subject
/// of any message, from the text of an automatic one.
pub(super) fn of_mail(mail: &Mail, kind: InboundKind, new_text: &str) -> Vec<(String, String)> {
    if !matches!(kind, InboundKind::Acknowledgement | InboundKind::Reply) {
        return Vec::new();
    }
    let Some(domain) = domain_of(mail) else { return Vec::new() };
    let mut found = in_text(mail.subject.as_deref().unwrap_or_default(), true);
    if kind == InboundKind::Acknowledgement {
        found.extend(in_text(new_text, false));
    }
    found.sort();
    found.dedup();
    found.truncate(TICKETS_MAX);
    found.into_iter().map(|ticket| (domain.clone(), ticket)).collect()
}

/// The ticket numbers that a message names, to look up who was given them.
pub(super) fn named_in(mail: &Mail, new_text: &str, index: &Index) -> Vec<(String, String)> {
    let Some(domain) = domain_of(mail).filter(|domain| index.gives_tickets(domain)) else { return Vec::new() };
    let mut found = in_text(mail.subject.as_deref().unwrap_or_default(), true);
    found.extend(in_text(new_text, false));
    found.truncate(4 * TICKETS_MAX);
    found.into_iter().map(|ticket| (domain.clone(), ticket)).collect()
}

fn domain_of(mail: &Mail) -> Option<String> {
    registrable_domain(mail.sender().rsplit('@').next().unwrap_or_default())
}

/// Ticket numbers in a text: what follows a word such as `ticket`, and in a subject what stands
/// in brackets with a `#` (`[Support #123]`, `[#123]`).
pub(super) fn in_text(text: &str, brackets: bool) -> Vec<String> {
    let folded = fold(&text.chars().take(20_000).collect::<String>());
    let mut found = Vec::new();
    if brackets {
        let inner = folded.split('[').skip(1).filter_map(|piece| piece.split_once(']')).map(|(inner, _)| inner);
        found.extend(inner.filter_map(|i| i.rsplit_once('#')).filter_map(|(_, number)| ticket(number)));
    }
    let mut words =
        folded.split([' ', ':', '(', ')', '[', ']', ',', '"', '<', '>']).filter(|w| !w.is_empty()).peekable();
    while let Some(word) = words.next() {
        // `ticket#2024…` is one word.
        if let Some((name, number)) = word.split_once('#')
            && WORDS.contains(&name)
        {
            found.extend(ticket(number));
            continue;
        }
        if !WORDS.contains(&word) {
            continue;
        }
        for _ in 0..3 {
            match words.peek() {
                Some(next) if FILLERS.contains(next) => words.next(),
                _ => break,
            };
        }
        found.extend(words.peek().and_then(|next| ticket(next)));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|number| seen.insert(number.clone()));
    found
}

/// A ticket number: at most 24 letters, digits and dashes, three or more of them digits.
fn ticket(word: &str) -> Option<String> {
    let word = word.trim_start_matches(['#', '°']).trim_end_matches(['.', '!', '?', ';']);
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/'));
    let digits = word.chars().filter(char::is_ascii_digit).count();
    (plain && digits >= 3 && word.len() <= 24).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_help_desks_put_them() {
        for (text, expected) in [
            ("[Ticket#2024010112345678] Glutine", "2024010112345678"),
            ("[support.example #1234] Glutine", "1234"),
            ("Re: Glutine (Case 00123456)", "00123456"),
            ("Your ticket number is ABC-123-45678.", "abc-123-45678"),
            ("Richiesta n. 44512 ricevuta", "44512"),
            ("Vorgangsnummer: 2024-0815", "2024-0815"),
        ] {
            assert_eq!(in_text(text, true), [expected], "{text}");
        }
    }

    #[test]
    fn ordinary_words_and_prices_are_no_tickets() {
        for text in ["La sua richiesta di ieri", "in any case 5 euro", "Frollini [400 g]", "richiesta del 12/3"] {
            assert_eq!(in_text(text, true), Vec::<String>::new(), "{text}");
        }
    }
}
