//! Which words of mail mean what: bounces, acknowledgements, absences, quotations, closings.
//!
//! The words are data: `src/lexicon/data/mail_*.txt`. An empty line or one that starts with `#` is
//! a comment; `[section]` opens a section; any other line is an ISO 639-1 language, a space and a
//! phrase. Case, accents, kinds of apostrophes and runs of white space do not matter: phrases and
//! texts are compared after [`fold`]. A new word is a new line; a new section is a [`Topic`].

mod folding;
mod topic;

pub use folding::{fold, fold_into, is_invisible};
pub use topic::Topic;

use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use topic::{SECTIONS, Scope};

/// The names of the months, folded, as they are written in the languages of the data.
const MONTHS: [&str; 12] = [
    "january jan januar janvier janv gennaio gen enero ene janeiro januari stycznia января leden ledna",
    "february feb februar fevrier fevr febbraio febrero fevereiro februari lutego февраля unora",
    "march mar maerz mrz mars marzo marco maart marca марта brezna",
    "april apr avril avr aprile abril abr kwietnia апреля dubna",
    "may mai maggio mag mayo maio mei maja мая kvetna",
    "june jun juni juin giugno giu junio junho czerwca июня cervna",
    "july jul juli juillet juil luglio lug julio julho lipca июля cervence",
    "august aug aout agosto ago augustus sierpnia августа srpna",
    "september sep sept septembre settembre set septiembre setembro wrzesnia сентября zari",
    "october oct oktober okt octobre ottobre ott octubre outubro pazdziernika октября rijna",
    "november nov novembre noviembre novembro listopada ноября listopadu",
    "december dec dezember dez decembre dicembre dic diciembre dezembro desember grudnia декабря prosince",
];

const FILES: [&str; 7] = [
    include_str!("data/mail_delivery.txt"),
    include_str!("data/mail_reports.txt"),
    include_str!("data/mail_automatic.txt"),
    include_str!("data/mail_mass.txt"),
    include_str!("data/mail_quotes.txt"),
    include_str!("data/mail_closing.txt"),
    include_str!("data/mail_domains.txt"),
];

/// All vocabulary of mail.
#[derive(Debug, Default)]
pub struct MailWords {
    /// By [`Topic`], in its order.
    phrases: Vec<Phrases>,
    text: Finder,
    line: Finder,
}

/// Finds the phrases of many topics in one pass.
#[derive(Debug, Default)]
struct Finder {
    automaton: Option<AhoCorasick>,
    /// Whose phrase each is.
    owners: Vec<Topic>,
}

/// Topics of which a line holds a phrase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Topics(u64);

impl Topics {
    /// Whether there is any phrase of a topic.
    #[must_use]
    pub const fn has(self, topic: Topic) -> bool {
        self.0 & (1 << topic as u64) != 0
    }
}

/// Phrases of one meaning, in several languages, folded.
#[derive(Debug, Default)]
pub struct Phrases {
    listed: Vec<String>,
    known: HashSet<String>,
    /// Which of them begin with a character.
    by_first: HashMap<char, Vec<usize>>,
    /// Made when it is first asked for.
    automaton: OnceLock<Option<AhoCorasick>>,
}

/// How many different phrases of each topic a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found([u8; SECTIONS.len()]);

impl Default for Found {
    fn default() -> Self {
        Self([0; SECTIONS.len()])
    }
}

impl Found {
    /// How many different phrases of a topic there are; 255 stands for more.
    #[must_use]
    pub fn count(&self, topic: Topic) -> usize {
        self.0[topic as usize].into()
    }

    /// Whether there is any phrase of a topic.
    #[must_use]
    pub fn has(&self, topic: Topic) -> bool {
        self.count(topic) > 0
    }
}

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
            words.index();
            words
        })
    }

    /// The phrases of a topic.
    #[must_use]
    pub fn of(&self, topic: Topic) -> &Phrases {
        &self.phrases[topic as usize]
    }

    /// The number of the month that a folded word names, whole or as its first letters.
    #[must_use]
    pub fn month(&self, folded: &str) -> Option<u32> {
        let word = folded.trim_end_matches('.');
        (1..).zip(&MONTHS).find(|(_, names)| names.split(' ').any(|name| name == word)).map(|(number, _)| number)
    }

    /// Which phrases of the searched topics a folded text holds: all of them in one pass. A phrase
    /// counts where no letter or digit stands before it.
    #[must_use]
    pub fn search(&self, folded: &str) -> Found {
        let mut found = Found::default();
        let mut seen = vec![0_u64; self.text.owners.len().div_ceil(64)];
        self.text.each(folded, |pattern, topic| {
            let (word, bit) = (pattern / 64, 1 << (pattern % 64));
            if seen[word] & bit == 0 {
                seen[word] |= bit;
                found.0[topic as usize] = found.0[topic as usize].saturating_add(1);
            }
        });
        found
    }

    /// Which topics that are looked for in lines a folded line speaks of: all in one pass.
    #[must_use]
    pub fn topics_of(&self, folded: &str) -> Topics {
        let mut topics = Topics::default();
        self.line.each(folded, |_, topic| topics.0 |= 1 << topic as u64);
        topics
    }

    /// Takes a file in. Returns the lines that belong nowhere, which a test holds to none.
    fn read<'a>(&mut self, file: &'a str) -> Vec<&'a str> {
        self.phrases.resize_with(SECTIONS.len(), Phrases::default);
        let mut strays = Vec::new();
        let mut section = "";
        for line in file.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name;
                continue;
            }
            let topic = SECTIONS.iter().find(|(name, ..)| *name == section).map(|(_, topic, _)| *topic);
            match (topic, line.split_once(' ')) {
                (Some(topic), Some((_, phrase))) => self.phrases[topic as usize].add(fold(phrase)),
                _ => strays.push(line),
            }
        }
        strays
    }

    fn index(&mut self) {
        self.text = self.finder(Scope::Text);
        self.line = self.finder(Scope::Line);
    }

    fn finder(&self, scope: Scope) -> Finder {
        let mut patterns: Vec<&str> = Vec::new();
        let mut owners = Vec::new();
        for (_, topic, _) in SECTIONS.iter().filter(|(.., s)| *s == scope) {
            let phrases = &self.phrases[*topic as usize].listed;
            patterns.extend(phrases.iter().map(String::as_str));
            owners.extend(phrases.iter().map(|_| *topic));
        }
        Finder { automaton: automaton(&patterns), owners }
    }
}

