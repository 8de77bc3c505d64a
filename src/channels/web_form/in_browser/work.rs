//! How is a form brought to its last button? The page is loaded, banners are put away, the form is found,
//! filled, and led through its steps; nothing leaves meanwhile but reading.

use super::hands;
use super::plan::{Act, Does, Plan};
use super::view::View;
use crate::browser::{BrowserError, Gate, Node, Visit};
use crate::channels::web_form::asker::Errand;
use crate::channels::web_form::ending;
use crate::channels::web_form::lenders::is_known_to;
use crate::channels::web_form::mask::Secrets;
use crate::channels::web_form::uploads::Uploads;
use crate::channels::{Ended, Evidence};
use crate::forms::Unfit;
use crate::forms::choose::choose;
use crate::forms::judge::Before;
use crate::model::outcome::Obstacle;
use crate::model::study::Step;
use std::fmt;
use std::time::Duration;
use url::Url;

/// How long a page may take until nothing happens any more.
const SETTLE: Duration = Duration::from_secs(10);

/// How often a form is looked for on a page that may still make it.
const LOOKS_MAX: usize = 4;

/// Most rounds of filling: what one round fills may make the page ask for more.
const ROUNDS_MAX: usize = 5;

/// Most steps of a form.
const STEPS_MAX: usize = 8;

/// A form under work.
pub(super) struct Work {
    pub(super) visit: Visit,
    pub(super) secrets: Secrets,
    pub(super) evidence: Vec<Evidence>,
    /// Whether it happens in a rehearsal's town, which speaks no TLS.
    pub(super) town: bool,
    /// The element in whose shadow tree a recipe looks.
    pub(super) shadow: Option<Node>,
    /// The host where the visit's last page was found, after all redirects.
    pub(super) site: String,
    /// Whether the button was pressed: from then on nothing is agreed to any more.
    pub(super) begun: bool,
    /// What a recipe gives to the form.
    pub(super) uploads: Uploads,
}

/// A form whose next button sends it, or may.
pub(super) struct Ready {
    /// The button.
    pub(super) button: Node,
    /// What stands on it.
    pub(super) label: String,
    /// Whether more steps follow: the page could not go on without telling its site.
    pub(super) more: bool,
    /// What the page said before.
    pub(super) before: Before,
    /// Steps of a recipe that follow.
    pub(super) rest: Vec<Step>,
}

/// Why a form was not brought to its button.
pub(super) enum Stop {
    /// A machine cannot send it.
    Unfit(Unfit),
    /// The page is none, or not for everybody.
    Ended(Ended),
    /// The browser or the page failed.
    Broken(BrowserError),
    /// Something of ours is missing, in words.
    Ours(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfit(unfit) => f.write_str(&unfit.why),
            Self::Ended(ended) => f.write_str(ended.failure().map_or("it ended", |failure| &failure.detail)),
            Self::Broken(broken) => broken.fmt(f),
            Self::Ours(why) => f.write_str(why),
        }
    }
}

impl From<BrowserError> for Stop {
    fn from(error: BrowserError) -> Self {
        Self::Broken(error)
    }
}

impl From<Unfit> for Stop {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

impl Work {
    /// Loads the page and fills its form up to the button that sends it, or that may.
    pub(super) async fn prepare(&mut self, errand: &Errand<'_>) -> Result<Ready, Stop> {
        self.open(errand).await?;
        if !errand.target.steps.is_empty() {
            return self.follow_recipe(errand).await;
        }
        match self.lead(errand, STEPS_MAX).await? {
            Led::Ready(ready) => Ok(*ready),
            // The page wants to tell its site before it goes on: that waits until the attempt is journaled.
            Led::HeldBack(steps) => {
                self.open(errand).await?;
                match self.lead(errand, steps).await? {
                    Led::Ready(ready) => Ok(*ready),
                    Led::HeldBack(_) => Err(Unfit::new(
                        Obstacle::UnknownField,
                        "the form's steps are not the same when it is filled once more: name them under `steps:`",
                    )
                    .into()),
                }
            }
        }
    }

    /// Loads the page, as any visitor does, and then lets nothing leave but reading.
    pub(super) async fn open(&mut self, errand: &Errand<'_>) -> Result<(), Stop> {
        self.visit.set_gate(Gate::Open);
        self.goto(&errand.target.url).await?;
        self.put_banners_away(false).await?;
        self.visit.set_gate(Gate::Reading { typed: errand.answers.message.clone() });
        Ok(())
    }

