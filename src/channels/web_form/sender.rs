//! How does a question go through a form, step by step?

use super::exchange::{Answer, Limits, Lost, Request, Visit, leads_inside};
use super::submit::Submission;
use crate::channels::{Delivered, Ended, Evidence, Outgoing, Prepared, Refused, Sender};
use crate::clock::Clock;
use crate::forms::choose::choose;
use crate::forms::fill::{Answers, Mapped, fill};
use crate::forms::judge::{Before, Seen, Verdict};
use crate::forms::page::Page;
use crate::forms::roles::Role;
use crate::model::ids::{AccountId, CompanyId, PersonaId};
use crate::model::outcome::{Failure, Outcome, Phase};
use crate::model::plan::{Plan, PlannedInquiry};
use crate::model::study::{FormSuccess, FormTarget, Inbox, Study, Target};
use crate::model::time::Stamp;
use crate::net::text::decode;
use crate::net::{Dialer, Suspect, Witness};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// Who fills a form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    /// Full name.
    name: String,
    /// Telephone number.
    phone: Option<String>,
    /// Where replies go when the inquiry has no address of its own.
    email: Option<String>,
}

/// Sends questions through the contact forms of companies.
pub struct WebFormSender {
    account: AccountId,
    dialer: Dialer,
    people: BTreeMap<PersonaId, Person>,
    vars: BTreeMap<CompanyId, BTreeMap<String, String>>,
    language: String,
    clock: Clock,
    limits: Limits,
    /// Our own servers: where they cannot be reached either, it is our network that fails.
    witnesses: Vec<Witness>,
}

impl WebFormSender {
    /// A sender for the personas of a plan. `account` is what pauses when we fail ourselves.
    #[must_use]
    pub fn new(account: AccountId, dialer: Dialer, plan: &Plan, clock: Clock) -> Self {
        let study = &plan.study;
        let person = |persona: &crate::model::study::Persona| Person {
            name: persona.name.clone(),
            phone: persona.phone.clone(),
            email: persona.mailbox.as_ref().and_then(|id| study.mailbox(id)).map(|m| m.address.clone()),
        };
        Self {
            account,
            dialer,
            people: study.personas.iter().map(|p| (p.id.clone(), person(p))).collect(),
            vars: study.companies.iter().map(|c| (c.id.clone(), c.vars.clone())).collect(),
            language: study.language.clone(),
            clock,
            limits: Limits::default(),
            witnesses: witnesses(study),
        }
    }

    /// The same, with other limits of time and size.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What can be written into a form for this message.
    fn answers(&self, outgoing: Outgoing<'_>) -> Result<Answers, String> {
        let inquiry = outgoing.inquiry;
        let person = self.people.get(&inquiry.persona);
        let person = person.ok_or_else(|| format!("the study has no persona `{}`", inquiry.persona))?;
        let email = inquiry.reply_to.clone().or_else(|| person.email.clone());
        Ok(Answers {
            name: person.name.clone(),
            email: email.ok_or("the persona has no address that a reply could come to")?,
            phone: person.phone.clone(),
            subject: outgoing.message.subject.clone(),
            message: outgoing.message.text.clone(),
        })
    }

    /// The study's mapping with its templates filled in.
    fn mapping(
        &self,
        inquiry: &PlannedInquiry,
        fields: &BTreeMap<String, String>,
        answers: &Answers,
    ) -> Result<BTreeMap<String, Mapped>, String> {
        let mut context = BTreeMap::new();
        for (name, value) in self.vars.get(&inquiry.company).into_iter().flatten() {
            context.insert(name.as_str(), minijinja::Value::from(value.as_str()));
        }
        let persona = minijinja::context! {
            name => answers.name.clone(), phone => answers.phone.clone().unwrap_or_default(), email => answers.email.clone(),
        };
        context.insert("persona", persona);
        for (name, value) in [("email", &answers.email), ("subject", &answers.subject), ("message", &answers.message)] {
            context.insert(name, minijinja::Value::from(value.as_str()));
        }
        let mut environment = minijinja::Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let read = |(key, value): (&String, &String)| {
            let mapped = match Role::named(value.trim()) {
                Some(role) => Mapped::Role(role),
                None => environment
                    .render_str(value, &context)
                    .map(Mapped::Text)
                    .map_err(|e| format!("what the study says to write into `{key}`: {e}"))?,
            };
            Ok((key.clone(), mapped))
        };
        fields.iter().map(read).collect()
    }

