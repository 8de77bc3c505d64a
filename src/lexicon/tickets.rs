//! How do companies write the number that they give to a question? On pages, in mails, in addresses.

use super::mail_words::fold;

/// What stands between words.
const BREAKS: [char; 10] = [' ', ':', '(', ')', '[', ']', ',', '"', '<', '>'];
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

/// Whether a word of a field's or an address's name announces a number.
#[must_use]
pub fn is_name(word: &str) -> bool {
    WORDS.contains(&word)
}

/// The number that a value is, as it is written.
#[must_use]
pub fn number(value: &str) -> Option<String> {
    ticket(&value.trim().to_lowercase()).map(|_| value.trim().trim_start_matches(['#', '°']).to_owned())
}

/// The first number that a page gives, as it is written there.
#[must_use]
pub fn given_in(text: &str) -> Option<String> {
    let folded = in_text(text, false).into_iter().next()?;
    let mut pieces = text.split(BREAKS).flat_map(|word| word.split('#'));
    let written = pieces.find(|piece| ticket(&fold(piece)).as_ref() == Some(&folded));
    Some(written.map_or(folded, |w| w.trim_end_matches(['.', '!', '?', ';']).to_owned()))
}

/// Ticket numbers in a text: what follows a word such as `ticket`, and in a subject what stands
/// in brackets with a `#` (`[Support #123]`, `[#123]`).
#[must_use]
pub fn in_text(text: &str, brackets: bool) -> Vec<String> {
    let folded = fold(&text.chars().take(20_000).collect::<String>());
    let mut found = Vec::new();
    if brackets {
        let inner = folded.split('[').skip(1).filter_map(|piece| piece.split_once(']')).map(|(inner, _)| inner);
        found.extend(inner.filter_map(|i| i.rsplit_once('#')).filter_map(|(_, number)| ticket(number)));
    }
    let mut words = folded.split(BREAKS).filter(|w| !w.is_empty()).peekable();
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
    fn a_number_on_a_page_is_kept_as_it_is_written() {
        for (text, expected) in [
            ("Thank you! Your ticket number is ABC-123-45678.", Some("ABC-123-45678")),
            ("Danke. Vorgangsnummer: 2024-0815", Some("2024-0815")),
            ("Ticket#20240001 created", Some("20240001")),
            ("Grazie, la richiesta è stata inviata", None),
        ] {
            assert_eq!(given_in(text).as_deref(), expected, "{text}");
        }
        assert_eq!(number(" #AB-1234 ").as_deref(), Some("AB-1234"));
        assert_eq!(number("contact"), None);
    }

    #[test]
    fn ordinary_words_and_prices_are_no_tickets() {
        for text in ["La sua richiesta di ieri", "in any case 5 euro", "Frollini [400 g]", "richiesta del 12/3"] {
            assert_eq!(in_text(text, true), Vec::<String>::new(), "{text}");
        }
    }
}
