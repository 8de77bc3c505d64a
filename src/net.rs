//! The one dialer and TLS set-up.
//!
//! Every connection of Risposta starts here. In a rehearsal nothing but loopback is dialled, and
//! every name leads into the town.

mod reach;
mod strangers;
pub mod text;

pub use reach::{Suspect, Witness};
pub use strangers::{is_public, leads_inside};

use hyper_util::client::proxy::matcher::Matcher;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

/// Time limit for a TCP connection, and for a TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Time limit from a request to the end of its response.
const HTTP_TIMEOUT: Duration = Duration::from_mins(1);

/// TLS settings with the platform's authorities: reading some hundred certificates takes a while.
static PLATFORM: OnceLock<Arc<ClientConfig>> = OnceLock::new();

/// Where connections may go.
#[derive(Debug, Clone)]
pub enum Dialer {
    /// Anywhere: a live wave.
    World,
    /// Loopback only; every name leads to the town.
    Town(Town),
}

/// The town's ports on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Town {
    /// Submission for the personas.
    pub smtp: SocketAddr,
    /// The personas' mailboxes.
    pub imap: SocketAddr,
    /// Web sites and social pages; the `Host` header says which.
    pub http: SocketAddr,
}

/// A kind of server, for the dialer to find its place in the town.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Mail submission.
    Smtp,
    /// Mailbox.
    Imap,
}

/// An open connection.
#[derive(Debug)]
pub struct Line {
    /// The connection.
    pub stream: TcpStream,
    /// Whether it stays on this machine, so that plain text is private enough.
    pub loopback: bool,
    /// Whether it leads into the town, which speaks no TLS.
    pub town: bool,
}

impl Dialer {
    /// Opens a TCP connection.
    ///
    /// # Errors
    /// The system's, `TimedOut` after 20 s, or `PermissionDenied` where a rehearsal would leave loopback.
    pub async fn dial(&self, service: Service, host: &str, port: u16) -> io::Result<Line> {
        let (stream, town) = match self {
            Self::World => (connect((host, port)).await?, false),
            Self::Town(town) => {
                let address = match service {
                    Service::Smtp => town.smtp,
                    Service::Imap => town.imap,
                };
                (connect(only_loopback(address)?).await?, true)
            }
        };
        stream.set_nodelay(true)?;
        let loopback = stream.peer_addr()?.ip().is_loopback();
        Ok(Line { stream, loopback, town })
    }

    /// A client for HTTP that follows no redirects by itself and keeps its own cookies.
    ///
    /// # Errors
    /// When the TLS set-up fails.
    pub fn http(&self) -> Result<Http, reqwest::Error> {
        self.http_within(CONNECT_TIMEOUT)
    }

    /// The same, with another limit for a connection, its TLS handshake included.
    ///
    /// # Errors
    /// When the TLS set-up fails.
    pub fn http_within(&self, connect: Duration) -> Result<Http, reqwest::Error> {
        self.http_with(connect, |builder| builder)
    }

    fn http_with(
        &self,
        connect: Duration,
        more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Http, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(&self.http_tls()))
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            // Whether anything is sent a second time is decided elsewhere.
            .retry(reqwest::retry::never())
            .connect_timeout(connect)
            .timeout(HTTP_TIMEOUT);
        if let Self::Town(town) = self {
            builder = builder.no_proxy().dns_resolver(Arc::new(OnlyTown(town.http)));
        }
        let (town, proxies) = match self {
            Self::World => (None, Some(Matcher::from_system())),
            Self::Town(town) => (Some(town.http), None),
        };
        let client = more(builder).build()?;
        Ok(Http { client, town, proxies: proxies.map(Arc::new), only_public: false })
    }
}

impl Dialer {
    /// TLS settings of HTTP clients. In the town nobody speaks TLS; where the platform's
    /// authorities cannot be had, no server is trusted, and each request says so.
    fn http_tls(&self) -> Arc<ClientConfig> {
        let trusted = match self {
            Self::World => tls_config(None).ok(),
            Self::Town(_) => None,
        };
        trusted.unwrap_or_else(|| {
            install_tls_provider();
            Arc::new(ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth())
        })
    }
}

async fn connect<A: tokio::net::ToSocketAddrs>(to: A) -> io::Result<TcpStream> {
    let timed_out = || io::Error::new(io::ErrorKind::TimedOut, "no connection within 20 s");
    tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(to)).await.map_err(|_| timed_out())?
}

