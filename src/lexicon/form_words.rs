//! What do forms call their fields, and what do the pages behind them say? Vocabulary of five
//! languages, one file each in `form_words/`, and of further ones in `form_words/others.txt`, all
//! tried together: an Italian page has English field names.

mod concept;

pub use concept::Concept;

use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest word that is looked up, in bytes; longer ones are no words.
const WORD_BYTES_MAX: usize = 120;

/// A phrase of the vocabulary that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// What it stands for.
    pub concept: Concept,
    /// The phrase, as it stands in the files, without the marks at its ends.
    pub phrase: &'static str,
    /// At which word it begins, from 0.
    pub start: usize,
    /// How many words it takes.
    pub length: usize,
}

impl Concept {
    /// A phrase of this concept that `text` contains, as whole words.
    #[must_use]
    pub fn find(self, text: &str) -> Option<&'static str> {
        self.find_in(&words(text))
    }

    /// Whether `text` contains a phrase of this concept.
    #[must_use]
    pub fn is_in(self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// The same for a text that was already split by [`words`].
    #[must_use]
    pub fn find_in(self, words: &[String]) -> Option<&'static str> {
        hits(words).find(|hit| hit.concept == self).map(|hit| hit.phrase)
    }

    /// How often each phrase of this concept stands in `words`, phrases that do not left out.
    #[must_use]
    pub fn counts(self, words: &[String]) -> Vec<(&'static str, usize)> {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for hit in hits(words).filter(|hit| hit.concept == self) {
            match counts.iter_mut().find(|(phrase, _)| *phrase == hit.phrase) {
                Some((_, count)) => *count += 1,
                None => counts.push((hit.phrase, 1)),
            }
        }
        counts
    }
}

/// Every phrase that stands in a text split by [`words`], by the word at which it begins.
pub fn hits(words: &[String]) -> impl Iterator<Item = Hit> {
    (0..words.len()).flat_map(move |start| {
        let found = VOCABULARY.beginning_with(&words[start]);
        found.filter_map(move |entry| {
            let left = words.len() - start;
            let fits = entry.words.len() <= left
                && (!entry.at_end || entry.words.len() == left)
                && (!entry.at_start || start == 0)
                && entry.words.iter().zip(&words[start..]).all(|(pattern, word)| pattern.fits(word));
            fits.then_some(Hit { concept: entry.concept, phrase: entry.text, start, length: entry.words.len() })
        })
    })
}

/// The words of a text: lower case, accents folded, split at everything that is neither letter
/// nor digit, where digits begin or end, and inside `camelCase`.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in text.chars() {
        let bends = before.is_ascii_digit() != c.is_ascii_digit() || (before.is_lowercase() && c.is_uppercase());
        if !word.is_empty() && (!c.is_alphanumeric() || bends) {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            c.to_lowercase().for_each(|c| fold_accent(c, &mut word));
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn fold_accent(c: char, out: &mut String) {
    out.push(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' | 'ľ' | 'ĺ' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => 'u',
        'ý' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' => 'υ',
        'ώ' => 'ω',
        'ß' => return out.push_str("ss"),
        'æ' => return out.push_str("ae"),
        'œ' => return out.push_str("oe"),
        // Combining marks: what is left of decomposed accents.
        '\u{300}'..='\u{36f}' => return,
        _ => c,
    });
}

/// A phrase of the files.
struct Entry {
    concept: Concept,
    /// Without the marks at its ends.
    text: &'static str,
    words: Vec<Pattern>,
    /// Whether nothing may follow it (`$` in the files).
    at_end: bool,
    /// Whether nothing may stand before it (`^`).
    at_start: bool,
}

/// A word of a phrase; a star in the files stands for any rest of a word.
enum Pattern {
    Word(String),
    Start(String),
    End(String),
    Inside(String),
}

impl Pattern {
    /// The patterns of one piece of a phrase between spaces.
    fn parse(piece: &str) -> Vec<Self> {
        let mut plain: Vec<Self> = words(piece).into_iter().map(Self::Word).collect();
        let (starred_before, starred_after) = (piece.starts_with('*'), piece.ends_with('*'));
        if plain.is_empty() && starred_before {
            return vec![Self::Start(String::new())];
        }
        if let [Self::Word(only)] = &mut plain[..]
            && starred_before
            && starred_after
        {
            return vec![Self::Inside(std::mem::take(only))];
        }
        if let Some(Self::Word(first)) = plain.first_mut().filter(|_| starred_before) {
            plain[0] = Self::End(std::mem::take(first));
        }
        if let Some(Self::Word(last)) = plain.last_mut().filter(|_| starred_after) {
            let last = Self::Start(std::mem::take(last));
            plain.pop();
            plain.push(last);
        }
        plain
    }

    fn fits(&self, word: &str) -> bool {
        match self {
            Self::Word(whole) => word == whole,
            Self::Start(start) => word.starts_with(start.as_str()),
            Self::End(end) => word.ends_with(end.as_str()),
            Self::Inside(part) => word.contains(part.as_str()),
        }
    }
}

