//! A submission server that misbehaves: each kind of misbehaviour at each moment of SMTP.
//!
//! What a cell must come to is stated here from the rules alone: who was told what, and when.

use crate::certificates::Certificates;
use crate::matrix::{AT_ONCE, Checked, Kind, LONG, SHORT, Try, run};
use crate::support::asking::plan_with;
use crate::support::smtp_faults::{Does, Phase, Received, Script, Server as Faulty};
use risposta::channels::email::{EmailSender, Limits};
use risposta::clock::Clock;
use risposta::model::channel::Channel;
use risposta::model::plan::Plan;
use risposta::model::study::{AliasKind, Inbox, Mailbox, Security, Server, Target};
use risposta::net::Dialer;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const PASSWORD: &str = "hunter2-of-the-test";

/// What the server said, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// What the step waits for.
    Right,
    /// A reply of a class that answers another step.
    Odd,
    /// 4yz.
    Later,
    /// 5yz about the recipient or the message.
    Never,
    /// 4yz or 5yz about our own account.
    AboutUs,
    /// Nothing that is a reply.
    Nothing,
}

/// A kind of misbehaviour, and the code that a failure must then carry.
#[derive(Debug, Clone, Copy)]
struct Way {
    name: &'static str,
    does: Does,
    said: Said,
    code: Option<u16>,
    enhanced: Option<&'static str>,
}

const fn way(name: &'static str, does: Does, said: Said) -> Way {
    Way { name, does, said, code: None, enhanced: None }
}

const fn refusal(bytes: &'static str, said: Said, code: u16, enhanced: Option<&'static str>) -> Way {
    Way { name: bytes, does: Does::Says(bytes.as_bytes()), said, code: Some(code), enhanced }
}

