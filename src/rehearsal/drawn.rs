//! What would a wave come to if its companies behaved as the study says? Drawn without servers.
//!
//! The same behaviours, draws and rules as in the town, applied to time alone: what takes the
//! town seconds takes microseconds here, so a wave can be rehearsed hundreds of times. Three
//! things are simpler: every message leaves when it is due, also reminders, which do not wait for
//! the next send window; nothing of ours fails; each reply is coded, as it was meant.

use super::behaviour::behaviour_for;
use super::chance::{Fate, draw, seed_of};
use super::truth::adequacy_of;
use crate::model::channel::Channel;
use crate::model::event::Adequacy;
use crate::model::observation::{NotAskedReason, Observation, Observed, UndeliveredReason};
use crate::model::plan::{Due, Plan, PlannedInquiry};
use crate::model::study::{Behaviour, Chances, Company, Measure, ReplyElsewhere, Says};
use crate::model::time::Span;
use statrs::distribution::{ContinuousCDF, Normal};
use std::borrow::Cow;
use std::collections::HashMap;

/// A promise is kept a day after it was made.
const KEPT_AFTER: u32 = 86_400;

/// A plan with the behaviours that it is rehearsed with.
pub struct Drawing<'p> {
    plan: &'p Plan,
    inquiries: Vec<Drawn<'p>>,
}

/// One inquiry and what its company does.
struct Drawn<'p> {
    planned: &'p PlannedInquiry,
    behaviour: Cow<'p, Behaviour>,
    company: Option<&'p Company>,
    cluster: &'p str,
}

impl<'p> Drawing<'p> {
    /// Looks up what each company does.
    #[must_use]
    pub fn new(plan: &'p Plan) -> Self {
        let companies: HashMap<_, _> = plan.study.companies.iter().map(|c| (&c.id, c)).collect();
        let clusters = plan.study.clusters();
        let drawn = |planned: &'p PlannedInquiry| Drawn {
            planned,
            behaviour: behaviour_for(&plan.study.rehearsal, planned),
            company: companies.get(&planned.company).copied(),
            cluster: clusters.get(&planned.company).copied().unwrap_or(planned.company.as_str()),
        };
        Self { plan, inquiries: plan.inquiries.iter().map(drawn).collect() }
    }

    /// What every inquiry comes to, in the plan's order, the `time`th time the wave is rehearsed.
    #[must_use]
    pub fn time(&self, time: u32) -> Vec<Observed> {
        self.inquiries.iter().map(|drawn| drawn.observe(self.plan, time)).collect()
    }

    /// How likely each inquiry is to be delivered, and to succeed before any reminder, in the
    /// plan's order: the truth that estimates can be held against.
    #[must_use]
    pub fn chances(&self, measure: Measure, within: Span) -> Vec<Chances> {
        self.inquiries.iter().map(|drawn| drawn.chances(self.plan, measure, within)).collect()
    }
}

/// A first reply, in seconds after the first message.
#[derive(Clone, Copy)]
struct Answer {
    after: u32,
    says: Says,
}

