//! A town of simulated companies on loopback, with real protocols.
//!
//! [`Town::start`] opens a submission server, a mailbox server and a web server on ports of
//! 127.0.0.1; Risposta talks to them exactly as it talks to the world. What a company receives,
//! it answers as the study's section `rehearsal` says ([`default_behaviour`] where it says
//! nothing): everything that follows from a message is drawn from a seed that only this message
//! has, and happens on the stepping clock. [`Town::truth`] says what really happened.
//!
//! What cannot be seen on any server — a page, a chat, the telephone — is done and told by a
//! simulated person ([`Town::person`]): it sends at once what waits to be sent, reports replies
//! with their true time, finds a promise kept when the company keeps it, and calls it broken a
//! week after it was made, or a minute before the window ends.

mod behaviour;
mod bounce;
mod carrier;
mod chance;
mod directory;
mod drawn;
mod form_page;
mod form_post;
mod imap;
mod imap_read;
mod letters;
mod mailroom;
mod mastodon;
mod person;
mod smtp;
mod social;
mod square;
mod texts;
mod truth;
mod web;

pub use behaviour::default_behaviour;
pub use drawn::Drawing;
pub use truth::{Stats, Truth};

use crate::clock::Stepper;
use crate::model::plan::Plan;
use crate::model::task::Person;
use crate::net;
use square::Square;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

/// Most connections that a mail server of the town serves at a time.
const CONNECTIONS_MAX: usize = 256;

/// A running town. Its servers stop when it is dropped.
pub struct Town {
    square: Arc<Square>,
    addresses: net::Town,
    mail_servers: [JoinHandle<()>; 2],
    // Dropping it stops the web server.
    _web_server: oneshot::Sender<()>,
}

impl Town {
    /// Opens the town for a plan, on free ports of 127.0.0.1. Needs a tokio runtime.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(plan: Arc<Plan>, stepper: Stepper) -> io::Result<Self> {
        let square = Arc::new(Square::new(plan, stepper).map_err(io::Error::other)?);
        let (smtp, smtp_at) = listen().await?;
        let (imap, imap_at) = listen().await?;
        let (http, http_at) = listen().await?;
        let mail_servers = [
            tokio::spawn(serve(smtp, square.clone(), smtp::serve)),
            tokio::spawn(serve(imap, square.clone(), imap::serve)),
        ];
        let (web_server, stop) = oneshot::channel();
        tokio::spawn(web::serve(http, square.clone(), stop));
        let addresses = net::Town { smtp: smtp_at, imap: imap_at, http: http_at };
        Ok(Self { square, addresses, mail_servers, _web_server: web_server })
    }

    /// Where its servers listen, for the dialer.
    #[must_use]
    pub const fn addresses(&self) -> net::Town {
        self.addresses
    }

    /// The simulated person, for the tasks that a machine may not do. There is one person in a
    /// town: what is told to one of these is not told again.
    #[must_use]
    pub fn person(&self) -> Box<dyn Person> {
        Box::new(person::Helper { square: self.square.clone() })
    }

    /// What the companies did with each message they received, up to now, in the plan's order.
    #[must_use]
    pub fn truth(&self) -> Vec<Truth> {
        self.square.ledger().truth.values().cloned().collect()
    }

    /// What went astray, up to now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.square.ledger().stats
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        for server in &self.mail_servers {
            server.abort();
        }
    }
}

async fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves connections until it is aborted, which ends them too.
async fn serve<F>(listener: TcpListener, square: Arc<Square>, session: impl Fn(TcpStream, Arc<Square>) -> F)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut sessions = JoinSet::new();
    loop {
        while sessions.try_join_next().is_some() {}
        if sessions.len() >= CONNECTIONS_MAX {
            sessions.join_next().await;
        }
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        // A client that breaks off is the client's matter.
        sessions.spawn({
            let session = session(stream, square.clone());
            async move {
                let _ = session.await;
            }
        });
    }
}
