//! What a CSV of companies says, as the same tree that YAML gives: a row is a mapping whose keys
//! are the columns. `vars.product` is the key `product` within `vars`.

use super::finding::{Finding, Place};
use super::tree::{Entry, Node, Value};
use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use std::rc::Rc;

/// Most cells of a table.
const CELLS_MAX: usize = 2_000_000;

/// A cell's text and place.
type Cell = (String, Place);

/// Reads a table with a header. Rows with too many or too few cells are reported and left out.
pub(super) fn parse(file: usize, text: &str, found: &mut Vec<Finding>) -> Vec<Rc<Node>> {
    let mut rows = rows(file, text).into_iter();
    let Some(header) = rows.next() else {
        let help = "the first line names the columns: name, ask, email, web_form, vars.product, …";
        found.push(Finding::error("the table is empty", Place::start_of(file), "").help(help));
        return Vec::new();
    };
    for (number, (name, place)) in header.iter().enumerate() {
        if let Some((_, first)) = header[..number].iter().find(|(n, _)| n == name) {
            let finding = Finding::error(format!("the column `{name}` twice"), *place, "again here");
            found.push(finding.and(*first, "first here").help("rename or remove one of the two"));
        }
    }
    let mut nodes = Vec::new();
    for row in rows {
        if fits(&row, header.len(), found) {
            nodes.push(Rc::new(node(&header, &row, found)));
        }
    }
    nodes
}

fn fits(row: &[Cell], columns: usize, found: &mut Vec<Finding>) -> bool {
    if row.len() == columns {
        return true;
    }
    let title = format!("a row of {} cells under {columns} columns", row.len());
    let place = row.get(columns).or(row.last()).map_or(Place { file: 0, start: 0, end: 0 }, |c| c.1);
    let label = if row.len() > columns { "this cell has no column" } else { "cells are missing after this one" };
    let help = "put a cell that holds the separator in double quotes; leave a cell empty rather than out";
    found.push(Finding::error(title, place, label).help(help));
    false
}

fn node(header: &[Cell], row: &[Cell], found: &mut Vec<Finding>) -> Node {
    let mut entries: Vec<Entry> = Vec::new();
    let mut nested: Vec<(String, Place, Vec<Entry>)> = Vec::new();
    for ((column, column_place), (text, place)) in header.iter().zip(row).filter(|(_, cell)| !cell.0.is_empty()) {
        let value = Rc::new(Node { value: Value::Text(text.clone()), place: *place });
        let entry = |key: &str| Entry { key: key.to_owned(), key_place: *column_place, value: Rc::clone(&value) };
        match column.split_once('.') {
            None => entries.push(entry(column)),
            Some((outer, inner)) => match nested.iter_mut().find(|n| n.0 == outer) {
                Some(group) => group.2.push(entry(inner)),
                None => nested.push((outer.to_owned(), *column_place, vec![entry(inner)])),
            },
        }
    }
    for (key, key_place, inner) in nested {
        let place = inner.first().map_or(key_place, |e| e.value.place);
        if entries.iter().any(|e| e.key == key) {
            let title = format!("the column `{key}` beside columns `{key}.…`");
            let help = format!("say all of it in columns that start with `{key}.`");
            found.push(Finding::error(title, key_place, "this row fills both").help(help));
        } else {
            entries.push(Entry { key, key_place, value: Rc::new(Node { value: Value::Map(inner), place }) });
        }
    }
    // Channels keep the order of the columns.
    entries.sort_by_key(|e| e.key_place.start);
    let place = row.first().map_or(Place::start_of(0), |c| c.1);
    Node { value: Value::Map(entries), place }
}

/// The cells of every line that has any, with their places. Spaces around a cell do not count.
fn rows(file: usize, text: &str) -> Vec<Vec<Cell>> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter(text)).build();
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut at = 0;
    for _ in 0..CELLS_MAX {
        let Some((cell, used, record_end)) = cell(&mut reader, text, at) else { break };
        let raw = text.get(at..at + used).unwrap_or("");
        row.push((cell.trim().to_owned(), trimmed(file, at, raw)));
        at += used;
        if record_end {
            rows.push(std::mem::take(&mut row));
        }
    }
    rows.retain(|row| row.iter().any(|(text, _)| !text.is_empty()));
    rows
}

/// The next cell, the bytes it took with its separator, and whether its row ends.
fn cell(reader: &mut Reader, text: &str, mut at: usize) -> Option<(String, usize, bool)> {
    let start = at;
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let (result, read, wrote) = reader.read_field(&text.as_bytes()[at..], &mut buffer);
        at += read;
        bytes.extend_from_slice(&buffer[..wrote]);
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                return Some((String::from_utf8_lossy(&bytes).into_owned(), at - start, record_end));
            }
            ReadFieldResult::End => return None,
        }
    }
}

/// The place of a cell without its separator, line end and surrounding spaces.
fn trimmed(file: usize, at: usize, raw: &str) -> Place {
    // csv-core leaves the second byte of a CRLF to the next cell.
    let skipped = raw.len() - raw.trim_start_matches(['\r', '\n', ' ']).len();
    let inner = raw[skipped..].trim_end_matches(['\r', '\n']).strip_suffix([',', ';', '\t']);
    let inner = inner.unwrap_or(raw[skipped..].trim_end_matches(['\r', '\n'])).trim_end();
    let start = at + skipped;
    Place { file, start, end: start + inner.len() }
}

/// The separator of the header: a spreadsheet writes `;` where the comma is a decimal sign.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    let count = |c: char| header.matches(c).count();
    if count('\t') > count(',').max(count(';')) {
        b'\t'
    } else if count(';') > count(',') {
        b';'
    } else {
        b','
    }
}

/// The columns and their places.
pub(super) fn header(file: usize, text: &str) -> Vec<Cell> {
    rows(file, text).into_iter().next().unwrap_or_default()
}
