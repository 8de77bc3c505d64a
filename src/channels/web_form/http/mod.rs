//! The engine of plain HTTP: gets the page, finds and fills the form there or in a frame, and makes
//! the bytes that a browser would send. Nothing is submitted before [`FilledForm`] is let go.

mod exchange;
mod filled;
mod frames;
mod look;
mod refresh;
mod submit;

use super::asker::Errand;
use super::ending::{blocked, unfit};
use super::means::Means;
use crate::channels::{Ended, Evidence, Prepared, Refused};
use crate::forms::choose::choose;
use crate::forms::fill::fill;
use crate::forms::judge::{Before, made_by_script};
use crate::forms::page::{Form, Page};
use crate::forms::{Unfit, fill::Answers};
use crate::lexicon::form_words::Concept;
use crate::model::outcome::{Failure, Obstacle, Outcome, Phase};
use crate::net::text::decode;
use crate::net::{Suspect, leads_inside};
use encoding_rs::Encoding;
use exchange::{Answer, Lost, Request, Visit};
use filled::FilledForm;
use frames::{Frame, frames, strange_host};
use submit::Submission;
use url::Url;

pub use exchange::Limits;
pub use look::{Looked, look};

/// Most pages that a page may lead on to by itself before its form is looked for.
const REFRESHES_MAX: usize = 3;

/// The engine.
pub(super) struct Http<'m> {
    means: &'m Means,
}

/// A page's text, and where and how it came.
struct Source {
    html: String,
    encoding: &'static Encoding,
    url: Url,
}

/// A form that is filled, with what is needed to judge the answer.
struct Ready {
    submission: Submission,
    before: Before,
}

/// Why a page has no form that can be sent, and the frames that may have one.
struct NotReady {
    unfit: Unfit,
    frames: Vec<Frame>,
}

impl<'m> Http<'m> {
    pub(super) fn new(means: &'m Means) -> Self {
        Self { means }
    }

    /// Fills a form, ready to be let go.
    pub(super) async fn prepare(&self, errand: Errand<'_>) -> Result<Box<dyn Prepared>, Refused> {
        let visit = self.visit(&errand.target.url).map_err(|why| self.means.our_fault().outcome(why))?;
        let (answer, mut evidence) = self.page(&visit, &errand.target.url).await?;
        let source = source(&answer);
        let found = match ready(&source, &errand, &visit) {
            Ok(ready) => Ok((ready, source.url)),
            Err(not_ready) => self.in_frames(&visit, &source, not_ready, &errand, &mut evidence).await,
        };
        let evidence = visit.masked(evidence);
        match found {
            Ok((ready, page)) => Ok(Box::new(FilledForm {
                visit,
                page,
                submission: ready.submission,
                before: ready.before,
                answers: errand.answers,
                success: errand.target.success.clone(),
                clock: self.means.clock.clone(),
                our_fault: self.means.our_fault(),
                evidence,
            })),
            Err(why) => Err(Refused { outcome: unfit(why), evidence }),
        }
    }

    fn visit(&self, start: &Url) -> Result<Visit, String> {
        let http = self.means.dialer.http_from(start, self.means.limits.connect);
        let http = http.map_err(|e| format!("the TLS set-up failed: {e}"))?;
        Ok(Visit::new(http, self.means.language.clone(), self.means.limits))
    }

    /// Gets the page, and the page that it leads on to by itself.
    async fn page(&self, visit: &Visit, url: &Url) -> Result<(Answer, Vec<Evidence>), Refused> {
        let mut evidence = Vec::new();
        let mut request = Request { url: url.clone(), body: None, from: None };
        for _ in 0..=REFRESHES_MAX {
            let answer = self.get(visit, request).await?;
            evidence.push(Evidence { label: "page", bytes: answer.body.clone() });
            match refresh::next_page(&answer) {
                Some(next) => request = Request { url: next, body: None, from: Some(answer.url) },
                None => return Ok((answer, evidence)),
            }
        }
        let why = format!("more than {REFRESHES_MAX} pages that lead on to another one");
        Err(Refused { outcome: blocked(why), evidence })
    }

    async fn get(&self, visit: &Visit, request: Request) -> Result<Answer, Refused> {
        match visit.send(request).await {
            Ok(answer) if answer.status.is_success() && !answer.is_challenge => Ok(answer),
            Ok(answer) => {
                let outcome = match network_speaks(&answer, visit.http.is_proxied(&answer.url)) {
                    Some((suspect, why)) => self.means.our_fault().or_deferred(suspect, why).await,
                    None => page_refused(&answer),
                };
                Err(Refused { outcome, evidence: visit.masked(answer.evidence) })
            }
            Err(Lost { unreached, why, evidence }) => {
                // Nothing was submitted: what is unclear about the page leaves no doubt.
                let outcome = self.means.our_fault().or_deferred(unreached.unwrap_or(Suspect::Theirs), why).await;
                Err(Refused { outcome, evidence: visit.masked(evidence) })
            }
        }
    }

