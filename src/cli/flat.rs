//! `risposta score --format flat`, and the tables that have no scorecard: every number under its id.

use super::output::Out;
use super::{Done, Failure, exit};
use crate::calendar::SendWindow;
use crate::report::escape;
use crate::score::flat::{self, Flat, Kind, Only, OpenSpan, Wanted};
use crate::score::{Table, csv};
use crate::threads::Threads;
use clap::{Args, ValueEnum};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Args)]
pub(super) struct FlatArgs {
    /// `flat`: every number under its id (km.email.median), as one JSON object; with `--csv`, FILE
    /// may be any table that the first line tells: inquiries, ratings (item,rater,code), paired
    /// tables (`id,both,a_only,b_only,neither`), counts (x,n), expected power (`p10,p01,n_pairs`),
    /// p-values (list,p), opening hours, subjects with a 0 or 1 for each side; also as .csv.gz
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where the bootstrap's chance starts
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How often the bootstrap resamples companies
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    resamples: u32,
    /// With ids, only numbers whose ids begin so, such as rate or km.email,eb; others are not worked out
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// How many threads may work; default: all. The numbers are the same on any
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Compare these tables of inquiries as waves, the earliest first
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["csv", "ratings", "pairs"])]
    waves: Vec<PathBuf>,
    /// How well raters agree, from a table of item,rater,code
    #[arg(long, value_name = "FILE", conflicts_with_all = ["csv", "pairs"])]
    ratings: Option<PathBuf>,
    /// Tests of paired tables `id,both,a_only,b_only,neither`
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    pairs: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object of dotted ids.
    Flat,
}

impl FlatArgs {
    /// The tables of `--waves`, where a person reads what changed: no id is asked for.
    pub(super) fn waves_to_read(&self) -> Option<&[PathBuf]> {
        (!self.is_asked() && self.only.is_empty() && !self.waves.is_empty()).then_some(self.waves.as_slice())
    }

    /// The table of raters, where a person reads how well they agree.
    pub(super) fn ratings_to_read(&self) -> Option<&Path> {
        self.ratings.as_deref().filter(|_| !self.is_asked() && self.only.is_empty())
    }

    /// Whether these files of `--csv` have no scorecard: ids are asked for, or the one file is another
    /// kind of table.
    pub(super) fn takes(&self, files: &[PathBuf]) -> Result<bool, Failure> {
        Ok(match files {
            [] => false,
            [only] => self.is_asked() || open(only)?.2 != Kind::Study,
            [_, ..] => self.is_asked(),
        })
    }

    /// Whether a wave or a file is to be told under ids.
    pub(super) fn is_asked(&self) -> bool {
        self.format.is_some()
    }

    /// Whether a file was named that is no table of `--csv`.
    pub(super) fn names_a_file(&self) -> bool {
        !self.waves.is_empty() || self.ratings.is_some() || self.pairs.is_some()
    }

    /// Prints the numbers of the files named here, or of `tables`: several are one study.
    pub(super) fn print_files(&self, tables: &[PathBuf], all: bool, out: &mut Out) -> Done {
        let flat = match (&self.ratings, &self.pairs) {
            (Some(path), _) => {
                let (reader, name, _) = open(path)?;
                flat::ratings(reader, &name, self.wanted(all)).map_err(|e| invalid(&e))?
            }
            (None, Some(path)) => self.small(Kind::PairedTables, path, all)?,
            (None, None) if !self.waves.is_empty() => self.compare_waves(all)?,
            (None, None) => self.of_tables(tables, all)?,
        };
        self.print(flat, out)
    }

    /// Prints the numbers of a wave's inquiries.
    pub(super) fn print_table(&self, table: &Table, all: bool, out: &mut Out) -> Done {
        self.print(self.study(table, all), out)
    }

    fn study(&self, table: &Table, all: bool) -> Flat {
        let mut flat = marked(table.is_simulated());
        flat.extend(flat::study(table, self.wanted(all), &self.only()));
        flat
    }

    fn print(&self, mut flat: Flat, out: &mut Out) -> Done {
        flat.keep(&self.only());
        if flat.is_empty() && !self.only.is_empty() {
            let problem = format!("no number has an id that begins with `{}`", self.only.join("` or `"));
            return Err(Failure::new(exit::USAGE, problem).with_help("leave out `--only` to see all ids"));
        }
        if self.is_asked() {
            out.data(&flat.to_json()?);
        } else {
            for (id, value) in flat.iter() {
                out.data(&format!("{}  {}\n", escape::line(id), serde_json::to_string(value)?));
            }
        }
        Ok(0)
    }

    fn wanted(&self, all: bool) -> Wanted {
        Wanted { all, seed: self.seed, resamples: self.resamples, threads: self.threads() }
    }

