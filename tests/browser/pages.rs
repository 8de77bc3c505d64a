//! Pages that hang, that hold their form in a stranger's frame, that will not go on without telling their site, and
//! recipes that give files.

use super::browser;
use super::zoo::{asked, asked_through};
use crate::support::asking::{QUESTION, START, form_at, plan_with};
use crate::support::site::{Does, Site, pairs};
use risposta::browser::{Browser, Patience, Whereabouts};
use risposta::channels::web_form::WebFormSender;
use risposta::channels::{Outgoing, Sender};
use risposta::clock::{Clock, Stepper};
use risposta::model::channel::Channel;
use risposta::model::ids::AccountId;
use risposta::model::outcome::{Obstacle, Outcome};
use risposta::model::plan::Plan;
use risposta::model::study::{Action, Engine, FormTarget, Step, Target, Upload};
use risposta::net::{Dialer, Town};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;

const THANKS: &str = "<h1>Grazie!</h1><p>Il messaggio è stato inviato.</p>";

const FIELDS: &str = "<label>Nome <input name=nome></label><label>E-mail <input name=email type=email></label>\
    <label>Messaggio <textarea name=testo></textarea></label>";

/// Each step is told to the site before the next one is shown.
const WIZARD: &str = "<h1>Contatti</h1><form method=post action=/send><div id=one><label>Nome <input name=nome></label>\
    <label>E-mail <input name=email></label><button type=button onclick=\"fetch('/step', {method: 'POST', body: \
    new URLSearchParams({nome: document.forms[0].nome.value})}).then(() => {one.style.display='none'; \
    two.style.display='block'})\">Avanti</button></div><div id=two style='display:none'>\
    <label>Messaggio <textarea name=testo></textarea></label><button>Invia</button></div></form>";

fn plan(target: FormTarget) -> Plan {
    plan_with(Target::WebForm(target), Channel::WebForm)
}

fn in_browser(url: &str) -> FormTarget {
    FormTarget { engine: Engine::Browser, ..form_at(url) }
}

fn form(action: &str, script: &str) -> String {
    format!("<form method=post action={action}>{FIELDS}<button>Invia</button></form><script>{script}</script>")
}

fn sender(plan: &Plan, browser: &Browser, folder: &Path) -> WebFormSender {
    let clock = Clock::Stepping(Stepper::new(START.parse().unwrap()));
    let sender = WebFormSender::new(AccountId::web(), Dialer::World, plan, clock);
    sender.with_browser(browser.clone()).of_study_in(folder)
}

fn outgoing(plan: &Plan) -> Outgoing<'_> {
    let inquiry = &plan.inquiries[0];
    Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_script_never_ends_is_left_in_time_and_no_fault_of_the_browser() {
    let site = Site::start(|request| match request.path.as_str() {
        "/typed" => Does::page(form("/send", "document.forms[0].testo.oninput = () => { for (;;); }")),
        "/pressed" => Does::page(form(
            "/send",
            "document.forms[0].onsubmit = e => { e.preventDefault(); const r = new XMLHttpRequest(); \
             r.open('POST', '/send', false); r.send('testo=x'); for (;;); }",
        )),
        "/plain" => Does::page(form("/send", "")),
        _ => Does::page(THANKS),
    })
    .await;
    let moment = Duration::from_secs(6);
    let browser = browser().with_patience(Patience { load: moment, script: moment, command: moment });
    let typed = asked(plan(form_at(&site.url("/typed"))), Engine::Browser, &browser).await;
    assert!(matches!(typed.outcome, Outcome::Deferred(_)), "nothing left, so it is tried again: {:?}", typed.outcome);
    assert_eq!(site.posted().len(), 0);
    let pressed = asked(plan(form_at(&site.url("/pressed"))), Engine::Browser, &browser).await;
    assert!(matches!(pressed.outcome, Outcome::InDoubt(_)), "{:?}", pressed.outcome);
    assert_eq!(site.posted().len(), 1);
    let next = asked(plan(form_at(&site.url("/plain"))), Engine::Browser, &browser).await;
    assert!(matches!(next.outcome, Outcome::Accepted { .. }), "{:?}", next.outcome);
    browser.stop().await;
}

