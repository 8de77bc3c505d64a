//! What intake knows about a wave: by which marks a message can be tied to an inquiry.
//!
//! Built once in time linear to the plan; every lookup is a hash lookup.

use super::fields::Mailbox;
use super::{Learnt, Reading};
use crate::lexicon::mail_words::{MailWords, Topic, fold};
use crate::model::ids::InquiryId;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::{Company, Target};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};

/// Shorter first labels of domains are words that anybody may use.
const LABEL_BYTES_MIN: usize = 3;
/// Most addresses and links of one text that are looked up.
const MENTIONS_MAX: usize = 100;
/// Most inquiries that one mark points at before it says nothing any more.
pub(super) const HOLDERS_MAX: usize = 50;

/// Fewest characters of a ticket number that says something in a stranger's mail.
const TICKET_CHARS_MIN: usize = 6;

/// Marks of a wave's inquiries. See the module.
#[derive(Debug, Clone, Default)]
pub struct Index {
    inquiries: Vec<Known>,
    by_id: HashMap<InquiryId, u32>,
    /// Addresses that belong to one inquiry alone.
    aliases: HashMap<String, Holders>,
    /// Message-IDs of ours.
    sent: HashMap<String, Holders>,
    /// Message-IDs of what was tied.
    learnt: HashMap<String, Holders>,
    /// Status ids of ours and of what was tied.
    threads: HashMap<String, Holders>,
    /// Status ids of ours.
    receipts: HashSet<String>,
    /// Ticket numbers by the domain that gave them.
    tickets: HashMap<(String, String), Holders>,
    /// The domains that gave ticket numbers.
    ticketed: HashSet<String>,
    /// Ticket numbers that sites gave on the page after a form: whose mail will name them is not known.
    given: HashMap<String, Holders>,
    /// Addresses and handles of ours.
    own: HashSet<String>,
    /// Addresses, domains and handles of companies.
    senders: HashMap<String, Holders>,
    /// The first labels of their domains: `alfa`.
    labels: HashMap<String, Holders>,
    /// Texts that came.
    texts: HashMap<u64, Holders>,
    /// What was learnt since it was last asked for news.
    news: News,
}

/// What was learnt lately: marks by which what was read before may be read otherwise.
#[derive(Debug, Clone, Default)]
struct News {
    /// Ids of messages.
    ids: HashSet<String>,
    /// Domains that gave a ticket number.
    domains: HashSet<String>,
    /// Texts that came.
    texts: HashSet<u64>,
}

/// What is kept of an inquiry.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Its id.
    pub(super) id: InquiryId,
    /// No message of it left before this moment.
    pub(super) not_before: DateTime<Utc>,
    /// What was asked, to be found again in quotations.
    pub(super) text: String,
    /// Its subject.
    pub(super) subject: String,
    /// When messages of it were taken.
    asked: Vec<DateTime<Utc>>,
}

/// The inquiries a mark points at: nearly always one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holders {
    One(u32),
    Many(Vec<u32>),
}

impl Holders {
    fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Index {
    /// The marks that a plan itself gives.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let companies: HashMap<_, _> = plan.study.companies.iter().map(|c| (&c.id, c)).collect();
        let mut index = Self::default();
        index.own.extend(plan.study.mailboxes.iter().map(|m| m.address.to_lowercase()));
        for (at, inquiry) in (0..).zip(&plan.inquiries) {
            index.add_inquiry(at, inquiry, plan.start);
            if let Some(company) = companies.get(&inquiry.company) {
                index.add_senders(at, company);
            }
        }
        index
    }

