//! What a Mastodon status is, and which inquiry it answers.

use super::index::Index;
use super::tie::CANDIDATES_MAX;
use super::{Learnt, Reading, automatic, html};
use crate::model::ids::InquiryId;
use crate::model::inbound::{Confidence, InboundKind, Interpretation, Tie};
use serde::Deserialize;

/// A status as the API gives it; all that is not needed is left out.
#[derive(Debug, Deserialize)]
struct Status {
    id: String,
    #[serde(default)]
    in_reply_to_id: Option<String>,
    #[serde(default)]
    content: String,
    #[serde(default)]
    spoiler_text: String,
    account: Account,
}

#[derive(Debug, Deserialize)]
struct Account {
    acct: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    bot: bool,
}

/// A notification wraps the status it is about.
#[derive(Debug, Deserialize)]
struct Notification {
    status: Status,
}

/// Reads a status, or a notification of one; `None` where the bytes are neither.
pub(super) fn read(raw: &[u8], index: &Index) -> Option<Reading> {
    let status: Status = serde_json::from_slice::<Notification>(raw)
        .map(|notification| notification.status)
        .or_else(|_| serde_json::from_slice(raw))
        .ok()?;
    let handle = handle_of(&status.account);
    let warning = html::to_text(&status.spoiler_text);
    let mut text = html::to_text(&status.content);
    if !warning.is_empty() {
        text = format!("{warning}\n\n{text}");
    }
    Some(Reading {
        interpretation: interpret(&status, &text, &handle, index),
        message_id: None,
        in_reply_to: status.in_reply_to_id.iter().cloned().collect(),
        references: Vec::new(),
        named: status.in_reply_to_id.into_iter().collect(),
        from: Some(handle),
        subject: None,
        new_text: text.clone(),
        text,
        greeting: None,
        signature: None,
        reason: None,
        returns_on: None,
        learnt: Learnt { threads: vec![status.id], ..Learnt::default() },
    })
}

fn interpret(status: &Status, text: &str, handle: &str, index: &Index) -> Interpretation {
    // Whose account it is, and whether it is a bot's, the instance says.
    let confidence = Confidence::percent(98);
    let mut because = Vec::new();
    let mut see = |name: &str| because.push(name.to_owned());
    let kind = if index.is_own_post(&status.id) {
        see("own-status-id");
        InboundKind::OwnCopy
    } else if index.is_own_address(handle) {
        see("own-account");
        InboundKind::OwnCopy
    } else if status.account.bot {
        see("account-is-bot");
        if automatic::acknowledges(text) {
            see("words=received");
            InboundKind::Acknowledgement
        } else {
            InboundKind::BotReply
        }
    } else {
        see("account-is-no-bot");
        InboundKind::Reply
    };
    let id_of = |at: &u32| index.known(*at).map(|k| k.id.clone());
    let thread: Vec<InquiryId> =
        status.in_reply_to_id.iter().flat_map(|id| index.by_thread(id)).filter_map(id_of).collect();
    if let [inquiry] = &thread[..] {
        see("in-reply-to-id");
        let inquiry = Some((inquiry.clone(), Tie::Thread));
        return Interpretation { kind, because, inquiry, candidates: Vec::new(), status: None, confidence };
    }
    // A mention outside our threads is at best a hint: a company may talk to us about anything.
    let mut candidates = thread;
    if candidates.is_empty() {
        candidates = index.by_handle(handle).iter().filter_map(id_of).collect();
        if !candidates.is_empty() {
            see("company-handle");
        }
    } else {
        see("several-inquiries");
    }
    candidates.truncate(CANDIDATES_MAX);
    Interpretation { kind, because, inquiry: None, candidates, status: None, confidence }
}

/// `user@instance`. An account of our own instance comes without the instance: its page tells.
fn handle_of(account: &Account) -> String {
    let acct = account.acct.trim_start_matches('@').to_lowercase();
    if acct.contains('@') {
        return acct;
    }
    let host = account.url.as_deref().and_then(|u| url::Url::parse(u).ok());
    match host.as_ref().and_then(url::Url::host_str) {
        Some(host) => format!("{acct}@{host}"),
        None => acct,
    }
}
