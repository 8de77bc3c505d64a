//! Does a text say this? Words, their endings, gaps and numbers: the one small language in which
//! vocabulary of answers and a study's `answer_has` are written.
//!
//! A pattern is words with spaces between them, which must follow each other in one sentence:
//! `word` is the word, whatever its case and accents; `word*` any word that begins so; `=word` the word
//! with its accents; `a/b` one or the other; `_` any one word; `..` up to four words, or none;
//! `{n}` a number in digits or words; `{weekday}`, `{date}`.

use super::mail_words::{MailWords, fold, is_invisible};
use std::collections::HashMap;
use std::ops::Range;

/// Longest text that is looked at, in words: a reply that runs on has said what it says.
const WORDS_MAX: usize = 3_000;

/// Most words that `..` stands for.
const GAP_MAX: usize = 4;

/// First letters by which patterns that begin with an open ending are found.
const STEM: usize = 3;

/// A text as words, with the sentences that they stand in.
#[derive(Debug, Clone)]
pub struct Words<'t> {
    text: &'t str,
    all: Vec<Word>,
}

/// A word of a text.
#[derive(Debug, Clone)]
pub struct Word {
    /// Folded: lower case, no accents.
    pub folded: String,
    /// Lower case, as written.
    pub lower: String,
    /// Where it stands, in bytes of the text.
    pub at: Range<usize>,
    /// Number of its sentence, from 0.
    pub sentence: usize,
}

/// What a pattern matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Match {
    /// The first word.
    pub from: usize,
    /// After the last word.
    pub to: usize,
    /// The number that `{n}` stands for.
    pub number: Option<u32>,
    /// The day of the week that `{weekday}` stands for: 0 is Monday.
    pub weekday: Option<u32>,
    /// Day, month and year that `{date}` stands for.
    pub date: Option<(u32, u32, Option<i32>)>,
}

/// A pattern, ready to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// One of these words.
    OneOf(Vec<Written>),
    Any,
    Gap,
    Number,
    Weekday,
    Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Written {
    Folded(String),
    Begins(String),
    Exactly(String),
}

/// Names of numbers and days, in the languages of the vocabulary, folded.
#[derive(Debug, Default)]
pub struct Named {
    /// Number words.
    pub numbers: HashMap<String, u32>,
    /// Names of weekdays; 0 is Monday.
    pub weekdays: HashMap<String, u32>,
}

impl<'t> Words<'t> {
    /// The words of a text.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let mut all: Vec<Word> = Vec::new();
        let (mut sentence, mut before) = (0, 0);
        let mut rest = text.char_indices().peekable();
        while let Some((from, c)) = rest.next() {
            if !c.is_alphanumeric() || all.len() == WORDS_MAX {
                continue;
            }
            let mut to = from + c.len_utf8();
            while let Some((at, c)) = rest.next_if(|(_, c)| c.is_alphanumeric() || is_invisible(*c)) {
                to = at + c.len_utf8();
            }
            sentence += usize::from(before > 0 && ends_sentence(&text[before..from], &text[from..to]));
            before = to;
            let written = &text[from..to];
            all.push(Word { folded: fold(written), lower: written.to_lowercase(), at: from..to, sentence });
        }
        Self { text, all }
    }

    /// The words.
    #[must_use]
    pub fn all(&self) -> &[Word] {
        &self.all
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The sentence of a word, without what ends it.
    #[must_use]
    pub fn sentence(&self, of: usize) -> Range<usize> {
        let Some(word) = self.all.get(of) else { return 0..0 };
        let from = self.all[..of].partition_point(|w| w.sentence < word.sentence);
        let to = of + self.all[of..].partition_point(|w| w.sentence == word.sentence);
        from..to
    }

    /// What stands in the text from one word to before another.
    #[must_use]
    pub fn written(&self, words: Range<usize>) -> &'t str {
        let (Some(first), Some(last)) = (self.all.get(words.start), self.all.get(words.end.wrapping_sub(1))) else {
            return "";
        };
        &self.text[first.at.start..last.at.end]
    }

    /// What stands between a word and the next.
    #[must_use]
    pub fn after(&self, word: usize) -> &'t str {
        let from = self.all.get(word).map_or(self.text.len(), |w| w.at.end);
        let to = self.all.get(word + 1).map_or(self.text.len(), |w| w.at.start);
        &self.text[from..to.max(from)]
    }
}

