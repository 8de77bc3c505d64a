//! How is SMTP spoken, turn by turn, with a server that may say anything?
//!
//! RFC 5321 itself, and not the library's connection, because what a study may claim hangs on it: a
//! reply is judged by its first digit (§4.2.1: `571` and a bare `250` are replies too), its text may be
//! in any charset, it has a bound, and a server that speaks or hangs up before its turn is heard
//! before the next byte leaves. The commands are the library's.

use super::verdict::{Trouble, shortened};
use lettre::transport::smtp::commands::Quit;
use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

/// Most bytes of one reply. RFC 5321 §4.5.3.1.5 allows 512 a line; an EHLO has some dozen lines.
const REPLY_BYTES_MAX: usize = 64 * 1024;

/// A connection that can be read and written: TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A conversation with a server.
pub(super) struct Dialogue<S> {
    stream: S,
    /// What was heard and not yet read as a reply.
    heard: Vec<u8>,
    /// Whether no turn follows any more: the line is lost, or stands in the middle of a message.
    over: bool,
}

/// A server's reply: `250-first` … `250 last`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// The code of all its lines.
    pub(super) code: u16,
    /// Its lines without the code.
    pub(super) lines: Vec<String>,
}

/// The first digit that a step waits for (RFC 5321 §4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// 2yz: done.
    Done,
    /// 3yz: go on.
    GoOn,
}

/// How writing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Whole,
    /// The server spoke before its turn.
    Interrupted,
}

impl<S: Stream> Dialogue<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, heard: Vec::new(), over: false }
    }

    /// The bare connection, for TLS.
    ///
    /// # Errors
    /// Where the server has said more than it was asked: somebody may have slipped it in (RFC 3207 §5).
    pub(super) fn into_stream(self) -> Result<S, Trouble> {
        if self.heard.is_empty() {
            return Ok(self.stream);
        }
        Err(Trouble::Lost("the server says more than it was asked before TLS".to_owned()))
    }

    /// Says a command and hears the reply; both together take at most `limit`.
    ///
    /// # Errors
    /// Everything but a reply of the wanted class.
    pub(super) async fn ask(
        &mut self,
        command: impl Display,
        wanted: Wanted,
        limit: Duration,
    ) -> Result<Reply, Trouble> {
        let command = command.to_string();
        let asking = async {
            match self.write(command.as_bytes(), &mut 0).await? {
                Written::Whole => self.reply().await?.wanted(wanted),
                Written::Interrupted => Err(self.out_of_turn().await),
            }
        };
        let asked = within(limit, asking).await;
        self.note(asked)
    }

    /// Waits for a reply.
    ///
    /// # Errors
    /// Everything but a reply of the wanted class.
    pub(super) async fn hear(&mut self, wanted: Wanted, limit: Duration) -> Result<Reply, Trouble> {
        let heard = within(limit, async { self.reply().await?.wanted(wanted) }).await;
        self.note(heard)
    }

    /// Writes a block of the message. `written` counts its bytes that have left.
    ///
    /// # Errors
    /// When the server speaks, hangs up or takes nothing before the block is written.
    pub(super) async fn block(&mut self, block: &[u8], written: &mut usize, limit: Duration) -> Result<(), Trouble> {
        let writing = async {
            match self.write(block, written).await? {
                Written::Whole => Ok(()),
                Written::Interrupted => Err(self.out_of_turn().await),
            }
        };
        let written = within(limit, writing).await;
        self.over |= written.is_err();
        written
    }

    /// Takes leave (QUIT), where that can still be understood.
    pub(super) async fn leave(mut self, limit: Duration) {
        if !self.over {
            // All is settled: what becomes of the farewell changes nothing.
            let _ = self.ask(Quit, Wanted::Done, limit).await;
        }
    }

    fn note<T>(&mut self, turn: Result<T, Trouble>) -> Result<T, Trouble> {
        self.over |= matches!(turn, Err(Trouble::Lost(_) | Trouble::Silent(_)));
        turn
    }

    /// What a server says unasked: a refusal is one (RFC 5321 §3.8 allows 421 at any time), anything
    /// else cannot be the answer to what was not said yet.
    async fn out_of_turn(&mut self) -> Trouble {
        match self.reply().await.and_then(|reply| reply.wanted(Wanted::Done)) {
            Ok(reply) => Trouble::Lost(format!("the server said {reply} before it was asked")),
            Err(trouble) => trouble,
        }
    }

    /// Writes, unless the server speaks up or hangs up first.
    async fn write(&mut self, bytes: &[u8], written: &mut usize) -> io::Result<Written> {
        let mut left = bytes;
        poll_fn(|cx| {
            loop {
                // Once all is written, what comes may be the answer.
                if left.is_empty() {
                    return Pin::new(&mut self.stream).poll_flush(cx).map_ok(|()| Written::Whole);
                }
                if let Poll::Ready(heard) = self.poll_hear(cx) {
                    return Poll::Ready(heard.map(|()| Written::Interrupted));
                }
                let taken = ready!(Pin::new(&mut self.stream).poll_write(cx, left))?;
                if taken == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                *written += taken;
                left = &left[taken..];
            }
        })
        .await
    }

    async fn reply(&mut self) -> Result<Reply, Trouble> {
        let mut reply: Option<Reply> = None;
        let mut bytes = 0;
        loop {
            let line = self.line(REPLY_BYTES_MAX.saturating_sub(bytes)).await?;
            bytes += line.len();
            let (code, goes_on, text) = parsed(&line)?;
            let reply = reply.get_or_insert(Reply { code, lines: Vec::new() });
            if reply.code != code {
                return Err(nonsense(&line));
            }
            reply.lines.push(text);
            if !goes_on {
                return Ok(reply.clone());
            }
        }
    }

    /// One line with its end, of at most `bytes_max`.
    async fn line(&mut self, bytes_max: usize) -> Result<Vec<u8>, Trouble> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.heard[searched..].iter().position(|b| *b == b'\n') {
                return Ok(self.heard.drain(..=searched + end).collect());
            }
            searched = self.heard.len();
            if searched >= bytes_max {
                return Err(Trouble::Lost("the server's answer has no end".to_owned()));
            }
            poll_fn(|cx| self.poll_more(cx)).await?;
        }
    }

    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.heard.is_empty() { self.poll_more(cx) } else { Poll::Ready(Ok(())) }
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; 4096];
        let mut space = ReadBuf::new(&mut space);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut space))?;
        if space.filled().is_empty() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up")));
        }
        self.heard.extend_from_slice(space.filled());
        Poll::Ready(Ok(()))
    }
}

