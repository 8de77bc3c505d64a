//! `risposta record INQUIRY WHAT`: what a person did or saw.

use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::model::channel::Channel;
use crate::model::ids::InquiryId;
use crate::model::task::{Record, Said};
use crate::wave::person::{self, PersonError};
use chrono::{DateTime, Utc};
use clap::Args;
use std::io::Read;

#[derive(Debug, Args)]
pub(super) struct RecordCommand {
    /// The inquiry, as `todo` and `show` print it
    #[arg(value_name = "INQUIRY")]
    inquiry: String,
    /// What was done or seen
    #[arg(value_name = "WHAT")]
    what: What,
    /// When; default: now
    #[arg(long, value_name = "WHEN", value_parser = super::plan::moment)]
    at: Option<DateTime<Utc>>,
    /// The text of the reply, or a remark; `-` reads it from standard input
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The channel on which it happened; default: the inquiry's own
    #[arg(long, value_name = "CHANNEL")]
    via: Option<Channel>,
    /// The message it is about: 0 the first, 1 the first reminder
    #[arg(long, value_name = "N", default_value_t = 0)]
    message: u32,
    #[command(flatten)]
    wave: WaveArgs,
}

/// What was done or seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum What {
    /// I sent it
    Sent,
    /// It cannot be sent
    Impossible,
    /// They have seen it
    Seen,
    /// I looked, and found nothing new
    Checked,
    /// A person replied
    Reply,
    /// A machine said "received"
    Acknowledgement,
    /// A program answered
    BotReply,
    /// They called
    Call,
    /// They called, and nobody took it
    MissedCall,
    /// They kept a promise
    Kept,
    /// They broke a promise
    Broken,
    /// They asked something back, and I answered with the study's text
    AnsweredBack,
}

impl From<What> for Said {
    fn from(what: What) -> Self {
        match what {
            What::Sent => Self::Sent,
            What::Impossible => Self::Impossible,
            What::Seen => Self::Seen,
            What::Checked => Self::Checked,
            What::Reply => Self::Reply,
            What::Acknowledgement => Self::Acknowledgement,
            What::BotReply => Self::BotReply,
            What::Call => Self::Call,
            What::MissedCall => Self::MissedCall,
            What::Kept => Self::Kept,
            What::Broken => Self::Broken,
            What::AnsweredBack => Self::AnsweredBack,
        }
    }
}

impl RecordCommand {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        let now = Clock::System.now();
        let inquiry = InquiryId::from(self.inquiry.as_str());
        let asked_on = wave.plan().inquiry(&inquiry).map(|i| i.channel);
        let by_phone = matches!(self.what, What::Call | What::MissedCall);
        let usual = if by_phone { Some(Channel::Phone) } else { asked_on };
        let record = Record {
            at: self.at.unwrap_or(now),
            via: self.via.or(usual).unwrap_or(Channel::Phone),
            what: self.what.into(),
            note: self.note()?,
            message: self.message,
            inquiry,
        };
        person::record(&mut wave, now, &record).map_err(person_failure)?;
        if let Some(note) = person::unforeseen(&wave, &record) {
            out.say(&format!("note: {note}"));
        }
        out.say(&format!("recorded for {}", record.inquiry));
        Ok(0)
    }

    fn note(&self) -> Result<Option<String>, Failure> {
        match self.note.as_deref() {
            Some("-") => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text)?;
                Ok(Some(text))
            }
            other => Ok(other.map(str::to_owned)),
        }
    }
}

/// A person's word that was not taken, with what to do.
pub(super) fn person_failure(error: PersonError) -> Failure {
    match error {
        PersonError::Contradiction { what, help } => Failure::new(exit::FAILED, what).with_help(help),
        PersonError::Unknown(what) => Failure::new(exit::USAGE, what),
        PersonError::Wave(error) => error.into(),
    }
}
