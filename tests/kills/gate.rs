//! A way to a server that a test can shut: who connects then is sent away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::{TcpListener, TcpStream};

/// An open or shut way to a port of loopback.
pub(crate) struct Gate {
    /// Where it is entered, on loopback.
    pub(crate) port: u16,
    shut: Arc<AtomicBool>,
}

impl Gate {
    /// Leads to that port; open.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let shut = Arc::new(AtomicBool::new(false));
        let is_shut = shut.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                if is_shut.load(Ordering::SeqCst) {
                    continue;
                }
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        Self { port: own, shut }
    }

    /// Shuts it for who comes from now on.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    /// Opens it again.
    pub(crate) fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
    }
}
