//! Our own accounts, opened: who can send on which channel, and what is watched.

use crate::channels::Sender;
use crate::channels::email::EmailSender;
use crate::channels::mastodon::MastodonSender;
use crate::channels::web_form::WebFormSender;
use crate::clock::Clock;
use crate::model::channel::Channel;
use crate::model::ids::{AccountId, PersonaId};
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::{Inbox, Mailbox, MastodonAccount, Persona, SecretSource, Security, Server};
use crate::net::Dialer;
use crate::sources::Source;
use crate::sources::imap::ImapSource;
use crate::sources::maildir::MaildirSource;
use crate::sources::mastodon::{MastodonSource, Threads};
use secrecy::SecretString;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// What a wave works with.
pub struct Accounts {
    /// Who sends, by channel and persona.
    pub senders: Senders,
    /// What is watched.
    pub sources: Vec<Box<dyn Source>>,
    /// Our own posts, by account: replies below them need not mention us.
    pub threads: HashMap<AccountId, Threads>,
}

/// Who sends, by channel and persona.
#[derive(Default, Clone)]
pub struct Senders(HashMap<(Channel, PersonaId), Arc<dyn Sender>>);

/// An account that cannot be opened: a secret or a file is missing.
#[derive(Debug, thiserror::Error)]
#[error("the account `{account}` cannot be used: {what}")]
pub struct AccountError {
    /// The account.
    pub account: AccountId,
    /// What is missing, without secrets.
    pub what: String,
    /// What to do.
    pub help: String,
}

impl Senders {
    /// Who sends this inquiry's messages; `None` where a person does.
    #[must_use]
    pub fn of(&self, planned: &PlannedInquiry) -> Option<Arc<dyn Sender>> {
        self.0.get(&(planned.channel, planned.persona.clone())).cloned()
    }

    /// Whether all is at hand that these inquiries take.
    ///
    /// # Errors
    /// In words: what is missing on our side, and what to do.
    pub async fn ready(&self, inquiries: &[&PlannedInquiry]) -> Result<(), String> {
        for sender in self.each() {
            let is_its = |planned: &&&PlannedInquiry| self.of(planned).is_some_and(|s| Arc::ptr_eq(&s, sender));
            let own: Vec<&PlannedInquiry> = inquiries.iter().filter(is_its).copied().collect();
            sender.ready(&own).await?;
        }
        Ok(())
    }

    /// Ends what they started.
    pub async fn close(&self) {
        for sender in self.each() {
            sender.close().await;
        }
    }

    /// Each of them once.
    fn each(&self) -> Vec<&Arc<dyn Sender>> {
        let mut each: Vec<&Arc<dyn Sender>> = Vec::new();
        for sender in self.0.values() {
            if !each.iter().any(|other| Arc::ptr_eq(other, sender)) {
                each.push(sender);
            }
        }
        each
    }

    /// Adds who sends on a channel for a persona.
    pub fn insert(&mut self, channel: Channel, persona: PersonaId, sender: Arc<dyn Sender>) {
        self.0.insert((channel, persona), sender);
    }
}

/// Opens every account that the plan needs. Secrets are read here and nowhere else; in the
/// town's plain world any secret will do, so none is read.
///
/// # Errors
/// Every account that cannot be opened, and why.
pub fn open(plan: &Plan, base: &Path, dialer: &Dialer, clock: &Clock) -> Result<Accounts, Vec<AccountError>> {
    let opener = Opener { plan, base, dialer, clock };
    let mut accounts = Accounts { senders: Senders::default(), sources: Vec::new(), threads: HashMap::new() };
    let mut errors = Vec::new();
    let personas: HashSet<&PersonaId> = plan.inquiries.iter().map(|i| &i.persona).collect();
    let personas = || plan.study.personas.iter().filter(|p| personas.contains(&p.id));
    for mailbox in &plan.study.mailboxes {
        let used_by: Vec<&Persona> = personas().filter(|p| p.mailbox.as_ref() == Some(&mailbox.id)).collect();
        if !used_by.is_empty() {
            errors.extend(opener.mailbox(mailbox, &used_by, &mut accounts).err());
        }
    }
    for account in &plan.study.mastodon {
        let used_by: Vec<&Persona> = personas().filter(|p| p.mastodon.as_ref() == Some(&account.id)).collect();
        if !used_by.is_empty() {
            errors.extend(opener.mastodon(account, &used_by, &mut accounts).err());
        }
    }
    opener.web(personas(), &mut accounts);
    if errors.is_empty() { Ok(accounts) } else { Err(errors) }
}

struct Opener<'a> {
    plan: &'a Plan,
    base: &'a Path,
    dialer: &'a Dialer,
    clock: &'a Clock,
}

