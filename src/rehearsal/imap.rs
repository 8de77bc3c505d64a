//! The personas' mailbox server: `IMAP4rev1` (RFC 3501) with IDLE and `\Junk`, to be read only.

use super::imap_read::{fetch, search};
use super::mailroom::{FOLDERS, Folder};
use super::square::Square;
use imap_next::imap_types::command::{Command, CommandBody};
use imap_next::imap_types::core::{Atom, QuotedChar, Tag, Text, Vec1};
use imap_next::imap_types::flag::FlagNameAttribute;
use imap_next::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_next::imap_types::response::{
    Capability, Code, CommandContinuationRequest, Data, Greeting, Status, StatusBody, StatusKind, Tagged,
};
use imap_next::imap_types::status::{StatusDataItem, StatusDataItemName};
use imap_next::server::{Error as ServerError, Event, Options, ResponseHandle, Server};
use imap_next::stream::{Error as StreamError, Stream};
use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// UIDs of a town never change their meaning.
const UID_VALIDITY: NonZeroU32 = NonZeroU32::MIN;

/// One client's session.
struct Session {
    square: Arc<Square>,
    server: Server,
    postbox: Option<usize>,
    arrivals: Option<watch::Receiver<usize>>,
    selected: Option<(Folder, u32)>,
    idling: Option<Tag<'static>>,
    over: bool,
    /// The last answer that was given.
    last: Option<ResponseHandle>,
}

/// What a command is answered with.
type Answer = (StatusKind, Option<Code<'static>>, &'static str);

/// One client's session, until it logs out or hangs up.
///
/// # Errors
/// The connection's.
pub(super) async fn serve(stream: TcpStream, square: Arc<Square>) -> io::Result<()> {
    let other = |e: &dyn std::fmt::Display| io::Error::other(e.to_string());
    let greeting = Greeting::ok(None, "ready").map_err(|e| other(&e))?;
    let mut stream = Stream::insecure(stream);
    let mut session = Session {
        square,
        server: Server::new(Options::default(), greeting),
        postbox: None,
        arrivals: None,
        selected: None,
        idling: None,
        over: false,
        last: None,
    };
    while !session.over {
        tokio::select! {
            event = stream.next(&mut session.server) => match event {
                Ok(event) => session.on_event(event),
                Err(StreamError::Closed) => return Ok(()),
                Err(StreamError::State(error)) => session.refuse_unread(&error),
                Err(error) => return Err(other(&error)),
            },
            () = arrival(session.arrivals.as_mut(), session.idling.is_some()) => session.tell_arrivals(),
        }
    }
    // What is still in the buffers, up to the answer to LOGOUT.
    while let Ok(event) = stream.next(&mut session.server).await {
        if matches!(event, Event::ResponseSent { handle, .. } if Some(handle) == session.last) {
            break;
        }
    }
    stream.flush().await.map_err(|e| other(&e))
}

