//! An instance whose API misbehaves: when its limits are read, and when the post arrives.
//!
//! What a cell must come to is stated here from the rules alone.

use crate::matrix::{AT_ONCE, Checked, Kind, LONG, SHORT, Try, run};
use crate::support::asking::plan_with;
use crate::web::{Does, Received, Request, Server, answer, cut};
use risposta::channels::mastodon::MastodonSender;
use risposta::channels::{Outgoing, Sender};
use risposta::model::channel::Channel;
use risposta::model::outcome::Outcome;
use risposta::model::plan::Plan;
use risposta::model::study::{MastodonAccount, SecretSource, Target, Visibility};
use risposta::net::Dialer;
use sha2::{Digest, Sha256};

const TOKEN: &str = "token-of-the-test";
const LIMITS: &str = r#"{"configuration": {"statuses": {"max_characters": 500}}}"#;
const POSTED: &str = r#"{"id": "77", "created_at": "2026-03-02T09:00:01.000Z", "mentions": [{"acct": "alfa"}]}"#;
const UNKNOWN: &str = r#"{"id": "77", "created_at": "2026-03-02T09:00:01.000Z", "mentions": []}"#;

/// Which call misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// The instance's description.
    Instance,
    /// The older one, asked for where there is no new one.
    OldInstance,
    /// The post.
    Post,
}

/// What the instance gives, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// What was asked for.
    Right,
    /// Limits that the post exceeds.
    TooNarrow,
    /// A post that mentions nobody.
    Nobody,
    /// 202 with the post.
    Later,
    /// A success whose body makes no sense.
    Garbled,
    /// That status, which is all that counts.
    Status(u16),
    /// No whole answer.
    Nothing,
}

struct Way {
    name: String,
    does: Does,
    gives: Gives,
}

fn way(name: &str, does: Does, gives: Gives) -> Way {
    Way { name: name.to_owned(), does, gives }
}

fn statuses() -> Vec<Way> {
    let error = r#"{"error": "says the instance"}"#;
    let known = [
        101, 300, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 413, 415, 421, 422,
        423, 425, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 507, 511, 520, 599,
    ];
    let plain = known.map(|status| way("", Does::AnswersAndLeaves(answer(status, "", error)), Gives::Status(status)));
    let cuts = [400, 401, 403, 404, 408, 410, 422, 429, 500, 503]
        .map(|status| way("cut", Does::AnswersAndLeaves(cut(status, "", error)), Gives::Status(status)));
    let hung = [401, 404, 422, 429]
        .map(|status| way("never ends", Does::AnswersAndHangs(cut(status, "", error)), Gives::Status(status)));
    let elsewhere = "Location: /elsewhere\r\n";
    let moved = [301, 302, 303, 307, 308]
        .map(|status| way("elsewhere", Does::Answers(answer(status, elsewhere, "")), Gives::Status(status)));
    plain.into_iter().chain(cuts).chain(hung).chain(moved).collect()
}

fn nothing() -> Vec<Way> {
    let head = "HTTP/1.1 200 X\r\n";
    vec![
        way("hangs up", Does::HangsUp, Gives::Nothing),
        way("resets", Does::Resets, Gives::Nothing),
        way("hangs", Does::AnswersAndHangs(Vec::new()), Gives::Nothing),
        way("half a head", Does::AnswersAndLeaves(b"HTTP/1.1 200 X\r\nConte".to_vec()), Gives::Nothing),
        way("half a head, then silence", Does::AnswersAndHangs(b"HTTP/1.1 200 X\r\nConte".to_vec()), Gives::Nothing),
        way("a slow head", Does::Drips(b"HTTP/1.1 200 X\r\nX-Y: zzz".to_vec()), Gives::Nothing),
        way("headers without end", Does::Floods(head.into(), b"X-Y: z\r\n".to_vec()), Gives::Nothing),
        way("garbage", Does::AnswersAndLeaves(b"\x00\xff\xfe\r\n\r\n what".to_vec()), Gives::Nothing),
        way("a cut body", Does::AnswersAndLeaves(cut(200, "", POSTED)), Gives::Nothing),
        way("a slow body", Does::Drips(cut(200, "", POSTED)), Gives::Nothing),
        way("a body without end", Does::Floods([head.as_bytes(), b"\r\n"].concat(), b"x".repeat(1000)), Gives::Nothing),
        way(
            "gzip that is none",
            Does::AnswersAndLeaves(answer(200, "Content-Encoding: gzip\r\n", POSTED)),
            Gives::Nothing,
        ),
        way("100 and no more", Does::AnswersAndLeaves(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()), Gives::Nothing),
    ]
}

