//! Which study and which wave a command means.

use super::output::Out;
use super::{Failure, Global, exit};
use crate::clock::Clock;
use crate::model::ids::{StudyId, WaveId};
use crate::model::study::Study;
use crate::plan::Head;
use crate::scenario;
use crate::wave::Wave;
use crate::wave::agenda::{SendWindows, is_under_way};
use crate::wave::folder::{Results, head, holds_wave, last_written, study_of};
use clap::Args;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Names a wave.
#[derive(Debug, Clone, Args)]
pub(super) struct WaveArgs {
    /// Study: its id, or its file; default: the only one, or the only one with a live wave
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,
    /// Wave; default: the live one that began last, or begins first where none has
    #[arg(long, value_name = "ID")]
    wave: Option<WaveId>,
}

impl WaveArgs {
    /// What was named elsewhere.
    pub(super) const fn new(study: Option<String>, wave: Option<WaveId>) -> Self {
        Self { study, wave }
    }

    /// What was typed to name it, for a command that means the same one.
    pub(super) fn typed(&self) -> String {
        let study = self.study.as_ref().map(|study| format!(" --study {}", quoted(study))).unwrap_or_default();
        let wave = self.wave.as_ref().map(|wave| format!(" --wave {wave}")).unwrap_or_default();
        study + &wave
    }

    /// Opens the wave that is meant.
    pub(super) fn open(&self, global: &Global) -> Result<Wave, Failure> {
        self.find(global)?.open()
    }

    /// Opens it for a command that writes into it or hands out of it, and says which one it is where
    /// nobody named it; a rehearsal is never taken for the world.
    pub(super) fn open_telling(&self, global: &Global, out: &mut Out) -> Result<Wave, Failure> {
        let found = self.find(global)?;
        let wave = found.open()?;
        found.tell(wave.plan().is_simulated(), out);
        Ok(wave)
    }

    /// Where the wave lies; whether it can be opened is not asked.
    pub(super) fn find(&self, global: &Global) -> Result<Found, Failure> {
        if holds_wave(&global.results) {
            return self.in_place(&global.results);
        }
        let results = Results::new(&global.results);
        let (study, studies) = self.study(&results, global)?;
        let (wave, waves) = match &self.wave {
            Some(wave) => (wave.clone(), 1),
            None => usual(&results, &study)?,
        };
        let among = [("`--study`", studies), ("`--wave`", waves)].into_iter().filter(|(_, count)| *count > 1);
        let options: Vec<&str> = among.map(|(option, _)| option).collect();
        let guessed = (!options.is_empty())
            .then(|| format!("this is wave {wave} of {study}: say {} for another", options.join(" and ")));
        Ok(Found { folder: results.wave(&study, &wave), wave, guessed })
    }

    /// The wave whose own folder that is: a backup, mostly.
    fn in_place(&self, folder: &Path) -> Result<Found, Failure> {
        let wave = head(folder)?.wave;
        if let Some(study) = self.named().transpose()? {
            let own = study_of(folder)?;
            if own != study {
                let what = format!("{} holds a wave of {own}, not of {study}", folder.display());
                return Err(Failure::new(exit::USAGE, what).with_help("name the folder above it, or the other study"));
            }
        }
        if let Some(other) = self.wave.as_ref().filter(|other| **other != wave) {
            return Err(Failure::new(exit::USAGE, format!("{} holds wave {wave}, not {other}", folder.display())));
        }
        Ok(Found { folder: folder.to_owned(), wave, guessed: None })
    }

    /// The study that `--study` names, by its id or its file.
    fn named(&self) -> Option<Result<StudyId, Failure>> {
        let name = self.study.as_ref()?;
        Some(name.parse().or_else(|_| Ok(load(Path::new(name), false)?.id)))
    }

    /// The study that is meant, and among how many it was chosen.
    fn study(&self, results: &Results, global: &Global) -> Result<(StudyId, usize), Failure> {
        if let Some(study) = self.named() {
            return Ok((study?, 1));
        }
        let mut studies = results.studies()?;
        let count = studies.len();
        // Rehearsals are tried out beside the one study that is asked for real.
        let live: Vec<_> = studies.iter().filter(|study| has_live(results, study)).cloned().collect();
        if live.len() == 1 {
            studies = live;
        }
        match studies.len() {
            1 => Ok((studies.remove(0), count)),
            0 => Err(Failure::new(exit::USAGE, format!("there are no results in {}", global.results.display()))
                .with_help("`risposta demo` makes some; `--results DIR` names another folder, or a backup")),
            _ => {
                let known: Vec<&str> = studies.iter().map(StudyId::as_str).collect();
                Err(Failure::new(exit::USAGE, "there are results of several studies")
                    .with_help(format!("name one with `--study`: {}", known.join(", "))))
            }
        }
    }
}

/// A wave on disk.
#[derive(Debug)]
pub(super) struct Found {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// Its id.
    pub(super) wave: WaveId,
    /// Which one it is, where nobody named it and another one may be meant.
    guessed: Option<String>,
}

impl Found {
    /// Opens it.
    pub(super) fn open(&self) -> Result<Wave, Failure> {
        Ok(Wave::open(&self.folder, Clock::System.now())?)
    }