/// Whether what stands between two words ends a sentence. An empty line does; a full stop does where
/// white space follows it, and not within "z. B." or "n. 5".
fn ends_sentence(between: &str, next: &str) -> bool {
    let blank_line = between.bytes().filter(|b| *b == b'\n').count() > 1;
    let mut chars = between.chars().peekable();
    while let Some(c) = chars.next() {
        let spaced = chars.peek().is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '»' | ')' | '.' | '!' | '?'));
        let ends = matches!(c, '!' | '?' | '…')
            || (c == '.' && !next.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()));
        if ends && spaced && chars.peek().is_some() {
            return true;
        }
    }
    blank_line
}

impl Pattern {
    /// Reads a pattern. Whatever is written is one: what has no meaning of its own is a word.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut pieces = Vec::new();
        for piece in text.split_whitespace() {
            match piece {
                "_" => pieces.push(Piece::Any),
                ".." => pieces.push(Piece::Gap),
                "{n}" => pieces.push(Piece::Number),
                "{weekday}" => pieces.push(Piece::Weekday),
                "{date}" => pieces.push(Piece::Date),
                words => pieces.extend(written(words)),
            }
        }
        Self(pieces)
    }

    /// Whether it has no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it matches when it begins at a word.
    #[must_use]
    pub fn at(&self, words: &Words<'_>, from: usize, named: &Named) -> Option<Match> {
        let start = Match { from, to: from, ..Match::default() };
        follow(&self.0, words, named, start).filter(|found| found.to > from)
    }

    /// Its first match in a text.
    #[must_use]
    pub fn find(&self, words: &Words<'_>, named: &Named) -> Option<Match> {
        (0..words.len()).find_map(|from| self.at(words, from, named))
    }

    fn first_words(&self) -> Option<&[Written]> {
        match self.0.first() {
            Some(Piece::OneOf(words)) => Some(words),
            _ => None,
        }
    }
}

/// The pieces of `l'ufficio`, `call/ring`, `word*`: words of a text have no apostrophes and hyphens.
fn written(words: &str) -> Vec<Piece> {
    let parts: Vec<&str> = words.split(|c: char| !(c.is_alphanumeric() || matches!(c, '/' | '*' | '='))).collect();
    let one = |word: &str| match (word.strip_prefix('='), word.strip_suffix('*')) {
        (Some(exactly), _) => Written::Exactly(exactly.to_lowercase()),
        (None, Some(begin)) => Written::Begins(fold(begin)),
        (None, None) => Written::Folded(fold(word)),
    };
    let pieces = parts.into_iter().map(|part| part.split('/').filter(|w| !w.is_empty()).map(one).collect::<Vec<_>>());
    pieces.filter(|words| !words.is_empty()).map(Piece::OneOf).collect()
}

