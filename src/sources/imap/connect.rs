//! From a mailbox's settings to a logged-in session, each step within its time limit.

use super::Account;
use super::fault::{Fault, words};
use super::session::{Answers, Metered, Session, Wire};
use crate::model::study::Security;
use crate::net::{self, Service};
use async_imap::Client;
use async_imap::imap_proto::{Capability, Response, Status};
use secrecy::ExposeSecret;
use std::path::Path;
use tokio::net::TcpStream;
use tokio::time::timeout;

type Stranger = Client<Metered<Box<dyn Wire>>>;

impl Account {
    /// Connects and logs in.
    pub(super) async fn open(&self) -> Result<Session, Fault> {
        let (client, answers) = self.connect().await?;
        let mut session = self.log_in(client, answers).await?;
        let (mut idle, mut quota) = (false, false);
        let each = |r: &Response<'_>| {
            if let Response::Capabilities(list) = r {
                let offers =
                    |name: &str| list.iter().any(|c| matches!(c, Capability::Atom(a) if a.eq_ignore_ascii_case(name)));
                (idle, quota) = (offers("IDLE"), offers("QUOTA"));
            }
        };
        session.exchange("CAPABILITY", each).await?;
        (session.can_idle, session.can_quota) = (idle, quota);
        Ok(session)
    }

    async fn connect(&self) -> Result<(Stranger, Answers), Fault> {
        let server = &self.server;
        let place = format!("{}:{}", server.host, server.port);
        let line = self
            .dialer
            .dial(Service::Imap, &server.host, server.port)
            .await
            .map_err(|e| Fault::Unreachable(format!("cannot connect to {place}: {e}")))?;
        // The town speaks no TLS; its lines cannot leave this machine.
        let security = if line.town { Security::Plain } else { server.security };
        if security == Security::Plain && !line.loopback {
            return Err(Fault::Unprotected(format!(
                "{place} is not on this machine, and plain text would show the password"
            )));
        }
        match security {
            Security::Plain => self.greeted(Box::new(line.stream)).await,
            Security::Tls => {
                let stream = self.handshake(line.stream).await?;
                self.greeted(Box::new(stream)).await
            }
            Security::Starttls => {
                let stream = self.plain_until_tls(line.stream, &place).await?;
                Ok(stranger(Box::new(self.handshake(stream).await?)))
            }
        }
    }

    /// The bare connection after STARTTLS was agreed on. What was read before the handshake is dropped
    /// with the client that read it: somebody in between cannot slip an answer in.
    async fn plain_until_tls(&self, stream: TcpStream, place: &str) -> Result<TcpStream, Fault> {
        let mut client = Client::new(Metered::new(stream, Answers::default()));
        self.greeting(&mut client).await?;
        match timeout(self.limits.command, client.run_command_and_check_ok("STARTTLS", None)).await {
            Ok(Ok(())) => Ok(client.into_inner().into_inner()),
            Ok(Err(error)) => match error.into() {
                Fault::Refused { .. } => {
                    Err(Fault::Unprotected(format!("{place} offers no STARTTLS: try `tls`, usually on port 993")))
                }
                other => Err(other),
            },
            Err(_) => Err(Fault::Silent(self.limits.command)),
        }
    }

    async fn handshake(&self, stream: TcpStream) -> Result<net::TlsStream, Fault> {
        let host = &self.server.host;
        let config = net::tls_config(self.ca_file.as_deref().map(Path::new)).map_err(|e| {
            let whose = self.ca_file.as_deref().unwrap_or("of the system");
            Fault::Unprotected(format!("certificate authority {whose}: {e}"))
        })?;
        match timeout(self.limits.command, net::start_tls(stream, host, config)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(e)) => Err(Fault::Unprotected(format!("no TLS with {host}:{}: {e}", self.server.port))),
            Err(_) => Err(Fault::Silent(self.limits.command)),
        }
    }

    async fn greeted(&self, stream: Box<dyn Wire>) -> Result<(Stranger, Answers), Fault> {
        let (mut client, answers) = stranger(stream);
        self.greeting(&mut client).await?;
        Ok((client, answers))
    }

    async fn greeting<T: Wire>(&self, client: &mut Client<T>) -> Result<(), Fault> {
        let limit = self.limits.command;
        let greeting = timeout(limit, client.read_response()).await.map_err(|_| Fault::Silent(limit))??;
        match greeting.as_ref().map(|g| g.parsed()) {
            Some(Response::Data { status: Status::Ok | Status::PreAuth, .. }) => Ok(()),
            Some(Response::Data { outcome, .. }) => Err(Fault::NotServed(words(outcome))),
            Some(_) => Err(Fault::Garbled("a greeting that is not IMAP")),
            None => Err(Fault::Lost("the server hung up".to_owned())),
        }
    }

    async fn log_in(&self, client: Stranger, answers: Answers) -> Result<Session, Fault> {
        let secret = self.password.expose_secret();
        let limit = self.limits.command;
        let login = timeout(limit, client.login(&self.user, secret)).await.map_err(|_| Fault::Silent(limit))?;
        match login.map_err(|(error, _)| Fault::from(error)) {
            Ok(inner) => {
                Ok(Session { inner, answers, limit, opened: None, exists: 0, can_idle: false, can_quota: false })
            }
            // A server that repeats what it was told must not bring the password into a journal.
            Err(Fault::Refused { text, .. }) if secret.is_empty() => Err(Fault::Login(said(&text))),
            Err(Fault::Refused { text, .. }) => Err(Fault::Login(said(&text).replace(secret, "…"))),
            Err(other) => Err(other),
        }
    }
}

fn stranger(stream: Box<dyn Wire>) -> (Stranger, Answers) {
    let answers = Answers::default();
    (Client::new(Metered::new(stream, answers.clone())), answers)
}

/// The server's own words in the library's account of a refused login.
fn said(text: &str) -> String {
    let own = text.split_once("info: Some(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    own.map_or_else(|| text.to_owned(), |own| own.replace("\\\"", "\""))
}
