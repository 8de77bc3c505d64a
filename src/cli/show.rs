//! `risposta show COMPANY`: a company's timeline with the texts.

use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::intake::Reading;
use crate::model::answer::Destination;
use crate::model::event::{Act, Entry, Event};
use crate::model::ids::{CompanyId, InboundId, InquiryId};
use crate::model::inbound::{Confidence, InboundKind, Interpretation, Tie};
use crate::model::outcome::{Outcome, Payload};
use crate::model::state::InboundState;
use crate::model::story::{self, Fate, Story};
use crate::report::escape;
use crate::wave::Wave;
use crate::wave::answers::Answers;
use clap::Args;
use serde::Serialize;
use std::collections::HashSet;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The company's id; without it, companies are listed
    #[arg(value_name = "COMPANY")]
    company: Option<CompanyId>,
    /// Also how replies were coded, by whom: not for who still codes
    #[arg(long)]
    codings: bool,
    #[command(flatten)]
    wave: WaveArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// A moment in a company's story.
#[derive(Debug, Serialize)]
struct Moment {
    at: String,
    inquiry: Option<InquiryId>,
    what: String,
    text: Option<String>,
    /// What a reply seems to be, each with its words: a machine's suggestion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Timeline<'a> {
    simulated: bool,
    company: &'a str,
    name: &'a str,
    moments: Vec<Moment>,
    /// What became of each question that was asked.
    stories: Vec<Story>,
}

impl Show {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.wave.open(global)?;
        let Some(id) = &self.company else { return self.list(&wave, out) };
        let company = wave.plan().study.company(id).ok_or_else(|| {
            Failure::new(exit::USAGE, format!("the study has no company `{id}`"))
                .with_help("`risposta show` lists them")
        })?;
        let timeline = Timeline {
            simulated: wave.plan().is_simulated(),
            company: company.id.as_str(),
            name: &company.name,
            moments: Teller::new(&wave, id, self.codings).tell()?,
            stories: stories(&wave, id),
        };
        if self.json {
            out.json(&timeline)?;
        } else {
            out.data(&render(&timeline));
        }
        Ok(0)
    }

    fn list(&self, wave: &Wave, out: &mut Out) -> Done {
        let companies: Vec<_> = wave.plan().study.companies.iter().map(|c| (&c.id, &c.name)).collect();
        if self.json {
            let list: Vec<_> =
                companies.iter().map(|(id, name)| serde_json::json!({"company": id, "name": name})).collect();
            out.json(&serde_json::json!({"simulated": wave.plan().is_simulated(), "companies": list}))?;
            return Ok(0);
        }
        if wave.plan().is_simulated() {
            out.data("SIMULATED: a rehearsal\n\n");
        }
        for (id, name) in companies {
            out.data(&format!("{id:<24} {}\n", escape::line(name)));
        }
        Ok(0)
    }
}

/// Tells one company's story out of the journal.
struct Teller<'a> {
    wave: &'a Wave,
    answers: Answers,
    codings: bool,
    inquiries: HashSet<&'a InquiryId>,
    inbound: HashSet<InboundId>,
    company: &'a CompanyId,
}

impl<'a> Teller<'a> {
    fn new(wave: &'a Wave, company: &'a CompanyId, codings: bool) -> Self {
        let of_company = wave.state().of_company(company);
        let inquiries = of_company.iter().map(|i| &wave.plan().inquiries[*i].id).collect();
        let inbound = of_company.iter().flat_map(|i| wave.state().inquiries[*i].inbound.iter().copied()).collect();
        Self { wave, answers: Answers::new(wave.plan()), codings, inquiries, inbound, company }
    }

    fn tell(&self) -> Result<Vec<Moment>, Failure> {
        let mut moments = Vec::new();
        for entry in self.wave.history()? {
            moments.extend(self.moment(&entry)?);
        }
        moments.sort_by(|a, b| a.at.cmp(&b.at));
        Ok(moments)
    }

