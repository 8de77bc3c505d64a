//! SEARCH and FETCH on a folder of the personas' mailboxes.
//!
//! Nothing is ever expunged, so a message's UID is its sequence number.

use super::mailroom::Letter;
use chrono::{DateTime, NaiveDate, Utc};
use imap_next::imap_types::core::{Literal, NString, Vec1};
use imap_next::imap_types::datetime::DateTime as ImapDateTime;
use imap_next::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName, Section};
use imap_next::imap_types::response::Data;
use imap_next::imap_types::search::SearchKey;
use imap_next::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};
use imap_next::server::Server;
use std::num::NonZeroU32;

/// Answers SEARCH. Knows what a reader of mail needs: sets, dates, flags (none is ever set).
pub(super) fn search(
    letters: &[Letter],
    criteria: &[SearchKey<'_>],
    uid: bool,
    server: &mut Server,
) -> Result<&'static str, &'static str> {
    let last = count(letters);
    let mut found = Vec::new();
    for (number, letter) in numbered(letters) {
        let mut all = true;
        for key in criteria {
            all &= matches(key, number, letter, last).ok_or("this search is not known here")?;
        }
        found.extend(all.then_some(number));
    }
    server.enqueue_data(Data::Search(found));
    Ok(if uid { "UID SEARCH done" } else { "SEARCH done" })
}

/// Answers FETCH: flags, dates, sizes, and the whole message, its header or its text.
pub(super) fn fetch(
    letters: &[Letter],
    set: &SequenceSet,
    names: &MacroOrMessageDataItemNames<'_>,
    uid: bool,
    server: &mut Server,
) -> Result<&'static str, &'static str> {
    let names = match names {
        MacroOrMessageDataItemNames::Macro(short) => short.expand(),
        MacroOrMessageDataItemNames::MessageDataItemNames(names) => names.clone(),
    };
    let last = count(letters);
    for (number, letter) in numbered(letters).filter(|(number, _)| contains(set, number.get(), last)) {
        let mut items = Vec::new();
        if uid && !names.contains(&MessageDataItemName::Uid) {
            items.push(MessageDataItem::Uid(number));
        }
        for name in &names {
            items.push(item(name, number, letter).ok_or("this item is not known here")?);
        }
        let items = Vec1::try_from(items).map_err(|_| "nothing was asked for")?;
        server.enqueue_data(Data::Fetch { seq: number, items });
    }
    Ok(if uid { "UID FETCH done" } else { "FETCH done" })
}

fn item(name: &MessageDataItemName<'_>, number: NonZeroU32, letter: &Letter) -> Option<MessageDataItem<'static>> {
    let bytes = &letter.bytes;
    let body_at = bytes.windows(4).position(|w| w == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    Some(match name {
        MessageDataItemName::Flags => MessageDataItem::Flags(Vec::new()),
        MessageDataItemName::InternalDate => MessageDataItem::InternalDate(internal_date(letter.received)?),
        MessageDataItemName::Rfc822Size => MessageDataItem::Rfc822Size(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
        MessageDataItemName::Uid => MessageDataItem::Uid(number),
        MessageDataItemName::Rfc822 => MessageDataItem::Rfc822(literal(bytes)?),
        MessageDataItemName::Rfc822Header => MessageDataItem::Rfc822Header(literal(&bytes[..body_at])?),
        MessageDataItemName::Rfc822Text => MessageDataItem::Rfc822Text(literal(&bytes[body_at..])?),
        MessageDataItemName::BodyExt { section, partial, .. } => {
            let (section, whole) = match section {
                None => (None, &bytes[..]),
                Some(Section::Header(None)) => (Some(Section::Header(None)), &bytes[..body_at]),
                Some(Section::Text(None)) => (Some(Section::Text(None)), &bytes[body_at..]),
                Some(_) => return None,
            };
            let (origin, length) = partial.map_or((0, whole.len()), |(from, n)| (from as usize, n.get() as usize));
            let from = origin.min(whole.len());
            let part = &whole[from..from.saturating_add(length).min(whole.len())];
            MessageDataItem::BodyExt { section, origin: partial.map(|(from, _)| from), data: literal(part)? }
        }
        _ => return None,
    })
}

fn literal(bytes: &[u8]) -> Option<NString<'static>> {
    Literal::try_from(bytes.to_vec()).ok().map(NString::from)
}

fn internal_date(at: DateTime<Utc>) -> Option<ImapDateTime> {
    ImapDateTime::try_from(at.fixed_offset()).ok()
}

/// Whether a message matches; `None` where the key is not known here.
fn matches(key: &SearchKey<'_>, number: NonZeroU32, letter: &Letter, last: u32) -> Option<bool> {
    let day = |day: &imap_next::imap_types::datetime::NaiveDate| -> NaiveDate { *day.as_ref() };
    let arrived = letter.received.date_naive();
    Some(match key {
        SearchKey::All
        | SearchKey::Unseen
        | SearchKey::Unanswered
        | SearchKey::Undeleted
        | SearchKey::Undraft
        | SearchKey::Unflagged
        | SearchKey::Old => true,
        SearchKey::Seen
        | SearchKey::Answered
        | SearchKey::Deleted
        | SearchKey::Draft
        | SearchKey::Flagged
        | SearchKey::New
        | SearchKey::Recent => false,
        SearchKey::Uid(set) | SearchKey::SequenceSet(set) => contains(set, number.get(), last),
        SearchKey::Since(date) => arrived >= day(date),
        SearchKey::Before(date) => arrived < day(date),
        SearchKey::On(date) => arrived == day(date),
        SearchKey::Larger(size) => letter.bytes.len() > *size as usize,
        SearchKey::Smaller(size) => letter.bytes.len() < *size as usize,
        SearchKey::Not(inner) => !matches(inner, number, letter, last)?,
        SearchKey::Or(one, other) => matches(one, number, letter, last)? | matches(other, number, letter, last)?,
        SearchKey::And(keys) => keys
            .as_ref()
            .iter()
            .map(|k| matches(k, number, letter, last))
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .all(|m| m),
        _ => return None,
    })
}

/// Whether a number is in a set. `*` is the last message; a range holds either way round, so
/// that `9:*` always finds the last one (RFC 3501 section 6.4.8).
fn contains(set: &SequenceSet, number: u32, last: u32) -> bool {
    let value = |v: SeqOrUid| match v {
        SeqOrUid::Value(n) => n.get(),
        SeqOrUid::Asterisk => last,
    };
    set.0.as_ref().iter().any(|sequence| match *sequence {
        Sequence::Single(one) => value(one) == number,
        Sequence::Range(a, b) => {
            let (a, b) = (value(a), value(b));
            (a.min(b)..=a.max(b)).contains(&number)
        }
    })
}

fn numbered(letters: &[Letter]) -> impl Iterator<Item = (NonZeroU32, &Letter)> {
    (1..=u32::MAX).filter_map(NonZeroU32::new).zip(letters)
}

fn count(letters: &[Letter]) -> u32 {
    u32::try_from(letters.len()).unwrap_or(u32::MAX)
}
