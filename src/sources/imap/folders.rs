//! Which folders of a mailbox are looked into, and what does it mean that one is gone?
//!
//! Mail is delivered into INBOX and the spam folder, and into those that the study names. People and
//! filters move it on from there, so every other folder is looked into as well, but for those that
//! hold what we write ourselves. Only folders that mail is delivered into can lose it unread.

use super::cursor::{Cursor, Place};
use super::fault::Fault;
use super::session::{FolderStatus, Mark, Session, Shown};
use crate::sources::{spam, utf7};
use std::collections::BTreeMap;

/// Folders of what we write ourselves, where the server marks none, in lower case.
const NOT_INBOUND: [&str; 24] = [
    "sent",
    "sent items",
    "sent mail",
    "sent messages",
    "drafts",
    "draft",
    "templates",
    "outbox",
    "posta inviata",
    "inviata",
    "inviati",
    "bozze",
    "posta in uscita",
    "gesendet",
    "gesendete elemente",
    "gesendete objekte",
    "entwürfe",
    "postausgang",
    "envoyés",
    "éléments envoyés",
    "brouillons",
    "enviados",
    "elementos enviados",
    "borradores",
];

/// A folder that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its name, as the server writes it.
    pub(super) name: String,
    pub(super) is_inbox: bool,
    pub(super) is_spam: bool,
    /// Whether a server delivers into it: what leaves it unread may be lost.
    pub(super) delivered_into: bool,
}

/// What the study says of folders.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) spam: Option<&'a str>,
    pub(super) folders: &'a [String],
}

/// The folders to look into, INBOX first. Those that were known and are gone, or stand there anew under
/// their name, are looked for under another one; where that fails, the cursor notes what may be lost.
pub(super) async fn choose(session: &mut Session, named: Named<'_>, cursor: &mut Cursor) -> Result<Vec<Folder>, Fault> {
    let shown = session.folders().await?;
    let mut fresh = Vec::new();
    if !cursor.folders.is_empty() {
        for new in shown.iter().filter(|s| !is_inbox(&s.name) && !cursor.folders.contains_key(&s.name)) {
            fresh.push((new.name.clone(), session.examine(&new.name).await?));
        }
    }
    let known: Vec<(String, Place)> = cursor.folders.iter().map(|(n, p)| (n.clone(), p.clone())).collect();
    for (name, place) in known {
        let is_there = is_inbox(&name) || is_shown(&shown, &name);
        let is_it = |status: &FolderStatus| status.uid_validity == place.uid_validity && status.exists >= place.exists;
        match fresh.iter().find(|(_, status)| is_it(status)) {
            Some(_) if is_there && session.examine(&name).await?.uid_validity == place.uid_validity => {}
            Some((now, _)) => {
                if !is_there {
                    let original = cursor.renamed.iter().find(|(_, new)| **new == name).map_or(&name, |(old, _)| old);
                    cursor.renamed.insert(original.clone(), now.clone());
                }
                cursor.folders.remove(&name);
            }
            // One that the study names is missed below, until it is there again.
            None if is_there || named.contains(&name) => {}
            None => {
                if place.delivered_into {
                    let name = utf7::decode(&name);
                    cursor
                        .unsettled
                        .lost(format!("the folder `{name}` is gone, with what came into it since the last look"));
                }
                cursor.folders.remove(&name);
            }
        }
    }
    watched(&shown, named, &cursor.renamed)
}

fn is_inbox(name: &str) -> bool {
    name.eq_ignore_ascii_case("INBOX")
}

fn is_shown(shown: &[Shown], name: &str) -> bool {
    shown.iter().any(|s| s.name == name)
}

impl Named<'_> {
    fn contains(&self, wire: &str) -> bool {
        let all = self.spam.into_iter().chain(self.folders.iter().map(String::as_str));
        all.into_iter().any(|name| utf7::encode(name) == wire)
    }
}

