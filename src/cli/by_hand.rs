//! Why did no machine send a message, and what does a person do about it? With what stands in the way, in the
//! site's words, and each field of the form with what it gets.

use super::Failure;
use crate::channels::Outgoing;
use crate::channels::web_form::by_hand;
use crate::forms::fill::{ByHand, Gets};
use crate::model::event::{AttemptRef, Event};
use crate::model::ids::InquiryId;
use crate::model::outcome::{Obstacle, Outcome, Payload};
use crate::report::escape;
use crate::wave::Wave;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;

/// What was kept of attempts that a machine could not bring to an end.
pub(super) struct Attempts<'w> {
    wave: &'w Wave,
    evidence: HashMap<AttemptRef, Vec<Payload>>,
}

/// Why a person must do it, and how.
#[derive(Debug, Serialize)]
pub(super) struct Why {
    /// `blocked` or `entries_rejected`.
    because: &'static str,
    obstacle: Option<Obstacle>,
    /// In the site's words, or ours.
    words: String,
    /// What to do about it.
    to_do: &'static str,
    enter: Vec<Enter>,
}

/// What a field of the form gets.
#[derive(Debug, Serialize)]
struct Enter {
    field: String,
    /// `text`, `choose`, `tick`, or `yours`: what only a person knows.
    how: &'static str,
    what: String,
}

impl<'w> Attempts<'w> {
    /// Those of a wave.
    pub(super) fn of(wave: &'w Wave) -> Result<Self, Failure> {
        let mut kept: HashMap<AttemptRef, Vec<Payload>> = HashMap::new();
        for entry in wave.history()? {
            match entry.event {
                Event::AttemptStarted { attempt, prepared, .. } => kept.entry(attempt).or_default().extend(prepared),
                Event::AttemptRefused { attempt, evidence, .. } => kept.entry(attempt).or_default().extend(evidence),
                _ => {}
            }
        }
        Ok(Self { wave, evidence: kept })
    }

    /// Why this message is a person's; `None` where no machine tried.
    pub(super) fn why(&self, inquiry: &InquiryId, number: u32) -> Result<Option<Why>, Failure> {
        let (plan, state) = (self.wave.plan(), self.wave.state());
        let Some(i) = state.index_of(inquiry) else { return Ok(None) };
        let attempts = &state.inquiries[i].messages[number as usize].attempts;
        let (because, failure) = match attempts.last().and_then(|attempt| attempt.outcome.as_ref()) {
            Some(Outcome::Blocked(failure)) => ("blocked", failure),
            Some(Outcome::EntriesRejected(failure)) => ("entries_rejected", failure),
            _ => return Ok(None),
        };
        let attempt = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
        let pages = self.pages(&AttemptRef { inquiry: inquiry.clone(), message: number, attempt })?;
        let (inquiry, message) = (&plan.inquiries[i], &plan.inquiries[i].messages[number as usize]);
        let enter = by_hand(plan, Outgoing { inquiry, message, in_reply_to: None, first_receipt: None }, &pages);
        let words = self.wave.journal().text(&failure.detail)?.unwrap_or_else(|| "(purged)".to_owned());
        Ok(Some(Why {
            because,
            to_do: to_do(because, failure.obstacle.as_ref()),
            obstacle: failure.obstacle.clone(),
            words,
            enter: enter.into_iter().map(|line| Enter::of(line, &message.text)).collect(),
        }))
    }

    /// The pages that were seen of the site, the latest first; pictures and notes are none.
    fn pages(&self, attempt: &AttemptRef) -> Result<Vec<Vec<u8>>, Failure> {
        let kept = self.evidence.get(attempt).into_iter().flatten().rev();
        let bytes = kept.map(|payload| self.wave.journal().bytes(payload)).collect::<Result<Vec<_>, _>>()?;
        Ok(bytes.into_iter().flatten().filter(|bytes| looks_like_html(bytes)).collect())
    }
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let begin = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    begin.first() == Some(&b'<')
}

impl Enter {
    fn of(line: ByHand, message: &str) -> Self {
        let (how, what) = match line.gets {
            Gets::Text(text) if text == message => ("text", "the text below, word for word".to_owned()),
            Gets::Text(text) => ("text", text),
            Gets::Choice(choice) => ("choose", choice),
            Gets::Tick => ("tick", String::new()),
            Gets::Yours(why) => ("yours", why),
        };
        Self { field: line.field, how, what }
    }
}

/// What a person does about what is in a machine's way.
fn to_do(because: &str, obstacle: Option<&Obstacle>) -> &'static str {
    match obstacle {
        Some(Obstacle::Captcha(_)) => "solve the CAPTCHA yourself, when all else is entered: no machine does",
        Some(Obstacle::Login) => "log in where you may, or record that it is impossible",
        Some(Obstacle::BotWall) => "open the page in a browser of your own: such walls let people through",
        Some(Obstacle::ConsentWall) => "open the page, allow as few cookies as it lets you, and go on",
        Some(Obstacle::NeedsBrowser) => {
            "open the page in a browser of your own; with Chromium and chromedriver here, Risposta does it the next time"
        }
        Some(Obstacle::NoForm) => "look for the form on the page, or on another one that it leads to",
        Some(Obstacle::UnknownField) => "decide what the field gets; `fields:` in the study says it for the next wave",
        Some(Obstacle::Advertising) => "agree to advertising only if you want it, or record that it is impossible",
        Some(Obstacle::EntriesRefused) | None if because == "entries_rejected" => {
            "enter it as the site wants it; the message stays word for word"
        }
        Some(Obstacle::EntriesRefused) | None => "open the page in a browser of your own",
    }
}

/// What a person reads of it.
pub(super) fn render(why: &Why, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  why   {}: {}", why.because.replace('_', " "), escape::line(&why.words));
    let _ = writeln!(text, "  do    {}", why.to_do);
    for (number, line) in why.enter.iter().enumerate() {
        let head = if number == 0 { "enter" } else { "" };
        let what = match line.how {
            "tick" => "tick it".to_owned(),
            "choose" => format!("choose {}", escape::line(&line.what)),
            "yours" => format!("(yours: {})", escape::line(&line.what)),
            _ => escape::line(&line.what).into_owned(),
        };
        let _ = writeln!(text, "  {head:5} {}  →  {what}", escape::line(&line.field));
    }
}
