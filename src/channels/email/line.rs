//! How is the connection to a submission server opened, protected, and logged into?
//!
//! Whatever fails here is our own account's failure: nobody's message was spoken of yet.

use super::dialogue::{Dialogue, Reply, Stream, Wanted};
use super::submission::Submission;
use super::verdict::{Trouble, shortened};
use crate::model::outcome::{Failure, Phase};
use crate::model::study::{Security, Server};
use crate::net::{self, Service};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::net::IpAddr;
use std::path::Path;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Most questions that a server may ask in a login: user and password, and some patience.
const CHALLENGES_MAX: usize = 4;

/// A conversation over whatever protects it.
pub(super) type Line = Dialogue<Box<dyn Stream>>;

/// Why a line could not be opened.
type Failed = Failure<String>;

impl Submission {
    /// Opens the connection, protects it, and logs in.
    ///
    /// # Errors
    /// What failed and what to do.
    pub(super) async fn open(&self) -> Result<Line, Failed> {
        let (mut line, hello) = self.connect().await?;
        let offers = self.ehlo(&mut line, &hello, "EHLO").await?;
        if let Some(password) = &self.password {
            self.log_in(&mut line, &offers, password).await?;
        }
        Ok(line)
    }

    /// A protected connection that still has the server's EHLO to say, and its greeting where it comes after TLS.
    async fn connect(&self) -> Result<(Line, ClientId), Failed> {
        let Server { host, port, security } = &self.server;
        let place = format!("{host}:{port}");
        let connect = self.limits.connect;
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no connection within {connect:?}"));
        let dialled = timeout(connect, self.dialer.dial(Service::Smtp, host, *port)).await.map_err(late);
        let line = dialled.and_then(|dialled| dialled).map_err(|e| {
            failed(format!("cannot connect to {place}: {e}. Are host and port of `smtp` right, and is the network up?"))
        })?;
        let local = line.stream.local_addr().map_err(|e| failed(format!("{place}: {e}")))?.ip();
        let hello = client_id(local);
        // The town speaks no TLS; its lines cannot leave this machine.
        let security = if line.town { Security::Plain } else { *security };
        let stream: Box<dyn Stream> = match security {
            Security::Plain if !line.loopback => {
                return Err(failed(format!(
                    "{place} is not on this machine, and plain text would show the password: use `tls` or `starttls`"
                )));
            }
            Security::Plain => Box::new(line.stream),
            Security::Tls => Box::new(self.handshake(line.stream).await?),
            Security::Starttls => {
                let tcp = self.starttls(line.stream, &hello).await?;
                // After the handshake there is no second greeting.
                return Ok((Dialogue::new(Box::new(self.handshake(tcp).await?)), hello));
            }
        };
        let mut line = Dialogue::new(stream);
        self.greeting(&mut line).await?;
        Ok((line, hello))
    }

    async fn greeting(&self, line: &mut Dialogue<impl Stream>) -> Result<(), Failed> {
        let heard = line.hear(Wanted::Done, self.limits.greeting).await;
        heard.map(drop).map_err(|t| self.opening("the greeting", t, "Is this a mail submission server?"))
    }

    /// What the server offers.
    async fn ehlo(&self, line: &mut Dialogue<impl Stream>, hello: &ClientId, step: &str) -> Result<Reply, Failed> {
        let asked = line.ask(Ehlo::new(hello.clone()), Wanted::Done, self.limits.command).await;
        asked.map_err(|t| self.opening(step, t, "Is this a mail submission server?"))
    }