    fn add_inquiry(&mut self, at: u32, inquiry: &PlannedInquiry, start: DateTime<Utc>) {
        let first = inquiry.messages.first();
        self.inquiries.push(Known {
            id: inquiry.id.clone(),
            not_before: inquiry.first_due().unwrap_or(start),
            text: first.map(|m| m.text.clone()).unwrap_or_default(),
            subject: first.map(|m| m.subject.clone()).unwrap_or_default(),
            asked: Vec::new(),
        });
        self.by_id.insert(inquiry.id.clone(), at);
        if let Some(address) = &inquiry.reply_to {
            let address = address.to_lowercase();
            if inquiry.reply_to_is_own {
                hold(&mut self.aliases, address.clone(), at);
            }
            self.own.insert(address);
        }
        for message in &inquiry.messages {
            hold(&mut self.sent, message.message_id.clone(), at);
        }
    }

    /// What a company writes from: the addresses, sites and handles of all its contact points.
    fn add_senders(&mut self, at: u32, company: &Company) {
        for point in &company.contact_points {
            match &point.target {
                Target::Email { address } => {
                    hold(&mut self.senders, address.to_lowercase(), at);
                    self.add_domain(at, point.target.host().unwrap_or_default());
                }
                Target::WebForm(_) => self.add_domain(at, point.target.host().unwrap_or_default()),
                Target::Mastodon { handle, .. } => hold(&mut self.senders, handle_key(handle), at),
                Target::Assisted { .. } => {}
            }
        }
    }

    fn add_domain(&mut self, at: u32, host: &str) {
        if let Some(domain) = registrable_domain(host).filter(|d| !MailWords::get().of(Topic::SharedDomains).contain(d))
        {
            if let Some(label) = domain.split('.').next().filter(|label| label.len() >= LABEL_BYTES_MIN) {
                hold(&mut self.labels, label.to_owned(), at);
            }
            hold(&mut self.senders, format!("@{domain}"), at);
        }
    }

    /// Takes in the receipt of an attempt: the status id of our own post, or a Message-ID that a
    /// server gave. What is no inquiry of the plan is passed over.
    pub fn learn_receipt(&mut self, inquiry: &InquiryId, receipt: &str) {
        let receipt = receipt.trim();
        if let (Some(at), false) = (self.by_id.get(inquiry).copied(), receipt.is_empty()) {
            hold(&mut self.threads, receipt.to_owned(), at);
            self.receipts.insert(receipt.to_owned());
        }
    }

    /// Takes in when a message of an inquiry was taken: what answers within seconds is a machine.
    pub fn learn_asked(&mut self, inquiry: &InquiryId, at: DateTime<Utc>) {
        let known = self.by_id.get(inquiry).and_then(|place| self.inquiries.get_mut(*place as usize));
        if let Some(known) = known.filter(|known| !known.asked.contains(&at)) {
            known.asked.push(at);
        }
    }

    /// Takes in the number that a site gave to a question on the page after its form.
    pub fn learn_ticket(&mut self, inquiry: &InquiryId, number: &str) {
        let number = fold(number.trim());
        if let (Some(at), false) = (self.by_id.get(inquiry).copied(), number.is_empty()) {
            hold(&mut self.given, number, at);
        }
    }

    /// Takes in a message that was tied to an inquiry, by its evidence or by a person, so that
    /// what continues it can be tied too.
    pub fn learn(&mut self, inquiry: &InquiryId, reading: &Reading) {
        let Some(at) = self.by_id.get(inquiry).copied() else { return };
        if !reading.interpretation.kind.concerns_us() {
            return;
        }
        let Learnt { message_ids, threads, tickets, text } = &reading.learnt;
        self.news.ids.extend(message_ids.iter().chain(threads).cloned());
        self.news.domains.extend(tickets.iter().map(|(domain, _)| domain.clone()));
        self.news.texts.extend(text);
        if let Some(text) = text {
            hold(&mut self.texts, *text, at);
        }
        for id in message_ids {
            hold(&mut self.learnt, id.clone(), at);
        }
        for id in threads {
            hold(&mut self.threads, id.clone(), at);
        }
        self.ticketed.extend(tickets.iter().map(|(domain, _)| domain.clone()));
        for ticket in tickets {
            hold(&mut self.tickets, ticket.clone(), at);
        }
    }

