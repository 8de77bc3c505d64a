//! A whole wave on a social page: asked, answered in the thread, scored.

use super::counts;
use crate::support::mastodon_mock::MastodonMock;
use crate::support::program::{Now, PATIENCE, Program, company};
use serde_json::json;
use std::time::{Duration, Instant};

/// The study's text. The mailbox is there only while the planner is asked for ids.
fn study(now: &Now, mock: &MastodonMock, companies: &str) -> String {
    let mailbox = "mailbox: {address: e@riva.example, alias: catch-all, imap: localhost, smtp: localhost}";
    let mailbox = if companies.contains("email:") { mailbox } else { "" };
    format!(
        "study: prova
title: Prova
language: it
seed: 7
timezone: {zone}
conduct: {{purpose: research, max_messages_per_company: 1}}
{mailbox}
mastodon: {{instance: {instance}, token: 'env:MAIL_PASSWORD'}}
persona: {{name: Enrico Riva}}
questions:
  glutine: {{subject: Glutine, text: 'Buongiorno, i {{{{ product }}}} contengono glutine?'}}
companies:
{companies}design:
  order: random
  send: {send}
  window: 15s
  washout: 15s
  pacing: {{total: 0s, channel: 0s, host: 0s}}
thresholds: [15s]
rules: {{late: send}}
",
        zone = now.zone,
        instance = mock.account().instance,
        send = now.send,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_on_mastodon_is_posted_once_answered_in_its_thread_and_scored() {
    risposta::net::install_tls_provider();
    let (mock, now) = (MastodonMock::start(), Now::new());
    let ids = now.ids(|companies| study(&now, &mock, companies), 2);
    let pages = ["mastodon: alfa@social.example", "mastodon: {handle: beta@social.example, visibility: public}"];
    let companies: String = ids.iter().zip(pages).map(|(id, page)| company(id, page)).collect();
    let program = Program::new("enrico-token");
    program.write(&study(&now, &mock, &companies));
    program.plan(now.start);

    let run = program.start(&["run", "study.yaml", "--live"]);
    let deadline = Instant::now() + PATIENCE;
    let posts = loop {
        let posts = mock.own_posts().await;
        if posts.len() == 2 {
            break posts;
        }
        assert!(Instant::now() < deadline, "two posts: {posts:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let to_alfa = posts.iter().find(|post| post["content"].as_str().unwrap().contains("alfa")).unwrap();
    mock.reply("alfa", to_alfa["id"].as_str().unwrap(), "@enrico No, sono senza glutine.").await;
    run.end(PATIENCE).done();

    assert_eq!(mock.own_posts().await.len(), 2, "nobody was asked twice");
    let story = program.story(&ids[0]);
    let (_, what, text) = story.iter().find(|(_, what, _)| what.contains(" reply by mastodon")).unwrap();
    assert!(what.contains("tied by the conversation") && text.contains("senza glutine"), "{what}: {text}");
    let card = program.score();
    let found = counts(&card["channels"][0]);
    assert_eq!(card["channels"][0]["channel"], json!("mastodon"));
    assert_eq!((&found["asked"], &found["silent"]), (&json!([2, 2]), &json!(1)), "{found}");
    assert_eq!(found["replied"], json!([1, 2]), "{found}");
    program.is_intact();
}
