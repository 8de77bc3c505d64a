//! How are the steps of a study's recipe followed? Up to the one that sends the form nothing leaves but
//! reading; each step has a time limit, and says which one it was where it fails.

use super::hands;
use super::work::{Ready, Stop, Work};
use crate::browser::{BrowserError, Gate, Node};
use crate::channels::Evidence;
use crate::channels::web_form::asker::Errand;
use crate::channels::web_form::ending::blocked;
use crate::forms::Unfit;
use crate::forms::roles::Role;
use crate::model::outcome::Obstacle;
use crate::model::study::{Action, Step, sending_step};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;

/// How long a step may take where the study does not say.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

/// Between two looks for something that is waited for.
const TICK: Duration = Duration::from_millis(200);

impl Work {
    /// Follows a recipe up to the step that sends the form.
    pub(super) async fn follow_recipe(&mut self, errand: &Errand<'_>) -> Result<Ready, Stop> {
        let steps = &errand.target.steps;
        let none = || Unfit::new(Obstacle::UnknownField, "the recipe has no step that sends the form");
        let at = sending_step(steps).ok_or_else(none)?;
        for step in &steps[..at] {
            self.step(step, errand).await?;
        }
        let (Action::Send(css) | Action::Click(css)) = &steps[at].does else { return Err(none().into()) };
        let before = self.before(errand).await?;
        // To judge the page its frames were left: the way into them is gone again.
        self.shadow = None;
        for step in steps[..at].iter().filter(|s| matches!(s.does, Action::InFrame(_) | Action::InShadow(_))) {
            self.step(step, errand).await?;
        }
        let button = self.there(css, limit(&steps[at])).await?;
        self.look().await?;
        Ok(Ready { button, label: css.clone(), more: false, before, rest: steps[at + 1..].to_vec() })
    }

    /// Follows one step.
    pub(super) async fn step(&mut self, step: &Step, errand: &Errand<'_>) -> Result<(), Stop> {
        let within = limit(step);
        let done = tokio::time::timeout(within, self.does(step, errand)).await;
        let failed = |why: String| Unfit::new(Obstacle::UnknownField, format!("the step `{}`: {why}", called(step)));
        match done {
            Ok(Err(Stop::Broken(BrowserError::Refused(why)))) => Err(failed(why).into()),
            Ok(Err(Stop::Unfit(unfit))) => Err(failed(unfit.why).into()),
            Ok(other) => other,
            Err(_) => Err(failed(format!("not done within {within:?}")).into()),
        }
    }

    async fn does(&mut self, step: &Step, errand: &Errand<'_>) -> Result<(), Stop> {
        let within = limit(step);
        match &step.does {
            Action::Goto(url) => {
                let url = url.parse().map_err(|_| BrowserError::Refused(format!("`{url}` is no address")))?;
                // Nothing of the form was typed into the page that comes.
                self.visit.set_gate(Gate::Open);
                self.goto(&url).await?;
                self.visit.set_gate(Gate::Reading { typed: errand.answers.message.clone() });
            }
            Action::Click(css) | Action::Send(css) => {
                let node = self.there(css, within).await?;
                self.visit.click(&node).await?;
                self.visit.settle(hands::SHORT).await?;
            }
            Action::Fill(fields) => {
                for (css, value) in fields {
                    let (node, text) = (self.there(css, within).await?, said(errand, css, value)?);
                    hands::write(&mut self.visit, &node, &text, 0).await?;
                }
            }
            Action::Select(lists) => {
                for (css, value) in lists {
                    let (node, text) = (self.there(css, within).await?, said(errand, css, value)?);
                    if !hands::choose_by_text(&mut self.visit, &node, &text).await? {
                        return Err(BrowserError::Refused(format!("`{css}` has no choice \"{text}\"")).into());
                    }
                }
            }
            Action::Check(css) => {
                let node = self.there(css, within).await?;
                hands::tick(&mut self.visit, &node, true).await?;
            }
            Action::Upload(files) => {
                for file in files {
                    let bytes = self.uploads.read(file).map_err(|why| Stop::Ended(blocked(why)))?;
                    let node = self.there(&file.into, within).await?;
                    let name = Path::new(&file.path).file_name().unwrap_or_default();
                    self.visit.give_file(&node, name, &bytes).await?;
                }
            }
            Action::WaitFor(css) => {
                self.there(css, within).await?;
            }
            Action::InFrame(css) if css == "top" => {
                self.shadow = None;
                self.visit.top().await?;
            }
            Action::InFrame(css) => {
                let frame = self.there(css, within).await?;
                self.shadow = None;
                self.visit.enter(&frame).await?;
            }
            Action::InShadow(css) if css == "top" => self.shadow = None,
            Action::InShadow(css) => self.shadow = Some(self.there(css, within).await?),
            Action::Expect(text) => self.shows(text, within).await?,
            Action::Screenshot(name) => {
                let picture = self.visit.screenshot().await?;
                let named = format!("screenshot {name}: SHA-256 {}", hex::encode(Sha256::digest(&picture)));
                self.evidence.push(Evidence { label: "names", bytes: named.into_bytes() });
                self.evidence.push(Evidence { label: "screenshot", bytes: picture });
            }
        }
        Ok(())
    }