    /// Puts banners away that ask for consent to cookies; what was clicked is kept.
    async fn put_banners_away(&mut self, must_go: bool) -> Result<bool, BrowserError> {
        let clicked = hands::put_banners_away(&mut self.visit, must_go && !self.begun).await?;
        if !clicked.is_empty() {
            let words = format!("consent to cookies: {}", clicked.join(", "));
            self.evidence.push(Evidence { label: "banner", bytes: words.into_bytes() });
        }
        Ok(!clicked.is_empty())
    }

    /// Loads a page and waits until it is quiet.
    pub(super) async fn goto(&mut self, url: &Url) -> Result<(), Stop> {
        let mark = self.visit.mark();
        let mut url = url.clone();
        if self.town {
            // Neither fails for a URL that has a host.
            let _ = url.set_scheme("http");
        }
        self.visit.goto(&url).await?;
        self.visit.settle(SETTLE).await?;
        self.visit.url().await?.host_str().unwrap_or_default().clone_into(&mut self.site);
        let page = self.visit.since(mark).into_iter().rfind(|r| r.is_page && r.kind == "Document");
        match page.and_then(|p| p.status.map(|status| (status, p.url))) {
            Some((status, url)) if !(200..300).contains(&status) => Err(Stop::Ended(ending::not_shown(&url, status))),
            _ => Ok(()),
        }
    }

    /// Fills step after step, at most `steps` of them. Stops at the button that sends, and where the page
    /// cannot go on without telling its site.
    pub(super) async fn lead(&mut self, errand: &Errand<'_>, steps: usize) -> Result<Led, Stop> {
        for step in 0..=STEPS_MAX {
            let before = self.before(errand).await?;
            let (view, plan) = self.fill(errand).await?;
            let button = view.node(plan.button).cloned();
            let button = button.ok_or_else(|| BrowserError::Refused("the form's button is gone".to_owned()))?;
            if !hands::is_within_reach(&mut self.visit, &button).await? {
                // Something came up in the meantime, or stands there still: mostly a banner.
                self.visit.top().await?;
                self.put_banners_away(true).await?;
                continue;
            }
            if !plan.leads_on || step >= steps {
                self.look().await?;
                let Plan { label, leads_on, .. } = plan;
                let ready = Ready { button, label, more: leads_on, before, rest: Vec::new() };
                return Ok(Led::Ready(Box::new(ready)));
            }
            let mark = self.visit.mark();
            self.visit.click(&button).await?;
            self.visit.settle(SETTLE).await?;
            if self.wanted_to_write(mark, &view.url) {
                return Ok(Led::HeldBack(step));
            }
            if self.names(errand).await? == Some(plan.names) {
                let why = format!("\"{}\" leads to no next step: name what to do under `steps:`", plan.label);
                return Err(Unfit::new(Obstacle::UnknownField, why).into());
            }
        }
        Err(Unfit::new(Obstacle::UnknownField, "the form has too many steps, or something lies over its button").into())
    }

    /// What the page says before the message stands in it.
    pub(super) async fn before(&mut self, errand: &Errand<'_>) -> Result<Before, Stop> {
        let whole = View::whole(&mut self.visit).await?;
        let named = errand.target.form.as_deref();
        let message = &errand.answers.message;
        let page = whole.page();
        let form = choose(&page, named).ok().or_else(|| page.forms.first());
        Ok(match form {
            Some(form) => Before::of(&page, &whole.url, form, message),
            None => Before::of_page(&page, &whole.url, message),
        })
    }

    /// Fills what the form shows, until nothing is left to do; then stands in the form's frame.
    async fn fill(&mut self, errand: &Errand<'_>) -> Result<(View, Plan), Stop> {
        let mut found = self.find(errand).await?;
        for round in 0..ROUNDS_MAX {
            let (view, plan) = &found;
            if plan.acts.is_empty() {
                return Ok(found);
            }
            for act in &plan.acts {
                hands::act(&mut self.visit, view, act, round).await?;
            }
            self.visit.settle(hands::SHORT).await?;
            let view = View::read(&mut self.visit, true).await?;
            found = match Plan::of(&view, errand) {
                Ok(plan) if self.is_of_site(&view.url) => (view, plan),
                _ => self.find(errand).await?,
            };
        }
        let (view, plan) = found;
        let is_left = |a: &&Act| matches!(a.does, Does::Write(_) | Does::Choose { .. });
        let Some(left) = plan.acts.iter().filter(is_left).find(|a| !a.spared) else {
            // A mask that takes no number like ours: better none than half of one.
            for act in plan.acts.iter().filter(|a| matches!(a.does, Does::Write(_))) {
                hands::empty(&mut self.visit, &view, act).await?;
                let words = format!("left empty, for the page does not keep what is entered: \"{}\"", act.called);
                self.evidence.push(Evidence { label: "left empty", bytes: words.into_bytes() });
            }
            let view = View::read(&mut self.visit, true).await?;
            let plan = Plan::of(&view, errand)?;
            return Ok((view, plan));
        };
        let why = format!("the page does not keep what is entered in the field \"{}\"", left.called);
        Err(Unfit::new(Obstacle::UnknownField, why).into())
    }

