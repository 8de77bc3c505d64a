//! What do the blocks of a file add up to? One table, whose names and lines are the file's.

use super::line::Parsed;
use super::{Fault, Faults};
use crate::model::ids::InquiryId;
use crate::model::observation::Observed;
use crate::score::table::{NameId, Row, Seconds, Table};

/// A file while its blocks come in.
pub(super) struct Gathered {
    table: Table,
    /// The line of each row.
    lines: Vec<u32>,
    /// Lines before the next block.
    before: u64,
    faults: Faults,
}

impl Gathered {
    /// Of a file whose first record has that many lines.
    pub(super) fn new(before: u64, faults: Faults) -> Self {
        Self { table: Table::default(), lines: Vec::new(), before, faults }
    }

    /// Adds the next block.
    pub(super) fn take(&mut self, mut parsed: Parsed) {
        self.table.append(&parsed.table);
        let first = self.before + 1;
        let at = u32::try_from(first).unwrap_or(u32::MAX);
        self.lines.extend(parsed.lines.into_iter().map(|line| at.saturating_add(line)));
        for fault in &mut parsed.faults.listed {
            fault.line += first;
        }
        self.faults.merge(parsed.faults);
        self.before += parsed.newlines;
    }

    /// The table, where nothing was wrong.
    pub(super) fn finish(mut self) -> Result<Table, Faults> {
        let mut faults = self.repeated();
        if self.table.rows().is_empty() && self.faults.is_empty() {
            let problem = "no inquiries follow the first line".to_owned();
            self.faults.push(Fault::whole(1, problem, "each has a line of its own"));
        }
        faults.merge(self.faults);
        if faults.is_empty() { Ok(self.table) } else { Err(faults) }
    }

    /// Rows that are the same inquiry as an earlier one.
    fn repeated(&self) -> Faults {
        let rows = self.table.rows();
        let mut seen = Seen::with_capacity(rows.len());
        let mut faults = Faults::default();
        for (at, row) in rows.iter().enumerate() {
            if let Some(first) = seen.insert(at, rows, row) {
                let problem = format!("the same company, channel, question and attempt as line {}", self.lines[first]);
                let help = "number repetitions in `attempt`: 1, 2, …";
                faults.push(Fault::whole(u64::from(self.lines[at]), problem, help));
            }
        }
        faults
    }
}

/// Inquiries that were seen, as rows' numbers in an open hash table: at a million rows a map of keys
/// would take more memory than the rows.
struct Seen {
    /// A row's number and 1; 0 is empty. Their count is a power of 2, at least twice the rows'.
    slots: Vec<u32>,
}

/// Odd and without a pattern: the golden ratio of 2⁶⁴.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

impl Seen {
    fn with_capacity(rows: usize) -> Self {
        Self { slots: vec![0; (2 * rows + 2).next_power_of_two()] }
    }

    /// The row that was the same inquiry; else remembers this one.
    fn insert(&mut self, at: usize, rows: &[Row], row: &Row) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hash(row) >> 20).unwrap_or_default() & mask;
        loop {
            match self.slots[slot] {
                0 => {
                    self.slots[slot] = u32::try_from(at + 1).unwrap_or(u32::MAX);
                    return None;
                }
                seen if inquiry(&rows[seen as usize - 1]) == inquiry(row) => return Some(seen as usize - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

const fn inquiry(row: &Row) -> (NameId, NameId, NameId, u32) {
    (row.company, row.channel, row.question, row.repetition)
}

fn hash(row: &Row) -> u64 {
    let (company, channel, question, repetition) = inquiry(row);
    let parts = [company.index() as u64, channel.index() as u64, question.index() as u64, u64::from(repetition)];
    parts.into_iter().fold(0, |hash: u64, part| (hash.rotate_left(29) ^ part).wrapping_mul(MIX))
}

/// The rows with their names.
pub fn observed(table: &Table) -> Vec<Observed> {
    let names = table.names();
    let one = |row: &Row| {
        let (company, channel) = (names.companies.name(row.company), names.channels.name(row.channel));
        let question = names.questions.name(row.question);
        Observed {
            inquiry: InquiryId::from(format!("{company}.{channel}.{question}.{}", row.repetition).as_str()),
            company: company.to_owned(),
            cluster: names.clusters.name(row.cluster).to_owned(),
            industry: row.industry.map(|id| names.industries.name(id).to_owned()),
            channel: channel.to_owned(),
            question: question.to_owned(),
            repetition: row.repetition,
            position: u32::from(row.position),
            asked_at: row.asked_at,
            asked_by_proof: false,
            observation: row.observation,
            acknowledged_after: row.acknowledged_after.map(Seconds::get),
            adequate_after: row.adequate_after.map(Seconds::get),
            adequacy: row.adequacy,
            uncoded_replies: u32::from(row.uncoded_replies),
            reminded_after: row.reminded_after.map(Seconds::get),
        }
    };
    table.rows().iter().map(one).collect()
}
