//! `risposta score`: the tables, from a wave's journal or from a CSV.

use super::flat::FlatArgs;
use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global, exit, flat};
use crate::model::observation::{observations, observe_all};
use crate::model::time::Span;
use crate::report::{Look, csv, json, terminal};
use crate::score::{self, Frame, Scorecard, Table};
use crate::wave::Wave;
use chrono::{DateTime, Utc};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Score {
    /// With FILE, score that CSV instead of a wave; without, print the tables as CSV. Several
    /// files are one study (with `--format flat`)
    #[arg(long, value_name = "FILE", num_args = 0..)]
    csv: Option<Vec<PathBuf>>,
    /// Thresholds for a CSV, such as 2h,24h,7d
    #[arg(long, value_name = "SPANS", value_delimiter = ',', requires = "csv")]
    thresholds: Vec<Span>,
    #[command(flatten)]
    flat: FlatArgs,
    #[command(flatten)]
    wave: WaveArgs,
    #[command(flatten)]
    show: ShowArgs,
}

/// How a scorecard is shown.
#[derive(Debug, Clone, Args)]
pub(super) struct ShowArgs {
    /// Count what had come in by then; default: the last moment that is covered
    #[arg(long, value_name = "WHEN", value_parser = super::plan::moment)]
    as_of: Option<DateTime<Utc>>,
    /// A row for each company too
    #[arg(long)]
    companies: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl ShowArgs {
    /// Prints a wave's scorecard.
    pub(super) fn print(&self, wave: &Wave, as_csv: bool, out: &mut Out) -> Done {
        let as_of = self.as_of(wave);
        let rows = observe_all(wave.plan(), wave.state(), as_of);
        let card = score::score(&rows, &Frame::of_plan(wave.plan(), as_of));
        self.print_card(&card, as_csv, out)
    }

    /// Up to when all that came in is counted.
    fn as_of(&self, wave: &Wave) -> DateTime<Utc> {
        self.as_of.or_else(|| wave.state().last_coverage()).unwrap_or(wave.plan().start)
    }

    fn print_card(&self, card: &Scorecard, as_csv: bool, out: &mut Out) -> Done {
        if as_csv {
            out.data(&csv::render(card));
        } else if self.json {
            out.data(&json::render(card)?);
        } else {
            let look = Look { width: out.width(), color: out.color(), companies: self.companies };
            out.data(&terminal::render(card, &look));
        }
        Ok(0)
    }
}

impl Score {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        match self.csv.as_deref() {
            files if self.flat.names_a_file() || self.flat.takes(files.unwrap_or_default())? => {
                self.refuse_wave_options()?;
                self.flat.print_files(files.unwrap_or_default(), out)
            }
            None if self.flat.is_asked() => {
                let wave = self.wave.open(global)?;
                let table: Table = observations(wave.plan(), wave.state(), self.show.as_of(&wave)).collect();
                let simulated = wave.plan().is_simulated();
                drop(wave);
                self.flat.print_table(&table, simulated, out)
            }
            Some([path]) => {
                self.refuse_wave_options()?;
                self.show.print_card(&self.of_csv(path)?, false, out)
            }
            Some([_, ..]) => {
                Err(Failure::new(exit::USAGE, "several files are scored together with `--format flat` only")
                    .with_help("put their lines into one file, or compare them as waves: `--waves FILE FILE`"))
            }
            Some([]) if self.show.json => {
                Err(Failure::new(exit::USAGE, "`--csv` and `--json` are two ways to print the same tables")
                    .with_help("name one of them; `--csv FILE --json` scores a file"))
            }
            as_csv => self.show.print(&self.wave.open(global)?, as_csv.is_some(), out),
        }
    }

    /// A file says itself what was observed until when: an option that changed nothing would mislead.
    fn refuse_wave_options(&self) -> Result<(), Failure> {
        if !self.wave.is_given() && self.show.as_of.is_none() {
            return Ok(());
        }
        Err(Failure::new(exit::USAGE, "`--study`, `--wave` and `--as-of` are about a wave, not about a CSV")
            .with_help("leave them out: the file's `window_end` says how long each inquiry was watched"))
    }

    fn of_csv(&self, path: &Path) -> Result<Scorecard, Failure> {
        let (file, name, _) = flat::open(path)?;
        let rows = score::csv::read(file, &name).map_err(|e| Failure::new(exit::INVALID, e.to_string().trim_end()))?;
        let mut frame = Frame::of_csv(&name, &rows);
        if !self.thresholds.is_empty() {
            frame.about.thresholds.clone_from(&self.thresholds);
            frame.about.thresholds.sort_unstable();
        }
        Ok(score::score(&rows, &frame))
    }
}
