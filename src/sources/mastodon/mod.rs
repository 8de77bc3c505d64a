//! What has come to a Mastodon account of ours? Its mentions, and the replies below our own posts
//! that mention nobody.
//!
//! **Mentions** are notifications, read by pages from the last one on. **Replies** that mention nobody
//! are found by the numbers of replies that our own posts show: some pages of those tell for hundreds
//! of threads where something is new, and only there the thread is read. A thread whose post is not
//! among them, or shows no number, is read at every look.
//!
//! A reply to somebody else's reply raises no number of ours: threads that have replies are read again
//! in turn, a few at every look. So only such a reply, below one that was found already, may be found
//! later than the look that covers its time.
//!
//! **What is covered.** A look is complete with a batch in which neither the numbers nor the
//! notifications showed anything new. Where the instance says "too many requests", nothing is claimed,
//! what was read stays read, and it is asked again when it said.

mod api;
mod threads;

pub use threads::Threads;

use super::{Batch, Source, SourceError, Trouble};
use crate::clock::Clock;
use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::inbound::{RawFormat, RawInbound};
use crate::model::study::MastodonAccount;
use crate::model::time::{Provenance, Stamp};
use crate::net::Dialer;
use api::{Account, Api, Context, LIMIT, Notification, OwnStatus, Status};
use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::time::Duration;
use threads::Id;

/// Notifications or posts of one request: the most that Mastodon gives is 80 and 40.
const PAGE: usize = 40;

/// Threads that are read in one batch.
const THREADS_A_BATCH: usize = 20;

/// Threads with replies that are read again at a look though nothing about them is new.
const THREADS_IN_TURN: usize = 5;

/// Most pages of our own posts in one look: an account of the study has no more.
const PAGES_MAX: usize = 500;

/// Most statuses that are remembered as returned; what is forgotten may be returned once more.
const RETURNED_MAX: usize = 50_000;

/// Watches a Mastodon account.
pub struct MastodonSource {
    account: AccountId,
    api: Api,
    threads: Threads,
    own_id: Option<String>,
    /// Threads still to be read in this look, with the number of replies that their posts showed.
    due: VecDeque<(String, u64)>,
    /// Whether this look has put threads in turn already.
    took_turns: bool,
    /// The thread that was last read in turn.
    turn: Option<String>,
    returned: HashSet<String>,
}

/// Where to go on.
#[derive(Default, Serialize, Deserialize)]
struct Cursor {
    /// The newest notification that was returned.
    min_id: String,
    /// How many replies each thread had when it was last read; those with none are left out.
    #[serde(default)]
    replies: BTreeMap<String, u64>,
}

impl MastodonSource {
    /// A source for that account. `threads` is filled by who sends from it.
    #[must_use]
    pub fn new(account: &MastodonAccount, token: SecretString, threads: Threads, dialer: Dialer) -> Self {
        let api = Api { instance: account.instance.clone(), token, dialer, limit: LIMIT, http: None };
        Self {
            account: account.id.clone(),
            api,
            threads,
            own_id: None,
            due: VecDeque::new(),
            took_turns: false,
            turn: None,
            returned: HashSet::new(),
        }
    }

