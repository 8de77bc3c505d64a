//! What must nobody read in a quotation? Names, addresses, telephone, account and ticket numbers.
//!
//! First what is plainly a date, a time of day, a price or a measure is set aside, so that opening hours
//! stay readable; then the rules black out all that looks like a person or a number of somebody's. They
//! are wide, and not enough either: a person reads what is left before it is published, and can hide more.

use crate::report::escape;
use regex_lite::Regex;
use std::sync::LazyLock;

/// A word of a name. Classes of `regex_lite` know ASCII only, so letters are spelled out.
const NAME: &str = r"[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ÖØ-öø-ÿ'’.-]+";

/// What is put in place of each kind of thing before anything is set aside, in this order.
static FIRST: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    compiled([
        (r"(?i)\b(?:https?://|www\.)\S+", "[link]"),
        (r"(?i)[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", "[e-mail]"),
        (r"(?:^|[\s(])@[A-Za-z0-9_.]{2,}(?:@[\w.-]+)?", " [account]"),
        // IBAN: letters and digits in groups of four, or in one.
        (r"(?i)\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,8}(?:[ ]?[A-Z0-9]{1,4})?\b", "[account]"),
        // What is called a number of somebody's, whatever it looks like.
        (
            r"(?i)(?:\b(?:numero|codice|n\.) cliente|\bkunden-?(?:nummer|nr\.?)|\bkd\.-?nr\.?|\bcustomer (?:number|no\.?|id)|\bkonto(?:nummer|-?nr\.?)?|\baccount (?:number|no\.?)|\b(?:bestell|vorgangs|auftrags|rechnungs|sendungs)-?(?:nummer|nr\.?)|\baktenzeichen)[ :#]*[A-Z]{0,4}[A-Z0-9]*[-/.]?\d[A-Z0-9/.-]*",
            "[number]",
        ),
    ])
});

/// What stays: days of this century, times of day and hours of opening, and what [`AMOUNTS`] adds.
static KEPT: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    const DAY: &str = r"(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:20)?[2-4]\d";
    const TIME: &str = r"(?:[01]?\d|2[0-4])(?::[0-5]\d|[.,][0-5][05])";
    [
        format!(r"\b{DAY}(?:\s?[-–]\s?{DAY})?"),
        r"\b20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b".to_owned(),
        format!(r"\b{TIME}(?:\s?[-–/]\s?{TIME})*"),
    ]
    .iter()
    .filter_map(|rule| Regex::new(rule).ok())
    .collect()
});

/// What an amount is one of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Money,
    Time,
    Other,
}

/// Prices and measures, and what of. `Fr.` is one only before the number: after
/// it, it is a Friday.
static AMOUNTS: LazyLock<Vec<(Regex, Unit)>> = LazyLock::new(|| {
    const AMOUNT: &str = r"(?:\d{1,3}(?:[.,'’ ]\d{3})+|\d+)(?:[.,]\d{1,2})?(?:,[-–])?";
    const MONEY: &str = r"(?:€|EUR|[Ee]uro|\$|USD|£|GBP|CHF|[Ff]ranken|[Ff]ranchi|[Pp]ounds?|[Dd]ollars?|[Cc]ents?)";
    const TIME: &str =
        r"(?:ore|[Ss]tunden|hours?|heures?|horas?|giorni|[Tt]age|days?|jours?|días?|anni|[Jj]ahre|years?|ans|años?)";
    const UNIT: &str = r"(?:%|mq|m²|m2|km|kg|g|ml|l|cm|mm|m|kWh?|W|V|mAh|GB|TB|MB|lm|[Ll]umen|[Kk]elvin|pezzi|[Ss]tück|pieces|pièces|piezas)";
    const END: &str = r"(?:$|[\s.,;:!?)-])";
    [
        (format!(r"(?:{MONEY}|Fr\.)\s?{AMOUNT}"), Unit::Money),
        (format!(r"\b{AMOUNT}\s?{MONEY}"), Unit::Money),
        (format!(r"\b{AMOUNT}\s?{TIME}{END}"), Unit::Time),
        (format!(r"\b{AMOUNT}\s?{UNIT}{END}"), Unit::Other),
    ]
    .iter()
    .filter_map(|(rule, unit)| Some((Regex::new(rule).ok()?, *unit)))
    .collect()
});

/// Whether it can be a price or a measure, and no telephone number before a currency or hours of opening: a
/// number of six digits in one is a telephone's sooner than a hundred thousand hours.
fn is_amount(found: &str, unit: Unit) -> bool {
    let from = found.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let amount = found[from..].split(|c: char| !c.is_ascii_digit() && !".,'’ ".contains(c)).next().unwrap_or("").trim();
    let digits = amount.chars().filter(char::is_ascii_digit).count();
    let leads_with_zero = amount.strip_prefix('0').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_grouped = amount.contains(['.', ',', '\'', '’']);
    let most = match unit {
        Unit::Time if !is_grouped => 5,
        Unit::Money if is_grouped => usize::MAX,
        Unit::Money | Unit::Time | Unit::Other => 6,
    };
    !leads_with_zero && digits <= most
}

