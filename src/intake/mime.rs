//! Which parts a message has.
//!
//! The walk over the parts is ours, because it must be bounded: a mail nested a hundred thousand
//! deep would otherwise end the process when the tree is dropped, and no one can catch that.
//! Encodings and character sets are mail-parser's.

use super::fields::{ContentType, Fields};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::cell::OnceCell;

/// Deepest nesting of multiparts that is followed.
const DEPTH_MAX: u32 = 12;
/// Most parts that are looked at.
const PARTS_MAX: usize = 300;

/// How much of an enclosed message is read, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// A longer body says something, in bytes.
const EMPTY_BYTES_MAX: usize = 2_000;

/// A part that holds no other parts.
#[derive(Debug)]
pub(super) struct Leaf<'x> {
    /// Its fields.
    pub(super) fields: Fields<'x>,
    /// Its type.
    pub(super) content_type: ContentType,
    /// Its bytes, still encoded.
    body: &'x [u8],
    /// Which multipart/alternative it belongs to, if any.
    pub(super) alternative: Option<usize>,
    /// Its text, once somebody asked.
    text: OnceCell<String>,
}

/// All leaves of a message, in order.
#[derive(Debug, Default)]
pub(super) struct Parts<'x> {
    /// The leaves.
    pub(super) leaves: Vec<Leaf<'x>>,
    /// Whether something was too deep or too much, and left out.
    pub(super) cut: bool,
    multiparts: usize,
}

impl<'x> Parts<'x> {
    /// Walks a message whose fields and body are given.
    pub(super) fn of(fields: Fields<'x>, body: &'x [u8]) -> Self {
        let mut parts = Self::default();
        parts.walk(fields, body, None, 0, &ContentType::default());
        parts
    }

    fn walk(
        &mut self,
        fields: Fields<'x>,
        body: &'x [u8],
        alternative: Option<usize>,
        depth: u32,
        parent: &ContentType,
    ) {
        let mut content_type = fields.content_type();
        if content_type.kind.is_empty() && parent.subtype == "digest" {
            (content_type.kind, content_type.subtype) = ("message".into(), "rfc822".into());
        }
        if self.leaves.len() >= PARTS_MAX {
            self.cut = true;
            return;
        }
        if content_type.kind == "multipart"
            && let Some(boundary) = content_type.boundary.clone().filter(|b| !b.is_empty())
        {
            if depth >= DEPTH_MAX {
                self.cut = true;
                return;
            }
            let sections = sections(body, boundary.as_bytes());
            if !sections.is_empty() {
                self.multiparts += 1;
                let group = if content_type.subtype == "alternative" {
                    alternative.or(Some(self.multiparts))
                } else {
                    alternative
                };
                for section in sections {
                    let (fields, body) = Fields::split(section);
                    self.walk(fields, body, group, depth + 1, &content_type);
                }
                return;
            }
            // A multipart without its boundary is read as the text it shows.
            content_type = ContentType::default();
        }
        self.leaves.push(Leaf { fields, content_type, body, alternative, text: OnceCell::new() });
    }
}

impl<'x> Leaf<'x> {
    /// Whether its type is `kind/subtype`; a part without a type is text/plain.
    pub(super) fn is(&self, kind: &str, subtype: &str) -> bool {
        if self.content_type.kind.is_empty() {
            return kind == "text" && subtype == "plain";
        }
        self.content_type.kind == kind && self.content_type.subtype == subtype
    }

    /// Whether it is meant to be read in place.
    pub(super) fn is_inline_text(&self) -> bool {
        let attached = self.fields.token("content-disposition").is_some_and(|d| d.starts_with("attachment"));
        !attached && (self.is("text", "plain") || self.is("text", "html") || self.is("text", "enriched"))
    }

