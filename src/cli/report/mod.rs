//! `risposta report`: the publication of a wave, as a page with its pictures and its data, or as text.

mod gather;
mod pdf;
mod quote;

use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global, exit};
use crate::lexicon::report_words::Language;
use crate::model::ids::{CompanyId, WaveId};
use crate::model::observation::observe_all;
use crate::report::publish::{Audience, Earlier, Material, Publication, TooFew, edition};
use crate::report::voice::Voice;
use crate::report::{charts, csv, html, package, text};
use crate::wave::Wave;
use crate::wave::folder::{create_private, write_whole};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

pub(super) use gather::read_bundle;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Report {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    edition: EditionArgs,
    /// Language of the report
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
    /// As what: a page with its pictures and its data, or text that is printed
    #[arg(long, value_name = "FORMAT", default_value = "html")]
    format: Format,
    /// Folder to write into; default: `report/AUDIENCE/` in the wave's folder, `report/AUDIENCE-LANG/` where
    /// the language is another one than English
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Also print the page into a PDF, with the Chromium or Chrome of this machine
    #[arg(long)]
    pdf: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Choose words of a reply to be quoted; nothing is published that a person has not approved
    Quote(quote::Quote),
}

/// Of what, and for whom.
#[derive(Debug, Clone, Args)]
pub(super) struct EditionArgs {
    /// Study: its id, or its file; default: the only one, or the only one with a live wave
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,
    /// Wave; default: the live one that began last. Given twice or more: the last is reported, with what
    /// changed since the others
    #[arg(long, value_name = "ID")]
    wave: Vec<WaveId>,
    /// For whom: `team` (all of it), `public`, or `client COMPANY` (that company beside peers without names)
    #[arg(long = "for", value_name = "AUDIENCE", num_args = 1..=2)]
    audience: Vec<String>,
    /// Count what had come in by then; default: the last moment that is covered
    #[arg(long, value_name = "WHEN", value_parser = super::plan::moment)]
    as_of: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page, its pictures and its data, in a folder.
    Html,
    /// Text and small pictures of characters, 80 columns.
    Terminal,
    /// The same as Markdown.
    Markdown,
    /// Everything that the report shows, as JSON.
    Json,
    /// Every number, one a line.
    Csv,
}

/// What is published, for whom, and where the wave lies.
pub(super) struct Edition {
    audience: Audience,
    pub(super) material: Material,
    folder: PathBuf,
}

impl Report {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        if let Some(Action::Quote(quote)) = &self.action {
            return quote.run(global, out);
        }
        self.refuse_idle_options()?;
        let edition = self.edition.make(&Audience::Team, global, out)?;
        let publication = Publication::of(&edition.material, &edition.audience);
        let voice = Voice::of(self.lang);
        match self.format {
            Format::Html => {
                let folder = self.out.clone().unwrap_or_else(|| self.inside(&edition));
                write(&folder, &publication, &edition.material, &voice)?;
                out.data(&format!("{}\n", folder.join("report.html").display()));
                if self.pdf {
                    let printed = pdf::print(&folder, voice.code())?;
                    out.data(&format!("{}\n", printed.display()));
                }
            }
            Format::Terminal => out.data(&text::terminal(&publication, &voice, out.color())),
            Format::Markdown => out.data(&text::markdown(&publication, &voice)),
            Format::Json => out.json(&publication)?,
            Format::Csv => out.data(&csv::render(&publication.scorecard)),
        }
        Ok(0)
    }
}

impl Report {
    /// Where a page lies that nobody wants elsewhere: one edition, or language, does not overwrite the other.
    fn inside(&self, edition: &Edition) -> PathBuf {
        let language = if self.lang == Language::English { String::new() } else { format!("-{}", self.lang) };
        edition.folder.join("report").join(format!("{}{language}", edition.audience.name()))
    }

