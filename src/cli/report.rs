//! `risposta report`: the publication of a wave, as a page with its pictures and its data, or as text.

use super::locate::WaveArgs;
use super::output::Out;
use super::{Done, Failure, Global, exit};
use crate::lexicon::report_words::Language;
use crate::model::event::Event;
use crate::model::ids::{CompanyId, WaveId};
use crate::model::observation::observe_all;
use crate::report::charts;
use crate::report::html;
use crate::report::publish::{Amendment, Audience, Material, Publication, Record, edition};
use crate::report::voice::Voice;
use crate::score::Frame;
use crate::score::waves::{self, Waves, compare_waves};
use crate::wave::Wave;
use crate::wave::folder::{create_private, write_whole};
use chrono::{DateTime, Utc};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Report {
    /// Study: its id, or its file; default: the only one, or the only one with a live wave
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,
    /// Wave; default: the latest live one. Given twice or more: the last is reported, with what
    /// changed since the others
    #[arg(long, value_name = "ID")]
    wave: Vec<WaveId>,
    /// For whom: `team` (all of it; the default), `public`, or `client COMPANY` (that company beside
    /// peers without names)
    #[arg(long = "for", value_name = "AUDIENCE", num_args = 1..=2, default_value = "team")]
    audience: Vec<String>,
    /// Language of the report
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
    /// Count what had come in by then; default: the last moment that is covered
    #[arg(long, value_name = "WHEN", value_parser = super::plan::moment)]
    as_of: Option<DateTime<Utc>>,
    /// Folder to write into; default: `report/` in the wave's folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Report {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.open(self.wave.last(), global)?;
        let audience = self.audience(&wave)?;
        let as_of = as_of(&wave, self.as_of);
        let material = material(&wave, as_of)?;
        let secret = secret(&wave)?;
        let changes = self.changes(global)?;
        let edited = edition(material, &audience, &secret);
        let publication = Publication::of(&edited, &audience, changes);
        let voice = Voice::of(self.lang);
        let folder = self.out.clone().unwrap_or_else(|| wave.folder().join("report").join(audience.name()));
        write(&folder, &publication, &voice)?;
        out.data(&format!("{}\n", folder.join("report.html").display()));
        Ok(0)
    }

    fn open(&self, wave: Option<&WaveId>, global: &Global) -> Result<Wave, Failure> {
        WaveArgs::new(self.study.clone(), wave.cloned()).open(global)
    }

    fn audience(&self, wave: &Wave) -> Result<Audience, Failure> {
        let words: Vec<&str> = self.audience.iter().map(String::as_str).collect();
        match words.as_slice() {
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
            _ => Err(Failure::new(exit::USAGE, format!("nobody is called `{}`", words.join(" ")))
                .with_help("a report is `--for team`, `--for public`, or `--for client COMPANY`")),
        }
    }

    /// What changed since the waves named before the last.
    fn changes(&self, global: &Global) -> Result<Option<Waves>, Failure> {
        if self.wave.len() < 2 {
            return Ok(None);
        }
        let mut scored = Vec::new();
        for id in &self.wave {
            let wave = self.open(Some(id), global)?;
            let at = as_of(&wave, self.as_of);
            let rows = observe_all(wave.plan(), wave.state(), at);
            let frame = Frame::of_wave(wave.plan(), wave.state(), at, &rows);
            scored.push((id.to_string(), rows, frame));
        }
        let named: Vec<waves::Wave<'_>> =
            scored.iter().map(|(name, rows, frame)| waves::Wave { name: name.clone(), rows, frame }).collect();
        Ok(compare_waves(&named))
    }
}

/// Up to when all that came in is counted.
fn as_of(wave: &Wave, asked: Option<DateTime<Utc>>) -> DateTime<Utc> {
    asked.or_else(|| wave.state().last_coverage()).unwrap_or(wave.plan().start)
}

/// All that is known of a wave.
fn material(wave: &Wave, as_of: DateTime<Utc>) -> Result<Material, Failure> {
    let (events, root) = wave.journal().root()?;
    let mut amendments = Vec::new();
    for entry in wave.history()? {
        if let Event::Amended { why, change, .. } = &entry.event {
            let words = |payload| Ok::<_, Failure>(wave.journal().text(payload)?.unwrap_or_default());
            let changes = words(change)?.lines().map(str::to_owned).collect();
            amendments.push(Amendment { at: entry.at, why: words(why)?, changes });
        }
    }
    let record = Record {
        plan_sha256: wave.state().plan_sha256.clone(),
        journal_root: Some(hex::encode(root)),
        events,
        amendments,
    };
    Ok(Material::of_wave(wave.plan(), wave.state(), as_of, record, Vec::new()))
}

/// What only those know who have the journal: the salted digests of what came in.
fn secret(wave: &Wave) -> Result<Vec<u8>, Failure> {
    let identity = wave.journal().identity()?;
    let mut secret = identity.map(|hash| hash.to_vec()).unwrap_or_default();
    for message in wave.state().inbound.values().take(100) {
        secret.extend(message.raw.0.bytes());
    }
    Ok(secret)
}

/// Writes the page and its pictures.
fn write(folder: &Path, publication: &Publication, voice: &Voice) -> Result<(), Failure> {
    let charts_folder = folder.join("charts");
    create_private(&charts_folder)?;
    for chart in charts::charts(publication, voice) {
        write_whole(&charts_folder.join(format!("{}.svg", chart.id)), chart.file()?.as_bytes())?;
    }
    write_whole(&folder.join("report.html"), html::render(publication, voice)?.as_bytes())?;
    Ok(())
}
