//! What does every engine work with, and whose fault is it that a site is not reached?

use super::http::Limits;
use super::uploads::Uploads;
use crate::channels::Ended;
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::study::{Inbox, Study};
use crate::net::{Dialer, Suspect, Witness};
use std::time::Duration;

/// What every engine works with.
#[derive(Clone)]
pub(super) struct Means {
    /// What pauses when we fail ourselves.
    pub(super) account: AccountId,
    /// What pauses when the browser fails: forms that need none go on.
    pub(super) browser: AccountId,
    /// The way out.
    pub(super) dialer: Dialer,
    /// When things happen.
    pub(super) clock: Clock,
    /// ISO 639-1 code of the language that pages are asked for in.
    pub(super) language: String,
    /// Time and size limits.
    pub(super) limits: Limits,
    /// Our own servers: where they cannot be reached either, it is our network that fails.
    pub(super) witnesses: Vec<Witness>,
    /// What recipes give to forms.
    pub(super) uploads: Uploads,
}

impl Means {
    /// Whether it happens in a rehearsal's town.
    pub(super) const fn is_town(&self) -> bool {
        matches!(self.dialer, Dialer::Town(_))
    }

    /// Who is to blame that a site was not reached.
    pub(super) fn our_fault(&self) -> OurFault {
        self.fault_of(&self.account)
    }

    /// Our own browser is to blame.
    pub(super) fn our_browser(&self) -> OurFault {
        self.fault_of(&self.browser)
    }

    fn fault_of(&self, account: &AccountId) -> OurFault {
        let (account, dialer) = (account.clone(), self.dialer.clone());
        OurFault { account, dialer, witnesses: self.witnesses.clone(), limit: self.limits.connect }
    }
}

/// The servers of our own that a study uses.
pub(super) fn witnesses(study: &Study) -> Vec<Witness> {
    let mailboxes = study.mailboxes.iter().flat_map(|mailbox| {
        let imap = match &mailbox.inbox {
            Inbox::Imap { server, .. } => Some(server),
            Inbox::Maildir { .. } => None,
        };
        mailbox.smtp.iter().chain(imap).map(|server| (server.host.clone(), server.port))
    });
    let instances = study.mastodon.iter().filter_map(|account| {
        let url = &account.instance;
        Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
    });
    mailboxes.chain(instances).collect()
}

/// Tells our own network's failure from a company's.
pub(super) struct OurFault {
    account: AccountId,
    dialer: Dialer,
    witnesses: Vec<Witness>,
    limit: Duration,
}

impl OurFault {
    /// What it means that a site was not reached.
    pub(super) async fn or_deferred(&self, suspect: Suspect, why: String) -> Ended {
        if self.dialer.is_our_fault(suspect, &self.witnesses, self.limit).await {
            let help = match suspect {
                Suspect::OurProxy => "The proxy of this network refuses: see HTTP_PROXY and HTTPS_PROXY",
                Suspect::OurNetwork | Suspect::Either | Suspect::Theirs => {
                    "No server of ours can be reached either: is this machine's network up?"
                }
            };
            return self.outcome(format!("{why}. {help}"));
        }
        Outcome::Deferred(Failure::new(Phase::Connect, why))
    }

    /// Our own account's failure.
    pub(super) fn outcome(&self, why: String) -> Ended {
        Outcome::AccountFailed { account: self.account.clone(), failure: Failure::new(Phase::Connect, why) }
    }
}
