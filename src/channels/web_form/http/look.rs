//! What does a page hold, for somebody who only looks? The same visit as before a question is sent,
//! and it ends there.

use super::exchange::{Answer, Limits, Request, Visit};
use super::frames::{Frame, frames, strange_host};
use super::{REFRESHES_MAX, Source, may_stand_in_a_frame, refresh, source};
use crate::forms::choose::choose;
use crate::forms::page::Page;
use crate::net::Dialer;
use url::Url;

/// A page that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Its text.
    pub html: String,
    /// Where it came from, after all redirects.
    pub url: Url,
    /// Where no form of its own takes a question, its frames that may.
    pub frames: Vec<Looked>,
}

/// Gets a page, and the one that it leads on to by itself; where the form that is meant (by a CSS selector, else any
/// that takes a question) is not on it, its frames too.
///
/// # Errors
/// In words, why there is no page that could be read.
pub async fn look(
    dialer: &Dialer,
    url: &Url,
    form: Option<&str>,
    language: &str,
    limits: Limits,
) -> Result<Looked, String> {
    let http = dialer.http_from(url, limits.connect).map_err(|e| format!("the TLS set-up failed: {e}"))?;
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
            let Source { html, url, .. } = source(&answer);
            let frames = in_frames(&visit, &html, &url, form).await;
            return Ok(Looked { html, url, frames });
        };
        request = Request { url: next, body: None, from: Some(answer.url) };
    }
    Err(format!("more than {REFRESHES_MAX} pages that lead on to another one"))
}

/// The frames of a page, where the form may stand in one of them. One that is not to be had is as good as none.
async fn in_frames(visit: &Visit, html: &str, url: &Url, form: Option<&str>) -> Vec<Looked> {
    let frames = {
        let page = Page::parse(html, url);
        match choose(&page, form) {
            Err(unfit) if may_stand_in_a_frame(&unfit.obstacle) => frames(&page, url),
            _ => Vec::new(),
        }
    };
    let mut looked = Vec::new();
    for frame in frames {
        match frame {
            Frame::Written(html) => looked.push(Looked { html, url: url.clone(), frames: Vec::new() }),
            Frame::Strange(_) => {}
            Frame::At(at) => {
                let request = Request { url: at, body: None, from: Some(url.clone()) };
                let answer = visit.send(request).await.ok();
                let is_of_site = |a: &Answer| strange_host(&a.url, url).is_none();
                if let Some(answer) = answer.filter(|a| a.status.is_success() && !a.is_challenge && is_of_site(a)) {
                    let Source { html, url, .. } = source(&answer);
                    looked.push(Looked { html, url, frames: Vec::new() });
                }
            }
        }
    }
    looked
}

fn is_page(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "" | "text/html" | "application/xhtml+xml" | "text/plain")
}
