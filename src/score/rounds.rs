//! Does a company send askers from one channel to the next, and back to where they had been?
//!
//! The story of one inquiry knows one channel. Who is told by mail to use the form, by the form to call,
//! and on a page to write a mail, has gone round all the same: so the redirections of all inquiries
//! that put one question to a company are laid end to end here.

use crate::model::answer::Destination;
use crate::model::observation::Observed;
use crate::model::story::{Basis, Story};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How often companies send askers round. All counts are of questions put to a company, each with all
/// of its inquiries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounds {
    /// Questions put to a company on two channels or more.
    pub asked: u32,
    /// Of those, by what people coded.
    pub coded: Round,
    /// What comes on top where replies that nobody has coded are what they seem to be.
    pub suggested: Round,
}

/// Ways from channel to channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Some channel sends to another one that sends elsewhere itself.
    pub sent_on: u32,
    /// Some channel sends back to one that had been asked before and sends elsewhere itself.
    pub in_a_circle: u32,
    /// Redirections in those that are sent on.
    pub hops: u32,
}

/// A redirection: from a channel to what may be one.
struct Leg<'r> {
    from: &'r str,
    to: Option<&'static str>,
    basis: Basis,
    back: bool,
}

/// What is known of each question put to a company.
#[derive(Default)]
pub(super) struct Gathered<'r>(BTreeMap<(&'r str, &'r str), Question<'r>>);

#[derive(Default)]
struct Question<'r> {
    channels: BTreeSet<&'r str>,
    legs: Vec<Leg<'r>>,
}

/// What one question came to.
#[derive(Clone, Copy)]
struct Went {
    on: bool,
    back: bool,
    hops: u32,
}

impl<'r> Gathered<'r> {
    /// Takes in a delivered inquiry and its story.
    pub(super) fn add(&mut self, row: &'r Observed, story: Option<&Story>) {
        let question = self.0.entry((&row.company, &row.question)).or_default();
        question.channels.insert(&row.channel);
        let legs = story.into_iter().flat_map(|story| &story.hops).map(|hop| {
            let to = match hop.to {
                Some(Destination::Channel(channel)) => Some(channel.name()),
                _ => None,
            };
            Leg { from: &row.channel, to, basis: hop.basis, back: hop.back }
        });
        question.legs.extend(legs);
    }

    pub(super) fn rounds(&self) -> Rounds {
        let mut rounds = Rounds::default();
        for question in self.0.values().filter(|question| question.channels.len() > 1) {
            rounds.asked += 1;
            let (coded, all) = (question.went(|leg| leg.basis == Basis::Person), question.went(|_| true));
            rounds.coded.add(coded);
            let on = all.on && !coded.on;
            rounds.suggested.add(Went { on, back: all.back && !coded.back, hops: all.hops });
        }
        rounds
    }
}

impl Question<'_> {
    fn went(&self, counts: impl Fn(&Leg<'_>) -> bool) -> Went {
        let legs: Vec<&Leg<'_>> = self.legs.iter().filter(|leg| counts(leg)).collect();
        // Who sends to the channel that was asked anyway sends nobody elsewhere.
        let away: BTreeSet<&str> = legs.iter().filter(|leg| leg.to != Some(leg.from)).map(|leg| leg.from).collect();
        let sends_on = |leg: &&&Leg<'_>| leg.to.is_some_and(|to| to != leg.from && away.contains(to));
        Went {
            on: legs.iter().any(|leg| sends_on(&leg)),
            back: legs.iter().any(|leg| leg.back && sends_on(&leg)),
            hops: u32::try_from(legs.len()).unwrap_or(u32::MAX),
        }
    }
}