/// INBOX, the spam folders, those that the study names, and all the others that mail may be moved into.
fn watched(shown: &[Shown], named: Named<'_>, renamed: &BTreeMap<String, String>) -> Result<Vec<Folder>, Fault> {
    let find = |name: &str| {
        let wire = utf7::encode(name);
        let wire = renamed.get(&wire).unwrap_or(&wire);
        let known = || shown.iter().map(|s| utf7::decode(&s.name)).collect();
        if is_shown(shown, wire) || is_inbox(wire) {
            return Ok(wire.clone());
        }
        // Some servers write UTF-8.
        let plain = shown.iter().find(|s| s.name == name).map(|s| s.name.clone());
        plain.ok_or_else(|| Fault::NoFolder { name: name.to_owned(), known: known() })
    };
    let spam = match named.spam {
        Some(name) => vec![find(name)?],
        None => marked_or_named_spam(shown, renamed),
    };
    let mut folders = vec![Folder { name: "INBOX".to_owned(), is_inbox: true, is_spam: false, delivered_into: true }];
    let mut add = |name: String, is_spam: bool, delivered_into: bool| {
        if !is_inbox(&name) && !folders.iter().any(|f: &Folder| f.name == name) {
            folders.push(Folder { name, is_inbox: false, is_spam, delivered_into });
        }
    };
    for name in spam {
        add(name, true, true);
    }
    for name in named.folders {
        add(find(name)?, false, true);
    }
    for other in shown.iter().filter(|s| s.mark != Mark::NotInbound && !NOT_INBOUND.contains(&leaf(s).as_str())) {
        add(other.name.clone(), false, false);
    }
    Ok(folders)
}

/// Where the server marks none (RFC 6154), the names must tell. One that was known as such and renamed remains one.
fn marked_or_named_spam(shown: &[Shown], renamed: &BTreeMap<String, String>) -> Vec<String> {
    let of = |is: &dyn Fn(&Shown) -> bool| shown.iter().filter(|s| is(s)).map(|s| s.name.clone()).collect::<Vec<_>>();
    let marked = of(&|s| s.mark == Mark::Junk);
    let mut spam = if marked.is_empty() { of(&|s| spam::is_spam_folder(&leaf(s))) } else { marked };
    let was_spam = |old: &str| spam::is_spam_folder(old.rsplit(['/', '.']).next().unwrap_or(old));
    spam.extend(renamed.iter().filter(|(old, new)| was_spam(old) && is_shown(shown, new)).map(|(_, new)| new.clone()));
    spam
}

/// A folder's own name, without those above it, as people read it, in lower case.
fn leaf(shown: &Shown) -> String {
    let own = shown.delimiter.and_then(|d| shown.name.rsplit(d).next()).unwrap_or(&shown.name);
    utf7::decode(own).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, mark: Mark) -> Shown {
        Shown { name: name.to_owned(), delimiter: Some('/'), mark }
    }

    fn names(folders: &[Folder]) -> Vec<(&str, bool, bool)> {
        folders.iter().map(|f| (f.name.as_str(), f.is_spam, f.delivered_into)).collect()
    }

    #[test]
    fn every_folder_that_mail_may_be_moved_into_is_looked_into() {
        let all = [
            shown("Archivio", Mark::None),
            shown("INBOX", Mark::None),
            shown("INBOX/Bozze", Mark::None),
            shown("Posta indesiderata", Mark::None),
            shown("Sent", Mark::NotInbound),
            shown("Risposte", Mark::None),
        ];
        let named = Named { spam: None, folders: &["Risposte".to_owned()] };
        let folders = watched(&all, named, &BTreeMap::new()).unwrap();
        assert_eq!(
            names(&folders),
            [
                ("INBOX", false, true),
                ("Posta indesiderata", true, true),
                ("Risposte", false, true),
                ("Archivio", false, false)
            ]
        );
    }

    #[test]
    fn a_mark_goes_before_a_name_and_a_new_name_is_followed() {
        let all = [shown("Junk", Mark::None), shown("Cestino/Verdacht", Mark::Junk), shown("Neu", Mark::None)];
        let renamed = BTreeMap::from([("Alt".to_owned(), "Neu".to_owned())]);
        let named = Named { spam: None, folders: &["Alt".to_owned()] };
        let folders = watched(&all, named, &renamed).unwrap();
        assert_eq!(
            names(&folders),
            [("INBOX", false, true), ("Cestino/Verdacht", true, true), ("Neu", false, true), ("Junk", false, false)]
        );
        let missing = watched(&all, named, &BTreeMap::new()).unwrap_err();
        assert!(matches!(missing, Fault::NoFolder { name, .. } if name == "Alt"));
    }
}
