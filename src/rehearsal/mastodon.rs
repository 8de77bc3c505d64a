//! The part of Mastodon's API that a customer's program needs, for every instance of the town.

use super::directory::Seen;
use super::social::{Author, Notification, Post};
use super::square::{Ledger, Medium, Question, Square};
use super::web::{Asked, pairs};
use crate::model::channel::Channel;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::sync::Arc;

/// Longest status, in characters: Mastodon's default.
const STATUS_CHARS_MAX: usize = 500;

/// Notifications a page: by default, and at most.
const PAGE_DEFAULT: usize = 40;
const PAGE_MAX: usize = 80;

/// Most descendants that a thread shows.
const CONTEXT_MAX: usize = 4_096;

/// Answers a request to an instance.
pub(super) fn answer(square: &Arc<Square>, asked: &Asked) -> Response {
    let path: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match (&asked.method, path.as_slice()) {
        (&Method::GET, ["api", "v2", "instance"]) => Json(instance(&asked.host, 2)).into_response(),
        (&Method::GET, ["api", "v1", "instance"]) => Json(instance(&asked.host, 1)).into_response(),
        (method, ["api", "v1", rest @ ..]) => match me(square, asked) {
            Some(me) => authorized(square, asked, &me, method, rest),
            None => refuse(square, asked, StatusCode::UNAUTHORIZED, "The access token is invalid"),
        },
        _ => error(StatusCode::NOT_FOUND, "Record not found"),
    }
}

fn authorized(square: &Arc<Square>, asked: &Asked, me: &str, method: &Method, path: &[&str]) -> Response {
    match (method, path) {
        (&Method::POST, ["statuses"]) => publish(square, asked, me),
        (&Method::GET, ["statuses", id]) => one_status(square, asked, id),
        (&Method::GET, ["statuses", id, "context"]) => context(square, asked, id),
        (&Method::GET, ["notifications"]) => notifications(square, asked, me),
        (&Method::GET, ["accounts", "verify_credentials"]) => {
            Json(account(&asked.host, &persona(square, me))).into_response()
        }
        (&Method::GET, ["accounts", id, "statuses"]) => statuses_of(square, asked, id),
        _ => error(StatusCode::NOT_FOUND, "Record not found"),
    }
}

/// The handle of the account that the request's token opens.
fn me(square: &Square, asked: &Asked) -> Option<String> {
    let token = asked.header(header::AUTHORIZATION)?.strip_prefix("Bearer ")?.trim();
    let accounts = square.accounts_on(&asked.host);
    (!token.is_empty()).then(|| square.ledger().social.account(&asked.host, token, &accounts))
}

fn persona(square: &Square, handle: &str) -> Author {
    let user = handle.split('@').next().unwrap_or_default();
    let names = square.plan.study.personas.iter().map(|p| &p.name);
    let name = names.into_iter().find(|n| crate::model::ids::slug(n).replace('-', "_") == user);
    Author { handle: handle.to_owned(), name: name.map_or(user, String::as_str).to_owned(), bot: false }
}