fn follow(pieces: &[Piece], words: &Words<'_>, named: &Named, so_far: Match) -> Option<Match> {
    let Some((piece, rest)) = pieces.split_first() else { return Some(so_far) };
    let here = so_far.to;
    let in_sentence = |at: usize| {
        let word = words.all.get(at)?;
        (words.all[so_far.from.min(at)].sentence == word.sentence).then_some(word)
    };
    let go_on = |found: Match| follow(rest, words, named, found);
    match piece {
        Piece::Gap => (here..=here + GAP_MAX).find_map(|to| go_on(Match { to, ..so_far })),
        Piece::Any => in_sentence(here).and_then(|_| go_on(Match { to: here + 1, ..so_far })),
        Piece::OneOf(all) => {
            let word = in_sentence(here)?;
            all.iter().any(|w| w.is(word)).then(|| go_on(Match { to: here + 1, ..so_far }))?
        }
        Piece::Number => {
            let number = named.number(in_sentence(here)?)?;
            go_on(Match { to: here + 1, number: Some(number), ..so_far })
        }
        Piece::Weekday => {
            let weekday = named.weekdays.get(&in_sentence(here)?.folded).copied()?;
            go_on(Match { to: here + 1, weekday: Some(weekday), ..so_far })
        }
        Piece::Date => {
            in_sentence(here)?;
            let (date, to) = date_at(words, here, named)?;
            go_on(Match { to, date: Some(date), ..so_far })
        }
    }
}

impl Written {
    fn is(&self, word: &Word) -> bool {
        match self {
            Self::Folded(text) => *text == word.folded,
            Self::Begins(text) => word.folded.starts_with(text.as_str()),
            Self::Exactly(text) => *text == word.lower,
        }
    }
}

impl Named {
    /// The number that a word stands for.
    #[must_use]
    pub fn number(&self, word: &Word) -> Option<u32> {
        let digits = word.folded.len() <= 5 && word.folded.bytes().all(|b| b.is_ascii_digit());
        if digits { word.folded.parse().ok() } else { self.numbers.get(&word.folded).copied() }
    }
}

/// Day, month and year.
type Date = (u32, u32, Option<i32>);

/// A date at a word, and the word after it: "12 March", "March 12th", "12/03/2026", "12. März", "12 de marzo".
fn date_at(words: &Words<'_>, at: usize, named: &Named) -> Option<(Date, usize)> {
    let word = |at: usize| words.all.get(at);
    let day = |at: usize| {
        let digits = word(at)?.folded.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        digits.parse::<u32>().ok().filter(|day| (1..=31).contains(day))
    };
    let month = |at: usize| MailWords::get().month(&word(at)?.folded);
    let year = |at: usize| word(at)?.folded.parse::<i32>().ok().filter(|year| (2000..2100).contains(year));
    let with_year = |(d, m): (u32, u32), next: usize| match year(next) {
        Some(y) => ((d, m, Some(y)), next + 1),
        None => ((d, m, None), next),
    };
    let joined = |at: usize| matches!(words.after(at).trim(), "/" | "." | "-") && words.after(at).len() <= 2;
    if let Some(m) = month(at) {
        return day(at + 1).map(|d| with_year((d, m), at + 2));
    }
    let d = day(at)?;
    let of = usize::from(word(at + 1).is_some_and(|w| matches!(w.folded.as_str(), "de" | "of" | "di")));
    if let Some(m) = month(at + 1 + of) {
        return Some(with_year((d, m), at + 2 + of));
    }
    let m = word(at + 1)?.folded.parse::<u32>().ok().filter(|m| joined(at) && (1..=12).contains(m))?;
    let _ = named;
    if joined(at + 1) { Some(with_year((d, m), at + 2)) } else { Some(((d, m, None), at + 2)) }
}

/// Many patterns of many topics, found in one pass over a text.
#[derive(Debug)]
pub struct Patterns<T> {
    all: Vec<(Pattern, T)>,
    by_word: HashMap<String, Vec<usize>>,
    by_stem: HashMap<String, Vec<usize>>,
    /// Those that begin with no certain word.
    others: Vec<usize>,
}

impl<T> Default for Patterns<T> {
    fn default() -> Self {
        Self { all: Vec::new(), by_word: HashMap::new(), by_stem: HashMap::new(), others: Vec::new() }
    }
}

