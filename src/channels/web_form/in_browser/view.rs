//! What does a page show in the browser? Its document as HTML, as a person sees it, so that
//! [`forms`](crate::forms) reads it like any other; and for each control of it the live one.

use crate::browser::{BrowserError, Node, Visit};
use crate::channels::web_form::lenders::is_known_to;
use crate::forms::Unfit;
use crate::forms::page::{Field, Page};
use crate::model::outcome::Obstacle;
use serde_json::json;
use url::Url;

const READ: &str = concat!(include_str!("drawn.js"), include_str!("read.js"));

/// Most frames of a page that are looked into.
const FRAMES_MAX: usize = 6;

/// How deep frames are looked into.
const DEPTH_MAX: usize = 2;

/// Marks a control of the HTML with the number of the live one.
const MARK: &str = "data-risposta";

/// A document as it stands.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// Its address.
    pub(super) url: Url,
    /// Its content.
    pub(super) html: String,
    /// What the browser itself finds wrong with what was entered.
    pub(super) wrong: Vec<String>,
    /// Whether it stays as it is: nothing in it could change it.
    pub(super) is_still: bool,
    controls: Vec<Option<Node>>,
    frames: Vec<Node>,
}

impl View {
    /// Reads the document, or the frame that was entered. To be filled, with controls that nobody sees,
    /// marked as hidden; else without them.
    pub(super) async fn read(visit: &mut Visit, to_fill: bool) -> Result<Self, BrowserError> {
        let told = visit.run(READ, vec![json!(to_fill)]).await?;
        let address = told["url"].as_str().unwrap_or_default();
        let url = address.parse().map_err(|_| BrowserError::Refused(format!("the page's address is `{address}`")))?;
        let nodes = |key: &str| told[key].as_array().into_iter().flatten();
        let wrong = nodes("wrong").filter_map(|w| w[1].as_str()).filter(|w| !w.is_empty());
        Ok(Self {
            url,
            html: told["html"].as_str().unwrap_or_default().to_owned(),
            wrong: wrong.map(str::to_owned).collect(),
            is_still: told["still"] == true,
            controls: nodes("controls").map(|n| visit.node(n)).collect(),
            frames: nodes("frames").filter_map(|n| visit.node(n)).collect(),
        })
    }

    /// The whole page, with what its frames show, to be judged. Leaves all frames.
    pub(super) async fn whole(visit: &mut Visit) -> Result<Self, BrowserError> {
        visit.top().await?;
        let mut whole = Self::read(visit, false).await?;
        let mut inner = String::new();
        for frame in whole.frames.iter().take(FRAMES_MAX) {
            // A frame that is gone by now shows nothing.
            if visit.enter(frame).await.is_ok()
                && let Ok(view) = Self::read(visit, false).await
            {
                inner += "<div data-frame>";
                inner += view.html.trim_start_matches("<!doctype html>");
                inner += "</div>";
                whole.wrong.extend(view.wrong);
            }
            visit.top().await?;
        }
        let end = whole.html.rfind("</body>").unwrap_or(whole.html.len());
        whole.html.insert_str(end, &inner);
        Ok(whole)
    }

    /// The document that fits, looked for in the page and then in its frames; stays in the frame where it is
    /// found; frames of strangers to the host `site` are passed over. `fits` says yes, or what it misses; without any the page's own lack is given.
    pub(super) async fn find<T>(
        visit: &mut Visit,
        site: &str,
        fits: &(dyn Fn(&Self) -> Result<T, Unfit> + Sync),
    ) -> Result<Result<(Self, T), Unfit>, BrowserError>
    where
        T: Send,
    {
        visit.top().await?;
        let top = Self::read(visit, true).await?;
        if let Some(host) = top.url.host_str().filter(|host| !is_known_to(host, site)) {
            return Ok(Err(Unfit::new(Obstacle::NoForm, format!("the page led from {site} to {host}"))));
        }
        let lack = match fits(&top) {
            Ok(found) => return Ok(Ok((top, found))),
            Err(lack) => lack,
        };
        let mut paths: Vec<Vec<Node>> = top.frames.iter().take(FRAMES_MAX).map(|f| vec![f.clone()]).collect();
        while !paths.is_empty() {
            let path = paths.remove(0);
            visit.top().await?;
            let mut inside = true;
            for frame in &path {
                inside = inside && visit.enter(frame).await.is_ok();
            }
            let Some(view) = Self::read(visit, true).await.ok().filter(|_| inside) else { continue };
            // One that is written into the page has no host of its own.
            if view.url.host_str().is_some_and(|host| !is_known_to(host, site)) {
                continue;
            }
            if let Ok(found) = fits(&view) {
                return Ok(Ok((view, found)));
            }
            if path.len() < DEPTH_MAX {
                let deeper = view.frames.iter().take(FRAMES_MAX);
                paths.extend(deeper.map(|f| path.iter().cloned().chain([f.clone()]).collect()));
            }
        }
        visit.top().await?;
        Ok(Err(lack))
    }

    /// The page that the HTML makes.
    pub(super) fn page(&self) -> Page {
        Page::parse(&self.html, &self.url)
    }

    /// The live control of number `at`.
    pub(super) fn node(&self, at: usize) -> Option<&Node> {
        self.controls.get(at)?.as_ref()
    }
}

/// The number of the live control that a field stands for.
pub(super) fn number(page: &Page, field: &Field) -> Option<usize> {
    let marks = page.attributes("input, select, textarea, button", MARK);
    marks.get(field.ordinal)?.parse().ok()
}
