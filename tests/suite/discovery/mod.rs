//! Where can companies be asked, and how are their sites treated? A town of invented ones on loopback.

mod program;
mod town;

use risposta::discovery::{Asked, Entry, Outcome, Target, enter, visit_all, write};
use risposta::model::channel::Channel;
use risposta::model::study::Intent;
use std::collections::BTreeMap;
use std::path::Path;
use town::Town;

/// Visits sites of the town; what each came to, by its host.
async fn discover(town: &Town, hosts: &[&str], asked: &Asked) -> BTreeMap<String, Outcome> {
    let targets: Vec<Target> = hosts.iter().map(|host| Target::parse(host).unwrap()).collect();
    let mut found = BTreeMap::new();
    let (_never, stop) = tokio::sync::watch::channel(false);
    let manners = town.manners();
    let all = visit_all(targets.into_iter(), &manners, 4, stop, |target, visited| {
        found.insert(target.url.host_str().unwrap().to_owned(), enter(target, visited, asked));
        true
    });
    assert!(all.await, "not all were visited");
    found
}

async fn company(host: &str, asked: &Asked) -> (Entry, Town) {
    let town = Town::open().await;
    match discover(&town, &[host], asked).await.remove(host) {
        Some(Outcome::Company(entry)) => (*entry, town),
        other => panic!("{other:?}"),
    }
}

fn point(entry: &Entry, channel: Channel) -> &str {
    let point = entry.points.iter().find(|point| point.channel == channel);
    &point.unwrap_or_else(|| panic!("no {channel} in {entry:?}")).address
}

fn orders() -> Asked {
    Asked { topic: "ordini biscotti".to_owned(), intent: Some(Intent::PreSale), ..Asked::default() }
}

#[tokio::test]
async fn an_italian_site_gives_all_that_it_publishes_and_the_address_for_the_topic() {
    let (entry, town) = company("rossi.example", &orders()).await;
    assert_eq!(entry.name, "Rossi Biscotti S.r.l.");
    assert_eq!(point(&entry, Channel::Email), "ordini@rossi.example");
    assert_eq!(point(&entry, Channel::WebForm), "https://rossi.example/contatti.html");
    assert_eq!(point(&entry, Channel::Facebook), "RossiBiscotti");
    assert_eq!(point(&entry, Channel::Instagram), "rossi.biscotti");
    assert_eq!(point(&entry, Channel::Whatsapp), "+393331234567");
    assert_eq!(point(&entry, Channel::Phone), "+39 055 0123456");
    assert_eq!(entry.hours.as_deref(), Some("Mo-Fr 09:00-13:00,15:00-19:00; Sa 09:00-13:00"));
    assert_eq!(entry.address.as_deref(), Some("Via Roma 1, 50100 Firenze, FI, IT"));
    assert_eq!(entry.country.as_deref(), Some("IT"));
    assert!(entry.not_found.contains(&Channel::X), "a link that shares is no profile: {entry:?}");
    assert!(entry.remarks.iter().any(|remark| remark.contains("info@rossi.example")), "{entry:?}");
    let form = entry.points.iter().find(|point| point.channel == Channel::WebForm).unwrap();
    let cost = form.cost.as_ref().unwrap();
    assert_eq!((cost.required_fields, cost.phone, cost.real_name), (Some(3), Some(false), Some(true)));
    assert_eq!((cost.registration, cost.captcha.as_deref(), cost.clicks), (Some(false), Some("none"), Some(1)));
    let mail = entry.points.iter().find(|point| point.channel == Channel::Email).unwrap();
    assert_eq!(mail.found.page.as_str(), "https://rossi.example/contatti.html");
    // robots.txt forbids all robots but the one that is named, and that one a part.
    let paths = town.paths("rossi.example");
    assert_eq!(paths[0], "/robots.txt", "{paths:?}");
    assert!(paths.contains(&"/contatti.html".to_owned()), "{paths:?}");
    assert!(!paths.iter().any(|path| path.starts_with("/riservato") || path == "/prodotti.html"), "{paths:?}");
}

#[tokio::test]
async fn without_a_topic_the_general_address_is_taken_and_never_the_one_for_applications() {
    let (entry, _town) = company("rossi.example", &Asked::default()).await;
    assert_eq!(point(&entry, Channel::Email), "info@rossi.example");
}

#[tokio::test]
async fn a_german_site_gives_hidden_addresses_its_chat_and_what_asking_costs() {
    let support = Asked { intent: Some(Intent::Support), ..Asked::default() };
    let (entry, _town) = company("mueller.example", &support).await;
    assert_eq!(entry.name, "Müller Möbel GmbH");
    assert_eq!(point(&entry, Channel::Email), "service@mueller.example");
    assert!(entry.remarks.iter().any(|remark| remark.contains("info@mueller.example")), "turned around: {entry:?}");
    assert_eq!(point(&entry, Channel::Phone), "+49 30 1234567");
    assert_eq!(entry.hours.as_deref(), Some("Mo-Fr 09:00-18:00; Sa 10:00-14:00"));
    assert_eq!(entry.address.as_deref(), Some("Hauptstraße 5, 10115 Berlin, DE"));
    let chat = entry.points.iter().find(|point| point.channel == Channel::Chat).unwrap();
    assert!(chat.found.how.as_deref().unwrap().starts_with("Userlike"), "{chat:?}");
    let form = entry.points.iter().find(|point| point.channel == Channel::WebForm).unwrap();
    let cost = form.cost.as_ref().unwrap();
    assert_eq!((cost.required_fields, cost.phone), (Some(5), Some(true)));
    assert_eq!(cost.captcha.as_deref(), Some("reCAPTCHA"));
}