async fn within<T>(limit: Duration, doing: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    timeout(limit, doing).await.unwrap_or(Err(Trouble::Silent(limit)))
}

impl Reply {
    fn wanted(self, wanted: Wanted) -> Result<Self, Trouble> {
        match (self.code / 100, wanted) {
            (2, Wanted::Done) | (3, Wanted::GoOn) => Ok(self),
            (4 | 5, _) => Err(Trouble::Said { code: self.code, text: self.text() }),
            _ => Err(Trouble::Odd { code: self.code, text: self.text() }),
        }
    }

    /// Its words on one line.
    pub(super) fn text(&self) -> String {
        shortened(self.lines.join(" ").trim())
    }
}

impl Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{} {}`", self.code, self.text())
    }
}

/// Code, whether more lines follow, text. A charset that is not UTF-8 costs letters, not the reply.
fn parsed(line: &[u8]) -> Result<(u16, bool, String), Trouble> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches(['\r', '\n']);
    let (code, rest) = text.split_at_checked(3).ok_or_else(|| nonsense(line))?;
    let is_code = code.bytes().all(|b| b.is_ascii_digit()) && (b'2'..=b'5').contains(&code.as_bytes()[0]);
    let goes_on = match rest.bytes().next() {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return Err(nonsense(line)),
    };
    match code.parse() {
        Ok(code) if is_code => Ok((code, goes_on, rest.get(1..).unwrap_or_default().to_owned())),
        _ => Err(nonsense(line)),
    }
}

fn nonsense(line: &[u8]) -> Trouble {
    let start = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
    Trouble::Lost(format!("the server's answer makes no sense: \"{}\"", shortened(start.trim_end())))
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Lost(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_by_their_first_digit_and_in_any_charset() {
        for (line, expected) in [
            (&b"250 ok\r\n"[..], (250, false, "ok")),
            (b"250\r\n", (250, false, "")),
            (b"571-5.7.1 no\n", (571, true, "5.7.1 no")),
            (b"550 \xe8 sconosciuto\r\n", (550, false, "\u{fffd} sconosciuto")),
        ] {
            assert_eq!(parsed(line).unwrap(), (expected.0, expected.1, expected.2.to_owned()));
        }
        for line in
            [&b"what?\r\n"[..], b"25\r\n", b"\r\n", b"250_ok\r\n", b"990 ok\r\n", b"2\xe80 ok\r\n", "2è ".as_bytes()]
        {
            assert!(matches!(parsed(line), Err(Trouble::Lost(_))), "{line:?}");
        }
    }
}
