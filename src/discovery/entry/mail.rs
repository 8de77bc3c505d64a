//! Which of the published addresses is the one for the question? The specific one for its topic
//! before a general one, and never the one for applications or the press.

use super::super::read::is_same_site;
use super::super::visit::Seen;
use super::{Asked, found};
use crate::lexicon::site_words::{SiteConcept, Words};
use crate::model::study::{Found, Intent};
use url::Url;

/// Shortest word of a topic that says something.
const TOPIC_CHARS_MIN: usize = 4;

/// An address and why it was chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked {
    pub(super) mail: String,
    pub(super) found: Found,
    points: i32,
}

/// All addresses, the best first.
pub(super) fn ranked(pages: &[Seen], home: &Url, asked: &Asked) -> Vec<Ranked> {
    let topic = Words::of(&asked.topic);
    let topic: Vec<Words> = topic.iter().filter(|word| word.len() >= TOPIC_CHARS_MIN).map(Words::of).collect();
    let mut ranked: Vec<Ranked> = Vec::new();
    for page in pages {
        for sighting in &page.reading.addresses {
            let address = &sighting.what;
            let (points, why) = points(&address.mail, &address.about, home, &topic, asked.intent);
            let how = format!("{}, {why}", sighting.how);
            let new = Ranked { mail: address.mail.clone(), found: found(page, &how, sighting.confidence), points };
            match ranked.iter_mut().find(|known| known.mail == new.mail) {
                Some(known) if known.points < new.points => *known = new,
                Some(_) => {}
                None => ranked.push(new),
            }
        }
    }
    ranked.sort_by_key(|address| -address.points);
    ranked
}

fn points(mail: &str, about: &str, home: &Url, topic: &[Words], intent: Option<Intent>) -> (i32, &'static str) {
    let Some((local, domain)) = mail.rsplit_once('@') else { return (0, "") };
    let own = Url::parse(&format!("https://{domain}/")).is_ok_and(|domain| is_same_site(&domain, home));
    let (kind, why) = kind(&Words::of(local), &Words::of(about), topic, intent);
    // The web agency's address stands on many a page as well.
    (kind + if own { 20 } else { 0 }, why)
}

fn kind(local: &Words, about: &Words, topic: &[Words], intent: Option<Intent>) -> (i32, &'static str) {
    let wanted = match intent {
        Some(Intent::PreSale) => Some(SiteConcept::SalesMailbox),
        Some(Intent::Support) => Some(SiteConcept::SupportMailbox),
        Some(Intent::Complaint) => Some(SiteConcept::ComplaintMailbox),
        None => None,
    };
    let is_wanted = |words: &Words| wanted.is_some_and(|wanted| wanted.is_in(words));
    let names_topic = |words: &Words| topic.iter().any(|word| words.hold(word));
    if SiteConcept::OtherMailbox.is_in(local) {
        return (-10, "for something else");
    }
    if names_topic(local) {
        return (10, "named after the topic");
    }
    if is_wanted(local) {
        return (9, "for such questions");
    }
    if names_topic(about) || is_wanted(about) {
        return (8, "beside words of the topic");
    }
    // Who asks something that nobody has a name for is a customer with a question.
    if wanted.is_none() && SiteConcept::SupportMailbox.is_in(local) {
        return (7, "for customers");
    }
    if SiteConcept::GeneralMailbox.is_in(local) {
        return (6, "general");
    }
    let other = [SiteConcept::SupportMailbox, SiteConcept::SalesMailbox, SiteConcept::ComplaintMailbox];
    if other.iter().any(|concept| concept.is_in(local)) {
        return (4, "for other questions");
    }
    (2, "of a person or department")
}