/// Whatever can go wrong at every moment alike.
fn everywhere() -> Vec<Way> {
    use Said::{Later, Never, Nothing, Right};
    vec![
        way("crawls", Does::Crawls, Right),
        way("hangs up", Does::HangsUp, Nothing),
        way("resets", Does::Resets, Nothing),
        way("hangs", Does::Hangs, Nothing),
        way("stops in a line", Does::StopsInALine, Nothing),
        way("hangs up in a line", Does::HangsUpInALine, Nothing),
        way("a line without end", Does::Endless, Nothing),
        way("lines without end", Does::EndlessLines, Nothing),
        way("drips", Does::Drips, Nothing),
        way("garbage", Does::Says(b"\x00\xff\xfe what?\r\n"), Nothing),
        way("an empty line", Does::Says(b"\r\n"), Nothing),
        way("HTTP", Does::SaysAndLeaves(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Nothing),
        way("two codes", Does::Says(b"250-yes\r\n550 no\r\n"), Nothing),
        way("1yz", Does::Says(b"150 wait\r\n"), Nothing),
        refusal("421 4.3.2 closing\r\n", Later, 421, Some("4.3.2")),
        Way {
            name: "421 and leaves",
            does: Does::SaysAndLeaves(b"421 4.4.2 timeout\r\n"),
            said: Later,
            code: Some(421),
            enhanced: Some("4.4.2"),
        },
        refusal("450 busy\r\n", Later, 450, None),
        refusal("451-4.3.0 not\r\n451 4.3.0 now\r\n", Later, 451, Some("4.3.0")),
        refusal("452 4.2.2 mailbox full\r\n", Later, 452, Some("4.2.2")),
        refusal("550 5.1.1 no such user\r\n", Never, 550, Some("5.1.1")),
        refusal("554 no\r\n", Never, 554, None),
        refusal("550\r\n", Never, 550, None),
        refusal("552-5.2.2 over\r\n552 5.2.2 quota\r\n", Never, 552, Some("5.2.2")),
        refusal("571 5.7.1 policy\r\n", Never, 571, Some("5.7.1")),
        refusal("550 line feed alone\n", Never, 550, None),
    ]
}

/// What a server has against our account, wherever it says so.
fn about_us() -> Vec<Way> {
    use Said::AboutUs;
    vec![
        refusal("530 5.7.0 Authentication required\r\n", AboutUs, 530, Some("5.7.0")),
        refusal("535 5.7.8 bad credentials\r\n", AboutUs, 535, Some("5.7.8")),
        refusal("538 encryption required\r\n", AboutUs, 538, None),
        refusal(
            "553 5.7.1 <e@riva.example>: Sender address rejected: not owned by user\r\n",
            AboutUs,
            553,
            Some("5.7.1"),
        ),
        refusal("550 5.1.8 no such sender's domain\r\n", AboutUs, 550, Some("5.1.8")),
        refusal("450 4.1.8 sender's domain not found\r\n", AboutUs, 450, Some("4.1.8")),
        refusal("452 4.7.0 Daily sending quota exceeded\r\n", AboutUs, 452, Some("4.7.0")),
        refusal("554 5.7.1 Relay access denied\r\n", AboutUs, 554, Some("5.7.1")),
    ]
}

/// Good replies in every form that RFC 5321 §4.2 allows, and replies to another step.
fn done_forms() -> Vec<Way> {
    vec![
        way("250 alone", Does::Says(b"250\r\n"), Said::Right),
        way("2yz of another kind", Does::Says(b"299 fine\r\n"), Said::Right),
        way("251 will forward", Does::Says(b"251 2.1.5 not local, will forward\r\n"), Said::Right),
        way("on three lines", Does::Says(b"250-2.0.0 a\r\n250-2.0.0 b\r\n250 2.0.0 c\r\n"), Said::Right),
        way("in Latin 1", Does::Says(b"250 2.0.0 perch\xe9 no\r\n"), Said::Right),
        way("354 go on", Does::Says(b"354 go on\r\n"), Said::Odd),
    ]
}

fn go_on_forms() -> Vec<Way> {
    vec![
        way("354 alone", Does::Says(b"354\r\n"), Said::Right),
        way("3yz of another kind", Does::Says(b"350 go on\r\n"), Said::Right),
        way("250 ok", Does::Says(b"250 ok\r\n"), Said::Odd),
    ]
}

/// The rules. Until a recipient is named it is our account; until the final dot nothing can have left; from there on
/// the server's own word counts, and without one nobody knows.
#[allow(clippy::match_same_arms, reason = "an arm for each rule")]
fn rule(at: Phase, said: Said) -> Kind {
    match (at, said) {
        (Phase::Quit, _) | (_, Said::Right) => Kind::Accepted,
        // Our own copy is refused by our own server.
        (
            Phase::Banner
            | Phase::Ehlo
            | Phase::Starttls
            | Phase::Handshake
            | Phase::EhloAgain
            | Phase::Auth
            | Phase::Copy,
            _,
        )
        | (_, Said::AboutUs) => Kind::OurFault,
        (Phase::Mail, Said::Later) => Kind::Deferred,
        (Phase::Mail, _) => Kind::OurFault,
        (Phase::Rcpt | Phase::Data | Phase::Block | Phase::Dot, Said::Later) => Kind::Deferred,
        (Phase::Rcpt | Phase::Data | Phase::Block | Phase::Dot, Said::Never) => Kind::Rejected,
        (Phase::Rcpt | Phase::Data | Phase::Block, Said::Odd | Said::Nothing) => Kind::Deferred,
        (Phase::Dot, Said::Odd | Said::Nothing) => Kind::InDoubt,
    }
}

/// A cell of the matrix.
#[derive(Clone)]
struct Cell {
    name: String,
    script: Script,
    expected: Kind,
    code: Option<u16>,
    enhanced: Option<&'static str>,
    /// How our account is set up.
    host: &'static str,
    security: Security,
    password: bool,
    ca_file: Option<String>,
    /// Longer than the buffers between two sockets hold.
    long: bool,
    /// Whether only a time limit ends it.
    silent: bool,
}

impl Cell {
    /// A cell in plain text with a login.
    fn plain(at: Phase, way: Way) -> Self {
        Self {
            name: format!("{at:?} × {:?}", way.name),
            script: Script::plain(at, way.does),
            expected: rule(at, way.said),
            code: way.code.filter(|_| at != Phase::Quit),
            enhanced: way.enhanced.filter(|_| at != Phase::Quit),
            host: "127.0.0.1",
            security: Security::Plain,
            password: true,
            ca_file: None,
            long: at == Phase::Block,
            silent: way.does.needs_a_limit(),
        }
    }

    /// The same with STARTTLS.
    fn starttls(at: Phase, way: Way, certificates: &Certificates) -> Self {
        let mut cell = Self::plain(at, way);
        cell.name.push_str(" with STARTTLS");
        cell.script.offers = &["STARTTLS", "AUTH LOGIN"];
        cell.script.tls = Some(certificates.right.clone());
        (cell.security, cell.host) = (Security::Starttls, "localhost");
        cell.ca_file = Some(certificates.ca_file().to_string_lossy().into_owned());
        cell
    }

    /// The same with TLS from the first byte.
    fn tls(at: Phase, way: Way, certificates: &Certificates) -> Self {
        let mut cell = Self::starttls(at, way, certificates);
        cell.name = cell.name.replace("STARTTLS", "TLS");
        cell.script.tls_first = true;
        cell.security = Security::Tls;
        cell
    }

    fn named(mut self, name: &str, expected: Kind) -> Self {
        (self.name, self.expected) = (name.to_owned(), expected);
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    async fn check(self) -> Checked {
        let server = Faulty::start(self.script.clone());
        let plan = Arc::new(question(self.long));
        let tried = Try::make(&self.sender(&plan, server.port), &plan.inquiries[0]).await;
        let received = server.received();
        let wrong = [self.wrong_outcome(&tried), wrong_truth(&tried, &received), self.wrong_words(&tried)].concat();
        Checked { name: self.name, kind: tried.kind(), wrong }
    }

    fn sender(&self, plan: &Plan, port: u16) -> EmailSender {
        let mailbox = Mailbox {
            id: "enrico".parse().unwrap(),
            address: "enrico@riva.example".to_owned(),
            alias: AliasKind::CatchAll,
            smtp: Some(Server { host: self.host.to_owned(), port, security: self.security }),
            inbox: Inbox::Maildir { path: String::new() },
            user: "enrico@riva.example".to_owned(),
            password: None,
            ca_file: self.ca_file.clone(),
            copy: self.script.at == Phase::Copy,
        };
        let limit = if self.silent { SHORT } else { LONG };
        let limits =
            Limits { connect: limit, greeting: limit, command: limit, block: limit, answer: limit, farewell: limit };
        let password = self.password.then(|| PASSWORD.into());
        EmailSender::new(&plan.study, &mailbox, password, Dialer::World, Clock::System).unwrap().with_limits(limits)
    }

    fn wrong_outcome(&self, tried: &Try) -> Vec<String> {
        let kind = tried.kind();
        let as_stated = kind == self.expected;
        (!as_stated).then(|| format!("{kind:?}, not {:?}: {:?}", self.expected, tried.outcome)).into_iter().collect()
    }

    /// A refusal names code, enhanced code and the server's words; nothing ever names the password.
    fn wrong_words(&self, tried: &Try) -> Vec<String> {
        let mut wrong = Vec::new();
        if format!("{:?} {:?}", tried.outcome, tried.evidence).contains(PASSWORD) {
            wrong.push("the password is told".to_owned());
        }
        let Some(failure) = tried.outcome.failure() else { return wrong };
        if failure.detail.trim().is_empty() {
            wrong.push("no words".to_owned());
        }
        if self.code.is_some() && (failure.code, failure.enhanced.as_deref()) != (self.code, self.enhanced) {
            wrong.push(format!("codes {:?} {:?}", failure.code, failure.enhanced));
        }
        wrong
    }
}

/// The invariants that no cell may break, whatever it is stated to come to.
fn wrong_truth(tried: &Try, received: &Received) -> Vec<String> {
    let mut wrong = Vec::new();
    let kind = tried.kind();
    let whole = received.messages.len();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{what}: {kind:?} and {received:?}"));
        }
    };
    must(whole <= 1 && received.connections <= 1, "at most one connection and one message");
    must(kind != Kind::Accepted || whole == 1, "accepted is what arrived");
    let data = received.verbs.iter().any(|verb| verb == "DATA");
    must(
        !data || kind != Kind::OurFault || whole == 1 || tried.outcome.failure().is_some_and(|f| f.code.is_some()),
        "where our copy is refused, nobody gets the message",
    );
    must(kind != Kind::InDoubt || whole == 1, "no doubt about what cannot have left");
    must(
        whole == 0 || kind != Kind::OurFault || tried.outcome.failure().is_some_and(|f| f.code.is_some()),
        "what arrived whole is our account's failure only where the server says so",
    );
    must(
        whole == 0
            || kind != Kind::Deferred
            || tried.outcome.failure().is_some_and(|f| f.code.is_some_and(|c| c < 500)),
        "what arrived whole is asked again only where the server says so",
    );
    for message in &received.messages {
        let sha256 = Some(hex::encode(Sha256::digest(message)));
        must(tried.bytes_sha256 == sha256, "what arrived is byte for byte what was hashed");
    }
    wrong
}

