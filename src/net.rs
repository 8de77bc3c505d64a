//! The one dialer and TLS set-up.
//!
//! Every connection of Risposta starts here. In a rehearsal nothing but loopback is dialled, and
//! every name leads into the town.

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

/// Time limit for a TCP connection, and for a TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Time limit from a request to the end of its response.
const HTTP_TIMEOUT: Duration = Duration::from_mins(1);

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
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(HTTP_TIMEOUT);
        if let Self::Town(town) = self {
            builder = builder.no_proxy().dns_resolver(Arc::new(OnlyTown(town.http)));
        }
        Ok(Http { client: builder.build()?, town: matches!(self, Self::Town(_)) })
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
    town: bool,
}

impl Http {
    /// A request to `url`. In a rehearsal it goes to the town in plain HTTP, whatever the scheme;
    /// the `Host` header keeps the name.
    ///
    /// # Errors
    /// `PermissionDenied` where a rehearsal would reach an IP address outside loopback.
    pub fn request(&self, method: reqwest::Method, url: &Url) -> io::Result<reqwest::RequestBuilder> {
        let mut url = url.clone();
        if self.town {
            if let Some(ip) = url.host_str().and_then(|h| h.trim_matches(['[', ']']).parse::<IpAddr>().ok()) {
                only_loopback((ip, 80).into())?;
            }
            // Neither fails for a URL that has a host.
            let _ = url.set_scheme("http");
            let _ = url.set_port(None);
        }
        Ok(self.client.request(method, url))
    }
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
            ClientConfig::with_platform_verifier().map_err(|e| invalid(&e))?
        }
        Some(path) => {
            let mut roots = rustls::RootCertStore::empty();
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