impl Drawn<'_> {
    fn observe(&self, plan: &Plan, time: u32) -> Observed {
        let planned = self.planned;
        let mut observed = Observed {
            inquiry: planned.id.clone(),
            company: planned.company.to_string(),
            cluster: self.cluster.to_owned(),
            industry: self.company.and_then(|c| c.industry.clone()),
            channel: planned.channel.to_string(),
            question: planned.question.to_string(),
            repetition: planned.repetition,
            position: planned.position,
            asked_at: planned.first_due(),
            asked_by_proof: false,
            observation: Observation::NotAsked { reason: NotAskedReason::Pending },
            acknowledged_after: None,
            adequate_after: None,
            adequacy: None,
            uncoded_replies: 0,
            reminded_after: None,
        };
        if observed.asked_at.is_none() {
            return observed;
        }
        let first = self.fate(plan, time, 0);
        if let Some(after) = first.bounce_after.filter(|_| planned.channel == Channel::Email) {
            observed.observation = Observation::Undelivered { reason: UndeliveredReason::Bounced, after };
            return observed;
        }
        self.follow(plan, time, first, &mut observed);
        observed
    }

    /// The first message and the reminders, until somebody replies.
    fn follow(&self, plan: &Plan, time: u32, first: Fate, observed: &mut Observed) {
        let window = plan.study.design.window.as_secs();
        let mut answer = answer_to(first, 0);
        let mut acknowledged = first.acknowledge_after;
        for (number, sent_after) in self.reminders() {
            if answer.is_some_and(|a| a.after <= sent_after) {
                break;
            }
            let fate = self.fate(plan, time, number);
            observed.reminded_after = observed.reminded_after.or(Some(sent_after));
            acknowledged = earlier(acknowledged, fate.acknowledge_after.map(|after| sent_after.saturating_add(after)));
            answer = [answer, answer_to(fate, sent_after)].into_iter().flatten().min_by_key(|a| a.after);
        }
        observed.acknowledged_after = acknowledged.filter(|after| *after <= window);
        observed.observation = match answer.filter(|a| a.after <= window) {
            None => Observation::Silent { window },
            Some(Answer { after: latency, says }) => {
                self.code(plan, latency, says, observed);
                let after_reminder = observed.reminded_after.is_some_and(|reminded| reminded < latency);
                Observation::Answered { latency, after_reminder, observed_for: window }
            }
        };
    }

    /// Codes a reply as a rater does who knows everything; whoever keeps a promise has answered.
    fn code(&self, plan: &Plan, latency: u32, says: Says, observed: &mut Observed) {
        let adequacy = adequacy_of(says);
        observed.adequacy = Some(adequacy);
        if let Some(delay) = self.adequate_delay(plan, says) {
            let after = latency.saturating_add(delay);
            if after <= plan.study.design.window.as_secs() {
                observed.adequate_after = Some(after);
                observed.adequacy = Some(Adequacy::Answered.min(adequacy));
            }
        }
    }

    /// How long after such a reply the question is answered; `None` where it never is.
    fn adequate_delay(&self, plan: &Plan, says: Says) -> Option<u32> {
        match says {
            Says::Answer => Some(0),
            // Who got a mail or a form calls back; whether a call counts, the study says.
            Says::PromiseKept => {
                let elsewhere = self.planned.channel.replies_by_mail();
                (!elsewhere || plan.study.rules.reply_elsewhere == ReplyElsewhere::CreditAskedChannel)
                    .then_some(KEPT_AFTER)
            }
            Says::Partial | Says::Redirect | Says::PromiseBroken | Says::Canned => None,
        }
    }

    /// The reminders: their numbers, and how long after the first message they leave.
    fn reminders(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..).zip(&self.planned.messages).skip(1).filter_map(|(number, message)| match message.due {
            Due::AfterFirstAccepted(delay) => Some((number, delay.as_secs())),
            Due::At(_) => None,
        })
    }

    fn fate(&self, plan: &Plan, time: u32, message: u32) -> Fate {
        let study = plan.study.seed.to_le_bytes();
        let (time, message) = (time.to_le_bytes(), message.to_le_bytes());
        let id = self.planned.id.as_str().as_bytes();
        draw(&self.behaviour, seed_of(&[b"drawn", &study, plan.wave.as_str().as_bytes(), &time, id, &message]))
    }

    fn chances(&self, plan: &Plan, measure: Measure, within: Span) -> Chances {
        let behaviour = &self.behaviour;
        let bounce = if self.planned.channel == Channel::Email { behaviour.bounce } else { 0.0 };
        let reminded = self.reminders().next().map_or(u32::MAX, |(_, after)| after);
        let in_time = |delay: u32| {
            let latest = within.as_secs().checked_sub(delay);
            latest.map_or(0.0, |latest| share_within(behaviour, latest.min(reminded)))
        };
        let reply = match measure {
            Measure::Replied => in_time(0),
            Measure::Adequate => {
                let says = if behaviour.says.is_empty() { &[Says::Answer] } else { behaviour.says.as_slice() };
                let of_one = |says: &Says| self.adequate_delay(plan, *says).map_or(0.0, in_time);
                says.iter().map(of_one).sum::<f64>() / f64::from(u32::try_from(says.len()).unwrap_or(u32::MAX))
            }
        };
        Chances { delivered: 1.0 - bounce, succeeds: (1.0 - bounce) * behaviour.reply * reply }
    }
}

fn answer_to(fate: Fate, sent_after: u32) -> Option<Answer> {
    fate.reply.map(|reply| Answer { after: sent_after.saturating_add(reply.after), says: reply.says })
}

fn earlier(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    one.into_iter().chain(other).min()
}

/// Which share of the replies comes within that many seconds: the log-normal distribution, to
/// whole seconds, as [`draw`] rounds.
fn share_within(behaviour: &Behaviour, seconds: u32) -> f64 {
    let median = f64::from(behaviour.delay_median.as_secs());
    if behaviour.delay_spread <= 0.0 || median <= 0.0 {
        return if median.max(1.0) <= f64::from(seconds) { 1.0 } else { 0.0 };
    }
    if seconds == 0 {
        return 0.0;
    }
    Normal::standard().cdf(((f64::from(seconds) + 0.5) / median).ln() / behaviour.delay_spread)
}
