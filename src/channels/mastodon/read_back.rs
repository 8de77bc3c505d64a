//! Did a post whose answer was lost leave? Our account's own posts, read back, say so.
//!
//! An instance writes a post and answers in one request, and its list of an account's own posts is
//! what it knows. So a post that stands there has left. One that does not has never left, if the
//! list shows what it must: posts of the same visibility from before the attempt, without a gap
//! up to now. Without such a control (a server that hides direct posts, an account that is new)
//! nothing is concluded.

use super::MastodonSender;
use crate::channels::{Evidence, Trace};
use crate::model::study::Visibility;
use crate::net::{Answered, Http};
use chrono::{DateTime, TimeDelta, Utc};
use scraper::Html;
use serde::Deserialize;

/// Posts of one request: the most that Mastodon gives.
const PAGE: usize = 40;

/// Most requests: an account that posts more than that since the attempt is not ours alone.
const PAGES_MAX: usize = 10;

/// How far the instance's clock and ours may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

#[derive(Deserialize)]
struct Own {
    id: String,
}

/// The parts of a post that matter.
#[derive(Deserialize)]
struct Post {
    id: String,
    created_at: DateTime<Utc>,
    visibility: String,
    content: String,
}

impl MastodonSender {
    /// Looks for a post of that text since `since`; `wanted` is its visibility.
    pub(super) async fn read_back(&self, text: &str, wanted: Visibility, since: DateTime<Utc>) -> Trace {
        let Ok(http) = self.dialer.http() else { return Trace::CannotSay };
        let Some((posts, evidence)) = self.posts_since(&http, since - CLOCKS_DIFFER).await else {
            return Trace::CannotSay;
        };
        let ours = squeezed(text);
        let new = |post: &&Post| post.created_at >= since - CLOCKS_DIFFER;
        let found = posts.iter().filter(new).find(|post| squeezed(&plain(&post.content)).ends_with(&ours));
        let control = |post: &Post| post.created_at < since && post.visibility == super::word(wanted);
        match found {
            Some(post) => Trace::Left { receipt: post.id.clone(), evidence },
            None if posts.iter().any(control) => Trace::NeverLeft { evidence },
            None => Trace::CannotSay,
        }
    }

    /// Our posts, newest first, back to beyond that moment; `None` where they do not reach so far.
    async fn posts_since(&self, http: &Http, since: DateTime<Utc>) -> Option<(Vec<Post>, Vec<Evidence>)> {
        let own: Own = self.read(http, "/api/v1/accounts/verify_credentials").await?.0;
        let (mut posts, mut evidence): (Vec<Post>, Vec<Evidence>) = (Vec::new(), Vec::new());
        for _ in 0..PAGES_MAX {
            let before = posts.last().map(|post| format!("&max_id={}", post.id)).unwrap_or_default();
            let path = format!("/api/v1/accounts/{}/statuses?limit={PAGE}&exclude_reblogs=true{before}", own.id);
            let (page, bytes): (Vec<Post>, _) = self.read(http, &path).await?;
            evidence.push(Evidence { label: "response", bytes });
            let end = page.is_empty() || page.iter().any(|post| post.created_at < since);
            posts.extend(page);
            if end {
                return Some((posts, evidence));
            }
        }
        None
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, http: &Http, path: &str) -> Option<(T, Vec<u8>)> {
        match self.get(http, path).await {
            Ok(Answered { status: 200, body, .. }) => Some((serde_json::from_slice(&body).ok()?, body)),
            Ok(_) | Err(_) => None,
        }
    }
}

/// What a post says, without its markup.
fn plain(html: &str) -> String {
    Html::parse_fragment(html).root_element().text().collect()
}

/// Letters and digits alone: an instance wraps mentions, links and lines in markup of its own.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
