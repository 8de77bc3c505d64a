//! A mailbox whose server misbehaves: at every phase, in every way; then it behaves again, and every
//! reply must be there, once.

mod asked;
mod mailbox;

use crate::support::imap_faults::Fault::{self, *};
use crate::support::imap_faults::ImapServer;
use crate::support::imap_faults::Phase::{self, *};
use crate::support::little_plan::{after_hours, start};
use asked::{Asked, LONG, SHORT, Told, check};
use futures_util::StreamExt;
use risposta::model::study::{Inbox, Mailbox, Security, Server};
use risposta::net::Dialer;
use risposta::sources::imap::{ImapSource, Limits};
use risposta::sources::{Source, SourceError, Trouble};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// What a look may come to.
type Expected = &'static [Trouble];

const LOST: Expected = &[Trouble::Lost];
const SILENT: Expected = &[Trouble::Silent];
const GARBLED: Expected = &[Trouble::Garbled];
const REFUSED: Expected = &[Trouble::Refused];
const UNAVAILABLE: Expected = &[Trouble::Unavailable];
const LOGIN: Expected = &[Trouble::LoginRefused];
const QUOTA: Expected = &[Trouble::OverQuota];
const UNPROTECTED: Expected = &[Trouble::Unprotected];

/// Where and how a server misbehaves, what a look then comes to, and over which line.
type Cell = (Security, (Phase, Fault, Expected));

/// How a server may misbehave at any phase, and what a look then comes to.
const ANYWHERE: [(Fault, Expected); 12] = [
    (Drop, LOST),
    (Hang, SILENT),
    (Bye("[UNAVAILABLE] come back later"), &[Trouble::Unavailable, Trouble::Lost]),
    (Garbage, GARBLED),
    (BrokenText, GARBLED),
    (HalfALine, LOST),
    (Half, LOST),
    (HalfAndHang, SILENT),
    (Drip, SILENT),
    (EndlessLine, GARBLED),
    (EndlessLines, GARBLED),
    (No("[UNAVAILABLE] not now"), UNAVAILABLE),
];

/// What makes sense at some phases only.
const SOMEWHERE: &[(Phase, Fault, Expected)] = &[
    (Login, Bad, LOGIN),
    (Login, No("[AUTHENTICATIONFAILED] wrong"), LOGIN),
    (Login, No("wrong"), LOGIN),
    (Login, No("[EXPIRED] password is too old"), LOGIN),
    (Login, No("[INUSE] locked by another program"), UNAVAILABLE),
    (Login, No("[LIMIT] too many connections"), UNAVAILABLE),
    (Login, No("[PRIVACYREQUIRED] only with TLS"), UNPROTECTED),
    (Login, No("[OVERQUOTA] mailbox full"), QUOTA),
    (Login, OtherTag, SILENT),
    (Capability, Bad, REFUSED),
    (Capability, OtherTag, SILENT),
    (List, Bad, REFUSED),
    (List, No("no"), REFUSED),
    (List, ByeAndHang, UNAVAILABLE),
    (List, OtherTag, SILENT),
    (Examine, Bad, REFUSED),
    (Examine, No("[NOPERM] no"), REFUSED),
    (Examine, No("[NONEXISTENT] gone"), &[Trouble::FolderMissing]),
    (Examine, No("[OVERQUOTA] over quota"), QUOTA),
    (Examine, ByeAndHang, UNAVAILABLE),
    (Examine, OkWithoutData, GARBLED),
    (Examine, OtherTag, SILENT),
    (Search, Bad, REFUSED),
    (Search, No("no"), REFUSED),
    (Search, ByeAndHang, UNAVAILABLE),
    (Search, OkWithoutData, GARBLED),
    (Search, OtherTag, SILENT),
    (Sizes, Bad, REFUSED),
    (Sizes, No("[SERVERBUG] no"), UNAVAILABLE),
    (Sizes, OkWithoutData, REFUSED),
    (Sizes, ByeAndHang, UNAVAILABLE),
    (Sizes, OtherTag, SILENT),
    (Bodies, Bad, REFUSED),
    (Bodies, No("[EXPUNGEISSUED] some are gone"), REFUSED),
    (Bodies, OkWithoutData, REFUSED),
    (Bodies, Nil, REFUSED),
    (Bodies, ByeAndHang, UNAVAILABLE),
    (Bodies, LiteralTooLong, &[Trouble::Silent, Trouble::Garbled, Trouble::Refused]),
    (Bodies, LiteralTooShort, GARBLED),
    (Bodies, LiteralHuge, GARBLED),
    (Bodies, OtherTag, SILENT),
];

/// A line that should become a TLS one.
const STARTTLS: &[(Phase, Fault, Expected)] = &[
    (Greeting, Drop, LOST),
    (Greeting, Hang, SILENT),
    (Starttls, Drop, LOST),
    (Starttls, Hang, SILENT),
    (Starttls, No("not here"), UNPROTECTED),
    (Starttls, Bad, UNPROTECTED),
    (Starttls, Garbage, GARBLED),
    (Starttls, HalfALine, LOST),
    // The server goes on in plain text where a handshake should begin.
    (Starttls, Injected, UNPROTECTED),
    (Starttls, EndlessLines, GARBLED),
];

