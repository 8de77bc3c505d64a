//! What are the fields of each record of a block?

use super::{Column, Header, READ};
use csv::ReaderBuilder;
use memchr::{memchr, memchr_iter};

/// One record's known columns.
pub(super) struct Record<'r> {
    /// Line feeds of the block before it.
    pub(super) line: u32,
    /// How many fields it has, known or not.
    pub(super) fields: usize,
    /// The bytes of each [`Column`]; none where the file has no such column.
    pub(super) columns: [&'r [u8]; READ],
}

/// Gives each record of `block` to `take`. Empty lines are none.
pub(super) fn each(block: &[u8], header: &Header, take: impl FnMut(Record<'_>)) {
    if is_plain(block) { each_line(block, header, take) } else { each_quoted(block, header, take) }
}

/// Whether each line is a record, and a comma always a border.
fn is_plain(block: &[u8]) -> bool {
    let ends_a_line = |at: usize| block.get(at + 1).is_none_or(|next| *next == b'\n');
    memchr(b'"', block).is_none() && memchr_iter(b'\r', block).all(ends_a_line)
}

fn each_line(block: &[u8], header: &Header, mut take: impl FnMut(Record<'_>)) {
    let (mut line, mut rest) = (0, block);
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let bytes = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        if !bytes.is_empty() {
            take(split(bytes, line, header));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
        line += 1;
    }
}

fn split<'r>(bytes: &'r [u8], line: u32, header: &Header) -> Record<'r> {
    let mut record = Record { line, fields: 0, columns: [&[]; READ] };
    let mut begin = 0;
    for end in memchr_iter(b',', bytes).chain([bytes.len()]) {
        record.add(&bytes[begin..end], header);
        begin = end + 1;
    }
    record
}

fn each_quoted(block: &[u8], header: &Header, mut take: impl FnMut(Record<'_>)) {
    let reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(block);
    let (mut line, mut counted) = (0, 0);
    // Of a block in memory that may have records of any length, reading cannot fail.
    for bytes in reader.into_byte_records().flatten() {
        // Where the reader says that a record begins may lie before the end of the last line, and before empty ones.
        let said = bytes.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(block.len()));
        let begin = said + block[said..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        line += memchr_iter(b'\n', &block[counted..begin]).fold(0, |lines: u32, _| lines.saturating_add(1));
        counted = begin;
        let mut record = Record { line, fields: 0, columns: [&[]; READ] };
        for field in &bytes {
            record.add(field, header);
        }
        take(record);
    }
}

impl<'r> Record<'r> {
    /// What stands in a column, without blanks around it.
    pub(super) fn trimmed(&self, column: Column) -> &'r [u8] {
        self.columns[column as usize].trim_ascii()
    }

    fn add(&mut self, field: &'r [u8], header: &Header) {
        if let Some(Some(column)) = header.columns.get(self.fields) {
            self.columns[*column] = field;
        }
        self.fields += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(each: impl Fn(&[u8], &Header, &mut dyn FnMut(Record<'_>)), block: &str) -> Vec<(usize, Vec<Vec<u8>>)> {
        let header = Header { columns: vec![Some(2), None, Some(0), Some(10)] };
        let mut found = Vec::new();
        each(block.as_bytes(), &header, &mut |record| {
            found.push((record.fields, record.columns.iter().map(|c| c.to_vec()).collect()));
        });
        found
    }

    proptest! {
        #[test]
        fn lines_without_quotes_read_the_same_the_quick_way(text in "([ab,]{0,6}\r?\n){0,6}[ab,]{0,3}") {
            prop_assert!(is_plain(text.as_bytes()));
            let quick = all(|block, header, take| each_line(block, header, take), &text);
            prop_assert_eq!(quick, all(|block, header, take| each_quoted(block, header, take), &text));
        }
    }

    #[test]
    fn a_quote_or_a_carriage_return_within_a_line_needs_care() {
        assert!(!is_plain(b"a,\"b\"\n"));
        assert!(!is_plain(b"a\rb\n"));
        assert!(is_plain(b"a\r\nb\r"));
    }
}
