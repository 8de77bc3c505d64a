//! What is each field of a form for?

use super::page::{Field, Form, Kind};
use crate::lexicon::form_words::{Concept, words};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// First and last name.
    Name,
    /// First name.
    FirstName,
    /// Family name.
    LastName,
    /// E-mail address.
    Email,
    /// E-mail address once more.
    EmailAgain,
    /// Telephone number.
    Phone,
    /// Subject.
    Subject,
    /// The message.
    Message,
    /// Agreement to privacy terms.
    Consent,
    /// Agreement to advertising: never given.
    Marketing,
    /// A trap for robots: never filled.
    Honeypot,
    /// A password: never filled.
    Password,
    /// A proof that a person fills the form.
    Captcha,
    /// A file.
    File,
    /// Known by name, but nothing that a question has: company, postal address, date.
    Other,
    /// A button.
    Button,
    /// Sent as it is.
    Hidden,
    /// Not understood.
    Unknown,
}

impl Role {
    /// The role of a name in YAML: `name`, `email`, `phone`, `subject`, `message`, `consent`, …
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "subject" => Self::Subject,
            "message" => Self::Message,
            "consent" => Self::Consent,
            _ => return None,
        })
    }
}

/// The roles of a form's fields, in their order.
pub fn roles(form: &Form) -> Vec<Role> {
    let mut roles: Vec<Role> = form.fields.iter().map(role).collect();
    settle_message(form, &mut roles);
    settle_names(&mut roles);
    settle_emails(form, &mut roles);
    roles
}

/// A field's role, as far as it can be told without the others.
fn role(field: &Field) -> Role {
    match &field.kind {
        Kind::Hidden => return Role::Hidden,
        Kind::Submit | Kind::Image | Kind::Button => return Role::Button,
        Kind::Password => return Role::Password,
        _ if is_honeypot(field) => return Role::Honeypot,
        Kind::File => return Role::File,
        Kind::Checkbox { .. } | Kind::Radio { .. } => return box_role(field),
        Kind::Text | Kind::Email | Kind::Phone | Kind::Special | Kind::Area | Kind::Select { .. } => {}
    }
    let texts = [&field.label, &field.name, &field.id, &field.hint];
    if field.kind == Kind::Email {
        let again = texts.iter().any(|text| Concept::EmailAgain.is_in(text));
        return if again { Role::EmailAgain } else { Role::Email };
    }
    let told = by_autocomplete(field).or_else(|| texts.iter().find_map(|text| by_words(field, text)));
    match (&field.kind, told) {
        (Kind::Phone, None | Some(Role::Other)) => Role::Phone,
        (_, told) => told.unwrap_or(Role::Unknown),
    }
}

fn is_honeypot(field: &Field) -> bool {
    field.hidden.is_some()
        || [&field.label, &field.name, &field.id, &field.hint].iter().any(|t| Concept::Honeypot.is_in(t))
}

fn box_role(field: &Field) -> Role {
    let texts = [format!("{} {}", field.group, field.label), format!("{} {}", field.name, field.id)];
    // A box that wants both is advertising.
    if texts.iter().any(|t| Concept::Marketing.is_in(t)) {
        return Role::Marketing;
    }
    if texts.iter().any(|t| Concept::Privacy.is_in(t)) {
        return Role::Consent;
    }
    if texts.iter().any(|t| Concept::Captcha.is_in(t)) { Role::Captcha } else { Role::Unknown }
}

/// The HTML standard's names for what browsers fill in.
fn by_autocomplete(field: &Field) -> Option<Role> {
    match field.autocomplete.split_whitespace().last()? {
        "name" => Some(Role::Name),
        "given-name" => Some(Role::FirstName),
        "family-name" => Some(Role::LastName),
        "email" => Some(Role::Email).filter(|_| !Concept::EmailAgain.is_in(&field.label)),
        "tel" | "tel-national" => Some(Role::Phone),
        "organization" | "street-address" | "address-line1" | "postal-code" | "country" | "country-name" => {
            Some(Role::Other)
        }
        _ => None,
    }
}

