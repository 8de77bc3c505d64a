//! Whether those who ask have the accounts that their channels need.

use super::build::Draft;
use super::finding::Finding;
use super::texts::personas;
use crate::model::channel::Channel;
use crate::model::ids::PersonaId;
use crate::model::study::Persona;
use std::collections::BTreeSet;

/// Reports personas that cannot ask on a channel they are to ask on; each need once.
pub(super) fn check(draft: &Draft<'_>, found: &mut Vec<Finding>) {
    let mut told: BTreeSet<(PersonaId, &str)> = BTreeSet::new();
    for (company, node) in &draft.companies {
        for point in &company.contact_points {
            for persona in personas(draft, company) {
                let Some((need, help)) = missing(draft, persona, point.channel) else { continue };
                if !told.insert((persona.id.clone(), need)) {
                    continue;
                }
                let asker = draft
                    .personas
                    .iter()
                    .find(|(p, _)| p.id == persona.id)
                    .map_or(draft.root.node.place, |(_, n)| n.place);
                let title = format!("the persona `{}` has no {need}", persona.id);
                let at = node.get(point.channel.name()).map_or(node.place, |n| n.place);
                let label = format!("`{}` is to be asked by {}", company.name, point.channel);
                found.push(Finding::error(title, asker, "asks").and(at, label).help(help));
            }
        }
    }
}

fn missing(draft: &Draft<'_>, persona: &Persona, channel: Channel) -> Option<(&'static str, &'static str)> {
    let written = |key| draft.root.get(key).is_some();
    match channel {
        Channel::Email | Channel::WebForm => {
            // A mailbox that is written but could not be read has been reported.
            let mailbox = persona.mailbox.as_ref().map(|id| draft.mailboxes.iter().find(|(m, _)| m.id == *id));
            match mailbox {
                None if draft.mailboxes.is_empty() && (written("mailbox") || written("mailboxes")) => None,
                None if draft.mailboxes.len() > 1 => Some(("mailbox", "name the one it uses: `mailbox: ID`")),
                None => {
                    Some(("mailbox", "add `mailbox: {address: …, imap: …, smtp: …, password: env:…}` to the study"))
                }
                Some(Some((mailbox, node)))
                    if channel == Channel::Email && mailbox.smtp.is_none() && node.get("smtp").is_none() =>
                {
                    Some(("mailbox that can send", "add `smtp: HOST` to its mailbox"))
                }
                Some(_) => None,
            }
        }
        Channel::Mastodon => match &persona.mastodon {
            Some(_) => None,
            None if draft.mastodon.is_empty() && written("mastodon") => None,
            None if draft.mastodon.len() > 1 => Some(("Mastodon account", "name the one it uses: `mastodon: ID`")),
            None => Some(("Mastodon account", "add `mastodon: {instance: https://…, token: env:…}` to the study")),
        },
        Channel::Facebook
        | Channel::Instagram
        | Channel::Whatsapp
        | Channel::Telegram
        | Channel::X
        | Channel::Linkedin
        | Channel::Chat
        | Channel::Forum
        | Channel::Phone => None,
    }
}
