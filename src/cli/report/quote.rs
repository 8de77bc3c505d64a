//! `risposta report quote REPLY`: words of a reply that may be shown, chosen and approved by a person.

use crate::cli::locate::WaveArgs;
use crate::cli::output::Out;
use crate::cli::record::person_failure;
use crate::cli::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::intake::{self, Index};
use crate::model::ids::InboundId;
use crate::model::plan::PlannedInquiry;
use crate::model::study::{Study, Target};
use crate::report::escape;
use crate::report::publish::redact;
use crate::wave::{Wave, person};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Quote {
    /// The reply, as `show` prints it: m12
    #[arg(value_name = "REPLY")]
    reply: InboundId,
    /// Only these words of it; they must stand in it as they are
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// Black this out too, wherever it stands; may be given several times
    #[arg(long, value_name = "TEXT")]
    hide: Vec<String>,
    /// Approve what was printed, word for word, for the public
    #[arg(long, conflicts_with_all = ["propose", "withdraw"])]
    approve: bool,
    /// Put it into the team's report, for somebody else to approve
    #[arg(long, conflicts_with = "withdraw")]
    propose: bool,
    /// Do not quote this reply any more
    #[arg(long, conflicts_with_all = ["words", "hide"])]
    withdraw: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

impl Quote {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        let now = Clock::System.now();
        if self.withdraw {
            person::quote(&mut wave, now, self.reply, None, false).map_err(person_failure)?;
            out.say(&format!("{} is not quoted any more", self.reply));
            return Ok(0);
        }
        let words = redact(&self.chosen(&wave)?, &self.hidden(&wave));
        out.data(&format!("{}\n", escape::lines(&words)));
        if self.approve || self.propose {
            person::quote(&mut wave, now, self.reply, Some(&words), self.approve).map_err(person_failure)?;
            let done = if self.approve { "is approved for the public" } else { "is proposed" };
            out.say(&format!("\nThis quotation of {} {done}.", self.reply));
        } else {
            out.say("\nNothing is recorded yet. Read it: nobody and nothing may be told by it. Then `--approve`, or `--hide` more.");
        }
        Ok(0)
    }

    /// What the reply newly says, or the words of it that were chosen.
    fn chosen(&self, wave: &Wave) -> Result<String, Failure> {
        let unknown = || {
            Failure::new(exit::USAGE, format!("there is no reply {}", self.reply))
                .with_help("`risposta show COMPANY` lists what came in")
        };
        let message = wave.state().inbound.get(&self.reply).ok_or_else(unknown)?;
        let raw = wave.raw(message)?.ok_or_else(|| Failure::new(exit::FAILED, "its words were purged"))?;
        let text = intake::read(&raw.bytes, raw.format, raw.received, &Index::new(wave.plan())).new_text;
        let Some(words) = &self.words else { return Ok(text) };
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if plain(words).is_empty() || !plain(&text).contains(&plain(words)) {
            return Err(Failure::new(exit::USAGE, "these words do not stand in the reply as they are")
                .with_help("copy them out of `risposta show COMPANY`: a quotation is not rewritten"));
        }
        Ok(words.clone())
    }

    /// What is known to point at somebody: the company, those who ask, and what was named.
    fn hidden(&self, wave: &Wave) -> Vec<String> {
        let mut hidden = self.hide.clone();
        let study = &wave.plan().study;
        let message = wave.state().inbound.get(&self.reply);
        let tied = message.and_then(|m| m.interpretation.as_deref()).and_then(|i| i.inquiry.as_ref());
        if let Some(planned) = tied.and_then(|(id, _)| wave.plan().inquiry(id)) {
            hidden.extend(names_of(study, planned));
        }
        for persona in &study.personas {
            hidden.push(persona.name.clone());
            hidden.extend(persona.name.split_whitespace().filter(|part| part.chars().count() > 2).map(str::to_owned));
        }
        hidden
    }
}

/// A company's name, its domain and its handles.
fn names_of(study: &Study, planned: &PlannedInquiry) -> Vec<String> {
    let Some(company) = study.company(&planned.company) else { return Vec::new() };
    let mut names = vec![company.name.clone(), company.id.to_string()];
    for point in &company.contact_points {
        names.extend(point.target.host().map(str::to_owned));
        match &point.target {
            Target::Mastodon { handle, .. } | Target::Assisted { handle, .. } => names.push(handle.clone()),
            Target::Email { .. } | Target::WebForm(_) => {}
        }
    }
    names
}
