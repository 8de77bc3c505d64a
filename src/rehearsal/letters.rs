//! The mails of the town: replies and acknowledgements, as mail programs write them.

use super::chance::seed_of;
use super::texts::{Names, Texts, fill};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use std::fmt::Write as _;

/// Longest quotation of the question, in characters.
const QUOTE_CHARS_MAX: usize = 4_000;

/// What every mail of a company needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer<'a> {
    /// The language's texts.
    pub(super) texts: &'a Texts,
    /// Who is written about and to.
    pub(super) names: Names<'a>,
    /// The company's address.
    pub(super) from: &'a str,
    /// The persona's address.
    pub(super) to: &'a str,
    /// The company's time zone.
    pub(super) zone: Tz,
    /// When it is written.
    pub(super) now: DateTime<Utc>,
    /// What makes its Message-ID unique: inquiry, message and kind.
    pub(super) key: &'a str,
}

/// The question that a mail answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Its Message-ID without angle brackets; `None` for a form.
    pub(super) message_id: Option<&'a str>,
    /// Its References, as received.
    pub(super) references: Option<&'a str>,
    /// Its text.
    pub(super) text: &'a str,
    /// When it was received.
    pub(super) at: DateTime<Utc>,
}

/// Why a mail could not be written: an address that is none.
pub(super) type LetterError = Box<dyn std::error::Error + Send + Sync>;

/// A person's reply with signature and quotation; `html` adds the same as HTML.
pub(super) fn reply(writer: Writer<'_>, asked: Asked<'_>, words: &str, html: bool) -> Result<Vec<u8>, LetterError> {
    let subject = format!("Re: {}", writer.names.subject);
    let builder = writer.builder(&subject)?;
    let builder = thread(builder, asked);
    let signature: Vec<String> = writer.texts.signature.iter().map(|l| fill(l, writer.names)).collect();
    let date = asked.at.with_timezone(&writer.zone).format(&writer.texts.date).to_string();
    let attribution = fill(&writer.texts.quote, writer.names).replace("{date}", &date);
    let quoted: String = asked.text.chars().take(QUOTE_CHARS_MAX).collect();
    let plain = plain_reply(words, &signature, &attribution, &quoted);
    if !html {
        return writer.finish(builder.singlepart(SinglePart::plain(plain))?);
    }
    let boundary = format!("=_{}", hex::encode(&seed_of(&[writer.key.as_bytes(), b"boundary"])[..12]));
    let parts = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(SinglePart::plain(plain))
        .singlepart(SinglePart::html(html_reply(words, &signature, &attribution, &quoted)));
    writer.finish(builder.multipart(parts)?)
}

/// An automatic "received" (RFC 3834), from a program.
pub(super) fn acknowledgement(writer: Writer<'_>, asked: Asked<'_>) -> Result<Vec<u8>, LetterError> {
    let text = &writer.texts.acknowledge;
    let builder = thread(writer.builder(&text.subject)?, asked)
        .raw_header(header("Auto-Submitted", "auto-replied")?)
        .raw_header(header("X-Auto-Response-Suppress", "All")?);
    let body = format!("{}\r\n\r\n{}\r\n", fill(&text.text, writer.names), writer.names.company);
    writer.finish(builder.header(ContentType::TEXT_PLAIN).body(body)?)
}

impl Writer<'_> {
    fn builder(self, subject: &str) -> Result<MessageBuilder, LetterError> {
        let from = Mailbox::new(Some(self.names.company.to_owned()), self.from.parse()?);
        let to = Mailbox::new(Some(self.names.name.to_owned()), self.to.parse()?);
        let domain = self.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let id = hex::encode(&seed_of(&[self.key.as_bytes(), b"message-id"])[..10]);
        Ok(Message::builder()
            .from(from)
            .to(to)
            .subject(subject)
            .date(self.now.into())
            .message_id(Some(format!("<{id}@{domain}>"))))
    }

    /// The bytes, with the company's own zone in the Date and the trace that our server adds.
    fn finish(self, mut message: Message) -> Result<Vec<u8>, LetterError> {
        let date = self.now.with_timezone(&self.zone).to_rfc2822();
        message.headers_mut().insert_raw(header("Date", &date)?);
        let mut bytes = trace(self.from, self.from, self.to, self.now).into_bytes();
        bytes.extend(message.formatted());
        Ok(bytes)
    }
}

/// The headers that the persona's server puts on top (RFC 5321 section 4.4).
pub(super) fn trace(envelope_from: &str, sender: &str, to: &str, now: DateTime<Utc>) -> String {
    let domain = |address: &str| address.rsplit_once('@').map_or("localhost", |(_, d)| d).to_owned();
    let mut lines = format!("Return-Path: <{envelope_from}>\r\nDelivered-To: {to}\r\n");
    // Writing to a String cannot fail.
    let _ = write!(
        lines,
        "Received: from mail.{} (localhost [127.0.0.1])\r\n\tby mx.{} with ESMTP for <{to}>;\r\n\t{}\r\n",
        domain(sender),
        domain(to),
        now.to_rfc2822(),
    );
    lines
}

fn thread(builder: MessageBuilder, asked: Asked<'_>) -> MessageBuilder {
    let Some(id) = asked.message_id.map(|id| format!("<{id}>")) else { return builder };
    let references = asked.references.map_or_else(|| id.clone(), |before| format!("{before} {id}"));
    builder.in_reply_to(id).references(references)
}

fn header(name: &'static str, value: &str) -> Result<HeaderValue, LetterError> {
    Ok(HeaderValue::new(HeaderName::new_from_ascii(name.to_owned())?, value.to_owned()))
}

fn plain_reply(words: &str, signature: &[String], attribution: &str, quoted: &str) -> String {
    let mut text = format!("{words}\r\n\r\n-- \r\n{}\r\n\r\n{attribution}\r\n", signature.join("\r\n"));
    for line in quoted.lines() {
        text.push_str(if line.is_empty() { ">" } else { "> " });
        text.push_str(line);
        text.push_str("\r\n");
    }
    text
}

fn html_reply(words: &str, signature: &[String], attribution: &str, quoted: &str) -> String {
    let lines = |text: &str| text.lines().map(escape).collect::<Vec<_>>().join("<br>\r\n");
    format!(
        "<html><body><p>{}</p>\r\n<p>{}</p>\r\n<div>{}</div>\r\n<blockquote type=\"cite\">{}</blockquote></body></html>\r\n",
        lines(words),
        lines(&signature.join("\n")),
        escape(attribution),
        lines(quoted),
    )
}

/// The text, harmless within HTML and its attributes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
