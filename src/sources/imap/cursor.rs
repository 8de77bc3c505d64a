//! Where to go on in each folder of a mailbox, and what is known to have left it unread.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole cursor, as JSON in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Start of the wave.
    pub(super) since: DateTime<Utc>,
    /// By folder name.
    pub(super) folders: BTreeMap<String, Place>,
    /// Folders that the study names, found again under another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) renamed: BTreeMap<String, String>,
    /// What has happened since the mailbox was last covered.
    #[serde(default, skip_serializing_if = "Unsettled::is_empty")]
    pub(super) unsettled: Unsettled,
}

/// Messages that went and came, between two moments of full coverage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unsettled {
    /// By folder: numbers that were given out there, and whose messages were gone before we saw them.
    #[serde(default)]
    left: BTreeMap<String, u64>,
    /// By folder: messages found there for the first time.
    #[serde(default)]
    appeared: BTreeMap<String, u64>,
    /// What else may have been lost, in words.
    #[serde(default)]
    lost: Vec<String>,
    /// Whether the mailbox has been full.
    #[serde(default)]
    was_full: bool,
}

/// A place in one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The folder's numbering: UIDs of another one mean nothing.
    pub(super) uid_validity: u32,
    /// Next UID to look at.
    pub(super) uid_next: u32,
    /// Messages below this UID were there before the numbering was first seen: they are asked for
    /// by date. Later ones are taken whatever date they bear.
    pub(super) by_date_below: u32,
    /// Numbers below this one have been held against the messages that are there.
    #[serde(default)]
    pub(super) counted: u32,
    /// How many messages lay there at the last look.
    #[serde(default)]
    pub(super) exists: u32,
    /// How often its numbers went back: those given out since mean other messages than before.
    #[serde(default)]
    pub(super) restored: u32,
    /// Whether a server delivers into it, so that what leaves it unread matters.
    #[serde(default)]
    pub(super) delivered_into: bool,
}

impl Cursor {
    /// Reads a cursor back. One that makes no sense begins anew: some messages come twice, none is lost.
    pub(super) fn read(text: Option<&str>, since: DateTime<Utc>) -> Self {
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_else(|| Self {
            since,
            folders: BTreeMap::new(),
            renamed: BTreeMap::new(),
            unsettled: Unsettled::default(),
        })
    }

    /// The cursor as text.
    pub(super) fn write(&self) -> String {
        // Maps with text keys and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Unsettled {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// So many messages left a folder before they were read.
    pub(super) fn left(&mut self, folder: &str, count: u64) {
        if count > 0 {
            *self.left.entry(folder.to_owned()).or_default() += count;
        }
    }

    /// A message was found in a folder for the first time.
    pub(super) fn appeared(&mut self, folder: &str) {
        *self.appeared.entry(folder.to_owned()).or_default() += 1;
    }

    /// Something else may have been lost.
    pub(super) fn lost(&mut self, words: String) {
        self.lost.push(words);
    }

    /// The mailbox is full; says whether that is new.
    pub(super) const fn is_full(&mut self) -> bool {
        !std::mem::replace(&mut self.was_full, true)
    }

    /// Every folder has been read to its end: what is still missing is missing for good. A message
    /// that left one folder unread and turned up in another is not.
    pub(super) fn settle(&mut self) -> Option<String> {
        let Self { left, appeared, mut lost, was_full } = std::mem::take(self);
        if was_full {
            lost.push("the mailbox was full, and may have turned mail away".to_owned());
        }
        for (folder, left) in left {
            let elsewhere: u64 = appeared.iter().filter(|(name, _)| **name != folder).map(|(_, n)| n).sum();
            let missing = left.saturating_sub(elsewhere);
            if missing > 0 {
                lost.push(format!(
                    "{missing} message(s) left the folder `{folder}` before they could be read, and are in no other folder"
                ));
            }
        }
        (!lost.is_empty()).then(|| lost.join("; "))
    }
}

impl Place {
    /// The place before the first look at a folder whose UIDNEXT is `uid_next`.
    pub(super) const fn first_look(uid_validity: u32, uid_next: u32, exists: u32, delivered_into: bool) -> Self {
        Self {
            uid_validity,
            uid_next: 1,
            by_date_below: uid_next,
            counted: uid_next,
            exists,
            restored: 0,
            delivered_into,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_broken_one_begins_anew() {
        let since = "2026-03-01T09:00:00Z".parse().unwrap();
        let mut cursor = Cursor::read(None, since);
        cursor.folders.insert("INBOX".to_owned(), Place::first_look(7, 12, 9, true));
        cursor.unsettled.left("INBOX", 2);
        let text = cursor.write();
        assert_eq!(Cursor::read(Some(&text), DateTime::UNIX_EPOCH), cursor);
        assert!(Cursor::read(Some("{"), since).folders.is_empty());
    }

    #[test]
    fn a_cursor_of_an_earlier_version_is_understood() {
        let text = r#"{"since":"2026-03-01T09:00:00Z","folders":{"INBOX":{"uid_validity":7,"uid_next":12,"by_date_below":9}}}"#;
        let cursor = Cursor::read(Some(text), DateTime::UNIX_EPOCH);
        assert_eq!((cursor.folders["INBOX"].uid_next, cursor.folders["INBOX"].counted), (12, 0));
    }

    #[test]
    fn what_left_one_folder_and_came_to_another_is_not_missing() {
        let mut moved = Unsettled::default();
        moved.left("INBOX", 2);
        moved.appeared("Archive");
        moved.appeared("INBOX");
        let missed = moved.settle().unwrap();
        assert!(missed.starts_with("1 message(s) left the folder `INBOX`"), "{missed}");
        moved.left("INBOX", 1);
        moved.appeared("Archive");
        assert_eq!(moved.settle(), None);
    }
}
