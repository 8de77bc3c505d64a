//! Mastodon: sending and watching, against a stateful mock that others wrote.

use crate::support::asking::plan_with;
use crate::support::mastodon_mock::MastodonMock;
use chrono::TimeDelta;
use risposta::channels::mastodon::MastodonSender;
use risposta::channels::{Outgoing, Sender, Trace};
use risposta::clock::Clock;
use risposta::model::channel::Channel;
use risposta::model::inbound::RawInbound;
use risposta::model::outcome::Outcome;
use risposta::model::plan::{Plan, PlannedMessage};
use risposta::model::study::{MastodonAccount, Target, Visibility};
use risposta::model::time::Provenance;
use risposta::net::{Dialer, install_tls_provider};
use risposta::sources::Source;
use risposta::sources::mastodon::{MastodonSource, Threads};
use serde_json::{Value, json};
use std::time::Duration;

async fn start() -> MastodonMock {
    install_tls_provider();
    tokio::task::spawn_blocking(MastodonMock::start).await.unwrap()
}

fn plan_to(handle: &str, visibility: Visibility) -> Plan {
    plan_with(Target::Mastodon { handle: handle.to_owned(), visibility }, Channel::Mastodon)
}

async fn send(account: &MastodonAccount, plan: &Plan, first_receipt: Option<&str>) -> Outcome<String> {
    let sender = MastodonSender::new(account, "enrico-token".to_owned().into(), "it", Dialer::World);
    send_by(&sender, plan, first_receipt).await
}

async fn send_by(sender: &MastodonSender, plan: &Plan, first_receipt: Option<&str>) -> Outcome<String> {
    let inquiry = &plan.inquiries[0];
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt };
    match sender.prepare(outgoing).await {
        Err(refused) => refused.outcome,
        Ok(prepared) => {
            let delivered = prepared.deliver().await;
            let kept = delivered.evidence.iter().map(|e| String::from_utf8_lossy(&e.bytes).into_owned());
            assert!(kept.into_iter().all(|text| !text.contains("-token")), "a secret in the evidence");
            delivered.outcome
        }
    }
}

