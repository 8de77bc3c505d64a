//! Which inquiry a message answers, and by which evidence we know.
//!
//! Strongest first: own alias, Message-ID, ticket, then sender with quoted question and time.
//! Where strong evidence disagrees, or points at several inquiries, nothing is guessed: the
//! message goes to review with the candidates ranked.

use super::index::{HOLDERS_MAX, Index};
use super::mail::{Mail, Returned};
use super::tickets;
use crate::model::ids::InquiryId;
use crate::model::inbound::{InboundKind, Tie};
use crate::model::time::Stamp;
use std::collections::HashSet;

/// Most candidates that are handed to review.
pub(super) const CANDIDATES_MAX: usize = 20;
/// Share of a question's word runs that must show in a text for it to count as quoted there.
const QUOTED_SHARE: f64 = 0.6;
/// Most different questions that a quotation is compared with.
const ASKED_MAX: usize = 200;
/// Words in a run.
const RUN: usize = 4;
/// Most words of one text that are compared.
const WORDS_MAX: usize = 20_000;

/// What the evidence says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ties {
    /// The inquiry, when the evidence names one and nothing strong speaks against it.
    pub(super) inquiry: Option<(InquiryId, Tie)>,
    /// Others that it might be, best first.
    pub(super) candidates: Vec<InquiryId>,
    /// Names of the evidence.
    pub(super) because: Vec<String>,
    /// The Message-IDs that were looked up.
    pub(super) named: Vec<String>,
}

/// What one kind of evidence points at.
struct Clue {
    tie: Tie,
    name: &'static str,
    inquiries: Vec<u32>,
}

/// Ties a mail. `unsure`: whether its kind is only what it is taken for as long as nothing ties it.
pub(super) fn of_mail(mail: &Mail, kind: InboundKind, unsure: bool, received: Stamp, index: &Index) -> Ties {
    let is_report = matches!(kind, InboundKind::Bounce | InboundKind::DelayNotice) || mail.report.is_some();
    let within = if is_report { Returned::within(&mail.text) } else { Returned::default() };
    let named = message_ids(mail, kind, is_report, &within);
    let clues = [
        aliases(mail, is_report, &within, index),
        gather(Tie::MessageId, "message-id", named.iter().map(|id| index.by_message_id(id))),
        by_tickets(mail, index),
    ];
    let mut ties = weigh(&clues, index);
    if ties.inquiry.is_none() && ties.candidates.is_empty() {
        // A list says by its header that it writes to many; what only sounds so may be a portal's word of an answer.
        let concerns = kind.concerns_us() || (unsure && mail.marks.list.is_none());
        ties = by_sender_and_quote(mail, concerns, received, index);
    }
    Ties { named, ..ties }
}

/// Ties a message by what evidence there is, strongest first.
fn weigh(clues: &[Clue], index: &Index) -> Ties {
    let mut ties = Ties::default();
    let present: Vec<&Clue> = clues.iter().filter(|c| !c.inquiries.is_empty()).collect();
    let ranked = ranked(&present, index);
    let Some(first) = present.first() else { return ties };
    ties.because = present.iter().map(|c| c.name.to_owned()).collect();
    // The strongest decides; a weaker one may choose among several, never overrule.
    let common: Vec<u32> = first
        .inquiries
        .iter()
        .copied()
        .filter(|i| present[1..].iter().filter(|c| is_strong(c)).all(|c| c.inquiries.contains(i)))
        .collect();
    match common[..] {
        [one] => {
            ties.inquiry = index.known(one).map(|k| (k.id.clone(), first.tie));
            let chosen = ties.inquiry.as_ref().map(|(id, _)| id);
            ties.candidates = ranked.into_iter().filter(|id| Some(id) != chosen).collect();
        }
        [] => {
            ties.because.push("evidence-disagrees".into());
            ties.candidates = ranked;
        }
        _ => {
            ties.because.push("several-inquiries".into());
            ties.candidates = ranked;
        }
    }
    ties
}

/// A ticket number is the company's, and companies merge tickets: it never speaks against an
/// address or a Message-ID of ours.
fn is_strong(clue: &Clue) -> bool {
    clue.tie < Tie::Ticket
}

fn ranked(clues: &[&Clue], index: &Index) -> Vec<InquiryId> {
    let mut seen = HashSet::new();
    let all = clues.iter().flat_map(|c| c.inquiries.iter().copied());
    let fresh = all.filter(|i| seen.insert(*i));
    fresh.filter_map(|i| index.known(i)).map(|k| k.id.clone()).take(CANDIDATES_MAX).collect()
}

fn gather<'a>(tie: Tie, name: &'static str, found: impl Iterator<Item = &'a [u32]>) -> Clue {
    let mut seen = HashSet::new();
    let inquiries = found.flatten().copied().filter(|i| seen.insert(*i)).take(HOLDERS_MAX).collect();
    Clue { tie, name, inquiries }
}

/// By the addresses it came to; a report also by whom the returned message was from.
fn aliases(mail: &Mail, is_report: bool, within: &Returned, index: &Index) -> Clue {
    let returned = mail.returned.iter().flat_map(|r| &r.senders).chain(&within.senders).filter(|_| is_report);
    let addresses = mail.recipients.iter().chain(returned);
    gather(Tie::Alias, "own-alias", addresses.map(|a| index.by_alias(a)))
}