fn garbled() -> Vec<Way> {
    [
        ("cut JSON", &POSTED[..30]),
        ("HTML", "<h1>Welcome</h1>"),
        ("nothing in it", ""),
        ("another object", "{\"id\": 1}"),
    ]
    .map(|(name, body)| way(name, Does::Answers(answer(200, "", body)), Gives::Garbled))
    .into()
}

/// The rules. Our instance is our account's; until the post is sent nothing has left. From then on the instance's
/// word counts: 429 and other 4xx say that nothing was done, and without a word nobody knows.
#[allow(clippy::match_same_arms, reason = "an arm for each rule")]
fn rule(at: At, gives: Gives) -> Kind {
    match (at, gives) {
        (_, Gives::Right) => Kind::Accepted,
        (At::Instance | At::OldInstance, Gives::Garbled | Gives::Nobody | Gives::Later) => Kind::Accepted,
        (At::Instance | At::OldInstance, Gives::TooNarrow) => Kind::Blocked,
        // The older description is asked for, and is there.
        (At::Instance, Gives::Status(404)) => Kind::Accepted,
        (At::Instance | At::OldInstance | At::Post, Gives::Status(429)) => Kind::Deferred,
        (At::Instance | At::OldInstance, Gives::Status(_) | Gives::Nothing) => Kind::OurFault,
        (At::Post, Gives::Nobody) => Kind::Rejected,
        (At::Post, Gives::Later) => Kind::Held,
        (At::Post, Gives::Status(401 | 403)) => Kind::OurFault,
        (At::Post, Gives::Status(400 | 404 | 410 | 422)) => Kind::Rejected,
        (At::Post, Gives::Status(408 | 409 | 425)) => Kind::InDoubt,
        (At::Post, Gives::Status(400..=499)) => Kind::Blocked,
        (At::Post, Gives::Garbled | Gives::TooNarrow | Gives::Status(_) | Gives::Nothing) => Kind::InDoubt,
    }
}

struct Cell {
    name: String,
    at: At,
    does: Does,
    gives: Gives,
}

impl Cell {
    fn new(at: At, way: Way) -> Self {
        let status = if let Gives::Status(status) = way.gives { format!("{status} ") } else { String::new() };
        Self { name: format!("{at:?} × {status}{}", way.name), at, does: way.does, gives: way.gives }
    }

    async fn check(self) -> Checked {
        let (at, does) = (self.at, self.does.clone());
        let server = Server::start(move |request| behave(at, &does, request)).await;
        let plan = question();
        let tried = Try::make(&sender(server.port, self.does.needs_a_limit()), &plan.inquiries[0]).await;
        let mut wrong = wrong_truth(&tried, &server.received());
        let expected = rule(self.at, self.gives);
        if tried.kind() != expected {
            wrong.push(format!("{:?}, not {expected:?}: {:?}", tried.kind(), tried.outcome));
        }
        if let (Gives::Status(status), Some(failure)) = (self.gives, tried.outcome.failure())
            && failure.code.is_some_and(|code| code != status)
        {
            wrong.push(format!("the code is {:?}", failure.code));
        }
        Checked { name: self.name, kind: tried.kind(), wrong }
    }
}

fn behave(at: At, does: &Does, request: &Request) -> Does {
    let here = match request.path.as_str() {
        "/api/v2/instance" => At::Instance,
        "/api/v1/instance" => At::OldInstance,
        "/api/v1/statuses" => At::Post,
        _ => return Does::Answers(answer(404, "", "")),
    };
    match here {
        here if here == at => does.clone(),
        At::Instance if at == At::OldInstance => Does::Answers(answer(404, "", "")),
        At::Instance | At::OldInstance => Does::Answers(answer(200, "", LIMITS)),
        At::Post => Does::Answers(answer(200, "", POSTED)),
    }
}

/// Our account on the instance at that port of loopback.
pub(crate) fn account(port: u16) -> MastodonAccount {
    MastodonAccount {
        id: "sociale".parse().unwrap(),
        instance: format!("http://127.0.0.1:{port}").parse().unwrap(),
        token: SecretSource::Env("UNUSED".to_owned()),
    }
}

