//! Returned mail: delivery status notifications as RFC 3464 has them.

use super::chance::seed_of;
use super::letters::trace;
use chrono::{DateTime, Utc};

/// Most of the original headers that are returned, in bytes.
const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// Why simulated mail is returned: RFC 3463 status, and what the server says.
const REASONS: [(&str, &str); 3] = [
    ("5.1.1", "550 5.1.1 User unknown in virtual mailbox table"),
    ("5.2.2", "552 5.2.2 Mailbox is full"),
    ("5.7.1", "550 5.7.1 Message rejected by recipient policy"),
];

/// A mail that comes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Returned<'a> {
    /// Who sent it: the envelope's sender.
    pub(super) sender: &'a str,
    /// Who should have got it.
    pub(super) recipient: &'a str,
    /// Its headers, as received.
    pub(super) headers: &'a str,
    /// When it was received.
    pub(super) arrived: DateTime<Utc>,
    /// When it is returned.
    pub(super) now: DateTime<Utc>,
    /// Picks the reason.
    pub(super) variant: u32,
    /// What makes its Message-ID unique.
    pub(super) key: &'a str,
}

/// The notification: for people, for programs, and the original's headers.
pub(super) fn notification(returned: Returned<'_>) -> Vec<u8> {
    let Returned { sender, recipient, arrived, now, .. } = returned;
    let domain = recipient.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let (status, diagnostic) = REASONS[returned.variant as usize % REASONS.len()];
    let unique = hex::encode(&seed_of(&[returned.key.as_bytes(), b"bounce"])[..12]);
    let trace = trace("", recipient, sender, now);
    let headers = headers_of(returned.headers);
    format!(
        "{trace}From: Mail Delivery System <MAILER-DAEMON@mail.{domain}>\r\n\
         To: {sender}\r\n\
         Subject: Undelivered Mail Returned to Sender\r\n\
         Date: {date}\r\n\
         Message-ID: <{unique}@mail.{domain}>\r\n\
         Auto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"{unique}\"\r\n\
         \r\n\
         This is a MIME-encapsulated message.\r\n\
         \r\n--{unique}\r\n\
         Content-Description: Notification\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\
         \r\n\
         This is the mail system at host mail.{domain}.\r\n\
         \r\n\
         I'm sorry to have to inform you that your message could not\r\n\
         be delivered to one or more recipients.\r\n\
         \r\n\
         <{recipient}>: {diagnostic}\r\n\
         \r\n--{unique}\r\n\
         Content-Description: Delivery report\r\n\
         Content-Type: message/delivery-status\r\n\
         \r\n\
         Reporting-MTA: dns; mail.{domain}\r\n\
         Arrival-Date: {arrival}\r\n\
         \r\n\
         Final-Recipient: rfc822; {recipient}\r\n\
         Action: failed\r\n\
         Status: {status}\r\n\
         Diagnostic-Code: smtp; {diagnostic}\r\n\
         \r\n--{unique}\r\n\
         Content-Description: Undelivered Message Headers\r\n\
         Content-Type: text/rfc822-headers\r\n\
         \r\n\
         {headers}\r\n\
         --{unique}--\r\n",
        date = now.to_rfc2822(),
        arrival = arrived.to_rfc2822(),
    )
    .into_bytes()
}

/// The original headers, cut between lines where they are too long.
fn headers_of(headers: &str) -> String {
    let mut kept = String::new();
    for line in headers.lines() {
        if kept.len() + line.len() > HEADERS_BYTES_MAX {
            break;
        }
        kept.push_str(line);
        kept.push_str("\r\n");
    }
    kept
}