#[tokio::test]
async fn a_french_sites_contact_page_is_found_by_its_sitemap() {
    let (entry, town) = company("dupont.example", &Asked { intent: Some(Intent::Support), ..Asked::default() }).await;
    assert_eq!((entry.name.as_str(), entry.website.as_str()), ("Lampes Dupont", "https://dupont.example/"));
    assert_eq!(point(&entry, Channel::Email), "sav@dupont.example");
    assert!(entry.remarks.iter().any(|remark| remark.contains("info@dupont.example")), "entities: {entry:?}");
    assert_eq!(point(&entry, Channel::Phone), "04 72 00 00 00");
    assert_eq!(point(&entry, Channel::Chat), "https://dupont.example/");
    assert!(town.paths("autre.example").is_empty(), "another site in its sitemap is not visited");
}

#[tokio::test]
async fn a_spanish_sites_form_behind_a_login_is_said_and_not_taken() {
    let (entry, _town) = company("perez.example", &Asked::default()).await;
    assert_eq!(point(&entry, Channel::Email), "hola@perez.example");
    assert_eq!(point(&entry, Channel::Telegram), "ferreteriaperez");
    assert_eq!(point(&entry, Channel::Whatsapp), "+34600123456");
    assert_eq!(point(&entry, Channel::Forum), "https://perez.example/foro");
    assert!(entry.not_found.contains(&Channel::WebForm));
    let said = entry.remarks.join("\n");
    for words in ["an account may be needed", "tiktok", "youtube"] {
        assert!(said.contains(words), "`{words}` is missing: {said}");
    }
}

#[tokio::test]
async fn an_english_site_gives_its_own_profiles_and_pages_in_our_language_come_first() {
    let (entry, town) = company("alder.example", &Asked::default()).await;
    assert_eq!(entry.name, "Alder Furniture");
    assert_eq!(point(&entry, Channel::Mastodon), "alder@social.example");
    assert_eq!(point(&entry, Channel::Linkedin), "company/alder-furniture");
    assert_eq!(point(&entry, Channel::X), "alderfurniture");
    assert_eq!(point(&entry, Channel::Forum), "https://forum.alder.example/");
    assert_eq!(point(&entry, Channel::Email), "hello@alder.example", "not the agency's");
    let chat = entry.points.iter().find(|point| point.channel == Channel::Chat).unwrap();
    assert!(chat.found.how.as_deref().unwrap().starts_with("Tidio"), "{chat:?}");
    let visitors = town.visitors("alder.example");
    assert!(visitors.iter().all(|v| v.user_agent == "acme-audit/1.0 (+https://acme.example/audit)"), "{visitors:?}");
    assert!(visitors.iter().all(|v| v.language.starts_with("it")), "{visitors:?}");
    assert_eq!(visitors[2].path, "/it/contatti", "{visitors:?}");
}

#[tokio::test]
async fn a_form_in_a_frame_of_the_contact_page_is_found_and_advertisers_are_not_visited() {
    let (entry, town) = company("framed.example", &Asked::default()).await;
    assert_eq!(point(&entry, Channel::WebForm), "https://framed.example/formulaire");
    let form = entry.points.iter().find(|point| point.channel == Channel::WebForm).unwrap();
    assert_eq!(form.cost.as_ref().unwrap().clicks, Some(1), "a frame is no click");
    assert!(town.paths("publicite.example").is_empty());
}

#[tokio::test]
async fn a_site_of_thousands_of_links_is_asked_for_its_contact_page_within_the_budget() {
    let (entry, town) = company("wide.example", &Asked::default()).await;
    assert_eq!(point(&entry, Channel::WebForm), "https://wide.example/contact");
    assert!(town.paths("wide.example").len() <= 12);
    let found = discover(&town, &["circle.example"], &Asked::default()).await;
    let Outcome::Unread { why } = &found["circle.example"] else { panic!("{found:?}") };
    assert!(why.contains("in a circle"), "{why}");
}