impl Round {
    fn add(&mut self, went: Went) {
        self.sent_on += u32::from(went.on);
        self.in_a_circle += u32::from(went.back);
        self.hops += if went.on { went.hops } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::super::stories::Stories;
    use super::*;
    use crate::model::answer::{Likely, Suggestions};
    use crate::model::channel::Channel::{self, Email, Facebook, Phone, WebForm};
    use crate::model::channel::Delivery;
    use crate::model::event::{Act, Adequacy, Event};
    use crate::model::fixtures::{self, after, plan};
    use crate::model::ids::InboundId;
    use crate::model::inbound::InboundKind;
    use crate::model::observation::observe_all;
    use crate::model::time::Stamp;

    /// One company, asked the same on three channels at the start.
    fn told(sent: &[(Channel, Channel)]) -> (fixtures::Story, Vec<InboundId>) {
        let channels = [Email, WebForm, Facebook];
        let plan = plan(&channels, |plan| {
            let company = plan.inquiries[0].company.clone();
            for inquiry in &mut plan.inquiries {
                inquiry.company = company.clone();
            }
        });
        let mut story = fixtures::Story::of(plan);
        for (i, channel) in channels.iter().enumerate() {
            let (inquiry, at) = (story.plan.inquiries[i].id.clone(), Stamp::human(after("0s")));
            match channel.delivery() {
                Delivery::Automatic => {
                    let attempt = fixtures::attempt(&story.plan, i, 0, 1);
                    story.tell(at.at, fixtures::started(attempt.clone()));
                    story.tell(at.at, fixtures::ended(attempt, fixtures::accepted(at.at)));
                }
                Delivery::Assisted => {
                    story.tell(at.at, Event::Recorded { inquiry, message: 0, act: Act::Sent, at, note: None });
                }
            }
        }
        let mut replies = Vec::new();
        for (day, (from, to)) in sent.iter().enumerate() {
            let (at, i) = (after(&format!("{}d", day + 1)), channels.iter().position(|c| c == from).unwrap());
            let number = u32::try_from(day).unwrap() + 1;
            story.tell(at, fixtures::stored(number, *from, at));
            let taken = fixtures::taken_for(InboundKind::Reply, &story.plan, Some(i));
            story.tell(at, fixtures::interpreted(number, taken, None));
            let inbound = InboundId(number);
            let answer = Suggestions {
                adequacy: Some(Likely::by(80, Adequacy::Redirected)),
                sends_to: vec![Likely::by(80, Destination::Channel(*to))],
                ..Suggestions::default()
            };
            story.tell(at, Event::Suggested { inbound, rules: 1, answer });
            replies.push(inbound);
        }
        story.covered(after("10d"));
        (story, replies)
    }

    fn rounds(story: &fixtures::Story) -> Rounds {
        let rows = observe_all(&story.plan, &story.state, after("10d"));
        Stories::of_wave(&story.plan, &story.state, after("10d"), &rows).rounds
    }

    #[test]
    fn mail_to_form_to_telephone_and_a_page_that_sends_back_to_mail_is_a_circle() {
        let (mut story, replies) = told(&[(Email, WebForm), (WebForm, Phone), (Facebook, Email)]);
        let went = Round { sent_on: 1, in_a_circle: 1, hops: 3 };
        let (none, asked) = (Round::default(), 1);
        assert_eq!(rounds(&story), Rounds { asked, coded: none, suggested: went });
        for inbound in replies {
            let (rater, adequacy) = ("anna".to_owned(), Adequacy::Redirected);
            story.tell(after("9d"), Event::Coded { inbound, rater, adequacy });
        }
        assert_eq!(rounds(&story), Rounds { asked, coded: went, suggested: none }, "told once, by whom it is known");
    }

    #[test]
    fn a_channel_that_sends_to_itself_sends_nobody_on() {
        let (story, _) = told(&[(Email, WebForm), (WebForm, WebForm)]);
        assert_eq!(rounds(&story), Rounds { asked: 1, ..Rounds::default() });
    }

    #[test]
    fn two_channels_that_both_name_the_telephone_send_nobody_round() {
        let (story, _) = told(&[(Email, Phone), (WebForm, Phone)]);
        assert_eq!(rounds(&story), Rounds { asked: 1, ..Rounds::default() });
    }
}