    /// The same source with another time limit of a request, and again of its answer.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.api.limit = limit;
        self
    }

    /// The newest notification there is: what is older is not ours to read.
    async fn first_look(&mut self) -> Result<Cursor, SourceError> {
        let newest = self.notifications("limit=1").await?;
        let min_id = newest.into_iter().next().map_or_else(|| "0".to_owned(), |n| n.id);
        Ok(Cursor { min_id, ..Cursor::default() })
    }

    /// Mentions, filtered ones too: without them some replies never show.
    async fn notifications(&mut self, query: &str) -> Result<Vec<Notification>, SourceError> {
        let path = format!("/api/v1/notifications?types[]=mention&include_filtered=true&{query}");
        let page = self.api.get(&path).await?;
        // "There is no such thing" is not "there is nothing".
        page.ok_or_else(|| self.api.failed(Trouble::Refused, "answered that it knows no notifications"))
    }

    /// Puts down the threads to be read: where the number of replies has changed or is not told, and
    /// a few in turn.
    async fn find_due(&mut self, cursor: &mut Cursor) -> Result<(), SourceError> {
        let open = self.threads.all();
        cursor.replies.retain(|id, _| self.threads.holds(id));
        let counts = self.counts(&open).await?;
        let in_turn = if self.took_turns { BTreeSet::new() } else { self.in_turn(&cursor.replies) };
        for id in open {
            let known = cursor.replies.get(&id).copied().unwrap_or(0);
            match counts.get(&id) {
                Some(now) if *now != known || in_turn.contains(&id) => self.due.push_back((id, *now)),
                None if !self.took_turns => self.due.push_back((id, known)),
                Some(_) | None => {}
            }
        }
        self.took_turns = true;
        Ok(())
    }

    /// The threads with replies that are read again now: those after the last one, and around. A process
    /// that looks once and ends begins anywhere, by the time.
    fn in_turn(&mut self, replies: &BTreeMap<String, u64>) -> BTreeSet<String> {
        let begin = match &self.turn {
            Some(last) => replies.keys().take_while(|id| *id <= last).count(),
            None => usize::try_from(Clock::System.now().timestamp() / 60).unwrap_or(0) % replies.len().max(1),
        };
        let around = replies.keys().skip(begin).chain(replies.keys().take(begin));
        let chosen: Vec<String> = around.take(THREADS_IN_TURN).cloned().collect();
        self.turn = chosen.last().cloned().or(self.turn.take());
        chosen.into_iter().collect()
    }

    /// The numbers of replies of our posts, as far back as the oldest that is open.
    async fn counts(&mut self, open: &[String]) -> Result<BTreeMap<String, u64>, SourceError> {
        let mut counts = BTreeMap::new();
        let Some(oldest) = open.first().map(|id| Id::new(id)) else { return Ok(counts) };
        let own_id = self.own_id().await?;
        let mut before = String::new();
        for _ in 0..PAGES_MAX {
            let path = format!("/api/v1/accounts/{own_id}/statuses?limit={PAGE}&exclude_reblogs=true{before}");
            let page: Vec<OwnStatus> = self.api.get(&path).await?.unwrap_or_default();
            // An instance may give fewer than asked for: only an empty page is the last.
            let Some(last) = page.iter().map(|s| Id::new(&s.id)).min() else { break };
            before = format!("&max_id={}", last.as_str());
            counts.extend(page.into_iter().filter_map(|s| Some((s.id, s.replies_count?))));
            if last <= oldest {
                break;
            }
        }
        Ok(counts)
    }

    /// Replies below some of our posts, by others.
    async fn below(&mut self, cursor: &mut Cursor) -> Result<Vec<(Status, Box<RawValue>)>, SourceError> {
        let mut found = Vec::new();
        for _ in 0..THREADS_A_BATCH {
            let Some((post, count)) = self.due.front().cloned() else { break };
            let own_id = self.own_id().await?;
            // A post that is gone has no replies any more; those that it had were notified or read.
            let context: Option<Context> = self.api.get(&format!("/api/v1/statuses/{post}/context")).await?;
            for raw in context.into_iter().flat_map(|c| c.descendants) {
                let status: Status = serde_json::from_str(raw.get())
                    .map_err(|_| self.api.failed(Trouble::Garbled, "a reply that cannot be understood"))?;
                if status.account.id != own_id {
                    found.push((status, raw));
                }
            }
            if count > 0 {
                cursor.replies.insert(post, count);
            } else {
                cursor.replies.remove(&post);
            }
            self.due.pop_front();
        }
        Ok(found)
    }

    async fn own_id(&mut self) -> Result<String, SourceError> {
        if let Some(id) = &self.own_id {
            return Ok(id.clone());
        }
        let own: Option<Account> = self.api.get("/api/v1/accounts/verify_credentials").await?;
        let id = own
            .map(|account| account.id)
            .ok_or_else(|| self.api.failed(Trouble::LoginRefused, "the instance knows no account for the token"))?;
        self.own_id = Some(id.clone());
        Ok(id)
    }

    /// One batch; the cursor is moved along.
    async fn look(&mut self, cursor: &mut Cursor) -> Result<(Vec<RawInbound>, bool), SourceError> {
        let goes_on = !self.due.is_empty();
        if !goes_on {
            self.find_due(cursor).await?;
        }
        let read_threads = !self.due.is_empty();
        // Threads before notifications: a reply that comes in between is then in both, and the
        // notification, which has the nearer clock, is taken.
        let below = self.below(cursor).await?;
        let query = format!("limit={PAGE}&min_id={}", cursor.min_id);
        let page = self.notifications(&query).await?;
        let mut messages = Vec::new();
        let newest = page.iter().map(|n| Id::new(&n.id)).max();
        let more = read_threads || newest.is_some();
        // The API lists the newest first.
        for notification in page.iter().rev() {
            let Some(raw) = &notification.status else { continue };
            // One that cannot be understood is kept all the same: a person may.
            let known = serde_json::from_str::<Status>(raw.get());
            let id = known.map_or_else(|_| format!("notification {}", notification.id), |status| status.id);
            self.returned.insert(id.clone());
            messages.push(inbound(raw, id, Stamp::server(notification.created_at)));
        }
        for (status, raw) in below {
            let received = claimed(&status);
            if self.returned.insert(status.id.clone()) {
                messages.push(inbound(&raw, status.id, received));
            }
        }
        if let Some(newest) = newest {
            newest.as_str().clone_into(&mut cursor.min_id);
        }
        if self.returned.len() > RETURNED_MAX {
            self.returned.clear();
        }
        Ok((messages, more))
    }
}

#[async_trait]
impl Source for MastodonSource {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn channel(&self) -> Channel {
        Channel::Mastodon
    }

    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError> {
        let mut cursor = match cursor {
            None => self.first_look().await?,
            // One that makes no sense would skip what came: better to stop than to lose.
            Some(text) => serde_json::from_str(text)
                .map_err(|_| self.api.failed(Trouble::Garbled, "a cursor that is not ours"))?,
        };
        let looked = self.look(&mut cursor).await;
        if !matches!(looked, Ok((_, true))) {
            // The next look begins anew; what a failed one has read and not returned is read again.
            self.due.clear();
            self.took_turns = false;
        }
        let (messages, more) = looked?;
        let cursor = serde_json::to_string(&cursor).map_err(|e| self.api.failed(Trouble::Garbled, &e.to_string()))?;
        Ok(Batch { messages, cursor, more, missed: None })
    }

    async fn wait(&mut self, at_most: Duration) {
        tokio::time::sleep(at_most).await;
    }
}

/// A status of our own instance carries our server's time, one of another only that server's word.
fn claimed(status: &Status) -> Stamp {
    let server = Stamp::server(status.created_at);
    if status.account.acct.contains('@') { Stamp { provenance: Provenance::SenderClaimed, ..server } } else { server }
}

fn inbound(raw: &RawValue, id: String, received: Stamp) -> RawInbound {
    RawInbound {
        locator: id,
        format: RawFormat::MastodonStatus,
        bytes: raw.get().to_owned().into(),
        received,
        in_spam: false,
    }
}
