//! What in a folder is new, and the bytes of what is.

use super::Limits;
use super::cursor::{Cursor, Place, Unsettled};
use super::fault::Fault;
use super::folders::Folder;
use super::session::{FolderStatus, Listed, Session};
use crate::model::inbound::{RawFormat, RawInbound};
use crate::model::time::Stamp;
use crate::sources::received::topmost_received;
use crate::sources::utf7;
use chrono::{DateTime, TimeDelta, Utc};

/// Most messages that are asked for in one command, and their bytes together: a message that alone
/// is longer is asked for alone.
const MESSAGES_A_COMMAND: usize = 50;
const BYTES_A_COMMAND: u64 = 1 << 20;

/// What still fits into a batch.
pub(super) struct Room {
    pub(super) messages: usize,
    pub(super) bytes: u64,
}

impl Room {
    pub(super) const fn is_full(&self) -> bool {
        self.messages == 0 || self.bytes == 0
    }
}

/// UIDs that a search has found and that are not fetched yet: kept from one batch to the next, so
/// that a folder of 100,000 new messages is opened and searched once: to open it, a server reads all
/// its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    folder: String,
    /// What the folder's opening said.
    status: FolderStatus,
    /// The place at which the rest begins.
    from: u32,
    uids: Vec<u32>,
}

impl Waiting {
    const fn goes_on_at(&self, place: &Place) -> bool {
        self.status.uid_validity == place.uid_validity && self.from == place.uid_next
    }
}

/// One folder's scan.
pub(super) struct Scan<'a> {
    pub(super) folder: &'a Folder,
    pub(super) limits: &'a Limits,
    pub(super) since: DateTime<Utc>,
}

/// What a scan came to.
pub(super) struct Scanned {
    /// Whether the folder was read to its end.
    pub(super) done: bool,
    /// Whether numbers had been given out there since the last scan.
    pub(super) news: bool,
    /// The folder's UIDNEXT.
    pub(super) uid_next: Option<u32>,
}

/// What is new in a folder.
struct New {
    uids: Vec<u32>,
    /// The number below which nothing is left once they are taken.
    end: u32,
}