    /// Gets the page.
    async fn visit(&self, url: &Url) -> Result<(Visit, Answer), Refused> {
        let http = self.dialer.http_within(self.limits.connect);
        let http = http.map_err(|e| self.our_fault().outcome(format!("the TLS set-up failed: {e}")))?;
        let visit = Visit { http, language: self.language.clone(), limits: self.limits };
        let request = Request { url: url.clone(), body: None, from: None };
        match visit.send(request).await {
            Ok(answer) if answer.status.is_success() && !answer.is_challenge => Ok((visit, answer)),
            Ok(answer) => {
                let outcome = match network_speaks(&answer, visit.http.is_proxied(&answer.url)) {
                    Some((suspect, why)) => self.our_fault().or_deferred(suspect, why).await,
                    None => page_refused(&answer),
                };
                Err(Refused { outcome, evidence: answer.evidence })
            }
            Err(Lost { unreached, why, evidence }) => {
                // Nothing was submitted: what is unclear about the page leaves no doubt.
                let outcome = self.our_fault().or_deferred(unreached.unwrap_or(Suspect::Theirs), why).await;
                Err(Refused { outcome, evidence })
            }
        }
    }

    fn our_fault(&self) -> OurFault {
        let (account, dialer) = (self.account.clone(), self.dialer.clone());
        OurFault { account, dialer, witnesses: self.witnesses.clone(), limit: self.limits.connect }
    }
}

