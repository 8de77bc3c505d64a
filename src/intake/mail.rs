//! What an Internet message holds: addresses, ids, text, and the report or message inside it.

mod layout;
mod marks;

use super::fields::{ContentType, Fields, Mailbox, ids_in};
use super::html;
use super::lines::{start_of, without_marks};
use super::mime::{Leaf, Parts};
use super::report::Report;
use layout::Layout;
use marks::Marks;
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// Most text that is kept of one message, in bytes.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// The fields that name whom a message reached.
const RECIPIENT_FIELDS: [&str; 13] = [
    "to",
    "cc",
    "bcc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
    "x-delivered-to",
    "x-rcpt-to",
    "apparently-to",
    "resent-to",
    "resent-cc",
];

/// A message as intake sees it.
#[derive(Debug)]
pub(super) struct Mail {
    /// Who wrote it, by the `From` field.
    pub(super) from: Option<Mailbox>,
    /// Other addresses that it comes from: `Reply-To`, `Sender`, and what relays keep of them.
    pub(super) other_senders: Vec<String>,
    /// Every address that it was sent to or arrived at.
    pub(super) recipients: Vec<String>,
    /// Its own Message-ID.
    pub(super) message_id: Option<String>,
    /// What it answers.
    pub(super) in_reply_to: Vec<String>,
    /// Its thread.
    pub(super) references: Vec<String>,
    /// The subject, decoded.
    pub(super) subject: Option<String>,
    /// The body as plain text.
    pub(super) text: String,
    /// What its page is made of, where it has one and answers no message by its fields.
    pub(super) layout: Layout,
    /// Marks of machines in its header fields.
    pub(super) marks: Marks,
    /// The report it carries, if any.
    pub(super) report: Option<Report>,
    /// The message or header that it returns or encloses.
    pub(super) returned: Option<Returned>,
    /// Whether parts of it were left out: too many, too deep.
    pub(super) cut: bool,
}

/// What is known of a message inside a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Returned {
    /// Its Message-ID, and those it answers.
    pub(super) ids: Vec<String>,
    /// Its sender's addresses.
    pub(super) senders: Vec<String>,
}

impl Mail {
    /// Reads a message; `None` where nothing in it is a header field.
    pub(super) fn parse(raw: &[u8]) -> Option<Self> {
        let raw = with_lf(raw);
        let raw = without_envelope(&raw);
        let (fields, body) = Fields::split(raw);
        if fields.is_empty() {
            return None;
        }
        let top = fields.content_type();
        let parts = Parts::of(fields.clone(), body);
        let report = report_of(&top, &parts);
        let in_reply_to = fields.ids("in-reply-to");
        let references = fields.ids("references");
        let may_be_mass_mail = report.is_none() && in_reply_to.is_empty() && references.is_empty();
        Some(Self {
            from: fields.addresses("from").into_iter().next(),
            other_senders: ["reply-to", "sender", "return-path", "x-original-from", "x-original-sender"]
                .iter()
                .flat_map(|n| addresses(&fields, n))
                .collect(),
            recipients: recipients(&fields),
            message_id: fields.ids("message-id").into_iter().next(),
            in_reply_to,
            references,
            subject: fields.text("subject"),
            text: text_of(&parts),
            layout: if may_be_mass_mail { layout_of(&parts) } else { Layout::default() },
            marks: Marks::of(&fields),
            report,
            returned: returned_of(&parts),
            cut: parts.cut,
        })
    }

    /// The sender's address, or nothing.
    pub(super) fn sender(&self) -> &str {
        self.from.as_ref().map_or("", |from| &from.address)
    }
}

/// A copy with LF line ends, where it has others. Old Mac's lone CR counts where there is no LF.
fn with_lf(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(b'\r', raw) else { return Cow::Borrowed(raw) };
    let only_cr = memchr(b'\n', raw).is_none();
    let mut out = Vec::with_capacity(raw.len());
    let mut from = 0;
    for at in std::iter::once(first).chain(memchr_iter(b'\r', &raw[first + 1..]).map(|at| at + first + 1)) {
        out.extend_from_slice(&raw[from..at]);
        from = at + 1;
        if only_cr {
            out.push(b'\n');
        } else if !matches!(raw.get(at + 1), Some(b'\n' | b'\r') | None) {
            out.push(b'\r');
        }
    }
    out.extend_from_slice(&raw[from..]);
    Cow::Owned(out)
}

/// Without an mbox's `From ` line and empty lines in front.
fn without_envelope(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let start = raw.iter().position(|b| *b != b'\n').unwrap_or(0);
    let raw = &raw[start..];
    if raw.starts_with(b"From ") || raw.starts_with(b">From ") {
        let end = raw.iter().position(|b| *b == b'\n').map_or(raw.len(), |at| at + 1);
        return &raw[end..];
    }
    raw
}

fn addresses(fields: &Fields<'_>, name: &str) -> Vec<String> {
    fields.addresses(name).into_iter().map(|m| m.address).filter(|a| !a.is_empty()).collect()
}

fn recipients(fields: &Fields<'_>) -> Vec<String> {
    let mut found: Vec<String> = RECIPIENT_FIELDS.iter().flat_map(|n| addresses(fields, n)).collect();
    // `Received: … for <address>` is all that a blind copy leaves.
    if let Some(received) = fields.raw("received") {
        let received = String::from_utf8_lossy(received).to_lowercase();
        if let Some((_, after)) = received.split_once("for <")
            && let Some((address, _)) = after.split_once('>')
        {
            found.push(address.trim().to_owned());
        }
    }
    found
}