    fn only(&self) -> Only {
        Only(self.only.clone())
    }

    pub(super) fn threads(&self) -> Threads {
        self.threads.map_or_else(Threads::available, Threads::new)
    }

    fn compare_waves(&self, all: bool) -> Result<Flat, Failure> {
        if self.waves.len() < 2 {
            return Err(one_wave());
        }
        let tables =
            self.waves.iter().map(|path| inquiries(path, self.threads())).collect::<Result<Vec<Table>, Failure>>()?;
        let mut flat = marked(tables.iter().any(Table::is_simulated));
        flat.extend(flat::waves(&tables, self.wanted(all)));
        Ok(flat)
    }

    fn of_tables(&self, paths: &[PathBuf], all: bool) -> Result<Flat, Failure> {
        let kinds = paths.iter().map(|path| Ok(open(path)?.2)).collect::<Result<Vec<Kind>, Failure>>()?;
        if !kinds.contains(&Kind::Study) {
            let mut flat = Flat::default();
            for (kind, path) in kinds.into_iter().zip(paths) {
                flat.extend(self.small(kind, path, all)?);
            }
            return Ok(flat);
        }
        let mut tables = paths.iter().map(|path| inquiries(path, self.threads()));
        let mut whole = tables.next().transpose()?.unwrap_or_default();
        for table in tables {
            whole.append(&table?);
        }
        if paths.len() > 1
            && let Some(row) = whole.told_twice()
        {
            let names = whole.names();
            let inquiry = [names.companies.name(row.company), names.channels.name(row.channel)].join(", ");
            let problem = format!("two of the files tell of the same inquiry: {}", escape::line(&inquiry));
            return Err(Failure::new(exit::INVALID, problem)
                .with_help("several files of `--csv` are parts of one study; waves are compared with `--waves`"));
        }
        Ok(self.study(&whole, all))
    }

    fn small(&self, kind: Kind, path: &Path, all: bool) -> Result<Flat, Failure> {
        let (reader, name, _) = open(path)?;
        let flat = match kind {
            Kind::BusinessHours => flat::business_hours(reader, &name, open_seconds),
            Kind::Study
            | Kind::Proportions
            | Kind::PairedTables
            | Kind::Power
            | Kind::Ratings
            | Kind::PValues
            | Kind::Blocks => flat::lists(kind, reader, &name, self.wanted(all)),
        };
        flat.map_err(|e| invalid(&e))
    }
}

/// No numbers yet, but that they are of a rehearsal.
fn marked(simulated: bool) -> Flat {
    let mut flat = Flat::default();
    if simulated {
        flat.say_simulated();
    }
    flat
}

fn inquiries(path: &Path, threads: Threads) -> Result<Table, Failure> {
    let (reader, name, _) = open(path)?;
    csv::read_table(reader, &name, threads).map_err(|e| invalid(&e))
}

/// There is but one wave.
pub(super) fn one_wave() -> Failure {
    Failure::new(exit::USAGE, "one wave has nothing to be compared with")
        .with_help("name two or more files, the earliest first: `--waves spring.csv autumn.csv`")
}

/// A file with mistakes.
pub(super) fn invalid(error: &csv::CsvError) -> Failure {
    Failure::new(exit::INVALID, error.to_string().trim_end())
}

fn open_seconds(span: &OpenSpan) -> Option<u64> {
    let window = SendWindow::new(&span.hours, span.zone.parse().ok()?, None).ok()?;
    Some(window.open_seconds_between(span.from, span.to))
}

/// A file that may be compressed, its name, and which kind of table its first line tells.
pub(super) fn open(path: &Path) -> Result<(Box<dyn BufRead + Send>, String, Kind), Failure> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    /// No first line is longer.
    const HEADER_BYTES_MAX: u64 = 1 << 16;
    let name = path.display().to_string();
    let failed = |e: std::io::Error| Failure::new(exit::FAILED, format!("{name}: {e}"));
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Failure::new(exit::FAILED, format!("{name} is a folder")));
    }
    let mut plain = BufReader::with_capacity(1 << 16, file);
    let compressed = plain.fill_buf().map_err(failed)?.starts_with(&GZIP);
    let mut reader: Box<dyn BufRead + Send> = if compressed {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain)))
    } else {
        Box::new(plain)
    };
    let mut header = Vec::new();
    reader.by_ref().take(HEADER_BYTES_MAX).read_until(b'\n', &mut header).map_err(failed)?;
    let kind = Kind::of_header(String::from_utf8_lossy(&header).trim_end());
    let whole = std::io::Cursor::new(header).chain(reader);
    Ok((Box::new(whole), name, kind))
}