    fn moment(&self, entry: &Entry) -> Result<Option<Moment>, Failure> {
        let at = entry.at.to_rfc3339();
        let told = |inquiry: Option<&InquiryId>, what: String, text: Option<String>| {
            Some(Moment { at: at.clone(), inquiry: inquiry.cloned(), what, text, seems: Vec::new() })
        };
        Ok(match &entry.event {
            Event::AttemptStarted { attempt, late_seconds, .. } if self.inquiries.contains(&attempt.inquiry) => {
                let what =
                    if attempt.message == 0 { "question".to_owned() } else { format!("reminder {}", attempt.message) };
                let late =
                    if *late_seconds > 3600 { format!(", {} h late", late_seconds / 3600) } else { String::new() };
                let text = (attempt.attempt == 1).then(|| self.words_of(&attempt.inquiry, attempt.message)).flatten();
                told(Some(&attempt.inquiry), format!("{what} leaves (try {}{late})", attempt.attempt), text)
            }
            Event::AttemptEnded { attempt, outcome, .. } | Event::AttemptRefused { attempt, outcome, .. }
                if self.inquiries.contains(&attempt.inquiry) =>
            {
                let (what, detail) = describe(outcome);
                told(Some(&attempt.inquiry), what, self.text(detail)?)
            }
            Event::Skipped { inquiry, message, reason } if self.inquiries.contains(inquiry) => {
                told(Some(inquiry), format!("message {message} not sent: {reason:?}").to_lowercase(), None)
            }
            Event::Settled { attempt, left, why, proof, .. } if self.inquiries.contains(&attempt.inquiry) => {
                let what = format!("{} that it had {}", proof.words(), if *left { "left" } else { "not left" });
                told(Some(&attempt.inquiry), what, self.text(Some(why))?)
            }
            Event::Recorded { inquiry, message, act, at, note } if self.inquiries.contains(inquiry) => Some(Moment {
                at: at.at.to_rfc3339(),
                inquiry: Some(inquiry.clone()),
                what: act_words(*act).to_owned(),
                text: match act {
                    Act::Sent => self.words_of(inquiry, *message),
                    Act::AnsweredBack => self.answered_back(inquiry),
                    _ => self.text(note.as_ref())?,
                },
                seems: Vec::new(),
            }),
            Event::InboundStored { inbound, .. } if self.inbound.contains(inbound) => self.arrival(*inbound)?,
            Event::Coded { inbound, rater, adequacy } if self.inbound.contains(inbound) => {
                // Raters are independent: who has not coded yet must not see how others did.
                let class = if self.codings { format!(" `{}`", adequacy.name()) } else { String::new() };
                told(None, format!("{inbound} coded{class} by {rater}"), None)
            }
            Event::Rated { inbound, rater, items } if self.inbound.contains(inbound) && self.codings => {
                let items: Vec<String> = items.iter().map(|(item, value)| format!("{item} {value}")).collect();
                told(None, format!("{inbound} coded by {rater}: {}", items.join(", ")), None)
            }
            Event::Withdrawn { inbound, rater } if self.inbound.contains(inbound) => {
                told(None, format!("{rater} took back the coding of {inbound}"), None)
            }
            Event::Adjudicated { inbound, item, value, by, why } if self.inbound.contains(inbound) => {
                told(None, format!("{by} settled {item} of {inbound}: `{value}`"), self.text(Some(why))?)
            }
            Event::Stopped { company, why } if company == self.company => {
                told(None, "asked to be left alone".to_owned(), self.text(Some(why))?)
            }
            _ => None,
        })
    }

    fn words_of(&self, inquiry: &InquiryId, message: u32) -> Option<String> {
        let planned = self.wave.plan().inquiry(inquiry)?.messages.get(message as usize)?;
        Some(planned.text.clone())
    }

    fn arrival(&self, id: InboundId) -> Result<Option<Moment>, Failure> {
        let Some(message) = self.wave.state().inbound.get(&id) else { return Ok(None) };
        let reading = self.answers.reading(self.wave, message)?;
        let answer = if message.is_to_code() { self.answers.of(self.wave, message)? } else { None };
        let because = answer.iter().flat_map(|a| &a.because);
        let kind = message.kind.map_or("not read yet", kind_words);
        let spam = if message.in_spam { ", in the spam folder" } else { "" };
        let tie = message.tie().map(|t| format!(", tied by {}", tie_words(t))).unwrap_or_default();
        let again = message.duplicate_of.map(|first| format!(", repeats {first}")).unwrap_or_default();
        Ok(Some(Moment {
            at: message.received.at.to_rfc3339(),
            inquiry: message.interpretation.as_deref().and_then(|i| i.inquiry.clone()).map(|(id, _)| id),
            what: format!("{id} {kind} by {}{spam}{tie}{again}{}", message.via, known_by(message, reading.as_ref())),
            text: Some(reading.map_or_else(|| "(purged)".to_owned(), |r| r.new_text)),
            seems: because.map(|b| format!("{}: “{}”", b.what, b.words)).collect(),
        }))
    }

