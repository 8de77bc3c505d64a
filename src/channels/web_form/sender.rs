//! Which engine fills a form? The study says so, or plain HTTP is tried first, and a browser where the form
//! is made or guarded by scripts.

use super::asker::{Askers, Errand, Kept};
use super::ending::blocked;
use super::http::{Http, Limits};
use super::in_browser::{InBrowser, is_for_a_browser, took_nothing};
use super::means::{Means, witnesses};
use super::uploads::Uploads;
use crate::browser::{Browser, Whereabouts};
use crate::channels::{Delivered, Evidence, Outgoing, Prepared, Refused, Sender};
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::outcome::Outcome;
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::{Engine, FormTarget, Target};
use crate::net::Dialer;
use async_trait::async_trait;
use std::path::Path;

/// Sends questions through the contact forms of companies.
pub struct WebFormSender {
    askers: Askers,
    means: Means,
    browser: Browser,
}

impl WebFormSender {
    /// A sender for the personas of a plan. `account` is what pauses when we fail ourselves. Its browser is
    /// started when a form first needs it.
    #[must_use]
    pub fn new(account: AccountId, dialer: Dialer, plan: &Plan, clock: Clock) -> Self {
        let study = &plan.study;
        let (language, limits) = (study.language.clone(), Limits::default());
        let browser = Browser::new(dialer.clone(), Whereabouts::from_env(), &language);
        let (witnesses, uploads) = (witnesses(study), Uploads::default());
        let own = AccountId::browser();
        let means = Means { account, browser: own, dialer, clock, language, limits, witnesses, uploads };
        Self { askers: Askers::of(plan), means, browser }
    }

    /// The same, for a study in that folder: what its recipes upload lies there.
    #[must_use]
    pub fn of_study_in(mut self, folder: &Path) -> Self {
        self.means.uploads = Uploads::below(folder);
        self
    }

    /// The same, with other limits of time and size.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.means.limits = limits;
        self
    }

    /// The same, with that browser.
    pub fn with_browser(mut self, browser: Browser) -> Self {
        self.browser = browser;
        self
    }

    /// Plain HTTP, then a browser: before anything was sent, or where the site surely took nothing.
    async fn prepare_either(&self, errand: Errand<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let kept = Kept::of(&errand);
        match Http::new(&self.means).prepare(errand).await {
            Ok(first) => {
                let (means, browser) = (self.means.clone(), self.browser.clone());
                Ok(Box::new(HttpFirst { first, kept, means, browser }))
            }
            Err(refused) if is_for_a_browser(&refused.outcome) => match self.browser.programs().await {
                Ok(_) => InBrowser::new(&self.means, &self.browser).prepare(kept.errand()).await,
                Err(missing) => Err(with_words(refused, &missing.to_string())),
            },
            Err(refused) => Err(refused),
        }
    }
}

#[async_trait]
impl Sender for WebFormSender {
    fn account(&self) -> &AccountId {
        &self.means.account
    }

    fn account_of(&self, inquiry: &PlannedInquiry) -> &AccountId {
        if form_of(inquiry).is_some_and(FormTarget::wants_browser) { &self.means.browser } else { &self.means.account }
    }

    async fn ready(&self, inquiries: &[&PlannedInquiry]) -> Result<(), String> {
        let forms = || inquiries.iter().filter_map(|inquiry| form_of(inquiry));
        if forms().any(FormTarget::wants_browser) {
            self.browser.programs().await.map_err(|missing| missing.to_string())?;
        }
        self.means.uploads.are_there(forms().flat_map(|form| &form.steps))
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let errand = self.askers.errand(outgoing).map_err(blocked)?;
        match errand.target.engine {
            Engine::Http => Http::new(&self.means).prepare(errand).await,
            Engine::Auto if !errand.target.wants_browser() => self.prepare_either(errand).await,
            Engine::Browser | Engine::Auto => InBrowser::new(&self.means, &self.browser).prepare(errand).await,
        }
    }

    async fn close(&self) {
        self.browser.stop().await;
    }
}

/// A form that plain HTTP lets go, and a browser after it where the site surely took nothing.
struct HttpFirst {
    first: Box<dyn Prepared>,
    kept: Kept,
    means: Means,
    browser: Browser,
}

#[async_trait]
impl Prepared for HttpFirst {
    fn bytes_sha256(&self) -> Option<String> {
        self.first.bytes_sha256()
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.first.evidence()
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let Self { first, kept, means, browser } = *self;
        let mut delivered = first.deliver().await;
        if !took_nothing(&delivered.outcome) || browser.programs().await.is_err() {
            return delivered;
        }
        match InBrowser::new(&means, &browser).prepare(kept.errand()).await {
            Ok(second) => {
                delivered.evidence.extend(second.evidence());
                let Delivered { outcome, evidence } = second.deliver().await;
                delivered.evidence.extend(evidence);
                Delivered { outcome, evidence: delivered.evidence }
            }
            Err(refused) => {
                delivered.evidence.extend(refused.evidence);
                // What a browser finds in the way says more; that it failed itself, less.
                if matches!(refused.outcome, Outcome::Blocked(_)) {
                    delivered.outcome = refused.outcome;
                }
                delivered
            }
        }
    }
}

fn form_of(inquiry: &PlannedInquiry) -> Option<&FormTarget> {
    match &inquiry.target {
        Target::WebForm(form) => Some(form),
        _ => None,
    }
}

fn with_words(refused: Refused, words: &str) -> Refused {
    let Refused { outcome, evidence } = refused;
    let outcome = match outcome {
        Outcome::Blocked(mut failure) => {
            failure.detail = format!("{}. {words}", failure.detail);
            Outcome::Blocked(failure)
        }
        other => other,
    };
    Refused { outcome, evidence }
}
