//! Replies in five languages and all that they seem to be, and what does not depend on any language.

use super::*;
use crate::intake::{Index, read};
use crate::model::fixtures;
use crate::model::inbound::RawFormat;
use crate::model::study::Question;
use crate::model::time::Stamp;
use serde::Deserialize;

/// A reply of the cases, and all that it seems to be; a tone only where it is given.
#[derive(Debug, Deserialize)]
struct Case {
    text: String,
    seems: Vec<String>,
}

/// Two questions of one company, open on working days, in a study in that language.
fn plan(language: &str, answer_has: &str) -> Plan {
    fixtures::plan(&[Channel::Email, Channel::Facebook, Channel::Email], |plan| {
        plan.study.language = language.to_owned();
        let question = |id: &str| Question {
            id: id.parse().unwrap(),
            intent: None,
            subject: String::new(),
            wordings: Vec::new(),
            answer_has: vec![answer_has.to_owned()],
            if_asked_back: None,
            reminder: None,
        };
        plan.study.questions = vec![question("glutine"), question("other")];
        plan.study.companies[0].hours = Some("Mo-Fr 09:00-18:00; PH off".to_owned());
        let company = plan.study.companies[0].id.clone();
        plan.inquiries.iter_mut().for_each(|i| i.company = company.clone());
        plan.inquiries[2].question = "other".parse().unwrap();
    })
}

/// Replies that come one after the other.
struct Desk {
    plan: Plan,
    suggester: Suggester,
    came: u32,
}

impl Desk {
    fn new(language: &str, answer_has: &str) -> Self {
        let plan = plan(language, answer_has);
        Self { suggester: Suggester::new(&plan), plan, came: 0 }
    }

    fn comes(&mut self, inquiry: usize, text: &str) -> Answer {
        self.comes_at(inquiry, text, "2026-03-02T10:00:00Z")
    }

    fn comes_at(&mut self, inquiry: usize, text: &str, at: &str) -> Answer {
        self.came += 1;
        let raw = format!("From: info@ditta0.example\nContent-Type: text/plain; charset=utf-8\n\n{text}\n");
        let received = at.parse().unwrap();
        let reading = read(raw.as_bytes(), RawFormat::Mail, Stamp::server(received), &Index::new(&self.plan));
        let planned = &self.plan.inquiries[inquiry];
        let reply = Reply { inbound: InboundId(self.came), planned, via: planned.channel, received, reading: &reading };
        self.suggester.suggest(&self.plan, reply)
    }
}

/// What a reply seems to be, as the cases write it.
fn seems(answer: &Answer, with_tone: bool) -> Vec<String> {
    let s = &answer.suggestions;
    let mut all: Vec<String> = s.adequacy.iter().map(|a| format!("adequacy={}", a.is.name())).collect();
    all.extend(s.sends_to.iter().map(|to| format!("sends_to={}", to.is)));
    all.extend(s.promise.iter().map(|p| match p.is.due {
        Some(due) => format!("promise={}", due.format("%Y-%m-%dT%H:%M:%SZ")),
        None => "promise".to_owned(),
    }));
    all.extend(s.marks.iter().map(|m| m.is.name().to_owned()));
    all.extend(s.tone.iter().filter(|_| with_tone).map(|t| format!("tone={}", t.is.name())));
    all
}

