//! One logged-in IMAP session: the few commands that watching needs, each within its time limit and
//! its measure of bytes.
//!
//! Answers are read to their tagged end here, so that a refused or torn command is an error and
//! never looks like an empty mailbox.

use super::fault::{Fault, words};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, NameAttribute, Response, ResponseCode, Status};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, timeout, timeout_at};

/// Slowest line on which a long message still arrives, in bytes a second.
const BYTES_PER_SECOND_MIN: u64 = 16 * 1024;

/// Most bytes of an answer to a command that asks for little, all its lines together.
const ANSWER_BYTES_MAX: u64 = 256 << 10;

/// Most bytes of one line that brings no message. The parser begins a line anew whenever more of it
/// comes, so an endless one must end early.
const LINE_BYTES_MAX: u64 = 32 << 10;

/// Most bytes of a list of all folders.
const LIST_BYTES_MAX: u64 = 1 << 20;

/// Bytes of a UID and what is told of its message without its body.
const UID_BYTES_MAX: u64 = 12;
const LISTED_BYTES_MAX: u64 = 512;

/// Most bytes that surround one fetched message.
const FRAME_BYTES_MAX: u64 = 64 << 10;

/// What a connection is to the library.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> Wire for T {}

/// How many bytes may still be read before an answer is called endless.
#[derive(Debug, Clone)]
pub(super) struct Answers(Arc<AtomicU64>);

impl Default for Answers {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(LINE_BYTES_MAX)))
    }
}

/// How long the answer to a command may be.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// One line, or one message with what surrounds it.
    line: u64,
    /// All together.
    all: u64,
}

impl Measure {
    const LITTLE: Self = Self { line: LINE_BYTES_MAX, all: ANSWER_BYTES_MAX };

    /// So much more in one line.
    const fn and_in_a_line(self, bytes: u64) -> Self {
        Self { line: self.line + bytes, all: self.all + bytes }
    }
}

/// A connection that stops reading where an answer has no end.
#[derive(Debug)]
pub(super) struct Metered<T> {
    inner: T,
    left: Answers,
}

impl<T> Metered<T> {
    pub(super) const fn new(inner: T, left: Answers) -> Self {
        Self { inner, left }
    }

    pub(super) fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = self.left.0.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        let read = (buf.filled().len() - before) as u64;
        self.left.0.store(left.saturating_sub(read), Ordering::Relaxed);
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A folder of the mailbox, as LIST shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its name, as the server writes it.
    pub(super) name: String,
    /// What stands between it and the folder above.
    pub(super) delimiter: Option<char>,
    /// What the server marks it as (RFC 6154).
    pub(super) mark: Mark,
}

/// What a folder is for, by the server's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It says nothing of interest.
    None,
    /// Spam.
    Junk,
    /// What we write ourselves, or a view of other folders.
    NotInbound,
}

/// What EXAMINE says of a folder.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct FolderStatus {
    pub(super) uid_validity: u32,
    pub(super) uid_next: Option<u32>,
    /// Messages in it.
    pub(super) exists: u32,
}

/// A message that is there, not yet fetched.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) uid: u32,
    pub(super) size: u32,
    pub(super) received: Option<DateTime<Utc>>,
}

/// A logged-in session.
pub(super) struct Session {
    pub(super) inner: async_imap::Session<Metered<Box<dyn Wire>>>,
    pub(super) answers: Answers,
    pub(super) limit: Duration,
    /// The folder that is open.
    pub(super) opened: Option<String>,
    /// Messages in the open folder: how long the result of a search may be.
    pub(super) exists: u32,
    /// Whether the server offers IDLE (RFC 2177).
    pub(super) can_idle: bool,
    /// Whether the server tells the quota (RFC 9208).
    pub(super) can_quota: bool,
}

