//! What does a page hold, for somebody who only looks? The same visit as before a question is sent,
//! and it ends there.

use super::exchange::{Limits, Request, Visit};
use super::{REFRESHES_MAX, refresh, source};
use crate::net::Dialer;
use url::Url;

/// A page that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its text.
    pub html: String,
    /// Where it came from, after all redirects.
    pub url: Url,
}

/// Gets a page, and the one that it leads on to by itself.
///
/// # Errors
/// In words, why there is no page that could be read.
pub async fn look(dialer: &Dialer, url: &Url, language: &str, limits: Limits) -> Result<Looked, String> {
    let http = dialer.http_within(limits.connect).map_err(|e| format!("the TLS set-up failed: {e}"))?;
    let visit = Visit::new(http, language.to_owned(), limits);
    let mut request = Request { url: url.clone(), body: None, from: None };
    for _ in 0..=REFRESHES_MAX {
        let answer = visit.send(request).await.map_err(|lost| lost.why)?;
        if answer.is_challenge {
            return Err(format!("{}: the site first wants a proof that a person asks", answer.url));
        }
        if !answer.status.is_success() {
            return Err(format!("{}: the site answered {}", answer.url, answer.status));
        }
        if let Some(kind) = answer.content_type.as_deref().filter(|kind| !is_page(kind)) {
            return Err(format!("{}: this is no page but `{kind}`", answer.url));
        }
        let Some(next) = refresh::next_page(&answer) else {
            let source = source(&answer);
            return Ok(Looked { html: source.html, url: source.url });
        };
        request = Request { url: next, body: None, from: Some(answer.url) };
    }
    Err(format!("more than {REFRESHES_MAX} pages that lead on to another one"))
}

fn is_page(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "" | "text/html" | "application/xhtml+xml" | "text/plain")
}