fn question(long: bool) -> Plan {
    let target = Target::Email { address: "info@alfa.example".to_owned() };
    let mut plan = plan_with(target, Channel::Email);
    let text = &mut plan.inquiries[0].messages[0].text;
    text.push_str("\n.\n..\nFrom here\n");
    if long {
        text.push_str(&("x".repeat(69) + "\n").repeat(60_000));
    }
    plan
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_recipient_is_named_it_is_our_account() {
    let certificates = Certificates::new();
    let mut cells = Vec::new();
    for at in [Phase::Banner, Phase::Ehlo, Phase::Auth, Phase::Mail] {
        cells.extend(everywhere().into_iter().chain(about_us()).map(|way| Cell::plain(at, way)));
    }
    for at in [Phase::Banner, Phase::Auth, Phase::Mail] {
        cells.extend(done_forms().into_iter().map(|way| Cell::plain(at, way)));
    }
    for at in [Phase::Banner, Phase::Ehlo, Phase::Starttls, Phase::EhloAgain] {
        cells.extend(everywhere().into_iter().map(|way| Cell::starttls(at, way, &certificates)));
    }
    cells.extend(everywhere().into_iter().map(|way| Cell::tls(Phase::Banner, way, &certificates)));
    run("smtp, opening", AT_ONCE, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_final_dot_nothing_has_left() {
    let certificates = Certificates::new();
    let mut cells = Vec::new();
    for (at, forms) in [(Phase::Rcpt, done_forms()), (Phase::Copy, done_forms()), (Phase::Data, go_on_forms())] {
        let ways = everywhere().into_iter().chain(about_us()).chain(forms);
        cells.extend(ways.map(|way| Cell::plain(at, way)));
    }
    cells.extend(everywhere().into_iter().map(|way| Cell::starttls(Phase::Rcpt, way, &certificates)));
    run("smtp, before the dot", AT_ONCE, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_middle_of_the_message_nothing_has_left() {
    let mut cells = Vec::new();
    for way in everywhere().into_iter().chain(about_us()) {
        // Whoever says in the middle of a message that all is well has not received it.
        let said = if way.said == Said::Right { Said::Nothing } else { way.said };
        cells.push(Cell::plain(Phase::Block, Way { said, ..way }));
    }
    run("smtp, in the message", 8, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_final_dot_only_the_servers_word_counts() {
    let certificates = Certificates::new();
    let ways = || everywhere().into_iter().chain(about_us()).chain(done_forms());
    let mut cells: Vec<Cell> = ways().map(|way| Cell::plain(Phase::Dot, way)).collect();
    cells.extend(ways().map(|way| Cell::starttls(Phase::Dot, way, &certificates)));
    cells.extend(ways().map(|way| Cell::plain(Phase::Quit, way)));
    cells.push(Cell::plain(Phase::Dot, way("stutters", Does::Stutters, Said::Right)));
    run("smtp, after the dot", AT_ONCE, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_that_is_wrong_shows_nobody_a_password() {
    let certificates = Certificates::new();
    let right = way("right", Does::Crawls, Said::Right);
    let mut cells = Vec::new();
    for (name, acceptor) in [
        ("of another name", &certificates.of_another),
        ("expired", &certificates.expired),
        ("signed by itself", &certificates.by_itself),
        ("by an authority that nobody trusts", &certificates.by_a_stranger),
    ] {
        for cell in [Cell::starttls(Phase::Banner, right, &certificates), Cell::tls(Phase::Quit, right, &certificates)]
        {
            let name = format!("a certificate {name}, {:?}", cell.security);
            cells.push(cell.named(&name, Kind::OurFault).with(|c| c.script.tls = Some(acceptor.clone())));
        }
    }
    for way in everywhere() {
        let way = Way { said: Said::Nothing, code: None, enhanced: None, ..way };
        cells.push(Cell::starttls(Phase::Handshake, way, &certificates));
        cells.push(Cell::tls(Phase::Handshake, way, &certificates));
    }
    let starttls = || Cell::starttls(Phase::Quit, right, &certificates);
    cells.push(starttls().named("all is right with STARTTLS", Kind::Accepted));
    cells.push(Cell::tls(Phase::Quit, right, &certificates).named("all is right with TLS", Kind::Accepted));
    cells.push(starttls().named("STARTTLS stripped", Kind::OurFault).with(|c| c.script.offers = &["AUTH PLAIN"]));
    cells.push(starttls().named("something slipped in before TLS", Kind::OurFault).with(|c| {
        (c.script.at, c.script.does) = (Phase::Starttls, Does::RunsAhead(b"250 AUTH PLAIN\r\n"));
    }));
    cells.push(starttls().named("`ca_file` is missing", Kind::OurFault).with(|c| {
        c.ca_file = Some(certificates.no_file().to_string_lossy().into_owned());
    }));
    cells.push(starttls().named("no authority of ours", Kind::OurFault).with(|c| c.ca_file = None));
    cells.push(Cell::plain(Phase::Quit, right).named("TLS with a server that has none", Kind::OurFault).with(|c| {
        (c.security, c.host) = (Security::Tls, "localhost");
    }));
    run("smtp, TLS", AT_ONCE, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_offers_or_runs_ahead_with_misleads_nobody() {
    let right = way("right", Does::Crawls, Said::Right);
    let plain = || Cell::plain(Phase::Quit, right);
    let ahead = |name: &str, at: Phase, more: &'static [u8], expected: Kind| {
        Cell::plain(at, way("", Does::RunsAhead(more), Said::Right)).named(name, expected)
    };
    let cells = vec![
        plain().named("AUTH stripped", Kind::OurFault).with(|c| c.script.offers = &["SIZE 10"]),
        plain().named("no login that is known", Kind::OurFault).with(|c| c.script.offers = &["AUTH CRAM-MD5 GSSAPI"]),
        plain().named("AUTH LOGIN alone", Kind::Accepted).with(|c| c.script.offers = &["AUTH LOGIN"]),
        plain().named("AUTH=PLAIN, as in the year 2000", Kind::Accepted).with(|c| c.script.offers = &["AUTH=PLAIN"]),
        plain().named("nothing offered, no login", Kind::Accepted).with(|c| {
            (c.script.offers, c.password) = (&[], false);
        }),
        plain().named("every extension", Kind::Accepted).with(|c| {
            c.script.offers = &["SIZE 1", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "PIPELINING", "AUTH PLAIN"];
        }),
        Cell::plain(Phase::Auth, way("", Does::Says(b"334 VXNlcm5hbWU6\r\n"), Said::Odd))
            .named("a challenge that PLAIN does not know", Kind::OurFault),
        Cell::plain(Phase::Auth, refusal("454 4.7.0 try later\r\n", Said::Later, 454, Some("4.7.0"))),
        // What was said before the question is no answer to it.
        ahead("greets and says more", Phase::Banner, b"250 ok\r\n", Kind::OurFault),
        ahead("stutters at EHLO", Phase::Ehlo, b"250 ok\r\n", Kind::OurFault),
        ahead("stutters at AUTH", Phase::Auth, b"235 ok\r\n", Kind::OurFault),
        ahead("stutters at MAIL", Phase::Mail, b"250 ok\r\n", Kind::Deferred),
        ahead("stutters at RCPT", Phase::Rcpt, b"250 ok\r\n", Kind::Deferred),
        ahead("takes the message before it came", Phase::Data, b"250 2.0.0 queued\r\n", Kind::Deferred),
        ahead("refuses the message before it came", Phase::Data, b"554 5.7.1 no\r\n", Kind::Rejected),
        ahead("closes at RCPT before it is asked", Phase::Mail, b"421 4.3.2 closing\r\n", Kind::Deferred),
        ahead("half a word after RCPT, then nothing", Phase::Rcpt, b"25", Kind::Deferred).with(|c| c.silent = true),
    ];
    run("smtp, offers", AT_ONCE, cells.into_iter().map(Cell::check)).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_our_accounts_failure() {
    let right = way("right", Does::Crawls, Said::Right);
    let plan = question(false);
    // A port that nobody listens on: it was ours a moment ago.
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    for host in ["127.0.0.1", "no-such-name.invalid", "not a name", ""] {
        let cell = Cell::plain(Phase::Quit, right).with(|c| c.host = host);
        let tried = Try::make(&cell.sender(&plan, port), &plan.inquiries[0]).await;
        assert_eq!(tried.kind(), Kind::OurFault, "{host}: {:?}", tried.outcome);
        assert!(tried.outcome.failure().unwrap().detail.contains("cannot connect"), "{:?}", tried.outcome);
    }
    println!("faults smtp, not there: 4 cells, 4 as stated");
}
