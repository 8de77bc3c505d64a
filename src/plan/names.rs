//! Addresses and message ids that belong to one inquiry alone, and look like anybody's.
//!
//! They follow from study, wave and inquiry, so that two waves never share one, and a late reply
//! to last year's wave is not taken for this year's.

use super::chance::{Chance, digest};
use crate::model::ids::{InquiryId, StudyId, WaveId, slug};
use crate::model::study::{AliasKind, Mailbox, Persona};
use std::collections::HashSet;

/// Tries after which an alias gets one digit more: names stay short in small waves, and there are
/// enough of them in large ones.
const TRIES_A_LENGTH: usize = 6;
/// Digits that an alias never exceeds.
const DIGITS_MAX: usize = 9;
/// First and last of the birth years that a local part may end in.
const BIRTH_YEARS: (usize, usize) = (1958, 2003);
/// Ordinary words for `local+word@domain`.
const TAGS: [&str; 12] = ["web", "mail", "info", "box", "home", "post", "note", "shop", "web1", "priv", "online", "it"];

/// Gives out names within one wave; no address twice.
pub(crate) struct Names<'s> {
    study: &'s StudyId,
    wave: &'s WaveId,
    taken: HashSet<String>,
}

impl<'s> Names<'s> {
    /// The mailboxes' own addresses are taken from the start: a reply to one of them proves nothing.
    pub(crate) fn new(study: &'s StudyId, wave: &'s WaveId, mailboxes: &[Mailbox]) -> Self {
        Self { study, wave, taken: mailboxes.iter().map(|m| m.address.to_lowercase()).collect() }
    }

    /// The address that replies to an inquiry come to, and whether it is the inquiry's own.
    pub(crate) fn reply_to(&mut self, mailbox: &Mailbox, persona: &Persona, inquiry: &InquiryId) -> (String, bool) {
        let Some((local, domain)) = mailbox.address.rsplit_once('@') else { return (mailbox.address.clone(), false) };
        let mut chance = Chance::of(0, &["alias", self.study.as_str(), self.wave.as_str(), inquiry.as_str()]);
        // Bounded: each length has ten times the names of the one before, and a wave is finite.
        for round in 0..=TRIES_A_LENGTH * DIGITS_MAX {
            let own = match mailbox.alias {
                AliasKind::None => break,
                AliasKind::CatchAll => human_local_part(&name_parts(persona, local), round, &mut chance),
                AliasKind::Plus => plus_local_part(local, round, &mut chance),
            };
            let address = format!("{own}@{domain}");
            if self.taken.insert(address.to_lowercase()) {
                return (address, true);
            }
        }
        (mailbox.address.clone(), false)
    }

    /// A Message-ID without angle brackets: a version-4-shaped UUID (RFC 9562 §5.4), as common mail
    /// clients make them, at the mailbox's domain; the bare UUID where no mailbox is used.
    pub(crate) fn message_id(&self, mailbox: Option<&Mailbox>, inquiry: &InquiryId, message: usize) -> String {
        let purpose = ["message-id", self.study.as_str(), self.wave.as_str(), inquiry.as_str(), &message.to_string()];
        let mut bytes = digest(0, &purpose);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = hex::encode(&bytes[..16]);
        let uuid = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        match mailbox.and_then(|m| m.address.rsplit_once('@')) {
            Some((_, domain)) => format!("{uuid}@{domain}"),
            None => uuid,
        }
    }
}

