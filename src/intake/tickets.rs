//! Which ticket number a help desk gave.

use super::index::{Index, registrable_domain};
use super::mail::Mail;
pub(super) use crate::lexicon::tickets::in_text;
use crate::model::inbound::InboundKind;

/// Most ticket numbers taken from one message.
const TICKETS_MAX: usize = 8;
/// The ticket numbers of a message, with the registrable domain that gave them: from the subject
/// of any message, from the text of an automatic one.
pub(super) fn of_mail(mail: &Mail, kind: InboundKind, new_text: &str) -> Vec<(String, String)> {
    if !matches!(kind, InboundKind::Acknowledgement | InboundKind::Reply) {
        return Vec::new();
    }
    let Some(domain) = domain_of(mail) else { return Vec::new() };
    let mut found = in_text(mail.subject.as_deref().unwrap_or_default(), true);
    if kind == InboundKind::Acknowledgement {
        found.extend(in_text(new_text, false));
    }
    found.sort();
    found.dedup();
    found.truncate(TICKETS_MAX);
    found.into_iter().map(|ticket| (domain.clone(), ticket)).collect()
}

/// The ticket numbers that a message names, to look up who was given them.
pub(super) fn named_in(mail: &Mail, new_text: &str, index: &Index) -> Vec<(String, String)> {
    let Some(domain) = domain_of(mail).filter(|domain| index.gives_tickets(domain)) else { return Vec::new() };
    let mut found = in_text(mail.subject.as_deref().unwrap_or_default(), true);
    found.extend(in_text(new_text, false));
    found.truncate(4 * TICKETS_MAX);
    found.into_iter().map(|ticket| (domain.clone(), ticket)).collect()
}

fn domain_of(mail: &Mail) -> Option<String> {
    registrable_domain(mail.sender().rsplit('@').next().unwrap_or_default())
}
