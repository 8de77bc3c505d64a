//! Where does one message of an mbox file end, and the next begin? RFC 4155 and the variants that programs write.
//!
//! A message begins with a line `From ADDRESS TIME` at the start of the file or after an empty line. A
//! line of a text that only begins with "From " has no time at its end and is no beginning. Programs
//! quote such lines with `>` (mboxo, mboxrd): one `>` is taken away again. `Content-Length` (mboxcl) is
//! not relied on: it is often wrong, and the one variant that needs it does not quote.

use super::{ExportError, Exported, MESSAGE_BYTES_MAX};
use crate::model::time::{Provenance, Stamp};
use chrono::{DateTime, NaiveDateTime, Utc};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Seconds by which a `From ` line may be wrong: it names no time zone.
const ZONE_ERROR_SECONDS: u32 = 14 * 3_600;

/// How much of the file is read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Most bytes of a line that may be a beginning.
const FROM_LINE_MAX: usize = 1_000;

/// An mbox file, message by message; plain, or packed with gzip.
pub struct MboxExport {
    path: PathBuf,
    lines: Box<dyn BufRead + Send>,
    /// The `From ` line of the message that comes next.
    next: Option<FromLine>,
}

impl MboxExport {
    /// Opens one.
    ///
    /// # Errors
    /// When the file cannot be read, or does not begin as an mbox does. An empty one holds nothing.
    pub fn open(path: &Path) -> Result<Self, ExportError> {
        // A pipe that nobody writes into would be waited for without end.
        let kind = path.metadata().map_err(ExportError::file(path))?;
        if !kind.is_file() {
            let why = if kind.is_dir() { "it is a folder: `import maildir` reads those" } else { "it is no file" };
            return Err(ExportError::Not { path: path.to_owned(), what: "mbox", why: why.to_owned() });
        }
        let file = File::open(path).map_err(ExportError::file(path))?;
        Self::read(path, Box::new(BufReader::with_capacity(BUFFER_BYTES, file)))
    }

    /// Reads one from elsewhere; `path` is what errors call it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(path: &Path, mut lines: Box<dyn BufRead + Send>) -> Result<Self, ExportError> {
        let failed = ExportError::file(path);
        if lines.fill_buf().map_err(&failed)?.starts_with(&[0x1f, 0x8b]) {
            lines = Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(lines)));
        }
        let mut first = Vec::new();
        while read_line(&mut lines, &mut first, FROM_LINE_MAX).map_err(&failed)? && is_blank(&first) {
            first.clear();
        }
        let next = begins(&first);
        if next.is_none() && !first.is_empty() {
            let start: String = String::from_utf8_lossy(&first).trim_end().chars().take(60).collect();
            let why = format!("it begins with {start:?}, not with a line `From ADDRESS TIME`");
            return Err(ExportError::Not { path: path.to_owned(), what: "mbox", why });
        }
        Ok(Self { path: path.to_owned(), lines, next })
    }

    fn message(&mut self, written: Option<Stamp>) -> Result<Exported, ExportError> {
        let failed = ExportError::file(&self.path);
        let mut bytes = Vec::new();
        let mut overflow = Vec::new();
        let mut after_blank = false;
        loop {
            let start = bytes.len();
            let room = MESSAGE_BYTES_MAX - start;
            // What is too long is read on, line by line, to find where it ends.
            overflow.clear();
            let line = if room == 0 { &mut overflow } else { &mut bytes };
            let from = line.len();
            if !read_line(&mut self.lines, line, room.max(FROM_LINE_MAX)).map_err(&failed)? {
                break;
            }
            if after_blank && let Some(next) = begins(&line[from..]) {
                self.next = Some(next);
                line.truncate(from);
                break;
            }
            after_blank = is_blank(&line[from..]);
            if is_quoted_from(&line[from..]) {
                line.remove(from);
            }
        }
        end(&mut bytes);
        let in_spam = is_labelled_spam(&bytes);
        Ok(Exported { bytes, written, in_spam })
    }
}

impl Iterator for MboxExport {
    type Item = Result<Exported, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let FromLine { written } = self.next.take()?;
        Some(self.message(written))
    }
}

