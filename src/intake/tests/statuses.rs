//! Statuses: threads, mentions, bots, our own.

use super::*;

fn status(id: &str, in_reply_to: &str, acct: &str, bot: bool) -> String {
    format!(
        r#"{{"id":"{id}","in_reply_to_id":{in_reply_to},"created_at":"2026-03-03T09:00:00Z","content":"<p><span>@enrico</span> No, <b>niente</b> glutine.</p><script>x()</script>","account":{{"acct":"{acct}","url":"https://social.example/@alfa","bot":{bot}}},"mentions":[]}}"#
    )
}

fn post(json: &str, index: &Index) -> Reading {
    read(json.as_bytes(), RawFormat::MastodonStatus, at("2026-03-03T09:00:00Z"), index)
}

#[test]
fn a_status_is_tied_by_its_thread_and_so_is_what_answers_it() {
    let mut index = Index::new(&plan(true));
    index.learn_receipt(&ALFA_SOCIAL.into(), "100");
    let first = post(&status("101", "\"100\"", "alfa", false), &index);
    assert_eq!(tied(&first), Some((ALFA_SOCIAL, Tie::Thread)));
    assert_eq!(first.interpretation.kind, InboundKind::Reply);
    assert_eq!(first.text, "@enrico No, niente glutine.");
    assert_eq!(first.from.as_deref(), Some("alfa@social.example"));
    index.learn(&ALFA_SOCIAL.into(), &first);
    let second = format!(r#"{{"id":"9","type":"mention","status":{}}}"#, status("102", "\"101\"", "alfa", true));
    let second = post(&second, &index);
    assert_eq!((second.interpretation.kind, tied(&second)), (InboundKind::BotReply, Some((ALFA_SOCIAL, Tie::Thread))));
    assert_eq!(post(&status("100", "null", "enrico", false), &index).interpretation.kind, InboundKind::OwnCopy);
}

#[test]
fn a_companys_mention_outside_the_thread_goes_to_review() {
    let index = Index::new(&plan(true));
    let reading = post(&status("101", "\"55\"", "alfa", false), &index);
    assert_eq!(tied(&reading), None);
    assert!(candidates(&reading).contains(&ALFA_SOCIAL));
    let stranger = post(&status("101", "null", "x@y.example", false), &index);
    assert_eq!((tied(&stranger), candidates(&stranger)), (None, vec![]));
}