/// The first concept that the words speak of; where several do, the more special one comes first.
fn by_words(field: &Field, text: &str) -> Option<Role> {
    let words = words(text);
    let order = [
        (Concept::Captcha, Role::Captcha),
        (Concept::EmailAgain, Role::EmailAgain),
        (Concept::Email, Role::Email),
        (Concept::Phone, Role::Phone),
        (Concept::FullName, Role::Name),
        (Concept::FirstName, Role::FirstName),
        (Concept::LastName, Role::LastName),
        (Concept::Subject, Role::Subject),
        (Concept::Message, Role::Message),
        (Concept::Other, Role::Other),
        (Concept::Name, Role::Name),
    ];
    // "Your message (no e-mail addresses please)" beside a large box is the message; a list to
    // choose from holds no message, address or name.
    let fits = |role: Role| match field.kind {
        Kind::Area => matches!(role, Role::Message | Role::Captcha | Role::Other),
        Kind::Select { .. } => matches!(role, Role::Subject | Role::Message | Role::Captcha | Role::Other),
        Kind::Special => matches!(role, Role::Captcha | Role::Phone | Role::Other),
        _ => true,
    };
    let found = order.into_iter().find(|(concept, role)| fits(*role) && concept.find_in(&words).is_some());
    let (_, role) = found?;
    // A list called "your request" chooses among subjects.
    Some(if role == Role::Message && matches!(field.kind, Kind::Select { .. }) { Role::Subject } else { role })
}

/// A form has one message: the large box before a line of text; the only large box whatever it is called.
fn settle_message(form: &Form, roles: &mut [Role]) {
    let is_area = |i: &usize| form.fields[*i].kind == Kind::Area;
    let messages: Vec<usize> = (0..roles.len()).filter(|i| roles[*i] == Role::Message).collect();
    if messages.iter().any(is_area) {
        for i in messages.into_iter().filter(|i| !is_area(i)) {
            roles[i] = Role::Subject;
        }
        if roles.iter().filter(|r| **r == Role::Subject).count() > 1 {
            keep_named_subject(form, roles);
        }
    } else {
        let areas: Vec<usize> =
            (0..roles.len()).filter(is_area).filter(|i| matches!(roles[*i], Role::Unknown | Role::Other)).collect();
        if let [only] = areas[..] {
            roles[only] = Role::Message;
        }
    }
}

/// Of several subjects those stay that are called so.
fn keep_named_subject(form: &Form, roles: &mut [Role]) {
    let named = |f: &Field| Concept::Subject.is_in(&f.label) || Concept::Subject.is_in(&f.name);
    if !form.fields.iter().zip(roles.iter()).any(|(f, r)| *r == Role::Subject && named(f)) {
        return;
    }
    for (field, role) in form.fields.iter().zip(roles.iter_mut()) {
        if *role == Role::Subject && !named(field) {
            *role = Role::Unknown;
        }
    }
}

/// "Nome" beside "Cognome" is the first name; "Name" beside "Vorname" is the last.
fn settle_names(roles: &mut [Role]) {
    let (has_first, has_last) = (roles.contains(&Role::FirstName), roles.contains(&Role::LastName));
    let plain = match (has_first, has_last) {
        (false, true) => Role::FirstName,
        (true, false) => Role::LastName,
        (false, false) | (true, true) => return,
    };
    if let Some(name) = roles.iter_mut().find(|r| **r == Role::Name) {
        *name = plain;
    }
}

/// A second required address is the same once more.
fn settle_emails(form: &Form, roles: &mut [Role]) {
    let emails = (0..roles.len()).filter(|i| roles[*i] == Role::Email);
    for i in emails.skip(1).collect::<Vec<_>>() {
        roles[i] = if form.fields[i].required { Role::EmailAgain } else { Role::Unknown };
    }
}