fn only_loopback(address: SocketAddr) -> io::Result<SocketAddr> {
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("a rehearsal does not dial {address}")))
}

/// An HTTP client of the [`Dialer`].
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    town: Option<SocketAddr>,
    proxies: Option<Arc<Matcher>>,
    /// Whether nothing in our own network is asked.
    only_public: bool,
}

impl Http {
    /// A request to `url`. In a rehearsal it goes to the town in plain HTTP, whatever the scheme
    /// and port; the `Host` header keeps the name.
    ///
    /// # Errors
    /// `PermissionDenied` where a rehearsal would reach an IP address outside loopback, or a stranger's link our own
    /// network.
    pub fn request(&self, method: reqwest::Method, url: &Url) -> io::Result<reqwest::RequestBuilder> {
        if self.only_public {
            strangers::refuse_inside(url)?;
        }
        let Some(town) = self.town else { return Ok(self.client.request(method, url.clone())) };
        let mut url = url.clone();
        // None of the three fails for a URL that has a host.
        let _ = url.set_scheme("http");
        let Some(ip) = url.host_str().and_then(|h| h.trim_matches(['[', ']']).parse::<IpAddr>().ok()) else {
            let _ = url.set_port(None);
            return Ok(self.client.request(method, url));
        };
        // An address is not resolved, so that the town's port must stand in the URL.
        only_loopback((ip, town.port()).into())?;
        let _ = url.set_ip_host(town.ip());
        let _ = url.set_port(Some(town.port()));
        Ok(self.client.request(method, url).header(reqwest::header::HOST, ip.to_string()))
    }
}

impl Http {
    /// Whether requests to `url` go to a proxy of our own network, as environment or system say.
    pub fn is_proxied(&self, url: &Url) -> bool {
        let uri = url.as_str().parse().ok();
        self.proxies.as_ref().zip(uri).is_some_and(|(proxies, uri)| proxies.intercept(&uri).is_some())
    }
}

/// The body of a response, or its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether there was more than was asked for.
    pub cut: bool,
}

/// Reads a response's body, at most `bytes_max` of it, within `limit`.
///
/// # Errors
/// `TimedOut` after `limit`, or the connection's.
pub async fn read_body(response: reqwest::Response, bytes_max: usize, limit: Duration) -> io::Result<Body> {
    let read = async {
        let mut response = response;
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(io::Error::other)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > bytes_max {
                bytes.truncate(bytes_max);
                return Ok(Body { bytes, cut: true });
            }
        }
        Ok(Body { bytes, cut: false })
    };
    let timed_out = || io::Error::new(io::ErrorKind::TimedOut, format!("no end of the answer within {limit:?}"));
    tokio::time::timeout(limit, read).await.map_err(|_| timed_out())?
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Whether nothing of it can have reached the other side.
    pub nothing_left: bool,
    /// The status, where the answer broke off after it.
    pub status: Option<u16>,
    /// Why, in words.
    pub why: String,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Seconds that it asks us to wait.
    pub retry_after: Option<u32>,
}

/// Sends a request and reads its answer, each within `limit`, at most `bytes_max` of the body.
/// Gives the status and the body.
///
/// # Errors
/// [`Unanswered`], also when the answer is longer than that.
pub async fn ask(
    request: reqwest::RequestBuilder,
    bytes_max: usize,
    limit: Duration,
) -> Result<(u16, Vec<u8>), Unanswered> {
    answer_to(request, bytes_max, limit).await.map(|answered| (answered.status, answered.body))
}

/// The same, with what the answer's head says beside the status.
///
/// # Errors
/// [`Unanswered`], also when the answer is longer than that.
pub async fn answer_to(
    request: reqwest::RequestBuilder,
    bytes_max: usize,
    limit: Duration,
) -> Result<Answered, Unanswered> {
    let lost = |status: Option<u16>, why: String| Unanswered { nothing_left: false, status, why };
    let response = match tokio::time::timeout(limit, request.send()).await {
        Ok(Ok(response)) => response,
        Ok(Err(e)) => {
            let nothing_left = e.is_connect() || e.is_builder();
            return Err(Unanswered { nothing_left, status: None, why: in_words(&e) });
        }
        // A connection that cannot be made ends earlier, with the error above.
        Err(_) => return Err(lost(None, format!("no answer within {limit:?}"))),
    };
    let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
    let body = read_body(response, bytes_max, limit).await.map_err(|e| lost(Some(status), in_words(&e)))?;
    if body.cut {
        return Err(lost(Some(status), format!("the answer is longer than {bytes_max} bytes")));
    }
    Ok(Answered { status, body: body.bytes, retry_after })
}

