//! The personas' mailboxes: what arrived, in which folder, and when.

use crate::model::ids::AccountId;
use crate::model::study::Mailbox;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::watch;

/// The folders of every mailbox, in the order in which they are listed.
pub(super) const FOLDERS: [Folder; 2] = [Folder::Inbox, Folder::Junk];

/// A folder of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// Where mail arrives.
    Inbox,
    /// Where what looks like spam arrives.
    Junk,
}

/// A message as it lies in a folder. Its UID is its place from 1: nothing is ever expunged.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// When it was delivered (INTERNALDATE).
    pub(super) received: DateTime<Utc>,
    /// Its bytes.
    pub(super) bytes: Arc<[u8]>,
}

/// One persona's mail account.
#[derive(Debug)]
pub(super) struct Postbox {
    id: AccountId,
    address: String,
    user: String,
    letters: [Vec<Letter>; 2],
    arrivals: watch::Sender<usize>,
}

/// All mail accounts of the town.
#[derive(Debug, Default)]
pub(super) struct Mailroom {
    boxes: Vec<Postbox>,
}

impl Mailroom {
    /// An empty mailbox for each account of the study.
    pub(super) fn new(accounts: &[Mailbox]) -> Self {
        let open = |account: &Mailbox| Postbox {
            id: account.id.clone(),
            address: account.address.to_ascii_lowercase(),
            user: account.user.clone(),
            letters: [Vec::new(), Vec::new()],
            arrivals: watch::channel(0).0,
        };
        Self { boxes: accounts.iter().map(open).collect() }
    }

    /// The mailbox a user name opens: an account's user name, address or id; any name where
    /// there is only one account.
    pub(super) fn login(&self, user: &str) -> Option<usize> {
        let named = |b: &Postbox| b.user == user || b.address.eq_ignore_ascii_case(user) || b.id.as_str() == user;
        self.boxes.iter().position(named).or_else(|| (self.boxes.len() == 1).then_some(0))
    }

    /// The mailbox of that account.
    pub(super) fn of_account(&self, account: &AccountId) -> Option<usize> {
        self.boxes.iter().position(|b| b.id == *account)
    }

    /// The mailbox that an address leads to: its own, a plus-address of it, or any address of
    /// its domain (catch-all; the first account of a domain takes what no other claims).
    pub(super) fn at_address(&self, address: &str) -> Option<usize> {
        let address = address.to_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let plain = format!("{}@{domain}", local.split('+').next().unwrap_or(local));
        let domain_of = |b: &Postbox| b.address.rsplit_once('@').map(|(_, d)| d.to_owned());
        let exact = |b: &Postbox| b.address == address || b.address == plain;
        self.boxes
            .iter()
            .position(exact)
            .or_else(|| self.boxes.iter().position(|b| domain_of(b).as_deref() == Some(domain)))
    }

    /// Puts a message into a folder. NUL bytes, which IMAP cannot carry, are left out.
    pub(super) fn deliver(&mut self, postbox: usize, folder: Folder, received: DateTime<Utc>, bytes: Vec<u8>) {
        let Some(postbox) = self.boxes.get_mut(postbox) else { return };
        let bytes: Vec<u8> = bytes.into_iter().filter(|b| *b != 0).collect();
        postbox.letters[folder as usize].push(Letter { received, bytes: bytes.into() });
        postbox.arrivals.send_modify(|arrived| *arrived += 1);
    }

    /// The messages of a folder, oldest first.
    pub(super) fn letters(&self, postbox: usize, folder: Folder) -> &[Letter] {
        self.boxes.get(postbox).map_or(&[], |b| b.letters[folder as usize].as_slice())
    }

    /// Tells of arrivals in a mailbox.
    pub(super) fn arrivals(&self, postbox: usize) -> Option<watch::Receiver<usize>> {
        self.boxes.get(postbox).map(|b| b.arrivals.subscribe())
    }
}
