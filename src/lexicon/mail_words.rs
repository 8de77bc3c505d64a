//! Which words of mail mean what: bounces, acknowledgements, absences, quotations.
//!
//! The words are data: `src/lexicon/data/mail_*.txt`. An empty line or one that starts with `#` is
//! a comment; `[section]` opens a section; any other line is an ISO 639-1 language, a space and a
//! phrase. Case, accents, kinds of apostrophes and runs of white space do not matter: phrases and
//! texts are compared after [`fold`]. A new word is a new line; a new section is a field of
//! [`MailWords`].

use std::sync::OnceLock;

/// All vocabulary of mail.
#[derive(Debug, Default)]
pub struct MailWords {
    /// Names and local parts of what sends bounces.
    pub bounce_sender: Phrases,
    /// Subjects of bounces.
    pub bounce_subject: Phrases,
    /// Text of bounces.
    pub bounce_body: Phrases,
    /// The other side still tries.
    pub delay: Phrases,
    /// It has stopped trying.
    pub delay_over: Phrases,
    /// A text says of itself that a machine wrote it.
    pub automatic: Phrases,
    /// A subject says so.
    pub automatic_subject: Phrases,
    /// "We have received your request".
    pub received: Phrases,
    /// The same in a subject.
    pub received_subject: Phrases,
    /// "Prove that you are a person".
    pub challenge: Phrases,
    /// Subjects of absence notes.
    pub away_subject: Phrases,
    /// Text of absence notes.
    pub away: Phrases,
    /// Local parts of addresses that nobody reads.
    pub noreply: Phrases,
    /// What programs put before the subject of an answer.
    pub reply_subject: Phrases,
    /// The same for a message that is passed on.
    pub forward_subject: Phrases,
    /// "Original message".
    pub quote_original: Phrases,
    /// "wrote".
    pub quote_wrote: Phrases,
    /// "From" as a label.
    pub quote_from: Phrases,
    /// "Sent", "To", "Subject" as labels.
    pub quote_header: Phrases,
    /// "Reply above this line".
    pub quote_above: Phrases,
    /// Domains that many share.
    pub shared_domains: Phrases,
    /// Second-level labels that are sold like top-level domains.
    pub second_level: Phrases,
}

/// Phrases of one meaning, in several languages, folded.
#[derive(Debug, Default)]
pub struct Phrases(Vec<String>);

const FILES: [&str; 4] = [
    include_str!("data/mail_delivery.txt"),
    include_str!("data/mail_automatic.txt"),
    include_str!("data/mail_quotes.txt"),
    include_str!("data/mail_domains.txt"),
];

impl MailWords {
    /// The vocabulary, read once.
    #[must_use]
    pub fn get() -> &'static Self {
        static WORDS: OnceLock<MailWords> = OnceLock::new();
        WORDS.get_or_init(|| {
            let mut words = Self::default();
            for file in FILES {
                words.read(file);
            }
            words
        })
    }

    /// Takes a file in. Returns the lines that belong nowhere, which a test holds to none.
    fn read<'a>(&mut self, file: &'a str) -> Vec<&'a str> {
        let mut strays = Vec::new();
        let mut section = "";
        for line in file.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name;
                continue;
            }
            match (self.section(section), line.split_once(' ')) {
                (Some(phrases), Some((_, phrase))) => phrases.0.push(fold(phrase)),
                _ => strays.push(line),
            }
        }
        strays
    }

    fn section(&mut self, name: &str) -> Option<&mut Phrases> {
        Some(match name {
            "bounce.sender" => &mut self.bounce_sender,
            "bounce.subject" => &mut self.bounce_subject,
            "bounce.body" => &mut self.bounce_body,
            "delay" => &mut self.delay,
            "delay.over" => &mut self.delay_over,
            "automatic" => &mut self.automatic,
            "automatic.subject" => &mut self.automatic_subject,
            "received" => &mut self.received,
            "received.subject" => &mut self.received_subject,
            "challenge" => &mut self.challenge,
            "away.subject" => &mut self.away_subject,
            "away" => &mut self.away,
            "noreply" => &mut self.noreply,
            "reply.subject" => &mut self.reply_subject,
            "forward.subject" => &mut self.forward_subject,
            "quote.original" => &mut self.quote_original,
            "quote.wrote" => &mut self.quote_wrote,
            "quote.from" => &mut self.quote_from,
            "quote.header" => &mut self.quote_header,
            "quote.above" => &mut self.quote_above,
            "shared" => &mut self.shared_domains,
            "second-level" => &mut self.second_level,
            _ => return None,
        })
    }
}