/// Waits for mail; for ever where the client does not idle.
async fn arrival(arrivals: Option<&mut watch::Receiver<usize>>, idling: bool) {
    match arrivals {
        Some(arrivals) if idling => {
            if arrivals.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ => std::future::pending().await,
    }
}

impl Session {
    fn on_event(&mut self, event: Event) {
        match event {
            Event::CommandReceived { command } => self.on_command(command),
            Event::IdleCommandReceived { tag } => self.idle(tag),
            Event::IdleDoneReceived => {
                if let Some(tag) = self.idling.take() {
                    self.answer(tag, (StatusKind::Ok, None, "IDLE done"));
                }
            }
            Event::CommandAuthenticateReceived { command_authenticate } => {
                let status = tagged(command_authenticate.tag, (StatusKind::No, None, "use LOGIN"));
                let _ = self.server.authenticate_finish(status);
            }
            Event::AuthenticateDataReceived { .. } | Event::GreetingSent { .. } | Event::ResponseSent { .. } => {}
        }
    }

    fn on_command(&mut self, command: Command<'static>) {
        let answer = self.perform(command.body);
        self.answer(command.tag, answer);
    }

    fn perform(&mut self, body: CommandBody<'static>) -> Answer {
        match body {
            CommandBody::Capability => {
                self.server.enqueue_data(Data::Capability(capabilities()));
                ok("CAPABILITY done")
            }
            CommandBody::Noop | CommandBody::Check => {
                self.tell_arrivals();
                ok("done")
            }
            CommandBody::Login { username, .. } => self.login(&String::from_utf8_lossy(username.as_ref())),
            CommandBody::Logout => {
                self.over = true;
                if let Ok(bye) = Status::bye(None, "until next time") {
                    self.server.enqueue_status(bye);
                }
                ok("LOGOUT done")
            }
            _ if self.postbox.is_none() => (StatusKind::Bad, None, "log in first"),
            CommandBody::List { mailbox_wildcard, .. } => self.list(&mailbox_wildcard),
            CommandBody::Status { mailbox, item_names } => self.status(&mailbox, &item_names),
            CommandBody::Select { mailbox, .. } => self.select(&mailbox, Code::ReadWrite),
            CommandBody::Examine { mailbox, .. } => self.select(&mailbox, Code::ReadOnly),
            CommandBody::Close | CommandBody::Unselect => {
                self.selected = None;
                ok("closed")
            }
            CommandBody::Search { criteria, uid, .. } => {
                self.read(|letters, server| search(letters, criteria.as_ref(), uid, server))
            }
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, .. } => {
                self.read(|letters, server| fetch(letters, &sequence_set, &macro_or_item_names, uid, server))
            }
            _ => (StatusKind::No, None, "not in this town: the mailbox is read only"),
        }
    }

    fn login(&mut self, user: &str) -> Answer {
        let ledger = self.square.ledger();
        self.postbox = ledger.mail.login(user);
        self.arrivals = self.postbox.and_then(|postbox| ledger.mail.arrivals(postbox));
        match self.postbox {
            Some(_) => ok("logged in"),
            None => (StatusKind::No, None, "no such user"),
        }
    }

    fn list(&mut self, wanted: &ListMailbox<'static>) -> Answer {
        let pattern = match wanted {
            ListMailbox::Token(token) => String::from_utf8_lossy(token.as_ref()).into_owned(),
            ListMailbox::String(string) => String::from_utf8_lossy(string.as_ref()).into_owned(),
        };
        for folder in FOLDERS {
            let hit = pattern.contains(['*', '%']) || pattern.eq_ignore_ascii_case(name(folder));
            let Ok(mailbox) = Mailbox::try_from(name(folder)) else { continue };
            if !hit {
                continue;
            }
            let mut items = vec!["HasNoChildren"];
            items.extend((folder == Folder::Junk).then_some("Junk"));
            let items = items.into_iter().filter_map(|i| Atom::try_from(i).ok()).map(FlagNameAttribute::from).collect();
            let delimiter = QuotedChar::try_from('/').ok();
            self.server.enqueue_data(Data::List { items, delimiter, mailbox });
        }
        ok("LIST done")
    }

    fn status(&mut self, mailbox: &Mailbox<'static>, wanted: &[StatusDataItemName]) -> Answer {
        let Some(folder) = folder_of(mailbox) else { return no_such_mailbox() };
        let count = self.count(folder);
        let items: Vec<StatusDataItem> = wanted
            .iter()
            .filter_map(|item| match item {
                StatusDataItemName::Messages => Some(StatusDataItem::Messages(count)),
                StatusDataItemName::Recent => Some(StatusDataItem::Recent(0)),
                StatusDataItemName::UidNext => Some(StatusDataItem::UidNext(UID_VALIDITY.saturating_add(count))),
                StatusDataItemName::UidValidity => Some(StatusDataItem::UidValidity(UID_VALIDITY)),
                StatusDataItemName::Unseen => Some(StatusDataItem::Unseen(count)),
                _ => None,
            })
            .collect();
        self.server.enqueue_data(Data::Status { mailbox: mailbox.clone(), items: items.into() });
        ok("STATUS done")
    }

    fn select(&mut self, mailbox: &Mailbox<'static>, access: Code<'static>) -> Answer {
        let Some(folder) = folder_of(mailbox) else {
            self.selected = None;
            return no_such_mailbox();
        };
        let count = self.count(folder);
        self.selected = Some((folder, count));
        self.server.enqueue_data(Data::Flags(Vec::new()));
        self.server.enqueue_data(Data::Exists(count));
        self.server.enqueue_data(Data::Recent(0));
        let next = UID_VALIDITY.saturating_add(count);
        for code in [Code::PermanentFlags(Vec::new()), Code::UidValidity(UID_VALIDITY), Code::UidNext(next)] {
            if let Ok(status) = Status::ok(None, Some(code), "as it is") {
                self.server.enqueue_status(status);
            }
        }
        (StatusKind::Ok, Some(access), "selected")
    }

    /// Runs a reading command on the selected folder, as far as the client knows it.
    fn read(
        &mut self,
        what: impl FnOnce(&[super::mailroom::Letter], &mut Server) -> Result<&'static str, &'static str>,
    ) -> Answer {
        self.tell_arrivals();
        let (Some(postbox), Some((folder, _))) = (self.postbox, self.selected) else {
            return (StatusKind::Bad, None, "select a mailbox first");
        };
        let square = self.square.clone();
        let ledger = square.ledger();
        match what(ledger.mail.letters(postbox, folder), &mut self.server) {
            Ok(done) => ok(done),
            Err(why) => (StatusKind::No, None, why),
        }
    }

    fn idle(&mut self, tag: Tag<'static>) {
        let accepted = self.postbox.is_some()
            && CommandContinuationRequest::basic(None, "idling").is_ok_and(|c| self.server.idle_accept(c).is_ok());
        if accepted {
            self.idling = Some(tag);
            // What came between the last command and this one is told at once.
            self.tell_arrivals();
        } else {
            let _ = self.server.idle_reject(tagged(tag, (StatusKind::Bad, None, "log in first")));
        }
    }

    /// Tells how many messages there are, where the client knows of fewer.
    fn tell_arrivals(&mut self) {
        let Some((folder, known)) = self.selected else { return };
        let count = self.count(folder);
        if count > known {
            self.selected = Some((folder, count));
            self.server.enqueue_data(Data::Exists(count));
        }
    }

    fn count(&self, folder: Folder) -> u32 {
        let ledger = self.square.ledger();
        self.postbox.map_or(0, |p| u32::try_from(ledger.mail.letters(p, folder).len()).unwrap_or(u32::MAX))
    }

    fn answer(&mut self, tag: Tag<'static>, answer: Answer) {
        self.last = Some(self.server.enqueue_status(tagged(tag, answer)));
    }

    /// A command that the codec cannot read is refused by its tag, where it has one.
    fn refuse_unread(&mut self, error: &ServerError) {
        let (ServerError::MalformedMessage { discarded_bytes }
        | ServerError::ExpectedCrlfGotLf { discarded_bytes }
        | ServerError::LiteralTooLong { discarded_bytes }
        | ServerError::CommandTooLong { discarded_bytes }) = error;
        let line = String::from_utf8_lossy(discarded_bytes.declassify()).into_owned();
        let tag = line.split(' ').next().and_then(|word| Tag::try_from(word.trim().to_owned()).ok());
        match tag {
            Some(tag) => self.answer(tag, (StatusKind::Bad, None, "not understood")),
            None => self.over = true,
        }
    }
}

fn ok(text: &'static str) -> Answer {
    (StatusKind::Ok, None, text)
}

fn no_such_mailbox() -> Answer {
    (StatusKind::No, None, "no such mailbox")
}

fn tagged(tag: Tag<'static>, (kind, code, text): Answer) -> Status<'static> {
    Status::Tagged(Tagged { tag, body: StatusBody { kind, code, text: Text::unvalidated(text) } })
}

fn capabilities() -> Vec1<Capability<'static>> {
    let mut all = vec![Capability::Imap4Rev1, Capability::Idle, Capability::Unselect];
    all.extend(Atom::try_from("SPECIAL-USE").ok().map(Capability::from));
    Vec1::try_from(all).unwrap_or_else(|_| Vec1::from(Capability::Imap4Rev1))
}

fn name(folder: Folder) -> &'static str {
    match folder {
        Folder::Inbox => "INBOX",
        Folder::Junk => "Junk",
    }
}

fn folder_of(mailbox: &Mailbox<'_>) -> Option<Folder> {
    match mailbox {
        Mailbox::Inbox => Some(Folder::Inbox),
        Mailbox::Other(other) => (other.inner().as_ref() == b"Junk").then_some(Folder::Junk),
    }
}
