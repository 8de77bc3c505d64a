//! Which addresses are inside our own network, where no stranger's page may send us?

use std::io;
use std::net::IpAddr;
use url::{Host, Url};

/// Whether an address leads back to this machine or into a network that is not the web.
#[must_use]
pub(super) fn is_inside(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            // 100.64.0.0/10 is shared among a provider's customers (RFC 6598).
            let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
    }
}

/// Whether an address on the web leads to one in our own network, as far as its host alone says it.
#[must_use]
pub fn leads_inside(from: &Url, to: &Url) -> bool {
    names_inside(to) && !names_inside(from)
}

/// Whether a host says by itself that it is in our own network.
pub(super) fn names_inside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => is_inside(ip.into()),
        Some(Host::Ipv6(ip)) => is_inside(ip.into()),
        None => true,
    }
}

/// Resolves names as the system does, and drops the addresses of our own network: a stranger's name may
/// point there. The host that the study itself names may be anywhere.
pub(super) struct Outside {
    /// The study's own host.
    pub(super) own: String,
}

impl reqwest::dns::Resolve for Outside {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let is_own = name.as_str().eq_ignore_ascii_case(&self.own);
        Box::pin(async move {
            let all: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<_> = all.into_iter().filter(|a| is_own || !is_inside(a.ip())).collect();
            if allowed.is_empty() {
                let what = format!("`{}` leads into our own network", name.as_str());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, what).into());
            }
            Ok(Box::new(allowed.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::dns::Resolve as _;

    #[test]
    fn strangers_do_not_send_us_inside() {
        let web: Url = "https://alfa.example/".parse().unwrap();
        for inside in [
            "http://127.0.0.1/",
            "http://localhost:8080/",
            "http://10.1.2.3/",
            "http://192.168.0.1/",
            "http://[::1]/",
            "http://169.254.169.254/latest",
            "http://100.64.0.1/",
            "http://[fe80::1]/",
            "http://[::ffff:10.0.0.1]/",
        ] {
            let inside: Url = inside.parse().unwrap();
            assert!(leads_inside(&web, &inside), "{inside}");
            assert!(!leads_inside(&inside, &inside), "{inside}");
        }
        assert!(!leads_inside(&web, &"https://93.184.216.34/".parse().unwrap()));
    }

    #[tokio::test]
    async fn a_name_that_points_inside_is_resolved_for_the_study_alone() {
        let resolve = |own: &str| Outside { own: own.to_owned() }.resolve("localhost".parse().unwrap());
        assert!(resolve("alfa.example").await.err().unwrap().to_string().contains("our own network"));
        assert!(resolve("localhost").await.unwrap().next().unwrap().ip().is_loopback());
    }
}
