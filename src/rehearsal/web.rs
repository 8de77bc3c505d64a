//! The web server: every site and instance of the town; the `Host` header says which.

use super::form_page::Sites;
use super::square::Square;
use super::{form_post, mastodon};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Largest request body, in bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What every request needs.
struct Web {
    square: Arc<Square>,
    sites: Sites,
}

/// A request, read whole.
pub(super) struct Asked {
    /// The site or instance, without port.
    pub(super) host: String,
    /// The method.
    pub(super) method: Method,
    /// The path.
    pub(super) path: String,
    /// The query, decoded.
    pub(super) query: Vec<(String, String)>,
    /// The query, as it was.
    pub(super) raw_query: Option<String>,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// Serves until `stop` is dropped.
pub(super) async fn serve(listener: TcpListener, square: Arc<Square>, stop: oneshot::Receiver<()>) {
    let sites = Sites::new(&square.plan.study, &square.texts);
    let app = Router::new().fallback(answer).with_state(Arc::new(Web { square, sites }));
    let stopped = async move {
        let _ = stop.await;
    };
    // Ends only when it is stopped; a connection's fault ends that connection.
    let _ = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
}

async fn answer(State(web): State<Arc<Web>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let raw_query = parts.uri.query().map(ToOwned::to_owned);
    let asked = Asked {
        host: host.split(':').next().unwrap_or_default().to_ascii_lowercase(),
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: pairs(raw_query.as_deref().unwrap_or_default().as_bytes()),
        raw_query,
        headers: parts.headers,
        body: body.to_vec(),
    };
    let instances = &web.square.plan.study.mastodon;
    if instances.iter().any(|a| a.instance.host_str() == Some(&asked.host)) {
        return mastodon::answer(&web.square, &asked);
    }
    form_post::answer(&web.square, &web.sites, &asked)
}

impl Asked {
    /// A header as text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A value of the query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Decodes `application/x-www-form-urlencoded`.
pub(super) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// An HTML page.
pub(super) fn page(status: StatusCode, html: String) -> Response {
    (status, Html(html)).into_response()
}

/// A redirect after a POST.
pub(super) fn see_other(to: &str) -> Response {
    let response = Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).body(Body::empty());
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