/// Appends a line with its end, of a longer one the first `most` bytes; false at the end of the file.
fn read_line(lines: &mut impl BufRead, into: &mut Vec<u8>, most: usize) -> std::io::Result<bool> {
    let start = into.len();
    loop {
        let buffer = lines.fill_buf()?;
        if buffer.is_empty() {
            return Ok(into.len() > start);
        }
        let newline = memchr::memchr(b'\n', buffer);
        let take = newline.map_or(buffer.len(), |at| at + 1);
        let room = most.saturating_sub(into.len() - start);
        into.extend_from_slice(&buffer[..take.min(room)]);
        lines.consume(take);
        if newline.is_some() {
            return Ok(true);
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// The empty line before the next message is the export's.
fn end(bytes: &mut Vec<u8>) {
    for blank in [&b"\r\n\r\n"[..], b"\n\n"] {
        if bytes.ends_with(blank) {
            bytes.truncate(bytes.len() - blank.len() / 2);
            return;
        }
    }
}

/// `>From `, `>>From `: one `>` was put there by whoever wrote the file.
fn is_quoted_from(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|b| **b == b'>').count();
    marks > 0 && line[marks..].starts_with(b"From ")
}

/// A line that begins a message.
#[derive(Debug, Clone, Copy)]
struct FromLine {
    /// The time that it names, where it can be read.
    written: Option<Stamp>,
}

/// The line, if it begins a message.
fn begins(line: &[u8]) -> Option<FromLine> {
    if !line.starts_with(b"From ") || line.len() >= FROM_LINE_MAX {
        return None;
    }
    let line = String::from_utf8_lossy(&line[5..]);
    let words: Vec<&str> = line.split_whitespace().collect();
    let clock = words.iter().rposition(|w| is_clock(w))?;
    // Day and month stand before the clock, the year behind it, and perhaps a zone before or after the year.
    let year = words[clock + 1..].iter().find(|w| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit()))?;
    let (month, day) = (words.get(clock.checked_sub(2)?)?, words[clock - 1]);
    let seconds = if words[clock].len() == 5 { ":00" } else { "" };
    let written = format!("{year} {month} {day} {}{seconds}", words[clock]);
    let Ok(naive) = NaiveDateTime::parse_from_str(&written, "%Y %b %d %H:%M:%S") else {
        return Some(FromLine { written: None });
    };
    Some(FromLine { written: Some(stamp(naive, words[clock + 1..].iter().find_map(|w| zone_minutes(w)))) })
}

/// `10:04:07` or `10:04`.
fn is_clock(word: &str) -> bool {
    matches!(word.len(), 5 | 8)
        && word.char_indices().all(|(i, c)| if i % 3 == 2 { c == ':' } else { c.is_ascii_digit() })
}

/// Minutes east of Greenwich of `+0100`.
fn zone_minutes(word: &str) -> Option<i64> {
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: i64 = word.get(1..).filter(|d| d.len() == 4)?.parse().ok()?;
    Some(sign * (digits / 100 * 60 + digits % 100))
}

fn stamp(naive: NaiveDateTime, zone: Option<i64>) -> Stamp {
    let at: DateTime<Utc> = (naive - chrono::TimeDelta::minutes(zone.unwrap_or(0))).and_utc();
    let error_seconds = if zone.is_some() { 0 } else { ZONE_ERROR_SECONDS };
    Stamp { at, provenance: Provenance::Server, error_seconds }
}

/// Gmail's export is one file, and names a message's folders in a field.
fn is_labelled_spam(bytes: &[u8]) -> bool {
    const LABELS: &[u8] = b"X-Gmail-Labels:";
    let head =
        bytes.split(|b| *b == b'\n').take(200).take_while(|line| !is_blank(line) && *line != b"\r" && !line.is_empty());
    let mut labels = head.filter_map(|line| line.strip_prefix(LABELS));
    labels.any(|l| String::from_utf8_lossy(l).split(',').any(|label| super::super::spam::is_spam_folder(label.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn opened(content: &[u8]) -> Result<MboxExport, ExportError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        MboxExport::open(file.path())
    }

    fn messages(content: &[u8]) -> Vec<Exported> {
        opened(content).unwrap().map(Result::unwrap).collect()
    }

    fn texts(content: &[u8]) -> Vec<String> {
        messages(content).into_iter().map(|m| String::from_utf8(m.bytes).unwrap()).collect()
    }

    #[test]
    fn what_is_no_file_is_told_apart_and_never_waited_for() {
        let folder = tempfile::TempDir::new().unwrap();
        let refused = MboxExport::open(folder.path()).err().unwrap().to_string();
        assert!(refused.contains("import maildir"), "{refused}");
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert!(matches!(MboxExport::open(&pipe), Err(ExportError::Not { .. })));
    }

    #[test]
    fn messages_are_told_apart_by_a_from_line_with_a_time() {
        let mbox = b"From a@b.example Tue Mar 10 10:04:07 2026\nSubject: 1\n\nFrom here on, all is well.\n\n\
            From now until 2027 we are closed\n\nFrom x Wed Mar 11 09:00:00 2026\nSubject: 2\n\nno line end";
        assert_eq!(
            texts(mbox),
            [
                "Subject: 1\n\nFrom here on, all is well.\n\nFrom now until 2027 we are closed\n",
                "Subject: 2\n\nno line end"
            ]
        );
    }

    #[test]
    fn quoted_lines_lose_one_mark_and_line_ends_stay() {
        let mbox = b"From a Tue Mar 10 10:04:07 2026\r\nSubject: 1\r\n\r\n>From me\r\n>>From you\r\n> From\r\n\r\n\
            From 1790000000000000001@xxx Wed Mar 11 09:00:00 +0100 2026\r\nX-Gmail-Labels: Spam,Unread\r\n\r\n2\r\n";
        let found = messages(mbox);
        assert_eq!(found[0].bytes, b"Subject: 1\r\n\r\nFrom me\r\n>From you\r\n> From\r\n");
        assert_eq!((found[0].in_spam, found[1].in_spam), (false, true));
        let written = found[1].written.unwrap();
        assert_eq!((written.at.to_rfc3339(), written.error_seconds), ("2026-03-11T08:00:00+00:00".into(), 0));
        let zoneless = found[0].written.unwrap();
        assert_eq!(zoneless.error_seconds, ZONE_ERROR_SECONDS, "no zone is named");
    }

    #[test]
    fn the_last_servers_trace_tells_the_time_before_the_export_does() {
        let mbox = b"From a Tue Mar 10 10:04:07 2026\nReceived: from a by b; Mon, 9 Mar 2026 09:00:07 +0100\n\nx\n";
        let raw = messages(mbox).remove(0).into_raw();
        assert_eq!(
            (raw.received.at.to_rfc3339(), raw.received.provenance),
            ("2026-03-09T08:00:07+00:00".into(), Provenance::Server)
        );
        let dated = messages(b"From a no time 10:04 2026 at all\nDate: Mon, 9 Mar 2026 09:00:07 +0100\n\nx\n")
            .remove(0)
            .into_raw();
        assert_eq!(
            (dated.received.provenance, dated.received.error_seconds),
            (Provenance::SenderClaimed, SENDER_CLAIM)
        );
    }

    const SENDER_CLAIM: u32 = super::super::SENDER_ERROR_SECONDS;

    #[test]
    fn what_is_no_mbox_is_said_and_an_empty_one_holds_nothing() {
        assert!(messages(b"").is_empty());
        let error = opened(b"{\"messages\": []}").err().unwrap().to_string();
        assert!(error.contains("is no mbox") && error.contains("messages"), "{error}");
        assert_eq!(messages(b"From a Tue Mar 10 10:04:07 2026").len(), 1, "an empty message is one");
    }

    #[test]
    fn a_packed_file_is_unpacked() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"From a Tue Mar 10 10:04:07 2026\nSubject: 1\n\nx\n").unwrap();
        assert_eq!(texts(&packed.finish().unwrap()), ["Subject: 1\n\nx\n"]);
    }
}
