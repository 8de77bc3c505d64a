//! What has come to a Mastodon account of ours? Its mentions, and the replies below our own posts
//! that mention nobody.

use super::{Batch, Source, SourceError, Trouble};
use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::inbound::{RawFormat, RawInbound};
use crate::model::study::MastodonAccount;
use crate::model::time::{Provenance, Stamp};
use crate::net::{Dialer, Http, ask};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Notifications of one request: the most that Mastodon gives is 80, its default 40.
const PAGE: usize = 40;

/// Threads that are read in one batch.
const THREADS_A_BATCH: usize = 20;

/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Most ids that a cursor remembers; what is forgotten may be returned once more.
const SEEN_MAX: usize = 5_000;

/// Time limit of a request, and again of its answer.
const LIMIT: Duration = Duration::from_secs(45);

/// Ids of our own posts, below which replies are looked for. Shared: who sends adds to it.
#[derive(Debug, Clone, Default)]
pub struct Threads(Arc<Mutex<Vec<String>>>);

impl Threads {
    /// Looks below this post from now on.
    pub fn watch(&self, status_id: &str) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !ids.iter().any(|id| id == status_id) {
            ids.push(status_id.to_owned());
        }
    }

    fn from(&self, start: usize) -> Vec<String> {
        let ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().skip(start).take(THREADS_A_BATCH + 1).cloned().collect()
    }
}

/// Watches a Mastodon account.
pub struct MastodonSource {
    account: AccountId,
    instance: Url,
    token: SecretString,
    threads: Threads,
    dialer: Dialer,
    http: Option<Http>,
    own_id: Option<String>,
}

/// Where to go on.
#[derive(Serialize, Deserialize)]
struct Cursor {
    /// The newest notification that was returned.
    min_id: String,
    /// The place in the list of our posts.
    thread: usize,
    /// Statuses that were returned, oldest first.
    seen: Vec<String>,
}

#[derive(Deserialize)]
struct Notification {
    id: String,
    created_at: DateTime<Utc>,
    status: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Status {
    id: String,
    created_at: DateTime<Utc>,
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    #[serde(default)]
    acct: String,
}

#[derive(Deserialize)]
struct Context {
    descendants: Vec<Box<RawValue>>,
}

impl MastodonSource {
    /// A source for that account. `threads` is filled by who sends from it.
    #[must_use]
    pub fn new(account: &MastodonAccount, token: SecretString, threads: Threads, dialer: Dialer) -> Self {
        let (instance, account) = (account.instance.clone(), account.id.clone());
        Self { account, instance, token, threads, dialer, http: None, own_id: None }
    }

    /// The newest notification there is: what is older is not ours to read.
    async fn first_look(&mut self) -> Result<Cursor, SourceError> {
        let newest: Vec<Notification> = self.get(&mentions("limit=1")).await?.unwrap_or_default();
        let min_id = newest.into_iter().next().map_or_else(|| "0".to_owned(), |n| n.id);
        Ok(Cursor { min_id, thread: 0, seen: Vec::new() })
    }

    /// Replies below some of our posts, by others.
    async fn below(&mut self, posts: &[String]) -> Result<Vec<(Status, Box<RawValue>)>, SourceError> {
        let mut found = Vec::new();
        for post in posts {
            let own_id = self.own_id().await?;
            // A post that is gone has no replies any more; those that it had were notified or read.
            let context: Option<Context> = self.get(&format!("/api/v1/statuses/{post}/context")).await?;
            let replies = context.into_iter().flat_map(|c| c.descendants);
            let read = replies.filter_map(|raw| serde_json::from_str::<Status>(raw.get()).ok().map(|s| (s, raw)));
            found.extend(read.filter(|(status, _)| status.account.id != own_id));
        }
        Ok(found)
    }

    async fn own_id(&mut self) -> Result<String, SourceError> {
        if let Some(id) = &self.own_id {
            return Ok(id.clone());
        }
        let own: Option<Account> = self.get("/api/v1/accounts/verify_credentials").await?;
        let id =
            own.map(|account| account.id).ok_or_else(|| self.failed("the instance knows no account for the token"))?;
        self.own_id = Some(id.clone());
        Ok(id)
    }