    /// From here on what is learnt is news.
    pub fn forget_news(&mut self) {
        self.news = News::default();
    }

    /// Whether a message may be read otherwise now than before the news.
    #[must_use]
    pub fn has_news_for(&self, reading: &Reading) -> bool {
        let News { ids, domains, texts } = &self.news;
        let domain = || registrable_domain(reading.from.as_deref()?.rsplit('@').next()?);
        reading.named.iter().any(|id| ids.contains(id))
            || reading.learnt.text.is_some_and(|text| texts.contains(&text))
            || (!domains.is_empty() && domain().is_some_and(|domain| domains.contains(&domain)))
    }

    /// Whether anybody was asked anything.
    pub(super) const fn has_inquiries(&self) -> bool {
        !self.inquiries.is_empty()
    }

    pub(super) fn by_alias(&self, address: &str) -> &[u32] {
        slice(self.aliases.get(address))
    }

    pub(super) fn by_message_id(&self, id: &str) -> &[u32] {
        slice(self.sent.get(id).or_else(|| self.learnt.get(id)))
    }

    pub(super) fn by_thread(&self, id: &str) -> &[u32] {
        slice(self.threads.get(id))
    }

    /// Whether mail from a domain may name a ticket number that we know.
    pub(super) fn gives_tickets(&self, domain: &str) -> bool {
        !self.given.is_empty() || self.ticketed.contains(domain)
    }

    /// Inquiries that a ticket number was given to: by that domain, or on a page, where the sender is
    /// the company itself or somebody unknown who writes a number that is no everyday one.
    pub(super) fn by_ticket(&self, domain: &str, ticket: &str) -> Vec<u32> {
        let by_mail = slice(self.tickets.get(&(domain.to_owned(), ticket.to_owned())));
        let senders = slice(self.senders.get(&format!("@{domain}")));
        let given = slice(self.given.get(ticket)).iter().copied();
        let fits = |at: &u32| senders.contains(at) || (senders.is_empty() && ticket.len() >= TICKET_CHARS_MIN);
        by_mail.iter().copied().chain(given.filter(fits)).collect()
    }

    /// Inquiries to the company that writes from an address: by the address itself, else by its
    /// registrable domain.
    pub(super) fn by_sender(&self, address: &str) -> &[u32] {
        let exact = slice(self.senders.get(address));
        if !exact.is_empty() {
            return exact;
        }
        let domain = registrable_domain(address.rsplit('@').next().unwrap_or_default());
        slice(domain.and_then(|d| self.senders.get(&format!("@{d}"))))
    }

    /// Inquiries to the company that a help desk's host or name speaks for: `alfa.zendesk.com`,
    /// `Alfa <notify@mail.intercom.io>`.
    pub(super) fn by_relay(&self, sender: &Mailbox) -> Vec<u32> {
        let (local, host) = sender.address.split_once('@').unwrap_or_default();
        let relays = MailWords::get().of(Topic::Relays);
        let Some(relay) = registrable_domain(host).filter(|domain| relays.contain(domain)) else { return Vec::new() };
        let sub = host.strip_suffix(relay.as_str()).unwrap_or_default();
        let name = sender.name.to_lowercase();
        let words = sub.split('.').chain(local.split(['+', '.', '-', '_', '='])).chain(name.split_whitespace());
        words.flat_map(|word| slice(self.labels.get(word))).copied().collect()
    }

    /// Inquiries to the companies whose addresses or pages a text names.
    pub(super) fn by_mention(&self, text: &str) -> Vec<u32> {
        if self.senders.is_empty() {
            return Vec::new();
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ')' | '(' | ',' | ';' | ']');
        let marks = text.match_indices('@').map(|(at, _)| at + 1);
        let hosts = marks.chain(text.match_indices("://").map(|(at, _)| at + 3)).take(MENTIONS_MAX);
        let named = hosts.filter_map(|at| text[at..].split(ends).next());
        let hosts: HashSet<&str> = named.filter_map(|host| host.split(['/', '?', ':']).next()).collect();
        let mut hosts: Vec<&str> = hosts.into_iter().collect();
        hosts.sort_unstable();
        hosts.into_iter().flat_map(|host| self.by_sender(host)).copied().collect()
    }

