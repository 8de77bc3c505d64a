//! The page zoo: one small site for each difficulty of real contact forms. A case is a file in
//! `tests/zoo/`; this plays the site's side and remembers what arrived, whatever engine asks.

use super::asking::{QUESTION, plan_with};
use super::site::pairs;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Response, header};
use mail_parser::{MessageParser, MimeHeaders};
use risposta::model::channel::Channel;
use risposta::model::plan::Plan;
use risposta::model::study::{Detail, FormSuccess, FormTarget, Target};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A case, as its file says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The file's name without its end.
    #[serde(skip)]
    pub(crate) name: String,
    /// What is difficult.
    pub(crate) about: String,
    /// The page that the study names.
    #[serde(default = "root")]
    pub(crate) start: String,
    /// `form:` of the study.
    pub(crate) form: Option<String>,
    /// `fields:` of the study.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, String>,
    /// `success:` of the study.
    pub(crate) success: Option<Stated>,
    /// The site: `GET /path` and `POST /path`, what it does.
    routes: BTreeMap<String, Does>,
    /// What the company must get, and where.
    pub(crate) arrives: Arrives,
    /// What plain HTTP makes of it.
    pub(crate) http: Expected,
    /// What a browser makes of it; the same where nothing is said.
    browser: Option<Expected>,
}

/// What the study states as proof: a text, or more.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Stated {
    Text(String),
    All(FormSuccess),
}

/// What the site does with a request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Does {
    status: Option<u16>,
    page: String,
    /// Content type, where it is not HTML in UTF-8.
    kind: Option<String>,
    /// The encoding of the page.
    encoding: Option<String>,
    location: Option<String>,
    headers: BTreeMap<String, String>,
    /// What must have come along, else the site does what is said under `otherwise`.
    needs: Needs,
    /// The route whose answer is given instead.
    otherwise: Option<String>,
    /// Never answers.
    hangs: bool,
    /// Milliseconds before it answers.
    after_ms: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Needs {
    /// The token of the page that was shown last to this visitor, once.
    token: bool,
    /// Headers that contain that.
    header: BTreeMap<String, String>,
    /// Fields that are not empty.
    filled: Vec<String>,
}

/// What the company gets.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Arrives {
    /// The route where a message counts as arrived.
    pub(crate) at: String,
    /// Fields with their values; `$message`, `$email`, `$name`, `$phone`, `$subject` stand for the question's.
    pub(crate) fields: BTreeMap<String, String>,
    /// Fields that are not sent at all.
    pub(crate) without: Vec<String>,
    /// How the body begins or what its type is.
    pub(crate) kind: Option<String>,
}

/// What an attempt comes to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expected {
    /// `accepted`, `held`, `blocked`, `entries rejected`, `in doubt`, `refused`, `deferred`.
    pub(crate) is: String,
    /// What is in the way, as it is journaled.
    pub(crate) obstacle: Option<String>,
    /// Words of the reason.
    pub(crate) says: Option<String>,
    /// The number that the site gave.
    pub(crate) receipt: Option<String>,
    /// How many messages arrive; default: one where it was taken or may have been, else none.
    pub(crate) arrive: Option<usize>,
}

impl Case {
    /// All cases, by name.
    pub(crate) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zoo");
        let mut cases = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|e| e != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let mut case: Self = serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            case.name = path.file_stem().unwrap().to_string_lossy().into_owned();
            cases.push(case);
        }
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(!cases.is_empty());
        cases
    }

    /// What a browser makes of it.
    pub(crate) fn browser(&self) -> &Expected {
        self.browser.as_ref().unwrap_or(&self.http)
    }

    /// A plan with one question to the case's site.
    pub(crate) fn plan(&self, site: &ZooSite) -> Plan {
        let success = self.success.clone().map(|stated| match stated {
            Stated::Text(text) => FormSuccess { text: Some(text), ..FormSuccess::default() },
            Stated::All(all) => all,
        });
        let target = FormTarget {
            form: self.form.clone(),
            fields: self.fields.clone(),
            success,
            ..super::asking::form_at(&site.url(&self.start))
        };
        let mut plan = plan_with(Target::WebForm(target), Channel::WebForm);
        plan.study.personas[0].details = DETAILS.map(|(detail, value)| (detail, value.to_owned())).into();
        plan
    }

    /// What is wrong with what came of an attempt, in words; nothing where all is as expected.
    pub(crate) fn wrong(&self, expected: &Expected, came: &Came, site: &ZooSite) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: String| wrong.extend((!holds).then_some(what));
        must(came.is == expected.is, format!("{}, not {}: {}", came.is, expected.is, came.says));
        must(
            came.obstacle == expected.obstacle,
            format!("in the way is {:?}, not {:?}: {}", came.obstacle, expected.obstacle, came.says),
        );
        let says = expected.says.as_deref().unwrap_or_default();
        must(came.says.contains(says), format!("{says:?} is not said: {}", came.says));
        must(came.receipt == expected.receipt, format!("the number is {:?}", came.receipt));
        let arrived = site.arrived(&self.arrives.at);
        let usual = usize::from(matches!(expected.is.as_str(), "accepted" | "held" | "in doubt"));
        let count = expected.arrive.unwrap_or(usual);
        must(arrived.len() == count, format!("{} messages arrived: {arrived:#?}", arrived.len()));
        for message in &arrived {
            wrong.extend(self.arrives.wrong(message));
        }
        wrong
    }
}

