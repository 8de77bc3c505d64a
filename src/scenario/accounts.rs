//! Who asks, and from which accounts.

use super::build::{Sourced, unique, unknown};
use super::finding::{Finding, Place};
use super::section::Section;
use super::tree::Node;
use super::words::{is_loopback, secret, server};
use crate::model::ids::{AccountId, PersonaId};
use crate::model::study::{AliasKind, Detail, Inbox, Mailbox, MastodonAccount, Persona, Security, Server};
use std::rc::Rc;
use std::str::FromStr;

/// The id of a mailbox or persona that is given none.
const MAIN: &str = "main";

/// The id of a Mastodon account that is given none: what is watched is told apart by its id alone.
const MASTODON: &str = "mastodon";

/// Ids that stand for accounts which no study names: a person's own eyes, and the open web.
const RESERVED: [&str; 2] = ["person", "web"];

/// The mail accounts.
pub(super) fn mailboxes(root: Section<'_>, found: &mut Vec<Finding>) -> Vec<Sourced<Mailbox>> {
    let nodes = either(root, "mailbox", "mailboxes", found);
    let mailboxes: Vec<_> = read(root, "mailbox", &nodes, |section| mailbox(section, found));
    unique("mailboxes", &ids(&mailboxes, |m| m.id.as_str()), found);
    mailboxes
}

/// The Mastodon accounts.
pub(super) fn mastodon(root: Section<'_>, found: &mut Vec<Finding>) -> Vec<Sourced<MastodonAccount>> {
    let accounts = read(root, "mastodon", &root.items("mastodon"), |section| {
        Some(MastodonAccount {
            id: id(section, MASTODON)?,
            instance: section.parse("instance")?,
            token: secret(&section.text("token")?).ok()?,
        })
    });
    unique("Mastodon accounts", &ids(&accounts, |a| a.id.as_str()), found);
    accounts
}

/// Who asks.
pub(super) fn personas(
    root: Section<'_>,
    mailboxes: &[Sourced<Mailbox>],
    mastodon: &[Sourced<MastodonAccount>],
    found: &mut Vec<Finding>,
) -> Vec<Sourced<Persona>> {
    own_ids(mailboxes, mastodon, found);
    let nodes = either(root, "persona", "personas", found);
    if nodes.is_empty() {
        found.push(Finding::error("nobody asks", root.node.place, "").help("add `persona: {name: …}`"));
    }
    let mailbox_ids: Vec<_> = mailboxes.iter().map(|(m, _)| &m.id).collect();
    let mastodon_ids: Vec<_> = mastodon.iter().map(|(m, _)| &m.id).collect();
    let personas = read(root, "persona", &nodes, |section| {
        let mailbox = account(section, ("mailbox", MAIN), &mailbox_ids, found);
        let mastodon = account(section, ("mastodon", MASTODON), &mastodon_ids, found);
        let (id, name): (PersonaId, _) = (id(section, MAIN)?, section.text("name")?);
        let details = Detail::ALL.iter().filter_map(|(key, detail)| Some((*detail, section.text(key)?))).collect();
        Some(Persona { id, name, phone: section.text("phone"), details, mailbox, mastodon })
    });
    unique("personas", &ids(&personas, |p| p.id.as_str()), found);
    personas
}

/// Accounts of all kinds are told apart by id: in the journal, and by what was read from them.
fn own_ids(mailboxes: &[Sourced<Mailbox>], mastodon: &[Sourced<MastodonAccount>], found: &mut Vec<Finding>) {
    let (mail, social) = (ids(mailboxes, |m| m.id.as_str()), ids(mastodon, |a| a.id.as_str()));
    for (id, place) in &social {
        if let Some((_, first)) = mail.iter().find(|(other, _)| other == id) {
            let finding = Finding::error(
                format!("a mailbox and a Mastodon account are both called `{id}`"),
                *place,
                "this account",
            );
            found.push(finding.and(*first, "the mailbox").help("give one of them another `id`"));
        }
    }
    for (id, place) in mail.iter().chain(&social).filter(|(id, _)| RESERVED.contains(&id.as_str())) {
        let finding = Finding::error(format!("no account may be called `{id}`"), *place, "");
        found.push(finding.help("that name stands for what a person sees, or for the open web; choose another"));
    }
}

/// The nodes under either of two keys that mean the same.
fn either(root: Section<'_>, one: &'static str, more: &'static str, found: &mut Vec<Finding>) -> Vec<Rc<Node>> {
    if let (Some(first), Some(second)) = (root.get(one), root.get(more)) {
        let finding =
            Finding::error(format!("both `{one}` and `{more}`"), second.place, "").and(first.place, "and this");
        found.push(finding.help(format!("put all of them under `{more}`")));
    }
    [root.items(one), root.items(more)].concat()
}