impl Opener<'_> {
    fn mailbox(&self, mailbox: &Mailbox, used_by: &[&Persona], accounts: &mut Accounts) -> Result<(), AccountError> {
        let password = match (&mailbox.password, self.dialer) {
            // The town lets nobody send without a login.
            (None, Dialer::Town(_)) => Some(simulated_secret(&mailbox.id)),
            (password, _) => password.as_ref().map(|p| self.secret(&mailbox.id, p)).transpose()?,
        };
        let mailbox = self.at_hand(mailbox);
        accounts.sources.push(self.inbox(&mailbox, password.clone())?);
        let Some(sender) =
            EmailSender::new(&self.plan.study, &mailbox, password, self.dialer.clone(), self.clock.clone())
        else {
            return Ok(());
        };
        let sender: Arc<dyn Sender> = Arc::new(sender);
        for persona in used_by {
            accounts.senders.insert(Channel::Email, persona.id.clone(), sender.clone());
        }
        Ok(())
    }

    /// The mailbox with paths that start from the study's folder; the town has no Maildirs, so
    /// there it is read by IMAP.
    fn at_hand(&self, mailbox: &Mailbox) -> Mailbox {
        let mut mailbox = mailbox.clone();
        mailbox.ca_file = mailbox.ca_file.map(|path| self.base.join(path).to_string_lossy().into_owned());
        match (&mut mailbox.inbox, self.dialer) {
            (inbox @ Inbox::Maildir { .. }, Dialer::Town(_)) => {
                let server = Server { host: "town".to_owned(), port: 993, security: Security::Tls };
                *inbox = Inbox::Imap { server, spam: None, folders: Vec::new() };
            }
            (Inbox::Maildir { path }, Dialer::World) => *path = self.base.join(&path).to_string_lossy().into_owned(),
            (Inbox::Imap { .. }, _) => {}
        }
        mailbox
    }

    fn inbox(&self, mailbox: &Mailbox, password: Option<SecretString>) -> Result<Box<dyn Source>, AccountError> {
        let since = self.plan.start;
        let none = || SecretString::from(String::new());
        let imap = ImapSource::new(mailbox, password.unwrap_or_else(none), since, self.dialer.clone());
        if let Some(source) = imap {
            return Ok(Box::new(source));
        }
        match MaildirSource::new(mailbox, since) {
            Some(source) => Ok(Box::new(source)),
            None => Err(AccountError {
                account: mailbox.id.clone(),
                what: "it has neither an IMAP server nor a Maildir".to_owned(),
                help: "give it `imap:` or `maildir:`".to_owned(),
            }),
        }
    }

    fn mastodon(
        &self,
        account: &MastodonAccount,
        used_by: &[&Persona],
        accounts: &mut Accounts,
    ) -> Result<(), AccountError> {
        let token = self.secret(&account.id, &account.token)?;
        let threads = Threads::default();
        let source = MastodonSource::new(account, token.clone(), threads.clone(), self.dialer.clone());
        accounts.sources.push(Box::new(source));
        accounts.threads.insert(account.id.clone(), threads);
        let language = &self.plan.study.language;
        let sender: Arc<dyn Sender> = Arc::new(MastodonSender::new(account, token, language, self.dialer.clone()));
        for persona in used_by {
            accounts.senders.insert(Channel::Mastodon, persona.id.clone(), sender.clone());
        }
        Ok(())
    }

    /// Forms need no login: what fails on our side is the network.
    fn web<'p>(&self, used_by: impl Iterator<Item = &'p Persona>, accounts: &mut Accounts) {
        let sender = WebFormSender::new(AccountId::web(), self.dialer.clone(), self.plan, self.clock.clone());
        let sender: Arc<dyn Sender> = Arc::new(sender.of_study_in(self.base));
        for persona in used_by {
            accounts.senders.insert(Channel::WebForm, persona.id.clone(), sender.clone());
        }
    }

    fn secret(&self, account: &AccountId, source: &SecretSource) -> Result<SecretString, AccountError> {
        if matches!(self.dialer, Dialer::Town(_)) {
            return Ok(simulated_secret(account));
        }
        let missing = |what: String, help: &str| AccountError { account: account.clone(), what, help: help.to_owned() };
        match source {
            SecretSource::Env(name) => std::env::var(name).map(SecretString::from).map_err(|_| {
                missing(format!("the environment variable {name} is not set"), "set it in the shell that runs Risposta")
            }),
            SecretSource::File(name) => {
                let path = self.base.join(name);
                let read = std::fs::read_to_string(&path).map_err(|e| {
                    missing(format!("{} cannot be read: {e}", path.display()), "write the secret to that file")
                })?;
                Ok(SecretString::from(read.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }
}

/// What stands for a secret in the town, where it tells accounts apart and protects nothing.
fn simulated_secret(account: &AccountId) -> SecretString {
    SecretString::from(account.to_string())
}