/// The rules for all that is not set aside.
static RULES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let street = format!(
        r"\b(?:VIALE|VIA|PIAZZA|CORSO|[Vv]iale|[Vv]ia|[Pp]iazz(?:a|ale)|[Cc]orso|[Ll]argo|[Vv]icolo|[Ss]trada|[Rr]ue|[Aa]venue|[Cc]alle|[Pp]laza)\s+(?:[a-z]{{1,6}}\s+){{0,2}}{NAME}(?:\s+{NAME})*(?:[ ,]+(?:n\.?\s*)?\d+[a-zA-Z]?(?:/[A-Za-z0-9]+)?)?"
    );
    let road = format!(r"\b\d+[a-zA-Z]?\s+(?:{NAME}\s+){{1,3}}(?:Street|Road|Avenue|Lane|Square|Drive|St\.?|Rd\.?)\b");
    let titled = format!(
        r"\b(?:[Ss]ig(?:\.ra|\.na|\.|nora|nor)|[Dd]ott(?:\.ssa|\.)|[Ii]ng\.|[Aa]vv\.|[Gg]eom\.|[Rr]ag\.|Mr\.?|Mrs\.?|Ms\.?|Dr\.?|Herrn?|Frau|Mme|Sr\.|Sra\.)\s+{NAME}(?:\s+{NAME})?"
    );
    let greeted = format!(
        r"(?m)^(?:[Gg]entile|[Ee]gregio|[Cc]aro|[Cc]ara|[Ss]alve|[Cc]iao|[Bb]uongiorno|[Bb]uonasera|Dear|Hello|Hi|Good (?:morning|afternoon)|Hallo|Lieber|Liebe|Guten (?:Tag|Morgen)|Sehr geehrter?|Bonjour|Hola)\s+{NAME}(?:\s+{NAME})?"
    );
    let named = format!(
        r"\b(?:[Ss]ono|[Mm]i chiamo|[Ii]l mio nome è|[Mm]y name is|I am|I'm|[Tt]his is|[Ii]ch bin|[Mm]ein Name ist|[Jj]e suis|[Mm]e llamo|[Cc]hied(?:a|ete) di|[Aa]sk for|[Ff]ragen Sie nach|[Cc]ontatt(?:i|are)|[Cc]ontact)\s+{NAME}(?:\s+{NAME})?"
    );
    compiled([
        (
            r"(?:#|(?i:\b(?:n\.|nr\.?|no\.|ticket|pratica|caso|case|ordine|order|rma|ref\.?|rif\.?|fattura|invoice|vorgang|auftrag|bestellung|rechnung|segnalazione)[ :#-]*(?:n\.|nr\.?|no\.)?[ ]?))[A-Za-z-]{0,8}\d[A-Za-z0-9/-]*",
            "[number]",
        ),
        // Letters and digits in one word: ticket, order, plate.
        (r"\b(?:[A-Z]{2,}-?\d{3,}|\d{3,}-?[A-Z]{2,}|[A-Z]+\d+[A-Z]+\d*)[A-Z0-9-]*\b", "[number]"),
        // Telephone numbers, with their separators.
        (r"(?:\+|\b00)[1-9][\d ().\/-]{6,}\d", "[telephone]"),
        (r"\(0\d{1,5}\)[ ./–-]{0,3}\d(?:[ ./–-]?\d){2,}|\b0\d{1,4} ?[/–-] ?\d{4,}\b", "[telephone]"),
        (r"\b0\d{1,4}[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}\b", "[telephone]"),
        (r"\b3\d{2}[ .\/-]?\d{3}[ .-]?\d{3,4}\b", "[telephone]"),
        (r"\(\d{3}\)[ ]?\d{3}[ .-]\d{4}\b", "[telephone]"),
        (r"\b\d{3}[.-]\d{3}[.-]\d{4}\b", "[telephone]"),
        (r"\b\d(?:[ ]?\d){6,}\b|\b\d(?:[ .-]?\d){8,}\b", "[number]"),
        (&street, "[address]"),
        (&road, "[address]"),
        (
            r"[A-Za-zÀ-ÖØ-öø-ÿ-]*(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Ww]eg|[Pp]latz|[Gg]asse|[Aa]llee)\s+\d+[a-z]?\b",
            "[address]",
        ),
        (r"\b\d{5}\s+[A-ZÀ-Þ][\w'À-ÿ-]+", "[address]"),
        (r"\b\d{5,}\b", "[number]"),
        // People: after a title, in a greeting, when they say who they are, and below a closing.
        (&titled, "[name]"),
        (&greeted, "[greeting]"),
        (&named, "[name]"),
        (
            r"(?ms)^[ \t>*_-]*(?i:cordial[ei]|cordialmente|distint[ei]|(?:un )?salut[oi]\b|grazie e (?:a presto|buon|cordial|salut)|(?:kind |best |warm )?regards|sincerely|yours\b|best wishes|best,|cheers|mfg\b|lg\b|i\. ?a\.|(?:(?:mit |viele |liebe |beste |schöne |herzliche |freundliche )[a-zü ]*)?gr(?:ü|ue)(?:ß|ss)e|mit freundlichen|cordialement|bien à vous|un saludo|atentamente).*\z",
            "[closing]",
        ),
        // The same in the middle of a line, where the words can be nothing else.
        (
            r"(?is)\b(?:cordiali saluti|distinti saluti|cordialmente|kind regards|best regards|warm regards|yours sincerely|(?:mit freundlichen|mit besten|viele|liebe|beste|herzliche|freundliche) gr(?:ü|ue)(?:ß|ss)en?|un cordial saludo|bien cordialement).*\z",
            "[closing]",
        ),
    ])
});

