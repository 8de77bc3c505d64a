//! What a message's header fields say.
//!
//! Splitting is ours, so that broken headers cost nothing; decoding of the values is mail-parser's.

use mail_parser::parsers::MessageStream;
use mail_parser::{Address, HeaderValue};
use memchr::memchr;

/// Most fields of one header that are looked at.
const FIELDS_MAX: usize = 1_000;
/// Most bytes of one field that are looked at.
const FIELD_BYTES_MAX: usize = 64 * 1024;
/// Most addresses or ids of one kind that are looked at.
const ITEMS_MAX: usize = 500;

/// The header fields of a message or part, in order, undecoded.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields<'x>(Vec<(&'x [u8], &'x [u8])>);

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// The display name; may be empty.
    pub(super) name: String,
    /// `local@domain`, in lower case.
    pub(super) address: String,
}

impl<'x> Fields<'x> {
    /// Splits a message with LF line ends into its fields and its body. Lines that are no field
    /// are passed over.
    pub(super) fn split(raw: &'x [u8]) -> (Self, &'x [u8]) {
        let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
        let mut rest = raw;
        // `Some(start)` is where the value of the last field began: folded lines extend it.
        let mut value_at: Option<usize> = None;
        while !rest.is_empty() {
            let at = raw.len() - rest.len();
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, after) = (&rest[..end], &rest[(end + 1).min(rest.len())..]);
            rest = after;
            if line.is_empty() {
                break;
            }
            if matches!(line[0], b' ' | b'\t') {
                if let (Some(start), Some(last)) = (value_at, fields.last_mut()) {
                    last.1 = &raw[start..(at + end).min(start + FIELD_BYTES_MAX)];
                }
                continue;
            }
            value_at = None;
            if let Some(colon) = memchr(b':', line)
                && is_name(line[..colon].trim_ascii_end())
                && fields.len() < FIELDS_MAX
            {
                let start = at + colon + 1;
                value_at = Some(start);
                fields.push((line[..colon].trim_ascii_end(), &raw[start..(at + end).min(start + FIELD_BYTES_MAX)]));
            }
        }
        (Self(fields), rest)
    }

    /// Whether nothing in it was a field.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Whether any field's name starts with `prefix`, in lower case.
    pub(super) fn has_prefix(&self, prefix: &str) -> bool {
        let prefix = prefix.as_bytes();
        self.0.iter().any(|(n, _)| n.len() >= prefix.len() && n[..prefix.len()].eq_ignore_ascii_case(prefix))
    }

    /// The first value of that name, undecoded.
    pub(super) fn raw(&self, name: &str) -> Option<&'x [u8]> {
        self.all(name).next()
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'x [u8]> + 'a {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, v)| *v)
    }

    /// The first value of that name as a token: in lower case, without comments and parameters.
    pub(super) fn token(&self, name: &str) -> Option<String> {
        let value = String::from_utf8_lossy(self.raw(name)?).to_ascii_lowercase();
        let end = value.find([';', '(']).unwrap_or(value.len());
        Some(value[..end].trim().to_owned())
    }

    /// The first value of that name, unfolded and decoded (RFC 2047).
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = closed(self.raw(name)?);
        match MessageStream::new(&value).parse_unstructured() {
            HeaderValue::Text(text) => Some(text.trim().to_owned()),
            _ => None,
        }
    }

    /// All addresses in all fields of that name.
    pub(super) fn addresses(&self, name: &str) -> Vec<Mailbox> {
        let mut found = Vec::new();
        for value in self.all(name).take(ITEMS_MAX) {
            let value = closed(value);
            if let HeaderValue::Address(list) = MessageStream::new(&value).parse_address() {
                collect(&list, &mut found);
            }
        }
        found.truncate(ITEMS_MAX);
        found
    }

    /// All Message-IDs in all fields of that name, without angle brackets.
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for value in self.all(name) {
            found.extend(ids_in(&String::from_utf8_lossy(value)));
        }
        found.truncate(ITEMS_MAX);
        found
    }

    /// The type of a MIME part, in lower case, with the parameters that matter.
    pub(super) fn content_type(&self) -> ContentType {
        let Some(value) = self.raw("content-type").map(closed) else { return ContentType::default() };
        let HeaderValue::ContentType(parsed) = MessageStream::new(&value).parse_content_type() else {
            return ContentType::default();
        };
        let attribute = |name| parsed.attribute(name).map(str::to_owned);
        ContentType {
            kind: parsed.ctype().to_ascii_lowercase(),
            subtype: parsed.subtype().unwrap_or_default().to_ascii_lowercase(),
            boundary: attribute("boundary"),
            charset: attribute("charset"),
            report_type: attribute("report-type").map(|t| t.to_ascii_lowercase()),
        }
    }
}

/// A MIME type with the parameters that matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ContentType {
    /// `text`, `multipart`; empty where none is given.
    pub(super) kind: String,
    /// `plain`, `mixed`.
    pub(super) subtype: String,
    /// What separates the parts of a multipart.
    pub(super) boundary: Option<String>,
    /// The character set of a text.
    pub(super) charset: Option<String>,
    /// The kind of a multipart/report.
    pub(super) report_type: Option<String>,
}

/// The Message-IDs in a text: what stands in angle brackets, else words with an `@`.
pub(super) fn ids_in(text: &str) -> Vec<String> {
    let bracketed: Vec<String> = text
        .split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>'))
        .map(|(id, _)| id.split_whitespace().collect::<String>())
        .filter(|id| !id.is_empty() && id.len() < 1_000)
        .take(ITEMS_MAX)
        .collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    let words = text.split_whitespace().filter(|w| w.contains('@') && w.len() < 1_000);
    words.map(|w| w.trim_matches(['"', '\'', ',', ';', '>']).to_owned()).take(ITEMS_MAX).collect()
}

fn collect(list: &Address<'_>, found: &mut Vec<Mailbox>) {
    for entry in list.iter().take(ITEMS_MAX) {
        let name = entry.name.as_deref().unwrap_or_default().trim().to_owned();
        let address = entry.address.as_deref().unwrap_or_default().trim().to_lowercase();
        if !address.is_empty() || !name.is_empty() {
            found.push(Mailbox { name, address });
        }
    }
}

/// mail-parser's field parsers read up to the line end that follows the value.
fn closed(value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    value.push(b'\n');
    value
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_and_broken_fields_are_read() {
        let raw = b"Subject: =?utf-8?q?Perch=C3=A9?=\n =?utf-8?q?_no?=\nthis is no field\nTO: \"A, B\" <A@B.example>, c@d.example\nReferences: <a@x>\n\t<b@x>\n\nbody\n";
        let (fields, body) = Fields::split(raw);
        assert_eq!(fields.text("subject").unwrap(), "Perché no");
        let to: Vec<_> = fields.addresses("To").into_iter().map(|m| m.address).collect();
        assert_eq!(to, ["a@b.example", "c@d.example"]);
        assert_eq!(fields.ids("references"), ["a@x", "b@x"]);
        assert_eq!(body, b"body\n");
    }

    #[test]
    fn ids_without_brackets_are_read() {
        assert_eq!(ids_in("abc@host.example"), ["abc@host.example"]);
        assert_eq!(ids_in(""), Vec::<String>::new());
    }
}
