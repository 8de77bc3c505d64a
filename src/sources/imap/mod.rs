//! IMAP: what arrived in a mailbox since the cursor.
//!
//! A scan by UID from the cursor decides; IDLE only wakes. Folders are opened read-only (EXAMINE)
//! and bodies peeked at, so nothing on the server changes, not even a flag.
//!
//! **The cursor** holds, for each folder, its UIDVALIDITY and the next UID to look at. At the first
//! look, and whenever UIDVALIDITY changes or a folder is new, messages that were there already are
//! asked for by date only (`SEARCH SINCE` the day before the wave began): a mailbox of 100,000 old
//! messages is not downloaded, and a mailbox that is read late loses nothing. What comes a second
//! time so is known by its content.
//!
//! **Moved mail** is found because every folder is looked into (see `folders`), again and again until
//! a whole pass finds that no folder has given out a number since the pass before: whatever is moved
//! while a look is under way is met in one of them.
//!
//! **What is covered.** Numbers are given out in ascending order. A number that was given out in a
//! folder that mail is delivered into, and whose message is gone before we saw it, is a message that
//! left unread: either it turned up in another folder within the same look, or it is lost, and the
//! time since the last look is a gap for good ([`Batch::missed`]). So is that time when such a folder
//! is gone and not found under another name, or was made anew and holds fewer messages than before.
//! A mailbox that somebody empties of messages that were read already leaves no gap. While a mailbox
//! is full, by its server's word, it is read and not covered: mail may be turned away.

mod connect;
mod cursor;
mod fault;
mod folders;
mod scan;
mod session;

use super::{Batch, Source, SourceError};
use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::study::{Inbox, Mailbox, Server};
use crate::net::Dialer;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use cursor::Cursor;
use fault::Fault;
use folders::Named;
use scan::{Room, Scan, Waiting};
use secrecy::SecretString;
use session::Session;
use std::time::Duration;
use tokio::task::JoinSet;

/// Passes over all folders in one look, until one finds nothing new; then the next look goes on.
const PASSES_MAX: usize = 4;

/// How much is fetched at once, and how long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most messages of one batch.
    pub batch_messages: usize,
    /// Bytes after which a batch ends; one message alone may exceed it.
    pub batch_bytes: u64,
    /// Most bytes of one message: of a longer one only the first are fetched.
    pub message_bytes: u32,
    /// From a command to its complete answer.
    pub command: Duration,
    /// Longest IDLE before it is issued again: servers and routers forget quiet lines.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_messages: 200,
            batch_bytes: 16 * 1024 * 1024,
            message_bytes: 64 * 1024 * 1024,
            command: Duration::from_mins(2),
            idle: Duration::from_mins(4),
        }
    }
}

/// What is needed to open the mailbox.
#[derive(Clone)]
struct Account {
    id: AccountId,
    server: Server,
    spam: Option<String>,
    folders: Vec<String>,
    user: String,
    password: SecretString,
    ca_file: Option<String>,
    dialer: Dialer,
    limits: Limits,
}

/// A mailbox on an IMAP server.
pub struct ImapSource {
    account: Account,
    since: DateTime<Utc>,
    open: Option<Open>,
}

/// A logged-in session, and what is kept with it from look to look.
struct Open {
    session: Session,
    waiting: Option<Waiting>,
    /// UIDNEXT of INBOX when it was last scanned to its end.
    inbox_next: Option<u32>,
}

impl ImapSource {
    /// A source for `mailbox`, whose password has been read already; `None` where the mailbox is
    /// no IMAP account. `since` is the start of the wave.
    #[must_use]
    pub fn new(mailbox: &Mailbox, password: SecretString, since: DateTime<Utc>, dialer: Dialer) -> Option<Self> {
        let Inbox::Imap { server, spam, folders } = &mailbox.inbox else { return None };
        let account = Account {
            id: mailbox.id.clone(),
            server: server.clone(),
            spam: spam.clone(),
            folders: folders.clone(),
            user: mailbox.user.clone(),
            password,
            ca_file: mailbox.ca_file.clone(),
            dialer,
            limits: Limits::default(),
        };
        Some(Self { account, since, open: None })
    }

    /// The same source with other bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.account.limits = limits;
        self
    }

    /// The names of the folders that are watched, INBOX first; connects where needed.
    ///
    /// # Errors
    /// [`SourceError`]: the account could not be opened.
    pub async fn folders(&mut self) -> Result<Vec<String>, SourceError> {
        let names = async {
            let mut open = self.account.opened(self.open.take()).await?;
            let mut cursor = Cursor::read(None, self.since);
            let folders = folders::choose(&mut open.session, self.account.named(), &mut cursor).await?;
            self.open = Some(open);
            Ok(folders.into_iter().map(|f| f.name).collect())
        };
        names.await.map_err(|fault| self.account.explain(&fault))
    }
}

