//! Where may a page lead our browser? The same rules as for every other request: in a rehearsal into
//! the town, and from the web never into our own network.

use super::strangers::{is_our_name, is_public, refuse_inside};
use super::{CONNECT_TIMEOUT, Dialer, Town, connect, only_loopback};
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// Most bytes of a proxy's answer to `CONNECT`.
const PROXY_HEAD_MAX: usize = 8_192;

impl Dialer {
    /// Opens a connection that a page asks for. `inside`: the page itself stands in our own network,
    /// so that it may lead there.
    ///
    /// # Errors
    /// The system's, `TimedOut` after 20 s, or `PermissionDenied` where it may not lead.
    pub async fn dial_page(&self, host: &str, port: u16, inside: bool) -> io::Result<TcpStream> {
        let host = host.trim_matches(['[', ']']);
        let address = host.parse::<IpAddr>().ok();
        if let Self::Town(town) = self {
            return dial_town(*town, address).await;
        }
        if let Some((proxy, login)) = proxy_for(host, port) {
            if !inside && (address.map_or_else(|| is_our_name(host), |ip| !is_public(ip))) {
                return Err(leads_in(host));
            }
            return tunnel(&proxy, login.as_deref(), host, port).await;
        }
        let found = tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((host, port))).await;
        let found: Vec<SocketAddr> = found.map_err(|_| timed_out("no address of the host within 20 s"))??.collect();
        // After the name was resolved: a name on the web may have an address in our network.
        let allowed: Vec<SocketAddr> = found.into_iter().filter(|a| inside || is_public(a.ip())).collect();
        if allowed.is_empty() {
            return Err(leads_in(host));
        }
        let stream = connect(&allowed[..]).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

async fn dial_town(town: Town, address: Option<IpAddr>) -> io::Result<TcpStream> {
    if let Some(ip) = address {
        only_loopback((ip, town.http.port()).into())?;
    }
    connect(only_loopback(town.http)?).await
}

/// The proxy of our own network that environment or system name for a host: `host:port`, and what
/// it wants to be told.
fn proxy_for(host: &str, port: u16) -> Option<(String, Option<String>)> {
    let scheme = if port == 80 { "http" } else { "https" };
    let uri = format!("{scheme}://{}/", authority(host, port)).parse().ok()?;
    let found = super::Matcher::from_system().intercept(&uri)?;
    let (host, port) = (found.uri().host()?, found.uri().port_u16().unwrap_or(80));
    let login = found.basic_auth().and_then(|v| v.to_str().ok()).map(str::to_owned);
    Some((format!("{host}:{port}"), login))
}

/// Asks a proxy of our own network to pass a connection through (RFC 9110 §9.3.6).
async fn tunnel(proxy: &str, login: Option<&str>, host: &str, port: u16) -> io::Result<TcpStream> {
    let talk = async {
        let mut stream = connect(proxy).await?;
        let login = login.map(|l| format!("Proxy-Authorization: {l}\r\n")).unwrap_or_default();
        let to = authority(host, port);
        let ask = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{login}\r\n");
        stream.write_all(ask.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > PROXY_HEAD_MAX {
                return Err(io::Error::other("the proxy of this network answers with too much"));
            }
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let line = head.lines().next().unwrap_or_default();
        match line.split(' ').nth(1) {
            Some(code) if code.starts_with('2') => Ok(stream),
            _ => Err(io::Error::other(format!("the proxy of this network refuses: {line}"))),
        }
    };
    tokio::time::timeout(CONNECT_TIMEOUT, talk).await.map_err(|_| timed_out("no answer of the proxy within 20 s"))?
}

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn timed_out(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, why)
}

fn leads_in(host: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("`{host}` is inside our own network"))
}

/// Whether an address of the web is one in our own network.
#[must_use]
pub fn is_inside(url: &Url) -> bool {
    refuse_inside(url).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_of_the_web_is_not_led_into_our_network_and_a_rehearsal_not_out_of_the_town() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            let refused = Dialer::World.dial_page(host, here.port(), false).await.unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{host}");
        }
        Dialer::World.dial_page("localhost", here.port(), true).await.unwrap();
        let town = Dialer::Town(Town { smtp: here, imap: here, http: here });
        assert_eq!(town.dial_page("alfa.example", 443, false).await.unwrap().peer_addr().unwrap(), here);
        let refused = town.dial_page("192.0.2.1", 80, true).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    }
}