    /// The element of a selector, waited for.
    async fn there(&mut self, css: &str, within: Duration) -> Result<Node, BrowserError> {
        let ticks = within.as_millis() / TICK.as_millis();
        let shadow = self.shadow.clone();
        for _ in 1..ticks {
            match self.visit.find(css, shadow.as_ref()).await {
                Err(BrowserError::Refused(_)) => tokio::time::sleep(TICK).await,
                other => return other,
            }
        }
        self.visit.find(css, shadow.as_ref()).await
    }

    /// Waits for a text of the page or the frame that was entered.
    async fn shows(&mut self, text: &str, within: Duration) -> Result<(), Stop> {
        const SHOWN: &str = "const fold = t => (t || '').replace(/\\s+/g, ' '); const all = [document.body.innerText]; \
            document.querySelectorAll('*').forEach(e => { if (e.shadowRoot) all.push(e.shadowRoot.textContent); }); \
            return all.some(t => fold(t).includes(fold(arguments[0])));";
        let ticks = within.as_millis() / TICK.as_millis();
        for _ in 0..ticks {
            match self.visit.run(SHOWN, vec![serde_json::json!(text)]).await {
                Ok(shown) if shown == true => return Ok(()),
                Ok(_) | Err(BrowserError::Refused(_)) => tokio::time::sleep(TICK).await,
                Err(e) => return Err(e.into()),
            }
        }
        Err(BrowserError::Refused("the page does not show it".to_owned()).into())
    }
}

fn limit(step: &Step) -> Duration {
    step.within_seconds.map_or(STEP_TIMEOUT, |seconds| Duration::from_secs(u64::from(seconds)))
}

/// What a step's value says: a role, or a template.
fn said(errand: &Errand<'_>, key: &str, value: &str) -> Result<String, Stop> {
    let answers = &errand.answers;
    let unfit = |why: String| Stop::Unfit(Unfit::new(Obstacle::UnknownField, why));
    match Role::named(value.trim()) {
        None => errand.rendered(key, value).map_err(unfit),
        Some(role) => answers.of_role(role).ok_or_else(|| unfit(format!("the persona has nothing for `{value}`"))),
    }
}

/// The step as the study writes it.
fn called(step: &Step) -> String {
    let first = |pairs: &[(String, String)]| pairs.first().map(|(css, _)| css.clone()).unwrap_or_default();
    match &step.does {
        Action::Goto(to) => format!("goto: {to}"),
        Action::Click(css) => format!("click: {css}"),
        Action::Send(css) => format!("send: {css}"),
        Action::Fill(pairs) => format!("fill: {{{}: …}}", first(pairs)),
        Action::Select(pairs) => format!("select: {{{}: …}}", first(pairs)),
        Action::Check(css) => format!("check: {css}"),
        Action::Upload(files) => format!("upload: {{{}: …}}", files.first().map_or("", |file| &file.into)),
        Action::WaitFor(css) => format!("wait_for: {css}"),
        Action::InFrame(css) => format!("in_frame: {css}"),
        Action::InShadow(css) => format!("in_shadow: {css}"),
        Action::Expect(text) => format!("expect: {text}"),
        Action::Screenshot(name) => format!("screenshot: {name}"),
    }
}
