//! Forms that need more than one look: steps, drawn lists, dialogs, windows, recipes; and what a browser that
//! goes away in the middle leaves behind.

use super::browser;
use super::processes::end_driver;
use super::zoo::asked;
use crate::support::asking::{QUESTION, form_at, plan_with};
use crate::support::mezzanine::Mezzanine;
use crate::support::site::{Does, Site, pairs};
use risposta::browser::Browser;
use risposta::channels::Delivered;
use risposta::model::channel::Channel;
use risposta::model::outcome::Outcome;
use risposta::model::plan::Plan;
use risposta::model::study::{Action, Engine, FormTarget, Step, Target};

const THANKS: &str = "<h1>Grazie!</h1><p>Il messaggio è stato inviato.</p>";

const FIELDS: &str = "<label>Nome <input name=nome></label><label>E-mail <input name=email type=email></label>\
    <label>Messaggio <textarea name=testo></textarea></label>";

/// A form in two steps, of which the second is a drawn list, the message and the button.
const STEPS: &str = "<form method=post action=/send><div id=one><label>Nome <input name=nome required></label>\
    <label>E-mail <input name=email></label><button type=button onclick=\"if (document.forms[0].nome.value) {\
    one.style.display='none'; two.style.display='block'}\">Avanti</button></div>\
    <div id=two style='display:none'><label id=l>Argomento</label><input type=hidden name=tema id=tema>\
    <div role=combobox aria-labelledby=l aria-expanded=false tabindex=0 id=box onclick=\"list.hidden=!list.hidden;\
    this.setAttribute('aria-expanded',!list.hidden)\">Scegliere</div><ul role=listbox id=list hidden>\
    <li role=option onclick=\"pick(this)\">Ordini</li><li role=option onclick=\"pick(this)\">Altro</li></ul>\
    <label>Messaggio <textarea name=testo required></textarea></label><button>Invia</button></div></form>\
    <script>function pick(o) { box.textContent = tema.value = o.textContent; list.hidden = true; \
    box.setAttribute('aria-expanded', false) }</script>";

/// A page that asks before it is left, says its thanks in a dialog, and sends by script.
const DIALOGS: &str = "<form><label>Nome <input name=nome></label><label>E-mail <input name=email></label>\
    <label>Messaggio <textarea name=testo></textarea></label><button>Invia</button></form><script>\
    addEventListener('beforeunload', e => e.preventDefault());\
    document.forms[0].onsubmit = async e => { e.preventDefault(); if (!confirm('Inviare?')) return;\
    await fetch('/send', {method: 'POST', body: new URLSearchParams(new FormData(e.target))});\
    alert('Grazie! Il messaggio è stato inviato.'); location = '/' }</script>";

/// A form in a frame, inside a shadow tree, that no heuristics know: its labels say nothing.
const OPAQUE: &str = "<x-form></x-form><script>customElements.define('x-form', class extends HTMLElement {\
    connectedCallback() { const r = this.attachShadow({mode: 'open'}); r.innerHTML = `<p>Q</p><input class=a><input class=b>\
    <select class=t><option>1<option>Altro</select><input type=checkbox class=c><div class=go role=button tabindex=0>#</div>`;\
    r.querySelector('.go').onclick = async () => { const v = c => r.querySelector(c).value;\
    await fetch('/send', {method: 'POST', body: new URLSearchParams({a: v('.a'), b: v('.b'), t: v('.t'),\
    c: r.querySelector('.c').checked})}); r.innerHTML = '<p>42 recorded</p>'; } } })</script>";

async fn site() -> Site {
    Site::start(|request| match request.path.as_str() {
        "/steps" => Does::page(STEPS),
        "/dialogs" => Does::page(DIALOGS),
        "/window" => {
            Does::page(format!("<form method=post action=/send target=_blank>{FIELDS}<button>Invia</button></form>"))
        }
        "/framed" => Does::page("<p>x</p><iframe class=f src=/opaque width=600 height=400></iframe>"),
        "/opaque" => Does::page(OPAQUE),
        "/plain" => Does::page(format!("<form method=post action=/send>{FIELDS}<button>Invia</button></form>")),
        "/invalid" => Does::page(format!(
            "<form method=post action=/send>{FIELDS}<label>Codice <input name=k pattern='[0-9]+' value=abc></label>\
             <button>Invia</button></form>"
        )),
        "/slow" => Does::page(format!("<form method=post action=/hang>{FIELDS}<button>Invia</button></form>")),
        "/hang" => Does::Hang,
        "/send" => Does::page(THANKS),
        _ => Does::page("<p>Home</p>"),
    })
    .await
}

fn plan(target: FormTarget) -> Plan {
    plan_with(Target::WebForm(target), Channel::WebForm)
}

