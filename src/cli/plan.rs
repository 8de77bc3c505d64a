//! `risposta plan STUDY --wave ID --start DATE`: the frozen plan.

use super::locate::load;
use super::output::Out;
use super::{Done, Failure, Global, exit};
use crate::clock::Clock;
use crate::journal::chain::sha256_hex;
use crate::model::ids::WaveId;
use crate::model::plan::Plan;
use crate::model::study::Late;
use crate::rehearsal::Drawing;
use crate::report::{self, Look};
use crate::score::Frame;
use crate::score::power::power;
use crate::score::repeated::asked;
use crate::wave::folder::Results;
use crate::wave::{Wave, WaveError};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tabled::builder::Builder;
use tabled::settings::Style;

#[derive(Debug, Args)]
pub(super) struct PlanCommand {
    /// The study's file
    #[arg(value_name = "STUDY")]
    study: PathBuf,
    /// Id of the wave
    #[arg(long, value_name = "ID")]
    wave: WaveId,
    /// No message leaves before: a date, or a moment in RFC 3339
    #[arg(long, value_name = "DATE", value_parser = moment)]
    start: DateTime<Utc>,
    /// Print the plan as JSON and write nothing
    #[arg(long)]
    json: bool,
}

/// A date (its first moment in UTC) or a moment in RFC 3339.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    let wrong = |_| format!("`{text}` is no date: write 2026-03-02 or 2026-03-02T09:00:00Z");
    DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).map_err(wrong)
}

impl PlanCommand {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        refuse_rehearsal(&self.wave)?;
        let study = load(&self.study, true)?;
        let plan = crate::plan::make(&study, &self.wave, self.start)
            .map_err(|e| Failure::new(exit::INVALID, e.to_string()))?;
        let json = crate::plan::to_json(&plan);
        if self.json {
            out.data(&json);
            return Ok(0);
        }
        let folder = Results::new(&global.results).wave(&study.id, &self.wave);
        let wave = Wave::create(&folder, &plan, Clock::System.now()).map_err(no_room)?;
        out.data(&summary(&plan));
        out.data(&power_of(&plan, out));
        super::run::tell_unconfirmed(&plan, out);
        if let Some(warning) = overdue(&plan, Clock::System.now()) {
            out.say(&warning);
        }
        out.say(&format!(
            "plan {}\n     SHA-256 {}",
            wave.folder().join("plan.json").display(),
            sha256_hex(json.as_bytes())
        ));
        Ok(0)
    }
}

/// A wave that cannot begin where it should.
pub(super) fn no_room(error: WaveError) -> Failure {
    let unwritable = matches!(error, WaveError::File { .. } | WaveError::Journal(_));
    let failure = Failure::from(error);
    if unwritable { failure.with_help("`--results DIR` names another folder") } else { failure }
}

/// What the plan's comparison can find; nothing where the study compares nothing.
fn power_of(plan: &Plan, out: &Out) -> String {
    let about = Frame::of_plan(plan, plan.start).about;
    let (measure, within) = asked(&about);
    let chances = Drawing::new(plan).chances(measure, within);
    let look = Look { width: out.width(), color: out.color(), ..Look::default() };
    power(plan, &about, &chances).map(|power| report::power::render(&power, &look)).unwrap_or_default()
}

/// Names of rehearsals are reserved.
pub(super) fn refuse_rehearsal(wave: &WaveId) -> Result<(), Failure> {
    if !wave.is_rehearsal() {
        return Ok(());
    }
    Err(Failure::new(exit::USAGE, format!("`{wave}` is a name for rehearsals, which are never live"))
        .with_help("choose a wave id that does not start with `rehearsal`"))
}

/// Whether part of the plan is over before it begins: a start in the past is seldom meant.
fn overdue(plan: &Plan, now: DateTime<Utc>) -> Option<String> {
    let late = plan.inquiries.iter().filter(|i| i.first_due().is_some_and(|due| due < now)).count();
    let what = match plan.study.rules.late {
        Late::Skip => "`late: skip` may leave them out",
        Late::Send => {
            "`late: send` sends them in the next send window; what a person has to send is given up once a whole window \
             has passed since it was due"
        }
    };
    let all = plan.inquiries.len();
    (late > 0).then(|| format!("warning: the start is in the past: {late} of {all} messages are overdue; {what}"))
}

/// What will be asked, by channel, and when.
pub(super) fn summary(plan: &Plan) -> String {
    let mut by_channel: BTreeMap<_, Vec<DateTime<Utc>>> = BTreeMap::new();
    for inquiry in &plan.inquiries {
        by_channel.entry(inquiry.channel).or_default().extend(inquiry.first_due());
    }
    let mut table = Builder::default();
    table.push_record(["channel", "inquiries", "first", "last"]);
    let day = |at: Option<&DateTime<Utc>>| at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
    for (channel, due) in by_channel {
        let (first, last) = (day(due.iter().min()), day(due.iter().max()));
        table.push_record([channel.to_string(), due.len().to_string(), first, last]);
    }
    format!("{}\n", table.build().with(Style::rounded()))
}
