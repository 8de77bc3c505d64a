//! A small town of company sites on loopback, told apart by the `Host` header, that keeps a log of its visitors.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use risposta::discovery::{Limits, Manners};
use risposta::net::{Dialer, Town as Ports};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A visitor's request.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) host: String,
    pub(super) path: String,
    pub(super) user_agent: String,
    pub(super) language: String,
    /// How many requests to the same host were under way, this one included.
    pub(super) at_once: usize,
}

#[derive(Debug, Default)]
struct Log {
    visitors: Vec<Visitor>,
    under_way: HashMap<String, usize>,
    most_at_once: usize,
}

/// The town.
pub(super) struct Town {
    pub(super) address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Town {
    pub(super) async fn open() -> Self {
        risposta::net::install_tls_provider();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = log.clone();
        let app = Router::new().fallback(move |request: Request<Body>| answer(request, shared.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, log }
    }

    /// How it is visited: without a pause, and with little patience.
    pub(super) fn manners(&self) -> Manners {
        let http = self.address;
        let limits = Limits {
            first_byte: Duration::from_secs(3),
            body: Duration::from_secs(5),
            page_bytes_max: 200_000,
            ..Limits::default()
        };
        Manners {
            dialer: Dialer::Town(Ports { smtp: http, imap: http, http }),
            user_agent: "acme-audit/1.0 (+https://acme.example/audit)".to_owned(),
            language: "it".to_owned(),
            requests_max: 12,
            pause: Duration::from_millis(5),
            site_limit: Duration::from_mins(1),
            limits,
        }
    }

    pub(super) fn visitors(&self, host: &str) -> Vec<Visitor> {
        self.log.lock().unwrap().visitors.iter().filter(|v| v.host == host).cloned().collect()
    }

    pub(super) fn paths(&self, host: &str) -> Vec<String> {
        self.visitors(host).into_iter().map(|visitor| visitor.path).collect()
    }

    pub(super) fn everybody(&self) -> Vec<Visitor> {
        self.log.lock().unwrap().visitors.clone()
    }

    /// Most requests that were under way at the same time, in the whole town.
    pub(super) fn most_at_once(&self) -> usize {
        self.log.lock().unwrap().most_at_once
    }
}

/// Writes a visitor down; gives host and path.
fn note(request: &Request<Body>, log: &Mutex<Log>) -> (String, String) {
    let header = |name: &str| request.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let (host, path) = (header("host"), request.uri().path().to_owned());
    let mut log = log.lock().unwrap();
    let at_once = log.under_way.entry(host.clone()).or_default();
    *at_once += 1;
    let at_once = *at_once;
    log.most_at_once = log.most_at_once.max(log.under_way.values().sum());
    let (user_agent, language) = (header("user-agent"), header("accept-language"));
    log.visitors.push(Visitor { host: host.clone(), path: path.clone(), user_agent, language, at_once });
    (host, path)
}

async fn answer(request: Request<Body>, log: Arc<Mutex<Log>>) -> Response<Body> {
    let (host, path) = note(&request, &log);
    let _under_way = UnderWay(host.clone(), log);
    // Long enough for another request to come meanwhile, if one would.
    tokio::time::sleep(Duration::from_millis(15)).await;
    match (host.as_str(), path.as_str()) {
        ("hang.example", _) => std::future::pending().await,
        ("sick.example", "/robots.txt") => status(500, ""),
        ("busy.example", "/") => status(503, "later"),
        ("loop.example" | "inside.example" | "many.example" | "wide.example" | "circle.example", "/robots.txt") => {
            status(404, "")
        }
        ("circle.example", path) => redirect(if path == "/a" { "/b" } else { "/a" }),
        ("wide.example", path) => wide(path),
        ("loop.example", path) => redirect(&format!("{path}x")),
        ("inside.example", _) => redirect("http://169.254.169.254/latest/meta-data"),
        ("huge.example", "/") => huge(),
        ("many.example", path) => many(path),
        // A site is the same with `www.` and without.
        (host, path) => file(host.strip_prefix("www.").unwrap_or(host), path),
    }
}

/// A request that is being answered; a visitor who goes away ends it as well.
struct UnderWay(String, Arc<Mutex<Log>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(count) = self.1.lock().unwrap().under_way.get_mut(&self.0) {
            *count -= 1;
        }
    }
}

fn status(status: u16, text: &str) -> Response<Body> {
    Response::builder().status(status).header("content-type", "text/html").body(Body::from(text.to_owned())).unwrap()
}

fn redirect(to: &str) -> Response<Body> {
    Response::builder().status(302).header("location", to).body(Body::empty()).unwrap()
}

fn huge() -> Response<Body> {
    let filler = "<p>Lorem ipsum dolor sit amet.</p>".repeat(30_000);
    status(200, &format!("<p>Huge Ltd, info@huge.example</p>{filler}<p>late@huge.example</p>"))
}

fn many(path: &str) -> Response<Body> {
    let links: Vec<String> = (0..60).map(|n| format!("<a href='/contact/{n}{path}'>Contact {n}</a>")).collect();
    status(200, &format!("<p>Many Ltd, info@many.example</p>{}", links.concat()))
}

/// Thousands of wares before the one link that helps, and hundreds of topics before the one page to ask.
fn wide(path: &str) -> Response<Body> {
    let links =
        |many: usize, to: &str| (0..many).map(|n| format!("<a href={to}{n}>{n}</a>")).collect::<Vec<_>>().concat();
    match path {
        "/" => status(200, &format!("<p>Wide Ltd, VAT GB123456789{}<a href=/help>Help</a>", links(4_000, "/p/"))),
        "/help" => status(200, &format!("{}<a href=/contact>Contact us</a>", links(1_000, "/contact-about-"))),
        "/contact" => status(
            200,
            "<form method=post><p>Name<input name=n><p>E-mail<input name=e><p>Message<textarea name=m></textarea><button>Send</button></form>",
        ),
        _ => status(200, "<p>Something else"),
    }
}

/// A page of `tests/fixtures/companies`.
fn file(host: &str, path: &str) -> Response<Body> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/companies").join(host);
    let bare = path.trim_matches('/');
    let whole = [root.join(bare), root.join(format!("{bare}.html")), root.join(bare).join("index.html")];
    let Some(page) = whole.iter().find(|page| !path.contains("..") && page.is_file()) else { return status(404, "no") };
    let kind = match page.extension().and_then(|e| e.to_str()) {
        Some("txt") => "text/plain",
        Some("xml") => "application/xml",
        _ => "text/html; charset=utf-8",
    };
    let bytes = std::fs::read(Path::new(page)).unwrap();
    Response::builder().header("content-type", kind).body(Body::from(bytes)).unwrap()
}