/// Seconds that an answer asks us to wait (RFC 9110 §10.2.3), where it says so in seconds.
pub fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<u32> {
    headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// An error with its causes: the innermost says most.
#[must_use]
pub fn in_words(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |words, cause| format!("{words}: {cause}"))
}

/// Resolves every name to the town's web server.
struct OnlyTown(SocketAddr);

impl reqwest::dns::Resolve for OnlyTown {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let address = self.0;
        Box::pin(async move {
            let address = only_loopback(address)?;
            Ok(Box::new(std::iter::once(address)) as reqwest::dns::Addrs)
        })
    }
}

/// Makes *ring* the process's TLS provider. Call it first in `main` and in tests; again is harmless.
pub fn install_tls_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// TLS settings: the platform's certificate authorities, or the account's own alone.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn tls_config(ca_file: Option<&Path>) -> io::Result<Arc<ClientConfig>> {
    install_tls_provider();
    let invalid = |e: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
    let config = match ca_file {
        None => {
            use rustls_platform_verifier::ConfigVerifierExt;
            if let Some(config) = PLATFORM.get() {
                return Ok(config.clone());
            }
            let config = Arc::new(ClientConfig::with_platform_verifier().map_err(|e| invalid(&e))?);
            return Ok(PLATFORM.get_or_init(|| config).clone());
        }
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| invalid(&e))? {
                roots.add(certificate.map_err(|e| invalid(&e))?).map_err(|e| invalid(&e))?;
            }
            if roots.is_empty() {
                return Err(invalid(&"no certificate in the file"));
            }
            ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(Arc::new(config))
}

/// A connection after its TLS handshake.
pub type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// Does the TLS handshake with `host` on an open connection.
///
/// # Errors
/// When the certificate or the handshake is refused, or takes more than 20 s.
pub async fn start_tls(stream: TcpStream, host: &str, config: Arc<ClientConfig>) -> io::Result<TlsStream> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, format!("`{host}` is no host name")))?;
    let handshake = tokio_rustls::TlsConnector::from(config).connect(name, stream);
    let timed_out = || io::Error::new(io::ErrorKind::TimedOut, "no TLS handshake within 20 s");
    tokio::time::timeout(CONNECT_TIMEOUT, handshake).await.map_err(|_| timed_out())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that answers each connection once with the `Host` that it was asked for.
    async fn echo_host() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let request = String::from_utf8(request).unwrap().to_lowercase();
                let host = request.lines().find_map(|l| l.strip_prefix("host: ")).unwrap().to_owned();
                let answer =
                    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{host}", host.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    fn town(http: SocketAddr) -> Http {
        install_tls_provider();
        let nowhere: SocketAddr = "127.0.0.1:1".parse().unwrap();
        Dialer::Town(Town { smtp: nowhere, imap: nowhere, http }).http().unwrap()
    }

    #[tokio::test]
    async fn in_a_rehearsal_every_address_leads_to_the_towns_port() {
        let http = town(echo_host().await);
        for (url, host) in [
            ("https://alfa.example/contatti", "alfa.example"),
            ("http://alfa.example:8443/", "alfa.example"),
            ("http://127.0.0.1:9/", "127.0.0.1"),
            ("http://localhost/", "localhost"),
        ] {
            let answer = http.request(Method::GET, &url.parse().unwrap()).unwrap().send().await.unwrap();
            assert_eq!(answer.text().await.unwrap(), host, "{url}");
        }
    }

    #[tokio::test]
    async fn a_rehearsal_asks_no_address_outside_loopback() {
        let http = town(echo_host().await);
        for url in ["http://192.0.2.1/", "https://[2001:db8::1]/"] {
            let refused = http.request(Method::GET, &url.parse().unwrap()).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{url}");
        }
        let abroad = town("192.0.2.1:80".parse().unwrap());
        let refused = abroad.request(Method::GET, &"http://alfa.example/".parse().unwrap()).unwrap().send().await;
        assert!(refused.unwrap_err().is_connect());
    }

    #[tokio::test]
    async fn a_body_is_read_no_further_than_asked() {
        let http = town(echo_host().await);
        let answer = http.request(Method::GET, &"http://alfa.example/".parse().unwrap()).unwrap().send().await.unwrap();
        let body = read_body(answer, 4, Duration::from_secs(5)).await.unwrap();
        assert_eq!(body, Body { bytes: b"alfa".to_vec(), cut: true });
    }
}