/// One cell: asked, a look at a server that misbehaves, a look at the same server well again.
async fn cell(security: Security, phase: Phase, fault: Fault, expected: Expected) -> Told {
    let mut asked = Asked::begin().await?;
    asked.replies_come();
    asked.server.state().fault = Some((phase, fault));
    asked.security = security;
    let by_time = expected.contains(&Trouble::Silent);
    let looks = asked.look(after_hours(2), if by_time { SHORT } else { LONG }).await?;
    asked.failed_honestly(&looks, expected)?;
    let plain = asked.server.state().heard.iter().filter(|c| c.starts_with("LOGIN")).count();
    check(security == Security::Plain || plain == 1, || "the password went out without TLS".to_owned())?;
    asked.server.state().fault = None;
    asked.security = Security::Plain;
    let looks = asked.look(after_hours(3), LONG).await?;
    asked.all_is_well(&looks, after_hours(3))
}

/// The cells of these phases over a plain line.
fn plain(phases: &'static [Phase]) -> impl Iterator<Item = Cell> {
    let anywhere = phases.iter().flat_map(|phase| ANYWHERE.map(|(fault, expected)| (*phase, fault, expected)));
    let somewhere = SOMEWHERE.iter().copied().filter(|(phase, ..)| phases.contains(phase));
    anywhere.chain(somewhere).map(|cell| (Security::Plain, cell))
}

/// Tries every cell, and tells of all that fail at once.
async fn every(what: &str, cells: impl Iterator<Item = Cell>) {
    let cells: Vec<_> = cells.collect();
    let count = cells.len();
    let failed: Vec<String> = futures_util::stream::iter(cells)
        .map(|(security, (phase, fault, expected))| async move {
            let told = cell(security, phase, fault, expected).await;
            told.err().map(|why| format!("{security:?} {phase:?} {fault:?}: {why}"))
        })
        .buffer_unordered(8)
        .filter_map(|failed| async { failed })
        .collect()
        .await;
    println!("faults imap {what}: {count} cells, {} failed; after each, 3 of 3 replies once", failed.len());
    assert!(failed.is_empty(), "{} of {count} cells:\n{}", failed.len(), failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_fail_before_the_mailbox_is_open() {
    every("login", plain(&[Greeting, Login, Capability])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_fail_at_folders_and_searches() {
    every("folders", plain(&[List, Examine, Search])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_fail_at_messages() {
    every("messages", plain(&[Sizes, Bodies, Quota])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_fail_on_the_way_to_tls() {
    every("starttls", STARTTLS.iter().map(|cell| (Security::Starttls, *cell))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_name_or_of_nobody_is_no_protection() {
    let asked = Asked::begin().await.unwrap();
    let folder = TempDir::new().unwrap();
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=other", "-addext", "subjectAltName=DNS:other.example", "-keyout", "key.pem"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-out", "cert.pem"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    risposta::net::install_tls_provider();
    let server = ImapServer::start(Some(acceptor(folder.path()))).await;
    let host = Server { host: "127.0.0.1".to_owned(), port: server.port, security: Security::Tls };
    for ca_file in [None, Some(folder.path().join("cert.pem").to_string_lossy().into_owned())] {
        let mailbox = Mailbox {
            inbox: Inbox::Imap { server: host.clone(), spam: None, folders: Vec::new() },
            ca_file,
            ..asked.plan.study.mailboxes[0].clone()
        };
        let mut source = ImapSource::new(&mailbox, "secret".into(), start(), Dialer::World).unwrap();
        let error = source.fetch(None).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::Unprotected, "{error:?}");
        assert!(error.help.contains("The password was not sent"), "{error:?}");
    }
    assert!(server.state().heard.is_empty(), "{:?}", server.state().heard);
}

fn acceptor(folder: &std::path::Path) -> tokio_rustls::TlsAcceptor {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = vec![CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    Arc::new(config).into()
}

/// A lost IDLE wakes, or lets the wait end; what came is found by the next look.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_lost_loses_nothing() {
    let cells = [
        (Idle, Drop),
        (Idle, Hang),
        (Idle, No("no IDLE today")),
        (Idle, Bad),
        (Idle, Bye("restarting")),
        (Idle, ByeAndHang),
        (Idle, Garbage),
        (Idle, BrokenText),
        (Idle, HalfALine),
        (Idle, Drip),
        (Idle, EndlessLines),
        (Done, Drop),
        (Done, Hang),
        (Done, Bad),
        (Done, Bye("restarting")),
        (Done, Garbage),
        (Done, EndlessLine),
    ];
    let mut failed = Vec::new();
    for (phase, fault) in cells {
        if let Err(why) = idle_cell(phase, fault).await {
            failed.push(format!("{phase:?} {fault:?}: {why}"));
        }
    }
    println!("faults imap idle: {} cells, {} failed", cells.len(), failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn idle_cell(phase: Phase, fault: Fault) -> Told {
    let asked = Asked::begin().await?;
    let mut source = asked.source(SHORT);
    let words = |e: SourceError| format!("{e:?}");
    let first = source.fetch(None).await.map_err(words)?;
    asked.server.state().fault = Some((phase, fault));
    let waited = tokio::time::timeout(LONG, source.wait(Duration::from_millis(50))).await;
    check(waited.is_ok(), || "the wait had no end".to_owned())?;
    asked.replies_come();
    asked.server.state().fault = None;
    let mut healed = source.with_limits(Limits { command: LONG, ..Limits::default() });
    let next = healed.fetch(Some(&first.cursor)).await.map_err(words)?;
    check(next.messages.len() == 3 && !next.more, || format!("{} messages", next.messages.len()))
}
