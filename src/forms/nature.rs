//! What kind of form is it: does it take a question to the company, or something else? What was
//! found speaks for or against a contact form with the points of `nature.txt`, which add up.

use super::page::{Field, Kind};
use super::reading::{Reading, per_cent};
use super::roles::Role;
use crate::lexicon::form_words::{Concept, Hit, hits, words};
use std::collections::HashMap;
use std::sync::LazyLock;
use url::Url;

/// Most reasons that are given.
const REASONS_MAX: usize = 5;

/// Most values of hidden controls that are looked at for what the form calls itself.
const HIDDEN_MAX: usize = 30;

/// Per cent: as likely as not.
const UNSURE: u8 = 50;

/// A kind of form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FormKind {
    /// It takes a question to the company, whatever it is called.
    Contact,
    /// Search.
    Search,
    /// Login.
    Login,
    /// A new account.
    Registration,
    /// A forgotten password.
    Recovery,
    /// Subscription.
    Newsletter,
    /// Public comment.
    Comment,
    /// Public judgement.
    Review,
    /// Order.
    Checkout,
    /// Booking.
    Booking,
    /// A message to somebody else.
    Friend,
    /// A report about something on the page.
    Report,
    /// An application for work.
    Job,
    /// A vote.
    Poll,
    /// Something to be published.
    Post,
    /// How the page is shown.
    Settings,
    /// Anything else.
    Other,
}

/// The kinds that words tell, with the beginning of their features' names.
const KINDS: [(Concept, &str, FormKind); 15] = [
    (Concept::Search, "search", FormKind::Search),
    (Concept::Login, "login", FormKind::Login),
    (Concept::Register, "register", FormKind::Registration),
    (Concept::Recovery, "recovery", FormKind::Recovery),
    (Concept::Newsletter, "newsletter", FormKind::Newsletter),
    (Concept::Comment, "comment", FormKind::Comment),
    (Concept::Judgement, "review", FormKind::Review),
    (Concept::Checkout, "checkout", FormKind::Checkout),
    (Concept::Booking, "booking", FormKind::Booking),
    (Concept::Friend, "friend", FormKind::Friend),
    (Concept::Report, "report", FormKind::Report),
    (Concept::Job, "job", FormKind::Job),
    (Concept::Poll, "poll", FormKind::Poll),
    (Concept::Post, "post", FormKind::Post),
    (Concept::Settings, "settings", FormKind::Settings),
];

impl FormKind {
    /// Its name, as reports and tables write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Search => "search",
            Self::Login => "login",
            Self::Registration => "registration",
            Self::Recovery => "password recovery",
            Self::Newsletter => "newsletter",
            Self::Comment => "comment",
            Self::Review => "review",
            Self::Checkout => "order",
            Self::Booking => "booking",
            Self::Friend => "tell a friend",
            Self::Report => "report",
            Self::Job => "job application",
            Self::Poll => "poll",
            Self::Post => "post",
            Self::Settings => "settings",
            Self::Other => "other",
        }
    }
}

/// What kind of form it is, how sure that is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nature {
    /// The kind.
    pub kind: FormKind,
    /// How sure it is that this is a contact form, or that it is none, in per cent.
    pub confidence: u8,
    /// Why, in words; the strongest reason first.
    pub reasons: Vec<String>,
    /// All that was found, with its points.
    pub evidence: Vec<Piece>,
    /// The sum of all points, in hundredths: above zero for a contact form.
    pub points: i32,
}

impl Nature {
    /// The same of a form that was read in part: nothing of it is sure.
    pub fn of_a_part(self, why: &str) -> Self {
        let reasons = std::iter::once(why.to_owned()).chain(self.reasons).collect();
        Self { confidence: self.confidence.min(UNSURE), reasons, ..self }
    }

    /// Whether it takes a question to the company.
    pub fn is_contact(&self) -> bool {
        self.kind == FormKind::Contact
    }
}

/// Something that speaks for or against a contact form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its name in `nature.txt`.
    pub feature: &'static str,
    /// Its points, in hundredths.
    pub points: i32,
    /// What is said of it.
    pub why: String,
}

/// The words around a form.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Its `id`, `name` and `class`.
    pub own: &'a str,
    /// Where it is sent, as it is written.
    pub action: &'a str,
    /// The heading that it stands under.
    pub before: &'a str,
    /// Its own headings and legends.
    pub inside: &'a str,
    /// The page's title.
    pub title: &'a str,
    /// The page's address.
    pub url: &'a Url,
}

/// Tells what kind of form it is.
pub fn tell(around: &Words<'_>, fields: &[Field], readings: &[Reading]) -> Nature {
    let mut found = Found::default();
    found.add("start", "");
    found.fields(fields, readings);
    found.words(around, fields);
    found.into_nature()
}

