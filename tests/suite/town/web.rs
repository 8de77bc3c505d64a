//! Forms and posts: in by the web server, back by mail or as notifications.

use super::{Rehearsal, only};
use crate::support::little_plan::{after_hours, prompt, start};
use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use reqwest::{Method, StatusCode};
use risposta::model::channel::Channel;
use risposta::model::plan::Plan;
use risposta::model::study::{Behaviour, FormSuccess, Target};
use risposta::net::{Dialer, Http};
use risposta::rehearsal::Stats;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::collections::BTreeSet;
use url::Url;

/// The visible fields of a contact form as a visitor sees them, and where it goes.
#[derive(Debug)]
struct Form {
    action: String,
    multipart: bool,
    hidden: Vec<(String, String)>,
    /// Name, type and label.
    fields: Vec<(String, String, String)>,
    options: Vec<String>,
}

fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

fn read_form(page: &str, selector: &str) -> Form {
    let html = Html::parse_document(page);
    let form = html.select(&css(selector)).find(|f| f.select(&css("textarea")).next().is_some()).expect("a form");
    let attr = |e: ElementRef<'_>, name: &str| e.attr(name).unwrap_or_default().to_owned();
    let hidden = form.select(&css("input[type=hidden]")).map(|i| (attr(i, "name"), attr(i, "value"))).collect();
    let label = |id: &str| {
        let label = html.select(&css("label")).find(|l| l.attr("for") == Some(id)).expect("a label");
        label.text().collect::<String>()
    };
    let visible = css("input:not([type=hidden]), textarea, select");
    let fields = form
        .select(&visible)
        .map(|e| {
            let kind = if e.value().name() == "input" { attr(e, "type") } else { e.value().name().to_owned() };
            (attr(e, "name"), kind, label(&attr(e, "id")))
        })
        .collect();
    let options = form.select(&css("option")).map(|o| attr(o, "value")).filter(|v| !v.is_empty()).collect();
    let multipart = form.attr("enctype") == Some("multipart/form-data");
    Form { action: attr(form, "action"), multipart, hidden, fields, options }
}

impl Form {
    /// Filled in as a person would, the trap left alone.
    fn filled(&self, text: &str, email: &str) -> Vec<(String, String)> {
        let mut sent = self.hidden.clone();
        for (name, kind, label) in &self.fields {
            let value = match (kind.as_str(), label.as_str()) {
                ("email", _) => email,
                ("textarea", _) => text,
                ("tel", _) => "+39 000 0000000",
                ("checkbox", _) => "1",
                ("select", _) => &self.options[0],
                (_, label) if label.starts_with("Lasciare vuoto") => continue,
                (_, label) if label.starts_with("Cognome") => "Riva",
                (_, label) if label.starts_with("Oggetto") => "Glutine",
                (_, label) => {
                    assert!(label.starts_with("Nome"), "{label}");
                    "Enrico"
                }
            };
            sent.push((name.clone(), value.to_owned()));
        }
        sent
    }
}

struct Browser {
    http: Http,
}

impl Browser {
    fn new(rehearsal: &Rehearsal) -> Self {
        Self { http: Dialer::Town(rehearsal.town.addresses()).http().unwrap() }
    }

