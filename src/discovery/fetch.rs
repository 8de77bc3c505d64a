//! What does a server answer to one request? Bounded in time and size; redirects are the caller's to follow.

use crate::net::{Dialer, Http, in_words, read_body, retry_after};
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION, USER_AGENT};
use std::error::Error;
use std::io;
use std::time::Duration;
use url::Url;

/// Time and size limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, its TLS handshake included.
    pub connect: Duration,
    /// From the request to the end of the answer's head.
    pub first_byte: Duration,
    /// From there to the end of the body, however slowly it comes.
    pub body: Duration,
    /// Most bytes of a page that are read.
    pub page_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let (connect, answer) = (Duration::from_secs(10), Duration::from_secs(20));
        Self { connect, first_byte: answer, body: answer, page_bytes_max: 2 * 1024 * 1024 }
    }
}

/// Asks one site, under one name.
pub(super) struct Fetcher {
    http: Http,
    user_agent: String,
    language: String,
    limits: Limits,
}

/// What came back.
#[derive(Debug)]
pub(super) enum Answer {
    /// A text, or its beginning.
    Text(String),
    /// It lies elsewhere.
    Moved(Url),
    /// Any other status.
    Refused(u16),
    /// The server is busy, and asks us to go away for a while.
    Busy(u16, Option<u32>),
    /// Something that is no text.
    NoText(String),
}

/// Why there is no answer, in words.
#[derive(Debug)]
pub(super) enum Lost {
    /// It would lead into our own network: nobody was asked.
    Inside(String),
    /// Nothing came, or nothing that can be followed.
    Unanswered(String),
}

impl Lost {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |cause| (*cause).source());
        let mut refusals = causes.filter_map(|cause| cause.downcast_ref::<io::Error>());
        // One with a number is the system's, of a firewall for one.
        let ours = |e: &&io::Error| e.kind() == io::ErrorKind::PermissionDenied && e.raw_os_error().is_none();
        match refusals.find(ours) {
            Some(refusal) => Self::Inside(format!(
                "{refusal}: nobody is asked there (a server of your own on loopback is visited with `--town`)"
            )),
            None => Self::Unanswered(in_words(error)),
        }
    }
}

impl Fetcher {
    /// A client with cookies of its own, as a visitor's.
    pub(super) fn new(dialer: &Dialer, user_agent: &str, language: &str, limits: Limits) -> Result<Self, String> {
        let http = dialer.http_to_strangers(limits.connect).map_err(|e| in_words(&e))?;
        Ok(Self { http, user_agent: user_agent.to_owned(), language: language.to_owned(), limits })
    }

    /// One request.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) async fn get(&self, url: &Url, bytes_max: Option<usize>) -> Result<Answer, Lost> {
        let limits = self.limits;
        let lost = Lost::Unanswered;
        let request = self.http.request(Method::GET, url).map_err(|e| Lost::of(&e))?;
        let languages = if self.language == "en" { "en".to_owned() } else { format!("{},en;q=0.5", self.language) };
        let request = request
            .header(USER_AGENT, &self.user_agent)
            .header(ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8")
            .header(ACCEPT_LANGUAGE, languages)
            .timeout(limits.first_byte + limits.body);
        let response = tokio::time::timeout(limits.first_byte, request.send()).await;
        let response = response.map_err(|_| lost(format!("no answer within {:?}", limits.first_byte)))?;
        let response = response.map_err(|e| Lost::of(&e))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let header = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        match status {
            301..=303 | 307 | 308 => {
                let Some(location) = header(LOCATION) else { return Ok(Answer::Refused(status)) };
                let mut to = url.join(&location).map_err(|_| lost("it redirects to no address".to_owned()))?;
                to.set_fragment(None);
                if !matches!(to.scheme(), "http" | "https") || !to.has_host() {
                    return Err(lost("it redirects to something that is not on the web".to_owned()));
                }
                return Ok(Answer::Moved(to));
            }
            429 | 503 => return Ok(Answer::Busy(status, retry_after(&headers))),
            200..=299 => {}
            _ => return Ok(Answer::Refused(status)),
        }
        let kind = header(CONTENT_TYPE).unwrap_or_default();
        let plain = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !(plain.is_empty() || plain.starts_with("text/") || plain.contains("html") || plain.contains("xml")) {
            return Ok(Answer::NoText(plain));
        }
        let body = read_body(response, bytes_max.unwrap_or(limits.page_bytes_max), limits.body).await;
        let body = body.map_err(|e| lost(in_words(&e)))?;
        let (text, _) = crate::net::text::decode(&body.bytes, Some(&kind));
        Ok(Answer::Text(text))
    }
}