/// A town in which every name leads to this site.
fn town(site: &Site) -> Dialer {
    let here = site.url("").trim_start_matches("http://").parse().unwrap();
    risposta::net::install_tls_provider();
    Dialer::Town(Town { smtp: here, imap: here, http: here })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_lent_is_filled_and_one_in_a_strangers_frame_is_not() {
    let page = |frame: &str| format!("<h1>Contatti</h1><iframe src='{frame}' width=600 height=500></iframe>");
    let (lent, strange) = (page("http://form.jotform.com/form"), page("http://ads.stranger.example/form"));
    let site = Site::start(move |request| match request.path.as_str() {
        "/lent" => Does::page(lent.clone()),
        "/strange" => Does::page(strange.clone()),
        "/form" => Does::page(form("/send", "")),
        _ => Does::page(THANKS),
    })
    .await;
    let browser = Browser::new(town(&site), Whereabouts::from_env(), "it");
    for engine in [Engine::Http, Engine::Browser] {
        let before = site.posted().len();
        let ask = async |path: &str| {
            let target = form_at(&format!("https://alfa.example{path}"));
            asked_through(town(&site), plan(target), engine, &browser).await.outcome
        };
        let strange = ask("/strange").await;
        let Outcome::Blocked(failure) = &strange else { panic!("{engine:?}: {strange:?}") };
        assert_eq!(failure.obstacle, Some(Obstacle::NoForm), "{engine:?}: {}", failure.detail);
        assert_eq!(site.posted().len(), before, "{engine:?}");
        let lent = ask("/lent").await;
        assert!(matches!(lent, Outcome::Accepted { .. }), "{engine:?}: {lent:?}");
        assert_eq!(site.posted().len(), before + 1, "{engine:?}");
    }
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_told_to_the_site_waits_until_the_attempt_is_journaled() {
    let site = Site::start(|request| match request.path.as_str() {
        "/" => Does::page(WIZARD),
        "/step" => Does::page("ok"),
        _ => Does::page(THANKS),
    })
    .await;
    let (browser, plan) = (browser(), plan(in_browser(&site.url("/"))));
    let sender = sender(&plan, &browser, Path::new("."));
    let Ok(prepared) = sender.prepare(outgoing(&plan)).await else { panic!("not prepared") };
    assert_eq!(site.posted().len(), 0, "preparing submits nothing");
    let delivered = prepared.deliver().await;
    assert!(matches!(delivered.outcome, Outcome::Accepted { .. }), "{:?}", delivered.outcome);
    let told: Vec<String> = site.posted().into_iter().map(|a| a.path).collect();
    assert_eq!(told, ["/step", "/send"], "each once, in this order");
    let sent = pairs(&site.posted()[1].body);
    assert!(sent.contains(&("testo".to_owned(), QUESTION.replace('\n', "\r\n"))), "{sent:?}");
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_gives_the_files_of_the_study_and_names_its_pictures() {
    let site = Site::start(|request| match request.method.as_str() {
        "POST" => Does::page(THANKS),
        _ => Does::page(format!(
            "<form method=post action=/send enctype=multipart/form-data>{FIELDS}<input type=file name=f>\
             <button>Invia</button></form>"
        )),
    })
    .await;
    let (browser, folder) = (browser(), tempfile::tempdir().unwrap());
    let receipt = folder.path().join("carte/ricevuta n. 7.txt");
    std::fs::create_dir_all(receipt.parent().unwrap()).unwrap();
    std::fs::write(&receipt, "Due pacchi di frollini").unwrap();
    let step = |does: Action| Step { does, within_seconds: Some(20) };
    let text = |t: &str| t.to_owned();
    let file = Upload {
        into: text("[name=f]"),
        path: text("carte/ricevuta n. 7.txt"),
        sha256: hex::encode(Sha256::digest("Due pacchi di frollini")),
    };
    let steps = vec![
        step(Action::Fill(vec![(text("[name=nome]"), text("name")), (text("[name=testo]"), text("message"))])),
        step(Action::Upload(vec![file])),
        step(Action::Screenshot(text("compilato"))),
        step(Action::Send(text("button"))),
    ];
    let plan = plan(FormTarget { steps, engine: Engine::Auto, ..form_at(&site.url("/")) });
    let sender = sender(&plan, &browser, folder.path());
    sender.ready(&[&plan.inquiries[0]]).await.unwrap();
    let Ok(prepared) = sender.prepare(outgoing(&plan)).await else { panic!("not prepared") };
    let evidence = prepared.evidence();
    let delivered = prepared.deliver().await;
    assert!(matches!(delivered.outcome, Outcome::Accepted { .. }), "{:?}", delivered.outcome);
    let body = String::from_utf8(site.posted()[0].body.to_vec()).unwrap();
    assert!(body.contains("filename=\"ricevuta n. 7.txt\"") && body.contains("Due pacchi di frollini"), "{body}");
    let names = evidence.iter().find(|e| e.label == "names").unwrap();
    let names = String::from_utf8(names.bytes.clone()).unwrap();
    let pictures = evidence.iter().filter(|e| e.label == "screenshot");
    let hashes: Vec<String> = pictures.map(|e| hex::encode(Sha256::digest(&e.bytes))).collect();
    assert!(hashes.iter().any(|hash| names == format!("screenshot compilato: SHA-256 {hash}")), "{names}");

    // Who changes the file asks another question: no wave begins with it, and in one this form is a person's.
    std::fs::write(&receipt, "Tre pacchi").unwrap();
    assert!(sender.ready(&[&plan.inquiries[0]]).await.unwrap_err().contains("has changed since"));
    let refused = sender.prepare(outgoing(&plan)).await.err().unwrap();
    assert!(matches!(refused.outcome, Outcome::Blocked(_)), "other forms go on: {:?}", refused.outcome);
    assert_eq!(site.posted().len(), 1);
    browser.stop().await;
}
