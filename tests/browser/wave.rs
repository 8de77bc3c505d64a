//! Whole waves through the program and one browser: bounded memory, each company asked once, whatever dies meanwhile.

use super::processes::{Process, children_of, ends, group_of, in_group, memory_kib};
use crate::support::little_study::{Planned, Wants, planned};
use crate::support::program::{Program, Running, now, until};
use crate::support::site::{Does, Site};
use crate::support::zoo::{Case, ZooSite};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

/// Cases whose sites take the question from a browser: made, guarded, led and answered by scripts, behind banners, in
/// frames, and plain.
const CASES: [&str; 20] = [
    "answer-json",
    "answer-landing",
    "answer-picture-alt",
    "answer-picture-name",
    "answer-ticket",
    "button-several",
    "control-table",
    "field-honeypots",
    "page-csrf",
    "page-frame",
    "page-latin-1",
    "script-late",
    "script-leaves",
    "script-made",
    "script-shadow",
    "script-steps",
    "software-cf7",
    "twice-shown",
    "wall-consent-agree-beside",
    "wall-consent-banner",
];

/// Longest time that a wave takes here, on a machine that does other things beside.
const PATIENCE: Duration = Duration::from_secs(400);

/// Most memory of the program, the browser and its driver together, at any moment.
const PEAK_KIB_MAX: u64 = 900 << 10;

const RUN: [&str; 4] = ["run", "study.yaml", "--live", "--once"];

const FORM: &str = "<form method=post action=send><label>Nome <input name=nome></label>\
    <label>E-mail <input name=email type=email></label><label>Messaggio <textarea name=testo></textarea></label>\
    <button>Invia</button></form>";

/// A study that asks at these addresses, each in a browser.
fn study(contacts: &[String]) -> (Planned, tempfile::TempDir) {
    let mail = tempfile::tempdir().unwrap();
    for folder in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(mail.path().join("inbox").join(folder)).unwrap();
    }
    let inbox = mail.path().join("inbox");
    // Nothing goes by mail here: nobody listens on that port.
    let mailbox = format!("maildir: {}, smtp: {{host: 127.0.0.1, port: 9, security: plain}}", inbox.display());
    (planned(&Wants { mailbox, window: "1h", pace: "0s" }, contacts), mail)
}

fn by_browser(url: &str) -> String {
    format!("web_form: {{url: '{url}', engine: browser}}")
}

/// Starts the wave where browser and driver are found.
fn start(program: &Program) -> Running {
    let path = std::env::var("PATH").unwrap();
    program.start_with(&RUN, &[("PATH", &path)])
}

