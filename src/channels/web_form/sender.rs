//! Which engine fills a form?

use super::asker::Askers;
use super::ending::blocked;
use super::http::{Http, Limits};
use super::means::{Means, witnesses};
use crate::channels::{Outgoing, Prepared, Refused, Sender};
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::plan::Plan;
use crate::net::Dialer;
use async_trait::async_trait;

/// Sends questions through the contact forms of companies.
pub struct WebFormSender {
    askers: Askers,
    means: Means,
}

impl WebFormSender {
    /// A sender for the personas of a plan. `account` is what pauses when we fail ourselves.
    #[must_use]
    pub fn new(account: AccountId, dialer: Dialer, plan: &Plan, clock: Clock) -> Self {
        let study = &plan.study;
        let (language, limits) = (study.language.clone(), Limits::default());
        let means = Means { account, dialer, clock, language, limits, witnesses: witnesses(study) };
        Self { askers: Askers::of(plan), means }
    }

    /// The same, with other limits of time and size.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.means.limits = limits;
        self
    }
}

#[async_trait]
impl Sender for WebFormSender {
    fn account(&self) -> &AccountId {
        &self.means.account
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let errand = self.askers.errand(outgoing).map_err(blocked)?;
        Http::new(&self.means).prepare(errand).await
    }
}