/// All phrases, found by their first word, so that a text is read once whatever their number.
#[derive(Default)]
struct Vocabulary {
    entries: Vec<Entry>,
    by_word: HashMap<String, Vec<usize>>,
    by_start: HashMap<String, Vec<usize>>,
    by_end: HashMap<String, Vec<usize>>,
    /// Few: only scripts without spaces need them.
    inside: Vec<usize>,
}

impl Vocabulary {
    fn read(files: &[&'static str]) -> Self {
        let mut all = Self::default();
        let lines = files.iter().flat_map(|file| file.lines()).filter_map(parse_line);
        for (concept, phrases) in lines {
            phrases.split(',').for_each(|text| all.add(concept, text.trim()));
        }
        all
    }

    fn add(&mut self, concept: Concept, text: &'static str) {
        let words: Vec<Pattern> = text.split_whitespace().flat_map(Pattern::parse).collect();
        let place = self.entries.len();
        match words.first() {
            None => return,
            Some(Pattern::Word(word)) => self.by_word.entry(word.clone()).or_default().push(place),
            Some(Pattern::Start(start)) => self.by_start.entry(start.clone()).or_default().push(place),
            Some(Pattern::End(end)) => self.by_end.entry(end.clone()).or_default().push(place),
            Some(Pattern::Inside(_)) => self.inside.push(place),
        }
        let (at_start, at_end) = (text.starts_with('^'), text.ends_with('$'));
        self.entries.push(Entry { concept, text: text.trim_matches(['^', '$', '*']), words, at_end, at_start });
    }

    /// The phrases whose first word can be this one.
    fn beginning_with<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a Entry> {
        let cuts = || word.char_indices().map(|(at, _)| at).take_while(|at| *at < WORD_BYTES_MAX);
        let starts = cuts().skip(1).chain([word.len()]).filter_map(|end| self.by_start.get(&word[..end]));
        let ends = cuts().filter_map(|start| self.by_end.get(&word[start..]));
        let inside = (!word.is_ascii()).then_some(&self.inside);
        let found = self.by_word.get(word).into_iter().chain(starts).chain(ends).chain(inside).flatten();
        found.map(|place| &self.entries[*place])
    }
}

/// Five languages in which every concept has words, then the others.
const FILES: [&str; 6] = [
    include_str!("form_words/en.txt"),
    include_str!("form_words/it.txt"),
    include_str!("form_words/de.txt"),
    include_str!("form_words/fr.txt"),
    include_str!("form_words/es.txt"),
    include_str!("form_words/others.txt"),
];

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::read(&FILES));

fn parse_line(line: &'static str) -> Option<(Concept, &'static str)> {
    let (name, phrases) = line.split_once(':').filter(|_| !line.starts_with('#'))?;
    let (_, concept) = Concept::ALL.iter().find(|(known, _)| *known == name)?;
    Some((*concept, phrases))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_language_has_words_for_each_concept() {
        let all: BTreeSet<Concept> = Concept::ALL.iter().map(|(_, concept)| *concept).collect();
        for file in &FILES[..5] {
            let concepts: BTreeSet<Concept> = file.lines().filter_map(parse_line).map(|(concept, _)| concept).collect();
            assert_eq!(concepts, all, "{}", &file[..40]);
        }
        for line in FILES.iter().flat_map(|file| file.lines()) {
            assert!(line.is_empty() || line.starts_with('#') || parse_line(line).is_some(), "not read: {line}");
        }
        assert!(VOCABULARY.entries.iter().all(|e| !e.words.is_empty()));
    }

    #[test]
    fn phrases_are_found_as_whole_words_whatever_their_case_and_accents() {
        for (concept, text) in [
            (Concept::Email, "Indirizzo E-Mail:"),
            (Concept::Email, "userEmail1"),
            (Concept::Phone, "TELEFONNUMMER (freiwillig)"),
            (Concept::Phone, "Te\u{301}le\u{301}phone"),
            (Concept::LastName, "Ihr Nachname*"),
            (Concept::Message, "Ihre Kontaktnachricht"),
            (Concept::Message, "Treść wiadomości"),
            (Concept::Message, "お問い合わせ内容をご記入ください"),
            (Concept::Privacy, "Ich stimme dem zu"),
            (Concept::Thanks, "Votre message a bien été envoyé."),
        ] {
            assert!(concept.is_in(text), "{concept:?} in {text}");
        }
        assert!(Concept::City.is_in("By:") && !Concept::City.is_in("Sort by"));
        assert!(!Concept::Name.is_in("Namenszusatz"));
        assert!(!Concept::Email.is_in("Mailand"));
        assert!(!Concept::Thanks.is_in(""));
        assert!(Concept::FirstName.is_in("field_3[first]") && !Concept::FirstName.is_in("first come, first served"));
    }
}