impl Phrases {
    /// Whether any phrase occurs in a folded text.
    #[must_use]
    pub fn occur_in(&self, folded: &str) -> bool {
        self.0.iter().any(|p| folded.contains(p.as_str()))
    }

    /// Whether any phrase occurs in a folded text with no letter or digit on either side.
    #[must_use]
    pub fn occur_as_words_in(&self, folded: &str) -> bool {
        let open = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        self.0.iter().any(|p| {
            let mut found = folded.match_indices(p.as_str());
            found.any(|(at, _)| open(folded[..at].chars().next_back()) && open(folded[at + p.len()..].chars().next()))
        })
    }

    /// How many different phrases occur in a folded text.
    #[must_use]
    pub fn count_in(&self, folded: &str) -> usize {
        self.0.iter().filter(|p| folded.contains(p.as_str())).count()
    }

    /// Whether a folded text starts with any phrase.
    #[must_use]
    pub fn start(&self, folded: &str) -> bool {
        self.0.iter().any(|p| folded.starts_with(p.as_str()))
    }

    /// Whether a folded text ends with any phrase.
    #[must_use]
    pub fn end(&self, folded: &str) -> bool {
        self.0.iter().any(|p| folded.ends_with(p.as_str()))
    }

    /// Whether a folded text is one of the phrases.
    #[must_use]
    pub fn contain(&self, folded: &str) -> bool {
        self.0.iter().any(|p| p == folded)
    }
}

/// Lower case, no accents (`ü` becomes `ue`, as people write it without), plain apostrophes, and a
/// single space for any run of white space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c == '\u{200b}' {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            for lower in c.to_lowercase() {
                match plain(lower) {
                    Some(plain) => out.push_str(plain),
                    None => out.push(lower),
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' => "n",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' => "s",
        'ù' | 'ú' | 'û' | 'ů' => "u",
        'ü' => "ue",
        'ý' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ß' => "ss",
        'έ' => "ε",
        '’' | '‘' | '´' | '`' | 'ʼ' => "'",
        '“' | '”' | '«' | '»' => "\"",
        '–' | '—' | '‐' | '‑' => "-",
        '\u{307}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_belongs_to_a_section() {
        for file in FILES {
            assert_eq!(MailWords::default().read(file), Vec::<&str>::new());
        }
    }

    #[test]
    fn every_section_has_words_in_the_five_languages_of_the_first_day() {
        for section in ["automatic", "received", "away", "away.subject", "bounce.body", "quote.wrote"] {
            let mut languages = std::collections::BTreeSet::new();
            for file in FILES {
                let mut here = "";
                for line in file.lines() {
                    if let Some(name) = line.strip_prefix('[') {
                        here = name.trim_end_matches(']');
                    } else if here == section {
                        languages.extend(line.split(' ').next().filter(|l| l.len() == 2));
                    }
                }
            }
            for language in ["en", "it", "de", "fr", "es"] {
                assert!(languages.contains(language), "{section} has nothing in {language}");
            }
        }
    }

    #[test]
    fn folding_makes_spellings_equal() {
        assert_eq!(fold("  È stata\n presa  in carico "), "e stata presa in carico");
        assert_eq!(fold("für GRÜSSE"), fold("fuer Gruesse"));
        assert_eq!(fold("n’a pas été remis"), "n'a pas ete remis");
        assert_eq!(fold("skrev från"), "skrev fran");
    }

    #[test]
    fn words_are_found_whatever_their_spelling() {
        let words = MailWords::get();
        assert!(words.received.occur_in(&fold("Gentile cliente, ABBIAMO RICEVUTO la Sua richiesta.")));
        assert!(words.away.occur_in(&fold("Ich bin bis 3.8. nicht im Büro.")));
        assert!(!words.away.occur_in(&fold("Die Frollini enthalten Gluten.")));
    }
}
