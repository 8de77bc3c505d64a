//! What do sites call the places where they can be asked, and who lives there? Vocabulary of five
//! languages, one file each in `site_words/`, and the hosts of platforms, chats and personal pages
//! in `data/`. All languages are tried together: an Italian site has a "Support" page.

use super::form_words::words;
use std::sync::LazyLock;

/// What a phrase of a site stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteConcept {
    /// A page for contacting.
    Contact,
    /// A page where customers are helped.
    Help,
    /// A page that says who runs the site.
    Imprint,
    /// A page about the company.
    About,
    /// A forum.
    Forum,
    /// A page on which nobody is asked.
    NotAPage,
    /// Where contact pages usually are.
    Path,
    /// `@`, written out.
    At,
    /// `.`, written out.
    Dot,
    /// A mailbox for everything.
    GeneralMailbox,
    /// A mailbox for customers with a question.
    SupportMailbox,
    /// A mailbox for those who want to buy.
    SalesMailbox,
    /// A mailbox for complaints.
    ComplaintMailbox,
    /// A mailbox for something else: applications, press, privacy.
    OtherMailbox,
    /// A telephone number follows.
    Phone,
    /// A fax number follows.
    Fax,
    /// Only a business says so: a VAT number, a register, a legal form.
    LegalMark,
    /// Something is sold.
    ShopMark,
    /// A person speaks of herself.
    Personal,
}

impl SiteConcept {
    /// Every concept with its name in the files.
    pub const ALL: [(&'static str, Self); 19] = [
        ("contact", Self::Contact),
        ("help", Self::Help),
        ("imprint", Self::Imprint),
        ("about", Self::About),
        ("forum", Self::Forum),
        ("not_a_page", Self::NotAPage),
        ("path", Self::Path),
        ("at", Self::At),
        ("dot", Self::Dot),
        ("general_mailbox", Self::GeneralMailbox),
        ("support_mailbox", Self::SupportMailbox),
        ("sales_mailbox", Self::SalesMailbox),
        ("complaint_mailbox", Self::ComplaintMailbox),
        ("other_mailbox", Self::OtherMailbox),
        ("phone", Self::Phone),
        ("fax", Self::Fax),
        ("legal_mark", Self::LegalMark),
        ("shop_mark", Self::ShopMark),
        ("personal", Self::Personal),
    ];

    /// The first phrase of this concept in a text, as whole words.
    #[must_use]
    pub fn find(self, text: &Words) -> Option<&'static str> {
        let phrases = VOCABULARY.iter().filter(|phrase| phrase.concept == self);
        phrases.filter(|phrase| text.0.contains(&phrase.pattern)).map(|phrase| phrase.text).next()
    }

    /// Whether a text holds a phrase of this concept.
    #[must_use]
    pub fn is_in(self, text: &Words) -> bool {
        self.find(text).is_some()
    }

    /// The phrases of this concept in a language, by its two letters; English where it is not known.
    #[must_use]
    pub fn phrases(self, language: &str) -> Vec<&'static str> {
        let known = VOCABULARY.iter().any(|phrase| phrase.language == language);
        let language = if known { language } else { "en" };
        let phrases = VOCABULARY.iter().filter(|phrase| phrase.concept == self && phrase.language == language);
        phrases.map(|phrase| phrase.text).collect()
    }
}

/// A text split into words, with a space around each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// Lower case, accents folded, split as names of fields are.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(format!(" {} ", words(text).join(" ")))
    }

    /// Whether it holds another text's words, whole and in their order.
    #[must_use]
    pub fn hold(&self, other: &Self) -> bool {
        !other.0.trim().is_empty() && self.0.contains(&other.0)
    }

    /// The words.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split_whitespace()
    }
}

struct Phrase {
    concept: SiteConcept,
    language: &'static str,
    text: &'static str,
    /// With a space before it, and one behind it unless any rest of a word fits.
    pattern: String,
}

const FILES: [(&str, &str); 5] = [
    ("en", include_str!("site_words/en.txt")),
    ("it", include_str!("site_words/it.txt")),
    ("de", include_str!("site_words/de.txt")),
    ("fr", include_str!("site_words/fr.txt")),
    ("es", include_str!("site_words/es.txt")),
];

static VOCABULARY: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    FILES.iter().flat_map(|(language, file)| file.lines().filter_map(|line| parse(language, line)).flatten()).collect()
});

