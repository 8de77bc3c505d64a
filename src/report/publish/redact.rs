//! What must nobody read in a quotation? Names, addresses, telephone, account and ticket numbers.
//!
//! The rules are wide: they black out a price too many rather than a name too few. They are not
//! enough either, so a person reads what is left before it is published, and can hide more.

use crate::report::escape;
use regex_lite::Regex;
use std::sync::LazyLock;

/// What is put in place of each kind of thing, in the order in which they are looked for.
static RULES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    const NAME: &str = r"[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ÖØ-öø-ÿ'’.-]+";
    let rules = [
        (r"(?i)\b(?:https?://|www\.)\S+".to_owned(), "[link]"),
        (r"(?i)[\w.+%-]+@[\w-]+(?:\.[\w-]+)+".to_owned(), "[e-mail]"),
        (r"(?:^|[\s(])@[A-Za-z0-9_.]{2,}(?:@[\w.-]+)?".to_owned(), " [account]"),
        // Letters and digits in one word: IBAN, ticket, order, plate. Sizes and units stay.
        (r"(?i)\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,8}(?:[ ]?[A-Z0-9]{1,4})?\b".to_owned(), "[account]"),
        (r"(?:#|(?i:\b(?:n\.|nr\.?|no\.|ticket|pratica|caso|case|ordine|order|rma|ref\.?|rif\.?)[ :#-]*))[A-Za-z-]{0,8}\d[A-Za-z0-9/-]*".to_owned(), "[number]"),
        (r"\b(?:[A-Z]{2,}-?\d{3,}|\d{3,}-?[A-Z]{2,}|[A-Z]+\d+[A-Z]+\d*)[A-Z0-9-]*\b".to_owned(), "[number]"),
        // Telephone numbers, with their separators; dates, times and prices are shorter or look otherwise.
        (r"(?:\+|\b00)[1-9][\d ().\/-]{6,}\d".to_owned(), "[telephone]"),
        (r"\b0\d{1,3}/ ?\d{5,}\b|\b0\d{1,4}[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}\b".to_owned(), "[telephone]"),
        (r"\b3\d{2}[ .\/-]?\d{3}[ .-]?\d{3,4}\b".to_owned(), "[telephone]"),
        (r"\(\d{3}\)[ ]?\d{3}[ .-]\d{4}\b".to_owned(), "[telephone]"),
        (r"\b\d{3}[.-]\d{3}[.-]\d{4}\b".to_owned(), "[telephone]"),
        (r"\b(?:\d[ ]?){7,}\b".to_owned(), "[number]"),
        // Streets.
        (format!(r"(?:\b(?:[Vv]iale|[Vv]ia|[Pp]iazz(?:a|ale)|[Cc]orso|[Ll]argo|[Vv]icolo|[Ss]trada|[Rr]ue|[Aa]venue|[Cc]alle|[Pp]laza)\s+(?:[a-z]{{1,6}}\s+){{0,2}}{NAME}(?:\s+{NAME})*(?:[ ,]+(?:n\.?\s*)?\d+[a-zA-Z]?(?:/[A-Za-z0-9]+)?)?)"), "[address]"),
        (format!(r"\b\d+[a-zA-Z]?\s+(?:{NAME}\s+){{1,3}}(?:Street|Road|Avenue|Lane|Square|Drive|St\.?|Rd\.?)\b"), "[address]"),
        (r"(?i)\b\w+(?:straße|strasse|weg|platz|gasse)\s+\d+[a-z]?\b".to_owned(), "[address]"),
        (r"\b\d{5}\s+[A-ZÀ-Þ][\w'À-ÿ-]+".to_owned(), "[address]"),
        (r"\b\d{5}\b".to_owned(), "[number]"),
        // People: after a title, in a greeting, when they say who they are, and below a closing.
        (format!(r"\b(?:[Ss]ig(?:\.ra|\.na|\.|nora|nor)|[Dd]ott(?:\.ssa|\.)|[Ii]ng\.|[Aa]vv\.|[Gg]eom\.|[Rr]ag\.|Mr\.?|Mrs\.?|Ms\.?|Dr\.?|Herr|Frau|Mme|Sr\.|Sra\.)\s+{NAME}(?:\s+{NAME})?"), "[name]"),
        (format!(r"(?m)^(?:[Gg]entile|[Ee]gregio|[Cc]aro|[Cc]ara|[Ss]alve|[Cc]iao|[Bb]uongiorno|[Bb]uonasera|Dear|Hello|Hi|Good (?:morning|afternoon)|Hallo|Lieber|Liebe|Bonjour|Hola)\s+{NAME}(?:\s+{NAME})?"), "[greeting]"),
        (format!(r"(?:\b(?:[Ss]ono|[Mm]i chiamo|[Ii]l mio nome è|[Mm]y name is|I am|I'm|[Tt]his is|[Ii]ch bin|[Jj]e suis|[Mm]e llamo|[Cc]hied(?:a|ete) di|[Aa]sk for|[Cc]ontatt(?:i|are)|[Cc]ontact)\s+{NAME}(?:\s+{NAME})?)"), "[name]"),
        (r"(?ms)^[ \t>*_-]*(?i:cordial[ei]|cordialmente|distint[ei]|(?:un )?salut[oi]|grazie e|saluti|(?:kind |best |warm )?regards|sincerely|yours|best wishes|best,|cheers|mit freundlichen|viele grüße|cordialement|bien à vous|un saludo|atentamente).*\z".to_owned(), "[closing]"),
    ];
    rules.into_iter().filter_map(|(rule, word)| Some((Regex::new(&rule).ok()?, word))).collect()
});

