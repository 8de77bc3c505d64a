//! How do a browser's connections come to the dialer? Through a door of ours on loopback that speaks
//! SOCKS 5 (RFC 1928): the browser has no other way out, names are resolved behind the door, and
//! when it is shut every connection through it ends.

use crate::net::Dialer;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Time limit for what the browser says before it is connected.
const GREETING_TIMEOUT: Duration = Duration::from_secs(10);

/// Most connections that are open at once.
const CONNECTIONS_MAX: usize = 256;

/// An open door; dropped, it is shut.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    keeper: JoinHandle<()>,
}

impl Door {
    /// Opens one. `inside`: whoever goes through it may reach our own network.
    pub(super) async fn open(dialer: Dialer, inside: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, keeper: tokio::spawn(keep(listener, Arc::new(dialer), inside)) })
    }

    /// As browsers name it.
    pub(super) fn proxy(&self) -> String {
        format!("socks5://{}", self.address)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(listener: TcpListener, dialer: Arc<Dialer>, inside: bool) {
    // Dropped with this task, and every connection with it.
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while open.try_join_next().is_some() {}
        if open.len() < CONNECTIONS_MAX {
            open.spawn(pass(stream, dialer.clone(), inside));
        }
    }
}

/// One connection. What fails is the browser's to show: it hears of it as the protocol says.
async fn pass(mut browser: TcpStream, dialer: Arc<Dialer>, inside: bool) -> io::Result<()> {
    let timed_out = || io::Error::from(io::ErrorKind::TimedOut);
    let asked = tokio::time::timeout(GREETING_TIMEOUT, asked(&mut browser)).await.map_err(|_| timed_out())?;
    let (host, port) = asked?;
    match dialer.dial_page(&host, port, inside).await {
        Ok(mut site) => {
            reply(&mut browser, 0).await?;
            copy_bidirectional(&mut browser, &mut site).await?;
            Ok(())
        }
        Err(e) => {
            tracing::debug!("a page asked for {host}:{port}: {e}");
            let code = match e.kind() {
                io::ErrorKind::PermissionDenied => 2,
                io::ErrorKind::NetworkUnreachable => 3,
                io::ErrorKind::ConnectionRefused => 5,
                _ => 4,
            };
            reply(&mut browser, code).await
        }
    }
}

/// Greeting and request: where it wants to go.
async fn asked(browser: &mut TcpStream) -> io::Result<(String, u16)> {
    let not_ours = || io::Error::new(io::ErrorKind::InvalidData, "no SOCKS 5 request for a connection");
    if browser.read_u8().await? != 5 {
        return Err(not_ours());
    }
    let methods = usize::from(browser.read_u8().await?);
    browser.read_exact(&mut vec![0; methods]).await?;
    browser.write_all(&[5, 0]).await?;
    let mut head = [0; 4];
    browser.read_exact(&mut head).await?;
    let [5, 1, _, kind] = head else { return Err(not_ours()) };
    let host = match kind {
        1 => Ipv4Addr::from(browser.read_u32().await?).to_string(),
        4 => Ipv6Addr::from(browser.read_u128().await?).to_string(),
        3 => {
            let mut name = vec![0; usize::from(browser.read_u8().await?)];
            browser.read_exact(&mut name).await?;
            String::from_utf8(name).map_err(|_| not_ours())?
        }
        _ => return Err(not_ours()),
    };
    Ok((host, browser.read_u16().await?))
}

async fn reply(browser: &mut TcpStream, code: u8) -> io::Result<()> {
    browser.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await
}
