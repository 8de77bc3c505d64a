//! A visit sees what a person sees, and lets out only what it may.

use super::browser;
use crate::support::site::{Does, Site};
use risposta::browser::{Browser, BrowserError, Gate, Visit, Whereabouts};
use risposta::net::{Dialer, Town};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

const PAGE: &str = "<!doctype html><title>Here</title><input id=i><script>
    addEventListener('beforeunload', e => e.preventDefault());
    const say = m => navigator.sendBeacon('/beacon', m);
    fetch('/loaded', {method: 'POST', body: 'x'});
    document.cookie = 'seen=yes'; localStorage.seen = 'yes';
    i.oninput = () => { fetch('/autosave', {method: 'POST', body: i.value}).catch(e => document.title = 'kept in');
        say(i.value); fetch('/check?mail=a@b.example'); };
    </script>";

async fn shown(visit: &mut Visit, url: &str) {
    visit.goto(&url.parse().unwrap()).await.unwrap();
    if !visit.settle(LIMIT).await.unwrap() {
        let (shown, open) = (visit.run("return document.URL", vec![]).await, visit.since(0));
        panic!("{url} never became quiet: {shown:?}, {open:#?}, {:?}", visit.dialogs());
    }
}

async fn title(visit: &mut Visit) -> String {
    visit.run("return document.title", vec![]).await.unwrap().as_str().unwrap().to_owned()
}

/// One browser for all of it: a start takes longer than most of these.
#[tokio::test(flavor = "multi_thread")]
async fn visits_of_one_browser() {
    let site = Site::start(|r| match r.path.as_str() {
        "/" => Does::page(PAGE),
        "/alert" => Does::page(
            "<title>x</title><script>alert('Thank you!'); document.title = 'said';\
            document.title += confirm('Sure?') ? ' yes' : ' no'</script>",
        ),
        "/crash" => Does::page("<title>soon</title>"),
        "/other" => Does::page("<title>other</title><a id=a target=_blank href=/new>new</a>"),
        "/new" => Does::page("<title>new</title>"),
        "/file" => {
            let headers = vec![("content-disposition", "attachment; filename=virus.exe".to_owned())];
            Does::Answer(200, headers, b"MZ".to_vec())
        }
        "/hang" => Does::Hang,
        _ => Does::page("ok"),
    })
    .await;
    let browser = browser();
    only_what_reads_leaves_while_a_form_is_filled(&browser, &site).await;
    nothing_is_known_of_an_earlier_visit(&browser, &site).await;
    the_web_does_not_lead_into_our_network(&browser, &site).await;
    dialogs_new_windows_and_files(&browser, &site).await;
    a_crashed_page_is_no_fault_of_the_browser(&browser, &site).await;
    browser.stop().await;
}

async fn only_what_reads_leaves_while_a_form_is_filled(browser: &Browser, site: &Site) {
    let mut visit = browser.visit(true).await.unwrap();
    shown(&mut visit, &site.url("/")).await;
    assert_eq!(site.posted().len(), 1, "what a page does by itself is a visitor's");
    visit.set_gate(Gate::Reading { typed: "hello".to_owned() });
    let mark = visit.mark();
    let input = visit.find("#i", None).await.unwrap();
    visit.type_keys(&input, "hel\nlo\u{e007}").await.unwrap();
    visit.settle(LIMIT).await.unwrap();
    assert_eq!(visit.run("return i.value", vec![]).await.unwrap(), "hello");
    assert_eq!(title(&mut visit).await, "kept in");
    assert_eq!(site.posted().len(), 1, "{:?}", site.posted());
    assert!(site.arrived().iter().any(|a| a.path == "/check"));
    let refused: Vec<String> = visit.since(mark).into_iter().filter(|r| r.refused).map(|r| r.kind).collect();
    assert!(refused.iter().any(|kind| kind == "XHR") && refused.iter().any(|kind| kind == "Ping"), "{refused:?}");
    // The page asks whether to leave it; nobody is there to say so.
    visit.set_gate(Gate::Open);
    shown(&mut visit, &site.url("/other")).await;
    assert_eq!(visit.dialogs().len(), 1, "{:?}", visit.dialogs());
    visit.close().await;
}

