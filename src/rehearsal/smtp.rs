//! The submission server: takes the personas' mail and hands it to the companies.
//!
//! The dialogue is mailin's; here are the connection and the decisions. Plain text is private
//! enough on loopback, and any credentials are right.

use super::chance::seed_of;
use super::directory::{Seen, squeeze};
use super::mailroom::Folder;
use super::square::{MailSlip, Medium, Question, Square};
use crate::model::channel::Channel;
use mail_parser::{Message, MessageParser};
use mailin::response::{AUTH_OK, OK};
use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longest line that is read, in bytes; RFC 5321 allows 1,000.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Largest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One client's session, until it quits.
///
/// # Errors
/// The connection's.
pub(super) async fn serve(stream: TcpStream, square: Arc<Square>) -> io::Result<()> {
    let peer = stream.peer_addr()?.ip();
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut session = SessionBuilder::new("town.invalid")
        .enable_auth(AuthMechanism::Plain)
        .enable_auth(AuthMechanism::Login)
        .insecure_enable_plaintext_auth()
        .build(peer, Postman { square, sender: String::new(), recipients: Vec::new(), data: Vec::new() });
    writer.write_all(&session.greeting().buffer()?).await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let response = session.process(&line);
        match response.action {
            Action::Reply => writer.write_all(&response.buffer()?).await?,
            Action::NoReply => {}
            Action::Close | Action::UpgradeTls => return writer.write_all(&response.buffer()?).await,
        }
    }
}

struct Postman {
    square: Arc<Square>,
    sender: String,
    recipients: Vec<String>,
    data: Vec<u8>,
}

impl Handler for Postman {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        from.clone_into(&mut self.sender);
        self.recipients.clear();
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let company = self.square.directory.knows(Channel::Email, &to.to_ascii_lowercase());
        let mut ledger = self.square.ledger();
        if company || ledger.mail.at_address(to).is_some() {
            self.recipients.push(to.to_ascii_lowercase());
            return OK;
        }
        ledger.stats.unknown_recipients += 1;
        Response::custom(550, format!("5.1.1 <{to}>: Recipient address rejected: User unknown"))
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.data.clear();
        OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        // One byte too many is kept, so that the end can tell.
        if self.data.len() <= MESSAGE_BYTES_MAX {
            self.data.extend_from_slice(line);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let data = std::mem::take(&mut self.data);
        if data.len() > MESSAGE_BYTES_MAX {
            return Response::custom(552, "5.3.4 Message size exceeds the limit".to_owned());
        }
        let queue_id = hex::encode_upper(&seed_of(&[&data])[..5]);
        for recipient in std::mem::take(&mut self.recipients) {
            self.hand_over(&recipient, &data);
        }
        Response::custom(250, format!("2.0.0 Ok: queued as {queue_id}"))
    }

    fn auth_plain(&mut self, _: &str, _: &str, _: &str) -> Response {
        AUTH_OK
    }

    fn auth_login(&mut self, _: &str, _: &str) -> Response {
        AUTH_OK
    }
}

impl Postman {
    fn hand_over(&self, recipient: &str, data: &[u8]) {
        if !self.square.directory.knows(Channel::Email, recipient) {
            self.square.post(recipient, Folder::Inbox, Ok(data.to_vec()));
            return;
        }
        let parsed = MessageParser::new().parse(data).unwrap_or_default();
        let text = parsed.body_text(0).unwrap_or_default().into_owned();
        let slip = self.slip(recipient, &parsed, data);
        let seen = Seen {
            channel: Channel::Email,
            target: recipient,
            message_id: slip.message_id.as_deref(),
            reply_to: Some(&slip.reply_to),
            text: &text,
        };
        let subject = parsed.subject().unwrap_or_default().to_owned();
        let question = Question { medium: Medium::Mail(slip.clone()), subject, text: text.clone() };
        self.square.receive(seen, question);
    }

    fn slip(&self, recipient: &str, parsed: &Message<'_>, data: &[u8]) -> MailSlip {
        let first = |list: Option<&mail_parser::Address<'_>>| {
            list.and_then(|a| a.first()).and_then(|a| a.address()).map(ToOwned::to_owned)
        };
        let end = data.windows(4).position(|w| w == b"\r\n\r\n").map_or(data.len(), |at| at + 2);
        MailSlip {
            sender: self.sender.clone(),
            recipient: recipient.to_owned(),
            reply_to: first(parsed.reply_to()).or_else(|| first(parsed.from())).unwrap_or_else(|| self.sender.clone()),
            message_id: parsed.message_id().map(ToOwned::to_owned),
            references: parsed.header_raw("References").map(squeeze),
            headers: String::from_utf8_lossy(&data[..end]).into_owned(),
        }
    }
}