#[derive(Default)]
struct Found {
    evidence: Vec<Piece>,
    /// Points of the kinds that words or fields tell, in the order of [`KINDS`].
    kinds: HashMap<FormKind, i32>,
}

impl Found {
    fn add(&mut self, feature: &str, phrase: &str) {
        let Some((feature, weight)) = WEIGHTS.get_key_value(feature) else { return };
        if self.evidence.iter().any(|piece| piece.feature == *feature) {
            return;
        }
        self.evidence.push(Piece { feature, points: weight.points, why: weight.words.replace("{}", phrase) });
    }

    fn speaks_for(&mut self, kind: FormKind, points: i32) {
        *self.kinds.entry(kind).or_default() += points;
    }

    fn fields(&mut self, fields: &[Field], readings: &[Reading]) {
        let seen = || fields.iter().zip(readings).filter(|(_, r)| !r.left);
        let has = |role: Role| seen().any(|(_, r)| r.role == role);
        let message = seen().find(|(_, r)| r.role == Role::Message);
        let areas = seen().filter(|(f, _)| f.kind == Kind::Area).count();
        match message {
            Some((field, _)) if field.kind == Kind::Area => self.add("message_area", ""),
            Some(_) => self.add("message_line", ""),
            None => self.add("no_message", ""),
        }
        if let Some((field, _)) = message {
            self.message(field);
        }
        let needless = |f: &Field, r: &Reading| {
            let asked = matches!(f.kind, Kind::Text | Kind::Special | Kind::Select { .. } | Kind::Area);
            asked && matches!(r.role, Role::Unknown | Role::Other)
        };
        if seen().filter(|(f, r)| needless(f, r)).count() >= 6 {
            self.add("many_unknown", "");
        }
        let roles = [
            (Role::File, "file"),
            (Role::Email, "email"),
            (Role::Phone, "phone"),
            (Role::Subject, "subject"),
            (Role::Company, "company"),
            (Role::Reference, "reference"),
            (Role::Consent, "consent"),
            (Role::Captcha, "captcha"),
            (Role::Password, "password"),
            (Role::Username, "username"),
            (Role::Website, "website"),
            (Role::Search, "search_field"),
            (Role::Date, "date"),
        ];
        for (_, feature) in roles.into_iter().filter(|(role, _)| has(*role)) {
            self.add(feature, "");
        }
        if [Role::Name, Role::FirstName, Role::LastName].into_iter().any(has) {
            self.add("name", "");
        }
        if !has(Role::Email) && !has(Role::Phone) {
            self.add("no_address", "");
        }
        if areas >= 3 {
            self.add("many_boxes", "");
        }
        self.other_wishes(fields, readings);
        if has(Role::Password) {
            let many = seen().filter(|(f, _)| matches!(f.kind, Kind::Text | Kind::Email | Kind::Password)).count() > 3;
            self.speaks_for(if many { FormKind::Registration } else { FormKind::Login }, 200);
        }
        if has(Role::Search) {
            self.speaks_for(FormKind::Search, 300);
        }
    }

    /// What the place for the message is called.
    fn message(&mut self, field: &Field) {
        let meanings = [
            (Concept::Asks, "asks"),
            (Concept::Comment, "message_comment"),
            (Concept::Judgement, "message_review"),
            (Concept::Rating, "message_review"),
        ];
        for text in [&field.label, &field.hint] {
            let words = words(text);
            for (concept, feature) in meanings {
                // "Note" is a mark in French, and a message in English.
                let doubtful = concept == Concept::Rating && Concept::Message.is_in(text);
                if let Some(phrase) = concept.find_in(&words).filter(|_| !doubtful) {
                    self.add(feature, phrase);
                }
            }
        }
    }

    /// What a question to a company does not need.
    fn other_wishes(&mut self, fields: &[Field], readings: &[Reading]) {
        let wishes = [
            (Concept::Rating, "rating", FormKind::Review),
            (Concept::Recipient, "recipient", FormKind::Friend),
            (Concept::Payment, "payment", FormKind::Checkout),
            (Concept::Birth, "birth", FormKind::Registration),
            (Concept::Guests, "guests", FormKind::Booking),
            (Concept::Booking, "books", FormKind::Booking),
        ];
        for (field, reading) in fields.iter().zip(readings) {
            let asked = !matches!(field.kind, Kind::Hidden | Kind::Submit | Kind::Image | Kind::Button | Kind::Area);
            if reading.left || !asked || matches!(reading.role, Role::Consent | Role::Marketing | Role::Copy) {
                continue;
            }
            for text in [&field.label, &field.name, &field.hint, &field.id] {
                let words = words(text);
                if words.len() > 12 {
                    continue;
                }
                for hit in hits(&words) {
                    // Who is chosen from a list is a part of the company.
                    let is_chosen = hit.concept == Concept::Recipient && matches!(field.kind, Kind::Select { .. });
                    let wish = wishes.iter().find(|(concept, ..)| *concept == hit.concept && !is_chosen);
                    if let Some((_, feature, kind)) = wish {
                        self.add(feature, hit.phrase);
                        self.speaks_for(*kind, 60);
                    }
                }
            }
        }
    }

