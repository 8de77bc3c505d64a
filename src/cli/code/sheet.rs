//! `risposta code export|import`: replies as a table for a spreadsheet, and back.

use super::super::locate::WaveArgs;
use super::super::output::Out;
use super::super::record::person_failure;
use super::super::{Done, Failure, Global, exit};
use super::RaterArgs;
use super::blind::Blinder;
use crate::clock::Clock;
use crate::model::ids::InboundId;
use crate::model::state::InboundState;
use crate::model::study::codebook::{ADEQUACY, adequacy_of};
use crate::report::escape;
use crate::wave::coding::Coding;
use crate::wave::person::PersonError;
use crate::wave::{Wave, coding};
use clap::Args;
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// Columns that are for reading only, besides the reply's number.
const READ_ONLY: [&str; 6] = ["asked", "full_answer_has", "replied", "not_hidden", "simulated", WAVE];

/// The column that says of which study and wave the replies are: numbers mean others elsewhere.
const WAVE: &str = "wave";

/// The column of the reply's number.
const REPLY: &str = "reply";

/// Mistakes that are told at once.
const MISTAKES_MAX: usize = 20;

/// Text that is printed at once.
const CHUNK_BYTES: usize = 1 << 20;

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    rater: RaterArgs,
    /// Only replies that this rater has not coded yet
    #[arg(long)]
    uncoded: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

impl Export {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let wave = self.wave.open_telling(global, out)?;
        let rater = &self.rater.rater;
        let replies = if self.uncoded { coding::queue(&wave, rater) } else { coding::all_in_order(&wave, rater) };
        let blinder = Blinder::new(&wave);
        let items: Vec<&str> = wave.plan().study.codebook.items.iter().map(|item| item.id.as_str()).collect();
        let mut writer = WriterBuilder::new().from_writer(Vec::new());
        writer.write_record([REPLY].iter().chain(&READ_ONLY).chain(&[ADEQUACY]).chain(&items))?;
        let mut purged = 0;
        for id in replies {
            let Some(message) = wave.state().inbound.get(&id) else { continue };
            match row(&blinder, &wave, message, rater, &items)? {
                Some(cells) => writer.write_record(cells)?,
                None => purged += 1,
            }
            if writer.get_ref().len() > CHUNK_BYTES {
                print(&mut writer, out)?;
            }
        }
        print(&mut writer, out)?;
        if purged > 0 {
            out.say(&format!("{purged} left out: their words were purged"));
        }
        Ok(0)
    }
}

/// Prints what was written so far.
fn print(writer: &mut csv::Writer<Vec<u8>>, out: &mut Out) -> Result<(), Failure> {
    writer.flush()?;
    let full = std::mem::replace(writer, WriterBuilder::new().from_writer(Vec::new()));
    let bytes = full.into_inner().map_err(|e| Failure::new(exit::FAILED, e.to_string()))?;
    out.data(&String::from_utf8_lossy(&bytes));
    Ok(())
}