fn parse(language: &'static str, line: &'static str) -> Option<impl Iterator<Item = Phrase>> {
    let (name, phrases) = line.split_once(':')?;
    let (_, concept) = SiteConcept::ALL.iter().find(|(known, _)| *known == name)?;
    let phrase = move |text: &'static str| {
        let Words(pattern) = Words::of(text);
        let pattern = if text.ends_with('*') { pattern.trim_end().to_owned() } else { pattern };
        Phrase { concept: *concept, language, text, pattern }
    };
    Some(phrases.split(',').map(str::trim).map(phrase))
}

/// A live chat that sites embed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatWidget {
    /// Who makes it.
    pub vendor: &'static str,
    /// Parts of addresses of its scripts and frames.
    pub hosts: Vec<&'static str>,
    /// Names that its snippets use.
    pub names: Vec<&'static str>,
}

/// The live chats that are known.
pub static CHAT_WIDGETS: LazyLock<Vec<ChatWidget>> = LazyLock::new(|| {
    let rows = rows(include_str!("data/chat_widgets.txt"));
    rows.map(|(vendor, hosts, names)| ChatWidget { vendor, hosts, names }).collect()
});

/// A platform on which companies have profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// Its name; that of the channel where it is one.
    pub name: &'static str,
    /// Its hosts; subdomains count as well.
    pub hosts: Vec<&'static str>,
    /// First parts of a path that lead to no profile, in lower case.
    pub no_profile: Vec<&'static str>,
}

/// The platforms that are known.
pub static PLATFORMS: LazyLock<Vec<Platform>> = LazyLock::new(|| {
    let rows = rows(include_str!("data/social_profiles.txt"));
    rows.map(|(name, hosts, no_profile)| Platform { name, hosts, no_profile }).collect()
});

/// Whether a host, or one above it, is known to give pages to people.
#[must_use]
pub fn is_personal_host(host: &str) -> bool {
    let known = |line: &&str| !line.is_empty() && !line.starts_with('#');
    include_str!("data/personal_hosts.txt").lines().filter(known).any(|above| is_below(host, above))
}

/// Whether a host is another one or lies below it.
#[must_use]
pub fn is_below(host: &str, above: &str) -> bool {
    host.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// `name: first, second; third, fourth`.
fn rows(file: &'static str) -> impl Iterator<Item = (&'static str, Vec<&'static str>, Vec<&'static str>)> {
    let list = |text: &'static str| text.split(", ").map(str::trim).filter(|item| !item.is_empty()).collect();
    file.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        // "Re:amaze" has a colon of its own.
        let (name, rest) = line.split_once(": ")?;
        let (first, second) = rest.split_once(';').unwrap_or((rest, ""));
        Some((name, list(first), list(second)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_words_for_each_concept() {
        for (language, file) in FILES {
            let lines = file.lines().filter(|line| !line.starts_with('#'));
            let names: Vec<_> = lines.map(|line| line.split_once(": ").unwrap().0).collect();
            assert_eq!(names, SiteConcept::ALL.map(|(name, _)| name), "{language}");
        }
        assert!(VOCABULARY.iter().all(|phrase| phrase.pattern.trim().len() > 1));
    }

    #[test]
    fn phrases_are_whole_words_whatever_their_case_and_accents() {
        for (concept, text) in [
            (SiteConcept::Contact, "CONTÁCTANOS"),
            (SiteConcept::Contact, "/it/contatti.html"),
            (SiteConcept::Help, "Kundenservice"),
            (SiteConcept::Imprint, "Mentions légales"),
            (SiteConcept::LegalMark, "Rossi S.r.l. – P.IVA 01234567890"),
            (SiteConcept::LegalMark, "USt-IdNr.: DE123456789"),
            (SiteConcept::Personal, "Willkommen auf meiner Seite: mein Hobby"),
        ] {
            assert!(concept.is_in(&Words::of(text)), "{concept:?} in {text}");
        }
        assert!(!SiteConcept::Contact.is_in(&Words::of("contactless payment")));
        assert!(!SiteConcept::LegalMark.is_in(&Words::of("")));
    }

    #[test]
    fn hosts_and_vendors_are_read_from_their_files() {
        assert!(CHAT_WIDGETS.iter().all(|chat| !chat.hosts.is_empty() && !chat.names.is_empty()));
        assert!(CHAT_WIDGETS.iter().any(|chat| chat.vendor == "Re:amaze"));
        assert!(PLATFORMS.iter().any(|platform| platform.name == "x" && platform.no_profile.contains(&"intent")));
        assert!(is_personal_host("anna.blogspot.com") && !is_personal_host("notblogspot.com"));
    }
}