impl Account {
    /// The open session, or a new one. Whoever takes it puts it back unless it failed.
    async fn opened(&self, open: Option<Open>) -> Result<Open, Fault> {
        match open {
            Some(open) => Ok(open),
            None => Ok(Open { session: self.open().await?, waiting: None, inbox_next: None }),
        }
    }

    fn named(&self) -> Named<'_> {
        Named { spam: self.spam.as_deref(), folders: &self.folders }
    }

    async fn look(self, open: Option<Open>, cursor: Cursor) -> Result<(Batch, Open), Fault> {
        let reused = open.is_some();
        let mut open = self.opened(open).await?;
        match self.scan(&mut open, cursor.clone()).await {
            Ok(batch) => Ok((batch, open)),
            // The server may have dropped a quiet session: that is no failure of the account.
            Err(fault) if reused && fault.is_of_the_line() => {
                drop(open);
                let mut open = self.opened(None).await?;
                Ok((self.scan(&mut open, cursor).await?, open))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Passes over all folders until one finds nothing new, or the batch is full.
    async fn scan(&self, open: &mut Open, mut cursor: Cursor) -> Result<Batch, Fault> {
        let limits = self.limits;
        let mut room = Room { messages: limits.batch_messages, bytes: limits.batch_bytes };
        let mut messages = Vec::new();
        for _ in 0..PASSES_MAX {
            let folders = folders::choose(&mut open.session, self.named(), &mut cursor).await?;
            let mut news = false;
            for folder in &folders {
                let scan = Scan { folder, limits: &limits, since: cursor.since };
                let scanned =
                    scan.run(&mut open.session, &mut cursor, &mut open.waiting, &mut room, &mut messages).await?;
                if !scanned.done {
                    return Ok(Batch { messages, cursor: cursor.write(), more: true, missed: None });
                }
                if folder.is_inbox {
                    open.inbox_next = scanned.uid_next;
                }
                news |= scanned.news;
            }
            if !news {
                if open.session.is_full().await? {
                    // Noted in the cursor first, so that it is not forgotten when there is room again.
                    let more = cursor.unsettled.is_full() || !messages.is_empty();
                    let batch = Batch { messages, cursor: cursor.write(), more: true, missed: None };
                    return if more { Ok(batch) } else { Err(Fault::Full) };
                }
                let missed = cursor.unsettled.settle().map(|what| format!("mailbox `{}`: {what}", self.id));
                return Ok(Batch { messages, cursor: cursor.write(), more: false, missed });
            }
        }
        Ok(Batch { messages, cursor: cursor.write(), more: true, missed: None })
    }

    /// Waits for INBOX to change; an error means that the session is gone.
    async fn idle(self, mut open: Open, at_most: Duration) -> Result<Open, Fault> {
        let status = open.session.examine("INBOX").await?;
        // What came between the last scan and now is there already.
        if open.inbox_next.is_some_and(|seen| status.uid_next.is_some_and(|next| next != seen)) {
            return Ok(open);
        }
        open.session.idle(at_most.min(self.limits.idle)).await?;
        Ok(open)
    }
}

#[async_trait]
impl Source for ImapSource {
    fn account(&self) -> &AccountId {
        &self.account.id
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError> {
        let cursor = Cursor::read(cursor, self.since);
        let looked = apart(self.account.clone().look(self.open.take(), cursor)).await;
        let (batch, open) = looked.map_err(|fault| self.account.explain(&fault))?;
        self.open = Some(open);
        Ok(batch)
    }

    async fn wait(&mut self, at_most: Duration) {
        let begun = tokio::time::Instant::now();
        if let Some(open) = self.open.take_if(|open| open.session.can_idle) {
            if let Ok(open) = apart(self.account.clone().idle(open, at_most)).await {
                self.open = Some(open);
                return;
            }
            // A lost line may mean anything: look again, after a pause that spares the server.
            let pause = Duration::from_secs(1).min(at_most.saturating_sub(begun.elapsed()));
            return tokio::time::sleep(pause).await;
        }
        tokio::time::sleep(at_most).await;
    }
}

/// Does it in a task of its own, which ends with the caller: an answer on which the parser panics must
/// not end the wave.
async fn apart<T: Send + 'static>(doing: impl Future<Output = Result<T, Fault>> + Send + 'static) -> Result<T, Fault> {
    let mut task = JoinSet::new();
    task.spawn(doing);
    match task.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(_)) | None => Err(Fault::Garbled("an answer that cannot be understood")),
    }
}