    /// Text is printed: an option about files would change nothing.
    fn refuse_idle_options(&self) -> Result<(), Failure> {
        let idle = [("--pdf", self.pdf), ("--out", self.out.is_some())].into_iter().find(|(_, given)| *given);
        match idle.filter(|_| self.format != Format::Html) {
            Some((option, _)) => Err(Failure::new(exit::USAGE, format!("`{option}` is for the page, not for text"))
                .with_help("leave out `--format`, or print into a file: `risposta report --format … > FILE`")),
            None => Ok(()),
        }
    }
}

impl EditionArgs {
    /// The edition that is meant; where nobody says for whom, for `usual`.
    pub(super) fn make(&self, usual: &Audience, global: &Global, out: &mut Out) -> Result<Edition, Failure> {
        let wave = self.named(self.wave.last()).open_telling(global, out)?;
        let audience = self.audience(&wave, usual)?;
        let mut material = gather::material(&wave, as_of(&wave, self.as_of))?;
        material.earlier = self.earlier(global)?;
        Ok(Edition {
            material: edition(material, &audience, &gather::secret(&wave)?).map_err(|e| too_few(&e))?,
            folder: wave.folder().to_owned(),
            audience,
        })
    }

    fn named(&self, wave: Option<&WaveId>) -> WaveArgs {
        WaveArgs::new(self.study.clone(), wave.cloned())
    }

    fn audience(&self, wave: &Wave, usual: &Audience) -> Result<Audience, Failure> {
        let words: Vec<&str> = self.audience.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => Ok(usual.clone()),
            ["team"] => Ok(Audience::Team),
            ["public"] => Ok(Audience::Public),
            ["client", company] => {
                let id: CompanyId = company.parse()?;
                if wave.plan().study.company(&id).is_none() {
                    return Err(Failure::new(exit::USAGE, format!("the study has no company `{id}`"))
                        .with_help("`risposta show` lists them"));
                }
                Ok(Audience::Client(id.to_string()))
            }
            _ => Err(Failure::new(exit::USAGE, format!("a report is for nobody called `{}`", words.join(" ")))
                .with_help("write `--for team`, `--for public`, or `--for client COMPANY`")),
        }
    }

    /// The waves named before the last.
    fn earlier(&self, global: &Global) -> Result<Vec<Earlier>, Failure> {
        let Some((_, before)) = self.wave.split_last() else { return Ok(Vec::new()) };
        let read = |id: &WaveId| {
            let wave = self.named(Some(id)).open(global)?;
            let rows = observe_all(wave.plan(), wave.state(), as_of(&wave, self.as_of));
            Ok(Earlier { wave: id.to_string(), simulated: wave.plan().is_simulated(), rows })
        };
        before.iter().map(read).collect()
    }
}

/// Why there is nothing that others than the team may read.
fn too_few(why: &TooFew) -> Failure {
    Failure::new(exit::FAILED, format!("nothing is published: {why}")).with_help(
        "ask more companies, leave this wave out, or report it `--for team`; how few a figure may stand for is \
         `minimum_cell` in the study's `publish`, and 5 where companies have pseudonyms",
    )
}

/// Up to when all that came in is counted.
fn as_of(wave: &Wave, asked: Option<DateTime<Utc>>) -> DateTime<Utc> {
    asked.or_else(|| wave.state().last_coverage()).unwrap_or(wave.plan().start)
}

/// Writes the page, its pictures and its data.
fn write(folder: &Path, publication: &Publication, edited: &Material, voice: &Voice) -> Result<(), Failure> {
    let (pictures, data) = (folder.join("charts"), folder.join("data"));
    for folder in [&pictures, &data] {
        create_private(folder).map_err(|e| unwritable(folder, &e))?;
    }
    for chart in charts::charts(publication, voice) {
        put(&pictures.join(format!("{}.svg", chart.id)), chart.file()?)?;
    }
    for file in package::package(publication, edited)? {
        put(&data.join(file.name), file.text)?;
    }
    put(&folder.join("report.html"), html::render(publication, voice)?)
}

/// Writes a file of the report.
fn put(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    write_whole(path, content.as_ref()).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, why: &std::io::Error) -> Failure {
    Failure::unwritable(path, why, "`--out DIR` names another folder")
}