/// First and last name in ASCII; from the address where the name has no letter that ASCII knows.
fn name_parts(persona: &Persona, local: &str) -> (String, String) {
    let parts_of = |text: &str| -> Vec<String> {
        let parts = slug(text);
        parts.split('-').filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    let mut parts = parts_of(&persona.name);
    if parts.is_empty() {
        parts = parts_of(local);
    }
    let first = parts.first().cloned().unwrap_or_else(|| "posta".into());
    let last = if parts.len() > 1 { parts.last().cloned() } else { None };
    (first, last.unwrap_or_default())
}

fn human_local_part((first, last): &(String, String), round: usize, chance: &mut Chance) -> String {
    let initial = first.get(..1).unwrap_or_default();
    let last_initial = last.get(..1).unwrap_or_default();
    let base = if last.is_empty() {
        first.clone()
    } else {
        match chance.below(10) {
            0 => format!("{first}.{last}"),
            1 => format!("{initial}.{last}"),
            2 => format!("{last}{first}"),
            3 => format!("{last}.{first}"),
            4 => format!("{first}{last}"),
            5 => format!("{first}_{last}"),
            6 => format!("{initial}{last}"),
            7 => format!("{last}.{initial}"),
            8 => format!("{first}.{last_initial}"),
            _ => format!("{first}-{last}"),
        }
    };
    base + &number(round, chance)
}

fn plus_local_part(local: &str, round: usize, chance: &mut Chance) -> String {
    let base = local.split_once('+').map_or(local, |(base, _)| base);
    let tag = chance.pick(&TAGS).copied().unwrap_or("web");
    format!("{base}+{tag}{}", number(round, chance))
}

/// What people put behind a name that is taken: nothing, two digits, a year; longer later on.
fn number(round: usize, chance: &mut Chance) -> String {
    if round < TRIES_A_LENGTH {
        return match chance.below(4) {
            0 => String::new(),
            1 => (BIRTH_YEARS.0 + chance.below(BIRTH_YEARS.1 - BIRTH_YEARS.0 + 1)).to_string(),
            _ => format!("{:02}", chance.below(100)),
        };
    }
    let digits = (2 + round / TRIES_A_LENGTH).min(DIGITS_MAX);
    (0..digits).map(|_| char::from(b'0' + u8::try_from(chance.below(10)).unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::study::Inbox;

    fn mailbox(alias: AliasKind) -> Mailbox {
        Mailbox {
            id: "posta".parse().unwrap(),
            address: "enrico@posta-prova.example".into(),
            alias,
            smtp: None,
            inbox: Inbox::Maildir { path: "mail".into() },
            user: String::new(),
            password: None,
            ca_file: None,
            copy: false,
        }
    }

    fn persona(name: &str) -> Persona {
        Persona {
            id: "enrico".parse().unwrap(),
            name: name.into(),
            phone: None,
            details: std::collections::BTreeMap::default(),
            mailbox: None,
            mastodon: None,
        }
    }

    fn addresses(wave: &str, alias: AliasKind, name: &str, count: usize) -> Vec<String> {
        let (study, wave) = ("s".parse().unwrap(), wave.parse().unwrap());
        let mailbox = mailbox(alias);
        let mut names = Names::new(&study, &wave, std::slice::from_ref(&mailbox));
        let id = |n: usize| InquiryId::from(format!("c{n}.email.q.1").as_str());
        (0..count).map(|n| names.reply_to(&mailbox, &persona(name), &id(n)).0).collect()
    }

    #[test]
    fn aliases_look_like_people_and_never_repeat() {
        let count = 20_000;
        let all = addresses("w1", AliasKind::CatchAll, "Enrico Riva", count);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), count);
        for address in &all {
            let local = address.strip_suffix("@posta-prova.example").unwrap();
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
            assert!(local.bytes().all(plain) && local.starts_with(|c: char| c.is_ascii_lowercase()), "{local}");
            assert!(local.contains("riva") || local.contains("enrico"), "{local}");
            assert_ne!(address, "enrico@posta-prova.example");
        }
        let digits = |a: &str| a.bytes().filter(u8::is_ascii_digit).count();
        assert!(all[..50].iter().all(|a| digits(a) <= 4), "few inquiries get short names: {:?}", &all[..50]);
    }

    #[test]
    fn another_wave_has_other_aliases() {
        let (first, second) = (["w1", "w2"]).map(|w| addresses(w, AliasKind::CatchAll, "Enrico Riva", 40)).into();
        assert_eq!(first, addresses("w1", AliasKind::CatchAll, "Enrico Riva", 40));
        let same = first.iter().zip(&second).filter(|(a, b)| a == b).count();
        assert!(same <= 2, "{same} of 40");
    }

    #[test]
    fn names_of_any_script_give_ascii() {
        for (name, expected) in [("Жанна Агузарова", "enrico"), ("Łucja", "ucja"), ("Ödön von Horváth", "o")]
        {
            for address in addresses("w", AliasKind::CatchAll, name, 20) {
                assert!(address.is_ascii() && address.contains(expected), "{name}: {address}");
            }
        }
    }

    #[test]
    fn plus_addresses_keep_the_mailbox_and_plain_ones_are_shared() {
        let plus = addresses("w", AliasKind::Plus, "Enrico Riva", 5_000);
        assert_eq!(plus.iter().collect::<HashSet<_>>().len(), 5_000);
        assert!(plus.iter().all(|a| a.starts_with("enrico+") && a.ends_with("@posta-prova.example")));
        let none = addresses("w", AliasKind::None, "Enrico Riva", 3);
        assert!(none.iter().all(|a| a == "enrico@posta-prova.example"));
    }

    #[test]
    fn message_ids_are_uuids_at_the_mailboxs_domain() {
        let (study, wave): (StudyId, WaveId) = ("s".parse().unwrap(), "w".parse().unwrap());
        let mailbox = mailbox(AliasKind::None);
        let names = Names::new(&study, &wave, &[]);
        let id = names.message_id(Some(&mailbox), &"a.email.q.1".into(), 0);
        let (uuid, domain) = id.split_once('@').unwrap();
        assert_eq!(domain, "posta-prova.example");
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
        assert_ne!(id, names.message_id(Some(&mailbox), &"a.email.q.1".into(), 1));
    }
}