fn publish(square: &Arc<Square>, asked: &Asked, me: &str) -> Response {
    let sent = parameters(asked);
    let value = |name: &str| sent.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let text = value("status").trim().to_owned();
    if text.is_empty() {
        return refuse(square, asked, StatusCode::UNPROCESSABLE_ENTITY, "Validation failed: Text can't be blank");
    }
    if text.chars().count() > STATUS_CHARS_MAX {
        let why = "Validation failed: Text character limit of 500 exceeded";
        return refuse(square, asked, StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    let now = square.stepper.now();
    let key = asked.headers.get("Idempotency-Key").and_then(|k| k.to_str().ok());
    let post = {
        let mut ledger = square.ledger();
        if let Some(id) = key.and_then(|key| ledger.social.by_key(me, key, now)) {
            let before = ledger.social.post(id).map(|p| status(&asked.host, p, &ledger));
            return Json(before).into_response();
        }
        let id = ledger.social.next_id(now);
        if let Some(key) = key {
            ledger.social.keep_key(me, key, id, now);
        }
        let visibility = Some(value("visibility")).filter(|v| !v.is_empty()).unwrap_or("public").to_owned();
        let post = Post {
            id,
            at: now,
            author: persona(square, me),
            in_reply_to: value("in_reply_to_id").parse().ok(),
            visibility,
            mentions: mentions(&text, &asked.host),
            text,
        };
        ledger.social.add(post.clone());
        post
    };
    hand_over(square, &post);
    let ledger = square.ledger();
    Json(status(&asked.host, &post, &ledger)).into_response()
}

/// The company that is mentioned first and known hears the question.
fn hand_over(square: &Arc<Square>, post: &Post) {
    let known = post.mentions.iter().find(|handle| square.directory.knows(Channel::Mastodon, handle));
    let Some(handle) = known else {
        square.ledger().stats.unattributed += 1;
        return;
    };
    let seen = Seen { channel: Channel::Mastodon, target: handle, message_id: None, reply_to: None, text: &post.text };
    let question = Question { medium: Medium::Status { id: post.id }, subject: String::new(), text: post.text.clone() };
    square.receive(seen, question);
}

fn one_status(square: &Square, asked: &Asked, id: &str) -> Response {
    let ledger = square.ledger();
    match id.parse().ok().and_then(|id| ledger.social.post(id)) {
        Some(post) => Json(status(&asked.host, post, &ledger)).into_response(),
        None => error(StatusCode::NOT_FOUND, "Record not found"),
    }
}

fn context(square: &Square, asked: &Asked, id: &str) -> Response {
    let ledger = square.ledger();
    let Some(post) = id.parse().ok().and_then(|id| ledger.social.post(id)) else {
        return error(StatusCode::NOT_FOUND, "Record not found");
    };
    let mut ancestors = Vec::new();
    let mut above = post.in_reply_to;
    while let Some(parent) = above.and_then(|id| ledger.social.post(id)).filter(|_| ancestors.len() < CONTEXT_MAX) {
        ancestors.push(status(&asked.host, parent, &ledger));
        above = parent.in_reply_to;
    }
    ancestors.reverse();
    let mut thread = std::collections::BTreeSet::from([post.id]);
    let mut descendants = Vec::new();
    // A reply's id is higher than what it answers, so one pass in order finds them all.
    for reply in ledger.social.after(post.id).take(CONTEXT_MAX) {
        if reply.in_reply_to.is_some_and(|to| thread.contains(&to)) {
            thread.insert(reply.id);
            descendants.push(status(&asked.host, reply, &ledger));
        }
    }
    Json(json!({"ancestors": ancestors, "descendants": descendants})).into_response()
}

/// Newest first. `since_id` cuts the newest page off below; `min_id` gives the page just above
/// it, so that a reader who goes up by `min_id` misses nothing.
fn notifications(square: &Square, asked: &Asked, me: &str) -> Response {
    let number = |name: &str| asked.query(name).and_then(|v| v.parse::<u64>().ok());
    let (max_id, since_id, min_id) = (number("max_id"), number("since_id"), number("min_id"));
    let limit = asked.query("limit").and_then(|v| v.parse().ok()).unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let filtered_too = asked.query("include_filtered").is_some_and(|v| v == "true" || v == "1");
    let listed =
        |name: &str| asked.query.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    let (types, excluded) = (listed("types[]"), listed("exclude_types[]"));
    // All of the town's notifications are mentions.
    let mentions_wanted = (types.is_empty() || types.contains(&"mention")) && !excluded.contains(&"mention");
    let ledger = square.ledger();
    let fits =
        |n: &&Notification| mentions_wanted && (filtered_too || !n.filtered) && max_id.is_none_or(|max| n.id < max);
    let after = since_id.max(min_id).unwrap_or(0);
    let all = ledger.social.notifications(me, after).iter().filter(fits);
    let page: Vec<&Notification> = if min_id.is_some() {
        let mut page: Vec<_> = all.take(limit).collect();
        page.reverse();
        page
    } else {
        all.rev().take(limit).collect()
    };
    let shown: Vec<Value> = page.iter().filter_map(|n| notification(&asked.host, n, &ledger)).collect();
    let mut headers = HeaderMap::new();
    if let (Some(newest), Some(oldest)) = (page.first(), page.last()) {
        let url = format!("https://{}/api/v1/notifications?limit={limit}", asked.host);
        let links = format!("<{url}&max_id={}>; rel=\"next\", <{url}&min_id={}>; rel=\"prev\"", oldest.id, newest.id);
        headers.extend(HeaderValue::from_str(&links).ok().map(|links| (header::LINK, links)));
    }
    (headers, Json(shown)).into_response()
}

/// Newest first; page by `max_id`, `since_id`, `limit`.
fn statuses_of(square: &Square, asked: &Asked, id: &str) -> Response {
    let number = |name: &str| asked.query(name).and_then(|v| v.parse::<u64>().ok());
    let (max_id, since_id) = (number("max_id"), number("since_id"));
    let limit = asked.query("limit").and_then(|v| v.parse().ok()).unwrap_or(20).clamp(1, 40);
    let ledger = square.ledger();
    let shown: Vec<Value> = ledger
        .social
        .posts()
        .rev()
        .filter(|p| account_id(&p.author.handle) == id)
        .filter(|p| max_id.is_none_or(|max| p.id < max) && since_id.is_none_or(|since| p.id > since))
        .take(limit)
        .map(|p| status(&asked.host, p, &ledger))
        .collect();
    Json(shown).into_response()
}

fn notification(host: &str, notification: &Notification, ledger: &Ledger) -> Option<Value> {
    let post = ledger.social.post(notification.status)?;
    Some(json!({
        "id": notification.id.to_string(),
        "type": "mention",
        "created_at": moment(post.at),
        "group_key": format!("ungrouped-{}", notification.id),
        "account": account(host, &post.author),
        "status": status(host, post, ledger),
    }))
}

fn status(host: &str, post: &Post, ledger: &Ledger) -> Value {
    let (user, home) = post.author.handle.split_once('@').unwrap_or((&post.author.handle, host));
    let parent = post.in_reply_to.and_then(|id| ledger.social.post(id));
    json!({
        "id": post.id.to_string(),
        "created_at": moment(post.at),
        "in_reply_to_id": post.in_reply_to.map(|id| id.to_string()),
        "in_reply_to_account_id": parent.map(|p| account_id(&p.author.handle)),
        "sensitive": false,
        "spoiler_text": "",
        "visibility": post.visibility,
        "language": null,
        "uri": format!("https://{home}/users/{user}/statuses/{}", post.id),
        "url": format!("https://{home}/@{user}/{}", post.id),
        "replies_count": ledger.social.replies_to(post.id),
        "reblogs_count": 0,
        "favourites_count": 0,
        "edited_at": null,
        "content": html(&post.text),
        "reblog": null,
        "account": account(host, &post.author),
        "media_attachments": [],
        "mentions": post.mentions.iter().map(|handle| mention(host, handle)).collect::<Vec<_>>(),
        "tags": [],
        "emojis": [],
        "card": null,
        "poll": null,
    })
}

fn mention(host: &str, handle: &str) -> Value {
    let (user, home) = handle.split_once('@').unwrap_or((handle, host));
    json!({
        "id": account_id(handle),
        "username": user,
        "acct": acct(host, handle),
        "url": format!("https://{home}/@{user}"),
    })
}

fn account(host: &str, author: &Author) -> Value {
    let (user, home) = author.handle.split_once('@').unwrap_or((&author.handle, host));
    json!({
        "id": account_id(&author.handle),
        "username": user,
        "acct": acct(host, &author.handle),
        "display_name": author.name,
        "bot": author.bot,
        "locked": false,
        "url": format!("https://{home}/@{user}"),
        "note": "",
        "fields": [],
        "emojis": [],
    })
}

/// An account of the same instance is shown without the host.
fn acct<'a>(host: &str, handle: &'a str) -> &'a str {
    handle.split_once('@').map_or(handle, |(user, home)| if home == host { user } else { handle })
}