async fn nothing_is_known_of_an_earlier_visit(browser: &Browser, site: &Site) {
    // The earlier one is dropped, not closed.
    let mut earlier = browser.visit(true).await.unwrap();
    shown(&mut earlier, &site.url("/")).await;
    drop(earlier);
    let mut visit = browser.visit(true).await.unwrap();
    shown(&mut visit, &site.url("/other")).await;
    let known = visit.run("return document.cookie + (localStorage.seen || '')", vec![]).await.unwrap();
    assert_eq!(known, "");
    visit.close().await;
}

async fn the_web_does_not_lead_into_our_network(browser: &Browser, site: &Site) {
    let before = site.arrived().len();
    let mut visit = browser.visit(false).await.unwrap();
    let failed = visit.goto(&site.url("/").parse().unwrap()).await.unwrap_err();
    assert!(matches!(&failed, BrowserError::Unreached(why) if why.contains("ERR_SOCKS")), "{failed:?}");
    visit.close().await;
    assert_eq!(site.arrived().len(), before);
}

async fn dialogs_new_windows_and_files(browser: &Browser, site: &Site) {
    let mut visit = browser.visit(true).await.unwrap();
    shown(&mut visit, &site.url("/alert")).await;
    assert_eq!(title(&mut visit).await, "said yes");
    assert_eq!(visit.dialogs()[0].text, "Thank you!");
    shown(&mut visit, &site.url("/other")).await;
    assert!(!visit.follow_window().await.unwrap());
    let link = visit.find("#a", None).await.unwrap();
    visit.click(&link).await.unwrap();
    visit.settle(LIMIT).await.unwrap();
    assert!(visit.follow_window().await.unwrap());
    visit.settle(LIMIT).await.unwrap();
    assert_eq!(title(&mut visit).await, "new");
    let seen = visit.since(0);
    let new = seen.iter().find(|r| r.url.ends_with("/new")).unwrap();
    assert_eq!((new.status, new.is_page), (Some(200), true));
    // A file is refused: the page stays, or the browser says that there is none.
    let _ = visit.goto(&site.url("/file").parse().unwrap()).await;
    assert_eq!(visit.screenshot().await.unwrap()[1..4], *b"PNG");
    visit.close().await;
}

async fn a_crashed_page_is_no_fault_of_the_browser(browser: &Browser, site: &Site) {
    let mut visit = browser.visit(true).await.unwrap();
    shown(&mut visit, &site.url("/crash")).await;
    let _ = visit.goto(&"chrome://crash".parse().unwrap()).await;
    let failed = visit.run("return 1", vec![]).await.unwrap_err();
    assert_eq!(failed, BrowserError::Crashed);
    visit.close().await;
    let mut visit = browser.visit(true).await.unwrap();
    shown(&mut visit, &site.url("/other")).await;
    visit.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_rehearsal_every_address_leads_into_the_town() {
    let site = Site::start(|_| Does::page("<title>the town</title>")).await;
    let here = site.url("").trim_start_matches("http://").parse().unwrap();
    risposta::net::install_tls_provider();
    let dialer = Dialer::Town(Town { smtp: here, imap: here, http: here });
    let browser = Browser::new(dialer, Whereabouts::from_env(), "it");
    let mut visit = browser.visit(false).await.unwrap();
    for url in ["http://alfa.example/contatti", "http://127.0.0.1:8099/"] {
        shown(&mut visit, url).await;
        assert_eq!(title(&mut visit).await, "the town", "{url}");
    }
    let abroad = visit.goto(&"http://192.0.2.1/".parse().unwrap()).await.unwrap_err();
    assert!(matches!(abroad, BrowserError::Unreached(_)), "{abroad:?}");
    visit.close().await;
    browser.stop().await;
}