    async fn get(&self, url: &Url) -> (StatusCode, String) {
        let response = self.http.request(Method::GET, url).unwrap().send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// Submits; the status and where it leads.
    async fn post(&self, page: &Url, form: &Form, sent: &[(String, String)]) -> (StatusCode, Option<Url>) {
        let url = page.join(&form.action).unwrap();
        let request = self.http.request(Method::POST, &url).unwrap();
        let request = if form.multipart {
            let empty = reqwest::multipart::Form::new();
            request.multipart(sent.iter().cloned().fold(empty, |all, (name, value)| all.text(name, value)))
        } else {
            request.form(sent)
        };
        let response = request.send().await.unwrap();
        let location = response.headers().get("location").map(|l| url.join(l.to_str().unwrap()).unwrap());
        (response.status(), location)
    }
}

fn form_url(plan: &Plan, inquiry: usize) -> Url {
    let Target::WebForm(form) = &plan.inquiries[inquiry].target else { panic!("no form") };
    form.url.clone()
}

#[tokio::test]
async fn forms_of_many_shapes_take_the_question_and_the_reply_comes_by_mail() {
    let rehearsal = Rehearsal::start(&vec![(Channel::WebForm, prompt()); 12]).await;
    let mut shapes = BTreeSet::new();
    for (i, planned) in rehearsal.plan.inquiries.iter().enumerate() {
        let browser = Browser::new(&rehearsal);
        let url = form_url(&rehearsal.plan, i);
        let (status, page) = browser.get(&url).await;
        assert_eq!(status, StatusCode::OK);
        let form = read_form(&page, "form");
        shapes.insert((form.multipart, form.fields.len(), form.options.is_empty(), form.action == url.path()));
        let sent = form.filled(&planned.messages[0].text, planned.reply_to.as_ref().unwrap());
        let (status, thanks) = browser.post(&url, &form, &sent).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let (status, page) = browser.get(&thanks.unwrap()).await;
        assert!(status == StatusCode::OK && page.contains("Grazie"), "{page}");
    }
    assert!(shapes.len() >= 6, "{shapes:?}");
    rehearsal.pass(after_hours(3)).await;
    assert!(rehearsal.town.truth().iter().all(|t| t.replied_at == Some(after_hours(2))));
    let letters = rehearsal.folder("INBOX").await;
    assert_eq!((letters.len(), rehearsal.town.stats()), (12, Stats::default()));
    let recipients: BTreeSet<String> = letters
        .iter()
        .map(|(_, bytes)| {
            let mail = MessageParser::new().parse(bytes).unwrap();
            assert!(mail.from().unwrap().first().unwrap().address().unwrap().starts_with("info@ditta"));
            mail.to().unwrap().first().unwrap().address().unwrap().to_owned()
        })
        .collect();
    assert_eq!(recipients.len(), 12, "each to its own alias");
}

#[tokio::test]
async fn a_form_refuses_what_a_real_one_refuses() {
    let rehearsal = Rehearsal::start(&[(Channel::WebForm, prompt())]).await;
    let browser = Browser::new(&rehearsal);
    let url = form_url(&rehearsal.plan, 0);
    let form = read_form(&browser.get(&url).await.1, "form");
    let sent = form.filled("Domanda", "e.riva0@posta.example");
    let without = |name: &str| sent.iter().filter(|(n, _)| n != name).cloned().collect::<Vec<_>>();

    assert_eq!(browser.post(&url, &form, &without("csrf_token")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(Browser::new(&rehearsal).post(&url, &form, &sent).await.0, StatusCode::FORBIDDEN, "another's token");
    let (email, ..) = form.fields.iter().find(|(_, kind, _)| kind == "email").unwrap();
    assert_eq!(browser.post(&url, &form, &without(email)).await, (StatusCode::OK, None), "the form again");

    // Asking for the form again gave a new visitor; a robot fills in everything.
    let form = read_form(&browser.get(&url).await.1, "form");
    let mut sent = form.filled("Domanda", "e.riva0@posta.example");
    let (trap, ..) = form.fields.iter().find(|(_, _, label)| label.starts_with("Lasciare vuoto")).unwrap();
    sent.push((trap.clone(), "http://robot.example".to_owned()));
    assert_eq!(browser.post(&url, &form, &sent).await.0, StatusCode::SEE_OTHER, "it is let believe");

    rehearsal.pass(after_hours(24)).await;
    assert!(rehearsal.town.truth().is_empty());
    assert_eq!(rehearsal.town.stats(), Stats { forms_refused: 3, trapped: 1, ..Stats::default() });
    assert_eq!(browser.get(&"https://elsewhere.example/".parse().unwrap()).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_is_what_the_study_says_it_is() {
    let rehearsal = Rehearsal::start_with(&[(Channel::WebForm, prompt())], |plan| {
        let point = &mut plan.study.companies[0].contact_points[0].target;
        let Target::WebForm(form) = point else { panic!("no form") };
        form.form = Some("#contact form.main".to_owned());
        let fields = [("nome", "name"), ("#posta", "email"), ("testo", "message"), ("cliente", "no")];
        form.fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        form.success = Some(FormSuccess {
            text: Some("Presa in carico".to_owned()),
            selector: Some(".success".to_owned()),
            url: Some("inviato=1".to_owned()),
        });
        plan.inquiries[0].target = point.clone();
    })
    .await;
    let browser = Browser::new(&rehearsal);
    let url = form_url(&rehearsal.plan, 0);
    let page = browser.get(&url).await.1;
    let form = read_form(&page, "#contact form.main");
    let names: Vec<&str> = form.fields.iter().map(|(name, ..)| name.as_str()).collect();
    assert!(["nome", "testo", "cliente"].iter().all(|n| names.contains(n)), "{names:?}");
    let html = Html::parse_document(&page);
    let email = html.select(&css("#posta")).next().unwrap().attr("name").unwrap();
    let mut sent = form.hidden.clone();
    for (name, value) in [("nome", "Enrico Riva"), (email, "e.riva0@posta.example"), ("testo", "Domanda")] {
        sent.push((name.to_owned(), value.to_owned()));
    }
    let (status, thanks) = browser.post(&url, &form, &sent).await;
    let thanks = thanks.unwrap();
    assert!(status == StatusCode::SEE_OTHER && thanks.as_str().contains("inviato=1"), "{status} {thanks}");
    let (status, page) = browser.get(&thanks).await;
    assert!(status == StatusCode::OK && page.contains("Presa in carico"), "{page}");
    assert!(Html::parse_document(&page).select(&css(".success")).next().is_some());
    rehearsal.pass(after_hours(3)).await;
    assert_eq!(only(rehearsal.town.truth()).replied_at, Some(after_hours(2)));
}

/// An account on the instance.
struct Account {
    http: Http,
    token: &'static str,
}

impl Account {
    fn new(rehearsal: &Rehearsal, token: &'static str) -> Self {
        Self { http: Dialer::Town(rehearsal.town.addresses()).http().unwrap(), token }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = Url::parse("https://nostra.example").unwrap().join(path).unwrap();
        self.http.request(method, &url).unwrap().bearer_auth(self.token)
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/api/v1/notifications?{query}")).await;
        list.as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn post(&self, key: &str, text: &str, in_reply_to: Option<&str>) -> (StatusCode, Value) {
        let mut form = vec![("status", text), ("visibility", "public")];
        form.extend(in_reply_to.map(|id| ("in_reply_to_id", id)));
        let request = self.request(Method::POST, "/api/v1/statuses").header("Idempotency-Key", key).form(&form);
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }
}

fn question(plan: &Plan, inquiry: usize) -> String {
    let planned = &plan.inquiries[inquiry];
    let Target::Mastodon { handle, .. } = &planned.target else { panic!("no handle") };
    format!("@{handle} {}", planned.messages[0].text)
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_post_is_answered_in_its_thread_and_notified_at_its_moment() {
    let rehearsal = Rehearsal::start(&[(Channel::Mastodon, prompt())]).await;
    let account = Account::new(&rehearsal, "secret");
    let limit = account.get("/api/v2/instance").await;
    assert_eq!(limit["configuration"]["statuses"]["max_characters"], 500);
    assert_eq!(account.get("/api/v1/accounts/verify_credentials").await["username"], "enrico_riva");

    let (status, posted) = account.post("k1", &question(&rehearsal.plan, 0), None).await;
    assert_eq!((status, moment(&posted["created_at"])), (StatusCode::OK, start()));
    let (_, again) = account.post("k1", &question(&rehearsal.plan, 0), None).await;
    assert_eq!(again["id"], posted["id"], "the key makes one post of two tries");
    assert_eq!(account.post("k2", &"x".repeat(501), None).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(Account::new(&rehearsal, "").post("k3", "x", None).await.0, StatusCode::UNAUTHORIZED);

    assert!(account.ids("").await.is_empty(), "too early");
    rehearsal.pass(after_hours(3)).await;
    let list = account.get("/api/v1/notifications?types[]=mention&include_filtered=true").await;
    let heard = only(list.as_array().unwrap().clone());
    assert_eq!((heard["type"].as_str(), moment(&heard["created_at"])), (Some("mention"), after_hours(2)));
    assert_eq!(heard["status"]["in_reply_to_id"], posted["id"]);
    assert_eq!(heard["account"]["acct"], "ditta0@sociale.example");
    assert!(Account::new(&rehearsal, "another's").ids("").await.is_empty());
    let context = account.get(&format!("/api/v1/statuses/{}/context", posted["id"].as_str().unwrap())).await;
    assert_eq!(only(context["descendants"].as_array().unwrap().clone())["id"], heard["status"]["id"]);
    let truth = only(rehearsal.town.truth());
    assert_eq!((truth.received_at, truth.replied_at), (start(), Some(after_hours(2))));
    assert_eq!(rehearsal.town.stats(), Stats { posts_refused: 2, ..Stats::default() });
}

#[tokio::test]
async fn notifications_page_up_from_an_id_without_a_gap() {
    let mut inquiries = vec![(Channel::Mastodon, prompt()); 5];
    inquiries.push((Channel::Mastodon, Behaviour { spam: 1.0, ..prompt() }));
    let rehearsal = Rehearsal::start(&inquiries).await;
    let account = Account::new(&rehearsal, "secret");
    for i in 0..inquiries.len() {
        account.post(&format!("k{i}"), &question(&rehearsal.plan, i), None).await;
        rehearsal.pass(rehearsal.clock.now() + TimeDelta::minutes(1)).await;
    }
    rehearsal.pass(after_hours(3)).await;
    let newest_first = account.ids("").await;
    assert_eq!(newest_first.len(), 5, "what is filtered shows only when asked for");
    assert_eq!(account.ids("include_filtered=true").await.len(), 6);
    assert!(account.ids("types[]=follow").await.is_empty());
    let oldest = &newest_first[4];
    assert_eq!(account.ids(&format!("since_id={oldest}&limit=2")).await, newest_first[..2]);
    assert_eq!(account.ids(&format!("min_id={oldest}&limit=2")).await, newest_first[2..4]);
    assert_eq!(account.ids(&format!("max_id={}", newest_first[0])).await, newest_first[1..]);
    let response = account.request(Method::GET, "/api/v1/notifications?limit=2").send().await.unwrap();
    let link = response.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains(&format!("max_id={}>; rel=\"next\"", newest_first[1])), "{link}");
    assert!(link.contains(&format!("min_id={}>; rel=\"prev\"", newest_first[0])), "{link}");
}
