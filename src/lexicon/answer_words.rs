//! Which words of a reply say what kind of answer it is.
//!
//! The words are data: `src/lexicon/data/answer_*.txt`, in the form of
//! [`mail_words`](super::mail_words), but that a line holds a [`Pattern`]. The sections `number` and
//! `weekday` hold a number before the word. A new word is a new line; a new section is a [`Topic`].

use super::mail_words::fold;
use super::pattern::{Match, Named, Pattern, Patterns, Words};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const FILES: [&str; 2] = [include_str!("data/answer_turns.txt"), include_str!("data/answer_manners.txt")];

/// What a pattern means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// An offer for anything else: sends nobody away who has got an answer.
    Further,
    /// It asks to go somewhere; the sentence says where.
    Turn,
    /// It asks to call.
    TurnPhone,
    /// It asks to come.
    TurnVisit,
    /// It asks to read a page.
    TurnWebPage,
    /// A place or way that a sentence names: the name of a destination.
    To(&'static str),
    /// Something will come.
    Promise,
    /// Something will not.
    NotPromised,
    /// Within so many hours.
    InHours,
    /// Within so many hours of work.
    InWorkingHours,
    /// Within so many days.
    InDays,
    /// Within so many days of work.
    InWorkingDays,
    /// Within so many weeks.
    InWeeks,
    /// Today.
    ByToday,
    /// Tomorrow.
    ByTomorrow,
    /// The day after tomorrow.
    ByDayAfter,
    /// By a day of the week.
    ByWeekday,
    /// By a date.
    ByDate,
    /// Next week.
    ByNextWeek,
    /// This week.
    ByThisWeek,
    /// It apologises.
    Apology,
    /// It thanks for the question.
    Thanks,
    /// It knows of an earlier message.
    KnowsEarlier,
    /// It knows of none.
    KnowsNoEarlier,
    /// It says why it comes late.
    ExplainsDelay,
    /// It suspects a test.
    SuspectsTest,
    /// It wants no more messages.
    LeaveAlone,
    /// It asks something back.
    AsksBack,
    /// A question that wants no answer.
    AsksNothing,
    /// A part of the answer is missing.
    Partial,
    /// Ready-made.
    Canned,
    /// A form of courtesy.
    Courtesy,
    /// Rude.
    Curt,
    /// A name that is no person's.
    Department,
    /// Yes.
    Yes,
    /// No.
    No,
    /// What a yes or no may stand behind.
    Says,
    /// A yes or no in other words.
    Affirms,
    /// Money.
    Currency,
    /// A price of nothing.
    Free,
}

/// Sections and their topics.
const SECTIONS: [(&str, Topic); 54] = [
    ("further", Topic::Further),
    ("turn", Topic::Turn),
    ("turn.phone", Topic::TurnPhone),
    ("turn.visit", Topic::TurnVisit),
    ("turn.web_page", Topic::TurnWebPage),
    ("to.phone", Topic::To("phone")),
    ("to.email", Topic::To("email")),
    ("to.web_form", Topic::To("web_form")),
    ("to.chat", Topic::To("chat")),
    ("to.forum", Topic::To("forum")),
    ("to.whatsapp", Topic::To("whatsapp")),
    ("to.facebook", Topic::To("facebook")),
    ("to.instagram", Topic::To("instagram")),
    ("to.telegram", Topic::To("telegram")),
    ("to.x", Topic::To("x")),
    ("to.linkedin", Topic::To("linkedin")),
    ("to.mastodon", Topic::To("mastodon")),
    ("to.visit", Topic::To("visit")),
    ("to.web_page", Topic::To("web_page")),
    ("to.other_company", Topic::To("other_company")),
    ("promise", Topic::Promise),
    ("not_promised", Topic::NotPromised),
    ("in.hours", Topic::InHours),
    ("in.working_hours", Topic::InWorkingHours),
    ("in.days", Topic::InDays),
    ("in.working_days", Topic::InWorkingDays),
    ("in.weeks", Topic::InWeeks),
    ("by.today", Topic::ByToday),
    ("by.tomorrow", Topic::ByTomorrow),
    ("by.day_after", Topic::ByDayAfter),
    ("by.weekday", Topic::ByWeekday),
    ("by.date", Topic::ByDate),
    ("by.next_week", Topic::ByNextWeek),
    ("by.this_week", Topic::ByThisWeek),
    ("apology", Topic::Apology),
    ("thanks", Topic::Thanks),
    ("knows_earlier", Topic::KnowsEarlier),
    ("knows_no_earlier", Topic::KnowsNoEarlier),
    ("explains_delay", Topic::ExplainsDelay),
    ("suspects_test", Topic::SuspectsTest),
    ("leave_alone", Topic::LeaveAlone),
    ("asks_back", Topic::AsksBack),
    ("asks_nothing", Topic::AsksNothing),
    ("partial", Topic::Partial),
    ("canned", Topic::Canned),
    ("courtesy", Topic::Courtesy),
    ("curt", Topic::Curt),
    ("department", Topic::Department),
    ("yes", Topic::Yes),
    ("no", Topic::No),
    ("says", Topic::Says),
    ("affirms", Topic::Affirms),
    ("currency", Topic::Currency),
    ("free", Topic::Free),
];

