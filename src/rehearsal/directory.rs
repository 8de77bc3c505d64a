//! Whose address is whose: from what a server received back to the planned inquiry.

use crate::model::channel::Channel;
use crate::model::ids::InquiryId;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::Target;
use std::collections::{HashMap, HashSet};

/// Index of the plan by everything that a server of the town can see.
#[derive(Debug, Default)]
pub(super) struct Directory {
    by_message_id: HashMap<String, (usize, u32)>,
    by_alias: HashMap<String, usize>,
    by_target: HashMap<(Channel, String), Vec<usize>>,
    by_id: HashMap<InquiryId, usize>,
    companies: Vec<Option<usize>>,
    known: HashSet<(Channel, String)>,
}

/// What a server knows of a message that it received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The channel it came on.
    pub(super) channel: Channel,
    /// Where it was sent: [`target_key`].
    pub(super) target: &'a str,
    /// Its Message-ID, without angle brackets.
    pub(super) message_id: Option<&'a str>,
    /// The address that a reply would go to.
    pub(super) reply_to: Option<&'a str>,
    /// Its text.
    pub(super) text: &'a str,
}

impl Directory {
    /// Reads the plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut directory = Self::default();
        let mut companies = HashMap::new();
        for (i, company) in plan.study.companies.iter().enumerate() {
            companies.insert(&company.id, i);
            for point in &company.contact_points {
                directory.known.insert((point.channel, target_key(&point.target)));
            }
        }
        for (i, inquiry) in plan.inquiries.iter().enumerate() {
            for (number, message) in (0..).zip(&inquiry.messages) {
                directory.by_message_id.insert(message.message_id.clone(), (i, number));
            }
            if let Some(alias) = inquiry.reply_to.as_ref().filter(|_| inquiry.reply_to_is_own) {
                directory.by_alias.insert(alias.to_ascii_lowercase(), i);
            }
            directory.companies.push(companies.get(&inquiry.company).copied());
            directory.by_id.insert(inquiry.id.clone(), i);
            let key = (inquiry.channel, target_key(&inquiry.target));
            directory.known.insert(key.clone());
            directory.by_target.entry(key).or_default().push(i);
        }
        directory
    }

    /// Whether a company has that address.
    pub(super) fn knows(&self, channel: Channel, target: &str) -> bool {
        self.known.contains(&(channel, target.to_owned()))
    }

    /// The index of an inquiry in the plan.
    pub(super) fn index_of(&self, inquiry: &InquiryId) -> Option<usize> {
        self.by_id.get(inquiry).copied()
    }

    /// The company of an inquiry, as an index in the study.
    pub(super) fn company_of(&self, inquiry: usize) -> Option<usize> {
        self.companies.get(inquiry).copied().flatten()
    }

    /// The inquiry that an alias belongs to alone.
    pub(super) fn owner(&self, alias: &str) -> Option<usize> {
        self.by_alias.get(&alias.to_ascii_lowercase()).copied()
    }

    /// Which message of which inquiry was received: by Message-ID, else by the alias, else by its
    /// text, else the first one to that address that has not arrived. Never one to another address.
    pub(super) fn find(
        &self,
        plan: &Plan,
        seen: Seen<'_>,
        arrived: impl Fn(usize, u32) -> bool,
    ) -> Option<(usize, u32)> {
        let here = self.by_target.get(&(seen.channel, seen.target.to_owned()))?;
        if let Some(found) = seen.message_id.and_then(|id| self.by_message_id.get(id)) {
            return here.contains(&found.0).then_some(*found);
        }
        let alias = seen.reply_to.map(str::to_ascii_lowercase);
        let owner = alias.as_ref().and_then(|a| self.by_alias.get(a));
        let candidates: Vec<usize> = match owner {
            Some(owner) => here.iter().copied().filter(|i| i == owner).collect(),
            None => here.clone(),
        };
        let text = squeeze(seen.text);
        let says_it = |i: usize, number: u32| {
            plan.inquiries[i].messages.get(number as usize).is_some_and(|m| text.contains(&squeeze(&m.text)))
        };
        let open = || candidates.iter().flat_map(|i| numbers(&plan.inquiries[*i]).map(|n| (*i, n)));
        open()
            .find(|(i, n)| !arrived(*i, *n) && says_it(*i, *n))
            .or_else(|| open().find(|(i, n)| says_it(*i, *n)))
            .or_else(|| open().find(|(i, n)| owner.is_some() && !arrived(*i, *n)))
    }
}

fn numbers(inquiry: &PlannedInquiry) -> impl Iterator<Item = u32> + use<> {
    0..u32::try_from(inquiry.messages.len()).unwrap_or(u32::MAX)
}

/// What makes a contact point one: an address, `host/path?query`, a handle.
pub(super) fn target_key(target: &Target) -> String {
    match target {
        Target::Email { address } => address.to_ascii_lowercase(),
        Target::WebForm(form) => {
            let query = form.url.query().map(|q| format!("?{q}")).unwrap_or_default();
            format!("{}{}{query}", form.url.host_str().unwrap_or_default(), form.url.path())
        }
        Target::Mastodon { handle, .. } | Target::Assisted { handle, .. } => {
            handle.trim_start_matches('@').to_ascii_lowercase()
        }
    }
}

/// The text with every run of white space as one space.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
