//! What is a field for, how sure is that, and why? Each thing that is written about a field is
//! evidence for a role; what speaks for the same role adds up.

use super::captcha::is_sum;
use super::page::{Choice, Field, Kind};
use super::roles::Role;
use super::settle;
use crate::lexicon::form_words::{Concept, Hit, hits, words};

/// What was understood of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it is for.
    pub role: Role,
    /// How sure that is, in per cent.
    pub confidence: u8,
    /// Why, in words; the strongest reason first.
    pub reasons: Vec<String>,
    /// Whether it must be filled.
    pub required: bool,
    /// Most characters it takes.
    pub maxlength: Option<usize>,
    /// Whether it is never written into, whatever its role: people do not see it.
    pub left: bool,
}

impl Reading {
    /// The role that decides what is written into the field.
    pub const fn role_to_fill(&self) -> Role {
        if self.left { Role::Honeypot } else { self.role }
    }

    /// Gives it another role, for a reason that only the other fields show.
    pub(super) fn becomes(&mut self, role: Role, confidence: u8, reason: &str) {
        self.role = role;
        self.confidence = confidence;
        self.reasons.insert(0, reason.to_owned());
    }
}

/// Reads the fields of a form, each by itself and then by the others.
pub fn read(fields: &[Field]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = fields.iter().map(alone).collect();
    settle::together(fields, &mut readings);
    readings
}

/// A field's reading, as far as it can be told without the others.
fn alone(field: &Field) -> Reading {
    let (role, confidence, mut reasons) = match &field.kind {
        Kind::Hidden => (Role::Hidden, 100, vec!["it is hidden and sent as it is".to_owned()]),
        Kind::Submit | Kind::Image | Kind::Button => (Role::Button, 100, vec!["it is a button".to_owned()]),
        Kind::Password if !field.is_trap => (Role::Password, 99, vec!["its type is password".to_owned()]),
        _ if field.is_trap => (Role::Honeypot, 95, vec![trap_reason(field)]),
        _ => weigh(field),
    };
    let left = field.hidden.is_some() || role == Role::Honeypot;
    if let Some(why) = field.hidden.filter(|_| role != Role::Honeypot) {
        reasons.push(format!("left alone: people do not see it ({why})"));
    }
    Reading { role, confidence, reasons, required: field.required, maxlength: field.maxlength, left }
}

fn trap_reason(field: &Field) -> String {
    let texts = [("label", &field.label), ("name", &field.name), ("id", &field.id), ("hint", &field.hint)];
    let said = texts.iter().find_map(|(what, text)| Some((what, Concept::Honeypot.find(text)?)));
    match (field.hidden, said) {
        (Some(why), _) => format!("people do not see it ({why}), robots do"),
        (None, Some((what, phrase))) => format!("its {what} says \"{phrase}\""),
        (None, None) => "its class is that of a trap".to_owned(),
    }
}

/// What speaks for a role less than this says nothing.
const SURE_MIN: f32 = 0.15;

/// A reason to give a field a role.
struct Evidence {
    role: Role,
    /// How often such a reason is right by itself.
    weight: f32,
    reason: Reason,
}

