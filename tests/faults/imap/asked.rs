//! A wave that has asked, whose replies come to a mailbox on a server that does as the test says.

use crate::support::fake_world::{Fate, World};
use crate::support::imap_faults::ImapServer;
use crate::support::little_plan::{after_hours, start};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use risposta::clock::{Clock, Stepper};
use risposta::model::channel::Channel;
use risposta::model::ids::AccountId;
use risposta::model::observation::{Observation, observe_all};
use risposta::model::plan::Plan;
use risposta::model::study::{Inbox, Mailbox, Security, Server};
use risposta::net::Dialer;
use risposta::sources::imap::{ImapSource, Limits};
use risposta::sources::{Batch, Source, SourceError, Trouble};
use risposta::wave::Wave;
use risposta::wave::run::{Ended, Means, Until, run};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;

/// A look that must end by its own time limit has this one.
pub(super) const SHORT: Duration = Duration::from_millis(500);

/// All others, and a whole cell: a machine under load is no fault.
pub(super) const LONG: Duration = Duration::from_mins(1);

/// A source that writes down what each look came to.
struct Noted {
    inner: ImapSource,
    looks: Arc<Mutex<Vec<Result<bool, Trouble>>>>,
}

#[async_trait]
impl Source for Noted {
    fn account(&self) -> &AccountId {
        self.inner.account()
    }

    fn channel(&self) -> Channel {
        self.inner.channel()
    }

    async fn fetch(&mut self, cursor: Option<&str>) -> Result<Batch, SourceError> {
        let looked = self.inner.fetch(cursor).await;
        self.looks.lock().unwrap().push(looked.as_ref().map(|b| b.more).map_err(|e| e.trouble));
        looked
    }

    async fn wait(&mut self, at_most: Duration) {
        self.inner.wait(at_most).await;
    }
}

/// A wave of three questions, whose replies come to this server.
pub(super) struct Asked {
    folder: TempDir,
    pub(super) plan: Arc<Plan>,
    pub(super) server: ImapServer,
    pub(super) security: Security,
}

pub(super) type Told<T = ()> = Result<T, String>;

impl Asked {
    /// The questions are asked while the mailbox is still empty and well.
    pub(super) async fn begin() -> Told<Self> {
        let (plan, _) = World::of(&[Fate::Silent; 3]);
        let server = ImapServer::start(None).await;
        let asked = Self { folder: TempDir::new().unwrap(), plan, server, security: Security::Plain };
        let looks = asked.look(start(), LONG).await?;
        check(looks.iter().all(Result::is_ok), || format!("the first look failed: {looks:?}"))?;
        Ok(asked)
    }

    /// Two replies in INBOX and one in Junk, an hour after the question.
    pub(super) fn replies_come(&self) {
        let mut state = self.server.state();
        for (i, folder) in ["INBOX", "INBOX", "Junk"].into_iter().enumerate() {
            state.deliver(folder, after_hours(1), &letter(i, 1));
        }
    }

    pub(super) fn source(&self, limit: Duration) -> ImapSource {
        let host = Server { host: "127.0.0.1".to_owned(), port: self.server.port, security: self.security };
        let mailbox = Mailbox {
            inbox: Inbox::Imap { server: host, spam: None, folders: Vec::new() },
            ..self.plan.study.mailboxes[0].clone()
        };
        let limits = Limits { command: limit, ..Limits::default() };
        ImapSource::new(&mailbox, "secret".into(), start(), Dialer::World).unwrap().with_limits(limits)
    }

    /// Runs the wave at that moment, like `run --once`, in a new process as it were. What the looks came to.
    pub(super) async fn look(&self, at: DateTime<Utc>, limit: Duration) -> Told<Vec<Result<bool, Trouble>>> {
        let mut wave = Wave::create(self.folder.path(), &self.plan, at).map_err(|e| e.to_string())?;
        let world = World::again(self.plan.clone(), &[Fate::Silent; 3], Stepper::new(at));
        let looks = Arc::new(Mutex::new(Vec::new()));
        let mut accounts = world.accounts();
        accounts.sources = vec![Box::new(Noted { inner: self.source(limit), looks: looks.clone() })];
        let (_nobody_stops_it, stop) = watch::channel(false);
        let means = Means { accounts, clock: Clock::Stepping(world.stepper()), person: None, stop };
        let mut tell = |_| ();
        let running = run(&mut wave, means, Until::NothingIsDue, &mut tell);
        let ended = tokio::time::timeout(LONG, running).await.map_err(|_| "the look had no end".to_owned())?;
        check(matches!(ended, Ok(Ended::NothingDue { .. })), || format!("{ended:?}"))?;
        let looks = looks.lock().unwrap().clone();
        Ok(looks)
    }