fn cases(language: &str, answer_has: &str, yaml: &str) {
    let cases: Vec<Case> = serde_yaml::from_str(yaml).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let answer = Desk::new(language, answer_has).comes(0, &case.text);
        let with_tone = case.seems.iter().any(|s| s.starts_with("tone="));
        let seems = seems(&answer, with_tone);
        if seems != case.seems {
            wrong.push(format!(
                "{:?}\n  is      {seems:?}\n  not     {:?}\n  because {:?}",
                case.text, case.seems, answer.because
            ));
        }
    }
    assert!(cases.len() > 15 && wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn english() {
    cases("en", "a price", include_str!("../../../tests/answers/en.yaml"));
}

#[test]
fn italian() {
    cases("it", "sì o no", include_str!("../../../tests/answers/it.yaml"));
}

#[test]
fn german() {
    cases("de", "ja oder nein", include_str!("../../../tests/answers/de.yaml"));
}

#[test]
fn french() {
    cases("fr", "oui ou non", include_str!("../../../tests/answers/fr.yaml"));
}

#[test]
fn spanish() {
    cases("es", "sí o no", include_str!("../../../tests/answers/es.yaml"));
}

#[test]
fn a_promise_ends_in_the_company_s_own_days() {
    for (text, at, due) in [
        // A Friday afternoon: Saturday is closed.
        ("We will call you tomorrow.", "2026-03-06T15:00:00Z", "2026-03-09T22:59:59Z"),
        ("We will call you within two working days.", "2026-03-06T15:00:00Z", "2026-03-10T22:59:59Z"),
        ("We will call you within 48 hours.", "2026-03-06T15:00:00Z", "2026-03-08T15:00:00Z"),
        // Open until 18:00 in Rome: one hour is left, the rest is Monday's.
        ("We will call you within 4 business hours.", "2026-03-06T16:00:00Z", "2026-03-09T11:00:00Z"),
        // Late in the evening by UTC it is the next day in Rome; Easter Monday is a holiday.
        ("We will call you today.", "2026-03-03T23:30:00Z", "2026-03-04T22:59:59Z"),
        ("We will call you tomorrow.", "2026-04-03T10:00:00Z", "2026-04-07T21:59:59Z"),
        ("We will call you next week.", "2026-03-03T10:00:00Z", "2026-03-15T22:59:59Z"),
        ("We will call you by 5 January.", "2026-03-03T10:00:00Z", "2027-01-05T22:59:59Z"),
    ] {
        let answer = Desk::new("en", "a price").comes_at(0, text, at);
        let is = answer.suggestions.promise.and_then(|p| p.is.due);
        assert_eq!(is, Some(due.parse().unwrap()), "{text} at {at}");
    }
}

#[test]
fn nearly_the_same_text_to_another_question_is_ready_made() {
    let text = |name: &str, n: u32| {
        format!(
            "Dear {name}, we are a family business with {n} years of experience, and our team looks forward to your visit to our shop in the old town centre."
        )
    };
    let mut desk = Desk::new("en", "a price");
    assert_eq!(desk.comes(0, &text("Enrico", 40)).suggestions.like, None);
    let same = desk.comes(1, &text("customer", 41)).suggestions;
    let other = desk.comes(2, &text("Enrico Riva", 42)).suggestions;
    assert_eq!((same.like, other.like.is_some()), (Some(InboundId(1)), true));
    assert!(other.mark(Mark::Canned) > same.mark(Mark::Canned));
    let fresh = desk.comes(2, "We looked this up for you in the warehouse today, and the biscuits that you mean cost three euros a packet at the moment.");
    assert_eq!(fresh.suggestions.like, None);
}

#[test]
fn the_same_name_on_two_channels_is_noticed() {
    let mut desk = Desk::new("en", "a price");
    let text = |first: &str| format!("{first} biscuits are sold in shops only.\n\nKind regards,\nLaura Bianchi");
    assert_eq!(desk.comes(0, &text("Our")).suggestions.mark(Mark::SuspectsTest), None);
    assert!(desk.comes(1, &text("These")).suggestions.mark(Mark::SuspectsTest).is_some());
}

#[test]
fn many_replies_of_one_company_are_held_against_it_in_bounded_memory() {
    let mut desk = Desk::new("en", "a price");
    for n in 0..2_500 {
        let word = |k: u32| char::from(b'a' + u8::try_from((n * 7 + k * k) % 26).unwrap());
        let words: Vec<String> = (0..12).map(|k| format!("{}{}{n}x{k}", word(k), word(k + 3))).collect();
        desk.comes(0, &words.join(" "));
    }
    let again = "This text comes once more after very many others, and it says that nothing is sold here.";
    let first = desk.comes(0, again);
    assert!(first.suggestions.like.is_none() && desk.comes(0, again).suggestions.like.is_some());
}

#[test]
fn what_an_answer_contains_is_said_in_a_small_language() {
    for (item, text, holds) in [
        ("a price", "Costa 480 euro.", true),
        ("cifra o intervallo", "Tra 400 e 500.", true),
        ("prezzo", "Chiami lo 02 1234567.", false),
        ("number", "Call 02 1234567.", false),
        ("price", "It is free of charge.", true),
        ("opening hours", "Aperto dalle 9:30.", true),
        ("gluten* | wheat", "Enthält Weizen und Glutenspuren.", true),
        ("gluten* | wheat", "Enthält Nüsse.", false),
        ("in stock", "It is in stock.", true),
        ("a date", "Arriva il 12 marzo.", true),
        ("link", "See https://alfa.example/faq", true),
    ] {
        let answer = Desk::new("en", item).comes(0, text);
        assert_eq!(answer.suggestions.has, [holds], "{item} in {text}");
    }
}

proptest::proptest! {
    /// Strangers' words: no text makes it fail, and what is shown are words of the text, bounded.
    #[test]
    fn any_text_is_judged(text in "(\\PC|\\n|[0-9]{1,9}|entro|domani|within|call|[.?!]){0,60}") {
        let answer = Desk::new("it", "price | =sì ..").comes(0, &text);
        for because in answer.because {
            proptest::prop_assert!(because.words.chars().count() <= SHOWN_CHARS_MAX + 1);
        }
    }
}