impl Session {
    /// Sends a command and reads to its tagged answer; hands on what comes before.
    pub(super) async fn exchange(&mut self, command: &str, each: impl FnMut(&Response<'_>)) -> Result<(), Fault> {
        self.exchange_within(command, self.limit, Measure::LITTLE, each).await
    }

    async fn exchange_within(
        &mut self,
        command: &str,
        limit: Duration,
        measure: Measure,
        each: impl FnMut(&Response<'_>),
    ) -> Result<(), Fault> {
        let talk = async {
            let tag = self.inner.run_command(command).await?;
            self.read_to_the_end(&tag, command, measure, each).await
        };
        timeout(limit, talk).await.map_err(|_| Fault::Silent(limit))?
    }

    /// Reads to the answer with that tag.
    async fn read_to_the_end(
        &mut self,
        tag: &async_imap::imap_proto::RequestId,
        command: &str,
        measure: Measure,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<(), Fault> {
        let mut left = measure.all;
        loop {
            let line = measure.line.min(left);
            self.answers.0.store(line, Ordering::Relaxed);
            let data = self.inner.read_response().await?.ok_or_else(hung_up)?;
            left -= line - self.answers.0.load(Ordering::Relaxed);
            match data.parsed() {
                Response::Done { tag: of, status: Status::Ok, .. } if of == tag => return Ok(()),
                Response::Done { tag: of, outcome, .. } if of == tag => {
                    let verb = command.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                    return Err(Fault::Refused { verb, text: words(outcome) });
                }
                Response::Data { status: Status::Bye, outcome } => return Err(Fault::NotServed(words(outcome))),
                other => each(other),
            }
        }
    }

    /// Every folder that can be opened.
    pub(super) async fn folders(&mut self) -> Result<Vec<Shown>, Fault> {
        let mut shown = Vec::new();
        self.exchange_within("LIST \"\" \"*\"", self.limit, Measure { all: LIST_BYTES_MAX, ..Measure::LITTLE }, |r| {
            if let Response::MailboxData(MailboxDatum::List(list)) = r {
                let delimiter = list.delimiter.as_deref().and_then(|d| d.chars().next());
                shown.extend(mark(&list.name_attributes).map(|mark| Shown {
                    name: list.name.to_string(),
                    delimiter,
                    mark,
                }));
            }
        })
        .await?;
        Ok(shown)
    }

    /// Opens a folder read-only.
    pub(super) async fn examine(&mut self, name: &str) -> Result<FolderStatus, Fault> {
        let mut status = FolderStatus::default();
        let mut numbered = None;
        self.opened = None;
        self.exchange(&format!("EXAMINE {}", quoted(name)), |r| match r {
            Response::Data { outcome, .. } => match outcome.code {
                Some(ResponseCode::UidValidity(v)) => numbered = Some(v),
                Some(ResponseCode::UidNext(n)) => status.uid_next = Some(n),
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(n)) => status.exists = *n,
            _ => {}
        })
        .await?;
        self.exists = status.exists;
        // Without it no number means anything from one look to the next (RFC 3501 §2.3.1.1).
        status.uid_validity = numbered.ok_or(Fault::Garbled("a folder without UIDVALIDITY"))?;
        self.opened = Some(name.to_owned());
        Ok(status)
    }

    /// Whether the mailbox is full, where the server tells.
    pub(super) async fn is_full(&mut self) -> Result<bool, Fault> {
        let mut full = false;
        if self.can_quota {
            self.exchange("GETQUOTAROOT \"INBOX\"", |r| {
                if let Response::Quota(quota) = r {
                    full |= quota.resources.iter().any(|r| r.limit > 0 && r.usage >= r.limit);
                }
            })
            .await?;
        }
        Ok(full)
    }

    /// UIDs of the open folder that a criterion fits.
    pub(super) async fn search(&mut self, criterion: &str) -> Result<Vec<u32>, Fault> {
        let mut uids = None;
        // More may have come since the folder was opened: there is room for that.
        let measure = Measure::LITTLE.and_in_a_line(UID_BYTES_MAX * u64::from(self.exists));
        self.exchange_within(&format!("UID SEARCH {criterion}"), self.limit, measure, |r| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = r {
                uids.get_or_insert_with(Vec::new).extend_from_slice(found);
            }
        })
        .await?;
        // "Nothing" must be said (RFC 3501 §6.4.4): an answer without a result is no empty folder.
        uids.ok_or(Fault::Garbled("no result of a search"))
    }

    /// Sizes and dates of messages; those that are gone by now are left out.
    pub(super) async fn list_messages(&mut self, uids: &[u32]) -> Result<Vec<Listed>, Fault> {
        let mut listed = Vec::new();
        let command = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", set(uids));
        let all = ANSWER_BYTES_MAX + LISTED_BYTES_MAX * uids.len() as u64;
        self.exchange_within(&command, self.limit, Measure { all, ..Measure::LITTLE }, |r| {
            if let Response::Fetch(_, attributes) = r {
                listed.extend(listing(attributes));
            }
        })
        .await?;
        Ok(listed)
    }

    /// The messages by UID, of each at most its first `bytes_max` bytes; without those that are gone by now.
    pub(super) async fn bodies(&mut self, listed: &[Listed], bytes_max: u32) -> Result<HashMap<u32, Vec<u8>>, Fault> {
        let cut = listed.iter().any(|l| l.size > bytes_max);
        let part = if cut { format!("<0.{bytes_max}>") } else { String::new() };
        let bytes: u64 = listed.iter().map(|l| u64::from(l.size.min(bytes_max))).sum();
        let measure = Measure::LITTLE.and_in_a_line(bytes + FRAME_BYTES_MAX * listed.len() as u64);
        let patience = Duration::from_secs(bytes / BYTES_PER_SECOND_MIN);
        let uids: Vec<u32> = listed.iter().map(|l| l.uid).collect();
        let command = format!("UID FETCH {} (UID BODY.PEEK[]{part})", set(&uids));
        let mut bodies = HashMap::new();
        self.exchange_within(&command, self.limit + patience, measure, |r| {
            // A server may mention other messages in between, without a body.
            if let Response::Fetch(_, attributes) = r {
                bodies.extend(uid_of(attributes).zip(attributes.iter().find_map(whole)));
            }
        })
        .await?;
        bodies.retain(|uid, _| uids.contains(uid));
        Ok(bodies)
    }

    /// Lies in wait for a change in the open folder, or for `at_most`.
    pub(super) async fn idle(&mut self, at_most: Duration) -> Result<(), Fault> {
        self.answers.0.store(ANSWER_BYTES_MAX, Ordering::Relaxed);
        let limit = self.limit;
        let begin = async {
            let tag = self.inner.run_command("IDLE").await?;
            loop {
                let data = self.inner.read_response().await?.ok_or_else(hung_up)?;
                match data.parsed() {
                    Response::Continue(_) => return Ok(tag),
                    Response::Done { tag: of, outcome, .. } if *of == tag => {
                        return Err(Fault::Refused { verb: "IDLE".to_owned(), text: words(outcome) });
                    }
                    _ => {}
                }
            }
        };
        let tag = timeout(limit, begin).await.map_err(|_| Fault::Silent(limit))??;
        let until = Instant::now() + at_most;
        // "Still here" is no news.
        let is_news =
            |r: &Response<'_>| !matches!(r, Response::Data { status: Status::Ok, .. } | Response::Continue(_));
        while let Ok(data) = timeout_at(until, self.inner.read_response()).await {
            match data?.ok_or_else(hung_up)?.parsed() {
                Response::Data { status: Status::Bye, outcome } => return Err(Fault::NotServed(words(outcome))),
                news if is_news(news) => break,
                _ => {}
            }
        }
        let end = async {
            self.inner.run_command_untagged("DONE").await?;
            self.read_to_the_end(&tag, "IDLE", Measure::LITTLE, |_| ()).await
        };
        timeout(limit, end).await.map_err(|_| Fault::Silent(limit))?
    }
}

fn hung_up() -> Fault {
    Fault::Lost("the server hung up".to_owned())
}

/// What the server says the folder is for; `None` where it cannot be opened.
fn mark(attributes: &[NameAttribute<'_>]) -> Option<Mark> {
    let gone = |a: &NameAttribute<'_>| match a {
        NameAttribute::NoSelect => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\NonExistent"),
        _ => false,
    };
    if attributes.iter().any(gone) {
        return None;
    }
    let not_inbound =
        |a: &NameAttribute<'_>| matches!(a, NameAttribute::Sent | NameAttribute::Drafts | NameAttribute::Flagged);
    Some(if attributes.contains(&NameAttribute::Junk) {
        Mark::Junk
    } else if attributes.iter().any(not_inbound) {
        Mark::NotInbound
    } else {
        Mark::None
    })
}

fn set(uids: &[u32]) -> String {
    uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|a| if let AttributeValue::Uid(uid) = a { Some(*uid) } else { None })
}

fn listing(attributes: &[AttributeValue<'_>]) -> Option<Listed> {
    let (mut size, mut received) = (None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Rfc822Size(s) => size = Some(*s),
            AttributeValue::InternalDate(date) => {
                let read = DateTime::parse_from_str(date.trim(), "%d-%b-%Y %H:%M:%S %z").ok();
                received = read.map(|d| d.with_timezone(&Utc));
            }
            _ => {}
        }
    }
    Some(Listed { uid: uid_of(attributes)?, size: size?, received })
}

fn whole(attribute: &AttributeValue<'_>) -> Option<Vec<u8>> {
    match attribute {
        // NIL is no message: nobody sends one without a single header.
        AttributeValue::BodySection { section: None, data: Some(data), .. } => Some(data.to_vec()),
        _ => None,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
