//! What does the page show after the button was pressed, and what does it mean? Judged like any answer, and
//! by what the browser alone knows: what left, what it was answered, what a dialog said, what is gone.
//!
//! | beside the rule of [`judge`](crate::forms::judge) | verdict |
//! | --- | --- |
//! | unclear, and nothing left: the browser or the page held it back | refused, with the words |
//! | unclear, a script sent the form, was answered with success, and the form is gone | taken |
//! | unclear, what left with the message, or else to the form's own site, was answered with nothing but 4xx | refused |
//!
//! Whatever cannot be seen, as what a socket takes, may be the message: then no status says anything.

use super::view::View;
use super::work::Work;
use crate::browser::{BrowserError, Request};
use crate::channels::Evidence;
use crate::forms::fill::{Answers, fill_again};
use crate::forms::judge::{Before, Seen, Verdict};
use crate::model::study::FormSuccess;

/// Most answers to scripts that are read.
const ANSWERS_MAX: usize = 6;

/// Most bytes of one that are kept.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Most requests that are kept as evidence.
const EVIDENCE_MAX: usize = 12;

/// Where the button was pressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Requests before.
    pub(super) requests: usize,
    /// Dialogs before.
    pub(super) dialogs: usize,
    /// What left before and is not among the requests.
    pub(super) untold: u64,
}

/// What a page is held against once the button was pressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Against<'a> {
    /// What it said before.
    pub(super) before: &'a Before,
    /// Where the button was pressed.
    pub(super) mark: Mark,
    /// The study's rule of success.
    pub(super) stated: Option<&'a FormSuccess>,
    /// What was entered.
    pub(super) answers: &'a Answers,
}

/// What left since, and what it was answered.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Whether anything left that can have taken the message along.
    pub(super) left: bool,
    /// Status of the page that was loaded since, if one was.
    pub(super) page: Option<u16>,
    /// Whether that was led to by another one.
    pub(super) redirected: bool,
    /// What those requests were answered that took the message.
    answered: Option<Answered>,
    /// Answers to scripts, the last one first.
    data: Vec<String>,
}

/// The statuses of what took the message, where they agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Success,
    Refusal(u16),
}

impl Answered {
    /// Of the requests that the message is seen in; where it is in none, of those to a site.
    fn of(gone: &[&Request], message: &str, is_of_site: impl Fn(&Request) -> bool) -> Option<Self> {
        let mut took: Vec<&&Request> = gone.iter().filter(|r| r.takes(message) && is_of_site(r)).collect();
        if took.is_empty() {
            let may = |r: &&&Request| r.takes(message) || r.writes() && is_of_site(r);
            took = gone.iter().filter(may).collect();
        }
        let read = |request: &&Request| match request.status? {
            200..=299 => Some(Self::Success),
            status @ (400 | 401 | 403..=405 | 413 | 415 | 422 | 429) => Some(Self::Refusal(status)),
            _ => None,
        };
        let all: Vec<Self> = took.into_iter().map(read).collect::<Option<_>>()?;
        let is_refusal = |answered: &Self| matches!(answered, Self::Refusal(_));
        let last = *all.last()?;
        all.iter().all(|one| is_refusal(one) == is_refusal(&last)).then_some(last)
    }
}

/// A look at the page.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) verdict: Verdict,
    pub(super) sent: Sent,
    /// The number of the button, where the page shows once more what was entered.
    pub(super) again: Option<usize>,
    pub(super) view: View,
}

impl Look {
    /// Whether it is a page that was loaded since and stays as it is: waiting brings nothing.
    pub(super) const fn says_all(&self) -> bool {
        self.sent.page.is_some() && self.view.is_still && self.again.is_none()
    }
}

impl Work {
    /// Looks at the page, and where it says nothing at the one that was opened beside it.
    pub(super) async fn look_after(&mut self, against: Against<'_>) -> Result<Look, BrowserError> {
        let look = self.look_here(against).await?;
        if matches!(look.verdict, Verdict::Unclear(_)) && self.visit.follow_window().await? {
            self.visit.settle(super::hands::SHORT).await?;
            return self.look_here(against).await;
        }
        Ok(look)
    }

    async fn look_here(&mut self, against: Against<'_>) -> Result<Look, BrowserError> {
        let mark = against.mark;
        let mut view = View::whole(&mut self.visit).await?;
        let dialogs = self.visit.dialogs();
        for dialog in dialogs.iter().skip(mark.dialogs).filter(|d| d.kind != "beforeunload") {
            let text = dialog.text.replace('&', "&amp;").replace('<', "&lt;");
            let end = view.html.rfind("</body>").unwrap_or(view.html.len());
            view.html.insert_str(end, &format!("<p>{text}</p>"));
        }
        let requests = self.visit.since(mark.requests);
        let sent = self.sent(&requests, &view, mark, &against.answers.message).await;
        let (verdict, again) = judged(against, &view, &sent);
        Ok(Look { verdict, sent, again, view })
    }