fn receipt(outcome: &Outcome<String>) -> String {
    match outcome {
        Outcome::Accepted { receipt: Some(id), .. } => id.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_posted_once_and_a_reminder_continues_it() {
    let mock = start().await;
    let mut plan = plan_to("alfa@social.example", Visibility::Private);
    let first = send(&mock.account(), &plan, None).await;
    // The same message again within one run is one post: the idempotency key.
    assert_eq!(receipt(&send(&mock.account(), &plan, None).await), receipt(&first));
    let posts = mock.own_posts().await;
    let [post] = &posts[..] else { panic!("{posts:#?}") };
    assert_eq!((&post["visibility"], &post["language"]), (&json!("direct"), &json!("it")));
    assert_eq!(post["mentions"][0]["acct"], "alfa@social.example");
    let content = post["content"].as_str().unwrap();
    assert!(content.contains("i Frollini contengono glutine?"), "{content}");
    let Outcome::Accepted { at, .. } = first else { panic!() };
    assert_eq!(
        (at.at.to_rfc3339()[..19].to_owned(), at.provenance),
        (post["created_at"].as_str().unwrap()[..19].to_owned(), Provenance::Server)
    );

    plan.inquiries[0].messages[0].message_id = "reminder-1@posta-prova.example".to_owned();
    let reminder = receipt(&send(&mock.account(), &plan, Some(&receipt(&first))).await);
    let reminder = mock.get("enrico", &format!("/api/v1/statuses/{reminder}")).await;
    assert_eq!(reminder["in_reply_to_id"], json!(receipt(&first)));

    let public = send(&mock.account(), &plan_public_about("beta@social.example"), None).await;
    let public = mock.get("beta", &format!("/api/v1/statuses/{}", receipt(&public))).await;
    assert_eq!(public["visibility"], "public");
}

fn plan_public_about(handle: &str) -> Plan {
    let mut plan = plan_to(handle, Visibility::Public);
    plan.inquiries[0].messages[0].message_id = format!("public-{handle}");
    plan
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_over_the_instances_limit_is_blocked_with_both_numbers() {
    let mock = start().await;
    let mut plan = plan_to("alfa@social.example", Visibility::Public);
    // "@alfa " counts for six characters, the rest of the handle for none.
    plan.inquiries[0].messages[0].text = "x".repeat(495);
    let Outcome::Blocked(failure) = send(&mock.account(), &plan, None).await else { panic!() };
    assert!(failure.detail.contains("501") && failure.detail.contains("500"), "{}", failure.detail);
    assert!(mock.own_posts().await.is_empty());
    plan.inquiries[0].messages[0].text = "x".repeat(400);
    receipt(&send(&mock.account(), &plan, None).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_says_whether_a_post_may_exist() {
    let mock = start().await;
    let account = mock.account();
    let cases: [(Value, &str); 7] = [
        (json!({ "type": "status", "status": 422 }), "refused"),
        (json!({ "type": "status", "status": 401 }), "account failed"),
        (json!({ "type": "status", "status": 403 }), "account failed"),
        (json!({ "type": "ratelimit", "status": 429 }), "deferred"),
        (json!({ "type": "status", "status": 500 }), "in doubt"),
        (json!({ "type": "status", "status": 503 }), "in doubt"),
        (json!({ "type": "malformed" }), "in doubt"),
    ];
    for (n, (effect, expected)) in cases.into_iter().enumerate() {
        let mut plan = plan_to("alfa@social.example", Visibility::Public);
        plan.inquiries[0].messages[0].message_id = format!("m{n}");
        mock.fail_once("POST", "/api/v1/statuses", &effect).await;
        assert_eq!(kind(&send(&account, &plan, None).await), expected, "{effect}");
    }
    let plan = plan_to("alfa@social.example", Visibility::Public);
    let hurried = MastodonSender::new(&account, "enrico-token".to_owned().into(), "it", Dialer::World);
    let hurried = hurried.with_limit(Duration::from_secs(5));
    mock.fail_once("POST", "/api/v1/statuses", &json!({ "type": "timeout", "delay_ms": 15_000 })).await;
    assert_eq!(kind(&send_by(&hurried, &plan, None).await), "in doubt");
    let stranger = MastodonSender::new(&account, "wrong".to_owned().into(), "it", Dialer::World);
    assert_eq!(kind(&send_by(&stranger, &plan, None).await), "account failed");
    mock.fail_once("GET", "/api/v2/instance", &json!({ "type": "status", "status": 503 })).await;
    assert_eq!(kind(&send(&account, &plan, None).await), "account failed");
    mock.fail_once("GET", "/api/v2/instance", &json!({ "type": "status", "status": 404 })).await;
    assert_eq!(kind(&send(&account, &plan, None).await), "accepted");
    let nobody = plan_public_about("nobody@nowhere.example");
    assert_eq!(kind(&send(&account, &nobody, None).await), "refused");
    let gone = MastodonAccount { instance: "http://127.0.0.1:1/".parse().unwrap(), ..account };
    assert_eq!(kind(&send(&gone, &plan, None).await), "account failed");
}

fn kind(outcome: &Outcome<String>) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Held { .. } => "held",
        Outcome::Deferred(_) => "deferred",
        Outcome::Rejected(_) => "refused",
        Outcome::EntriesRejected(_) => "entries rejected",
        Outcome::InDoubt(_) => "in doubt",
        Outcome::Blocked(_) => "blocked",
        Outcome::AccountFailed { .. } => "account failed",
    }
}

/// Reads until nothing more is waiting.
async fn read_all(source: &mut MastodonSource, cursor: &mut Option<String>) -> Vec<RawInbound> {
    let mut messages = Vec::new();
    loop {
        let batch = source.fetch(cursor.as_deref()).await.unwrap();
        messages.extend(batch.messages);
        *cursor = Some(batch.cursor);
        if !batch.more {
            return messages;
        }
    }
}

fn ids(messages: &[RawInbound]) -> Vec<&str> {
    messages.iter().map(|m| m.locator.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_are_found_with_and_without_a_mention_and_only_once() {
    let mock = start().await;
    let before = json!({ "status": "@enrico an older matter", "visibility": "public" });
    mock.post("vicina", "/api/v1/statuses", &before).await;
    let threads = Threads::default();
    let mut source =
        MastodonSource::new(&mock.account(), "enrico-token".to_owned().into(), threads.clone(), Dialer::World);
    let mut cursor = None;
    assert_eq!(ids(&read_all(&mut source, &mut cursor).await), [""; 0], "what is older is not ours to read");

    let question = receipt(&send(&mock.account(), &plan_to("alfa@social.example", Visibility::Public), None).await);
    threads.watch(&question);
    let mentioning = mock.reply("alfa", &question, "@enrico Sì, contengono glutine.").await;
    let silent = mock.reply("beta", &question, "Lo vorrei sapere anch'io.").await;
    mock.reply("enrico", &question, "Nessuno lo sa?").await;
    let found = read_all(&mut source, &mut cursor).await;
    let (mentioning_id, silent_id) = (mentioning["id"].as_str().unwrap(), silent["id"].as_str().unwrap());
    assert_eq!(ids(&found), [mentioning_id, silent_id]);
    assert_eq!(found[0].received.provenance, Provenance::Server);
    assert_eq!(found[1].received.provenance, Provenance::SenderClaimed);
    let raw: Value = serde_json::from_slice(&found[0].bytes).unwrap();
    assert_eq!((&raw["id"], &raw["in_reply_to_id"]), (&mentioning["id"], &json!(question)));

    assert_eq!(ids(&read_all(&mut source, &mut cursor).await), [""; 0]);
    // A new process goes on from the stored cursor.
    let mut restarted = MastodonSource::new(&mock.account(), "enrico-token".to_owned().into(), threads, Dialer::World);
    let later = mock.reply("alfa", &question, "@enrico Scusi: no, non ne contengono.").await;
    let found = read_all(&mut restarted, &mut cursor).await;
    // It may return again what lies in the same thread, under the same name.
    assert_eq!(ids(&found), [later["id"].as_str().unwrap(), mentioning_id, silent_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_read_in_order_and_a_failure_loses_nothing() {
    let mock = start().await;
    let mut source =
        MastodonSource::new(&mock.account(), "enrico-token".to_owned().into(), Threads::default(), Dialer::World);
    let mut cursor = None;
    read_all(&mut source, &mut cursor).await;
    let mut sent = Vec::new();
    for n in 0..95 {
        let post = json!({ "status": format!("@enrico {n}"), "visibility": "direct" });
        sent.push(mock.post("vicina", "/api/v1/statuses", &post).await["id"].as_str().unwrap().to_owned());
    }
    mock.fail_once("GET", "/api/v1/notifications", &json!({ "type": "status", "status": 502 })).await;
    let failed = source.fetch(cursor.as_deref()).await.unwrap_err();
    assert!(failed.what.contains("502") && !failed.help.is_empty(), "{failed:?}");
    assert_eq!(ids(&read_all(&mut source, &mut cursor).await), sent);
    let mut stranger =
        MastodonSource::new(&mock.account(), "wrong".to_owned().into(), Threads::default(), Dialer::World);
    assert!(stranger.fetch(None).await.unwrap_err().help.contains("token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_posts_show_what_left_and_what_never_did() {
    let mock = start().await;
    let plan = plan_to("alfa@social.example", Visibility::Private);
    let sender = MastodonSender::new(&mock.account(), "enrico-token".to_owned().into(), "it", Dialer::World);
    let inquiry = &plan.inquiries[0];
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    let now = Clock::System.now();
    let before = now - TimeDelta::hours(1);
    assert_eq!(sender.look_back(outgoing, before).await, Trace::CannotSay, "a new account shows nothing either way");

    let id = receipt(&send_by(&sender, &plan, None).await);
    let Trace::Left { receipt, evidence } = sender.look_back(outgoing, before).await else { panic!("it left") };
    assert_eq!((receipt, evidence.is_empty()), (id, false));

    // Another question, an hour from now: the post above shows that the list would have it.
    let other = PlannedMessage { text: "E i biscotti al cioccolato?".to_owned(), ..inquiry.messages[0].clone() };
    let unsent = Outgoing { message: &other, ..outgoing };
    let later = sender.look_back(unsent, now + TimeDelta::hours(1)).await;
    assert!(matches!(later, Trace::NeverLeft { .. }), "{later:?}");
    assert_eq!(sender.look_back(unsent, before).await, Trace::CannotSay, "no earlier post shows how far the list goes");
    let public = plan_to("alfa@social.example", Visibility::Public);
    let open = Outgoing { inquiry: &public.inquiries[0], ..unsent };
    let other_kind = sender.look_back(open, now + TimeDelta::hours(1)).await;
    assert_eq!(other_kind, Trace::CannotSay, "a direct post does not show that public ones would be listed");

    let stranger = MastodonSender::new(&mock.account(), "wrong-token".to_owned().into(), "it", Dialer::World);
    assert_eq!(stranger.look_back(outgoing, before).await, Trace::CannotSay);
}
