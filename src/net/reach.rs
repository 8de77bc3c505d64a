//! Why can a host not be reached: because of its side, or because of ours?
//!
//! An error alone rarely says: a resolver that is cut off answers as one whose company has a broken
//! zone. Then servers of our own are the witness, those that the study uses anyway.

use super::{Dialer, Service};
use std::error::Error;
use std::io;
use std::time::Duration;

/// Who is to be suspected when a host cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspect {
    /// The proxy of our own network.
    OurProxy,
    /// Our network, as our own system says: it knows no way out.
    OurNetwork,
    /// Either: the name was not resolved, the host not found, nothing came in time.
    Either,
    /// The other side: it was reached, and refused.
    Theirs,
}

/// Host and port of a server of our own.
pub type Witness = (String, u16);

impl Suspect {
    /// Reads the error of a request that found no connection. `proxied`: it went to a proxy.
    #[must_use]
    pub fn of(error: &reqwest::Error, proxied: bool) -> Self {
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        let tunnel_refused = causes.clone().any(|cause| cause.to_string().contains("tunnel error: unsuccessful"));
        if proxied {
            // A proxy that answers may have asked in vain on the other side.
            return if tunnel_refused { Self::Either } else { Self::OurProxy };
        }
        if error.is_dns() || error.is_timeout() {
            return Self::Either;
        }
        let kinds = causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
        kinds.map(Self::of_kind).find(|suspect| *suspect != Self::Theirs).unwrap_or(Self::Theirs)
    }

    const fn of_kind(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown | io::ErrorKind::AddrNotAvailable => {
                Self::OurNetwork
            }
            // A router of ours says so, or one of theirs.
            io::ErrorKind::HostUnreachable | io::ErrorKind::TimedOut => Self::Either,
            _ => Self::Theirs,
        }
    }
}

impl Dialer {
    /// Whether it is our own side that does not work. Where that is unclear, each of our own
    /// servers gets `limit` to be reached; without any, only our own system's word counts.
    pub async fn is_our_fault(&self, suspect: Suspect, witnesses: &[Witness], limit: Duration) -> bool {
        match suspect {
            Suspect::OurProxy => true,
            Suspect::Theirs => false,
            Suspect::OurNetwork if witnesses.is_empty() => true,
            Suspect::Either if witnesses.is_empty() => false,
            Suspect::OurNetwork | Suspect::Either => !self.reaches_any(witnesses, limit).await,
        }
    }

    async fn reaches_any(&self, witnesses: &[Witness], limit: Duration) -> bool {
        for (host, port) in witnesses {
            match tokio::time::timeout(limit, self.dial(Service::Smtp, host, *port)).await {
                Ok(Ok(_)) => return true,
                // Whoever refuses has been reached.
                Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => return true,
                Ok(Err(_)) | Err(_) => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_mins(1);

    fn nowhere() -> Witness {
        ("no-such-name.invalid".to_owned(), 1)
    }

    #[tokio::test]
    async fn our_own_servers_tell_our_network_from_theirs() {
        let refuses = ("127.0.0.1".to_owned(), 1);
        for (suspect, witnesses, ours) in [
            (Suspect::OurProxy, vec![refuses.clone()], true),
            (Suspect::Theirs, vec![nowhere()], false),
            (Suspect::Either, vec![], false),
            (Suspect::Either, vec![nowhere()], true),
            (Suspect::Either, vec![nowhere(), refuses.clone()], false),
            (Suspect::OurNetwork, vec![], true),
            (Suspect::OurNetwork, vec![nowhere()], true),
            (Suspect::OurNetwork, vec![refuses], false),
        ] {
            assert_eq!(Dialer::World.is_our_fault(suspect, &witnesses, LIMIT).await, ours, "{suspect:?} {witnesses:?}");
        }
    }

    #[tokio::test]
    async fn errors_of_connections_name_a_suspect() {
        let http = Dialer::World.http().unwrap();
        for (url, suspect) in
            [("http://127.0.0.1:1/", Suspect::Theirs), ("http://no-such-name.invalid/", Suspect::Either)]
        {
            let request = http.request(reqwest::Method::GET, &url.parse().unwrap()).unwrap();
            let error = request.send().await.unwrap_err();
            assert_eq!(Suspect::of(&error, false), suspect, "{url}: {}", super::super::in_words(&error));
            assert_eq!(Suspect::of(&error, true), Suspect::OurProxy);
        }
        assert_eq!(Suspect::of_kind(io::ErrorKind::NetworkUnreachable), Suspect::OurNetwork);
        assert_eq!(Suspect::of_kind(io::ErrorKind::HostUnreachable), Suspect::Either);
        assert_eq!(Suspect::of_kind(io::ErrorKind::ConnectionReset), Suspect::Theirs);
    }
}
