//! What happens to one message, drawn from a seed that only that message has.
//!
//! The order in which messages arrive, and the timing of connections, never change a draw.

use crate::model::study::{Behaviour, Says};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Longest simulated delay: a year. A heavy tail beyond it teaches nothing.
const DELAY_SECONDS_MAX: f64 = 366.0 * 86_400.0;

/// A returned mail comes back within this many seconds.
const BOUNCE_SECONDS_MAX: u32 = 300;

/// An acknowledgement comes within a minute.
const ACKNOWLEDGE_SECONDS_MAX: u32 = 59;

/// What will happen to one message. All times are seconds after it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    /// When it is returned, where it is mail and bounces.
    pub(super) bounce_after: Option<u32>,
    /// When a machine says "received".
    pub(super) acknowledge_after: Option<u32>,
    /// What a person replies.
    pub(super) reply: Option<Reply>,
    /// Picks one of several texts for the same purpose.
    pub(super) variant: u32,
}

/// A reply that will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    /// When.
    pub(super) after: u32,
    /// What it says.
    pub(super) says: Says,
    /// Whether it lands in the spam folder.
    pub(super) in_spam: bool,
}

/// Draws a message's fate. Every number is drawn whether it is needed or not, so that a changed
/// probability of one thing leaves the draws of all others as they were.
pub(super) fn draw(behaviour: &Behaviour, seed: [u8; 32]) -> Fate {
    let mut dice = ChaCha20Rng::from_seed(seed);
    let bounces = unit(&mut dice) < behaviour.bounce;
    let bounce_after = 1 + below(&mut dice, BOUNCE_SECONDS_MAX);
    let acknowledges = unit(&mut dice) < behaviour.acknowledge;
    let acknowledge_after = 1 + below(&mut dice, ACKNOWLEDGE_SECONDS_MAX);
    let replies = unit(&mut dice) < behaviour.reply;
    let after = delay_seconds(behaviour, normal(&mut dice));
    let in_spam = unit(&mut dice) < behaviour.spam;
    let says_at = below(&mut dice, u32::try_from(behaviour.says.len()).unwrap_or(u32::MAX).max(1));
    let says = behaviour.says.get(says_at as usize).copied().unwrap_or(Says::Answer);
    Fate {
        bounce_after: bounces.then_some(bounce_after),
        acknowledge_after: acknowledges.then_some(acknowledge_after),
        reply: replies.then_some(Reply { after, says, in_spam }),
        variant: dice.next_u32(),
    }
}

/// SHA-256 over parts, each with its length in front, so that no two lists of parts meet.
pub(super) fn seed_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Uniform in [0, 1), on 53 bits.
fn unit(dice: &mut ChaCha20Rng) -> f64 {
    let high = dice.next_u32() >> 5;
    let low = dice.next_u32() >> 6;
    (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
}

/// Uniform in 0..`bound`; the bias of some 2⁻³² is nothing here.
fn below(dice: &mut ChaCha20Rng, bound: u32) -> u32 {
    let scaled = u64::from(dice.next_u32()) * u64::from(bound);
    u32::try_from(scaled >> 32).unwrap_or(0)
}

/// A standard normal variate (Box–Muller).
fn normal(dice: &mut ChaCha20Rng) -> f64 {
    let (first, second) = (1.0 - unit(dice), unit(dice));
    (-2.0 * first.ln()).sqrt() * (std::f64::consts::TAU * second).cos()
}

/// A log-normal delay in whole seconds, at least 1. Rounding hides the last bits of `exp`,
/// which differ between platforms.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a year of seconds")]
fn delay_seconds(behaviour: &Behaviour, normal: f64) -> u32 {
    let median = f64::from(behaviour.delay_median.as_secs());
    let factor = if behaviour.delay_spread > 0.0 { (normal * behaviour.delay_spread).exp() } else { 1.0 };
    (median * factor).round().clamp(1.0, DELAY_SECONDS_MAX) as u32
}

#[cfg(test)]
mod tests {
    use super::super::behaviour::default_behaviour;
    use super::*;
    use crate::model::channel::Channel;
    use crate::model::time::Span;

    fn fates(behaviour: &Behaviour) -> Vec<Fate> {
        (0..4_000_u32).map(|i| draw(behaviour, seed_of(&[b"test", &i.to_le_bytes()]))).collect()
    }

    #[test]
    fn shares_and_median_are_what_the_study_says() {
        let behaviour = Behaviour {
            reply: 0.3,
            delay_median: Span::from_days(2),
            delay_spread: 1.0,
            acknowledge: 0.5,
            bounce: 0.1,
            spam: 0.25,
            says: vec![Says::Answer, Says::Redirect],
        };
        let fates = fates(&behaviour);
        let share = |n: usize, of: usize| f64::from(u32::try_from(n).unwrap()) / f64::from(u32::try_from(of).unwrap());
        let mut replies: Vec<Reply> = fates.iter().filter_map(|f| f.reply).collect();
        let near = |seen: f64, said: f64| assert!((seen - said).abs() < 0.03, "{seen} is not near {said}");
        near(share(replies.len(), fates.len()), 0.3);
        near(share(fates.iter().filter(|f| f.acknowledge_after.is_some()).count(), fates.len()), 0.5);
        near(share(fates.iter().filter(|f| f.bounce_after.is_some()).count(), fates.len()), 0.1);
        near(share(replies.iter().filter(|r| r.in_spam).count(), replies.len()), 0.25);
        near(share(replies.iter().filter(|r| r.says == Says::Redirect).count(), replies.len()), 0.5);
        replies.sort_by_key(|r| r.after);
        near((f64::from(replies[replies.len() / 2].after) / 172_800.0).ln() / 4.0, 0.0);
        assert!(fates.iter().filter_map(|f| f.acknowledge_after).all(|s| (1..=60).contains(&s)));
    }

    #[test]
    fn without_spread_every_reply_takes_the_median() {
        let behaviour = Behaviour { reply: 1.0, delay_spread: 0.0, ..default_behaviour(Channel::Email) };
        assert!(fates(&behaviour).iter().all(|f| f.reply.unwrap().after == 2 * 86_400));
    }

    #[test]
    fn one_probability_does_not_move_the_draws_of_another() {
        let few = default_behaviour(Channel::Email);
        let many = Behaviour { bounce: 1.0, acknowledge: 1.0, ..few.clone() };
        let replies = |b| fates(b).into_iter().map(|f| f.reply).collect::<Vec<_>>();
        assert_eq!(replies(&few), replies(&many));
    }
}