    /// What the API answers; `None` where there is no such thing.
    async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>, SourceError> {
        let http = match &self.http {
            Some(http) => http.clone(),
            None => self.dialer.http().map_err(|e| self.failed(&format!("the TLS set-up failed: {e}")))?,
        };
        let url = self.instance.join(path).map_err(|e| self.failed(&e.to_string()))?;
        let request = http.request(Method::GET, &url).map_err(|e| self.failed(&e.to_string()))?;
        let request = request.bearer_auth(self.token.expose_secret()).timeout(LIMIT * 2);
        self.http = Some(http);
        let (status, body) = ask(request, ANSWER_BYTES_MAX, LIMIT).await.map_err(|e| self.failed(&e.why))?;
        match status {
            200 => serde_json::from_slice(&body)
                .map(Some)
                .map_err(|e| self.failed(&format!("an answer without sense: {e}"))),
            404 | 410 => Ok(None),
            401 | 403 => Err(SourceError {
                trouble: Trouble::LoginRefused,
                what: format!("{} answered {status} to our token", self.instance),
                help: "make a new access token with the scope `read`, and put it where the study says".to_owned(),
            }),
            429 => Err(SourceError {
                trouble: Trouble::Unavailable,
                what: format!("{} answered 429: too many requests", self.instance),
                help: "wait a few minutes: Mastodon allows 300 requests in 5 minutes".to_owned(),
            }),
            _ => Err(self.failed(&format!("answered {status}"))),
        }
    }

    fn failed(&self, why: &str) -> SourceError {
        SourceError {
            trouble: Trouble::Unreachable,
            what: format!("{}: {why}", self.instance),
            help: "see whether the instance can be reached; nothing is lost, reading goes on where it stopped"
                .to_owned(),
        }
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
            Some(text) => serde_json::from_str(text).map_err(|_| self.failed("a cursor that is not ours"))?,
        };
        let mut posts = self.threads.from(cursor.thread);
        let more_threads = posts.len() > THREADS_A_BATCH;
        posts.truncate(THREADS_A_BATCH);
        // Threads before notifications: a reply that comes in between is then in both, and the
        // notification, which has the nearer clock, is taken.
        let below = self.below(&posts).await?;
        let query = format!("limit={PAGE}&min_id={}", cursor.min_id);
        let page: Vec<Notification> = self.get(&mentions(&query)).await?.unwrap_or_default();
        // An instance may give fewer than asked for: only an empty page is the last.
        let more = more_threads || !page.is_empty();
        let mut messages = Vec::new();
        let mut seen: HashSet<String> = cursor.seen.iter().cloned().collect();
        let mut add = |raw: &RawValue, id: String, received: Stamp, repeat: bool| {
            let is_new = seen.insert(id.clone());
            if is_new {
                cursor.seen.push(id.clone());
            }
            if is_new || repeat {
                messages.push(inbound(raw, id, received));
            }
        };
        let newest = page.iter().map(|n| n.id.clone()).max_by(|a, b| by_age(a, b));
        // The API lists the newest first.
        for notification in page.iter().rev() {
            let Some(raw) = &notification.status else { continue };
            let Ok(status) = serde_json::from_str::<Status>(raw.get()) else { continue };
            add(raw, status.id, Stamp::server(notification.created_at), true);
        }
        for (status, raw) in below {
            let received = claimed(&status);
            add(&raw, status.id, received, false);
        }
        cursor.min_id = newest.unwrap_or(cursor.min_id);
        cursor.thread = if more_threads { cursor.thread + THREADS_A_BATCH } else { 0 };
        let forget = cursor.seen.len().saturating_sub(SEEN_MAX);
        cursor.seen.drain(..forget);
        let cursor = serde_json::to_string(&cursor).map_err(|e| self.failed(&e.to_string()))?;
        Ok(Batch { messages, cursor, more, missed: None })
    }

    async fn wait(&mut self, at_most: Duration) {
        tokio::time::sleep(at_most).await;
    }
}

/// Filtered ones too: without them some replies never show.
fn mentions(query: &str) -> String {
    format!("/api/v1/notifications?types[]=mention&include_filtered=true&{query}")
}

/// Ids are decimal numbers of growing length.
fn by_age(a: &str, b: &str) -> std::cmp::Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
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
        bytes: raw.get().as_bytes().to_vec(),
        received,
        in_spam: false,
    }
}