    /// Bytes of it, decoded. Where the encoding is broken, as much as makes sense.
    fn bytes(&self, body: &'x [u8]) -> Cow<'x, [u8]> {
        match self.fields.token("content-transfer-encoding").as_deref() {
            Some("base64") => base64_decode(body).map_or_else(|| lenient_base64(body), Cow::Owned),
            Some("quoted-printable") => quoted_printable_decode(body).map_or(Cow::Borrowed(body), Cow::Owned),
            _ => Cow::Borrowed(body),
        }
    }

    /// Whether there is more in it than white space.
    pub(super) fn has_words(&self) -> bool {
        // Nobody encodes so much emptiness.
        self.body.len() > EMPTY_BYTES_MAX || !self.text().trim().is_empty()
    }

    /// The beginning of its text: enough to read the header of an enclosed message.
    pub(super) fn head(&self) -> String {
        let body = &self.body[..self.body.len().min(HEAD_BYTES)];
        self.decoded(body)
    }

    /// Its text, with LF line ends.
    pub(super) fn text(&self) -> &str {
        self.text.get_or_init(|| self.decoded(self.body))
    }

    fn decoded(&self, body: &'x [u8]) -> String {
        let bytes = self.bytes(body);
        let declared = self.content_type.charset.as_deref().filter(|c| !is_utf8_name(c));
        let text = match declared.and_then(|c| charset_decoder(c.as_bytes())) {
            Some(decode) => decode(&bytes),
            None => String::from_utf8(bytes.into_owned()).unwrap_or_else(|error| {
                let bytes = error.as_bytes();
                // What claims nothing, or claims wrongly to be UTF-8, is mostly Windows' Latin.
                match charset_decoder(b"windows-1252") {
                    Some(decode) if !is_mostly_utf8(bytes) => decode(bytes),
                    _ => String::from_utf8_lossy(bytes).into_owned(),
                }
            }),
        };
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
    }
}

fn is_utf8_name(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Whether a cut character or two are all that is wrong with UTF-8.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let broken = text.matches('\u{fffd}').count();
    let whole = text.chars().filter(|c| !c.is_ascii()).count() - broken;
    whole > broken
}

/// The bytes of base64 that something broke on its way.
fn lenient_base64(body: &[u8]) -> Cow<'_, [u8]> {
    let mut clean: Vec<u8> =
        body.iter().copied().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    clean.truncate(clean.len() / 4 * 4);
    base64_decode(&clean).map_or(Cow::Borrowed(body), Cow::Owned)
}

/// What lies between the lines of a boundary (RFC 2046, section 5.1). An end that was lost is the
/// end of the data.
fn sections<'x>(body: &'x [u8], boundary: &[u8]) -> Vec<&'x [u8]> {
    let mut sections = Vec::new();
    let mut open: Option<usize> = None;
    let mark = [b"--", boundary].concat();
    for at in memmem::find_iter(body, &mark) {
        if at > 0 && body[at - 1] != b'\n' {
            continue;
        }
        let tail_at = at + mark.len();
        let end = memchr(b'\n', &body[tail_at..]).map_or(body.len(), |n| tail_at + n + 1);
        let tail = &body[tail_at..end];
        if !(tail.trim_ascii().is_empty() || tail.starts_with(b"--")) {
            continue;
        }
        if let Some(start) = open.take() {
            // The line end before a delimiter belongs to the delimiter.
            sections.push(&body[start..at.saturating_sub(1).max(start)]);
        }
        if tail.starts_with(b"--") || sections.len() >= PARTS_MAX {
            return sections;
        }
        open = Some(end);
    }
    if let Some(start) = open {
        sections.push(&body[start..]);
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(raw: &str) -> Vec<(String, String)> {
        let (fields, body) = Fields::split(raw.as_bytes());
        let parts = Parts::of(fields, body);
        parts.leaves.iter().map(|l| (l.content_type.subtype.clone(), l.text().to_owned())).collect()
    }

    #[test]
    fn parts_are_found_and_decoded() {
        let raw = "Content-Type: multipart/mixed; boundary=x\n\npreamble\n--x\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nperch=E9\n--x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGI+aGk8L2I+\n--x--\nepilogue\n";
        assert_eq!(leaves(raw), [("plain".into(), "perché".into()), ("html".into(), "<b>hi</b>".into())]);
    }

    #[test]
    fn a_lost_end_and_a_lost_boundary_lose_no_text() {
        assert_eq!(
            leaves("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nciao\n"),
            [(String::new(), "ciao\n".into())]
        );
        assert_eq!(leaves("Content-Type: multipart/mixed; boundary=y\n\nciao\n"), [(String::new(), "ciao\n".into())]);
    }

    #[test]
    fn nesting_without_end_is_cut() {
        let level = |n: u32| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        let raw = (0..500).map(level).collect::<Vec<_>>().concat();
        let (fields, body) = Fields::split(raw.as_bytes());
        assert!(Parts::of(fields, body).cut);
    }
}
