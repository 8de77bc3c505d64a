//! `risposta code REPLY CLASS`: how adequate a reply is.

use super::locate::WaveArgs;
use super::output::Out;
use super::record::person_failure;
use super::{Done, Global};
use crate::clock::Clock;
use crate::model::event::Adequacy;
use crate::model::ids::InboundId;
use crate::report::escape;
use crate::wave::person;
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;

#[derive(Debug, Args)]
pub(super) struct Code {
    /// The reply, as `show` prints it: m12
    #[arg(value_name = "REPLY")]
    reply: InboundId,
    /// What it is worth
    #[arg(value_name = "CLASS", value_parser = class_parser())]
    class: Adequacy,
    /// Who says so
    #[arg(long, value_name = "NAME", default_value = "me", env = "RISPOSTA_RATER")]
    rater: String,
    #[command(flatten)]
    wave: WaveArgs,
}

fn class_parser() -> impl TypedValueParser<Value = Adequacy> {
    PossibleValuesParser::new(Adequacy::ALL.map(Adequacy::name))
        .try_map(|name| Adequacy::ALL.into_iter().find(|a| a.name() == name).ok_or("unknown class"))
}

impl Code {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open(global)?;
        person::code(&mut wave, Clock::System.now(), self.reply, &self.rater, self.class).map_err(person_failure)?;
        out.say(&format!("{} is coded `{}` by {}", self.reply, self.class.name(), escape::line(&self.rater)));
        Ok(0)
    }
}