impl<T: Copy> Patterns<T> {
    /// Adds a pattern.
    pub fn add(&mut self, pattern: Pattern, topic: T) {
        let number = self.all.len();
        match pattern.first_words() {
            None => self.others.push(number),
            Some(words) => {
                for word in words {
                    let list = match word {
                        Written::Folded(text) => self.by_word.entry(text.clone()),
                        Written::Exactly(text) => self.by_word.entry(fold(text)),
                        Written::Begins(text) => self.by_stem.entry(text.chars().take(STEM).collect()),
                    };
                    list.or_default().push(number);
                }
            }
        }
        self.all.push((pattern, topic));
    }

    /// Every match in a text, by its place; a pattern matches at most once at each word.
    #[must_use]
    pub fn find(&self, words: &Words<'_>, named: &Named) -> Vec<(T, Match)> {
        let mut found = Vec::new();
        for (from, word) in words.all.iter().enumerate() {
            let stem: String = word.folded.chars().take(STEM).collect();
            let known = self.by_word.get(&word.folded).into_iter().chain(self.by_stem.get(&stem)).flatten();
            for number in known.chain(&self.others) {
                let (pattern, topic) = &self.all[*number];
                found.extend(pattern.at(words, from, named).map(|m| (*topic, m)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Named {
        let numbers = [("two".to_owned(), 2), ("due".to_owned(), 2)].into();
        Named { numbers, weekdays: [("friday".to_owned(), 4), ("freitag".to_owned(), 4)].into() }
    }

    fn matches(pattern: &str, text: &str) -> Option<Match> {
        Pattern::read(pattern).find(&Words::of(text), &named())
    }

    #[test]
    fn a_pattern_says_which_words_follow_each_other() {
        for (pattern, text, found) in [
            ("within {n} hour/hours", "We answer within two hours.", true),
            ("within {n} hour/hours", "We answer within hours.", false),
            ("richiam*", "La RICHIAMERÒ domani", true),
            ("=sì", "Sì, lo contiene", true),
            ("=sì", "si trova in negozio", false),
            ("chiamare .. numero", "la preghiamo di chiamare subito il nostro numero", true),
            ("chiamare .. numero", "chiamare domani. Il numero è questo", false),
            ("l'ufficio _ e", "L’ufficio vendite è chiuso", true),
            ("für Sie", "fuer sie", true),
        ] {
            assert_eq!(matches(pattern, text).is_some(), found, "{pattern} in {text}");
        }
    }

    #[test]
    fn numbers_days_and_dates_are_read() {
        assert_eq!(matches("within {n} hours", "within 48 hours").unwrap().number, Some(48));
        assert_eq!(matches("bis {weekday}", "bis Freitag").unwrap().weekday, Some(4));
        for (text, date) in [
            ("by 12 March", (12, 3, None)),
            ("by March 12th, 2026", (12, 3, Some(2026))),
            ("by 12/03/2026", (12, 3, Some(2026))),
            ("by 12.3.", (12, 3, None)),
            ("by 12 de marzo", (12, 3, None)),
        ] {
            assert_eq!(matches("by {date}", text).and_then(|m| m.date), Some(date), "{text}");
        }
        assert_eq!(matches("by {date}", "by 12 people"), None);
    }

    #[test]
    fn sentences_end_where_they_end() {
        let words = Words::of("Sì. Lo contiene, p. es. grano\n\nSaluti 3.5 kg! Fine");
        let sentences: Vec<usize> = words.all().iter().map(|w| w.sentence).collect();
        assert_eq!(sentences, [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3]);
        assert_eq!(words.written(words.sentence(2)), "Lo contiene, p. es. grano");
    }

    proptest::proptest! {
        /// No text and no pattern can make it fail.
        #[test]
        fn any_pattern_reads_and_any_text_is_searched(pattern in "\\PC{0,40}", text in "(\\PC|\\n){0,200}") {
            let pattern = Pattern::read(&pattern);
            let words = Words::of(&text);
            let found = pattern.find(&words, &named());
            let mut many = Patterns::default();
            many.add(pattern, 1);
            proptest::prop_assert_eq!(many.find(&words, &named()).first().map(|(_, m)| *m), found);
        }
    }
}