    /// The place of an inquiry among the others.
    pub(super) fn place(&self, inquiry: &InquiryId) -> Option<u32> {
        self.by_id.get(inquiry).copied()
    }

    /// How long before a moment the last message of an inquiry was taken, in seconds.
    pub(super) fn seconds_since_asked(&self, at: u32, moment: DateTime<Utc>) -> Option<i64> {
        let asked = &self.known(at)?.asked;
        asked.iter().map(|asked| (moment - *asked).num_seconds()).filter(|seconds| *seconds >= 0).min()
    }

    /// Whether another inquiry than this one got a text.
    pub(super) fn has_text_of_others(&self, text: u64, at: u32) -> bool {
        slice(self.texts.get(&text)).iter().any(|holder| *holder != at)
    }

    /// Inquiries to the company of a Mastodon handle, `user@instance`.
    pub(super) fn by_handle(&self, handle: &str) -> &[u32] {
        slice(self.senders.get(&handle_key(handle)))
    }

    pub(super) fn is_own_message(&self, id: &str) -> bool {
        self.sent.contains_key(id)
    }

    pub(super) fn is_own_post(&self, id: &str) -> bool {
        self.receipts.contains(id)
    }

    pub(super) fn is_own_address(&self, address: &str) -> bool {
        self.own.contains(address)
    }

    pub(super) fn known(&self, at: u32) -> Option<&Known> {
        self.inquiries.get(at as usize)
    }

    /// What was asked, in the plan's order; the same words one after the other count once.
    pub(super) fn asked(&self) -> impl Iterator<Item = &str> {
        let before = std::iter::once("").chain(self.inquiries.iter().map(|k| k.text.as_str()));
        before.zip(self.inquiries.iter().map(|k| k.text.as_str())).filter(|(b, text)| b != text).map(|(_, text)| text)
    }
}

fn slice(holders: Option<&Holders>) -> &[u32] {
    holders.map_or(&[], Holders::as_slice)
}

fn hold<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Holders>, key: K, at: u32) {
    use std::collections::hash_map::Entry;
    match map.entry(key) {
        Entry::Vacant(vacant) => {
            vacant.insert(Holders::One(at));
        }
        Entry::Occupied(mut occupied) => match occupied.get_mut() {
            Holders::One(one) if *one == at => {}
            Holders::One(one) => {
                let many = Holders::Many(vec![*one, at]);
                occupied.insert(many);
            }
            Holders::Many(many) => {
                if many.len() < HOLDERS_MAX && !many.contains(&at) {
                    many.push(at);
                }
            }
        },
    }
}

fn handle_key(handle: &str) -> String {
    handle.trim_start_matches('@').to_lowercase()
}

/// The domain that somebody registered: `mail.example.co.uk` → `example.co.uk`, by the Public Suffix List.
pub(super) fn registrable_domain(host: &str) -> Option<String> {
    let host = host.trim_end_matches(['.', '>']).to_lowercase();
    psl::domain_str(&host).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrable_domains() {
        for (host, expected) in [
            ("mail.example.com", Some("example.com")),
            ("www.Example.co.uk", Some("example.co.uk")),
            ("example.it", Some("example.it")),
            ("co.uk", None),
            ("localhost", None),
            ("", None),
        ] {
            assert_eq!(registrable_domain(host).as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn a_mark_that_many_hold_is_kept_as_many_and_bounded() {
        let mut map = HashMap::new();
        for at in (0..1_000).chain(0..1_000) {
            hold(&mut map, "x", at);
        }
        assert_eq!(slice(map.get("x")).len(), HOLDERS_MAX);
        hold(&mut map, "y", 7);
        hold(&mut map, "y", 7);
        assert_eq!(slice(map.get("y")), [7]);
    }
}
