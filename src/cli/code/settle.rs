//! `risposta code disagreements|settle`: what raters coded differently, and what somebody decides.

use super::super::locate::WaveArgs;
use super::super::output::Out;
use super::super::record::person_failure;
use super::super::{Done, Global};
use super::RaterArgs;
use crate::clock::Clock;
use crate::model::ids::InboundId;
use crate::model::state::InboundState;
use crate::model::study::codebook::ADEQUACY;
use crate::report::escape;
use crate::wave::{Wave, coding};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(super) struct Disagreements {
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

/// What is open between raters.
#[derive(Debug, Serialize)]
struct Open {
    simulated: bool,
    disagreements: Vec<Disagreement>,
}

#[derive(Debug, Serialize)]
struct Disagreement {
    /// As the other commands take it: `m12`.
    reply: String,
    item: String,
    codings: Vec<Said>,
}

#[derive(Debug, Serialize)]
struct Said {
    rater: String,
    value: String,
}

impl Disagreements {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.wave.open(global)?;
        let open = open(&wave);
        if self.json {
            out.json(&open)?;
        } else {
            out.say("This shows what raters said: it is not for who still codes.");
            out.data(&render(&open));
        }
        Ok(0)
    }
}

fn open(wave: &Wave) -> Open {
    let replies = wave.state().inbound.values().filter(|m| m.is_to_code());
    let items = |message: &InboundState| {
        let others = coding::items(wave, message).into_iter().map(|item| item.id.clone());
        std::iter::once(ADEQUACY.to_owned()).chain(others).collect::<Vec<_>>()
    };
    let disputed = |message: &InboundState| {
        let of = |item: String| {
            let said = |(rater, value): (&str, &str)| Said { rater: rater.to_owned(), value: value.to_owned() };
            let codings = message.codings_of(&item).map(said).collect();
            Disagreement { reply: message.id.to_string(), codings, item }
        };
        items(message).into_iter().filter(|item| message.is_disputed(item)).map(of).collect::<Vec<_>>()
    };
    Open { simulated: wave.plan().is_simulated(), disagreements: replies.flat_map(disputed).collect() }
}

fn render(open: &Open) -> String {
    let mut text = String::new();
    if open.simulated {
        text.push_str("SIMULATED: a rehearsal\n\n");
    }
    for one in &open.disagreements {
        let said: Vec<String> = one.codings.iter().map(|s| format!("{} {}", s.rater, s.value)).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<8} {:<16} {}", one.reply, one.item, escape::line(&said.join(" · ")));
    }
    if open.disagreements.is_empty() {
        text.push_str("Raters agree, or fewer than two have coded.\n");
    } else {
        text.push_str("\nthen  risposta code settle REPLY VALUE --why TEXT [--item ITEM]\n");
    }
    text
}

#[derive(Debug, Args)]
pub(super) struct Settle {
    /// The reply, as `disagreements` prints it: m12
    #[arg(value_name = "REPLY")]
    reply: InboundId,
    /// What counts: a class, or with --item a value of that item
    #[arg(value_name = "VALUE")]
    value: String,
    /// The item of the codebook
    #[arg(long, value_name = "ITEM", default_value = ADEQUACY)]
    item: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = super::super::change::reason)]
    why: String,
    #[command(flatten)]
    rater: RaterArgs,
    #[command(flatten)]
    wave: WaveArgs,
}

impl Settle {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        let decision = (self.item.as_str(), self.value.as_str());
        coding::adjudicate(&mut wave, Clock::System.now(), self.reply, decision, &self.rater.rater, &self.why)
            .map_err(person_failure)?;
        out.say(&format!("{} of {} is settled: {}", self.item, self.reply, self.value));
        Ok(0)
    }
}