/// The cells of a reply: what a rater reads, and what this rater has said of it.
fn row(
    blinder: &Blinder,
    wave: &Wave,
    message: &InboundState,
    rater: &str,
    items: &[&str],
) -> Result<Option<Vec<String>>, Failure> {
    let Some(blind) = blinder.see(wave, message)? else { return Ok(None) };
    let text = |text: &str| spreadsheet(text);
    let said = |item: &str| {
        let own = message.codings_of(item).find(|(who, _)| *who == rater);
        own.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut cells = vec![
        message.id.to_string(),
        text(&blind.question),
        text(&blind.answer_has.join(" · ")),
        text(&blind.text),
        text(blind.not_hidden.as_deref().unwrap_or("")),
        if wave.plan().is_simulated() { "SIMULATED".to_owned() } else { String::new() },
        of_wave(wave),
    ];
    cells.extend(std::iter::once(ADEQUACY).chain(items.iter().copied()).map(said));
    Ok(Some(cells))
}

fn of_wave(wave: &Wave) -> String {
    format!("{}/{}", wave.plan().study.id, wave.plan().wave)
}

/// A text of several lines that no spreadsheet takes for a formula.
fn spreadsheet(text: &str) -> String {
    let lines = escape::lines(text.trim());
    let formula = escape::spreadsheet(&lines).starts_with('\'') && !lines.starts_with('\'');
    if formula { format!("'{lines}") } else { lines.into_owned() }
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The table, as `export` printed it and a spreadsheet saved it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    rater: RaterArgs,
    #[command(flatten)]
    wave: WaveArgs,
}

impl Import {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        let name = self.file.display().to_string();
        let text = std::fs::read(&self.file).map_err(|e| Failure::new(exit::FAILED, format!("{name}: {e}")))?;
        let text = String::from_utf8(text).map_err(|_| {
            Failure::new(exit::INVALID, format!("{name} is not in UTF-8"))
                .with_help("save it as \"CSV UTF-8\", so that names keep their letters")
        })?;
        let codings = Table::read(&text).and_then(|table| table.codings(&wave)).map_err(|mistakes| {
            let told: Vec<String> =
                mistakes.iter().take(MISTAKES_MAX).map(|m| format!("\n  {}", escape::line(m))).collect();
            let more = mistakes.len().saturating_sub(MISTAKES_MAX);
            let more = if more > 0 { format!("\n  … and {more} more") } else { String::new() };
            Failure::new(exit::INVALID, format!("{name}: nothing was taken in{}{more}", told.concat()))
                .with_help("`risposta code export` prints the columns and what was coded so far")
        })?;
        let rater = &self.rater.rater;
        let read = codings.len();
        let new: Vec<Coding> = codings.into_iter().filter(|coding| is_new(&wave, coding, rater)).collect();
        coding::rate(&mut wave, Clock::System.now(), rater, &new).map_err(person_failure)?;
        out.say(&format!("{} taken in for {}, {} as before", new.len(), escape::line(rater), read - new.len()));
        Ok(0)
    }
}

/// Whether a coding says something else than this rater has said already.
fn is_new(wave: &Wave, coding: &Coding, rater: &str) -> bool {
    let Some(message) = wave.state().inbound.get(&coding.inbound) else { return true };
    let coded = message.reply().codings.iter().any(|(who, class)| who == rater && *class == coding.adequacy);
    let before = message.reply().ratings.iter().find(|r| r.rater == rater).map(|r| &r.items);
    !coded || before.map_or(!coding.items.is_empty(), |items| *items != coding.items)
}

/// A table as it was read: rows with their lines.
#[derive(Debug, Default)]
struct Table {
    header: StringRecord,
    rows: Vec<(u64, StringRecord)>,
}

impl Table {
    /// Reads a table whose cells are parted by commas, semicolons or tabs, as its first line shows.
    fn read(text: &str) -> Result<Self, Vec<String>> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or("");
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|d| first.bytes().filter(|b| b == d).count());
        let mut reader = ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| vec![e.to_string()])?.clone();
        let mut table = Self { header, rows: Vec::new() };
        let mut mistakes = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => table.rows.push((line_of(&record, text), record)),
                Err(error) => mistakes.push(error.to_string()),
            }
        }
        if mistakes.is_empty() { Ok(table) } else { Err(mistakes) }
    }

    /// What it codes, or every mistake with its line.
    fn codings(&self, wave: &Wave) -> Result<Vec<Coding>, Vec<String>> {
        let columns = self.columns(wave)?;
        let mut mistakes = Vec::new();
        let (mut codings, mut lines) = (Vec::new(), HashMap::new());
        for (line, record) in &self.rows {
            match coding(record, &columns, wave) {
                Ok(None) => {}
                Ok(Some(coding)) => match lines.insert(coding.inbound, *line) {
                    None => codings.push(coding),
                    Some(first) => {
                        mistakes.push(format!("line {line}: {} stood in line {first} already", coding.inbound));
                    }
                },
                Err(why) => mistakes.push(format!("line {line}: {why}")),
            }
        }
        if mistakes.is_empty() { Ok(codings) } else { Err(mistakes) }
    }

    /// Which column is what; unknown ones are mistakes, as a coding in them would be lost.
    fn columns(&self, wave: &Wave) -> Result<HashMap<String, usize>, Vec<String>> {
        let items = wave.plan().study.codebook.items.iter().map(|item| item.id.as_str());
        let known: Vec<&str> = [REPLY, ADEQUACY].into_iter().chain(READ_ONLY).chain(items).collect();
        let mut mistakes = Vec::new();
        let mut columns = HashMap::new();
        for (at, name) in self.header.iter().map(str::trim).enumerate() {
            if name.is_empty() {
                continue;
            }
            if !known.contains(&name) {
                mistakes.push(format!("line 1: no column is called `{name}`; known: {}", known.join(", ")));
            } else if columns.insert(name.to_owned(), at).is_some() {
                mistakes.push(format!("line 1: the column `{name}` stands twice"));
            }
        }
        for needed in [REPLY, ADEQUACY] {
            if !columns.contains_key(needed) {
                mistakes.push(format!("line 1: the column `{needed}` is missing"));
            }
        }
        if mistakes.is_empty() { Ok(columns) } else { Err(mistakes) }
    }
}

