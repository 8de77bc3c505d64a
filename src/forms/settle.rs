//! What does a form as a whole say about what each of its fields is for?

use super::page::{Field, Kind};
use super::reading::Reading;
use super::roles::Role;
use crate::lexicon::form_words::Concept;

/// Corrects the readings by one another.
pub fn together(fields: &[Field], readings: &mut [Reading]) {
    search(fields, readings);
    title(fields, readings);
    message(fields, readings);
    subject(fields, readings);
    names(fields, readings);
    emails(fields, readings);
    username(fields, readings);
}

/// The line right before a password is a name to log in with, where no address is.
fn username(fields: &[Field], readings: &mut [Reading]) {
    let Some(password) = places(readings, Role::Password).first().copied() else { return };
    let typed = |i: &usize| matches!(fields[*i].kind, Kind::Text) && !readings[*i].left;
    if let Some(before) = (0..password).rev().find(typed)
        && matches!(readings[before].role, Role::Unknown | Role::Name | Role::Other)
        && places(readings, Role::Username).is_empty()
    {
        readings[before].becomes(Role::Username, 60, "it stands right before a password");
    }
}

/// Who searches leaves no address: a "query" beside an e-mail address or telephone number is a question.
fn search(fields: &[Field], readings: &mut [Reading]) {
    let addressed = [Role::Email, Role::Phone].iter().any(|role| !places(readings, *role).is_empty());
    let is_typed = |i: &usize| fields[*i].typed == "search";
    for i in places(readings, Role::Search).into_iter().filter(|i| addressed && !is_typed(i)) {
        let asks = [&fields[i].label, &fields[i].hint].iter().any(|text| Concept::Asks.is_in(text));
        let (role, why) = if asks {
            (Role::Message, "it is a question beside an address")
        } else {
            (Role::Unknown, "a search asks for no address")
        };
        readings[i].becomes(role, 60, why);
    }
}

/// "Title" is a form of address before a name, a position in a company after it, else the subject.
fn title(fields: &[Field], readings: &mut [Reading]) {
    let is_name = |r: &Reading| matches!(r.role, Role::Name | Role::FirstName | Role::LastName);
    let Some(first) = readings.iter().position(|r| is_name(r) && !r.left) else { return };
    let has_subject = |but: usize, readings: &[Reading]| places(readings, Role::Subject).iter().any(|i| *i != but);
    for i in places(readings, Role::Subject) {
        let says = [&fields[i].label, &fields[i].hint, &fields[i].name];
        let says = says.into_iter().find(|text| !text.trim().is_empty());
        if !says.is_some_and(|text| Concept::Title.is_in(text)) || fields[i].kind == Kind::Area {
            continue;
        }
        if i + 1 == first {
            readings[i].becomes(Role::Salutation, 60, "a title before a name");
        } else if i > first && (!places(readings, Role::Company).is_empty() || has_subject(i, readings)) {
            readings[i].becomes(Role::Other, 60, "a title beside a company is a position in it");
        }
    }
}

/// Places of the fields with that role that a person sees.
fn places(readings: &[Reading], role: Role) -> Vec<usize> {
    (0..readings.len()).filter(|i| readings[*i].role == role && !readings[*i].left).collect()
}

/// A form has one message: the large box before a line of text; the only large box whatever it is called.
fn message(fields: &[Field], readings: &mut [Reading]) {
    let is_area = |i: &usize| fields[*i].kind == Kind::Area;
    let messages = places(readings, Role::Message);
    let areas: Vec<usize> = messages.iter().copied().filter(is_area).collect();
    let best = areas.iter().copied().max_by_key(|i| (readings[*i].confidence, std::cmp::Reverse(*i)));
    if let Some(best) = best {
        for i in areas.into_iter().filter(|i| *i != best) {
            readings[i].becomes(Role::Other, 50, "another box is the message");
        }
    }
    for i in messages.into_iter().filter(|i| !is_area(i)) {
        let chooses = matches!(fields[i].kind, Kind::Select { .. });
        if best.is_some() || chooses {
            let sure = readings[i].confidence.saturating_sub(15);
            readings[i].becomes(Role::Subject, sure, "the message has a box of its own");
        }
    }
    if best.is_none() {
        let areas: Vec<usize> = (0..fields.len()).filter(is_area).filter(|i| !readings[*i].left).collect();
        let open = |i: &usize| matches!(readings[*i].role, Role::Unknown | Role::Other);
        if let [only] = areas[..]
            && open(&only)
        {
            readings[only].becomes(Role::Message, 60, "it is the only large box");
        }
    }
}

/// Of several subjects those stay that are called so most clearly.
fn subject(fields: &[Field], readings: &mut [Reading]) {
    let subjects = places(readings, Role::Subject);
    let best = subjects.iter().map(|i| readings[*i].confidence).max().unwrap_or_default();
    for i in subjects {
        let same_radio = matches!(fields[i].kind, Kind::Radio { .. });
        if !same_radio && readings[i].confidence + 25 < best {
            readings[i].becomes(Role::Unknown, 30, "another field is the subject");
        }
    }
}

/// "Nome" beside "Cognome" is the first name; "Name" beside "Vorname" is the last.
fn names(_fields: &[Field], readings: &mut [Reading]) {
    let [whole, first, last] = [Role::Name, Role::FirstName, Role::LastName].map(|role| places(readings, role));
    let (role, why) = match (first.is_empty(), last.is_empty()) {
        (true, false) => (Role::FirstName, "the last name has a field of its own"),
        (false, true) => (Role::LastName, "the first name has a field of its own"),
        (true, true) | (false, false) => return,
    };
    let beside = first.first().or(last.first()).copied().unwrap_or_default();
    if let Some(name) = whole.into_iter().min_by_key(|i| i.abs_diff(beside)) {
        let sure = readings[name].confidence;
        readings[name].becomes(role, sure, why);
    }
}

/// A second address right after the first, or a required one, is the same once more.
fn emails(fields: &[Field], readings: &mut [Reading]) {
    let places = places(readings, Role::Email);
    let typed = |i: usize| !matches!(fields[i].kind, Kind::Hidden | Kind::Submit | Kind::Image | Kind::Button);
    for pair in places.windows(2) {
        let [before, this] = [pair[0], pair[1]];
        let adjacent = (before + 1..this).all(|i| !typed(i) || readings[i].left);
        if adjacent || fields[this].required {
            readings[this].becomes(Role::EmailAgain, 60, "it is a second address");
        } else {
            let sure = readings[this].confidence / 2;
            readings[this].becomes(Role::Email, sure, "it is a second address, perhaps another one");
        }
    }
}
