//! What came of handing a letter to the submission server: the phases of SMTP (RFC 5321) and
//! what a failure in each of them means.
//!
//! Before the final dot nothing can have left: a failure is the account's or deferred. Once the
//! dot is begun, only the server's own answer settles it; without one the letter is in doubt.

use super::letter::Letter;
use super::line;
use super::verdict::{Trouble, shortened};
use crate::channels::Ended;
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::study::Server;
use crate::model::time::Stamp;
use crate::net::Dialer;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Display;
use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Bytes of the message that are written at once: one step of the watch over a slow line.
const BLOCK_BYTES: usize = 16 * 1024;

/// How long each step may take. The defaults are RFC 5321 §4.5.3.2's, cut where waiting longer
/// cannot help, whole for the final answer: hurry there makes doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the connection to the server's greeting.
    pub greeting: Duration,
    /// From a command (EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA) to its answer.
    pub command: Duration,
    /// For writing one block of the message.
    pub block: Duration,
    /// From the final dot to the answer.
    pub answer: Duration,
    /// For taking leave once all is settled.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            greeting: Duration::from_mins(2),
            command: Duration::from_mins(2),
            block: Duration::from_mins(3),
            answer: Duration::from_mins(10),
            farewell: Duration::from_secs(5),
        }
    }
}

/// An account's way out.
#[derive(Clone)]
pub(super) struct Submission {
    pub(super) account: AccountId,
    pub(super) server: Server,
    pub(super) user: String,
    pub(super) password: Option<SecretString>,
    pub(super) ca_file: Option<String>,
    pub(super) dialer: Dialer,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
}