/// The servers of our own that a study uses.
fn witnesses(study: &Study) -> Vec<Witness> {
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
struct OurFault {
    account: AccountId,
    dialer: Dialer,
    witnesses: Vec<Witness>,
    limit: Duration,
}

impl OurFault {
    /// What it means that a site was not reached.
    async fn or_deferred(&self, suspect: Suspect, why: String) -> Ended {
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

    fn outcome(&self, why: String) -> Ended {
        Outcome::AccountFailed { account: self.account.clone(), failure: Failure::new(Phase::Connect, why) }
    }
}

/// Answers that no site gives, but the network on the way: 407 a proxy of ours, 511 whoever wants a
/// login before anything is let through (RFC 6585 §6).
fn network_speaks(answer: &Answer, proxied: bool) -> Option<(Suspect, String)> {
    let suspect = match answer.status.as_u16() {
        407 if proxied => Suspect::OurProxy,
        511 => Suspect::Either,
        _ => return None,
    };
    Some((suspect, format!("{} answered {}", answer.url, answer.status)))
}

#[async_trait]
impl Sender for WebFormSender {
    fn account(&self) -> &AccountId {
        &self.account
    }

    async fn prepare(&self, outgoing: Outgoing<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let Target::WebForm(target) = &outgoing.inquiry.target else {
            return Err(blocked("the inquiry does not go to a web form".to_owned()).into());
        };
        let answers = self.answers(outgoing).map_err(blocked)?;
        let mapping = self.mapping(outgoing.inquiry, &target.fields, &answers).map_err(blocked)?;
        let (visit, answer) = self.visit(&target.url).await?;
        let evidence = vec![Evidence { label: "page", bytes: answer.body.clone() }];
        match ready(&answer, target, &mapping, &answers) {
            Ok((submission, before)) => Ok(Box::new(FilledForm {
                visit,
                page: answer.url,
                submission,
                before,
                success: target.success.clone(),
                clock: self.clock.clone(),
                our_fault: self.our_fault(),
                evidence,
            })),
            Err(why) => Err(Refused { outcome: blocked(why), evidence }),
        }
    }
}

/// Finds and fills the form of a page.
fn ready(
    answer: &Answer,
    target: &FormTarget,
    mapping: &BTreeMap<String, Mapped>,
    answers: &Answers,
) -> Result<(Submission, Before), String> {
    let (html, encoding) = decode(&answer.body, answer.content_type.as_deref());
    let page = Page::parse(&html, &answer.url);
    let form = choose(&page, target.form.as_deref())?;
    let entries = fill(&page, form, mapping, answers)?;
    let submission = Submission::new(form, &entries, encoding)?;
    if leads_inside(&answer.url, &submission.url) {
        return Err(format!("the form is sent to `{}`, inside our own network", submission.url));
    }
    Ok((submission, Before::of(&page, &answer.url, form, &answers.message)))
}

/// A page that was answered, but not shown. Nothing was submitted.
fn page_refused(answer: &Answer) -> Ended {
    let code = answer.status.as_u16();
    let failure = |why: &str| {
        Failure::new(Phase::Connect, format!("{} answered {}: {why}", answer.url, answer.status)).with_code(code)
    };
    match code {
        _ if answer.is_challenge => Outcome::Blocked(failure("it wants a proof that a person asks")),
        404 | 410 => Outcome::Rejected(failure("there is no such page")),
        429 if is_challenge_page(answer) => Outcome::Blocked(failure("it wants a proof that a person asks")),
        408 | 425 | 429 | 500.. => {
            Outcome::Deferred(failure("the page cannot be reached now").with_retry_after(answer.retry_after))
        }
        401 | 403 | 407 => Outcome::Blocked(failure("the page is not for everybody")),
        _ => Outcome::Blocked(failure("the page is not shown")),
    }
}

fn is_challenge_page(answer: &Answer) -> bool {
    let (html, _) = decode(&answer.body, answer.content_type.as_deref());
    let page = Page::parse(&html, &answer.url);
    let words = format!("{} {}", page.title(), page.text());
    crate::lexicon::form_words::Concept::Challenge.is_in(&words) || page.forms.iter().any(|f| f.captcha.is_some())
}

fn blocked(why: String) -> Ended {
    Outcome::Blocked(Failure::new(Phase::Prepare, why))
}

/// A form that is filled and needs only to be sent.
struct FilledForm {
    visit: Visit,
    page: Url,
    submission: Submission,
    before: Before,
    success: Option<FormSuccess>,
    clock: Clock,
    our_fault: OurFault,
    evidence: Vec<Evidence>,
}

#[async_trait]
impl Prepared for FilledForm {
    fn bytes_sha256(&self) -> Option<String> {
        Some(self.submission.sha256())
    }

    fn evidence(&self) -> Vec<Evidence> {
        self.evidence.clone()
    }

    async fn deliver(self: Box<Self>) -> Delivered {
        let Submission { url, body } = self.submission;
        let started = self.clock.now();
        match self.visit.send(Request { url, body, from: Some(self.page) }).await {
            Err(Lost { unreached: Some(suspect), why, evidence }) => {
                Delivered { outcome: self.our_fault.or_deferred(suspect, why).await, evidence }
            }
            Err(Lost { unreached: None, why, evidence }) => {
                Delivered { outcome: Outcome::InDoubt(Failure::new(Phase::Transfer, why)), evidence }
            }
            Ok(answer) => {
                let ended = self.clock.now();
                let took = u32::try_from((ended - started).num_seconds()).unwrap_or(0);
                let stamp = Stamp::observed(ended, took.saturating_add(1));
                let outcome = judged(&answer, &self.before, self.success.as_ref(), stamp);
                Delivered { outcome, evidence: answer.evidence }
            }
        }
    }
}

/// What an answer to the filled form means.
fn judged(answer: &Answer, before: &Before, success: Option<&FormSuccess>, at: Stamp) -> Ended {
    let code = answer.status.as_u16();
    let failure = |phase: Phase, why: String| Failure::new(phase, why).with_code(code);
    if !answer.status.is_success() {
        let failure = failure(Phase::Transfer, format!("{} answered {}", answer.url, answer.status));
        return match code {
            // The form's action had already answered: what failed is the page it sent us to.
            _ if answer.redirects > 0 => Outcome::InDoubt(failure),
            // What stands before the site says that it let nothing through.
            _ if answer.is_challenge => Outcome::Blocked(failure),
            400 | 404 | 410 | 422 => Outcome::Rejected(failure),
            408 | 409 | 425 => Outcome::InDoubt(failure),
            400..=499 => Outcome::Blocked(failure),
            _ => Outcome::InDoubt(failure),
        };
    }
    let (html, _) = decode(&answer.body, answer.content_type.as_deref());
    match before.judge(success, Seen { url: &answer.url, redirected: answer.redirects > 0, html: &html }) {
        Verdict::Taken => Outcome::Accepted { at, receipt: None },
        Verdict::Held(why) => Outcome::Held { at, failure: failure(Phase::Confirm, why) },
        Verdict::NotTaken(why) => Outcome::Blocked(failure(Phase::Confirm, why)),
        Verdict::Unclear(why) => Outcome::InDoubt(failure(Phase::Confirm, why)),
    }
}
