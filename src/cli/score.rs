//! `risposta score`: the tables, from a wave's journal or from a CSV.

use super::flat::FlatArgs;
use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global, exit, flat};
use crate::clock::Clock;
use crate::model::ids::WaveId;
use crate::model::observation::{Observed, observe_all};
use crate::model::plan::Plan;
use crate::model::state::WaveState;
use crate::model::time::Span;
use crate::report::publish::Material;
use crate::report::{self, Look, csv, json, terminal};
use crate::score::also::{Misleading, also};
use crate::score::raters::agreement;
use crate::score::waves::{Waves, compare_waves};
use crate::score::{self, Frame, Scorecard, Table};
use crate::threads::Threads;
use crate::wave::Wave;
use crate::wave::ledger::Ledger;
use chrono::{DateTime, Utc};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Score {
    /// With FILE, score that CSV instead of a wave; without, print the tables of a wave or bundle as CSV. Several
    /// files are one study (with `--format flat`)
    #[arg(long, value_name = "FILE", num_args = 0..)]
    csv: Option<Vec<PathBuf>>,
    /// Thresholds for a CSV, such as 2h,24h,7d
    #[arg(long, value_name = "SPANS", value_delimiter = ',', requires = "csv")]
    thresholds: Vec<Span>,
    #[command(flatten)]
    flat: FlatArgs,
    /// Study: its id, or its file; default: the only one, or the only one with a live wave
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,
    /// Wave; default: the live one that began last. Given twice or more: what changed from each to the next
    #[arg(long, value_name = "ID")]
    wave: Vec<WaveId>,
    /// Score a bundle that `risposta export` wrote, instead of a wave; with `--wave`, what changed between
    /// those that it holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["study", "waves", "ratings", "pairs", "format"])]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    show: ShowArgs,
}

/// How a scorecard is shown.
#[derive(Debug, Clone, Args)]
pub(super) struct ShowArgs {
    /// Count what had come in by then; default: the last moment that is covered
    #[arg(long, value_name = "WHEN", value_parser = super::plan::moment)]
    as_of: Option<DateTime<Utc>>,
    /// A row for each company too, and their order as far as the data carry one
    #[arg(long)]
    companies: bool,
    /// Also what is told on request: companies, positions, all thresholds of adequate replies,
    /// bounces as competing, differences of restricted means, kappas
    #[arg(long)]
    all: bool,
    /// Also a number that misleads, with the reason why
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = misleading())]
    also: Vec<Misleading>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl ShowArgs {
    /// Prints a wave's scorecard.
    pub(super) fn print(&self, wave: &Wave, as_csv: bool, out: &mut Out) -> Done {
        let scored = Scored::of(wave, self.as_of(wave.plan(), wave.state()));
        self.print_card(&self.card(&scored.rows, &scored.frame), as_csv, out)
    }

    /// The scorecard, with what was asked for beside it.
    fn card(&self, rows: &[Observed], frame: &Frame) -> Scorecard {
        let card = score::score(rows, frame);
        let also = also(&card, rows, frame, &self.also);
        Scorecard { also, ..card }
    }

    /// How text is laid out.
    pub(super) fn look(&self, out: &Out) -> Look {
        Look { width: out.width(), color: out.color(), companies: self.companies, all: self.all }
    }

    /// Whether a program reads the output.
    pub(super) const fn as_json(&self) -> bool {
        self.json
    }

    /// Up to when all that came in is counted.
    fn as_of(&self, plan: &Plan, state: &WaveState) -> DateTime<Utc> {
        self.as_of.or_else(|| state.last_coverage()).unwrap_or(plan.start)
    }

    fn print_card(&self, card: &Scorecard, as_csv: bool, out: &mut Out) -> Done {
        if as_csv {
            out.data(&csv::render(card));
        } else if self.json {
            out.data(&json::render(card)?);
        } else {
            out.data(&terminal::render(card, &self.look(out)));
        }
        Ok(0)
    }
}

/// What a wave came to, and by which rules it is scored.
struct Scored {
    rows: Vec<Observed>,
    frame: Frame,
}

