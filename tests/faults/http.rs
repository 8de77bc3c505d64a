//! A form's server that misbehaves: at the page, when the form arrives, and at the page that follows.
//!
//! What a cell must come to is stated here from the rules alone.

use crate::certificates::Certificates;
use crate::matrix::{AT_ONCE, Checked, Kind, LONG, SHORT, Try, run};
use crate::support::asking::{form_at, plan_with};
use crate::web::{Does, Received, Request, Server, answer, cut};
use risposta::channels::web_form::{Limits, WebFormSender};
use risposta::channels::{Outgoing, Sender};
use risposta::clock::Clock;
use risposta::model::channel::Channel;
use risposta::model::ids::AccountId;
use risposta::model::outcome::Outcome;
use risposta::model::plan::Plan;
use risposta::model::study::{AliasKind, Inbox, Mailbox, Security, Server as Ours, Target};
use risposta::net::Dialer;

const FORM: &str = "<form method=post action=/send><label>Nome <input name=n></label>\
    <label>E-mail <input name=e></label><textarea name=m></textarea><button>Invia</button></form>";
const THANKS: &str = "<h1>Grazie!</h1><p>Il messaggio è stato inviato.</p>";
const MODERATION: &str = "<p>Il messaggio è in attesa di moderazione.</p>";
const LOGIN: &str = "<form><input name=user><input type=password name=p><button>Log in</button></form>";
const CAPTCHA: &str = "<title>Just a moment...</title><p>Verifying you are human</p>";
const CONSENT: &str = "<p>Prima di continuare, accetta i cookie per proseguire.</p>";
const WORDS: &str = "<p>Benvenuti nel nostro sito</p>";

/// Where the server misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// When the form's page is asked for.
    Page,
    /// When the form arrives.
    Post,
    /// When the page is asked for that a 303 after the form leads to.
    After,
}

/// What the server gives, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives {
    Form,
    FormWithError,
    Thanks,
    Moderation,
    Login,
    Captcha,
    Consent,
    /// Words that say nothing.
    Words,
    /// That status, which is all that counts.
    Status(u16),
    /// No whole answer.
    Nothing,
}

/// A kind of behaviour.
#[derive(Debug, Clone)]
struct Way {
    name: String,
    does: Does,
    gives: Gives,
}

fn way(name: &str, does: Does, gives: Gives) -> Way {
    Way { name: name.to_owned(), does, gives }
}

/// Every status as the whole answer, with a page that says nothing.
fn statuses() -> Vec<Way> {
    let known = [
        101, 300, 304, 305, 306, 399, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415,
        416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 508,
        510, 511, 520, 599,
    ];
    let plain = known.map(|status| way("", Does::AnswersAndLeaves(answer(status, "", WORDS)), Gives::Status(status)));
    // The head alone says it: what follows may be cut, flood or never come.
    let heads = [301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 410, 422, 429, 500, 503]
        .map(|status| way("whose body is cut", Does::AnswersAndLeaves(cut(status, "", WORDS)), Gives::Status(status)));
    let hung = [404, 422, 503].map(|status| {
        way("whose body never ends", Does::AnswersAndHangs(cut(status, "", WORDS)), Gives::Status(status))
    });
    plain.into_iter().chain(heads).chain(hung).collect()
}

