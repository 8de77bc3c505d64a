//! Where to go on in each folder of a mailbox.

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
}

impl Cursor {
    /// Reads a cursor back. One that makes no sense begins anew: some messages come twice, none is lost.
    pub(super) fn read(text: Option<&str>, since: DateTime<Utc>) -> Self {
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_else(|| Self { since, folders: BTreeMap::new() })
    }

    /// The cursor as text.
    pub(super) fn write(&self) -> String {
        // Maps with text keys and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Place {
    /// The place before the first look at a folder whose UIDNEXT is `uid_next`.
    pub(super) const fn first_look(uid_validity: u32, uid_next: u32) -> Self {
        Self { uid_validity, uid_next: 1, by_date_below: uid_next }
    }

    /// Begins anew where the folder was numbered afresh.
    pub(super) fn renumber(&mut self, uid_validity: u32, uid_next: u32) {
        if self.uid_validity != uid_validity {
            *self = Self::first_look(uid_validity, uid_next);
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
        cursor.folders.insert("INBOX".to_owned(), Place { uid_validity: 7, uid_next: 12, by_date_below: 9 });
        let text = cursor.write();
        assert_eq!(Cursor::read(Some(&text), DateTime::UNIX_EPOCH), cursor);
        assert!(Cursor::read(Some("{"), since).folders.is_empty());
    }

    #[test]
    fn a_folder_numbered_afresh_is_scanned_by_date_again() {
        let mut place = Place { uid_validity: 7, uid_next: 12, by_date_below: 9 };
        place.renumber(7, 20);
        assert_eq!(place.uid_next, 12);
        place.renumber(8, 20);
        assert_eq!(place, Place { uid_validity: 8, uid_next: 1, by_date_below: 20 });
    }
}