impl Submission {
    /// Hands over one letter, on a connection of its own.
    pub(super) async fn submit(&self, letter: &Letter) -> Ended {
        let mut connection = match self.open().await {
            Ok(connection) => connection,
            Err(ended) => return ended,
        };
        let ended = match self.announce(&mut connection, letter).await {
            Ok(()) => self.hand_over(&mut connection, letter).await,
            Err(ended) => ended,
        };
        // All is settled: what becomes of the farewell changes nothing.
        let _ = timeout(self.limits.farewell, connection.quit()).await;
        ended
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Ended> {
        let wire = line::open(&self.server, self.ca_file.as_deref(), &self.dialer, &self.limits)
            .await
            .map_err(|why| self.account_failed(Failure::new(Phase::Connect, shortened(&why))))?;
        let hello = wire.client_id();
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let mut connection = step(self.limits.greeting, connecting)
            .await
            .map_err(|t| self.account_failed(t.failure(Phase::Connect, "Is this a mail submission server?")))?;
        if let Some(password) = &self.password {
            self.log_in(&mut connection, password).await.map_err(|f| self.account_failed(f))?;
        }
        Ok(connection)
    }

    async fn log_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        password: &SecretString,
    ) -> Result<(), Failure<String>> {
        let secret = password.expose_secret();
        let credentials = Credentials::new(self.user.clone(), secret.to_owned());
        let help = format!("Check user `{}` and the password of account `{}`", self.user, self.account);
        match step(self.limits.command, connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await {
            Ok(_) => Ok(()),
            Err(trouble) => {
                let mut failure = trouble.failure(Phase::Login, &help);
                // A server that repeats what it was told must not bring the password into a journal.
                if !secret.is_empty() {
                    failure.detail = failure.detail.replace(secret, "…");
                }
                Err(failure)
            }
        }
    }

    /// MAIL, RCPT, DATA: nothing has left yet.
    async fn announce(&self, connection: &mut AsyncSmtpConnection, letter: &Letter) -> Result<(), Ended> {
        let mail = Mail::new(Some(letter.from.clone()), Vec::new());
        self.command(connection, mail).await.map_err(|t| {
            if t.is_final() {
                return self.sender_refused(t, letter);
            }
            Outcome::Deferred(t.failure(Phase::Address, ""))
        })?;
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        self.command(connection, recipient).await.map_err(|t| self.refused(t, Phase::Address, letter))?;
        if let Some(copy) = &letter.copy {
            // Refused or not taken: nothing leaves for anybody, or the copy would prove nothing.
            let recipient = Rcpt::new(copy.clone(), Vec::new());
            self.command(connection, recipient).await.map_err(|t| {
                let help = format!("The server does not take our own copy to {copy}: see why, or set `copy: false`");
                self.account_failed(t.failure(Phase::Address, &help))
            })?;
        }
        let go_on = self.command(connection, Data).await.map_err(|t| self.refused(t, Phase::Transfer, letter))?;
        if go_on.has_code(354) {
            return Ok(());
        }
        let detail = format!("the server answered {} to DATA", go_on.code());
        Err(Outcome::Deferred(Failure::new(Phase::Transfer, detail)))
    }

    async fn command(&self, connection: &mut AsyncSmtpConnection, command: impl Display) -> Result<Response, Trouble> {
        step(self.limits.command, connection.command(command)).await
    }

    /// The message and the final dot.
    async fn hand_over(&self, connection: &mut AsyncSmtpConnection, letter: &Letter) -> Ended {
        // The library writes CRLF before the dot whatever went before: it takes the place of the
        // message's own last line end, so that what arrives is byte for byte what was hashed.
        let bytes = letter.bytes.strip_suffix(b"\r\n").unwrap_or(&letter.bytes);
        let (progress, seen) = watch::channel(Progress::default());
        let sending = connection.message_iter(Blocks { left: bytes, progress });
        match self.watched(sending, seen.clone()).await {
            Ok(response) if response.has_code(250) || response.code().to_string().starts_with('2') => {
                let at = Stamp::observed(self.clock.now(), 1);
                let text = response.message().collect::<Vec<_>>().join(" ");
                Outcome::Accepted { at, receipt: Some(shortened(&text)).filter(|t| !t.is_empty()) }
            }
            Ok(other) => {
                let detail = format!("the server answered {} to the message", other.code());
                Outcome::InDoubt(Failure::new(Phase::Transfer, detail).with_code(other.code().into()))
            }
            Err(said @ Trouble::Said { .. }) => self.refused(said, Phase::Transfer, letter),
            Err(trouble) if seen.borrow().dot_begun => Outcome::InDoubt(
                trouble.failure(Phase::Transfer, "The message had been handed over, the answer is missing"),
            ),
            Err(trouble) => Outcome::Deferred(trouble.failure(Phase::Transfer, "The message had not been handed over")),
        }
    }

    /// Runs the transfer; each block, then the final answer, has a limit of its own.
    async fn watched(
        &self,
        sending: impl Future<Output = Result<Response, smtp::Error>>,
        mut seen: watch::Receiver<Progress>,
    ) -> Result<Response, Trouble> {
        tokio::pin!(sending);
        loop {
            let dot_begun = seen.borrow_and_update().dot_begun;
            let limit = if dot_begun { self.limits.answer } else { self.limits.block };
            tokio::select! {
                biased;
                done = &mut sending => return Ok(done?),
                Ok(()) = seen.changed() => {}
                () = tokio::time::sleep(limit) => return Err(Trouble::Silent(limit)),
            }
        }
    }

    /// A refusal after MAIL: for good, for now, or of our own account.
    fn refused(&self, trouble: Trouble, phase: Phase, letter: &Letter) -> Ended {
        match trouble.is_final() {
            true if trouble.blames_us() => self.sender_refused(trouble, letter),
            true => Outcome::Rejected(trouble.failure(phase, "")),
            false => Outcome::Deferred(trouble.failure(phase, "")),
        }
    }

    fn sender_refused(&self, trouble: Trouble, letter: &Letter) -> Ended {
        let help = format!(
            "The server does not let `{}` send as {}: allow that address there, or change the mailbox's `alias`",
            self.user, letter.from
        );
        self.account_failed(trouble.failure(Phase::Address, &help))
    }

    fn account_failed(&self, failure: Failure<String>) -> Ended {
        Outcome::AccountFailed { account: self.account.clone(), failure }
    }
}

/// One step, within its limit.
async fn step<T>(limit: Duration, doing: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, Trouble> {
    match timeout(limit, doing).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Trouble::Silent(limit)),
    }
}

/// How far the message has got.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    blocks: usize,
    dot_begun: bool,
}

/// The message in blocks. The library asks for the next once the last one is written, and writes
/// the final dot after the end: so the end is the moment from which there is doubt.
struct Blocks<'a> {
    left: &'a [u8],
    progress: watch::Sender<Progress>,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (block, left) = self.left.split_at(self.left.len().min(BLOCK_BYTES));
        self.left = left;
        self.progress.send_modify(|p| {
            p.blocks += 1;
            p.dot_begun = block.is_empty();
        });
        (!block.is_empty()).then_some(block)
    }
}