impl Scored {
    fn of(wave: &Wave, as_of: DateTime<Utc>) -> Self {
        let rows = observe_all(wave.plan(), wave.state(), as_of);
        let frame = Frame::of_wave(wave.plan(), wave.state(), as_of, &rows);
        Self { rows, frame }
    }

    fn of_csv(title: &str, path: &Path, out: &mut Out) -> Result<Self, Failure> {
        let table = flat::inquiries(path, Threads::ONE, out)?;
        let rows = score::csv::observed(&table);
        let mut frame = Frame::of_csv(title, &rows);
        frame.about.simulated = table.is_simulated();
        Ok(Self { rows, frame })
    }
}

/// Reads the name of a number that misleads; `--help` lists them.
fn misleading() -> impl TypedValueParser<Value = Misleading> {
    let name_of = |name: String| Misleading::ALL.into_iter().find(|m| m.name() == name).unwrap_or(Misleading::Mean);
    PossibleValuesParser::new(Misleading::ALL.map(Misleading::name)).map(name_of)
}

impl Score {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        if let Some(path) = &self.bundle {
            return self.bundle(path, out);
        }
        if self.flat.is_asked() && !self.thresholds.is_empty() {
            return Err(Failure::new(exit::USAGE, "the ids of `--format flat` are for fixed thresholds: 5m to 14d")
                .with_help("leave out `--thresholds`, or print the tables of the CSV with `--json` instead"));
        }
        if let Some(paths) = self.flat.waves_to_read() {
            self.refuse_wave_options()?;
            return self.changes_of_files(paths, out);
        }
        if let Some(path) = self.flat.ratings_to_read() {
            self.refuse_wave_options()?;
            return self.agreement(path, out);
        }
        match self.csv.as_deref() {
            files if self.flat.names_a_file() || self.flat.takes(files.unwrap_or_default())? => {
                self.refuse_wave_options()?;
                self.flat.print_files(files.unwrap_or_default(), self.show.all, out)
            }
            None if self.flat.is_asked() => {
                let ledger = Ledger::open(&self.named().find(global)?.folder, Clock::System.now())?;
                let (plan, state) = (ledger.plan(), ledger.state());
                let table = Table::of_wave(plan, state, self.show.as_of(plan, state), self.flat.threads());
                // A large wave's memory is given back before the statistics take theirs.
                drop(ledger);
                self.flat.print_table(&table, self.show.all, out)
            }
            Some([path]) => {
                self.refuse_wave_options()?;
                let card = self.of_csv(path, out)?;
                self.show.print_card(&card, false, out)
            }
            Some([_, ..]) => {
                Err(Failure::new(exit::USAGE, "several files are scored together with `--format flat` only")
                    .with_help("put their lines into one file, or compare them as waves: `--waves FILE FILE`"))
            }
            Some([]) if self.show.json => Err(csv_and_json()),
            as_csv if self.wave.len() > 1 => self.changes(as_csv.is_some(), global, out),
            as_csv => self.show.print(&self.named().open(global)?, as_csv.is_some(), out),
        }
    }

    /// The wave that is meant where there is one.
    fn named(&self) -> WaveArgs {
        WaveArgs::new(self.study.clone(), self.wave.first().cloned())
    }

    /// What changed between several waves.
    fn changes(&self, as_csv: bool, global: &Global, out: &mut Out) -> Done {
        let mut scored = Vec::new();
        for id in &self.wave {
            let wave = WaveArgs::new(self.study.clone(), Some(id.clone())).open(global)?;
            scored.push((id.to_string(), Scored::of(&wave, self.show.as_of(wave.plan(), wave.state()))));
        }
        self.print_changes(&scored, as_csv, out)
    }

    /// What changed between the waves of several files, each called by its name without folders.
    fn changes_of_files(&self, paths: &[PathBuf], out: &mut Out) -> Done {
        let mut scored = Vec::new();
        for path in paths {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            scored.push((name, Scored::of_csv(&format!("{} waves", paths.len()), path, out)?));
        }
        self.print_changes(&scored, false, out)
    }

    fn print_changes(&self, scored: &[(String, Scored)], as_csv: bool, out: &mut Out) -> Done {
        let waves: Vec<score::waves::Wave<'_>> = scored
            .iter()
            .map(|(name, s)| score::waves::Wave { name: name.clone(), rows: &s.rows, frame: &s.frame })
            .collect();
        let changes = compare_waves(&waves).ok_or_else(flat::one_wave)?;
        self.print_waves(&changes, as_csv, out)
    }

    /// The numbers of a bundle, or what changed between the waves that it holds.
    fn bundle(&self, path: &Path, out: &mut Out) -> Done {
        let as_csv = match self.csv.as_deref() {
            Some([_, ..]) => {
                return Err(Failure::new(exit::USAGE, "a bundle and a CSV are two things to score")
                    .with_help("name one of them; `--csv` without a file prints the bundle's tables as CSV"));
            }
            Some([]) if self.show.json => return Err(csv_and_json()),
            csv => csv.is_some(),
        };
        let material = super::report::read_bundle(path)?;
        if !self.wave.is_empty() {
            return self.changes_of_bundle(&material, as_csv, out);
        }
        let also = also(&material.score(), &material.rows(), &material.frame(), &self.show.also);
        self.show.print_card(&Scorecard { also, ..material.score() }, as_csv, out)
    }

    fn changes_of_bundle(&self, material: &Material, as_csv: bool, out: &mut Out) -> Done {
        let earlier = material.earlier.iter().map(|wave| wave.wave.as_str());
        let held: Vec<&str> = earlier.chain(material.about.wave.as_deref()).collect();
        let asked: Vec<&str> = self.wave.iter().map(WaveId::as_str).collect();
        let changes = material.changes().filter(|_| held == asked);
        let changes = changes.ok_or_else(|| {
            Failure::new(exit::USAGE, format!("the bundle holds other waves: {}", held.join(", ")))
                .with_help("name all of them in this order, or leave out `--wave` to score the last")
        })?;
        self.print_waves(&changes, as_csv, out)
    }

    fn print_waves(&self, changes: &Waves, as_csv: bool, out: &mut Out) -> Done {
        if as_csv {
            out.data(&csv::render_waves(changes));
        } else if self.show.json {
            out.json(changes)?;
        } else {
            out.data(&report::waves::render(changes, &self.show.look(out)));
        }
        Ok(0)
    }

    /// How well the raters of a file agree.
    fn agreement(&self, path: &Path, out: &mut Out) -> Done {
        let (file, name, _) = flat::open(path)?;
        let codings = score::flat::codings(file, &name).map_err(|e| flat::invalid(&e))?;
        match agreement(&codings) {
            agreement if self.show.json => out.json(&agreement)?,
            Some(agreement) => out.data(&terminal::raters(&agreement, &self.show.look(out))),
            None => out.data("No item was coded by two raters: there is nothing that could agree.\n"),
        }
        Ok(0)
    }

    /// A file says itself what was observed until when: an option that changed nothing would mislead.
    fn refuse_wave_options(&self) -> Result<(), Failure> {
        if self.study.is_none() && self.wave.is_empty() && self.show.as_of.is_none() {
            return Ok(());
        }
        Err(Failure::new(exit::USAGE, "`--study`, `--wave` and `--as-of` are about a wave, not about a CSV")
            .with_help("leave them out: the file's `window_end` says how long each inquiry was watched"))
    }

    fn of_csv(&self, path: &Path, out: &mut Out) -> Result<Scorecard, Failure> {
        let Scored { rows, mut frame } = Scored::of_csv(&path.display().to_string(), path, out)?;
        if !self.thresholds.is_empty() {
            frame.count_within(&self.thresholds);
        }
        Ok(self.show.card(&rows, &frame))
    }
}

fn csv_and_json() -> Failure {
    Failure::new(exit::USAGE, "`--csv` and `--json` are two ways to print the same tables")
        .with_help("name one of them; `--csv FILE --json` scores a file")
}
