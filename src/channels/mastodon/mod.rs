//! How is a question sent to a company's account on Mastodon, or on a server that speaks its API?
//!
//! One post that mentions the company, direct or public as the study says. The idempotency key
//! is used at once and never replayed after a restart: servers forget it.

mod length;

use super::{Delivered, Ended, Evidence, Outgoing, Prepared, Refused, Sender};
use crate::model::ids::AccountId;
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::study::{MastodonAccount, Target, Visibility};
use crate::model::time::Stamp;
use crate::net::{Answered, Dialer, Http, Unanswered, answer_to};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use length::{URL_CHARS, post_chars};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::Url;

/// Most characters of a post where the instance does not say.
const POST_CHARS: usize = 500;

/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Time limit of a request, and again of its answer.
const LIMIT: Duration = Duration::from_secs(45);

/// Sends questions from an account of ours.
pub struct MastodonSender {
    account: AccountId,
    instance: Url,
    token: SecretString,
    language: String,
    dialer: Dialer,
    limit: Duration,
}

impl MastodonSender {
    /// A sender for that account. `language` is the ISO 639-1 code of the posts.
    #[must_use]
    pub fn new(account: &MastodonAccount, token: SecretString, language: &str, dialer: Dialer) -> Self {
        Self {
            account: account.id.clone(),
            instance: account.instance.clone(),
            token,
            language: language.to_owned(),
            dialer,
            limit: LIMIT,
        }
    }

    /// The same, with another time limit of a request.
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn failed(&self, failure: Failure<String>) -> Ended {
        Outcome::AccountFailed { account: self.account.clone(), failure }
    }

    /// How long a post may be: version 2 of the instance's description, else version 1.
    async fn limits(&self, http: &Http) -> Result<PostLimits, Ended> {
        let mut answered = self.get(http, "/api/v2/instance").await?;
        if answered.status == 404 {
            answered = self.get(http, "/api/v1/instance").await?;
        }
        let Answered { status, body, retry_after } = answered;
        match status {
            200 => Ok(serde_json::from_slice::<Instance>(&body).unwrap_or_default().configuration.statuses),
            429 => {
                let failure = refusal(Phase::Prepare, status, "too many requests");
                Err(Outcome::Deferred(failure.with_retry_after(retry_after)))
            }
            401 | 403 => Err(self.failed(refusal(Phase::Login, status, &said(&body)))),
            _ => Err(self.failed(refusal(Phase::Connect, status, &said(&body)))),
        }
    }

    async fn get(&self, http: &Http, path: &str) -> Result<Answered, Ended> {
        let failed = |why: String| self.failed(Failure::new(Phase::Connect, format!("{}: {why}", self.instance)));
        let url = self.instance.join(path).map_err(|e| failed(e.to_string()))?;
        let request = http.request(Method::GET, &url).map_err(|e| failed(e.to_string()))?;
        let request = request.bearer_auth(self.token.expose_secret());
        match answer_to(request, ANSWER_BYTES_MAX, self.limit).await {
            // A refusal says all in its head.
            Err(Unanswered { status: Some(status @ 400..=499), why, .. }) => {
                Ok(Answered { status, body: why.into_bytes(), retry_after: None })
            }
            answered => answered.map_err(|e| failed(e.why)),
        }
    }
}

#[async_trait]
impl Sender for MastodonSender {
    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let Target::Mastodon { handle, visibility } = &outgoing.inquiry.target else {
            let why = "the inquiry does not go to Mastodon".to_owned();
            return Err(Outcome::Blocked(Failure::new(Phase::Prepare, why)).into());
        };
        let http = self.dialer.http();
        let http =
            http.map_err(|e| self.failed(Failure::new(Phase::Connect, format!("the TLS set-up failed: {e}"))))?;
        let limits = self.limits(&http).await?;
        let text = format!("@{} {}", handle.trim_start_matches('@'), outgoing.message.text.trim());
        let chars = post_chars(&text, limits.characters_reserved_per_url);
        if chars > limits.max_characters {
            let most = limits.max_characters;
            let why = format!("the post has {chars} characters, and the instance takes {most}");
            return Err(Outcome::Blocked(Failure::new(Phase::Prepare, why)).into());
        }
        let failed = |why: String| self.failed(Failure::new(Phase::Connect, why));
        let url = self.instance.join("/api/v1/statuses").map_err(|e| failed(e.to_string()))?;
        let body = body(&text, *visibility, &self.language, outgoing.first_receipt);
        let key = hex::encode(Sha256::digest(&outgoing.message.message_id));
        let request = http.request(Method::POST, &url).map_err(|e| failed(e.to_string()))?;
        let request = request
            .bearer_auth(self.token.expose_secret())
            .header("Idempotency-Key", &key)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .timeout(self.limit * 2)
            .body(body.clone());
        // Without the token: evidence is kept.
        let written = format!("POST {url}\r\nIdempotency-Key: {key}\r\n\r\n{body}");
        Ok(Box::new(Post { account: self.account.clone(), request, written, body, limit: self.limit }))
    }
}

