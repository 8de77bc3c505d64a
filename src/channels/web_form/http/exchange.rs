//! What did the site answer, after all its redirects? And if it did not: can anything have left?

use crate::channels::Evidence;
use crate::channels::web_form::mask::Secrets;
use crate::forms::page::Form;
use crate::net::{Body, Http, Suspect, in_words, leads_inside, read_body, retry_after};
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, LOCATION, ORIGIN, REFERER, SET_COOKIE, USER_AGENT,
};
use reqwest::{Method, StatusCode};
use std::sync::Mutex;
use std::time::Duration;
use url::Url;

/// Most redirects that are followed, as the Fetch standard's for browsers halved.
const REDIRECTS_MAX: usize = 10;

/// A browser that many people use: pages for people are made for it.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// What browsers say they take.
const ACCEPTED: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// How long to wait, and how much to read. Browsers wait for minutes; a site that people use answers
/// in seconds, and eight of them at once are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, its TLS handshake included.
    pub connect: Duration,
    /// From the request, its connection included, to the end of the answer's head: longer than a
    /// connection may take, so that whoever is not reached is not in doubt.
    pub first_byte: Duration,
    /// From there to the end of the body, however slowly it comes.
    pub body: Duration,
    /// Most bytes of a body.
    pub body_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let (connect, answer) = (Duration::from_secs(20), Duration::from_secs(45));
        Self { connect, first_byte: answer, body: answer, body_bytes_max: 4 << 20 }
    }
}

/// One visit to a site: cookies are kept in it, and end with it.
pub(super) struct Visit {
    /// The client, with its cookies.
    pub(super) http: Http,
    /// ISO 639-1 code of the language that pages are asked for in.
    language: String,
    /// Time and size limits.
    limits: Limits,
    /// What was met that no evidence may show.
    secrets: Mutex<Secrets>,
}

/// A request of a visit.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Where it goes.
    pub(super) url: Url,
    /// Content type and body of a POST; a GET has none.
    pub(super) body: Option<(String, Vec<u8>)>,
    /// The page it comes from.
    pub(super) from: Option<Url>,
}

/// What came back in the end.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its address, after all redirects.
    pub(super) url: Url,
    /// Number of redirects before it.
    pub(super) redirects: usize,
    /// Its content type.
    pub(super) content_type: Option<String>,
    /// Where its head says to go on to, and when.
    pub(super) refresh: Option<String>,
    /// Whether it says that it first wants a proof that a person asks.
    pub(super) is_challenge: bool,
    /// Seconds that it asks us to wait.
    pub(super) retry_after: Option<u32>,
    /// Its body, or the beginning of it.
    pub(super) body: Vec<u8>,
    /// All requests and responses.
    pub(super) evidence: Vec<Evidence>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Lost {
    /// Where nothing of the first request can have reached the site: who is to be suspected.
    pub(super) unreached: Option<Suspect>,
    /// Why, in words.
    pub(super) why: String,
    /// Requests and responses up to there.
    pub(super) evidence: Vec<Evidence>,
}

impl Visit {
    /// A visit that has not begun.
    pub(super) fn new(http: Http, language: String, limits: Limits) -> Self {
        Self { http, language, limits, secrets: Mutex::default() }
    }

    /// Takes note of a form's tokens.
    pub(super) fn learn_form(&self, form: &Form) {
        if let Ok(mut secrets) = self.secrets.lock() {
            secrets.learn_form(form);
        }
    }

    /// Evidence without the secrets of this visit.
    pub(super) fn masked(&self, evidence: Vec<Evidence>) -> Vec<Evidence> {
        match self.secrets.lock() {
            Ok(secrets) => secrets.masked(evidence),
            Err(broken) => broken.into_inner().masked(evidence),
        }
    }

