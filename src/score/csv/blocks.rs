//! Where may a file be cut, so that its pieces can be read on their own?

use csv::{ByteRecord, ReaderBuilder};
use memchr::{memchr, memchr_iter, memrchr};
use std::io::{self, ErrorKind, Read};

/// Bytes of a piece: small enough for a processor's cache, large enough to be worth a thread's while.
const BLOCK: usize = 512 * 1024;

/// A file in pieces that end where a record ends. Where they end depends on the file alone.
pub(super) struct Blocks<R> {
    reader: R,
    /// Bytes that were read and not given out.
    held: Vec<u8>,
    /// Lines that were given out as the first record.
    lines: u64,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, held: Vec::new(), lines: 0, ended: false }
    }

    /// The first record, which names the columns; `None` where the file holds none.
    pub(super) fn first_record(&mut self) -> io::Result<Option<ByteRecord>> {
        let Some(mut block) = self.next().transpose()? else { return Ok(None) };
        let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(block.as_slice());
        let mut record = ByteRecord::new();
        if !reader.read_byte_record(&mut record).map_err(io::Error::other)? {
            return Ok(None);
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(block.len());
        drop(reader);
        self.lines = newlines(&block[..end]);
        block.drain(..end);
        block.append(&mut self.held);
        self.held = block;
        Ok(Some(record))
    }

    /// Lines of the first record.
    pub(super) const fn lines(&self) -> u64 {
        self.lines
    }

    /// Adds bytes to what is held, until it is `size` or the file ends.
    fn fill(&mut self, size: usize) -> io::Result<()> {
        let mut filled = self.held.len();
        self.held.resize(size.max(filled), 0);
        while filled < self.held.len() && !self.ended {
            match self.reader.read(&mut self.held[filled..]) {
                Ok(0) => self.ended = true,
                Ok(more) => filled += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.held.clear();
                    return Err(error);
                }
            }
        }
        self.held.truncate(filled);
        Ok(())
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut size = BLOCK;
        loop {
            if let Err(error) = self.fill(size) {
                return Some(Err(error));
            }
            let end = if self.ended { Some(self.held.len()) } else { last_record_end(&self.held) };
            match end {
                Some(0) => return None,
                Some(end) => {
                    let rest = self.held[end..].to_vec();
                    self.held.truncate(end);
                    return Some(Ok(std::mem::replace(&mut self.held, rest)));
                }
                // A record that is longer than a block.
                None => size = 2 * self.held.len(),
            }
        }
    }
}

/// How many lines end in `bytes`.
pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// Behind the last newline that ends a record of `block`, which begins with a record.
fn last_record_end(block: &[u8]) -> Option<usize> {
    if memchr(b'"', block).is_none() {
        return memrchr(b'\n', block).map(|at| at + 1);
    }
    let mut place = Place::FieldStart;
    let mut end = None;
    for (at, byte) in block.iter().enumerate() {
        place = place.after(*byte);
        if *byte == b'\n' && place == Place::FieldStart {
            end = Some(at + 1);
        }
    }
    end
}

/// Where in a record one is: as RFC 4180 says, and as the csv crate reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field, which ends it unless another follows.
    QuoteInQuoted,
}

impl Place {
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::QuoteInQuoted,
            (Self::FieldStart | Self::QuoteInQuoted, b'"') | (Self::Quoted, _) => Self::Quoted,
            (_, b',' | b'\n' | b'\r') => Self::FieldStart,
            (Self::FieldStart | Self::Plain | Self::QuoteInQuoted, _) => Self::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All bytes one by one, as a slow disk gives them.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let take = self.0.len().min(into.len()).min(1_000);
            into[..take].copy_from_slice(&self.0[..take]);
            self.0 = &self.0[take..];
            Ok(take)
        }
    }

    fn records(bytes: &[u8]) -> Vec<ByteRecord> {
        let reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
        reader.into_byte_records().map(Result::unwrap).collect()
    }

    #[test]
    fn a_file_of_many_blocks_is_cut_between_records_only() {
        let line = "a,\"one \"\"two\"\"\nthree\",5\" pipe\r\n";
        let text = line.repeat(3 * BLOCK / line.len());
        let blocks: Vec<Vec<u8>> = Blocks::new(Slow(text.as_bytes())).map(Result::unwrap).collect();
        assert!(blocks.len() >= 3);
        assert_eq!(blocks.concat(), text.as_bytes());
        assert!(blocks.iter().all(|block| block.ends_with(b" pipe\r\n")));
    }

    #[test]
    fn a_record_may_be_longer_than_a_block() {
        let text = format!("a,\"{}\"\nb,c\n", "x\n".repeat(2 * BLOCK));
        let mut blocks = Blocks::new(text.as_bytes());
        assert_eq!(blocks.first_record().unwrap().unwrap().len(), 2);
        assert_eq!(blocks.lines(), 2 * BLOCK as u64 + 1);
        assert_eq!(blocks.next().unwrap().unwrap(), b"b,c\n");
        assert!(blocks.next().is_none());
    }

    proptest! {
        #[test]
        fn what_is_cut_reads_as_the_whole(text in "[ab\",\r\n]{0,40}") {
            let end = last_record_end(text.as_bytes()).unwrap_or(0);
            let (first, rest) = text.as_bytes().split_at(end);
            prop_assert_eq!([records(first), records(rest)].concat(), records(text.as_bytes()));
        }
    }
}