    fn words(&mut self, around: &Words<'_>, fields: &[Field]) {
        let hidden = fields.iter().filter(|f| f.kind == Kind::Hidden).take(HIDDEN_MAX);
        let hidden: Vec<&str> =
            hidden.flat_map(|f| [f.name.as_str(), if f.value.len() <= 40 { &f.value } else { "" }]).collect();
        let is_button = |f: &&Field| matches!(f.kind, Kind::Submit | Kind::Image | Kind::Button) && f.hidden.is_none();
        let buttons = fields.iter().filter(is_button).flat_map(|f| [f.label.as_str(), f.hint.as_str()]);
        let path = around.url.path();
        let places: [(&str, Vec<&str>); 5] = [
            ("own", vec![around.own, around.action]),
            ("hidden", hidden),
            ("head", vec![around.inside, around.before]),
            ("button", buttons.take(6).collect()),
            ("page", vec![around.title, path]),
        ];
        for (place, texts) in places {
            for text in texts {
                let words = words(text);
                for hit in hits(&words) {
                    self.word(place, hit);
                }
            }
        }
    }

    fn word(&mut self, place: &str, hit: Hit) {
        // Pages send along their language and what was searched for: that says little of the form.
        let kept = !matches!(hit.concept, Concept::Search | Concept::Settings | Concept::Login);
        let place = match place {
            "hidden" if kept => "own",
            "hidden" => return,
            place => place,
        };
        match hit.concept {
            Concept::Contact => {
                let before = self.evidence.iter().any(|p| p.feature.starts_with("contact_"));
                self.add(&format!("contact_{place}"), hit.phrase);
                let places = self.evidence.iter().filter(|p| p.feature.starts_with("contact_")).count();
                if before && places == 2 {
                    self.add("contact_twice", "");
                }
            }
            Concept::Feedback => self.add(&format!("feedback_{place}"), hit.phrase),
            Concept::Valuation => self.add(&format!("valuation_{place}"), hit.phrase),
            Concept::Send if place == "button" => self.add("send_button", hit.phrase),
            concept => {
                let Some((_, name, kind)) = KINDS.iter().find(|(known, ..)| *known == concept) else { return };
                self.add(&format!("{name}_{place}"), hit.phrase);
                self.speaks_for(*kind, if place == "page" { 30 } else { 100 });
            }
        }
    }

    fn into_nature(self) -> Nature {
        let points: i32 = self.evidence.iter().map(|piece| piece.points).sum();
        let is_contact = points > 0;
        let strongest = self.kinds.iter().max_by_key(|(kind, points)| (**points, std::cmp::Reverse(**kind)));
        let kind = match strongest {
            _ if is_contact => FormKind::Contact,
            Some((kind, points)) if *points >= 60 => *kind,
            _ => FormKind::Other,
        };
        let mut telling: Vec<&Piece> =
            self.evidence.iter().filter(|p| p.feature != "start" && (p.points > 0) == is_contact).collect();
        telling.sort_by_key(|piece| -piece.points.abs());
        let reasons = telling.into_iter().take(REASONS_MAX).map(|piece| piece.why.clone()).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
        let odds = (points.abs() as f32 / 100.0).exp();
        Nature { kind, confidence: per_cent(odds / (1.0 + odds)), reasons, evidence: self.evidence, points }
    }
}

struct Weight {
    points: i32,
    words: &'static str,
}

static WEIGHTS: LazyLock<HashMap<&'static str, Weight>> = LazyLock::new(|| {
    let lines = include_str!("nature.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(parse_line).collect()
});

#[expect(clippy::cast_possible_truncation, reason = "points are small")]
fn parse_line(line: &'static str) -> Option<(&'static str, Weight)> {
    let mut parts = line.splitn(3, ' ');
    let (feature, points, words) = (parts.next()?, parts.next()?, parts.next()?);
    let points: f32 = points.parse().ok()?;
    Some((feature, Weight { points: (points * 100.0).round() as i32, words }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_the_weights_is_read_and_each_kind_has_its_features() {
        let lines = include_str!("nature.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(WEIGHTS.len(), lines);
        for (_, name, _) in KINDS {
            for place in ["own", "head", "button"] {
                assert!(WEIGHTS.contains_key(format!("{name}_{place}").as_str()), "{name}_{place}");
            }
        }
    }
}