    /// Sends a request and follows redirects, as browsers do: 307 and 308 repeat it, others ask for a page.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let mut request = request;
        let mut evidence = Vec::new();
        for redirects in 0..=REDIRECTS_MAX {
            evidence.push(Evidence { label: "request", bytes: written(&request) });
            let lost = |unreached: Option<Suspect>, why: String, evidence: &mut Vec<Evidence>| Lost {
                unreached: unreached.filter(|_| redirects == 0),
                why: format!("{}: {why}", request.url),
                evidence: std::mem::take(evidence),
            };
            let response = match self.one(&request).await {
                Ok(response) => response,
                Err((unreached, why)) => return Err(lost(unreached, why, &mut evidence)),
            };
            let (status, headers) = (response.status(), response.headers().clone());
            self.learn_cookies(&headers);
            let head = head(status, &headers);
            let body = match read_body(response, self.limits.body_bytes_max, self.limits.body).await {
                Ok(body) => body,
                // A page that is not whole says nothing; a refusal or a redirect says all in its head.
                Err(e) if status.is_success() => {
                    evidence.push(Evidence { label: "response", bytes: head });
                    return Err(lost(None, format!("answered {status}, then {}", in_words(&e)), &mut evidence));
                }
                Err(_) => Body { bytes: Vec::new(), cut: true },
            };
            evidence.push(Evidence { label: "response", bytes: [head.as_slice(), &body.bytes].concat() });
            let next = match next(&request, status, &headers) {
                Ok(next) => next,
                Err(why) => return Err(lost(None, why, &mut evidence)),
            };
            match next {
                Some(next) => request = next,
                None => {
                    return Ok(Answer {
                        status,
                        url: request.url,
                        redirects,
                        content_type: text(&headers, CONTENT_TYPE.as_str()),
                        refresh: text(&headers, "refresh"),
                        is_challenge: text(&headers, "cf-mitigated").is_some(),
                        retry_after: retry_after(&headers),
                        body: body.bytes,
                        evidence,
                    });
                }
            }
        }
        Err(Lost { unreached: None, why: format!("more than {REDIRECTS_MAX} redirects"), evidence })
    }

    fn learn_cookies(&self, headers: &HeaderMap) {
        if let Ok(mut secrets) = self.secrets.lock() {
            for cookie in headers.get_all(SET_COOKIE) {
                secrets.learn_cookie(&String::from_utf8_lossy(cookie.as_bytes()));
            }
        }
    }

    async fn one(&self, request: &Request) -> Result<reqwest::Response, (Option<Suspect>, String)> {
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let builder = self.http.request(method, &request.url).map_err(|e| (Some(Suspect::Theirs), e.to_string()))?;
        let mut builder = builder
            .header(USER_AGENT, BROWSER)
            .header(ACCEPT, ACCEPTED)
            .header(ACCEPT_LANGUAGE, format!("{},en;q=0.5", self.language))
            .timeout(self.limits.first_byte + self.limits.body);
        if let Some(from) = &request.from {
            builder = builder.header(REFERER, referer(from));
        }
        if let Some((content_type, body)) = &request.body {
            let from = request.from.as_ref().unwrap_or(&request.url);
            builder = builder.header(ORIGIN, from.origin().ascii_serialization());
            builder = builder.header(CONTENT_TYPE, content_type).body(body.clone());
        }
        match tokio::time::timeout(self.limits.first_byte, builder.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(e)) if e.is_connect() || e.is_builder() => {
                Err((Some(Suspect::of(&e, self.http.is_proxied(&request.url))), in_words(&e)))
            }
            Ok(Err(e)) => Err((None, in_words(&e))),
            // A connection that cannot be made ends earlier, with the error above.
            Err(_) => Err((None, format!("no answer within {:?}", self.limits.first_byte))),
        }
    }
}

/// The request that a redirect asks for; `None` where the answer is none.
fn next(request: &Request, status: StatusCode, headers: &HeaderMap) -> Result<Option<Request>, String> {
    let keeps_body = matches!(status.as_u16(), 307 | 308);
    if !keeps_body && !matches!(status.as_u16(), 301..=303) {
        return Ok(None);
    }
    let Some(location) = text(headers, LOCATION.as_str()) else { return Ok(None) };
    let mut url =
        request.url.join(&location).map_err(|_| format!("redirected to `{location}`, which is no address"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("redirected to `{location}`, which is not on the web"));
    }
    if leads_inside(&request.url, &url) {
        return Err(format!("redirected to `{location}`, which is inside our own network"));
    }
    url.set_fragment(None);
    let body = request.body.clone().filter(|_| keeps_body);
    Ok(Some(Request { url, body, from: request.from.clone() }))
}

fn referer(from: &Url) -> String {
    let mut from = from.clone();
    from.set_fragment(None);
    // Neither fails for a URL that has a host.
    let _ = from.set_username("");
    let _ = from.set_password(None);
    from.into()
}

/// The request as evidence: what we decide about it, without what the client adds.
fn written(request: &Request) -> Vec<u8> {
    let (method, kind, body) = match &request.body {
        Some((kind, body)) => ("POST", format!("Content-Type: {kind}\r\n"), body.as_slice()),
        None => ("GET", String::new(), [].as_slice()),
    };
    let from = request.from.as_ref().map(|f| format!("Referer: {}\r\n", referer(f))).unwrap_or_default();
    let head = format!("{method} {}\r\n{from}{kind}\r\n", request.url);
    [head.as_bytes(), body].concat()
}

fn head(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    let mut head = format!("{status}\r\n").into_bytes();
    for (name, value) in headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned())
}
