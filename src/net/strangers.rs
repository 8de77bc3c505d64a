//! May a stranger's link be followed? On the public internet only: a page that names an address in
//! our own network, or a host that resolves to one, leads nowhere.

use super::{Dialer, Http};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

impl Dialer {
    /// A client for addresses that strangers name. It follows no redirects by itself, and reaches
    /// nothing but the public internet; in the town, nothing but the town. Where a proxy of our own
    /// network stands in between, it resolves the names, and its rules hold.
    ///
    /// # Errors
    /// When the TLS set-up fails.
    pub fn http_to_strangers(&self, connect: Duration) -> Result<Http, reqwest::Error> {
        let public = |builder: reqwest::ClientBuilder| builder.dns_resolver(Arc::new(OnlyPublic { but: None }));
        match self {
            Self::World => Ok(Http { only_public: true, ..self.http_with(connect, public)? }),
            Self::Town(_) => self.http_within(connect),
        }
    }

    /// A client for a visit that begins at an address of the study, which may be anywhere: the names that
    /// its pages, redirects and forms lead on to do not lead into our own network.
    ///
    /// # Errors
    /// When the TLS set-up fails.
    pub fn http_from(&self, start: &Url, connect: Duration) -> Result<Http, reqwest::Error> {
        let but = start.host_str().map(str::to_owned);
        match self {
            Self::World if refuse_inside(start).is_ok() => {
                self.http_with(connect, |builder| builder.dns_resolver(Arc::new(OnlyPublic { but })))
            }
            Self::World | Self::Town(_) => self.http_within(connect),
        }
    }
}

/// Whether an address on the web leads to one in our own network, as far as its host alone says it.
#[must_use]
pub fn leads_inside(from: &Url, to: &Url) -> bool {
    refuse_inside(to).is_err() && refuse_inside(from).is_ok()
}

/// Whether an address names a host in our own network, without asking anybody.
pub(super) fn refuse_inside(url: &Url) -> io::Result<()> {
    let public = match url.host() {
        Some(Host::Domain(name)) => !is_our_name(name),
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        None => false,
    };
    if public { Ok(()) } else { Err(inside(url.host_str().unwrap_or_default())) }
}

fn is_our_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ours = ["localhost", "local", "internal", "lan", "home.arpa"];
    !name.contains('.') || ours.iter().any(|top| name.strip_suffix(top).is_some_and(|rest| rest.ends_with('.')))
}

fn inside(host: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("`{host}` leads into our own network"))
}

/// Resolves names to public addresses alone.
struct OnlyPublic {
    /// The one that may lead anywhere.
    but: Option<String>,
}

impl reqwest::dns::Resolve for OnlyPublic {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let anywhere = self.but.as_deref().is_some_and(|but| but.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| anywhere || is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(inside(name.as_str()).into());
            }
            Ok(Box::new(public.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// Whether an address is one of the public internet (the registries of special addresses, RFC 6890).
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || matches!((a, b, c), (0 | 224.., ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _));
    !special
}

/// Global unicast, without the ranges that carry an IPv4 address or are for examples.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let carries_v4 = matches!((a, b), (0x2002, _) | (0x2001, 0) | (0x64, 0xff9b));
    (0x2000..0x4000).contains(&a) && !carries_v4 && (a, b) != (0x2001, 0xdb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_network_is_told_from_the_public_one() {
        for ip in ["8.8.8.8", "193.206.1.1", "2a00:1450:4001::1", "::ffff:8.8.8.8"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "2002:a00:1::",
            "64:ff9b::a00:1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn neither_an_address_nor_a_name_leads_inside() {
        super::super::install_tls_provider();
        let http = Dialer::World.http_to_strangers(Duration::from_secs(5)).unwrap();
        for url in
            ["http://127.0.0.1/", "http://[::1]:80/", "http://router/", "http://nas.local/", "http://2130706433/"]
        {
            let refused = http.request(reqwest::Method::GET, &url.parse().unwrap()).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{url}");
        }
        let resolve = |but: Option<&str>| {
            let only = OnlyPublic { but: but.map(str::to_owned) };
            reqwest::dns::Resolve::resolve(&only, "localhost".parse().unwrap())
        };
        assert!(resolve(None).await.is_err_and(|e| e.to_string().contains("our own network")));
        assert!(resolve(Some("alfa.example")).await.is_err());
        assert!(resolve(Some("localhost")).await.is_ok());
    }

    #[test]
    fn no_page_of_the_web_sends_us_inside() {
        let web: Url = "https://alfa.example/".parse().unwrap();
        for inside in ["http://127.0.0.1/", "http://localhost:8080/", "http://[::1]/", "http://169.254.169.254/latest"]
        {
            let inside: Url = inside.parse().unwrap();
            assert!(leads_inside(&web, &inside) && !leads_inside(&inside, &inside), "{inside}");
        }
        assert!(!leads_inside(&web, &"https://beta.example/".parse().unwrap()));
    }
}
