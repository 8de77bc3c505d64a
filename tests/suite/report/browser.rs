//! The page in a real browser: does it say nothing on the console, load nothing, and serve everybody?

use super::shapes;
use super::{HOSTILE, Rehearsed, named};
use risposta::lexicon::report_words::Language;
use risposta::report::publish::{Audience, Material};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Runs Chromium on a page, with a profile of its own, and gives what it printed.
fn chromium(page: &Path, arguments: &[&str]) -> Output {
    let profile = TempDir::new().unwrap();
    let address = format!("file://{}", page.display());
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(address)
        .output()
        .expect("Chromium is installed: tests/install-axe.sh");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What axe finds against the rules of WCAG 2.2 AA and good practice, on a copy of the page.
fn violations(page: &Path, arguments: &[&str]) -> Vec<String> {
    let axe = axe();
    let html = fs::read_to_string(page).unwrap();
    // The page itself forbids all scripts; the copy has to run one.
    let (before, after) = html.split_once("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
    let after = after.split_once('>').unwrap().1;
    let check = "axe.run(document, {resultTypes: ['violations']}).then(r => { document.documentElement.innerHTML = \
                 '<pre>' + btoa(unescape(encodeURIComponent(JSON.stringify(r.violations.map(v => v.id + ': ' + \
                 v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary).join(' | ')))))) + '</pre>'; });";
    let copy = page.with_extension("checked.html");
    let checked = after.replace("</body>", &format!("<script>{axe}</script><script>{check}</script></body>"));
    fs::write(&copy, format!("{before}{checked}")).unwrap();
    let said = chromium(&copy, &[&["--dump-dom", "--virtual-time-budget=60000"], arguments].concat());
    let dom = String::from_utf8(said.stdout).unwrap();
    let found = dom.split_once("<pre>").and_then(|(_, rest)| rest.split_once("</pre>")).expect("axe has ended").0;
    serde_json::from_slice(&decoded(found)).unwrap()
}

/// Base64, as a browser writes it.
fn decoded(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for digit in text.chars().filter_map(|c| DIGITS.find(c)) {
        held = (held << 6) | u32::try_from(digit).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

fn axe() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/install-axe.sh");
    let said = Command::new(script).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    fs::read_to_string(String::from_utf8(said.stdout).unwrap().trim()).unwrap()
}

/// The page of a report for these readers.
fn page(rehearsed: &Rehearsed, arguments: &[&str]) -> PathBuf {
    rehearsed.report("out", arguments);
    rehearsed.path("out/report.html")
}

/// Opens a page as it is: it says nothing on the console, and no request leaves it.
#[track_caller]
fn is_silent(page: &Path) {
    let log = page.with_extension("net.json");
    let netlog = format!("--log-net-log={}", log.display());
    let said = chromium(page, &["--dump-dom", "--enable-logging=stderr", "--v=0", &netlog]);
    let console = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!console.contains("CONSOLE"), "{console}");
    let log = fs::read_to_string(log).unwrap();
    // A browser that ends leaves its log without the closing brackets.
    let whole = serde_json::from_str::<Value>(&log)
        .unwrap_or_else(|_| serde_json::from_str(&format!("{}]}}", log.trim_end().trim_end_matches(','))).unwrap());
    let asked: Vec<&str> = whole["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["params"]["url"].as_str())
        .filter(|url| !url.starts_with("file:") && url.contains("example"))
        .collect();
    assert_eq!(asked, Vec::<&str>::new());
}

#[test]
fn a_page_with_hostile_names_is_silent_and_loads_nothing() {
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    is_silent(&page(&rehearsed, &[]));
}

const DARK: &str = "--blink-settings=preferredColorScheme=0";

/// A shape in English and in light for the team, and in Italian, in the dark and narrow for other readers.
fn serves_everybody(made: &Material, others: &Audience) {
    let folder = TempDir::new().unwrap();
    let page = shapes::write(&folder.path().join("en"), made.clone(), &Audience::Team, Language::English);
    is_silent(&page);
    assert_eq!(violations(&page, &["--window-size=1280,900"]), Vec::<String>::new());
    let page = shapes::write(&folder.path().join("it"), made.clone(), others, Language::Italian);
    is_silent(&page);
    assert_eq!(violations(&page, &[DARK, "--window-size=500,800"]), Vec::<String>::new());
}

/// The shape of that name.
fn shape(name: &str) -> Material {
    shapes::shapes().into_iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn a_page_of_nothing_yet_or_of_one_company_serves_everybody() {
    serves_everybody(&shape("empty"), &Audience::Public);
    // One company is too few to be published.
    serves_everybody(&shape("one-company"), &Audience::Team);
}

#[test]
fn a_page_of_one_channel_or_of_eight_with_long_names_serves_everybody() {
    serves_everybody(&shape("one-channel"), &Audience::Public);
    serves_everybody(&shape("long-names"), &Audience::Public);
}

#[test]
fn a_page_with_names_from_right_to_left_or_of_three_waves_serves_everybody() {
    serves_everybody(&shape("right-to-left"), &Audience::Public);
    serves_everybody(&shape("waves"), &Audience::Public);
}

#[test]
fn five_hundred_companies_on_eight_channels_are_a_page_that_opens() {
    let folder = TempDir::new().unwrap();
    let page = shapes::write(folder.path(), shape("many"), &Audience::Team, Language::English);
    let size = fs::metadata(&page).unwrap().len();
    assert!((1 << 20..8 << 20).contains(&size), "{size} bytes");
    is_silent(&page);
}

#[test]
fn axe_finds_no_violation_in_any_light_language_or_edition() {
    let rehearsed = Rehearsed::demo();
    for (arguments, browser) in [
        (&["--lang", "en"][..], &["--window-size=1280,900"][..]),
        (&["--lang", "it", "--for", "public"], &["--window-size=500,800"]),
        (&["--lang", "en", "--for", "client", "edil-beta"], &[DARK, "--window-size=1280,900"]),
    ] {
        let found = violations(&page(&rehearsed, arguments), browser);
        assert_eq!(found, Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn axe_finds_no_violation_where_names_are_hostile_or_nothing_was_asked() {
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    assert_eq!(violations(&page(&rehearsed, &[]), &[]), Vec::<String>::new());
    rehearsed.run(&["plan", "study.yaml", "--wave", "empty", "--start", "2026-03-02"]);
    let empty = page(&rehearsed, &["--wave", "empty"]);
    assert!(fs::read_to_string(&empty).unwrap().contains("Nothing can be said yet"));
    assert_eq!(violations(&empty, &[]), Vec::<String>::new());
}

#[test]
fn the_page_prints_with_page_numbers() {
    let rehearsed = Rehearsed::demo();
    let said = rehearsed.run(&["report", "--out", "out", "--pdf"]);
    assert!(said.lines().any(|line| line.ends_with("report.pdf")), "{said}");
    let pdf = fs::read(rehearsed.path("out/report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 50_000, "{} bytes", pdf.len());
    assert_eq!(
        fs::read_dir(rehearsed.path("out"))
            .unwrap()
            .filter(|e| { e.as_ref().unwrap().file_name().to_string_lossy().starts_with(".printing") })
            .count(),
        0
    );
}