    /// Finds the form, on a page that may still make it.
    async fn find(&mut self, errand: &Errand<'_>) -> Result<(View, Plan), Stop> {
        let mut lack = Unfit::new(Obstacle::NoForm, "the page shows nothing");
        for look in 0..LOOKS_MAX {
            if look > 0 {
                tokio::time::sleep(Duration::from_millis(700)).await;
                self.visit.settle(hands::SHORT).await?;
            }
            hands::learn_lists(&mut self.visit).await?;
            match View::find(&mut self.visit, &self.site, &|view| Plan::of(view, errand)).await? {
                Ok((view, plan)) => {
                    for form in view.page().forms {
                        self.secrets.learn_form(&form);
                    }
                    return Ok((view, plan));
                }
                Err(unfit) => lack = unfit,
            }
            // What is shown only to those who agree is asked for with the least consent.
            if lack.obstacle == Obstacle::ConsentWall {
                self.visit.top().await?;
                if self.put_banners_away(true).await? {
                    continue;
                }
            }
            // A CAPTCHA or a login does not go by waiting.
            let may_come = matches!(lack.obstacle, Obstacle::NoForm | Obstacle::NeedsBrowser | Obstacle::ConsentWall);
            if !may_come || View::read(&mut self.visit, true).await?.is_still {
                break;
            }
        }
        if let Ok(whole) = View::whole(&mut self.visit).await {
            self.evidence.push(Evidence { label: "page", bytes: whole.html.into_bytes() });
        }
        Err(lack.into())
    }

    /// Whether a page or frame has something to do with the site. One that is written into the page has no host.
    pub(super) fn is_of_site(&self, url: &Url) -> bool {
        url.host_str().is_none_or(|host| is_known_to(host, &self.site))
    }

    async fn names(&mut self, errand: &Errand<'_>) -> Result<Option<Vec<String>>, Stop> {
        let found = View::find(&mut self.visit, &self.site, &|view| Plan::of(view, errand)).await?;
        Ok(found.ok().map(|(_, plan)| plan.names))
    }

    /// Whether the page wanted to tell its own site something, and was held back.
    fn wanted_to_write(&self, mark: usize, page: &Url) -> bool {
        let refused = self.visit.since(mark).into_iter().filter(|r| r.refused && r.kind != "Ping");
        let is_own = |url: &str| {
            let host = |url: &Url| url.host_str().map(|h| h.trim_start_matches("www.").to_owned());
            url.parse::<Url>().is_ok_and(|url| host(&url) == host(page))
        };
        refused.into_iter().any(|r| is_own(&r.url))
    }

    /// Keeps what is to be seen of the filled form.
    pub(super) async fn look(&mut self) -> Result<(), Stop> {
        let picture = self.visit.screenshot().await?;
        self.evidence.push(Evidence { label: "screenshot", bytes: picture });
        let view = View::read(&mut self.visit, true).await?;
        self.evidence.push(Evidence { label: "page", bytes: view.html.into_bytes() });
        Ok(())
    }

    /// The evidence so far, without secrets.
    pub(super) fn taken_evidence(&mut self) -> Vec<Evidence> {
        let (pictures, texts): (Vec<Evidence>, Vec<Evidence>) =
            std::mem::take(&mut self.evidence).into_iter().partition(|e| e.label == "screenshot");
        self.secrets.masked(texts).into_iter().chain(pictures).collect()
    }
}

/// How far a form was led.
pub(super) enum Led {
    /// To a button that is not pressed without the attempt being journaled.
    Ready(Box<Ready>),
    /// To a step, counted from 0, whose button wanted to write.
    HeldBack(usize),
}