fn read<T>(
    root: Section<'_>,
    key: &str,
    nodes: &[Rc<Node>],
    mut each: impl FnMut(Section<'_>) -> Option<T>,
) -> Vec<Sourced<T>> {
    let Some(map) = root.inner(key) else { return Vec::new() };
    nodes.iter().filter_map(|node| Some((each(Section::new(node, map))?, Rc::clone(node)))).collect()
}

fn ids<T>(items: &[Sourced<T>], id: impl Fn(&T) -> &str) -> Vec<(String, Place)> {
    items.iter().map(|(item, node)| (id(item).to_owned(), node.get("id").map_or(node.place, |n| n.place))).collect()
}

fn id<T: FromStr>(section: Section<'_>, usual: &str) -> Option<T> {
    match section.get("id") {
        Some(_) => section.parse("id"),
        None => usual.parse().ok(),
    }
}

/// The account that a persona uses: the one it names, the only one, or that of the usual id.
fn account(
    persona: Section<'_>,
    (key, usual): (&'static str, &str),
    known: &[&AccountId],
    found: &mut Vec<Finding>,
) -> Option<AccountId> {
    let Some((name, place)) = persona.placed::<AccountId>(key) else {
        let only = (known.len() == 1).then(|| known.first()).flatten();
        return only.or_else(|| known.iter().find(|id| id.as_str() == usual)).map(|id| (*id).clone());
    };
    if !known.contains(&&name) {
        let known: Vec<_> = known.iter().map(|id| id.as_str()).collect();
        unknown(if key == "mailbox" { "mailbox" } else { "Mastodon account" }, name.as_str(), place, &known, found);
    }
    Some(name)
}

fn mailbox(section: Section<'_>, found: &mut Vec<Finding>) -> Option<Mailbox> {
    let inbox = inbox(section, found);
    let smtp = section.get("smtp").map(|node| mail_server(section, "smtp", node, found));
    let password = section.text("password").map(|text| secret(&text).ok());
    let ca_file = section.text("ca_file");
    let copy = section.parse("copy").unwrap_or(false);
    let user = section.text("user");
    let (id, address) = (id(section, MAIN)?, section.text("address")?);
    let alias = match section.text("alias").as_deref() {
        Some("catch-all") => AliasKind::CatchAll,
        Some("plus") => AliasKind::Plus,
        _ => AliasKind::None,
    };
    Some(Mailbox {
        id,
        alias,
        smtp: smtp.flatten(),
        inbox: inbox?,
        user: user.unwrap_or_else(|| address.clone()),
        address,
        password: password.flatten(),
        ca_file,
        copy,
    })
}

fn inbox(section: Section<'_>, found: &mut Vec<Finding>) -> Option<Inbox> {
    let spam = section.text("spam");
    let folders = section.texts("folders").into_iter().map(|(name, _)| name).collect();
    match (section.get("imap"), section.get("maildir")) {
        (Some(imap), None) => Some(Inbox::Imap { server: mail_server(section, "imap", imap, found)?, spam, folders }),
        (None, Some(_)) => Some(Inbox::Maildir { path: section.text("maildir")? }),
        (Some(imap), Some(maildir)) => {
            let finding = Finding::error("both `imap` and `maildir`", maildir.place, "").and(imap.place, "and this");
            found.push(finding.help("replies arrive at one of them: two mailboxes are two accounts"));
            None
        }
        (None, None) => {
            let finding = Finding::error("a mailbox that nobody watches", section.node.place, "");
            found.push(finding.help("add `imap: HOST` or `maildir: PATH`: replies must arrive somewhere"));
            None
        }
    }
}

fn mail_server(mailbox: Section<'_>, key: &'static str, node: &Rc<Node>, found: &mut Vec<Finding>) -> Option<Server> {
    let (host, port, security, security_place) = match (node.text(), mailbox.section(key)) {
        (Some(text), _) => {
            let (host, port) = server(text).ok()?;
            (host, port, None, node.place)
        }
        (None, Some(section)) => {
            let security = match section.text("security").as_deref() {
                Some("tls") => Some(Security::Tls),
                Some("starttls") => Some(Security::Starttls),
                Some("plain") => Some(Security::Plain),
                _ => None,
            };
            (section.text("host")?, section.parse("port"), security, section.place("security"))
        }
        (None, None) => return None,
    };
    if security == Some(Security::Plain) && !is_loopback(&host) {
        let title = format!("no protection on the way to `{host}`");
        let help = "use `tls` or `starttls`: `plain` would show the password and the letters to everybody between";
        found.push(Finding::error(title, security_place, "allowed for this machine alone").help(help));
    }
    let security = security.unwrap_or(match (key, port) {
        ("smtp", None | Some(587 | 25)) | ("imap", Some(143)) => Security::Starttls,
        _ => Security::Tls,
    });
    let port = port.unwrap_or(match (key, security) {
        ("smtp", Security::Tls) => 465,
        ("smtp", _) => 587,
        (_, Security::Tls) => 993,
        _ => 143,
    });
    Some(Server { host, port, security })
}
