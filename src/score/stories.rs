//! What became of questions after they were asked: redirections, circles, promises, and what was
//! acknowledged and never answered.
//!
//! What people coded and what only seems so are counted apart, and never added up.

use super::rounds::{Gathered, Rounds};
use super::tally::{Reading, acknowledged_after};
use crate::model::observation::{Observation, Observed};
use crate::model::plan::Plan;
use crate::model::state::WaveState;
use crate::model::story::{Basis, Fate, Story, stories};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The stories of a wave, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stories {
    /// All inquiries.
    pub total: StoryTally,
    /// By the channel that was asked, in the order of all tables.
    pub channels: Vec<ChannelStories>,
    /// Over all channels on which a company was asked the same.
    #[serde(default)]
    pub rounds: Rounds,
}

/// The stories of one channel's inquiries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStories {
    /// The channel.
    pub channel: String,
    /// In numbers.
    #[serde(flatten)]
    pub tally: StoryTally,
}

/// Some stories in numbers. All counts are of inquiries, but for hops and promises.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryTally {
    /// Delivered: the stories that are told.
    pub inquiries: u32,
    /// A machine said "received" before any reminder, and no person replied to the end of the window,
    /// reminded or not.
    pub acknowledged_then_nothing: u32,
    /// What people coded.
    pub coded: Turns,
    /// What replies that nobody has coded seem to be.
    pub suggested: Turns,
}

/// What happened on the way to an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// Sent elsewhere at least once.
    pub redirected: u32,
    /// Redirections.
    pub hops: u32,
    /// Sent in a circle: back to a channel that had been asked already, or to the same place again.
    pub in_a_circle: u32,
    /// How many inquiries had how many hops, from one on.
    pub by_hops: BTreeMap<u32, u32>,
    /// What was promised.
    pub promises: Promises,
}

/// Promises and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promises {
    /// Made within the window.
    pub made: u32,
    /// Kept, as a person says or as a further reply in time shows.
    pub kept: u32,
    /// Broken, as a person says or as the passing of their time shows.
    pub broken: u32,
    /// Neither yet.
    pub open: u32,
    /// Of those kept or broken, how many by a person's word.
    pub settled_by_person: u32,
}

impl Stories {
    /// The stories of a wave as of `as_of`, whose observations are `rows`.
    #[must_use]
    pub fn of_wave(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>, rows: &[Observed]) -> Self {
        let mut told = stories(plan, state, as_of).peekable();
        Self::of(rows.iter().map(|row| (row, told.next_if(|story| story.inquiry == row.inquiry))))
    }

    /// The same of inquiries with their stories.
    #[must_use]
    pub fn of<'r>(rows: impl Iterator<Item = (&'r Observed, Option<Story>)>) -> Self {
        let mut channels: BTreeMap<(usize, &str), StoryTally> = BTreeMap::new();
        let mut total = StoryTally::default();
        let mut gathered = Gathered::default();
        for (row, story) in rows.filter(|(row, _)| row.observation.is_delivered()) {
            let channel = channels.entry((super::channel_rank(&row.channel), row.channel.as_str())).or_default();
            gathered.add(row, story.as_ref());
            for tally in [&mut total, channel] {
                tally.add(row, story.as_ref());
            }
        }
        let named =
            |((_, channel), tally): ((usize, &str), StoryTally)| ChannelStories { channel: channel.to_owned(), tally };
        Self { total, channels: channels.into_iter().map(named).collect(), rounds: gathered.rounds() }
    }
}

impl StoryTally {
    fn add(&mut self, row: &Observed, story: Option<&Story>) {
        self.inquiries += 1;
        let silent = matches!(row.observation, Observation::Silent { .. });
        let received = acknowledged_after(row, Reading::BeforeAnyReminder).is_some();
        self.acknowledged_then_nothing += u32::from(silent && received);
        if let Some(story) = story {
            self.coded.add(story, Basis::Person);
            self.suggested.add(story, Basis::Suggested);
        }
    }
}

impl Turns {
    fn add(&mut self, story: &Story, basis: Basis) {
        let hops = u32::try_from(story.hops.iter().filter(|hop| hop.basis == basis).count()).unwrap_or(u32::MAX);
        if hops > 0 {
            self.redirected += 1;
            self.hops += hops;
            *self.by_hops.entry(hops).or_default() += 1;
        }
        self.in_a_circle += u32::from(story.goes_in_a_circle(basis));
        for promise in story.promises.iter().filter(|promise| promise.basis == basis) {
            self.promises.add(promise.fate);
        }
    }
}

impl Promises {
    fn add(&mut self, fate: Fate) {
        self.made += 1;
        let by = match fate {
            Fate::Kept { basis, .. } => {
                self.kept += 1;
                Some(basis)
            }
            Fate::Broken { basis } => {
                self.broken += 1;
                Some(basis)
            }
            Fate::Open => {
                self.open += 1;
                None
            }
        };
        self.settled_by_person += u32::from(by == Some(Basis::Person));
    }
}