async fn ask(site: &Site, path: &str, engine: Engine, browser: &Browser) -> Delivered {
    asked(plan(form_at(&site.url(path))), engine, browser).await
}

fn value(site: &Site, name: &str) -> String {
    let body = site.posted().last().unwrap().body.clone();
    pairs(&body).into_iter().find(|(n, _)| n == name).map(|(_, v)| v.replace("\r\n", "\n")).unwrap()
}

#[track_caller]
fn is_accepted(delivered: &Delivered) {
    assert!(matches!(delivered.outcome, Outcome::Accepted { .. }), "{:?}", delivered.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_one_browser() {
    let (site, browser) = (site().await, browser());
    let stepped = ask(&site, "/steps", Engine::Auto, &browser).await;
    is_accepted(&stepped);
    assert_eq!((value(&site, "tema").as_str(), value(&site, "testo").as_str()), ("Altro", QUESTION));
    let pictures = stepped.evidence.iter().filter(|e| e.label == "screenshot").count();
    assert!(pictures >= 2, "before and after: {pictures}");
    is_accepted(&ask(&site, "/dialogs", Engine::Auto, &browser).await);
    is_accepted(&ask(&site, "/window", Engine::Browser, &browser).await);
    assert_eq!(site.posted().len(), 3, "each once: {:#?}", site.posted());
    let invalid = ask(&site, "/invalid", Engine::Browser, &browser).await;
    assert!(matches!(invalid.outcome, Outcome::EntriesRejected(_)), "{:?}", invalid.outcome);
    assert_eq!(site.posted().len(), 3, "the browser let nothing out");
    a_recipe_is_followed(&site, &browser).await;
    browser.stop().await;
}

async fn a_recipe_is_followed(site: &Site, browser: &Browser) {
    let step = |does: Action| Step { does, within_seconds: Some(20) };
    let pair = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
    let text = |t: &str| t.to_owned();
    let steps = vec![
        step(Action::InFrame(text("iframe.f"))),
        step(Action::InShadow(text("x-form"))),
        step(Action::Fill([pair(".a", "{{ persona.name }}"), pair(".b", "message")].concat())),
        step(Action::Select(pair(".t", "Altro"))),
        step(Action::Check(text(".c"))),
        step(Action::Send(text(".go"))),
        step(Action::Expect(text("42 recorded"))),
    ];
    let before = site.posted().len();
    let recipe = FormTarget { steps: steps.clone(), ..form_at(&site.url("/framed")) };
    is_accepted(&asked(plan(recipe), Engine::Auto, browser).await);
    assert_eq!(
        (value(site, "a").as_str(), value(site, "t").as_str(), value(site, "c").as_str()),
        ("Enrico Riva", "Altro", "true")
    );
    // A step that finds nothing says which it was, and nothing leaves.
    let mut broken = steps;
    broken[3] = Step { does: Action::Select(pair(".nowhere", "x")), within_seconds: Some(1) };
    let stopped =
        asked(plan(FormTarget { steps: broken, ..form_at(&site.url("/framed")) }), Engine::Auto, browser).await;
    let Outcome::Blocked(failure) = &stopped.outcome else { panic!("{:?}", stopped.outcome) };
    assert!(failure.detail.contains("select: {.nowhere"), "{}", failure.detail);
    assert_eq!(site.posted().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_killed_while_it_sends_leaves_a_doubt() {
    let (site, browser) = (site().await, browser());
    let (asks, kills) = (ask(&site, "/slow", Engine::Browser, &browser), async {
        while site.posted().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        end_driver();
    });
    let (delivered, ()) = tokio::join!(asks, kills);
    assert!(matches!(delivered.outcome, Outcome::InDoubt(_)), "{:?}", delivered.outcome);
    assert_eq!(site.posted().len(), 1, "never resent");
    // The next form has another browser.
    is_accepted(&ask(&site, "/plain", Engine::Browser, &browser).await);
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_site_receives_exactly_one_message_word_for_word() {
    let shop = tokio::task::spawn_blocking(Mezzanine::start).await.unwrap();
    let browser = browser();
    let plan = plan_with(Target::WebForm(form_at(&shop.contact_page())), Channel::WebForm);
    let Delivered { outcome, evidence } = asked(plan, Engine::Browser, &browser).await;
    browser.stop().await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let mails = shop.mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    for expected in [QUESTION, "Enrico Riva", "e.riva7@posta-prova.example"] {
        assert!(mails[0].contains(expected), "{expected:?} in {}", mails[0]);
    }
    for label in ["page", "screenshot", "request", "response", "verdict"] {
        assert!(evidence.iter().any(|e| e.label == label && !e.bytes.is_empty()), "no {label} is kept");
    }
}