    fn answered_back(&self, inquiry: &InquiryId) -> Option<String> {
        let planned = self.wave.plan().inquiry(inquiry)?;
        self.wave.plan().study.question(&planned.question)?.if_asked_back.clone()
    }

    fn text(&self, payload: Option<&Payload>) -> Result<Option<String>, Failure> {
        Ok(payload.map(|p| self.wave.journal().text(p)).transpose()?.flatten())
    }
}

/// By which evidence a message was taken for what it is, how sure that is, and what it says of itself.
fn known_by(message: &InboundState, reading: Option<&Reading>) -> String {
    let mut words = message.interpretation.as_deref().map(evidence).unwrap_or_default();
    words.extend(message.interpretation.as_deref().and_then(|i| i.status.as_ref()).map(|s| format!("status {s}")));
    words.extend(reading.and_then(|r| r.reason.as_ref()).map(|reason| format!("reason: {reason}")));
    words.extend(reading.and_then(|r| r.returns_on).map(|day| format!("back on {day}")));
    if words.is_empty() { String::new() } else { format!(" ({})", words.join("; ")) }
}

/// The names of the evidence, and how sure it is; a person's word needs no figure.
fn evidence(interpretation: &Interpretation) -> Vec<String> {
    let because = Some(interpretation.because.join(", ")).filter(|names| !names.is_empty());
    let confidence = interpretation.confidence;
    let sure = (confidence < Confidence::CERTAIN).then(|| format!("{} % sure", confidence.as_percent()));
    because.into_iter().chain(sure).collect()
}

fn describe(outcome: &Outcome) -> (String, Option<&Payload>) {
    let failure = |word: &str| {
        let failure = outcome.failure();
        let code = failure.and_then(|f| f.code).map(|c| format!(" {c}")).unwrap_or_default();
        let enhanced = failure.and_then(|f| f.enhanced.as_ref()).map(|e| format!(" {e}")).unwrap_or_default();
        (format!("{word}{code}{enhanced}"), failure.map(|f| &f.detail))
    };
    match outcome {
        Outcome::Accepted { .. } => ("accepted".to_owned(), None),
        Outcome::Held { .. } => failure("held"),
        Outcome::Deferred(_) => failure("deferred"),
        Outcome::Rejected(_) => failure("refused"),
        Outcome::EntriesRejected(_) => failure("entries rejected: a person's task"),
        Outcome::InDoubt(_) => failure("in doubt"),
        Outcome::Blocked(_) => failure("blocked: a person's task"),
        Outcome::AccountFailed { .. } => failure("our own account failed; no try is used up"),
    }
}

const fn act_words(act: Act) -> &'static str {
    match act {
        Act::Sent => "a person sent the message",
        Act::Impossible => "a person found that it cannot be sent",
        Act::Seen => "seen by the company",
        Act::Checked => "a person looked: nothing new",
        Act::Kept => "a promise was kept",
        Act::Broken => "a promise was broken",
        Act::AnsweredBack => "a person answered what they had asked back",
    }
}

const fn tie_words(tie: Tie) -> &'static str {
    match tie {
        Tie::Person => "a person",
        Tie::Alias => "the inquiry's own alias",
        Tie::MessageId => "our Message-ID",
        Tie::Thread => "the conversation",
        Tie::Ticket => "a ticket number",
        Tie::DomainAndQuote => "the sender's domain and the quoted question",
    }
}