fn counted(program: &Program) -> [Value; 3] {
    let status = program.status();
    ["accepted", "in_doubt", "to_send"].map(|key| status["channels"]["web_form"][key].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_forms_of_all_kinds_go_through_one_browser_of_bounded_memory_each_once() {
    let all = Case::all();
    let cases: Vec<&Case> = CASES.iter().map(|name| all.iter().find(|case| case.name == *name).unwrap()).collect();
    let mut sites = Vec::new();
    for case in &cases {
        sites.push(ZooSite::start(case).await);
    }
    let contact = |(case, site): (&&Case, &ZooSite)| {
        let fields: Vec<String> = case.fields.iter().map(|(name, text)| format!("{name}: '{text}'")).collect();
        let form = case.form.as_ref().map(|css| format!(", form: '{css}'")).unwrap_or_default();
        let url = site.url(&case.start);
        format!("web_form: {{url: '{url}', engine: browser{form}, fields: {{{}}}}}", fields.join(", "))
    };
    let contacts: Vec<String> = cases.iter().zip(&sites).map(contact).collect();
    tokio::task::spawn_blocking(move || {
        let (study, _mail) = study(&contacts);
        let mut running = start(&study.program);
        let (mut peak_kib, mut drivers) = (0, BTreeSet::new());
        until(PATIENCE, "the wave", || {
            let tree = children_of(running.pid());
            peak_kib = peak_kib.max(memory_kib(&tree));
            // One that only says its version is started by the program itself, the one that drives by its shell.
            let is_driving = |p: &&Process| p.name == "chromedriver" && p.parent.cast_unsigned() != running.pid();
            drivers.extend(tree.iter().filter(is_driving).map(|p| p.pid));
            (!running.runs()).then_some(())
        });
        let said = running.end(PATIENCE);
        eprintln!("peak memory of the program, the browser and its driver: {} MB", peak_kib >> 10);
        let todo = study.program.run(&["todo"]);
        assert_eq!(counted(&study.program), [json!(20), json!(0), json!(0)], "{said:?} {todo:?}");
        assert_eq!(drivers.len(), 1, "one browser for all");
        assert!((100 << 10..PEAK_KIB_MAX).contains(&peak_kib), "{peak_kib} KiB");
        study.program.is_intact();
    })
    .await
    .unwrap();
    for (case, site) in cases.iter().zip(&sites) {
        assert_eq!(site.arrived(&case.arrives.at).len(), 1, "{}", case.name);
    }
}

/// Six companies, of which the third to be written to never answers.
async fn companies() -> Site {
    let posted = std::sync::atomic::AtomicUsize::new(0);
    Site::start(move |request| match request.method.as_str() {
        "POST" if posted.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 2 => Does::Hang,
        "POST" => Does::page("<h1>Grazie!</h1><p>Il messaggio è stato inviato.</p>"),
        _ => Does::page(FORM),
    })
    .await
}

fn at(site: &Site) -> Vec<String> {
    (1..=6).map(|n| by_browser(&site.url(&format!("/{n}/contatti")))).collect()
}

/// How often each company was written to.
fn letters(site: &Site) -> Vec<usize> {
    let posted = site.posted();
    (1..=6).map(|n| posted.iter().filter(|a| a.path.starts_with(&format!("/{n}/"))).count()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_dies_in_the_middle_of_a_wave_leaves_one_doubt_and_the_others_are_asked() {
    let site = companies().await;
    let contacts = at(&site);
    let site = std::sync::Arc::new(site);
    let seen = site.clone();
    tokio::task::spawn_blocking(move || {
        let (study, _mail) = study(&contacts);
        let running = start(&study.program);
        until(PATIENCE, "the third letter", || (seen.posted().len() == 3).then_some(()));
        let group = group_of(running.pid());
        let driver = in_group(group).into_iter().find(|p| p.name == "chromedriver").unwrap();
        Command::new("kill").args(["-KILL", &driver.pid.to_string()]).status().unwrap();
        let said = running.end(PATIENCE);
        assert_eq!(counted(&study.program), [json!(5), json!(1), json!(0)], "{said:?}");
        // Whoever starts it again asks nobody twice.
        start(&study.program).end(PATIENCE);
        assert_eq!(counted(&study.program), [json!(5), json!(1), json!(0)]);
        study.program.is_intact();
    })
    .await
    .unwrap();
    assert_eq!(letters(&site), [1; 6]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_in_the_middle_of_a_wave_leaves_no_process_and_goes_on_where_it_was() {
    let site = companies().await;
    let contacts = at(&site);
    let site = std::sync::Arc::new(site);
    let seen = site.clone();
    let (study, group, _mail) = tokio::task::spawn_blocking(move || {
        let (study, mail) = study(&contacts);
        let running = start(&study.program);
        until(PATIENCE, "the third letter", || (seen.posted().len() == 3).then_some(()));
        let group = group_of(running.pid());
        assert!(in_group(group).iter().any(|p| p.name.starts_with("chrom")));
        running.kill();
        (study, group, mail)
    })
    .await
    .unwrap();
    ends(group).await;
    tokio::task::spawn_blocking(move || {
        let said = start(&study.program).end(PATIENCE);
        assert_eq!(counted(&study.program), [json!(5), json!(1), json!(0)], "{said:?}");
        study.program.is_intact();
    })
    .await
    .unwrap();
    assert_eq!(letters(&site), [1; 6]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_browser_a_wave_that_needs_one_does_not_begin() {
    let site = companies().await;
    let contacts = vec![by_browser(&site.url("/1/contatti")), format!("web_form: '{}'", site.url("/2/contatti"))];
    let site = std::sync::Arc::new(site);
    tokio::task::spawn_blocking(move || {
        let (study, _mail) = study(&contacts);
        // No PATH, so no browser.
        study.program.run(&RUN).refused(4, &["nothing was sent", "Chromium is not installed", "apt-get install"]);
        assert_eq!(counted(&study.program), [json!(0), json!(0), json!(2)]);
        let story = study.program.story(&study.ids[0]);
        assert!(!story.iter().any(|(at, what, _)| *at <= now() && what.contains("attempt")), "{story:?}");
        start(&study.program).end(PATIENCE).done();
        assert_eq!(counted(&study.program), [json!(2), json!(0), json!(0)]);
    })
    .await
    .unwrap();
    assert_eq!(letters(&site)[..2], [1, 1]);
}
