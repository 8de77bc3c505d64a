//! What came of handing a letter to the submission server: the phases of SMTP (RFC 5321) and
//! what a failure in each of them means.
//!
//! Until a recipient is named, a failure is our account's. From there to the final dot nothing can
//! have left: the letter is deferred, or refused. Once the dot is begun, only the server's own
//! answer settles it; without one the letter is in doubt.

use super::dialogue::Wanted;
use super::letter::Letter;
use super::line::Line;
use super::verdict::{Blame, Trouble};
use crate::channels::Ended;
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::study::Server;
use crate::model::time::Stamp;
use crate::net::Dialer;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use secrecy::SecretString;
use std::time::Duration;

/// Bytes of the message that are written at once: one step of the watch over a slow line.
const BLOCK_BYTES: usize = 16 * 1024;

/// How long each step may take. RFC 5321 §4.5.3.2 wants at least 5 minutes for the greeting, MAIL
/// and RCPT, 2 for DATA, 3 for a block and 10 after the final dot. Before the dot less is enough,
/// since a server that is slower is asked again later; after it the whole time is waited, since
/// hurry there makes doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the connection, and again for a TLS handshake; at most 20 s.
    pub connect: Duration,
    /// From the connection to the end of the server's greeting.
    pub greeting: Duration,
    /// From a command (EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA) to the end of its reply.
    pub command: Duration,
    /// For writing one block of the message, 16 KiB.
    pub block: Duration,
    /// From the final dot to the end of the reply.
    pub answer: Duration,
    /// For taking leave once all is settled.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
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
        let mut line = match self.open().await {
            Ok(line) => line,
            Err(failure) => return self.account_failed(failure),
        };
        let (Ok(ended) | Err(ended)) = self.hand_over(&mut line, letter).await;
        line.leave(self.limits.farewell).await;
        ended
    }

    async fn hand_over(&self, line: &mut Line, letter: &Letter) -> Result<Ended, Ended> {
        self.announce(line, letter).await?;
        self.write(line, letter).await?;
        self.answer(line, letter).await
    }

    /// MAIL, RCPT, DATA: nothing has left yet.
    async fn announce(&self, line: &mut Line, letter: &Letter) -> Result<(), Ended> {
        let limit = self.limits.command;
        let mail = Mail::new(Some(letter.from.clone()), Vec::new());
        line.ask(mail, Wanted::Done, limit).await.map_err(|t| self.not_begun(t, letter))?;
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        line.ask(recipient, Wanted::Done, limit).await.map_err(|t| self.refused(t, Phase::Address, letter))?;
        if let Some(copy) = &letter.copy {
            // Refused or not taken: nothing leaves for anybody, or the copy would prove nothing.
            let ours = Rcpt::new(copy.clone(), Vec::new());
            line.ask(ours, Wanted::Done, limit).await.map_err(|t| {
                let help = format!("The server does not take our own copy to {copy}: see why, or set `copy: false`");
                self.account_failed(t.failure(Phase::Address, &help))
            })?;
        }
        line.ask(Data, Wanted::GoOn, limit).await.map_err(|t| self.refused(t, Phase::Transfer, letter))?;
        Ok(())
    }

    /// The message and the final dot.
    async fn write(&self, line: &mut Line, letter: &Letter) -> Result<(), Ended> {
        let before = |t: Trouble| t.with_help("The message had not been handed over");
        for block in stuffed(&letter.bytes).chunks(BLOCK_BYTES) {
            let sent = line.block(block, &mut 0, self.limits.block).await;
            sent.map_err(|t| self.refused(before(t), Phase::Transfer, letter))?;
        }
        let mut begun = 0;
        match line.block(b".\r\n", &mut begun, self.limits.block).await {
            Ok(()) => Ok(()),
            Err(trouble) if begun == 0 => Err(self.refused(before(trouble), Phase::Transfer, letter)),
            Err(trouble) => Err(in_doubt(trouble)),
        }
    }

    /// What the server says to the message.
    async fn answer(&self, line: &mut Line, letter: &Letter) -> Result<Ended, Ended> {
        let reply = line.hear(Wanted::Done, self.limits.answer).await.map_err(|trouble| match trouble {
            Trouble::Said { .. } => self.refused(trouble, Phase::Transfer, letter),
            Trouble::Odd { .. } | Trouble::Lost(_) | Trouble::Silent(_) => in_doubt(trouble),
        })?;
        let at = Stamp::observed(self.clock.now(), 1);
        Ok(Outcome::Accepted { at, receipt: Some(reply.text()).filter(|text| !text.is_empty()) })
    }

    /// Trouble with MAIL, before any recipient was named: only "later" is about this message, as
    /// the server says so; whatever else is wrong, it is wrong for all of them.
    fn not_begun(&self, trouble: Trouble, letter: &Letter) -> Ended {
        match trouble {
            Trouble::Said { code: 500.., .. } => {
                let blame = trouble.blames_us().unwrap_or(Blame::Sender);
                self.blamed(trouble, blame, letter)
            }
            Trouble::Said { .. } => self.refused(trouble, Phase::Address, letter),
            Trouble::Odd { .. } | Trouble::Lost(_) | Trouble::Silent(_) => {
                self.account_failed(trouble.failure(Phase::Address, ""))
            }
        }
    }

    /// A message that did not leave: refused for good, for now, or because of our own account.
    fn refused(&self, trouble: Trouble, phase: Phase, letter: &Letter) -> Ended {
        if let Some(blame) = trouble.blames_us() {
            return self.blamed(trouble, blame, letter);
        }
        let refused = if trouble.is_final() { Outcome::Rejected } else { Outcome::Deferred };
        refused(trouble.failure(phase, ""))
    }

    fn blamed(&self, trouble: Trouble, blame: Blame, letter: &Letter) -> Ended {
        let help = match blame {
            Blame::Sender => format!(
                "The server does not let `{}` send as {}: allow that address there, or change the mailbox's `alias`",
                self.user, letter.from
            ),
            Blame::Limit => format!("Account `{}` has reached a limit of its server; it is tried again", self.account),
        };
        self.account_failed(trouble.failure(Phase::Address, &help))
    }

    fn account_failed(&self, failure: Failure<String>) -> Ended {
        Outcome::AccountFailed { account: self.account.clone(), failure }
    }
}

fn in_doubt(trouble: Trouble) -> Ended {
    Outcome::InDoubt(trouble.failure(Phase::Transfer, "The message had been handed over, the answer is missing"))
}

/// The message as it stands on the wire: a dot that begins a line is doubled (RFC 5321 §4.5.2).
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(message.len() + 16);
    for line in message.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    wire
}
