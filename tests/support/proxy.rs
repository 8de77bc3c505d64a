//! A line between client and server that counts, and that a test can cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A running proxy.
pub(crate) struct Proxy {
    /// Where it listens, on loopback.
    pub(crate) port: u16,
    from_server: Arc<AtomicU64>,
    cut: watch::Sender<u64>,
}

impl Proxy {
    /// Leads to that port of loopback.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let from_server = Arc::new(AtomicU64::new(0));
        let (cut, cuts) = watch::channel(0);
        let counter = from_server.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let (counter, mut cuts) = (counter.clone(), cuts.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        () = carry(client, server, &counter) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Self { port: own, from_server, cut }
    }

    /// Bytes that came from the server so far.
    pub(crate) fn bytes_from_server(&self) -> u64 {
        self.from_server.load(Ordering::SeqCst)
    }

    /// Cuts the lines that are open now; new ones go through.
    pub(crate) fn cut(&self) {
        self.cut.send_modify(|n| *n += 1);
    }
}

async fn carry(client: TcpStream, server: TcpStream, counter: &AtomicU64) {
    let ((mut client_in, mut client_out), (mut server_in, mut server_out)) = (client.into_split(), server.into_split());
    let up = tokio::io::copy(&mut client_in, &mut server_out);
    let down = async {
        let mut block = vec![0; 64 * 1024];
        while let Ok(n @ 1..) = server_in.read(&mut block).await {
            counter.fetch_add(n as u64, Ordering::SeqCst);
            if client_out.write_all(&block[..n]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! { _ = up => {}, () = down => {} }
}
