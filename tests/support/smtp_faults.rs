//! A submission server on loopback that keeps to the protocol, but for one phase in which it does what a test says.
//! It remembers what it really received.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A moment of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Banner,
    Ehlo,
    Starttls,
    Handshake,
    EhloAgain,
    Auth,
    Mail,
    Rcpt,
    /// At the second recipient.
    Copy,
    Data,
    /// In the middle of the message.
    Block,
    /// After the final dot.
    Dot,
    Quit,
}

/// What the server does at that moment instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Says this; the protocol goes on as far as that allows.
    Says(&'static [u8]),
    /// Says this, then closes the connection.
    SaysAndLeaves(&'static [u8]),
    /// Says the right thing, one byte a packet.
    Crawls,
    /// Says the right thing twice.
    Stutters,
    /// Says the right thing, and with it what was not asked yet.
    RunsAhead(&'static [u8]),
    /// Closes the connection (FIN).
    HangsUp,
    /// Throws the connection away (RST).
    Resets,
    /// Says nothing more.
    Hangs,
    /// Says the beginning of a line, then nothing more.
    StopsInALine,
    /// Says the beginning of a line and closes the connection.
    HangsUpInALine,
    /// Says a line that never ends.
    Endless,
    /// Says line after line, and each announces another.
    EndlessLines,
    /// Says a byte now and then, for ever.
    Drips,
}

impl Does {
    /// Whether only a time limit ends it.
    pub(crate) const fn needs_a_limit(self) -> bool {
        matches!(self, Self::Hangs | Self::StopsInALine | Self::Drips)
    }
}

/// How a server behaves.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) at: Phase,
    pub(crate) does: Does,
    /// What EHLO offers, a line each.
    pub(crate) offers: &'static [&'static str],
    /// For STARTTLS, or for TLS from the first byte.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Whether TLS comes first.
    pub(crate) tls_first: bool,
}

impl Script {
    /// In plain text, with every login taken.
    pub(crate) fn plain(at: Phase, does: Does) -> Self {
        Self { at, does, offers: &["PIPELINING", "SIZE 10485760", "AUTH PLAIN LOGIN"], tls: None, tls_first: false }
    }
}

/// What arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    /// Number of connections.
    pub(crate) connections: usize,
    /// Commands, by verb.
    pub(crate) verbs: Vec<String>,
    /// Whole messages: those whose final dot arrived.
    pub(crate) messages: Vec<Vec<u8>>,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) port: u16,
    received: Arc<Mutex<Received>>,
}

impl Server {
    /// Starts it on a free port of loopback; it ends with the test's runtime.
    pub(crate) fn start(script: Script) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // A server that stops reading shall be noticed soon.
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::<Mutex<Received>>::default();
        let kept = received.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                kept.lock().unwrap().connections += 1;
                tokio::spawn(serve(tcp, script.clone(), kept.clone()));
            }
        });
        Self { port, received }
    }

    pub(crate) fn received(&self) -> Received {
        self.received.lock().unwrap().clone()
    }
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Why a conversation ended: it was to, or the other side left.
struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

async fn serve(tcp: TcpStream, script: Script, received: Arc<Mutex<Received>>) {
    if script.does == Does::Resets {
        // From now on a close is a reset.
        tcp.set_zero_linger().unwrap();
    }
    let _ = converse(tcp, script, received).await;
}

async fn converse(tcp: TcpStream, script: Script, received: Arc<Mutex<Received>>) -> Result<(), Over> {
    let mut talk = Talk { wire: Box::new(tcp), script, received, after_tls: false };
    if talk.script.tls_first {
        talk = talk.handshake().await?;
    }
    talk.turn(Phase::Banner, b"220 faults.example ESMTP\r\n").await?;
    loop {
        let line = talk.line().await?;
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_uppercase();
        talk.received.lock().unwrap().verbs.push(verb.clone());
        match verb.as_str() {
            "EHLO" => {
                let phase = if talk.after_tls { Phase::EhloAgain } else { Phase::Ehlo };
                let mut lines = vec!["250-faults.example".to_owned()];
                lines.extend(talk.script.offers.iter().map(|offer| format!("250-{offer}")));
                lines.push("250 HELP\r\n".to_owned());
                talk.turn(phase, lines.join("\r\n").as_bytes()).await?;
            }
            "STARTTLS" => {
                if talk.turn(Phase::Starttls, b"220 2.0.0 go on\r\n").await? == 2 {
                    talk = talk.handshake().await?;
                }
            }
            "AUTH" if line.trim_end().eq_ignore_ascii_case("AUTH LOGIN") => {
                talk.say(b"334 VXNlcm5hbWU6\r\n").await?;
                talk.line().await?;
                talk.say(b"334 UGFzc3dvcmQ6\r\n").await?;
                talk.line().await?;
                talk.turn(Phase::Auth, b"235 2.7.0 welcome\r\n").await?;
            }
            "AUTH" => drop(talk.turn(Phase::Auth, b"235 2.7.0 welcome\r\n").await?),
            "MAIL" => drop(talk.turn(Phase::Mail, b"250 2.1.0 sender ok\r\n").await?),
            "RCPT" => {
                let named = talk.received.lock().unwrap().verbs.iter().filter(|v| *v == "RCPT").count();
                let phase = if named > 1 { Phase::Copy } else { Phase::Rcpt };
                talk.turn(phase, b"250 2.1.5 recipient ok\r\n").await?;
            }
            "DATA" => {
                if talk.turn(Phase::Data, b"354 go on\r\n").await? == 3 {
                    let message = talk.message().await?;
                    talk.received.lock().unwrap().messages.push(message);
                    talk.turn(Phase::Dot, b"250 2.0.0 queued as X9\r\n").await?;
                }
            }
            "QUIT" => {
                talk.turn(Phase::Quit, b"221 2.0.0 bye\r\n").await?;
                return Ok(());
            }
            _ => talk.say(b"500 5.5.2 what?\r\n").await?,
        }
    }
}

