//! How a simulated company behaves where the study says so, and where it says nothing.

use crate::model::channel::Channel;
use crate::model::plan::PlannedInquiry;
use crate::model::study::{Behaviour, Rehearsal, Says};
use crate::model::time::Span;
use std::borrow::Cow;

/// What a company does with a question: the first rule of the study that fits, else a default.
pub(super) fn behaviour_for<'a>(rehearsal: &'a Rehearsal, inquiry: &PlannedInquiry) -> Cow<'a, Behaviour> {
    fn fits<T: PartialEq>(names: &[T], name: &T) -> bool {
        names.is_empty() || names.contains(name)
    }
    rehearsal
        .behaviours
        .iter()
        .find(|rule| {
            fits(&rule.companies, &inquiry.company)
                && fits(&rule.channels, &inquiry.channel)
                && fits(&rule.questions, &inquiry.question)
        })
        .map_or_else(|| Cow::Owned(default_behaviour(inquiry.channel)), |rule| Cow::Borrowed(&rule.behaviour))
}

/// The behaviour on a channel that no rule names. Invented, like everything in a rehearsal:
/// a company's own channels answer seldom and late, outside channels more often and sooner.
#[must_use]
pub fn default_behaviour(channel: Channel) -> Behaviour {
    match channel {
        Channel::Email | Channel::WebForm => own(channel),
        Channel::Phone => Behaviour {
            reply: 0.6,
            delay_median: Span::from_secs(5 * 60),
            delay_spread: 0.5,
            says: vec![Says::Answer, Says::Answer, Says::Redirect],
            ..outside()
        },
        Channel::Mastodon
        | Channel::Facebook
        | Channel::Instagram
        | Channel::Whatsapp
        | Channel::Telegram
        | Channel::X
        | Channel::Linkedin
        | Channel::Chat
        | Channel::Forum => outside(),
    }
}

fn own(channel: Channel) -> Behaviour {
    Behaviour {
        reply: 0.3,
        delay_median: Span::from_days(2),
        delay_spread: 1.0,
        acknowledge: 0.3,
        bounce: if channel == Channel::Email { 0.02 } else { 0.0 },
        spam: 0.05,
        says: vec![Says::Answer, Says::Answer, Says::Partial, Says::Redirect, Says::Canned, Says::PromiseBroken],
    }
}

fn outside() -> Behaviour {
    Behaviour {
        reply: 0.65,
        delay_median: Span::from_secs(3 * 3_600),
        delay_spread: 1.2,
        acknowledge: 0.05,
        bounce: 0.0,
        spam: 0.0,
        says: vec![Says::Answer, Says::Answer, Says::Answer, Says::Partial, Says::Redirect],
    }
}