impl Arrives {
    fn wrong(&self, message: &Message) -> Vec<String> {
        let value = |name: &str| -> Vec<&str> {
            message.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
        };
        let mut wrong = Vec::new();
        for (name, expected) in &self.fields {
            let found = value(name);
            let found = (!found.is_empty()).then(|| found.join("|"));
            // Scripts send line breaks as they stand.
            let lines = |text: &str| text.replace("\r\n", "\n");
            if found.as_deref().map(lines) != Some(lines(&meant(expected))) {
                wrong.push(format!("`{name}` is {found:?}, not {expected:?}"));
            }
        }
        wrong.extend(self.without.iter().filter(|n| !value(n).is_empty()).map(|n| format!("`{n}` is sent")));
        let kind = self.kind.as_deref().unwrap_or_default();
        if !message.kind.starts_with(kind) {
            wrong.push(format!("it came as {}", message.kind));
        }
        wrong
    }
}

/// What came of an attempt, in the words of the cases.
#[derive(Debug, Default)]
pub(crate) struct Came {
    pub(crate) is: &'static str,
    pub(crate) obstacle: Option<String>,
    pub(crate) says: String,
    pub(crate) receipt: Option<String>,
}

impl Came {
    /// Reads an outcome.
    pub(crate) fn of(outcome: &risposta::channels::Ended) -> Self {
        use risposta::model::outcome::Outcome;
        let (is, receipt) = match outcome {
            Outcome::Accepted { receipt, .. } => ("accepted", receipt.clone()),
            Outcome::Held { .. } => ("held", None),
            Outcome::Deferred(_) => ("deferred", None),
            Outcome::Rejected(_) => ("refused", None),
            Outcome::EntriesRejected(_) => ("entries rejected", None),
            Outcome::InDoubt(_) => ("in doubt", None),
            Outcome::Blocked(_) => ("blocked", None),
            Outcome::AccountFailed { .. } => ("account failed", None),
        };
        let failure = outcome.failure();
        let obstacle = failure.and_then(|f| f.obstacle.as_ref()).map(|o| match serde_json::to_value(o).unwrap() {
            serde_json::Value::String(name) => name,
            other => other.as_object().unwrap().keys().next().unwrap().clone(),
        });
        Self { is, obstacle, says: failure.map(|f| f.detail.clone()).unwrap_or_default(), receipt }
    }
}

/// What forms may want to know beside the usual.
const DETAILS: [(Detail, &str); 8] = [
    (Detail::Salutation, "Herr"),
    (Detail::Company, "Riva & Figli"),
    (Detail::Street, "Via Roma 1"),
    (Detail::Postcode, "00184"),
    (Detail::City, "Roma"),
    (Detail::Region, "Lazio"),
    (Detail::Country, "Italia"),
    (Detail::OrderNumber, "A-1007"),
];

fn root() -> String {
    "/".to_owned()
}

/// A value as a case writes it, as it arrives.
fn meant(written: &str) -> String {
    let crlf = QUESTION.replace('\n', "\r\n");
    written
        .replace("$message", &crlf)
        .replace("$email", "e.riva7@posta-prova.example")
        .replace("$name", "Enrico Riva")
        .replace("$phone", "+39 000 0000000")
        .replace("$subject", "Glutine nei Frollini")
}

/// A request with its fields.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// `POST /send`.
    pub(crate) route: String,
    /// Its fields, those of the address where it has no body.
    pub(crate) fields: Vec<(String, String)>,
    /// Its content type.
    pub(crate) kind: String,
}

/// A site of the zoo; it ends with the test's runtime.
pub(crate) struct ZooSite {
    base: String,
    book: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    messages: Vec<Message>,
    visitors: usize,
    /// The token that each visitor was given last.
    tokens: BTreeMap<String, String>,
}