/// The text a person would see: of alternatives the plain one, unless it is empty.
fn text_of(parts: &Parts<'_>) -> String {
    let mut out = String::new();
    for leaf in parts.leaves.iter().filter(|l| l.is_inline_text()) {
        if out.len() >= TEXT_BYTES_MAX {
            break;
        }
        let text = match leaf.alternative {
            Some(group) => chosen(parts, leaf, group),
            None => Some(plain_text(leaf)),
        };
        let Some(text) = text.filter(|t| !t.trim().is_empty()) else { continue };
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(text.trim_end());
    }
    out.truncate(start_of(&out, TEXT_BYTES_MAX).len());
    out
}

/// The text of a leaf that has alternatives, where it is the one to show.
fn chosen(parts: &Parts<'_>, leaf: &Leaf<'_>, group: usize) -> Option<String> {
    let plain = |l: &&Leaf<'_>| l.alternative == Some(group) && l.is("text", "plain") && l.is_inline_text();
    let plain_has_words = parts.leaves.iter().filter(plain).any(Leaf::has_words);
    (leaf.is("text", "plain") == plain_has_words).then(|| plain_text(leaf))
}

fn plain_text(leaf: &Leaf<'_>) -> String {
    let text = leaf.text();
    if leaf.is("text", "plain") && !looks_like_html(text) {
        without_marks(text.to_owned())
    } else {
        html::to_text(text)
    }
}

/// What the first page of a message is made of.
fn layout_of(parts: &Parts<'_>) -> Layout {
    let page = parts.leaves.iter().find(|l| l.is("text", "html") && l.is_inline_text());
    let alone = !parts.leaves.iter().any(|l| l.is("text", "plain") && l.is_inline_text());
    page.map(|page| Layout::of(page.text(), alone)).unwrap_or_default()
}

/// Some programs send a page and call it plain text.
fn looks_like_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(200).flat_map(char::to_lowercase).collect();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn report_of(top: &ContentType, parts: &Parts<'_>) -> Option<Report> {
    let part = |subtype: &str| {
        parts.leaves.iter().find(|l| l.content_type.kind == "message" && l.content_type.subtype.ends_with(subtype))
    };
    let report_type = top.report_type.clone().filter(|_| top.kind == "multipart");
    if let Some(leaf) = part("delivery-status").or_else(|| part("global-delivery-status")) {
        return Some(Report::delivery(leaf.text()));
    }
    if part("feedback-report").is_some() || report_type.as_deref() == Some("feedback-report") {
        return Some(Report::Feedback);
    }
    if let Some(leaf) = part("disposition-notification") {
        return Some(Report::disposition(leaf.text()));
    }
    match report_type.as_deref() {
        // Some servers name the report and forget the part, or call it text/plain.
        Some("delivery-status") => {
            let fields = parts.leaves.iter().map(Leaf::text).find(|t| Report::looks_like_delivery(t));
            Some(Report::delivery(fields.unwrap_or_default()))
        }
        Some("disposition-notification") => Some(Report::disposition("")),
        _ => None,
    }
}

fn returned_of(parts: &Parts<'_>) -> Option<Returned> {
    let encloses = |l: &&Leaf<'_>| {
        (l.content_type.kind == "message"
            && matches!(l.content_type.subtype.as_str(), "rfc822" | "global" | "global-headers" | "partial"))
            || (l.content_type.kind == "text" && l.content_type.subtype.starts_with("rfc822"))
    };
    let leaf = parts.leaves.iter().find(encloses)?;
    Some(Returned::of_text(&leaf.head()))
}

impl Returned {
    /// Reads the header of an enclosed message.
    fn of_text(text: &str) -> Self {
        let text = text.trim_start_matches('\n');
        let (fields, _) = Fields::split(without_envelope(text.as_bytes()));
        Self {
            ids: ["message-id", "in-reply-to", "references"].iter().flat_map(|n| fields.ids(n)).collect(),
            senders: ["from", "reply-to", "return-path", "sender"].iter().flat_map(|n| addresses(&fields, n)).collect(),
        }
    }

    /// Whether a text shows the Message-ID of a message that it returns.
    pub(super) fn names_id(text: &str) -> bool {
        text.lines().take(1_000).any(|line| {
            let line = line.trim_start_matches([' ', '\t', '>', '|']);
            line.get(..11).is_some_and(|name| name.eq_ignore_ascii_case("message-id:"))
                && !ids_in(&line[11..]).is_empty()
        })
    }

    /// What a bounce without parts shows of the message that it returns: the lines that look like
    /// its header fields, however they are indented or quoted.
    pub(super) fn within(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines().take(5_000) {
            let line = line.trim_start_matches([' ', '\t', '>', '|']);
            let Some((name, value)) = line.split_once(':').filter(|(n, _)| n.len() <= 20) else { continue };
            let is = |field: &str| name.eq_ignore_ascii_case(field);
            if is("message-id") {
                found.ids.extend(ids_in(value));
            } else if is("from") || is("reply-to") || is("return-path") {
                let words = value.split(['<', '>', ' ', ',', '"']).filter(|w| w.contains('@'));
                found.senders.extend(words.map(str::to_lowercase));
            }
        }
        found.ids.truncate(50);
        found.senders.truncate(50);
        found
    }
}