/// A text without what must not be read, and without these words of its own.
#[must_use]
pub fn redact(text: &str, hide: &[String]) -> String {
    let mut text = escape::lines(text).trim().to_owned();
    // The longest first: a name within a longer one would leave the rest of it standing.
    let mut words: Vec<&str> = hide.iter().map(|word| word.trim()).filter(|word| word.chars().count() > 1).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in words {
        if let Ok(pattern) = Regex::new(&format!("(?i){}", regex_lite::escape(word))) {
            text = pattern.replace_all(&text, "[name]").into_owned();
        }
    }
    for (pattern, word) in RULES.iter() {
        text = pattern.replace_all(&text, *word).into_owned();
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_read() {
        assert_eq!(RULES.len(), 21);
    }

    #[test]
    fn what_points_at_a_person_is_blacked_out() {
        let wrong: Vec<_> = [
            ("Scriva a maria.bianchi@alfa.example.", "Scriva a [e-mail]."),
            ("Ci chiami allo 02 1234567 o al +39 333 123 4567", "Ci chiami allo [telephone] o al [telephone]"),
            ("Call 0161 496 0000 today", "Call [telephone] today"),
            ("IBAN IT60 X054 2811 1010 0000 0123 456", "IBAN [account]"),
            ("Ticket #48213 aperto", "[number] aperto"),
            ("La pratica n. 2026/118 è aperta", "La pratica [number] è aperta"),
            ("Siamo in via Giuseppe Verdi 12, vi aspettiamo", "Siamo in [address], vi aspettiamo"),
            ("Come to 12 High Street any day", "Come to [address] any day"),
            ("20121 Milano", "[address]"),
            ("Chieda del sig. Rossi in negozio", "Chieda del [name] in negozio"),
            ("Sono Maria Bianchi del servizio clienti", "[name] del servizio clienti"),
            ("Costa 20 euro.\nCordiali saluti\nMaria Bianchi\nServizio clienti", "Costa 20 euro.\n[closing]"),
            ("It costs 20 pounds.\n\nKind regards,\nTom Baker", "It costs 20 pounds.\n\n[closing]"),
            ("See https://alfa.example/x?id=9 for it", "See [link] for it"),
            ("Su Facebook: @alfa_care", "Su Facebook: [account]"),
        ]
        .into_iter()
        .filter_map(|(said, left)| Some((said, redact(said, &[]))).filter(|(_, redacted)| redacted != left))
        .collect();
        assert_eq!(wrong, []);
        assert_eq!(
            redact("Biscotti Alfa ringrazia Enrico", &["Alfa".into(), "Biscotti Alfa".into(), "enrico".into()]),
            "[name] ringrazia [name]"
        );
    }

    #[test]
    fn prices_dates_and_measures_stay() {
        for said in
            ["Costa 1.299,00 euro", "Dal 12/03/2026 alle 15:30", "Circa 80 mq, 32 GB", "In 2026 we sold 500 of them"]
        {
            assert_eq!(redact(said, &[]), said);
        }
    }
}