fn sender(port: u16, silent: bool) -> MastodonSender {
    risposta::net::install_tls_provider();
    let limit = if silent { SHORT } else { LONG };
    MastodonSender::new(&account(port), TOKEN.into(), "it", Dialer::World).with_limit(limit)
}

fn question() -> Plan {
    let handle = "alfa@sociale.example".to_owned();
    plan_with(Target::Mastodon { handle, visibility: Visibility::Public }, Channel::Mastodon)
}

/// The invariants that no cell may break, whatever it is stated to come to.
fn wrong_truth(tried: &Try, received: &Received) -> Vec<String> {
    let mut wrong = Vec::new();
    let (kind, posts) = (tried.kind(), received.posts());
    let code = tried.outcome.failure().and_then(|failure| failure.code);
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{what}: {kind:?}, {} posts", posts.len()));
        }
    };
    must(posts.len() <= 1, "a post is sent once");
    let whole = posts.iter().any(|post| post.whole);
    must(!whole || kind != Kind::Deferred || code == Some(429), "what arrived is asked again only after 429");
    must(
        !whole || kind != Kind::OurFault || matches!(code, Some(401 | 403)),
        "what arrived is our fault only by its word",
    );
    must(whole || kind != Kind::Accepted, "accepted is what arrived");
    must(!posts.is_empty() || kind != Kind::InDoubt, "no doubt about a post that was never sent");
    for post in &posts {
        must(post.header("idempotency-key").is_some_and(|key| key.len() == 64), "a post has its key");
        let sha256 = Some(hex::encode(Sha256::digest(&post.body)));
        must(!post.whole || tried.bytes_sha256 == sha256, "what arrived is byte for byte what was hashed");
    }
    if format!("{:?}", tried.outcome).contains(TOKEN)
        || tried.evidence.iter().any(|e| String::from_utf8_lossy(&e.bytes).contains(TOKEN))
    {
        wrong.push("the token is told".to_owned());
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_post_is_sent_nothing_has_left() {
    let mut cells = Vec::new();
    for at in [At::Instance, At::OldInstance] {
        let narrow = LIMITS.replace("500", "20");
        let more = [
            way("limits", Does::Crawls(answer(200, "", LIMITS)), Gives::Right),
            way("no limits", Does::Answers(answer(200, "", "{}")), Gives::Right),
            way("narrow limits", Does::Answers(answer(200, "", &narrow)), Gives::TooNarrow),
        ];
        let ways = statuses().into_iter().chain(nothing()).chain(garbled()).chain(more);
        cells.extend(ways.map(|way| Cell::new(at, way)));
    }
    run("api, limits", AT_ONCE, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_the_post_is_sent_only_the_instances_word_counts() {
    let more = [
        way("posted", Does::Crawls(answer(200, "", POSTED)), Gives::Right),
        way("posted with 201", Does::Answers(answer(201, "", POSTED)), Gives::Right),
        way(
            "posted after 103",
            Does::Answers([b"HTTP/1.1 103 E\r\n\r\n".to_vec(), answer(200, "", POSTED)].concat()),
            Gives::Right,
        ),
        way("202", Does::Answers(answer(202, "", POSTED)), Gives::Later),
        way("a mention of nobody", Does::Answers(answer(200, "", UNKNOWN)), Gives::Nobody),
        way("leaves in the body", Does::LeavesInTheBody, Gives::Nothing),
        way("hangs in the body", Does::HangsInTheBody, Gives::Nothing),
    ];
    let ways = statuses().into_iter().chain(nothing()).chain(garbled()).chain(more);
    run("api, post", AT_ONCE, ways.map(|way| Cell::new(At::Post, way).check())).await;
}

#[tokio::test]
async fn an_instance_that_goes_away_before_the_post_got_nothing() {
    let server = Server::start(|_| Does::AnswersAndLeaves(answer(200, "Connection: close\r\n", LIMITS))).await;
    let (plan, sender) = (question(), sender(server.port, false));
    let inquiry = &plan.inquiries[0];
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    let prepared = sender.prepare(outgoing).await.unwrap_or_else(|refused| panic!("{refused:?}"));
    server.close().await;
    let outcome = prepared.deliver().await.outcome;
    assert!(matches!(outcome, Outcome::AccountFailed { .. }), "{outcome:?}");
    assert!(server.received().posts().is_empty());
    println!("faults api, gone: 1 cells, 1 as stated; OurFault 1");
}