impl Finder {
    /// Tells of each phrase where no letter or digit stands before it.
    fn each(&self, folded: &str, mut tell: impl FnMut(usize, Topic)) {
        let Some(automaton) = &self.automaton else { return };
        let bytes = folded.as_bytes();
        for hit in automaton.find_overlapping_iter(folded) {
            let at = hit.start();
            if at == 0 || !bytes[at].is_ascii_alphanumeric() || !bytes[at - 1].is_ascii_alphanumeric() {
                tell(hit.pattern().as_usize(), self.owners[hit.pattern()]);
            }
        }
    }
}

fn automaton(patterns: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok()
}

impl Phrases {
    fn add(&mut self, phrase: String) {
        // Languages share words; each counts once.
        if let Some(first) = phrase.chars().next()
            && self.known.insert(phrase.clone())
        {
            self.by_first.entry(first).or_default().push(self.listed.len());
            self.listed.push(phrase);
        }
    }

    fn automaton(&self) -> Option<&AhoCorasick> {
        let all = || automaton(&self.listed.iter().map(String::as_str).collect::<Vec<_>>());
        self.automaton.get_or_init(all).as_ref()
    }

    /// The phrases.
    pub fn listed(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(String::as_str)
    }

    /// Whether any phrase occurs in a folded text.
    #[must_use]
    pub fn occur_in(&self, folded: &str) -> bool {
        self.automaton().is_some_and(|a| a.is_match(folded))
    }

    /// How many different phrases occur in a folded text.
    #[must_use]
    pub fn count_in(&self, folded: &str) -> usize {
        let hits = self.automaton().into_iter().flat_map(|a| a.find_overlapping_iter(folded));
        hits.map(|hit| hit.pattern()).collect::<HashSet<_>>().len()
    }

    /// Whether any phrase occurs in a folded text with no letter or digit on either side.
    #[must_use]
    pub fn occur_as_words_in(&self, folded: &str) -> bool {
        let open = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let mut hits = self.automaton().into_iter().flat_map(|a| a.find_overlapping_iter(folded));
        hits.any(|hit| open(folded[..hit.start()].chars().next_back()) && open(folded[hit.end()..].chars().next()))
    }

    /// Whether a folded text starts with any phrase.
    #[must_use]
    pub fn start(&self, folded: &str) -> bool {
        self.rests(folded).next().is_some()
    }

    /// What follows the longest phrase that a folded text starts with, where a word ends there.
    #[must_use]
    pub fn after_start<'t>(&self, folded: &'t str) -> Option<&'t str> {
        self.rests(folded).filter(|rest| !rest.starts_with(char::is_alphanumeric)).min_by_key(|rest| rest.len())
    }

    /// What follows each phrase that a folded text starts with.
    fn rests<'t>(&self, folded: &'t str) -> impl Iterator<Item = &'t str> {
        let first = folded.chars().next().and_then(|c| self.by_first.get(&c));
        first.into_iter().flatten().filter_map(|at| folded.strip_prefix(self.listed[*at].as_str()))
    }

    /// Whether a folded text ends with any phrase.
    #[must_use]
    pub fn end(&self, folded: &str) -> bool {
        self.listed.iter().any(|p| folded.ends_with(p.as_str()))
    }

    /// Whether a folded text is one of the phrases.
    #[must_use]
    pub fn contain(&self, folded: &str) -> bool {
        self.known.contains(folded)
    }
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
        assert!(words.search(&fold("Gentile cliente, ABBIAMO RICEVUTO la Sua richiesta.")).has(Topic::Received));
        assert!(words.search(&fold("Ich bin bis 3.8. nicht im Büro.")).has(Topic::Away));
        assert!(!words.search(&fold("Die Frollini enthalten Gluten.")).has(Topic::Away));
    }
}
