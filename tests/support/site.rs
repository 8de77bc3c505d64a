//! A small web site that does what a test says, and remembers what it was sent.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, Response};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) content_type: String,
    pub(crate) cookie: String,
    pub(crate) host: String,
    pub(crate) body: Bytes,
}

/// What the site does with a request.
pub(crate) enum Does {
    /// Answers with status, headers and body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Never answers.
    Hang,
}

impl Does {
    /// A page in UTF-8.
    pub(crate) fn page(html: impl Into<String>) -> Self {
        Self::status(200, html)
    }

    /// A page with that status.
    pub(crate) fn status(status: u16, html: impl Into<String>) -> Self {
        let html = html.into().into_bytes();
        Self::Answer(status, vec![("content-type", "text/html; charset=utf-8".to_owned())], html)
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::Answer(status, vec![("location", to.to_owned())], Vec::new())
    }
}

/// The site; it ends with the test's runtime.
pub(crate) struct Site {
    base: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Site {
    /// Starts it on a free loopback port.
    pub(crate) async fn start(does: impl Fn(&Arrived) -> Does + Send + Sync + 'static) -> Self {
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (record, does) = (arrived.clone(), Arc::new(does));
        let app = Router::new().fallback(move |request: Request<Body>| answer(request, record.clone(), does.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, arrived }
    }

    /// A page's address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What arrived, in order.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// What was posted, in order.
    pub(crate) fn posted(&self) -> Vec<Arrived> {
        self.arrived().into_iter().filter(|a| a.method == Method::POST).collect()
    }
}

async fn answer(
    request: Request<Body>,
    record: Arc<Mutex<Vec<Arrived>>>,
    does: Arc<dyn Fn(&Arrived) -> Does + Send + Sync>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let arrived = Arrived {
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        content_type: header("content-type"),
        cookie: header("cookie"),
        host: header("host"),
        body: axum::body::to_bytes(body, 1 << 20).await.unwrap(),
    };
    let done = does(&arrived);
    record.lock().unwrap().push(arrived);
    match done {
        Does::Hang => std::future::pending().await,
        Does::Answer(status, headers, body) => {
            let builder = headers.iter().fold(Response::builder().status(status), |b, (k, v)| b.header(*k, v));
            builder.body(Body::from(body)).unwrap()
        }
    }
}

/// The pairs of an urlencoded body or query.
pub(crate) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}