fn account_id(handle: &str) -> String {
    let hash = super::chance::seed_of(&[b"account", handle.as_bytes()]);
    let number = u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], 0, 0]);
    number.to_string()
}

fn instance(host: &str, version: u32) -> Value {
    let configuration = json!({
        "statuses": {"max_characters": STATUS_CHARS_MAX, "max_media_attachments": 4, "characters_reserved_per_url": 23},
    });
    match version {
        1 => json!({"uri": host, "title": host, "version": "4.3.0", "max_toot_chars": STATUS_CHARS_MAX,
            "configuration": configuration}),
        _ => json!({"domain": host, "title": host, "version": "4.3.0", "configuration": configuration,
            "api_versions": {"mastodon": 2}}),
    }
}

/// Every `@user@host` of a text, and `@user` of the same instance.
fn mentions(text: &str, host: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.split_whitespace().filter_map(|w| w.strip_prefix('@')) {
        let word = word.trim_end_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
        let handle = if word.contains('@') { word } else { format!("{word}@{host}") };
        if !found.contains(&handle) {
            found.push(handle);
        }
    }
    found
}

/// The text as Mastodon renders it: paragraphs, line breaks, mentions as links.
fn html(text: &str) -> String {
    let word = |word: &str| match word.strip_prefix('@').and_then(|handle| handle.split_once('@')) {
        Some((user, home)) => format!(
            "<span class=\"h-card\"><a href=\"https://{home}/@{user}\" class=\"u-url mention\">@<span>{user}</span></a></span>",
            home = super::letters::escape(home),
            user = super::letters::escape(user),
        ),
        None => super::letters::escape(word),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    let paragraph = |p: &str| format!("<p>{}</p>", p.lines().map(line).collect::<Vec<_>>().join("<br />"));
    text.split("\n\n").map(paragraph).collect()
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The body's parameters, URL-encoded or JSON.
fn parameters(asked: &Asked) -> Vec<(String, String)> {
    if !asked.header(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json")) {
        return pairs(&asked.body);
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(&asked.body) else { return Vec::new() };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    object.into_iter().filter(|(_, v)| !v.is_null()).map(|(name, value)| (name, text(value))).collect()
}

fn refuse(square: &Square, asked: &Asked, status: StatusCode, why: &str) -> Response {
    if asked.method == Method::POST {
        square.ledger().stats.posts_refused += 1;
    }
    error(status, why)
}

fn error(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": why}))).into_response()
}