#[tokio::test]
async fn a_hobby_site_is_left_out_with_the_reason_unless_it_is_wanted() {
    let town = Town::open().await;
    let skipped = discover(&town, &["anna.example"], &Asked::default()).await;
    let Some(Outcome::Skipped { why }) = skipped.get("anna.example") else { panic!("{skipped:?}") };
    assert!(why.contains("private homepage") || why.contains("mein hobby"), "{why}");
    assert!(why.contains("no VAT number"), "{why}");
    let kept = discover(&town, &["anna.example"], &Asked { keep_personal: true, ..Asked::default() }).await;
    assert!(matches!(kept.get("anna.example"), Some(Outcome::Company(_))), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_site_stops_the_others_and_every_one_is_treated_politely() {
    let town = Town::open().await;
    let hosts = [
        "hang.example",
        "loop.example",
        "inside.example",
        "closed.example",
        "sick.example",
        "busy.example",
        "huge.example",
        "many.example",
        "wicked.example",
        "rossi.example",
        "mueller.example",
        "nowhere.example",
    ];
    let found = discover(&town, &hosts, &Asked::default()).await;
    assert_eq!(found.len(), hosts.len());
    let unread = |host: &str, words: &str| match &found[host] {
        Outcome::Unread { why } => assert!(why.contains(words), "{host}: {why}"),
        other => panic!("{host}: {other:?}"),
    };
    unread("hang.example", "robots.txt");
    unread("loop.example", "too many redirects");
    unread("inside.example", "169.254.169.254");
    unread("closed.example", "robots.txt does not allow it");
    unread("sick.example", "robots.txt cannot be read (status 500)");
    unread("busy.example", "503");
    unread("nowhere.example", "404");
    for host in ["huge.example", "many.example", "wicked.example", "rossi.example", "mueller.example"] {
        assert!(matches!(found[host], Outcome::Company(_)), "{host}: {:?}", found[host]);
    }
    let Outcome::Company(huge) = &found["huge.example"] else { panic!() };
    assert!(!huge.remarks.join(" ").contains("late@"), "what lies beyond the limit is not read");
    // The log of the servers is the proof.
    for host in ["closed.example", "sick.example"] {
        assert_eq!(town.paths(host), ["/robots.txt"]);
    }
    assert_eq!(town.paths("busy.example"), ["/robots.txt", "/"], "a busy server is left alone");
    assert!(town.paths("many.example").len() <= 12, "{:?}", town.paths("many.example"));
    let everybody = town.everybody();
    assert!(everybody.iter().all(|visitor| visitor.at_once == 1), "one at a time: {everybody:?}");
    assert!(everybody.iter().all(|visitor| visitor.user_agent.starts_with("acme-audit/")));
    assert!(
        (2..=4).contains(&town.most_at_once()),
        "several sites at once, and no more than wanted: {}",
        town.most_at_once()
    );
    for host in hosts.iter().filter(|host| **host != "hang.example") {
        let paths = town.paths(host);
        let once: std::collections::BTreeSet<_> = paths.iter().collect();
        assert_eq!(once.len(), paths.len(), "no page twice: {paths:?}");
    }
}

#[tokio::test]
async fn two_companies_on_one_host_wait_for_each_other() {
    let town = Town::open().await;
    discover(
        &town,
        &["rossi.example/", "rossi.example/contatti.html", "rossi.example/note-legali.html"],
        &Asked::default(),
    )
    .await;
    let visitors = town.visitors("rossi.example");
    assert!(visitors.len() > 6 && visitors.iter().all(|visitor| visitor.at_once == 1), "{visitors:?}");
}

#[tokio::test]
async fn whatever_a_site_says_the_study_that_is_written_is_valid() {
    let town = Town::open().await;
    let hosts = [
        "wicked.example",
        "rossi.example",
        "mueller.example",
        "dupont.example",
        "perez.example",
        "alder.example",
        "anna.example",
    ];
    let found = discover(&town, &hosts, &Asked::default()).await;
    let blocks: String = found.iter().map(|(host, outcome)| write(&Target::parse(host).unwrap(), outcome)).collect();
    let study = format!("{STUDY}companies:\n{blocks}");
    let loaded = risposta::scenario::check_str("study.yaml", &study, Path::new("."));
    let study_read = loaded.study.unwrap_or_else(|| panic!("{}\n{study}", loaded.findings.plain()));
    assert_eq!(study_read.companies.len(), 6, "the hobby site is a remark:\n{study}");
    let points: Vec<_> = study_read.companies.iter().flat_map(|c| &c.contact_points).collect();
    assert!(points.iter().all(|point| !point.confirmed && point.found.is_some()));
    assert!(
        study_read
            .companies
            .iter()
            .all(|company| !company.name.contains("forged\n") && company.id.as_str() != "forged")
    );
    let obeyed =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!blocks.chars().any(obeyed), "{blocks:?}");
    assert!(loaded.findings.plain().contains("that nobody has confirmed"));
}

/// A study without companies.
const STUDY: &str = r#"study: prova
language: en
timezone: Europe/London
conduct: {purpose: research, max_messages_per_company: 20, user_agent: acme-audit/1.0}
mailbox: {address: sam@inbox.example, alias: plus, imap: imap.inbox.example, smtp: smtp.inbox.example, password: "env:MAIL_PASSWORD"}
mastodon: {instance: "https://social.example", token: env:TOKEN}
persona: {name: Sam Archer}
questions:
  price: {subject: A price, text: "How much is a table? {{ persona.name }}"}
design: {window: 28d}
primary: replied within 7d, web_form vs email
"#;
