//! The few questions that watching asks an instance's API, and what is wrong where it does not answer.

use crate::net::{Dialer, Http, in_words, read_body};
use crate::sources::{SourceError, Trouble};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::time::Duration;
use url::Url;

/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Time limit of a request, and again of its answer.
pub(super) const LIMIT: Duration = Duration::from_secs(45);

/// How long nothing is asked where the instance does not say when it answers again.
const REST_MINUTES: i64 = 5;

#[derive(Deserialize)]
pub(super) struct Notification {
    pub(super) id: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) status: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) account: Account,
}

/// A status of our own, as far as it tells whether somebody replied.
#[derive(Deserialize)]
pub(super) struct OwnStatus {
    pub(super) id: String,
    /// Public replies; some instances do not say.
    pub(super) replies_count: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: String,
    #[serde(default)]
    pub(super) acct: String,
}

#[derive(Deserialize)]
pub(super) struct Context {
    pub(super) descendants: Vec<Box<RawValue>>,
}

/// An instance, asked with our token.
pub(super) struct Api {
    pub(super) instance: Url,
    pub(super) token: SecretString,
    pub(super) dialer: Dialer,
    pub(super) limit: Duration,
    pub(super) http: Option<Http>,
}

impl Api {
    /// What the API answers; `None` where there is no such thing.
    pub(super) async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>, SourceError> {
        let http = match &self.http {
            Some(http) => http.clone(),
            None => self
                .dialer
                .http()
                .map_err(|e| self.failed(Trouble::Unprotected, &format!("the TLS set-up failed: {e}")))?,
        };
        let unreachable = |why: String| self.failed(Trouble::Unreachable, &why);
        let url = self.instance.join(path).map_err(|e| unreachable(e.to_string()))?;
        let request = http.request(Method::GET, &url).map_err(|e| unreachable(e.to_string()))?;
        let request = request.bearer_auth(self.token.expose_secret()).timeout(self.limit * 2);
        let response = match tokio::time::timeout(self.limit, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(e)) if e.is_connect() => return Err(unreachable(in_words(&e))),
            Ok(Err(e)) if e.is_timeout() => return Err(self.silent()),
            Ok(Err(e)) => return Err(self.failed(Trouble::Lost, &in_words(&e))),
            Err(_) => return Err(self.silent()),
        };
        let read = self.read(response).await;
        self.http = Some(http);
        read
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<Option<T>, SourceError> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        match status {
            200 => {}
            404 | 410 => return Ok(None),
            401 | 403 => {
                return Err(SourceError {
                    trouble: Trouble::LoginRefused,
                    what: format!("{} answered {status} to our token", self.instance),
                    help: "make a new access token with the scope `read`, put it where the study says, and start again"
                        .to_owned(),
                });
            }
            429 => {
                return Err(SourceError {
                    trouble: Trouble::RateLimited { until: until(&headers) },
                    what: format!("{} answered 429: too many requests", self.instance),
                    help: "nothing to do: it is left alone until it answers again, and nothing is lost".to_owned(),
                });
            }
            500.. => return Err(self.failed(Trouble::Unavailable, &format!("answered {status}"))),
            _ => return Err(self.failed(Trouble::Refused, &format!("answered {status}"))),
        }
        let body = read_body(response, ANSWER_BYTES_MAX, self.limit).await.map_err(|e| match e.kind() {
            std::io::ErrorKind::TimedOut => self.silent(),
            _ => self.failed(Trouble::Lost, "the answer broke off"),
        })?;
        if body.cut {
            return Err(self.failed(Trouble::Garbled, "an answer without end"));
        }
        let parsed = serde_json::from_slice(&body.bytes).map(Some);
        // Where it went wrong stands in the error; what stood there goes nowhere.
        parsed.map_err(|_| self.failed(Trouble::Garbled, "an answer that cannot be understood"))
    }

    fn silent(&self) -> SourceError {
        self.failed(Trouble::Silent, &format!("no answer within {:?}", self.limit))
    }

    pub(super) fn failed(&self, trouble: Trouble, why: &str) -> SourceError {
        SourceError {
            trouble,
            what: format!("{}: {why}", self.instance),
            help: "see whether the instance can be reached; nothing is lost, reading goes on where it stopped"
                .to_owned(),
        }
    }
}

/// When requests are taken again: the instance says it as a moment, others as seconds (RFC 9110 §10.2.3).
/// Both are held against the time in the answer itself: clocks differ.
fn until(headers: &HeaderMap) -> DateTime<Utc> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let dated = text("date").and_then(|d| DateTime::parse_from_rfc2822(d).ok()).map(|d| d.with_timezone(&Utc));
    let asked_at = crate::clock::Clock::System.now();
    let wait = text("retry-after").and_then(|s| s.parse().ok()).map(TimeDelta::seconds).or_else(|| {
        let reset: DateTime<Utc> = text("x-ratelimit-reset")?.parse().ok()?;
        Some(reset - dated.unwrap_or(asked_at))
    });
    asked_at + wait.unwrap_or(TimeDelta::minutes(REST_MINUTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instance_says_when_it_answers_again() {
        let wait = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
            (until(&headers) - crate::clock::Clock::System.now()).num_seconds()
        };
        let near = |found: i64, expected: i64| assert!((expected - 5..=expected).contains(&found), "{found}");
        let date = ("date", "Mon, 02 Mar 2026 09:00:00 GMT");
        near(wait(&[date, ("x-ratelimit-reset", "2026-03-02T09:03:20.000000Z")]), 200);
        near(wait(&[("retry-after", "17")]), 17);
        near(wait(&[]), 300);
    }
}
