//! Which files a study is made of: the only place of this room that reads the disk.

use super::finding::{Finding, Place};
use sha2::{Digest, Sha256};
use std::path::{Component, Path, PathBuf};

/// Where paths of a study start.
const FROM_FOLDER: &str = "paths start at the folder of the study";

/// Largest file read, in bytes: a study is written by people.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A file of the study, in memory.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    /// Its name, as a person would type it.
    pub name: String,
    /// Its text, without a byte order mark. Secrets written in clear are masked.
    pub text: String,
    /// Where each line starts, in bytes.
    line_starts: Vec<usize>,
}

/// The files of a study, in the order they were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    base: PathBuf,
    list: Vec<SourceFile>,
}

impl Files {
    /// No files yet; relative paths start at `base`.
    pub(super) fn new(base: &Path) -> Self {
        Self { base: base.to_owned(), list: Vec::new() }
    }

    /// Takes a text as if it were a file, and gives its number.
    pub(super) fn add(&mut self, name: &str, text: &str) -> usize {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.list.push(SourceFile { name: name.to_owned(), text, line_starts });
        self.list.len() - 1
    }

    /// The file of that number.
    pub(super) fn get(&self, number: usize) -> Option<&SourceFile> {
        self.list.get(number)
    }

    /// Its text; empty for a number that was never given.
    pub(super) fn text(&self, number: usize) -> &str {
        self.get(number).map_or("", |file| &file.text)
    }

    /// Reads a file that the study names at `named_at`, or the study itself.
    pub(super) fn read(&mut self, path: &Path, named_at: Option<Place>) -> Result<usize, Finding> {
        let full = if named_at.is_some() { self.base.join(path) } else { path.to_owned() };
        let shown = full.display().to_string();
        match bytes_of(&full) {
            Ok(bytes) => self.decode(&shown, &bytes),
            Err(why) => {
                let place = named_at.unwrap_or_else(|| Place::start_of(self.add(&shown, "")));
                let help = match named_at {
                    Some(_) => FROM_FOLDER,
                    None => "give the study's file; `risposta init DIR` writes one to start from",
                };
                Err(Finding::error(format!("cannot read `{shown}`"), place, reason(&why)).help(help))
            }
        }
    }

    /// Reads a file whose words go to companies.
    pub(super) fn read_own(&mut self, path: &Path, named_at: Place) -> Result<usize, Finding> {
        self.is_own(path, named_at)?;
        self.read(path, Some(named_at))
    }

    /// What goes to companies lies in the study's folder: another's study sends no file of this machine.
    fn is_own(&self, path: &Path, named_at: Place) -> Result<(), Finding> {
        let base = if self.base.as_os_str().is_empty() { Path::new(".") } else { &self.base };
        // One that is not there is reported where it is read.
        let lies_outside = match (base.canonicalize(), base.join(path).canonicalize()) {
            (Ok(base), Ok(file)) => !file.starts_with(base),
            _ => false,
        };
        if !lies_outside && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Ok(());
        }
        let title = format!("`{}` does not lie in the folder of the study", path.display());
        Err(Finding::error(title, named_at, "what it holds would be sent")
            .help("copy it there, and name it by its path from there"))
    }

    /// SHA-256 in hex of a file that the study names at a place, that is no text of its own and goes to companies.
    pub(super) fn sha256(&self, path: &Path, named_at: Place) -> Result<String, Finding> {
        self.is_own(path, named_at)?;
        let full = self.base.join(path);
        let bytes = bytes_of(&full).map_err(|why| {
            Finding::error(format!("cannot read `{}`", full.display()), named_at, reason(&why)).help(FROM_FOLDER)
        })?;
        Ok(hex::encode(Sha256::digest(bytes)))
    }

    fn decode(&mut self, name: &str, bytes: &[u8]) -> Result<usize, Finding> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(self.add(name, text)),
            Err(wrong) => {
                // Up to the first wrong byte the lossy text has the same bytes.
                let bom = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
                let at = wrong.valid_up_to().saturating_sub(bom);
                let number = self.add(name, &String::from_utf8_lossy(bytes));
                let place = Place { file: number, start: at, end: at + '\u{fffd}'.len_utf8() };
                Err(Finding::error("the file is not UTF-8", place, "this byte belongs to another encoding")
                    .help("save it as UTF-8: `iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW` converts the usual one"))
            }
        }
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn line_column(&self, file: usize, byte: usize) -> (usize, usize) {
        let Some(file) = self.get(file) else { return (1, 1) };
        let line = file.line_starts.partition_point(|start| *start <= byte).max(1);
        let start = file.line_starts[line - 1];
        let before = file.text.get(start..byte.min(file.text.len())).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// Overwrites what must never be shown. Offsets stay.
    pub(super) fn mask(&mut self, place: Place) {
        if let Some(file) = self.list.get_mut(place.file)
            && file.text.get(place.start..place.end).is_some()
        {
            let masked = stars(&file.text[place.start..place.end]);
            file.text.replace_range(place.start..place.end, &masked);
        }
    }

    /// Masks what looks like a secret in a file that could not be read as YAML.
    pub(super) fn mask_unread(&mut self, number: usize) {
        let Some(file) = self.list.get(number) else { return };
        let mut places = Vec::new();
        for (start, key) in ["password:", "token:"].iter().flat_map(|key| file.text.match_indices(key)) {
            let start = start + key.len();
            let line = file.text[start..].lines().next().unwrap_or("");
            let value = line.trim_start_matches([' ', '"', '\'']);
            if !value.starts_with("env:") && !value.starts_with("file:") {
                places.push(Place { file: number, start, end: start + line.len() });
            }
        }
        for place in places {
            self.mask(place);
        }
    }
}

/// As many stars as bytes, so that offsets stay; lines stay too.
fn stars(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect()
}

/// The reason without the system's number.
fn reason(why: &std::io::Error) -> String {
    match why.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::IsADirectory => "this is a folder".to_owned(),
        _ => why.to_string(),
    }
}

fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > FILE_BYTES_MAX {
        return Err(std::io::Error::other(format!("{size} bytes are too many: at most {FILE_BYTES_MAX}")));
    }
    std::fs::read(path)
}