impl ZooSite {
    /// Starts a case's site on a free loopback port.
    pub(crate) async fn start(case: &Case) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (keeper, routes) = (book.clone(), Arc::new(case.routes.clone()));
        let app = Router::new().fallback(move |request: Request<Body>| answer(request, keeper.clone(), routes.clone()));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, book }
    }

    /// A page's address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What arrived at a route, in order.
    pub(crate) fn arrived(&self, route: &str) -> Vec<Message> {
        self.book.lock().unwrap().messages.iter().filter(|m| m.route == route).cloned().collect()
    }
}

/// A request as the site sees it.
struct Asked {
    method: Method,
    headers: HeaderMap,
    fields: Vec<(String, String)>,
    visitor: String,
}

type Routes = Arc<BTreeMap<String, Does>>;

async fn answer(request: Request<Body>, book: Arc<Mutex<Book>>, routes: Routes) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = head.uri.path().to_owned();
    let text = |name: header::HeaderName| head.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let query = head.uri.query().unwrap_or_default().as_bytes().to_vec();
    let fields = if head.method == Method::POST { fields(&kind, &body) } else { pairs(&query) };
    let cookies = text(header::COOKIE).unwrap_or_default();
    let known = cookies.split("; ").find_map(|c| c.strip_prefix("sid=")).map(str::to_owned);
    let visitor = known.clone().unwrap_or_else(|| {
        let mut book = book.lock().unwrap();
        book.visitors += 1;
        format!("visitor-number-{:06}", book.visitors)
    });
    let route = format!("{} {path}", head.method);
    book.lock().unwrap().messages.push(Message { route, fields: fields.clone(), kind });
    let asked = Asked { method: head.method, headers: head.headers, fields, visitor };
    let Some(mut does) = routes.get(&format!("{} {path}", asked.method)) else {
        return Response::builder().status(404).body(Body::from("<p>Not found.</p>")).unwrap();
    };
    if !does.needs.hold(&asked, &book) {
        does = &routes[does.otherwise.as_ref().unwrap()];
    }
    if does.hangs {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(does.after_ms)).await;
    does.answer(&asked, &book, known.is_none())
}

impl Needs {
    fn hold(&self, asked: &Asked, book: &Mutex<Book>) -> bool {
        let value = |name: &str| asked.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim());
        let token = !self.token || {
            let expected = book.lock().unwrap().tokens.remove(&asked.visitor);
            expected.is_some_and(|token| token == value("token"))
        };
        let header = |(name, part): (&String, &String)| {
            asked.headers.get(name).is_some_and(|v| v.to_str().unwrap().contains(part.as_str()))
        };
        token && self.header.iter().all(header) && self.filled.iter().all(|name| !value(name).is_empty())
    }
}

impl Does {
    fn answer(&self, asked: &Asked, book: &Mutex<Book>, is_new: bool) -> Response<Body> {
        let mut page = self.page.clone();
        if page.contains("{{token}}") {
            let token = format!("token-{:08}", book.lock().unwrap().messages.len());
            page = page.replace("{{token}}", &token);
            book.lock().unwrap().tokens.insert(asked.visitor.clone(), token);
        }
        for (name, value) in &asked.fields {
            let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            page = page.replace(&format!("{{{{posted.{name}}}}}"), &escaped);
        }
        let bytes = match &self.encoding {
            Some(label) => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&page).0.into_owned(),
            None => page.into_bytes(),
        };
        let kind = self.kind.as_deref().unwrap_or("text/html; charset=utf-8");
        let usual = if self.location.is_some() { 303 } else { 200 };
        let mut builder = Response::builder().status(self.status.unwrap_or(usual)).header("content-type", kind);
        if is_new {
            builder = builder.header("set-cookie", format!("sid={}; Path=/; HttpOnly", asked.visitor));
        }
        if let Some(location) = &self.location {
            builder = builder.header("location", location);
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(bytes)).unwrap()
    }
}

/// The fields of a body: RFC 7578, JSON of one level, or URL-encoded.
fn fields(kind: &str, body: &Bytes) -> Vec<(String, String)> {
    if kind.starts_with("application/json") {
        let members: BTreeMap<String, serde_json::Value> = serde_json::from_slice(body).unwrap_or_default();
        let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        return members.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    }
    if !kind.starts_with("multipart/form-data") {
        return pairs(body);
    }
    // A form's parts are MIME's: the mail parser reads them, once the type stands on top.
    let mime = [format!("Content-Type: {kind}\r\n\r\n").as_bytes(), body].concat();
    let parsed = MessageParser::new().parse(&mime).unwrap();
    let named = |part: &mail_parser::MessagePart<'_>| {
        let name = part.content_disposition()?.attribute("name")?.to_owned();
        Some((name, String::from_utf8_lossy(part.contents()).into_owned()))
    };
    parsed.parts.iter().filter_map(named).collect()
}
