//! A study of twenty real difficulties through the whole program: each company is asked once, in bounded
//! memory, and a reply that names only the number that a site gave is known after a restart.

use crate::support::little_study::{Wants, planned};
use crate::support::program::{PATIENCE, Running};
use crate::support::zoo::{Case, ZooSite};
use serde_json::json;
use std::path::Path;

/// Cases whose sites take the question from plain HTTP.
const CASES: [&str; 20] = [
    "answer-json",
    "answer-landing",
    "answer-picture-alt",
    "answer-picture-name",
    "answer-refresh",
    "answer-ticket",
    "button-own-way",
    "button-several",
    "control-dirname",
    "control-elsewhere",
    "field-honeypots",
    "page-csrf",
    "page-frame",
    "page-latin-1",
    "page-redirected",
    "page-refresh",
    "sent-get",
    "software-cf7",
    "twice-shown",
    "twice-shown-kept",
];

/// Most memory that the program may need, in KiB: far below what it has, far above what it takes.
const PEAK_KIB_MAX: u64 = 200 << 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_forms_are_asked_once_each_and_a_reply_is_known_by_the_number_alone() {
    let all = Case::all();
    let cases: Vec<&Case> = CASES.iter().map(|name| all.iter().find(|case| case.name == *name).unwrap()).collect();
    let mut sites = Vec::new();
    for case in &cases {
        sites.push(ZooSite::start(case).await);
    }
    let contacts: Vec<String> =
        cases.iter().zip(&sites).map(|(case, site)| format!("web_form: '{}'", site.url(&case.start))).collect();
    tokio::task::spawn_blocking(move || asked_and_answered(&contacts)).await.unwrap();
    for (case, site) in cases.iter().zip(&sites) {
        assert_eq!(site.arrived(&case.arrives.at).len(), 1, "{}", case.name);
    }
}

fn asked_and_answered(contacts: &[String]) {
    let mail = tempfile::tempdir().unwrap();
    let inbox = mail.path().join("inbox");
    for folder in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(inbox.join(folder)).unwrap();
    }
    // Nothing goes by mail here: nobody listens on that port.
    let mailbox = format!("maildir: {}, smtp: {{host: 127.0.0.1, port: 9, security: plain}}", inbox.display());
    let wants = Wants { mailbox, window: "60s", pace: "0s" };
    let study = planned(&wants, contacts);
    let program = &study.program;
    let mut running = program.start(&["run", "study.yaml", "--live", "--once"]);
    let peak_kib = peak_of(&mut running);
    running.end(PATIENCE).done();
    assert!((1..PEAK_KIB_MAX).contains(&peak_kib), "{peak_kib} KiB");
    assert_eq!(program.status()["channels"]["web_form"]["accepted"], json!(20));

    // The reply comes to the address that all share, from a desk that nobody knew.
    reply(&inbox, "Buongiorno, riguardo al ticket ABC-2026-4711: no, non contengono glutine. Anna, assistenza clienti");
    program.run(&["run", "study.yaml", "--live", "--once"]).done();
    let at = CASES.iter().position(|name| *name == "answer-ticket").unwrap();
    let story = program.story(&study.ids[at]);
    assert!(story.iter().any(|(_, what, _)| what.contains("tied by a ticket number")), "{story:#?}");
    program.is_intact();
}

/// The most memory that a program had at any moment, in KiB, once it has ended.
fn peak_of(running: &mut Running) -> u64 {
    let path = format!("/proc/{}/status", running.pid());
    let mut peak = 0;
    while running.runs() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let now = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    peak
}

fn reply(inbox: &Path, text: &str) {
    let date = crate::support::program::now().to_rfc2822();
    let mail = format!(
        "Received: from desk.example by posta.example; {date}\r\nFrom: Anna <anna@desk.example>\r\n\
         To: enrico@riva.example\r\nSubject: Risposta\r\nDate: {date}\r\nMessage-ID: <1@desk.example>\r\n\r\n{text}\r\n"
    );
    std::fs::write(inbox.join("tmp/1.desk"), mail).unwrap();
    std::fs::rename(inbox.join("tmp/1.desk"), inbox.join("new/1.desk")).unwrap();
}