    pub(super) fn wave(&self) -> Wave {
        Wave::open(self.folder.path(), start()).unwrap()
    }

    pub(super) fn observations(&self, wave: &Wave) -> Vec<Observation> {
        observe_all(&self.plan, wave.state(), after_hours(40 * 24)).into_iter().map(|row| row.observation).collect()
    }

    fn covered(&self, wave: &Wave) -> Option<DateTime<Utc>> {
        wave.state().sources[&self.plan.study.mailboxes[0].id].through
    }

    /// The account failed, and nothing is claimed of the time since the last look.
    pub(super) fn failed_honestly(&self, looks: &[Result<bool, Trouble>], expected: &[Trouble]) -> Told {
        check(!looks.is_empty(), || "nobody looked".to_owned())?;
        for look in looks {
            check(matches!(look, Err(trouble) if expected.contains(trouble)), || {
                format!("{look:?} instead of {expected:?}")
            })?;
        }
        let wave = self.wave();
        check(self.covered(&wave) == Some(start()), || format!("covered through {:?}", self.covered(&wave)))?;
        let source = &wave.state().sources[&self.plan.study.mailboxes[0].id];
        let words = source.failed.as_ref().and_then(|why| wave.journal().text(why).unwrap()).unwrap_or_default();
        let (what, help) = words.split_once('\n').unwrap_or_default();
        check(what.contains("mailbox `posta`") && help.len() > 20, || format!("status would say: {words}"))?;
        check(!words.contains("secret"), || format!("status would tell the password: {words}"))
    }

    /// All three replies are there once, an hour after the question, and the time up to `at` is covered.
    pub(super) fn all_is_well(&self, looks: &[Result<bool, Trouble>], at: DateTime<Utc>) -> Told {
        check(looks.iter().all(Result::is_ok), || format!("the healed server was not read: {looks:?}"))?;
        let wave = self.wave();
        let state = wave.state();
        check(self.covered(&wave) == Some(at), || format!("covered through {:?}", self.covered(&wave)))?;
        let source = &state.sources[&self.plan.study.mailboxes[0].id];
        check(source.failed.is_none() && source.gaps.is_empty(), || format!("{source:?}"))?;
        let distinct = state.inbound.values().filter(|m| m.duplicate_of.is_none()).count();
        check(distinct == 3, || format!("{distinct} replies instead of 3"))?;
        for (i, row) in observe_all(&self.plan, state, at).iter().enumerate() {
            let found = (row.observation, row.uncoded_replies);
            check(matches!(found, (Observation::Answered { latency: 3_600, .. }, 1)), || format!("{i}: {found:?}"))?;
        }
        Ok(())
    }
}

pub(super) fn check(holds: bool, words: impl FnOnce() -> String) -> Told {
    if holds { Ok(()) } else { Err(words()) }
}

/// A company's reply.
pub(super) fn letter(i: usize, copy: usize) -> Vec<u8> {
    format!(
        "Received: from mx{copy}.posta.example by mail.posta.example; Mon, 2 Mar 2026 10:00:00 +0000\r\n\
         From: Ditta <info@ditta{i}.example>\r\nTo: e.riva{i}@posta.example\r\n\
         Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <re.{i}@ditta{i}.example>\r\n\
         In-Reply-To: <q{i}.0@posta.example>\r\nSubject: Re: Glutine nei frollini {i}\r\n\r\n\
         Buongiorno, no, i frollini {i} non contengono glutine.\r\nAnna\r\n"
    )
    .into_bytes()
}