fn body(text: &str, visibility: Visibility, language: &str, in_reply_to: Option<&str>) -> String {
    let visibility = match visibility {
        Visibility::Public => "public",
        Visibility::Private => "direct",
    };
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("status", text).append_pair("visibility", visibility).append_pair("language", language);
    if let Some(id) = in_reply_to {
        body.append_pair("in_reply_to_id", id);
    }
    body.finish()
}

/// A post that needs only to be sent.
struct Post {
    account: AccountId,
    request: reqwest::RequestBuilder,
    written: String,
    body: String,
    limit: Duration,
}

#[async_trait]
impl Prepared for Post {
    fn bytes_sha256(&self) -> Option<String> {
        Some(hex::encode(Sha256::digest(&self.body)))
    }

    fn evidence(&self) -> Vec<Evidence> {
        Vec::new()
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let mut evidence = vec![Evidence { label: "request", bytes: self.written.into_bytes() }];
        let outcome = match answer_to(self.request, ANSWER_BYTES_MAX, self.limit).await {
            Err(Unanswered { nothing_left: true, why, .. }) => {
                Outcome::AccountFailed { account: self.account, failure: Failure::new(Phase::Connect, why) }
            }
            // A refusal says all in its head.
            Err(Unanswered { status: Some(status @ 400..=499), why, .. }) => {
                judged(&Answered { status, body: why.into_bytes(), retry_after: None }, self.account)
            }
            Err(Unanswered { why, .. }) => Outcome::InDoubt(Failure::new(Phase::Transfer, why)),
            Ok(answered) => {
                evidence.push(Evidence { label: "response", bytes: answered.body.clone() });
                judged(&answered, self.account)
            }
        };
        Delivered { outcome, evidence }
    }
}

/// What the instance's answer to a post means.
fn judged(answered: &Answered, account: AccountId) -> Ended {
    let Answered { status, ref body, retry_after } = *answered;
    let failure = |phase: Phase| refusal(phase, status, &said(body));
    match status {
        200..=299 => match serde_json::from_slice::<Posted>(body) {
            // Our instance could not find the account: the post is there and reaches nobody.
            Ok(Posted { mentions: Some(mentions), .. }) if mentions.is_empty() => {
                Outcome::Rejected(refusal(Phase::Address, status, "no account has the handle that was mentioned"))
            }
            // To be worked on later (RFC 9110 §15.3.3): a server that moderates first.
            Ok(posted) if status == 202 => {
                Outcome::Held { at: Stamp::server(posted.created_at), failure: failure(Phase::Confirm) }
            }
            Ok(posted) => Outcome::Accepted { at: Stamp::server(posted.created_at), receipt: Some(posted.id) },
            Err(_) => Outcome::InDoubt(failure(Phase::Confirm)),
        },
        401 | 403 => Outcome::AccountFailed { account, failure: failure(Phase::Login) },
        // Documented: a request over the limit is not processed.
        429 => Outcome::Deferred(failure(Phase::Transfer).with_retry_after(retry_after)),
        400 | 404 | 410 | 422 => Outcome::Rejected(failure(Phase::Transfer)),
        408 | 409 | 425 => Outcome::InDoubt(failure(Phase::Transfer)),
        // Nothing was done, and the same request will not do: a person may know a way.
        400..=499 => Outcome::Blocked(failure(Phase::Transfer)),
        _ => Outcome::InDoubt(failure(Phase::Transfer)),
    }
}

fn refusal(phase: Phase, status: u16, words: &str) -> Failure<String> {
    Failure::new(phase, format!("the instance answered {status}: {words}")).with_code(status)
}

/// The API's own words about an error, else the beginning of its answer.
fn said(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Said {
        error: String,
    }
    let start = || String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    serde_json::from_slice::<Said>(body).map_or_else(|_| start(), |said| said.error)
}

/// The parts of a posted status that matter.
#[derive(Deserialize)]
struct Posted {
    id: String,
    created_at: DateTime<Utc>,
    mentions: Option<Vec<serde::de::IgnoredAny>>,
}

/// The parts of an instance's description that matter.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Instance {
    configuration: Configuration,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Configuration {
    statuses: PostLimits,
}

#[derive(Deserialize)]
#[serde(default)]
struct PostLimits {
    max_characters: usize,
    characters_reserved_per_url: usize,
}

impl Default for PostLimits {
    fn default() -> Self {
        Self { max_characters: POST_CHARS, characters_reserved_per_url: URL_CHARS }
    }
}