struct Talk {
    wire: Box<dyn Wire>,
    script: Script,
    received: Arc<Mutex<Received>>,
    after_tls: bool,
}

impl Talk {
    async fn say(&mut self, bytes: &[u8]) -> Result<(), Over> {
        self.wire.write_all(bytes).await?;
        Ok(self.wire.flush().await?)
    }

    /// The server's turn; gives the first digit of what it said.
    async fn turn(&mut self, phase: Phase, right: &[u8]) -> Result<u8, Over> {
        if phase != self.script.at {
            self.say(right).await?;
            return Ok(right[0] - b'0');
        }
        match self.script.does {
            Does::Says(what) => {
                self.say(what).await?;
                return Ok(what[0].wrapping_sub(b'0'));
            }
            Does::SaysAndLeaves(what) => {
                self.say(what).await?;
                // Closing on bytes that nobody read would reset the connection, and the words might be lost.
                self.wire.shutdown().await?;
                tokio::io::copy(&mut self.wire, &mut tokio::io::sink()).await?;
                return Err(Over);
            }
            Does::Crawls => {
                for byte in right {
                    self.say(&[*byte]).await?;
                    tokio::task::yield_now().await;
                }
            }
            Does::Stutters => self.say(&right.repeat(2)).await?,
            Does::RunsAhead(more) => self.say(&[right, more].concat()).await?,
            Does::HangsUp | Does::Resets => return Err(Over),
            Does::Hangs => std::future::pending().await,
            Does::StopsInALine => {
                self.say(&right[..2]).await?;
                std::future::pending::<()>().await;
            }
            Does::HangsUpInALine => {
                self.say(&right[..2]).await?;
                return Err(Over);
            }
            Does::Endless => loop {
                self.say(&[b'2'; 1000]).await?;
            },
            Does::EndlessLines => loop {
                self.say(&[&right[..3], b"-and so on\r\n"].concat()).await?;
            },
            Does::Drips => {
                self.say(&right[..3]).await?;
                loop {
                    self.say(b"-").await?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        Ok(right[0] - b'0')
    }

    async fn handshake(mut self) -> Result<Self, Over> {
        if self.script.at == Phase::Handshake {
            // Its turn comes once the client has begun.
            self.wire.read_exact(&mut [0; 5]).await?;
            self.turn(Phase::Handshake, b"250 this is no handshake\r\n").await?;
            return Err(Over);
        }
        let acceptor = self.script.tls.clone().ok_or(Over)?;
        let wire = acceptor.accept(self.wire).await?;
        Ok(Self { wire: Box::new(wire), after_tls: !self.script.tls_first, ..self })
    }

    async fn line(&mut self) -> Result<String, Over> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            line.push(self.wire.read_u8().await?);
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// The message without the dots that the protocol added.
    async fn message(&mut self) -> Result<Vec<u8>, Over> {
        let (mut wire, mut message) = (Vec::new(), Vec::new());
        if self.script.at == Phase::Block {
            self.wire.read_exact(&mut [0; 100]).await?;
            // Whatever the server does here, it takes nothing more.
            self.turn(Phase::Block, b"250 2.0.0 queued before it was whole\r\n").await?;
            std::future::pending::<()>().await;
        }
        let mut block = vec![0; 1 << 16];
        while !wire.ends_with(b"\r\n.\r\n") {
            let read = self.wire.read(&mut block).await?;
            if read == 0 {
                return Err(Over);
            }
            wire.extend_from_slice(&block[..read]);
        }
        for line in wire[..wire.len() - 3].split_inclusive(|b| *b == b'\n') {
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        Ok(message)
    }
}