    /// Says which one it is, and whether it is a rehearsal's.
    pub(super) fn tell(&self, simulated: bool, out: &mut Out) {
        let simulated = simulated.then_some("SIMULATED: a rehearsal");
        let words: Vec<&str> = simulated.into_iter().chain(self.guessed.as_deref()).collect();
        if !words.is_empty() {
            out.say(&words.join("; "));
        }
    }
}

/// A word of a command line as a POSIX shell reads it.
pub(super) fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

fn has_live(results: &Results, study: &StudyId) -> bool {
    results.waves(study).is_ok_and(|waves| waves.iter().any(|wave| !wave.is_rehearsal()))
}

/// The wave that is meant where none is named, and how many there are: the live one that began last, as the plans say
/// it; where none has begun, the one that begins first; where there is none, the last rehearsal.
fn usual(results: &Results, study: &StudyId) -> Result<(WaveId, usize), Failure> {
    let now = Clock::System.now();
    let waves = results.waves(study)?;
    let live: Vec<&WaveId> = waves.iter().filter(|wave| !wave.is_rehearsal()).collect();
    let (among, simulated) = if live.is_empty() { (waves.iter().collect(), true) } else { (live, false) };
    let unclear = |why: String| {
        let known: Vec<&str> = among.iter().map(|wave| wave.as_str()).collect();
        Failure::new(exit::USAGE, format!("which wave of `{study}` is meant cannot be told: {why}"))
            .with_help(format!("name one with `--wave`: {}", known.join(", ")))
    };
    let (mut heads, mut unread) = (Vec::new(), Vec::new());
    match among[..] {
        [] => {
            return Err(Failure::new(exit::USAGE, format!("the study `{study}` has no wave yet"))
                .with_help("`risposta plan STUDY --wave ID --start DATE` makes one"));
        }
        [only] => return Ok((only.clone(), waves.len())),
        _ => {}
    }
    for wave in &among {
        let folder = results.wave(study, wave);
        match head(&folder) {
            Ok(head) if head.wave == **wave => heads.push(head),
            // A copy lies under another name than its plan has.
            Ok(_) => {}
            Err(error) => unread.push((folder, error)),
        }
    }
    let begun = heads.iter().filter(|head| simulated || head.start <= now).max();
    let chosen = begun.or_else(|| heads.iter().min());
    for (folder, error) in unread {
        // One into which nothing was written since then is an older one.
        let is_older = |head: &Head| last_written(&folder).is_some_and(|written| written < head.start);
        if !begun.is_some_and(is_older) {
            return Err(unclear(error.to_string()));
        }
        tracing::warn!("{error}: that wave is left aside, for nothing was written into it lately");
    }
    let chosen = chosen.ok_or_else(|| unclear("each is a copy of another one".to_owned()))?;
    Ok((chosen.wave.clone(), waves.len()))
}

/// Other live waves of that study that began and in which something is still to be done. One that cannot be opened
/// is told of and left aside.
pub(super) fn others_under_way(global: &Global, study: &StudyId, but: &WaveId) -> Result<Vec<WaveId>, Failure> {
    let (results, now) = (Results::new(&global.results), Clock::System.now());
    let others = results.waves(study)?.into_iter().filter(|wave| wave != but && !wave.is_rehearsal());
    let mut under_way = Vec::new();
    for other in others {
        let folder = results.wave(study, &other);
        if !head(&folder).is_ok_and(|head| head.start <= now && head.wave == other) {
            continue;
        }
        match Wave::open(&folder, now) {
            Ok(wave) => {
                let windows = SendWindows::new(wave.plan()).map_err(|why| Failure::new(exit::INVALID, why))?;
                if is_under_way(wave.plan(), wave.state(), &windows, now) {
                    under_way.push(other);
                }
            }
            Err(error) => tracing::warn!("whether wave {other} is finished cannot be told: {error}"),
        }
    }
    Ok(under_way)
}

/// Loads a study that must be valid.
pub(super) fn load(path: &Path, warn: bool) -> Result<Study, Failure> {
    let loaded = scenario::load(path);
    if warn {
        for line in loaded.findings.plain().lines() {
            tracing::info!("{line}");
        }
    }
    loaded.study.ok_or_else(|| {
        let count = loaded.findings.errors();
        let lines = loaded.findings.plain();
        let first = lines.lines().find(|l| l.contains("error")).unwrap_or_default();
        Failure::new(
            exit::INVALID,
            format!("{} is no valid study: {count} mistake(s), the first is\n{first}", path.display()),
        )
        .with_help(format!("`risposta check {}` shows all of them", quoted(&path.display().to_string())))
    })
}

/// The folder that a study's relative paths start from.
pub(super) fn base_of(study: &Path) -> PathBuf {
    study.parent().filter(|p| !p.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted_whatever_the_path_is() {
        for (study, expected) in [
            ("ladogana", " --study ladogana"),
            ("my studies/one.yaml", " --study 'my studies/one.yaml'"),
            ("l'una.yaml", r" --study 'l'\''una.yaml'"),
            ("$HOME/a;b", " --study '$HOME/a;b'"),
        ] {
            assert_eq!(WaveArgs::new(Some(study.to_owned()), None).typed(), expected);
        }
    }
}