/// Sections of names that a study may use in `answer_has`.
const NAMES: &str = "is.";

/// All vocabulary of answers.
#[derive(Debug, Default)]
pub struct AnswerWords {
    patterns: Patterns<Topic>,
    /// Numbers and days by their words.
    pub named: Named,
    /// What `answer_has` may name, folded: `sì o no` → `yes_no`.
    names: BTreeMap<String, &'static str>,
    articles: BTreeSet<String>,
    ors: BTreeSet<String>,
}

impl AnswerWords {
    /// The vocabulary, read once.
    #[must_use]
    pub fn get() -> &'static Self {
        static WORDS: OnceLock<AnswerWords> = OnceLock::new();
        WORDS.get_or_init(|| {
            let mut words = Self::default();
            for file in FILES {
                words.read(file);
            }
            words
        })
    }

    /// What a text says, by place.
    #[must_use]
    pub fn find(&self, words: &Words<'_>) -> Vec<(Topic, Match)> {
        self.patterns.find(words, &self.named)
    }

    /// What a folded text names, without its article: `a price` → `price`.
    #[must_use]
    pub fn named_in(&self, folded: &str) -> Option<&'static str> {
        let bare = match folded.split_once(' ') {
            Some((first, rest)) if self.articles.contains(first) => rest,
            _ => folded,
        };
        self.names.get(folded).or_else(|| self.names.get(bare)).copied()
    }

    /// Whether a folded word stands between alternatives.
    #[must_use]
    pub fn is_or(&self, folded: &str) -> bool {
        self.ors.contains(folded)
    }

    /// Takes a file in. Returns the lines that belong nowhere, which a test holds to none.
    fn read(&mut self, file: &'static str) -> Vec<&'static str> {
        let mut strays = Vec::new();
        let mut section = "";
        for line in file.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = name;
            } else if line.split_once(' ').is_none_or(|(_, phrase)| !self.take(section, phrase)) {
                strays.push(line);
            }
        }
        strays
    }

    fn take(&mut self, section: &'static str, phrase: &'static str) -> bool {
        let counted =
            || phrase.split_once(' ').and_then(|(number, word)| Some((number.parse::<u32>().ok()?, fold(word))));
        match section {
            "number" | "weekday" => {
                let Some((number, word)) = counted() else { return false };
                let known = if section == "number" { &mut self.named.numbers } else { &mut self.named.weekdays };
                known.insert(word, number);
                true
            }
            "article" | "or" => {
                let known = if section == "or" { &mut self.ors } else { &mut self.articles };
                known.insert(fold(phrase));
                true
            }
            _ => match section.strip_prefix(NAMES) {
                Some(name) => {
                    self.names.insert(fold(phrase), name);
                    true
                }
                None => self.pattern(section, phrase),
            },
        }
    }

    fn pattern(&mut self, section: &str, phrase: &str) -> bool {
        let topic = SECTIONS.iter().find(|(name, _)| *name == section).map(|(_, topic)| *topic);
        let pattern = Pattern::read(phrase);
        let fits = topic.is_some() && !pattern.is_empty();
        if let Some(topic) = topic.filter(|_| fits) {
            self.patterns.add(pattern, topic);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_belongs_to_a_section() {
        for file in FILES {
            assert_eq!(AnswerWords::default().read(file), Vec::<&str>::new());
        }
    }

    #[test]
    fn every_section_that_is_not_a_proper_name_has_words_in_five_languages() {
        let mut languages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut section = "";
        for line in FILES.iter().flat_map(|file| file.lines()).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            match line.strip_prefix('[') {
                Some(name) => section = name.trim_end_matches(']'),
                None => drop(languages.entry(section).or_default().insert(&line[..2])),
            }
        }
        for (section, topic) in &SECTIONS {
            let of = &languages[section];
            let proper = matches!(
                topic,
                Topic::To("whatsapp" | "facebook" | "instagram" | "telegram" | "x" | "linkedin" | "mastodon")
            );
            assert!(proper || of.len() == 5, "{section} has only {of:?}");
        }
    }

    #[test]
    fn a_study_names_things_in_its_language() {
        let words = AnswerWords::get();
        for (text, name) in
            [("sì o no", "yes_no"), ("a price", "price"), ("eine zahl", "number"), ("un precio", "price")]
        {
            assert_eq!(words.named_in(&fold(text)), Some(name), "{text}");
        }
        assert_eq!(words.named_in("gluten"), None);
    }
}
