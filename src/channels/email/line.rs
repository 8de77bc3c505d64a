//! How the connection to a submission server is opened and protected.
//!
//! STARTTLS is spoken here, not by the SMTP library: one TLS set-up then serves every account,
//! each step has its own limit, and bytes slipped in before the handshake are noticed.

use super::submission::Limits;
use crate::model::study::{Security, Server};
use crate::net::{self, Dialer, Service};
use lettre::transport::smtp::client::AsyncTokioStream;
use lettre::transport::smtp::extension::ClientId;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Most bytes of one answer before TLS.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// A protected connection that still has the server's greeting to say.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Box<dyn Bytes>,
    /// The greeting, where it came before TLS and the SMTP library has yet to see it.
    replay: io::Cursor<Vec<u8>>,
    peer: SocketAddr,
    local: IpAddr,
}

trait Bytes: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> Bytes for T {}

/// Opens the connection.
///
/// # Errors
/// What failed and what to do, in one text.
pub(super) async fn open(
    server: &Server,
    ca_file: Option<&str>,
    dialer: &Dialer,
    limits: &Limits,
) -> Result<Wire, String> {
    let place = format!("{}:{}", server.host, server.port);
    let line = dialer.dial(Service::Smtp, &server.host, server.port).await.map_err(|e| {
        format!("cannot connect to {place}: {e}. Are host and port of `smtp` right, and is the network up?")
    })?;
    let mut tcp = line.stream;
    let peer = tcp.peer_addr().map_err(|e| format!("{place}: {e}"))?;
    let local = tcp.local_addr().map_err(|e| format!("{place}: {e}"))?.ip();
    // The town speaks no TLS; its lines cannot leave this machine.
    let security = if line.town { Security::Plain } else { server.security };
    let (stream, replay): (Box<dyn Bytes>, _) = match security {
        Security::Plain if !line.loopback => {
            return Err(format!(
                "{place} is not on this machine, and plain text would show the password: use `tls` or `starttls`"
            ));
        }
        Security::Plain => (Box::new(tcp), Vec::new()),
        Security::Tls => (Box::new(handshake(tcp, server, ca_file).await?), Vec::new()),
        Security::Starttls => {
            let hello = client_id(local);
            let greeting = starttls(&mut tcp, &hello, limits).await.map_err(|e| format!("{place}: {e}"))?;
            (Box::new(handshake(tcp, server, ca_file).await?), greeting)
        }
    };
    Ok(Wire { stream, replay: io::Cursor::new(replay), peer, local })
}

impl Wire {
    /// How we introduce ourselves: our end's address, as mail programs do.
    pub(super) fn client_id(&self) -> ClientId {
        client_id(self.local)
    }
}

fn client_id(local: IpAddr) -> ClientId {
    match local {
        IpAddr::V4(ip) => ClientId::Ipv4(ip),
        IpAddr::V6(ip) => ClientId::Ipv6(ip),
    }
}

async fn handshake(tcp: TcpStream, server: &Server, ca_file: Option<&str>) -> Result<net::TlsStream, String> {
    let config = net::tls_config(ca_file.map(Path::new))
        .map_err(|e| format!("certificate authority {}: {e}", ca_file.unwrap_or("of the system")))?;
    net::start_tls(tcp, &server.host, config).await.map_err(|e| {
        format!(
            "no TLS with {}:{}: {e}. Does the certificate name this host, and does `ca_file` hold its authority? \
             Port 465 speaks `tls`, port 587 `starttls`",
            server.host, server.port
        )
    })
}

/// Greeting, EHLO, STARTTLS (RFC 3207). Gives the greeting back.
async fn starttls(tcp: &mut TcpStream, hello: &ClientId, limits: &Limits) -> Result<Vec<u8>, String> {
    let greeting = answer(tcp, "greeting", limits.greeting).await?;
    expect(&greeting, "220", "greeting")?;
    let offers = ask(tcp, &format!("EHLO {hello}\r\n"), limits.command).await?;
    expect(&offers, "250", "EHLO")?;
    let offered = String::from_utf8_lossy(&offers)
        .lines()
        .any(|line| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS")));
    if !offered {
        return Err("the server offers no STARTTLS; try `tls`, usually on port 465".to_owned());
    }
    expect(&ask(tcp, "STARTTLS\r\n", limits.command).await?, "220", "STARTTLS")?;
    Ok(greeting)
}

fn expect(answer: &[u8], code: &str, step: &str) -> Result<(), String> {
    if answer.starts_with(code.as_bytes()) {
        return Ok(());
    }
    Err(format!("the server answered to {step}: {}", String::from_utf8_lossy(answer).trim_end()))
}

async fn ask(tcp: &mut TcpStream, command: &str, limit: Duration) -> Result<Vec<u8>, String> {
    tcp.write_all(command.as_bytes()).await.map_err(|e| format!("connection lost: {e}"))?;
    answer(tcp, command.trim_end(), limit).await
}

/// One whole answer, and not a byte more: more would be somebody else's, slipped in before TLS.
async fn answer(tcp: &mut TcpStream, step: &str, limit: Duration) -> Result<Vec<u8>, String> {
    let mut answer = Vec::new();
    let reading = async {
        while !is_whole(&answer) {
            if tcp.read_buf(&mut answer).await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"));
            }
            if answer.len() > ANSWER_BYTES_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "an endless answer"));
            }
        }
        Ok(())
    };
    match timeout(limit, reading).await {
        Err(_) => return Err(format!("no answer ({step}) within {limit:?}")),
        Ok(Err(e)) => return Err(format!("connection lost ({step}): {e}")),
        Ok(Ok(())) => {}
    }
    let finals = answer.split_inclusive(|b| *b == b'\n').filter(|line| line.get(3) != Some(&b'-')).count();
    if finals == 1 { Ok(answer) } else { Err("the server says more than it was asked before TLS".to_owned()) }
}

/// Whether the last line is complete and final: `250 text`, not `250-text`.
fn is_whole(answer: &[u8]) -> bool {
    let last = answer.split_inclusive(|b| *b == b'\n').next_back().unwrap_or_default();
    last.ends_with(b"\n") && last.get(3) != Some(&b'-')
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let said = usize::try_from(this.replay.position()).unwrap_or(usize::MAX);
        let left = this.replay.get_ref().get(said..).unwrap_or_default();
        if left.is_empty() {
            return Pin::new(&mut this.stream).poll_read(cx, into);
        }
        let now = left.len().min(into.remaining());
        into.put_slice(&left[..now]);
        this.replay.set_position((said + now) as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