/// The line on which a row begins. After `\r\n` the reader still counts the line before.
fn line_of(record: &StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let begun = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at));
    position.line() + u64::from(begun == Some(&b'\n'))
}

/// What a row codes; `None` where it codes nothing yet.
fn coding(record: &StringRecord, columns: &HashMap<String, usize>, wave: &Wave) -> Result<Option<Coding>, String> {
    let cell = |name: &str| columns.get(name).and_then(|at| record.get(*at)).map_or("", str::trim);
    let lower = |name: &str| cell(name).to_lowercase();
    let items =
        columns.keys().filter(|name| *name != REPLY && *name != ADEQUACY && !READ_ONLY.contains(&name.as_str()));
    let items: BTreeMap<String, String> =
        items.filter(|name| !cell(name).is_empty()).map(|name| (name.clone(), lower(name))).collect();
    let (reply, class) = (cell(REPLY), lower(ADEQUACY));
    if class.is_empty() && items.is_empty() {
        return Ok(None);
    }
    if !matches!(cell(WAVE), said if said.is_empty() || said == of_wave(wave)) {
        return Err(format!("it is of the wave {}, not of {}", cell(WAVE), of_wave(wave)));
    }
    let inbound: InboundId = reply.parse().map_err(|_| format!("`{reply}` is no reply (m12)"))?;
    if class.is_empty() {
        return Err(format!("{inbound} has other items, and no {ADEQUACY}"));
    }
    let adequacy = adequacy_of(&class).ok_or_else(|| format!("`{class}` is no class of {ADEQUACY}"))?;
    let coding = Coding { inbound, adequacy, items };
    coding::fits(wave, &coding).map_err(|error| match error {
        PersonError::Contradiction { what, help } => format!("{what}; {help}"),
        other => other.to_string(),
    })?;
    Ok(Some(coding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_is_no_formula_and_keeps_its_lines() {
        assert_eq!(spreadsheet("=HYPERLINK(\"x\")\nsecond"), "'=HYPERLINK(\"x\")\nsecond");
        assert_eq!(spreadsheet("  +39 02"), "'+39 02");
        assert_eq!(spreadsheet("Yes = no\n-- \nAda"), "Yes = no\n-- \nAda");
    }

    #[test]
    fn a_table_comes_back_from_any_spreadsheet() {
        for text in [
            "reply,adequacy\nm1,answered\n",
            "\u{feff}reply;adequacy\r\nm1;answered\r\n",
            "reply\tadequacy\nm1\tanswered\n",
        ] {
            let table = Table::read(text).unwrap_or_default();
            assert_eq!(table.header.iter().collect::<Vec<_>>(), ["reply", "adequacy"], "{text:?}");
            assert_eq!(
                table.rows.iter().map(|(line, r)| (*line, &r[1])).collect::<Vec<_>>(),
                [(2, "answered")],
                "{text:?}"
            );
        }
        assert!(
            Table::read("reply,adequacy\nm1\n")
                .is_err_and(|why| why[0].contains("line 2") || why[0].contains("line: 2"))
        );
    }
}