/// Answers that are none.
fn nothing() -> Vec<Way> {
    let gzip = "Content-Encoding: gzip\r\n";
    let endless = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n";
    vec![
        way("hangs up", Does::HangsUp, Gives::Nothing),
        way("resets", Does::Resets, Gives::Nothing),
        way("hangs", Does::AnswersAndHangs(Vec::new()), Gives::Nothing),
        way("half a status line", Does::AnswersAndLeaves(b"HTTP/1.1 20".to_vec()), Gives::Nothing),
        way("half a head", Does::AnswersAndLeaves(b"HTTP/1.1 200 X\r\nContent-Le".to_vec()), Gives::Nothing),
        way("half a head, then silence", Does::AnswersAndHangs(b"HTTP/1.1 200 X\r\nContent".to_vec()), Gives::Nothing),
        way("a head without end, slowly", Does::Drips(b"HTTP/1.1 200 X\r\nX-Y: zzz".to_vec()), Gives::Nothing),
        way(
            "headers without end",
            Does::Floods(b"HTTP/1.1 200 X\r\n".to_vec(), b"X-Y: z\r\n".to_vec()),
            Gives::Nothing,
        ),
        way("garbage", Does::AnswersAndLeaves(b"\x00\xff\xfe\r\n\r\n what".to_vec()), Gives::Nothing),
        way("SMTP", Does::AnswersAndLeaves(b"220 mail.example ESMTP\r\n".to_vec()), Gives::Nothing),
        way("HTTP/0.9", Does::AnswersAndLeaves(THANKS.as_bytes().to_vec()), Gives::Nothing),
        way(
            "status 99",
            Does::AnswersAndLeaves(b"HTTP/1.1 99 X\r\nContent-Length: 0\r\n\r\n".to_vec()),
            Gives::Nothing,
        ),
        way("100 and no more", Does::AnswersAndLeaves(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()), Gives::Nothing),
        way("103 and silence", Does::AnswersAndHangs(b"HTTP/1.1 103 Early\r\n\r\n".to_vec()), Gives::Nothing),
        way("100 without end", Does::Drips(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 10".to_vec()), Gives::Nothing),
        way(
            "two lengths",
            Does::AnswersAndLeaves(b"HTTP/1.1 200 X\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello".to_vec()),
            Gives::Nothing,
        ),
        way("a cut body", Does::AnswersAndLeaves(cut(200, "", FORM)), Gives::Nothing),
        way("a cut body, then silence", Does::AnswersAndHangs(cut(200, "", FORM)), Gives::Nothing),
        way("a slow body", Does::Drips(cut(200, "", FORM)), Gives::Nothing),
        way("a broken chunk", Does::AnswersAndLeaves([endless.as_bytes(), b"zz\r\nhello"].concat()), Gives::Nothing),
        way("no last chunk", Does::AnswersAndLeaves([endless.as_bytes(), b"5\r\nhello\r\n"].concat()), Gives::Nothing),
        way("gzip that is none", Does::AnswersAndLeaves(answer(200, gzip, FORM)), Gives::Nothing),
        way("a redirect in circles", Does::Answers(answer(307, "Location: /send\r\n", "")), Gives::Nothing),
        way("a redirect to mail", Does::Answers(answer(302, "Location: mailto:a@b.example\r\n", "")), Gives::Nothing),
        way("a redirect to no address", Does::Answers(answer(302, "Location: http://[\r\n", "")), Gives::Nothing),
        way(
            "a redirect to a dead port",
            Does::Answers(answer(302, "Location: http://127.0.0.1:1/\r\n", "")),
            Gives::Nothing,
        ),
        way("307 to a dead port", Does::Answers(answer(307, "Location: http://127.0.0.1:1/\r\n", "")), Gives::Nothing),
    ]
}

/// Answers that are whole, in every form.
fn whole() -> Vec<Way> {
    let thanks = |status| answer(status, "", THANKS);
    let chunked =
        format!("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{THANKS}\r\n0\r\n\r\n", THANKS.len());
    let until_close = format!("HTTP/1.0 200 X\r\n\r\n{THANKS}");
    let mut huge = answer(200, "", &format!("{THANKS}{}", " ".repeat(6 << 20)));
    huge.shrink_to_fit();
    vec![
        way("thanks", Does::Answers(thanks(200)), Gives::Thanks),
        way("thanks with 201", Does::Answers(thanks(201)), Gives::Thanks),
        way("thanks with 202", Does::Answers(thanks(202)), Gives::Thanks),
        way("thanks with 299", Does::Answers(thanks(299)), Gives::Thanks),
        way("thanks, a byte a packet", Does::Crawls(thanks(200)), Gives::Thanks),
        way(
            "thanks after 100 and 103",
            Does::Answers([b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n".to_vec(), thanks(200)].concat()),
            Gives::Thanks,
        ),
        way("thanks in chunks", Does::Answers(chunked.into_bytes()), Gives::Thanks),
        way("thanks to the end of the line", Does::AnswersAndLeaves(until_close.into_bytes()), Gives::Thanks),
        way("thanks and six megabytes", Does::Answers(huge), Gives::Thanks),
        way("thanks, then a flood", Does::Floods(thanks(200), b"x".repeat(1000)), Gives::Thanks),
        way("moderation", Does::Answers(answer(200, "", MODERATION)), Gives::Moderation),
        way(
            "an error",
            Does::Answers(answer(200, "", &format!("<p class=error>Errore: campo obbligatorio.</p>{FORM}"))),
            Gives::FormWithError,
        ),
        way("the form", Does::Answers(answer(200, "", FORM)), Gives::Form),
        way("a login", Does::Answers(answer(200, "", LOGIN)), Gives::Login),
        way("a CAPTCHA", Does::Answers(answer(200, "", CAPTCHA)), Gives::Captcha),
        way("consent", Does::Answers(answer(200, "", CONSENT)), Gives::Consent),
        way("words", Does::Answers(answer(200, "", WORDS)), Gives::Words),
        way("nothing in it", Does::Answers(answer(200, "", "")), Gives::Words),
        way("204", Does::Answers(b"HTTP/1.1 204 X\r\n\r\n".to_vec()), Gives::Words),
        way("bytes", Does::Answers(answer(200, "", "\u{0}\u{1}\u{fffd}\u{7f}")), Gives::Words),
        way("a challenge with 503", Does::Answers(answer(503, "cf-mitigated: challenge\r\n", CAPTCHA)), Gives::Captcha),
        way("a challenge with 403", Does::Answers(answer(403, "cf-mitigated: challenge\r\n", CAPTCHA)), Gives::Captcha),
    ]
}

/// The rules. Before the form is sent nothing can have left; from then on only an answer that says so settles it, and
/// a page after the form's own answer cannot take back what that said.
#[allow(clippy::match_same_arms, reason = "an arm for each rule")]
fn rule(at: At, gives: Gives) -> Kind {
    match (at, gives) {
        (At::Page, Gives::Nothing | Gives::Status(408 | 425 | 429 | 500..)) => Kind::Deferred,
        (At::Page, Gives::Status(404 | 410)) => Kind::Rejected,
        (At::Page, Gives::Form | Gives::FormWithError) => Kind::Accepted,
        (At::Page, _) => Kind::Blocked,
        (At::Post | At::After, Gives::Thanks) => Kind::Accepted,
        (At::Post | At::After, Gives::Moderation) => Kind::Held,
        (At::Post | At::After, Gives::FormWithError) => Kind::EntriesRejected,
        (At::Post | At::After, Gives::Login) => Kind::Blocked,
        (At::Post, Gives::Captcha) => Kind::Blocked,
        (At::Post, Gives::Status(400 | 404 | 410 | 422)) => Kind::Rejected,
        (At::Post, Gives::Status(408 | 409 | 425)) => Kind::InDoubt,
        (At::Post, Gives::Status(400..=499)) => Kind::Blocked,
        (At::Post, _) => Kind::InDoubt,
        // A page of its own after a form: sites do that once they have taken it.
        (At::After, Gives::Words | Gives::Consent) => Kind::Accepted,
        (At::After, Gives::Form | Gives::Captcha | Gives::Status(_) | Gives::Nothing) => Kind::InDoubt,
    }
}

/// A cell of the matrix.
struct Cell {
    name: String,
    at: At,
    does: Does,
    expected: Kind,
    silent: bool,
}

impl Cell {
    fn new(at: At, way: Way) -> Self {
        let status = if let Gives::Status(status) = way.gives { format!("{status} ") } else { String::new() };
        let silent = way.does.needs_a_limit();
        Self {
            name: format!("{at:?} × {status}{}", way.name),
            at,
            does: way.does,
            expected: rule(at, way.gives),
            silent,
        }
    }

    async fn check(self) -> Checked {
        let (at, does) = (self.at, self.does.clone());
        let server = Server::start(move |request| behave(at, &does, request)).await;
        let plan = plan_for(&format!("http://127.0.0.1:{}/", server.port), ("127.0.0.1", server.port));
        let tried = Try::make(&sender(&plan, self.silent), &plan.inquiries[0]).await;
        let mut wrong = wrong_truth(&tried, &server.received());
        if tried.kind() != self.expected {
            wrong.push(format!("{:?}, not {:?}: {:?}", tried.kind(), self.expected, tried.outcome));
        }
        Checked { name: self.name, kind: tried.kind(), wrong }
    }
}

/// The right thing at every moment but one.
fn behave(at: At, does: &Does, request: &Request) -> Does {
    let here = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/dopo") => At::After,
        ("POST", _) => At::Post,
        _ => At::Page,
    };
    match here {
        here if here == at => does.clone(),
        At::Page => Does::Answers(answer(200, "", FORM)),
        At::Post if at == At::After => Does::Answers(answer(303, "Location: /dopo\r\n", "")),
        At::Post | At::After => Does::Answers(answer(200, "", THANKS)),
    }
}

/// A plan for a form at that address, with a mailbox of ours at that other.
fn plan_for(url: &str, ours: (&str, u16)) -> Plan {
    let mut plan = plan_with(Target::WebForm(form_at(url)), Channel::WebForm);
    plan.study.mailboxes.push(Mailbox {
        id: "posta".parse().unwrap(),
        address: "enrico@riva.example".to_owned(),
        alias: AliasKind::None,
        smtp: Some(Ours { host: ours.0.to_owned(), port: ours.1, security: Security::Tls }),
        inbox: Inbox::Maildir { path: String::new() },
        user: String::new(),
        password: None,
        ca_file: None,
        copy: false,
    });
    plan
}

fn sender(plan: &Plan, silent: bool) -> WebFormSender {
    let limit = if silent { SHORT } else { LONG };
    let limits = Limits { connect: limit, first_byte: 2 * limit, body: limit, ..Limits::default() };
    WebFormSender::new(AccountId::web(), Dialer::World, plan, Clock::System).with_limits(limits)
}

/// The invariants that no cell may break, whatever it is stated to come to.
fn wrong_truth(tried: &Try, received: &Received) -> Vec<String> {
    let mut wrong = Vec::new();
    let (kind, posts) = (tried.kind(), received.posts());
    let mut must = |holds: bool, what: &str| {
        if !holds {
            let lines: Vec<String> = received.requests.iter().map(|r| format!("{} {}", r.method, r.path)).collect();
            wrong.push(format!("{what}: {kind:?}, received {lines:?}"));
        }
    };
    // A 307 asks for the same again at another address: each address got it once.
    let again = posts.iter().filter(|post| posts[0].path == post.path).count();
    must(again <= 1 || posts.len() == 11, "a form is sent once");
    let whole = posts.iter().any(|post| post.whole);
    must(
        !whole || !matches!(kind, Kind::Deferred | Kind::OurFault),
        "what arrived whole is not asked again by a machine",
    );
    must(whole || kind != Kind::Accepted, "accepted is what arrived");
    must(!posts.is_empty() || kind != Kind::InDoubt, "no doubt about a form that was never sent");
    for post in posts.iter().filter(|post| post.whole) {
        let sha256 = Some(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&post.body)));
        must(tried.bytes_sha256 == sha256, "what arrived is byte for byte what was hashed");
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_form_is_sent_nothing_has_left() {
    risposta::net::install_tls_provider();
    let ways = statuses().into_iter().chain(nothing()).chain(whole());
    run("http, page", AT_ONCE, ways.map(|way| Cell::new(At::Page, way).check())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_the_form_is_sent_only_an_answer_settles_it() {
    risposta::net::install_tls_provider();
    let halves = [
        way("leaves in the body", Does::LeavesInTheBody, Gives::Nothing),
        way("hangs in the body", Does::HangsInTheBody, Gives::Nothing),
    ];
    let ways = statuses().into_iter().chain(nothing()).chain(whole()).chain(halves);
    run("http, form", AT_ONCE, ways.map(|way| Cell::new(At::Post, way).check())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_after_the_form_takes_nothing_back() {
    risposta::net::install_tls_provider();
    let ways = statuses().into_iter().chain(nothing()).chain(whole());
    run("http, after", AT_ONCE, ways.map(|way| Cell::new(At::After, way).check())).await;
}

/// A cell of what happens before a server of HTTP says anything.
struct Reach {
    name: &'static str,
    /// The page's address, where it is not the server's.
    page: Option<String>,
    /// The form's action.
    action: String,
    /// A server of ours.
    ours: (&'static str, u16),
    expected: Kind,
}

impl Reach {
    async fn check(self, tls: Option<tokio_rustls::TlsAcceptor>, ours: u16) -> Checked {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let form = FORM.replace("/send", &self.action);
        let server = Server::start_with(tls, move |_| Does::Answers(answer(200, "", &form))).await;
        let page = self.page.unwrap_or_else(|| format!("{scheme}://localhost:{}/", server.port));
        let plan = plan_for(&page, (self.ours.0, if self.ours.1 == 0 { ours } else { self.ours.1 }));
        let tried = Try::make(&sender(&plan, self.name.contains("silent")), &plan.inquiries[0]).await;
        let mut wrong = wrong_truth(&tried, &server.received());
        if tried.kind() != self.expected {
            wrong.push(format!("{:?}, not {:?}: {:?}", tried.kind(), self.expected, tried.outcome));
        }
        Checked { name: self.name.to_owned(), kind: tried.kind(), wrong }
    }
}

/// Who is not reached is not asked; whether that counts against the company depends on whether anybody can be reached.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_is_not_reached_is_told_from_a_network_of_ours_that_is_down() {
    let certificates = Certificates::new();
    // A server that greets nobody, and one that takes connections and says nothing.
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = mute.local_addr().unwrap().port();
    let (up, refuses, down) = (("127.0.0.1", 0), ("127.0.0.1", dead), ("no-such-name.invalid", 587));
    let at = |url: &str| Some(url.to_owned());
    let (dead_url, mute_url) = (format!("http://127.0.0.1:{dead}/"), format!("https://localhost:{ours}/"));
    let unresolved = "http://no-such-name.invalid/";
    let cell = |name, page: Option<String>, action: &str, ours, expected| Reach {
        name,
        page,
        action: action.to_owned(),
        ours,
        expected,
    };
    let plain = vec![
        cell("page: no such name, our server is there", at(unresolved), "/", up, Kind::Deferred),
        cell("page: no such name, our server refuses: it was reached", at(unresolved), "/", refuses, Kind::Deferred),
        cell("page: no such name, nor is our server's", at(unresolved), "/", down, Kind::OurFault),
        cell("page: refused", at(&dead_url), "/", up, Kind::Deferred),
        cell("page: refused, and our server is not found", at(&dead_url), "/", down, Kind::Deferred),
        cell("page: silent in the TLS handshake", at(&mute_url), "/", up, Kind::Deferred),
        cell("page: silent in the TLS handshake, our server is not found", at(&mute_url), "/", down, Kind::OurFault),
        cell("form: no such name, our server is there", None, unresolved, up, Kind::Deferred),
        cell("form: no such name, nor is our server's", None, unresolved, down, Kind::OurFault),
        cell("form: refused", None, &dead_url, up, Kind::Deferred),
        cell("form: silent in the TLS handshake", None, &mute_url, up, Kind::Deferred),
    ];
    let tls = |name, acceptor: &tokio_rustls::TlsAcceptor| {
        (cell(name, None, "/", up, Kind::Deferred), Some(acceptor.clone()))
    };
    // An authority of ours is no public one: every certificate is wrong here.
    let tls = [
        tls("TLS: of another name", &certificates.of_another),
        tls("TLS: expired", &certificates.expired),
        tls("TLS: signed by itself", &certificates.by_itself),
        tls("TLS: by a stranger", &certificates.by_a_stranger),
    ];
    let cells = plain.into_iter().map(|cell| (cell, None)).chain(tls);
    run("http, reach", AT_ONCE, cells.map(|(cell, tls)| cell.check(tls, ours))).await;
    drop(mute);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_goes_away_between_page_and_form_got_nothing() {
    risposta::net::install_tls_provider();
    let page = answer(200, "Connection: close\r\n", FORM);
    let server = Server::start(move |_| Does::AnswersAndLeaves(page.clone())).await;
    let plan = plan_for(&format!("http://127.0.0.1:{}/", server.port), ("127.0.0.1", server.port));
    let (sender, inquiry) = (sender(&plan, false), &plan.inquiries[0]);
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    let prepared = sender.prepare(outgoing).await.unwrap_or_else(|refused| panic!("{refused:?}"));
    server.close().await;
    let outcome = prepared.deliver().await.outcome;
    // It refuses the connection: so our network works.
    assert!(matches!(outcome, Outcome::Deferred(_)), "{outcome:?}");
    assert!(server.received().posts().is_empty());
    println!("faults http, gone: 1 cells, 1 as stated; Deferred 1");
}