pub(super) const fn kind_words(kind: InboundKind) -> &'static str {
    match kind {
        InboundKind::Bounce => "bounce",
        InboundKind::DelayNotice => "notice of delay",
        InboundKind::Acknowledgement => "acknowledgement",
        InboundKind::OutOfOffice => "out of office",
        InboundKind::Challenge => "challenge",
        InboundKind::BotReply => "bot reply",
        InboundKind::Reply => "reply",
        InboundKind::MissedCall => "missed call",
        InboundKind::Newsletter => "newsletter",
        InboundKind::Survey => "survey",
        InboundKind::Spam => "spam",
        InboundKind::OwnCopy => "our own copy",
        InboundKind::Unrelated => "unrelated",
    }
}

/// What became of a company's questions, as of now; in a rehearsal, of its end.
fn stories(wave: &Wave, company: &CompanyId) -> Vec<Story> {
    let (plan, state) = (wave.plan(), wave.state());
    let now = if plan.is_simulated() { state.last_at.unwrap_or_default() } else { Clock::System.now() };
    let of_company = state.of_company(company).iter().map(|i| &plan.inquiries[*i].id);
    of_company.filter_map(|id| story::story_of(plan, state, id, now)).collect()
}

fn render(timeline: &Timeline<'_>) -> String {
    let simulated = if timeline.simulated { "  SIMULATED" } else { "" };
    let mut text = format!("{} ({}){simulated}\n\n", escape::line(timeline.name), timeline.company);
    if timeline.moments.is_empty() {
        text.push_str("Nothing has happened yet.\n");
    }
    for moment in &timeline.moments {
        let at = moment.at.get(..16).unwrap_or(&moment.at).replace('T', " ");
        let inquiry = moment.inquiry.as_ref().map(|i| format!("{i}: ")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{at}  {inquiry}{}", escape::line(&moment.what));
        for line in escape::lines(moment.text.as_deref().unwrap_or("")).trim_end().lines() {
            let _ = writeln!(text, "                  │ {line}");
        }
        for seems in &moment.seems {
            let _ = writeln!(text, "                  seems {}", escape::line(seems));
        }
    }
    let is_told = |story: &&Story| !story.steps.is_empty() || story.late_reply.is_some();
    for story in timeline.stories.iter().filter(is_told) {
        let _ = writeln!(text, "\n{}: {}", story.inquiry, in_words(story));
    }
    text
}

/// An inquiry's story in a line.
fn in_words(story: &Story) -> String {
    let after = |seconds: Option<u32>| seconds.map_or_else(|| "none".to_owned(), |s| format!("after {}", hours(s)));
    let mut words = vec![format!("first reply {}", after(story.first_reply_after()))];
    if let (None, Some(late)) = (story.first_reply_after(), story.late_reply) {
        let (at, how_late) = (late.at.format("%Y-%m-%d %H:%M UTC"), hours(late.after));
        words.push(format!("one came too late to count, {} at {at}, after {how_late}", late.inbound));
    }
    words.push(format!("first adequate {}", after(story.first_adequate_after())));
    words.extend(story.hops.iter().map(|hop| {
        let to = hop.to.map_or("elsewhere", Destination::name);
        let back = if hop.back { ", back to where it had been" } else { "" };
        format!("sent to {to} by {}{back}", hop.inbound)
    }));
    words.extend(story.promises.iter().map(|promise| {
        let due = promise.due.map(|due| format!(" for {}", due.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
        let fate = match promise.fate {
            Fate::Kept { .. } => "kept",
            Fate::Broken { .. } => "broken",
            Fate::Open => "open",
        };
        format!("promise in {}{due}: {fate}", promise.inbound)
    }));
    words.join("; ")
}

/// A time, as people say it.
fn hours(seconds: u32) -> String {
    match seconds {
        0..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::Channel;
    use crate::model::story::LateReply;

    #[test]
    fn a_reply_that_came_too_late_is_no_silence_without_a_word() {
        let at = "2026-04-02T09:00:00Z".parse().unwrap();
        let story = Story {
            inquiry: "alfa.1".into(),
            channel: Channel::Email,
            asked_at: at,
            steps: Vec::new(),
            hops: Vec::new(),
            promises: Vec::new(),
            late_reply: Some(LateReply { inbound: InboundId(7), at, after: 31 * 86_400 }),
        };
        let told = in_words(&story);
        let late = "one came too late to count, m7 at 2026-04-02 09:00 UTC, after 31 days";
        assert!(told.starts_with(&format!("first reply none; {late}; first adequate none")), "{told}");
    }
}
