//! When our own server received a message, by its trace in the message.

use chrono::{DateTime, Utc};
use mail_parser::{HeaderName, MessageParser};

/// The date of the topmost `Received` header: that of the last server, ours.
pub(super) fn topmost_received(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let message = MessageParser::default().parse_headers(bytes)?;
    let topmost = message.headers().iter().find(|header| header.name == HeaderName::Received)?;
    let date = topmost.value.as_received()?.date()?;
    DateTime::from_timestamp(date.to_timestamp(), 0)
}
