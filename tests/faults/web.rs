//! A server of HTTP on loopback that does what a test says, byte by byte, and remembers what it really received.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Answers with these bytes once that turns true; the connection goes on.
    AnswersOnce(watch::Receiver<bool>, Vec<u8>),
    /// Answers with these bytes; the connection goes on.
    Answers(Vec<u8>),
    /// Answers with these bytes and closes the connection.
    AnswersAndLeaves(Vec<u8>),
    /// Answers with these bytes, then says nothing more.
    AnswersAndHangs(Vec<u8>),
    /// Answers with these bytes, one a packet.
    Crawls(Vec<u8>),
    /// Answers with these bytes, then with one of them now and then, for ever.
    Drips(Vec<u8>),
    /// Answers with these bytes, then with these others as fast as it can, for ever.
    Floods(Vec<u8>, Vec<u8>),
    /// Closes the connection.
    HangsUp,
    /// Throws the connection away (RST).
    Resets,
    /// Closes the connection after half of the request's body.
    LeavesInTheBody,
    /// Stops reading after half of the request's body.
    HangsInTheBody,
}

impl Does {
    /// Whether only a time limit ends it.
    pub(crate) const fn needs_a_limit(&self) -> bool {
        matches!(self, Self::AnswersAndHangs(_) | Self::Drips(_) | Self::HangsInTheBody)
    }

    fn reads_half(&self) -> bool {
        matches!(self, Self::LeavesInTheBody | Self::HangsInTheBody)
    }
}

/// A request, as far as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether the body arrived as long as the head said.
    pub(crate) whole: bool,
}

impl Request {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

/// What arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) connections: usize,
    pub(crate) requests: Vec<Request>,
}

impl Received {
    /// What was posted, whole or not.
    pub(crate) fn posts(&self) -> Vec<&Request> {
        self.requests.iter().filter(|r| r.method == "POST").collect()
    }
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    received: Arc<Mutex<Received>>,
    listening: AbortHandle,
}

type Plan = Arc<dyn Fn(&Request) -> Does + Send + Sync>;

impl Server {
    /// Starts it on a free port of loopback; it ends with the test's runtime. `plan` decides once a request's head is
    /// there.
    pub(crate) async fn start(plan: impl Fn(&Request) -> Does + Send + Sync + 'static) -> Self {
        Self::start_with(None, plan).await
    }

    /// The same over TLS.
    pub(crate) async fn start_with(
        tls: Option<TlsAcceptor>,
        plan: impl Fn(&Request) -> Does + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (received, plan) = (Arc::<Mutex<Received>>::default(), Arc::new(plan) as Plan);
        let kept = received.clone();
        let listening = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                kept.lock().unwrap().connections += 1;
                let (tls, plan, kept) = (tls.clone(), plan.clone(), kept.clone());
                tokio::spawn(async move {
                    // Tells a reset from a close: without it both are a close where all was read.
                    let abrupt = Arc::new(Mutex::new(false));
                    match tls {
                        None => {
                            let mut tcp = tcp;
                            converse(&mut tcp, &plan, &kept, &abrupt).await;
                            if *abrupt.lock().unwrap() {
                                tcp.set_zero_linger().unwrap();
                            }
                        }
                        Some(tls) => {
                            if let Ok(mut wire) = tls.accept(tcp).await {
                                converse(&mut wire, &plan, &kept, &abrupt).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, received, listening: listening.abort_handle() }
    }

    /// From now on nobody listens on its port.
    pub(crate) async fn close(&self) {
        self.listening.abort();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn received(&self) -> Received {
        self.received.lock().unwrap().clone()
    }
}

async fn converse(
    wire: &mut (impl AsyncRead + AsyncWrite + Unpin),
    plan: &Plan,
    received: &Mutex<Received>,
    abrupt: &Mutex<bool>,
) {
    while let Some((mut request, length)) = head(wire).await {
        let does = plan(&request);
        let wanted = if does.reads_half() { length / 2 } else { length };
        let mut body = vec![0; wanted];
        if wire.read_exact(&mut body).await.is_err() {
            return;
        }
        (request.body, request.whole) = (body, wanted == length);
        received.lock().unwrap().requests.push(request);
        if matches!(does, Does::Resets) {
            *abrupt.lock().unwrap() = true;
        }
        if act(wire, does).await.is_none() {
            return;
        }
    }
}

/// A request's head, and the length of the body that it announces.
async fn head(wire: &mut (impl AsyncRead + Unpin)) -> Option<(Request, usize)> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(wire.read_u8().await.ok()?);
    }
    let head = String::from_utf8(bytes).unwrap();
    let mut words = head.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let request = Request { method, path, head: head.clone(), body: Vec::new(), whole: false };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    Some((request, length))
}

/// `None`: the connection is over.
async fn act(wire: &mut (impl AsyncWrite + Unpin), does: Does) -> Option<()> {
    match does {
        Does::Answers(bytes) => say(wire, &bytes).await,
        Does::AnswersOnce(mut when, bytes) => {
            when.wait_for(|now| *now).await.ok()?;
            say(wire, &bytes).await
        }
        Does::AnswersAndLeaves(bytes) => {
            say(wire, &bytes).await?;
            wire.shutdown().await.ok()?;
            None
        }
        Does::AnswersAndHangs(bytes) => {
            say(wire, &bytes).await?;
            std::future::pending().await
        }
        Does::Crawls(bytes) => {
            for byte in bytes {
                say(wire, &[byte]).await?;
                tokio::task::yield_now().await;
            }
            Some(())
        }
        Does::Drips(bytes) => {
            say(wire, &bytes).await?;
            loop {
                say(wire, &bytes[bytes.len() - 1..]).await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Does::Floods(bytes, more) => {
            say(wire, &bytes).await?;
            loop {
                say(wire, &more).await?;
            }
        }
        Does::HangsUp | Does::Resets | Does::LeavesInTheBody => None,
        Does::HangsInTheBody => std::future::pending().await,
    }
}

async fn say(wire: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Option<()> {
    wire.write_all(bytes).await.ok()?;
    wire.flush().await.ok()
}

/// A whole answer in UTF-8.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/html; charset=utf-8" };
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}

/// The beginning of an answer that announces more than comes.
pub(crate) fn cut(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len() + 1000;
    format!("HTTP/1.1 {status} X\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}