    /// Whether anything left since that can have taken the message along.
    pub(super) fn has_left(&self, mark: Mark, message: &str) -> bool {
        self.visit.untold() != mark.untold || self.visit.since(mark.requests).iter().any(|r| r.may_take(message))
    }

    async fn sent(&self, requests: &[Request], view: &View, mark: Mark, message: &str) -> Sent {
        let mut sent = Sent { left: self.has_left(mark, message), ..Sent::default() };
        let gone: Vec<&Request> =
            requests.iter().filter(|r| !r.refused && (r.kind != "Ping" || r.may_take(message))).collect();
        let pages: Vec<&&Request> = gone.iter().filter(|r| r.is_page && r.kind == "Document").collect();
        sent.page = pages.last().and_then(|p| p.status);
        let led = pages.iter().any(|p| p.status.is_some_and(|s| (300..400).contains(&s))) || pages.len() > 1;
        // Without a page that was loaded, a script wrote another address.
        let rewrote = pages.is_empty() && requests.first().is_some_and(|_| view.url.query().is_some());
        sent.redirected = led || rewrote;
        let answered = Answered::of(&gone, message, |r| r.url.parse().is_ok_and(|url| self.is_of_site(&url)));
        sent.answered = answered.filter(|_| self.visit.untold() == mark.untold);
        let of_scripts = gone.iter().rev().filter(|r| r.writes() && r.kind != "Document");
        // Data that came in place of a page is drawn by the browser in its own way.
        let as_page = pages.last().filter(|p| p.mime.contains("json")).map(|p| **p);
        for request in as_page.into_iter().chain(of_scripts.copied().take(ANSWERS_MAX)) {
            let body = self.visit.body_of(request).await;
            sent.data.extend(body.filter(|b| b.len() <= ANSWER_BYTES_MAX));
        }
        sent
    }

    /// Keeps what is to be seen in the end, and what left and came.
    pub(super) async fn keep_answer(&mut self, mark: Mark, look: Option<&Look>) {
        if let Ok(picture) = self.visit.screenshot().await {
            self.evidence.push(Evidence { label: "screenshot", bytes: picture });
        }
        if let Some(look) = look {
            self.evidence.push(Evidence { label: "page", bytes: look.view.html.clone().into_bytes() });
        }
        let requests = self.visit.since(mark.requests);
        let told = requests.iter().filter(|r| !r.refused && (r.writes() || r.is_page));
        for request in told.take(EVIDENCE_MAX) {
            let body = request.body.as_deref().unwrap_or_default();
            let asked = format!("{} {}\r\n\r\n{body}", request.method, request.url);
            self.evidence.push(Evidence { label: "request", bytes: asked.into_bytes() });
            let status = request.status.map_or_else(|| request.failed.clone(), |s| Some(s.to_string()));
            let answer = self.visit.body_of(request).await.filter(|b| b.len() <= ANSWER_BYTES_MAX);
            let head = format!("{}\r\ncontent-type: {}\r\n\r\n", status.unwrap_or_default(), request.mime);
            let answered = head + &answer.unwrap_or_default();
            self.evidence.push(Evidence { label: "response", bytes: answered.into_bytes() });
        }
    }
}

fn judged(against: Against<'_>, view: &View, sent: &Sent) -> (Verdict, Option<usize>) {
    let Against { before, stated, answers, .. } = against;
    let page = view.page();
    if let Some(form) = before.asks_again(&page)
        && let Ok(filled) = fill_again(&page, form, answers)
    {
        let again = super::view::number(&page, &form.fields[filled.button]);
        return (Verdict::Unclear("the page shows the entries once more".to_owned()), again);
    }
    let seen = Seen { url: &view.url, redirected: sent.redirected, html: &view.html, data: &sent.data };
    let verdict = before.judge(stated, seen);
    let Verdict::Unclear(why) = verdict else { return (verdict, None) };
    let settled = match sent.answered {
        _ if !sent.left && !view.wrong.is_empty() => Verdict::Refused(view.wrong.clone()),
        _ if !sent.left => Verdict::Refused(vec![format!("the button was pressed, and the page sent nothing: {why}")]),
        Some(Answered::Success) if stated.is_none() && before.is_gone(&page) && sent.page.is_none() => Verdict::Taken {
            by: "the form is gone, and its request was answered with success".to_owned(),
            receipt: None,
        },
        Some(Answered::Refusal(status)) if sent.page.is_none() => {
            Verdict::Refused(vec![format!("the site answered {status}: {why}")])
        }
        _ => Verdict::Unclear(why),
    };
    (settled, None)
}