/// The messages it names; a report also the message it returns.
fn message_ids(mail: &Mail, kind: InboundKind, is_report: bool, within: &Returned) -> Vec<String> {
    // A copy of our own message is tied by its own name.
    let own = mail.message_id.iter().filter(|_| kind == InboundKind::OwnCopy);
    let returned = mail.returned.iter().flat_map(|r| &r.ids).chain(&within.ids).filter(|_| is_report);
    own.chain(&mail.in_reply_to).chain(&mail.references).chain(returned).cloned().collect()
}

fn by_tickets(mail: &Mail, index: &Index) -> Clue {
    let tickets = tickets::named_in(mail, &mail.text, index);
    let held: Vec<Vec<u32>> = tickets.iter().map(|(domain, ticket)| index.by_ticket(domain, ticket)).collect();
    gather(Tie::Ticket, "ticket", held.iter().map(Vec::as_slice))
}

/// Where a message may come from: the companies its senders belong to, else those that a help desk
/// speaks for, else, where it is no mass mail, those that its text names.
fn possible_senders(mail: &Mail, concerns_us: bool, index: &Index) -> (Vec<u32>, &'static str) {
    let senders = std::iter::once(mail.sender()).chain(mail.other_senders.iter().map(String::as_str));
    let known = gather(Tie::DomainAndQuote, "sender", senders.map(|a| index.by_sender(a))).inquiries;
    if !known.is_empty() {
        return (known, "sender-domain");
    }
    let relayed = mail.from.as_ref().map(|from| index.by_relay(from)).unwrap_or_default();
    if !relayed.is_empty() {
        return (distinct(relayed), "help-desk-relay");
    }
    if !concerns_us {
        return (Vec::new(), "");
    }
    // An answer from elsewhere, passed on within the house or out of a portal.
    (distinct(index.by_mention(&mail.text)), "company-named")
}

fn distinct(inquiries: Vec<u32>) -> Vec<u32> {
    let mut seen = HashSet::new();
    inquiries.into_iter().filter(|at| seen.insert(*at)).take(HOLDERS_MAX).collect()
}

/// The weak tie: the sender is that of a company, the question is quoted, and the time
/// fits. Without the quotation the inquiries are candidates only.
fn by_sender_and_quote(mail: &Mail, concerns_us: bool, received: Stamp, index: &Index) -> Ties {
    let (possible, sender) = possible_senders(mail, concerns_us, index);
    let slack = chrono::TimeDelta::seconds(i64::from(received.error_seconds));
    let asked: Vec<u32> =
        possible.into_iter().filter(|i| index.known(*i).is_some_and(|k| k.not_before <= received.at + slack)).collect();
    if asked.is_empty() {
        return Ties::default();
    }
    let body = runs(&mail.text);
    let subject = mail.subject.as_deref().unwrap_or_default();
    let mut quoted = Vec::new();
    let mut same_subject = Vec::new();
    for at in &asked {
        let Some(known) = index.known(*at) else { continue };
        if is_quoted(&known.text, &body) {
            quoted.push(*at);
        } else if !known.subject.is_empty() && subject.contains(&known.subject) {
            same_subject.push(*at);
        }
    }
    // An index that stopped counting at its bound knows too little to choose.
    let inquiry = match quoted[..] {
        [one] if asked.len() < HOLDERS_MAX => index.known(one).map(|k| (k.id.clone(), Tie::DomainAndQuote)),
        _ => None,
    };
    let mut because = vec![sender.to_owned()];
    because.extend((!quoted.is_empty()).then(|| "quoted-question".to_owned()));
    because.extend((quoted.len() > 1).then(|| "several-inquiries".to_owned()));
    let name = |inquiries| Clue { tie: Tie::DomainAndQuote, name: "sender", inquiries };
    let clues = [name(quoted), name(same_subject), name(asked)];
    let mut candidates = ranked(&clues.iter().collect::<Vec<_>>(), index);
    candidates.retain(|id| inquiry.as_ref().is_none_or(|(chosen, _)| chosen != id));
    Ties { inquiry, candidates, because, named: Vec::new() }
}

/// The runs of words of a text, without marks of quotation, punctuation and case.
fn runs(text: &str) -> HashSet<Vec<String>> {
    let words: Vec<String> = words(text).collect();
    words.windows(RUN).map(<[String]>::to_vec).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.take(WORDS_MAX).map(str::to_lowercase)
}

/// Whether a question shows in a text, most of it word for word.
fn is_quoted(question: &str, body: &HashSet<Vec<String>>) -> bool {
    share_quoted(question, body).is_some_and(|share| share >= QUOTED_SHARE)
}

fn share_quoted(question: &str, body: &HashSet<Vec<String>>) -> Option<f64> {
    let words: Vec<String> = words(question).collect();
    let all = words.windows(RUN).count();
    let found = words.windows(RUN).filter(|run| body.contains(*run)).count();
    #[allow(clippy::cast_precision_loss, reason = "word counts are small")]
    (all > 0).then(|| found as f64 / all as f64)
}

/// Whether a text is, nearly word for word, what was asked.
pub(super) fn is_our_text(text: &str, index: &Index, inquiries: &[u32]) -> bool {
    let body = runs(text);
    inquiries
        .iter()
        .filter_map(|i| index.known(*i))
        .any(|known| share_quoted(&known.text, &body).is_some_and(|share| share >= 0.9))
}

/// Whether a text quotes what any inquiry asked.
pub(super) fn is_asked_in(text: &str, index: &Index) -> bool {
    let body = runs(text);
    index.asked().take(ASKED_MAX).any(|asked| is_quoted(asked, &body))
}
