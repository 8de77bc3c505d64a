//! IMAP: what arrived in a mailbox since the cursor.
//!
//! A scan by UID from the cursor decides; IDLE only wakes. Folders are opened read-only (EXAMINE)
//! and bodies peeked at, so nothing on the server changes, not even a flag.
//!
//! **The cursor** holds, for each folder, its UIDVALIDITY and the next UID to look at. At the first
//! look, and whenever UIDVALIDITY changes, messages that were there already are asked for by date
//! only (`SEARCH SINCE` the day before the wave began): a mailbox of 100,000 old messages is not
//! downloaded, and a mailbox that is read late loses nothing.

mod cursor;
mod session;
mod utf7;

use super::received::topmost_received;
use super::{Batch, Source, SourceError};
use crate::model::channel::Channel;
use crate::model::ids::AccountId;
use crate::model::inbound::{RawFormat, RawInbound};
use crate::model::study::{Inbox, Mailbox, Server};
use crate::model::time::Stamp;
use crate::net::Dialer;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use cursor::{Cursor, Place};
use secrecy::SecretString;
use session::{Fault, Folder, Listed, Session};
use std::time::Duration;

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

/// A logged-in session and the folders that are watched.
struct Open {
    session: Session,
    folders: Vec<Folder>,
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
        let open = self.opened().await.map_err(|fault| self.account.explain(fault))?;
        let names = open.folders.iter().map(|f| f.name.clone()).collect();
        self.open = Some(open);
        Ok(names)
    }

    /// Takes the open session, or opens one. Whoever takes it puts it back unless it failed.
    async fn opened(&mut self) -> Result<Open, Fault> {
        match self.open.take() {
            Some(open) => Ok(open),
            None => self.account.open().await,
        }
    }

    async fn look(&mut self, cursor: Option<&str>) -> Result<Batch, Fault> {
        let mut cursor = Cursor::read(cursor, self.since);
        let reused = self.open.is_some();
        let mut open = self.opened().await?;
        let batch = match self.scan(&mut open, &mut cursor).await {
            // The server may have dropped a quiet session: that is no failure of the account.
            Err(Fault::Lost(_)) if reused => {
                open = self.account.open().await?;
                self.scan(&mut open, &mut cursor).await?
            }
            other => other?,
        };
        self.open = Some(open);
        Ok(batch)
    }

    async fn scan(&self, open: &mut Open, cursor: &mut Cursor) -> Result<Batch, Fault> {
        let limits = self.account.limits;
        let mut room = Room { messages: limits.batch_messages, bytes: limits.batch_bytes };
        let (mut messages, mut more) = (Vec::new(), false);
        for folder in &open.folders {
            if room.is_full() {
                more = true;
                break;
            }
            let scan = Scan { folder, limits: &limits, since: cursor.since };
            let done = scan.run(&mut open.session, &mut cursor.folders, &mut room, &mut messages).await?;
            if folder.is_inbox {
                open.inbox_next = done;
            }
            if done.is_none() {
                more = true;
                break;
            }
        }
        Ok(Batch { messages, cursor: cursor.write(), more })
    }

    /// Waits for INBOX to change; an error means that the session is gone.
    async fn idle(&self, mut open: Open, at_most: Duration) -> Result<Open, Fault> {
        let status = open.session.examine(&open.folders[0]).await?;
        // What came between the last scan and now is there already.
        if open.inbox_next.is_some_and(|seen| status.uid_next.is_some_and(|next| next != seen)) {
            return Ok(open);
        }
        open.session = open.session.idle(at_most.min(self.account.limits.idle)).await?;
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
        self.look(cursor).await.map_err(|fault| self.account.explain(fault))
    }

    async fn wait(&mut self, at_most: Duration) {
        let begun = tokio::time::Instant::now();
        if let Some(open) = self.open.take_if(|open| open.session.can_idle) {
            if let Ok(open) = self.idle(open, at_most).await {
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

/// What still fits into a batch.
struct Room {
    messages: usize,
    bytes: u64,
}

impl Room {
    const fn is_full(&self) -> bool {
        self.messages == 0 || self.bytes == 0
    }
}

/// One folder's scan.
struct Scan<'a> {
    folder: &'a Folder,
    limits: &'a Limits,
    since: DateTime<Utc>,
}

impl Scan<'_> {
    /// Fetches what is new, as far as there is room. The folder's UIDNEXT where nothing is left.
    async fn run(
        &self,
        session: &mut Session,
        places: &mut std::collections::BTreeMap<String, Place>,
        room: &mut Room,
        messages: &mut Vec<RawInbound>,
    ) -> Result<Option<u32>, Fault> {
        let status = session.examine(self.folder).await?;
        let next = status.uid_next.unwrap_or(u32::MAX);
        let place = places
            .entry(self.folder.name.clone())
            .and_modify(|place| place.renumber(status.uid_validity, next))
            .or_insert_with(|| Place::first_look(status.uid_validity, next));
        let uids = self.unseen(session, place, status.uid_next).await?;
        let mut waiting = uids.as_slice();
        while !waiting.is_empty() && !room.is_full() {
            let (now, later) = waiting.split_at(waiting.len().min(room.messages).min(100));
            let taken = self.take(session, place, now, room, messages).await?;
            if taken < now.len() {
                return Ok(None);
            }
            waiting = later;
        }
        if waiting.is_empty() {
            place.uid_next = place.uid_next.max(status.uid_next.unwrap_or(0));
            return Ok(Some(next));
        }
        Ok(None)
    }

    /// The UIDs to fetch, ascending.
    async fn unseen(&self, session: &mut Session, place: &Place, uid_next: Option<u32>) -> Result<Vec<u32>, Fault> {
        let mut uids = Vec::new();
        if place.uid_next < place.by_date_below {
            let day = (self.since - TimeDelta::days(1)).format("%-d-%b-%Y");
            let dated = session.search(&format!("SINCE {day}")).await?;
            uids.extend(dated.into_iter().filter(|uid| (place.uid_next..place.by_date_below).contains(uid)));
        }
        let first = place.uid_next.max(place.by_date_below);
        if uid_next.is_none_or(|next| first < next) {
            // `n:*` names the last message even where its UID is below n (RFC 3501 §6.4.8).
            let new = session.search(&format!("UID {first}:*")).await?;
            uids.extend(new.into_iter().filter(|uid| *uid >= first));
        }
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Fetches the first of `uids` that fit, and moves the place behind them. How many it took.
    async fn take(
        &self,
        session: &mut Session,
        place: &mut Place,
        uids: &[u32],
        room: &mut Room,
        messages: &mut Vec<RawInbound>,
    ) -> Result<usize, Fault> {
        let listed = session.list_messages(uids).await?;
        let mut taken = 0;
        for uid in uids {
            if room.is_full() {
                return Ok(taken);
            }
            if let Some(listed) = listed.iter().find(|l| l.uid == *uid) {
                let wanted = listed.size.min(self.limits.message_bytes);
                if taken > 0 && u64::from(wanted) > room.bytes {
                    return Ok(taken);
                }
                if let Some(bytes) = session.body(listed, self.limits.message_bytes).await? {
                    room.messages -= 1;
                    room.bytes = room.bytes.saturating_sub(bytes.len() as u64);
                    messages.push(self.inbound(place, listed, bytes)?);
                }
            }
            place.uid_next = uid + 1;
            taken += 1;
        }
        Ok(taken)
    }

    fn inbound(&self, place: &Place, listed: &Listed, bytes: Vec<u8>) -> Result<RawInbound, Fault> {
        let locator = format!("{}/{}/{}", self.folder.name, place.uid_validity, listed.uid);
        // INTERNALDATE is mandatory; should a server omit it, its trace in the message says the same.
        let received = listed.received.or_else(|| topmost_received(&bytes));
        let at = received.ok_or_else(|| Fault::Refused(format!("no date of arrival for {locator}")))?;
        let received = Stamp::server(at);
        Ok(RawInbound { locator, format: RawFormat::Mail, bytes, received, in_spam: self.folder.is_spam })
    }
}