fn compiled<const N: usize>(rules: [(&str, &'static str); N]) -> Vec<(Regex, &'static str)> {
    rules.into_iter().filter_map(|(rule, word)| Some((Regex::new(rule).ok()?, word))).collect()
}

/// A text without what must not be read, and without these words of its own.
#[must_use]
pub fn redact(text: &str, hide: &[String]) -> String {
    let mut text: String = escape::lines(text).trim().chars().filter(|c| !is_mark(*c)).collect();
    // The longest first: a name within a longer one would leave the rest of it standing.
    let mut words: Vec<&str> = hide.iter().map(|word| word.trim()).filter(|word| word.chars().count() > 1).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    for word in words {
        if let Ok(pattern) = Regex::new(&format!("(?i){}", regex_lite::escape(word))) {
            text = pattern.replace_all(&text, "[name]").into_owned();
        }
    }
    let text = FIRST.iter().fold(text, |text, (rule, word)| rule.replace_all(&text, *word).into_owned());
    let mut kept = Vec::new();
    let marked = KEPT.iter().fold(text, |text, rule| set_aside(&text, rule, |_| true, &mut kept));
    let marked = AMOUNTS
        .iter()
        .fold(marked, |text, (rule, unit)| set_aside(&text, rule, |found| is_amount(found, *unit), &mut kept));
    let blacked = RULES.iter().fold(marked, |text, (rule, word)| rule.replace_all(&text, *word).into_owned());
    put_back(&blacked, &kept).trim().to_owned()
}

/// The first of the private characters that stand for what is set aside; as many as there can be.
const MARK: u32 = 0xe000;
const MARKS_MAX: usize = 6_000;

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}

/// Puts a mark in place of all that fits and stands by itself: what digits go on from may be a part of a
/// telephone number.
fn set_aside(text: &str, rule: &Regex, fits: impl Fn(&str) -> bool, kept: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for found in rule.find_iter(text) {
        let (from_digit, to_digit) = ends_in_digits(found.as_str());
        if !fits(found.as_str())
            || (from_digit && goes_on(text[..found.start()].chars().rev()))
            || (from_digit && follows_a_code(&text[..found.start()]))
            || (to_digit && goes_on(text[found.end()..].chars()))
            || kept.len() >= MARKS_MAX
        {
            continue;
        }
        let number = u32::try_from(kept.len()).unwrap_or(0);
        out.push_str(&text[from..found.start()]);
        out.extend(char::from_u32(MARK + number));
        kept.push(found.as_str().to_owned());
        from = found.end();
    }
    out.push_str(&text[from..]);
    out
}

/// Whether a text begins with a digit, and ends with one.
fn ends_in_digits(text: &str) -> (bool, bool) {
    let digit = |c: char| c.is_ascii_digit();
    (text.starts_with(digit), text.ends_with(digit))
}

/// Whether a number goes on after at most one separator.
fn goes_on(mut next: impl Iterator<Item = char>) -> bool {
    match next.next() {
        Some(' ' | '\u{a0}' | '.' | '-' | '/' | '(' | ')' | '+') => next.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c.is_ascii_digit(),
        None => false,
    }
}

/// Ends with the code of an area, in brackets or with its nought, and what stands between it and the number.
static CODE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\(\+?\d{2,5}\)|(?:^|[^\d])0\d{1,4})[ \x{a0}./–-]{0,3}$").ok());

/// Whether what comes next is the rest of a telephone number.
fn follows_a_code(before: &str) -> bool {
    // As much as a code and what stands after it may take.
    let from = before.char_indices().rev().nth(12).map_or(0, |(at, _)| at);
    CODE.as_ref().is_some_and(|code| code.is_match(&before[from..]))
}

fn put_back(text: &str, kept: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match usize::try_from(u32::from(c).wrapping_sub(MARK)).ok().filter(|_| is_mark(c)).and_then(|at| kept.get(at)) {
            // What is put back may hold marks of what was set aside before it.
            Some(words) => out.push_str(&put_back(words, kept)),
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