/// A reason before it is put into words.
enum Reason {
    Says(&'static str, &'static str),
    Is(&'static str),
}

impl Reason {
    fn in_words(&self) -> String {
        match self {
            Self::Says(what, phrase) => format!("its {what} says \"{phrase}\""),
            Self::Is(fact) => (*fact).to_owned(),
        }
    }
}

/// The role for which most speaks.
fn weigh(field: &Field) -> (Role, u8, Vec<String>) {
    let mut evidence: Vec<Evidence> = by_kind(field).into_iter().chain(by_autocomplete(field)).collect();
    if let Kind::Select { options, .. } = &field.kind {
        evidence.extend(by_options(options));
    }
    let is_box = matches!(field.kind, Kind::Checkbox { .. } | Kind::Radio { .. });
    evidence.extend(if is_box { by_box(field) } else { by_words(field) });
    let mut doubts: Vec<(Role, f32)> = Vec::new();
    for e in &evidence {
        let fits = e.weight * fitness(&field.kind, e.role);
        match doubts.iter_mut().find(|(role, _)| *role == e.role) {
            Some((_, doubt)) => *doubt *= 1.0 - fits,
            None => doubts.push((e.role, 1.0 - fits)),
        }
    }
    doubts.retain(|(_, doubt)| *doubt < 1.0 - SURE_MIN);
    doubts.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some((role, doubt)) = doubts.first().copied() else {
        return (Role::Unknown, 0, vec!["nothing on the page says what it is for".to_owned()]);
    };
    let rival = doubts.get(1).map_or(0.0, |(_, doubt)| 1.0 - doubt);
    let sure = (1.0 - doubt) * (1.0 - 0.4 * rival);
    let mut reasons: Vec<&Evidence> = evidence.iter().filter(|e| e.role == role).collect();
    reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    (role, per_cent(sure), reasons.into_iter().take(3).map(|e| e.reason.in_words()).collect())
}

/// A share from 0 to 1 as per cent, never quite sure.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=99")]
pub(super) fn per_cent(share: f32) -> u8 {
    (share * 100.0).round().clamp(0.0, 99.0) as u8
}

fn by_kind(field: &Field) -> Option<Evidence> {
    let (role, weight, fact) = match (&field.kind, field.typed.as_str()) {
        (Kind::Email, _) => (Role::Email, 0.95, "its type is email"),
        (Kind::Phone, _) => (Role::Phone, 0.9, "its type is tel"),
        (Kind::File, _) => (Role::File, 0.98, "its type is file"),
        (_, "url") => (Role::Website, 0.9, "its type is url"),
        (_, "search") => (Role::Search, 0.95, "its type is search"),
        (_, "date" | "month" | "week" | "time" | "datetime-local") => (Role::Date, 0.95, "its type is a date or time"),
        (Kind::Area, _) => (Role::Message, 0.45, "it is a large box"),
        _ => return None,
    };
    Some(Evidence { role, weight, reason: Reason::Is(fact) })
}

/// The HTML standard's names for what browsers fill in.
fn by_autocomplete(field: &Field) -> Option<Evidence> {
    let role = match field.autocomplete.split_whitespace().last()? {
        "name" => Role::Name,
        "given-name" => Role::FirstName,
        "family-name" => Role::LastName,
        "honorific-prefix" => Role::Salutation,
        "email" => Role::Email,
        "tel" | "tel-national" | "tel-local" => Role::Phone,
        "organization" => Role::Company,
        "street-address" | "address-line1" | "address-line2" => Role::Street,
        "postal-code" => Role::Postcode,
        "address-level2" => Role::City,
        "address-level1" => Role::Region,
        "country" | "country-name" => Role::Country,
        "username" | "nickname" => Role::Username,
        "url" => Role::Website,
        "bday" => Role::Date,
        "cc-name" | "cc-number" | "cc-exp" | "cc-csc" | "organization-title" | "one-time-code" => Role::Other,
        _ => return None,
    };
    Some(Evidence { role, weight: 0.93, reason: Reason::Is("its autocomplete says so") })
}

/// What a list's options show.
fn by_options(options: &[Choice]) -> Option<Evidence> {
    let short = || options.iter().take(60).map(|o| words(&o.text)).filter(|words| words.len() <= 3);
    let count = |concept: Concept| short().filter(|words| concept.find_in(words).is_some()).count();
    let (titles, months) = (count(Concept::Honorific), count(Concept::MonthName));
    let (role, weight, fact) = if options.len() <= 12 && titles >= 2 {
        (Role::Salutation, 0.9, "it chooses between forms of address")
    } else if options.len() >= 20 && count(Concept::CountryName) >= 2 {
        (Role::Country, 0.8, "it is a list of countries")
    } else if months >= 6 || (options.len() >= 28 && numbers(options) * 10 >= options.len() * 9) {
        (Role::Date, 0.7, "it is a list of days, months or years")
    } else {
        return None;
    };
    Some(Evidence { role, weight, reason: Reason::Is(fact) })
}

fn numbers(options: &[Choice]) -> usize {
    options.iter().filter(|o| o.text.trim().parse::<u32>().is_ok()).count()
}

/// What is written about a field, and how far to trust it.
fn texts(field: &Field) -> [(&'static str, &str, f32); 6] {
    // A few words right before a field are its label, tied to it or not.
    let label = match (field.labelled, field.label.split(' ').count()) {
        (true, _) => 0.9,
        (false, 0..=6) => 0.86,
        (false, _) => 0.7,
    };
    [
        ("label", field.label.as_str(), label),
        ("hint", &field.hint, 0.8),
        ("name", &field.name, 0.82),
        // Programmers give both the same name.
        ("id", &field.id, if field.name.is_empty() { 0.8 } else { 0.2 }),
        ("group", &field.group, 0.3),
        ("class", &field.class, 0.3),
    ]
}

fn by_words(field: &Field) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (what, text, weight) in texts(field) {
        if text.is_empty() || weight == 0.0 {
            continue;
        }
        if is_sum(text) {
            evidence.push(Evidence { role: Role::Captcha, weight: 0.95, reason: Reason::Is("it asks for a sum") });
            continue;
        }
        if what == "hint" && is_address(text) {
            evidence.push(Evidence {
                role: Role::Email,
                weight,
                reason: Reason::Is("its hint shows an e-mail address"),
            });
            continue;
        }
        let words = words(text);
        // A long text says more than what the field is for; a paragraph before it mostly nothing of it.
        let is_paragraph = what == "label" && !field.labelled && words.len() > 20;
        let weight = match words.len() {
            _ if is_paragraph => weight * 0.2,
            0..=12 => weight,
            _ => weight * 0.6,
        };
        let mut found = outermost(&words);
        // "order[customer][email]": the last word of a name counts, the first words of a sentence.
        let is_code = matches!(what, "name" | "id" | "class");
        if is_code {
            found.reverse();
        }
        let is_vague = |c: Concept| matches!(c, Concept::Name | Concept::Username | Concept::Address);
        let specific = found.iter().any(|hit| !is_vague(hit.concept));
        let of_company = found.iter().any(|hit| is_of_company(hit.concept));
        for (place, hit) in found.into_iter().enumerate() {
            let Some(role) = Role::of(hit.concept) else { continue };
            if what == "class" && !tells_in_class(role) {
                continue;
            }
            let mut share = if place == 0 {
                1.0
            } else if is_code {
                0.6
            } else {
                0.8
            };
            // "Name of your company" asks for no name; `user_name` may ask for either.
            if (matches!(hit.concept, Concept::Name | Concept::Address) && specific)
                || (hit.concept == Concept::Company && of_company)
                || (hit.concept == Concept::Username && is_code)
            {
                share *= 0.7;
            }
            let reason = Reason::Says(what, hit.phrase);
            let trust = trust(hit.concept, hit.length == words.len());
            evidence.push(Evidence { role, weight: weight * share * trust, reason });
        }
    }
    evidence
}

/// "Business e-mail", "company phone".
const fn is_of_company(concept: Concept) -> bool {
    matches!(concept, Concept::Email | Concept::Phone | Concept::Website | Concept::Street | Concept::City)
}

/// "name@example.com".
fn is_address(text: &str) -> bool {
    let mut words = text.split([' ', ',', ';', ':', '(', ')', '"']);
    words.any(|word| word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.')))
}

/// Classes speak of how a field looks as well.
const fn tells_in_class(role: Role) -> bool {
    matches!(role, Role::Email | Role::Phone | Role::FirstName | Role::LastName | Role::Captcha | Role::Company)
}

/// The phrases of a text that are no part of a longer one, each role once.
fn outermost(words: &[String]) -> Vec<Hit> {
    let all: Vec<Hit> = hits(words).filter(|hit| Role::of(hit.concept).is_some()).take(40).collect();
    let inside = |a: &Hit, b: &Hit| {
        let longer = a.length < b.length || (a.concept == Concept::Email && b.concept == Concept::EmailAgain);
        longer && a.start >= b.start && a.start + a.length <= b.start + b.length
    };
    let mut kept: Vec<Hit> = Vec::new();
    for hit in all.iter().filter(|hit| !all.iter().any(|other| inside(hit, other))) {
        if !kept.iter().any(|k| Role::of(k.concept) == Role::of(hit.concept)) {
            kept.push(*hit);
        }
    }
    kept
}

/// Words that are met beside other fields too are trusted less, unless nothing else is said.
const fn trust(concept: Concept, is_all: bool) -> f32 {
    match concept {
        Concept::Name if is_all => 0.88,
        _ if is_all => 1.0,
        Concept::Name | Concept::Message | Concept::Address | Concept::Other | Concept::Date => 0.85,
        Concept::Subject | Concept::Search | Concept::Username | Concept::Region | Concept::Attachment => 0.9,
        _ => 1.0,
    }
}

/// How well a role fits what a control takes: a list to choose from holds no message.
#[expect(clippy::match_same_arms, reason = "a table, by kind of control")]
const fn fitness(kind: &Kind, role: Role) -> f32 {
    match (kind, role) {
        (Kind::Area, Role::Message | Role::Captcha | Role::Other) => 1.0,
        (Kind::Area, Role::Street) => 0.8,
        (Kind::Area, _) => 0.2,
        (Kind::Select { .. }, Role::Message) => 0.8,
        (
            Kind::Select { .. },
            Role::Subject
            | Role::Salutation
            | Role::Country
            | Role::Region
            | Role::City
            | Role::Date
            | Role::Captcha
            | Role::Company
            | Role::Other,
        ) => 1.0,
        (Kind::Select { .. }, _) => 0.1,
        (Kind::Email, Role::Email | Role::EmailAgain | Role::Captcha) => 1.0,
        (Kind::Email, _) => 0.3,
        (Kind::Phone, Role::Phone | Role::Other | Role::Captcha | Role::Postcode | Role::Reference) => 1.0,
        (Kind::Phone, _) => 0.5,
        (Kind::Special, Role::Name | Role::FirstName | Role::LastName | Role::Message | Role::Subject) => 0.2,
        (Kind::File, Role::File) => 1.0,
        (Kind::File, _) => 0.1,
        (_, Role::File) => 0.1,
        (Kind::Text, Role::Message) => 0.8,
        _ => 1.0,
    }
}

fn by_box(field: &Field) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    let of_group = if matches!(field.kind, Kind::Radio { .. }) { 0.85 } else { 0.5 };
    let own = [
        ("label", &field.label, 0.9),
        ("name", &field.name, 0.8),
        ("id", &field.id, 0.6),
        ("group", &field.group, of_group),
    ];
    for (what, text, weight) in own {
        let words = words(text);
        for hit in hits(&words) {
            let role = match hit.concept {
                Concept::Copy => Role::Copy,
                // A box that wants both is advertising: it is better left than ticked.
                Concept::Marketing => Role::Marketing,
                Concept::Privacy => Role::Consent,
                Concept::Captcha => Role::Captcha,
                Concept::Salutation | Concept::Honorific if matches!(field.kind, Kind::Radio { .. }) => {
                    Role::Salutation
                }
                Concept::Subject if matches!(field.kind, Kind::Radio { .. }) && what != "label" => Role::Subject,
                _ => continue,
            };
            let weight = if role == Role::Copy {
                0.97
            } else if role == Role::Marketing {
                weight + 0.06
            } else {
                weight
            };
            if !evidence
                .iter()
                .any(|e: &Evidence| e.role == role && matches!(e.reason, Reason::Says(w, _) if w == what))
            {
                evidence.push(Evidence { role, weight, reason: Reason::Says(what, hit.phrase) });
            }
        }
    }
    evidence
}