    /// Looks for the form in the page's frames.
    async fn in_frames(
        &self,
        visit: &Visit,
        page: &Source,
        not_ready: NotReady,
        errand: &Errand<'_>,
        evidence: &mut Vec<Evidence>,
    ) -> Result<(Ready, Url), Unfit> {
        let NotReady { mut unfit, frames } = not_ready;
        let not_looked_into = |why: &str, host: &str| format!("{why}; a frame of {host} was not looked into");
        for frame in frames {
            let source = match frame {
                Frame::Written(html) => Source { html, encoding: encoding_rs::UTF_8, url: page.url.clone() },
                Frame::Strange(host) => {
                    unfit.why = not_looked_into(&unfit.why, &host);
                    continue;
                }
                Frame::At(url) => {
                    let request = Request { url, body: None, from: Some(page.url.clone()) };
                    // A frame that is not to be had is as good as none.
                    let Ok(answer) = self.get(visit, request).await else { continue };
                    evidence.push(Evidence { label: "page", bytes: answer.body.clone() });
                    if let Some(host) = strange_host(&answer.url, &page.url) {
                        unfit.why = not_looked_into(&unfit.why, host);
                        continue;
                    }
                    source(&answer)
                }
            };
            match ready(&source, errand, visit) {
                Ok(ready) => return Ok((ready, source.url)),
                // A form that was found and cannot be sent says more than a page without one.
                Err(inner) if inner.unfit.obstacle != Obstacle::NoForm => unfit = inner.unfit,
                Err(_) => {}
            }
        }
        Err(unfit)
    }
}

fn source(answer: &Answer) -> Source {
    let (html, encoding) = decode(&answer.body, answer.content_type.as_deref());
    Source { html, encoding, url: answer.url.clone() }
}

/// Finds and fills the form of a page.
fn ready(source: &Source, errand: &Errand<'_>, visit: &Visit) -> Result<Ready, NotReady> {
    let page = Page::parse(&source.html, &source.url);
    page.forms.iter().for_each(|form| visit.learn_form(form));
    let not_ready = |unfit: Unfit| {
        let elsewhere = may_stand_in_a_frame(&unfit.obstacle);
        NotReady { unfit, frames: if elsewhere { frames(&page, &source.url) } else { Vec::new() } }
    };
    let form = choose(&page, errand.target.form.as_deref()).map_err(|why| {
        let by_script = (why.obstacle == Obstacle::NoForm).then(|| made_by_script(&page)).flatten();
        not_ready(by_script.unwrap_or(why))
    })?;
    filled(&page, form, source, errand).map_err(not_ready)
}

/// Whether a page that has no form to be sent may have one in a frame.
const fn may_stand_in_a_frame(obstacle: &Obstacle) -> bool {
    matches!(obstacle, Obstacle::NoForm | Obstacle::NeedsBrowser | Obstacle::ConsentWall)
}

fn filled(page: &Page, form: &Form, source: &Source, errand: &Errand<'_>) -> Result<Ready, Unfit> {
    let filled = fill(page, form, errand.inputs())?;
    let submission = sendable(Submission::new(form, &filled, source.encoding), &source.url)?;
    Ok(Ready { submission, before: Before::of(page, &source.url, form, &errand.answers.message) })
}

/// A submission that leaves for the web, and not for our own network.
fn sendable(submission: Option<Submission>, from: &Url) -> Result<Submission, Unfit> {
    let Some(submission) = submission else {
        return Err(Unfit::new(Obstacle::NeedsBrowser, "the form is sent by a script"));
    };
    if leads_inside(from, &submission.url) {
        let why = format!("the form is sent to `{}`, inside our own network", submission.url);
        return Err(Unfit::new(Obstacle::NoForm, why));
    }
    Ok(submission)
}

/// The form of a page that shows once more what was entered, ready to be sent.
fn confirmed(page: &Page, form: &Form, source: &Source, answers: &Answers) -> Result<Submission, Unfit> {
    let filled = crate::forms::fill::fill_again(page, form, answers)?;
    sendable(Submission::new(form, &filled, source.encoding), &source.url)
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

/// A page that was answered, but not shown. Nothing was submitted.
fn page_refused(answer: &Answer) -> Ended {
    let code = answer.status.as_u16();
    let failure = |why: &str| {
        Failure::new(Phase::Connect, format!("{} answered {}: {why}", answer.url, answer.status)).with_code(code)
    };
    let walled = || Outcome::Blocked(failure("it wants a proof that a person asks").with_obstacle(Obstacle::BotWall));
    match code {
        _ if answer.is_challenge => walled(),
        404 | 410 => Outcome::Rejected(failure("there is no such page")),
        429 if is_challenge_page(answer) => walled(),
        408 | 425 | 429 | 500.. => {
            Outcome::Deferred(failure("the page cannot be reached now").with_retry_after(answer.retry_after))
        }
        401 | 407 => Outcome::Blocked(failure("the page wants a login").with_obstacle(Obstacle::Login)),
        403 => Outcome::Blocked(failure("the page is not for everybody").with_obstacle(Obstacle::BotWall)),
        _ => Outcome::Blocked(failure("the page is not shown")),
    }
}

fn is_challenge_page(answer: &Answer) -> bool {
    let Source { html, url, .. } = source(answer);
    let page = Page::parse(&html, &url);
    let words = format!("{} {}", page.title(), page.text());
    Concept::Challenge.is_in(&words) || page.forms.iter().any(|f| f.captcha.is_some())
}
