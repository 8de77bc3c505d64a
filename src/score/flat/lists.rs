//! Ids of small tables: `wilson.…`, `pair.…`, `power.…`, `holm.…`, `cochran.…`.

use super::file::{Kind, Line, Sheet};
use super::{Flat, Wanted};
use crate::score::csv::{CsvError, Fault};
use crate::stats::{Confidence, Discordance, PairedTable, Proportion, cochran_q, holm};
use std::io::Read;

/// The numbers of a small table of that kind. `name` is the file's, which errors and some ids bear.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn lists(kind: Kind, reader: impl Read, name: &str, wanted: Wanted) -> Result<Flat, CsvError> {
    let sheet = Sheet::read(reader, name, kind)?;
    match kind {
        Kind::Proportions => proportions(sheet),
        Kind::PairedTables => tables(sheet, wanted),
        Kind::Power => power(sheet),
        Kind::PValues => p_values(sheet),
        Kind::Blocks => blocks(sheet, name),
        Kind::Ratings => super::ratings::of_sheet(sheet, wanted),
        // Both have readers of their own.
        Kind::Study | Kind::BusinessHours => Ok(Flat::default()),
    }
}

/// Levels of confidence at which shares are told.
const LEVELS: [f64; 3] = [0.9, 0.95, 0.99];

const WHOLE_NUMBER: &str = "whole number";

fn whole(line: Line<'_>, column: &'static str) -> Result<u32, Fault> {
    line.value(column, WHOLE_NUMBER, |text| text.parse().ok())
}

fn chance(line: Line<'_>, column: &'static str) -> Result<f64, Fault> {
    let read = |text: &str| text.parse::<f64>().ok().filter(|p| (0.0..=1.0).contains(p));
    line.value(column, "probability from 0 to 1", read)
}

fn proportions(sheet: Sheet) -> Result<Flat, CsvError> {
    let counts = sheet.each(|line| {
        let (x, n) = (whole(line, "x")?, whole(line, "n")?);
        if x > n {
            return Err(line.fault(format!("{x} of {n}"), "`x` counts some of `n`"));
        }
        Ok((x, n))
    })?;
    let mut flat = Flat::default();
    for (x, n) in counts {
        for level in LEVELS {
            if let Some(estimate) = Proportion::new(x, n).wilson(Confidence::of(level)) {
                flat.interval(format!("wilson.{x}/{n}.{level}"), estimate.interval);
            }
        }
    }
    Ok(flat)
}

fn tables(sheet: Sheet, wanted: Wanted) -> Result<Flat, CsvError> {
    let tables = sheet.each(|line| {
        let cells = [whole(line, "both")?, whole(line, "a_only")?, whole(line, "b_only")?, whole(line, "neither")?];
        if cells.iter().map(|cell| u64::from(*cell)).sum::<u64>() > u64::from(u32::MAX) {
            return Err(line.fault("more pairs than can be counted".to_owned(), "at most 4,294,967,295"));
        }
        let [both, left_only, right_only, neither] = cells;
        Ok((line.text("id").to_owned(), PairedTable { both, left_only, right_only, neither }))
    })?;
    let mut flat = Flat::default();
    for (id, table) in tables {
        flat.number(format!("pair.{id}.mcnemar_exact_p"), table.mcnemar_exact());
        if wanted.all {
            flat.number(format!("pair.{id}.mcnemar_midp"), table.mcnemar_mid_p());
        }
        if let Some(difference) = table.difference(Confidence::p95()) {
            flat.estimate(format!("pair.{id}.newcombe10"), difference);
        }
    }
    Ok(flat)
}

fn power(sheet: Sheet) -> Result<Flat, CsvError> {
    const LEVEL: f64 = 0.05;
    let expected = sheet.each(|line| {
        let (left, right, pairs) = (chance(line, "p10")?, chance(line, "p01")?, whole(line, "n_pairs")?);
        let discordance = Discordance::new(left, right).ok_or_else(|| {
            line.fault(format!("{left} and {right}"), "two probabilities that differ, together at most 1")
        })?;
        Ok((left, right, pairs, discordance))
    })?;
    let mut flat = Flat::default();
    for (left, right, pairs, discordance) in expected {
        let needed = discordance.pairs_needed(Confidence::p95(), 0.8);
        flat.number(format!("power.connor_n80.{left:?}_{right:?}"), needed);
        let power = discordance.power_exact(pairs, LEVEL);
        flat.number(format!("power.exact_mcnemar.{left:?}_{right:?}_n{pairs}"), power);
    }
    Ok(flat)
}

fn p_values(sheet: Sheet) -> Result<Flat, CsvError> {
    let rows = sheet.each(|line| Ok((line.text("list").to_owned(), chance(line, "p")?)))?;
    let mut lists: Vec<(String, Vec<f64>)> = Vec::new();
    for (list, p) in rows {
        match lists.iter_mut().find(|(name, _)| *name == list) {
            Some((_, values)) => values.push(p),
            None => lists.push((list, vec![p])),
        }
    }
    let mut flat = Flat::default();
    for (list, values) in lists {
        flat.numbers(format!("holm.in{list}"), &values);
        flat.numbers(format!("holm.out{list}"), &holm(&values));
    }
    Ok(flat)
}

fn blocks(sheet: Sheet, name: &str) -> Result<Flat, CsvError> {
    let sides = sheet.header().len();
    let blocks = sheet.each(|line| {
        let bit = |cell: &String| match cell.as_str() {
            "0" => Ok(false),
            "1" => Ok(true),
            other => Err(line.fault(
                format!("`{other}` is neither 0 nor 1"),
                "a table of subjects has a 0 or 1 for each side; one of inquiries needs the columns `company`, `channel`, …",
            )),
        };
        line.cells().iter().map(bit).collect::<Result<Vec<bool>, Fault>>()
    })?;
    let mut flat = Flat::default();
    let id = format!("cochran.{}", stem(name));
    if let Some(test) = cochran_q(sides, blocks.iter().map(Vec::as_slice))
        && let (Some(chi2), Some(p)) = (test.chi2, test.p)
    {
        flat.number(format!("{id}.chi2"), chi2);
        flat.number(format!("{id}.p"), p);
    }
    Ok(flat)
}

/// What a file of blocks calls its test: its name without folder and ending, and of
/// `extra_cochran_rand4` what follows `cochran_`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let file = file.strip_suffix(".gz").unwrap_or(file);
    let file = file.strip_suffix(".csv").unwrap_or(file);
    file.rsplit_once("cochran_").map_or(file, |(_, test)| test)
}
