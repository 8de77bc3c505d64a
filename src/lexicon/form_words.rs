//! What do forms call their fields, and what do the pages behind them say? Vocabulary of five
//! languages, one file each in `form_words/`, all tried together: an Italian page has English
//! field names.

use std::sync::LazyLock;

/// What a word or phrase of a form stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concept {
    /// "Leave this field empty".
    Honeypot,
    /// A test that only a person should pass.
    Captcha,
    /// The e-mail address a second time.
    EmailAgain,
    /// The e-mail address.
    Email,
    /// The telephone number.
    Phone,
    /// First and last name in one field.
    FullName,
    /// The first name.
    FirstName,
    /// The family name.
    LastName,
    /// A name; which one, the other fields tell.
    Name,
    /// What it is about.
    Subject,
    /// The message.
    Message,
    /// Something that we know by name and cannot answer: company, postal address, date.
    Other,
    /// Agreement to privacy terms.
    Privacy,
    /// Agreement to advertising.
    Marketing,
    /// "No", "I do not".
    Refusal,
    /// "Required".
    Required,
    /// "Please choose": an option that is none.
    Prompt,
    /// An option that fits any question.
    General,
    /// A form for searching.
    Search,
    /// A form for logging in.
    Login,
    /// A form for subscribing.
    Newsletter,
    /// A form for public comments.
    Comment,
    /// A form for contacting.
    Contact,
    /// A button that sends.
    Send,
    /// A button that does something else.
    NotSend,
    /// The message was taken.
    Thanks,
    /// Something was wrong.
    Error,
    /// The message was taken and waits for somebody's approval, or for a click.
    Held,
    /// "Please check your entries": shown once more before they count.
    Review,
    /// A login is demanded.
    LoginWall,
    /// A page that first wants to know whether we are human.
    Challenge,
    /// A page that first wants consent to cookies.
    ConsentWall,
    /// A page that does nothing without scripts.
    ScriptNeeded,
}

impl Concept {
    /// Every concept with its name in the files.
    pub const ALL: [(&'static str, Self); 33] = [
        ("honeypot", Self::Honeypot),
        ("captcha", Self::Captcha),
        ("email_again", Self::EmailAgain),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("full_name", Self::FullName),
        ("first_name", Self::FirstName),
        ("last_name", Self::LastName),
        ("name", Self::Name),
        ("subject", Self::Subject),
        ("message", Self::Message),
        ("other", Self::Other),
        ("privacy", Self::Privacy),
        ("marketing", Self::Marketing),
        ("refusal", Self::Refusal),
        ("required", Self::Required),
        ("prompt", Self::Prompt),
        ("general", Self::General),
        ("search", Self::Search),
        ("login", Self::Login),
        ("newsletter", Self::Newsletter),
        ("comment", Self::Comment),
        ("contact", Self::Contact),
        ("send", Self::Send),
        ("not_send", Self::NotSend),
        ("thanks", Self::Thanks),
        ("error", Self::Error),
        ("held", Self::Held),
        ("review", Self::Review),
        ("login_wall", Self::LoginWall),
        ("challenge", Self::Challenge),
        ("consent_wall", Self::ConsentWall),
        ("script_needed", Self::ScriptNeeded),
    ];

    /// The first phrase of this concept that `text` contains, as whole words.
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
        self.phrases().find(|p| p.count(words) > 0).map(|p| p.text.as_str())
    }

    /// How often each phrase of this concept stands in `words`, phrases that do not left out.
    #[must_use]
    pub fn counts(self, words: &[String]) -> Vec<(&'static str, usize)> {
        self.phrases().map(|p| (p.text.as_str(), p.count(words))).filter(|(_, count)| *count > 0).collect()
    }

    fn phrases(self) -> impl Iterator<Item = &'static Phrase> {
        VOCABULARY.iter().filter(move |(concept, _)| *concept == self).flat_map(|(_, phrases)| phrases)
    }
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
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => out.push('a'),
        'ç' => out.push('c'),
        'è' | 'é' | 'ê' | 'ë' => out.push('e'),
        'ì' | 'í' | 'î' | 'ï' => out.push('i'),
        'ñ' => out.push('n'),
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => out.push('o'),
        'ù' | 'ú' | 'û' | 'ü' => out.push('u'),
        'ß' => out.push_str("ss"),
        // Combining marks: what is left of decomposed accents.
        '\u{300}'..='\u{36f}' => {}
        _ => out.push(c),
    }
}

struct Phrase {
    text: String,
    words: Vec<String>,
}

impl Phrase {
    fn parse(text: &str) -> Self {
        let words = text.split_whitespace().flat_map(Self::pattern_words).collect();
        Self { text: text.to_owned(), words }
    }

    /// The words of a pattern, with a star kept on the side where it stood.
    fn pattern_words(pattern: &str) -> Vec<String> {
        if pattern == "*" {
            return vec!["*".to_owned()];
        }
        let mut plain = words(pattern);
        if pattern.starts_with('*')
            && let Some(first) = plain.first_mut()
        {
            first.insert(0, '*');
        }
        if pattern.ends_with('*')
            && let Some(last) = plain.last_mut()
        {
            last.push('*');
        }
        plain
    }

    fn count(&self, words: &[String]) -> usize {
        let fits = |window: &&[String]| window.iter().zip(&self.words).all(|(word, pattern)| matches(pattern, word));
        words.windows(self.words.len()).filter(fits).count()
    }
}

fn matches(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => word.ends_with(end),
        (_, Some(start)) => word.starts_with(start),
        _ => pattern == word,
    }
}

const FILES: [&str; 5] = [
    include_str!("form_words/en.txt"),
    include_str!("form_words/it.txt"),
    include_str!("form_words/de.txt"),
    include_str!("form_words/fr.txt"),
    include_str!("form_words/es.txt"),
];

static VOCABULARY: LazyLock<Vec<(Concept, Vec<Phrase>)>> =
    LazyLock::new(|| FILES.iter().flat_map(|file| file.lines()).filter_map(parse_line).collect());

fn parse_line(line: &str) -> Option<(Concept, Vec<Phrase>)> {
    let (name, phrases) = line.split_once(':')?;
    let (_, concept) = Concept::ALL.iter().find(|(known, _)| *known == name)?;
    Some((*concept, phrases.split(',').map(|p| Phrase::parse(p.trim())).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_words_for_each_concept() {
        for file in FILES {
            let concepts: Vec<Concept> = file.lines().filter_map(parse_line).map(|(concept, _)| concept).collect();
            assert_eq!(concepts, Concept::ALL.map(|(_, concept)| concept), "{}", &file[..40]);
            let unread = file.lines().filter(|l| !l.starts_with('#') && parse_line(l).is_none()).count();
            assert_eq!(unread, 0);
        }
        assert!(VOCABULARY.iter().all(|(_, phrases)| phrases.iter().all(|p| !p.words.is_empty())));
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
            (Concept::Thanks, "Votre message a bien été envoyé."),
        ] {
            assert!(concept.is_in(text), "{concept:?} in {text}");
        }
        assert!(!Concept::Name.is_in("Namenszusatz"));
        assert!(!Concept::Email.is_in("Mailand"));
        assert!(!Concept::Thanks.is_in(""));
    }
}