    /// Greeting, EHLO, STARTTLS (RFC 3207).
    async fn starttls(&self, tcp: TcpStream, hello: &ClientId) -> Result<TcpStream, Failed> {
        let mut line = Dialogue::new(tcp);
        self.greeting(&mut line).await?;
        let offers = self.ehlo(&mut line, hello, "EHLO before TLS").await?;
        if !offers.lines.iter().any(|offer| offer.trim().eq_ignore_ascii_case("STARTTLS")) {
            let place = format!("{}:{}", self.server.host, self.server.port);
            return Err(failed(format!("{place} offers no STARTTLS; try `tls`, usually on port 465")));
        }
        let help = "Port 465 speaks `tls`, port 587 `starttls`";
        line.ask(Starttls, Wanted::Done, self.limits.command).await.map_err(|t| self.opening("STARTTLS", t, help))?;
        line.into_stream().map_err(|t| self.opening("STARTTLS", t, help))
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<net::TlsStream, Failed> {
        let Server { host, port, .. } = &self.server;
        let authority = self.ca_file.as_deref();
        let config = net::tls_config(authority.map(Path::new))
            .map_err(|e| failed(format!("certificate authority {}: {e}", authority.unwrap_or("of the system"))))?;
        let limit = self.limits.connect;
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no TLS handshake within {limit:?}"));
        let shaken = timeout(limit, net::start_tls(tcp, host, config)).await.map_err(late);
        shaken.and_then(|shaken| shaken).map_err(|e| {
            failed(format!(
                "no TLS with {host}:{port}: {e}. Does the certificate name this host, and does `ca_file` hold its authority? \
                 Port 465 speaks `tls`, port 587 `starttls`"
            ))
        })
    }

    async fn log_in(&self, line: &mut Line, offers: &Reply, password: &SecretString) -> Result<(), Failed> {
        let help = format!("Check user `{}` and the password of account `{}`", self.user, self.account);
        let Some(mechanism) = mechanism(offers) else {
            let why = "the server offers no login that is known here (PLAIN, LOGIN)";
            return Err(Failure::new(Phase::Login, why));
        };
        let secret = password.expose_secret();
        self.authenticate(line, mechanism, secret).await.map_err(|trouble| {
            let mut failure = trouble.failure(Phase::Login, &help);
            // A server that repeats what it was told must not bring the password into a journal.
            if !secret.is_empty() {
                failure.detail = failure.detail.replace(secret, "…");
            }
            failure
        })
    }

    async fn authenticate(&self, line: &mut Line, mechanism: Mechanism, secret: &str) -> Result<(), Trouble> {
        let credentials = Credentials::new(self.user.clone(), secret.to_owned());
        let odd = |e: lettre::transport::smtp::Error| Trouble::Lost(format!("the login cannot go on: {e}"));
        let mut say = Auth::new(mechanism, credentials.clone(), None).map_err(odd)?;
        for _ in 0..CHALLENGES_MAX {
            match line.ask(say, Wanted::Done, self.limits.command).await {
                Ok(_) => return Ok(()),
                Err(Trouble::Odd { code: 334, text }) => {
                    let challenge: Response = format!("334 {text}\r\n").parse().map_err(odd)?;
                    say = Auth::new_from_response(mechanism, credentials.clone(), &challenge).map_err(odd)?;
                }
                Err(other) => return Err(other),
            }
        }
        Err(Trouble::Lost("the server asks on and on in the login".to_owned()))
    }

    fn opening(&self, step: &str, trouble: Trouble, help: &str) -> Failed {
        let mut failure = trouble.failure(Phase::Connect, help);
        failure.detail = format!("{}:{}, {step}: {}", self.server.host, self.server.port, failure.detail);
        failure
    }
}

/// How we introduce ourselves: our end's address, as mail programs do.
fn client_id(local: IpAddr) -> ClientId {
    match local {
        IpAddr::V4(ip) => ClientId::Ipv4(ip),
        IpAddr::V6(ip) => ClientId::Ipv6(ip),
    }
}

/// The first of ours that the server offers; `AUTH=PLAIN` is how very old servers say it.
fn mechanism(offers: &Reply) -> Option<Mechanism> {
    let offered: Vec<String> = offers.lines.iter().map(|line| line.to_ascii_uppercase().replace('=', " ")).collect();
    let offers_it = |name: &str| {
        offered.iter().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some("AUTH") && words.any(|word| word == name)
        })
    };
    [(Mechanism::Plain, "PLAIN"), (Mechanism::Login, "LOGIN")]
        .into_iter()
        .find(|(_, name)| offers_it(name))
        .map(|(m, _)| m)
}

fn failed(why: impl AsRef<str>) -> Failed {
    Failure::new(Phase::Connect, shortened(why.as_ref()))
}
