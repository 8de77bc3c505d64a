//! `risposta review`: what nobody could tie to an inquiry, and what is in doubt.

use super::doubts::{self, Doubt, doubts};
use super::locate::WaveArgs;
use super::output::Out;
use super::record::person_failure;
use super::show::kind_words;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::intake::{self, Index};
use crate::model::ids::{InboundId, InquiryId};
use crate::model::inbound::{Confidence, InboundKind, Interpretation};
use crate::report::escape;
use crate::wave::{Wave, person};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(super) struct Review {
    /// Settle this: a message (m12), or an inquiry whose delivery is in doubt; without it, list
    #[arg(value_name = "WHICH")]
    which: Option<String>,
    /// The inquiry that the message answers
    #[arg(long, value_name = "INQUIRY")]
    answers: Option<String>,
    /// What the message is
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// The message in doubt had left
    #[arg(long, conflicts_with_all = ["answers", "kind", "not_sent"])]
    sent: bool,
    /// The message in doubt had not left: it will be sent
    #[arg(long, conflicts_with_all = ["answers", "kind"])]
    not_sent: bool,
    /// What shows it
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
    /// The message it is about: 0 the first, 1 the first reminder
    #[arg(long, value_name = "N", default_value_t = 0)]
    message: u32,
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    Reply,
    BotReply,
    Acknowledgement,
    OutOfOffice,
    Bounce,
    DelayNotice,
    Challenge,
    Newsletter,
    Survey,
    Spam,
    Unrelated,
}

impl From<Kind> for InboundKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Reply => Self::Reply,
            Kind::BotReply => Self::BotReply,
            Kind::Acknowledgement => Self::Acknowledgement,
            Kind::OutOfOffice => Self::OutOfOffice,
            Kind::Bounce => Self::Bounce,
            Kind::DelayNotice => Self::DelayNotice,
            Kind::Challenge => Self::Challenge,
            Kind::Newsletter => Self::Newsletter,
            Kind::Survey => Self::Survey,
            Kind::Spam => Self::Spam,
            Kind::Unrelated => Self::Unrelated,
        }
    }
}

/// What a person must look at.
#[derive(Debug, Serialize)]
struct Open {
    simulated: bool,
    messages: Vec<OpenMessage>,
    in_doubt: Vec<Doubt>,
}

#[derive(Debug, Serialize)]
struct OpenMessage {
    /// As the other commands take it: `m12`.
    id: String,
    received: String,
    kind: Option<InboundKind>,
    because: Vec<String>,
    /// How sure its kind is, in per cent.
    confidence: Option<u8>,
    /// Why it waits.
    waits: &'static str,
    /// When the writer is back, where it says so.
    returns_on: Option<chrono::NaiveDate>,
    candidates: Vec<InquiryId>,
    from: Option<String>,
    subject: Option<String>,
    text: String,
}

impl Review {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let Some(which) = &self.which else {
            let open = open(&self.wave.open(global)?)?;
            if self.json {
                out.json(&open)?;
            } else {
                out.data(&render(&open));
            }
            return Ok(0);
        };
        self.settle(&mut self.wave.open_telling(global, out)?, which)?;
        out.say(&format!("settled {which}"));
        Ok(0)
    }

    fn settle(&self, wave: &mut Wave, which: &str) -> Result<(), Failure> {
        let now = Clock::System.now();
        if self.sent || self.not_sent {
            let inquiry = InquiryId::from(which);
            return person::settle(wave, now, &inquiry, self.message, self.sent, &self.why).map_err(person_failure);
        }
        let id: InboundId = which.parse().map_err(|_| {
            Failure::new(exit::USAGE, format!("`{which}` is no message (m12)"))
                .with_help("for an inquiry in doubt say `--sent` or `--not-sent`")
        })?;
        let answers = self.answers.as_deref().map(InquiryId::from);
        if answers.is_none() && self.kind.is_none() {
            return Err(
                Failure::new(exit::USAGE, "say what it is").with_help("`--answers INQUIRY`, `--kind KIND`, or both")
            );
        }
        person::review(wave, now, id, answers.as_ref(), self.kind.map(Into::into)).map_err(person_failure)
    }
}

fn open(wave: &Wave) -> Result<Open, Failure> {
    let index = Index::new(wave.plan());
    let mut messages = Vec::new();
    for message in wave.state().in_review() {
        let reading = wave.raw(message)?.map(|raw| intake::read(&raw.bytes, raw.format, raw.received, &index));
        let interpretation = message.interpretation.clone();
        messages.push(OpenMessage {
            id: message.id.to_string(),
            received: message.received.at.to_rfc3339(),
            kind: message.kind,
            because: interpretation.as_ref().map(|i| i.because.clone()).unwrap_or_default(),
            confidence: interpretation.as_ref().map(|i| i.confidence.as_percent()),
            waits: why_it_waits(interpretation.as_deref()),
            returns_on: reading.as_ref().and_then(|r| r.returns_on),
            candidates: interpretation.map(|i| i.candidates.clone()).unwrap_or_default(),
            from: reading.as_ref().and_then(|r| r.from.clone()),
            subject: reading.as_ref().and_then(|r| r.subject.clone()),
            text: reading.map_or_else(|| "(purged)".to_owned(), |r| r.new_text),
        });
    }
    Ok(Open { simulated: wave.plan().is_simulated(), messages, in_doubt: doubts(wave)? })
}

/// Why a message does not count before a person has looked.
fn why_it_waits(interpretation: Option<&Interpretation>) -> &'static str {
    match interpretation {
        None => "it has not been read yet",
        Some(known) if known.confidence < Confidence::ENOUGH => "too unsure of its kind to count without a person",
        Some(known) if known.candidates.is_empty() => "nothing says which inquiry it answers",
        Some(_) => "it is not clear which inquiry it answers",
    }
}

fn render(open: &Open) -> String {
    let mut text = String::new();
    if open.simulated {
        text.push_str("SIMULATED: a rehearsal\n\n");
    }
    // Writing to a String cannot fail.
    for m in &open.messages {
        let _ = writeln!(text, "{} received {}", m.id, m.received);
        let _ = writeln!(text, "  from     {}", escape::line(m.from.as_deref().unwrap_or("?")));
        let _ = writeln!(text, "  subject  {}", escape::line(m.subject.as_deref().unwrap_or("")));
        let sure = m.confidence.map_or_else(String::new, |percent| format!(", {percent} % sure"));
        let _ = writeln!(text, "  kind     {}{sure}", m.kind.map_or("not read yet", kind_words));
        let _ = writeln!(text, "  because  {}", escape::line(&m.because.join(", ")));
        let _ = writeln!(text, "  waits    {}", m.waits);
        if let Some(day) = m.returns_on {
            let _ = writeln!(text, "  back on  {day}");
        }
        let candidates: Vec<&str> = m.candidates.iter().map(InquiryId::as_str).collect();
        if !candidates.is_empty() {
            let _ = writeln!(text, "  perhaps  {}", candidates.join(", "));
        }
        for line in escape::lines(&m.text).lines().take(12) {
            let _ = writeln!(text, "  │ {line}");
        }
        let _ = writeln!(
            text,
            "  then     risposta review {} --answers INQUIRY\n           risposta review {0} --kind unrelated\n",
            m.id
        );
    }
    for doubt in &open.in_doubt {
        doubts::render(&mut text, doubt);
    }
    if open.messages.is_empty() && open.in_doubt.is_empty() {
        text.push_str("Nothing to review.\n");
    }
    text
}
