//! The statuses and notifications of the town's Mastodon instances.

use super::square::Square;
use crate::model::ids::slug;
use crate::model::study::{Target, Visibility};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashMap};

/// A real instance forgets an Idempotency-Key after an hour.
const KEY_KEPT: TimeDelta = TimeDelta::hours(1);

/// A status as it was posted.
#[derive(Debug, Clone)]
pub(super) struct Post {
    /// Its id: milliseconds since 1970 and a counter, so that ids ascend as on Mastodon.
    pub(super) id: u64,
    /// When.
    pub(super) at: DateTime<Utc>,
    /// Who.
    pub(super) author: Author,
    /// What it answers.
    pub(super) in_reply_to: Option<u64>,
    /// `public`, `unlisted`, `private` or `direct`.
    pub(super) visibility: String,
    /// Its text, plain.
    pub(super) text: String,
    /// Who is mentioned: `user@host`.
    pub(super) mentions: Vec<String>,
}

/// Who posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Author {
    /// `user@host`.
    pub(super) handle: String,
    /// The name it shows.
    pub(super) name: String,
    /// Whether it says of itself that it is automated.
    pub(super) bot: bool,
}

/// A mention of one of our accounts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notification {
    /// Its id.
    pub(super) id: u64,
    /// The status that mentions us.
    pub(super) status: u64,
    /// Whether it is only shown with `include_filtered`.
    pub(super) filtered: bool,
}

/// All instances of the town together: every status is seen everywhere.
#[derive(Debug, Default)]
pub(super) struct Social {
    posts: BTreeMap<u64, Post>,
    /// How many direct replies each status has that everybody may read: the others are not counted.
    replies: HashMap<u64, u64>,
    notifications: HashMap<String, Vec<Notification>>,
    keys: HashMap<(String, String), (u64, DateTime<Utc>)>,
    accounts: Vec<(String, String, String)>,
    last_id: u64,
}

impl Social {
    /// A new id, higher than all before.
    pub(super) fn next_id(&mut self, now: DateTime<Utc>) -> u64 {
        let by_time = u64::try_from(now.timestamp_millis()).unwrap_or(0) << 16;
        self.last_id = by_time.max(self.last_id + 1);
        self.last_id
    }

    /// Keeps a status.
    pub(super) fn add(&mut self, post: Post) {
        if let Some(above) = post.in_reply_to.filter(|_| matches!(post.visibility.as_str(), "public" | "unlisted")) {
            *self.replies.entry(above).or_default() += 1;
        }
        self.posts.insert(post.id, post);
    }

    /// The number of replies that a status shows.
    pub(super) fn replies_to(&self, id: u64) -> u64 {
        self.replies.get(&id).copied().unwrap_or(0)
    }

    /// The status of that id.
    pub(super) fn post(&self, id: u64) -> Option<&Post> {
        self.posts.get(&id)
    }

    /// All statuses, oldest first.
    pub(super) fn posts(&self) -> impl DoubleEndedIterator<Item = &Post> {
        self.posts.values()
    }

    /// The statuses after one, oldest first.
    pub(super) fn after(&self, id: u64) -> impl Iterator<Item = &Post> {
        self.posts.range(id + 1..).map(|(_, post)| post)
    }

    /// What an account was notified of after an id, oldest first.
    pub(super) fn notifications(&self, handle: &str, after: u64) -> &[Notification] {
        let all: &[Notification] = self.notifications.get(handle).map_or(&[], Vec::as_slice);
        &all[all.partition_point(|n| n.id <= after)..]
    }

    /// The status that an Idempotency-Key made within the last hour.
    pub(super) fn by_key(&mut self, handle: &str, key: &str, now: DateTime<Utc>) -> Option<u64> {
        self.keys.retain(|_, (_, at)| now - *at < KEY_KEPT);
        self.keys.get(&(handle.to_owned(), key.to_owned())).map(|(id, _)| *id)
    }

    /// Remembers which status a key made.
    pub(super) fn keep_key(&mut self, handle: &str, key: &str, id: u64, now: DateTime<Utc>) {
        self.keys.insert((handle.to_owned(), key.to_owned()), (id, now));
    }

    /// The account that a token opens on an instance. Any token will do: one that is the id of a
    /// study's account opens that one; else the first token on a host opens the first account
    /// there, the next one the next, and then strangers. `accounts` are ids and user names.
    pub(super) fn account(&mut self, host: &str, token: &str, accounts: &[(String, String)]) -> String {
        if let Some((_, name)) = accounts.iter().find(|(id, _)| id == token) {
            return format!("{name}@{host}");
        }
        if let Some((_, _, handle)) = self.accounts.iter().find(|(h, t, _)| h == host && t == token) {
            return handle.clone();
        }
        let before = self.accounts.iter().filter(|(h, ..)| h == host).count();
        let name = accounts.get(before).map_or_else(|| format!("stranger{before}"), |(_, name)| name.clone());
        let handle = format!("{name}@{host}");
        self.accounts.push((host.to_owned(), token.to_owned(), handle.clone()));
        handle
    }
}

impl Square {
    /// A company answers a status of ours: a reply, and a notification of the mention.
    pub(super) fn reply_on_mastodon(&self, inquiry: usize, to: u64, words: &str, bot: bool, filtered: bool) {
        let now = self.stepper.now();
        let Target::Mastodon { handle, visibility } = &self.planned(inquiry).target else { return };
        let mut ledger = self.ledger();
        let Some(question) = ledger.social.post(to).cloned() else { return };
        let asker = question.author.handle;
        let name = self.company(inquiry).map_or_else(|| handle.clone(), |c| c.name.clone());
        let id = ledger.social.next_id(now);
        ledger.social.add(Post {
            id,
            at: now,
            author: Author { handle: handle.trim_start_matches('@').to_ascii_lowercase(), name, bot },
            in_reply_to: Some(to),
            visibility: match visibility {
                Visibility::Public => "public".to_owned(),
                Visibility::Private => "direct".to_owned(),
            },
            text: format!("@{asker} {words}"),
            mentions: vec![asker.clone()],
        });
        let notification = Notification { id: ledger.social.next_id(now), status: id, filtered };
        ledger.social.notifications.entry(asker).or_default().push(notification);
    }

    /// Ids and user names of the study's accounts on an instance; a name comes from the persona's.
    pub(super) fn accounts_on(&self, host: &str) -> Vec<(String, String)> {
        let study = &self.plan.study;
        let here = study.mastodon.iter().filter(|a| a.instance.host_str() == Some(host));
        here.map(|account| {
            let persona = study.personas.iter().find(|p| p.mastodon.as_ref() == Some(&account.id));
            let name = persona.map_or_else(|| account.id.to_string(), |p| slug(&p.name)).replace('-', "_");
            (account.id.to_string(), name)
        })
        .collect()
    }
}
