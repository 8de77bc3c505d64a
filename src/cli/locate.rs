//! Which study and which wave a command means.

use super::{Failure, Global, exit};
use crate::clock::Clock;
use crate::model::ids::{StudyId, WaveId};
use crate::model::study::Study;
use crate::scenario;
use crate::wave::Wave;
use crate::wave::folder::Results;
use clap::Args;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Names a wave.
#[derive(Debug, Clone, Args)]
pub(super) struct WaveArgs {
    /// Study: its id, or its file; default: the only one, or the only one with a live wave
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,
    /// Wave; default: the latest live one
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
        Ok(Wave::open(&self.find(global)?.0, Clock::System.now())?)
    }

    /// The wave's folder and id; whether it can be opened is not asked.
    pub(super) fn find(&self, global: &Global) -> Result<(PathBuf, WaveId), Failure> {
        let results = Results::new(&global.results);
        let study = self.study(&results, global)?;
        let wave = match &self.wave {
            Some(wave) => wave.clone(),
            None => latest(&results, &study)?,
        };
        Ok((results.wave(&study, &wave), wave))
    }

    fn study(&self, results: &Results, global: &Global) -> Result<StudyId, Failure> {
        if let Some(name) = &self.study {
            if let Ok(id) = name.parse() {
                return Ok(id);
            }
            return Ok(load(Path::new(name), false)?.id);
        }
        let mut studies = results.studies()?;
        // Rehearsals are tried out beside the one study that is asked for real.
        let live: Vec<_> = studies.iter().filter(|study| has_live(results, study)).cloned().collect();
        if live.len() == 1 {
            studies = live;
        }
        match studies.len() {
            1 => Ok(studies.remove(0)),
            0 => Err(Failure::new(exit::USAGE, format!("there are no results in {}", global.results.display()))
                .with_help("`risposta demo` makes some; `--results DIR` names another folder")),
            _ => {
                let known: Vec<&str> = studies.iter().map(StudyId::as_str).collect();
                Err(Failure::new(exit::USAGE, "there are results of several studies")
                    .with_help(format!("name one with `--study`: {}", known.join(", "))))
            }
        }
    }
}

/// A word of a command line as a POSIX shell reads it.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

fn has_live(results: &Results, study: &StudyId) -> bool {
    results.waves(study).is_ok_and(|waves| waves.iter().any(|wave| !wave.is_rehearsal()))
}

/// The latest live wave; where there is none, the latest rehearsal.
pub(super) fn latest(results: &Results, study: &StudyId) -> Result<WaveId, Failure> {
    let waves = results.waves(study)?;
    let live = waves.iter().rev().find(|w| !w.is_rehearsal());
    live.or(waves.last()).cloned().ok_or_else(|| {
        Failure::new(exit::USAGE, format!("the study `{study}` has no wave yet"))
            .with_help("`risposta plan STUDY --wave ID --start DATE` makes one")
    })
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
