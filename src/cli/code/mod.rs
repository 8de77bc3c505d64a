//! `risposta code`: what raters say of replies, one by one, in a table, and between them.

mod blind;
mod keys;
mod next;
mod settle;
mod sheet;

use super::locate::WaveArgs;
use super::output::Out;
use super::record::person_failure;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::model::event::Adequacy;
use crate::model::ids::InboundId;
use crate::model::study::codebook::adequacy_of;
use crate::report::escape;
use crate::wave::coding;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Code {
    #[command(subcommand)]
    command: Option<Command>,
    /// The reply, as `show` prints it: m12
    #[arg(value_name = "REPLY", required = true)]
    reply: Option<InboundId>,
    /// What it is worth
    #[arg(value_name = "CLASS", required = true, value_parser = class_parser())]
    class: Option<Adequacy>,
    #[command(flatten)]
    rater: RaterArgs,
    #[command(flatten)]
    wave: WaveArgs,
}

/// Who codes.
#[derive(Debug, Clone, Args)]
struct RaterArgs {
    /// Who says so
    #[arg(long, value_name = "NAME", default_value = "me", env = "RISPOSTA_RATER")]
    rater: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Code one reply after the other, by single keys; company and channel are hidden
    Next(next::Next),
    /// Print a table of replies that a spreadsheet can edit
    Export(sheet::Export),
    /// Take in such a table
    Import(sheet::Import),
    /// List what raters coded differently
    Disagreements(settle::Disagreements),
    /// Decide what raters coded differently
    Settle(settle::Settle),
}

fn class_parser() -> impl TypedValueParser<Value = Adequacy> {
    PossibleValuesParser::new(Adequacy::ALL.map(Adequacy::name))
        .try_map(|name| adequacy_of(&name).ok_or("unknown class"))
}

impl Code {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        match &self.command {
            Some(Command::Next(c)) => c.run(global, out),
            Some(Command::Export(c)) => c.run(global, out),
            Some(Command::Import(c)) => c.run(global, out),
            Some(Command::Disagreements(c)) => c.run(global, out),
            Some(Command::Settle(c)) => c.run(global, out),
            None => self.code(global, out),
        }
    }

    fn code(&self, global: &Global, out: &mut Out) -> Done {
        let (Some(reply), Some(class)) = (self.reply, self.class) else {
            return Err(Failure::new(exit::USAGE, "name a reply and its class"));
        };
        let mut wave = self.wave.open_telling(global, out)?;
        let rater = &self.rater.rater;
        coding::code(&mut wave, Clock::System.now(), reply, rater, class).map_err(person_failure)?;
        out.say(&format!("{reply} is coded `{}` by {}", class.name(), escape::line(rater)));
        Ok(0)
    }
}