impl Scan<'_> {
    /// Fetches what is new, as far as there is room.
    pub(super) async fn run(
        &self,
        session: &mut Session,
        cursor: &mut Cursor,
        waiting: &mut Option<Waiting>,
        room: &mut Room,
        messages: &mut Vec<RawInbound>,
    ) -> Result<Scanned, Fault> {
        let name = &self.folder.name;
        let is_open = session.opened.as_ref() == Some(name);
        let goes_on = |w: &Waiting| w.folder == *name && cursor.folders.get(name).is_some_and(|p| w.goes_on_at(p));
        // What comes meanwhile is met in the pass that follows: it opens the folder anew.
        let rest = waiting.take().filter(|w| is_open && goes_on(w));
        let status = match &rest {
            Some(rest) => rest.status,
            None => session.examine(name).await?,
        };
        let Cursor { folders, unsettled, .. } = cursor;
        let place = self.place(folders, unsettled, status);
        let before = place.uid_next;
        let new = match rest {
            Some(rest) => New { uids: rest.uids, end: place.counted },
            None => self.unseen(session, place, unsettled, status).await?,
        };
        let mut left = new.uids.as_slice();
        while !left.is_empty() && !room.is_full() {
            let (now, later) = left.split_at(left.len().min(room.messages).min(MESSAGES_A_COMMAND));
            let taken = self.take(session, place, unsettled, now, room, messages).await?;
            left = if taken < now.len() { &left[taken..] } else { later };
        }
        if left.is_empty() {
            place.uid_next = place.uid_next.max(new.end);
            place.exists = status.exists;
        } else {
            *waiting = Some(Waiting { folder: name.clone(), status, from: place.uid_next, uids: left.to_vec() });
        }
        let scanned = Scanned { done: left.is_empty(), news: place.uid_next != before, uid_next: status.uid_next };
        Ok(scanned)
    }

    /// The place in this folder: where the last scan ended, or anew where the folder was numbered afresh.
    fn place<'p>(
        &self,
        places: &'p mut std::collections::BTreeMap<String, Place>,
        unsettled: &mut Unsettled,
        status: FolderStatus,
    ) -> &'p mut Place {
        let next = status.uid_next.unwrap_or(u32::MAX);
        let fresh = Place::first_look(status.uid_validity, next, status.exists, self.folder.delivered_into);
        let place = places.entry(self.folder.name.clone()).or_insert_with(|| fresh.clone());
        // Numbers that go back belong to a mailbox that was restored from a copy.
        let went_back = status.uid_next.is_some_and(|next| next < place.uid_next);
        if place.uid_validity != status.uid_validity || went_back {
            // Its numbers say nothing any more: whether some were given out unseen cannot be told, but
            // whether the folder was emptied, or set back to an earlier time, can.
            let name = utf7::decode(&self.folder.name);
            let (was, is) = (place.exists, status.exists);
            if self.folder.delivered_into && went_back {
                unsettled.lost(format!("the folder `{name}` was set back to an earlier time"));
            } else if self.folder.delivered_into && is < was {
                unsettled.lost(format!("the folder `{name}` was made anew and holds fewer messages ({is} of {was})"));
            }
            *place = Place { restored: place.restored + u32::from(went_back), ..fresh };
        }
        place.delivered_into = self.folder.delivered_into;
        place
    }

    /// The UIDs to fetch, ascending; and how many numbers were given out to messages that are gone.
    async fn unseen(
        &self,
        session: &mut Session,
        place: &mut Place,
        unsettled: &mut Unsettled,
        status: FolderStatus,
    ) -> Result<New, Fault> {
        let mut uids = Vec::new();
        if place.uid_next < place.by_date_below {
            let day = (self.since - TimeDelta::days(1)).format("%-d-%b-%Y");
            let dated = session.search(&format!("SINCE {day}")).await?;
            uids.extend(dated.into_iter().filter(|uid| (place.uid_next..place.by_date_below).contains(uid)));
        }
        let first = place.uid_next.max(place.by_date_below);
        if status.uid_next.is_none_or(|next| first < next) {
            // `n:*` names the last message even where its UID is below n (RFC 3501 §6.4.8). What comes
            // after EXAMINE has spoken is left to the next scan.
            let found = session.search(&format!("UID {first}:*")).await?;
            let end = status.uid_next.unwrap_or(u32::MAX);
            let new = found.into_iter().filter(|uid| (first..end).contains(uid));
            let counted = place.counted.max(first);
            uids.extend(new);
            uids.sort_unstable();
            uids.dedup();
            if let Some(next) = status.uid_next
                && self.folder.delivered_into
            {
                let there = uids.iter().filter(|uid| **uid >= counted).count() as u64;
                unsettled.left(&self.folder.name, u64::from(next.saturating_sub(counted)).saturating_sub(there));
            }
        }
        uids.sort_unstable();
        uids.dedup();
        let end = status.uid_next.or_else(|| uids.last().map(|last| last + 1)).unwrap_or(place.uid_next);
        place.counted = place.counted.max(end);
        Ok(New { uids, end })
    }

    /// Fetches the first of `uids` that fit, and moves the place behind them. How many it took.
    async fn take(
        &self,
        session: &mut Session,
        place: &mut Place,
        unsettled: &mut Unsettled,
        uids: &[u32],
        room: &mut Room,
        messages: &mut Vec<RawInbound>,
    ) -> Result<usize, Fault> {
        let mut listed = session.list_messages(uids).await?;
        listed.retain(|l| uids.contains(&l.uid));
        listed.sort_unstable_by_key(|l| l.uid);
        listed.dedup_by_key(|l| l.uid);
        let size = |l: &Listed| u64::from(l.size.min(self.limits.message_bytes));
        let mut bytes = 0;
        let fits = |l: &&Listed| {
            bytes += size(l);
            bytes <= BYTES_A_COMMAND.min(room.bytes)
        };
        // One message alone may be longer.
        let count = listed.iter().take_while(fits).count().max(1).min(listed.len());
        let (now, later) = listed.split_at(count);
        let mut bodies = if now.is_empty() {
            std::collections::HashMap::new()
        } else {
            session.bodies(now, self.limits.message_bytes).await?
        };
        let end = later.first().map_or(u32::MAX, |l| l.uid);
        let asked: Vec<u32> = uids.iter().copied().filter(|uid| *uid < end).collect();
        let gone: Vec<u32> = asked.iter().copied().filter(|uid| !bodies.contains_key(uid)).collect();
        self.are_gone(session, &gone).await?;
        if self.folder.delivered_into {
            unsettled.left(&self.folder.name, gone.len() as u64);
        }
        for listed in now {
            let Some(bytes) = bodies.remove(&listed.uid) else { continue };
            room.messages = room.messages.saturating_sub(1);
            room.bytes = room.bytes.saturating_sub(bytes.len() as u64);
            unsettled.appeared(&self.folder.name);
            messages.push(self.inbound(place, listed, bytes)?);
        }
        place.uid_next = asked.last().map_or(place.uid_next, |last| last + 1);
        Ok(asked.len())
    }

    /// Makes sure that messages of which nothing came are gone: one that is there and cannot be had
    /// must not be passed over.
    async fn are_gone(&self, session: &mut Session, uids: &[u32]) -> Result<(), Fault> {
        if uids.is_empty() {
            return Ok(());
        }
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let still = session.search(&format!("UID {set}")).await?;
        match still.first() {
            None => Ok(()),
            Some(uid) => Err(Fault::Refused {
                verb: format!("message {uid} of the folder `{}`", utf7::decode(&self.folder.name)),
                text: "it is there, and its content did not come".to_owned(),
            }),
        }
    }

    fn inbound(&self, place: &Place, listed: &Listed, bytes: Vec<u8>) -> Result<RawInbound, Fault> {
        let restored = if place.restored > 0 { format!(".{}", place.restored) } else { String::new() };
        let locator = format!("{}/{}{restored}/{}", self.folder.name, place.uid_validity, listed.uid);
        // INTERNALDATE is mandatory; should a server omit it, its trace in the message says the same.
        let received = listed.received.or_else(|| topmost_received(&bytes));
        let at = received.ok_or(Fault::Garbled("a message without a date of arrival"))?;
        let received = Stamp::server(at);
        Ok(RawInbound { locator, format: RawFormat::Mail, bytes: bytes.into(), received, in_spam: self.folder.is_spam })
    }
}
